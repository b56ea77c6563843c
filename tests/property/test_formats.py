"""Laws of every reader: nothing is lost silently, nothing crashes, the order of a file does not matter."""

from __future__ import annotations

import csv
import io
import json
import math
import string
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.errors import TrucelineError
from truceline.formats.registry import formats, read_bytes
from truceline.formats.values import Fault, check_position
from truceline.model.evidence import Records

HEAD = ["MMSI", "BaseDateTime", "LAT", "LON"]
NUMBERS = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.floats(-90, 90).map(repr),
    st.sampled_from(["", "181", "91", "abc", "1e309", "-0", "1_0", "٣٦"]),
)
TIMES = st.one_of(
    st.integers(0, 59).map(lambda s: f"2022-01-03T00:00:{s:02}"),
    st.sampled_from(
        ["", "2022-02-30T00:00:00", "2022-01-03", "2016-12-31T23:59:60", "x", "2022-01-03T00:00:00+99:99"]
    ),
)
ROWS = st.lists(
    st.tuples(st.sampled_from(["367000001", "367000002", "", "5"]), TIMES, NUMBERS, NUMBERS).map(list),
    max_size=25,
)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-200, 200) | st.floats() | st.text(string.printable, max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abct", max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)
GEOMETRIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Point", "LineString", "MultiLineString", "Polygon"]) | JSON,
        "coordinates": JSON,
    }
)
_NAMES = (
    "act", "date", "time", "times", "coordTimes", "mover", "party", "class", "armed", "accuracy", "id", "zone",
    "name", "num", "exercise", "radius",
)  # fmt: skip
PROPERTIES = st.dictionaries(
    st.sampled_from(
        [
            "act",
            "date",
            "time",
            "times",
            "coordTimes",
            "mover",
            "party",
            "class",
            "armed",
            "accuracy",
            "id",
            "zone",
            "name",
            "num",
            "exercise",
            "radius",
        ]
    ),
    JSON | TIMES | st.sampled_from(["shelling", "2020-01-01", "15 m", "vehicle"]),
    max_size=6,
)
FEATURES = st.lists(
    JSON
    | st.fixed_dictionaries(
        {"type": st.just("Feature"), "geometry": GEOMETRIES | JSON, "properties": PROPERTIES}
    ),
    max_size=6,
)


def reconciles(records: Records) -> bool:
    kept = sum(map(len, records.tracks)) + len(records.paths) + len(records.reports)
    return records.read_count == kept + records.dropped_count


def ais(rows: list[list[str]]) -> Records:
    stream = io.StringIO()
    csv.writer(stream).writerows([HEAD, *rows])
    return read_bytes(stream.getvalue().encode(), name="a.csv", format="ais-csv")


@given(ROWS)
@settings(deadline=None, max_examples=60)
def test_rows_are_kept_or_accounted_for(rows: list[list[str]]) -> None:
    records = ais(rows)
    assert records.read_count == sum(any(cell.strip() for cell in row) for row in rows)
    assert reconciles(records)
    assert all(item.where.line and item.seen and item.outcome for item in records.dropped)


@given(ROWS, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=40)
def test_the_order_of_rows_changes_no_track_but_for_conflicts(rows: list[list[str]], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)
    one, two = ais(rows), ais(shuffled)
    if any(item.code == "conflict" for item in (*one.dropped, *two.dropped)):
        return
    tracks = [
        {track.mover.id: (track.t_us.tolist(), track.lonlat_deg.tolist()) for track in records.tracks}
        for records in (one, two)
    ]
    assert tracks[0] == tracks[1]


@given(FEATURES)
@settings(deadline=None, max_examples=150)
def test_any_json_is_read_or_refused_with_a_reason(features: list[Any]) -> None:
    data = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    try:
        records = read_bytes(data, name="x.geojson", format="geojson", zone="UTC")
    except TrucelineError as error:
        assert error.code
        return
    assert reconciles(records)


@given(st.binary(max_size=200), st.sampled_from([item.id for item in formats()]))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_read_or_refused_with_a_reason(data: bytes, id: str) -> None:
    try:
        records = read_bytes(data, name="x", format=id, zone="UTC")
    except TrucelineError as error:
        assert error.code
        return
    assert reconciles(records)


@given(NUMBERS, NUMBERS)
def test_a_position_is_in_range_or_has_a_fault(lon: str, lat: str) -> None:
    checked = check_position(lon, lat)
    if isinstance(checked, Fault):
        assert checked.code in {"no-position", "bad-number", "not-finite", "swapped?", "out-of-range"}
    else:
        assert abs(checked[0]) <= 180
        assert abs(checked[1]) <= 90
        assert all(math.isfinite(value) for value in checked)
