"""Approaches in a plane of some kilometres at longitude 0, latitude 0."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import GeometryError, UsageError
from truceline.kernels import candidate_pairs, close_passes, closest, direct, distance_m, positions_at, within

S = 1_000_000
Rows = list[tuple[float, float, float]]


def track(rows: Rows) -> tuple[np.ndarray, np.ndarray]:
    """Rows of x, y in metres and t in seconds."""
    points = np.array(rows, dtype=float)
    azimuth, away = np.degrees(np.arctan2(points[:, 0], points[:, 1])), np.hypot(points[:, 0], points[:, 1])
    return np.rint(points[:, 2] * S).astype(np.int64), direct((0.0, 0.0), azimuth, away)


def test_two_that_pass_each_other() -> None:
    # Head on, 300 m apart sideways, closing at 20 m a second from 4 km: nearest after 200 s.
    a, b = track([(-2000, 0, 0), (2000, 0, 400)]), track([(2000, 300, 0), (-2000, 300, 400)])
    found = closest(*a, *b)
    assert found is not None
    assert found[0] == pytest.approx(200 * S, abs=1000)
    assert found[1] == pytest.approx(300, abs=0.001)
    assert distance_m([found[2], found[3]], track([(0, 0, 0), (0, 300, 0)])[1]).max() < 0.01
    (near,) = close_passes(*a, *b, separation_m=500)
    # Within 500 m while sideways apart no more than 400 m: 400 / 20 = 20 s before and after.
    assert near.start_us == pytest.approx(180 * S, abs=2000)
    assert near.end_us == pytest.approx(220 * S, abs=2000)
    assert not near.open_start and not near.open_end
    assert (near.closest_us, near.closest_m) == found[:2]
    assert close_passes(*a, *b, separation_m=300) == []
    assert within(*a, *b, 300.0) and not within(*a, *b, 299.9)


def test_two_passes_with_a_wide_swing_between() -> None:
    a = track([(0, 0, 0), (0, 0, 1000)])
    b = track([(-1000, 100, 0), (1000, 100, 400), (1000, 2000, 500), (-1000, -1900, 1000)])
    passes = close_passes(*a, *b, separation_m=300)
    assert len(passes) == 2
    assert passes[0].closest_m == pytest.approx(100, abs=0.001)
    assert passes[0].closest_us == pytest.approx(200 * S, abs=1000)
    assert passes[0].end_us < passes[1].start_us
    # The way back passes (0, 50) in the direction (-2000, -3900): 50 x 2000 / hypot(2000, 3900) from the origin.
    assert passes[1].closest_m == pytest.approx(50 * 2000 / np.hypot(2000, 3900), abs=0.001)


def test_open_ends_and_a_pass_over_several_fixes() -> None:
    a = track([(0, 0, 0), (10, 0, 10), (20, 0, 20), (30, 0, 30)])
    b = track([(0, 50, 5), (7, 50, 12), (25, 50, 25)])
    (near,) = close_passes(*a, *b, separation_m=60)
    assert near.open_start and near.open_end
    assert (near.start_us, near.end_us) == (5 * S, 25 * S)


def test_a_single_shared_instant_counts() -> None:
    a, b = track([(0, 0, 0), (100, 0, 10)]), track([(100, 30, 10), (100, 900, 20)])
    found = closest(*a, *b)
    assert found is not None and found[0] == 10 * S and found[1] == pytest.approx(30, abs=0.001)
    (near,) = close_passes(*a, *b, separation_m=31)
    assert (near.start_us, near.end_us, near.open_start, near.open_end) == (10 * S, 10 * S, True, True)
    single = track([(50, 40, 5)])
    found = closest(*a, *single)
    assert found is not None and found[:2] == (5 * S, pytest.approx(40, abs=0.001))


def test_no_shared_time_and_no_fixes() -> None:
    a, b = track([(0, 0, 0), (1, 1, 10)]), track([(0, 0, 11), (1, 1, 12)])
    none = (np.empty(0, dtype=np.int64), np.empty((0, 2)))
    for one, other in ((a, b), (b, a), (a, none), (none, none)):
        assert closest(*one, *other) is None
        assert close_passes(*one, *other, separation_m=1e9) == []
        assert not within(*one, *other, 1e9)


def test_side_by_side_is_never_nearer_than_it_is() -> None:
    a = track([(0, 0, 0), (9000, 0, 900)])
    b = track([(0, 200, 0), (9000, 200, 900)])
    assert closest(*a, *b)[1] == pytest.approx(200, abs=0.005)  # type: ignore[index]
    (near,) = close_passes(*a, *b, separation_m=201)
    assert (near.start_us, near.end_us) == (0, 900 * S) and near.open_start and near.open_end
    assert close_passes(*a, *b, separation_m=199) == []


def test_both_standing() -> None:
    a, b = track([(0, 0, 0), (0, 0, 60)]), track([(3, 4, 0), (3, 4, 60)])
    found = closest(*a, *b)
    assert found is not None and found[:2] == (0, pytest.approx(5, abs=1e-4))


def test_meeting_exactly_on_long_legs() -> None:
    # Two crossing geodesics of 300 km through one point at one instant, 3,000 km north of the plane.
    centre = (20.0, 60.0)
    a = (np.array([0, 7200 * S]), direct(centre, [250.0, 70.0], 150_000.0))
    b = (np.array([0, 7200 * S]), direct(centre, [160.0, 340.0], 150_000.0))
    found = closest(*a, *b)
    # The geodesic between the two ends of a passes through the centre only to Vincenty's 0.1 mm.
    assert found is not None and found[1] < 0.01
    assert found[0] == pytest.approx(3600 * S, abs=1000)
    assert distance_m([found[2]], [centre])[0] < 0.01


def test_positions() -> None:
    t_us, places = track([(0, 0, 0), (100, 0, 10), (100, 300, 20)])
    asked = np.array([-1, 0, 5 * S, 10 * S, 15 * S, 20 * S, 20 * S + 1])
    got = positions_at(asked, t_us, places)
    assert np.isnan(got).any(axis=1).tolist() == [True, False, False, False, False, False, True]
    np.testing.assert_array_equal(got[[1, 3, 5]], places)
    assert distance_m(got[[2, 4]], track([(50, 0, 0), (100, 150, 0)])[1]).max() < 1e-3
    assert positions_at(5 * S, t_us, places).shape == (1, 2)
    assert np.isnan(positions_at([1], np.empty(0, dtype=np.int64), np.empty((0, 2)))).all()


def test_positions_on_long_legs_are_on_the_geodesic() -> None:
    # 1,000 km, so many pieces; a quarter of the way by Vincenty's direct solution.
    start = np.array([179.0, 55.0])
    end = direct(start, 80.0, 1_000_000.0)[0]
    got = positions_at([0, 250 * S, 999 * S], np.array([0, 1000 * S]), np.array([start, end]))
    assert distance_m(got, direct(start, 80.0, [0.0, 250_000.0, 999_000.0])).max() < 0.001


def test_of_two_fixes_at_one_instant_the_last_counts() -> None:
    t_us, places = track([(0, 0, 0), (10, 0, 10), (500, 0, 10), (510, 0, 20)])
    np.testing.assert_array_equal(positions_at([10 * S], t_us, places), places[2:3])


def test_refusals() -> None:
    a = track([(0, 0, 0), (1, 1, 10)])
    with pytest.raises(UsageError, match="for 1 places"):
        closest(a[0], a[1][:1], *a)
    with pytest.raises(UsageError, match="backwards"):
        close_passes(a[0][::-1], a[1], *a, separation_m=10)
    with pytest.raises(GeometryError, match="no place"):
        closest(a[0], a[1] * np.nan, *a)


# ---------------------------------------------------------------- the broad phase


def test_candidate_pairs() -> None:
    tracks = [
        track([(0, 0, 0), (1000, 0, 100)]),
        track([(0, 500, 0), (1000, 500, 100)]),  # beside the first
        track([(0, 0, 90_000), (1000, 0, 90_100)]),  # the same place a day later
        track([(90_000, 0, 0), (91_000, 0, 100)]),  # the same time, far off
        (np.empty(0, dtype=np.int64), np.empty((0, 2))),
        track([(500, 100, 50)]),  # a single fix between the first two
    ]
    assert candidate_pairs(tracks, separation_m=600) == [(0, 1), (0, 5), (1, 5)]
    assert candidate_pairs(tracks, separation_m=100_000) == [(0, 1), (0, 3), (0, 5), (1, 3), (1, 5), (3, 5)]
    assert candidate_pairs(tracks[:1], separation_m=1e6) == []
    with pytest.raises(UsageError, match="differ in number"):
        candidate_pairs([(np.array([1]), np.empty((0, 2)))], separation_m=1)


def test_candidate_pairs_of_long_legs_that_cross_mid_ocean() -> None:
    # Legs of 4,000 km: the ground bulges 300 km over the chord; the meeting is at the middle.
    centre = (-30.0, 40.0)
    a = (np.array([0, 36_000 * S]), direct(centre, [260.0, 80.0], 2_000_000.0))
    b = (np.array([0, 36_000 * S]), direct(centre, [170.0, 350.0], 2_000_000.0))
    still = (np.array([17_000 * S, 19_000 * S]), np.array([centre, centre]))
    pairs = candidate_pairs([a, b, still], separation_m=1000.0)
    assert pairs == [(0, 1), (0, 2), (1, 2)]
    assert all(close_passes(*x, *y, separation_m=1000.0) for x, y in ((a, b), (a, still), (b, still)))
