"""Rows of positions become tracks here, for every track format alike.

Each reader adds what it met to a :class:`FixLog`; the log checks each position, sorts, finds duplicates and
conflicts, and says what it did with every record. ``docs/formats/outcomes.md`` is the table of outcomes.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from truceline.errors import UsageError, Where
from truceline.formats.values import Fault, check_position
from truceline.model.evidence import Dropped
from truceline.model.identity import CLASSES, Mover
from truceline.model.movement import SourceRef, Track
from truceline.timebase import zone_named
from truceline.units import Metres, MicrosUTC, Seconds, parse_duration, parse_length

DEFAULT_LONGEST_GAP_S = 300.0
# What a height is measured from. A batch of live fixes carries the position in this tuple, 0 for not stated.
DATUMS = ("", "ellipsoid", "msl", "baro", "agl")


# ---------------------------------------------------------------- options


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackOptions:
    """What a person says about a whole file of tracks, where the file itself does not."""

    party: str | None = None
    mover_class: str | None = None
    accuracy_m: Metres = math.nan
    longest_gap_s: Seconds | None = None
    zone: str | None = None
    armed: bool | None = None
    exercise: bool = False

    def mover(self, id: str, **known: object) -> Mover:
        """A mover of this file: what is known of it, and the options for the rest."""
        given: dict[str, Any] = {"party": self.party, "mover_class": self.mover_class, "armed": self.armed}
        given.update({key: value for key, value in known.items() if value is not None})
        return Mover(id=id, **given)


def track_options(
    *,
    party: str | None = None,
    mover_class: str | None = None,
    accuracy: str | None = None,
    longest_gap: str | None = None,
    zone: str | None = None,
    armed: bool | None = None,
    exercise: bool | None = None,
) -> TrackOptions:
    """The options every track format takes, read from text with units.

    Parameters
    ----------
    party : str, optional
        Party id of the agreement for movers whose party the file does not name.
    mover_class : str, optional
        A key of ``model.identity.CLASSES``.
    accuracy : str, optional
        95 % radius of each fix, such as ``"15 m"``; not stated where None.
    longest_gap : str, optional
        Such as ``"5 min"``: between fixes further apart nothing is assumed.
    zone : str, optional
        IANA zone for times that carry none.
    armed, exercise : bool, optional
        Whether the movers are armed, and whether the file was made for an exercise.

    Raises
    ------
    InputError
        A quantity without a unit, a zone that does not exist.
    UsageError
        A class that does not exist, a length or duration that is not above zero.
    """
    if mover_class is not None:
        check_class(mover_class)
    if zone is not None:
        zone_named(zone)
    return TrackOptions(
        party=party,
        mover_class=mover_class,
        accuracy_m=math.nan if accuracy is None else above_zero(parse_length(accuracy), accuracy),
        longest_gap_s=None if longest_gap is None else above_zero(parse_duration(longest_gap), longest_gap),
        zone=zone,
        armed=armed,
        exercise=bool(exercise),
    )


def above_zero(value: float, text: str) -> float:
    """``value``, or UsageError where it is not above zero."""
    if value <= 0:
        raise UsageError(
            f"not above zero: {text!r}", hint="leave it out where it is not known", code="quantity"
        )
    return value


def check_class(name: str) -> str:
    """``name`` where it is a mover class, or UsageError (code ``class``) with the nearest one."""
    if name not in CLASSES:
        near = difflib.get_close_matches(name, CLASSES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"classes: {', '.join(CLASSES)}"
        raise UsageError(f"no mover class is named {name!r}", hint=hint, code="class")
    return name


# ---------------------------------------------------------------- the log


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gathered:
    """What a log gathered since it was last asked: fixes as columns of length n in file order, and the rest.

    ``mover`` counts the movers of the log in the order in which they first appeared; ``datum`` is a position
    in :data:`DATUMS`; NaN is an accuracy that is not stated or a height that is not known.
    """

    mover: NDArray[np.int32]
    t_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    datum: NDArray[np.int8]
    dropped: tuple[Dropped, ...]
    read_count: int


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
        # mover, t_us, lon, lat, accuracy, altitude, datum: one list each, in file order
        self._columns: tuple[list[Any], ...] = ([], [], [], [], [], [], [])
        self._at: list[int] = []
        self._segment: list[int] = []

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
        index = self._keys.setdefault(key, len(self._keys))
        measured = DATUMS.index(datum) if altitude_m == altitude_m else 0
        values = (index, t_us, *position, accuracy_m, altitude_m, measured)
        for column, value in zip(self._columns, values, strict=True):
            column.append(value)
        self._at.append(at)
        self._segment.append(segment)
        return True

    def keys_after(self, count: int) -> tuple[str, ...]:
        """The movers met so far, in the order in which they first appeared, less the first ``count``."""
        return tuple(islice(self._keys, count, None)) if len(self._keys) > count else ()

    def take(self, *, accuracy_m: Metres = math.nan) -> Gathered:
        """What was gathered since the last call; the log keeps the movers it has met and nothing else.

        ``accuracy_m`` fills in where a fix stated none.
        """
        kinds = (np.int32, np.int64, np.float64, np.float64, np.float64, np.float64, np.int8)
        mover, t_us, lon, lat, accuracy, altitude, datum = (
            np.asarray(column, dtype=kind) for column, kind in zip(self._columns, kinds, strict=True)
        )
        gathered = Gathered(
            mover=mover,
            t_us=t_us,
            lon_deg=lon,
            lat_deg=lat,
            accuracy_m=np.where(np.isnan(accuracy), accuracy_m, accuracy),
            altitude_m=altitude,
            datum=datum,
            dropped=tuple(self.dropped),
            read_count=self.read_count,
        )
        self._columns = ([], [], [], [], [], [], [])
        self._at, self._segment = [], []
        self.dropped, self.read_count = [], 0
        return gathered

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
        mover = np.asarray(self._columns[0], dtype=np.int64)
        t_us = np.asarray(self._columns[1], dtype=np.int64)
        lonlat = np.column_stack([np.asarray(column, dtype=np.float64) for column in self._columns[2:4]])
        accuracy, altitude = (np.asarray(column, dtype=np.float64) for column in self._columns[4:6])
        datum = np.asarray(self._columns[6], dtype=np.int8)
        accuracy = np.where(np.isnan(accuracy), options.accuracy_m, accuracy)
        order = np.lexsort((np.arange(len(mover)), t_us, mover))
        self._remark_order(mover, t_us)
        order = self._without_repeats(order, mover, t_us, lonlat, altitude)
        bounds = np.searchsorted(mover[order], np.arange(len(self._keys) + 1))
        segment = np.asarray(self._segment, dtype=np.int64)
        made = []
        for key, index in self._keys.items():
            rows = order[bounds[index] : bounds[index + 1]]
            starts = np.flatnonzero(np.diff(segment[rows])) + 1
            altitude_m, altitude_datum = self._one_datum(key, rows, altitude[rows], datum[rows])
            made.append(
                Track(
                    mover=movers[key],
                    t_us=t_us[rows],
                    lonlat_deg=lonlat[rows],
                    accuracy_m=accuracy[rows],
                    altitude_m=altitude_m,
                    altitude_datum=altitude_datum,
                    longest_gap_s=options.longest_gap_s or longest_gap_s,
                    segment_starts=tuple(int(start) for start in starts),
                    source=replace(self.source, line=self._where(int(self._at[rows[0]])).line, note=note),
                    exercise=options.exercise or key in exercise_keys,
                )
            )
        return tuple(made)

    def _one_datum(
        self,
        key: str,
        rows: NDArray[np.int64],
        altitude_m: NDArray[np.float64],
        datum: NDArray[np.int8],
    ) -> tuple[NDArray[np.float64], str]:
        """The heights above the datum that most of them have, NaN for the others, and that datum's name."""
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
            self._at[rows[first]],
            f"{key}: {int(np.sum(other))} heights above {' and '.join(names)}, first here, "
            f"beside {int(counts[chosen])} above {DATUMS[chosen] or 'a datum not stated'}",
            "the fixes are kept, with these heights as not known",
            kept=True,
        )
        return np.where(other, np.nan, altitude_m), DATUMS[chosen]

    def _remark_order(self, mover: NDArray[np.int64], t_us: NDArray[np.int64]) -> None:
        """One remark a mover whose fixes stood out of order in the file."""
        by_mover = np.argsort(mover, kind="stable")
        same = np.diff(mover[by_mover]) == 0
        late = np.flatnonzero(same & (np.diff(t_us[by_mover]) < 0)) + 1
        names = list(self._keys)
        seen: dict[int, list[int]] = {}
        for row in by_mover[late]:
            seen.setdefault(int(mover[row]), []).append(int(row))
        for index, rows in seen.items():
            self.drop(
                "out-of-order",
                self._at[rows[0]],
                f"{names[index]}: time runs back {len(rows)} time{'s' if len(rows) > 1 else ''}, first here",
                "sorted by time",
                kept=True,
            )

    def _without_repeats(
        self,
        order: NDArray[np.int64],
        mover: NDArray[np.int64],
        t_us: NDArray[np.int64],
        lonlat: NDArray[np.float64],
        altitude: NDArray[np.float64],
    ) -> NDArray[np.int64]:
        """``order`` less the fixes that share mover and instant with an earlier line of the file."""
        if not len(order):
            return order
        first = np.ones(len(order), dtype=bool)
        first[1:] = (np.diff(mover[order]) != 0) | (np.diff(t_us[order]) != 0)
        leader = order[np.maximum.accumulate(np.where(first, np.arange(len(order)), 0))]
        names = list(self._keys)
        for place in np.flatnonzero(~first):
            row, kept = int(order[place]), int(leader[place])
            same = np.array_equal(lonlat[row], lonlat[kept]) and np.array_equal(
                altitude[row], altitude[kept], equal_nan=True
            )
            lon, lat = (float(value) for value in lonlat[row])
            other = self._where(self._at[kept])
            seen = f"{names[mover[row]]}: lon {lon!r}, lat {lat!r}, the instant of {other}"
            if same:
                self.drop("duplicate", self._at[row], seen, "left out; the identical fix is kept")
            else:
                self.drop(
                    "conflict", self._at[row], seen, "left out; the first position at that instant is kept"
                )
        return order[first]
