"""Positions that contradict the source's own speed, and positions that stand still while the mover goes on.

A parked vehicle whose receiver repeats one position is ordinary and is not marked: a repeated position is
doubted only where something says that the mover went on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import distance_m
from truceline.model.finding import Doubt
from truceline.model.movement import Track
from truceline.rules.doubts.sinks import runs
from truceline.timebase import US_PER_S, Interval
from truceline.units import Metres, MetresPerSecond, Seconds

# Fixes at full precision alike before they are called frozen (the reliability table says "n identical").
FROZEN_FIXES = 3
# The way the stated speed would have gone, or the climb, while the coordinates stayed: beyond any noise.
FROZEN_WAY_M: Metres = 100.0
# Fixes before a run from which it is told how fast the mover was going: one leg is mostly noise.
BEFORE_FIXES = 5
# A fixed-wing aircraft does not stop in the air: 40 m/s is below the stall of all but ultralights.
FLYING_MPS: MetresPerSecond = 40.0
FLYING_LEG_S: Seconds = 60.0
FLYING_STOP_S: Seconds = 10.0
# Positions may be faster than the stated speed by this and by what a mover can speed up in the leg.
SPEED_SLACK_MPS: MetresPerSecond = 10.0
SPEED_UP_MPS2 = 5.0
SPEED_LEG_S: Seconds = 10.0
SPEED_LEGS_COUNT = 3

OWN = "docs/explain/plausibility.md: frozen positions"


def frozen_doubts(track: Track, too_fast: NDArray[np.bool_], ceiling_mps: float) -> list[Doubt]:
    """Runs of one repeated position during which the mover went on.

    Parameters
    ----------
    track : Track
    too_fast : bool, shape (n - 1,)
        Legs that this kind cannot have gone.
    ceiling_mps : float
        The fastest this kind goes.

    Notes
    -----
    Any one of these is enough: the stated speeds cover 100 m; a fixed-wing aircraft climbs or sinks by 100 m;
    a fixed-wing aircraft flies at 40 m/s into the run and out of it; or the position was moving, stood still,
    and caught up by an impossible leg what it would have gone in the whole time.
    """
    lonlat = track.lonlat_deg
    same = (lonlat[1:, 0] == lonlat[:-1, 0]) & (lonlat[1:, 1] == lonlat[:-1, 1])
    if not same.any():
        return []
    same &= np.diff(track.t_us) <= track.longest_gap_s * US_PER_S
    edges = np.diff(np.concatenate(([0], same.astype(np.int8), [0])))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    long = last - first + 1 >= FROZEN_FIXES
    first, last = first[long], last[long]
    if not len(first):
        return []
    way_m = np.maximum(_stated_way_m(track, first, last), _climb_m(track, first, last))
    gone_m = _caught_up_m(track, first, last, too_fast, ceiling_mps)
    way_m = np.maximum(way_m, np.where(gone_m > FROZEN_WAY_M, gone_m, 0.0))
    way_m = np.maximum(way_m, _stopped_in_flight_m(track, first, last))
    return [
        # The first fix of a run is the last true one.
        _doubt(track, "position-frozen", one + 1, two, float(seen_m), FROZEN_WAY_M)
        for one, two, seen_m in zip(first.tolist(), last.tolist(), way_m, strict=True)
        if seen_m >= FROZEN_WAY_M
    ]


def _stated_way_m(track: Track, first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.float64]:
    """How far the stated speeds went in each run, less what the fixes may be off."""
    if track.speed_mps is None:
        return np.zeros(len(first))
    speed_mps = np.nan_to_num(track.speed_mps)
    leg_m = np.minimum(speed_mps[:-1], speed_mps[1:]) * np.diff(track.t_us) / US_PER_S
    gone_m = np.concatenate(([0.0], np.cumsum(leg_m)))
    way_m: NDArray[np.float64] = gone_m[last] - gone_m[first] - 2 * np.nan_to_num(track.accuracy_m[first])
    return way_m


def _climb_m(track: Track, first: NDArray[np.intp], last: NDArray[np.intp]) -> NDArray[np.float64]:
    if track.mover.mover_class != "fixed-wing":
        return np.zeros(len(first))
    return np.nan_to_num(np.abs(track.altitude_m[last] - track.altitude_m[first]))


def _caught_up_m(
    track: Track,
    first: NDArray[np.intp],
    last: NDArray[np.intp],
    too_fast: NDArray[np.bool_],
    ceiling_mps: float,
) -> NDArray[np.float64]:
    """How far the position leapt after each run, where that was the way of the whole time; else 0."""
    leapt_m = np.zeros(len(first))
    inner = np.flatnonzero((first > 0) & (last + 1 < len(track)))
    inner = inner[too_fast[last[inner]]]
    if len(inner):
        one, two = first[inner], last[inner]
        leap_m = distance_m(track.lonlat_deg[two], track.lonlat_deg[two + 1])
        whole_mps = leap_m / ((track.t_us[two + 1] - track.t_us[one]) / US_PER_S)
        before_mps = _speed_mps(track, np.maximum(one - BEFORE_FIXES, 0), one)
        as_before = (whole_mps <= ceiling_mps) & (before_mps >= whole_mps / 2)
        leapt_m[inner] = np.where(as_before, leap_m, 0.0)
    return leapt_m


def _stopped_in_flight_m(
    track: Track, first: NDArray[np.intp], last: NDArray[np.intp]
) -> NDArray[np.float64]:
    """How far an aircraft would have flown in each run it cannot have stood still in; else 0."""
    missed_m = np.zeros(len(first))
    if track.mover.mover_class != "fixed-wing":
        return missed_m
    inner = np.flatnonzero((first > 0) & (last + 1 < len(track)))
    one, two = first[inner], last[inner]
    slower_mps = np.minimum(_speed_mps(track, one - 1, one), _speed_mps(track, two, two + 1))
    took_s = np.diff(track.t_us) / US_PER_S
    short = (took_s[one - 1] <= FLYING_LEG_S) & (took_s[two] <= FLYING_LEG_S)
    stood_s = (track.t_us[two] - track.t_us[one]) / US_PER_S
    flying = short & (slower_mps >= FLYING_MPS) & (stood_s >= FLYING_STOP_S)
    missed_m[inner] = np.where(flying, slower_mps * stood_s, 0.0)
    return missed_m


def _speed_mps(track: Track, first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.float64]:
    gone_m = distance_m(track.lonlat_deg[first], track.lonlat_deg[second])
    speed: NDArray[np.float64] = gone_m / ((track.t_us[second] - track.t_us[first]) / US_PER_S)
    return speed


def speed_doubts(track: Track, leg_m: NDArray[np.float64]) -> list[Doubt]:
    """Runs of legs in which the positions go much faster than the source says the mover went.

    ``leg_m``, shape (n - 1,): the length of each leg less what its fixes may be off.
    """
    if track.speed_mps is None:
        return []
    took_s = np.diff(track.t_us) / US_PER_S
    stated_mps = np.maximum(track.speed_mps[:-1], track.speed_mps[1:])
    over_m = leg_m - (stated_mps + SPEED_SLACK_MPS + SPEED_UP_MPS2 * took_s) * took_s
    differs = (over_m > 0) & (took_s <= SPEED_LEG_S)
    found = []
    for first, last in runs(differs):
        if last - first + 1 >= SPEED_LEGS_COUNT:
            fastest = first + int(np.argmax(leg_m[first : last + 1] / took_s[first : last + 1]))
            seen_mps = float(leg_m[fastest] / took_s[fastest])
            limit_mps = float(stated_mps[fastest])
            found.append(_doubt(track, "speed-differs", first, last + 1, seen_mps, limit_mps))
    return found


def _doubt(track: Track, code: str, first: int, last: int, seen: float, limit: float) -> Doubt:
    return Doubt(
        code=code,
        interval=Interval(int(track.t_us[first]), int(track.t_us[last])),
        first_fix=first,
        last_fix=last,
        seen=seen,
        limit=limit,
        source=OWN,
    )
