"""Laws of the index of volumes: it never forgets, never remembers what was withdrawn, and misses nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from truceline.kernels.geodesy import direct, interpolate
from truceline.kernels.volumes import VOLUME_TOLERANCE_M, VolumeColumns, VolumeIndex, footprint_distance_m

PLACES = [(20.0, 0.0), (180.0, 10.0), (-179.95, -61.0), (0.0, 90.0), (77.0, -89.95), (38.6, 33.5)]
# From a footpath to a province, and from an instant to for ever: every level of the index is used.
REACHES_M = [1e3, 3e4, 6e5]
LASTS_US = [0, 60e6, 3600e6, 86400e6, 86400e6 * 90, 86400e6 * 8000]
seeds = st.integers(0, 2**31)
laws = settings(max_examples=25, deadline=None, derandomize=True)


def columns(rng: np.random.Generator, place: tuple[float, float], count: int, ids: range) -> VolumeColumns:
    """Random legs, points and triangles of every size, some open-ended in time."""
    points, first, is_ring = [], [0], []
    for _ in range(count):
        ring, reach = rng.random() < 0.3, rng.choice(REACHES_M)
        corners = 3 if ring else rng.integers(1, 3)
        middle = direct(place, rng.uniform(0, 360), reach * rng.random())[0]
        turns = rng.uniform(0, 360) + np.arange(corners) * 360 / corners
        points.append(direct(middle, turns, reach * rng.uniform(0.2, 1.0, corners)))
        first.append(first[-1] + corners)
        is_ring.append(ring)
    start = 1_700_000_000_000_000 + rng.integers(-(10**12), 10**12, count)
    end = start + rng.choice(LASTS_US, count).astype(np.int64)
    start[rng.random(count) < 0.1], end[rng.random(count) < 0.1] = -(2**62), 2**62
    low = rng.choice([-np.inf, 0.0, 1000.0], count)
    return VolumeColumns(
        first=np.array(first), lonlat_deg=np.vstack(points), is_ring=np.array(is_ring),
        half_width_m=rng.choice([0.0, 100.0, 5e3, 1e5], count), start_us=start, end_us=end, low_m=low,
        high_m=np.where(np.isfinite(low), low + 1000.0, rng.choice([500.0, np.inf], count)),
        datum=rng.integers(0, 3, count), id=np.array(ids), part=rng.integers(0, 9, count),
    )  # fmt: skip


def one(volumes: VolumeColumns, row: int) -> VolumeColumns:
    points = volumes.lonlat_deg[volumes.first[row] : volumes.first[row + 1]]
    rest = {
        name: getattr(volumes, name)[row : row + 1]
        for name in (
            "is_ring",
            "half_width_m",
            "start_us",
            "end_us",
            "low_m",
            "high_m",
            "datum",
            "id",
            "part",
        )
    }
    return VolumeColumns(first=np.array([0, len(points)]), lonlat_deg=points, **rest)


def meets(a: VolumeColumns, b: VolumeColumns) -> bool:
    """Do two volumes (columns of one) meet? Straight from the definition, with no index."""
    s, e, u, v = (int(value[0]) for value in (a.start_us, a.end_us, b.start_us, b.end_us))
    together = (u <= s < v or (s, e) == (u, v)) if s == e else (s <= u < e if u == v else s < v and u < e)
    told_apart = a.datum[0] != 0 and a.datum[0] == b.datum[0]
    if not together or (told_apart and (a.low_m[0] > b.high_m[0] or b.low_m[0] > a.high_m[0])):
        return False
    gap = float(footprint_distance_m(a, b)[0] - (a.half_width_m[0] + b.half_width_m[0]))
    return gap <= VOLUME_TOLERANCE_M


def found(index: VolumeIndex, asked: VolumeColumns) -> list[tuple[int, int]]:
    hits = index.query(asked)
    return [(int(hits.id[k]), int(hits.part[k])) for k in hits]


class HeldVolumes(RuleBasedStateMachine):
    """Insert and withdraw in any order; every question is answered as by looking at all that is held."""

    @initialize(seed=seeds, place=st.sampled_from(PLACES))
    def begin(self, seed: int, place: tuple[float, float]) -> None:
        self.rng, self.place = np.random.default_rng(seed), place
        self.index, self.held, self.next = VolumeIndex(), {}, 0

    @rule(count=st.integers(1, 12))
    def insert(self, count: int) -> None:
        new = columns(self.rng, self.place, count, range(self.next, self.next + count))
        self.index.insert(new)
        self.held |= {self.next + row: one(new, row) for row in range(count)}
        self.next += count

    @rule(seed=seeds)
    def withdraw(self, seed: int) -> None:
        if not self.held:
            assert self.index.withdraw(seed) == 0
            return
        number = sorted(self.held)[seed % len(self.held)]
        assert self.index.withdraw(number) == 1
        assert self.index.withdraw(number) == 0
        del self.held[number]

    @rule()
    def ask(self) -> None:
        asked = columns(self.rng, self.place, 1, range(1))
        expected = [
            (number, int(held.part[0])) for number, held in sorted(self.held.items()) if meets(asked, held)
        ]
        assert found(self.index, asked) == expected

    @invariant()
    def count_is_right(self) -> None:
        if hasattr(self, "held"):
            assert len(self.index) == len(self.held)


TestHeldVolumes = HeldVolumes.TestCase
TestHeldVolumes.settings = settings(max_examples=30, stateful_step_count=30, deadline=None, derandomize=True)


@laws
@given(seed=seeds, place=st.sampled_from(PLACES))
def test_the_order_of_insertion_changes_nothing(seed: int, place: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    held, asked = columns(rng, place, 30, range(30)), columns(rng, place, 5, range(5))
    whole, piecewise = VolumeIndex(), VolumeIndex()
    whole.insert(held)
    for row in rng.permutation(30):
        piecewise.insert(one(held, int(row)))
    for name in (
        "leg",
        "id",
        "part",
        "start_us",
        "end_us",
        "gap_m",
        "vertical_m",
        "on_asked_deg",
        "on_held_deg",
    ):
        np.testing.assert_array_equal(
            getattr(whole.query(asked), name), getattr(piecewise.query(asked), name), err_msg=name
        )


@laws
@given(seed=seeds, place=st.sampled_from(PLACES))
def test_distance_is_the_same_seen_from_either_and_drawn_either_way(
    seed: int, place: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    a, b = one(columns(rng, place, 1, range(1)), 0), one(columns(rng, place, 1, range(1)), 0)
    there = footprint_distance_m(a, b)[0]
    np.testing.assert_allclose(footprint_distance_m(b, a)[0], there, rtol=1e-9, atol=1e-3)
    back = VolumeColumns(
        **{name: getattr(a, name) for name in a.__slots__} | {"lonlat_deg": a.lonlat_deg[::-1]}
    )
    np.testing.assert_allclose(footprint_distance_m(back, b)[0], there, rtol=1e-7, atol=1e-3)
    rolled = VolumeColumns(
        **{name: getattr(a, name) for name in a.__slots__}
        | {"lonlat_deg": np.roll(a.lonlat_deg, 1, axis=0) if a.is_ring[0] else a.lonlat_deg}
    )
    np.testing.assert_allclose(footprint_distance_m(rolled, b)[0], there, rtol=1e-7, atol=1e-3)


@laws
@given(seed=seeds, place=st.sampled_from(PLACES), share=st.floats(0.05, 0.95))
def test_a_leg_in_two_halves_is_as_far_as_the_whole(
    seed: int, place: tuple[float, float], share: float
) -> None:
    rng = np.random.default_rng(seed)
    ends = direct(place, rng.uniform(0, 360, 2), rng.uniform(0, 30e3, 2))
    halved = np.vstack([ends[:1], interpolate(ends[0], ends[1], share), ends[1:]])
    other = one(columns(rng, place, 1, range(1)), 0)

    def leg(points: np.ndarray) -> VolumeColumns:
        names = {name: getattr(other, name) for name in other.__slots__}
        return VolumeColumns(**names | {"first": [0, len(points)], "lonlat_deg": points, "is_ring": [0]})

    whole, halves = (footprint_distance_m(leg(points), other)[0] for points in (ends, halved))
    np.testing.assert_allclose(halves, whole, rtol=1e-6, atol=2e-3)
