"""All pairs at once: degenerate cases with stated answers, heights, groups, radii, gaps. Arithmetic beside each."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import GeometryError, UsageError
from truceline.kernels import Passes, close_intervals, direct, distance_m

S = 1_000_000
Rows = list[tuple[float, ...]]


def passes(*movers: Rows, separation_m: float = 100.0, **more: object) -> Passes:
    """Movers as rows of x, y in metres, t in seconds and, where given, height; each a group of its own."""
    points = np.array([row[:3] for rows in movers for row in rows], dtype=float).reshape(-1, 3)
    azimuth, away = np.degrees(np.arctan2(points[:, 0], points[:, 1])), np.hypot(points[:, 0], points[:, 1])
    places = direct((0.0, 0.0), azimuth, away)
    if any(len(row) == 4 for rows in movers for row in rows):
        more["altitude_m"] = [row[3] for rows in movers for row in rows]
    more = {"longest_gap_us": 300 * S, "group": np.arange(len(movers)), **more}
    return close_intervals(
        np.concatenate(([0], np.cumsum([len(rows) for rows in movers]))),
        np.rint(points[:, 2] * S).astype(np.int64),
        places[:, 0],
        places[:, 1],
        separation_m=separation_m,
        **more,  # type: ignore[arg-type]
    )


STILL: Rows = [(0, 0, 0), (0, 0, 100)]


def by_columns(found: Passes) -> list[tuple]:
    names = (
        "a",
        "b",
        "start_us",
        "end_us",
        "open_start",
        "open_end",
        "closest_us",
        "closest_m",
        "vertical_known",
    )
    return list(zip(*(getattr(found, name).tolist() for name in names), strict=True))


# ---------------------------------------------------------------- degenerate cases


def test_exactly_at_the_separation_is_not_nearer() -> None:
    beside: Rows = [(-500, 100, 0), (500, 100, 100)]  # touches 100 m for one instant, after 50 s
    assert len(passes(STILL, beside)) == 0
    found = passes(STILL, beside, separation_m=100.001)
    # Nearer by half the resolution, 100.00095 m: sqrt(100.00095^2 - 100^2) = 0.4359 m, 0.0436 s to each side.
    assert found.start_us[0] == pytest.approx(50 * S - 43_590, abs=300)
    assert found.end_us[0] == pytest.approx(50 * S + 43_590, abs=300)


def test_standing_exactly_at_the_separation() -> None:
    beside: Rows = [(0, 100, 0), (0, 100, 100)]
    assert len(passes(STILL, beside)) == 0
    assert by_columns(passes(STILL, beside, separation_m=100.0002))[0][2:6] == (0, 100 * S, True, True)


def test_identical_tracks_are_together_all_the_time_and_first_at_once() -> None:
    track: Rows = [(0, 0, 0), (700, 0, 50), (700, 900, 100)]
    assert by_columns(passes(track, track)) == [(0, 1, 0, 100 * S, True, True, 0, 0.0, False)]


def test_zero_length_legs_and_equal_instants() -> None:
    # Comes in at (0, 400) at 50 s and leaves from (0, 50): the jump has no length in time.
    jumps: Rows = [(0, 900, 0), (0, 400, 50), (0, 50, 50), (0, 50, 80), (0, 50, 100)]
    (found,) = by_columns(passes(STILL, jumps))
    assert found[2:6] == (50 * S, 100 * S, False, True)
    assert found[6:8] == (50 * S, 50.0)
    # The other way round it ends at the instant of the jump, which is not the end of the record.
    back: Rows = [(0, 50, 0), (0, 50, 50), (0, 400, 50), (0, 900, 100)]
    (found,) = by_columns(passes(STILL, back))
    assert found[2:6] == (0, 50 * S, True, False)


def test_a_single_shared_instant() -> None:
    later: Rows = [(0, 30, 100), (0, 900, 200)]
    (found,) = by_columns(passes(STILL, later))
    assert found[2:8] == (100 * S, 100 * S, True, True, 100 * S, 30.0)
    assert len(passes(STILL, [(0, 30, 50)])) == 1
    assert len(passes([(0, 0, 50)], [(0, 30, 50)])) == 1
    assert len(passes([(0, 0, 50)], [(0, 30, 51)])) == 0
    assert len(passes(STILL, [(0, 30, 100.000001)])) == 0


def test_nothing_given() -> None:
    assert len(passes()) == 0
    assert len(passes([], [])) == 0
    assert len(passes(STILL)) == 0
    assert len(passes(STILL, [(0, 30, 50)], separation_m=0)) == 0


# ---------------------------------------------------------------- gaps


def test_nothing_is_assumed_in_a_gap() -> None:
    # Passes the origin half way, in a leg of 400 s that is longer than the longest gap; and 10 m off later.
    crossing: Rows = [(-4000, 0, 0), (4000, 0, 400), (10, 0, 600), (10, 0, 610)]
    waiting: Rows = [(0, 0, 0), *((0.0, 0.0, t) for t in range(100, 1100, 100))]
    (found,) = by_columns(passes(waiting, crossing))
    # From 4,000 m to 10 m in 200 s, at 19.95 m a second: within 100 m for the last 90 / 19.95 = 4.511 s.
    assert found[2] == pytest.approx((600 - 4.511) * S, abs=5_000)
    assert found[3:6] == (610 * S, False, True)
    assert len(passes(waiting, crossing, longest_gap_us=400 * S)) == 2
    # A break of the source is a gap, however short: here before the last fix.
    rows = len(waiting) + 3
    broken = by_columns(passes(waiting, crossing, breaks=[rows]))
    assert [row[2:6] for row in broken][1:] == [(610 * S, 610 * S, True, True)]
    assert broken[0][3] == 600 * S and broken[0][5]


# ---------------------------------------------------------------- heights


def test_altitude_matters() -> None:
    flat: Rows = [(0, 0, 0, 1000.0), (0, 0, 100, 1000.0)]
    over: Rows = [(0, 50, 0, 1300.0), (0, 50, 100, 1300.0)]
    assert len(passes(flat, over)) == 1
    assert len(passes(flat, over, vertical_m=300.0)) == 0  # exactly at it is not nearer
    (found,) = by_columns(passes(flat, over, vertical_m=300.001))
    assert found[2:6] == (0, 100 * S, True, True) and found[8]
    # Sinks from 1,500 m to 900 m, 6 m a second: less than 300 m above after 200 / 6 s, and then 100 m below.
    sinking: Rows = [(0, 50, 0, 1500.0), (0, 50, 100, 900.0)]
    down = passes(flat, sinking, vertical_m=300.0)
    assert down.start_us[0] == pytest.approx(200 / 6 * S, abs=100)
    assert bool(down.open_start[0]) is False and bool(down.open_end[0]) is True
    assert down.vertical_m[0] == pytest.approx(
        300, abs=0.01
    )  # the distance is 50 m all along: its first instant


def test_the_closest_approach_is_the_closest_while_near_in_both_ways() -> None:
    # Nearest over the ground (0 m, at 50 s) while 500 m above; 300 m above again when 400 m off, after 90 s.
    flat: Rows = [(0, 0, 0, 0.0), (0, 0, 100, 0.0)]
    over: Rows = [(-500, 0, 0, 750.0), (500, 0, 100, 250.0)]  # above: 750 - 5 t
    found = passes(flat, over, separation_m=450.0, vertical_m=300.0)
    assert found.closest_m[0] == pytest.approx(400, abs=0.01)
    assert found.closest_us[0] == pytest.approx(90 * S, abs=1000)
    assert found.end_us[0] == pytest.approx(95 * S, abs=1000)


def test_what_is_not_known_of_heights_excludes_nothing() -> None:
    flat: Rows = [(0, 0, t, 1000.0) for t in (0, 50, 100)]
    over: Rows = [(0, 50, 0, 5000.0), (0, 50, 50, np.nan), (0, 50, 100, np.nan)]
    (found,) = by_columns(passes(flat, over, vertical_m=300.0))
    assert found[2:4] == (0, 100 * S) and not found[8]  # neither leg of it has two known ends
    assert len(passes(flat, over, vertical_m=300.0, unknown_apart=True)) == 0
    half: Rows = [(0, 50, 0, 1000.0), (0, 50, 50, 1000.0), (0, 50, 100, np.nan)]
    (found,) = by_columns(passes(flat, half, vertical_m=300.0))
    assert found[2:4] == (0, 100 * S) and not found[8]
    (found,) = by_columns(passes(flat, half, vertical_m=300.0, unknown_apart=True))
    assert found[2:4] == (0, 50 * S) and found[8]


def test_heights_above_different_levels_are_not_compared() -> None:
    flat: Rows = [(0, 0, 0, 1000.0), (0, 0, 100, 1000.0)]
    over: Rows = [(0, 50, 0, 5000.0), (0, 50, 100, 5000.0)]
    assert len(passes(flat, over, vertical_m=300.0, datum=[1, 1])) == 0
    for datum in ([1, 2], [-1, -1]):
        found = passes(flat, over, vertical_m=300.0, datum=datum)
        assert len(found) == 1 and not found.vertical_known[0] and np.isnan(found.vertical_m[0])
        assert len(passes(flat, over, vertical_m=300.0, datum=datum, unknown_apart=True)) == 0


# ---------------------------------------------------------------- who


def test_groups_bodies_and_radii() -> None:
    three = [[(0, y, 0), (0, y, 100)] for y in (0, 60, 120)]

    def pairs(found: Passes) -> list[tuple[int, int]]:
        return list(zip(found.a.tolist(), found.b.tolist(), strict=True))

    assert pairs(passes(*three)) == [(0, 1), (1, 2)]
    assert pairs(passes(*three, group=[0, 0, 1])) == [(1, 2)]
    assert pairs(passes(*three, group=[0, 0, 1], allowed=[[1, 0], [0, 0]])) == [(0, 1)]
    assert pairs(passes(*three, body=[7, 7, 8])) == [(1, 2)]
    # A zone of 40 m round the first: 60 < 25 + 40, and 120 is not; the other two are 60 m apart still.
    assert pairs(passes(*three, separation_m=25.0, radius_m=[40.0, 0.0, 0.0])) == [(0, 1)]
    assert pairs(passes(*three, separation_m=0.0, radius_m=[40.0, 20.001, 40.0])) == [(0, 1), (1, 2)]


# ---------------------------------------------------------------- where


@pytest.mark.parametrize("centre", [(180.0, 0.0), (-180.0, 65.0), (20.0, 90.0), (0.0, -90.0), (10.0, 89.999)])
def test_nowhere_is_special(centre: tuple[float, float]) -> None:
    # Two that cross at right angles in one point after 60 s, each on its geodesic.
    ways = [direct(centre, [200.0, 20.0], 1200.0), direct(centre, [290.0, 110.0], 1200.0)]
    lonlat = np.vstack(ways)
    found = close_intervals(
        [0, 2, 4], [0, 120 * S] * 2, lonlat[:, 0], lonlat[:, 1], [0, 1], 200.0, longest_gap_us=300 * S
    )
    assert len(found) == 1 and found.closest_m[0] < 0.01
    assert found.closest_us[0] == pytest.approx(60 * S, abs=1000)
    # 20 m a second each, sqrt(2) x 20 against each other: 200 / 28.28 = 7.071 s before and after.
    assert found.start_us[0] == pytest.approx((60 - 7.0711) * S, abs=5_000)
    assert distance_m(found.lonlat_a_deg, [centre]).max() < 0.01
    turned = close_intervals(
        [0, 2, 4], [0, 120 * S] * 2, lonlat[:, 0] + 360, lonlat[:, 1], [0, 1], 200.0, longest_gap_us=300 * S
    )
    assert abs(turned.start_us - found.start_us).max() <= 1


def test_the_search_is_told_nothing_by_slabs_or_threads() -> None:
    random = np.random.default_rng(3)
    count, fixes = 60, 200
    t_us = np.sort(random.integers(0, 3600 * S, (count, fixes)), axis=1)
    steps = random.normal(0, 40, (count, fixes, 2)).cumsum(axis=1) + random.uniform(
        -4000, 4000, (count, 1, 2)
    )
    steps[::7, 100:] += 300_000  # some leap: a leg that is cut in many pieces
    lon, lat = 179.97 + steps[..., 0].ravel() / 111e3, steps[..., 1].ravel() / 111e3
    more = {
        "longest_gap_us": 120 * S,
        "altitude_m": random.uniform(0, 900, count * fixes),
        "vertical_m": 300.0,
    }
    columns = (np.arange(count + 1) * fixes, t_us.ravel(), lon, lat, np.arange(count) % 3, 500.0)
    want = close_intervals(*columns, **more)  # type: ignore[arg-type]
    assert len(want) > 100
    for slab_us, threads_count in ((S, 1), (17 * S, 2), (300 * S, 3), (86_400 * S, 1)):
        got = close_intervals(*columns, slab_us=slab_us, threads_count=threads_count, **more)  # type: ignore[arg-type]
        for name in Passes.__dataclass_fields__:
            np.testing.assert_array_equal(getattr(got, name), getattr(want, name), err_msg=name)


def test_refusals() -> None:
    good: tuple = ([0, 1, 2], [0, 1], [0.0, 0.0], [0.0, 0.0], [0, 1], 10.0)
    with pytest.raises(UsageError, match="2 times for 1"):
        close_intervals(good[0], good[1], [0.0], *good[3:], longest_gap_us=1)
    with pytest.raises(UsageError, match="offsets"):
        close_intervals([0, 1], *good[1:4], [0], 10.0, longest_gap_us=1)
    with pytest.raises(UsageError, match="backwards at row 2"):
        close_intervals([0, 2, 2], [1, 0], *good[2:], longest_gap_us=1)
    with pytest.raises(GeometryError, match="fix 2 is no place"):
        close_intervals(*good[:3], [0.0, 91.0], *good[4:], longest_gap_us=1)
    with pytest.raises(GeometryError, match="fix 1 is no place"):
        close_intervals(*good[:2], [np.nan, 0.0], *good[3:], longest_gap_us=1)
    with pytest.raises(UsageError, match="group has 1 rows"):
        close_intervals(*good[:4], [0], 10.0, longest_gap_us=1)
    with pytest.raises(UsageError, match="no such separation"):
        close_intervals(*good[:5], np.inf, longest_gap_us=1)
    with pytest.raises(UsageError, match="symmetric"):
        close_intervals(*good, longest_gap_us=1, allowed=[[0, 1], [0, 0]])
    with pytest.raises(UsageError, match="number them from 0"):
        close_intervals(*good[:4], [0, 2], 10.0, longest_gap_us=1, allowed=[[0, 1], [1, 0]])
