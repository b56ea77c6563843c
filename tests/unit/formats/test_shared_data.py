"""The readers on real data. Counts are taken a second way: by the csv and json modules, gpxpy, and plain text."""

from __future__ import annotations

import csv
import itertools
import json
import re
import time
from collections import Counter
from datetime import date, datetime
from pathlib import Path

import gpxpy
import numpy as np
import pytest

from truceline.errors import UsageError
from truceline.formats.registry import detect, read_file
from truceline.model.evidence import Records

pytestmark = pytest.mark.shared


def reconciles(records: Records) -> bool:
    kept = sum(map(len, records.tracks)) + len(records.paths) + len(records.reports)
    return records.read_count == kept + records.dropped_count


def of_data(shared_dir: Path, name: str) -> Path:
    path = shared_dir / "data" / name
    if not path.exists():
        pytest.skip(f"{name} is not in the shared folder")
    return path


# ---------------------------------------------------------------- AIS


def test_ais_sample_against_a_plain_count(shared_dir: Path) -> None:
    path = of_data(shared_dir, "tracks/ais_us_20220103_sample.csv")
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    began = time.perf_counter()
    records = read_file(path)
    assert time.perf_counter() - began < 15  # a few seconds on a busy machine
    assert records.source.format == "ais-csv"
    assert records.read_count == len(rows) == 99_999
    assert reconciles(records)
    instants = {(row["MMSI"], row["BaseDateTime"]) for row in rows}
    whole = {(row["MMSI"], row["BaseDateTime"], float(row["LON"]), float(row["LAT"])) for row in rows}
    counts = Counter(item.code for item in records.dropped if not item.kept)
    assert sum(map(len, records.tracks)) == len(instants)
    # a row that repeats mover, instant and place is a duplicate; another place at that instant is a conflict
    assert counts["duplicate"] + counts["conflict"] == len(rows) - len(instants)
    assert counts["conflict"] >= len(whole) - len(instants) > 0
    assert {track.mover.id for track in records.tracks} == {f"mmsi:{row['MMSI']}" for row in rows}
    unsorted_count = sum(
        any(later < earlier for earlier, later in itertools.pairwise(times))
        for times in by_mover(rows).values()
    )
    assert sum(item.code == "out-of-order" for item in records.dropped) == unsorted_count
    warships = {row["MMSI"] for row in rows if row["VesselType"] == "35"}
    assert {
        track.mover.id[5:] for track in records.tracks if track.mover.mover_class == "warship"
    } == warships


def by_mover(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    times: dict[str, list[str]] = {}
    for row in rows:
        times.setdefault(row["MMSI"], []).append(row["BaseDateTime"])
    return times


# ---------------------------------------------------------------- UCDP


def test_ucdp_needs_a_zone(shared_dir: Path) -> None:
    with pytest.raises(UsageError) as caught:
        read_file(of_data(shared_dir, "incidents/ucdp_ged_nw_syria_201809_201911.csv"))
    assert caught.value.code == "no-zone"


@pytest.mark.parametrize(
    ("name", "count"),
    [("ucdp_ged_nw_syria_201809_201911.csv", 1_571), ("ucdp_ged_syria_20160101_20191130.csv", 16_566)],
)
def test_ucdp_against_a_plain_count(shared_dir: Path, name: str, count: int) -> None:
    path = of_data(shared_dir, f"incidents/{name}")
    with path.open(newline="", encoding="utf-8-sig") as stream:
        rows = list(csv.DictReader(stream))
    records = read_file(path, zone="Asia/Damascus", parties={"Government of Syria": "syria"})
    assert len(records.reports) == len(rows) == records.read_count == count
    assert reconciles(records)
    assert Counter(report.act for report in records.reports) == Counter(
        "attack" if row["type_of_violence"] == "3" else "armed-clash" for row in rows
    )
    words = {"1": "place", "2": "near", "3": "district", "4": "province", "5": "unknown", "6": "country"}
    assert Counter(report.where.precision for report in records.reports) == Counter(
        words[row["where_prec"]] for row in rows
    )
    assert sum(report.deaths.best or 0 for report in records.reports) == sum(int(row["best"]) for row in rows)
    days = [
        (date.fromisoformat(row["date_end"]) - date.fromisoformat(row["date_start"])).days + 1 for row in rows
    ]
    seen = [round(report.when.interval.duration_s / 86_400) for report in records.reports]
    assert seen == days
    contradictory = sum(not int(row["low"]) <= int(row["best"]) <= int(row["high"]) for row in rows)
    assert sum(item.code == "deaths-order" for item in records.dropped) == contradictory
    attributed = sum(any(one.party == "syria" for one in report.attributions) for report in records.reports)
    assert attributed == sum(
        "Government of Syria"
        in ((row["side_a"],) if row["type_of_violence"] == "3" else (row["side_a"], row["side_b"]))
        for row in rows
    )
    line = records.reports[-1].source.line
    assert line is not None
    assert path.read_text(encoding="utf-8-sig").splitlines()[line - 1].startswith(rows[-1]["id"] + ",")


# ---------------------------------------------------------------- drawn flight paths


def test_flight_paths_have_a_day_and_no_clock(shared_dir: Path) -> None:
    path = of_data(shared_dir, "tracks/pla_air_paths_20220801_20240115.geojson")
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    with pytest.raises(UsageError):
        read_file(path)
    records = read_file(
        path,
        zone="Asia/Taipei",
        accuracy="10 km",
        mover_class="fixed-wing",
        name_property="aircraft_type",
        count_property="num",
    )
    assert records.tracks == ()
    drawn = [
        (feature["properties"], part)
        for feature in features
        for part in (
            feature["geometry"]["coordinates"]
            if feature["geometry"]["type"] == "MultiLineString"
            else [feature["geometry"]["coordinates"]]
        )
    ]
    assert len(features) == 1_261 == len({item.mover.id.partition("/")[0] for item in records.paths})
    assert len(records.paths) == len(drawn)
    assert reconciles(records)
    for item, (properties, part) in zip(records.paths, drawn, strict=True):
        assert item.lonlat_deg.tolist() == part
        start = datetime.fromisoformat(f"{properties['date']}T00:00+08:00").timestamp() * 1e6
        assert (item.span.start_us, item.span.duration_s) == (start, 86_400)
        assert item.movers_count == properties["num"]
        assert item.accuracy_m == 10_000


# ---------------------------------------------------------------- GPX

NAMES = (
    "around-visnjan-with-car", "cerknicko-without-times", "gpx1.0_with_all_fields", "gpx1.1_with_all_fields",
    "korita-zbevnica", "track-with-empty-segment", "track-with-less-sec-time", "track_with_speed", "unicode_with_bom",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_gpx_fixtures_against_gpxpy(shared_dir: Path, name: str) -> None:
    path = of_data(shared_dir, f"tracks/gpx/{name}.gpx")
    assert detect(path.name, path.read_bytes()[:4096]) == "gpx"
    records = read_file(path)
    with path.open(encoding="utf-8-sig") as stream:
        other = gpxpy.parse(stream)
    points = [point for track in other.tracks for segment in track.segments for point in segment.points]
    timed = {
        (number, point.time.timestamp(), point.longitude, point.latitude)
        for number, track in enumerate(other.tracks)
        for segment in track.segments
        for point in segment.points
        if point.time
    }
    codes = Counter(item.code for item in records.dropped)
    assert reconciles(records)
    assert sum(map(len, records.tracks)) == len(timed)
    assert codes["no-time"] == sum(point.time is None for point in points)
    assert codes["waypoint"] == len(other.waypoints)
    assert codes["route-point"] == sum(len(route.points) for route in other.routes)
    assert codes["empty-segment"] == sum(not s.points for track in other.tracks for s in track.segments)
    ours = np.sort(np.concatenate([track.t_us for track in records.tracks] or [np.empty(0)]))
    assert np.allclose(ours / 1e6, sorted(stamp for _, stamp, *_ in timed), atol=1e-6, rtol=0)
    assert codes["empty-segment"] == len(
        re.findall(r"<trkseg>\s*</trkseg>|<trkseg\s*/>", path.read_text("utf-8-sig"))
    )


def test_gpx_without_times_is_a_path_of_a_stated_day(shared_dir: Path) -> None:
    path = of_data(shared_dir, "tracks/gpx/cerknicko-without-times.gpx")
    assert read_file(path).paths == ()
    records = read_file(path, date="2010-08-05", zone="Europe/Ljubljana", accuracy="20 m")
    assert len(records.paths) == 6
    assert {item.span.duration_s for item in records.paths} == {86_400}
    assert reconciles(records)
