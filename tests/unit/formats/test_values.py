"""Positions, times, days and angles, one at a time. Expected instants by arithmetic shown beside them."""

from __future__ import annotations

import math

import pytest

from truceline.errors import InputError, UsageError
from truceline.formats.values import (
    Fault,
    check_position,
    epoch_instant,
    need_zone,
    parse_dms,
    read_days,
    read_number,
    read_time,
    strptime_instant,
)

DAY_US = 86_400_000_000
# 2020-03-06: 18,262 days from 1970 to 2020-01-01 (50 years, 12 leap days), then 31 + 29 + 5.
MARCH_6_US = (50 * 365 + 12 + 31 + 29 + 5) * DAY_US


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("", "33", "no-position"),
        (None, 33.0, "no-position"),
        ("38", " ", "no-position"),
        ("38°", "33", "bad-number"),
        ("1_0", "33", "bad-number"),
        (True, 33, "bad-number"),
        ([1], 33, "bad-number"),
        ("NaN", "33", "not-finite"),
        ("38", "-inf", "not-finite"),
        ("1e309", "33", "not-finite"),
        (10**400, 33, "not-finite"),
        ("33.5", "138.6", "swapped?"),
        ("-33.5", "-90.001", "swapped?"),
        ("180.001", "33", "out-of-range"),
        ("-720", "33", "out-of-range"),
        ("138.6", "138.6", "out-of-range"),
        ("200", "100", "out-of-range"),
    ],
)
def test_positions_that_cannot_be_used(lon: object, lat: object, code: str) -> None:
    fault = check_position(lon, lat)
    assert isinstance(fault, Fault)
    assert fault.code == code
    assert len(fault.seen) <= 120


@pytest.mark.parametrize(
    ("lon", "lat"), [("180", "90"), ("-180", "-90"), ("-0.0", "0"), (" 38.6 ", "33.5"), (38.6, 33)]
)
def test_positions_at_and_inside_the_limits_are_kept_as_written(lon: object, lat: object) -> None:
    assert check_position(lon, lat) == (float(lon), float(lat))


def test_swapped_is_only_said_where_swapping_would_help() -> None:
    fault = check_position("36.2", "95")
    assert isinstance(fault, Fault)
    assert "order" in fault.outcome


@pytest.mark.parametrize(
    ("text", "zone", "expected_us"),
    [
        ("2020-03-06T00:00Z", None, MARCH_6_US),
        ("2020-03-06 00:00:00", "UTC", MARCH_6_US),
        ("2020-03-06T03:00 Europe/Moscow", None, MARCH_6_US),  # UTC+3
        ("2020-03-06T01:00:00.5+01:00", "Asia/Damascus", MARCH_6_US + 500_000),
        ("2020-03-06T00:00:00.123456789Z", None, MARCH_6_US + 123_456),  # cut, not rounded
    ],
)
def test_times(text: str, zone: str | None, expected_us: int) -> None:
    assert read_time(text, zone=zone) == (expected_us, "")


def test_leap_second_is_the_next_second() -> None:
    # 2016-12-31T23:59:60Z, the last leap second so far, is taken as 2017-01-01T00:00:00Z
    days = 47 * 365 + 12  # 1970 to 2017, leap days 1972 to 2016
    assert read_time("2016-12-31T23:59:60Z") == (days * DAY_US, "leap-second")


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        ("2020-03-06", "UTC", "no-clock"),
        ("2020-02-30T00:00Z", None, "time"),
        ("2020-13-01T00:00Z", None, "time"),
        ("2020-03-06T24:00Z", None, "time"),
        ("06/03/2020 12:00", "UTC", "time"),
        ("", "UTC", "time"),
        ("2020-03-06T00:00+99:99", None, "time"),
        ("2020-03-06T00:00", None, "no-zone"),
        ("2020-03-06T00:00 Mars/Base", None, "zone"),
        ("2020-10-25T02:30", "Europe/Berlin", "dst"),  # the clocks go back: twice
        ("2020-03-29T02:30", "Europe/Berlin", "dst"),  # the clocks go forward: never
    ],
)
def test_times_that_cannot_be_used(text: str, zone: str | None, code: str) -> None:
    with pytest.raises(InputError) as caught:
        read_time(text, zone=zone)
    assert caught.value.code == code


def test_strptime_with_and_without_a_zone_of_its_own() -> None:
    assert strptime_instant("06.03.2020 03:00", "%d.%m.%Y %H:%M", zone="Europe/Moscow") == MARCH_6_US
    assert strptime_instant("06.03.2020 01:00 +0100", "%d.%m.%Y %H:%M %z", zone=None) == MARCH_6_US
    with pytest.raises(InputError):
        strptime_instant("31.02.2020 03:00", "%d.%m.%Y %H:%M", zone="UTC")


@pytest.mark.parametrize(
    ("text", "unit_us", "expected_us"),
    [
        ("1583452800", 10**6, MARCH_6_US),
        ("1583452800250", 1000, MARCH_6_US + 250_000),
        ("-0.5", 10**6, -500_000),
    ],
)
def test_counts_since_1970(text: str, unit_us: int, expected_us: int) -> None:
    assert epoch_instant(text, unit_us=unit_us) == expected_us


@pytest.mark.parametrize("text", ["nan", "inf", "soon", "1e300"])
def test_counts_that_are_no_time(text: str) -> None:
    with pytest.raises(InputError):
        epoch_instant(text, unit_us=10**6)


def test_milliseconds_read_as_seconds_are_noticed() -> None:
    with pytest.raises(InputError) as caught:
        epoch_instant("1583452800250", unit_us=10**6)
    assert "milliseconds" in caught.value.hint


def test_days_are_half_open_and_local() -> None:
    span = read_days("2020-03-29/2020-03-30", zone="Europe/Berlin")
    assert span.duration_s == 47 * 3600  # the clocks go forward on the 29th
    assert read_days("2020-03-06", zone="UTC").start_us == MARCH_6_US
    for text in ("2020-02-30", "2020-03-07/2020-03-06", "yesterday", "9999-12-31"):
        with pytest.raises(InputError):
            read_days(text, zone="UTC")


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("33°30'21\"N", 33 + 30 / 60 + 21 / 3600),
        ("038 37 04.2 E", 38 + 37 / 60 + 4.2 / 3600),
        ("W 117 54.5", -(117 + 54.5 / 60)),
        ("-33:30:00", -33.5),
        ("33.5", 33.5),
        ("33,5", None),
        ("33°60'00\"N", None),
        ("33.5°30'N", None),
        ("N33°30'N", None),
        ("-33°30'S", None),
        ("north", None),
    ],
)
def test_degrees_minutes_seconds(text: str, degrees: float | None) -> None:
    seen = parse_dms(text)
    assert seen is None if degrees is None else seen == pytest.approx(degrees, abs=1e-12)


def test_numbers() -> None:
    assert read_number("-1.5e3") == -1500.0
    assert math.isnan(read_number("nan") or 0.0)
    assert [read_number(value) for value in ("", "1,5", "1_5", None, False, [])] == [None] * 6


def test_a_zone_is_never_guessed() -> None:
    with pytest.raises(UsageError) as caught:
        need_zone(None, what="x.csv")
    assert caught.value.code == "no-zone"
    assert caught.value.hint
    assert need_zone("Asia/Damascus", what="x.csv") == "Asia/Damascus"
