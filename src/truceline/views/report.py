"""The report: one HTML file that needs nothing else, reads on a screen and prints on A4.

What stands in it is the same plain data that ``--format json`` gives; here it is put in order and into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from truceline import words as say
from truceline.analysis import (
    Count,
    count_over_time,
    exposure_by_clause,
    exposure_by_party,
    exposure_of,
    tally,
)
from truceline.analysis.counting import coverage_of
from truceline.analysis.exposure import observed_span
from truceline.model.agreement import Agreement, Recorded
from truceline.model.evidence import Report
from truceline.model.finding import CheckResult, Finding, Verdict
from truceline.model.movement import Path, SourceRef, Track
from truceline.timebase import Interval, format_instant
from truceline.units import MicrosUTC
from truceline.views.charts import counts_words, render_counts, render_timeline
from truceline.views.data import dropped_counts
from truceline.views.maps import render_details, render_overview
from truceline.views.tables import (
    finding_item,
    in_reading_order,
    numbered,
    party_name,
    report_item,
)

Context = dict[str, Any]
_ASKED = (Verdict.BREACH, Verdict.POSSIBLE)
LISTED_MOST = 300  # rows of a list; what does not fit is counted, and is in the other formats


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("truceline.views"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_=say._, say=say)
    environment.filters["css"] = css_string
    return environment


def render_report(
    *,
    agreement: Agreement,
    result: CheckResult,
    issued_us: MicrosUTC,
    tracks: Sequence[Track] = (),
    paths: Sequence[Path] = (),
    reports: Sequence[Report] = (),
    period: Interval | None = None,
    as_of_us: MicrosUTC | None = None,
    zone: str = "UTC",
    head: tuple[int, str] | None = None,
    software: str = "",
    title: str = "",
    number: str = "",
    exercise: bool = False,
    sources: Iterable[SourceRef] = (),
) -> str:
    """A whole report as HTML.

    Parameters
    ----------
    agreement : Agreement
    result : CheckResult
        What the rules found; every number of the report comes from it.
    issued_us, as_of_us : int
        When it was made, and up to when the data held were taken in (``issued_us`` where left out).
    tracks, paths, reports
        What was checked: drawn on the map, and the reports quoted.
    period : Interval, optional
        What the counts are about; the span of what was given where left out.
    zone : str
        IANA name of the local time shown beside UTC.
    head : tuple of (int, str), optional
        Size and root (base64) of the ledger the result is recorded in; None: it is not in a ledger.
    software, title, number : str
        Name and version of the software, heading, and number of the report.
    exercise : bool
        The whole report is of an exercise. It says so too where any evidence or finding is.
    sources : iterable of SourceRef
        Files the result was made from, with their SHA-256.

    Returns
    -------
    str
        HTML without scripts and without any reference to the outside that is fetched.
    """
    whole = period or _span(result, tracks, paths, reports)
    numbers = numbered(result.findings)
    kinds = sorted(
        {finding.exercise for finding in result.findings}
        | {item.exercise for item in (*tracks, *paths, *reports)}
        | {True for _yes in [exercise] if exercise}
    ) or [False]
    context: Context = {
        "title": title or agreement.title,
        "number": number,
        "agreement": agreement,
        "exercise": True in kinds,
        "mixed": len(kinds) > 1,
        "zone": zone,
        "issued": _instant(issued_us, zone),
        "as_of": _instant(as_of_us if as_of_us is not None else issued_us, zone),
        "period": say.period_words(whole.start_us, whole.end_us, zone)
        if whole
        else say._("no time is known"),
        "head": head,
        "ledger": say._("Ledger of {size} entries, root {root}").format(size=head[0], root=head[1])
        if head
        else say._("Not recorded in a ledger"),
        "running": "   ".join(part for part in (say._("EXERCISE") if True in kinds else "", number) if part),
        "software": software,
        "sources": list(sources),
        "verdicts": [verdict.value for verdict in Verdict],
        "parts": [_part(agreement, result, tracks, paths, reports, whole, flag) for flag in kinds],
        "pictures": _pictures(agreement, result, tracks, paths, reports, whole, zone, numbers),
        "notes": result.notes,
        "dropped": dropped_counts(result.dropped),
        "not_applied": _not_applied(result),
        "recorded": [clause for clause in agreement.clauses.values() if isinstance(clause.rule, Recorded)],
    }
    context |= _lists(agreement, result, reports, zone, numbers)
    return _environment().get_template("report.html").render(context)


def css_string(text: str) -> Markup:
    """``text`` as a CSS string: nothing in it can end the string or the style sheet."""
    kept = (
        letter if letter.isalnum() or letter in " .,:()+/=-_" else f"\\{ord(letter):06x} " for letter in text
    )
    return Markup('"' + "".join(kept) + '"')  # noqa: S704 - every other character is escaped above


# ---------------------------------------------------------------- assessment and counts


def _part(
    agreement: Agreement,
    result: CheckResult,
    tracks: Sequence[Track],
    paths: Sequence[Path],
    reports: Sequence[Report],
    period: Interval | None,
    exercise: bool,
) -> Context:
    """What is counted apart: what is real, or what was made for an exercise."""
    mine = [finding for finding in result.findings if finding.exercise == exercise]
    coverage = coverage_of(result, exercise=exercise)
    counts = [count for count in tally(result, period=period, reports=reports) if count.exercise == exercise]
    gist = _gist(agreement, mine, counts, tracks, paths, reports, period, exercise)
    party_of = {finding.subject: finding.party for finding in mine} | {
        item.mover.id: item.mover.party for item in (*tracks, *paths)
    }
    by_clause = exposure_by_clause(coverage, period=period, clauses=agreement.clauses) if period else ()
    by_party = exposure_by_party(coverage, period=period, party_of=party_of) if period else ()
    per_clause = {
        clause: [sum(f.clause == clause and f.verdict is verdict for f in mine) for verdict in Verdict]
        for clause in agreement.clauses
    }
    return {
        "exercise": exercise,
        "assessment": say.assessment(gist),
        "counts": [
            {
                "title": count.rule.title,
                "sentence": count.rule.sentence,
                "unit": count.unit,
                "value": count.value,
                "by_verdict": [count.by_verdict[verdict] for verdict in Verdict],
                "exposure": count.exposure_words,
                "whole": count.rule.id == "finding",
            }
            for count in counts
        ],
        "by_clause": [(agreement.clauses[item.name], item, per_clause[item.name]) for item in by_clause
                      if item.name in agreement.clauses and (item.movers_count or any(per_clause[item.name]))],
        "by_party": [(party_name(agreement, item.name or None), item) for item in by_party],
    }  # fmt: skip


def _gist(
    agreement: Agreement,
    findings: Sequence[Finding],
    counts: Sequence[Count],
    tracks: Sequence[Track],
    paths: Sequence[Path],
    reports: Sequence[Report],
    period: Interval | None,
    exercise: bool,
) -> say.Gist:
    by_rule = {count.rule.id: count for count in counts}

    def counted(rule: str, verdict: Verdict) -> int:
        return by_rule[rule].by_verdict[verdict] if rule in by_rule else 0

    deepest = next(
        (f for f in in_reading_order(findings) if f.verdict is Verdict.BREACH and f.incursion), None
    )
    depth = deepest.incursion if deepest is not None else None
    judged = [clause for clause in agreement.clauses.values() if not isinstance(clause.rule, Recorded)]
    exposure = by_rule["finding"] if "finding" in by_rule else None
    return say.Gist(
        period=say.period_words(period.start_us, period.end_us, agreement.zone or "UTC")
        if period
        else say._("this time"),
        clauses_count=len(judged),
        tracks_count=sum(track.exercise == exercise for track in tracks),
        paths_count=sum(path.exercise == exercise for path in paths),
        reports_count=sum(report.exercise == exercise for report in reports),
        breach_visits_count=counted("visit", Verdict.BREACH),
        possible_visits_count=counted("visit", Verdict.POSSIBLE),
        breach_encounters_count=counted("encounter", Verdict.BREACH),
        possible_encounters_count=counted("encounter", Verdict.POSSIBLE),
        breach_reports_count=counted("report", Verdict.BREACH),
        possible_reports_count=counted("report", Verdict.POSSIBLE),
        near_count=counted("near-line", Verdict.POSSIBLE),
        gaps_count=counted("gap", Verdict.POSSIBLE),
        not_evaluated_count=sum(finding.verdict is Verdict.NOT_EVALUATED for finding in findings),
        not_observed_count=sum(finding.verdict is Verdict.NO_COVERAGE for finding in findings),
        deepest_low_m=depth.depth_low_m if depth is not None else None,
        deepest_high_m=depth.depth_high_m if depth is not None else None,
        deepest_rule=deepest.rule if deepest is not None else "",
        deepest_clause=deepest.clause if deepest is not None else "",
        observed_s=exposure.exposure_s if exposure is not None else None,
        of_s=exposure.of_s if exposure is not None else None,
        exercise=exercise,
    )


# ---------------------------------------------------------------- pictures


def _pictures(
    agreement: Agreement,
    result: CheckResult,
    tracks: Sequence[Track],
    paths: Sequence[Path],
    reports: Sequence[Report],
    period: Interval | None,
    zone: str,
    numbers: dict[str, int],
) -> Context:
    drawn: Context = {"timeline": "", "counts": []}
    drawn["map"] = render_overview(
        agreement=agreement, result=result, tracks=tracks, paths=paths, reports=reports, numbers=numbers
    )
    drawn["details"] = [
        (detail, finding_item(detail.finding, agreement=agreement, zone=zone), Markup(detail.svg))  # noqa: S704
        for detail in render_details(
            agreement=agreement, result=result, tracks=tracks, paths=paths, numbers=numbers
        )
    ]
    if period is not None and period.duration_s > 0:
        timeline = render_timeline(
            agreement=agreement, result=result, period=period, reports=reports, numbers=numbers
        )
        drawn["timeline"] = Markup(timeline)  # noqa: S704 - our own SVG; what people wrote is escaped in it
        drawn["counts"] = _count_charts(result, reports, period, zone)
    drawn["map"] = Markup(drawn["map"])  # noqa: S704
    drawn["schematic"] = any(place.schematic for place in agreement.places.values())
    return drawn


def _count_charts(
    result: CheckResult, reports: Sequence[Report], period: Interval, zone: str
) -> list[Context]:
    charts = []
    for flag in sorted({finding.exercise for finding in result.findings}):
        for rule in ("visit", "report"):
            series = count_over_time(result, rule, period=period, zone=zone, reports=reports, exercise=flag)
            if series.value:
                svg = render_counts(series, prefix=f"counts-{rule}-{'exercise' if flag else 'record'}")
                charts.append({"series": series, "svg": Markup(svg), "words": counts_words(series)})  # noqa: S704
    return charts


# ---------------------------------------------------------------- lists


def _lists(
    agreement: Agreement, result: CheckResult, reports: Sequence[Report], zone: str, numbers: dict[str, int]
) -> Context:
    known = {report.id: report for report in reports}
    ordered = in_reading_order(result.findings)

    def items(findings: Iterable[Finding]) -> list[Context]:
        return [
            finding_item(finding, agreement=agreement, zone=zone, report=known.get(finding.subject))
            | {"number": numbers.get(finding.id)}
            for finding in findings
        ]

    asked = [finding for finding in ordered if finding.verdict in _ASKED]
    visits = [finding for finding in asked if finding.kind not in ("encounter", "report")]
    met = [finding for finding in ordered if finding.kind == "encounter"]
    about: dict[str, list[Finding]] = {}
    for finding in ordered:
        if finding.kind == "report":
            about.setdefault(finding.subject, []).append(finding)
    first = {subject: place for place, subject in enumerate(about)}
    told = sorted(
        reports, key=lambda report: (first.get(report.id, len(first)), report.when.interval, report.id)
    )
    open_questions = [f for f in ordered if f.verdict in (Verdict.NOT_EVALUATED, Verdict.NO_COVERAGE)]
    return {
        "visits": items(visits[:LISTED_MOST]),
        "visits_more": max(0, len(visits) - LISTED_MOST),
        "encounters": items(met[:LISTED_MOST]),
        "encounters_more": max(0, len(met) - LISTED_MOST),
        "reports": [
            report_item(report, agreement=agreement, zone=zone)
            | {"findings": items(about.get(report.id, []))}
            for report in told[:LISTED_MOST]
        ],
        "reports_more": max(0, len(told) - LISTED_MOST),
        "questions": _grouped_questions(open_questions),
        "stretches": _stretches(result),
        "clauses": list(agreement.clauses.values()),
        "marks": _marks_used(result),
    }


def _grouped_questions(findings: Iterable[Finding]) -> list[Context]:
    """Questions without an answer, those alike as one row with their number."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        reason = finding.reason or say.because_words(finding.because)
        groups.setdefault((finding.verdict.value, finding.clause, reason), []).append(finding)
    return [
        {
            "verdict": verdict,
            "clause": clause,
            "reason": reason,
            "count": len(group),
            "subjects": sorted({finding.subject for finding in group})[:8],
            "more": max(0, len({finding.subject for finding in group}) - 8),
        }
        for (verdict, clause, reason), group in groups.items()
    ]


def _stretches(result: CheckResult) -> list[Context]:
    """For each clause and mover the gaps and unreliable stretches, longest first; only where there are any."""
    rows = []
    for item in result.coverage:
        if item.gaps or item.unreliable:
            longest = max((*item.gaps, *item.unreliable), key=lambda part: part.duration_s)
            gaps_s = sum(part.duration_s for part in item.gaps)
            unreliable_s = sum(part.duration_s for part in item.unreliable)
            rows.append((gaps_s + unreliable_s, item, gaps_s, unreliable_s, longest))
    rows.sort(key=lambda row: (-row[0], row[1].clause, row[1].subject))
    return [
        {
            "clause": item.clause,
            "subject": item.subject,
            "observed": say.duration_words(item.observed_s),
            "gaps_count": len(item.gaps),
            "gaps": say.duration_words(gaps_s),
            "unreliable_count": len(item.unreliable),
            "unreliable": say.duration_words(unreliable_s),
            "longest": say.span_words(longest.start_us, longest.end_us),
        }
        for _total, item, gaps_s, unreliable_s, longest in rows[:LISTED_MOST]
    ]


def _not_applied(result: CheckResult) -> list[Context]:
    groups: dict[tuple[str, str], Context] = {}
    for item in result.not_applied:
        reason = item.reason or say.because_words(item.because)
        row = groups.setdefault(
            (item.clause, reason), {"clause": item.clause, "reason": reason, "count": 0, "subjects": []}
        )
        row["count"] += item.count
        row["subjects"].append(item.subject)
    return list(groups.values())


def _marks_used(result: CheckResult) -> list[tuple[str, str]]:
    used = sorted({mark for finding in result.findings for mark in finding.marks})
    return [(say.mark_words(mark), say.mark_meaning(mark)) for mark in used if say.mark_meaning(mark)]


def _instant(instant_us: MicrosUTC, zone: str) -> Context:
    return {"utc": format_instant(instant_us, seconds=False), "local": say.local_words(instant_us, zone)}


def _span(
    result: CheckResult, tracks: Sequence[Track], paths: Sequence[Path], reports: Sequence[Report]
) -> Interval | None:
    spans = [
        observed_span(result.coverage),
        *(track.span for track in tracks),
        *(path.span for path in paths),
    ]
    known = [span for span in (*spans, *(report.when.interval for report in reports)) if span is not None]
    if not known:
        return None
    return Interval(min(span.start_us for span in known), max(span.end_us for span in known))
