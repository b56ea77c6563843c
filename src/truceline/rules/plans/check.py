"""The question before anyone moves: does this plan conflict with a clause, or with another movement?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from truceline.model.agreement import Agreement, Clause, Recorded, Separate
from truceline.model.finding import CheckResult, Finding, NotApplied, Verdict
from truceline.model.plan import NotifiedMovement, Plan
from truceline.rules.applies import Applies, clause_covers, in_force, out_of_force
from truceline.rules.facts import Case, distinct_ids, make_finding
from truceline.rules.movement.areas import PRESENCE_KINDS
from truceline.rules.plans.areas import area_forbidden_to, judge_areas
from truceline.rules.plans.notified import NotifiedMovements
from truceline.rules.plans.others import check_overlaps, check_separate, separation_reach_m
from truceline.units import MicrosUTC
from truceline.words import reasons


def check_plan(
    agreement: Agreement,
    plan: Plan,
    others: Iterable[Plan | NotifiedMovement] | NotifiedMovements = (),
    *,
    as_of_us: MicrosUTC | None = None,
) -> CheckResult:
    """Check a planned movement against every clause that can be judged from a plan, and every other movement.

    Anything the plan allows counts: anywhere in the corridor and its drift, at any time of the windows and the
    lateness, at any height of the band.

    Parameters
    ----------
    agreement : Agreement
        As resolved by ``truceline.load_agreement``.
    plan : Plan
    others : iterable of Plan or NotifiedMovement, or NotifiedMovements
        What else is notified. Where many plans are checked against the same movements, give a
        ``truceline.rules.plans.NotifiedMovements``: its index is built once.
    as_of_us : int, optional
        As of when the data is held; said in ``notes``.

    Returns
    -------
    CheckResult
        ``BREACH``: the planned line itself goes into the area (or nearer than the separation) while the clause
        is in force. ``POSSIBLE``: only the corridor, the margins or a part of the time does. ``CLEAR``: no
        conflict was found in the data held, which is no permission. ``NOT_EVALUATED`` with the reason.

    Notes
    -----
    Method: docs/rules/plans.md. Errors go towards conflict.
    """
    held = others if isinstance(others, NotifiedMovements) else NotifiedMovements(others)
    reach_m = separation_reach_m(agreement)
    # Separation is agreed on the ground, so altitude tells nothing apart where a clause demands it.
    meetings = held.meetings(plan, reach_m=reach_m or 0.0, vertical_reach_m=0.0 if reach_m is None else inf)
    others_count = len(held) - (plan.id in held)
    result = CheckResult(checked_count=1)
    for clause in agreement.clauses.values():
        if isinstance(clause.rule, Separate):
            found = check_separate(agreement, clause, clause.rule, plan, meetings, held_count=others_count)
        elif clause.rule.kind in PRESENCE_KINDS:
            found = _check_area(agreement, clause, plan)
        else:
            found = _not_judged(clause, plan)
        result = result.merged_with(found)
    spoken_of = frozenset(
        finding.encounter.other_mover for finding in result.findings if finding.encounter is not None
    )
    overlaps = check_overlaps(agreement, plan, meetings, spoken_of)
    findings = distinct_ids((*result.findings, *overlaps))
    notes = () if as_of_us is None else (reasons.plan_note(as_of_us, others_count),)
    return replace(result, findings=findings, notes=notes)


def _check_area(agreement: Agreement, clause: Clause, plan: Plan) -> CheckResult:
    case = Case(
        agreement=agreement,
        clause=clause,
        subject=plan.id,
        party=plan.mover.party,
        evidence=(plan.source,),
        exercise=plan.exercise,
    )
    covered = clause_covers(clause, plan.mover, agreement)
    if not covered.yes:
        return _refused(case, covered.because, covered.reason)
    if not any(when.meets(plan.longest) for when in in_force(clause, plan.mover.party)):
        answer = out_of_force(clause, plan.mover.party, plan.longest)
        return _refused(case, answer.because, answer.reason)
    area = area_forbidden_to(clause, plan.mover)
    if area.region is not None:
        findings = judge_areas(case, area.region, plan)
        return CheckResult(findings=tuple(_qualified(finding, covered) for finding in findings))
    if area.because in ("class", "party"):
        seen = plan.mover.mover_class if area.because == "class" else plan.mover.party
        return _refused(case, area.because, reasons.sentence(area.because, seen=seen, party=seen))
    return CheckResult(
        findings=(
            make_finding(
                case,
                kind="undetermined",
                verdict=Verdict.NOT_EVALUATED,
                interval=plan.longest,
                because=area.because,
                reason=reasons.sentence(area.because),
            ),
        )
    )


def _refused(case: Case, because: str, reason: str) -> CheckResult:
    return CheckResult(
        not_applied=(NotApplied(clause=case.clause.id, subject=case.subject, because=because, reason=reason),)
    )


def _qualified(finding: Finding, covered: Applies) -> Finding:
    """Where something about the mover is unknown, a quiet answer stands and any other is not evaluated."""
    if not covered.unknown or finding.verdict is Verdict.CLEAR:
        return finding
    return replace(
        finding,
        verdict=Verdict.NOT_EVALUATED,
        because=covered.unknown,
        reason=reasons.sentence(covered.unknown),
    )


def _not_judged(clause: Clause, plan: Plan) -> CheckResult:
    """A clause whose rule cannot be judged from a plan is named, not passed over."""
    recorded = isinstance(clause.rule, Recorded)
    because = "not-judged" if recorded else "no-evidence-kind"
    rule = clause.rule.rule if isinstance(clause.rule, Recorded) else clause.rule.kind
    reason = reasons.sentence(because, rule=rule, evidence="plans")
    return CheckResult(
        not_applied=(NotApplied(clause=clause.id, subject=plan.id, because=because, reason=reason),)
    )
