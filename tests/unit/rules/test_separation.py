"""Separation in height as well: who is above whom, and what is said where that cannot be told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from truceline.model.agreement import Selector, Separate
from truceline.model.finding import Verdict
from truceline.model.movement import Track, exact_track
from truceline.rules import check_tracks
from truceline.testing.builders import mover, one_clause

S = 1_000_000
T0 = 1_583_000_000_000_000
M_PER_DEG = 111_319.49  # of longitude on the equator
RULE = Separate(
    first=Selector(parties=frozenset("a")),
    second=Selector(parties=frozenset("b")),
    distance_m=500.0,
    vertical_m=300.0,
    vertical_accuracy_m=20.0,
)


def flight(
    party: str, x_m: float, height_m: float | list[float], datum: str = "msl", **more: object
) -> Track:
    """Ten minutes northwards side by side, a fix every 10 s, exact over the ground."""
    t_us = T0 + np.arange(61) * 10 * S
    lonlat = np.column_stack([np.full(61, x_m / M_PER_DEG), np.arange(61) * 50.0 / M_PER_DEG])
    track = exact_track(mover(f"m-{party}", party=party), t_us, lonlat, **more)  # type: ignore[arg-type]
    return replace(track, altitude_m=np.broadcast_to(height_m, 61).astype(float), altitude_datum=datum)


def verdicts(one: Track, two: Track, rule: Separate = RULE) -> list[tuple[str, Verdict, str]]:
    result = check_tracks(one_clause(rule), [one, two])
    return [(item.kind, item.verdict, item.because) for item in result.findings]


@pytest.mark.parametrize(
    ("above_m", "kind", "verdict"),
    [
        (100.0, "encounter", Verdict.BREACH),
        (259.0, "encounter", Verdict.BREACH),  # 259 + 20 + 20 < 300
        (261.0, "encounter", Verdict.POSSIBLE),
        (299.0, "encounter", Verdict.POSSIBLE),
        (320.0, "encounter", Verdict.POSSIBLE),  # 320 - 20 - 20 < 300
        (341.0, "observed", Verdict.CLEAR),
        (-341.0, "observed", Verdict.CLEAR),
        (-100.0, "encounter", Verdict.BREACH),
    ],
)
def test_heights_are_judged_with_their_accuracy(above_m: float, kind: str, verdict: Verdict) -> None:
    ((found, answer, _),) = verdicts(flight("a", 0.0, 1000.0), flight("b", 100.0, 1000.0 + above_m))
    assert (found, answer) == (kind, verdict)


def test_exactly_the_vertical_distance_is_compliance() -> None:
    exact = replace(RULE, vertical_accuracy_m=0.0)
    pair = flight("a", 0.0, 1000.0), flight("b", 100.0, 1300.0)
    assert verdicts(*pair, exact) == [("observed", Verdict.CLEAR, "")]
    assert verdicts(pair[0], flight("b", 100.0, 1299.9), exact) == [("encounter", Verdict.BREACH, "")]


def test_without_a_stated_accuracy_of_heights_nothing_is_certain() -> None:
    unstated = replace(RULE, vertical_accuracy_m=None)
    want = [("encounter", Verdict.POSSIBLE, "vertical-accuracy-not-stated")]
    assert verdicts(flight("a", 0.0, 1000.0), flight("b", 100.0, 1000.0), unstated) == want


@pytest.mark.parametrize("datums", [("msl", "ellipsoid"), ("", ""), ("agl", "agl"), ("msl", "")])
def test_heights_that_cannot_be_compared_are_never_a_pass(datums: tuple[str, str]) -> None:
    one, two = flight("a", 0.0, 1000.0, datums[0]), flight("b", 100.0, 5000.0, datums[1])
    assert verdicts(one, two) == [("encounter", Verdict.NOT_EVALUATED, "vertical-unknown")]
    # Far apart over the ground, the heights do not matter.
    far = flight("b", 600.0, 1000.0, datums[1])
    assert verdicts(one, far) == [("observed", Verdict.CLEAR, "")]


def test_unknown_heights_are_not_evaluated_unless_the_known_part_is_enough() -> None:
    unknown = np.full(61, np.nan)
    one = flight("a", 0.0, 1000.0)
    assert verdicts(one, flight("b", 100.0, unknown.tolist())) == [
        ("encounter", Verdict.NOT_EVALUATED, "vertical-unknown")
    ]
    half = np.where(np.arange(61) < 30, 1000.0, np.nan)
    assert verdicts(one, flight("b", 100.0, half.tolist())) == [("encounter", Verdict.BREACH, "")]


def test_the_vertical_distance_is_told() -> None:
    result = check_tracks(one_clause(RULE), [flight("a", 0.0, 1000.0), flight("b", 100.0, 1100.0)])
    assert result.findings[0].encounter is not None
    assert result.findings[0].encounter.vertical_m == pytest.approx(100.0)


def test_all_pairs_are_looked_at_and_each_is_told_of_once() -> None:
    # Twenty of a in a row, 1 km apart; one of b beside each third of them, 200 m off.
    row = [replace(flight("a", 1000.0 * k, 0.0), mover=mover(f"a{k:02}", party="a")) for k in range(20)]
    others = [
        replace(flight("b", 1000.0 * k + 200.0, 0.0), mover=mover(f"b{k:02}", party="b"))
        for k in range(0, 20, 3)
    ]
    late = flight("b", 0.0, 0.0)
    late = replace(late, t_us=late.t_us + 3600 * S, mover=mover("b99", party="b"))
    result = check_tracks(one_clause(RULE), [*row, *others, late])
    assert [item.subject for item in result.findings if item.kind == "encounter"] == [
        f"a{k:02} x b{k:02}" for k in range(0, 20, 3)
    ]
    # Each of a was observed together with some b; the late one with nobody: 20 pairs.
    assert len(result.coverage) == 20
    (gap,) = [item for item in result.findings if item.verdict is Verdict.NO_COVERAGE]
    assert gap.subject == "20 pairs of movers"
    quiet = {item.subject for item in result.findings if item.verdict is Verdict.CLEAR}
    assert quiet == {f"a{k:02}" for k in range(20) if k % 3}
