"""Cases that once gave a wrong answer: missed, invented, dependent on order, or sharing an id."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.kernels import Region
from truceline.model.agreement import (
    Circle,
    Combination,
    Exemption,
    KeepOut,
    Line,
    Selector,
    Separate,
    Shape,
    Side,
)
from truceline.model.finding import CheckResult, Verdict
from truceline.model.movement import Path, Track
from truceline.rules import check_tracks
from truceline.testing.builders import mover, one_clause
from truceline.timebase import Interval

# Metres in a degree at longitude 0, latitude 0 (WGS 84: a pi / 180, and a (1 - e^2) pi / 180).
M_PER_DEG_LON, M_PER_DEG_LAT = 111_319.4908, 110_574.2757
T0 = 1_583_000_000_000_000
S = 1_000_000
NORTH = Side(line=Line(lonlat_deg=((-2.0, 0.0), (2.0, 0.0))), side="left")
EAST = Side(line=Line(lonlat_deg=((0.0, -2.0), (0.0, 2.0))), side="right")
A_AND_B = Separate(
    first=Selector(parties=frozenset("a")), second=Selector(parties=frozenset("b")), distance_m=1_000.0
)
ANY_TWO = Separate(first=Selector(), second=Selector(), distance_m=1_000.0)


def made(
    points: list[tuple[float, float, float]],
    name: str = "one",
    *,
    accuracy_m: object = 0.0,
    mover_class: str | None = "vehicle",
    party: str = "a",
    **more: object,
) -> Track:
    """(seconds, metres east, metres north); ``more`` says more of the mover."""
    return Track(
        mover=mover(name, party=party, mover_class=mover_class, **more),
        t_us=np.array([T0 + round(t * S) for t, _, _ in points]),
        lonlat_deg=np.array([(x / M_PER_DEG_LON, y / M_PER_DEG_LAT) for _, x, y in points]),
        accuracy_m=np.broadcast_to(np.asarray(accuracy_m, dtype=float), (len(points),)).copy(),
        altitude_m=np.full(len(points), np.nan),
    )


def verdicts(result: CheckResult) -> list[tuple[str, Verdict]]:
    return [(item.kind, item.verdict) for item in result.findings]


def keep_out(where: Shape):
    return one_clause(KeepOut(where=where))


def test_a_spoofed_fix_far_away_does_not_hide_what_was_within_reach() -> None:
    # Two kilometres outside at 0 and 120 s, and 100 km off in between. At 50 m/s 6 km can be gone in that
    # time: 1 km past the edge and back. The far fix must not make the track look far from the area.
    points = [(t, 0.0, -2_000.0) for t in range(-300, 1, 60)]
    points += [(60, 0.0, -102_000.0)] + [(t, 0.0, -2_000.0) for t in range(120, 421, 60)]
    for speed in ({}, {"mover_class": None}):
        found = check_tracks(keep_out(NORTH), [made(points, **speed)])  # type: ignore[arg-type]
        assert found.verdict is Verdict.NOT_EVALUATED
        (gap,) = [item for item in found.findings if item.interval is not None]
        assert gap.interval == Interval(T0, T0 + 120 * S)


def test_a_worse_fix_further_off_may_be_past_where_the_nearest_one_is_not() -> None:
    # Exact at 50 m short of the line; at 60 m short known to 100 m: -60 + 100 = 40 m past at most.
    track = made([(0, 0, -50), (60, 0, -60), (120, 0, -60), (180, 0, -60)], accuracy_m=[0, 0, 0, 100])
    found = check_tracks(keep_out(NORTH), [track])
    (near,) = [item for item in found.findings if item.kind == "near-line"]
    assert near.verdict is Verdict.POSSIBLE
    assert near.incursion.depth_high_m == pytest.approx(40, abs=0.01)


def test_a_worse_leg_may_be_past_between_its_fixes() -> None:
    # The leg of the poor fixes (30 m) passes a circle of 100 m at 120 m from its centre: 20 m short, so 10 m
    # past at most, half way between fixes 1,000 m to either side. The exact fix is 15 m short of it.
    points = [(0, 0, -115), (60, 0, -600), (120, -1000, 120), (180, 1000, 120)]
    track = made(points, accuracy_m=[0, 0, 30, 30])
    found = check_tracks(keep_out(Circle(centre_deg=(0.0, 0.0), radius_m=100.0)), [track])
    (near,) = [item for item in found.findings if item.kind == "near-line"]
    assert near.incursion.depth_high_m == pytest.approx(10, abs=0.1)
    assert near.incursion.deepest.t_us == pytest.approx(T0 + 150 * S, abs=S // 2)


VAGUE = Combination(
    op="union",
    parts=(
        Circle(centre_deg=(0.0, 0.0), radius_m=100.0),
        Circle(centre_deg=(0.1, 0.0), radius_m=100.0, accuracy_m=1_000.0),
    ),
)


def test_a_vaguer_boundary_further_off_may_be_past_where_the_nearest_one_is_not() -> None:
    # 10 m south of the exact circle, then 500 m south of the one known to 1,000 m: 500 m inside at most.
    # The circles are 0.1 degree = 11,131.9 m apart.
    points = [(0, 0.0, -110.0), (250, 11_131.9, -600.0)]
    found = check_tracks(keep_out(VAGUE), [made(points)])
    (near,) = [item for item in found.findings if item.kind == "near-line"]
    assert near.incursion.depth_high_m == pytest.approx(500, abs=1)
    path = Path(
        mover=mover(),
        lonlat_deg=np.array([(x / M_PER_DEG_LON, y / M_PER_DEG_LAT) for _, x, y in points]),
        span=Interval(T0, T0 + 300 * S),
        accuracy_m=0.0,
    )
    (drawn,) = check_tracks(keep_out(VAGUE), [], [path]).findings
    assert drawn.verdict is Verdict.POSSIBLE


def test_the_widest_region_is_as_deep_as_the_greatest_depth() -> None:
    exact, vague = (
        Region.circle((0.0, 0.0), 2_000.0),
        Region.circle((0.01, 0.0), 900.0, accuracy_m=300.0),
    )
    places = np.random.default_rng(1).normal(0, 0.02, (200, 2))
    for region in (exact.union(vague), exact.difference(vague), exact.intersection(vague)):
        assert np.allclose(region.widest().depth_m(places), region.depth_range_m(places)[1])


def test_just_past_one_boundary_and_then_just_past_another_is_not_deep_past_both() -> None:
    # Inside a corner by 1 m at either end, known to 200 m; outside it by 100 m in between.
    corner = Combination(op="intersection", parts=(EAST, NORTH))
    points = [(0, 1, 5_000), (20, -100, 2_500), (30, -100, -100), (40, 2_500, -100), (55, 5_000, 1)]
    track = made(points, accuracy_m=200.0, mover_class="fixed-wing")
    found = [
        item for item in check_tracks(keep_out(corner), [track]).findings if item.verdict is not Verdict.CLEAR
    ]
    assert [item.verdict for item in found] == [Verdict.POSSIBLE]
    assert found[0].probability < 0.6


def test_a_leg_longer_than_a_window_straight_through_an_area_is_a_breach() -> None:
    # The only fix inside is 10 cm inside; the leg from it goes through the middle, 1,000 m deep.
    track = made([(0, -999.9, 0), (100, 1_500, 0)], accuracy_m=10.0)
    (found,) = [
        item
        for item in check_tracks(keep_out(Circle(centre_deg=(0.0, 0.0), radius_m=1_000.0)), [track]).findings
        if item.kind == "incursion"
    ]
    assert found.verdict is Verdict.BREACH
    assert found.incursion.depth_m == pytest.approx(1_000, abs=0.1)


def test_an_exempt_mover_is_not_held_to_a_separation() -> None:
    exempt = (Exemption(purposes=frozenset({"medevac"}), text="Medical evacuation."),)
    other = made([(0, 0, 100), (100, 1_000, 100)], "B", party="b")
    found = check_tracks(
        one_clause(A_AND_B, exemptions=exempt),
        [made([(0, 0, 0), (100, 1_000, 0)], "A", purpose="medevac"), other],
    )
    assert found.findings == ()
    assert [(item.subject, item.because) for item in found.not_applied] == [("A x B", "exempt")]


def test_exempt_ground_exempts_no_longer_than_one_is_on_it() -> None:
    # Closest (0 m) on exempt ground of 200 m; left after 20 s at 10 m/s, still within 1,000 m of the other.
    exempt = (Exemption(where=Circle(centre_deg=(0.0, 0.0), radius_m=200.0)),)
    tracks = [
        made([(0, 0, 0), (100, 1_000, 0)], "A"),
        made([(0, 0, 0), (100, 1_000, 300)], "B", party="b"),
    ]
    (found,) = check_tracks(one_clause(A_AND_B, exemptions=exempt), tracks).findings
    assert found.verdict is Verdict.BREACH
    assert found.interval.start_us == pytest.approx(T0 + 20 * S, abs=20_000)
    assert found.encounter.distance_m == pytest.approx(60, abs=0.2)  # 300 m in 100 s, after 20 s


def test_who_is_exempt_does_not_depend_on_names() -> None:
    exempt = (Exemption(where=Circle(centre_deg=(0.0, 0.0), radius_m=50.0)),)
    results = [
        check_tracks(
            one_clause(ANY_TWO, exemptions=exempt),
            [made([(0, 0, 0), (100, 0, 10)], here), made([(0, 0, 200), (100, 0, 190)], there)],
        )
        for here, there in (("A", "B"), ("B", "A"))
    ]
    assert verdicts(results[0]) == verdicts(results[1]) == [("encounter", Verdict.BREACH)]


def test_a_pair_bound_for_certain_one_way_round_is_judged_that_way() -> None:
    rule = Separate(first=Selector(classes=frozenset({"warship"})), second=Selector(), distance_m=1_000.0)
    tracks = [
        made([(0, 0, 0), (100, 1_000, 0)], "A", mover_class=None),
        made([(0, 0, 100), (100, 1_000, 100)], "B", mover_class="warship"),
    ]
    assert check_tracks(one_clause(rule), tracks).verdict is Verdict.BREACH


@pytest.mark.parametrize(
    "second", [[(100.0, 100.0, 0.0)], [(100.0, 100.0, 0.0), (200.0, 200.0, 0.0)]], ids=["one-fix", "two"]
)
def test_two_records_that_share_one_instant_and_place_are_an_encounter(second: list) -> None:
    tracks = [made([(0, 0, 0), (100, 100, 0)], "A"), made(second, "B", party="b")]
    (found,) = check_tracks(one_clause(A_AND_B), tracks).findings
    assert (found.verdict, found.encounter.distance_m) == (Verdict.BREACH, 0)


def test_two_tracks_of_one_mover_in_one_file_have_findings_of_their_own() -> None:
    tracks = [
        made([(0, 0, 0), (100, 0, 0)], "A"),
        made([(0, 0, 50), (100, 0, 50)], "A"),
        made([(0, 500, 0), (100, 500, 0)], "B", party="b"),
    ]
    for agreement in (
        one_clause(A_AND_B),
        keep_out(EAST),
        keep_out(Circle(centre_deg=(0.0, 0.0), radius_m=99.0)),
    ):
        found = check_tracks(agreement, tracks)
        assert len({item.id for item in found.findings}) == len(found.findings) > 1
        assert check_tracks(agreement, tracks[::-1]) == found
