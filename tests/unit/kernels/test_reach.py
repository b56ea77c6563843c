"""Reach between two fixes, in a plane of some kilometres at longitude 0, latitude 0."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import GeometryError, UsageError
from truceline.kernels import Region, direct, reachable_depth


def plane(x_m: float, y_m: float) -> np.ndarray:
    return direct((0.0, 0.0), np.degrees(np.arctan2(x_m, y_m)), np.hypot(x_m, y_m))[0]


ZONE = Region.circle((0.0, 0.0), 1_000.0)


def test_a_detour_to_the_rim() -> None:
    # Both fixes 5 km off on either side, passing 3 km south: the rim is 2 km north of the way. The shortest
    # way by the rim's southernmost point is 2 hypot(5, 2) = 10.770 km; the straight way is 10 km.
    a, b = plane(-5_000, -3_000), plane(5_000, -3_000)
    shortest = 2 * np.hypot(5_000, 2_000)
    assert not reachable_depth(ZONE, a, b, shortest - 60)
    assert reachable_depth(ZONE, a, b, shortest + 5)
    # 500 m deep is 500 m farther.
    deeper = 2 * np.hypot(5_000, 2_500)
    assert not reachable_depth(ZONE, a, b, deeper - 60, 500.0)
    assert reachable_depth(ZONE, a, b, deeper + 5, 500.0)


def test_the_straight_way_counts_even_over_budget() -> None:
    # Faster than the mover is said to go; but it did get there, so at least the straight way was open to it.
    assert reachable_depth(ZONE, plane(-5_000, 0), plane(5_000, 0), 0.0)
    assert not reachable_depth(ZONE, plane(-5_000, 3_000), plane(5_000, 3_000), 0.0)


def test_quick_answers() -> None:
    assert reachable_depth(ZONE, (0.0, 0.0), plane(0, 9_000), 0.0)
    far = plane(60_000, 0)
    assert not reachable_depth(ZONE, far, far, 10 * 60 * 3.0)  # ten minutes on foot, 60 km off
    assert reachable_depth(ZONE, far, far, 2 * 59_000 + 100.0)
    assert not reachable_depth(ZONE, far, far, 1e9, 1_050.0)  # nowhere is it that deep


def test_silence_is_not_quiet() -> None:
    # The shared case: a zone 2 km across, fixes 5 km apart on either side, two hours, 28 m/s.
    assert reachable_depth(ZONE, plane(-2_500, 0), plane(2_500, 0), 7_200 * 28.0)


def test_a_zone_behind_a_zone_that_does_not_count() -> None:
    # Only the ring between 3 and 4 km, minus its eastern half, is asked for.
    ring = Region.circle((0.0, 0.0), 4_000.0).difference(Region.circle((0.0, 0.0), 3_000.0))
    west = ring.intersection(Region.side([(0.0, -0.5), (0.0, 0.5)], "left"))
    here = plane(2_000, 0)
    # From 2 km east the nearest of the western ring: to (0, 3 km) or (0, -3 km), 3.606 km; there and back.
    assert not reachable_depth(west, here, here, 2 * np.hypot(2_000, 3_000) - 80)
    assert reachable_depth(west, here, here, 2 * np.hypot(2_000, 3_000) + 30)


def test_across_the_antimeridian_and_far_north() -> None:
    zone = Region.circle((180.0, 80.0), 1_000.0)
    a, b = direct((180.0, 80.0), [90.0, 270.0], 5_000.0)
    assert reachable_depth(zone, a, b, 10_100.0)
    a, b = direct((180.0, 80.0), [0.0, 0.0], [5_000.0, 9_000.0])
    assert not reachable_depth(zone, a, b, 11_900.0)
    assert reachable_depth(zone, a, b, 12_010.0)


def test_refusals() -> None:
    with pytest.raises(UsageError, match="-1"):
        reachable_depth(ZONE, (0, 0), (0, 0), -1.0)
    with pytest.raises(UsageError, match="nan"):
        reachable_depth(ZONE, (0, 0), (0, 0), float("nan"))
    with pytest.raises(GeometryError, match="no place"):
        reachable_depth(ZONE, (float("nan"), 0), (0, 0), 1.0)
