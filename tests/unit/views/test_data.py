"""Plain data: every field there, only JSON types, and numbers that survive a reader."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from itertools import pairwise
from math import nan
from typing import Any

import pytest

from truceline.model.finding import CheckResult, Encounter, Finding, Incursion, Verdict
from truceline.timebase import ALWAYS, Interval
from truceline.views.data import (
    finding_record,
    known_span,
    render_json,
    render_jsonl,
    result_record,
    verdict_counts,
)
from truceline.views.exchange import CSV_COLUMNS, render_csv, render_geojson
from truceline.views.tables import COLUMNS, finding_rows, in_reading_order, numbered

JSON_TYPES = (str, int, float, bool, type(None), list, dict)


def only_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and only_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(only_json(item) for item in value)
    return type(value) in JSON_TYPES


def test_every_field_of_the_model_is_in_the_record(case: Any) -> None:
    for finding in case.result.findings:
        record = finding_record(finding)
        assert {field.name for field in fields(Finding)} <= set(record)
        assert only_json(record)
    by_id = {finding.id: finding_record(finding) for finding in case.result.findings}
    assert {field.name for field in fields(Incursion)} == set(by_id["f-n11-2"]["incursion"])
    met = {field.name for field in fields(Encounter)} - {"at_us"} | {"at"}
    assert met == set(by_id["f-enc"]["encounter"])


def test_numbers_are_rounded_and_the_unknown_is_null(case: Any) -> None:
    visit = replace(case.result.findings[0].incursion, depth_m=1234.56789, depth_low_m=nan, beyond_s=None)
    visit = replace(visit, deepest=replace(visit.deepest, lonlat_deg=(38.123456789, -0.00000001), t_us=None))
    record = finding_record(replace(case.result.findings[0], incursion=visit, interval=ALWAYS, party=None))
    assert record["incursion"]["depth_m"] == 1234.568
    assert record["incursion"]["depth_low_m"] is None
    assert record["incursion"]["deepest"] == {"t": None, "lonlat_deg": [38.1234568, 0.0]}
    assert str(record["incursion"]["deepest"]["lonlat_deg"][1]) == "0.0"  # never "-0.0"
    assert record["interval"] == {"start": None, "end": None}
    assert record["party"] is None


def test_times_are_rfc_3339_in_utc(case: Any) -> None:
    record = finding_record(case.result.findings[0])
    assert record["interval"] == {"start": "2020-01-07T09:02:00Z", "end": "2020-01-07T09:48:30Z"}
    assert record["incursion"]["beyond_s"] == 2790.0  # typed into the case


def test_the_result_names_its_schema_its_agreement_and_every_outcome(case: Any) -> None:
    record = json.loads(render_json(case.result, case.agreement, period=case.period, reports=case.reports))
    assert record["schema"] == {"name": "truceline.result", "version": 1}
    assert record["agreement"]["sha256"] == "ab" * 32
    assert record["verdict"] == "BREACH"
    counts = {(count["rule"], count["exercise"]): count for count in record["counts"]}
    everything = [count for (rule, _exercise), count in counts.items() if rule == "finding"]
    assert sum(count["value"] for count in everything) == len(case.result.findings) == len(record["findings"])
    for count in record["counts"]:
        assert sum(count["by_verdict"].values()) == count["value"]
        assert count["counts_as_one"] and count["unit"] and count["exposure"]
    # 6 January 00:00 to 13 January 00:00 UTC is 168 h; observed by at least one mover, from the case:
    # 7 Jan 06:00-24:00 and on to 02:00 (20 h), 8 Jan 05:00-09:00 (4), 9 Jan 05-09 (4), 10 Jan 11-15 (4) = 32 h.
    assert counts["visit", True]["exposure"] == "observed 32.0 of 168.0 hours"
    assert counts["report", False]["observed_s"] is None
    # r1 and r2 share the governor as origin, lie in the same hours and within each other's circles.
    assert counts["report", False]["value"] == 4
    assert counts["event", False]["value"] == 3
    assert record["dropped_counts"][0] == {"code": "duplicate", "kept": False, "count": 2}


def test_an_empty_result_is_told_as_empty(case: Any) -> None:
    record = result_record(CheckResult(), case.agreement)
    assert record["verdict"] is None
    assert record["findings"] == []
    assert [count["value"] for count in record["counts"]] == [0]


def test_json_lines_are_one_finding_each(case: Any) -> None:
    lines = list(render_jsonl(case.result))
    assert len(lines) == len(case.result.findings)
    assert all(line.endswith("\n") and line.count("\n") == 1 for line in lines)
    assert json.loads(lines[0])["id"] == case.result.findings[0].id


# ---------------------------------------------------------------- CSV and GeoJSON


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_a_row_for_each_finding_with_depths_and_places(case: Any) -> None:
    rows = rows_of(render_csv(case.result))
    assert len(rows) == len(case.result.findings)
    assert tuple(rows[0]) == CSV_COLUMNS
    assert rows[0]["depth_low_m"] == "6790.1"
    assert rows[0]["deepest_lon_deg"] == "39.06"
    assert rows[1]["entry_t"] == ""
    assert rows[1]["accepted_by_party"] == "false"
    assert rows[2]["depth_low_m"] == "-1380.0"  # a number, left alone though it begins with a minus
    assert rows[3]["distance_m"] == "84.0"
    assert "\r" not in render_csv(case.result)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_csv_text_is_never_a_formula(case: Any, start: str) -> None:
    finding = replace(case.result.findings[0], subject=f"{start}HYPERLINK(1)", reason=f"{start}1+1")
    (row,) = rows_of(render_csv(CheckResult(findings=(finding,))))
    assert row["subject"] == "'" + start.replace("\r", "\n") + "HYPERLINK(1)"
    assert row["reason"].startswith("'")


def test_geojson_has_points_of_every_finding_and_loses_none(case: Any) -> None:
    document = json.loads(render_geojson(case.result, case.agreement))
    assert set(document) == {"type", "features"}  # RFC 7946, 4: no crs member
    roles: dict[str, list[str]] = {}
    for feature in document["features"]:
        if feature["properties"]["role"] != "place":
            roles.setdefault(feature["properties"]["finding"], []).append(feature["properties"]["role"])
    assert set(roles) == {finding.id for finding in case.result.findings}
    assert roles["f-n11-2"] == ["entry", "deepest", "exit"]
    assert roles["f-h2-3"] == ["deepest", "exit"]
    assert roles["f-enc"] == ["encounter", "encounter-other"]
    circle = next(f for f in document["features"] if f["properties"].get("finding") == "f-r1")
    assert circle["geometry"] == {"type": "Point", "coordinates": [38.62, 36.52]}
    assert circle["properties"]["radius_m"] == 2000.0
    nowhere = next(f for f in document["features"] if f["properties"].get("finding") == "f-undet")
    assert nowhere["geometry"] is None


def test_geojson_places_are_closed_and_wound_as_rfc_7946_asks(case: Any) -> None:
    document = json.loads(render_geojson(CheckResult(), case.agreement))
    places = {feature["id"]: feature for feature in document["features"]}
    assert places["line"]["geometry"]["type"] == "LineString"
    assert places["base"]["properties"]["radius_m"] == 22_000.0
    ring = places["crossing"]["geometry"]["coordinates"][0][0]
    assert ring[0] == ring[-1]
    twice_area = sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise(ring))
    assert twice_area > 0  # anticlockwise


# ---------------------------------------------------------------- rows


def test_rows_are_short_strings_in_reading_order(case: Any) -> None:
    rows = finding_rows(case.result, agreement=case.agreement, reports=case.reports)
    assert len(rows) == len(case.result.findings)
    assert all(isinstance(value, str) for row in rows for value in row.values())
    assert set(COLUMNS) <= set(rows[0])
    first = rows[0]
    assert (first["verdict"], first["clause"], first["party"]) == ("breach as encoded", "3", "قوات الهلال")
    assert first["how_far"] == "between 13.8 and 14.2 km inside"
    assert first["how_long"] == "2 h 39 min"
    assert first["marks"] == "began earlier, clause not accepted by this party, EXERCISE"
    order = [row["verdict_code"] for row in rows]
    assert order == sorted(order, key=[verdict.value for verdict in Verdict].index)


def test_rows_do_without_an_agreement(case: Any) -> None:
    rows = finding_rows(case.result)
    assert rows[0]["party"] == "hilal"
    assert next(row for row in rows if row["id"] == "f-r2")["party"] == "party not known"


def test_numbers_follow_the_reading_order_and_one_report_has_one(case: Any) -> None:
    twice = replace(case.result.findings[-1], id="f-r4-again", clause="7")
    findings = (*case.result.findings, twice)
    numbers = numbered(findings)
    assert numbers["f-h2-3"] == 1
    assert numbers["f-r4"] == numbers["f-r4-again"]
    asked = [f for f in in_reading_order(findings) if f.verdict in (Verdict.BREACH, Verdict.POSSIBLE)]
    assert [numbers[f.id] for f in asked] == sorted(numbers[f.id] for f in asked)
    assert "f-clear" not in numbers
    assert in_reading_order(findings) == in_reading_order(findings[::-1])


def test_a_pair_is_named_once(case: Any) -> None:
    met = next(finding for finding in case.result.findings if finding.kind == "encounter")
    for subject in ("N-11", "N-11 x S-04"):
        row = finding_rows(CheckResult(findings=(replace(met, subject=subject),)))[0]
        assert row["what"] == "N-11 and S-04"


def test_a_finding_without_time_or_party_is_told_as_such() -> None:
    bare = Finding(
        id="x", kind="undetermined", clause="1", rule="no-fly", verdict=Verdict.NOT_EVALUATED, subject="m"
    )
    row = finding_rows(CheckResult(findings=(bare,)))[0]
    assert row["when"] == "time not known"
    assert row["how_far"] == ""
    assert Interval(0, 0)  # an instant is a span of its own
    assert finding_rows(CheckResult(findings=(replace(bare, interval=Interval(0, 0)),)))[0]["when"] == (
        "1970-01-01 00:00Z"
    )


def test_what_was_observed_reads_from_its_first_to_its_last_instant() -> None:
    hour_us = 3_600_000_000
    parts = (Interval(5 * hour_us, 6 * hour_us), Interval(0, hour_us))
    bare = Finding(id="f", kind="observed", clause="1", rule="keep-out", verdict=Verdict.CLEAR, subject="N-1")

    def when(*observed: Interval) -> str:
        return finding_rows(CheckResult(findings=(replace(bare, observed=observed),)))[0]["when"]

    assert when() == "time not known"
    assert when(parts[1]) == "1970-01-01 00:00Z to 01:00Z"
    assert when(*parts) == "1970-01-01 00:00Z to 06:00Z, 2 stretches"


def test_people_read_whole_seconds_and_records_keep_the_rest() -> None:
    """Entry 0.5 s and exit 90.75 s after the epoch, typed in."""
    finding = Finding(
        id="f", kind="incursion", clause="1", rule="keep-out", verdict=Verdict.BREACH, subject="N-1",
        interval=Interval(500_000, 90_750_000),
    )  # fmt: skip
    assert finding_rows(CheckResult(findings=(finding,)))[0]["when"] == "1970-01-01 00:00Z to 00:01:30Z"
    assert finding_record(finding)["interval"] == {
        "start": "1970-01-01T00:00:00.500000Z",
        "end": "1970-01-01T00:01:30.750000Z",
    }


def test_exercise_and_real_findings_are_never_in_one_count(case: Any) -> None:
    counted = verdict_counts(case.result.findings)
    assert [exercise for exercise, _counts in counted] == [False, True]
    for exercise, counts in counted:
        mine = [finding.verdict for finding in case.result.findings if finding.exercise == exercise]
        assert counts == {verdict: mine.count(verdict) for verdict in Verdict}
    assert verdict_counts(()) == []


def test_the_known_span_is_that_of_everything_given(case: Any) -> None:
    span = known_span(CheckResult(), reports=case.reports)
    assert span is not None
    assert span.start_us == min(report.when.interval.start_us for report in case.reports)
    assert span.end_us == max(report.when.interval.end_us for report in case.reports)
    assert known_span(CheckResult()) is None
