"""Position data that cannot be: marked with what was seen and why, kept, never deleted, never judged from.

A spoofed or mistaken stretch shows as a jump away and a jump back. The fixes are cut at the impossible
legs, and the largest set of pieces that one mover can have travelled is believed; the rest is unreliable.
Where two sets are of comparable size nobody can say which is true, and all of it is unreliable. Before that
go the checks that need no jump: clocks, frozen positions, spoofing sinks, many movers at one point.

The table of checks and limits is docs/explain/plausibility.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import distance_m
from truceline.model.agreement import SpoofingSink
from truceline.model.finding import Doubt
from truceline.model.movement import Track
from truceline.rules.doubts.clocks import clock_doubts, shifted_doubts
from truceline.rules.doubts.frozen import frozen_doubts, speed_doubts
from truceline.rules.doubts.sinks import (
    KNOWN_SINKS,
    ashore_doubts,
    runs,
    shared_point_doubts,
    sink_doubt,
    sink_of,
)
from truceline.timebase import US_PER_S, Interval
from truceline.units import MetresPerSecond

# For a mover of unknown kind: no aircraft of interest flies faster.
UNKNOWN_CEILING_MPS: MetresPerSecond = 350.0
# Left-out pieces with more fixes than this share of the believed ones make the whole doubtful.
DOUBTFUL_SHARE = 0.5
# More pieces than this is noise, not a track with a bad stretch.
MOST_PIECES = 1000
CEILINGS = "the ceiling of the mover's class, or its own top speed"

DOUBT_CODES = (
    "speed-impossible",
    "speed-differs",
    "position-frozen",
    "many-at-one-point",
    "spoofing-sink",
    "clock-before-2000",
    "clock-rollover",
    "clock-ahead",
    "clock-behind",
    "clock-whole-hours",
)


def doubts_of(
    tracks: Sequence[Track], *, sinks: Iterable[SpoofingSink] = KNOWN_SINKS
) -> tuple[tuple[Doubt, ...], ...]:
    """What cannot be relied on in each track, and why.

    Parameters
    ----------
    tracks : sequence of Track
        All tracks of one check: some doubts are seen only from several movers together.
    sinks : iterable of SpoofingSink
        Places at which spoofed receivers are known to appear.

    Returns
    -------
    tuple of tuple of Doubt
        One for each track, in the order of ``tracks``; each sorted by first fix and code.
    """
    known = tuple(sinks)
    shared, shifted = shared_point_doubts(tracks), shifted_doubts(tracks)
    return tuple(
        tuple(
            sorted(
                _of_one(track, known, [*shared.get(place, ()), *shifted.get(place, ())]),
                key=lambda doubt: (doubt.first_fix, doubt.code, doubt.last_fix),
            )
        )
        for place, track in enumerate(tracks)
    )


def unreliable_fixes(track: Track) -> NDArray[np.bool_]:
    """Which fixes of one track, seen by itself, cannot be relied on.

    Returns
    -------
    bool array, shape (n,)
        True where a fix belongs to at least one :class:`~truceline.model.finding.Doubt`.
    """
    return doubtful_fixes(track, doubts_of((track,))[0])


def doubtful_fixes(track: Track, doubts: Iterable[Doubt]) -> NDArray[np.bool_]:
    """Which fixes the doubts are about: bool, shape (n,)."""
    flags = np.zeros(len(track), dtype=bool)
    for doubt in doubts:
        flags[doubt.first_fix : doubt.last_fix + 1] = True
    return flags


def _of_one(track: Track, sinks: Sequence[SpoofingSink], found: list[Doubt]) -> list[Doubt]:
    found = [*found, *clock_doubts(track), *ashore_doubts(track, sinks)]
    if len(track) < 2:
        return found
    ceiling_mps = track.mover.speed_ceiling_mps or UNKNOWN_CEILING_MPS
    leg_m = _at_least_m(track, np.arange(len(track) - 1), np.arange(1, len(track)))
    too_fast = leg_m > ceiling_mps * np.diff(track.t_us) / US_PER_S
    found += frozen_doubts(track, too_fast, ceiling_mps)
    found += speed_doubts(track, leg_m)
    if too_fast.any():
        found += _at_sinks(track, sinks, too_fast)
        good = np.flatnonzero(~doubtful_fixes(track, found))
        found += _jumped(track, good, ceiling_mps)
    return found


def _at_least_m(track: Track, first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float64]:
    """The least that was gone between two fixes, both being off by their accuracy towards each other."""
    gone_m = distance_m(track.lonlat_deg[first], track.lonlat_deg[second])
    slack_m = np.nan_to_num(track.accuracy_m[first]) + np.nan_to_num(track.accuracy_m[second])
    return np.asarray(gone_m - slack_m)


def _too_fast(track: Track, first: NDArray, second: NDArray, ceiling_mps: float) -> NDArray[np.bool_]:
    took_s = (track.t_us[second] - track.t_us[first]) / US_PER_S
    return np.asarray(_at_least_m(track, first, second) > ceiling_mps * took_s)


def _at_sinks(track: Track, sinks: Sequence[SpoofingSink], too_fast: NDArray[np.bool_]) -> list[Doubt]:
    """Pieces between impossible legs that lie at a sink, as long as not all of the track does."""
    jumps = np.flatnonzero(too_fast)
    if len(jumps) >= MOST_PIECES:
        return []
    starts, ends = np.concatenate(([0], jumps + 1)), np.concatenate((jumps, [len(track) - 1]))
    found = []
    for first, last in zip(starts.tolist(), ends.tolist(), strict=True):
        sink = sink_of(sinks, track.lonlat_deg[first : last + 1])
        if sink is not None:
            found.append(sink_doubt(track, sink, first, last))
    return found if len(found) < len(starts) else []


def _jumped(track: Track, good: NDArray[np.intp], ceiling_mps: float) -> list[Doubt]:
    """Fixes among ``good`` that belong to a piece which the rest of the track cannot have reached."""
    if len(good) < 2:
        return []
    jumps = np.flatnonzero(_too_fast(track, good[:-1], good[1:], ceiling_mps))
    if not len(jumps):
        return []
    starts, ends = np.concatenate(([0], jumps + 1)), np.concatenate((jumps, [len(good) - 1]))
    bad = np.zeros(len(good), dtype=bool)
    if len(starts) > MOST_PIECES:
        bad[:] = True
    else:
        believed = _believed_pieces(track, good[starts], good[ends], ends - starts + 1, ceiling_mps)
        sizes = ends - starts + 1
        bad[:] = sizes[~believed].sum() > DOUBTFUL_SHARE * sizes[believed].sum()
        for piece in np.flatnonzero(~believed):
            bad[starts[piece] : ends[piece] + 1] = True
    flags = np.zeros(len(track), dtype=bool)
    flags[good[bad]] = True
    return [_jump_doubt(track, good, jumps, first, last, ceiling_mps) for first, last in runs(flags)]


def _jump_doubt(
    track: Track, good: NDArray[np.intp], jumps: NDArray[np.intp], first: int, last: int, ceiling_mps: float
) -> Doubt:
    """The doubt about one run of fixes, with the fastest of the impossible legs at it."""
    touching = jumps[(good[jumps + 1] >= first) & (good[jumps] <= last)]
    before, after = good[touching], good[touching + 1]
    seen_mps = _at_least_m(track, before, after) / ((track.t_us[after] - track.t_us[before]) / US_PER_S)
    return Doubt(
        code="speed-impossible",
        interval=Interval(int(track.t_us[first]), int(track.t_us[last])),
        first_fix=first,
        last_fix=last,
        seen=float(seen_mps.max(initial=0.0)),
        limit=ceiling_mps,
        source=CEILINGS,
    )


def _believed_pieces(
    track: Track,
    starts: NDArray[np.intp],
    ends: NDArray[np.intp],
    sizes: NDArray[np.intp],
    ceiling_mps: float,
) -> NDArray[np.bool_]:
    """The chain of pieces with the most fixes in which each can be reached from the one before."""
    count = len(starts)
    weight = sizes.astype(np.int64)
    before = np.full(count, -1)
    for piece in range(1, count):
        earlier = np.arange(piece)
        reach = ~_too_fast(track, ends[earlier], np.full(piece, starts[piece]), ceiling_mps)
        if reach.any():
            best = earlier[reach][np.argmax(weight[earlier[reach]])]
            weight[piece] += weight[best]
            before[piece] = best
    believed = np.zeros(count, dtype=bool)
    at = int(np.argmax(weight))
    while at >= 0:
        believed[at] = True
        at = int(before[at])
    return believed
