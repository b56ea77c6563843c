"""All pairs of many movers: which may have met, and when, and how near they came.

The broad phase can only err towards too many: in slabs of time each mover has a box in longitude and latitude that
holds its whole way there, bend of the ground included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import GeometryError, UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Floats, as_lonlat, normalise_lon
from truceline.units import Metres

Ints = NDArray[np.int64]

FOREVER_US = 2**62
# What the compiled kernel says of a row, by number.
_BACKWARDS, NO_PLACE, _TURNED = 1, 2, 3


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


def passes_of(columns: list[NDArray]) -> Passes:
    """The columns of the compiled kernel, by name."""
    names = [field.name for field in fields(Passes)]
    return Passes(
        **{  # type: ignore[arg-type]
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
    unknown_apart: bool = False,
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
    unknown_apart : bool
        With it, such times are left out: what then remains is near in both ways beyond doubt.
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
        "unknown_apart": bool(unknown_apart),
        "longest_gap_us": min(int(longest_gap_us), FOREVER_US),
        "slab_us": int(slab_us),
        "threads_count": int(threads_count),
    }
    fault, columns = _native.close_intervals(ends, times, lon, lat, groups, float(separation_m), **more)
    if fault[0] == _TURNED:
        lon = normalise_lon(lon)
        fault, columns = _native.close_intervals(ends, times, lon, lat, groups, float(separation_m), **more)
    require_sound(fault, lon, lat)
    return passes_of(columns)


def _column(values: ArrayLike, dtype: type) -> NDArray:
    column: NDArray = np.ascontiguousarray(values, dtype=dtype)
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
    if not np.isfinite(wide).all() or (
        radius_m is not None and not (np.isfinite(radius_m) & (radius_m >= 0)).all()
    ):
        raise UsageError(
            f"no such separation: {wide}, {radius_m}", hint="give finite metres, radii not negative"
        )
    if allowed is None or group is None:
        return
    if allowed.ndim != 2 or allowed.shape[0] != allowed.shape[1] or (allowed != allowed.T).any():
        raise UsageError(
            f"allowed has the shape {allowed.shape}", hint="one symmetric row and column a group"
        )
    if len(group) and not (group.min() >= 0 and group.max() < len(allowed)):
        raise UsageError(
            f"groups up to {group.max()} for {len(allowed)} in allowed", hint="number them from 0"
        )


def require_sound(fault: tuple[int, int], lon_deg: Floats, lat_deg: Floats) -> None:
    """Raise what the compiled kernel found wrong: (0, -1) is nothing, else a kind and a row."""
    kind, row = fault
    if kind == _BACKWARDS:
        raise UsageError(f"time goes backwards at row {row + 1}", hint="sort the fixes of each mover by time")
    if kind == NO_PLACE:
        place = [float(lon_deg[row]), float(lat_deg[row])]
        raise GeometryError(f"fix {row + 1} is no place on earth: {place}", hint="leave such fixes out")


def candidate_pairs(
    tracks: Sequence[tuple[ArrayLike, ArrayLike]], separation_m: Metres
) -> list[tuple[int, int]]:
    """Pairs of tracks that could have come within a separation of each other.

    Time is cut into slabs; in each slab each track has a box in longitude and latitude that holds its whole
    path there, bend of the ground included. Boxes nearer than the separation make a pair. It is the broad
    phase of :func:`truceline.kernels.close_intervals`, without the closer look.

    Parameters
    ----------
    tracks : sequence of (t_us int64 (n,), lonlat_deg float64 (n, 2))
        Times in order.
    separation_m : float

    Returns
    -------
    list of (i, j)
        i < j, sorted. Never lacks a pair for which :func:`truceline.kernels.close_passes` finds something.

    Raises
    ------
    UsageError
        Where times and places do not match in number, or times go backwards.
    GeometryError
        Where a coordinate is no place on earth.
    """
    filled = [(np.asarray(t, dtype=np.int64), as_lonlat(places)) for t, places in tracks]
    if any(times.shape != (len(places),) for times, places in filled):
        raise UsageError("times and places of a track differ in number", hint="give one time for each place")
    if len(filled) < 2:
        return []
    offsets = np.concatenate([[0], np.cumsum([len(times) for times, _ in filled])])
    t_us = np.concatenate([times for times, _ in filled])
    lonlat = np.concatenate([places for _, places in filled])
    lon, lat = normalise_lon(lonlat[:, 0]), np.ascontiguousarray(lonlat[:, 1])
    each = np.arange(len(filled), dtype=np.int32)
    fault, found = _native.candidate_pairs(offsets, t_us, lon, lat, each, float(separation_m))
    require_sound(fault, lon, lat)
    return [divmod(pair, len(filled)) for pair in found.tolist()]
