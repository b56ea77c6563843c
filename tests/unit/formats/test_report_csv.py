"""Our own incident table."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from truceline.errors import FormatError, InputError, UsageError
from truceline.formats.registry import read_bytes
from truceline.formats.report_csv import COLUMNS, split_names
from truceline.model.evidence import Attribution, Grade, Records


def read(*rows: dict[str, str], delimiter: str = ",", **options: object) -> Records:
    columns = [name for name in COLUMNS if any(name in row for row in rows)]
    lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    return read_bytes(text.encode(), name="incidents.csv", format="report-csv", **options)


def row(**cells: str) -> dict[str, str]:
    return {"id": "r1", "act": "shelling", "date": "2020-02-27", "zone": "Asia/Damascus", **cells}


def us(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000


def codes(records: Records) -> list[tuple[str, int | None, bool]]:
    return [(item.code, item.where.line, item.kept) for item in records.dropped]


def test_a_full_row() -> None:
    records = read(
        row(
            place="Balyun",
            lon="36.55",
            lat="35.72",
            radius="2 km",
            place_precision="place",
            act="air-strike",
            party="russia; syria",
            attribution="disputed",
            source="Reuters",
            origins="Turkish Ministry of Defence; SOHR; sohr",
            anonymous_origins="residents",
            reliability="B",
            credibility="2",
            grader="desk",
            grade_reason="two origins",
            deaths_low="33",
            deaths_best="34",
            deaths_high="36",
            url="https://example.org/1",
            text="34 soldiers died",
            note="typed",
        )
    )
    (report,) = records.reports
    # 27 February 2020 in Damascus (UTC+2 until the end of March)
    assert (report.when.interval.start_us, report.when.interval.end_us) == (
        us(2020, 2, 26, 22),
        us(2020, 2, 27, 22),
    )
    assert report.when.precision == "day"
    assert (report.where.lonlat_deg, report.where.radius_m, report.where.name) == (
        (36.55, 35.72),
        2000.0,
        "Balyun",
    )
    assert report.attributions == (
        Attribution(party="russia", status="disputed"),
        Attribution(party="syria", status="disputed"),
    )
    assert report.origins == ("Turkish Ministry of Defence", "SOHR")
    assert report.anonymous_origins == ("residents",)
    assert report.grade == Grade(reliability="B", credibility=2, grader="desk", reason="two origins")
    assert (report.deaths.low, report.deaths.best, report.deaths.high) == (33, 34, 36)
    assert (report.source_name, report.url, report.text, report.note) == (
        "Reuters",
        "https://example.org/1",
        "34 soldiers died",
        "typed",
    )
    assert (report.source.line, report.exercise, records.dropped) == (2, False, ())


def test_blank_cells_claim_nothing() -> None:
    (report,) = read(row(act="")).reports
    assert report.act is None
    assert report.attributions == (Attribution(party=None, status="unknown"),)
    assert (report.where.lonlat_deg, report.where.precision, report.where.coarse) == (None, "unknown", True)
    assert (report.grade, report.origins, report.deaths.best) == (None, (), None)


def test_a_party_without_a_status_is_unknown() -> None:
    assert read(row(party="syria")).reports[0].attributions == (Attribution(party="syria", status="unknown"),)


@pytest.mark.parametrize(
    ("cells", "start", "end", "precision"),
    [
        ({"date": "2020-02-27T14:00+02:00"}, us(2020, 2, 27, 12), us(2020, 2, 27, 12), "instant"),
        ({"date": "2020-02-27T14:00"}, us(2020, 2, 27, 12), us(2020, 2, 27, 12), "instant"),
        (
            {"date": "2020-02-27T14:00", "time_precision": "hour"},
            us(2020, 2, 27, 12),
            us(2020, 2, 27, 13),
            "hour",
        ),
        (
            {"date": "2020-02-27T14:00", "time_precision": "day"},
            us(2020, 2, 26, 22),
            us(2020, 2, 27, 22),
            "day",
        ),
        (
            {"date": "2020-02-27", "time_precision": "month"},
            us(2020, 1, 31, 22),
            us(2020, 2, 29, 22),
            "month",
        ),
        ({"date": "2020-02"}, us(2020, 1, 31, 22), us(2020, 2, 29, 22), "month"),
        ({"date": "2019-12"}, us(2019, 11, 30, 22), us(2019, 12, 31, 22), "month"),
        ({"date": "2020"}, us(2019, 12, 31, 22), us(2020, 12, 31, 22), "year"),
        ({"start": "2020-02-26", "end": "2020-02-28"}, us(2020, 2, 25, 22), us(2020, 2, 28, 22), "days"),
        ({"start": "2020-02-24", "end": "2020-03-01"}, us(2020, 2, 23, 22), us(2020, 3, 1, 22), "week"),
        ({"start": "2020-02-24", "end": "2020-03-12"}, us(2020, 2, 23, 22), us(2020, 3, 12, 22), "month"),
        (
            {"start": "2020-01", "end": "2020-03"},
            us(2019, 12, 31, 22),
            us(2020, 3, 31, 21),
            "year",
        ),  # summer time
        (
            {"start": "2020-02-27T14:00", "end": "2020-02-27T14:30"},
            us(2020, 2, 27, 12),
            us(2020, 2, 27, 12, 30),
            "hour",
        ),
        (
            {"start": "2020-02-26", "end": "2020-02-28", "time_precision": "week"},
            us(2020, 2, 25, 22),
            us(2020, 2, 28, 22),
            "week",
        ),
    ],
)
def test_dates_and_their_precision(cells: dict[str, str], start: int, end: int, precision: str) -> None:
    base = {key: value for key, value in row().items() if key != "date" or "start" not in cells}
    records = read({**base, **cells})
    assert records.dropped == ()
    when = records.reports[0].when
    assert (when.interval.start_us, when.interval.end_us, when.precision) == (start, end, precision)


@pytest.mark.parametrize(
    ("cells", "code", "words"),
    [
        ({"id": ""}, "no-id", "id"),
        ({"act": "shellling"}, "bad-value", "'shelling'"),
        ({"date": "2020-02-30"}, "bad-time", "2020-02-30"),
        ({"date": "27/02/2020"}, "bad-time", "27/02/2020"),
        ({"date": "9999-13"}, "bad-time", "9999-13"),
        ({"date": ""}, "no-time", "start and end"),
        ({"start": "2020-02-27"}, "no-time", "start and end"),
        ({"date": "", "start": "2020-02-28", "end": "2020-02-27"}, "bad-time", "before"),
        ({"date": "2020-02", "time_precision": "day"}, "time-precision", "finer"),
        ({"time_precision": "week"}, "time-precision", "start and end"),
        ({"time_precision": "fortnight"}, "bad-value", "fortnight"),
        ({"zone": "Damascus"}, "zone", "Damascus"),
        ({"lon": "36.5", "lat": "NaN", "radius": "2 km"}, "not-finite", "NaN"),
        ({"lon": "200", "lat": "100", "radius": "2 km"}, "out-of-range", "200"),
        ({"lon": "36.5", "lat": "95", "radius": "2 km"}, "swapped?", "95"),
        ({"lon": "36.5"}, "no-position", "36.5"),
        ({"radius": "2 km"}, "no-position", "2 km"),
        ({"lon": "36.5", "lat": "35.5", "radius": "2"}, "bare-number", "no unit"),
        ({"lon": "36.5", "lat": "35.5", "radius": "-2 km"}, "bad-value", "below zero"),
        ({"place_precision": "exact"}, "bad-value", "exact"),
        ({"party": "syria", "attribution": "sure"}, "bad-value", "sure"),
        ({"attribution": "probable"}, "bad-value", "no party"),
        ({"reliability": "B"}, "bad-value", "both"),
        ({"reliability": "B", "credibility": "2"}, "bad-value", "grader"),
        ({"reliability": "G", "credibility": "7", "grader": "x"}, "bad-value", "'G'"),
        ({"grader": "x"}, "bad-value", "no grade"),
        ({"deaths_best": "about 30"}, "bad-value", "about 30"),
        ({"deaths_best": "-3"}, "bad-value", "-3"),
    ],
)
def test_a_row_with_a_fault_is_left_out_and_says_why(cells: dict[str, str], code: str, words: str) -> None:
    records = read(row(**cells), row(id="r2"))
    assert codes(records) == [(code, 2, False)]
    assert words in records.dropped[0].seen
    assert [report.id for report in records.reports] == ["r2"]
    assert records.read_count == 2


def test_all_faults_of_a_row_are_named_together() -> None:
    seen = read(row(act="x", lat="NaN", lon="1", deaths_low="?", time_precision="week")).dropped[0].seen
    assert all(word in seen for word in ("act", "NaN", "deaths_low", "week"))


def test_repeated_ids_and_contradictory_deaths() -> None:
    records = read(row(), row(), row(text="other"), row(id="r2", deaths_low="5", deaths_high="3"))
    assert codes(records) == [("duplicate", 3, False), ("conflict", 4, False), ("deaths-order", 5, True)]
    assert records.reports[1].deaths.low == 5
    assert records.read_count == 4 == len(records.reports) + records.dropped_count


def test_the_zone_option_serves_rows_without_one() -> None:
    (report,) = read(row(zone=""), zone="Asia/Damascus").reports
    assert report.when.interval.start_us == us(2020, 2, 26, 22)
    with pytest.raises(UsageError) as caught:
        read(row(zone=""))
    assert caught.value.code == "no-zone"
    assert codes(read(row(zone=""), row(id="r2"))) == [("no-zone", 2, False)]
    with pytest.raises(InputError):
        read(row(), zone="Damascus")


def test_semicolons_between_columns_and_short_rows() -> None:
    assert len(read(row(), delimiter=";").reports) == 1
    records = read_bytes(b"id,act,date,zone\nr1,ied,2020-01-01\nr2,ied,2020-01-01,UTC\n", name="r.csv")
    assert codes(records) == [("bad-row", 2, False)]


@pytest.mark.parametrize("header", ["id,act", "id,date", "id,act,date,colour"])
def test_other_columns_are_refused(header: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_bytes(f"{header}\n1,2,3\n".encode(), name="r.csv", format="report-csv")
    assert caught.value.code == "columns"


def test_exercise_reports_are_marked() -> None:
    assert read(row(), exercise=True).reports[0].exercise is True


def test_names_between_semicolons() -> None:
    assert split_names(" SOHR ;; airwars;Airwars ; a  b") == ("SOHR", "airwars", "a b")
