"""ADS-B: the examples that readsb's and BaseStation's public descriptions give."""

from __future__ import annotations

import json
import math

import pytest

from truceline.errors import UsageError
from truceline.formats.live import live_decoder
from truceline.formats.registry import detect, read_bytes
from truceline.timebase import parse_instant

NOW_S = 1_583_452_800.0  # 2020-03-06T00:00Z
FOOT_M = 0.3048


def snapshot(now_s: float, **more: object) -> dict[str, object]:
    aircraft = {"hex": "a2fcf2", "flight": "ASA541  ", "alt_baro": 5400, "alt_geom": 5650, "category": "A3",
                "lat": 47.143753, "lon": -122.320953, "seen_pos": 0.5, "nac_p": 10, "type": "adsb_icao"}  # fmt: skip
    return {"now": now_s, "messages": 1, "aircraft": [aircraft | more]}


def read(*trees: object, **options: object):
    data = "\n".join(json.dumps(tree) for tree in trees).encode()
    return read_bytes(data, name="aircraft.json", format="readsb-json", **options)


def test_a_snapshot() -> None:
    records = read(snapshot(NOW_S))
    (track,) = records.tracks
    assert (track.mover.id, track.mover.name, track.mover.mover_class) == (
        "icao:a2fcf2",
        "ASA541",
        "fixed-wing",
    )
    assert track.t_us.tolist() == [1_583_452_799_500_000]  # half a second before the snapshot
    assert track.lonlat_deg.tolist() == [[-122.320953, 47.143753]]
    assert track.accuracy_m.tolist() == [10.0]  # NACp 10: less than 10 m, 95 %
    assert track.altitude_m[0] == pytest.approx(5650 * FOOT_M)
    assert (track.altitude_datum, track.longest_gap_s) == ("ellipsoid", 60.0)
    (track,) = read(snapshot(NOW_S), height="barometric").tracks
    assert (track.altitude_m[0], track.altitude_datum) == (pytest.approx(5400 * FOOT_M), "baro")


def test_a_position_that_comes_again_is_one_fix() -> None:
    records = read(snapshot(NOW_S), snapshot(NOW_S + 1, seen_pos=1.6), snapshot(NOW_S + 2, lat=47.15))
    assert records.tracks[0].t_us.tolist() == [1_583_452_799_500_000, 1_583_452_801_500_000]
    assert [(item.code, item.kept) for item in records.dropped] == [("repeated-position", True)]
    assert records.read_count == 2


def test_the_ground_is_a_datum_of_its_own_and_is_never_mixed_in() -> None:
    records = read(
        snapshot(NOW_S, alt_baro="ground"), snapshot(NOW_S + 10, lat=47.2), snapshot(NOW_S + 20, lat=47.3)
    )
    (track,) = records.tracks
    assert track.altitude_datum == "ellipsoid"
    assert math.isnan(track.altitude_m[0])
    assert [(item.code, item.kept) for item in records.dropped] == [("mixed-datum", True)]


def test_what_cannot_be_used_is_named() -> None:
    records = read(
        snapshot(NOW_S),
        snapshot(NOW_S, hex="xyz", lat=1.0),
        snapshot(NOW_S, seen_pos=None, lat=1.0),
        snapshot(NOW_S, lat=147.0, lon=20.0),
        snapshot(NOW_S, lat=None, lon=None),
        {"now": NOW_S},
    )
    assert [(item.code, item.where.line) for item in records.dropped] == [
        ("no-mover", 2),
        ("no-time", 3),
        ("swapped?", 4),
        ("bad-json", 6),
    ]
    assert records.read_count == 5


def test_a_trace() -> None:
    # the example of readsb's README-json.md, shortened
    tree = {"icao": "0d8300", "r": "YV3382", "timestamp": 1609275898.495, "trace": [
        [0.0, 30.404617, -86.476566, -300, 0.7, 0.0, 1, 0, {"alt_geom": -75, "category": "A1", "nac_p": 10}],
        [95.1, 30.404617, -86.476575, -300, 0.7, 0.0, 8, 0, None],
        [254.4, 30.375614, -86.448889, "ground", 37.8, 142.5, 1, 64, None],
        [303.2, 30.347078, -86.418896, 1275, 171.9, 136.7, 1, 448, None],
    ]}  # fmt: skip
    batch = live_decoder("readsb-json").feed(json.dumps(tree).encode(), 0, whole=True)
    assert batch.t_us.tolist() == [
        1609275898495000,
        1609275993595000,
        1609276152895000,
        1609276201695000,
    ]
    assert batch.altitude_m == pytest.approx([-75 * FOOT_M, -300 * FOOT_M, 0.0, 1275 * FOOT_M])
    assert batch.datum.tolist() == [
        1,
        1,
        4,
        3,
    ]  # geometric, geometric by its flag, on the ground, by pressure
    assert batch.accuracy_m.tolist() == [10.0] * 4


def test_milliseconds_and_the_reception_where_there_is_no_now() -> None:
    decoder = live_decoder("readsb-json")
    tree = snapshot(NOW_S * 1000)
    assert decoder.feed(json.dumps(tree).encode() + b"\n", 7).t_us.tolist() == [1_583_452_799_500_000]
    tree = snapshot(NOW_S, lat=47.2)
    del tree["now"]
    assert decoder.feed(json.dumps(tree).encode() + b"\n", 10_000_000).t_us.tolist() == [9_500_000]


# The lines that a public description of the socket data of BaseStation gives.
MSG = "MSG,3,5,211,4CA2D6,10057,2008/11/28,14:53:50.594,2008/11/28,14:58:51.153,,37000,,,51.45735,-1.02826,,,0,0,0,0"
CALL = "MSG,1,5,211,4CA2D6,10057,2008/11/28,14:53:50.594,2008/11/28,14:58:51.153,EIN77R,,,,,,,,,,,"


def sbs(*lines: str, **options: object):
    return read_bytes("\r\n".join(lines).encode(), name="x.sbs", format="sbs1", **options)


def test_a_line_of_basestation() -> None:
    records = sbs(
        "STA,,5,179,400AE7,10103,2008/11/28,14:58:51.153,2008/11/28,14:58:51.153,RM", CALL, MSG, zone="UTC"
    )
    (track,) = records.tracks
    assert (track.mover.id, track.mover.name) == ("icao:4ca2d6", "EIN77R")
    assert track.t_us.tolist() == [parse_instant("2008-11-28T14:53:50.594Z")]
    assert track.lonlat_deg.tolist() == [[-1.02826, 51.45735]]
    assert (track.altitude_m[0], track.altitude_datum) == (
        pytest.approx(11277.6),
        "baro",
    )  # 37,000 ft x 0.3048
    assert (records.read_count, records.dropped) == (1, ())


def test_which_of_the_two_times_and_whose_zone() -> None:
    (track,) = sbs(MSG, zone="Europe/Paris", stamp="logged").tracks
    assert track.t_us.tolist() == [parse_instant("2008-11-28T13:58:51.153Z")]
    with pytest.raises(UsageError) as caught:
        sbs(MSG)
    assert caught.value.code == "no-zone"
    assert live_decoder("sbs1").feed(MSG.encode() + b"\n", 5).t_us.tolist() == [5]


def test_lines_that_cannot_be_used_are_named() -> None:
    records = sbs(
        MSG, MSG.replace("4CA2D6", "zz"), "MSG,3,5", "rubbish", MSG.replace("14:53", "25:53"), zone="UTC"
    )
    assert [(item.code, item.where.line) for item in records.dropped] == [
        ("no-mover", 2),
        ("bad-row", 3),
        ("bad-row", 4),
        ("bad-time", 5),
    ]


def test_both_are_recognised() -> None:
    assert detect("x.json", json.dumps(snapshot(NOW_S)).encode()) == "readsb-json"
    assert detect("x.txt", MSG.encode()) == "sbs1"
