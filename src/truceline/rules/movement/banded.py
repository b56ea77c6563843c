"""A track against an area that a clause closes at some heights only."""

from __future__ import annotations

from dataclasses import replace

from truceline.kernels import Region
from truceline.model.agreement import AltitudeBand
from truceline.model.finding import Coverage, Finding, Verdict
from truceline.model.movement import Path, Track
from truceline.rules.facts import Case
from truceline.rules.movement.heights import band_intervals, unseen_intervals
from truceline.rules.movement.presence import judge_presence
from truceline.rules.movement.stretches import Cut
from truceline.timebase import Interval, merge_intervals
from truceline.words import reasons

Judged = tuple[list[Finding], Coverage]


def judge_at_heights(
    case: Case, region: Region, track: Track, cut: Cut, force: tuple[Interval, ...]
) -> Judged:
    """As :func:`~truceline.rules.movement.presence.judge_presence`, while the height is within the clause's band.

    Where the height cannot be told the same question is asked, and whatever is not CLEAR is NOT_EVALUATED.
    Time outside the band is in no finding and in no coverage: the clause does not concern it.
    """
    band = case.clause.altitude
    if band is None:
        return judge_presence(case, region, track, cut, force)
    inside, unknown = band_intervals(track, cut, band)
    found, seen = judge_presence(
        case, region, track, cut, _clipped(merge_intervals([*inside, *unseen_intervals(cut)]), force)
    )
    watched = replace(cut, gaps=(), doubtful=())
    untold, also = judge_presence(case, region, track, watched, _clipped(unknown, force))
    found += [height_unknown(finding, band, track) for finding in untold]
    return found, replace(seen, observed=merge_intervals([*seen.observed, *also.observed]))


def height_unknown(finding: Finding, band: AltitudeBand, evidence: Track | Path) -> Finding:
    """A finding made without knowing the height: a quiet one stands, any other is not evaluated."""
    if finding.verdict is Verdict.CLEAR:
        return finding
    seen = evidence.altitude_datum if isinstance(evidence, Track) else ""
    wanted = [
        datum
        for limit_m, datum in ((band.from_m, band.from_datum), (band.to_m, band.to_datum))
        if limit_m is not None and datum != seen
    ]
    because = "altitude-datum" if seen and wanted else "altitude-unknown"
    return replace(
        finding,
        verdict=Verdict.NOT_EVALUATED,
        probability=None,
        margin_m=None,
        because=because,
        reason=reasons.sentence(
            because, seen=reasons.DATUMS.get(seen), wanted=reasons.DATUMS.get(wanted[0]) if wanted else None
        ),
    )


def _clipped(times: tuple[Interval, ...], force: tuple[Interval, ...]) -> tuple[Interval, ...]:
    return tuple(shared for one in times for when in force if (shared := one.clip(when)) is not None)
