"""A mission from beginning to report: what is recorded, and that the same inputs give the same record."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
import stat
from pathlib import Path

import pytest

from truceline.errors import DocumentError, InputError, LedgerError, UsageError
from truceline.mission import Mission, MissionKeys
from truceline.model.finding import Verdict
from truceline.timebase import FixedClock

from .conftest import MAPPING, NOW_US, TABLE, gpx

NORTH = {"party": "north", "mover_class": "vehicle", "accuracy": "15 m"}


def kinds(mission: Mission) -> list[str]:
    return [entry.kind for _, entry in mission.store.entries()]


def records(mission: Mission, kind: str) -> list[dict]:
    return [json.loads(item.record) for item in mission.store.recorded(kind) if item.record is not None]


def filled(mission: Mission, given: Path) -> Mission:
    mission.ingest([given / "patrol.gpx", given / "far.gpx"], options=NORTH)
    mission.ingest([given / "reports.csv"])
    return mission


# ---------------------------------------------------------------- begin, open


def test_a_mission_is_one_folder(mission: Mission, given: Path) -> None:
    folder = mission.folder
    assert {path.name for path in folder.iterdir()} == {
        "mission.yaml",
        "agreement",
        "originals",
        "mission.db",
        "keys",
        "reports",
    }
    for name in ("agreement.yaml", "lines/border.geojson"):
        assert (folder / "agreement" / name).read_bytes() == (given / name).read_bytes()
    for name, mode in {"ledger.key": 0o600, "mission.key": 0o600, "ledger.pub": 0o644}.items():
        assert stat.S_IMODE((folder / "keys" / name).stat().st_mode) == mode
    assert kinds(mission) == ["note", "agreement"]
    (begun,) = records(mission, "note")
    assert (begun["title"], begun["zone"], begun["exercise"]) == ("A winter", "Asia/Damascus", False)
    assert begun["log"] == mission.head().origin
    (agreed,) = records(mission, "agreement")
    assert [item["name"] for item in agreed["originals"]] == ["agreement.yaml", "lines/border.geojson"]
    assert agreed["originals"][0]["sha256"] == mission.agreement().sha256
    assert {entry.author for _, entry in mission.store.entries()} == {"Operations room"}
    assert {entry.time_us for _, entry in mission.store.entries()} == {NOW_US}


def test_a_copied_folder_is_the_same_mission(mission: Mission, given: Path, tmp_path: Path) -> None:
    filled(mission, given).check()
    shutil.copytree(mission.folder, tmp_path / "stick")
    copy = Mission.open(tmp_path / "stick")
    assert copy.head() == mission.head()
    assert copy.verify().ok
    assert copy.check() == mission.check()
    assert copy.head() == mission.head()
    assert (copy.title, copy.settings.zone, copy.exercise) == ("A winter", "Asia/Damascus", False)


def test_a_folder_with_something_in_it_is_left_alone(mission: Mission, given: Path) -> None:
    before = sorted(mission.folder.rglob("*"))
    with pytest.raises(UsageError, match="is not empty"):
        Mission.create(mission.folder, title="x", agreement=given / "agreement.yaml", author="x")
    assert sorted(mission.folder.rglob("*")) == before


def test_an_agreement_that_does_not_stand_begins_nothing(given: Path, tmp_path: Path) -> None:
    path = given / "agreement.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("10 km", "10"), encoding="utf-8")
    with pytest.raises(DocumentError):
        Mission.create(tmp_path / "m", title="x", agreement=path, author="x")
    with pytest.raises(InputError, match="neither a file nor a shipped agreement"):
        Mission.create(tmp_path / "m", title="x", agreement="nowhere", author="x")
    assert not (tmp_path / "m").exists()


def test_a_folder_that_is_no_mission(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is not a mission") as caught:
        Mission.open(tmp_path)
    assert caught.value.code == "not-a-mission"


def test_every_mistake_of_the_settings_with_its_line(mission: Mission) -> None:
    (mission.folder / "mission.yaml").write_text(
        "title: T\nzone: Nowhere/Town\nautor: x\nagreement: a.yaml\nexercise: perhaps\n", encoding="utf-8"
    )
    with pytest.raises(DocumentError, match=r"mission\.yaml does not stand") as caught:
        Mission.open(mission.folder)
    seen = {(problem.where.line, problem.code) for problem in caught.value.problems}
    assert {(2, "value-error"), (3, "unknown-key"), (5, "bool-parsing"), (1, "missing")} <= seen


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("ledger.pub", None, "is missing"),
        ("ledger.pub", b"nonsense", "is damaged"),
        ("ledger.key", b"nonsense", "is damaged"),
        ("mission.key", b"00ff", "is damaged"),
    ],
)
def test_damaged_keys_are_told(mission: Mission, name: str, content: bytes | None, said: str) -> None:
    path = mission.folder / "keys" / name
    path.unlink() if content is None else path.write_bytes(content)
    with pytest.raises(LedgerError, match=said) as caught:
        Mission.open(mission.folder)
    assert caught.value.code == "key"


def test_keys_that_are_not_a_pair_are_told(mission: Mission, given: Path, tmp_path: Path) -> None:
    other = Mission.create(tmp_path / "other", title="x", agreement=given / "agreement.yaml", author="x")
    shutil.copy(other.folder / "keys" / "ledger.key", mission.folder / "keys" / "ledger.key")
    with pytest.raises(LedgerError, match="not of one pair"):
        Mission.open(mission.folder)


# ---------------------------------------------------------------- taking in


def test_ingest_keeps_the_original_and_records_how_it_was_read(mission: Mission, given: Path) -> None:
    summary = mission.ingest([given / "patrol.gpx"], options=NORTH)
    (file,) = summary.files
    data = (given / "patrol.gpx").read_bytes()
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert mission.store.original(file.sha256).read_bytes() == data
    assert (summary.read_count, summary.dropped_count, summary.unreadable) == (3, 0, ())
    (record,) = records(mission, "file")
    assert record["name"] == "patrol.gpx"
    assert record["format"] == "gpx"
    assert record["asked"]["options"] == NORTH
    assert record["originals"] == [{"name": "patrol.gpx", "sha256": file.sha256, "bytes_count": len(data)}]
    (track,) = record["tracks"]
    assert (track["party"], track["fixes_count"]) == ("north", 3)
    assert track["span"] == {"start": "2020-02-01T08:00:00Z", "end": "2020-02-01T08:08:00Z"}


def test_each_report_is_an_entry_with_every_field(mission: Mission, given: Path) -> None:
    mission.ingest([given / "reports.csv"])
    assert kinds(mission)[2:] == ["file", "report", "report"]
    first, second = records(mission, "report")
    assert (first["id"], first["act"], first["text"]) == ("r1", "shelling", "Shells fell.")
    # 2 February 2020 in Damascus was two hours ahead of UTC.
    assert first["when"] == {
        "start": "2020-02-01T22:00:00Z",
        "end": "2020-02-02T22:00:00Z",
        "precision": "day",
    }
    assert first["where"] == {
        "lonlat_deg": [0.01, 0.0],
        "radius_m": 100.0,
        "precision": "place",
        "name": "Nowhere",
    }
    assert second["when"]["precision"] == "month"


def test_what_was_dropped_is_in_the_record(mission: Mission, given: Path) -> None:
    text = gpx(("08:00:00", 12000.0), ("08:01:00", 12000.0)).replace('lat="0"', 'lat="NaN"', 1)
    (given / "odd.gpx").write_text(text, encoding="utf-8")
    summary = mission.ingest([given / "odd.gpx"], options=NORTH)
    assert summary.dropped_count == 1
    (record,) = records(mission, "file")
    assert record["dropped_count"] == 1
    assert record["dropped"][0]["code"] == "not-finite"
    assert "NaN" in record["dropped"][0]["seen"]


def test_the_same_file_twice_changes_nothing(mission: Mission, given: Path) -> None:
    filled(mission, given)
    head = mission.head()
    shutil.copy(given / "patrol.gpx", given / "copy.gpx")
    again = mission.ingest([given / "patrol.gpx", given / "copy.gpx"], options=NORTH)
    assert [file.already_held for file in again.files] == [True, True]
    mission.ingest([given / "reports.csv"])
    assert mission.head() == head


def test_another_reading_of_the_same_bytes_takes_the_place_of_the_first(
    mission: Mission, given: Path
) -> None:
    mission.ingest([given / "patrol.gpx"], options={"party": "south", "mover_class": "vehicle"})
    mission.ingest([given / "patrol.gpx"], options=NORTH)
    assert kinds(mission).count("file") == 2
    assert [track.mover.party for track in mission.evidence().tracks] == ["north"]


def test_an_unreadable_file_is_kept_recorded_and_told_by_the_check(mission: Mission, given: Path) -> None:
    summary = mission.ingest([given / "broken.gpx", given / "patrol.gpx"], options=NORTH)
    (bad,) = summary.unreadable
    assert bad.name == "broken.gpx"
    assert "not well-formed" in bad.refusal
    assert mission.store.original(bad.sha256).read_bytes() == b"<gpx"
    assert [item["refusal"] is None for item in records(mission, "file")] == [False, True]
    result = mission.check()
    assert result.verdict is Verdict.BREACH
    assert any("broken.gpx" in note and "could not be read" in note for note in result.notes)
    # Tried again the same way: told again, and not recorded a second time.
    head = mission.head()
    assert mission.ingest([given / "broken.gpx"], options=NORTH).unreadable
    assert mission.head() == head


def test_a_file_read_after_all_is_no_longer_noted(mission: Mission, given: Path) -> None:
    mission.ingest([given / "reports.csv"], format="gpx")
    assert mission.evidence().notes
    mission.ingest([given / "reports.csv"])
    assert mission.evidence().notes == ()
    assert len(mission.evidence().reports) == 2


def test_a_mapping_is_kept_and_used_again(mission: Mission, given: Path) -> None:
    table, mapping = given / "table.csv", given / "table.mapping.yaml"
    table.write_text(TABLE, encoding="utf-8")
    mapping.write_text(MAPPING.replace("{value: bus}", '{value: "bus"}'), encoding="utf-8")
    first = mission.ingest([table], format="csv", mapping=mapping)
    assert first.unreadable == ()
    same = mission.ingest([table], format="csv", options={"mapping": str(mapping)})
    assert [file.already_held for file in same.files] == [True]
    mapping.unlink()
    table.unlink()
    (track,) = mission.evidence().tracks
    assert (track.mover.id, len(track)) == ("bus", 2)
    (record,) = records(mission, "file")
    assert [item["name"] for item in record["originals"]] == ["table.csv", "table.mapping.yaml"]
    assert record["asked"]["mapping_sha256"] == record["originals"][1]["sha256"]


def test_what_is_not_there_or_cannot_be_meant_records_nothing(mission: Mission, given: Path) -> None:
    head = mission.head()
    with pytest.raises(InputError, match="no such file"):
        mission.ingest([given / "patrol.gpx", given / "absent.gpx"], options=NORTH)
    with pytest.raises(UsageError, match="takes no option"):
        mission.ingest([given / "patrol.gpx"], options={"colour": "red"})
    with pytest.raises(InputError, match="no canonical JSON"):
        mission.ingest([given / "patrol.gpx"], options={"party": object()})
    assert mission.head() == head


def test_the_sources_of_the_settings(mission: Mission, given: Path) -> None:
    (mission.folder / "tracks").mkdir()
    for name in ("patrol.gpx", "far.gpx"):
        shutil.copy(given / name, mission.folder / "tracks" / name)
    path = mission.folder / "mission.yaml"
    listed = 'sources:\n  - {path: "tracks/*.gpx", options: {party: north, accuracy: 15 m}}\n'
    text = path.read_text(encoding="utf-8")
    path.write_text(text[: text.index("sources:")] + listed, encoding="utf-8")
    opened = Mission.open(mission.folder)
    assert [file.name for file in opened.ingest().files] == ["far.gpx", "patrol.gpx"]
    assert [file.already_held for file in opened.ingest().files] == [True, True]
    path.write_text(text[: text.index("sources:")] + "sources: [{path: no/*.gpx}]\n", encoding="utf-8")
    with pytest.raises(InputError, match="no file matches 'no/\\*"):
        Mission.open(mission.folder).ingest()


# ---------------------------------------------------------------- checking


def test_findings_are_recorded_once(mission: Mission, given: Path) -> None:
    result = filled(mission, given).check()
    assert result.verdict is Verdict.BREACH
    found = records(mission, "finding")
    assert len(found) == len(result.findings)
    assert {item["finding"]["id"] for item in found} == {finding.id for finding in result.findings}
    breach = next(item["finding"] for item in found if item["finding"]["verdict"] == "BREACH")
    assert breach["incursion"]["depth_m"] == pytest.approx(3000, abs=1)  # 10 km less 7 km
    assert {item["agreement"]["sha256"] for item in found} == {mission.agreement().sha256}
    head = mission.head()
    assert mission.check() == result
    assert Mission.open(mission.folder).check() == result
    assert mission.head() == head


def test_when_it_was_computed_is_beside_a_finding_and_not_in_it(mission: Mission, given: Path) -> None:
    filled(mission, given).check()
    later = Mission.open(mission.folder, clock=FixedClock(NOW_US + 86_400_000_000))
    head = mission.head()
    later.check()
    assert later.head() == head
    assert not any("as_of" in json.dumps(item) for item in records(mission, "finding"))


def test_a_new_file_adds_only_what_it_changes(mission: Mission, given: Path) -> None:
    mission.ingest([given / "far.gpx"], options=NORTH)
    mission.check()
    before = kinds(mission)
    mission.ingest([given / "patrol.gpx"], options=NORTH)
    mission.check()
    added = kinds(mission)[len(before) :]
    assert added[0] == "file"
    assert set(added[1:]) == {"finding"}


def test_two_missions_of_the_same_inputs_have_the_same_root(
    given: Path, tmp_path: Path, keys: MissionKeys, clock: FixedClock
) -> None:
    heads, pages = [], []
    for name in ("one", "two"):
        made = Mission.create(
            tmp_path / name,
            title="A winter",
            agreement=given / "agreement.yaml",
            author="x",
            clock=clock,
            keys=keys,
        )
        filled(made, given).check()
        pages.append(made.publish().sha256)
        heads.append(made.head())
    assert heads[0] == heads[1]
    assert pages[0] == pages[1]
    other = Mission.create(
        tmp_path / "three",
        title="A winter",
        agreement=given / "agreement.yaml",
        author="x",
        clock=clock,
        keys=MissionKeys.from_seeds(bytes(range(32)), bytes([1] * 32)),
    )
    filled(other, given).check()
    other.publish()
    assert other.head().size == heads[0].size
    assert other.head().root != heads[0].root


def test_keys_nobody_chose_differ(given: Path, tmp_path: Path) -> None:
    one, two = (
        Mission.create(tmp_path / name, title="x", agreement=given / "agreement.yaml", author="x")
        for name in "ab"
    )
    assert one.head().origin != two.head().origin
    assert one.head().root != two.head().root


def test_an_exercise_marks_everything(given: Path, tmp_path: Path) -> None:
    mission = Mission.create(
        tmp_path / "m", title="x", agreement=given / "agreement.yaml", author="x", exercise=True
    )
    result = filled(mission, given).check()
    assert all(finding.exercise for finding in result.findings)
    assert all(item["exercise"] for item in records(mission, "report"))
    assert "EXERCISE" in mission.publish().path.read_text(encoding="utf-8")
    # Taking the word out of the settings does not take it out of the record.
    path = mission.folder / "mission.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("exercise: true", "exercise: false"), encoding="utf-8"
    )
    opened = Mission.open(mission.folder)
    assert opened.exercise
    assert [(fault.index, fault.what) for fault in opened.verify().faults] == [(0, "settings")]


def test_an_empty_mission_has_nothing_to_say(mission: Mission) -> None:
    result = mission.check()
    assert (result.findings, result.checked_count, result.verdict) == ((), 0, None)
    assert kinds(mission) == ["note", "agreement"]


def test_a_changed_original_stops_the_check(mission: Mission, given: Path) -> None:
    filled(mission, given)
    path = mission.store.original(hashlib.sha256((given / "patrol.gpx").read_bytes()).hexdigest())
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"P1", b"P9"))
    with pytest.raises(LedgerError, match="were changed"):
        mission.check()
    assert [(fault.index, fault.what) for fault in mission.verify().faults] == [(2, "original")]


def test_a_changed_agreement_stops_the_check(mission: Mission, given: Path) -> None:
    filled(mission, given)
    copy = mission.folder / "agreement" / "lines" / "border.geojson"
    copy.write_text(copy.read_text(encoding="utf-8").replace("1.0,1.0", "1.1,1.0"), encoding="utf-8")
    with pytest.raises(LedgerError, match=r"border\.geojson is not the file that was recorded"):
        mission.check()
    assert [(fault.index, fault.what) for fault in mission.verify().faults] == [(1, "agreement")]
    copy.unlink()
    with pytest.raises(LedgerError, match=r"border\.geojson is missing"):
        mission.check()


# ---------------------------------------------------------------- giving out, proving


def test_publish_records_the_export_and_the_foot_carries_the_head_before_it(
    mission: Mission, given: Path
) -> None:
    filled(mission, given)
    published = mission.publish()
    assert published.path.parent == mission.folder / "reports"
    page = published.path.read_bytes()
    assert hashlib.sha256(page).hexdigest() == published.sha256
    assert kinds(mission)[-1] == "export"
    assert published.head.size == mission.head().size - 1
    assert published.head.root_text in page.decode("utf-8").replace("&#43;", "+")
    (record,) = records(mission, "export")
    assert record["sha256"] == published.sha256
    assert record["head"] == {"size": published.head.size, "root": published.head.root_text}
    assert record["as_of"] == "2020-03-05T21:01:00Z"
    assert published.result == mission.check()
    assert sorted(path.name for path in published.path.parent.iterdir()) == [published.path.name]


def test_publish_where_the_user_says(mission: Mission, given: Path, tmp_path: Path) -> None:
    filled(mission, given)
    out = tmp_path / "out" / "daily.html"
    assert mission.publish(out, title="Daily", number="7").path == out
    assert "Daily" in out.read_text(encoding="utf-8")
    assert mission.verify().ok


def test_nothing_is_given_out_that_could_not_be_recorded(
    mission: Mission, given: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(mission, given)
    append = mission.store.append

    def full(additions: list, **more: bool) -> object:
        if any(addition.entry.kind == "export" for addition in additions):
            raise LedgerError("no room", code="store-full")
        return append(additions, **more)

    monkeypatch.setattr(mission.store, "append", full)
    with pytest.raises(LedgerError, match="no room"):
        mission.publish(tmp_path / "daily.html")
    assert not list(tmp_path.glob("*.html*"))
    assert not list(tmp_path.glob(".*.part"))


def test_without_the_secrets_it_is_read_checked_and_verified_and_nothing_is_recorded(
    mission: Mission, given: Path, tmp_path: Path
) -> None:
    result = filled(mission, given).check()
    shutil.copytree(mission.folder, tmp_path / "copy")
    for name in ("ledger.key", "mission.key"):
        (tmp_path / "copy" / "keys" / name).unlink()
    copy = Mission.open(tmp_path / "copy")
    assert copy.read_only
    assert copy.check() == result
    assert copy.verify().ok
    for refused in (lambda: copy.ingest([given / "patrol.gpx"]), copy.publish):
        with pytest.raises(UsageError, match="read-only"):
            refused()
    assert copy.head() == mission.head()
    with copy.store.snapshot() as kept:
        assert kept.count() == mission.head().size


def test_a_withheld_report_and_file_record(mission: Mission, given: Path) -> None:
    filled(mission, given)
    entries = dict(mission.store.entries())
    withhold(mission, *(index for index, entry in entries.items() if entry.kind in ("report", "file")))
    result = mission.verify()
    assert result.ok
    assert [entries[index].kind for index in result.withheld] == ["file", "file", "file", "report", "report"]
    assert mission.evidence().tracks == ()
    assert len(mission.evidence().notes) == 3
    assert "entry 2 is withheld" in mission.evidence().notes[0]


def test_a_withheld_agreement(mission: Mission) -> None:
    withhold(mission, 1)
    with pytest.raises(LedgerError, match="the record of the agreement is not here"):
        mission.check()
    result = mission.verify()
    assert result.ok
    assert result.withheld == (1,)


def test_a_changed_record_is_not_used(mission: Mission, given: Path) -> None:
    filled(mission, given)
    with sqlite3.connect(mission.store.path) as connection:
        connection.execute("UPDATE records SET record = replace(record, 'north', 'south')")
    connection.close()
    with pytest.raises(LedgerError, match="is not what was recorded"):
        mission.check()
    assert {fault.what for fault in mission.verify().faults} == {"record"}


def withhold(mission: Mission, *indices: int) -> None:
    """Take records and salts out, as a redaction does."""
    entries = dict(mission.store.entries())
    with sqlite3.connect(mission.store.path) as connection:
        for index in indices:
            connection.execute("DELETE FROM records WHERE commitment = ?", (entries[index].commitment,))
    connection.close()
