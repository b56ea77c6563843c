"""How close two movers came: every pass nearer than the agreed separation, continuous in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import (
    SIGMA_PER_R95_2D,
    Pass,
    close_passes,
    closest,
    distance_m,
    mean_variance,
    normal_cdf,
    positions_at,
    split_windows,
)
from truceline.model.agreement import Agreement, Clause, Separate
from truceline.model.finding import CheckResult, Coverage, Encounter, Finding, NotApplied, Verdict
from truceline.model.movement import Track
from truceline.rules.applies import matching_exemptions
from truceline.rules.certainty import CORRELATION_S, WINDOW_S, sigmas_needed, windows_count
from truceline.rules.facts import Case, make_finding
from truceline.rules.movement.encounters_pairs import Company, Joint, Pair, altitudes_at, widest_m
from truceline.rules.movement.stretches import Cut, Stretch
from truceline.timebase import Interval, merge_intervals
from truceline.units import Metres
from truceline.words import reasons

ACCURACY_NOT_STATED = ("accuracy-not-stated", "vertical-accuracy-not-stated")


def check_separation(
    agreement: Agreement, clause: Clause, rule: Separate, tracks: tuple[Track, ...], cuts: dict[int, Cut]
) -> CheckResult:
    """Every pair bound by one separation clause."""
    company = Company(agreement, clause, rule, tracks, cuts)
    survey = company.survey()
    if not (survey.joined or survey.apart or survey.exempt):
        return CheckResult(not_applied=(_no_pairs(clause),)) if tracks else CheckResult()
    findings: list[Finding] = []
    alerted = set[str]()
    close = company.near()
    for first, second in (pair for rows in survey.joined for pair in rows.tolist()):
        if rule.distance_m is None or (first, second) in close:
            pair = company.pair(first, second)
            found = _judge_pair(agreement, clause, rule, pair, list(company.joints(first, second)))
            findings += found
            alerted |= {pair.first.mover.id} if found else set()
    coverage = [
        Coverage(clause=clause.id, subject=subject, observed=observed)
        for subject, observed in survey.together.items()
    ]
    findings += _observed(agreement, clause, rule, tracks, coverage, alerted)
    if survey.apart:
        findings.append(_never_together(agreement, clause, company, np.concatenate(survey.apart)))
    refused = (_exempt(clause, company, np.concatenate(survey.exempt)),) if survey.exempt else ()
    return CheckResult(findings=tuple(findings), not_applied=refused, coverage=tuple(coverage))


def _no_pairs(clause: Clause) -> NotApplied:
    return NotApplied(
        clause=clause.id, subject="all movers", because="party", reason=reasons.sentence("no-pair-bound")
    )


def _exempt(clause: Clause, company: Company, pairs: NDArray[np.int64]) -> NotApplied:
    movers = (company.tracks[number].mover for number in np.unique(pairs).tolist())
    texts = sorted({item.text for mover in movers for item in matching_exemptions(clause, mover)})
    return NotApplied(
        clause=clause.id,
        subject=company.pair(*pairs[0].tolist()).names
        if len(pairs) == 1
        else f"{len(pairs)} pairs of movers",
        because="exempt",
        reason=reasons.sentence("exempt", text=" ".join(texts)),
        count=len(pairs),
    )


# ---------------------------------------------------------------- one pair


def _case(agreement: Agreement, clause: Clause, pair: Pair) -> Case:
    return Case(
        agreement=agreement,
        clause=clause,
        subject=pair.names,
        party=pair.first.mover.party,
        evidence=(pair.first.source, pair.second.source),
        exercise=pair.first.exercise or pair.second.exercise,
    )


def _judge_pair(
    agreement: Agreement, clause: Clause, rule: Separate, pair: Pair, joints: list[Joint]
) -> list[Finding]:
    case = _case(agreement, clause, pair)
    if rule.distance_m is None:
        return [_not_published(case, joints)]
    findings = [finding for joint in joints for finding in _judge_joint(case, rule, pair, joint)]
    if pair.unknown:
        findings = [_not_evaluated(finding, pair.unknown) for finding in findings]
    return findings


def _not_evaluated(finding: Finding, because: str) -> Finding:
    return replace(finding, verdict=Verdict.NOT_EVALUATED, because=because, reason=reasons.sentence(because))


def _judge_joint(case: Case, rule: Separate, pair: Pair, joint: Joint) -> Iterator[Finding]:
    """Each pass nearer than agreed; where the accuracies leave it open, each that may have been."""
    assert rule.distance_m is not None
    limit_m = rule.distance_m - case.clause.tolerance_m
    spread_m = 2 * (rule.vertical_accuracy_m or 0.0)
    sight = _Sight(pair=pair, joint=joint, vertical_m=rule.vertical_m)
    inside = sight.passes(limit_m)
    sure = inside
    if rule.vertical_m is not None:
        sure = sight.passes(limit_m, widened_m=-spread_m, unknown_apart=True)
    for span in sight.passes(limit_m + widest_m(joint.first) + widest_m(joint.second), widened_m=spread_m):
        items = [item for item in inside if _covers(span, item)]
        for item in items or [span]:
            beyond_doubt = [part for part in sure if _covers(item, part)]
            finding = _encounter(case, rule, sight, item, span, inside=bool(items), sure=beyond_doubt)
            if rule.vertical_m is not None and not item.vertical_known and not beyond_doubt:
                finding = _not_evaluated(finding, "vertical-unknown")
            yield finding


def _covers(whole: Pass, part: Pass) -> bool:
    return whole.start_us <= part.start_us and part.end_us <= whole.end_us


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Sight:
    """Two movers over a shared time, with their heights where those can be compared."""

    pair: Pair
    joint: Joint
    vertical_m: Metres | None

    def passes(
        self, separation_m: Metres, *, widened_m: Metres = 0.0, unknown_apart: bool = False
    ) -> list[Pass]:
        """Nearer over the ground than a separation and, where the clause asks, in the vertical."""
        first, second = self.joint.first, self.joint.second
        known = self.pair.comparable
        return close_passes(
            *_columns(self.joint),
            separation_m=separation_m,
            altitude_a_m=altitudes_at(self.pair.first, first.t_us) if known else None,
            altitude_b_m=altitudes_at(self.pair.second, second.t_us) if known else None,
            vertical_m=None if self.vertical_m is None else max(self.vertical_m + widened_m, 0.0),
            unknown_apart=unknown_apart,
        )


def _columns(joint: Joint) -> tuple[NDArray, NDArray, NDArray, NDArray]:
    return joint.first.t_us, joint.first.lonlat_deg, joint.second.t_us, joint.second.lonlat_deg


def _not_published(case: Case, joints: list[Joint]) -> Finding:
    found = [item for joint in joints if (item := closest(*_columns(joint))) is not None]
    distance = min((item[1] for item in found), default=None)
    whole = merge_intervals(joint.interval for joint in joints)
    return make_finding(
        case,
        kind="undetermined",
        verdict=Verdict.NOT_EVALUATED,
        interval=Interval(whole[0].start_us, whole[-1].end_us),
        because="number-not-published",
        reason=reasons.sentence("number-not-published", closest_m=distance),
    )


def _encounter(
    case: Case, rule: Separate, sight: _Sight, item: Pass, span: Pass, *, inside: bool, sure: list[Pass]
) -> Finding:
    """``inside``: nearer than agreed as recorded; ``sure``: parts of it that are so in the vertical beyond doubt."""
    assert rule.distance_m is not None
    joint, limit_m = sight.joint, rule.distance_m - case.clause.tolerance_m
    accuracy_m = _accuracy_at(joint.first, item.closest_us) + _accuracy_at(joint.second, item.closest_us)
    low_m, high_m = max(item.closest_m - accuracy_m, 0.0), item.closest_m + accuracy_m
    certain = [_certainty(joint, part, span, limit_m) for part in sure or [item]]
    spare_m, probability = max(part[1] for part in certain), max(part[0] for part in certain)
    because = _because(joint, rule, inside=inside, level=bool(sure))
    stated = because not in ACCURACY_NOT_STATED
    encounter = Encounter(
        other_mover=sight.pair.second.mover.id,
        other_party=sight.pair.second.mover.party,
        at_us=item.closest_us,
        lonlat_deg=item.lonlat_a,
        other_lonlat_deg=item.lonlat_b,
        distance_m=item.closest_m,
        distance_low_m=low_m,
        distance_high_m=high_m,
        separation_m=rule.distance_m,
        vertical_m=item.vertical_m,
        severity=_severity(rule, low_m, item.closest_m, high_m),
        below_s=(item.end_us - item.start_us) / 1e6 if inside else 0.0,
        open_start=item.open_start,
        open_end=item.open_end,
    )
    marks = ["open-start"] * item.open_start + ["open-end"] * item.open_end + [because] * (not stated)
    return make_finding(
        case,
        kind="encounter",
        verdict=Verdict.BREACH if spare_m > 0 and stated and inside and sure else Verdict.POSSIBLE,
        interval=Interval(item.start_us, item.end_us),
        encounter=encounter,
        probability=probability if stated else None,
        because=because,
        reason=reasons.sentence(because) if because else "",
        margin_m=abs(spare_m),
        marks=tuple(marks),
    )


def _because(joint: Joint, rule: Separate, *, inside: bool, level: bool) -> str:
    if not (joint.first.accuracy_stated and joint.second.accuracy_stated):
        return "accuracy-not-stated"
    if rule.vertical_m is not None and rule.vertical_accuracy_m is None:
        return "vertical-accuracy-not-stated"
    return "" if inside and level else "within-accuracy"


def _between(t_us: NDArray[np.int64], first_us: int, last_us: int) -> NDArray[np.int64]:
    """The instants from first to last, both included."""
    return t_us[np.searchsorted(t_us, first_us, "left") : np.searchsorted(t_us, last_us, "right")]


def _certainty(joint: Joint, item: Pass, span: Pass, limit_m: float) -> tuple[float, float]:
    """Probability and spare metres, as for a line: distances below the separation, averaged over windows; both
    movers' errors count."""
    earliest_us, latest_us = min(span.start_us, item.start_us), max(span.end_us, item.end_us)
    both = [_between(side.t_us, earliest_us, latest_us) for side in (joint.first, joint.second)]
    times = np.unique(np.concatenate((*both, [item.closest_us])))
    near_count = windows_count(times[(times >= span.start_us) & (times <= span.end_us)])
    times = times[(times >= item.start_us) & (times <= item.end_us)]
    apart_m = distance_m(
        positions_at(times, joint.first.t_us, joint.first.lonlat_deg),
        positions_at(times, joint.second.t_us, joint.second.lonlat_deg),
    )
    # Both accuracies added, as for a line and a fix: nearer even if both movers are off by theirs.
    sigma_m = SIGMA_PER_R95_2D * (
        np.interp(times, joint.first.t_us, joint.first.accuracy_m)
        + np.interp(times, joint.second.t_us, joint.second.accuracy_m)
    )
    needed = sigmas_needed(near_count)
    best, spare_m = 0.0, -np.inf
    for window in split_windows(times, window_s=WINDOW_S):
        spread_m = float(
            np.sqrt(mean_variance(times[window] / 1e6, sigma_m[window], correlation_s=CORRELATION_S))
        )
        depth_m = limit_m - float(apart_m[window].mean())
        spare_m = max(spare_m, depth_m - needed * spread_m)
        best = max(best, float(normal_cdf(depth_m / spread_m)) if spread_m > 0 else float(depth_m > 0))
    return best, spare_m


def _accuracy_at(stretch: Stretch, t_us: int) -> float:
    return float(np.interp(t_us, stretch.t_us, stretch.accuracy_m))


def _severity(rule: Separate, low_m: float, distance: float, high_m: float) -> str:
    """A, B, C by the agreement's thresholds, E beyond them, D where the accuracy spans more than one."""
    if not rule.severity_m:
        return ""

    def letter(value: float) -> str:
        return next(
            (name for name in "ABC" if name in rule.severity_m and value < rule.severity_m[name]), "E"
        )

    return letter(distance) if letter(low_m) == letter(high_m) else "D"


# ---------------------------------------------------------------- all pairs of a clause


def _observed(
    agreement: Agreement,
    clause: Clause,
    rule: Separate,
    tracks: tuple[Track, ...],
    coverage: list[Coverage],
    alerted: set[str],
) -> list[Finding]:
    """CLEAR, once per first mover: observed together with others and not nearer than agreed."""
    if rule.distance_m is None:
        return []
    by_id = {track.mover.id: track for track in tracks}
    quiet: list[Finding] = []
    for item in coverage:
        track = by_id[item.subject]
        if item.subject in alerted:
            continue
        case = Case(
            agreement=agreement,
            clause=clause,
            subject=item.subject,
            party=track.mover.party,
            evidence=(track.source,),
            exercise=track.exercise,
        )
        quiet.append(make_finding(case, kind="observed", verdict=Verdict.CLEAR, observed=item.observed))
    return quiet


def _never_together(
    agreement: Agreement, clause: Clause, company: Company, pairs: NDArray[np.int64]
) -> Finding:
    drill = np.array([track.exercise for track in company.tracks], dtype=bool)
    case = Case(
        agreement=agreement,
        clause=clause,
        subject=company.pair(*pairs[0].tolist()).names
        if len(pairs) == 1
        else f"{len(pairs)} pairs of movers",
        party=None,
        exercise=bool(drill[pairs].any(axis=1).all()),
    )
    return make_finding(
        case,
        kind="gap",
        verdict=Verdict.NO_COVERAGE,
        because="no-shared-time",
        reason=reasons.sentence("no-shared-time", count=len(pairs)),
    )
