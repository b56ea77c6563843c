"""Visits in a plane of a few kilometres at longitude 0, latitude 0; one metre a second unless said."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import GeometryError, UsageError
from truceline.kernels import Region, crossings_of_path, direct, distance_m, path_depths_m, visits

S = 1_000_000


def plane(*xy_m: tuple[float, float]) -> np.ndarray:
    points = np.array(xy_m, dtype=float)
    return direct(
        (0.0, 0.0), np.degrees(np.arctan2(points[:, 0], points[:, 1])), np.hypot(points[:, 0], points[:, 1])
    )


def box(x_min: float, x_max: float, y_min: float, y_max: float) -> Region:
    return Region.polygon([[plane((x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max))]])


def seconds(*t_s: float) -> np.ndarray:
    return np.array([round(t * S) for t in t_s])


BOX = box(-500, 500, -500, 500)


def test_in_and_out_between_fixes() -> None:
    (visit,) = visits(BOX, seconds(0, 3000), plane((-1500, 100), (1500, 100)))
    assert visit.entry_us == visit.start_us == pytest.approx(1000 * S, abs=0.1 * S)
    assert visit.exit_us == visit.end_us == pytest.approx(2000 * S, abs=0.1 * S)
    assert visit.depth_m == pytest.approx(400, abs=0.01)
    assert 1399 * S < visit.deepest_us < 1601 * S  # the depth is 400 m for 200 m of the way
    assert visit.crossings_count == 2
    assert distance_m([visit.entry_lonlat, visit.exit_lonlat], plane((-500, 100), (500, 100))).max() < 0.1


def test_open_ends() -> None:
    entering = visits(BOX, seconds(0, 1000), plane((-1000, 0), (0, 0)))
    leaving = visits(BOX, seconds(0, 1000), plane((0, 0), (1000, 0)))
    staying = visits(BOX, seconds(0, 10), plane((0, 0), (5, 0)))
    assert [visit.crossings_count for visit in entering + leaving + staying] == [1, 1, 0]
    assert entering[0].exit_us is None and entering[0].exit_lonlat is None and entering[0].end_us == 1000 * S
    assert leaving[0].entry_us is None and leaving[0].entry_lonlat is None and leaving[0].start_us == 0
    assert staying[0].entry_us is None and staying[0].exit_us is None
    assert (staying[0].start_us, staying[0].end_us) == (0, 10 * S)


def test_one_fix_and_none() -> None:
    (visit,) = visits(BOX, seconds(7), plane((0, 400)))
    assert (visit.start_us, visit.end_us, visit.deepest_us) == (7 * S, 7 * S, 7 * S)
    assert visit.depth_m == pytest.approx(100, abs=0.01)
    assert visits(BOX, seconds(7), plane((0, 600))) == []
    assert visits(BOX, np.empty(0, dtype=np.int64), np.empty((0, 2))) == []


def test_touching_is_not_a_visit() -> None:
    # Along the edge, up to the edge and back, and through a corner.
    edge = Region.side([(0.0, -1.0), (0.0, 1.0)], "right")
    assert visits(edge, seconds(0, 100), [(0.0, 0.0), (0.0, 0.001)]) == []
    assert visits(edge, seconds(0, 100, 200), [(-0.001, 0.0), (0.0, 0.0), (-0.001, 0.0005)]) == []
    circle = Region.circle((0, 0), 1000.0)
    assert visits(circle, seconds(0, 9), direct((0, 0), [30.0, 30.0], [2000.0, 1000.0])) == []
    assert len(visits(circle, seconds(0, 9), direct((0, 0), [30.0, 30.0], [2000.0, 999.999]))) == 1


def test_a_threshold_counts_from_the_depth() -> None:
    way = plane((-1500, 100), (1500, 100))
    (deep,) = visits(BOX, seconds(0, 3000), way, threshold_m=300)
    # 300 m inside both the left and the right edge, and the lower one is 600 m off, the upper 400 m.
    assert deep.start_us == pytest.approx(1300 * S, abs=0.1 * S)
    assert deep.end_us == pytest.approx(1700 * S, abs=0.1 * S)
    assert deep.depth_m == pytest.approx(400, abs=0.01)
    assert visits(BOX, seconds(0, 3000), way, threshold_m=400.1) == []
    (near,) = visits(BOX, seconds(0, 3000), way, threshold_m=-200)
    assert near.start_us == pytest.approx(800 * S, abs=0.1 * S)
    assert near.end_us == pytest.approx(2200 * S, abs=0.1 * S)
    assert near.depth_m == deep.depth_m


def test_several_visits_in_one_leg_and_over_legs() -> None:
    comb = Region.polygon(
        [[plane((x, -100), (x + 50, -100), (x + 50, 100), (x, 100))] for x in range(0, 1000, 100)]
    )
    found = visits(comb, seconds(0, 2000), plane((-500, 0), (1500, 0)))
    assert len(found) == 10
    starts = [visit.start_us / S for visit in found]
    np.testing.assert_allclose(starts, 500 + 100 * np.arange(10), atol=0.1)
    np.testing.assert_allclose([visit.depth_m for visit in found], 25, atol=0.01)
    cut = visits(comb, seconds(0, 510, 1110, 2000), plane((-500, 0), (10, 0), (610, 0), (1500, 0)))
    assert len(cut) == 10
    # A visit that goes on over a fix is one visit.
    assert cut[0].start_us < 510 * S < cut[0].end_us


def test_a_graze_of_half_a_metre_at_a_corner_is_found() -> None:
    # At 45 degrees past the corner (500, 500), half a metre inside it: x + y = 1000 - 0.5 sqrt 2.
    inset = 0.5 * 2**0.5
    way = plane((-500 - inset, 1500), (1500 - inset, -500))
    (visit,) = visits(BOX, seconds(0, 1000), way)
    assert visit.depth_m == pytest.approx(inset / 2, abs=0.02)
    # Chord of the corner: 2 x 0.5 m, at 2.83 m a second.
    assert (visit.end_us - visit.start_us) / S == pytest.approx(1.0 / 2.828, abs=0.04)


def test_a_long_way_along_the_boundary() -> None:
    # 20 km eastwards, 30 cm north of a geodesic line: one visit, not many and not none.
    line = Region.side([(-0.2, 0.0), (0.2, 0.0)], "left")
    way = direct([(-0.09, 0.0), (0.09, 0.0)], 0.0, 0.3)
    (visit,) = visits(line, seconds(0, 1000), way)
    assert visit.crossings_count == 0
    assert visit.depth_m == pytest.approx(0.3, abs=0.002)


def test_standing_still_and_two_fixes_at_one_instant() -> None:
    (still,) = visits(BOX, seconds(0, 10, 20), plane((0, 0), (0, 0), (0, 0)))
    assert still.depth_m == pytest.approx(500, abs=0.01)
    (jumped,) = visits(BOX, seconds(0, 10, 10, 20), plane((-900, 0), (-900, 0), (0, 0), (0, 0)))
    assert jumped.start_us == 10 * S and jumped.exit_us is None


def test_threads_of_a_difference() -> None:
    ring = box(-1000, 1000, -1000, 1000).difference(BOX)
    found = visits(ring, seconds(0, 3000), plane((-1500, 0), (1500, 0)))
    spans = [(visit.start_us / S, visit.end_us / S) for visit in found]
    np.testing.assert_allclose(spans, [(500, 1000), (2000, 2500)], atol=0.1)
    np.testing.assert_allclose([visit.depth_m for visit in found], 250, atol=0.01)


def test_across_the_antimeridian() -> None:
    zone = Region.circle((180.0, 66.0), 5_000.0)
    (visit,) = visits(zone, seconds(0, 1000), [(179.7, 66.0), (-179.7, 66.0)])
    assert visit.deepest_us == pytest.approx(500 * S, abs=0.2 * S)
    assert abs(visit.deepest_lonlat[0]) == pytest.approx(180.0, abs=1e-4)


def test_refusals() -> None:
    place = plane((0, 0), (1, 1))
    with pytest.raises(UsageError, match="backwards after fix 1"):
        visits(BOX, seconds(5, 4), place)
    with pytest.raises(UsageError, match="2 places"):
        visits(BOX, seconds(1), place)
    with pytest.raises(UsageError, match="whole microseconds"):
        visits(BOX, np.array([0.5, 1.5]), place)
    with pytest.raises(UsageError, match="tolerance"):
        visits(BOX, seconds(0, 1), place, tolerance_m=0.0)
    with pytest.raises(GeometryError, match="fix 2 is no place"):
        visits(BOX, seconds(0, 1), [(0.0, 0.0), (np.nan, 0.0)])
    with pytest.raises(GeometryError, match="fix 1 is no place"):
        visits(BOX, seconds(0, 1), [(0.0, 95.0), (0.0, 0.0)])
    with pytest.raises(UsageError, match="without points"):
        path_depths_m(BOX, np.empty((0, 2)))


# ---------------------------------------------------------------- paths without a clock


def test_depth_of_a_drawn_path() -> None:
    depth, lonlat, leg = path_depths_m(BOX, plane((-1500, 800), (-1000, 200), (1000, 200), (1000, 900)))
    assert depth == pytest.approx(300, abs=0.01) and leg == 1
    assert BOX.depth_m(lonlat)[0] == pytest.approx(depth, abs=0.001)
    outside, _, leg = path_depths_m(BOX, plane((-1500, 800), (-700, 0)))
    assert outside == pytest.approx(-200, abs=0.01) and leg == 0
    alone, lonlat, leg = path_depths_m(BOX, plane((100, 100)))
    assert (alone, leg) == (pytest.approx(400, abs=0.01), 0)


def test_crossings_of_a_drawn_path() -> None:
    found = crossings_of_path(BOX, plane((-1500, 0), (0, 0), (0, 1000)))
    assert [leg for leg, _, _ in found] == [0, 1]
    assert [share for _, share, _ in found] == pytest.approx([2 / 3, 0.5], abs=1e-4)
    assert distance_m([place for _, _, place in found], plane((-500, 0), (0, 500))).max() < 0.1
    assert crossings_of_path(BOX, plane((-1500, 0), (-900, 0))) == []
    assert crossings_of_path(BOX, np.empty((0, 2))) == []
    (deeper,) = crossings_of_path(BOX, plane((-1500, 0), (0, 0)), 100.0)
    assert deeper[1] == pytest.approx(1100 / 1500, abs=1e-4)


def test_crossing_shares_are_of_the_whole_leg_however_long() -> None:
    # 200 km east along the equator, 10 pieces: the circle's edge is 50 km from the start.
    end = direct((0.0, 0.0), 90.0, 200_000.0)[0]
    centre = direct((0.0, 0.0), 90.0, 60_000.0)[0]
    found = crossings_of_path(Region.circle(centre, 10_000.0), [(0.0, 0.0), end])
    assert [(leg, round(share, 5)) for leg, share, _ in found] == [(0, 0.25), (0, 0.35)]


def test_the_deepest_point_just_past_a_fix() -> None:
    # The way turns 2 m before the deepest point of the second leg, which lies on the next piece of the path.
    region = Region.circle((0, 0), 10_000.0)
    (visit,) = visits(region, seconds(0, 4998, 10000), plane((-5000, 10), (-2, 10), (5000, 10)))
    assert visit.depth_m == pytest.approx(9990, abs=0.001)
    assert visit.deepest_us == pytest.approx(5000 * S, abs=S)


def test_a_low_visit_beside_a_deep_one_keeps_its_own_depth() -> None:
    # Walls 1 m, then 400 m wide, 3 m apart: the low visit is half a metre deep, whatever lies beside it.
    walls = Region.polygon([[plane((x, -900), (y, -900), (y, 900), (x, 900))] for x, y in ((0, 1), (4, 404))])
    low, deep = visits(walls, seconds(0, 1000), plane((-500, 0), (500, 0)))
    assert low.depth_m == pytest.approx(0.5, abs=0.002)
    assert deep.depth_m == pytest.approx(200, abs=0.01)
    assert low.start_us <= low.deepest_us <= low.end_us < deep.start_us
