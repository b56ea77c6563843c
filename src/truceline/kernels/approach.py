"""How near moving things came to each other: continuous in time, closed form on each interval.

On a short interval in which neither turns, the way from one to the other changes along a straight line, so
the instant of its least length is the minimum of a quadratic; the distance then is taken over the ground.
Legs longer than 5 km are cut along the geodesic. The work is done by the compiled kernel; a readable version of
the same is tests/oracle/reference_approach.py.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import GeometryError, UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Floats, as_lonlat, normalise_lon
from truceline.units import Metres, MicrosUTC

LonLat = tuple[float, float]
Closest = tuple[MicrosUTC, Metres, LonLat, LonLat]
Ints = NDArray[np.int64]

_FOREVER_US = 2**62
# What the compiled kernel says of a row, by number.
_BACKWARDS, _NO_PLACE, _TURNED = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Pass:
    """A longest interval in which two movers are nearer than the separation.

    ``open_start`` and ``open_end``: they were so already when the joint record began, or still when it ended.
    """

    start_us: MicrosUTC
    end_us: MicrosUTC
    open_start: bool
    open_end: bool
    closest_us: MicrosUTC
    closest_m: Metres
    lonlat_a: LonLat
    lonlat_b: LonLat


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Passes:
    """Passes of many pairs as columns of k rows, sorted by ``a``, then start, then ``b``.

    Attributes
    ----------
    a, b : int32, shape (k,)
        Movers, as numbered by ``offsets``; a < b.
    start_us, end_us : int64, shape (k,)
    open_start, open_end : bool, shape (k,)
        Nearer already when the joint record began, or still when it ended.
    closest_us : int64, shape (k,)
        The first instant of the closest approach.
    closest_m : float64, shape (k,)
        Over the ground, rounded to :data:`RESOLUTION_M`.
    vertical_m : float64, shape (k,)
        At that instant; NaN where either altitude is unknown or they cannot be compared.
    vertical_known : bool, shape (k,)
        Both altitudes were known, and could be compared, during the whole pass.
    lonlat_a_deg, lonlat_b_deg : float64, shape (k, 2)
        Where both were at that instant.
    """

    a: NDArray[np.int32]
    b: NDArray[np.int32]
    start_us: Ints
    end_us: Ints
    open_start: NDArray[np.bool_]
    open_end: NDArray[np.bool_]
    closest_us: Ints
    closest_m: Floats
    vertical_m: Floats
    vertical_known: NDArray[np.bool_]
    lonlat_a_deg: Floats
    lonlat_b_deg: Floats

    def __len__(self) -> int:
        return len(self.a)


_FLAGS = {"open_start", "open_end", "vertical_known"}


def _passes(columns: list[NDArray]) -> Passes:
    names = [field.name for field in fields(Passes)]
    return Passes(
        **{
            name: column.view(np.bool_) if name in _FLAGS else column
            for name, column in zip(names, columns, strict=True)
        }
    )


def close_intervals(
    offsets: ArrayLike,
    t_us: ArrayLike,
    lon_deg: ArrayLike,
    lat_deg: ArrayLike,
    group: ArrayLike,
    separation_m: Metres,
    *,
    longest_gap_us: int,
    vertical_m: Metres | None = None,
    altitude_m: ArrayLike | None = None,
    datum: ArrayLike | None = None,
    allowed: ArrayLike | None = None,
    body: ArrayLike | None = None,
    radius_m: ArrayLike | None = None,
    breaks: ArrayLike | None = None,
    slab_us: int = 0,
    threads_count: int = 1,
) -> Passes:
    """All passes of all pairs nearer than a separation, continuous in time.

    Between fixes all go straight at constant speed, up to the longest gap; nothing is assumed in a longer one
    or past the last fix. Exactly at the separation (to :data:`RESOLUTION_M`) is not nearer, and no more is
    exactly at the vertical distance. No result depends on ``slab_us`` or ``threads_count``.

    Parameters
    ----------
    offsets : int64, shape (m + 1,)
        The fixes of mover i are the rows ``offsets[i]`` up to ``offsets[i + 1]``, in order of time.
    t_us : int64, shape (n,)
        Of several fixes of one instant the way comes in at the first and leaves from the last.
    lon_deg, lat_deg : float64, shape (n,)
        WGS 84.
    group : int32, shape (m,)
        Movers of different groups make pairs, unless ``allowed`` says otherwise.
    separation_m : float
        Over the ground.
    longest_gap_us : int
        Two fixes further apart in time have a gap between them.
    vertical_m : float, optional
        Nearer is then nearer in both ways at the same time. An altitude that is unknown (NaN at either end of a
        leg) or not comparable excludes nothing: see ``vertical_known``.
    altitude_m : float64, shape (n,), optional
        NaN is unknown; straight between fixes.
    datum : int32, shape (m,), optional
        Altitudes are compared only where both movers have the same number, and not a negative one.
    allowed : bool, shape (g, g), optional
        Which groups, numbered from 0, make pairs; symmetric.
    body : int32, shape (m,), optional
        Movers with the same number are one thing seen twice, and never a pair.
    radius_m : float64, shape (m,), optional
        Added to the separation of each pair the mover is in: a protected zone that moves with it.
    breaks : int64, optional
        Rows, in order, before which there is a gap, however short.
    slab_us : int
        Width of the slabs of the search; 0 chooses by the fixes.
    threads_count : int

    Returns
    -------
    Passes

    Raises
    ------
    UsageError
        Where columns do not match in number, times of a mover go backwards, or an option cannot be meant.
    GeometryError
        Where a coordinate is no place on earth.

    Notes
    -----
    Method: docs/explain/encounters.md.
    """
    ends, times = _column(offsets, np.int64), _column(t_us, np.int64)
    lon, lat = _column(lon_deg, np.float64), _column(lat_deg, np.float64)
    movers_count, rows = len(ends) - 1, len(times)
    optional = {
        "altitude_m": _optional(altitude_m, np.float64, rows, "altitude_m"),
        "datum": _optional(datum, np.int32, movers_count, "datum"),
        "body": _optional(body, np.int32, movers_count, "body"),
        "radius_m": _optional(radius_m, np.float64, movers_count, "radius_m"),
        "breaks": None if breaks is None else _column(breaks, np.int64),
    }
    groups = _optional(group, np.int32, movers_count, "group")
    table = None if allowed is None else np.ascontiguousarray(allowed, dtype=np.uint8)
    _require_columns(ends, times, lon, lat)
    _require_options(separation_m, vertical_m, optional["radius_m"], groups, table)
    more = {
        **optional,
        "allowed": None if table is None else table.ravel(),
        "groups_count": 0 if table is None else len(table),
        "vertical_m": np.inf if vertical_m is None else float(vertical_m),
        "longest_gap_us": min(int(longest_gap_us), _FOREVER_US),
        "slab_us": int(slab_us),
        "threads_count": int(threads_count),
    }
    fault, columns = _native.close_intervals(ends, times, lon, lat, groups, float(separation_m), **more)
    if fault[0] == _TURNED:
        lon = normalise_lon(lon)
        fault, columns = _native.close_intervals(ends, times, lon, lat, groups, float(separation_m), **more)
    require_sound(fault, lon, lat)
    return _passes(columns)


def _column(values: ArrayLike, dtype: type) -> NDArray:
    column = np.ascontiguousarray(values, dtype=dtype)
    if column.ndim != 1:
        raise UsageError(f"a column has the shape {column.shape}", hint="give one dimension")
    return column


def _optional(values: ArrayLike | None, dtype: type, count: int, name: str) -> NDArray | None:
    if values is None:
        return None
    column = _column(values, dtype)
    if len(column) != count:
        raise UsageError(f"{name} has {len(column)} rows for {count}", hint="columns go together row by row")
    return column


def _require_columns(offsets: NDArray, times: NDArray, lon: NDArray, lat: NDArray) -> None:
    if not len(times) == len(lon) == len(lat):
        raise UsageError(
            f"{len(times)} times for {len(lon)} longitudes and {len(lat)} latitudes",
            hint="columns go together row by row",
        )
    if not len(offsets) or offsets[0] != 0 or offsets[-1] != len(times) or (np.diff(offsets) < 0).any():
        raise UsageError(
            f"offsets do not divide {len(times)} rows among movers",
            hint="start with 0, never fall, end with the number of rows",
        )


def _require_options(
    separation_m: Metres,
    vertical_m: Metres | None,
    radius_m: Floats | None,
    group: NDArray | None,
    allowed: NDArray | None,
) -> None:
    wide = (separation_m, 0.0 if vertical_m is None else vertical_m)
    if not np.isfinite(wide).all() or (radius_m is not None and not (np.isfinite(radius_m) & (radius_m >= 0)).all()):
        raise UsageError(f"no such separation: {wide}, {radius_m}", hint="give finite metres, radii not negative")
    if allowed is None or group is None:
        return
    if allowed.ndim != 2 or allowed.shape[0] != allowed.shape[1] or (allowed != allowed.T).any():
        raise UsageError(f"allowed has the shape {allowed.shape}", hint="one symmetric row and column a group")
    if len(group) and not (group.min() >= 0 and group.max() < len(allowed)):
        raise UsageError(f"groups up to {group.max()} for {len(allowed)} in allowed", hint="number them from 0")


def require_sound(fault: tuple[int, int], lon_deg: Floats, lat_deg: Floats) -> None:
    """Raise what the compiled kernel found wrong: (0, -1) is nothing, else a kind and a row."""
    kind, row = fault
    if kind == _BACKWARDS:
        raise UsageError(f"time goes backwards at row {row + 1}", hint="sort the fixes of each mover by time")
    if kind == _NO_PLACE:
        place = [float(lon_deg[row]), float(lat_deg[row])]
        raise GeometryError(f"fix {row + 1} is no place on earth: {place}", hint="leave such fixes out")


# ---------------------------------------------------------------- one pair


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
    found = _passes(_native.closest_approach(*a, *b))
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
    t_a_us: ArrayLike, lonlat_a: ArrayLike, t_b_us: ArrayLike, lonlat_b: ArrayLike, separation_m: Metres
) -> list[Pass]:
    """The intervals in which two tracks were nearer to each other than a separation, in order of time.

    Both are taken to go straight at constant speed between their fixes, so give stretches without gaps.
    Exactly at the separation (to :data:`RESOLUTION_M`) is not nearer. Parameters and errors as
    :func:`closest`.

    Returns
    -------
    list of Pass
        Empty where they share no instant or never come near.
    """
    a, b = _track(t_a_us, lonlat_a), _track(t_b_us, lonlat_b)
    columns = [np.concatenate(parts) for parts in zip(a, b, strict=True)]
    offsets = [0, len(a[0]), len(a[0]) + len(b[0])]
    found = close_intervals(offsets, *columns, [0, 1], separation_m, longest_gap_us=_FOREVER_US)
    return [
        Pass(
            int(found.start_us[row]),
            int(found.end_us[row]),
            bool(found.open_start[row]),
            bool(found.open_end[row]),
            int(found.closest_us[row]),
            float(found.closest_m[row]),
            *_both(found, row),
        )
        for row in range(len(found))
    ]


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
        require_sound((_NO_PLACE, int(np.flatnonzero(~sound)[0])), lon, lat)
    return times, lon, lat
