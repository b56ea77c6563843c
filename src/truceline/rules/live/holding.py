"""The fixes of a watch, held until the end: one mover's columns, made one track as a reading of a file makes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from truceline.formats.fixes import DATUMS
from truceline.kernels import OddFixes, StreamFixes


class Shelf(Protocol):
    """Where fixes go that are more than memory shall hold. Keys are whole numbers from 0."""

    def put(self, key: int, columns: StreamFixes) -> None:
        """Keep columns behind those put under this key before."""

    def take(self, key: int) -> list[StreamFixes]:
        """What was put under a key, in order."""

    def settle(self, columns: StreamFixes) -> StreamFixes:
        """The same columns, held where this shelf holds things."""

    def clear(self) -> None:
        """Let go of everything."""


class MemoryShelf:
    """A shelf in memory: 41 bytes a fix."""

    def __init__(self) -> None:
        self._held: dict[int, list[StreamFixes]] = {}

    def put(self, key: int, columns: StreamFixes) -> None:
        """Keep columns behind those put under this key before."""
        self._held.setdefault(key, []).append(columns)

    def take(self, key: int) -> list[StreamFixes]:
        """What was put under a key, in order."""
        return self._held.pop(key, [])

    def settle(self, columns: StreamFixes) -> StreamFixes:
        """The columns themselves."""
        return columns

    def clear(self) -> None:
        """Let go of everything."""
        self._held.clear()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeTrack:
    """All fixes of one mover in order of time, less repeats: what :class:`~truceline.model.movement.Track` takes."""

    columns: StreamFixes
    altitude_datum: str
    duplicate_count: int
    conflicts: StreamFixes


def whole_track(parts: list[StreamFixes]) -> WholeTrack:
    """One mover's fixes, put together from parts in order of arrival.

    Of fixes at one instant the first to arrive is kept, as a reading of the same records keeps the first. Heights
    above another datum than most are not known, as there.
    """
    joined = _joined(parts)
    order = np.argsort(joined.t_us, kind="stable")
    first = np.ones(len(order), dtype=bool)
    first[1:] = np.diff(joined.t_us[order]) != 0
    leader = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
    again, kept = order[~first], leader[~first]
    same = (joined.lonlat_deg[again] == joined.lonlat_deg[kept]).all(axis=1) & (
        (joined.altitude_m[again] == joined.altitude_m[kept])
        | (np.isnan(joined.altitude_m[again]) & np.isnan(joined.altitude_m[kept]))
    )
    whole = joined if first.all() and (np.diff(order) == 1).all() else _rows(joined, order[first])
    altitude_m, datum = _one_datum(whole.altitude_m, whole.datum)
    return WholeTrack(
        columns=StreamFixes(
            t_us=whole.t_us,
            lonlat_deg=whole.lonlat_deg,
            accuracy_m=whole.accuracy_m,
            altitude_m=altitude_m,
            datum=whole.datum,
        ),
        altitude_datum=datum,
        duplicate_count=int(same.sum()),
        conflicts=_rows(joined, again[~same]),
    )


def by_mover(odd: OddFixes) -> Iterator[tuple[int, StreamFixes]]:
    """The odd fixes of each mover, in order of arrival."""
    order = np.argsort(odd.mover, kind="stable")
    movers, starts = np.unique(odd.mover[order], return_index=True)
    ends = [*starts[1:].tolist(), len(order)]
    for mover, start, end in zip(movers.tolist(), starts.tolist(), ends, strict=False):
        yield mover, _rows(odd, order[start:end])


def _rows(columns: StreamFixes, rows: NDArray[np.intp]) -> StreamFixes:
    return StreamFixes(
        t_us=columns.t_us[rows],
        lonlat_deg=columns.lonlat_deg[rows],
        accuracy_m=columns.accuracy_m[rows],
        altitude_m=columns.altitude_m[rows],
        datum=columns.datum[rows],
    )


def _joined(parts: list[StreamFixes]) -> StreamFixes:
    filled = [part for part in parts if len(part)]
    if len(filled) == 1:
        return filled[0]
    return StreamFixes(
        t_us=np.concatenate([part.t_us for part in filled] or [np.empty(0, np.int64)]),
        lonlat_deg=np.concatenate([part.lonlat_deg for part in filled] or [np.empty((0, 2))]),
        accuracy_m=np.concatenate([part.accuracy_m for part in filled] or [np.empty(0)]),
        altitude_m=np.concatenate([part.altitude_m for part in filled] or [np.empty(0)]),
        datum=np.concatenate([part.datum for part in filled] or [np.empty(0, np.int8)]),
    )


def _one_datum(altitude_m: NDArray[np.float64], datum: NDArray[np.int8]) -> tuple[NDArray[np.float64], str]:
    known = np.isfinite(altitude_m)
    if not known.any():
        return altitude_m, ""
    chosen = int(np.argmax(np.bincount(datum[known], minlength=len(DATUMS))))
    other = known & (datum != chosen)
    return (np.where(other, np.nan, altitude_m) if other.any() else altitude_m), DATUMS[chosen]
