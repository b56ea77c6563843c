"""A track against an area it must not be in: incursions, near-misses, gaps, and what was observed."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import Region, Visit, distance_m, path_depths_m, reachable_depth, visits
from truceline.model.finding import Coverage, Finding, Incursion, PathPoint, Verdict
from truceline.model.movement import Track
from truceline.rules.certainty import WINDOW_S, Certainty, chance_at, judge_depths, windows_count
from truceline.rules.facts import Case, make_finding
from truceline.rules.movement.stretches import Cut, Gap, Stretch, clip_gap, clip_stretch
from truceline.timebase import US_PER_S, Interval, merge_intervals, subtract_intervals
from truceline.words import reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A part of a stretch close enough to the line that the accuracies matter."""

    stretch: Stretch
    span: Visit
    crossings: tuple[Visit, ...]
    windows: int


def judge_presence(
    case: Case, region: Region, track: Track, cut: Cut, force: tuple[Interval, ...], *, far: bool = False
) -> tuple[list[Finding], Coverage]:
    """All findings of one track under one clause, and what was observed while it was in force.

    ``far``: the track is known never to come near the area (``truceline.rules.movement.nearness``).
    """
    findings: list[Finding] = []
    stretches = [
        part for whole in cut.stretches for when in force if (part := clip_stretch(whole, when)) is not None
    ]
    unseen: list[Interval] = []
    if far:
        reasoned = [
            shared for gap in cut.gaps for when in force if (shared := clip_gap(gap, when)) is not None
        ]
    else:
        for stretch in stretches:
            findings += _judge_stretch(case, region, stretch)
        gap_findings, unseen, reasoned = _judge_gaps(case, region, track, cut, force)
        findings += gap_findings
    findings += _doubtful_ends(case, region, cut, force)
    observed = merge_intervals([stretch.interval for stretch in stretches] + reasoned)
    unreliable = tuple(shared for item in cut.unreliable for when in force if (shared := item.clip(when)))
    coverage = Coverage(
        clause=case.clause.id,
        subject=track.mover.id,
        observed=observed,
        gaps=tuple(unseen),
        unreliable=unreliable,
    )
    quiet = _quiet(observed, findings)
    if quiet:
        stated = all(stretch.accuracy_stated for stretch in stretches)
        marks = () if stated else ("accuracy-not-stated",)
        findings.append(
            make_finding(case, kind="observed", verdict=Verdict.CLEAR, observed=quiet, marks=marks)
        )
    if not stretches and unreliable and not findings:
        findings.append(_unreliable(case, merge_intervals(unreliable)))
    return findings, coverage


def _quiet(observed: tuple[Interval, ...], findings: list[Finding]) -> tuple[Interval, ...]:
    """What was observed and found neither past the line nor possibly so."""
    taken = [finding.interval for finding in findings if finding.interval is not None]
    quiet: list[Interval] = []
    for interval in observed:
        if interval.duration_s == 0:
            quiet += (
                []
                if any(hole == interval or hole.contains(interval.start_us) for hole in taken)
                else [interval]
            )
        else:
            quiet += subtract_intervals(interval, taken)
    return tuple(quiet)


def _doubtful_ends(case: Case, region: Region, cut: Cut, force: tuple[Interval, ...]) -> list[Finding]:
    """Unreliable fixes at an end of the record that claim to be past the line: shown, never judged."""
    line_m = float(region.leaf_accuracy_m.max(initial=0.0))
    found: list[Finding] = []
    for stretch in cut.doubtful_ends:
        deep_m = region.depth_m(stretch.lonlat_deg) + stretch.accuracy_m + line_m - case.clause.tolerance_m
        shared = [
            part for when in force if stretch.interval.meets(when) and (part := stretch.interval.clip(when))
        ]
        if shared and (deep_m > 0).any():
            found.append(_unreliable(case, tuple(shared)))
    return found


def _unreliable(case: Case, intervals: tuple[Interval, ...]) -> Finding:
    whole = Interval(intervals[0].start_us, intervals[-1].end_us)
    return make_finding(
        case,
        kind="undetermined",
        verdict=Verdict.NOT_EVALUATED,
        interval=whole,
        because="positions-unreliable",
        reason=reasons.sentence("positions-unreliable"),
    )


# ---------------------------------------------------------------- what was observed


def _judge_stretch(case: Case, region: Region, stretch: Stretch) -> list[Finding]:
    fix_m = float(stretch.accuracy_m.max())
    line_m = float(region.leaf_accuracy_m.max(initial=0.0))
    tolerance_m = case.clause.tolerance_m
    # Hysteresis: a mover counts as away only when its reading is off by twice what one fix can be, so that
    # one that hugs the line makes one stretch near it and not a hundred.
    near = visits(region, stretch.t_us, stretch.lonlat_deg, threshold_m=tolerance_m - line_m - 2 * fix_m)
    past = visits(region, stretch.t_us, stretch.lonlat_deg, threshold_m=tolerance_m)
    # Crossings closer together than the fixes' own accuracy can tell apart are one visit.
    joined = visits(region, stretch.t_us, stretch.lonlat_deg, threshold_m=tolerance_m - fix_m) if past else []
    findings: list[Finding] = []
    for span in near:
        inside = tuple(
            visit for visit in past if span.start_us <= visit.start_us and visit.end_us <= span.end_us
        )
        at = (stretch.t_us >= span.start_us) & (stretch.t_us <= span.end_us)
        this = Near(
            stretch=stretch,
            span=span,
            crossings=inside,
            windows=windows_count(stretch.t_us[at]) if at.any() else 1,
        )
        findings += (
            _judge_crossings(case, region, this, joined) if inside else _judge_near(case, region, this)
        )
    return findings


def _judge_crossings(case: Case, region: Region, near: Near, joined: list[Visit]) -> list[Finding]:
    """One finding a visit that is certain; all that is only possible near one stretch of line as one."""
    certain: list[Finding] = []
    possible: list[Visit] = []
    for group in joined:
        inside = [
            item for item in near.crossings if group.start_us <= item.start_us and item.end_us <= group.end_us
        ]
        if not inside:
            continue
        finding = _incursion(case, region, near, inside)
        if finding.verdict is Verdict.BREACH:
            certain.append(finding)
        else:
            possible += inside
    if possible:
        certain.append(_incursion(case, region, near, possible))
    return sorted(certain, key=lambda finding: finding.interval.start_us if finding.interval else 0)


def _incursion(case: Case, region: Region, near: Near, crossings: list[Visit]) -> Finding:
    stretch = near.stretch
    deepest = max(crossings, key=lambda visit: visit.depth_m)
    sure = _certainty(case, region, near, crossings, deepest)
    first, last = crossings[0], crossings[-1]
    low_m, high_m = depth_range(region, deepest.deepest_lonlat, _accuracy_near(stretch, deepest.deepest_us))
    marks = ["open-start"] * (first.entry_us is None) + ["open-end"] * (last.exit_us is None)
    incursion = Incursion(
        entry=_point(first.entry_us, first.entry_lonlat),
        exit=_point(last.exit_us, last.exit_lonlat),
        deepest=PathPoint(t_us=deepest.deepest_us, lonlat_deg=deepest.deepest_lonlat),
        depth_m=deepest.depth_m,
        depth_low_m=low_m,
        depth_high_m=high_m,
        beyond_s=sum((visit.end_us - visit.start_us) / 1e6 for visit in crossings),
        crossings_count=sum(visit.crossings_count for visit in crossings),
    )
    certain = sure.beyond and stretch.accuracy_stated
    finding = make_finding(
        case,
        kind="incursion",
        verdict=Verdict.BREACH if certain else Verdict.POSSIBLE,
        interval=Interval(first.start_us, last.end_us),
        incursion=incursion,
        probability=sure.probability if stretch.accuracy_stated else None,
        margin_m=abs(sure.spare_m),
        marks=tuple(marks),
    )
    return finding if stretch.accuracy_stated else _accuracy_not_stated(finding)


def _certainty(case: Case, region: Region, near: Near, crossings: list[Visit], deepest: Visit) -> Certainty:
    """The fixes past the line, judged by windows.

    The deepest point counts too where there are no fixes past the line, or where it lies between two that are
    further apart than a window.
    """
    stretch = near.stretch
    inside = np.zeros(len(stretch.t_us), dtype=bool)
    for visit in crossings:
        inside |= (stretch.t_us >= visit.start_us) & (stretch.t_us <= visit.end_us)
    t_us, lonlat_deg, accuracy_m = (
        stretch.t_us[inside],
        stretch.lonlat_deg[inside],
        stretch.accuracy_m[inside],
    )
    after = int(np.searchsorted(stretch.t_us, deepest.deepest_us))
    around_us = stretch.t_us[max(after - 1, 0) : after + 1]
    between = deepest.deepest_us not in around_us and np.ptp(around_us) > WINDOW_S * US_PER_S
    if between or not inside.any():
        at = int(np.searchsorted(t_us, deepest.deepest_us))
        t_us = np.insert(t_us, at, deepest.deepest_us)
        lonlat_deg = np.insert(lonlat_deg, at, deepest.deepest_lonlat, axis=0)
        accuracy_m = np.insert(accuracy_m, at, _accuracy_near(stretch, deepest.deepest_us))
    return judge_depths(
        region=region,
        t_us=t_us,
        leaf_depths_m=region.leaf_depths_m(lonlat_deg),
        accuracy_m=accuracy_m,
        tolerance_m=case.clause.tolerance_m,
        shared_over_count=near.windows,
    )


def _judge_near(case: Case, region: Region, near: Near) -> list[Finding]:
    """Never past the line, but close enough that it may have been: POSSIBLE, or nothing on a closer look."""
    span, tolerance_m = near.span, case.clause.tolerance_m
    place = _most_past(region, near, tolerance_m)
    if place is None:
        return []
    t_us, lonlat, accuracy_m = place
    low_m, high_m = depth_range(region, lonlat, accuracy_m)
    leaf_m = region.leaf_depths_m(np.array([lonlat]))[0]
    stated = near.stretch.accuracy_stated
    finding = make_finding(
        case,
        kind="near-line",
        verdict=Verdict.POSSIBLE,
        interval=Interval(span.start_us, span.end_us),
        probability=chance_at(region, leaf_m, accuracy_m, tolerance_m) if stated else None,
        incursion=Incursion(
            entry=None,
            exit=None,
            deepest=PathPoint(t_us=t_us, lonlat_deg=lonlat),
            depth_m=span.depth_m if t_us == span.deepest_us else float(region.combine(leaf_m)),
            depth_low_m=low_m,
            depth_high_m=high_m,
            beyond_s=0.0,
        ),
        because="within-accuracy",
        reason=reasons.sentence("within-accuracy"),
        margin_m=high_m - tolerance_m,
    )
    return [finding if stated else _accuracy_not_stated(finding)]


Place = tuple[int, tuple[float, float], float]


def _most_past(region: Region, near: Near, tolerance_m: float) -> Place | None:
    """Instant, point and accuracy at which the mover may have been past the line, if anywhere near it.

    The deepest point, if that may be past. Else a point less deep, but less well known: a worse fix, or a
    vaguer boundary.
    """
    span, stretch = near.span, near.stretch
    accuracy_m = _accuracy_near(stretch, span.deepest_us)
    if depth_range(region, span.deepest_lonlat, accuracy_m)[1] > tolerance_m:
        return span.deepest_us, span.deepest_lonlat, accuracy_m
    part = clip_stretch(stretch, Interval(span.start_us, span.end_us))
    if part is None:
        return None
    widest = region.widest()
    high_m = widest.depth_m(part.lonlat_deg)
    worst = int((high_m + part.accuracy_m).argmax())
    if high_m[worst] + part.accuracy_m[worst] > tolerance_m:
        lon, lat = part.lonlat_deg[worst].tolist()
        return int(part.t_us[worst]), (lon, lat), float(part.accuracy_m[worst])
    return _most_past_between(widest, part, high_m, tolerance_m)


def _most_past_between(
    widest: Region, part: Stretch, high_m: NDArray[np.float64], tolerance_m: float
) -> Place | None:
    """As :func:`_most_past`, between two fixes none of which may be past."""
    lonlat, leg_accuracy_m = part.lonlat_deg, np.maximum(part.accuracy_m[:-1], part.accuracy_m[1:])
    length_m = distance_m(lonlat[:-1], lonlat[1:])
    bound_m = (high_m[:-1] + high_m[1:] + length_m * 1.001 + 1.0) / 2 + leg_accuracy_m
    for leg in np.flatnonzero(bound_m > tolerance_m):
        depth_m, point, _ = path_depths_m(widest, lonlat[leg : leg + 2])
        if depth_m + leg_accuracy_m[leg] > tolerance_m:
            gone = float(distance_m(lonlat[leg : leg + 1], np.array([point]))[0]) / max(length_m[leg], 1e-9)
            took_us = int(part.t_us[leg + 1] - part.t_us[leg])
            return int(part.t_us[leg]) + round(min(gone, 1.0) * took_us), point, float(leg_accuracy_m[leg])
    return None


def _accuracy_not_stated(finding: Finding) -> Finding:
    return replace(
        finding,
        because="accuracy-not-stated",
        reason=reasons.sentence("accuracy-not-stated"),
        marks=(*finding.marks, "accuracy-not-stated"),
    )


def depth_range(region: Region, lonlat_deg: tuple[float, float], accuracy_m: float) -> tuple[float, float]:
    """Lowest and highest depth at a point, if line and fix are each off by their stated accuracy."""
    low_m, high_m = region.depth_range_m(np.array([lonlat_deg]), accuracy_m)
    return float(low_m[0]), float(high_m[0])


def _accuracy_near(stretch: Stretch, t_us: int) -> float:
    """The wider accuracy of the fixes on either side of an instant."""
    after = min(int(np.searchsorted(stretch.t_us, t_us)), len(stretch.t_us) - 1)
    return float(max(stretch.accuracy_m[after], stretch.accuracy_m[max(after - 1, 0)]))


def _point(t_us: int | None, lonlat: tuple[float, float] | None) -> PathPoint | None:
    return None if t_us is None or lonlat is None else PathPoint(t_us=t_us, lonlat_deg=lonlat)


# ---------------------------------------------------------------- what was not


def _judge_gaps(
    case: Case, region: Region, track: Track, cut: Cut, force: tuple[Interval, ...]
) -> tuple[list[Finding], list[Interval], list[Interval]]:
    """Findings of the gaps, the time unseen, and the gaps in which the mover cannot have been past the line."""
    findings: list[Finding] = []
    unseen: list[Interval] = []
    reasoned: list[Interval] = []
    for gap in cut.gaps:
        for when in force:
            shared = clip_gap(gap, when)
            if shared is None:
                continue
            finding = _judge_gap(case, region, track, gap, shared)
            if finding is None:
                reasoned.append(shared)
            else:
                findings.append(finding)
                unseen.append(shared)
    return findings, unseen, reasoned


def _judge_gap(case: Case, region: Region, track: Track, gap: Gap, when: Interval) -> Finding | None:
    """None where the mover cannot have been past the line in the gap."""
    ceiling_mps = track.mover.speed_ceiling_mps
    if ceiling_mps is None:
        return make_finding(
            case,
            kind="gap",
            verdict=Verdict.NOT_EVALUATED if gap.unreliable else Verdict.NO_COVERAGE,
            interval=when,
            because="positions-unreliable" if gap.unreliable else "gap-no-top-speed",
            reason=reasons.sentence("positions-unreliable" if gap.unreliable else "gap-no-top-speed"),
            marks=("unobserved",),
        )
    line_m = float(region.leaf_accuracy_m.max(initial=0.0))
    could = reachable_depth(
        region,
        np.array(gap.before_deg),
        np.array(gap.after_deg),
        budget_m=ceiling_mps * gap.interval.duration_s + 2 * gap.accuracy_m,
        threshold_m=case.clause.tolerance_m - line_m,
    )
    if not could:
        return None
    because = "positions-unreliable" if gap.unreliable else "gap-within-reach"
    return make_finding(
        case,
        kind="undetermined" if gap.unreliable else "gap",
        verdict=Verdict.NOT_EVALUATED if gap.unreliable else Verdict.POSSIBLE,
        interval=when,
        because=because,
        reason=reasons.sentence(because, speed_mps=ceiling_mps, duration_s=gap.interval.duration_s),
        marks=("unobserved",),
    )
