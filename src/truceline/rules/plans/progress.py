"""Where on its route a mover is, and how early or late that is.

A plan gives each waypoint the earliest and the latest time to be there; between two waypoints both grow in
proportion to the way. A place may lie near several legs (a route that crosses itself, or comes back the way it
went): then the leg on which the mover is least out of time (or most within it) is taken, so that doubt goes in
its favour.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import densify, to_ecef
from truceline.model.plan import Plan
from truceline.timebase import US_PER_S
from truceline.units import Metres

Floats = NDArray[np.float64]
# On pieces this short the chord stays within 0.5 m of the ground.
_LONGEST_PIECE_M = 5000.0
_CELLS = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Progress:
    """One row a fix. ``leg`` -1: near no leg. ``late_s`` is how far past the latest time (negative before it),
    ``early_s`` how far before the earliest; ``late_off_s`` and ``early_off_s`` how much each may be off, for the
    accuracy of the fix along the route."""

    leg: NDArray[np.int64]
    late_s: Floats
    early_s: Floats
    late_off_s: Floats
    early_off_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Pieces:
    """A route in short pieces, with the leg, and the earliest and latest seconds at both ends, of each."""

    start: Floats
    chord: Floats
    leg: NDArray[np.int64]
    earliest_s: Floats
    latest_s: Floats


def _pieces(plan: Plan, origin_us: int) -> _Pieces:
    route = plan.route if len(plan.route) > 1 else (plan.route[0], plan.route[0])
    starts, chords, legs = [], [], []
    earliest: list[Floats] = []
    latest: list[Floats] = []
    for leg, (here, there) in enumerate(pairwise(route)):
        nodes = to_ecef(densify(np.array([here.lonlat_deg, there.lonlat_deg]), longest_m=_LONGEST_PIECE_M))
        if len(nodes) < 2:
            nodes = np.vstack([nodes, nodes])
        shares = np.linspace(0.0, 1.0, len(nodes))
        starts.append(nodes[:-1])
        chords.append(np.diff(nodes, axis=0))
        legs.append(np.full(len(nodes) - 1, leg))
        for held, times_us in (
            (earliest, (here.earliest_us, there.earliest_us)),
            (latest, (here.latest_us, there.latest_us)),
        ):
            at_s = (np.array(times_us) - origin_us) / US_PER_S
            along = at_s[0] + shares * (at_s[1] - at_s[0])
            held.append(np.column_stack([along[:-1], along[1:]]))
    return _Pieces(
        np.vstack(starts), np.vstack(chords), np.concatenate(legs), np.vstack(earliest), np.vstack(latest)
    )


def progress_of(
    plan: Plan, t_us: NDArray[np.int64], lonlat_deg: Floats, accuracy_m: Floats, reach_m: Metres
) -> Progress:
    """How early or late each fix is.

    Parameters
    ----------
    plan : Plan
    t_us : int64, shape (n,)
    lonlat_deg : float64, shape (n, 2)
    accuracy_m : float64, shape (n,)
    reach_m : float
        A leg counts for fixes this near to it and their accuracy.
    """
    origin_us = plan.span.start_us
    pieces, xyz = _pieces(plan, origin_us), to_ecef(lonlat_deg)
    at_s = (t_us - origin_us) / US_PER_S
    n, rows = len(xyz), max(1, _CELLS // len(pieces.leg))
    leg = np.full(n, -1, dtype=np.int64)
    columns = np.full((n, 4), np.nan)
    for first in range(0, n, rows):
        part = slice(first, first + rows)
        leg[part], columns[part] = _block(pieces, xyz[part], at_s[part], accuracy_m[part], reach_m)
    return Progress(
        leg=leg,
        late_s=columns[:, 0],
        early_s=columns[:, 1],
        late_off_s=columns[:, 2],
        early_off_s=columns[:, 3],
    )


def _block(
    pieces: _Pieces, xyz: Floats, at_s: Floats, accuracy_m: Floats, reach_m: Metres
) -> tuple[NDArray[np.int64], Floats]:
    away = xyz[:, None, :] - pieces.start[None]
    size_sq = np.einsum("mi,mi->m", pieces.chord, pieces.chord)
    share = np.divide(
        np.einsum("nmi,mi->nm", away, pieces.chord),
        size_sq,
        out=np.zeros(away.shape[:2]),
        where=size_sq > 0,
    ).clip(0.0, 1.0)
    aside_m = np.linalg.norm(away - share[..., None] * pieces.chord[None], axis=2)
    near = aside_m <= reach_m + accuracy_m[:, None] + 1.0
    latest = pieces.latest_s[:, 0] + share * np.ptp(pieces.latest_s, axis=1)
    earliest = pieces.earliest_s[:, 0] + share * np.ptp(pieces.earliest_s, axis=1)
    late_s, early_s = at_s[:, None] - latest, earliest - at_s[:, None]
    out_of_time = np.where(near, np.maximum(late_s, early_s), np.inf)
    # Of legs that are out of time alike, the nearest.
    best = np.lexsort((aside_m, out_of_time), axis=1)[:, 0]
    every = np.arange(len(xyz))
    length_m = np.sqrt(size_sq)
    slope = np.divide(1.0, length_m, out=np.zeros_like(length_m), where=length_m > 0)
    columns = np.column_stack(
        [
            late_s[every, best],
            early_s[every, best],
            accuracy_m * np.ptp(pieces.latest_s, axis=1)[best] * slope[best],
            accuracy_m * np.ptp(pieces.earliest_s, axis=1)[best] * slope[best],
        ]
    )
    found = near.any(axis=1)
    columns[~found] = np.nan
    return np.where(found, pieces.leg[best], -1), columns
