"""Laws of the search for all pairs: it finds what each pair alone has, however movers, legs and slabs are cut."""

from __future__ import annotations

import itertools

import numpy as np
import reference_approach
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.kernels import candidate_pairs, close_intervals, close_passes, closest, direct, positions_at

S = 1_000_000
GAP_US = 10**12
seeds = st.integers(0, 2**31)
places = st.tuples(
    st.sampled_from([0.0, 40.0, 179.999, -179.999]) | st.floats(-180, 180),
    st.floats(-80, 80) | st.sampled_from([89.99, -89.99, 0.0]),
)
laws = settings(max_examples=25, deadline=None, derandomize=True)
Track = tuple[np.ndarray, np.ndarray]


def fleet(where: tuple[float, float], seed: int, count: int = 6, reach_m: float = 20e3) -> list[Track]:
    """Movers of a few fixes each near a place, some of them still, at instants of their own."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        fixes = int(random.integers(1, 12))
        t_us = random.integers(0, 3600 * S) + np.cumsum(random.integers(0, 400 * S, fixes))
        away = reach_m * np.sqrt(random.uniform(0, 1, fixes)) * random.choice([0.02, 1.0])
        lonlat = direct(where, random.uniform(0, 360, fixes), away)
        if random.random() < 0.3:
            lonlat[:] = lonlat[0]
        made.append((t_us, lonlat))
    return made


def search(tracks: list[Track], separation_m: float, **more: object):
    return close_intervals(
        np.cumsum([0] + [len(t_us) for t_us, _ in tracks]),
        np.concatenate([t_us for t_us, _ in tracks]),
        np.concatenate([lonlat[:, 0] for _, lonlat in tracks]),
        np.concatenate([lonlat[:, 1] for _, lonlat in tracks]),
        more.pop("group", np.arange(len(tracks))),  # type: ignore[arg-type]
        separation_m,
        longest_gap_us=GAP_US,
        **more,  # type: ignore[arg-type]
    )


def gist(found, names: list[int] | None = None) -> set[tuple]:
    called = names or list(range(10**3))
    rows = zip(
        *(getattr(found, n).tolist() for n in ("a", "b", "start_us", "end_us", "closest_m")), strict=True
    )
    return {(*sorted((called[a], called[b])), *rest) for a, b, *rest in rows}


@laws
@given(places, seeds, st.floats(50, 20e3))
def test_all_pairs_are_each_pair_alone(where: tuple[float, float], seed: int, separation_m: float) -> None:
    tracks = fleet(where, seed)
    alone = {
        (i, j, item.start_us, item.end_us, item.closest_m)
        for i, j in itertools.combinations(range(len(tracks)), 2)
        for item in close_passes(*tracks[i], *tracks[j], separation_m)
    }
    assert gist(search(tracks, separation_m)) == alone
    assert {pair[:2] for pair in alone} <= set(candidate_pairs(tracks, separation_m))
    assert gist(search(tracks, separation_m, slab_us=7 * S, threads_count=2)) == alone


@laws
@given(places, seeds, st.floats(50, 20e3))
def test_the_readable_reference_finds_the_same(
    where: tuple[float, float], seed: int, separation_m: float
) -> None:
    tracks = [(t_us, lonlat) for t_us, lonlat in fleet(where, seed) if (np.diff(t_us) > 0).all()]
    for one, two in itertools.combinations(tracks, 2):
        want, got = reference_approach.closest(*one, *two), closest(*one, *two)
        assert (want is None) == (got is None)
        if want is None or got is None:
            continue
        assert abs(want[1] - got[1]) < 0.002
        spans = [
            [item for item in found if item.closest_m < separation_m - 0.002]
            for found in (
                reference_approach.close_passes(*one, *two, separation_m),
                close_passes(*one, *two, separation_m),
            )
        ]
        assert len(spans[0]) == len(spans[1])
        for expected, seen in zip(*spans, strict=True):
            assert abs(expected.closest_m - seen.closest_m) < 0.002
            assert (expected.open_start, expected.open_end) == (seen.open_start, seen.open_end)
            # Where they part slowly, millimetres are long: so it is the distance there that must agree.
            for other_us in (expected.start_us, expected.end_us):
                near = min(abs(seen.start_us - other_us), abs(seen.end_us - other_us))
                here = closest(
                    *([other_us], positions_at(other_us, *one)), *([other_us], positions_at(other_us, *two))
                )
                assert near < 2000 or (here is not None and abs(here[1] - separation_m) < 0.01)


@laws
@given(places, seeds, st.floats(50, 20e3), st.randoms(use_true_random=False))
def test_neither_order_nor_numbering_matters(
    where: tuple[float, float], seed: int, separation_m: float, chance: object
) -> None:
    tracks = fleet(where, seed)
    order = list(range(len(tracks)))
    chance.shuffle(order)  # type: ignore[attr-defined]
    there = search([tracks[k] for k in order], separation_m)
    assert gist(there, order) == gist(search(tracks, separation_m))


@laws
@given(places, seeds, st.floats(50, 20e3))
def test_a_turn_round_the_globe_changes_nothing(
    where: tuple[float, float], seed: int, separation_m: float
) -> None:
    tracks = fleet(where, seed)
    turned = [(t_us, lonlat + np.array([360.0, 0.0])) for t_us, lonlat in tracks]
    here, there = search(tracks, separation_m), search(turned, separation_m)
    keep = here.closest_m < separation_m - 0.001, there.closest_m < separation_m - 0.001
    assert here.a[keep[0]].tolist() == there.a[keep[1]].tolist()
    np.testing.assert_allclose(here.closest_m[keep[0]], there.closest_m[keep[1]], atol=2e-4)


@laws
@given(places, seeds, st.floats(50, 20e3))
def test_legs_cut_in_two_are_the_same_way(where: tuple[float, float], seed: int, separation_m: float) -> None:
    tracks = [(t_us, lonlat) for t_us, lonlat in fleet(where, seed) if (np.diff(t_us) > 1).all()]
    finer = []
    for t_us, lonlat in tracks:
        more = np.unique(np.concatenate([t_us, (t_us[:-1] + t_us[1:]) // 2]))
        finer.append((more, positions_at(more, t_us, lonlat)))
    if len(tracks) < 2:
        return
    coarse, fine = search(tracks, separation_m), search(finer, separation_m)
    keep = coarse.closest_m < separation_m - 0.005, fine.closest_m < separation_m - 0.005
    assert coarse.a[keep[0]].tolist() == fine.a[keep[1]].tolist()
    assert coarse.b[keep[0]].tolist() == fine.b[keep[1]].tolist()
    np.testing.assert_allclose(coarse.closest_m[keep[0]], fine.closest_m[keep[1]], atol=0.005)


@laws
@given(places, seeds, st.floats(50, 20e3), st.floats(10, 500))
def test_a_vertical_distance_only_takes_away(
    where: tuple[float, float], seed: int, separation_m: float, vertical_m: float
) -> None:
    tracks = fleet(where, seed)
    heights = np.random.default_rng(seed).uniform(0, 600, sum(len(t_us) for t_us, _ in tracks))
    flat = search(tracks, separation_m)
    for found in (
        search(tracks, separation_m, altitude_m=heights, vertical_m=vertical_m),
        search(tracks, separation_m, altitude_m=heights * 0 + np.nan, vertical_m=vertical_m),
    ):
        whole = [(a, b, start, end) for a, b, start, end, _ in gist(flat)]
        for a, b, start, end, _ in gist(found):
            assert any((a, b) == it[:2] and it[2] <= start and end <= it[3] for it in whole)
    assert gist(found) == gist(flat)  # nothing known of the heights: nothing taken away
    low = search(tracks, separation_m, altitude_m=heights, vertical_m=vertical_m)
    assert (low.vertical_m < vertical_m + 1e-6).all()
    assert gist(search(tracks, separation_m, altitude_m=heights, vertical_m=601.0)) == gist(flat)
