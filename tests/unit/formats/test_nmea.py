"""NMEA 0183: example sentences of public manuals, and what carries a date past midnight."""

from __future__ import annotations

import math

import pytest

from truceline.errors import UsageError
from truceline.formats.live import live_decoder
from truceline.formats.registry import detect, read_bytes
from truceline.model.evidence import Records
from truceline.timebase import parse_instant

# The examples that public descriptions of NMEA 0183 give (Baddeley; D. DePriest, "NMEA data"):
# 48 deg 07.038' N = 48.1173, 11 deg 31.000' E = 11.516667; 545.4 m above sea level, geoid 46.9 m
GGA = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47"
RMC = "$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A"
# 49 deg 16.45' N = 49.274167, 123 deg 11.12' W = -123.185333
GLL = "$GPGLL,4916.45,N,12311.12,W,225444,A,*1D"


def line(body: str) -> str:
    value = 0
    for character in body:
        value ^= ord(character)
    return f"${body}*{value:02X}"


def gga(clock: str, *, lat: str = "4807.038", quality: int = 1) -> str:
    return line(f"GPGGA,{clock},{lat},N,01131.000,E,{quality},08,0.9,545.4,M,46.9,M,,")


def rmc(clock: str, date: str) -> str:
    return line(f"GNRMC,{clock},A,4807.038,N,01131.000,E,0.0,0.0,{date},,,A")


def read(*lines: str, **options: object) -> Records:
    return read_bytes("\r\n".join(lines).encode("latin-1"), name="log.txt", format="nmea", **options)


def codes(records: Records) -> list[tuple[str, int | None, bool]]:
    return [(item.code, item.where.line, item.kept) for item in records.dropped]


def test_the_sentences_of_one_instant_are_one_fix() -> None:
    records = read(GGA, RMC, mover="patrol-1")
    (track,) = records.tracks
    assert track.mover.id == "patrol-1"
    assert track.t_us.tolist() == [parse_instant("1994-03-23T12:35:19Z")]
    assert track.lonlat_deg[0] == pytest.approx([11.516667, 48.1173], abs=1e-6)
    assert (track.altitude_m.tolist(), track.altitude_datum) == ([545.4], "msl")
    assert math.isnan(track.accuracy_m[0])
    assert (records.read_count, records.dropped) == (1, ())


def test_the_geoid_separation_of_the_sentence_makes_the_height_ellipsoidal() -> None:
    (track,) = read(GGA, RMC, height="ellipsoid").tracks
    assert track.altitude_m[0] == pytest.approx(545.4 + 46.9)
    assert track.altitude_datum == "ellipsoid"


def test_hdop_makes_an_estimate_only_where_the_ranging_error_is_stated() -> None:
    # HDOP 0.9 x 5 m = 4.5 m two-dimensional RMS; 95 % of a circular normal error is sqrt(-ln 0.05) = 1.7308 times that
    (track,) = read(GGA, RMC, ranging_error="5 m").tracks
    assert track.accuracy_m[0] == pytest.approx(4.5 * 1.7308, abs=1e-3)


def test_gst_states_the_accuracy() -> None:
    # sigmas 3 and 4 m: root mean square 3.5355 m an axis, times 2.4477
    (track,) = read(GGA, RMC, line("GPGST,123519,2.1,,,,3.0,4.0,5.0"), ranging_error="5 m").tracks
    assert track.accuracy_m[0] == pytest.approx(3.5355 * 2.4477, abs=1e-3)


def test_gll_and_gns_and_the_date_of_zda() -> None:
    gns = line("GNGNS,225445.00,4916.45,N,12311.12,W,AA,12,0.8,100.0,-17.5,,")
    (track,) = read(line("GPZDA,225444,14,06,2021,00,00"), GLL, gns).tracks
    assert track.t_us.tolist() == [
        parse_instant("2021-06-14T22:54:44Z"),
        parse_instant("2021-06-14T22:54:45Z"),
    ]
    assert track.lonlat_deg[0] == pytest.approx([-123.185333, 49.274167], abs=1e-6)
    assert track.altitude_m[1] == 100.0


def test_the_date_is_carried_forwards_backwards_and_past_midnight() -> None:
    lines = [
        gga("235958"),
        gga("235959"),
        rmc("000000", "010322"),
        gga("000001"),
        gga("235959"),
        gga("000000.50"),
    ]
    (track,) = read(*lines).tracks
    days = ["2022-02-28T23:59:58Z", "2022-02-28T23:59:59Z", "2022-03-01T00:00:00Z", "2022-03-01T00:00:01Z"]
    # the fifth line lies 23:59:58 after the fourth, which reads as running back over midnight
    assert track.t_us.tolist() == [
        *(parse_instant(day) for day in days[:2]),
        parse_instant(days[2]),
        parse_instant("2022-03-01T00:00:00.5Z"),
        parse_instant(days[3]),
    ]


def test_a_file_without_a_date_asks_for_it() -> None:
    with pytest.raises(UsageError, match="--option date=") as caught:
        read(GGA)
    assert caught.value.code == "no-date"
    (track,) = read(gga("235959"), gga("000000"), date="2022-02-28").tracks
    assert track.t_us.tolist() == [
        parse_instant("2022-02-28T23:59:59Z"),
        parse_instant("2022-03-01T00:00:00Z"),
    ]


def test_checksums_and_broken_sentences_are_named() -> None:
    records = read(
        RMC, GGA.replace("*47", "*48"), GGA.partition("*")[0], "$GPGGA,12", "noise", "$GPGSV,3,1,11*00"
    )
    assert codes(records) == [
        ("bad-checksum", 2, False),
        ("bad-checksum", 3, False),
        ("bad-checksum", 4, False),
        ("bad-sentence", 5, False),
    ]


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        (gga("123520", quality=0), "no-position"),
        (gga("123520", quality=6), "not-measured"),
        (gga("123520", quality=8), "not-measured"),
        (gga("123520", lat="4860.000"), "bad-number"),
        (line("GPRMC,123520,V,,,,,,,230394,,,N"), "no-position"),
        (line("GPGLL,4916.45,N,12311.12,W,123520,A,E"), "not-measured"),
        (line("GNGNS,123520,4916.45,N,12311.12,W,NN,00,,,,,"), "no-position"),
    ],
)
def test_what_is_no_measured_position_is_left_out(sentence: str, code: str) -> None:
    records = read(RMC, sentence)
    assert codes(records) == [(code, 2, False)]
    assert records.read_count == 2


def test_a_feed_without_a_date_takes_the_day_nearest_to_the_reception() -> None:
    decoder = live_decoder("nmea", name="serial", mover="patrol-1")
    received_us = parse_instant("2022-03-01T00:00:02Z")
    assert (
        len(decoder.feed(f"{gga('235959')}\r\n".encode(), received_us)) == 0
    )  # the instant may have more to say
    batch = decoder.feed(f"{gga('000001')}\r\n".encode(), received_us)
    assert batch.t_us.tolist() == [parse_instant("2022-02-28T23:59:59Z")]
    assert decoder.finish(received_us).t_us.tolist() == [parse_instant("2022-03-01T00:00:01Z")]
    assert decoder.mover_ids == ["patrol-1"]


def test_it_is_recognised() -> None:
    assert detect("x.log", f"{GGA}\r\n".encode()) == "nmea"
