"""Which tracks may have met: a broad phase that can only err towards too many."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from truceline.errors import UsageError
from truceline.kernels import _native
from truceline.kernels.approach import require_sound
from truceline.kernels.geodesy import as_lonlat, normalise_lon
from truceline.units import Metres


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
