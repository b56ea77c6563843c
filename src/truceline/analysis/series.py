"""Counts over time: days, weeks or months, each with its own exposure; days without a count are kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from truceline.analysis.counting import CountingRule, coverage_of, one_kind, rule_named, units_of
from truceline.analysis.exposure import Exposure, exposure_of
from truceline.model.evidence import Report
from truceline.model.finding import CheckResult, Verdict, summarise
from truceline.timebase import Interval, parse_day, to_datetime

_MOST_DAYS, _MOST_WEEKS = 62, 60  # beyond these the next longer step is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """One day, week or month: its counts by verdict and what was observed in it."""

    interval: Interval
    by_verdict: dict[Verdict, int]
    exposure: Exposure


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Counts over time under one rule.

    ``undated_count`` is what is known too coarsely to fall into any one bin (a report known to the month, in a
    series of days): it is beside the bars, never spread over them. ``effort_recorded`` False: exposure says
    nothing, since the counts are of reports or nothing was watched.
    """

    rule: CountingRule
    step: str  # day, week or month
    bins: tuple[Bin, ...]
    undated_count: int = 0
    effort_recorded: bool = True
    exercise: bool = False

    @property
    def value(self) -> int:
        """Everything counted, the undated with it."""
        return sum(sum(item.by_verdict.values()) for item in self.bins) + self.undated_count


def bins_of(period: Interval, *, zone: str = "UTC") -> tuple[str, tuple[Interval, ...]]:
    """Days, weeks or months of ``zone`` that cover the period, whichever first gives a readable number of bars.

    Returns
    -------
    tuple of (str, tuple of Interval)
        ``day``, ``week`` or ``month``, and the bins; the first and last are cut at the period's ends.
    """
    first = to_datetime(period.start_us, zone).date()
    last = to_datetime(max(period.start_us, period.end_us - 1), zone).date()
    days_count = (last - first).days + 1
    if days_count <= _MOST_DAYS:
        step, starts = "day", [first + timedelta(days=n) for n in range(days_count)]
    elif days_count <= _MOST_WEEKS * 7:
        monday = first - timedelta(days=first.weekday())
        step, starts = "week", [monday + timedelta(days=7 * n) for n in range((last - monday).days // 7 + 1)]
    else:
        months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
        step, starts = "month", [date(n // 12, n % 12 + 1, 1) for n in months]
    edges = [parse_day(day.isoformat(), zone=zone).start_us for day in starts[1:]]
    cuts = [period.start_us, *edges, period.end_us]
    return step, tuple(Interval(a, b) for a, b in pairwise(cuts) if b > a)


def count_over_time(
    result: CheckResult,
    rule: CountingRule | str,
    *,
    period: Interval,
    zone: str = "UTC",
    reports: Iterable[Report] = (),
    exercise: bool | None = None,
    verdicts: Sequence[Verdict] = (Verdict.BREACH, Verdict.POSSIBLE),
) -> Series:
    """Counts under one rule over a period.

    A unit falls into the bin its earliest finding begins in. Raises as :func:`count_findings`.

    Parameters
    ----------
    result, rule, reports, exercise
        As :func:`truceline.analysis.count_findings`.
    period : Interval
    zone : str
        Whose days are meant.
    verdicts : sequence of Verdict
        What is counted; by default what a person should look at.
    """
    chosen, flag = rule_named(rule), one_kind(result, exercise)
    step, intervals = bins_of(period, zone=zone)
    counts = [dict.fromkeys(verdicts, 0) for _interval in intervals]
    undated = 0
    for unit in units_of(result, chosen, period=period, reports=reports, exercise=flag):
        verdict = summarise(finding.verdict for finding in unit)
        if verdict is None or verdict not in verdicts:
            continue
        times = sorted(finding.interval for finding in unit if finding.interval is not None)
        place = _bin_of(times[0], intervals, coarse=chosen.by_reports) if times else None
        if place is None:
            undated += 1
        else:
            counts[place][verdict] += 1
    coverage = coverage_of(result, exercise=flag)
    return Series(
        rule=chosen,
        step=step,
        bins=tuple(
            Bin(interval=interval, by_verdict=count, exposure=exposure_of(coverage, period=interval))
            for interval, count in zip(intervals, counts, strict=True)
        ),
        undated_count=undated,
        effort_recorded=bool(coverage) and not chosen.by_reports,
        exercise=flag,
    )


def _bin_of(when: Interval, intervals: Sequence[Interval], *, coarse: bool) -> int | None:
    """The bin the interval begins in; None where it is a stretch of doubt wider than one bin.

    A visit that lasts two days began on the first; a report "in January" did not begin on the first of January.
    """
    start = max(when.start_us, intervals[0].start_us)
    place = next(
        (i for i, interval in enumerate(intervals) if interval.start_us <= start < interval.end_us), None
    )
    if place is None:
        return None
    spill = when.end_us > intervals[place].end_us
    return None if coarse and spill and when.duration_s > 1.1 * intervals[place].duration_s else place
