"""Plans against clauses and other plans, with numbers worked out by hand on the equator.

Along the equator of WGS 84 a degree is 6378137 m x pi / 180 = 111319.49 m; of latitude, next to the equator, it is
6335439.33 m (the meridian's radius there, b^2 / a) x pi / 180 = 110574.28 m.
"""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import InputError, UsageError
from truceline.model.agreement import (
    Agreement,
    Circle,
    KeepOut,
    Selector,
    Separate,
    Suspension,
    Validity,
    Withdraw,
)
from truceline.model.finding import Finding, Verdict
from truceline.model.plan import AltitudeBand, NotifiedMovement, Plan, Volume4D, Waypoint
from truceline.rules.plans import NotifiedMovements, check_plan
from truceline.testing.builders import mover, one_clause
from truceline.timebase import Interval
from truceline.words import verdict_words

EAST_M, NORTH_M = 111319.49, 110574.28
HOUR_US = 3_600_000_000
ZONE = Circle(centre_deg=(0.0, 0.0), radius_m=10_000.0)


def waypoint(east_m: float, north_m: float, earliest_h: float, latest_h: float) -> Waypoint:
    return Waypoint(
        lonlat_deg=(east_m / EAST_M, north_m / NORTH_M),
        earliest_us=round(earliest_h * HOUR_US),
        latest_us=round(latest_h * HOUR_US),
    )


def plan_at(
    north_m: float, name: str = "P", *, party: str | None = "a", start_h: float = 0.0, **more: object
) -> Plan:
    """From 20 km west to 20 km east, so far north of the equator, in three hours."""
    settings = {"half_width_m": 100.0} | more
    return Plan(
        id=name,
        mover=mover(f"mover of {name}", party=party),
        route=(
            waypoint(-20_000, north_m, start_h, start_h + 1),
            waypoint(20_000, north_m, start_h + 2, start_h + 3),
        ),
        **settings,  # type: ignore[arg-type]
    )


def separated(distance_m: float | None = 500.0) -> Agreement:
    rule = Separate(
        first=Selector(parties=frozenset({"a"})),
        second=Selector(parties=frozenset({"b"})),
        distance_m=distance_m,
    )
    return one_clause(rule)


def only(result_findings: tuple[Finding, ...]) -> Finding:
    (finding,) = result_findings
    return finding


# ---------------------------------------------------------------- areas


def test_a_line_through_the_zone_is_a_conflict_and_says_where() -> None:
    finding = only(check_plan(one_clause(KeepOut(where=ZONE)), plan_at(0.0)).findings)
    assert (finding.kind, finding.verdict, finding.legs) == ("plan-conflict", Verdict.BREACH, (0,))
    visit = finding.incursion
    assert visit is not None and visit.entry is not None and visit.exit is not None
    assert visit.depth_m == pytest.approx(10_000, abs=0.5)  # through the middle
    assert visit.entry.lonlat_deg[0] * EAST_M == pytest.approx(-10_000, abs=0.5)
    assert visit.exit.lonlat_deg[0] * EAST_M == pytest.approx(10_000, abs=0.5)
    assert finding.interval == Interval(0, 3 * HOUR_US)


@pytest.mark.parametrize(
    ("north_m", "more", "verdict"),
    [
        # 400 m clear of the edge: a corridor of 300 m leaves 100 m.
        (10_400, {"half_width_m": 300.0}, Verdict.CLEAR),
        (10_400, {"half_width_m": 500.0}, Verdict.POSSIBLE),
        (10_400, {"half_width_m": 300.0, "drift_m": 150.0}, Verdict.POSSIBLE),
        (9_900, {"half_width_m": 0.0}, Verdict.BREACH),
    ],
)
def test_line_corridor_and_margin(north_m: float, more: dict[str, float], verdict: Verdict) -> None:
    finding = only(check_plan(one_clause(KeepOut(where=ZONE)), plan_at(north_m, **more)).findings)
    assert finding.verdict is verdict
    if verdict is Verdict.CLEAR:
        assert finding.margin_m == pytest.approx(100, abs=1.0)
        assert finding.kind == "no-conflict"
    if verdict is Verdict.POSSIBLE:
        assert finding.because == "within-corridor"


def test_the_accuracy_of_the_line_counts_both_ways() -> None:
    # 100 m inside a boundary known to 150 m: the line itself may be outside.
    vague = KeepOut(where=Circle(centre_deg=(0.0, 0.0), radius_m=10_000.0, accuracy_m=150.0))
    assert only(check_plan(one_clause(vague), plan_at(9_900)).findings).verdict is Verdict.POSSIBLE
    # 200 m outside with a corridor of 100 m: 150 m of accuracy reach it.
    assert only(check_plan(one_clause(vague), plan_at(10_200)).findings).verdict is Verdict.POSSIBLE
    assert only(check_plan(one_clause(vague), plan_at(10_260)).findings).verdict is Verdict.CLEAR


def test_what_the_parties_overlook_is_overlooked() -> None:
    agreement = one_clause(KeepOut(where=ZONE), tolerance_m=300.0)
    assert only(check_plan(agreement, plan_at(9_900)).findings).verdict is Verdict.CLEAR  # 100 + 100 < 300


@pytest.mark.parametrize(
    ("hours", "lateness_s", "expected"),
    [
        ((0, 9), 0.0, (Verdict.BREACH, "")),
        ((2, 9), 0.0, (Verdict.POSSIBLE, "in-force-in-part")),
        ((3, 9), 0.0, None),  # over before it begins, to the microsecond
        ((3, 9), 1.0, (Verdict.POSSIBLE, "in-force-in-part")),
    ],
)
def test_force_and_lateness(
    hours: tuple[int, int], lateness_s: float, expected: tuple[Verdict, str] | None
) -> None:
    force = Validity(interval=Interval(hours[0] * HOUR_US, hours[1] * HOUR_US))
    result = check_plan(one_clause(KeepOut(where=ZONE), validity=force), plan_at(0.0, lateness_s=lateness_s))
    if expected is None:
        assert [item.because for item in result.not_applied] == ["not-in-force"]
        assert not result.findings
    else:
        finding = only(result.findings)
        assert (finding.verdict, finding.because) == expected
        assert finding.interval is not None and finding.interval.start_us >= hours[0] * HOUR_US


def test_a_suspension_in_the_middle_leaves_the_rest_possible() -> None:
    hole = Suspension(interval=Interval(HOUR_US, 2 * HOUR_US), party="a")
    agreement = one_clause(KeepOut(where=ZONE), validity=Validity(suspensions=(hole,)))
    assert only(check_plan(agreement, plan_at(0.0)).findings).because == "in-force-in-part"


def test_only_the_legs_that_conflict_are_named() -> None:
    corners = [(-40_000, 0, 0, 1), (-20_000, 0, 1, 2), (20_000, 0, 2, 3), (40_000, 0, 3, 4)]
    plan = Plan(
        id="P", mover=mover(), route=tuple(waypoint(*corner) for corner in corners), half_width_m=100.0
    )
    finding = only(check_plan(one_clause(KeepOut(where=ZONE)), plan).findings)
    assert finding.legs == (1,)
    assert finding.interval == Interval(HOUR_US, 3 * HOUR_US)


def test_what_is_not_known_is_not_judged() -> None:
    bound = one_clause(KeepOut(where=ZONE), who=Selector(parties=frozenset({"a"})))
    assert only(check_plan(bound, plan_at(0.0, party=None)).findings).because == "party-unknown"
    assert only(check_plan(bound, plan_at(20_000.0, party=None)).findings).verdict is Verdict.CLEAR
    unpublished = one_clause(Withdraw(per_side_m=None, too_near={}))
    finding = only(check_plan(unpublished, plan_at(0.0)).findings)
    assert (finding.verdict, finding.because) == (Verdict.NOT_EVALUATED, "number-not-published")
    assert not check_plan(bound, plan_at(0.0, party="b")).findings


# ---------------------------------------------------------------- other movements


@pytest.mark.parametrize(
    ("north_m", "start_h", "lateness_s", "expected"),
    [
        (800, 0.0, 0.0, ("no-conflict", Verdict.CLEAR)),  # 800 - 100 - 100 = 600
        (600, 0.0, 0.0, ("plan-encounter", Verdict.POSSIBLE)),  # 600 - 100 - 100 = 400
        (400, 0.0, 0.0, ("plan-encounter", Verdict.BREACH)),
        (400, 3.0, 0.0, ("no-conflict", Verdict.CLEAR)),  # begins as the other ends
        (400, 3.0, 60.0, ("plan-encounter", Verdict.POSSIBLE)),
    ],
)
def test_separation(north_m: float, start_h: float, lateness_s: float, expected: tuple[str, Verdict]) -> None:
    other = plan_at(north_m, "Q", party="b", start_h=start_h)
    finding = only(check_plan(separated(), plan_at(0.0, lateness_s=lateness_s), [other]).findings)
    assert (finding.kind, finding.verdict) == expected
    met = finding.encounter
    if met is not None:
        assert met.distance_m == pytest.approx(north_m, abs=0.5)
        assert met.distance_low_m == pytest.approx(north_m - 200, abs=0.5)
        assert (met.separation_m, met.other_mover, met.other_party) == (500.0, "Q", "b")


def test_separation_without_number_or_without_others() -> None:
    other = plan_at(0.0, "Q", party="b")
    assert only(check_plan(separated(None), plan_at(0.0), [other]).findings[:1]).because == (
        "number-not-published"
    )
    alone = only(check_plan(separated(), plan_at(0.0)).findings)
    assert (alone.verdict, alone.because) == (Verdict.NO_COVERAGE, "nothing-notified")
    unbound = check_plan(separated(), plan_at(9_000.0, party="c"), [other])
    assert [item.because for item in unbound.not_applied] == ["party"]


def test_movements_no_clause_speaks_of_are_possible_and_altitude_tells_them_apart() -> None:
    agreement = one_clause(KeepOut(where=Circle(centre_deg=(50.0, 50.0), radius_m=10.0)))

    def kinds(mine: AltitudeBand | None, theirs: AltitudeBand | None) -> list[str]:
        other = plan_at(150.0, "Q", party="b", altitude=theirs)
        result = check_plan(agreement, plan_at(0.0, altitude=mine), [other])
        return [finding.kind for finding in result.findings if finding.kind != "no-conflict"]

    low, high = (
        AltitudeBand(low_m=0, high_m=100, datum="msl"),
        AltitudeBand(low_m=101, high_m=200, datum="msl"),
    )
    assert kinds(low, high) == []
    assert kinds(low, AltitudeBand(low_m=100, high_m=200, datum="msl")) == ["plan-overlap"]
    assert kinds(low, AltitudeBand(low_m=101, high_m=200, datum="agl")) == ["plan-overlap"]
    assert kinds(low, None) == ["plan-overlap"]


def test_a_plan_does_not_meet_itself_nor_the_order_of_others() -> None:
    others = [plan_at(north, f"Q{north}", party="b") for north in (100, 300, 450)]
    forwards = check_plan(separated(), plan_at(0.0), [plan_at(0.0), *others])
    backwards = check_plan(separated(), plan_at(0.0), [*others[::-1], plan_at(0.0)])
    assert [finding.id for finding in forwards.findings] == [finding.id for finding in backwards.findings]
    assert {finding.encounter.other_mover for finding in forwards.findings if finding.encounter} == {
        "Q100", "Q300", "Q450",
    }  # fmt: skip


def test_what_is_inserted_or_withdrawn_is_seen_by_the_next_check() -> None:
    held = NotifiedMovements([plan_at(100_000, "far", party="b")])
    assert only(check_plan(separated(), plan_at(0.0), held).findings).verdict is Verdict.CLEAR
    zone = Volume4D(
        lonlat_deg=((-0.1, -0.1), (0.1, -0.1), (0.0, 0.1)), ring=True, interval=Interval(0, HOUR_US)
    )
    held.insert(NotifiedMovement(id="zone", mover=mover("z", party="b"), volumes=(zone,)))
    assert only(check_plan(separated(), plan_at(0.0), held).findings).verdict is Verdict.BREACH
    with pytest.raises(UsageError, match="notified already: zone"):
        held.insert(NotifiedMovement(id="zone", mover=mover("z", party="b"), volumes=(zone,)))
    assert held.withdraw("zone") and not held.withdraw("zone")
    assert only(check_plan(separated(), plan_at(0.0), held).findings).verdict is Verdict.CLEAR


def test_no_permission_is_worded() -> None:
    result = check_plan(separated(), plan_at(0.0), [plan_at(9_000, "Q", party="b")], as_of_us=0)
    finding = only(result.findings)
    assert verdict_words(finding.verdict.value, finding.kind) == "no conflict found in the data held"
    assert result.notes == (
        "Data held as of 1970-01-01 00:00Z, 1 other movement among it. This gives no permission.",
    )


def test_a_sampler_never_finds_a_meeting_that_the_check_does_not() -> None:
    """Random pairs of plans; places and instants drawn at random in both corridors and windows."""
    rng = np.random.default_rng(7)
    limit_m, missed, met = 500.0, 0, 0
    for number in range(150):
        plans = [_random_plan(rng, f"{number}{name}", name) for name in "ab"]
        found = check_plan(separated(limit_m), plans[0], [plans[1]]).verdict is not Verdict.CLEAR
        near = _sampled_near(rng, plans[0], plans[1], limit_m)
        missed += near and not found
        met += near
    assert missed == 0
    assert met > 20


def _random_plan(rng: np.random.Generator, name: str, party: str) -> Plan:
    points = np.cumsum(rng.uniform(-6000, 6000, (4, 2)), axis=0)
    times_h = np.sort(rng.uniform(0, 6, 5))
    return Plan(
        id=name,
        mover=mover(name, party=party),
        route=tuple(
            waypoint(*points[k].tolist(), times_h[k], max(times_h[k + 1], times_h[k])) for k in range(4)
        ),
        half_width_m=float(rng.uniform(0, 400)),
        drift_m=float(rng.uniform(0, 100)),
        lateness_s=float(rng.uniform(0, 900)),
    )


def _sampled_near(rng: np.random.Generator, a: Plan, b: Plan, limit_m: float) -> bool:
    """On the plane of metres: near the equator and within 30 km it is true to millimetres in a hundred metres."""
    draws = []
    for plan in (a, b):
        metres = np.array([w.lonlat_deg for w in plan.route]) * (EAST_M, NORTH_M)
        leg = rng.integers(0, 3, 4000)
        share = rng.random((4000, 1))
        aside, turn = (
            (plan.half_width_m + plan.drift_m) * rng.random(4000) ** 0.5,
            rng.uniform(0, 6.283, 4000),
        )
        place = metres[leg] + share * (metres[leg + 1] - metres[leg])
        place = place + aside[:, None] * np.column_stack([np.cos(turn), np.sin(turn)])
        starts = np.array([w.earliest_us for w in plan.route])[leg]
        ends = np.array([w.latest_us for w in plan.route])[leg + 1] + plan.lateness_s * 1e6
        draws.append((place, starts, ends))
    (pa, sa, ea), (pb, sb, eb) = draws
    both = np.minimum(ea, eb) - np.maximum(sa, sb) > 1
    return bool((both & (np.hypot(*(pa - pb).T) < limit_m - 0.5)).any())


# ---------------------------------------------------------------- nouns


def test_a_plan_that_cannot_be_meant_is_refused() -> None:
    with pytest.raises(InputError, match="the window of waypoint 2 lies before"):
        Plan(
            id="P",
            mover=mover(),
            route=(waypoint(0, 0, 2, 3), waypoint(1, 0, 1, 4)),
            half_width_m=1.0,
        )
    with pytest.raises(InputError, match="no route"):
        Plan(id="P", mover=mover(), route=(), half_width_m=1.0)
    with pytest.raises(InputError, match="half width is nan"):
        plan_at(0.0, half_width_m=float("nan"))
    with pytest.raises(InputError, match="latest time is before"):
        waypoint(0, 0, 2, 1)
    with pytest.raises(InputError, match="lower bound"):
        AltitudeBand(low_m=2, high_m=1, datum="msl")
