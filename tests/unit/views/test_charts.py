"""Charts: what nobody looked at is hatched, days without a count are drawn, and the words say the same."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest

from truceline.analysis import count_over_time
from truceline.model.finding import CheckResult, Verdict
from truceline.timebase import Interval, parse_instant
from truceline.views.charts import _ticks, render_counts, render_timeline
from truceline.views.tables import counts_words, numbered

UNSEEN = re.compile(r"url\(#[\w-]+-unseen\)")


def words_of(svg: str) -> list[str]:
    return [element.text for element in ElementTree.fromstring(svg).iter() if element.text]


def timeline(case: Any, **changes: Any) -> str:
    given = {"agreement": case.agreement, "result": case.result, "period": case.period}
    return render_timeline(**(given | {"numbers": numbered(case.result.findings)} | changes))


def test_a_lane_for_each_clause_spoken_of_and_its_numbers(case: Any) -> None:
    words = words_of(timeline(case))
    assert [word for word in words if word.startswith("clause ")] == [
        "clause 1", "clause 2", "clause 3", "clause 5(2)", "clause 6",
    ]  # fmt: skip
    assert {"1E", "2E", "3E", "4", "5E"} <= set(words)


def test_a_lane_nobody_looked_at_is_hatched_all_along(case: Any) -> None:
    svg = timeline(case, result=CheckResult(findings=case.result.findings[:1]))
    hatched = re.findall(r'<path [^>]*d="M0,([\d.]+)h([\d.]+)v[^"]*"[^>]*fill="url\(#timeline-unseen\)"', svg)
    assert len(hatched) == 1
    assert float(hatched[0][1]) == pytest.approx(560, abs=1)  # the whole width of the plot


def test_no_timeline_of_nothing_and_a_different_one_for_no_time(case: Any) -> None:
    assert timeline(case, result=CheckResult()) == ""
    instant = Interval(case.period.start_us, case.period.start_us)
    assert timeline(case, period=instant) == ""


def test_pictures_are_the_same_each_time_and_refer_to_nothing_outside(case: Any) -> None:
    svg = timeline(case)
    assert svg == timeline(case)
    assert not re.search(r"(?:href|src)\s*=|@import", svg)
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))


def test_a_crowded_lane_becomes_strokes_and_says_so(case: Any) -> None:
    one = case.result.findings[0]
    many = tuple(replace(one, id=f"f{n}") for n in range(200))
    words = words_of(timeline(case, result=CheckResult(findings=many), numbers=numbered(many)))
    assert "many: a stroke each" in words
    assert "57" not in words


def test_nought_is_written_only_where_somebody_looked(case: Any) -> None:
    series = count_over_time(case.result, "visit", period=case.period, exercise=True)
    # From the case: visits began on 7, 9 and 10 January; 8 January was observed and had none; 6, 11 and 12
    # January nobody looked.
    seen = [item.exposure.observed_s > 0 for item in series.bins]
    assert seen == [False, True, True, True, True, False, False]
    svg = render_counts(series)
    figures = [word for word in words_of(svg) if word.isdigit()]
    assert figures == ["1", "0", "1", "1", "0", "1"]  # over the bars, then the axis
    assert len(UNSEEN.findall(svg.split("</defs>", 1)[1])) >= 3 + 1


def test_reports_have_no_recorded_effort_so_every_day_is_hatched(case: Any) -> None:
    series = count_over_time(case.result, "report", period=case.period, exercise=False, reports=case.reports)
    assert sum(item.by_verdict[Verdict.BREACH] for item in series.bins) == 1
    assert series.undated_count == 1  # the one known to the month
    words = counts_words(series)
    assert words.startswith("4 reports.")
    assert "an empty day is not a quiet day" in words
    assert "1 is known too coarsely to be drawn" in words
    assert "observation effort not recorded" in words_of(render_counts(series))


@pytest.mark.parametrize(
    ("start", "end", "stamp", "most"),
    [
        ("2020-01-06T06:00", "2020-01-06T15:00", "%H:%M", 10),
        ("2020-01-06", "2020-01-13", "%-d %b", 10),
        ("2020-01-01", "2020-06-01", "%-d %b", 16),
        ("2018-09-15", "2019-12-01", "%b %Y", 14),
        ("2014-01-01", "2020-01-01", "%b %Y", 14),
    ],
)
def test_axis_ticks_are_round_and_few(start: str, end: str, stamp: str, most: int) -> None:
    period = Interval(parse_instant(start, zone="UTC"), parse_instant(end, zone="UTC"))
    ticks, written = _ticks(period)
    assert written == stamp
    assert 2 <= len(ticks) <= most
    assert all(period.start_us // 1000 <= tick <= period.end_us // 1000 for tick in ticks)
    assert all(tick % 3_600_000 == 0 for tick in ticks)
