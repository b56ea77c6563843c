"""Rows of positions become tracks here, for every track format alike.

Each reader adds what it met to a :class:`FixLog`; the log checks each position, sorts, finds duplicates and
conflicts, and says what it did with every record. ``docs/formats/outcomes.md`` is the table of outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from truceline.errors import Where
from truceline.formats.options import TrackOptions
from truceline.formats.values import Fault, check_position
from truceline.model.evidence import Dropped
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef, Track
from truceline.units import Metres, MicrosUTC, Seconds

DEFAULT_LONGEST_GAP_S = 300.0
# What a height is measured from. A batch of live fixes carries the position in this tuple, 0 for not stated.
DATUMS = ("", "ellipsoid", "msl", "baro", "agl")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FixColumns:
    """Fixes as columns of length n, in the order in which they were met.

    Attributes
    ----------
    mover : int32, shape (n,)
        Counts the movers in the order in which they first appeared.
    t_us : int64, shape (n,)
        Microseconds UTC.
    lon_deg, lat_deg : float64, shape (n,)
        WGS 84; finite and in range.
    accuracy_m : float64, shape (n,)
        95 % radius; NaN is not stated.
    altitude_m : float64, shape (n,)
        NaN is not known.
    datum : int8, shape (n,)
        What each height is measured from: index into :data:`DATUMS`.
    line : int64, shape (n,)
        Where each stands in its file or feed.
    segment : int32, shape (n,)
        Counts the pieces into which the source itself broke its tracks.
    """

    mover: NDArray[np.int32]
    t_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    datum: NDArray[np.int8]
    line: NDArray[np.int64]
    segment: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.t_us)

    def rows(self, chosen: NDArray[np.intp]) -> FixColumns:
        """The fixes at these places, in this order."""
        return FixColumns(**{name: getattr(self, name)[chosen] for name in _KINDS})


_KINDS: dict[str, type] = {
    "mover": np.int32,
    "t_us": np.int64,
    "lon_deg": np.float64,
    "lat_deg": np.float64,
    "accuracy_m": np.float64,
    "altitude_m": np.float64,
    "datum": np.int8,
    "line": np.int64,
    "segment": np.int32,
}


def join_columns(blocks: Sequence[FixColumns]) -> FixColumns:
    """The fixes of several blocks, one after another."""
    if len(blocks) == 1:
        return blocks[0]
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(block, name) for block in blocks] or [np.empty(0)]).astype(
            kind, copy=False
        )
        for name, kind in _KINDS.items()
    }
    return FixColumns(**joined)


class FixLog:
    """Gathers the fixes of one file and everything that was dropped, then makes the tracks.

    Parameters
    ----------
    source : SourceRef
        The file.
    where : callable, optional
        From the position a reader gave (a line number unless it says otherwise) to a place in the file.

    Notes
    -----
    ``read_count`` counts every record met. It always equals fixes kept plus records dropped, plus the paths
    and reports that the reader itself made and counted.
    """

    def __init__(self, source: SourceRef, *, where: Callable[[int], Where] | None = None) -> None:
        self.source = source
        self.dropped: list[Dropped] = []
        self.read_count = 0
        self._where = where or (lambda at: Where(file=source.name, line=at))
        self._keys: dict[str, int] = {}
        self._rows: list[tuple[Any, ...]] = []  # in the order of FixColumns, not yet columns
        self._blocks: list[FixColumns] = []

    def drop(self, code: str, at: int, seen: str, outcome: str = "left out", *, kept: bool = False) -> None:
        """Record one oddity: a record not used, or (``kept``) a remark on one that was."""
        self.dropped.append(Dropped(code=code, where=self._where(at), seen=seen, outcome=outcome, kept=kept))

    def add(
        self,
        key: str,
        *,
        t_us: MicrosUTC,
        lon: object,
        lat: object,
        at: int,
        accuracy_m: Metres = math.nan,
        altitude_m: Metres = math.nan,
        datum: str = "",
        segment: int = 0,
    ) -> bool:
        """Add one timed fix of the mover ``key``; False where its position was not usable (and recorded)."""
        position = check_position(lon, lat)
        if isinstance(position, Fault):
            self.drop(position.code, at, position.seen, position.outcome)
            return False
        measured = DATUMS.index(datum) if altitude_m == altitude_m else 0
        mover = self.index_of(key)
        self._rows.append((mover, t_us, *position, accuracy_m, altitude_m, measured, at, segment))
        return True

    def index_of(self, key: str) -> int:
        """The number of the mover ``key``, the next one where it is new."""
        return self._keys.setdefault(key, len(self._keys))

    def add_block(self, block: FixColumns) -> None:
        """Add fixes that are columns already, checked by whoever made them; movers by :meth:`index_of`."""
        self._seal()
        self._blocks.append(block)

    def _seal(self) -> None:
        if not self._rows:
            return
        columns = zip(*self._rows, strict=True)
        arrays: dict[str, Any] = {
            name: np.array(values, dtype=_KINDS[name]) for name, values in zip(_KINDS, columns, strict=True)
        }
        self._blocks.append(FixColumns(**arrays))
        self._rows = []

    def keys_after(self, count: int) -> tuple[str, ...]:
        """The movers met so far, in the order in which they first appeared, less the first ``count``."""
        return tuple(islice(self._keys, count, None)) if len(self._keys) > count else ()

    def take(self) -> FixColumns:
        """The fixes gathered since the last call; the log keeps the movers it has met, and what was dropped."""
        self._seal()
        taken = join_columns(self._blocks)
        self._blocks = []
        return taken

    def tracks(
        self,
        movers: Mapping[str, Mover],
        *,
        options: TrackOptions,
        longest_gap_s: Seconds = DEFAULT_LONGEST_GAP_S,
        note: str = "",
        exercise_keys: Collection[str] = (),
    ) -> tuple[Track, ...]:
        """The tracks of all fixes added, in the order in which their movers first appeared.

        Fixes are sorted by time; of identical fixes one is kept (``duplicate``); of two positions at one
        instant the first in the file is kept (``conflict``); sorting is remarked once a mover
        (``out-of-order``). A change of segment, and only that, makes a segment start. A track has one datum of
        height, the one most of its heights have; heights above another datum become unknown (``mixed-datum``).
        ``exercise_keys`` are the movers whose own records say that they are of an exercise.
        """
        fixes = self.take()
        told = "; ".join(part for part in (note, options.accuracy_note) if part)
        accuracy = np.where(np.isnan(fixes.accuracy_m), options.accuracy_m, fixes.accuracy_m)
        lonlat = np.column_stack([fixes.lon_deg, fixes.lat_deg])
        order = np.lexsort((np.arange(len(fixes)), fixes.t_us, fixes.mover))
        self._remark_order(fixes)
        order = self._without_repeats(order, fixes)
        bounds = np.searchsorted(fixes.mover[order], np.arange(len(self._keys) + 1))
        made = []
        for key, index in self._keys.items():
            rows = order[bounds[index] : bounds[index + 1]]
            if not len(rows):
                continue
            starts = np.flatnonzero(np.diff(fixes.segment[rows])) + 1
            altitude_m, altitude_datum = self._one_datum(key, fixes, rows)
            made.append(
                Track(
                    mover=movers[key],
                    t_us=fixes.t_us[rows],
                    lonlat_deg=lonlat[rows],
                    accuracy_m=accuracy[rows],
                    altitude_m=altitude_m,
                    altitude_datum=altitude_datum,
                    longest_gap_s=options.longest_gap_s or longest_gap_s,
                    segment_starts=tuple(int(start) for start in starts),
                    source=replace(self.source, line=self._where(int(fixes.line[rows[0]])).line, note=told),
                    exercise=options.exercise or key in exercise_keys,
                )
            )
        return tuple(made)

    def _one_datum(
        self, key: str, fixes: FixColumns, rows: NDArray[np.int64]
    ) -> tuple[NDArray[np.float64], str]:
        """The heights above the datum that most of them have, NaN for the others, and that datum's name."""
        altitude_m, datum = fixes.altitude_m[rows], fixes.datum[rows]
        known = np.isfinite(altitude_m)
        counts = np.bincount(datum[known], minlength=len(DATUMS))
        chosen = int(np.argmax(counts))
        other = known & (datum != chosen)
        if not np.any(other):
            return altitude_m, DATUMS[chosen] if np.any(known) else ""
        first = int(np.flatnonzero(other)[0])
        names = [DATUMS[code] or "a datum not stated" for code in np.flatnonzero(counts) if code != chosen]
        self.drop(
            "mixed-datum",
            int(fixes.line[rows[first]]),
            f"{key}: {int(np.sum(other))} heights above {' and '.join(names)}, first here, "
            f"beside {int(counts[chosen])} above {DATUMS[chosen] or 'a datum not stated'}",
            "the fixes are kept, with these heights as not known",
            kept=True,
        )
        return np.where(other, np.nan, altitude_m), DATUMS[chosen]

    def _remark_order(self, fixes: FixColumns) -> None:
        """One remark a mover whose fixes stood out of order in the file."""
        by_mover = np.argsort(fixes.mover, kind="stable")
        same = np.diff(fixes.mover[by_mover]) == 0
        late = np.flatnonzero(same & (np.diff(fixes.t_us[by_mover]) < 0)) + 1
        names = list(self._keys)
        seen: dict[int, list[int]] = {}
        for row in by_mover[late]:
            seen.setdefault(int(fixes.mover[row]), []).append(int(row))
        for index, rows in seen.items():
            self.drop(
                "out-of-order",
                int(fixes.line[rows[0]]),
                f"{names[index]}: time runs back {len(rows)} time{'s' if len(rows) > 1 else ''}, first here",
                "sorted by time",
                kept=True,
            )

    def _without_repeats(self, order: NDArray[np.int64], fixes: FixColumns) -> NDArray[np.int64]:
        """``order`` less the fixes that share mover and instant with an earlier line of the file."""
        if not len(order):
            return order
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(fixes.mover[order]) != 0) | (np.diff(fixes.t_us[order]) != 0)
        leader = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
        names = list(self._keys)
        for place in np.flatnonzero(~first):
            row, kept = int(order[place]), int(leader[place])
            here = (float(fixes.lon_deg[row]), float(fixes.lat_deg[row]))
            there = (float(fixes.lon_deg[kept]), float(fixes.lat_deg[kept]))
            height_m, other_m = float(fixes.altitude_m[row]), float(fixes.altitude_m[kept])
            same = here == there and (height_m == other_m or (math.isnan(height_m) and math.isnan(other_m)))
            other = self._where(int(fixes.line[kept]))
            seen = f"{names[fixes.mover[row]]}: lon {here[0]!r}, lat {here[1]!r}, the instant of {other}"
            if same:
                code, outcome = "duplicate", "left out; the identical fix is kept"
            else:
                code, outcome = "conflict", "left out; the first position at that instant is kept"
            self.drop(code, int(fixes.line[row]), seen, outcome)
        return order[first]
