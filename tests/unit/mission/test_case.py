"""A case: read whole, run from end to end, and never laid over somebody's folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from truceline.cli import main
from truceline.errors import DocumentError, UsageError
from truceline.mission.case import MARKER_NAME, clear_folder, load_case
from truceline.mission.mission import Mission
from truceline.mission.shipped import shipped_cases
from truceline.timebase import parse_instant


def test_the_shipped_case_is_found_and_read() -> None:
    case = load_case(shipped_cases()["ne-syria-winter-2020"])
    period = case.document.period.interval()
    # Damascus stood at UTC+2 on 1 January and at UTC+3 on 1 September 2020.
    assert period.start_us == parse_instant("2019-12-31T22:00Z")
    assert period.end_us == parse_instant("2020-08-31T21:00Z")


def test_an_input_judged_by_a_stranger_is_named(tmp_path: Path) -> None:
    text = """\
truceline_case: 1
id: x
title: x
period: {from: 2020-01-01, until: 2020-02-01, zone: UTC}
agreements: {one: one.yaml}
inputs:
  - {file: a.csv, judged_by: [one]}
  - {file: b.csv, judged_by: [two]}
"""
    (tmp_path / "case.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=r"inputs\.1\.judged_by.*'two'"):
        load_case(tmp_path)


def test_what_is_not_ours_is_never_removed(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    for force in (False, True):
        with pytest.raises(UsageError, match="not ours to remove"):
            clear_folder(tmp_path, force=force)
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"
    assert clear_folder(tmp_path / "new", force=False) == tmp_path / "new"
    assert (tmp_path / "new" / MARKER_NAME).is_file()
    with pytest.raises(UsageError, match="--force"):
        clear_folder(tmp_path / "new", force=False)
    (tmp_path / "new" / "old.txt").write_text("made before", encoding="utf-8")
    clear_folder(tmp_path / "new", force=True)
    assert not (tmp_path / "new" / "old.txt").exists()


def test_the_demonstration_from_end_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What must be found is in the case's expected.yaml and tested in tests/golden; here the whole way is."""
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["demo", "--format", "json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    chapters = {item["agreement_id"]: item for item in json.loads(result.stdout)}
    assert list(chapters) == ["ne-syria-2020", "sochi-2018", "idlib-2020", "exercise-lines"]
    for chapter in chapters.values():
        assert chapter["verifies"] is True
        page = Path(chapter["report"]).read_text(encoding="utf-8")
        assert chapter["head"]["root"] in page
        mission = Mission.open(chapter["mission"])
        assert mission.verify().ok
        # What was printed is what the ledger alone gives again.
        assert [item.id for item in mission.check().findings] == [
            item["id"] for item in chapter["result"]["findings"]
        ]
    assert {item["exercise"] for item in chapters["exercise-lines"]["result"]["findings"]} == {True}
    assert {item["exercise"] for item in chapters["idlib-2020"]["result"]["findings"]} == {False}
    refused = CliRunner().invoke(main, ["demo"], catch_exceptions=False)
    assert refused.exit_code == 2
    assert "--force" in refused.stderr
