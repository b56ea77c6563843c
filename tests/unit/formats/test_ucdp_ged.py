"""UCDP GED rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from truceline.errors import DocumentError, FormatError, UsageError
from truceline.formats.registry import read_bytes
from truceline.formats.ucdp_ged import COLUMNS, is_anonymous
from truceline.model.evidence import Records, Report

EVENT = {
    "id": "1", "type_of_violence": "1", "side_a": "Government of Syria", "side_b": "Syrian insurgents",
    "source_headline": "Shelling kills 3", "source_original": "SOHR; witness", "where_prec": "1",
    "where_coordinates": "Azaz town", "adm_1": "Aleppo Governorate", "latitude": "36.585896",
    "longitude": "37.04565", "date_prec": "1", "date_start": "2018-09-18", "date_end": "2018-09-18",
    "low": "3", "best": "3", "high": "4",
}  # fmt: skip
DAY_US = 86_400_000_000


def read(*events: dict[str, str], **options: object) -> Records:
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS)
    writer.writeheader()
    writer.writerows({**EVENT, "id": str(number), **event} for number, event in enumerate(events, 1))
    return read_bytes(stream.getvalue().encode(), name="ged.csv", **{"zone": "Asia/Damascus", **options})


def one(**event: str) -> Report:
    (report,) = read(event).reports
    return report


def codes(records: Records) -> list[tuple[str, int | None, bool]]:
    return [
        (item.code, item.where.line, item.kept) for item in records.dropped if item.code != "unknown-party"
    ]


def test_an_event() -> None:
    report = one()
    # 18 September 2018 00:00 in Damascus (summer time, UTC+3) is the 17th, 21:00Z; 17,792 days to the 18th
    assert report.when.interval.start_us == 17_792 * DAY_US - 3 * 3_600_000_000
    assert (report.when.interval.duration_s, report.when.precision) == (86_400, "day")
    assert (report.where.lonlat_deg, report.where.radius_m, report.where.precision) == (
        (37.04565, 36.585896),
        2000,
        "place",
    )
    assert report.where.name == "Azaz town, Aleppo Governorate"
    assert (report.id, report.act, report.text) == ("ucdp:1", "armed-clash", "Shelling kills 3")
    assert (report.origins, report.anonymous_origins) == (("SOHR",), ("witness",))
    assert (report.deaths.low, report.deaths.best, report.deaths.high) == (3, 3, 4)
    assert report.grade is None


@pytest.mark.parametrize(
    ("code", "precision", "radius_m", "coarse"),
    [
        ("1", "place", 2_000, False),
        ("2", "near", 25_000, False),
        ("3", "district", None, True),
        ("4", "province", None, True),
        ("5", "unknown", None, True),
        ("6", "country", None, True),
        ("7", "unknown", None, True),
    ],
)
def test_precision_of_place(code: str, precision: str, radius_m: float | None, coarse: bool) -> None:
    where = one(where_prec=code).where
    assert (where.precision, where.radius_m, where.coarse) == (precision, radius_m, coarse)


@pytest.mark.parametrize(
    ("code", "end", "precision", "days", "remarks"),
    [
        ("1", "2018-09-18", "day", 1, []),
        ("2", "2018-09-20", "days", 3, []),
        ("3", "2018-09-24", "week", 7, []),
        ("4", "2018-09-25", "month", 8, []),
        ("5", "2018-10-29", "year", 42, []),
        ("1", "2018-09-19", "days", 2, ["date-precision"]),  # the span is coarser than the code
        ("2", "2018-10-29", "year", 42, ["date-precision"]),
        ("4", "2018-09-18", "month", 1, []),  # the code is coarser than the span
    ],
)
def test_precision_of_date(code: str, end: str, precision: str, days: int, remarks: list[str]) -> None:
    records = read({"date_prec": code, "date_end": end})
    when = records.reports[0].when
    assert when.precision == precision
    assert when.interval.duration_s / 86_400 == pytest.approx(
        days, abs=1 / 23
    )  # clocks went back on 26 October
    assert [code for code, *_ in codes(records)] == remarks


def test_newer_releases_write_a_clock_of_zeros() -> None:
    assert (
        one(date_start="2018-09-18 00:00:00.000", date_end="2018-09-18 00:00:00.000").when.precision == "day"
    )


def test_a_zone_is_needed() -> None:
    with pytest.raises(UsageError) as caught:
        read({}, zone=None)
    assert caught.value.code == "no-zone"
    assert "--zone" in caught.value.hint


def test_both_sides_of_a_fight_are_named_and_neither_is_said_to_have_fired() -> None:
    (report,) = read({}, parties={"Government of Syria": "syria"}).reports
    assert [(item.party, item.status) for item in report.attributions] == [
        ("syria", "unknown"),
        (None, "unknown"),
    ]
    assert "who fired is not coded" in report.attributions[0].basis


def test_one_sided_violence_has_a_perpetrator_by_definition() -> None:
    records = read({"type_of_violence": "3", "side_a": "IS", "side_b": "Civilians"}, parties={"IS": "is"})
    (report,) = records.reports
    assert report.act == "attack"
    assert [(item.party, item.status) for item in report.attributions] == [("is", "probable")]
    (unmapped,) = read({"type_of_violence": "3"}).reports
    assert [(item.party, item.status) for item in unmapped.attributions] == [(None, "unknown")]


def test_headlines_are_not_read_for_acts() -> None:
    assert one(source_headline="Air strike hits market").act == "armed-clash"


def test_the_mapping_file(tmp_path: Path) -> None:
    path = tmp_path / "ucdp.yaml"
    path.write_text(
        'parties: {"Government of Syria": syria}\n'
        "origins: {Syrian Observatory for Human Rights: SOHR}\n"
        "fights: disputed\n"
    )
    (report,) = read({"source_original": "SOHR;Syrian Observatory for Human Rights"}, mapping=path).reports
    assert report.origins == ("SOHR",)
    assert [(item.party, item.status) for item in report.attributions] == [
        ("syria", "disputed"),
        (None, "unknown"),
    ]
    with pytest.raises(UsageError):
        read({}, mapping=path, parties={})
    path.write_text("partys: {a: b}\n")
    with pytest.raises(DocumentError):
        read({}, mapping=path)


def test_parties_as_text() -> None:
    (report,) = read({}, parties="Government of Syria=syria; Syrian insurgents = hts").reports
    assert [item.party for item in report.attributions] == ["syria", "hts"]
    with pytest.raises(UsageError):
        read({}, parties="syria")


def test_sides_without_a_party_are_remarked_once_each() -> None:
    records = read({}, {}, {"side_b": "IS"}, parties={"Government of Syria": "syria"})
    remarks = [(item.seen, item.kept) for item in records.dropped]
    assert remarks == [("IS: in 1 events", True), ("Syrian insurgents: in 2 events", True)]


@pytest.mark.parametrize(
    ("event", "code"),
    [
        ({"date_start": "2018-02-30"}, "bad-time"),
        ({"date_end": "2018-09-17"}, "bad-time"),
        ({"date_start": "18.09.2018"}, "bad-time"),
        ({"date_prec": "9"}, "bad-value"),
        ({"where_prec": ""}, "bad-value"),
        ({"type_of_violence": "4"}, "bad-value"),
        ({"latitude": "NaN"}, "not-finite"),
        ({"longitude": "360"}, "out-of-range"),
        ({"latitude": "137", "longitude": "36"}, "swapped?"),
        ({"latitude": ""}, "no-position"),
        ({"id": ""}, "no-id"),
    ],
)
def test_events_that_cannot_be_placed_are_left_out(event: dict[str, str], code: str) -> None:
    records = read(event, {})
    assert codes(records) == [(code, 2, False)]
    assert len(records.reports) == 1
    assert records.read_count == 2


def test_deaths_that_contradict_are_kept_as_coded_and_bad_ones_as_not_stated() -> None:
    records = read({"low": "6", "best": "0", "high": "6"}, {"best": "many"})
    assert codes(records) == [("deaths-order", 2, True), ("bad-value", 3, True)]
    assert [report.deaths.best for report in records.reports] == [0, None]


def test_repeated_ids() -> None:
    records = read({"id": "7"}, {"id": "7"}, {"id": "7", "best": "2", "low": "2"})
    assert codes(records) == [("duplicate", 3, False), ("conflict", 4, False)]


def test_other_columns_are_refused() -> None:
    with pytest.raises(FormatError) as caught:
        read_bytes(b"id,where_prec\n1,2\n", name="x.csv", format="ucdp-ged", zone="UTC")
    assert "date_prec" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "anonymous"),
    [
        ("witness", True),
        ("two witnesses and a security source", True),
        ("Local sources", True),
        ("residents", True),
        ("opposition activists", True),
        ("U.S. official who declined to be named", True),
        ("a war monitor", True),
        ("The army", True),
        ("Kurdish media", True),
        ("SOHR", False),
        ("Syrian Observatory for Human Rights", False),
        ("Kurdish Red Crescent", False),
        ("Turkish Defence Ministry", False),
        ("Local Coordination Committees", False),
        ("Aleppo Media Centre", False),
        ("Syrian army", False),
    ],
)
def test_anonymous_origins(name: str, anonymous: bool) -> None:
    assert is_anonymous(name) is anonymous
