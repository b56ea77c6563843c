"""Position data that cannot be: legs faster than the mover's kind can go. Marked, kept, never deleted.

A spoofed or mistaken stretch shows as a jump away and a jump back. The fixes are cut at the impossible
legs, and the largest set of pieces that one mover can have travelled is believed; the rest is unreliable.
Where two sets are of comparable size nobody can say which is true, and all of it is unreliable.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import distance_m
from truceline.model.movement import Track
from truceline.units import MetresPerSecond

# For a mover of unknown kind: no aircraft of interest flies faster.
UNKNOWN_CEILING_MPS: MetresPerSecond = 350.0
# Left-out pieces with more fixes than this share of the believed ones make the whole doubtful.
DOUBTFUL_SHARE = 0.5
# More pieces than this is noise, not a track with a bad stretch.
MOST_PIECES = 1000


def _too_fast(track: Track, first: NDArray, second: NDArray, ceiling_mps: float) -> NDArray[np.bool_]:
    gone_m = distance_m(track.lonlat_deg[first], track.lonlat_deg[second])
    slack_m = np.nan_to_num(track.accuracy_m[first]) + np.nan_to_num(track.accuracy_m[second])
    took_s = (track.t_us[second] - track.t_us[first]) / 1e6
    return np.asarray(gone_m - slack_m > ceiling_mps * took_s)


def unreliable_fixes(track: Track) -> NDArray[np.bool_]:
    """Which fixes cannot be relied on.

    Returns
    -------
    bool array, shape (n,)
        True where a fix belongs to a piece that the rest of the track cannot have reached.
    """
    n = len(track)
    unreliable = np.zeros(n, dtype=bool)
    if n < 2:
        return unreliable
    ceiling_mps = track.mover.speed_ceiling_mps or UNKNOWN_CEILING_MPS
    at = np.arange(n)
    jumps = np.flatnonzero(_too_fast(track, at[:-1], at[1:], ceiling_mps))
    if not len(jumps):
        return unreliable
    starts = np.concatenate(([0], jumps + 1))
    ends = np.concatenate((jumps, [n - 1]))
    if len(starts) > MOST_PIECES:
        return np.ones(n, dtype=bool)
    believed = _believed_pieces(track, starts, ends, ceiling_mps)
    sizes = ends - starts + 1
    if sizes[~believed].sum() > DOUBTFUL_SHARE * sizes[believed].sum():
        return np.ones(n, dtype=bool)
    for piece in np.flatnonzero(~believed):
        unreliable[starts[piece] : ends[piece] + 1] = True
    return unreliable


def _believed_pieces(track: Track, starts: NDArray, ends: NDArray, ceiling_mps: float) -> NDArray[np.bool_]:
    """The chain of pieces with the most fixes in which each can be reached from the one before."""
    count = len(starts)
    weight = (ends - starts + 1).astype(np.int64)
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
