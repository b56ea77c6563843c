"""Tracks beside their plans, on the equator, with numbers worked out by hand.

The plan goes 20 km east; it may leave from 0 to 600 s and arrive from 2000 to 2600 s, so at x metres from the start
the earliest time is x / 10 s and the latest 600 s later. Metres are as in test_check_plan.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from truceline.model.finding import Finding, Verdict
from truceline.model.movement import Track, exact_track
from truceline.model.plan import AltitudeBand, Plan, Waypoint
from truceline.rules.plans import check_conformance
from truceline.testing.builders import mover
from truceline.timebase import Interval

EAST_M, NORTH_M = 111319.49, 110574.28
S = 1_000_000
# Second 0 of these tests: a clock before 2000 would be in doubt (13 September 2020).
START_US = 1_600_000_000 * S


def us(seconds: float) -> int:
    return START_US + round(seconds * S)


def a_plan(**more: object) -> Plan:
    ends = (((0.0, 0.0), 0, 600), ((20_000 / EAST_M, 0.0), 2000, 2600))
    route = tuple(Waypoint(lonlat_deg=at, earliest_us=us(a), latest_us=us(b)) for at, a, b in ends)
    return Plan(id="P", mover=mover(), route=route, **({"half_width_m": 100.0} | more))  # type: ignore[arg-type]


def track(fixes: Sequence[tuple[float, float, float]], *, accuracy_m: float = 10.0, **more: object) -> Track:
    """Fixes as seconds, metres east, metres north."""
    return exact_track(
        mover(),
        [us(t) for t, _, _ in fixes],
        [(east / EAST_M, north / NORTH_M) for _, east, north in fixes],
        accuracy_m=accuracy_m,
        **more,
    )


def driven(start_s: float, speed_mps: float, **more: float) -> Track:
    """The whole route at one speed, a fix a minute at most and one at the end."""
    times = np.append(np.arange(0, 20_000 / speed_mps, 50.0), 20_000 / speed_mps)
    return track([(start_s + t, speed_mps * t, 0.0) for t in times], **more)


def of_kind(plan: Plan, seen: Track, kind: str) -> list[Finding]:
    return [finding for finding in check_conformance(plan, seen).findings if finding.kind == kind]


def test_as_planned() -> None:
    result = check_conformance(a_plan(), driven(300.0, 10.0))
    assert [finding.kind for finding in result.findings] == ["gap", "on-plan", "gap"]
    quiet = result.findings[1]
    assert (quiet.verdict, quiet.observed) == (Verdict.CLEAR, (Interval(us(300), us(2300)),))
    # The plan's time is 0 to 2600 s; nobody looked before 300 and after 2300.
    assert result.coverage[0].gaps == (Interval(us(0), us(300)), Interval(us(2300), us(2600)))
    assert result.verdict is Verdict.NO_COVERAGE


@pytest.mark.parametrize(
    ("lateness_s", "verdict", "because"),
    [(0.0, Verdict.BREACH, ""), (298.0, Verdict.BREACH, ""), (300.0, Verdict.POSSIBLE, "within-margin")],
)
def test_behind_by_five_minutes(lateness_s: float, verdict: Verdict, because: str) -> None:
    # Leaves at 900 s: 300 s after the latest all along; 10 m of accuracy are 1 s at 10 m/s.
    (finding,) = of_kind(a_plan(lateness_s=lateness_s), driven(900.0, 10.0), "behind")
    left = finding.deviation
    assert left is not None and left.late_s is not None
    assert (finding.verdict, finding.because) == (verdict, because)
    assert left.late_s == pytest.approx(300.0, abs=0.01)
    assert (left.late_low_s, left.late_high_s) == (
        pytest.approx(299.0, abs=0.01),
        pytest.approx(301.0, abs=0.01),
    )
    assert left.first.t_us == us(900)


def test_behind_within_the_accuracy_is_possible() -> None:
    # Half a second late, and the accuracy is worth a second.
    (finding,) = of_kind(a_plan(), driven(600.5, 10.0), "behind")
    assert (finding.verdict, finding.because) == (Verdict.POSSIBLE, "within-accuracy-of-plan")
    assert not of_kind(a_plan(), driven(598.9, 10.0), "behind")


def test_ahead_and_how_early() -> None:
    # At 20 m/s from 0 s: at x the earliest is x / 10 and it is there at x / 20, so at the end 1000 s early.
    (finding,) = of_kind(a_plan(), driven(0.0, 20.0), "ahead")
    left = finding.deviation
    assert finding.verdict is Verdict.BREACH and left is not None
    assert left.late_s == pytest.approx(-1000.0, abs=0.01)
    assert left.worst.t_us == us(1000)


def test_waiting_at_the_start_is_not_ahead() -> None:
    # Stands there before and within the window, then drives as planned.
    waiting = [(t, 0.0, 0.0) for t in range(0, 301, 60)]
    driving = [(300 + t, 10.0 * t, 0.0) for t in range(60, 2001, 20)]
    seen = track(waiting + driving)
    assert not of_kind(a_plan(), seen, "ahead")
    assert not of_kind(a_plan(), seen, "unnotified")


def test_off_the_route_where_when_and_how_far() -> None:
    # From 5 km to 6 km it goes 300 m north in 100 s, and back by 7 km. The corridor is 100 m, so it leaves a third
    # of the way up, at 800 + 33.3 s, and is 200 m outside at the most, at 900 s.
    way = [(300.0, 0.0, 0.0), (550.0, 2500.0, 0.0), (800.0, 5000.0, 0.0), (900.0, 6000.0, 300.0)]
    way += [(1000.0, 7000.0, 0.0), (1250.0, 9500.0, 0.0)]
    (finding,) = of_kind(a_plan(), track(way), "off-route")
    left = finding.deviation
    assert finding.verdict is Verdict.BREACH and left is not None
    assert left.off_m == pytest.approx(200.0, abs=0.2)
    assert (left.off_low_m, left.off_high_m) == (
        pytest.approx(190.0, abs=0.2),
        pytest.approx(210.0, abs=0.2),
    )
    assert left.worst.t_us == us(900)
    assert left.first.t_us == pytest.approx(us(833.333), abs=us(0.1))
    assert left.first.lonlat_deg[0] * EAST_M == pytest.approx(5333.3, abs=1.0)


@pytest.mark.parametrize(
    ("north_m", "more", "verdict", "because"),
    [
        (85.0, {}, None, ""),
        (95.0, {}, Verdict.POSSIBLE, "within-accuracy-of-plan"),
        (105.0, {}, Verdict.POSSIBLE, "within-accuracy-of-plan"),
        (150.0, {}, Verdict.BREACH, ""),
        (150.0, {"drift_m": 60.0}, Verdict.POSSIBLE, "within-margin"),
    ],
)
def test_beside_the_edge_of_the_corridor(
    north_m: float, more: dict[str, float], verdict: Verdict | None, because: str
) -> None:
    # One hour's worth is one stretch beside the edge; a corridor of 100 m, fixes to 10 m.
    seen = track([(300.0 + t, 10.0 * t, north_m) for t in range(0, 2001, 50)])
    found = of_kind(a_plan(**more), seen, "off-route")
    assert [(finding.verdict, finding.because) for finding in found] == (
        [] if verdict is None else [(verdict, because)]
    )


def test_accuracy_not_stated_is_never_certain() -> None:
    seen = track([(300.0 + t, 10.0 * t, 500.0) for t in range(0, 2001, 50)], accuracy_m=float("nan"))
    (finding,) = of_kind(a_plan(), seen, "off-route")
    assert (finding.verdict, finding.because) == (Verdict.POSSIBLE, "accuracy-not-stated")


def test_a_gap_is_not_quiet() -> None:
    whole = driven(300.0, 10.0)
    kept = np.r_[0:10, 25 : len(whole)]  # 300 to 750 s, then from 1550 s
    holes = replace(
        whole,
        t_us=whole.t_us[kept], lonlat_deg=whole.lonlat_deg[kept], accuracy_m=whole.accuracy_m[kept],
        altitude_m=whole.altitude_m[kept],
    )  # fmt: skip
    gaps = [finding.interval for finding in of_kind(a_plan(), holes, "gap")]
    assert Interval(us(750), us(1550)) in gaps


def test_what_no_plan_covers_is_not_notified() -> None:
    # The plan ends at 2600 s at 20 km; the mover goes on.
    onwards = [(2700.0 + t, 20_000 + 10.0 * t, 0.0) for t in range(0, 301, 60)]
    (finding,) = of_kind(a_plan(), track(onwards), "unnotified")
    assert (finding.verdict, finding.interval) == (Verdict.BREACH, Interval(us(2700), us(3000)))
    resting = [(2700.0 + t, 20_000.0, 0.0) for t in range(0, 301, 60)]
    assert not of_kind(a_plan(), track(resting), "unnotified")
    nobody = check_conformance([], track(onwards))
    assert [finding.kind for finding in nobody.findings] == ["unnotified"]


def test_altitude() -> None:
    band = AltitudeBand(low_m=100.0, high_m=200.0, datum="msl")
    plan, seen = a_plan(altitude=band), driven(300.0, 10.0)
    heights = np.full(len(seen), 150.0)
    heights[4:7] = (210.0, 250.0, 205.0)
    (finding,) = of_kind(plan, replace(seen, altitude_m=heights, altitude_datum="msl"), "off-altitude")
    assert finding.deviation is not None
    assert (finding.verdict, finding.deviation.altitude_off_m) == (Verdict.POSSIBLE, 50.0)
    assert finding.interval == Interval(int(seen.t_us[4]), int(seen.t_us[6]))
    (other,) = of_kind(plan, replace(seen, altitude_m=heights, altitude_datum="baro"), "undetermined")
    assert other.because == "altitude-not-comparable"
    (unknown,) = of_kind(plan, seen, "undetermined")
    assert unknown.because == "altitude-not-recorded"


def test_a_route_out_and_back_is_followed_both_ways() -> None:
    # Out in the first window, back in the second, over the same ground: 10 m/s both ways, 300 s into the window.
    marks = ((0.0, 0, 600), (20_000.0, 2000, 2600), (0.0, 4000, 4600))
    route = tuple(
        Waypoint(lonlat_deg=(east / EAST_M, 0.0), earliest_us=us(a), latest_us=us(b)) for east, a, b in marks
    )
    plan = Plan(id="P", mover=mover(), route=route, half_width_m=100.0)
    way = [(300.0 + t, 10.0 * t if t <= 2000 else 40_000 - 10.0 * t, 0.0) for t in range(0, 4001, 50)]
    assert {finding.kind for finding in check_conformance(plan, track(way)).findings} == {"gap", "on-plan"}


def test_a_stay_at_a_place() -> None:
    stay = Plan(
        id="P",
        mover=mover(),
        route=(Waypoint(lonlat_deg=(0.0, 0.0), earliest_us=us(0), latest_us=us(600)),),
        half_width_m=100.0,
    )
    assert {
        finding.kind
        for finding in check_conformance(stay, track([(0, 0, 0), (300, 50, 0), (600, 0, 0)])).findings
    } == {"on-plan"}
    assert of_kind(stay, track([(0, 0, 0), (300, 400, 0), (600, 0, 0)]), "off-route")
