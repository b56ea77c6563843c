"""Reach: could a mover have got into an area between two fixes, going no faster than it can?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from truceline.errors import GeometryError, UsageError
from truceline.kernels.geodesy import Floats, arc_m, as_lonlat, direct, interpolate, to_ecef
from truceline.kernels.region import Region
from truceline.units import Metres

# Half of the globe's girth: nothing is farther.
_FARTHEST_M = 20_004_000.0
_FINEST_M = 25.0
_MOST_SQUARES = 40_000


def reachable_depth(
    region: Region, lonlat_a: ArrayLike, lonlat_b: ArrayLike, budget_m: Metres, threshold_m: Metres = 0.0
) -> bool:
    """Is there a point at least ``threshold_m`` deep on some way from a to b no longer than ``budget_m``?

    Branch and bound over squares that shrink to 25 m (or until there are 40,000 of them: a hundredth of the
    budget at worst). What is undecided then counts as reachable: the answer False is a proof, the answer True
    may be short of one by that much.

    Parameters
    ----------
    region : Region
    lonlat_a, lonlat_b : float64, shape (2,)
        The fixes before and after.
    budget_m : float
        The longest way possible: top speed by time. Where it is shorter than the straight way, the straight
        way is taken instead, since the mover evidently did get there.
    threshold_m : float

    Raises
    ------
    UsageError
        Where the budget is negative or not a number.
    GeometryError
        Where a fix is not a finite place.
    """
    a, b = as_lonlat(lonlat_a), as_lonlat(lonlat_b)
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise GeometryError("a fix is no place on earth", hint="leave such fixes out")
    if not budget_m >= 0:
        raise UsageError(f"a way of {budget_m!r} m", hint="give a length that is not negative")
    here, there = to_ecef(a), to_ecef(b)
    straight = float(arc_m(here, there)[0])
    budget = min(max(float(budget_m), straight * (1 + 1e-9)), 2 * _FARTHEST_M)
    depths = region.depth_ecef_m(np.vstack([here, there]))
    if (depths >= threshold_m).any():
        return True
    if depths.sum() + budget < 2 * threshold_m:
        return False
    return _search(region, here, there, interpolate(a, b, 0.5), budget, straight, threshold_m)


def _search(
    region: Region,
    here: Floats,
    there: Floats,
    middle: Floats,
    budget: float,
    straight: float,
    threshold: float,
) -> bool:
    """Squares on the map that is true to distance and direction from the middle.

    Points are never farther apart on the ground than on that map, so the half diagonal on the map bounds
    every distance inside a square.
    """
    half = min((budget + straight) / 2, _FARTHEST_M)
    centres = np.zeros((1, 2))
    while len(centres):
        points = to_ecef(
            direct(
                middle,
                np.degrees(np.arctan2(centres[:, 0], centres[:, 1])),
                np.hypot(centres[:, 0], centres[:, 1]),
            )
        )
        way = arc_m(points, np.broadcast_to(here, points.shape)) + arc_m(
            points, np.broadcast_to(there, points.shape)
        )
        radius = half * 2**0.5
        near = way - 2 * radius <= budget
        centres, points, way = centres[near], points[near], way[near]
        depth = region.depth_ecef_m(points)
        if ((way <= budget) & (depth >= threshold)).any():
            return True
        centres = centres[depth + radius >= threshold]
        if len(centres) and (half * 2 <= _FINEST_M or len(centres) > _MOST_SQUARES):
            return True
        half /= 2
        corners = half * np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
        centres = (centres[:, None, :] + corners).reshape(-1, 2)
    return False
