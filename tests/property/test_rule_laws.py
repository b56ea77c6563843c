"""Laws of the verdicts: what a verdict must not depend on, and what must always hold between numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.model.agreement import Circle, KeepOut, KeepSide, Line, Polygon, Selector, Separate, Side
from truceline.model.finding import CheckResult, Finding, Verdict
from truceline.model.movement import Track, exact_track
from truceline.rules import check_tracks
from truceline.testing.builders import mover, one_clause

T0 = 1_583_000_000_000_000
S = 1_000_000
SQUARE = ((-0.02, -0.02), (0.02, -0.02), (0.02, 0.02), (-0.02, 0.02))

offsets = st.floats(-0.05, 0.05, allow_nan=False).map(lambda value: round(value, 6))
walks = st.lists(st.tuples(offsets, offsets), min_size=2, max_size=8)


def walk(
    points: list[tuple[float, float]], *, shift: float = 0.0, name: str = "one", party: str = "a"
) -> Track:
    lonlat = [((lon + shift + 180) % 360 - 180, lat) for lon, lat in points]
    times = [T0 + 60 * S * index for index in range(len(points))]
    return exact_track(mover(name, party=party, mover_class="fixed-wing"), times, lonlat, accuracy_m=20.0)


def keep_out(ring: tuple[tuple[float, float], ...], shift: float = 0.0) -> KeepOut:
    moved = tuple(((lon + shift + 180) % 360 - 180, lat) for lon, lat in ring)
    return KeepOut(where=Polygon(polygons=((moved,),), accuracy_m=50.0))


def gist(result: CheckResult) -> list[tuple]:
    """What must be equal: verdicts, and numbers to a millimetre or a tenth of a second."""

    def numbers(finding: Finding) -> tuple:
        seen = finding.incursion
        return () if seen is None else (round(seen.depth_m, 2), round(seen.beyond_s or 0.0, 1))

    return [(item.kind, item.verdict, *numbers(item)) for item in result.findings]


@settings(max_examples=40, deadline=None)
@given(walks, st.integers(0, 3), st.booleans())
def test_ring_direction_and_first_vertex_do_not_matter(points: list, turn: int, back: bool) -> None:
    ring = SQUARE[turn:] + SQUARE[:turn]
    ring = tuple(reversed(ring)) if back else ring
    here = check_tracks(one_clause(keep_out(SQUARE)), [walk(points)])
    there = check_tracks(one_clause(keep_out(ring)), [walk(points)])
    assert gist(here) == gist(there)


@settings(max_examples=40, deadline=None)
@given(walks)
def test_the_antimeridian_is_nowhere_special(points: list) -> None:
    here = check_tracks(one_clause(keep_out(SQUARE)), [walk(points)])
    there = check_tracks(one_clause(keep_out(SQUARE, shift=180.0)), [walk(points, shift=180.0)])
    assert gist(here) == gist(there)


@settings(max_examples=15, deadline=None)
@given(st.lists(walks, min_size=2, max_size=4), st.randoms(use_true_random=False))
def test_arrival_order_does_not_matter(many: list, chance: object) -> None:
    tracks = [walk(points, name=f"m{index}", party="ab"[index % 2]) for index, points in enumerate(many)]
    shuffled = list(tracks)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    rule = Separate(
        first=Selector(parties=frozenset("a")), second=Selector(parties=frozenset("b")), distance_m=900
    )
    for agreement in (one_clause(keep_out(SQUARE)), one_clause(rule)):
        assert check_tracks(agreement, tracks) == check_tracks(agreement, shuffled)


@settings(max_examples=40, deadline=None)
@given(walks)
def test_a_line_turned_round_with_its_sides_swapped_is_the_same_line(points: list) -> None:
    line = Line(lonlat_deg=((-1.0, -0.01), (0.0, 0.005), (1.0, -0.01)), accuracy_m=30.0)
    turned = replace(line, lonlat_deg=tuple(reversed(line.lonlat_deg)))
    results = [
        check_tracks(
            one_clause(KeepSide(line=it, forbidden={"a": Side(line=it, side=side, accuracy_m=30.0)})),
            [walk(points)],
        )
        for it, side in ((line, "left"), (turned, "right"))
    ]
    assert gist(results[0]) == gist(results[1])


@settings(max_examples=40, deadline=None)
@given(walks)
def test_numbers_are_in_order(points: list) -> None:
    result = check_tracks(one_clause(keep_out(SQUARE)), [walk(points)])
    for finding in result.findings:
        if finding.incursion is None:
            continue
        seen = finding.incursion
        assert seen.depth_low_m <= seen.depth_m + 1e-6 <= seen.depth_high_m + 2e-6
        assert finding.probability is not None
        assert 0 <= finding.probability <= 1
        if finding.kind == "incursion":
            assert seen.depth_m > 0
            assert finding.interval.start_us <= seen.deepest.t_us <= finding.interval.end_us


@settings(max_examples=40, deadline=None)
@given(walks, walks, st.floats(50, 5000))
def test_closest_approach_is_below_d_exactly_when_a_pass_within_d_is_found(
    one: list, two: list, d: float
) -> None:
    rule = Separate(
        first=Selector(parties=frozenset("a")), second=Selector(parties=frozenset("b")), distance_m=d
    )
    tracks = [walk(one, name="m1"), walk(two, name="m2", party="b")]
    exact = [replace(track, accuracy_m=np.zeros(len(track))) for track in tracks]
    found = [item.encounter for item in check_tracks(one_clause(rule), exact).findings if item.encounter]
    # Independent: sample both movers every 50 ms along straight lon/lat legs of at most 0.1 degree.
    shared = min(len(one), len(two)) - 1
    at = np.linspace(0, shared, shared * 1200 + 1)
    legs = [
        np.column_stack([np.interp(at, range(len(p)), [xy[k] for xy in p]) for k in (0, 1)])
        for p in (one, two)
    ]
    east_m = (legs[0][:, 0] - legs[1][:, 0]) * 111_319.49
    north_m = (legs[0][:, 1] - legs[1][:, 1]) * 110_574.28
    sampled_m = float(np.hypot(east_m, north_m).min())
    if sampled_m < d - 20:
        assert found, sampled_m
    if sampled_m > d + 20:
        assert not found, sampled_m
    for encounter in found:
        assert encounter.distance_m < d
    if found and sampled_m > 30:
        assert abs(min(item.distance_m for item in found) - sampled_m) < 20


@settings(max_examples=40, deadline=None)
@given(walks, st.floats(0, 400))
def test_a_wider_tolerance_never_makes_a_finding_worse(points: list, tolerance_m: float) -> None:
    order = list(Verdict)
    circle = KeepOut(where=Circle(centre_deg=(0.0, 0.0), radius_m=2_000.0, accuracy_m=100.0))
    strict = check_tracks(one_clause(circle), [walk(points)]).verdict
    lenient = check_tracks(one_clause(circle, tolerance_m=tolerance_m), [walk(points)]).verdict
    assert order.index(lenient) >= order.index(strict)
