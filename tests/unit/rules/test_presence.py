"""Tracks against a line: visits, huggers, gaps, open ends, unreliable stretches. Arithmetic beside each."""

from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from truceline.model.agreement import (
    Circle,
    Combination,
    KeepOut,
    KeepSide,
    Line,
    Polygon,
    Selector,
    Separate,
    Side,
    Suspension,
    Validity,
)
from truceline.model.finding import Verdict
from truceline.model.movement import Track, exact_track
from truceline.rules import check_tracks
from truceline.testing.builders import mover, one_clause
from truceline.timebase import ALWAYS, Interval

# East-west along the equator; its left is the north, which party a must not be on.
LINE = Line(lonlat_deg=((-2.0, 0.0), (2.0, 0.0)))
NORTH = Side(line=LINE, side="left")
M_PER_DEG_LAT = Geodesic.WGS84.Inverse(0, 0, 0.01, 0)["s12"] / 0.01
M_PER_DEG_LON = Geodesic.WGS84.Inverse(0, 0, 0, 0.01)["s12"] / 0.01
T0 = 1_583_000_000_000_000
S = 1_000_000


def keep_side(line: Line = LINE, **more: object):
    shape = Side(line=line, side="left", accuracy_m=line.accuracy_m)
    return one_clause(KeepSide(line=line, forbidden={"a": shape}), **more)  # type: ignore[arg-type]


def xy_track(points: list[tuple[float, float, float]], **more: object) -> Track:
    """(seconds, metres east, metres north) near longitude 0, latitude 0."""
    who = more.pop("who", None) or mover()
    return exact_track(
        who,  # type: ignore[arg-type]
        [T0 + round(t * S) for t, _, _ in points],
        [(x / M_PER_DEG_LON, y / M_PER_DEG_LAT) for _, x, y in points],
        **more,  # type: ignore[arg-type]
    )


def incursions(track: Track, agreement=None):
    result = check_tracks(agreement or keep_side(), [track])
    return [item for item in result.findings if item.kind == "incursion"]


def test_entry_exit_depth_and_duration_are_interpolated() -> None:
    # South to north and back at 10 m/s: from y = -100 at 0 s to y = +200 at 30 s and back at 60 s.
    # The line is crossed at 10 s and at 50 s; deepest 200 m at 30 s.
    (finding,) = incursions(xy_track([(0, 0, -100), (30, 0, 200), (60, 0, -100)]))
    seen = finding.incursion
    assert finding.verdict is Verdict.BREACH
    assert seen.entry.t_us == pytest.approx(T0 + 10 * S, abs=20_000)  # 5 cm at 10 m/s is 5 ms
    assert seen.exit.t_us == pytest.approx(T0 + 50 * S, abs=20_000)
    assert seen.depth_m == pytest.approx(200, abs=0.05)
    assert seen.beyond_s == pytest.approx(40, abs=0.05)
    assert seen.crossings_count == 2
    assert abs(seen.entry.lonlat_deg[1]) * M_PER_DEG_LAT < 0.1


def test_an_excursion_between_two_fixes_is_found() -> None:
    # Both fixes 30 m south of a corner whose tip reaches the leg: a circle 100 m round, crossed inside a leg.
    agreement = one_clause(KeepOut(where=Circle(centre_deg=(0.0, 0.0), radius_m=100.0)))
    (finding,) = incursions(xy_track([(0, -1000, 0), (100, 1000, 0)]), agreement)
    # Straight through the centre at 20 m/s: inside from x = -100 (45 s) to x = 100 (55 s).
    assert finding.interval.start_us == pytest.approx(T0 + 45 * S, abs=20_000)
    assert finding.interval.end_us == pytest.approx(T0 + 55 * S, abs=20_000)
    assert finding.incursion.depth_m == pytest.approx(100, abs=0.05)


def test_several_visits_are_several_findings() -> None:
    points = [(0, 0, -300), (60, 0, 300), (120, 0, -300), (180, 0, 300), (240, 0, -300)]
    assert len(incursions(xy_track(points))) == 2


def test_a_visit_open_at_both_ends() -> None:
    (finding,) = incursions(xy_track([(0, 0, 50), (60, 100, 80)]))
    assert finding.incursion.entry is None
    assert finding.incursion.exit is None
    assert set(finding.marks) >= {"open-start", "open-end"}


def test_exactly_on_the_line_is_compliance() -> None:
    result = check_tracks(keep_side(), [xy_track([(0, -500, 0), (60, 500, 0)])])
    assert result.verdict is Verdict.CLEAR


def test_a_border_hugger_gives_one_alert_not_a_hundred() -> None:
    # An hour at 4 m inside its own side, GPS sigma 4 m with 60 s correlation: tens of raw crossings.
    rng = np.random.default_rng(3)
    keep = np.exp(-1 / 60)
    error = np.zeros(3600)
    for second in range(1, 3600):
        error[second] = keep * error[second - 1] + rng.normal(0, 4 * np.sqrt(1 - keep**2))
    points = [(t, 5.0 * t, -4.0 + error[t]) for t in range(3600)]
    raw_crossings = int(np.sum(np.diff(np.sign(error - 4.0)) != 0))
    assert raw_crossings > 20
    findings = check_tracks(keep_side(), [xy_track(points, accuracy_m=9.8)]).findings
    alerts = [item for item in findings if item.verdict is not Verdict.CLEAR]
    assert len(alerts) == 1
    assert alerts[0].verdict is Verdict.POSSIBLE


def test_a_line_kilometres_off_makes_shallow_visits_possible_and_deep_ones_breaches() -> None:
    vague = Line(lonlat_deg=LINE.lonlat_deg, accuracy_m=3_000.0)
    shallow = xy_track([(0, 0, -2_000), (200, 0, 2_000), (400, 0, -2_000)])
    deep = xy_track([(0, 0, -2_000), (400, 0, 6_000), (800, 0, -2_000)], longest_gap_s=600)
    (one,), (two,) = incursions(shallow, keep_side(vague)), incursions(deep, keep_side(vague))
    assert one.verdict is Verdict.POSSIBLE
    assert 0.5 < one.probability < 1
    assert two.verdict is Verdict.BREACH
    assert two.incursion.depth_low_m == pytest.approx(3_000, abs=1)
    assert two.incursion.depth_high_m == pytest.approx(9_000, abs=1)


def test_near_the_line_within_accuracy_is_possible() -> None:
    vague = Line(lonlat_deg=LINE.lonlat_deg, accuracy_m=500.0)
    result = check_tracks(keep_side(vague), [xy_track([(0, 0, -400), (60, 300, -400)], accuracy_m=10)])
    (finding,) = [item for item in result.findings if item.kind == "near-line"]
    assert finding.verdict is Verdict.POSSIBLE
    # 400 m short with sigma 500/1.96 = 255.1 and 10/2.448 = 4.1: z = -1.568, P = .058
    assert finding.probability == pytest.approx(0.0584, abs=0.001)


def test_an_unstated_accuracy_is_never_certain() -> None:
    (finding,) = incursions(xy_track([(0, 0, 5_000), (60, 0, 5_100)], accuracy_m=float("nan")))
    assert finding.verdict is Verdict.POSSIBLE
    assert finding.because == "accuracy-not-stated"
    assert finding.probability is None


def test_a_quiet_answer_from_positions_of_unstated_accuracy_says_so() -> None:
    result = check_tracks(keep_side(), [xy_track([(0, 0, -50), (60, 0, -60)], accuracy_m=float("nan"))])
    (finding,) = result.findings
    assert finding.verdict is Verdict.CLEAR
    assert "accuracy-not-stated" in finding.marks


@pytest.mark.parametrize(("apart_m", "verdict"), [(469, Verdict.BREACH), (471, Verdict.POSSIBLE)])
def test_two_single_fixes_are_too_near_only_beyond_both_accuracies(apart_m: float, verdict: Verdict) -> None:
    # 500 m agreed, both movers known to 15 m: a breach below 500 - 15 - 15 = 470 m.
    rule = Separate(
        first=Selector(parties=frozenset("a")), second=Selector(parties=frozenset("b")), distance_m=500
    )
    one = xy_track([(0, 0, 0)], accuracy_m=15)
    two = xy_track([(0, apart_m, 0)], accuracy_m=15, who=mover("two", party="b"))
    assert check_tracks(one_clause(rule), [one, two]).verdict is verdict


def test_a_tolerance_is_taken_off_before_judging() -> None:
    track = xy_track([(0, 0, -100), (30, 0, 40), (60, 0, -100)])
    assert incursions(track, keep_side(tolerance_m=50.0)) == []
    assert len(incursions(track, keep_side(tolerance_m=30.0))) == 1


def test_a_gap_near_the_line_is_possible_and_far_from_it_is_not() -> None:
    # 20 min unseen at up to 50 m/s is 60 km of travel: from 1 km away the line is in reach, from 40 km not.
    near = xy_track([(0, 0, -1_000), (1200, 100, -1_000)])
    far = xy_track([(0, 0, -40_000), (1200, 100, -40_000)])
    seen = check_tracks(keep_side(), [near]).findings
    assert [item.verdict for item in seen if item.kind == "gap"] == [Verdict.POSSIBLE]
    assert check_tracks(keep_side(), [far]).verdict is Verdict.CLEAR


def test_reach_is_exact_for_a_half_plane() -> None:
    # Two fixes d = 3 km short of the line and 8 km apart along it: the shortest way that touches the line
    # is twice hypot(4, 3) = 10 km. At 10 m/s that takes 1,000 s.
    who = mover(top_speed_mps=10.0)
    for seconds, expected in ((990, Verdict.CLEAR), (1020, Verdict.POSSIBLE)):
        track = xy_track([(0, 0, -3_000), (seconds, 8_000, -3_000)], who=who)
        assert check_tracks(keep_side(), [track]).verdict is expected, seconds


def test_a_spoofed_stretch_cannot_be_determined() -> None:
    # A patrol on its own side; for two minutes its positions jump 30 km past the line and back.
    real = [(t, 5.0 * t, -2_000.0) for t in range(0, 600, 10)]
    fake = [(t, 5.0 * t, 30_000.0) for t in range(600, 720, 10)]
    rest = [(t, 5.0 * t, -2_000.0) for t in range(720, 1400, 10)]
    result = check_tracks(keep_side(), [xy_track(real + fake + rest)])
    assert not [item for item in result.findings if item.kind == "incursion"]
    (finding,) = [item for item in result.findings if item.because == "positions-unreliable"]
    assert finding.verdict is Verdict.NOT_EVALUATED
    assert result.coverage[0].unreliable[0].duration_s == pytest.approx(110)


def test_two_halves_of_which_one_is_false_are_both_doubtful() -> None:
    here = [(t, 5.0 * t, -2_000.0) for t in range(0, 600, 10)]
    there = [(t, 5.0 * t, 90_000.0) for t in range(600, 1200, 10)]
    result = check_tracks(keep_side(), [xy_track(here + there)])
    assert result.verdict is Verdict.NOT_EVALUATED


def test_an_unreliable_fix_at_the_start_is_shown_and_not_judged() -> None:
    # One fix 30 km past the line, then an hour 2 km on the own side: 32 km in 10 s is no vehicle.
    rest = [(t, 5.0 * t, -2_000.0) for t in range(10, 3600, 10)]
    result = check_tracks(keep_side(), [xy_track([(0, 0, 30_000.0), *rest])])
    assert [item.because for item in result.findings if item.verdict is Verdict.NOT_EVALUATED] == [
        "positions-unreliable"
    ]
    assert result.findings[0].interval.start_us == T0


def test_a_suspension_cuts_the_track_at_its_instant() -> None:
    # North of the line throughout; suspended for a from 30 s on: only the first 30 s are judged.
    hole = Interval(T0 + 30 * S, T0 + 3_600 * S)
    agreement = keep_side(
        validity=Validity(interval=ALWAYS, suspensions=(Suspension(interval=hole, party="a"),))
    )
    (finding,) = incursions(xy_track([(0, 0, 500), (60, 0, 500)]), agreement)
    assert finding.interval == Interval(T0, T0 + 30 * S)


def test_unknown_party_is_not_evaluated_only_where_it_matters() -> None:
    who = mover(party=None)
    agreement = one_clause(
        KeepOut(where=Circle(centre_deg=(0.0, 0.0), radius_m=1_000.0)), who=Selector(parties=frozenset({"a"}))
    )
    inside = check_tracks(agreement, [xy_track([(0, 0, 0), (60, 10, 0)], who=who)])
    outside = check_tracks(agreement, [xy_track([(0, 0, 9_000), (60, 10, 9_000)], who=who)])
    assert inside.verdict is Verdict.NOT_EVALUATED
    assert outside.verdict is Verdict.CLEAR


def test_an_uncertain_line_cannot_become_certain_through_a_sharp_one() -> None:
    # Inside both a sharp box and, by 1 km, a side known to 5 km: the sharp box must not make it a BREACH.
    box = Polygon(polygons=((((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)),),))
    vague = Side(line=Line(lonlat_deg=LINE.lonlat_deg, accuracy_m=5_000.0), side="left", accuracy_m=5_000.0)
    agreement = one_clause(KeepOut(where=Combination(op="intersection", parts=(box, vague))))
    (finding,) = incursions(xy_track([(0, 0, 1_000), (60, 10, 1_000)]), agreement)
    assert finding.verdict is Verdict.POSSIBLE
