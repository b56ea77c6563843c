"""Which runs of columns the checks of plausibility have to look at: a cheap sieve that drops none of them.

Speeds are the business of the kernel that scans the columns; this is about what shows without an impossible
leg: clocks, aircraft that stand still in the air, vessels ashore, many movers at one point.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from truceline.model.agreement import SpoofingSink
from truceline.model.columns import Fixes
from truceline.model.identity import CLASSES
from truceline.rules.doubts.clocks import ROLLOVER_SLACK_US, ROLLOVER_US, YEAR_2000_US, any_shifted
from truceline.rules.doubts.sinks import ONE_POINT_DEG, ONE_POINT_MOVERS, SHORTEST_DEGREE_M


def suspect_runs(
    fixes: Fixes, starts: NDArray[np.int64], stood_count: NDArray[np.int64], sinks: Iterable[SpoofingSink]
) -> NDArray[np.bool_]:
    """Which runs may hold a doubt other than an impossible speed.

    Parameters
    ----------
    fixes : Fixes
    starts : int64, shape (r + 1,)
        The first row of each run of one mover, and the end of the last.
    stood_count : int64, shape (r,)
        How many legs of each run are no longer than :data:`~truceline.rules.doubts.sinks.ONE_POINT_DEG`.
    sinks : iterable of SpoofingSink

    Returns
    -------
    bool array, shape (r,)
        False only where :func:`~truceline.rules.movement.plausibility.doubts_of` finds nothing but speeds.
    """
    count = len(starts) - 1
    suspects = np.zeros(count, dtype=bool)
    if not count:
        return suspects
    first, last = starts[:-1], starts[1:] - 1
    t_us = fixes.t_us
    if any_shifted(t_us[first]):
        return np.ones(count, dtype=bool)
    suspects |= t_us[first] < YEAR_2000_US
    suspects |= t_us[last] - t_us[first] >= ROLLOVER_US - ROLLOVER_SLACK_US
    domain = np.array(
        [_domain(fixes.movers[code].mover_class) for code in fixes.mover[first].tolist()], dtype=np.int64
    )
    suspects |= (domain == _WINGED) & (stood_count > 0)
    suspects[_shared_runs(fixes, starts, _standing_rows(fixes, starts, np.flatnonzero(stood_count)))] = True
    if (domain == _SEA).any():
        at_sea = np.repeat(domain == _SEA, np.diff(starts))
        for sink in sinks:
            near = np.abs(fixes.lat_deg - sink.centre_deg[1]) * SHORTEST_DEGREE_M <= sink.dry_m
            rows = np.flatnonzero(near & at_sea)
            suspects[np.searchsorted(starts, rows, side="right") - 1] = True
    return suspects


_OTHER, _SEA, _WINGED = range(3)


def _domain(name: str | None) -> int:
    known = CLASSES.get(name or "")
    if known is None:
        return _OTHER
    return _WINGED if known.id == "fixed-wing" else _SEA if known.domain == "sea" else _OTHER


def _standing_rows(fixes: Fixes, starts: NDArray[np.int64], runs: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rows of these runs at nearly the place of the row after them."""
    rows = []
    for run in runs.tolist():
        part = slice(int(starts[run]), int(starts[run + 1]))
        stood = np.abs(np.diff(fixes.lon_deg[part])) <= ONE_POINT_DEG
        stood &= np.abs(np.diff(fixes.lat_deg[part])) <= ONE_POINT_DEG
        rows.append(np.flatnonzero(stood) + part.start)
    return np.concatenate(rows) if rows else np.empty(0, dtype=np.int64)


def _shared_runs(fixes: Fixes, starts: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """The runs that stood at a point at which enough movers ever stood."""
    if not len(rows) or len(fixes.movers) < ONE_POINT_MOVERS:
        return np.empty(0, dtype=np.int64)
    lon = np.round(fixes.lon_deg[rows] / ONE_POINT_DEG).astype(np.int64)
    lat = np.round(fixes.lat_deg[rows] / ONE_POINT_DEG).astype(np.int64)
    run = np.searchsorted(starts, rows, side="right") - 1
    order = np.lexsort((run, lat, lon))
    lon, lat, run = lon[order], lat[order], run[order]
    new_point = np.concatenate(([True], (np.diff(lon) != 0) | (np.diff(lat) != 0)))
    new_run = new_point | np.concatenate(([True], np.diff(run) != 0))
    groups = np.flatnonzero(new_point)
    runs_count = np.add.reduceat(new_run.astype(np.int64), groups)
    crowded = np.repeat(runs_count >= ONE_POINT_MOVERS, np.diff([*groups, len(run)]))
    return np.unique(run[crowded])
