"""A track against what was notified of it: off the route, ahead, behind, at another height, or not notified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import (
    SIGMA_PER_R95_2D,
    Region,
    Visit,
    distance_m,
    mean_variance,
    split_windows,
    visits,
)
from truceline.model.agreement import Agreement, Clause, Recorded, Selector, TextRef
from truceline.model.finding import CheckResult, Coverage, Deviation, Finding, PathPoint, Verdict
from truceline.model.movement import Track
from truceline.model.plan import Plan
from truceline.rules.certainty import CORRELATION_S, WINDOW_S, sigmas_needed, windows_count
from truceline.rules.facts import Case, distinct_ids, make_finding
from truceline.rules.movement.stretches import Cut, Stretch, clip_stretch, cut_track
from truceline.rules.plans.altitude import judge_altitude
from truceline.rules.plans.progress import Progress, progress_of
from truceline.timebase import Interval, merge_intervals, subtract_intervals
from truceline.units import Metres
from truceline.words import reasons

CONFORMANCE = Clause(id="", rule=Recorded(kind="conformance"), who=Selector(), text="")
_NO_AGREEMENT = Agreement(title="", text=TextRef(), parties={}, places={}, clauses={})
_EVERYWHERE_M: Metres = 15_000_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Followed:
    """One plan and the track that should follow it, cut to the plan's time."""

    case: Case
    plan: Plan
    track: Track
    stretches: tuple[Stretch, ...]


def check_conformance(plans: Plan | Iterable[Plan], track: Track) -> CheckResult:
    """Compare a track with its notified movement.

    Parameters
    ----------
    plans : Plan or iterable of Plan
        What was notified of this mover. Each is judged in its own time, lateness allowed for.
    track : Track

    Returns
    -------
    CheckResult
        Findings of the kinds ``off-route``, ``ahead``, ``behind``, ``off-altitude``, ``unnotified`` (observed
        while no plan covers it), ``gap`` (not observed while a plan covers it), ``undetermined`` and ``on-plan``
        (observed, and as planned). ``BREACH``: outside what was notified even if margins and accuracies are all
        used up; ``POSSIBLE``: outside only by the margins or within the accuracies.

    Notes
    -----
    Method: docs/rules/conformance.md.
    """
    known = (plans,) if isinstance(plans, Plan) else tuple(plans)
    cut = cut_track(track)
    case = Case(
        agreement=_NO_AGREEMENT,
        clause=CONFORMANCE,
        subject=track.mover.id,
        party=track.mover.party,
        evidence=(track.source,),
        exercise=track.exercise,
    )
    result = CheckResult(checked_count=1)
    for plan in sorted(known, key=lambda item: (item.span, item.id)):
        result = result.merged_with(_check_one(case, plan, track, cut))
    findings = (*result.findings, *_unnotified(case, known, cut))
    return replace(result, findings=distinct_ids(sorted(findings, key=_order)))


def _order(finding: Finding) -> tuple[int, str, str]:
    at = finding.interval or (finding.observed[0] if finding.observed else None)
    return (at.start_us if at else 0, finding.kind, finding.id)


def _check_one(case: Case, plan: Plan, track: Track, cut: Cut) -> CheckResult:
    when = plan.longest
    case = replace(case, evidence=(plan.source, *case.evidence), exercise=case.exercise or plan.exercise)
    stretches = tuple(part for whole in cut.stretches if (part := clip_stretch(whole, when)) is not None)
    followed = _Followed(case=case, plan=plan, track=track, stretches=stretches)
    findings = _off_route(followed) + _out_of_time(followed)
    findings += judge_altitude(case, plan, track, stretches)
    observed = merge_intervals(part.interval for part in stretches)
    unseen = _unseen(when, observed)
    findings += [_gap(case, plan, hole) for hole in unseen]
    quiet = _quiet(observed, findings)
    if quiet:
        findings.append(
            make_finding(
                case, kind="on-plan", verdict=Verdict.CLEAR, observed=quiet, deviation=_none(plan, stretches)
            )
        )
    coverage = Coverage(clause="", subject=case.subject, observed=observed, gaps=unseen)
    return CheckResult(findings=tuple(findings), coverage=(coverage,))


def _none(plan: Plan, stretches: tuple[Stretch, ...]) -> Deviation:
    first = _fix(stretches[0], 0)
    return Deviation(plan=plan.id, leg=None, first=first, worst=first)


def _unseen(when: Interval, observed: tuple[Interval, ...]) -> tuple[Interval, ...]:
    if when.duration_s == 0:
        return () if any(part.start_us <= when.start_us <= part.end_us for part in observed) else (when,)
    return subtract_intervals(when, observed)


def _gap(case: Case, plan: Plan, hole: Interval) -> Finding:
    return make_finding(
        case,
        kind="gap",
        verdict=Verdict.NO_COVERAGE,
        interval=hole,
        because="not-observed-on-plan",
        reason=reasons.sentence("not-observed-on-plan", plan=plan.id),
        marks=("unobserved",),
    )


def _quiet(observed: tuple[Interval, ...], findings: list[Finding]) -> tuple[Interval, ...]:
    """What was observed and as planned: a deviation takes its last instant with it."""
    taken = [
        Interval(finding.interval.start_us, finding.interval.end_us + 1)
        for finding in findings
        if finding.interval is not None and finding.verdict is not Verdict.NO_COVERAGE
    ]
    quiet: list[Interval] = []
    for part in observed:
        if part.duration_s > 0:
            quiet += subtract_intervals(part, taken)
        elif not any(hole.contains(part.start_us) for hole in taken):
            quiet.append(part)
    return tuple(quiet)


def _fix(stretch: Stretch, row: int) -> PathPoint:
    lon, lat = stretch.lonlat_deg[row].tolist()
    return PathPoint(t_us=int(stretch.t_us[row]), lonlat_deg=(lon, lat))


# ---------------------------------------------------------------- off the route


def _corridor(plan: Plan) -> Region:
    """The corridor as planned."""
    route = np.array([waypoint.lonlat_deg for waypoint in plan.route])
    if float(distance_m(route, route[0]).max()) < 0.001:
        return Region.circle(route[0], plan.half_width_m)
    return Region.band(route, plan.half_width_m, plan.half_width_m)


def _off_route(followed: _Followed) -> list[Finding]:
    if not followed.stretches:
        return []
    start = followed.plan.route[0].lonlat_deg
    # Depth in this region is the distance outside the corridor.
    outside = Region.circle(start, _EVERYWHERE_M).difference(_corridor(followed.plan))
    return [
        _off(followed, outside, stretch, span)
        for stretch in followed.stretches
        for span in visits(
            outside,
            stretch.t_us,
            stretch.lonlat_deg,
            threshold_m=-float(stretch.accuracy_m.max()),
        )
    ]


def _off(followed: _Followed, outside: Region, stretch: Stretch, span: Visit) -> Finding:
    """One time off the route, or so near its edge that it may have been."""
    plan = followed.plan
    past = visits(outside, stretch.t_us, stretch.lonlat_deg)
    first = next((item for item in past if span.start_us <= item.start_us <= span.end_us), span)
    accuracy_m = float(np.interp(span.deepest_us, stretch.t_us, stretch.accuracy_m))
    spare_m = _spare_m(outside, stretch, span, plan.drift_m)
    verdict, because = Verdict.POSSIBLE, "within-accuracy-of-plan"
    if not stretch.accuracy_stated:
        because = "accuracy-not-stated"
    elif spare_m > 0:
        verdict, because = Verdict.BREACH, ""
    elif span.depth_m - accuracy_m > 0:
        because = "within-margin"
    start = first.entry_lonlat if first.entry_lonlat is not None else _at(stretch, first.start_us)
    return make_finding(
        followed.case,
        kind="off-route",
        verdict=verdict,
        interval=Interval(
            first.start_us, max(first.end_us, first.start_us) if first is span else span.end_us
        ),
        deviation=Deviation(
            plan=plan.id,
            leg=None,
            first=PathPoint(t_us=first.start_us, lonlat_deg=start),
            worst=PathPoint(t_us=span.deepest_us, lonlat_deg=span.deepest_lonlat),
            off_m=span.depth_m,
            off_low_m=span.depth_m - accuracy_m,
            off_high_m=span.depth_m + accuracy_m,
        ),
        because=because,
        reason=reasons.sentence(because) if because else "",
        margin_m=abs(spare_m),
    )


def _at(stretch: Stretch, t_us: int) -> tuple[float, float]:
    row = min(int(np.searchsorted(stretch.t_us, t_us)), len(stretch.t_us) - 1)
    lon, lat = stretch.lonlat_deg[row].tolist()
    return lon, lat


def _spare_m(outside: Region, stretch: Stretch, span: Visit, drift_m: Metres) -> Metres:
    """By how much the best window is off even if its fixes are off by their accuracy: as for a line."""
    inside = (stretch.t_us >= span.start_us) & (stretch.t_us <= span.end_us)
    t_us, lonlat, accuracy_m = stretch.t_us[inside], stretch.lonlat_deg[inside], stretch.accuracy_m[inside]
    if not len(t_us) or span.deepest_us not in t_us:
        at = int(np.searchsorted(t_us, span.deepest_us))
        t_us = np.insert(t_us, at, span.deepest_us)
        lonlat = np.insert(lonlat, at, span.deepest_lonlat, axis=0)
        nearby_m = float(np.interp(span.deepest_us, stretch.t_us, stretch.accuracy_m))
        accuracy_m = np.insert(accuracy_m, at, nearby_m)
    off_m, needed = outside.depth_m(lonlat), sigmas_needed(windows_count(t_us))
    best_m = -np.inf
    for window in split_windows(t_us, window_s=WINDOW_S):
        sigma_m = accuracy_m[window] * SIGMA_PER_R95_2D
        spread_m = float(np.sqrt(mean_variance(t_us[window] / 1e6, sigma_m, correlation_s=CORRELATION_S)))
        best_m = max(best_m, float(off_m[window].mean()) - drift_m - needed * spread_m)
    return best_m


# ---------------------------------------------------------------- ahead and behind


def _out_of_time(followed: _Followed) -> list[Finding]:
    plan, findings = followed.plan, []
    reach_m = plan.half_width_m + plan.drift_m
    for stretch in followed.stretches:
        seen = progress_of(plan, stretch.t_us, stretch.lonlat_deg, stretch.accuracy_m, reach_m)
        on_route = seen.leg >= 0
        begun = on_route & ~_waiting(plan, stretch)
        findings += _runs(followed, stretch, seen, "behind", on_route, seen.late_s, seen.late_off_s)
        findings += _runs(followed, stretch, seen, "ahead", begun, seen.early_s, seen.early_off_s)
    return findings


def _waiting(plan: Plan, stretch: Stretch) -> NDArray[np.bool_]:
    """Fixes of a mover that has not left the place it starts from."""
    start_m = distance_m(stretch.lonlat_deg, plan.route[0].lonlat_deg)
    return np.asarray(np.logical_and.accumulate(start_m <= plan.half_width_m + stretch.accuracy_m))


def _runs(
    followed: _Followed,
    stretch: Stretch,
    seen: Progress,
    kind: str,
    counted: NDArray[np.bool_],
    by_s: NDArray[np.float64],
    off_s: NDArray[np.float64],
) -> list[Finding]:
    """Neighbouring fixes out of time one way, as one finding each."""
    allowed_s = followed.plan.lateness_s if kind == "behind" else 0.0
    flagged = counted & (by_s + off_s > 0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flagged.astype(np.int8), [0]))))
    findings = []
    for first, after in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        worst = first + int(np.argmax(by_s[first:after]))
        surely_s = float((by_s[first:after] - off_s[first:after]).max())
        verdict, because = Verdict.POSSIBLE, "within-accuracy-of-plan"
        if not stretch.accuracy_stated:
            because = "accuracy-not-stated"
        elif surely_s > allowed_s:
            verdict, because = Verdict.BREACH, ""
        elif surely_s > 0:
            because = "within-margin"
        sign = 1.0 if kind == "behind" else -1.0
        ends = sorted(sign * float(by_s[worst] + turn * off_s[worst]) for turn in (-1, 1))
        findings.append(
            make_finding(
                followed.case,
                kind=kind,
                verdict=verdict,
                interval=Interval(int(stretch.t_us[first]), int(stretch.t_us[after - 1])),
                deviation=Deviation(
                    plan=followed.plan.id,
                    leg=int(seen.leg[worst]),
                    first=_fix(stretch, first),
                    worst=_fix(stretch, worst),
                    late_s=sign * float(by_s[worst]),
                    late_low_s=ends[0],
                    late_high_s=ends[1],
                ),
                because=because,
                reason=reasons.sentence(because) if because else "",
            )
        )
    return findings


# ---------------------------------------------------------------- not notified


def _unnotified(case: Case, plans: tuple[Plan, ...], cut: Cut) -> list[Finding]:
    """What was observed while no plan covers it. Standing where a plan begins or ends is no movement."""
    covered = [plan.longest for plan in plans]
    findings = []
    for stretch in cut.stretches:
        left = subtract_intervals(stretch.interval, covered) if stretch.interval.duration_s else ()
        if not stretch.interval.duration_s and not any(
            when.start_us <= stretch.interval.start_us <= when.end_us for when in covered
        ):
            left = (stretch.interval,)
        for when in left:
            part = clip_stretch(stretch, when)
            if part is None or any(_stands(part, plan) for plan in plans):
                continue
            findings.append(
                make_finding(
                    case,
                    kind="unnotified",
                    verdict=Verdict.BREACH,
                    interval=when,
                    because="no-plan-covers",
                    reason=reasons.sentence("no-plan-covers"),
                    deviation=Deviation(
                        plan="", leg=None, first=_fix(part, 0), worst=_fix(part, len(part.t_us) - 1)
                    ),
                )
            )
    return findings


def _stands(part: Stretch, plan: Plan) -> bool:
    """At the start of a plan before it begins, or at its end after it is over, throughout."""
    before = int(part.t_us[-1]) <= plan.span.start_us
    place = plan.route[0] if before else plan.route[-1]
    reach_m = plan.half_width_m + plan.drift_m + part.accuracy_m
    away_m = distance_m(part.lonlat_deg, place.lonlat_deg)
    return bool((before or int(part.t_us[0]) >= plan.span.end_us) and (away_m <= reach_m).all())
