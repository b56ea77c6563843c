"""Where a mover must not be, for the four rule kinds that say so: keep-out, keep-side, no-fly, withdraw.

All four come down to one question, "how deep is this mover inside an area it must not be in?", so that
one judge serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from truceline.kernels import Region, visits
from truceline.model.agreement import Clause, KeepOut, KeepSide, NoFly, Shape, Withdraw
from truceline.model.identity import Mover
from truceline.rules.applies import matching_exemptions
from truceline.rules.movement.stretches import Cut
from truceline.rules.regions import region_of
from truceline.timebase import ALWAYS, Interval, merge_intervals

PRESENCE_KINDS = ("keep-out", "keep-side", "no-fly", "withdraw")


@dataclass(frozen=True, slots=True, kw_only=True)
class ForbiddenArea:
    """``region`` None with ``because``: does not apply (``class``, ``party``) or cannot be judged
    (``number-not-published``, ``class-unknown``, ``party-unknown``)."""

    region: Region | None = None
    because: str = ""


def forbidden_area(clause: Clause, mover: Mover) -> ForbiddenArea:
    """The area this clause forbids to this mover, less any exempt ground."""
    match clause.rule:
        case KeepOut(where=where):
            shapes: list[Shape] = [where]
        case KeepSide(forbidden=forbidden):
            if mover.party is None:
                return ForbiddenArea(because="party-unknown")
            if mover.party not in forbidden:
                return ForbiddenArea(because="party")
            shapes = [forbidden[mover.party]]
        case Withdraw() as rule:
            if rule.per_side_m is None:
                return ForbiddenArea(because="number-not-published")
            own = rule.too_near.get(mover.party or "", rule.too_near.get("*"))
            if own is None:
                return ForbiddenArea(because="party" if mover.party else "party-unknown")
            shapes = [own]
        case NoFly() as rule:
            return _no_fly(clause, rule, mover)
        case _:
            return ForbiddenArea(because="no-evidence-kind")
    return _less_exempt(clause, mover, shapes)


def _no_fly(clause: Clause, rule: NoFly, mover: Mover) -> ForbiddenArea:
    if mover.mover_class is None:
        return ForbiddenArea(because="class-unknown")
    limits = [limit for limit in rule.limits if mover.mover_class in limit.classes]
    if not limits:
        return ForbiddenArea(because="class")
    shapes = [limit.where for limit in limits if limit.where is not None]
    if len(shapes) < len(limits):
        return ForbiddenArea(because="number-not-published")
    return _less_exempt(clause, mover, shapes)


def _less_exempt(clause: Clause, mover: Mover, shapes: list[Shape]) -> ForbiddenArea:
    region = region_of(shapes[0])
    if len(shapes) > 1:
        region = region.union(*(region_of(shape) for shape in shapes[1:]))
    exempt = [item.where for item in matching_exemptions(clause, mover) if item.where is not None]
    if exempt:
        region = region.difference(*(region_of(shape) for shape in exempt))
    return ForbiddenArea(region=region)


def exempt_times(clause: Clause, mover: Mover, cut: Cut) -> tuple[Interval, ...]:
    """When a mover is exempt: always, or while it is on exempt ground (its last instant there included)."""
    matching = matching_exemptions(clause, mover)
    if any(item.where is None for item in matching):
        return (ALWAYS,)
    return merge_intervals(
        Interval(visit.start_us, visit.end_us + 1)
        for item in matching
        if item.where is not None
        for part in cut.stretches
        for visit in visits(region_of(item.where), part.t_us, part.lonlat_deg)
    )
