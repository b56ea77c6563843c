"""How near two moving things came to each other: continuous in time, closed form on each interval.

On a short interval in which neither turns, the way from one to the other changes along a straight line, so
the instant of its least length is the minimum of a quadratic; the distance then is taken over the ground.
Legs longer than 5 km are cut along the geodesic. The work is done by the compiled kernel; a readable version of
the same is tests/oracle/reference_approach.py.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Floats, as_lonlat
from truceline.kernels.pairs import FOREVER_US, NO_PLACE, Passes, close_intervals, passes_of, require_sound
from truceline.units import Metres, MicrosUTC

LonLat = tuple[float, float]
Closest = tuple[MicrosUTC, Metres, LonLat, LonLat]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pass:
    """A longest interval in which two movers are nearer than the separation.

    ``open_start`` and ``open_end``: they were so already when the joint record began, or still when it ended.
    ``vertical_m``: at the closest approach, None where it is not known; ``vertical_known``: it is, all along.
    """

    start_us: MicrosUTC
    end_us: MicrosUTC
    open_start: bool
    open_end: bool
    closest_us: MicrosUTC
    closest_m: Metres
    lonlat_a: LonLat
    lonlat_b: LonLat
    vertical_m: Metres | None = None
    vertical_known: bool = False


def closest(t_a_us: ArrayLike, lonlat_a: ArrayLike, t_b_us: ArrayLike, lonlat_b: ArrayLike) -> Closest | None:
    """The closest approach of two tracks while both were there; the first of equally close ones.

    Parameters
    ----------
    t_a_us, t_b_us : int64, shape (n,) and (m,)
        Microseconds UTC, in order.
    lonlat_a, lonlat_b : float64, shape (n, 2) and (m, 2)

    Returns
    -------
    (closest_us, closest_m, lonlat_a, lonlat_b) or None
        The distance is rounded to :data:`RESOLUTION_M`. None where they share no instant; one shared
        instant is enough. No position is assumed past the last fix of either.

    Raises
    ------
    UsageError
        Where times and places do not match in number, or times go backwards.
    GeometryError
        Where a coordinate is no place on earth.
    """
    a, b = _track(t_a_us, lonlat_a), _track(t_b_us, lonlat_b)
    if not (len(a[0]) and len(b[0])):
        return None
    found = passes_of(_native.closest_approach(*a, *b))
    if not len(found):
        return None
    return (int(found.closest_us[0]), float(found.closest_m[0]), *_both(found, 0))


def _both(found: Passes, row: int) -> tuple[LonLat, LonLat]:
    (lon_a, lat_a), (lon_b, lat_b) = found.lonlat_a_deg[row].tolist(), found.lonlat_b_deg[row].tolist()
    return (lon_a, lat_a), (lon_b, lat_b)


def within(
    t_a_us: ArrayLike, lonlat_a: ArrayLike, t_b_us: ArrayLike, lonlat_b: ArrayLike, distance_m: Metres
) -> bool:
    """Did two tracks come within a distance of each other, that distance itself included?

    True exactly when :func:`closest` is not farther. False where they share no instant.
    """
    found = closest(t_a_us, lonlat_a, t_b_us, lonlat_b)
    return found is not None and found[1] <= distance_m


def close_passes(
    t_a_us: ArrayLike,
    lonlat_a: ArrayLike,
    t_b_us: ArrayLike,
    lonlat_b: ArrayLike,
    separation_m: Metres,
    *,
    altitude_a_m: ArrayLike | None = None,
    altitude_b_m: ArrayLike | None = None,
    vertical_m: Metres | None = None,
    unknown_apart: bool = False,
) -> list[Pass]:
    """The intervals in which two tracks were nearer to each other than a separation, in order of time.

    Both are taken to go straight at constant speed between their fixes, so give stretches without gaps.
    Exactly at the separation (to :data:`RESOLUTION_M`) is not nearer. Parameters and errors as
    :func:`closest`; the vertical distance as in :func:`close_intervals`, for altitudes that can be compared.

    Returns
    -------
    list of Pass
        Empty where they share no instant or never come near.
    """
    a, b = _track(t_a_us, lonlat_a), _track(t_b_us, lonlat_b)
    times, lon, lat = (np.concatenate(parts) for parts in zip(a, b, strict=True))
    heights = [
        np.full(len(track[0]), np.nan) if altitude is None else np.asarray(altitude, dtype=np.float64)
        for track, altitude in ((a, altitude_a_m), (b, altitude_b_m))
    ]
    found = close_intervals(
        [0, len(a[0]), len(times)],
        times,
        lon,
        lat,
        [0, 1],
        separation_m,
        longest_gap_us=FOREVER_US,
        altitude_m=np.concatenate(heights),
        vertical_m=vertical_m,
        unknown_apart=unknown_apart,
    )
    return [_pass(found, row) for row in range(len(found))]


def _pass(found: Passes, row: int) -> Pass:
    vertical_m = float(found.vertical_m[row])
    return Pass(
        int(found.start_us[row]),
        int(found.end_us[row]),
        bool(found.open_start[row]),
        bool(found.open_end[row]),
        int(found.closest_us[row]),
        float(found.closest_m[row]),
        *_both(found, row),
        None if np.isnan(vertical_m) else vertical_m,
        bool(found.vertical_known[row]),
    )


def positions_at(t_query_us: ArrayLike, t_us: ArrayLike, lonlat_deg: ArrayLike) -> Floats:
    """Where a mover was at given instants: straight over the ground at constant speed between its fixes.

    Parameters
    ----------
    t_query_us : int64, shape (k,) or a number
    t_us : int64, shape (n,)
        In order. Of several fixes of one instant the last counts.
    lonlat_deg : float64, shape (n, 2)

    Returns
    -------
    float64, shape (k, 2)
        NaN before the first fix and after the last: no position is ever assumed there. At a fix, that fix.

    Raises
    ------
    UsageError
        Where times and places do not match in number, or times go backwards.
    GeometryError
        Where a coordinate is no place on earth.
    """
    asked = np.ascontiguousarray(np.atleast_1d(np.asarray(t_query_us, dtype=np.int64)))
    positions: Floats = _native.positions(asked, *_track(t_us, lonlat_deg))
    return positions


def _track(t_us: ArrayLike, lonlat_deg: ArrayLike) -> tuple[Ints, Floats, Floats]:
    """Times, longitudes and latitudes of one track, checked."""
    times, lonlat = np.ascontiguousarray(t_us, dtype=np.int64), as_lonlat(lonlat_deg)
    if times.shape != (len(lonlat),):
        raise UsageError(f"{times.shape} times for {len(lonlat)} places", hint="give one time for each place")
    if (times[1:] < times[:-1]).any():
        raise UsageError("time goes backwards", hint="sort the fixes by time")
    lon, lat = np.ascontiguousarray(lonlat[:, 0]), np.ascontiguousarray(lonlat[:, 1])
    sound = np.isfinite(lon) & (np.abs(lat) <= 90)
    if not sound.all():
        require_sound((NO_PLACE, int(np.flatnonzero(~sound)[0])), lon, lat)
    return times, lon, lat
