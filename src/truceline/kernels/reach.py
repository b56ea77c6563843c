"""Could a mover have got into an area between two fixes, going no faster than it can?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import GeometryError, UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import as_lonlat
from truceline.kernels.region import Region
from truceline.units import Metres


def reachable_depths(
    region: Region, lonlat_a: ArrayLike, lonlat_b: ArrayLike, budget_m: ArrayLike, threshold_m: Metres = 0.0
) -> NDArray[np.bool_]:
    """For each gap: is there a point at least ``threshold_m`` deep on a way from a to b within its budget?

    Branch and bound over squares that shrink to 25 m (or until there are 40,000 of them: a hundredth of the
    budget at worst). What is undecided then counts as reachable: the answer False is a proof, the answer True
    may be short of one by that much.

    Parameters
    ----------
    region : Region
    lonlat_a, lonlat_b : float64, shape (n, 2)
        The fixes before and after.
    budget_m : float64, shape (n,)
        The longest way possible: top speed by time. Where it is shorter than the straight way, the straight
        way is taken instead, since the mover evidently did get there.
    threshold_m : float

    Returns
    -------
    bool, shape (n,)

    Raises
    ------
    UsageError
        Where a budget is negative or not a number.
    GeometryError
        Where a fix is not a finite place.
    """
    a, b = as_lonlat(lonlat_a), as_lonlat(lonlat_b)
    budgets = np.broadcast_to(np.asarray(budget_m, dtype=np.float64), (len(a),))
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        raise GeometryError("a fix is no place on earth", hint="leave such fixes out")
    if not (budgets >= 0).all():
        bad = float(budgets[~(budgets >= 0)][0])
        raise UsageError(f"a way of {bad!r} m", hint="give a length that is not negative")
    found = _native.reachable(region.native, a, b, np.ascontiguousarray(budgets), float(threshold_m))
    return np.asarray(found).astype(bool)


def reachable_depth(
    region: Region, lonlat_a: ArrayLike, lonlat_b: ArrayLike, budget_m: Metres, threshold_m: Metres = 0.0
) -> bool:
    """:func:`reachable_depths` of one gap; ``lonlat_a`` and ``lonlat_b`` have shape (2,)."""
    return bool(reachable_depths(region, lonlat_a, lonlat_b, budget_m, threshold_m)[0])
