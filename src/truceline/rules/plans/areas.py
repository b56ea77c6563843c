"""A plan against the areas that clauses forbid: keep-out, keep-side, no-fly, withdraw.

The same areas as for tracks. Depth changes no faster than a place moves, so the deepest that anything in a
corridor can be is the depth of its line and the half-width: where that stays short of the area by every margin,
nothing the plan allows goes in.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from truceline.kernels import Region, crossings_of_path, path_depths_m
from truceline.model.agreement import Clause
from truceline.model.finding import Finding, Incursion, PathPoint, Verdict
from truceline.model.identity import Mover
from truceline.model.plan import Plan, Volume4D
from truceline.rules.applies import in_force
from truceline.rules.facts import Case, make_finding
from truceline.rules.movement.areas import ForbiddenArea, forbidden_area
from truceline.timebase import Interval
from truceline.units import Metres
from truceline.words import reasons

# What the search for the deepest point may leave out (kernels.path_depths_m); added, so that errors go towards
# conflict.
SEARCH_SLACK_M: Metres = 0.5
SEARCH_SLACK_SHARE = 0.0005
_MOST_REMEMBERED = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LegConflict:
    """A leg that comes, or may come, into a forbidden area. Depths are past the line: as drawn, least, most."""

    leg: int
    verdict: Verdict
    because: str
    interval: Interval
    point: tuple[float, float]
    depth_m: Metres
    low_m: Metres
    high_m: Metres


class _Remembered:
    """Areas made once for each clause and kind of mover, since the same clauses are asked plan after plan.

    A clause is held with its areas, so that its identity stays its own.
    """

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[object, ...], tuple[Clause, ForbiddenArea]] = OrderedDict()

    def area(self, clause: Clause, mover: Mover) -> ForbiddenArea:
        key = (id(clause), mover.party, mover.mover_class, mover.armed, mover.weapon, mover.purpose)
        found = self._held.get(key)
        if found is None:
            found = self._held[key] = (clause, forbidden_area(clause, mover))
            if len(self._held) > _MOST_REMEMBERED:
                self._held.popitem(last=False)
        return found[1]


_remembered = _Remembered()


def area_forbidden_to(clause: Clause, mover: Mover) -> ForbiddenArea:
    """As :func:`truceline.rules.movement.areas.forbidden_area`, made once for alike movers."""
    return _remembered.area(clause, mover)


def judge_areas(case: Case, region: Region, plan: Plan) -> list[Finding]:
    """All findings of one plan under one clause: each run of legs in conflict, or that none was found."""
    volumes = plan.volumes
    places = np.array([waypoint.lonlat_deg for waypoint in plan.route])
    clear_m = case.clause.tolerance_m - _margins_m(region, plan)
    depth_m, _, _ = path_depths_m(region, places)
    if _at_most_m(depth_m) <= clear_m:
        return [_no_conflict(case, plan, clear_m - depth_m)]
    force = in_force(case.clause, plan.mover.party)
    found = [
        conflict
        for leg, volume in enumerate(volumes)
        if (conflict := _judge_leg(case.clause, region, plan, leg, volume, force)) is not None
    ]
    if not found:
        return [_no_conflict(case, plan, None)]
    runs = groupby(enumerate(found), key=lambda item: item[1].leg - item[0])
    return [_conflict(case, region, plan, [conflict for _, conflict in run]) for _, run in runs]


def _margins_m(region: Region, plan: Plan) -> Metres:
    return plan.half_width_m + plan.drift_m + float(region.leaf_accuracy_m.max(initial=0.0))


def _at_most_m(depth_m: Metres) -> Metres:
    return depth_m + max(SEARCH_SLACK_M, SEARCH_SLACK_SHARE * abs(depth_m))


def _judge_leg(
    clause: Clause, region: Region, plan: Plan, leg: int, volume: Volume4D, force: tuple[Interval, ...]
) -> LegConflict | None:
    longest = volume.longest
    shared = [part for when in force if longest.meets(when) and (part := longest.clip(when)) is not None]
    if not shared:
        return None
    depth_m, point, _ = path_depths_m(region, np.array(volume.lonlat_deg))
    tolerance_m, margins_m = clause.tolerance_m, _margins_m(region, plan)
    if _at_most_m(depth_m) + margins_m <= tolerance_m:
        return None
    line_m = float(region.leaf_accuracy_m.max(initial=0.0))
    if depth_m - line_m <= tolerance_m:
        verdict, because = Verdict.POSSIBLE, "within-corridor"
    elif not any(when.covers(volume.interval) for when in force):
        verdict, because = Verdict.POSSIBLE, "in-force-in-part"
    else:
        verdict, because = Verdict.BREACH, ""
    return LegConflict(
        leg=leg,
        verdict=verdict,
        because=because,
        interval=Interval(shared[0].start_us, shared[-1].end_us),
        point=point,
        depth_m=depth_m,
        low_m=depth_m - margins_m,
        high_m=depth_m + margins_m,
    )


def _conflict(case: Case, region: Region, plan: Plan, run: Sequence[LegConflict]) -> Finding:
    """One run of neighbouring legs in conflict, told by its worst leg."""
    worst = min(run, key=lambda item: (item.verdict is not Verdict.BREACH, -item.depth_m, item.leg))
    tolerance_m = case.clause.tolerance_m
    legs = tuple(range(run[0].leg, run[-1].leg + 1))
    way = np.array([waypoint.lonlat_deg for waypoint in plan.route[legs[0] : legs[-1] + 2]])
    crossings = crossings_of_path(region, way, threshold_m=tolerance_m) if worst.depth_m > tolerance_m else []
    begins_inside = bool(region.depth_m(way[:1])[0] > tolerance_m)
    ends_inside = bool(region.depth_m(way[-1:])[0] > tolerance_m)
    entry = None if begins_inside or not crossings else crossings[0][2]
    leaving = None if ends_inside or not crossings else crossings[-1][2]
    past_m = worst.low_m if worst.verdict is Verdict.BREACH else worst.high_m
    return make_finding(
        case,
        kind="plan-conflict",
        verdict=worst.verdict,
        interval=Interval(
            min(item.interval.start_us for item in run), max(item.interval.end_us for item in run)
        ),
        incursion=Incursion(
            entry=None if entry is None else PathPoint(t_us=None, lonlat_deg=entry),
            exit=None if leaving is None else PathPoint(t_us=None, lonlat_deg=leaving),
            deepest=PathPoint(t_us=None, lonlat_deg=worst.point),
            depth_m=worst.depth_m,
            depth_low_m=worst.low_m,
            depth_high_m=worst.high_m,
            beyond_s=None,
            crossings_count=len(crossings),
        ),
        because=worst.because,
        reason=reasons.sentence(worst.because) if worst.because else "",
        margin_m=abs(past_m - tolerance_m),
        legs=legs,
    )


def _no_conflict(case: Case, plan: Plan, spare_m: Metres | None) -> Finding:
    return make_finding(
        case,
        kind="no-conflict",
        verdict=Verdict.CLEAR,
        interval=plan.longest,
        because="no-conflict-found",
        reason=reasons.sentence("no-conflict-found"),
        margin_m=spare_m,
    )
