"""GeoJSON: tracks, paths and reports."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from truceline.errors import FormatError, UsageError
from truceline.formats.registry import read_bytes
from truceline.model.evidence import Records

T0 = "2020-03-06T00:00:00Z"
T0_US = 1_583_452_800_000_000


def feature(kind: str | None, coordinates: Any, properties: Any = None, **more: Any) -> dict[str, Any]:
    geometry = None if kind is None else {"type": kind, "coordinates": coordinates}
    return {"type": "Feature", "geometry": geometry, "properties": properties, **more}


def read(*features: Any, top: dict[str, Any] | None = None, **options: object) -> Records:
    tree = {"type": "FeatureCollection", "features": list(features), **(top or {})}
    return read_bytes(json.dumps(tree).encode(), name="x.geojson", **options)


def codes(records: Records) -> list[tuple[str, str, bool]]:
    return [(item.code, item.where.path, item.kept) for item in records.dropped]


@pytest.mark.parametrize(
    "properties",
    [
        {"coordTimes": [T0, "2020-03-06T00:01:00Z"]},
        {"times": [T0, "2020-03-06T00:01:00Z"]},
        {"coordinateProperties": {"times": [T0, "2020-03-06T00:01:00Z"]}},
    ],
)
def test_a_line_with_times_is_a_track(properties: dict[str, Any]) -> None:
    more = {
        "mover": "p1",
        "party": "turkey",
        "class": "vehicle",
        "armed": True,
        "accuracy": "15 m",
        "name": "Patrol 1",
    }
    records = read(feature("LineString", [[36.0, 35.0, 120.0], [36.1, 35.1]], {**properties, **more}))
    (track,) = records.tracks
    assert (track.mover.id, track.mover.party, track.mover.mover_class) == ("p1", "turkey", "vehicle")
    assert (track.mover.armed, track.mover.name) == (True, "Patrol 1")
    assert track.t_us.tolist() == [T0_US, T0_US + 60_000_000]
    assert track.lonlat_deg.tolist() == [[36.0, 35.0], [36.1, 35.1]]
    assert track.accuracy_m.tolist() == [15.0, 15.0]
    assert track.altitude_m[0] == 120.0
    assert math.isnan(track.altitude_m[1])
    assert track.altitude_datum == "ellipsoid"  # RFC 7946, section 3.1.1
    assert records.dropped == ()


def test_parts_of_a_line_are_segments_and_lines_of_one_mover_are_one_track() -> None:
    parts = [[[36, 35], [36.1, 35]], [], [[36.2, 35]]]
    times = [[T0, "2020-03-06T00:01:00Z"], [], ["2020-03-06T00:02:00Z"]]
    records = read(
        feature("MultiLineString", parts, {"mover": "p1", "times": times}),
        feature("LineString", [[36.3, 35]], {"mover": "p1", "times": ["2020-03-06T00:03:00Z"]}),
    )
    (track,) = records.tracks
    assert track.segment_starts == (2, 3)
    assert codes(records) == [("empty-segment", "features[0].geometry.coordinates[1]", True)]


def test_points_with_a_time_are_grouped_by_mover() -> None:
    records = read(
        feature("Point", [36, 35], {"mover": "a", "time": "2020-03-06T00:01:00Z"}),
        feature("Point", [37, 35], {"mover": "b", "time": T0, "exercise": True}),
        feature("Point", [36.1, 35], {"mover": "a", "time": T0}),
        feature("Point", [38, 35], {"time": T0}, id=7),
    )
    assert [(track.mover.id, len(track), track.exercise) for track in records.tracks] == [
        ("a", 2, False),
        ("b", 1, True),
        ("7", 1, False),
    ]
    assert codes(records) == [("out-of-order", "features[2]", True)]


def test_a_line_with_only_a_date_is_a_path_never_a_track() -> None:
    line = feature(
        "LineString", [[117.3, 23.3], [118.0, 22.6]], {"date": "2022-08-01", "count": 4, "kind": "J-16"}
    )
    with pytest.raises(UsageError) as caught:
        read(line)
    assert caught.value.code == "no-zone"
    records = read(
        line,
        feature(
            "MultiLineString", [[[1, 2], [3, 4]], [[5, 6], [7, 8]]], {"date": "2022-08-02", "count": "many"}
        ),
        zone="Asia/Taipei",
        accuracy="10 km",
        mover_class="fixed-wing",
        name_property="kind",
        count_property="count",
    )
    assert records.tracks == ()
    assert [path.mover.id for path in records.paths] == ["x#1", "x#2/1", "x#2/2"]
    first = records.paths[0]
    assert (first.mover.name, first.movers_count, first.accuracy_m) == ("J-16", 4, 10_000.0)
    # 1 August 2022, 00:00 in Taipei (UTC+8) is 31 July, 16:00Z: 19,205 days from 1970 to 1 August 2022
    assert first.span.start_us == (19_205 * 24 - 8) * 3_600_000_000
    assert first.span.duration_s == 86_400
    assert records.paths[1].movers_count is None
    assert [code for code, *_ in codes(records)] == ["bad-value", "bad-value"]


def test_a_path_with_a_bad_position_is_left_out_whole() -> None:
    records = read(
        feature("LineString", [[1, 2], [3, 95], [5, 6]], {"date": "2022-08-01"}),
        feature("LineString", [[1, 2]], {"date": "2022-08-01"}),
        feature("LineString", [[1, 2], [3]], {"date": "2022-08-01"}),
        feature("LineString", [[1, 2], [3, 4]], {"date": "2022-02-30"}),
        zone="UTC",
    )
    assert codes(records) == [
        ("swapped?", "features[0].geometry.coordinates[1]", False),
        ("too-short", "features[1].geometry.coordinates", False),
        ("no-position", "features[2].geometry.coordinates[1]", False),
        ("bad-time", "features[3].geometry.coordinates", False),
    ]
    assert (records.read_count, records.paths) == (4, ())


def test_a_point_with_an_act_is_a_report() -> None:
    properties = {
        "id": "r1",
        "act": "shelling",
        "date": "2020-02-27",
        "radius": "2 km",
        "party": "syria",
        "attribution": "probable",
        "origins": ["SOHR", "Anadolu"],
        "deaths_best": 34,
        "text": "34 soldiers died",
        "colour": "red",
    }
    records = read(
        feature("Point", [36.6, 35.6], properties),
        feature(None, None, {**properties, "id": "r2", "radius": None, "place": "Balyun"}),
        feature("Point", [36.6], {**properties, "id": "r3"}),
        zone="Asia/Damascus",
    )
    first, second = records.reports
    assert (first.id, first.act, first.where.lonlat_deg, first.where.radius_m) == (
        "r1",
        "shelling",
        (36.6, 35.6),
        2000,
    )
    assert (first.origins, first.deaths.best, first.when.precision) == (("SOHR", "Anadolu"), 34, "day")
    assert (second.where.lonlat_deg, second.where.precision, second.where.name) == (None, "unknown", "Balyun")
    assert codes(records) == [("bad-number", "features[2]", False)]
    assert records.read_count == 3


def test_every_oddity_of_a_fix_has_its_outcome() -> None:
    good = {"mover": "a", "time": T0}
    records = read(
        feature("Point", [36, 35], good),
        feature("Point", [float("nan"), 35], good),
        feature("Point", [36, float("inf")], good),
        feature("Point", [35, 136], good),
        feature("Point", [-720, 35], good),
        feature("Point", [], good),
        feature("Point", None, good),
        feature("Point", ["36", None], good),
        feature("Point", [36, 35], {"mover": "a"}),
        feature("Point", [36, 35], {"mover": "a", "time": 1583452800}),
        feature("Point", [36, 35], {"mover": "a", "time": "2020-03-06"}),
        feature("Point", [36, 35], {"mover": "a", "time": "2020-02-30T00:00Z"}),
        feature("Point", [36, 35], {"mover": "a", "time": "2020-03-06T00:00"}),
        feature(
            "Point",
            [36, 35, "high"],
            {"mover": "a", "time": "2020-03-06T00:01Z", "accuracy": 5, "class": "tnk"},
        ),
        feature("Point", [36, 35], good),
        feature("Point", [36.5, 35], good),
        feature("LineString", [[1, 2], [3, 4]], {"times": [T0]}),
        feature("LineString", [[1, 2], [3, 4]], {}),
        feature("LineString", None, {"times": [T0]}),
        feature("Polygon", [[[1, 2], [3, 4], [5, 6], [1, 2]]], {"act": "shelling"}),
        feature(None, None, None),
        "not a feature",
    )
    assert [(code, path.partition(".")[0], kept) for code, path, kept in codes(records)] == [
        ("not-finite", "features[1]", False),
        ("not-finite", "features[2]", False),
        ("swapped?", "features[3]", False),
        ("out-of-range", "features[4]", False),
        ("no-position", "features[5]", False),
        ("no-position", "features[6]", False),
        ("no-position", "features[7]", False),
        ("no-time", "features[8]", False),
        ("bad-time", "features[9]", False),
        ("no-time", "features[10]", False),
        ("bad-time", "features[11]", False),
        ("no-zone", "features[12]", False),
        ("bad-altitude", "features[13]", True),
        ("bad-accuracy", "features[13]", True),
        ("times-mismatch", "features[16]", False),
        ("no-time", "features[17]", False),
        ("bad-feature", "features[18]", False),
        ("not-a-record", "features[19]", False),
        ("not-a-record", "features[20]", False),
        ("bad-feature", "features[21]", False),
        ("out-of-order", "features[14]", True),
        ("duplicate", "features[14]", False),
        ("conflict", "features[15]", False),
    ]
    assert records.read_count == 22 == sum(map(len, records.tracks)) + records.dropped_count


def test_an_unknown_class_is_kept_as_not_known() -> None:
    records = read(feature("Point", [36, 35], {"time": T0, "class": "tnk"}))
    assert records.tracks[0].mover.mover_class is None
    assert codes(records) == [("unknown-class", "features[0]", True)]
    assert "'tank'" in records.dropped[0].outcome


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::32637", "EPSG:3857", None])
def test_other_coordinates_than_wgs84_are_refused(name: str | None) -> None:
    with pytest.raises(FormatError) as caught:
        read(top={"crs": {"type": "name", "properties": {"name": name}}})
    assert caught.value.code == "crs"


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_wgs84_under_its_names_is_read(name: str) -> None:
    assert read(top={"crs": {"type": "name", "properties": {"name": name}}}).read_count == 0


@pytest.mark.parametrize(
    "data", [b'{"type": "Topology"}', b"[1]", b'{"type": "FeatureCollection"}', b'{"type": ["Feature"]}']
)
def test_other_json_is_refused(data: bytes) -> None:
    with pytest.raises(FormatError) as caught:
        read_bytes(data, name="x.geojson", format="geojson")
    assert caught.value.code == "geojson"


def test_a_single_feature_and_a_bare_geometry() -> None:
    single = json.dumps(feature("LineString", [[1, 2], [3, 4]], {"times": [T0, "2020-03-06T00:01:00Z"]}))
    assert read_bytes(single.encode(), name="p1.geojson").tracks[0].mover.id == "p1"
    bare = read_bytes(b'{"type": "Point", "coordinates": [1, 2]}', name="p1.geojson")
    assert [item.code for item in bare.dropped] == ["no-time"]
