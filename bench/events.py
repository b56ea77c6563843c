"""Incursions and encounters as every side gives them, and what one side has that the other lost."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.ground import Column5, Floats

INCURSION = np.dtype(
    [("mover", "i4"), ("start_us", "i8"), ("end_us", "i8"), ("depth_m", "f8"), ("crossings", "i4")]
)
ENCOUNTER = np.dtype(
    [("first", "i4"), ("second", "i4"), ("start_us", "i8"), ("end_us", "i8"), ("least_m", "f8")]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What the peer did, seen from ours."""

    ours: int
    peer: int
    lost: int
    extra: int
    differ: int
    shortfall_m: float

    def sentence(self, what: str = "depth") -> str:
        return (
            f"{self.ours} events of ours, {self.peer} of the peer; lost {self.lost}, extra {self.extra}, "
            f"{self.differ} with another number of crossings, {what} off by up to {self.shortfall_m:.2f} m"
        )


def runs_of(
    mover: NDArray, t_us: NDArray[np.int64], inside: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First row and one past the last row of each run of rows that are inside, cut where the mover changes."""
    edge = np.ones(len(mover) + 1, dtype=bool)
    edge[1:-1] = (mover[1:] != mover[:-1]) | (inside[1:] != inside[:-1])
    at = np.flatnonzero(edge)
    begun, ended = at[:-1], at[1:]
    kept = inside[begun]
    return begun[kept], ended[kept]


def crossings_of(columns: Column5, mover: NDArray, start_us: NDArray, end_us: NDArray) -> NDArray:
    """Two, less one for an end that is an end of the mover's record."""
    starts = columns.starts()
    at = np.searchsorted(columns.mover[starts[:-1]], mover)
    first_us, last_us = columns.t_us[starts[:-1]][at], columns.t_us[starts[1:] - 1][at]
    return (start_us > first_us).astype(np.int32) + (end_us < last_us).astype(np.int32)


def incursions(
    mover: NDArray, start_us: NDArray, end_us: NDArray, depth_m: NDArray, crossings: NDArray | int = 2
) -> NDArray:
    found = np.empty(len(mover), dtype=INCURSION)
    found["mover"], found["start_us"], found["end_us"], found["depth_m"] = mover, start_us, end_us, depth_m
    found["crossings"] = crossings
    return np.sort(found, order=("mover", "start_us"))


def encounters(
    first: NDArray, second: NDArray, start_us: NDArray, end_us: NDArray, least_m: NDArray | Floats
) -> NDArray:
    """Pairs with the smaller number first."""
    found = np.empty(len(first), dtype=ENCOUNTER)
    found["first"], found["second"] = np.minimum(first, second), np.maximum(first, second)
    found["start_us"], found["end_us"], found["least_m"] = start_us, end_us, least_m
    return np.sort(found, order=("first", "second", "start_us"))


def overlapping(ours: NDArray, peer: NDArray, keys: tuple[str, ...], slack_us: int) -> list[list[int]]:
    """For each of ours the peer's events of the same key that meet it in time."""
    by_key: dict[tuple, list[int]] = {}
    for at, row in enumerate(peer):
        by_key.setdefault(tuple(row[list(keys)].item()), []).append(at)
    return [
        [
            at
            for at in by_key.get(tuple(row[list(keys)].item()), [])
            if peer[at]["start_us"] <= row["end_us"] + slack_us
            and row["start_us"] <= peer[at]["end_us"] + slack_us
        ]
        for row in ours
    ]


def compare_incursions(ours: NDArray, peer: NDArray, *, with_depth: bool = True) -> Compared:
    """Ours may hold several crossings in one event, since what hugs the line is one event; the peer's are raw."""
    return _compare(ours, peer, ("mover",), "depth_m", with_depth)


def compare_encounters(ours: NDArray, peer: NDArray, *, slack_us: int = 1_000) -> Compared:
    return _compare(ours, peer, ("first", "second"), "least_m", True, slack_us)


def _compare(
    ours: NDArray, peer: NDArray, keys: tuple[str, ...], value: str, with_value: bool, slack_us: int = 1_000
) -> Compared:
    met = overlapping(ours, peer, keys, slack_us)
    taken = {at for group in met for at in group}
    shared = Counter(at for group in met for at in group)
    best = np.max if value == "depth_m" else np.min
    # Where the peer draws two of ours together, its one value is not compared.
    off = [
        abs(float(row[value] - best(peer[value][group])))
        for row, group in zip(ours, met, strict=True)
        if group and with_value and all(shared[at] == 1 for at in group)
    ]
    if value == "depth_m":
        differ = sum(
            bool(group) and sum(peer["crossings"][at] for at in group) != row["crossings"]
            for row, group in zip(ours, met, strict=True)
        )
    else:
        differ = sum(len(group) > 1 for group in met)
    return Compared(
        ours=len(ours),
        peer=len(peer),
        lost=sum(not group for group in met),
        extra=len(peer) - len(taken),
        differ=differ,
        shortfall_m=max(off, default=0.0),
    )
