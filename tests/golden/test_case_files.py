"""The shipped case: made again byte for byte, labelled without exception, sourced without exception, and answered."""

from __future__ import annotations

import csv
import importlib.util
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ruamel.yaml import YAML

from truceline.agreement import check_document, load_agreement
from truceline.formats.registry import read_file
from truceline.model.evidence import Records
from truceline.model.finding import CheckResult, summarise
from truceline.rules import check_reports, check_tracks
from truceline.timebase import parse_instant

ROOT = Path(__file__).resolve().parents[2]
CASE = ROOT / "cases" / "ne-syria-winter-2020"
TRACK_FILES = sorted((CASE / "tracks").glob("*.csv"))
REPORT_FILES = sorted((CASE / "reports").glob("*.csv"))


def _yaml(path: Path) -> Any:
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


CASE_FILE = _yaml(CASE / "case.yaml")
EXPECTED = _yaml(CASE / "expected.yaml")


@cache
def _records(file: str) -> Records:
    written = next(item for item in CASE_FILE["inputs"] if item["file"] == file)
    options = dict(written["options"])
    if "mapping" in options:
        options["mapping"] = CASE / options["mapping"]
    return read_file(CASE / file, format=written["format"], **options)


@cache
def _answers(agreement: str) -> CheckResult:
    """Everything the case puts to one agreement."""
    loaded = load_agreement(CASE / CASE_FILE["agreements"][agreement])
    result = CheckResult()
    for item in CASE_FILE["inputs"]:
        if agreement in item["judged_by"]:
            records = _records(item["file"])
            if records.tracks:
                result = result.merged_with(check_tracks(loaded, records.tracks, records.paths))
            if records.reports:
                result = result.merged_with(check_reports(loaded, records.reports))
    return result


# ---------------------------------------------------------------- the files


def test_every_input_is_there_and_is_judged() -> None:
    listed = {item["file"] for item in CASE_FILE["inputs"]}
    assert listed == {str(path.relative_to(CASE)) for path in (*TRACK_FILES, *REPORT_FILES)}
    for item in CASE_FILE["inputs"]:
        assert item["judged_by"]
        assert set(item["judged_by"]) <= set(CASE_FILE["agreements"])
    for path in CASE_FILE["agreements"].values():
        assert [str(problem) for problem in check_document(CASE / path) if problem.severity == "error"] == []


def test_tracks_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("make_case", ROOT / "tools" / "make_case.py")
    assert spec is not None and spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    tool.write_case(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    shipped = {path.name: path.read_bytes() for path in (CASE / "tracks").iterdir()}
    assert made == shipped


def test_the_case_stays_small() -> None:
    assert sum(len(_rows(path)) for path in TRACK_FILES) < 25_000
    assert sum(path.stat().st_size for path in CASE.rglob("*") if path.is_file()) < 2_000_000


# ---------------------------------------------------------------- exercise


@pytest.mark.parametrize("path", TRACK_FILES, ids=lambda path: path.name)
def test_no_exercise_row_without_the_word(path: Path) -> None:
    rows = _rows(path)
    assert rows
    assert {row["exercise"] for row in rows} == {"EXERCISE"}
    assert all(row["mover"].startswith("EXERCISE") for row in rows)
    mapping = _yaml(path.with_suffix(".mapping.yaml"))
    assert mapping["exercise"] is True
    assert all(name.startswith("EXERCISE") for name in mapping["name"]["values"].values())


@pytest.mark.parametrize("path", TRACK_FILES, ids=lambda path: path.name)
def test_exercise_tracks_read_without_loss_and_keep_the_mark(path: Path) -> None:
    records = _records(f"tracks/{path.name}")
    assert records.dropped == ()
    assert sum(len(track) for track in records.tracks) == len(_rows(path))
    assert all(track.exercise and track.mover.name.startswith("EXERCISE") for track in records.tracks)


def test_findings_on_exercise_tracks_are_marked_and_those_on_reports_are_not() -> None:
    for agreement in CASE_FILE["agreements"]:
        for finding in _answers(agreement).findings:
            is_report = finding.kind == "report"
            assert finding.exercise is not is_report
    assert load_agreement(CASE / "exercise-lines.yaml").exercise


# ---------------------------------------------------------------- record


REPORT_ROWS = [(path.name, row) for path in REPORT_FILES for row in _rows(path)]


def test_there_are_at_least_thirty_reported_incidents_in_both_places() -> None:
    assert len(REPORT_ROWS) >= 30
    assert {name for name, _ in REPORT_ROWS} == {"idlib.csv", "ne-syria.csv"}
    assert len({row["id"] for _, row in REPORT_ROWS}) == len(REPORT_ROWS)


@pytest.mark.parametrize(("name", "row"), REPORT_ROWS, ids=[row["id"] for _, row in REPORT_ROWS])
def test_every_report_names_its_source_origin_address_and_precision(name: str, row: dict[str, str]) -> None:
    assert row["source"]
    assert row["origins"]
    assert urlsplit(row["url"]).scheme in ("http", "https")
    assert urlsplit(row["url"]).netloc
    assert row["place_precision"]
    assert row["text"]
    assert row["zone"]
    assert not (row["reliability"] or row["credibility"]), "nobody graded these"
    assert "EXERCISE" not in "".join(row.values())


@pytest.mark.parametrize("path", REPORT_FILES, ids=lambda path: path.name)
def test_reports_read_without_loss_and_lie_in_2020(path: Path) -> None:
    records = _records(f"reports/{path.name}")
    assert records.dropped == ()
    assert len(records.reports) == len(_rows(path))
    start, end = (
        parse_instant("2020-01-01", zone="Asia/Damascus"),
        parse_instant("2020-09-01", zone="Asia/Damascus"),
    )
    for report in records.reports:
        assert start <= report.when.interval.start_us <= report.when.interval.end_us <= end


def test_what_is_known_only_to_the_province_is_never_exact() -> None:
    coarse = {
        report.id
        for item in REPORT_FILES
        for report in _records(f"reports/{item.name}").reports
        if report.where.coarse
    }
    assert len(coarse) >= 10
    for agreement in CASE_FILE["agreements"]:
        found = [finding for finding in _answers(agreement).findings if finding.subject in coarse]
        assert {finding.verdict for finding in found} <= {"NOT_EVALUATED"}


def test_what_is_known_only_to_the_month_is_never_a_breach() -> None:
    month = {
        report.id
        for item in REPORT_FILES
        for report in _records(f"reports/{item.name}").reports
        if report.when.coarse
    }
    assert month
    for agreement in CASE_FILE["agreements"]:
        found = [finding for finding in _answers(agreement).findings if finding.subject in month]
        assert {finding.verdict for finding in found} <= {"NOT_EVALUATED", "POSSIBLE"}


# ---------------------------------------------------------------- answers


@pytest.mark.parametrize("expect", EXPECTED["tracks"], ids=lambda item: f"{item['mover']}-{item['clause']}")
def test_tracks_are_answered_as_they_were_drawn(expect: dict[str, Any]) -> None:
    result = _answers(expect["judged_by"])
    found = [
        finding
        for finding in result.findings
        if finding.clause == expect["clause"] and finding.subject == expect["mover"]
    ]
    if expect.get("applies") is False:
        refused = [
            i.because
            for i in result.not_applied
            if (i.clause, i.subject) == (expect["clause"], expect["mover"])
        ]
        assert (found, refused) == ([], [expect["because"]])
        return
    if "kind" in expect:
        found = [finding for finding in found if finding.kind == expect["kind"]]
    assert summarise(finding.verdict for finding in found) == expect["verdict"]
    worst = [finding for finding in found if finding.verdict == expect["verdict"]]
    if "because" in expect:
        assert {finding.because for finding in worst} == {expect["because"]}
    for mark in expect.get("marks", ()):
        assert all(mark in finding.marks for finding in worst)
    if "depth_m" in expect:
        (finding,) = worst
        assert finding.incursion is not None
        assert finding.incursion.depth_m == pytest.approx(expect["depth_m"], abs=expect["tolerance_m"])
    if "closest_m" in expect:
        (finding,) = worst
        assert finding.encounter is not None
        assert finding.encounter.distance_m == pytest.approx(expect["closest_m"], abs=expect["tolerance_m"])
        assert finding.encounter.severity == expect["severity"]


@pytest.mark.parametrize(
    "expect", EXPECTED["reports"], ids=lambda item: f"{item['report']}-{item['judged_by']}"
)
def test_reports_are_answered_as_far_as_they_are_known(expect: dict[str, Any]) -> None:
    result = _answers(expect["judged_by"])
    found = [
        finding
        for finding in result.findings
        if finding.clause == expect["clause"] and finding.subject == expect["report"]
    ]
    if expect.get("applies") is False:
        refused = [
            i.because
            for i in result.not_applied
            if (i.clause, i.subject) == (expect["clause"], expect["report"])
        ]
        assert (found, refused) == ([], [expect["because"]])
        return
    (finding,) = found
    assert finding.verdict == expect["verdict"]
    assert finding.because == expect.get("because", finding.because)
    assert ("alleged" in finding.marks) == (finding.verdict == "POSSIBLE")
