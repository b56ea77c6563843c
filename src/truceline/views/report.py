"""The report: one HTML file that needs nothing else, reads on a screen and prints on A4.

What stands in it is the same plain data that ``--format json`` gives; here it is put in order and into words.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
    tally,
)
from truceline.analysis.counting import coverage_of
from truceline.model.agreement import Agreement, Recorded
from truceline.model.evidence import Report
from truceline.model.finding import CheckResult, Finding, Verdict
from truceline.model.movement import Path, SourceRef, Track
from truceline.timebase import Interval, format_instant
from truceline.units import MicrosUTC
from truceline.views.charts import render_counts, render_timeline
from truceline.views.data import dropped_counts, known_span
from truceline.views.maps import render_details, render_overview
from truceline.views.tables import (
    counts_words,
    finding_item,
    in_reading_order,
    numbered,
    open_questions,
    party_name,
    refusals,
    report_item,
    unseen_stretches,
)

Context = dict[str, Any]
_ASKED = (Verdict.BREACH, Verdict.POSSIBLE)
LISTED_MOST = 300  # rows of a list; what does not fit is counted, and is in the other formats


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a report is about, as its parts need it."""

    agreement: Agreement
    result: CheckResult
    tracks: Sequence[Track]
    paths: Sequence[Path]
    reports: Sequence[Report]
    period: Interval | None
    zone: str
    numbers: dict[str, int]

    @property
    def period_words(self) -> str:
        if self.period is None:
            return say._("no time is known")
        return say.period_words(self.period.start_us, self.period.end_us, self.zone)

    def kinds(self, exercise: bool) -> list[bool]:
        """False where anything is real, True where anything is of an exercise; both where there is both."""
        found = {finding.exercise for finding in self.result.findings}
        found |= {track.exercise for track in self.tracks} | {path.exercise for path in self.paths}
        found |= {report.exercise for report in self.reports}
        return sorted(found | {True} if exercise else found) or [False]


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
    matter = Matter(
        agreement=agreement,
        result=result,
        tracks=tracks,
        paths=paths,
        reports=reports,
        period=period or known_span(result, tracks=tracks, paths=paths, reports=reports),
        zone=zone,
        numbers=numbered(result.findings),
    )
    kinds = matter.kinds(exercise)
    context: Context = {
        "title": title or agreement.title,
        "number": number,
        "agreement": agreement,
        "exercise": True in kinds,
        "mixed": len(kinds) > 1,
        "zone": zone,
        "issued": _instant(issued_us, zone),
        "as_of": _instant(as_of_us if as_of_us is not None else issued_us, zone),
        "period": matter.period_words,
        "head": head,
        "running": "   ".join(part for part in (_banner(kinds), number) if part),
        "software": software,
        "sources": list(sources),
        "verdicts": [verdict.value for verdict in Verdict],
        "parts": [_part(matter, kind) for kind in kinds],
        "pictures": _pictures(matter),
        "checked": bool(result.checked_count or result.findings),
        "watched": any(item.observed for item in result.coverage) or bool(paths),
    }
    return _environment().get_template("report.html").render(context | _lists(matter))


def _banner(kinds: Sequence[bool]) -> str:
    """What stands at the head of every printed page: which of it is an exercise."""
    if True not in kinds:
        return ""
    return say._("PART EXERCISE") if False in kinds else say._("EXERCISE")


def css_string(text: str) -> Markup:
    """``text`` as a CSS string: nothing in it can end the string or the style sheet."""
    kept = (
        letter if letter.isalnum() or letter in " .,:()+/=-_" else f"\\{ord(letter):06x} " for letter in text
    )
    return Markup('"' + "".join(kept) + '"')


# ---------------------------------------------------------------- assessment and counts


def _part(matter: Matter, exercise: bool) -> Context:
    """What is counted apart: what is real, or what was made for an exercise."""
    agreement, result, period = matter.agreement, matter.result, matter.period
    mine = [finding for finding in result.findings if finding.exercise == exercise]
    coverage = coverage_of(result, exercise=exercise)
    tallied = tally(result, period=period, reports=matter.reports)
    counts = [count for count in tallied if count.exercise == exercise]
    party_of = {track.mover.id: track.mover.party for track in matter.tracks}
    movers = [item for item in coverage if item.subject in party_of]  # not the pairs of a separation clause
    by_clause = exposure_by_clause(coverage, period=period, clauses=agreement.clauses) if period else ()
    by_party = exposure_by_party(movers, period=period, party_of=party_of) if period else ()
    per_clause = {
        clause: [sum(f.clause == clause and f.verdict is verdict for f in mine) for verdict in Verdict]
        for clause in agreement.clauses
    }
    return {
        "exercise": exercise,
        "assessment": say.assessment(_gist(matter, mine, counts, exercise)),
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


def _gist(matter: Matter, findings: Sequence[Finding], counts: Sequence[Count], exercise: bool) -> say.Gist:
    by_rule = {count.rule.id: count for count in counts}

    def counted(rule: str, verdict: Verdict) -> int:
        return by_rule[rule].by_verdict[verdict] if rule in by_rule else 0

    deepest = next(
        (f for f in in_reading_order(findings) if f.verdict is Verdict.BREACH and f.incursion), None
    )
    depth = deepest.incursion if deepest is not None else None
    judged = [clause for clause in matter.agreement.clauses.values() if not isinstance(clause.rule, Recorded)]
    exposure = by_rule.get("finding")
    return say.Gist(
        period=matter.period_words,
        clauses_count=len(judged),
        tracks_count=sum(track.exercise == exercise for track in matter.tracks),
        paths_count=sum(path.exercise == exercise for path in matter.paths),
        reports_count=sum(report.exercise == exercise for report in matter.reports),
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


def _pictures(matter: Matter) -> Context:
    shown: dict[str, Any] = {
        "agreement": matter.agreement,
        "result": matter.result,
        "numbers": matter.numbers,
    }
    moved: dict[str, Any] = {"tracks": matter.tracks, "paths": matter.paths}
    timeline, counts = "", []
    if matter.period is not None and matter.period.duration_s > 0:
        timeline = render_timeline(**shown, period=matter.period)
        counts = _count_charts(matter, matter.period)
    # The pictures are our own SVG; what people wrote is escaped where it is set into them.
    return {
        "map": Markup(render_overview(**shown, **moved, reports=matter.reports)),
        "details": [
            (
                detail,
                finding_item(detail.finding, agreement=matter.agreement, zone=matter.zone),
                Markup(detail.svg),
            )
            for detail in render_details(**shown, **moved)
        ],
        "timeline": Markup(timeline),
        "counts": counts,
        "schematic": any(place.schematic for place in matter.agreement.places.values()),
    }


def _count_charts(matter: Matter, period: Interval) -> list[Context]:
    charts = []
    for flag in matter.kinds(False):
        for rule in ("visit", "report"):
            series = count_over_time(
                matter.result,
                rule,
                period=period,
                zone=matter.zone,
                reports=matter.reports,
                exercise=flag,
            )
            if series.value:
                svg = render_counts(series, prefix=f"counts-{rule}-{'exercise' if flag else 'record'}")
                charts.append({"series": series, "svg": Markup(svg), "words": counts_words(series)})
    return charts


# ---------------------------------------------------------------- lists


def _lists(matter: Matter) -> Context:
    agreement, result, zone, numbers = matter.agreement, matter.result, matter.zone, matter.numbers
    known = {report.id: report for report in matter.reports}
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
    return {
        "visits": items(visits[:LISTED_MOST]),
        "visits_more": max(0, len(visits) - LISTED_MOST),
        "encounters": items(met[:LISTED_MOST]),
        "encounters_more": max(0, len(met) - LISTED_MOST),
        "reports": [
            report_item(report, agreement=agreement, zone=zone) | {"findings": items(found)}
            for report, found in _told(matter.reports, ordered)[:LISTED_MOST]
        ],
        "reports_more": max(0, len(matter.reports) - LISTED_MOST),
        "questions": open_questions(ordered),
        "stretches": unseen_stretches(result, most_count=LISTED_MOST),
        "clauses": list(agreement.clauses.values()),
        "stretches_more": max(
            0, sum(bool(item.gaps or item.unreliable) for item in result.coverage) - LISTED_MOST
        ),
        "marks": _marks_used(result),
        "notes": result.notes,
        "dropped": dropped_counts(result.dropped),
        "not_applied": refusals(result),
    }


def _told(reports: Sequence[Report], ordered: Sequence[Finding]) -> list[tuple[Report, list[Finding]]]:
    """Reports with the findings about them, in the reading order of those, then by time."""
    about: dict[str, list[Finding]] = {}
    for finding in ordered:
        if finding.kind == "report":
            about.setdefault(finding.subject, []).append(finding)
    first = {subject: place for place, subject in enumerate(about)}

    def key(report: Report) -> tuple[int, Interval, str]:
        return first.get(report.id, len(first)), report.when.interval, report.id

    return [(report, about.get(report.id, [])) for report in sorted(reports, key=key)]


def _marks_used(result: CheckResult) -> list[tuple[str, str]]:
    used = sorted({mark for finding in result.findings for mark in finding.marks})
    return [(say.mark_words(mark), say.mark_meaning(mark)) for mark in used if say.mark_meaning(mark)]


def _instant(instant_us: MicrosUTC, zone: str) -> Context:
    return {"utc": format_instant(instant_us, seconds=False), "local": say.local_words(instant_us, zone)}
