"""A drawn path with a date and no clock: whether it passes a line, never when."""

from __future__ import annotations

import numpy as np

from truceline.kernels import Region, path_depths_m
from truceline.model.finding import Finding, Incursion, PathPoint, Verdict
from truceline.model.movement import Path
from truceline.rules.certainty import chance_at
from truceline.rules.facts import Case, make_finding
from truceline.rules.movement.presence import depth_range
from truceline.timebase import Interval
from truceline.units import Metres
from truceline.words import reasons


def judge_drawn(case: Case, region: Region, path: Path, force: tuple[Interval, ...]) -> Finding:
    """One finding a path: its deepest point against the accuracies of the line and of the drawing."""
    if not any(when.covers(path.span) for when in force):
        return make_finding(
            case,
            kind="undetermined",
            verdict=Verdict.NOT_EVALUATED,
            interval=path.span,
            because="time-too-coarse",
            reason=reasons.sentence("time-too-coarse"),
        )
    stated = not np.isnan(path.accuracy_m)
    tolerance_m = case.clause.tolerance_m
    point, depth_m, low_m, high_m = _deepest(region, path, path.accuracy_m if stated else 0.0, tolerance_m)
    marks = _marks(path, stated=stated)
    if stated and high_m < tolerance_m:
        return make_finding(case, kind="observed", verdict=Verdict.CLEAR, observed=(path.span,), marks=marks)
    beyond = stated and low_m > tolerance_m
    because = "" if beyond else ("within-accuracy" if stated else "accuracy-not-stated")
    leaf_m = region.leaf_depths_m(np.array([point]))[0]
    return make_finding(
        case,
        kind="incursion" if depth_m > tolerance_m else "near-line",
        verdict=Verdict.BREACH if beyond else Verdict.POSSIBLE,
        interval=path.span,
        incursion=Incursion(
            entry=None,
            exit=None,
            deepest=PathPoint(t_us=None, lonlat_deg=point),
            depth_m=depth_m,
            depth_low_m=low_m,
            depth_high_m=high_m,
            beyond_s=None,
        ),
        probability=chance_at(region, leaf_m, path.accuracy_m, tolerance_m) if stated else None,
        because=because,
        reason=reasons.sentence(because) if because else "",
        margin_m=abs((low_m if beyond else high_m) - tolerance_m),
        marks=marks,
    )


def _deepest(
    region: Region, path: Path, accuracy_m: Metres, tolerance_m: Metres
) -> tuple[tuple[float, float], Metres, Metres, Metres]:
    """The point to judge: where, how deep, and how deep at the least and the most."""
    depth_m, (lon, lat), _ = path_depths_m(region, path.lonlat_deg)
    low_m, high_m = depth_range(region, (lon, lat), accuracy_m)
    if high_m < tolerance_m and np.ptp(region.leaf_accuracy_m) > 0:
        # Where boundaries differ in accuracy, a vaguer one may be passed at another point.
        _, (lon, lat), _ = path_depths_m(region.widest(), path.lonlat_deg)
        low_m, high_m = depth_range(region, (lon, lat), accuracy_m)
        depth_m = float(region.depth_m(np.array([(lon, lat)]))[0])
    return (float(lon), float(lat)), depth_m, low_m, high_m


def _marks(path: Path, *, stated: bool) -> tuple[str, ...]:
    """What a reader of a drawn path must know: no clock, perhaps several movers, perhaps no accuracy."""
    several = path.movers_count is not None and path.movers_count != 1
    flags = {"no-clock": True, "several-movers": several, "accuracy-not-stated": not stated}
    return tuple(mark for mark, holds in flags.items() if holds)
