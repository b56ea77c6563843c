"""Depths against Karney's solution (geographiclib): the nearest point found by search, the side by turning.

The reference walks each edge as stated, minimising Karney's distance, and decides inside or outside by how
far the azimuth to the boundary turns round the point. It is slow and shares nothing with the kernel.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from truceline.kernels import Region, direct, path_depths_m, visits

KARNEY = Geodesic.WGS84
TANF = (38.61778, 33.50583)


def _edge(a: np.ndarray, b: np.ndarray, edges: str) -> Callable[[float], tuple[float, float]]:
    """Longitude and latitude at a share of an edge, by Karney."""
    if edges == "geodesic":
        line = KARNEY.InverseLine(a[1], a[0], b[1], b[0])

        def along(share: float) -> tuple[float, float]:
            point = line.Position(share * line.s13)
            return point["lon2"], point["lat2"]

        return along
    turn = (b[0] - a[0] + 180) % 360 - 180
    return lambda share: (a[0] + share * turn, a[1] + share * (b[1] - a[1]))


def _to_edge_m(place: np.ndarray, along: Callable[[float], tuple[float, float]]) -> float:
    def away(share: float) -> float:
        lon, lat = along(share)
        return float(KARNEY.Inverse(place[1], place[0], lat, lon, Geodesic.DISTANCE)["s12"])

    shares = np.linspace(0.0, 1.0, 9)
    values = [away(share) for share in shares]
    best = int(np.argmin(values))
    low, high = shares[max(best - 1, 0)], shares[min(best + 1, 8)]
    for _ in range(34):
        left, right = low + 0.382 * (high - low), low + 0.618 * (high - low)
        low, high = (low, right) if away(left) < away(right) else (left, high)
    return min(away((low + high) / 2), values[0], values[-1])


def _to_line_m(place: np.ndarray, vertices: np.ndarray, edges: str) -> float:
    return min(_to_edge_m(place, _edge(a, b, edges)) for a, b in itertools.pairwise(vertices))


def _inside(place: np.ndarray, ring: np.ndarray, edges: str) -> bool:
    """Does the azimuth to the boundary turn a whole circle round the place?"""
    azimuths = []
    for a, b in itertools.pairwise(ring):
        along = _edge(a, b, edges)
        for share in np.linspace(0, 1, 25)[:-1]:
            lon, lat = along(share)
            azimuths.append(KARNEY.Inverse(place[1], place[0], lat, lon, Geodesic.AZIMUTH)["azi1"])
    turns = (np.diff([*azimuths, azimuths[0]]) + 180) % 360 - 180
    return bool(abs(turns.sum()) > 180)


def _wandering_line(lon: float, lat: float, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    vertices = [np.array([lon - 0.6 / np.cos(np.radians(lat)), lat])]
    for _ in range(3):
        vertices.append(direct(vertices[-1], random.uniform(40, 130), random.uniform(5e3, 60e3))[0])
    return np.array(vertices)


@pytest.mark.parametrize("edges", ["geodesic", "parallel"])
@pytest.mark.parametrize("lat", [0.0, 35.0, 60.0, 80.0])
@pytest.mark.parametrize("lon", [20.0, 180.0])
def test_distance_to_a_line(lon: float, lat: float, edges: str) -> None:
    line = _wandering_line(lon, lat, seed=int(lat + lon))
    line[1, 1] = line[0, 1]  # one edge along a parallel
    random = np.random.default_rng(5)
    places = np.vstack(
        [direct(line[k % 4], random.uniform(0, 360), 10 ** random.uniform(1, 5)) for k in range(10)]
    )
    wide = 500e3
    got = wide - Region.band(line, wide, wide, edges=edges).depth_m(places)  # type: ignore[arg-type]
    want = np.array([_to_line_m(place, line, edges) for place in places])
    assert np.abs(got - want).max() < 0.001


@pytest.mark.parametrize("edges", ["geodesic", "parallel"])
@pytest.mark.parametrize(
    ("lon", "lat"), [(20.0, 0.0), (40.0, 35.0), (180.0, 60.0), (-180.0, 80.0), (30.0, -80.0)]
)
def test_depth_in_a_polygon_with_a_hole(lon: float, lat: float, edges: str) -> None:
    random = np.random.default_rng(int(abs(lon) + lat + 100))
    azimuth = np.arange(7) * 360 / 7 + random.uniform(-15, 15, 7)
    shell = direct((lon, lat), azimuth, random.uniform(30e3, 60e3, 7))
    hole = direct((lon, lat), [0, 90, 180, 270], random.uniform(4e3, 9e3, 4))
    region = Region.polygon([[shell, hole]], edges=edges)  # type: ignore[arg-type]
    places = direct((lon, lat), random.uniform(0, 360, 14), random.uniform(0, 90e3, 14))
    got = region.depth_m(places)
    rings = [np.vstack([ring, ring[:1]]) for ring in (shell, hole)]
    for place, depth in zip(places, got, strict=True):
        to_boundary = min(_to_line_m(place, ring, edges) for ring in rings)
        inside = _inside(place, rings[0], edges) and not _inside(place, rings[1], edges)
        assert depth == pytest.approx(to_boundary if inside else -to_boundary, abs=0.001)


def test_a_hole_cut_by_difference_is_the_same_inside() -> None:
    random = np.random.default_rng(8)
    shell = direct((179.8, 62.0), [10, 80, 150, 220, 300], random.uniform(30e3, 60e3, 5))
    hole = direct((179.8, 62.0), [0, 90, 180, 270], 8e3)
    whole = Region.polygon([[shell, hole]])
    cut = Region.polygon([[shell]]).difference(Region.polygon([[hole]]))
    places = direct((179.8, 62.0), random.uniform(0, 360, 400), random.uniform(0, 90e3, 400))
    np.testing.assert_allclose(whole.depth_m(places), cut.depth_m(places), atol=1e-6)


@pytest.mark.parametrize(("lat", "lon"), [(0.0, 0.0), (35.0, 40.0), (60.0, 180.0), (80.0, -180.0)])
@pytest.mark.parametrize("radius_m", [100.0, 55_000.0, 400_000.0])
def test_depth_in_a_circle(lon: float, lat: float, radius_m: float) -> None:
    random = np.random.default_rng(3)
    away = np.concatenate([random.uniform(0, 2 * radius_m, 100), [0.0, radius_m]])
    azimuth = random.uniform(0, 360, len(away))
    ends = [KARNEY.Direct(lat, lon, az, s) for az, s in zip(azimuth, away, strict=True)]
    places = np.array([[end["lon2"], end["lat2"]] for end in ends])
    got = Region.circle((lon, lat), radius_m).depth_m(places)
    limit = 0.001 if radius_m < 1e5 else 0.02
    assert np.abs(got - (radius_m - away)).max() < limit


def test_tanf_depth() -> None:
    # 17 statute miles = 27,358.8 m from the centre, the case says 27.359 km; 55,000 - 27,359 = 27,641 m.
    zone = Region.circle(TANF, 55_000.0)
    north = KARNEY.Direct(TANF[1], TANF[0], 0.0, 27_359.0)
    place = (north["lon2"], north["lat2"])
    assert zone.depth_m(place)[0] == pytest.approx(27_641.0, abs=0.001)
    (visit,) = visits(zone, [0], place)
    assert visit.depth_m == pytest.approx(27_641.0, abs=0.001)
    assert visit.entry_us is None and visit.exit_us is None


def test_tanf_area_by_its_outline() -> None:
    (ring,) = Region.circle(TANF, 55_000.0).outline(points_count=7200)
    polygon = KARNEY.Polygon()
    for lon, lat in ring[:-1]:
        polygon.AddPoint(lat, lon)
    _, _, area_m2 = polygon.Compute()
    assert abs(area_m2) / 1e6 == pytest.approx(9503.26, abs=0.05)
    np.testing.assert_array_equal(ring[0], ring[-1])


def test_khasham_is_outside_tanf() -> None:
    depth = Region.circle(TANF, 55_000.0).depth_m((40.30944, 35.33611))[0]
    assert (55_000.0 - depth) / 1000 == pytest.approx(255.73, abs=0.05)
    want = KARNEY.Inverse(TANF[1], TANF[0], 35.33611, 40.30944)["s12"]
    assert 55_000.0 - depth == pytest.approx(want, abs=0.01)


def test_what_an_edge_is_decides_the_side_by_138_m() -> None:
    # 100 km east-west at 35 N; the place lies on the parallel, half way.
    ends = np.array([[40 - 0.547836, 35.0], [40 + 0.547836, 35.0]])
    assert KARNEY.Inverse(35.0, ends[0, 0], 35.0, ends[1, 0])["s12"] == pytest.approx(100e3, abs=60)
    place = (40.0, 35.0)
    geodesic = Region.side(ends, "right").depth_m(place)[0]
    parallel = Region.side(ends, "right", edges="parallel").depth_m(place)[0]
    assert geodesic == pytest.approx(_to_line_m(np.array(place), ends, "geodesic"), abs=0.001)
    assert geodesic == pytest.approx(137.5, abs=0.8)
    assert parallel == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("lat", [35.0, 60.0, 80.0])
@pytest.mark.parametrize("away_m", [-100e3, -20.0, 5e3, 100e3])
def test_distance_to_a_parallel_is_along_the_meridian(lat: float, away_m: float) -> None:
    # Round the axis everything is alike, so the nearest point of a parallel has one's own longitude.
    off = KARNEY.Direct(lat, 0.0, 0.0, away_m)["lat2"]
    places = np.column_stack([np.linspace(169.0, 191.0, 1501), np.full(1501, off)])
    line = np.array([[160.0, lat], [180.0, lat], [-160.0, lat]])
    got = Region.side(line, "left", edges="parallel").depth_m(places)
    assert np.abs(got - away_m).max() < 0.001


def test_a_zone_crossed_wholly_between_two_fixes_50_km_apart() -> None:
    # The way runs due east from Karney; the circle's centre is 3 km south of its middle. Along the way the
    # circle of 5 km is cut over 2 sqrt(5^2 - 3^2) = 8 km (flat; Karney's own search decides the millimetres).
    start = np.array([10.0, 64.0])
    line = KARNEY.Line(start[1], start[0], 90.0)
    end, middle = line.Position(50_000.0), line.Position(25_000.0)
    centre = KARNEY.Direct(middle["lat2"], middle["lon2"], middle["azi2"] + 90.0, 3_000.0)
    track = np.array([start, [end["lon2"], end["lat2"]]])
    zone = Region.circle((centre["lon2"], centre["lat2"]), 5_000.0)
    assert (zone.depth_m(track) < -15_000).all()
    (visit,) = visits(zone, np.array([0, 1_000_000_000]), track, tolerance_m=0.001)

    def away(along_m: float) -> float:
        point = line.Position(along_m)
        return float(KARNEY.Inverse(point["lat2"], point["lon2"], centre["lat2"], centre["lon2"])["s12"])

    # 50 m a second.
    assert visit.entry_us is not None and visit.exit_us is not None
    assert away(visit.entry_us * 50e-6) == pytest.approx(5_000.0, abs=0.005)
    assert away(visit.exit_us * 50e-6) == pytest.approx(5_000.0, abs=0.005)
    assert (visit.exit_us - visit.entry_us) * 50e-6 == pytest.approx(8_000.0, abs=0.05)
    assert visit.deepest_us * 50e-6 == pytest.approx(25_000.0, abs=1.0)
    assert visit.depth_m == pytest.approx(2_000.0, abs=0.001)
    assert visit.crossings_count == 2


def test_deepest_point_between_fixes_beside_a_corner() -> None:
    # A triangle whose apex points south into the way; the way runs along a geodesic north of the apex.
    line = KARNEY.Line(35.0, 40.0, 90.0)
    places = [line.Position(s) for s in (0.0, 20_000.0)]
    middle = line.Position(10_000.0)
    apex = KARNEY.Direct(middle["lat2"], middle["lon2"], middle["azi2"] + 90, 400.0)
    far = [
        KARNEY.Direct(apex["lat2"], apex["lon2"], middle["azi2"] - 90 + turn, 8_000.0) for turn in (-45, 45)
    ]
    ring = np.array([[apex["lon2"], apex["lat2"]], *([point["lon2"], point["lat2"]] for point in far)])
    track = np.array([[point["lon2"], point["lat2"]] for point in places])
    depth, lonlat, leg = path_depths_m(Region.polygon([[ring]]), track)
    # 400 m inside a right angle, on its bisector: 400 sin(45 deg) from both edges.
    assert depth == pytest.approx(400 * np.sin(np.pi / 4), abs=0.02)
    assert leg == 0
    off = KARNEY.Inverse(lonlat[1], lonlat[0], middle["lat2"], middle["lon2"])["s12"]
    assert off < 0.1


def test_twice_across_a_narrow_zone_inside_one_leg() -> None:
    # A U-shaped zone: one leg of 30 km crosses both of its arms and nothing between them.
    def at(x_m: float, y_m: float) -> list[float]:
        end = KARNEY.Direct(0.0, 0.0, np.degrees(np.arctan2(x_m, y_m)), np.hypot(x_m, y_m))
        return [end["lon2"], end["lat2"]]

    corners = [
        (-6e3, 5e3),
        (-6e3, -5e3),
        (6e3, -5e3),
        (6e3, 5e3),
        (4e3, 5e3),
        (4e3, -3e3),
        (-4e3, -3e3),
        (-4e3, 5e3),
    ]
    zone = Region.polygon([[np.array([at(*corner) for corner in corners])]])
    found = visits(zone, np.array([0, 30_000_000_000]), np.array([at(-15e3, 0.0), at(15e3, 0.0)]))
    # One metre a second from x = -15 km; arms at -6 to -4 km and 4 to 6 km.
    spans = [(visit.start_us / 1e6, visit.end_us / 1e6) for visit in found]
    np.testing.assert_allclose(spans, [(9_000, 11_000), (19_000, 21_000)], atol=0.1)
    np.testing.assert_allclose([visit.depth_m for visit in found], 1_000.0, atol=0.01)


def test_a_long_way_over_the_ground_is_not_its_chord_on_the_map() -> None:
    # From 60 N 0 E to 60 N 60 E the geodesic climbs far north of the parallel: a zone up there is entered.
    line = KARNEY.InverseLine(60.0, 0.0, 60.0, 60.0)
    top = line.Position(line.s13 / 2)
    assert top["lat2"] > 63
    zone = Region.circle((top["lon2"], top["lat2"]), 1_000.0)
    (visit,) = visits(zone, np.array([0, 7_200_000_000]), np.array([[0.0, 60.0], [60.0, 60.0]]))
    assert visit.depth_m == pytest.approx(1_000.0, abs=0.05)
    assert visit.deepest_us == pytest.approx(3_600_000_000, abs=1_000)


@pytest.mark.shared
def test_tanf_numbers_are_those_of_the_shared_cases(shared_dir: Path) -> None:
    text = (shared_dir / "oracles" / "verdicts.yaml").read_text(encoding="utf-8")
    for number in ("27641", "9503.26", "255.73", "38.61778", "33.50583", "40.30944", "35.33611"):
        assert number in text
