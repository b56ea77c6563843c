"""A track's altitude against the band that was notified."""

from __future__ import annotations

import numpy as np

from truceline.model.finding import Deviation, Finding, PathPoint, Verdict
from truceline.model.movement import Track
from truceline.model.plan import Plan
from truceline.rules.facts import Case, make_finding
from truceline.rules.movement.stretches import Stretch
from truceline.timebase import Interval
from truceline.words import reasons


def judge_altitude(case: Case, plan: Plan, track: Track, stretches: tuple[Stretch, ...]) -> list[Finding]:
    """Each run of fixes outside the band; or why that cannot be told.

    A track states no accuracy of its altitudes, so outside the band is POSSIBLE, never BREACH.
    """
    band = plan.altitude
    if band is None or not stretches or (band.low_m is None and band.high_m is None):
        return []
    whole = Interval(stretches[0].interval.start_us, stretches[-1].interval.end_us)
    inside = np.zeros(len(track), dtype=bool)
    for part in stretches:
        inside |= (track.t_us >= part.interval.start_us) & (track.t_us <= part.interval.end_us)
    heights_m = np.where(inside, track.altitude_m, np.nan)
    if not np.isfinite(heights_m).any():
        return [_undetermined(case, whole, "altitude-not-recorded")]
    if not band.datum or band.datum != track.altitude_datum:
        return [_undetermined(case, whole, "altitude-not-comparable")]
    low_m = -np.inf if band.low_m is None else band.low_m
    high_m = np.inf if band.high_m is None else band.high_m
    off_m = np.nan_to_num(np.maximum(heights_m - high_m, low_m - heights_m), nan=0.0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (off_m > 0).astype(np.int8), [0]))))
    return [
        _off(case, plan, track, off_m, first, after, above=bool(heights_m[first] > high_m))
        for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]


def _undetermined(case: Case, interval: Interval, because: str) -> Finding:
    return make_finding(
        case,
        kind="undetermined",
        verdict=Verdict.NOT_EVALUATED,
        interval=interval,
        because=because,
        reason=reasons.sentence(because),
    )


def _off(
    case: Case, plan: Plan, track: Track, off_m: np.ndarray, first: int, after: int, *, above: bool
) -> Finding:
    worst = first + int(np.argmax(off_m[first:after]))
    because = "altitude-accuracy-not-stated"
    return make_finding(
        case,
        kind="off-altitude",
        verdict=Verdict.POSSIBLE,
        interval=Interval(int(track.t_us[first]), int(track.t_us[after - 1])),
        deviation=Deviation(
            plan=plan.id,
            leg=None,
            first=_fix(track, first),
            worst=_fix(track, worst),
            altitude_off_m=float(off_m[worst]) * (1.0 if above else -1.0),
        ),
        because=because,
        reason=reasons.sentence(because),
    )


def _fix(track: Track, row: int) -> PathPoint:
    lon, lat = track.lonlat_deg[row].tolist()
    return PathPoint(t_us=int(track.t_us[row]), lonlat_deg=(lon, lat))
