"""A plan against other notified movements: the separation that a clause demands, and places shared by no clause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from truceline.kernels import VOLUME_TOLERANCE_M
from truceline.model.agreement import Agreement, Clause, Recorded, Selector, Separate
from truceline.model.finding import CheckResult, Encounter, Finding, NotApplied, Verdict
from truceline.model.identity import Mover
from truceline.model.plan import NotifiedMovement, Plan
from truceline.rules.applies import Applies, in_force, matching_exemptions, selector_covers
from truceline.rules.facts import Case, make_finding
from truceline.rules.plans.notified import Meeting
from truceline.timebase import Interval
from truceline.units import Metres
from truceline.words import reasons

# Findings about two movements that no clause speaks of stand under this, with no number and no words.
NO_CLAUSE = Clause(id="", rule=Recorded(kind="other-movement"), who=Selector(), text="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """A meeting nearer than a clause allows, or that may be, with its verdict."""

    meeting: Meeting
    verdict: Verdict
    because: str
    interval: Interval


def separation_reach_m(agreement: Agreement) -> Metres | None:
    """The widest separation that any clause demands; None where none demands one by a number."""
    distances = [
        clause.rule.distance_m
        for clause in agreement.clauses.values()
        if isinstance(clause.rule, Separate) and clause.rule.distance_m is not None
    ]
    return max(distances, default=None)


def check_separate(
    agreement: Agreement,
    clause: Clause,
    rule: Separate,
    plan: Plan,
    meetings: Sequence[Meeting],
    *,
    held_count: int,
) -> CheckResult:
    """One separation clause: the plan against every other movement that the clause pairs it with."""
    case = _case(agreement, clause, plan)
    ways = [selector_covers(who, plan.mover, agreement) for who in (rule.first, rule.second)]
    if not any(way.yes for way in ways):
        return _not_applied(clause, plan, ways[0].because, ways[0].reason)
    exempt = [item for item in matching_exemptions(clause, plan.mover) if item.where is None]
    if exempt and not ways[1].yes:
        text = exempt[0].text
        return _not_applied(clause, plan, "exempt", reasons.sentence("exempt", text=text))
    if not any(when.meets(plan.longest) for when in in_force(clause, plan.mover.party)):
        return _not_applied(clause, plan, "not-in-force", reasons.sentence("not-in-force"))
    if rule.distance_m is None:
        return CheckResult(findings=(_undetermined(case, plan, "number-not-published"),))
    if not held_count:
        return CheckResult(findings=(_nothing_held(case, plan),))
    findings = []
    for other, met in by_movement(meetings):
        bound = _bound(agreement, clause, rule, plan.mover, other.mover)
        if not bound.yes:
            continue
        close = [item for meeting in met if (item := _close(clause, rule, plan, meeting)) is not None]
        if close:
            findings.append(_encounter(case, rule, plan, other, close, bound))
    if not findings:
        findings.append(_no_conflict(case, plan))
    return CheckResult(findings=tuple(findings))


def _bound(agreement: Agreement, clause: Clause, rule: Separate, mine: Mover, theirs: Mover) -> Applies:
    """Whether the clause keeps these two apart: one as first and one as second, the surer way round."""
    ways = []
    for first, second in ((mine, theirs), (theirs, mine)):
        answers = [
            selector_covers(rule.first, first, agreement),
            selector_covers(rule.second, second, agreement),
        ]
        exempt = any(item.where is None for item in matching_exemptions(clause, first))
        if all(answer.yes for answer in answers) and not exempt:
            ways.append(next((answer for answer in answers if answer.unknown), answers[0]))
    return min(ways, key=lambda way: bool(way.unknown)) if ways else Applies(yes=False)


def _close(clause: Clause, rule: Separate, plan: Plan, meeting: Meeting) -> Close | None:
    assert rule.distance_m is not None
    limit_m = rule.distance_m - clause.tolerance_m
    if meeting.gap_m >= limit_m + VOLUME_TOLERANCE_M:
        return None
    force = _shared_force(clause, plan.mover, meeting.other.mover)
    shared = [
        part
        for when in force
        if meeting.interval.meets(when) and (part := meeting.interval.clip(when)) is not None
    ]
    if not shared:
        return None
    if meeting.apart_m >= limit_m:
        verdict, because = Verdict.POSSIBLE, "within-corridor"
    elif meeting.planned is None:
        verdict, because = Verdict.POSSIBLE, "within-lateness"
    elif not any(when.covers(meeting.planned) for when in force):
        verdict, because = Verdict.POSSIBLE, "in-force-in-part"
    else:
        verdict, because = Verdict.BREACH, ""
    return Close(
        meeting=meeting,
        verdict=verdict,
        because=because,
        interval=Interval(shared[0].start_us, shared[-1].end_us),
    )


def _shared_force(clause: Clause, mine: Mover, theirs: Mover) -> tuple[Interval, ...]:
    return tuple(
        both
        for one in in_force(clause, mine.party)
        for two in in_force(clause, theirs.party)
        if (both := one.clip(two)) is not None
    )


def by_movement(meetings: Iterable[Meeting]) -> list[tuple[NotifiedMovement, list[Meeting]]]:
    """Meetings gathered by the other movement, in the order of their ids."""
    groups: dict[str, list[Meeting]] = {}
    for meeting in meetings:
        groups.setdefault(meeting.other.id, []).append(meeting)
    return [(groups[name][0].other, groups[name]) for name in sorted(groups)]


def check_overlaps(
    agreement: Agreement, plan: Plan, meetings: Sequence[Meeting], spoken_of: frozenset[str]
) -> tuple[Finding, ...]:
    """Movements that may be at one place at one time with the plan, and of which no clause has spoken yet."""
    case = _case(agreement, NO_CLAUSE, plan)
    findings = []
    for other, met in by_movement(meetings):
        if other.id in spoken_of:
            continue
        sharing = [
            Close(
                meeting=item,
                verdict=Verdict.POSSIBLE,
                because="other-movement-near",
                interval=item.interval,
            )
            for item in met
            if item.gap_m <= VOLUME_TOLERANCE_M and not (item.vertical_m or 0.0) > 0.0
        ]
        if sharing:
            findings.append(_encounter(case, None, plan, other, sharing, Applies(yes=True)))
    return tuple(findings)


def _badness(item: Close) -> tuple[bool, Metres, int, int]:
    met = item.meeting
    return item.verdict is not Verdict.BREACH, met.apart_m, met.leg, met.part


def _encounter(
    case: Case,
    rule: Separate | None,
    plan: Plan,
    other: NotifiedMovement,
    close: Sequence[Close],
    bound: Applies,
) -> Finding:
    """One other movement, told by where the two come nearest to each other among the worst."""
    worst = min(close, key=_badness)
    met = worst.meeting
    separation_m = rule.distance_m if rule is not None and rule.distance_m is not None else met.widths_m
    because = bound.unknown or worst.because
    return make_finding(
        Case(
            agreement=case.agreement,
            clause=case.clause,
            subject=f"{plan.id} x {other.id}",
            party=case.party,
            evidence=(plan.source, other.source),
            exercise=plan.exercise or other.exercise,
        ),
        kind="plan-encounter" if rule is not None else "plan-overlap",
        verdict=Verdict.NOT_EVALUATED if bound.unknown else worst.verdict,
        interval=Interval(
            min(item.interval.start_us for item in close), max(item.interval.end_us for item in close)
        ),
        encounter=Encounter(
            other_mover=other.id,
            other_party=other.mover.party,
            at_us=worst.interval.start_us,
            lonlat_deg=met.lonlat_deg,
            other_lonlat_deg=met.other_lonlat_deg,
            distance_m=met.apart_m,
            distance_low_m=max(met.gap_m, 0.0),
            distance_high_m=met.apart_m + met.widths_m,
            separation_m=separation_m,
            vertical_m=met.vertical_m,
        ),
        because=because,
        reason=reasons.sentence(because) if because else "",
        margin_m=abs(separation_m - (met.apart_m if worst.verdict is Verdict.BREACH else met.gap_m)),
        legs=tuple(sorted({item.meeting.leg for item in close})),
    )


def _case(agreement: Agreement, clause: Clause, plan: Plan) -> Case:
    return Case(
        agreement=agreement,
        clause=clause,
        subject=plan.id,
        party=plan.mover.party,
        evidence=(plan.source,),
        exercise=plan.exercise,
    )


def _not_applied(clause: Clause, plan: Plan, because: str, reason: str) -> CheckResult:
    return CheckResult(
        not_applied=(NotApplied(clause=clause.id, subject=plan.id, because=because, reason=reason),)
    )


def _undetermined(case: Case, plan: Plan, because: str) -> Finding:
    return make_finding(
        case,
        kind="undetermined",
        verdict=Verdict.NOT_EVALUATED,
        interval=plan.longest,
        because=because,
        reason=reasons.sentence(because),
    )


def _nothing_held(case: Case, plan: Plan) -> Finding:
    return make_finding(
        case,
        kind="undetermined",
        verdict=Verdict.NO_COVERAGE,
        interval=plan.longest,
        because="nothing-notified",
        reason=reasons.sentence("nothing-notified"),
    )


def _no_conflict(case: Case, plan: Plan) -> Finding:
    return make_finding(
        case,
        kind="no-conflict",
        verdict=Verdict.CLEAR,
        interval=plan.longest,
        because="no-conflict-found",
        reason=reasons.sentence("no-conflict-found"),
    )
