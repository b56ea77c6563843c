"""Truceline's own fixes as JSON lines."""

from __future__ import annotations

import json

import pytest

from truceline.errors import UsageError
from truceline.formats.live import live_decoder
from truceline.formats.registry import detect, read_bytes
from truceline.model.evidence import Records

FIX = {"mover": "p", "t": "2020-03-06T00:00:00Z", "lon_deg": 36.6, "lat_deg": 35.8}
T_US = 1_583_452_800_000_000


def read(*trees: object, **options: object) -> Records:
    data = "\n".join(tree if isinstance(tree, str) else json.dumps(tree) for tree in trees).encode()
    return read_bytes(data, name="x.jsonl", format="fix-jsonl", **options)


def test_a_fix_with_everything() -> None:
    more = {
        "accuracy_m": 15,
        "altitude_m": 400,
        "altitude_datum": "msl",
        "party": "russia",
        "class": "vehicle",
    }
    (track,) = read(FIX | more | {"name": "Patrol"}).tracks
    assert (track.mover.party, track.mover.mover_class, track.mover.name) == ("russia", "vehicle", "Patrol")
    assert (track.t_us.tolist(), track.lonlat_deg.tolist()) == ([T_US], [[36.6, 35.8]])
    assert (track.accuracy_m[0], track.altitude_m[0], track.altitude_datum) == (15.0, 400.0, "msl")


def test_times() -> None:
    count = {key: value for key, value in FIX.items() if key != "t"} | {"t_us": T_US + 1}
    assert read(FIX, count).tracks[0].t_us.tolist() == [T_US, T_US + 1]
    with pytest.raises(UsageError) as caught:
        read(FIX | {"t": "2020-03-06T00:00:00"})
    assert caught.value.code == "no-zone"
    del count["t_us"]
    assert live_decoder("fix-jsonl").feed(json.dumps(count).encode() + b"\n", 9).t_us.tolist() == [9]


def test_what_cannot_be_used_is_named() -> None:
    records = read(
        FIX,
        "{",
        "[1]",
        FIX | {"accuracy": 5},
        FIX | {"mover": ""},
        FIX | {"t": None},
        FIX | {"t": None, "t_us": "soon"},
        FIX | {"lon_deg": "NaN"},
        FIX | {"t": "2020-03-06T00:00:01Z", "accuracy_m": -1, "altitude_datum": "sea", "class": "ship"},
    )
    assert [(item.code, item.where.line, item.kept) for item in records.dropped] == [
        ("bad-json", 2, False),
        ("bad-json", 3, False),
        ("bad-json", 4, False),
        ("no-mover", 5, False),
        ("no-time", 6, False),
        ("bad-time", 7, False),
        ("not-finite", 8, False),
        ("bad-altitude", 9, True),
        ("bad-accuracy", 9, True),
        ("unknown-class", 9, True),
    ]
    assert "accuracy" in records.dropped[2].seen
    assert records.read_count == 9


def test_it_is_recognised() -> None:
    assert detect("x.jsonl", json.dumps(FIX).encode()) == "fix-jsonl"
