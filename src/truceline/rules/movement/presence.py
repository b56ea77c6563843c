"""A track against an area it must not be in: incursions, near-misses, gaps, and what was observed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import Events, Region, fix_columns, judge_stretches, reachable_depths
from truceline.model.finding import Coverage, Finding, Incursion, PathPoint, Verdict
from truceline.model.movement import Track
from truceline.rules.certainty import LEVEL
from truceline.rules.facts import Case, make_finding
from truceline.rules.movement.stretches import Cut, Gap, Stretch, clip_gap, clip_stretch
from truceline.timebase import Interval, merge_intervals, subtract_intervals
from truceline.words import reasons


def judge_presence(
    case: Case, region: Region, track: Track, cut: Cut, force: tuple[Interval, ...]
) -> tuple[list[Finding], Coverage]:
    """All findings of one track under one clause, and what was observed while it was in force."""
    findings: list[Finding] = []
    stretches = [
        part for whole in cut.stretches for when in force if (part := clip_stretch(whole, when)) is not None
    ]
    findings += _judge_stretches(case, region, stretches)
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
    quiet = quiet_times(observed, [item.interval for item in findings if item.interval is not None])
    if quiet:
        stated = all(stretch.accuracy_stated for stretch in stretches)
        marks = () if stated else ("accuracy-not-stated",)
        findings.append(
            make_finding(case, kind="observed", verdict=Verdict.CLEAR, observed=quiet, marks=marks)
        )
    if not stretches and unreliable and not findings:
        findings.append(_unreliable(case, merge_intervals(unreliable)))
    return findings, coverage


def quiet_times(observed: tuple[Interval, ...], taken: list[Interval]) -> tuple[Interval, ...]:
    """What was observed and found neither past the line nor possibly so (``taken``)."""
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


def _judge_stretches(case: Case, region: Region, stretches: list[Stretch]) -> list[Finding]:
    """The visits past the line and the stretches near it, of all stretches at once."""
    if not stretches:
        return []
    lengths = [len(stretch.t_us) for stretch in stretches]
    after = np.cumsum(lengths)
    events = judge_stretches(
        region,
        fix_columns(*(_joined(stretches, name) for name in ("t_us", "lonlat_deg", "accuracy_m"))),
        after - lengths,
        after - 1,
        [float(stretch.accuracy_m.max()) for stretch in stretches],
        tolerance_m=case.clause.tolerance_m,
        level=LEVEL,
    )
    stated = [stretches[k].accuracy_stated for k in events.stretch.tolist()]
    return [_event(case, *row) for row in zip(*rows_of(events), stated, strict=True)]


def _joined(stretches: list[Stretch], name: str) -> NDArray:
    parts = [getattr(stretch, name) for stretch in stretches]
    return np.ascontiguousarray(parts[0]) if len(parts) == 1 else np.concatenate(parts)


def rows_of(events: Events) -> tuple[list, ...]:
    """The columns of events as lists of plain numbers."""
    return tuple(
        column.tolist()
        for column in (events.flags, events.t_us, events.places_deg, events.numbers, events.crossings_count)
    )


def _event(
    case: Case,
    flags: list[int],
    t_us: list[int],
    places: list[float],
    numbers: list[float],
    crossings_count: int,
    stated: bool,
) -> Finding:
    past, beyond, open_start, open_end = map(bool, flags)
    start_us, end_us, entry_us, exit_us, deepest_us = t_us
    depth_m, low_m, high_m, beyond_s, probability, spare_m = numbers
    entry = PathPoint(t_us=entry_us, lonlat_deg=(places[0], places[1]))
    leaving = PathPoint(t_us=exit_us, lonlat_deg=(places[2], places[3]))
    marks = (("open-start",) if past and open_start else ()) + (("open-end",) if past and open_end else ())
    because = "" if past else "within-accuracy"
    if not stated:
        because, marks = "accuracy-not-stated", (*marks, "accuracy-not-stated")
    return make_finding(
        case,
        kind="incursion" if past else "near-line",
        verdict=Verdict.BREACH if beyond and stated else Verdict.POSSIBLE,
        interval=Interval(start_us, end_us),
        incursion=Incursion(
            entry=entry if past and not open_start else None,
            exit=leaving if past and not open_end else None,
            deepest=PathPoint(t_us=deepest_us, lonlat_deg=(places[4], places[5])),
            depth_m=depth_m,
            depth_low_m=low_m,
            depth_high_m=high_m,
            beyond_s=beyond_s,
            crossings_count=crossings_count,
        ),
        probability=probability if stated else None,
        because=because,
        reason=reasons.sentence(because) if because else "",
        margin_m=abs(spare_m) if past else spare_m,
        marks=marks,
    )


def depth_range(region: Region, lonlat_deg: tuple[float, float], accuracy_m: float) -> tuple[float, float]:
    """Lowest and highest depth at a point, if line and fix are each off by their stated accuracy."""
    low_m, high_m = region.depth_range_m(np.array([lonlat_deg]), accuracy_m)
    return float(low_m[0]), float(high_m[0])


# ---------------------------------------------------------------- what was not


def _judge_gaps(
    case: Case, region: Region, track: Track, cut: Cut, force: tuple[Interval, ...]
) -> tuple[list[Finding], list[Interval], list[Interval]]:
    """Findings of the gaps, the time unseen, and the gaps in which the mover cannot have been past the line."""
    findings: list[Finding] = []
    unseen: list[Interval] = []
    reasoned: list[Interval] = []
    could = _could_reach(case, region, track, cut.gaps)
    for gap, reached in zip(cut.gaps, could, strict=True):
        for when in force:
            shared = clip_gap(gap, when)
            if shared is None:
                continue
            if reached is False:
                reasoned.append(shared)
            else:
                findings.append(_gap_finding(case, track, gap, shared))
                unseen.append(shared)
    return findings, unseen, reasoned


def _could_reach(case: Case, region: Region, track: Track, gaps: tuple[Gap, ...]) -> list[bool | None]:
    """For each gap, whether the mover could have been past the line in it; None where its speed is not known."""
    ceiling_mps = track.mover.speed_ceiling_mps
    if ceiling_mps is None or not gaps:
        return [None] * len(gaps)
    found = reachable_depths(
        region,
        np.array([gap.before_deg for gap in gaps]),
        np.array([gap.after_deg for gap in gaps]),
        budget_m=np.array([ceiling_mps * gap.interval.duration_s + 2 * gap.accuracy_m for gap in gaps]),
        threshold_m=case.clause.tolerance_m - float(region.leaf_accuracy_m.max(initial=0.0)),
    )
    return list(found.tolist())


def _gap_finding(case: Case, track: Track, gap: Gap, when: Interval) -> Finding:
    ceiling_mps = track.mover.speed_ceiling_mps
    known = "gap-no-top-speed" if ceiling_mps is None else "gap-within-reach"
    because = "positions-unreliable" if gap.unreliable else known
    verdict = Verdict.NO_COVERAGE if ceiling_mps is None else Verdict.POSSIBLE
    return make_finding(
        case,
        kind="undetermined" if gap.unreliable and ceiling_mps is not None else "gap",
        verdict=Verdict.NOT_EVALUATED if gap.unreliable else verdict,
        interval=when,
        because=because,
        reason=reasons.sentence(because, speed_mps=ceiling_mps, duration_s=gap.interval.duration_s),
        marks=("unobserved",),
    )
