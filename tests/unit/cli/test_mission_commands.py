"""``truceline new``, ``ingest``, ``publish daily``, ``ledger verify`` and ``demo``."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from truceline.cli.mission_commands import period_of
from truceline.errors import UsageError
from truceline.timebase import parse_instant

Run = Callable[..., Result]
NEW = ("new", "winter", "--agreement", "agreement.yaml", "--author", "Operations room")
VEHICLE = ("--party", "north", "--class", "vehicle", "--accuracy", "10 m")


@pytest.fixture
def mission(run: Run, folder: Path) -> Path:
    assert run(*NEW, "-q").exit_code == 0
    return folder / "winter"


def test_new_ingest_publish_verify(run: Run, mission: Path) -> None:
    taken = run("ingest", "winter", "breach.gpx", "clear.gpx", *VEHICLE, "--format", "json")
    assert taken.exit_code == 0, taken.output
    assert [row["state"] for row in json.loads(taken.stdout)] == ["taken in", "taken in"]
    published = run("publish", "daily", "winter", "--title", "First week")
    assert published.exit_code == 0, published.output
    report = Path(published.stdout.strip())
    assert "First week" in report.read_text(encoding="utf-8")
    assert "breach as encoded: 1" in published.stderr
    verified = run("ledger", "verify", "winter", "--format", "json")
    assert verified.exit_code == 0, verified.output
    record = json.loads(verified.stdout)
    assert record["verifies"] is True
    assert record["faults"] == []
    # agreement, note, two files, the findings, the export: never fewer than six.
    assert record["entries_count"] == record["head"]["size"] >= 6


def test_the_same_file_twice_changes_nothing(run: Run, mission: Path) -> None:
    run("ingest", "winter", "clear.gpx", *VEHICLE)
    head = json.loads(run("ledger", "verify", "winter", "--format", "json").stdout)["head"]
    again = run("ingest", "winter", "clear.gpx", *VEHICLE, "--format", "json")
    assert json.loads(again.stdout)[0]["state"] == "held already"
    assert json.loads(run("ledger", "verify", "winter", "--format", "json").stdout)["head"] == head


def test_an_unreadable_file_is_kept_named_and_does_not_stop_the_others(run: Run, mission: Path) -> None:
    result = run("ingest", "winter", "broken.gpx", "clear.gpx", *VEHICLE, "--format", "jsonl")
    assert result.exit_code == 5
    assert [json.loads(line)["state"] for line in result.stdout.splitlines()] == ["unreadable", "taken in"]
    assert "broken.gpx" in result.stderr
    assert run("ledger", "verify", "winter").exit_code == 0


@pytest.mark.parametrize("kept", ["originals", "mission.db", "agreement"])
def test_a_changed_byte_is_found_and_named(run: Run, mission: Path, kept: str) -> None:
    run("ingest", "winter", "breach.gpx", *VEHICLE)
    whole = mission / kept
    (victim, *_) = (
        [whole] if whole.is_file() else [path for path in sorted(whole.rglob("*")) if path.is_file()]
    )
    data = bytearray(victim.read_bytes())
    at = data.index(b"Operations room") if kept == "mission.db" else len(data) // 2
    data[at] ^= 1
    victim.chmod(0o644)
    victim.write_bytes(bytes(data))
    result = run("ledger", "verify", "winter")
    assert result.exit_code == 6, result.output
    assert "NOT verify" in result.stderr
    assert result.stdout.strip()


def test_ctrl_c_while_taking_in_leaves_a_ledger_that_verifies(
    run: Run, mission: Path, folder: Path, as_gpx: Callable[..., str]
) -> None:
    """Stopped as soon as the original is kept: whatever had been recorded by then stands."""
    fixes = (
        (f"08:{minute:02d}:{second:02d}", 20000.0 + minute) for minute in range(60) for second in range(60)
    )
    (folder / "long.gpx").write_text(as_gpx(*fixes), encoding="utf-8")
    before = {path.name for path in (mission / "originals").rglob("*") if path.is_file()}
    process = subprocess.Popen(
        [sys.executable, "-m", "truceline", "ingest", "winter", "long.gpx", *VEHICLE],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    while process.poll() is None:
        if {path.name for path in (mission / "originals").rglob("*") if path.is_file()} - before:
            process.send_signal(signal.SIGINT)
            break
    _, stderr = process.communicate(timeout=60)
    assert process.returncode in (0, 130), stderr
    assert "Traceback" not in stderr
    assert run("ledger", "verify", "winter").exit_code == 0
    assert run("ingest", "winter", "long.gpx", *VEHICLE).exit_code == 0


def test_a_folder_that_is_no_mission(run: Run, folder: Path) -> None:
    for words in (("ingest", ".", "clear.gpx"), ("publish", "daily", "."), ("ledger", "verify", ".")):
        result = run(*words)
        assert result.exit_code == 5, words
        assert "truceline new" in result.stderr


def test_new_does_not_overwrite(run: Run, mission: Path) -> None:
    result = run(*NEW)
    assert result.exit_code == 2
    assert "not empty" in result.stderr


def test_new_under_an_agreement_that_does_not_stand_leaves_nothing(run: Run, folder: Path) -> None:
    (folder / "agreement.yaml").write_text("truceline: 1\n", encoding="utf-8")
    assert run(*NEW).exit_code == 5
    assert not (folder / "winter").exists()


def test_a_flag_that_is_missing_is_named(run: Run, folder: Path) -> None:
    result = run("new", "winter", "--agreement", "agreement.yaml")
    assert result.exit_code == 2
    assert "--author" in result.stderr


def test_a_day_is_a_day_in_the_missions_zone() -> None:
    """Damascus stood at UTC+2 in February 2020: its 12 February is 11 February 22:00Z to 12 February 22:00Z."""
    day = period_of("Asia/Damascus", day="2020-02-12", start=None, end=None)
    assert day is not None
    assert day.start_us == parse_instant("2020-02-11T22:00Z")
    assert day.end_us == parse_instant("2020-02-12T22:00Z")
    open_end = period_of("Asia/Damascus", day=None, start="2020-02-12", end=None)
    assert open_end is not None
    assert open_end.start_us == day.start_us
    assert period_of("UTC", day=None, start=None, end=None) is None


def test_a_period_that_cannot_be_meant() -> None:
    with pytest.raises(UsageError):
        period_of("UTC", day="2020-02-12", start="2020-02-12", end=None)
    with pytest.raises(UsageError, match="2020-02-12"):
        period_of("UTC", day="12 February", start=None, end=None)
    with pytest.raises(UsageError):
        period_of("UTC", day=None, start="2020-02-12", end="2020-02-11")


def test_a_report_of_one_day(run: Run, mission: Path, folder: Path) -> None:
    run("ingest", "winter", "breach.gpx", *VEHICLE)
    result = run("publish", "daily", "winter", "--day", "2020-02-01", "-o", "day.html")
    assert result.exit_code == 0, result.output
    assert result.stdout == "day.html\n"
    assert (folder / "day.html").read_text(encoding="utf-8").lower().startswith("<!doctype html>")


def test_the_report_as_data_has_the_same_result_and_is_recorded(
    run: Run, mission: Path, folder: Path
) -> None:
    run("ingest", "winter", "breach.gpx", "clear.gpx", *VEHICLE)
    result = run("publish", "daily", "winter", "--format", "json", "--number", "7", "-o", "day.json")
    assert result.exit_code == 0, result.output
    assert result.stdout == "day.json\n"
    record = json.loads((folder / "day.json").read_text(encoding="utf-8"))
    assert record["schema"]["name"] == "truceline.result"
    # The tracks of conftest: one is 3 km inside a zone known to 100 m, the other never nearer than 10 km.
    verdicts = [item["verdict"] for item in record["findings"]]
    assert verdicts.count("BREACH") == 1
    assert set(verdicts) == {"BREACH", "CLEAR"}
    # 08:00 to 08:08 UTC is all there is, so that is the period.
    assert record["period"] == {"start": "2020-02-01T08:00:00Z", "end": "2020-02-01T08:08:00Z"}
    assert record["report"]["number"] == "7"
    head = json.loads(run("ledger", "verify", "winter", "--format", "json").stdout)["head"]
    assert record["report"]["ledger"]["size"] == head["size"] - 1  # the export itself came after
    inside = run("publish", "daily", "winter", "--format", "json", "-q").stdout.strip()
    assert Path(inside).parent == Path("winter/reports")
    assert inside.endswith(".json")


def test_exercise_and_real_are_told_apart_in_the_note(run: Run, mission: Path) -> None:
    run("ingest", "winter", "breach.gpx", *VEHICLE)
    run("ingest", "winter", "clear.gpx", *VEHICLE, "--exercise")
    said = run("publish", "daily", "winter").stderr.splitlines()[0]
    real, exercise = said.split("; exercise only: ")
    assert real.startswith("breach as encoded: 1")
    assert exercise == "observed, no breach found: 1"
