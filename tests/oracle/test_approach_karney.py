"""Least distances on the ellipsoid: positions and distances by geographiclib, the least by golden section."""

from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from truceline.kernels import closest

WGS84 = Geodesic.WGS84
GOLDEN = (5**0.5 - 1) / 2


def _leg(
    random: np.random.Generator, centre: tuple[float, float], length_m: float
) -> tuple[np.ndarray, object]:
    """A leg of a length past a place within a few kilometres, in 600 s; its ends, and the geodesic itself."""
    off = WGS84.Direct(centre[1], centre[0], random.uniform(0, 360), random.uniform(0, 4000))
    heading, before = random.uniform(0, 360), random.uniform(0.3, 0.7) * length_m
    start = WGS84.Direct(off["lat2"], off["lon2"], heading + 180, before)
    end = WGS84.Direct(off["lat2"], off["lon2"], heading, length_m - before)
    ends = np.array([[start["lon2"], start["lat2"]], [end["lon2"], end["lat2"]]])
    return ends, WGS84.InverseLine(ends[0, 1], ends[0, 0], ends[1, 1], ends[1, 0])


def _apart_m(one: object, two: object, share: float) -> float:
    a, b = (line.Position(line.s13 * share) for line in (one, two))  # type: ignore[attr-defined]
    return float(WGS84.Inverse(a["lat2"], a["lon2"], b["lat2"], b["lon2"])["s12"])


def _least_m(one: object, two: object) -> float:
    shares = np.linspace(0, 1, 41)
    at = int(np.argmin([_apart_m(one, two, share) for share in shares]))
    low, high = shares[max(at - 1, 0)], shares[min(at + 1, 40)]
    for _ in range(40):
        left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
        if _apart_m(one, two, left) < _apart_m(one, two, right):
            high = right
        else:
            low = left
    return min(_apart_m(one, two, share) for share in (low, high, 0.0, 1.0))


def _compare(seed: int, count: int) -> float:
    random = np.random.default_rng(seed)
    t_us, worst_m = np.array([0, 600_000_000]), 0.0
    for _ in range(count):
        centre = (float(random.choice([0.0, 37.5, 179.99])), float(random.uniform(-85, 85)))
        legs = [_leg(random, centre, float(10 ** random.uniform(2, 5))) for _ in range(2)]
        found = closest(t_us, legs[0][0], t_us, legs[1][0])
        assert found is not None
        worst_m = max(worst_m, abs(found[1] - _least_m(legs[0][1], legs[1][1])))
    return worst_m


def test_the_least_distance_is_that_of_the_geodesics() -> None:
    # The bar of the design is 0.05 m within 100 km.
    assert _compare(1, 40) < 0.01


@pytest.mark.slow
def test_the_least_distance_in_two_thousand_cases() -> None:
    assert _compare(2, 2_000) < 0.01
