"""Tracks that provably never come near an area, found for all tracks at once.

Depth never changes faster than the mover goes, so on a leg (or in a gap) of length s between depths d0 and d1
no point lies deeper than (d0 + d1 + s) / 2. Where that stays short of the line by every stated accuracy, the
closer look can be skipped without changing any answer.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import Region, distance_m
from truceline.model.movement import Track
from truceline.units import Metres


def far_tracks(region: Region, tracks: Sequence[Track], tolerance_m: Metres) -> set[int]:
    """``id`` of the tracks that can nowhere have been near ``region``, observed or not.

    A track of a mover without a top speed is never among them where it has a gap. Give only tracks whose
    fixes are all relied on: the bound follows the legs as recorded, and a gap across fixes set aside does not.
    """
    filled = [track for track in tracks if len(track)]
    if not filled:
        return set()
    depth_m = region.depth_m(np.concatenate([track.lonlat_deg for track in filled]))
    ends = np.cumsum([len(track) for track in filled])
    line_m = float(region.leaf_accuracy_m.max(initial=0.0))
    far: set[int] = set()
    for track, depths in zip(filled, np.split(depth_m, ends[:-1]), strict=True):
        fix_m = float(np.nan_to_num(track.accuracy_m).max())
        if _highest_m(track, depths, fix_m) < tolerance_m - line_m - 2 * fix_m:
            far.add(id(track))
    return far


def _highest_m(track: Track, depths: NDArray[np.float64], fix_m: Metres) -> Metres:
    """A bound on the depth anywhere on the track's legs and in its gaps."""
    if len(track) == 1:
        return float(depths[0])
    took_s = np.diff(track.t_us) / 1e6
    ceiling_mps = track.mover.speed_ceiling_mps
    if ceiling_mps is None:
        if track.segment_starts or (took_s > track.longest_gap_s).any():
            return float("inf")
        reach_m = distance_m(track.lonlat_deg[:-1], track.lonlat_deg[1:])
    else:
        went_m = distance_m(track.lonlat_deg[:-1], track.lonlat_deg[1:])
        reach_m = np.maximum(went_m, ceiling_mps * took_s + 2 * fix_m)
    # 1 m more than enough for the difference between a chord and the ground over any leg in question.
    return float(((depths[:-1] + depths[1:] + reach_m * 1.001 + 1.0) / 2).max())
