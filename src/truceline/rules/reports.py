"""A report against a ceasefire: what was claimed, where and when it can have been, and who stands behind it.

A report alone is POSSIBLE, marked ``alleged``. It is BREACH where the evidence policy of the agreement is
met: place and time precise enough to lie wholly inside the clause, attribution known, and a grade good
enough by a named grader or enough independent origins. What is known only to the month or the province is
never an exact breach.
"""

from __future__ import annotations

import numpy as np

from truceline.model.agreement import Agreement, Cease, Clause
from truceline.model.evidence import Attribution, Report
from truceline.model.finding import Finding, NotApplied, Verdict
from truceline.rules.applies import in_force, out_of_force
from truceline.rules.certainty import chance_at
from truceline.rules.facts import Case, make_finding
from truceline.rules.regions import region_of
from truceline.timebase import Interval
from truceline.words import reasons


def judge_report(agreement: Agreement, clause: Clause, rule: Cease, report: Report) -> Finding | NotApplied:
    """One clause, one report."""
    attribution = _attribution(agreement, clause, report)
    if isinstance(attribution, NotApplied):
        return attribution
    party = attribution.party if attribution is not None else None
    case = Case(
        agreement=agreement,
        clause=clause,
        subject=report.id,
        party=party,
        evidence=(report.source,),
        exercise=report.exercise,
    )
    if report.act is not None and report.act not in rule.acts:
        return _not(clause, report, "act", act=report.act)
    placed = _placed_in_time(clause, report, party)
    if isinstance(placed, NotApplied):
        return placed
    within, chance, coarse_place = _placed_in_area(rule, report)
    if within is False:
        return _not(clause, report, "outside-area")
    for because, wrong in (
        ("act-unknown", report.act is None),
        ("time-too-coarse", not placed),
        ("place-too-coarse", coarse_place),
    ):
        if wrong:
            return _finding(case, report, Verdict.NOT_EVALUATED, because=because)
    return _weigh(case, report, attribution, wholly_inside=within is True, chance=chance)


def _not(clause: Clause, report: Report, because: str, **said: object) -> NotApplied:
    return NotApplied(
        clause=clause.id, subject=report.id, because=because, reason=reasons.sentence(because, **said)
    )


def _attribution(agreement: Agreement, clause: Clause, report: Report) -> Attribution | NotApplied | None:
    """Who is said to have done it, of those the clause binds; None where nobody is named."""
    named = [item for item in report.attributions if item.party is not None and item.status != "unknown"]
    who = clause.who
    bound = [
        item
        for item in named
        if item.party not in who.except_parties and (who.parties is None or item.party in who.parties)
    ]
    if named and not bound:
        return _not(clause, report, "party", party=named[0].party)
    known = [item for item in bound if item.status == "party"]
    return next(iter(known or bound), None)


def _placed_in_time(clause: Clause, report: Report, party: str | None) -> bool | NotApplied:
    """True: wholly in force. False: cannot be told. NotApplied: wholly outside."""
    when = report.when.interval
    force = in_force(clause, party)
    if any(_covers(interval, when) for interval in force):
        return True
    if not any(interval.meets(when) for interval in force):
        answer = out_of_force(clause, party, when)
        return NotApplied(clause=clause.id, subject=report.id, because=answer.because, reason=answer.reason)
    return False


def _covers(interval: Interval, when: Interval) -> bool:
    return interval.contains(when.start_us) if when.duration_s == 0 else interval.covers(when)


def _placed_in_area(rule: Cease, report: Report) -> tuple[bool | None, float, bool]:
    """(wholly inside / wholly outside / neither, share of the circle's accuracy inside, too coarse to place)."""
    if rule.where is None:
        return True, 1.0, False
    where = report.where
    if where.lonlat_deg is None or where.radius_m is None or where.coarse:
        return None, 0.0, True
    region = region_of(rule.where)
    point = np.array([where.lonlat_deg])
    low_m, high_m = region.depth_range_m(point, where.radius_m)
    chance = chance_at(region, region.leaf_depths_m(point)[0], where.radius_m, 0.0)
    if float(low_m[0]) > 0:
        return True, chance, False
    if float(high_m[0]) < 0:
        return False, chance, False
    return None, chance, False


def _weigh(
    case: Case, report: Report, attribution: Attribution | None, *, wholly_inside: bool, chance: float
) -> Finding:
    policy = case.agreement.policy
    known = attribution is not None and attribution.status == "party"
    graded = report.grade is not None and report.grade.at_least(policy.reliability, policy.credibility)
    corroborated = len(set(report.origins)) >= policy.independent_origins_count
    for because, fails in (
        ("place-near-edge", not wholly_inside),
        ("time-only-to-the-month", report.when.coarse),
        ("attribution-unknown", not known),
        ("single-origin", not (graded or corroborated)),
    ):
        if fails:
            return _finding(
                case,
                report,
                Verdict.POSSIBLE,
                because=because,
                marks=("alleged",),
                probability=None if wholly_inside else chance,
                origins_count=len(set(report.origins)),
            )
    return _finding(case, report, Verdict.BREACH, because="evidence-policy-met", probability=None)


def _finding(
    case: Case,
    report: Report,
    verdict: Verdict,
    *,
    because: str,
    marks: tuple[str, ...] = (),
    probability: float | None = None,
    **said: object,
) -> Finding:
    return make_finding(
        case,
        kind="report",
        verdict=verdict,
        interval=report.when.interval,
        lonlat_deg=report.where.lonlat_deg,
        radius_m=report.where.radius_m,
        because=because,
        reason=reasons.sentence(because, **said),
        probability=probability,
        marks=marks,
    )
