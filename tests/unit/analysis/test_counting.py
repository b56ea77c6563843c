"""What counts as one: every number with its rule, its exposure, and never exercise with real."""

from __future__ import annotations

from itertools import pairwise

import pytest

from truceline.analysis import RULES, count_findings, count_over_time, exposure_by_clause, exposure_of, tally
from truceline.analysis.exposure import exposure_by_party
from truceline.analysis.series import bins_of
from truceline.errors import UsageError
from truceline.model.evidence import Report, When, Whereabouts
from truceline.model.finding import CheckResult, Coverage, Encounter, Finding, Verdict
from truceline.timebase import Interval, parse_instant

HOUR_US = 3_600_000_000


def hours(start: float, end: float) -> Interval:
    return Interval(round(start * HOUR_US), round(end * HOUR_US))


def finding(name: str, kind: str = "incursion", verdict: Verdict = Verdict.BREACH, **more: object) -> Finding:
    base = {"clause": "1", "rule": "keep-out", "subject": name, "interval": hours(1, 2)}
    return Finding(id=name, kind=kind, verdict=verdict, **(base | more))  # type: ignore[arg-type]


def report(
    name: str, start: float, end: float, *, origins: tuple[str, ...], lonlat=(38.0, 36.0), act="shelling"
):  # type: ignore[no-untyped-def]
    return Report(
        id=name,
        act=act,
        when=When(interval=hours(start, end), precision="hour"),
        where=Whereabouts(lonlat_deg=lonlat, radius_m=1_000.0, precision="near"),
        origins=origins,
    )


def about(item: Report, verdict: Verdict = Verdict.POSSIBLE, clause: str = "1") -> Finding:
    return finding(
        f"{item.id}-{clause}", "report", verdict, subject=item.id, clause=clause, interval=item.when.interval
    )


# ---------------------------------------------------------------- counting


def test_visits_count_one_each_and_their_verdicts_add_up() -> None:
    result = CheckResult(
        findings=(finding("a"), finding("b", verdict=Verdict.POSSIBLE), finding("c", "near-line"))
    )
    count = count_findings(result, "visit")
    assert (count.value, count.unit) == (2, "visits")
    assert count.by_verdict[Verdict.BREACH] == count.by_verdict[Verdict.POSSIBLE] == 1
    assert sum(count.by_verdict.values()) == count.value


def test_a_report_judged_under_two_clauses_is_one_report_with_the_graver_verdict() -> None:
    said = report("r", 0, 1, origins=())
    result = CheckResult(findings=(about(said), about(said, Verdict.BREACH, clause="2")))
    count = count_findings(result, "report")
    assert count.value == 1
    assert count.by_verdict[Verdict.BREACH] == 1
    assert count_findings(result, "finding").value == 2


def test_copies_of_one_wire_are_one_event_and_a_chain_of_them_too() -> None:
    said = (
        report("a", 0, 2, origins=("wire",)),
        report("b", 1, 3, origins=("wire", "post")),
        report("c", 2.5, 4, origins=("post",)),  # meets b in time and origin, and a in neither
        report("d", 0, 2, origins=("other",)),
        report("e", 0, 2, origins=("wire",), act="armed-clash"),
        # 0.05 deg of latitude is 5.5 km: further than the two circles of 1 km reach.
        report("f", 0, 2, origins=("wire",), lonlat=(38.0, 36.05)),
    )
    result = CheckResult(findings=tuple(about(item) for item in said))
    count = count_findings(result, "event", reports=said)
    assert count.value == 4
    assert count_findings(result, "event", reports=said[::-1]).value == 4
    assert count_findings(result, "report", reports=said).value == 6


def test_reports_with_no_place_are_not_made_one_by_ignorance() -> None:
    nowhere = Whereabouts()
    said = [
        Report(id=name, act="shelling", when=When(interval=hours(0, 1)), where=nowhere, origins=("wire",))
        for name in ("a", "b")
    ]
    result = CheckResult(findings=tuple(about(item) for item in said))
    assert count_findings(result, "event", reports=said).value == 2


def test_events_need_the_reports_they_are_made_of() -> None:
    result = CheckResult(findings=(about(report("a", 0, 1, origins=())),))
    with pytest.raises(UsageError) as caught:
        count_findings(result, "event")
    assert caught.value.code == "no-reports"
    assert "event" not in {count.rule.id for count in tally(result)}


def test_both_sides_of_one_encounter_are_one() -> None:
    def met(name: str, other: str) -> Finding:
        encounter = Encounter(
            other_mover=other, other_party=None, at_us=HOUR_US, lonlat_deg=(0, 0), other_lonlat_deg=(0, 0),
            distance_m=10, distance_low_m=5, distance_high_m=15, separation_m=500,
        )  # fmt: skip
        return finding(name, "encounter", encounter=encounter)

    result = CheckResult(findings=(met("a", "b"), met("b", "a"), met("a", "c")))
    assert count_findings(result, "encounter").value == 2


def test_exercise_and_real_are_never_added_up() -> None:
    result = CheckResult(findings=(finding("a"), finding("b", exercise=True)))
    with pytest.raises(UsageError) as caught:
        count_findings(result, "visit")
    assert caught.value.code == "mixed-exercise"
    assert count_findings(result, "visit", exercise=True).value == 1
    assert count_findings(result, "visit", exercise=False).value == 1
    assert [(count.rule.id, count.exercise, count.value) for count in tally(result)] == [
        ("visit", False, 1),
        ("finding", False, 1),
        ("visit", True, 1),
        ("finding", True, 1),
    ]


def test_an_unknown_rule_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(UsageError, match="no counting rule is named 'bangs'") as caught:
        count_findings(CheckResult(), "bangs")
    assert "visit" in caught.value.hint


def test_every_rule_says_what_counts_as_one() -> None:
    assert all(rule.title and rule.sentence and rule.unit(1) != rule.unit(2) for rule in RULES.values())


def test_a_period_leaves_out_what_does_not_meet_it() -> None:
    result = CheckResult(
        findings=(finding("a"), finding("b", interval=hours(30, 31)), finding("c", interval=None))
    )
    count = count_findings(result, "visit", period=hours(0, 24))
    assert count.value == 2  # the one with no time cannot be said to lie outside
    assert count.cutoff_us == 24 * HOUR_US


# ---------------------------------------------------------------- exposure

SEEN = (
    Coverage(clause="1", subject="a", observed=(hours(0, 4), hours(10, 12)), unreliable=(hours(3, 6),)),
    Coverage(clause="1", subject="b", observed=(hours(2, 5),), gaps=(hours(5, 9),)),
    Coverage(clause="2", subject="a", observed=(hours(0, 4),)),
)


def test_exposure_is_the_time_at_least_one_was_seen_and_the_parts_are_the_whole() -> None:
    exposure = exposure_of(SEEN, period=hours(0, 24))
    assert exposure.observed == (hours(0, 5), hours(10, 12))
    assert exposure.unreliable == (hours(5, 6),)
    assert exposure.not_observed == (hours(6, 10), hours(12, 24))
    parts_s = sum(
        part.duration_s for part in (*exposure.observed, *exposure.unreliable, *exposure.not_observed)
    )
    assert parts_s == exposure.of_s == 24 * 3600
    assert exposure.mover_s == (4 + 2 + 3) * 3600  # a under two clauses is one mover
    assert exposure.movers_count == 2


def test_a_clause_nobody_looked_at_has_an_exposure_of_nothing() -> None:
    by_clause = exposure_by_clause(SEEN, period=hours(0, 24), clauses=("3", "1"))
    assert [item.name for item in by_clause] == ["3", "1", "2"]
    assert by_clause[0].observed_s == 0
    assert by_clause[0].not_observed == (hours(0, 24),)
    by_party = exposure_by_party(SEEN, period=hours(0, 24), party_of={"a": "north"})
    assert [(item.name, item.observed_s) for item in by_party] == [("", 3 * 3600), ("north", 6 * 3600)]


def test_a_count_carries_its_exposure_and_of_reports_says_it_is_not_recorded() -> None:
    said = report("r", 1, 2, origins=())
    result = CheckResult(findings=(finding("a"), about(said)), coverage=SEEN)
    visits = count_findings(result, "visit", period=hours(0, 24))
    assert visits.exposure_words == "observed 7.0 of 24.0 hours"
    assert str(visits) == "1 visit (observed 7.0 of 24.0 hours)"
    assert count_findings(result, "report", period=hours(0, 24)).exposure_s is None


# ---------------------------------------------------------------- over time


def test_days_are_those_of_the_zone_and_change_length_with_the_clocks() -> None:
    # Europe/Berlin went to summer time on 29 March 2020: that day has 23 hours.
    period = Interval(
        parse_instant("2020-03-28T00:00 Europe/Berlin"), parse_instant("2020-03-31T00:00 Europe/Berlin")
    )
    step, bins = bins_of(period, zone="Europe/Berlin")
    assert step == "day"
    assert [item.duration_s / 3600 for item in bins] == [24, 23, 24]


def test_long_periods_are_counted_by_week_and_by_month() -> None:
    def cut(start: str, end: str) -> tuple[str, int]:
        step, bins = bins_of(Interval(parse_instant(start, zone="UTC"), parse_instant(end, zone="UTC")))
        assert bins[0].start_us == parse_instant(start, zone="UTC")
        assert bins[-1].end_us == parse_instant(end, zone="UTC")
        assert all(a.end_us == b.start_us for a, b in pairwise(bins))
        return step, len(bins)

    # 2020-01-01 is a Wednesday and 2020-07-01 too: 27 Mondays between, so 27 weeks, the first and last cut.
    assert cut("2020-01-01", "2020-07-01") == ("week", 27)
    assert cut("2018-09-15", "2019-12-02") == ("month", 16)


def test_days_without_a_count_are_kept_and_what_is_too_coarse_is_beside_the_bars() -> None:
    day, coarse = report("d", 25, 26, origins=()), report("m", 0, 24 * 31, origins=())
    result = CheckResult(findings=(about(day), about(coarse)))
    series = count_over_time(result, "report", period=hours(0, 24 * 4))
    assert [sum(item.by_verdict.values()) for item in series.bins] == [0, 1, 0, 0]
    assert series.undated_count == 1
    assert series.value == 2
    assert not series.effort_recorded


def test_a_visit_over_midnight_counts_on_the_day_it_began() -> None:
    result = CheckResult(findings=(finding("a", interval=hours(20, 80)),), coverage=SEEN)
    series = count_over_time(result, "visit", period=hours(0, 24 * 4))
    assert [sum(item.by_verdict.values()) for item in series.bins] == [1, 0, 0, 0]
    assert [item.exposure.observed_s for item in series.bins] == [7 * 3600, 0, 0, 0]
