"""How close two movers came: every pass nearer than the agreed separation, continuous in time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import (
    SIGMA_PER_R95_2D,
    Pass,
    candidate_pairs,
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
from truceline.rules.applies import in_force, matching_exemptions, selector_covers
from truceline.rules.certainty import CORRELATION_S, WINDOW_S, sigmas_needed, windows_count
from truceline.rules.facts import Case, make_finding
from truceline.rules.movement.areas import exempt_times
from truceline.rules.movement.stretches import Cut, Stretch, clip_stretch
from truceline.timebase import Interval, merge_intervals, subtract_intervals
from truceline.words import reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two movers a separation clause may bind; ``unknown`` says what would have to be known to be sure.

    ``either``: the clause binds each of them to keep away from the other, not the first alone.
    """

    first: Track
    second: Track
    unknown: str = ""
    either: bool = False

    @property
    def names(self) -> str:
        return f"{self.first.mover.id} x {self.second.mover.id}"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joint:
    """Both movers observed at once, each cut to the shared time."""

    first: Stretch
    second: Stretch

    @property
    def interval(self) -> Interval:
        return self.first.interval


def check_separation(
    agreement: Agreement, clause: Clause, rule: Separate, tracks: tuple[Track, ...], cuts: dict[int, Cut]
) -> CheckResult:
    """Every pair bound by one separation clause."""
    pairs = list(_bound_pairs(agreement, rule, tracks))
    if not pairs:
        return CheckResult(not_applied=(_no_pairs(clause),)) if tracks else CheckResult()
    findings: list[Finding] = []
    together: dict[str, list[Interval]] = {}
    apart, exempt, alerted = list[Pair](), list[Pair](), set[str]()
    close = _close_pairs(tracks, rule)
    exempt_by_track = {id(track): exempt_times(clause, track.mover, cuts[id(track)]) for track in tracks}
    for pair in pairs:
        force, exempted = _force(clause, pair), _exempted(pair, exempt_by_track)
        joints = list(_joint(pair, cuts, _less(force, exempted)))
        if not joints:
            seen_together = bool(exempted) and any(_joint(pair, cuts, force))
            (exempt if seen_together else apart).append(pair)
            continue
        together.setdefault(pair.first.mover.id, []).extend(joint.interval for joint in joints)
        if rule.distance_m is None or (id(pair.first), id(pair.second)) in close:
            found = _judge_pair(agreement, clause, rule, pair, joints)
            findings += found
            alerted |= {pair.first.mover.id} if found else set()
    coverage = [
        Coverage(clause=clause.id, subject=subject, observed=merge_intervals(intervals))
        for subject, intervals in together.items()
    ]
    findings += _observed(agreement, clause, rule, tracks, coverage, alerted)
    if apart:
        findings.append(_never_together(agreement, clause, apart))
    refused = (_exempt(clause, exempt),) if exempt else ()
    return CheckResult(findings=tuple(findings), not_applied=refused, coverage=tuple(coverage))


def _no_pairs(clause: Clause) -> NotApplied:
    return NotApplied(
        clause=clause.id, subject="all movers", because="party", reason=reasons.sentence("no-pair-bound")
    )


def _exempt(clause: Clause, pairs: list[Pair]) -> NotApplied:
    movers = (pair.first.mover for pair in pairs)
    texts = sorted({item.text for mover in movers for item in matching_exemptions(clause, mover)})
    return NotApplied(
        clause=clause.id,
        subject=pairs[0].names if len(pairs) == 1 else f"{len(pairs)} pairs of movers",
        because="exempt",
        reason=reasons.sentence("exempt", text=" ".join(texts)),
        count=len(pairs),
    )


def _bound_pairs(agreement: Agreement, rule: Separate, tracks: tuple[Track, ...]) -> Iterator[Pair]:
    """Pairs of different movers, one bound as first and one as second; each pair once, the surer way round."""
    as_first = [selector_covers(rule.first, track.mover, agreement) for track in tracks]
    as_second = [selector_covers(rule.second, track.mover, agreement) for track in tracks]
    for pair in combinations(range(len(tracks)), 2):
        if tracks[pair[0]].mover.id == tracks[pair[1]].mover.id:
            continue
        ways = [
            Pair(first=tracks[a], second=tracks[b], unknown=as_first[a].unknown or as_second[b].unknown)
            for a, b in (pair, pair[::-1])
            if as_first[a].yes and as_second[b].yes
        ]
        if ways:
            yield replace(min(ways, key=lambda way: bool(way.unknown)), either=len(ways) == 2)


def _close_pairs(tracks: tuple[Track, ...], rule: Separate) -> set[tuple[int, int]]:
    """Pairs (by identity) whose boxes come within reach of the separation; never drops a true pair."""
    if rule.distance_m is None:
        return set()
    widest_m = max((float(np.nan_to_num(track.accuracy_m).max(initial=0.0)) for track in tracks), default=0.0)
    found = candidate_pairs(
        [(track.t_us, track.lonlat_deg) for track in tracks], separation_m=rule.distance_m + 2 * widest_m
    )
    near: set[tuple[int, int]] = set()
    for one, two in found:
        near.add((id(tracks[one]), id(tracks[two])))
        near.add((id(tracks[two]), id(tracks[one])))
    return near


def _force(clause: Clause, pair: Pair) -> tuple[Interval, ...]:
    """When the clause binds both."""
    first, second = in_force(clause, pair.first.mover.party), in_force(clause, pair.second.mover.party)
    return tuple(shared for one in first for two in second if (shared := one.clip(two)) is not None)


def _exempted(pair: Pair, times: dict[int, tuple[Interval, ...]]) -> tuple[Interval, ...]:
    """When nobody the clause binds in this pair is held to it."""
    first = times[id(pair.first)]
    if not (first and pair.either):
        return first
    return tuple(
        both for one in first for two in times[id(pair.second)] if (both := one.clip(two)) is not None
    )


def _less(force: tuple[Interval, ...], exempted: tuple[Interval, ...]) -> tuple[Interval, ...]:
    return tuple(left for when in force for left in subtract_intervals(when, exempted))


def _shared(a: Interval, b: Interval) -> Interval | None:
    """The time of two records together; where one ends as the other begins, that instant."""
    start_us, end_us = max(a.start_us, b.start_us), min(a.end_us, b.end_us)
    return Interval(start_us, end_us) if start_us <= end_us else None


def _joint(pair: Pair, cuts: dict[int, Cut], force: tuple[Interval, ...]) -> Iterator[Joint]:
    for a in cuts[id(pair.first)].stretches:
        for b in cuts[id(pair.second)].stretches:
            shared = _shared(a.interval, b.interval)
            if shared is None:
                continue
            for when in force:
                both = shared.clip(when)
                if both is None or not both.meets(when):
                    continue
                first, second = clip_stretch(a, both), clip_stretch(b, both)
                if first is not None and second is not None:
                    yield Joint(first=first, second=second)


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
    findings: list[Finding] = []
    for joint in joints:
        accuracy_m = float(joint.first.accuracy_m.max() + joint.second.accuracy_m.max())
        near = close_passes(*_columns(joint), separation_m=rule.distance_m + accuracy_m - clause.tolerance_m)
        inside = close_passes(*_columns(joint), separation_m=rule.distance_m - clause.tolerance_m)
        for span in near:
            passes = [
                item for item in inside if span.start_us <= item.start_us and item.end_us <= span.end_us
            ]
            findings += [_encounter(case, rule, pair, joint, item, span) for item in passes or [span]]
    if pair.unknown:
        findings = [
            replace(
                finding,
                verdict=Verdict.NOT_EVALUATED,
                because=pair.unknown,
                reason=reasons.sentence(pair.unknown),
            )
            for finding in findings
        ]
    return findings


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


def _encounter(case: Case, rule: Separate, pair: Pair, joint: Joint, item: Pass, span: Pass) -> Finding:
    assert rule.distance_m is not None
    limit_m = rule.distance_m - case.clause.tolerance_m
    accuracy_m = _accuracy_at(joint.first, item.closest_us) + _accuracy_at(joint.second, item.closest_us)
    low_m, high_m = max(item.closest_m - accuracy_m, 0.0), item.closest_m + accuracy_m
    beyond, probability, spare_m = _certainty(joint, item, span, limit_m)
    stated = joint.first.accuracy_stated and joint.second.accuracy_stated
    encounter = Encounter(
        other_mover=pair.second.mover.id,
        other_party=pair.second.mover.party,
        at_us=item.closest_us,
        lonlat_deg=item.lonlat_a,
        other_lonlat_deg=item.lonlat_b,
        distance_m=item.closest_m,
        distance_low_m=low_m,
        distance_high_m=high_m,
        separation_m=rule.distance_m,
        vertical_m=_vertical(pair, item.closest_us),
        severity=_severity(rule, low_m, item.closest_m, high_m),
        below_s=(item.end_us - item.start_us) / 1e6 if item.closest_m < limit_m else 0.0,
        open_start=item.open_start,
        open_end=item.open_end,
    )
    marks = ["open-start"] * item.open_start + ["open-end"] * item.open_end
    because = "" if item.closest_m < limit_m else "within-accuracy"
    if not stated:
        because = "accuracy-not-stated"
        marks.append(because)
    return make_finding(
        case,
        kind="encounter",
        verdict=Verdict.BREACH if beyond and stated else Verdict.POSSIBLE,
        interval=Interval(item.start_us, item.end_us),
        encounter=encounter,
        probability=probability if stated else None,
        because=because,
        reason=reasons.sentence(because) if because else "",
        margin_m=abs(spare_m),
        marks=tuple(marks),
    )


def _certainty(joint: Joint, item: Pass, span: Pass, limit_m: float) -> tuple[bool, float, float]:
    """As for a line: distances below the separation, averaged over windows; both movers' errors count."""
    times = np.unique(np.concatenate((joint.first.t_us, joint.second.t_us, [item.closest_us])))
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
    return spare_m > 0, best, spare_m


def _accuracy_at(stretch: Stretch, t_us: int) -> float:
    return float(np.interp(t_us, stretch.t_us, stretch.accuracy_m))


def _vertical(pair: Pair, t_us: int) -> float | None:
    """Vertical distance, where both altitudes are known and measured from the same datum."""
    if not pair.first.altitude_datum or pair.first.altitude_datum != pair.second.altitude_datum:
        return None
    heights = [np.interp(t_us, track.t_us, track.altitude_m) for track in (pair.first, pair.second)]
    gap = abs(heights[0] - heights[1])
    return None if np.isnan(gap) else float(gap)


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


def _never_together(agreement: Agreement, clause: Clause, apart: list[Pair]) -> Finding:
    one = len(apart) == 1
    subject = apart[0].names if one else f"{len(apart)} pairs of movers"
    case = Case(
        agreement=agreement,
        clause=clause,
        subject=subject,
        party=None,
        exercise=all(pair.first.exercise or pair.second.exercise for pair in apart),
    )
    return make_finding(
        case,
        kind="gap",
        verdict=Verdict.NO_COVERAGE,
        because="no-shared-time",
        reason=reasons.sentence("no-shared-time", count=len(apart)),
    )
