"""Reports against a ceasefire: precision, attribution, grade, origins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from geographiclib.geodesic import Geodesic

from truceline.model.agreement import Agreement, Cease, Circle, Selector, Validity
from truceline.model.evidence import Attribution, Grade, Report, When, Whereabouts
from truceline.model.finding import Verdict
from truceline.rules import check_reports
from truceline.testing.builders import one_clause
from truceline.timebase import END_OF_TIME, Interval, parse_day, parse_instant

AREA = Circle(centre_deg=(36.6, 35.9), radius_m=30_000)
START = parse_instant("2020-03-06T00:01 Europe/Moscow")


def ceasefire(**more: object) -> Agreement:
    rule = Cease(acts=frozenset({"shelling", "air-strike"}), where=AREA)
    return one_clause(rule, validity=Validity(interval=Interval(START, END_OF_TIME)), **more)  # type: ignore[arg-type]


BASE = Report(
    id="r",
    act="shelling",
    when=When(interval=parse_day("2020-03-10", zone="Asia/Damascus"), precision="day"),
    where=Whereabouts(lonlat_deg=(36.6, 35.9), radius_m=2_000, precision="place"),
    attributions=(Attribution(party="a", status="party"),),
    origins=("One", "Two"),
)


def answer(report: Report, agreement: Agreement | None = None) -> tuple[Verdict | None, str]:
    result = check_reports(agreement or ceasefire(), [report])
    if result.findings:
        return result.findings[0].verdict, result.findings[0].because
    return None, result.not_applied[0].because


def test_two_independent_origins_meet_the_policy() -> None:
    assert answer(BASE) == (Verdict.BREACH, "evidence-policy-met")


def test_one_origin_is_alleged() -> None:
    assert answer(replace(BASE, origins=("One",))) == (Verdict.POSSIBLE, "single-origin")


def test_twenty_copies_of_one_origin_are_one() -> None:
    assert answer(replace(BASE, origins=("One",) * 20))[0] is Verdict.POSSIBLE


def test_unnamed_residents_do_not_count_as_origins() -> None:
    claim = replace(BASE, origins=("One",), anonymous_origins=("residents", "activists"))
    assert answer(claim)[0] is Verdict.POSSIBLE


@pytest.mark.parametrize(
    ("reliability", "credibility", "grader", "verdict"),
    [
        ("B", 2, "desk", Verdict.BREACH),
        ("A", 1, "desk", Verdict.BREACH),
        ("C", 2, "desk", Verdict.POSSIBLE),
        ("B", 3, "desk", Verdict.POSSIBLE),
        ("B", 2, "", Verdict.POSSIBLE),  # nobody stands behind the grade
        ("F", 6, "desk", Verdict.POSSIBLE),  # cannot be judged
    ],
)
def test_grades(reliability: str, credibility: int, grader: str, verdict: Verdict) -> None:
    grade = Grade(reliability=reliability, credibility=credibility, grader=grader)
    assert answer(replace(BASE, origins=("One",), grade=grade))[0] is verdict


def test_a_day_that_straddles_the_start_cannot_be_placed() -> None:
    # 00:01 in Moscow is 23:01 of the 5th in Damascus (UTC+2 in March): the 5th straddles it, the 6th does not.
    fifth, sixth = (
        replace(BASE, when=When(interval=parse_day(day, zone="Asia/Damascus"), precision="day"))
        for day in ("2020-03-05", "2020-03-06")
    )
    assert answer(fifth) == (Verdict.NOT_EVALUATED, "time-too-coarse")
    assert answer(sixth)[0] is Verdict.BREACH


def test_before_the_start_the_clause_does_not_apply() -> None:
    early = replace(BASE, when=When(interval=parse_day("2020-02-27", zone="Asia/Damascus"), precision="day"))
    assert answer(early) == (None, "not-in-force")


def test_a_month_is_never_an_exact_breach() -> None:
    april = Interval(parse_instant("2020-04-01T00:00Z"), parse_instant("2020-05-01T00:00Z"))
    claim = replace(BASE, when=When(interval=april, precision="month"))
    assert answer(claim) == (Verdict.POSSIBLE, "time-only-to-the-month")


@pytest.mark.parametrize("precision", ["district", "province", "country", "unknown"])
def test_a_coarse_place_is_not_evaluated(precision: str) -> None:
    claim = replace(BASE, where=replace(BASE.where, precision=precision))
    assert answer(claim) == (Verdict.NOT_EVALUATED, "place-too-coarse")


def test_a_circle_across_the_edge_is_possible_and_one_outside_does_not_apply() -> None:
    def at(metres: float) -> Report:
        there = Geodesic.WGS84.Direct(35.9, 36.6, 90.0, metres)
        return replace(
            BASE,
            where=Whereabouts(lonlat_deg=(there["lon2"], there["lat2"]), radius_m=2_000, precision="near"),
        )

    assert answer(at(27_900)) == (Verdict.BREACH, "evidence-policy-met")  # 2.1 km inside, 2 km radius
    assert answer(at(28_100)) == (Verdict.POSSIBLE, "place-near-edge")
    assert answer(at(31_900)) == (Verdict.POSSIBLE, "place-near-edge")
    assert answer(at(32_100)) == (None, "outside-area")


def test_unknown_attribution_is_a_value() -> None:
    assert answer(replace(BASE, attributions=())) == (Verdict.POSSIBLE, "attribution-unknown")
    disputed = (Attribution(party="a", status="disputed"),)
    assert answer(replace(BASE, attributions=disputed)) == (Verdict.POSSIBLE, "attribution-unknown")


def test_only_the_bound_party_can_break_it() -> None:
    agreement = ceasefire(who=Selector(parties=frozenset({"b"})))
    assert answer(BASE, agreement) == (None, "party")


def test_an_act_outside_the_clause_does_not_apply_and_an_unknown_act_is_not_evaluated() -> None:
    assert answer(replace(BASE, act="blocking")) == (None, "act")
    assert answer(replace(BASE, act=None)) == (Verdict.NOT_EVALUATED, "act-unknown")
