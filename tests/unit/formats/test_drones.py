"""Decoded MAVLink and Remote ID: fields and units by the public message definitions."""

from __future__ import annotations

import json
import math

import pytest

from truceline.formats.live import live_decoder
from truceline.formats.registry import detect, read_bytes
from truceline.model.evidence import Records
from truceline.timebase import parse_instant

T_S = 1_583_452_800.25  # 2020-03-06T00:00:00.25Z
POSITION = {"mavpackettype": "GLOBAL_POSITION_INT", "time_boot_ms": 5000, "lat": 358000000, "lon": 366000000,
            "alt": 512500, "relative_alt": 20000, "vx": 0, "vy": 0, "vz": 0, "hdg": 0}  # fmt: skip
RAW = {"mavpackettype": "GPS_RAW_INT", "time_usec": 1_583_452_800_000_000, "fix_type": 3, "lat": 358000100,
       "lon": 366000100, "alt": 513000, "eph": 90, "epv": 120}  # fmt: skip


def logged(data: dict[str, object], stamp: float | None = T_S, system: int = 1) -> dict[str, object]:
    meta = {"type": data["mavpackettype"], "srcSystem": system} | ({"timestamp": stamp} if stamp else {})
    return {"meta": meta, "data": data}


def lines(*trees: object) -> bytes:
    return "\n".join(json.dumps(tree) for tree in trees).encode()


def mavlink(*trees: object, **options: object) -> Records:
    return read_bytes(lines(*trees), name="x.jsonl", format="mavlink-log", **options)


def codes(records: Records) -> list[tuple[str, int | None]]:
    return [(item.code, item.where.line) for item in records.dropped]


@pytest.mark.parametrize(
    "tree",
    [
        logged(POSITION),
        {"header": {"system_id": 1, "timestamp": T_S}, "message": POSITION | {"type": "GLOBAL_POSITION_INT"}},
        POSITION | {"timestamp": T_S, "srcSystem": 1},
    ],
)
def test_a_position_however_the_decoder_nests_it(tree: object) -> None:
    (track,) = mavlink(tree).tracks
    assert (track.mover.id, track.mover.mover_class) == ("mavlink:1", "uav")
    assert track.t_us.tolist() == [1_583_452_800_250_000]
    assert track.lonlat_deg[0] == pytest.approx([36.6, 35.8], abs=1e-12)
    assert (track.altitude_m.tolist(), track.altitude_datum) == ([512.5], "msl")
    assert math.isnan(track.accuracy_m[0])


def test_the_receivers_own_positions_only_where_asked_and_the_estimate_from_its_hdop() -> None:
    records = mavlink(logged(RAW), logged(POSITION), ranging_error="5 m")
    (track,) = records.tracks
    assert len(track) == records.read_count == 1
    assert track.accuracy_m[0] == pytest.approx(0.9 * 5 * 1.7308, abs=1e-3)  # HDOP 0.90; see test_nmea
    (track,) = mavlink(logged(RAW, stamp=None), logged(POSITION), message="GPS_RAW_INT").tracks
    assert track.t_us.tolist() == [1_583_452_800_000_000]
    assert track.altitude_m.tolist() == [513.0]


def test_time_since_boot_needs_the_message_that_says_when_that_was() -> None:
    # at boot + 4 s it was 00:00:04, so boot + 5 s is 00:00:05
    when = {"mavpackettype": "SYSTEM_TIME", "time_unix_usec": 1_583_452_804_000_000, "time_boot_ms": 4000}
    records = mavlink(logged(POSITION, None), logged(when, None), logged(POSITION, None))
    assert codes(records) == [("no-time", 1)]
    assert records.tracks[0].t_us.tolist() == [1_583_452_805_000_000]
    decoder = live_decoder("mavlink-log")
    assert decoder.feed(lines(logged(POSITION, None)) + b"\n", 77).t_us.tolist() == [77]


def test_csv_with_and_without_the_message_in_the_header() -> None:
    plain = b"timestamp,time_boot_ms,lat,lon,alt,relative_alt\n1583452800.25,5000,358000000,366000000,512500,20000\n"
    named = (
        b"timestamp,GLOBAL_POSITION_INT.lat,GLOBAL_POSITION_INT.lon,GLOBAL_POSITION_INT.alt,GPS_RAW_INT.lat\n"
        b"1583452800.25,358000000,366000000,512500,\n1583452800.5,,,,1\n1583452801\n"
    )
    for data in (plain, named):
        records = read_bytes(data, name="x.csv", format="mavlink-log")
        (track,) = records.tracks
        assert track.t_us.tolist() == [1_583_452_800_250_000]
        assert track.lonlat_deg[0] == pytest.approx([36.6, 35.8], abs=1e-12)
    assert codes(records) == [("bad-row", 4)]


def test_no_fix_yet_is_left_out() -> None:
    records = mavlink(
        logged(POSITION | {"lat": 0, "lon": 0}), logged(POSITION), logged({"mavpackettype": "ATTITUDE"})
    )
    assert codes(records) == [("no-position", 1)]
    assert records.read_count == 2


# ---------------------------------------------------------------- Remote ID

LOCATION = {"Latitude": 35.8, "Longitude": 36.6, "AltitudeGeo": 512.5, "AltitudeBaro": 480.0, "Height": 20.0,
            "HorizAccuracy": 11, "Timestamp": 35990}  # fmt: skip
HEARD = {"received": "2024-05-01T10:59:58Z", "MAC": "60:60:1f:00:00:01"}


def remote_id(*trees: object, **options: object) -> Records:
    return read_bytes(lines(*trees), name="x.jsonl", format="remote-id-log", **options)


def test_a_location_takes_its_hour_from_the_reception() -> None:
    (track,) = remote_id(HEARD | {"BasicID": {"UASID": "1581F0A1"}, "Location": LOCATION}).tracks
    assert (track.mover.id, track.mover.mover_class) == ("uas:1581F0A1", "uav")
    assert track.t_us.tolist() == [parse_instant("2024-05-01T10:59:59Z")]  # 3,599.0 s after the hour
    assert track.accuracy_m.tolist() == [3.0]  # code 11: less than 3 m
    assert (track.altitude_m.tolist(), track.altitude_datum) == ([512.5], "ellipsoid")


@pytest.mark.parametrize(
    ("received", "tenths", "wanted"),
    [
        ("2024-05-01T11:00:01Z", 35990, "2024-05-01T10:59:59Z"),  # heard just after the hour had changed
        ("2024-05-01T10:59:59Z", 5, "2024-05-01T11:00:00.5Z"),  # the aircraft's clock is ahead
        ("2024-05-01T00:00:00Z", 36000, "2024-05-01T00:00:00Z"),
    ],
)
def test_the_hour_that_makes_it_nearest(received: str, tenths: int, wanted: str) -> None:
    tree = LOCATION | {"uas_id": "a", "rx_time": received, "Timestamp": tenths}
    assert remote_id(tree).tracks[0].t_us.tolist() == [parse_instant(wanted)]


def test_the_unit_of_the_timestamp_and_the_id_heard_before() -> None:
    trees = (HEARD | {"UASID": "b"}, HEARD | LOCATION | {"Timestamp": 3599.5})
    assert codes(remote_id(*trees)) == [("bad-time", 2)]
    (track,) = remote_id(*trees, timestamp_unit="s").tracks
    assert (track.mover.id, track.t_us.tolist()) == ("uas:b", [parse_instant("2024-05-01T10:59:59.5Z")])


def test_unknown_values_and_the_order_of_heights() -> None:
    unknown = {"AltitudeGeo": -1000, "HorizAccuracy": 0, "Timestamp": 65535}
    (track,) = remote_id(HEARD | LOCATION | unknown).tracks
    assert (track.altitude_m.tolist(), track.altitude_datum) == ([480.0], "baro")
    assert math.isnan(track.accuracy_m[0])
    assert track.t_us.tolist() == [parse_instant("2024-05-01T10:59:58Z")]
    over_ground = unknown | {"AltitudeBaro": -1000, "HeightType": 1}
    (track,) = remote_id(HEARD | LOCATION | over_ground).tracks
    assert (track.altitude_m.tolist(), track.altitude_datum) == ([20.0], "agl")


def test_what_cannot_be_used_is_named() -> None:
    records = remote_id(
        HEARD | LOCATION, LOCATION, LOCATION | {"UASID": "a"}, HEARD | {"Latitude": 0, "Longitude": 0}, [1]
    )
    assert codes(records) == [("no-mover", 2), ("no-time", 3), ("no-position", 4), ("bad-json", 5)]


def test_both_are_recognised() -> None:
    assert detect("x.jsonl", lines(logged(POSITION))) == "mavlink-log"
    assert detect("x.jsonl", lines(HEARD | {"UASID": "a"} | LOCATION)) == "remote-id-log"
