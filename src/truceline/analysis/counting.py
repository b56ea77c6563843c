"""Counting: what counts as one, by a named rule, with its unit, cut-off and exposure.

A number without its rule is refused by construction: the only thing counted here is a result under a
:class:`CountingRule`, and what comes out is a :class:`Count` that carries it. What is real and what was
made for an exercise are never added up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from truceline.analysis.exposure import exposure_of, observed_span
from truceline.errors import UsageError
from truceline.kernels.geodesy import inverse
from truceline.model.evidence import Report
from truceline.model.finding import CheckResult, Coverage, Finding, Verdict, summarise
from truceline.timebase import Interval
from truceline.units import MicrosUTC, Seconds
from truceline.words import counting_sentence, counting_title, counting_unit, observed_words

Merge = Callable[[Sequence[Finding], Mapping[str, Report]], list[tuple[Finding, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class CountingRule:
    """What counts as one.

    Attributes
    ----------
    kinds : frozenset of str
        Kinds of finding that are counted; empty is all.
    merges : str
        What is made one: ``nothing``, ``report`` (findings about one report), ``pair`` (both sides of one
        encounter), ``origin`` (copies of one event) or ``mover`` (one mover under one clause).
    by_reports : bool
        Counts reports, whose effort of observation is not recorded by coverage.
    """

    id: str
    kinds: frozenset[str]
    merges: str = "nothing"
    by_reports: bool = False

    @property
    def title(self) -> str:
        return counting_title(self.id)

    @property
    def sentence(self) -> str:
        return counting_sentence(self.id)

    def unit(self, count: int = 2) -> str:
        return counting_unit(self.id, count)


RULES: dict[str, CountingRule] = {
    rule.id: rule
    for rule in (
        CountingRule(id="visit", kinds=frozenset({"incursion"})),
        CountingRule(id="near-line", kinds=frozenset({"near-line"})),
        CountingRule(id="gap", kinds=frozenset({"gap"})),
        CountingRule(id="encounter", kinds=frozenset({"encounter"}), merges="pair"),
        CountingRule(id="report", kinds=frozenset({"report"}), merges="report", by_reports=True),
        CountingRule(id="event", kinds=frozenset({"report"}), merges="origin", by_reports=True),
        CountingRule(id="undetermined", kinds=frozenset({"undetermined"})),
        CountingRule(id="observed", kinds=frozenset({"observed"}), merges="mover"),
        CountingRule(id="finding", kinds=frozenset()),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number that says what it counts and how long anyone looked.

    ``by_verdict`` adds up to ``value``. ``exposure_s`` None: the effort of observation was not recorded;
    ``of_s`` None: no period was given. ``cutoff_us`` is the instant up to which was counted.
    """

    value: int
    rule: CountingRule
    by_verdict: Mapping[Verdict, int]
    exposure_s: Seconds | None
    of_s: Seconds | None = None
    cutoff_us: MicrosUTC | None = None
    exercise: bool = False

    @property
    def unit(self) -> str:
        return self.rule.unit(self.value)

    @property
    def exposure_words(self) -> str:
        return observed_words(self.exposure_s, self.of_s)

    def __str__(self) -> str:
        return f"{self.value} {self.unit} ({self.exposure_words})"


def rule_named(rule: CountingRule | str) -> CountingRule:
    """A counting rule by id; UsageError (code ``counting-rule``) where there is none."""
    if isinstance(rule, CountingRule):
        return rule
    if rule not in RULES:
        raise UsageError(
            f"no counting rule is named {rule!r}", hint=f"rules: {', '.join(RULES)}", code="counting-rule"
        )
    return RULES[rule]


def count_findings(
    result: CheckResult,
    rule: CountingRule | str,
    *,
    period: Interval | None = None,
    reports: Iterable[Report] = (),
    exercise: bool | None = None,
) -> Count:
    """Count a result under one rule.

    Parameters
    ----------
    result : CheckResult
    rule : CountingRule or str
        A rule, or the id of one in :data:`RULES`.
    period : Interval, optional
        Count what meets it; a finding with no time is counted. Its end is the cut-off and its length what
        the exposure is out of. Without it the span that coverage speaks of is used for the exposure.
    reports : iterable of Report, optional
        The reports the findings are about; the rule ``event`` reads their origins.
    exercise : bool, optional
        Count what was made for an exercise (True) or what was not (False). May be left out only where the
        result holds one of the two.

    Returns
    -------
    Count

    Raises
    ------
    UsageError
        ``mixed-exercise`` where exercise and real findings would be added up, ``no-reports`` where the
        rule needs a report that was not given, ``counting-rule`` for an unknown rule.
    """
    chosen = rule_named(rule)
    flag = one_kind(result, exercise)
    units = units_of(result, chosen, period=period, reports=reports, exercise=flag)
    verdicts = [summarise(finding.verdict for finding in unit) for unit in units]
    coverage = coverage_of(result, exercise=flag)
    span = period or observed_span(coverage)
    looked = bool(coverage) and not chosen.by_reports and span is not None
    return Count(
        value=len(units),
        rule=chosen,
        by_verdict={verdict: verdicts.count(verdict) for verdict in Verdict},
        exposure_s=exposure_of(coverage, period=span).observed_s if looked and span is not None else None,
        of_s=span.duration_s if span is not None else None,
        cutoff_us=period.end_us if period is not None else None,
        exercise=flag,
    )


def units_of(
    result: CheckResult,
    rule: CountingRule | str,
    *,
    period: Interval | None = None,
    reports: Iterable[Report] = (),
    exercise: bool | None = None,
) -> list[tuple[Finding, ...]]:
    """What is counted as one, as the findings each of them is made of; parameters as :func:`count_findings`."""
    chosen = rule_named(rule)
    flag = one_kind(result, exercise)
    counted = [
        finding
        for finding in result.findings
        if finding.exercise == flag
        and (not chosen.kinds or finding.kind in chosen.kinds)
        and (period is None or finding.interval is None or finding.interval.meets(period))
    ]
    return _MERGES[chosen.merges](counted, {report.id: report for report in reports})


def tally(
    result: CheckResult, *, period: Interval | None = None, reports: Iterable[Report] = ()
) -> tuple[Count, ...]:
    """Every rule that counts anything, real first, then exercise; ``finding`` always, so that all adds up."""
    known = tuple(reports)
    given = {report.id for report in known}
    counts = []
    for flag in sorted({finding.exercise for finding in result.findings}) or [False]:
        for rule in RULES.values():
            missing = rule.merges == "origin" and any(
                finding.kind == "report" and finding.subject not in given for finding in result.findings
            )
            if missing:
                continue
            count = count_findings(result, rule, period=period, reports=known, exercise=flag)
            if count.value or rule.id == "finding":
                counts.append(count)
    return tuple(counts)


def coverage_of(result: CheckResult, *, exercise: bool) -> tuple[Coverage, ...]:
    """The coverage of movers whose findings are (or are not) of an exercise."""
    made = {finding.subject for finding in result.findings if finding.exercise}
    return tuple(item for item in result.coverage if (item.subject in made) == exercise)


def one_kind(result: CheckResult, exercise: bool | None) -> bool:
    """``exercise`` as asked for, or what the result holds; UsageError where it holds both and none is asked."""
    present = {finding.exercise for finding in result.findings}
    if exercise is not None:
        return exercise
    if len(present) > 1:
        raise UsageError(
            "exercise and real findings are never added up",
            hint="say exercise=True or exercise=False",
            code="mixed-exercise",
        )
    return present == {True}


def _nothing(findings: Sequence[Finding], _reports: Mapping[str, Report]) -> list[tuple[Finding, ...]]:
    return [(finding,) for finding in findings]


def _grouped(keyed: Iterable[tuple[object, Finding]]) -> list[tuple[Finding, ...]]:
    groups: dict[object, list[Finding]] = {}
    for key, finding in keyed:
        groups.setdefault(key, []).append(finding)
    return [tuple(group) for group in groups.values()]


def _by_report(findings: Sequence[Finding], _reports: Mapping[str, Report]) -> list[tuple[Finding, ...]]:
    return _grouped((finding.subject, finding) for finding in findings)


def _by_mover(findings: Sequence[Finding], _reports: Mapping[str, Report]) -> list[tuple[Finding, ...]]:
    return _grouped(((finding.clause, finding.subject), finding) for finding in findings)


def _by_pair(findings: Sequence[Finding], _reports: Mapping[str, Report]) -> list[tuple[Finding, ...]]:
    def key(finding: Finding) -> object:
        met = finding.encounter
        if met is None:
            return finding.id
        return finding.clause, frozenset({finding.subject, met.other_mover}), met.at_us

    return _grouped((key(finding), finding) for finding in findings)


def _by_origin(findings: Sequence[Finding], reports: Mapping[str, Report]) -> list[tuple[Finding, ...]]:
    """Connected groups of reports: same act, times and circles that meet, a named origin in common."""
    about = {group[0].subject: group for group in _by_report(findings, reports)}
    unknown = sorted(set(about) - set(reports))
    if unknown:
        raise UsageError(
            f"events of distinct origin need the reports themselves; missing {', '.join(unknown[:5])}",
            hint="pass reports=",
            code="no-reports",
        )
    together = {subject: subject for subject in about}

    def root(subject: str) -> str:
        while together[subject] != subject:
            together[subject] = together[together[subject]]
            subject = together[subject]
        return subject

    for first, second in _meeting_pairs([reports[subject] for subject in about]):
        if root(first.id) != root(second.id) and same_event(first, second):
            together[root(second.id)] = root(first.id)
    return _grouped((root(subject), finding) for subject, group in about.items() for finding in group)


def _meeting_pairs(reports: Sequence[Report]) -> Iterator[tuple[Report, Report]]:
    """Pairs that share act and origin and whose times may meet, by a sweep in time."""
    shared: dict[tuple[str | None, str], list[Report]] = {}
    for report in reports:
        for origin in report.origins:
            shared.setdefault((report.act, origin), []).append(report)
    for group in shared.values():
        open_now: list[Report] = []
        for report in sorted(group, key=lambda item: item.when.interval):
            open_now = [
                item for item in open_now if item.when.interval.end_us >= report.when.interval.start_us
            ]
            yield from ((item, report) for item in open_now)
            open_now.append(report)


def same_event(first: Report, second: Report) -> bool:
    """True where two reports name the same act, meet in time and place, and share a named origin.

    A place that is not known keeps them apart: two events are never made one by ignorance.
    """
    if first.act != second.act or not set(first.origins) & set(second.origins):
        return False
    if not first.when.interval.meets(second.when.interval):
        return False
    a, b = first.where, second.where
    if a.lonlat_deg is None or b.lonlat_deg is None:
        return bool(a.name) and a.name == b.name
    apart_m, _azimuth = inverse(np.array(a.lonlat_deg), np.array(b.lonlat_deg))
    return float(np.ravel(apart_m)[0]) <= (a.radius_m or 0.0) + (b.radius_m or 0.0)


_MERGES: dict[str, Merge] = {
    "nothing": _nothing,
    "report": _by_report,
    "mover": _by_mover,
    "pair": _by_pair,
    "origin": _by_origin,
}
