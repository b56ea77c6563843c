"""Visits: when a moving thing was past a line or inside an area, found between the fixes too."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import UsageError
from truceline.kernels.curves import Ints
from truceline.kernels.geodesy import Floats, as_lonlat
from truceline.kernels.paths import Peaks, Spans, Way, deepest, settled_spans, way_of, whole_spans
from truceline.kernels.region import RESOLUTION_DECIMALS, RESOLUTION_M, Region
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
    level = threshold_m + RESOLUTION_M / 2
    way = way_of(lonlat)
    spans = settled_spans(way, region, level, tolerance_m)
    inside_start, inside_end = spans.start_m > 0, spans.end_m > 0
    entries, exits = np.flatnonzero(~inside_start & inside_end), np.flatnonzero(inside_start & ~inside_end)
    open_start, open_end = bool(inside_start[0]), bool(inside_end[-1])
    count = len(entries) + open_start
    if not count:
        return []
    # Each interval that touches the inside belongs to one visit: the number of entries up to it.
    number = np.cumsum(~inside_start & inside_end) - 1 + open_start
    peaks = deepest(way, region, level, spans, np.where(inside_start | inside_end, number, -1), count)
    stamped = _Stamped(way, times)
    begun = [None] * open_start + stamped.roots(spans[entries])
    ended = stamped.roots(spans[exits]) + [None] * open_end
    tops = stamped.points(peaks.piece, peaks.fraction)
    depths = np.round(peaks.height_m + level, RESOLUTION_DECIMALS)
    return [
        _visit(begun[k], ended[k], tops[k], float(depths[k]), int(times[0]), int(times[-1]))
        for k in range(count)
        if depths[k] > threshold_m
    ]


_Point = tuple[int, LonLat]


def _visit(
    entry: _Point | None, leaving: _Point | None, top: _Point, depth_m: float, first_us: int, last_us: int
) -> Visit:
    return Visit(
        entry_us=entry[0] if entry else None,
        exit_us=leaving[0] if leaving else None,
        start_us=entry[0] if entry else first_us,
        end_us=leaving[0] if leaving else last_us,
        entry_lonlat=entry[1] if entry else None,
        exit_lonlat=leaving[1] if leaving else None,
        deepest_us=top[0],
        deepest_lonlat=top[1],
        depth_m=depth_m,
        crossings_count=(entry is not None) + (leaving is not None),
    )


@dataclass(frozen=True, slots=True)
class _Stamped:
    """A way with the times of its fixes."""

    way: Way
    times: NDArray[np.int64]

    def points(self, piece: Ints, fraction: Floats) -> list[_Point]:
        leg, share = self.way.leg[piece], self.way.leg_fraction(piece, fraction)
        after = np.minimum(leg + 1, len(self.times) - 1)
        took = self.times[after] - self.times[leg]
        t_us = self.times[leg] + np.rint(share * took).astype(np.int64)
        return list(
            zip(t_us.tolist(), map(tuple, self.way.lonlat_deg(piece, fraction).tolist()), strict=True)
        )

    def roots(self, spans: Spans) -> list[_Point | None]:
        return list(self.points(spans.piece, _root(spans)))


def _root(spans: Spans) -> Floats:
    """Where an interval that changes sign does so, by proportion."""
    return spans.start + (spans.end - spans.start) * spans.start_m / (spans.start_m - spans.end_m)


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
    way = way_of(lonlat)
    spans = whole_spans(way, region, 0.0)
    peaks: Peaks = deepest(way, region, 0.0, spans, np.zeros(len(spans), dtype=np.int64), 1)
    lon, lat = way.lonlat_deg(peaks.piece, peaks.fraction)[0].tolist()
    return float(peaks.height_m[0]), (lon, lat), int(way.leg[peaks.piece[0]])


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
    way = way_of(lonlat)
    spans = settled_spans(way, region, threshold_m + RESOLUTION_M / 2, tolerance_m)
    spans = spans[spans.crosses()]
    fraction = _root(spans)
    places = map(tuple, way.lonlat_deg(spans.piece, fraction).tolist())
    legs, shares = way.leg[spans.piece].tolist(), way.leg_fraction(spans.piece, fraction).tolist()
    return list(zip(legs, shares, places, strict=True))


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
    return times, lonlat
