"""Which tracks may have met: a broad phase that can only err towards too many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import UsageError
from truceline.kernels.geodesy import SEMI_MINOR_M, Floats, as_lonlat, to_ecef
from truceline.units import Metres

_SHORTEST_SLAB_US = 300_000_000
_MOST_SLABS = 1024
# Nothing on the ellipsoid bends more sharply than a meridian at the equator: a^2 / b against b^2 / a.
_SHARPEST_M = SEMI_MINOR_M**2 / 6_378_137.0


def candidate_pairs(
    tracks: Sequence[tuple[ArrayLike, ArrayLike]], separation_m: Metres
) -> list[tuple[int, int]]:
    """Pairs of tracks that could have come within a separation of each other.

    Time is cut into slabs; in each slab each track has a box in earth-centred space that holds its whole
    path there, bend of the ground included. Boxes nearer than the separation make a pair.

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
        Where times and places do not match in number.
    """
    filled = [(np.asarray(t, dtype=np.int64), as_lonlat(places)) for t, places in tracks]
    if any(times.shape != (len(places),) for times, places in filled):
        raise UsageError("times and places of a track differ in number", hint="give one time for each place")
    present = [times for times, _ in filled if len(times)]
    if len(present) < 2:
        return []
    origin = min(int(times[0]) for times in present)
    span = max(int(times[-1]) for times in present) - origin
    width = max(_SHORTEST_SLAB_US, -(-span // _MOST_SLABS))
    names, slabs, lows, highs = [], [], [], []
    for name, (times, places) in enumerate(filled):
        if len(times):
            slab, low, high = _boxes(times - origin, places, width)
            names.append(np.full(len(slab), name))
            slabs.append(slab)
            lows.append(low)
            highs.append(high)
    every_name, every_slab = np.concatenate(names), np.concatenate(slabs)
    pad = float(separation_m) / 2 + 1.0
    low, high = np.concatenate(lows) - pad, np.concatenate(highs) + pad
    order = np.argsort(every_slab, kind="stable")
    starts = np.unique(every_slab[order], return_index=True)[1]
    found: set[tuple[int, int]] = set()
    for rows in np.split(order, starts[1:]):
        found.update(_meeting(every_name[rows], low[rows], high[rows]))
    return sorted(found)


def _boxes(
    times: NDArray[np.int64], places: Floats, width_us: int
) -> tuple[NDArray[np.int64], Floats, Floats]:
    """The slabs a track is in, and its box in each: numbers (k,), low and high corners (k, 3)."""
    xyz = to_ecef(places)
    if len(times) == 1:
        return times // width_us, xyz, xyz
    first, last = times[:-1] // width_us, times[1:] // width_us
    counts = last - first + 1
    leg = np.repeat(np.arange(len(first)), counts)
    slab = first[leg] + np.arange(len(leg)) - np.repeat(np.cumsum(counts) - counts, counts)
    begun, took = times[leg], times[leg + 1] - times[leg]
    chord = xyz[leg + 1] - xyz[leg]
    length = np.linalg.norm(chord, axis=1)
    # The path leaves its chord by the sagitta at most, and lags along it by far less.
    off = (length**2 / (8 * _SHARPEST_M) * 1.1 + length**3 / (24 * _SHARPEST_M**2))[:, None]
    corners = []
    for edge in (slab * width_us, (slab + 1) * width_us):
        share = np.divide(edge - begun, took, out=np.zeros(len(leg)), where=took > 0)
        corners.append(xyz[leg] + np.clip(share, 0.0, 1.0)[:, None] * chord)
    jumped = (took == 0)[:, None]
    low = np.minimum(corners[0], np.where(jumped, xyz[leg + 1], corners[1])) - off
    high = np.maximum(corners[0], np.where(jumped, xyz[leg + 1], corners[1])) + off
    names, starts = np.unique(slab, return_index=True)
    return names, np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)


def _meeting(name: NDArray[np.int64], low: Floats, high: Floats) -> Iterable[tuple[int, int]]:
    """Pairs of boxes that overlap, by a sweep along the first axis."""
    order = np.argsort(low[:, 0], kind="stable")
    name, low, high = name[order], low[order], high[order]
    until = np.searchsorted(low[:, 0], high[:, 0], side="right")
    counts = until - np.arange(len(name)) - 1
    one = np.repeat(np.arange(len(name)), counts)
    two = one + 1 + np.arange(len(one)) - np.repeat(np.cumsum(counts) - counts, counts)
    meet = ((low[one, 1:] <= high[two, 1:]) & (low[two, 1:] <= high[one, 1:])).all(axis=1)
    first, second = name[one[meet]], name[two[meet]]
    return zip(np.minimum(first, second).tolist(), np.maximum(first, second).tolist(), strict=True)
