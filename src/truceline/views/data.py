"""Results as plain data: the one source of what the command line, the report and a script read.

Only JSON types come out. Metres are rounded to 0.001, degrees to 1e-7 (about a centimetre), times are
RFC 3339 in UTC; an open end of time, an unknown and a NaN are ``null``.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from truceline.analysis.counting import Count, tally
from truceline.analysis.exposure import observed_span
from truceline.errors import Where
from truceline.model.agreement import Agreement
from truceline.model.alert import Alert
from truceline.model.evidence import Dropped, Report
from truceline.model.finding import (
    CheckResult,
    Coverage,
    Deviation,
    Encounter,
    Finding,
    Incursion,
    NotApplied,
    PathPoint,
    Verdict,
)
from truceline.model.movement import Path, SourceRef, Track
from truceline.timebase import BEGINNING_OF_TIME, END_OF_TIME, Interval, isoformat
from truceline.words import because_words, verdict_words
from truceline.words.reasons import doubts_sentence

SCHEMA_NAME = "truceline.result"
SCHEMA_VERSION = 1
Record = dict[str, Any]


def finding_record(finding: Finding) -> Record:
    """Every field of a finding in JSON types.

    Parameters
    ----------
    finding : Finding

    Returns
    -------
    dict
        Lengths in metres, durations in seconds, coordinates as ``[lon, lat]`` in degrees; ``null`` where not
        known. ``verdict_words`` is how a person reads the verdict.
    """
    return {
        "id": finding.id,
        "kind": finding.kind,
        "clause": finding.clause,
        "rule": finding.rule,
        "verdict": finding.verdict.value,
        "verdict_words": verdict_words(finding.verdict.value, finding.kind),
        "subject": finding.subject,
        "party": finding.party,
        "interval": _interval(finding.interval),
        "probability": _number(finding.probability, 6),
        "because": finding.because,
        "reason": finding.reason,
        "incursion": _incursion(finding.incursion),
        "encounter": _encounter(finding.encounter),
        "lonlat_deg": _lonlat(finding.lonlat_deg),
        "radius_m": metres(finding.radius_m),
        "observed": [_interval(part) for part in finding.observed],
        "marks": list(finding.marks),
        "accepted_by_party": finding.accepted_by_party,
        "margin_m": metres(finding.margin_m),
        "deviation": _deviation(finding.deviation),
        "legs": list(finding.legs),
        "evidence": [source_record(source) for source in finding.evidence],
        "exercise": finding.exercise,
    }


def alert_record(alert: Alert) -> Record:
    """Every field of a change of an alert in JSON types; units as in :func:`finding_record`."""
    return {
        "record": "alert",
        "id": alert.id,
        "state": alert.state,
        "clause": alert.clause,
        "rule": alert.rule,
        "verdict": alert.verdict.value,
        "verdict_words": verdict_words(alert.verdict.value),
        "subject": alert.subject,
        "party": alert.party,
        "at": _instant(alert.at_us),
        "began": _instant(alert.began_us),
        "last": _instant(alert.last_us),
        "deepest": _point(alert.deepest),
        "depth_m": metres(alert.depth_m),
        "depth_low_m": metres(alert.depth_low_m),
        "depth_high_m": metres(alert.depth_high_m),
        "ended": alert.ended,
        "because": alert.because,
        "marks": list(alert.marks),
        "exercise": alert.exercise,
    }


def result_record(
    result: CheckResult,
    agreement: Agreement,
    *,
    period: Interval | None = None,
    reports: Iterable[Report] = (),
) -> Record:
    """A whole result in JSON types, with its counts, their rules and their exposure.

    Parameters
    ----------
    result : CheckResult
    agreement : Agreement
        What was checked against; its title and hash go in.
    period : Interval, optional
        What the counts are about; the span that coverage speaks of where left out.
    reports : iterable of Report, optional
        Read by the counting rule ``event``, which is left out where a report is missing.

    Returns
    -------
    dict
        ``schema``, ``agreement``, ``period``, ``verdict``, ``counts``, ``findings``, ``not_applied``,
        ``coverage``, ``dropped``, ``checked_count``, ``notes``.
    """
    return {
        "schema": {"name": SCHEMA_NAME, "version": SCHEMA_VERSION},
        "agreement": {
            "title": agreement.title,
            "sha256": agreement.sha256,
            "file": agreement.file,
            "exercise": agreement.exercise,
        },
        "period": _interval(period),
        "verdict": result.verdict.value if result.verdict is not None else None,
        "verdict_words": verdict_words(result.verdict.value) if result.verdict is not None else None,
        "counts": [count_record(count) for count in tally(result, period=period, reports=reports)],
        "findings": [finding_record(finding) for finding in result.findings],
        "not_applied": [not_applied_record(item) for item in result.not_applied],
        "coverage": [coverage_record(item) for item in result.coverage],
        "dropped": [dropped_record(item) for item in result.dropped],
        "dropped_counts": dropped_counts(result.dropped),
        "checked_count": result.checked_count,
        "notes": list(result.notes),
    }


def verdict_counts(findings: Iterable[Finding]) -> list[tuple[bool, dict[Verdict, int]]]:
    """How many findings of each verdict: what is real first, then what is an exercise; the two are never added.

    Returns
    -------
    list of (bool, dict)
        Whether it is an exercise, and a number for every verdict; only what there is.
    """
    counts = Counter((finding.exercise, finding.verdict) for finding in findings)
    return [
        (exercise, {verdict: counts[exercise, verdict] for verdict in Verdict})
        for exercise in sorted({exercise for exercise, _verdict in counts})
    ]


def known_span(
    result: CheckResult,
    *,
    tracks: Iterable[Track] = (),
    paths: Iterable[Path] = (),
    reports: Iterable[Report] = (),
) -> Interval | None:
    """From the first to the last instant of everything that was checked: the period where none is stated.

    None where no time is known.
    """
    spans = [
        observed_span(result.coverage),
        *(track.span for track in tracks),
        *(path.span for path in paths),
        *(report.when.interval for report in reports),
    ]
    known = [span for span in spans if span is not None]
    if not known:
        return None
    return Interval(min(span.start_us for span in known), max(span.end_us for span in known))


def count_record(count: Count) -> Record:
    """A count with its rule, unit, cut-off and exposure."""
    return {
        "rule": count.rule.id,
        "title": count.rule.title,
        "counts_as_one": count.rule.sentence,
        "unit": count.unit,
        "value": count.value,
        "by_verdict": {verdict.value: number for verdict, number in count.by_verdict.items()},
        "observed_s": _number(count.exposure_s, 6),
        "of_s": _number(count.of_s, 6),
        "exposure": count.exposure_words,
        "cutoff": _instant(count.cutoff_us),
        "exercise": count.exercise,
    }


def not_applied_record(item: NotApplied) -> Record:
    """A clause that did not apply, and why."""
    return {
        "clause": item.clause,
        "subject": item.subject,
        "because": item.because,
        "reason": item.reason or because_words(item.because),
        "count": item.count,
    }


def coverage_record(item: Coverage) -> Record:
    """When one mover was observed under one clause, and when not."""
    return {
        "clause": item.clause,
        "subject": item.subject,
        "observed_s": _number(item.observed_s, 6),
        "observed": [_interval(part) for part in item.observed],
        "gaps": [_interval(part) for part in item.gaps],
        "unreliable": [_interval(part) for part in item.unreliable],
        "doubts": [
            {"code": part.code, "interval": _interval(part.interval), "reason": doubts_sentence([part])}
            for part in item.doubts
        ],
    }


def dropped_record(item: Dropped) -> Record:
    """One thing a reader could not use as it stood."""
    return {
        "code": item.code,
        "where": _where(item.where),
        "seen": item.seen,
        "outcome": item.outcome,
        "kept": item.kept,
    }


def dropped_counts(dropped: Iterable[Dropped]) -> list[Record]:
    """Dropped records and remarks by reason, most frequent first."""
    counts = Counter((item.code, item.kept) for item in dropped)
    ordered = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    return [{"code": code, "kept": kept, "count": number} for (code, kept), number in ordered]


def source_record(source: SourceRef) -> Record:
    """Where a record came from."""
    return {
        "name": source.name,
        "format": source.format,
        "sha256": source.sha256,
        "line": source.line,
        "note": source.note,
    }


def render_json(
    result: CheckResult,
    agreement: Agreement,
    *,
    period: Interval | None = None,
    reports: Iterable[Report] = (),
) -> str:
    """:func:`result_record` as indented JSON text with a final newline."""
    record = result_record(result, agreement, period=period, reports=reports)
    return json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def render_jsonl(result: CheckResult) -> Iterator[str]:
    """One finding a line, each with its newline, made as it is asked for."""
    for finding in result.findings:
        yield json.dumps(finding_record(finding), ensure_ascii=False, allow_nan=False) + "\n"


def metres(value: float | None) -> float | None:
    """A length to the millimetre; None of None, NaN or an infinite number."""
    return _number(value, 3)


def degrees(lonlat_deg: Iterable[float]) -> list[float]:
    """Longitude and latitude to 1e-7 of a degree."""
    return [round(float(value), 7) + 0.0 for value in lonlat_deg]


def _number(value: float | None, digits: int) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), digits) + 0.0  # the sum turns -0.0 into 0.0


def _lonlat(lonlat_deg: tuple[float, float] | None) -> list[float] | None:
    return degrees(lonlat_deg) if lonlat_deg is not None else None


def _instant(instant_us: int | None) -> str | None:
    if instant_us is None or instant_us <= BEGINNING_OF_TIME or instant_us >= END_OF_TIME:
        return None
    return isoformat(instant_us)


def _interval(interval: Interval | None) -> Record | None:
    if interval is None:
        return None
    return {"start": _instant(interval.start_us), "end": _instant(interval.end_us)}


def _point(point: PathPoint | None) -> Record | None:
    if point is None:
        return None
    return {"t": _instant(point.t_us), "lonlat_deg": _lonlat(point.lonlat_deg)}


def _incursion(visit: Incursion | None) -> Record | None:
    if visit is None:
        return None
    return {
        "entry": _point(visit.entry),
        "exit": _point(visit.exit),
        "deepest": _point(visit.deepest),
        "depth_m": metres(visit.depth_m),
        "depth_low_m": metres(visit.depth_low_m),
        "depth_high_m": metres(visit.depth_high_m),
        "beyond_s": _number(visit.beyond_s, 6),
        "crossings_count": visit.crossings_count,
    }


def _encounter(met: Encounter | None) -> Record | None:
    if met is None:
        return None
    return {
        "other_mover": met.other_mover,
        "other_party": met.other_party,
        "at": _instant(met.at_us),
        "lonlat_deg": _lonlat(met.lonlat_deg),
        "other_lonlat_deg": _lonlat(met.other_lonlat_deg),
        "distance_m": metres(met.distance_m),
        "distance_low_m": metres(met.distance_low_m),
        "distance_high_m": metres(met.distance_high_m),
        "separation_m": metres(met.separation_m),
        "vertical_m": metres(met.vertical_m),
        "severity": met.severity,
        "below_s": _number(met.below_s, 6),
        "open_start": met.open_start,
        "open_end": met.open_end,
    }


def _deviation(left: Deviation | None) -> Record | None:
    if left is None:
        return None
    return {
        "plan": left.plan,
        "leg": left.leg,
        "first": _point(left.first),
        "worst": _point(left.worst),
        "off_m": metres(left.off_m),
        "off_low_m": metres(left.off_low_m),
        "off_high_m": metres(left.off_high_m),
        "late_s": _number(left.late_s, 3),
        "late_low_s": _number(left.late_low_s, 3),
        "late_high_s": _number(left.late_high_s, 3),
        "altitude_off_m": metres(left.altitude_off_m),
    }


def _where(where: Where) -> Record:
    return {"file": where.file, "line": where.line, "column": where.column, "path": where.path}
