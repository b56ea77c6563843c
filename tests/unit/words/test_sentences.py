"""The words a person reads: ranges stay ranges, nothing reads as certainty, no code is swallowed."""

from __future__ import annotations

import doctest
from importlib import import_module

import pytest

from truceline import words as say

ROOM = ("assessment", "counts", "evidence", "language", "quantities", "verdicts")


@pytest.mark.parametrize("module", ROOM)
def test_the_examples_in_the_room_run(module: str) -> None:
    result = doctest.testmod(import_module(f"truceline.words.{module}"))
    assert result.failed == 0


def test_the_five_verdicts_have_words_and_a_meaning() -> None:
    codes = ("BREACH", "POSSIBLE", "NOT_EVALUATED", "NO_COVERAGE", "CLEAR")
    assert len({say.verdict_words(code) for code in codes}) == 5
    assert all(say.verdict_meaning(code) for code in codes)
    assert say.verdict_words("CLEAR") == "observed, no breach found"  # docs/explain/verdicts.md


def test_an_unknown_code_is_shown_as_written() -> None:
    assert say.mark_words("seen-from_afar") == "seen from afar"
    assert say.because_words("no-such-code") == "no such code"
    assert say.drop_words("odd-thing") == "odd thing"
    assert say.mark_meaning("seen-from-afar") == ""


def test_every_reason_code_of_the_rules_has_short_words() -> None:
    from truceline.words.reasons import SENTENCES
    from truceline.words.verdicts import _BECAUSE

    assert set(SENTENCES) <= set(_BECAUSE)


@pytest.mark.parametrize(
    ("low_m", "high_m", "rule", "expected"),
    [
        (1_200, 1_900, "keep-side", "between 1.20 and 1.90 km past the line"),
        (500, 500, "keep-side", "500 m past the line"),
        (-1_380, 2_660, "keep-side", "between 1.38 km short of the line and 2.66 km past it"),
        (-300, -20, "keep-side", "between 20 and 300 m short of the line"),
        (27_141, 28_141, "keep-out", "between 27.1 and 28.1 km inside"),
        (-4, 8, "no-fly", "between 4.0 m outside and 8.0 m inside"),
        (990, 1_010, "withdraw", "between 0.99 and 1.01 km too near"),
        (-20, 30, "withdraw", "between 20 m to spare and 30 m too near"),
    ],
)
def test_a_depth_is_a_range_that_says_which_side_its_ends_are_on(
    low_m: float, high_m: float, rule: str, expected: str
) -> None:
    assert say.depth_words(low_m, high_m, rule=rule) == expected


@pytest.mark.parametrize(
    ("probability", "expected"),
    [(1.0, "over 99 %"), (0.0, "under 1 %"), (0.5, "50 %"), (None, ""), (float("nan"), "")],
)
def test_a_probability_never_reads_as_certain(probability: float | None, expected: str) -> None:
    assert say.probability_words(probability) == expected


def test_unknown_numbers_are_said_to_be_unknown() -> None:
    assert say.length_words(float("nan")) == say.length_words(None) == "not known"
    assert say.duration_words(None) == "not known"
    assert say.observed_words(None, None) == "observation effort not recorded"


def test_periods_are_days_where_they_are_days() -> None:
    day_us = 86_400_000_000
    # 2020-01-06 00:00 in Damascus (UTC+2 in winter) is 2020-01-05 22:00Z = 1 578 261 600 s.
    start_us = 1_578_261_600_000_000
    assert say.period_words(start_us, start_us + 7 * day_us, "Asia/Damascus") == (
        "6 January 2020 to 12 January 2020 (Asia/Damascus)"
    )
    assert say.period_words(start_us, start_us + day_us, "Asia/Damascus") == "6 January 2020 (Asia/Damascus)"
    assert say.period_words(start_us, start_us + 1, "UTC") == "2020-01-05 22:00Z"


def test_local_time_names_its_day_where_it_is_another_one() -> None:
    # 2020-01-05 23:30Z is 01:30 of the next day in Damascus.
    assert say.local_words(1_578_267_000_000_000, "Asia/Damascus") == "2020-01-06 01:30 (+02:00)"
    assert say.local_words(-(2**62), "Asia/Damascus") == ""


def test_screens_show_no_fraction_of_a_second() -> None:
    assert say.span_words(1_500_000, 2_999_999) == "1970-01-01 00:00:01Z to 00:00:02Z"


def test_an_assessment_says_what_was_checked_what_was_found_and_what_was_not_seen() -> None:
    gist = say.Gist(
        period="6 January 2020",
        clauses_count=3,
        tracks_count=2,
        reports_count=1,
        breach_visits_count=2,
        possible_encounters_count=1,
        gaps_count=3,
        deepest_low_m=1_200,
        deepest_high_m=1_900,
        deepest_clause="4(2)",
        observed_s=111_600,
        of_s=604_800,
        not_observed_count=1,
    )
    scope, breaches, possible, unseen = say.assessment(gist)
    assert scope == "For 6 January 2020, 2 tracks and 1 report were checked against 3 clauses."
    assert breaches == (
        "2 visits past a line are breaches of a clause as encoded, "
        "the deepest between 1.20 and 1.90 km past the line (clause 4(2))."
    )
    assert possible == "3 unobserved stretches and 1 encounter are possible breaches and need review."
    # 111 600 s / 3600 = 31.0 h and 604 800 s / 3600 = 168.0 h.
    assert unseen == (
        "Movement was observed for 31.0 of 168.0 hours; what happened in the rest is not known; "
        "1 question could not be answered and is listed with its reason."
    )


def test_nothing_found_and_nothing_given_are_told_apart() -> None:
    looked = say.assessment(say.Gist(period="May", clauses_count=1, tracks_count=1, observed_s=60, of_s=60))
    assert looked[1] == "No breach was found in what was observed."
    assert looked[2] == "Movement was observed for all 0.0 hours."
    nothing = say.assessment(say.Gist(period="May", clauses_count=1))
    assert not any("No breach" in sentence for sentence in nothing)
    assert "not recorded" in nothing[-1]


def test_one_breach_is_not_the_deepest_of_one_and_thousands_do_not_break() -> None:
    gist = say.Gist(
        period="May", clauses_count=1, tracks_count=1, breach_visits_count=1, deepest_low_m=18_200,
        deepest_high_m=32_600, deepest_rule="keep-out", deepest_clause="1", observed_s=3_600, of_s=21_078_000,
    )  # fmt: skip
    sentences = say.assessment(gist)
    assert sentences[1] == (
        "1 visit past a line is a breach of a clause as encoded, between 18.2 and 32.6 km inside (clause 1)."
    )
    # 21 078 000 s / 3600 = 5855.0 h
    assert "1.0 of 5\u202f855.0 hours" in sentences[2]
