"""Findings as rows of short strings, the same for the terminal and the report."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from truceline.analysis import Series
from truceline.model.agreement import Agreement
from truceline.model.evidence import Report
from truceline.model.finding import CheckResult, Finding, Verdict
from truceline.timebase import Interval
from truceline.words import (
    _,
    act_words,
    because_words,
    credibility_words,
    depth_words,
    deviation_words,
    duration_words,
    instant_words,
    kind_words,
    length_words,
    local_words,
    mark_words,
    ngettext,
    period_words,
    place_precision_words,
    position_words,
    probability_words,
    reliability_words,
    separation_words,
    severity_words,
    span_words,
    time_precision_words,
    verdict_words,
)

_ORDER = {verdict: place for place, verdict in enumerate(Verdict)}
COLUMNS = ("verdict", "when", "clause", "party", "what", "how_far", "how_long", "how_sure", "marks")


def in_reading_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Breaches first and the gravest of them first, then by time; the order of every list of findings.

    Gravest: deepest past a line, then nearest encounter, then what is reported.
    """

    def key(finding: Finding) -> tuple:
        depth = finding.incursion.depth_m if finding.incursion is not None else float("-inf")
        apart = finding.encounter.distance_m if finding.encounter is not None else float("inf")
        span = time_of(finding)
        start = span.start_us if span is not None else 0
        return _ORDER[finding.verdict], -depth, apart, start, finding.id

    return tuple(sorted(findings, key=key))


def numbered(findings: Iterable[Finding]) -> dict[str, int]:
    """Reading numbers from 1 for what a person should look at, breaches and possible breaches, by finding id.

    The map, the timeline and the tables share them. Findings about one report under several clauses share one.
    """
    numbers: dict[str, int] = {}
    by_report: dict[str, int] = {}
    count = 0
    for finding in in_reading_order(findings):
        if finding.verdict not in (Verdict.BREACH, Verdict.POSSIBLE):
            continue
        known = by_report.get(finding.subject) if finding.kind == "report" else None
        if known is None:
            count += 1
            if finding.kind == "report":
                by_report[finding.subject] = count
        numbers[finding.id] = known or count
    return numbers


def number_label(finding: Finding, numbers: Mapping[str, int], *, mixed: bool) -> str:
    """The reading number as it stands on a picture; ``E`` follows where exercise and real stand side by side."""
    number = numbers.get(finding.id)
    if number is None:
        return ""
    return f"{number}E" if mixed and finding.exercise else str(number)


def party_name(agreement: Agreement | None, party: str | None) -> str:
    """The party's name as the agreement writes it; "not known" of None."""
    if party is None:
        return _("party not known")
    known = agreement.parties.get(party) if agreement is not None else None
    return known.name if known is not None and known.name else party


def time_of(finding: Finding) -> Interval | None:
    """When a finding is about: its interval, else from the first to the last instant observed, else None."""
    if finding.interval is not None or not finding.observed:
        return finding.interval
    return Interval(
        min(part.start_us for part in finding.observed), max(part.end_us for part in finding.observed)
    )


def when_words(finding: Finding) -> str:
    """When, in UTC to the second, and in how many stretches it was observed; "time not known" where it is not."""
    span = time_of(finding)
    if span is None:
        return _("time not known")
    said, count = span_words(span.start_us, span.end_us), len(finding.observed)
    if finding.interval is not None or count < 2:
        return said
    stretches = ngettext("{n} stretch", "{n} stretches", count).format(n=count)
    return _("{span}, {stretches}").format(span=said, stretches=stretches)


def what_words(finding: Finding, *, report: Report | None = None) -> str:
    """Who or what, and what it is about."""
    if finding.encounter is not None:
        other = finding.encounter.other_mover
        one = finding.subject.removesuffix(f" x {other}")  # the rules name a pair "one x other"
        return _("{one} and {other}").format(one=one, other=other)
    if finding.kind == "report":
        act = act_words(report.act) if report is not None else _("report")
        return f"{act}, {finding.subject}"
    return f"{finding.subject}, {kind_words(finding.kind)}"


def how_far_words(finding: Finding) -> str:
    """The depth as a range, the separation, or the circle a report lies in; "" where there is none."""
    if finding.incursion is not None:
        return depth_words(finding.incursion.depth_low_m, finding.incursion.depth_high_m, rule=finding.rule)
    left = finding.deviation
    if left is not None:
        return deviation_words(
            off_m=(left.off_low_m, left.off_high_m),
            late_s=(left.late_low_s, left.late_high_s),
            altitude_off_m=left.altitude_off_m,
        )
    met = finding.encounter
    if met is not None:
        return separation_words(
            distance_m=met.distance_m,
            low_m=met.distance_low_m,
            high_m=met.distance_high_m,
            separation_m=met.separation_m,
        )
    if finding.kind == "report" and finding.radius_m is not None:
        return _("placed within {radius}").format(radius=length_words(finding.radius_m))
    return ""


def how_long_words(finding: Finding) -> str:
    """Time past the line, near it or below the separation, or the time observed; "" where there is none."""
    if finding.kind in ("gap", "near-line") and finding.interval is not None:
        return duration_words(finding.interval.duration_s)
    if finding.kind.startswith("plan-"):
        return ""
    if finding.incursion is not None:
        return duration_words(finding.incursion.beyond_s)
    if finding.encounter is not None:
        return duration_words(finding.encounter.below_s)
    if finding.observed:
        return _("observed {duration}").format(
            duration=duration_words(sum(part.duration_s for part in finding.observed))
        )
    return ""


def how_sure_words(finding: Finding) -> str:
    """The probability of a breach where there is one, else the reason in a few words."""
    if finding.probability is not None:
        return probability_words(finding.probability)
    return because_words(finding.because) if finding.because else ""


def mark_list(finding: Finding) -> tuple[str, ...]:
    """The marks in words, and EXERCISE where it is one."""
    marks = [mark_words(mark) for mark in finding.marks if mark != "exercise"]
    if finding.accepted_by_party is False and "not-accepted" not in finding.marks:
        marks.append(mark_words("not-accepted"))
    if finding.exercise:
        marks.append(mark_words("exercise"))
    return tuple(dict.fromkeys(marks))


def finding_row(
    finding: Finding, *, agreement: Agreement | None = None, report: Report | None = None
) -> dict[str, str]:
    """One finding as short strings, keys :data:`COLUMNS` and ``id``, ``kind``, ``severity``, ``verdict_code``."""
    met = finding.encounter
    return {
        "id": finding.id,
        "kind": finding.kind,
        "verdict_code": finding.verdict.value,
        "verdict": verdict_words(finding.verdict.value, finding.kind),
        "when": when_words(finding),
        "clause": finding.clause,
        "party": party_name(agreement, finding.party),
        "what": what_words(finding, report=report),
        "how_far": how_far_words(finding),
        "how_long": how_long_words(finding),
        "how_sure": how_sure_words(finding),
        "marks": ", ".join(mark_list(finding)),
        "severity": severity_words(met.severity) if met is not None else "",
    }


def finding_rows(
    result: CheckResult, *, agreement: Agreement | None = None, reports: Iterable[Report] = ()
) -> list[dict[str, str]]:
    """All findings as rows of short strings, in reading order.

    Parameters
    ----------
    result : CheckResult
    agreement : Agreement, optional
        Gives parties their names; without it their ids are shown.
    reports : iterable of Report, optional
        Gives the acts of findings about reports.

    Returns
    -------
    list of dict
        Keys as :func:`finding_row`; every value is text, "" where there is nothing to say.
    """
    known: Mapping[str, Report] = {report.id: report for report in reports}
    return [
        finding_row(finding, agreement=agreement, report=known.get(finding.subject))
        for finding in in_reading_order(result.findings)
    ]


def finding_item(
    finding: Finding, *, agreement: Agreement, zone: str = "UTC", report: Report | None = None
) -> dict[str, Any]:
    """One finding for the report: the strings of :func:`finding_row`, the words of its clause, where, local time.

    ``points`` are (what, when, where) of entry, deepest point and exit, or of the closest approach.
    """
    clause = agreement.clauses.get(finding.clause)
    interval = time_of(finding)
    local = [local_words(at_us, zone) for at_us in (interval.start_us, interval.end_us)] if interval else []
    return dict(finding_row(finding, agreement=agreement, report=report)) | {
        "local": _(" to ").join(dict.fromkeys(item for item in local if item)),
        "clause_title": clause.title if clause is not None else "",
        "clause_text": clause.text if clause is not None else "",
        "points": _points(finding),
        "kind_words": kind_words(finding.kind),
        "reason": finding.reason,
        "mark_list": mark_list(finding),
        "exercise": finding.exercise,
        "margin": length_words(finding.margin_m) if finding.margin_m is not None else "",
        "sources": sorted({source.name for source in finding.evidence if source.name}),
        "other_party": party_name(agreement, finding.encounter.other_party) if finding.encounter else "",
    }


def _points(finding: Finding) -> list[tuple[str, str, str]]:
    visit, met = finding.incursion, finding.encounter
    if visit is not None:
        told = ((_("in"), visit.entry), (_("deepest"), visit.deepest), (_("out"), visit.exit))
        return [
            (
                words,
                instant_words(point.t_us)[11:] if point.t_us is not None else "",
                position_words(point.lonlat_deg),
            )
            for words, point in told
            if point is not None
        ]
    if met is not None:
        return [(_("closest"), instant_words(met.at_us)[11:], position_words(met.lonlat_deg))]
    if finding.lonlat_deg is not None:
        return [(_("about"), "", position_words(finding.lonlat_deg))]
    return []


def report_item(report: Report, *, agreement: Agreement, zone: str = "UTC") -> dict[str, Any]:
    """One report as it is shown: its words, and what is known of time, place, source and origins."""
    where, when, grade = report.where, report.when, report.grade
    place = where.name or (position_words(where.lonlat_deg) if where.lonlat_deg is not None else "")
    deaths = report.deaths
    counted = [
        str(number) if number is not None else "?" for number in (deaths.low, deaths.best, deaths.high)
    ]
    span = (when.interval.start_us, when.interval.end_us)
    exact = when.precision in ("instant", "hour")
    return {
        "id": report.id,
        "act": act_words(report.act),
        "when": span_words(*span) if exact else period_words(*span, zone),
        "local": f"{local_words(span[0], zone)} {zone}" if exact else "",
        "time_precision": time_precision_words(when.precision),
        "place": place,
        "place_precision": place_precision_words(where.precision),
        "within": length_words(where.radius_m) if where.radius_m is not None else "",
        "attributions": [
            (party_name(agreement, item.party), item.status if item.party is not None else "", item.basis)
            for item in report.attributions
        ],
        "text": report.text,
        "source": report.source_name or report.source.name,
        "origins": list(report.origins),
        "anonymous": list(report.anonymous_origins),
        "grade": f"{grade.reliability}{grade.credibility}" if grade is not None else "",
        "grade_words": f"{reliability_words(grade.reliability)}, {credibility_words(grade.credibility)}"
        if grade
        else "",
        "grader": grade.grader if grade is not None else "",
        "grade_reason": grade.reason if grade is not None else "",
        "deaths": " / ".join(counted) if counted != ["?"] * 3 else "",
        "url": report.url,
        "note": report.note,
        "exercise": report.exercise,
    }


def open_questions(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """What could not be answered (NOT_EVALUATED, NO_COVERAGE), those alike as one row with their number."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        if finding.verdict in (Verdict.NOT_EVALUATED, Verdict.NO_COVERAGE):
            reason = finding.reason or because_words(finding.because)
            groups.setdefault((finding.verdict.value, finding.clause, reason), []).append(finding)
    return [
        {
            "verdict": verdict,
            "clause": clause,
            "reason": reason,
            "count": len(group),
            "subjects": sorted({finding.subject for finding in group}),
        }
        for (verdict, clause, reason), group in groups.items()
    ]


def unseen_stretches(result: CheckResult, *, most_count: int) -> list[dict[str, Any]]:
    """For each clause and mover its gaps and unreliable stretches, the longest sum first; at most ``most_count``."""
    rows = []
    for item in result.coverage:
        if item.gaps or item.unreliable:
            gaps_s = sum(part.duration_s for part in item.gaps)
            unreliable_s = sum(part.duration_s for part in item.unreliable)
            rows.append((gaps_s + unreliable_s, gaps_s, unreliable_s, item))
    rows.sort(key=lambda row: (-row[0], row[3].clause, row[3].subject))
    shown = []
    for _sum_s, gaps_s, unreliable_s, item in rows[:most_count]:
        longest = max((*item.gaps, *item.unreliable), key=lambda part: part.duration_s)
        shown.append(
            {
                "clause": item.clause,
                "subject": item.subject,
                "observed": duration_words(item.observed_s),
                "gaps_count": len(item.gaps),
                "gaps": duration_words(gaps_s),
                "unreliable_count": len(item.unreliable),
                "unreliable": duration_words(unreliable_s),
                "longest": span_words(longest.start_us, longest.end_us),
            }
        )
    return shown


def refusals(result: CheckResult) -> list[dict[str, Any]]:
    """Clauses that did not apply or were not judged, by clause and reason."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for item in result.not_applied:
        reason = item.reason or because_words(item.because)
        row = groups.setdefault(
            (item.clause, reason), {"clause": item.clause, "reason": reason, "count": 0, "subjects": []}
        )
        row["count"] += item.count
        row["subjects"].append(item.subject)
    return list(groups.values())


def counts_words(series: Series) -> str:
    """The chart in words: the total, the days without any, and what could not be placed."""
    seen = [item for item in series.bins if item.exposure.observed_s > 0] if series.effort_recorded else []
    empty = sum(not any(item.by_verdict.values()) for item in seen)
    parts = [f"{series.value} {series.rule.unit(series.value)}."]
    if series.effort_recorded and empty:
        steps = {
            "day": ngettext("{n} observed day had none.", "{n} observed days had none.", empty),
            "week": ngettext("{n} observed week had none.", "{n} observed weeks had none.", empty),
            "month": ngettext("{n} observed month had none.", "{n} observed months had none.", empty),
        }
        parts.append(steps[series.step].format(n=empty))
    if not series.effort_recorded:
        parts.append(_("The effort of observation was not recorded, so an empty day is not a quiet day."))
    if series.undated_count:
        more = ngettext(
            "{n} is known too coarsely to be drawn.",
            "{n} are known too coarsely to be drawn.",
            series.undated_count,
        )
        parts.append(more.format(n=series.undated_count))
    return " ".join(parts)
