"""Whether what is found is true: incursions against the reference, distances against Karney."""

from __future__ import annotations

import numpy as np

from bench import ours, reference
from bench.context import Context
from bench.events import overlapping
from bench.harness import Bar
from bench.incursions import Incursions

NEAR_M, NEAR_SHARE = 1.0, 0.001
CASES = 100_000
FARTHEST_M = 100_000.0


def incursions(run: Context) -> list[Bar]:
    """Missed, invented, and outside 1 m or 0.1 % of the reference, over all incursions of 10^6 fixes."""
    work = run.p1("middle")
    true = reference.true_incursions(work)
    found = ours.incursions_of(run.checker("middle")())
    missed, invented, outside, worst_m = compared(work, true, found)
    note = (
        f"{len(true)} true, {len(found)} found, missed {missed}, invented {invented}, outside {outside}; "
        f"greatest difference of depth {worst_m:.3f} m"
    )
    return [
        Bar(id="p1-exact", value=missed + invented + outside, bar=0, better="less", unit="count", note=note)
    ]


def compared(work: Incursions, true: np.ndarray, found: np.ndarray) -> tuple[int, int, int, float]:
    """How many were missed, invented, and outside in depth, entry or exit; and the greatest difference of depth.

    What reaches less past the line than the reference's step is neither missed nor invented. What hugs the line is
    one finding with several crossings: it is compared with the first entry, the last exit and the deepest of them.
    """
    met = overlapping(found, true, ("mover",), 1_000)
    taken = {at for group in met for at in group}
    large = {at for at in range(len(true)) if true["depth_m"][at] > reference.SMALLEST_M}
    missed = len(large - taken)
    invented = sum(
        not group and row["depth_m"] > reference.SMALLEST_M for row, group in zip(found, met, strict=True)
    )
    outside, worst_m = 0, 0.0
    for row, group in zip(found, met, strict=True):
        if not group:
            continue
        depth_m = float(true["depth_m"][group].max())
        off_m = [abs(float(row["depth_m"]) - depth_m)]
        worst_m = max(worst_m, off_m[0])
        for name, pick in (("start_us", min), ("end_us", max)):
            at_us = int(pick(true[name][group]))
            late_s = abs(int(row[name]) - at_us) * 1e-6
            off_m.append(late_s * reference.speeds_mps(work.columns, int(row["mover"]), at_us))
        outside += max(off_m) > max(NEAR_M, NEAR_SHARE * depth_m)
    return missed, invented, outside, worst_m


def distances(run: Context) -> list[Bar]:
    """The largest error of points against points and of points against geodesic edges, at every latitude.

    The truth is built and not sought: a point is put at a known distance by Karney's direct solution, for an edge
    square to it at a point of the edge, which is then the nearest.
    """
    from truceline.kernels import Region, distance_m

    count = max(int(CASES * run.scale), 200)
    random = np.random.default_rng(5)
    first, second, true_m = _pairs(random, count // 2)
    between_m = float(np.abs(distance_m(first, second) - true_m).max())
    worst_m, each = 0.0, 100
    for _ in range(max(count // 2 // each, 1)):
        line, places, away_m = _beside_an_edge(random, each)
        got_m = Region.side(line, "left").depth_m(places)
        worst_m = max(worst_m, float(np.abs(got_m - away_m).max()))
    note = f"{between_m:.2g} m between points, {worst_m:.2g} m to edges of up to 100 km; {count} cases"
    return [Bar(id="distance", value=max(between_m, worst_m), bar=0.05, better="less", unit="m", note=note)]


def _anywhere(random: np.random.Generator) -> tuple[float, float]:
    """Longitude and latitude, evenly over the globe and with its poles and its antimeridian."""
    return float(random.uniform(-180.0, 180.0)), float(np.degrees(np.arcsin(random.uniform(-0.9999, 0.9999))))


def _pairs(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    first, second = np.empty((count, 2)), np.empty((count, 2))
    true_m = FARTHEST_M * random.uniform(0.0, 1.0, count) ** 2
    for at in range(count):
        lon, lat = _anywhere(random)
        end = reference.EARTH.Direct(lat, lon, random.uniform(0.0, 360.0), true_m[at])
        first[at], second[at] = (lon, lat), (end["lon2"], end["lat2"])
    return first, second, true_m


def _beside_an_edge(random: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An edge of up to 100 km, and points left and right of its middle at known distances of up to 100 km."""
    lon, lat = _anywhere(random)
    edge = reference.EARTH.DirectLine(
        lat, lon, random.uniform(0.0, 360.0), random.uniform(1_000.0, FARTHEST_M)
    )
    end = edge.Position(edge.s13)
    places, away_m = np.empty((count, 2)), np.empty(count)
    for at in range(count):
        foot = edge.Position(random.uniform(0.05, 0.95) * edge.s13)
        away_m[at] = random.uniform(-1.0, 1.0) * FARTHEST_M
        place = reference.EARTH.Direct(foot["lat2"], foot["lon2"], foot["azi2"] - 90.0, away_m[at])
        places[at] = place["lon2"], place["lat2"]
    return np.array([(lon, lat), (end["lon2"], end["lat2"])]), places, away_m
