"""The two questions asked of an agreement: of what moved, and of what was reported.

Pure functions: the same agreement and the same evidence give the same findings in the same order,
whatever order the evidence came in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from truceline.model.agreement import Agreement, Cease, Clause, Recorded, Separate
from truceline.model.evidence import Report
from truceline.model.finding import CheckResult, Coverage, Finding, NotApplied, Verdict
from truceline.model.identity import Mover
from truceline.model.movement import Path, Track
from truceline.rules.applies import Applies, clause_covers, in_force, out_of_force
from truceline.rules.facts import Case, distinct_ids, make_finding
from truceline.rules.movement.areas import PRESENCE_KINDS, ForbiddenArea, forbidden_area
from truceline.rules.movement.banded import height_unknown, judge_at_heights
from truceline.rules.movement.drawn import judge_drawn
from truceline.rules.movement.encounters import check_separation
from truceline.rules.movement.stretches import Cut, cut_tracks, doubts_named
from truceline.rules.reports import judge_report
from truceline.words import reasons


def check_tracks(agreement: Agreement, tracks: Iterable[Track], paths: Iterable[Path] = ()) -> CheckResult:
    """Check what moved against every clause that can be judged from movement.

    Parameters
    ----------
    agreement : Agreement
        As resolved by ``truceline.load_agreement``.
    tracks : iterable of Track
        Timed fixes; several tracks of one mover are judged one by one.
    paths : iterable of Path
        Drawn lines without a clock.

    Returns
    -------
    CheckResult
        Findings sorted by clause, time, subject and kind; clauses that did not apply, with the reason;
        and for each clause and mover what was observed.

    Notes
    -----
    Method: docs/explain/verdicts.md and docs/explain/certainty.md.
    """
    moving = tuple(sorted(tracks, key=_track_order))
    drawn = tuple(sorted(paths, key=lambda path: (path.mover.id, path.span, path.lonlat_deg.tobytes())))
    cuts = cut_tracks(moving, agreement.spoofing_sinks)
    result = CheckResult(checked_count=len(moving) + len(drawn))
    for clause in agreement.clauses.values():
        result = result.merged_with(check_clause(agreement, clause, moving, drawn, cuts))
    return replace(result, findings=_ordered(agreement, result.findings))


def check_clause(
    agreement: Agreement, clause: Clause, tracks: Sequence[Track], paths: Sequence[Path], cuts: dict[int, Cut]
) -> CheckResult:
    """Check what moved against one clause; ``cuts`` by the ``id`` of each track. Findings are not in order yet."""
    if isinstance(clause.rule, Separate):
        return check_separation(agreement, clause, clause.rule, tuple(tracks), cuts)
    if clause.rule.kind in PRESENCE_KINDS:
        return _check_presence(agreement, clause, tracks, paths, cuts)
    return _not_judged(clause, len(tracks) + len(paths), "movement")


def check_reports(agreement: Agreement, reports: Iterable[Report]) -> CheckResult:
    """Check what was reported against every clause that can be judged from reports.

    Parameters
    ----------
    agreement : Agreement
    reports : iterable of Report

    Returns
    -------
    CheckResult
        One finding for each report and clause that applies; the rest under ``not_applied``.
    """
    claims = sorted(reports, key=lambda report: (report.when.interval, report.id))
    findings: list[Finding] = []
    refused: list[NotApplied] = []
    for clause in agreement.clauses.values():
        if not isinstance(clause.rule, Cease):
            refused += _not_judged(clause, len(claims), "reports").not_applied
            continue
        for report in claims:
            answer = judge_report(agreement, clause, clause.rule, report)
            if isinstance(answer, Finding):
                findings.append(answer)
            else:
                refused.append(answer)
    return CheckResult(
        findings=_ordered(agreement, findings), not_applied=tuple(refused), checked_count=len(claims)
    )


def _track_order(track: Track) -> tuple[object, ...]:
    span = track.span
    content = (track.t_us.tobytes(), track.lonlat_deg.tobytes(), track.accuracy_m.tobytes())
    start_us = span.start_us if span else 0
    return (track.mover.id, start_us, track.source.name, track.source.sha256, len(track), *content)


def _ordered(agreement: Agreement, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    place = {clause: index for index, clause in enumerate(agreement.clauses)}

    def key(finding: Finding) -> tuple[object, ...]:
        at = finding.interval or (finding.observed[0] if finding.observed else None)
        return (place[finding.clause], at.start_us if at else 0, finding.subject, finding.kind, finding.id)

    shared = {name for name, count in Counter(item.id for item in findings).items() if count > 1}
    # Of findings alike in all of that the content decides, so that the order of arrival never does.
    return distinct_ids(
        sorted(findings, key=lambda item: (*key(item), repr(item) if item.id in shared else ""))
    )


def _not_judged(clause: Clause, count: int, evidence: str) -> CheckResult:
    """A clause whose rule cannot be judged from this evidence is named, not passed over."""
    because = "not-judged" if isinstance(clause.rule, Recorded) else "no-evidence-kind"
    rule = clause.rule.rule if isinstance(clause.rule, Recorded) else clause.rule.kind
    return CheckResult(
        not_applied=(
            NotApplied(
                clause=clause.id,
                subject=f"all {evidence}",
                because=because,
                reason=reasons.sentence(because, rule=rule, evidence=evidence),
                count=count,
            ),
        )
    )


# ---------------------------------------------------------------- presence


def _check_presence(
    agreement: Agreement, clause: Clause, tracks: Sequence[Track], paths: Sequence[Path], cuts: dict[int, Cut]
) -> CheckResult:
    findings: list[Finding] = []
    refused: list[NotApplied] = []
    coverage: list[Coverage] = []
    subjects: list[Track | Path] = [*tracks, *paths]
    bounds = {id(subject): bound(agreement, clause, subject.mover) for subject in subjects}
    for subject in subjects:
        case = Case(
            agreement=agreement,
            clause=clause,
            subject=subject.mover.id,
            party=subject.mover.party,
            evidence=(subject.source,),
            exercise=subject.exercise,
        )
        covered, area = bounds[id(subject)]
        span = subject.span
        force = in_force(clause, subject.mover.party)
        if not covered.yes or span is None:
            refused.append(_refusal(case, covered.because or "empty", covered.reason))
        elif not any(when.meets(span) for when in force):
            answer = out_of_force(clause, subject.mover.party, span)
            refused.append(_refusal(case, answer.because, answer.reason))
        elif area.region is None:
            findings.append(_undetermined(case, area.because, subject))
        elif isinstance(subject, Path):
            drawn = judge_drawn(case, area.region, subject, force)
            if clause.altitude is not None:
                drawn = height_unknown(drawn, clause.altitude, subject)
            findings.append(_qualified(drawn, covered))
        else:
            cut = cuts[id(subject)]
            found, seen = doubts_named(*judge_at_heights(case, area.region, subject, cut, force), cut)
            if clause.altitude is not None and not found:
                refused.append(_refusal(case, "outside-band", reasons.sentence("outside-band")))
                continue
            findings += [_qualified(finding, covered) for finding in found]
            coverage.append(seen)
    return CheckResult(findings=tuple(findings), not_applied=_grouped(refused), coverage=tuple(coverage))


def bound(agreement: Agreement, clause: Clause, mover: Mover) -> tuple[Applies, ForbiddenArea]:
    """Whether the clause binds the mover, and the area it forbids to it."""
    covered = clause_covers(clause, mover, agreement)
    if not covered.yes:
        return covered, ForbiddenArea()
    area = forbidden_area(clause, mover)
    if area.region is None and area.because in ("class", "party", "no-evidence-kind"):
        seen = mover.mover_class if area.because == "class" else mover.party
        reason = reasons.sentence(area.because, seen=seen, party=seen)
        return Applies(yes=False, because=area.because, reason=reason), area
    return covered, area


def _refusal(case: Case, because: str, reason: str) -> NotApplied:
    return NotApplied(clause=case.clause.id, subject=case.subject, because=because, reason=reason)


def _grouped(refused: Sequence[NotApplied]) -> tuple[NotApplied, ...]:
    """Many movers refused for one reason are one line with a count; a few stay named."""
    counts = Counter((item.clause, item.because, item.reason) for item in refused)
    few = [item for item in refused if counts[(item.clause, item.because, item.reason)] <= 5]
    many = [
        NotApplied(clause=clause, subject=f"{count} movers", because=because, reason=reason, count=count)
        for (clause, because, reason), count in counts.items()
        if count > 5
    ]
    return (*few, *many)


def _undetermined(case: Case, because: str, subject: Track | Path) -> Finding:
    return make_finding(
        case,
        kind="undetermined",
        verdict=Verdict.NOT_EVALUATED,
        interval=subject.span,
        because=because,
        reason=reasons.sentence(because),
    )


def _qualified(finding: Finding, covered: Applies) -> Finding:
    """Where something about the mover is unknown, a quiet answer stands and any other is not evaluated."""
    if not covered.unknown or finding.verdict in (Verdict.CLEAR, Verdict.NO_COVERAGE, Verdict.NOT_EVALUATED):
        return finding
    return replace(
        finding,
        verdict=Verdict.NOT_EVALUATED,
        because=covered.unknown,
        reason=reasons.sentence(covered.unknown),
    )
