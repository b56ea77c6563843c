"""Which volumes meet, and how near: against shapely on a plane and against Karney's geodesics (geographiclib).

shapely works in an azimuthal equidistant projection of a place whose volumes lie within 30 km of it. Lengths across
the rays are stretched there by r^2 / 6 R^2 = 3.7e-6, and a geodesic of 20 km bows by about a centimetre, so 0.3 m
tell a true difference from the projection's. Times and bands are compared here with their own arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
import shapely
from geographiclib.geodesic import Geodesic

from truceline.kernels.geodesy import direct
from truceline.kernels.volumes import VolumeColumns, VolumeIndex, footprint_distance_m

KARNEY = Geodesic.WGS84
PLANE_M = 0.3
# The equator, both sides of the antimeridian, both poles and places beside them, a middle latitude.
PLACES = [(20.0, 0.0), (180.0, 10.0), (-179.95, -61.0), (0.0, 90.0), (77.0, -89.95), (38.6, 33.5)]
HOUR_US = 3_600_000_000


@dataclass(frozen=True)
class Made:
    columns: VolumeColumns
    shapes: np.ndarray  # in the plane, without their half-widths


def made(rng: np.random.Generator, place: tuple[float, float], count: int, *, rings: float) -> Made:
    """Random paths of 1 to 3 legs, points, and star-shaped rings within 30 km of a place."""
    points, shapes, first, is_ring = [], [], [0], []
    for _ in range(count):
        ring = rng.random() < rings
        middle = rng.uniform(-15e3, 15e3, 2)
        if ring:
            corners = rng.integers(3, 9)
            turns = np.sort(rng.uniform(0, 2 * np.pi) + np.arange(corners) * 2 * np.pi / corners)
            far = rng.uniform(500, 9000, corners)
            plane = middle + np.column_stack([np.cos(turns), np.sin(turns)]) * far[:, None]
            shapes.append(shapely.Polygon(plane))
        else:
            plane = middle + np.cumsum(rng.uniform(-5e3, 5e3, (rng.integers(1, 5), 2)), axis=0) * 0.8
            shapes.append(shapely.LineString(plane) if len(plane) > 1 else shapely.Point(plane[0]))
        azimuth, away = np.degrees(np.arctan2(plane[:, 0], plane[:, 1])), np.hypot(*plane.T)
        points.append(direct(place, azimuth, away))
        first.append(first[-1] + len(plane))
        is_ring.append(ring)
    start = 1_700_000_000_000_000 + rng.integers(0, 12, count) * HOUR_US // 2
    end = start + rng.integers(0, 6, count) * HOUR_US // 2  # instants and touching ends are common
    start[rng.random(count) < 0.05], end[rng.random(count) < 0.05] = -(2**62), 2**62
    low = np.where(rng.random(count) < 0.3, -np.inf, rng.integers(0, 6, count) * 500.0)
    high = np.where(rng.random(count) < 0.3, np.inf, np.where(np.isfinite(low), low, 1000.0) + 500.0)
    columns = VolumeColumns(
        first=np.array(first), lonlat_deg=np.vstack(points), is_ring=np.array(is_ring),
        half_width_m=rng.choice([0.0, 50.0, 400.0, 2000.0], count), start_us=start, end_us=end,
        low_m=low, high_m=high, datum=rng.integers(0, 3, count), id=rng.permutation(count),
        part=rng.integers(0, 3, count),
    )  # fmt: skip
    return Made(columns, np.array(shapes))


def share_time(a: VolumeColumns, i: int, b: VolumeColumns, k: int) -> bool:
    """Half-open intervals share an instant; an interval of no length is its one instant."""
    spans = [(int(a.start_us[i]), int(a.end_us[i])), (int(b.start_us[k]), int(b.end_us[k]))]
    (s, e), (u, v) = spans
    if s == e:
        return u <= s < v or spans[0] == spans[1]
    return s <= u < e if u == v else s < v and u < e


def bands_touch(a: VolumeColumns, i: int, b: VolumeColumns, k: int) -> bool:
    """Told apart only where both say what they are measured from, and say the same."""
    if a.datum[i] == 0 or a.datum[i] != b.datum[k]:
        return True
    return bool(a.low_m[i] <= b.high_m[k] and b.low_m[k] <= a.high_m[i])


def compare_with_shapely(seed: int, place: tuple[float, float], held_count: int, asked_count: int) -> int:
    """All pairs; how many of them met."""
    rng = np.random.default_rng(seed)
    held, asked = made(rng, place, held_count, rings=0.4), made(rng, place, asked_count, rings=0.2)
    index = VolumeIndex()
    index.insert(held.columns)
    hits = index.query(asked.columns)
    row_of = {int(number): row for row, number in enumerate(held.columns.id)}
    found = {(int(hits.leg[k]), row_of[int(hits.id[k])]): float(hits.gap_m[k]) for k in hits}
    assert len(found) == len(hits), "a volume is told of once a leg"
    apart = shapely.distance(asked.shapes[:, None], held.shapes[None, :])
    gaps = apart - asked.columns.half_width_m[:, None] - held.columns.half_width_m[None, :]
    for leg in range(asked_count):
        for row in range(held_count):
            alike = share_time(asked.columns, leg, held.columns, row) and bands_touch(
                asked.columns, leg, held.columns, row
            )
            gap = float(gaps[leg, row])
            if not alike or gap > PLANE_M:
                assert (leg, row) not in found, (place, leg, row, gap)
            elif gap < -PLANE_M:
                assert (leg, row) in found, (place, leg, row, gap)
            if (leg, row) in found:
                assert found[leg, row] == pytest.approx(gap, abs=PLANE_M)
    return len(found)


@pytest.mark.parametrize("place", PLACES)
def test_hits_are_those_of_shapely_on_a_plane(place: tuple[float, float]) -> None:
    assert compare_with_shapely(1, place, 60, 40) >= 40


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_hits_are_those_of_shapely_on_120_000_pairs(place: tuple[float, float]) -> None:
    met = sum(compare_with_shapely(seed, place, 200, 100) for seed in range(2, 3))
    assert met > 500


def karney_distance_m(a: np.ndarray, b: np.ndarray) -> float:
    """Least distance between two geodesic legs by nested golden-section searches over Karney's solution."""
    lines = [KARNEY.InverseLine(leg[0, 1], leg[0, 0], leg[1, 1], leg[1, 0]) for leg in (a, b)]

    def place(line: object, share: float) -> tuple[float, float]:
        point = line.Position(share * line.s13)  # type: ignore[attr-defined]
        return point["lat2"], point["lon2"]

    def between(s: float, t: float) -> float:
        return float(KARNEY.Inverse(*place(lines[0], s), *place(lines[1], t), Geodesic.DISTANCE)["s12"])

    def least(of: Callable[[float], float]) -> float:
        """By golden sections: between short geodesics the distance has one valley."""
        low, high = 0.0, 1.0
        for _ in range(30):
            left, right = low + 0.381966 * (high - low), low + 0.618034 * (high - low)
            low, high = (low, right) if of(left) < of(right) else (left, high)
        return min(of(0.0), of((low + high) / 2), of(1.0))

    return least(lambda s: least(lambda t: between(s, t)))


def leg_columns(legs: np.ndarray) -> VolumeColumns:
    n = len(legs)
    return VolumeColumns(
        first=2 * np.arange(n + 1), lonlat_deg=legs.reshape(-1, 2), is_ring=np.zeros(n), half_width_m=np.zeros(n),
        start_us=np.zeros(n), end_us=np.ones(n), low_m=np.full(n, -np.inf), high_m=np.full(n, np.inf),
        datum=np.zeros(n), id=np.arange(n), part=np.zeros(n),
    )  # fmt: skip


def compare_with_karney(seed: int, count: int) -> float:
    """The largest error over random pairs of legs of 0.1 to 60 km, up to 100 km apart."""
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        place = PLACES[rng.integers(len(PLACES))]
        starts = direct(place, rng.uniform(0, 360, 2), rng.choice([1e3, 2e4, 5e4]) * rng.random(2))
        ends = direct(starts, rng.uniform(0, 360, 2), 10 ** rng.uniform(2, 4.78, 2))
        pairs.append(np.stack([starts, ends], axis=1))
    pairs = np.array(pairs)
    ours = footprint_distance_m(leg_columns(pairs[:, 0]), leg_columns(pairs[:, 1]))
    theirs = np.array([karney_distance_m(a, b) for a, b in pairs])
    # The search ends within centimetres of a crossing, where the true distance is 0.
    crossing = (ours == 0) & (theirs < 0.5)
    return float(np.abs(ours - theirs)[~crossing].max())


def test_distances_are_those_of_karney() -> None:
    assert compare_with_karney(5, 12) < 0.01


@pytest.mark.slow
def test_distances_are_those_of_karney_on_many_legs() -> None:
    assert compare_with_karney(6, 400) < 0.01
