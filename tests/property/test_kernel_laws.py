"""Laws of the kernels that hold whatever the place, the shape and the order of what is given."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.kernels import (
    Region,
    candidate_pairs,
    close_passes,
    closest,
    densify,
    direct,
    distance_m,
    interpolate,
    inverse,
    path_depths_m,
    positions_at,
    reachable_depth,
    visits,
    within,
)

seeds = st.integers(0, 2**31)
latitudes = st.floats(-80, 80)
longitudes = st.sampled_from([0.0, 40.0, 179.99, -179.99, 180.0]) | st.floats(-180, 180)
edge_kinds = st.sampled_from(["geodesic", "parallel"])
TURN = np.array([360.0, 0.0])
laws = settings(max_examples=25, deadline=None, derandomize=True)


def _star(lon: float, lat: float, seed: int, corners: int = 8, radius_m: float = 20e3) -> np.ndarray:
    """A ring round a place that never crosses itself."""
    random = np.random.default_rng(seed)
    azimuth = (np.arange(corners) + random.uniform(-0.3, 0.3, corners)) * 360 / corners
    return direct((lon, lat), azimuth, radius_m * random.uniform(0.3, 1.0, corners))


def _line(lon: float, lat: float, seed: int, corners: int = 5) -> np.ndarray:
    """A line that wanders eastwards and never meets itself."""
    random = np.random.default_rng(seed)
    vertices = [np.array([lon, lat])]
    for _ in range(corners - 1):
        vertices.append(direct(vertices[-1], random.uniform(50, 130), random.uniform(1e3, 30e3))[0])
    return np.array(vertices)


def _places(lon: float, lat: float, seed: int, count: int = 60, reach_m: float = 60e3) -> np.ndarray:
    random = np.random.default_rng(seed + 1)
    return direct((lon, lat), random.uniform(0, 360, count), reach_m * np.sqrt(random.uniform(0, 1, count)))


def _track(
    lon: float, lat: float, seed: int, count: int = 12, reach_m: float = 30e3
) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed + 2)
    t_us = np.cumsum(random.integers(60_000_000, 600_000_000, count))
    return t_us, _places(lon, lat, seed + 3, count, reach_m)


# ---------------------------------------------------------------- regions


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds, edges=edge_kinds, start=st.integers(0, 7))
def test_a_ring_is_the_same_area_however_it_is_written(
    lon: float, lat: float, seed: int, edges: str, start: int
) -> None:
    ring, places = _star(lon, lat, seed), _places(lon, lat, seed)
    want = Region.polygon([[ring]], edges=edges).depth_m(places)
    turned = np.roll(ring, start, axis=0)
    for other in (turned, ring[::-1], np.vstack([ring, ring[:1]]), ring + TURN, ring - TURN):
        np.testing.assert_allclose(Region.polygon([[other]], edges=edges).depth_m(places), want, atol=1e-5)
    np.testing.assert_allclose(Region.polygon([[ring]], edges=edges).depth_m(places + TURN), want, atol=1e-5)
    np.testing.assert_allclose(
        Region.polygon([[np.repeat(ring, 2, axis=0)]], edges=edges).depth_m(places), want
    )


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds, edges=edge_kinds, offset_m=st.floats(-5e3, 5e3))
def test_a_line_run_backwards_swaps_its_sides(
    lon: float, lat: float, seed: int, edges: str, offset_m: float
) -> None:
    line, places = _line(lon, lat, seed), _places(lon, lat, seed)
    left = Region.side(line, "left", offset_m=offset_m, edges=edges).depth_m(places)
    back = Region.side(line[::-1], "right", offset_m=offset_m, edges=edges).depth_m(places)
    np.testing.assert_allclose(left, back, atol=1e-5)
    other = Region.side(line, "right", offset_m=-offset_m, edges=edges).depth_m(places)
    np.testing.assert_allclose(left, -other, atol=1e-5)
    band = Region.band(line, 7e3, 2e3, edges=edges).depth_m(places)
    mirrored = Region.band(line[::-1], 2e3, 7e3, edges=edges).depth_m(places)
    np.testing.assert_allclose(band, mirrored, atol=1e-5)
    shifted = Region.band(line + TURN, 7e3, 2e3, edges=edges).depth_m(places)
    np.testing.assert_allclose(band, shifted, atol=1e-5)


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds)
def test_a_ring_turned_round_the_globe_is_the_same_area(lon: float, lat: float, seed: int) -> None:
    # The ellipsoid is round: longitude means nothing, and the antimeridian is nowhere special.
    ring, places = _star(0.0, lat, seed), _places(0.0, lat, seed)
    east = np.array([lon, 0.0])
    want = Region.polygon([[ring]]).depth_m(places)
    np.testing.assert_allclose(Region.polygon([[ring + east]]).depth_m(places + east), want, atol=1e-5)


def _any_region(lon: float, lat: float, seed: int) -> Region:
    line = _line(lon, lat, seed)
    wide = Region.band(line, 9e3, 1e3)
    side = Region.side(line, "left", offset_m=500.0)
    star, inner = (
        Region.polygon([[_star(lon, lat, seed)]]),
        Region.polygon([[_star(lon, lat, seed + 9, 5, 5e3)]]),
    )
    circle = Region.circle((lon, lat), 12e3)
    return (star, wide, side, star.difference(inner), circle.union(wide), side.intersection(circle))[seed % 6]


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds)
def test_depth_changes_no_faster_than_one_moves(lon: float, lat: float, seed: int) -> None:
    region, places = _any_region(lon, lat, seed), _places(lon, lat, seed, 200)
    random = np.random.default_rng(seed)
    moved = direct(places, random.uniform(0, 360, 200), 10 ** random.uniform(-1, 4, 200))
    changed = np.abs(region.depth_m(places) - region.depth_m(moved))
    assert (changed <= distance_m(places, moved) * (1 + 1e-6) + 1e-4).all()


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds)
def test_combined_regions_follow_set_algebra(lon: float, lat: float, seed: int) -> None:
    a, b = Region.polygon([[_star(lon, lat, seed)]]), Region.circle((lon, lat), 9e3, accuracy_m=40.0)
    places = _places(lon, lat, seed)
    depth_a, depth_b = a.depth_m(places), b.depth_m(places)
    np.testing.assert_array_equal(a.union(b).depth_m(places), np.maximum(depth_a, depth_b))
    np.testing.assert_array_equal(a.intersection(b).depth_m(places), np.minimum(depth_a, depth_b))
    np.testing.assert_array_equal(a.difference(b).depth_m(places), np.minimum(depth_a, -depth_b))
    cut = a.difference(b.difference(a))
    low, high = cut.depth_range_m(places, 10.0)
    # Each boundary may be off by its accuracy and 10 m; every such choice lies between low and high.
    leaves = cut.leaf_depths_m(places)
    for signs in itertools.product((-1, 1), repeat=3):
        moved = cut.combine(leaves + np.array(signs) * (cut.leaf_accuracy_m + 10.0))
        assert (low <= moved + 1e-9).all() and (moved <= high + 1e-9).all()


# ---------------------------------------------------------------- visits


def _depth_slack_m(depth_m: float) -> float:
    """What the search for the deepest point promises: half a metre or 0.05 %, half the bar of the design."""
    return max(0.5, 5e-4 * abs(depth_m)) + 0.001


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds)
def test_visits_are_where_a_dense_walk_is_inside(lon: float, lat: float, seed: int) -> None:
    region, (t_us, lonlat) = _any_region(lon, lat, seed), _track(lon, lat, seed)
    found = visits(region, t_us, lonlat)
    every = np.unique(np.concatenate([np.linspace(t_us[0], t_us[-1], 2001).astype(np.int64), t_us]))
    depth = region.depth_m(positions_at(every, t_us, lonlat))
    inside = np.zeros(len(every), dtype=bool)
    for visit in found:
        inside |= (every >= visit.start_us) & (every <= visit.end_us)
        here = depth[(every >= visit.start_us) & (every <= visit.end_us)]
        assert visit.depth_m >= here.max(initial=0.0) - _depth_slack_m(visit.depth_m)
        assert abs(region.depth_m([visit.deepest_lonlat])[0] - visit.depth_m) < 0.001
        for instant, place in ((visit.entry_us, visit.entry_lonlat), (visit.exit_us, visit.exit_lonlat)):
            if instant is not None:
                assert abs(region.depth_m([place])[0]) < 0.05
                assert distance_m(positions_at([instant], t_us, lonlat), [place])[0] < 0.01
    assert (depth[inside] > -0.1).all()
    assert (depth[~inside] < 0.1).all()


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds)
def test_a_track_run_backwards_has_the_same_visits(lon: float, lat: float, seed: int) -> None:
    region, (t_us, lonlat) = _any_region(lon, lat, seed), _track(lon, lat, seed)
    there = visits(region, t_us, lonlat)
    back = visits(region, -t_us[::-1], lonlat[::-1])[::-1]
    assert len(there) == len(back)
    for one, other in zip(there, back, strict=True):
        # A second is up to 60 m of way here; entries are found to 5 cm.
        assert abs(one.start_us + other.end_us) < 1_000_000 and abs(one.end_us + other.start_us) < 1_000_000
        assert abs(one.depth_m - other.depth_m) < _depth_slack_m(one.depth_m)


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds)
def test_more_fixes_on_the_same_way_change_nothing(lon: float, lat: float, seed: int) -> None:
    region, (t_us, lonlat) = _any_region(lon, lat, seed), _track(lon, lat, seed)
    more = np.unique(np.concatenate([t_us, np.linspace(t_us[0], t_us[-1], 100).astype(np.int64)]))
    few, many = visits(region, t_us, lonlat), visits(region, more, positions_at(more, t_us, lonlat))
    assert len(few) == len(many)
    for one, other in zip(few, many, strict=True):
        assert abs(one.start_us - other.start_us) < 1_000_000
        assert abs(one.depth_m - other.depth_m) < _depth_slack_m(one.depth_m)


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds, threshold_m=st.floats(-3e3, 3e3))
def test_the_deepest_of_all_visits_is_the_depth_of_the_path(
    lon: float, lat: float, seed: int, threshold_m: float
) -> None:
    region, (t_us, lonlat) = _any_region(lon, lat, seed), _track(lon, lat, seed)
    depth, _, _ = path_depths_m(region, lonlat)
    found = visits(region, t_us, lonlat, threshold_m=threshold_m)
    if found:
        assert abs(max(visit.depth_m for visit in found) - depth) < _depth_slack_m(depth)
    else:
        assert depth < threshold_m + 0.5
    assert all(visit.depth_m > threshold_m for visit in found)


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds, slack_m=st.floats(0, 20e3))
def test_what_is_out_of_reach_was_not_reached(lon: float, lat: float, seed: int, slack_m: float) -> None:
    # Whatever detour is tried within the budget, it never goes deeper than a threshold called out of reach.
    random = np.random.default_rng(seed)
    region, ends = _any_region(lon, lat, seed), _places(lon, lat, seed, 2)
    budget_m = float(distance_m(ends[:1], ends[1:])[0]) + slack_m
    via = direct(
        interpolate(ends[0], ends[1], 0.5), random.uniform(0, 360, 300), random.uniform(0, budget_m, 300)
    )
    way = distance_m(ends[:1], via) + distance_m(via, ends[1:])
    reached = region.depth_m(via[way <= budget_m]).max(initial=-np.inf)
    for threshold_m in (0.0, 1_000.0, -1_000.0):
        if not reachable_depth(region, ends[0], ends[1], budget_m, threshold_m):
            assert reached < threshold_m


# ---------------------------------------------------------------- approaches


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds, share=st.floats(0.5, 1.5))
def test_closest_is_the_least_of_a_dense_walk(lon: float, lat: float, seed: int, share: float) -> None:
    a, b = _track(lon, lat, seed), _track(lon, lat, seed + 50)
    found = closest(*a, *b)
    start, end = max(a[0][0], b[0][0]), min(a[0][-1], b[0][-1])
    if found is None:
        assert start > end
        return
    every = np.linspace(start, end, 3001).astype(np.int64)
    apart = distance_m(positions_at(every, *a), positions_at(every, *b))
    t_us, least_m, place_a, place_b = found
    assert least_m <= apart.min() + 0.001
    assert start <= t_us <= end
    assert abs(distance_m([place_a], [place_b])[0] - least_m) < 0.001
    # min <= d exactly when within(d).
    for limit in (least_m, least_m * share, least_m - 1e-3, least_m + 1e-3):
        assert within(*a, *b, limit) is (least_m <= limit)
        passes = close_passes(*a, *b, limit)
        assert bool(passes) is (least_m < limit)
        near = np.zeros(len(every), dtype=bool)
        for item in passes:
            near |= (every >= item.start_us) & (every <= item.end_us)
            assert item.closest_m >= least_m and item.start_us <= item.closest_us <= item.end_us
        assert (apart[near] <= limit + 0.01).all() and (apart[~near] >= limit - 0.01).all()


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds)
def test_approach_is_the_same_from_both(lon: float, lat: float, seed: int) -> None:
    a, b = _track(lon, lat, seed), _track(lon, lat, seed + 50)
    one, other = closest(*a, *b), closest(*b, *a)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert one[1] == other[1] and abs(one[0] - other[0]) < 1_000_000


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds, separation_m=st.floats(10, 20e3))
def test_the_broad_phase_drops_no_true_pair(lon: float, lat: float, seed: int, separation_m: float) -> None:
    random = np.random.default_rng(seed)
    tracks = []
    for k in range(7):
        t_us, places = _track(lon, lat, seed + 7 * k, count=int(random.integers(1, 9)), reach_m=150e3)
        tracks.append((t_us * int(random.choice([1, 30])) + int(random.integers(0, 10**9)), places))
    true = {
        (i, j)
        for i, j in itertools.combinations(range(7), 2)
        if close_passes(*tracks[i], *tracks[j], separation_m=separation_m)
    }
    assert true <= set(candidate_pairs(tracks, separation_m))


# ---------------------------------------------------------------- geodesy


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds)
def test_there_and_back(lon: float, lat: float, seed: int) -> None:
    places = _places(lon, lat, seed, 40, 4e6)
    here = np.broadcast_to([lon, lat], places.shape)
    length_m, azimuth_deg = inverse(here, places)
    np.testing.assert_allclose(inverse(places, here)[0], length_m, atol=1e-6)
    assert distance_m(direct(here, azimuth_deg, length_m), places).max() < 1e-4


@laws
@given(lon=longitudes, lat=latitudes, seed=seeds, edges=edge_kinds, longest_m=st.floats(50, 50e3))
def test_densify_keeps_vertices_and_the_longest_edge(
    lon: float, lat: float, seed: int, edges: str, longest_m: float
) -> None:
    line = _line(lon, lat, seed)
    dense = densify(line, edges=edges, longest_m=longest_m)
    assert distance_m(dense[:-1], dense[1:]).max() <= longest_m * (1 + 1e-9) + 1e-6
    rows = {tuple(row) for row in dense.tolist()}
    assert all(tuple(vertex) in rows for vertex in line.tolist())
    ring = densify(line, edges=edges, longest_m=longest_m, closed=True)
    np.testing.assert_array_equal(ring[0], ring[-1])
