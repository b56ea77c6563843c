"""Visits: when a moving thing was past a line or inside an area, found between the fixes too; and where it could
have been where nobody saw it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import GeometryError, UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Floats, as_lonlat
from truceline.kernels.region import Region
from truceline.units import Metres, MicrosUTC

LonLat = tuple[float, float]
TOLERANCE_M: Metres = 0.05


@dataclass(frozen=True, slots=True)
class Visit:
    """A longest interval of a path deeper than the threshold.

    ``entry_us`` and ``entry_lonlat`` are None where the path began there, ``exit_us`` and ``exit_lonlat``
    where it ended there. ``start_us`` and ``end_us`` are always given. ``depth_m`` is the greatest depth in
    the region (not above the threshold), between fixes too, rounded to :data:`RESOLUTION_M`.
    ``crossings_count`` is 2 less the open ends.
    """

    entry_us: MicrosUTC | None
    exit_us: MicrosUTC | None
    start_us: MicrosUTC
    end_us: MicrosUTC
    entry_lonlat: LonLat | None
    exit_lonlat: LonLat | None
    deepest_us: MicrosUTC
    deepest_lonlat: LonLat
    depth_m: Metres
    crossings_count: int


def visits(
    region: Region,
    t_us: ArrayLike,
    lonlat_deg: ArrayLike,
    *,
    threshold_m: Metres = 0.0,
    tolerance_m: Metres = TOLERANCE_M,
) -> list[Visit]:
    """The visits of one path to a region, in order of time.

    Between two fixes the mover goes straight over the ground at constant speed. Reaching the threshold
    exactly (to :data:`RESOLUTION_M`) is not a visit.

    Parameters
    ----------
    region : Region
    t_us : int64, shape (n,)
        Microseconds UTC, in order.
    lonlat_deg : float64, shape (n, 2)
    threshold_m : float
        A visit is deeper than this; negative for "nearer than".
    tolerance_m : float
        Entry and exit are found to this much of path. A visit, or a way out and back between two visits,
        that reaches less than this past the threshold between two fixes may be left out.

    Returns
    -------
    list of Visit
        Empty where there are no fixes.

    Raises
    ------
    UsageError
        Where times and places do not match in number, times go backwards, or the tolerance is not positive.
    GeometryError
        Where a coordinate is not finite or a latitude is beyond 90 degrees.
    """
    times, lonlat = _checked(t_us, lonlat_deg)
    _check_tolerance(tolerance_m)
    if not len(times):
        return []
    entry, leaving, deepest, depth_m, open_ends = _native.visits(
        region.native, times, lonlat, float(threshold_m), float(tolerance_m)
    )
    rows = zip(
        _points(entry), _points(leaving), _points(deepest), depth_m.tolist(), open_ends.tolist(), strict=True
    )
    return [
        _visit(begun, ended, top, depth, bool(open_start), bool(open_end))
        for begun, ended, top, depth, (open_start, open_end) in rows
        if depth > threshold_m
    ]


_Point = tuple[int, LonLat]
_Spots = tuple[NDArray, NDArray, NDArray, NDArray]


def _points(spots: _Spots) -> list[_Point]:
    t_us, _, _, lonlat = spots
    return list(zip(t_us.tolist(), map(tuple, lonlat.tolist()), strict=True))


def _visit(
    entry: _Point, leaving: _Point, top: _Point, depth_m: float, open_start: bool, open_end: bool
) -> Visit:
    return Visit(
        entry_us=None if open_start else entry[0],
        exit_us=None if open_end else leaving[0],
        start_us=entry[0],
        end_us=leaving[0],
        entry_lonlat=None if open_start else entry[1],
        exit_lonlat=None if open_end else leaving[1],
        deepest_us=top[0],
        deepest_lonlat=top[1],
        depth_m=depth_m,
        crossings_count=2 - open_start - open_end,
    )


def path_depths_m(region: Region, lonlat_deg: ArrayLike) -> tuple[Metres, LonLat, int]:
    """How deep a drawn path without a clock gets: depth, where, and on which leg (0 from the first point).

    Parameters
    ----------
    region : Region
    lonlat_deg : float64, shape (n, 2)
        At least one point. The path is straight over the ground between them.

    Returns
    -------
    depth_m, lonlat, leg_index

    Raises
    ------
    UsageError
        Where the path has no point.
    GeometryError
        Where a coordinate is no place on earth.
    """
    lonlat = as_lonlat(lonlat_deg)
    if not len(lonlat):
        raise UsageError("a path without points has no depth")
    _check_places(lonlat)
    (_, row, _, place), depth_m = _native.deepest(region.native, _no_clock(lonlat), lonlat)
    lon, lat = place[0].tolist()
    leg = min(int(row[0]), max(len(lonlat) - 2, 0))
    return float(depth_m), (lon, lat), leg


def _no_clock(lonlat: Floats) -> NDArray[np.int64]:
    return np.zeros(len(lonlat), dtype=np.int64)


def crossings_of_path(
    region: Region, lonlat_deg: ArrayLike, threshold_m: Metres = 0.0, *, tolerance_m: Metres = TOLERANCE_M
) -> list[tuple[int, float, LonLat]]:
    """Where a drawn path crosses the threshold, either way: leg, fraction of that leg, place; in path order.

    Raises as :func:`visits`. A path without points crosses nothing.
    """
    lonlat = as_lonlat(lonlat_deg)
    _check_tolerance(tolerance_m)
    if not len(lonlat):
        return []
    _check_places(lonlat)
    _, legs, shares, places = _native.crossings(
        region.native, _no_clock(lonlat), lonlat, float(threshold_m), float(tolerance_m)
    )
    return list(zip(legs.tolist(), shares.tolist(), map(tuple, places.tolist()), strict=True))


def _check_tolerance(tolerance_m: Metres) -> None:
    if not tolerance_m > 0:
        raise UsageError(
            f"a tolerance of {tolerance_m!r} m can never be reached", hint="give a positive length"
        )


def _checked(t_us: ArrayLike, lonlat_deg: ArrayLike) -> tuple[NDArray[np.int64], Floats]:
    times, lonlat = np.asarray(t_us), as_lonlat(lonlat_deg)
    if not np.issubdtype(times.dtype, np.integer) and times.size:
        raise UsageError(
            f"times are {times.dtype}, not whole microseconds", hint="give int64 microseconds UTC"
        )
    times = times.astype(np.int64)
    if times.shape != (len(lonlat),):
        raise UsageError(f"{times.shape} times for {len(lonlat)} places", hint="give one time for each place")
    if (np.diff(times) < 0).any():
        at = int(np.flatnonzero(np.diff(times) < 0)[0])
        raise UsageError(f"time goes backwards after fix {at + 1}", hint="sort the fixes by time")
    _check_places(lonlat)
    return times, lonlat


def _check_places(lonlat: Floats) -> None:
    bad = ~np.isfinite(lonlat).all(axis=1) | (np.abs(lonlat[:, 1]) > 90)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise GeometryError(
            f"fix {at + 1} is no place on earth: {lonlat[at].tolist()}", hint="leave such fixes out"
        )


# ---------------------------------------------------------------- what nobody saw


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
