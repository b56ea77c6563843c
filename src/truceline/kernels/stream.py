"""Fixes as they arrive, in any order: put in order of their own time, and each line watched as they are.

Each mover has a watermark: its newest instant less the bound on lateness. Fixes leave the buffer in order of time
once the watermark has passed them; one that arrives at or before it is late and is put aside. What is late depends on
the order of arrival alone, not on how arrivals were cut into batches.

Source: T. Akidau et al., "The Dataflow Model", VLDB 8 (2015), on event time, watermarks and late data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Floats
from truceline.kernels.region import Region
from truceline.units import Metres, MetresPerSecond, MicrosUTC, Seconds

_US_PER_S = 1_000_000
# Bytes held for one fix that has left the buffer, and for one that waits in it or was put aside.
BYTES_PER_FIX = 48
MOST_MOVERS = 2**31 - 2


class Change(IntEnum):
    """What happened to an alert."""

    OPEN = 0
    UPDATE = 1
    CLOSE = 2


class Why(IntEnum):
    """Why an alert closed."""

    NONE = 0
    AWAY = 1
    GAP = 2
    SILENT = 3
    NOT_IN_FORCE = 4
    OTHER_RULES = 5
    END = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalCounts:
    """What became of the fixes so far: each is in exactly one of the five."""

    accepted: int = 0
    duplicate: int = 0
    conflict: int = 0
    late: int = 0
    ahead: int = 0

    @property
    def arrived(self) -> int:
        """All of them."""
        return self.accepted + self.duplicate + self.conflict + self.late + self.ahead


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreamFixes:
    """Fixes of one mover: ``t_us`` int64 (n,), ``lonlat_deg`` (n, 2), accuracy and altitude in metres, datum int8."""

    t_us: NDArray[np.int64]
    lonlat_deg: Floats
    accuracy_m: Floats
    altitude_m: Floats
    datum: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.t_us)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OddFixes(StreamFixes):
    """Fixes that were not taken in their place, in order of arrival, each with its ``mover``.

    ``ahead`` is True where the fix claims an instant after the one at which it was received.
    """

    mover: NDArray[np.int32]
    ahead: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlertEvents:
    """Changes of alerts as columns of length n, in the order in which they were found.

    ``at_us`` is the instant of the fix that made the change, ``began_us`` to ``last_us`` the time possibly past
    the line, and ``deepest_us``, ``depth_m``, ``lonlat_deg`` the deepest place; ``accuracy_m`` is that of fix and
    line together there, ``stated`` whether the fix had one. ``breach``: some fix was past by more than that.
    ``doubtful``: a leg no mover of its kind can have gone lies in the alert or shortly before it.
    """

    change: NDArray[np.int8]
    why: NDArray[np.int8]
    breach: NDArray[np.bool_]
    stated: NDArray[np.bool_]
    doubtful: NDArray[np.bool_]
    mover: NDArray[np.int32]
    rule: NDArray[np.int32]
    at_us: NDArray[np.int64]
    began_us: NDArray[np.int64]
    last_us: NDArray[np.int64]
    deepest_us: NDArray[np.int64]
    depth_m: Floats
    accuracy_m: Floats
    lonlat_deg: Floats

    def __len__(self) -> int:
        return len(self.change)


class FixStream:
    """A reorder buffer for many movers, and the alerts of each mover under each rule it is bound to.

    Parameters
    ----------
    lateness_s : float
        A fix that arrives this much or more behind the newest of its mover is late.
    ahead_s : float
        A fix this much or more after the instant at which it was received is put aside as ``ahead``, so that
        one wrong clock does not make all that follows late.
    open_after_s, close_after_s : float
        How long a mover is possibly past a line before an alert opens, and away before it closes.

    Notes
    -----
    Holds :data:`BYTES_PER_FIX` bytes a fix until it is taken, about 250 bytes a mover and 250 a mover and rule.
    A fix that arrives out of order is put in its place among those that wait: the work grows with their number.
    """

    __slots__ = ("_movers_count", "_native", "_regions")

    def __init__(
        self,
        *,
        lateness_s: Seconds,
        ahead_s: Seconds = 60.0,
        open_after_s: Seconds = 0.0,
        close_after_s: Seconds = 60.0,
    ) -> None:
        spans = (lateness_s, ahead_s, open_after_s, close_after_s)
        if not all(0 <= span < 1e9 for span in spans):
            raise UsageError(
                f"not all of these are times to wait: {spans!r} s", hint="give seconds from 0 to a billion"
            )
        self._native = _native.Stream(*(_micros(span) for span in spans))
        self._movers_count = 0
        self._regions: list[Region] = []

    def add_rule(
        self,
        region: Region,
        *,
        tolerance_m: Metres = 0.0,
        in_force: Sequence[tuple[MicrosUTC, MicrosUTC]],
    ) -> int:
        """A line or area to watch while ``in_force`` (half-open intervals, in order); returns its number."""
        self._regions.append(region)
        starts, ends = [start for start, _ in in_force], [end for _, end in in_force]
        return int(self._native.add_rule(region.native, tolerance_m, starts, ends))

    def bind(
        self, mover: int, *, longest_gap_s: Seconds, ceiling_mps: MetresPerSecond, rules: Sequence[int]
    ) -> None:
        """Declare a mover, the rules it is watched under, its longest gap and the speed it cannot exceed.

        Movers are numbered from 0 without a hole. To bind one again closes its open alerts.
        """
        if not 0 <= mover <= min(self._movers_count, MOST_MOVERS):
            raise UsageError(
                f"mover {mover} is bound before {self._movers_count}", hint="number movers from 0 in order"
            )
        self._native.bind(mover, _micros(longest_gap_s), ceiling_mps, list(rules))
        self._movers_count = max(self._movers_count, mover + 1)

    def add(
        self,
        mover: NDArray[np.int32],
        t_us: NDArray[np.int64],
        lon_deg: Floats,
        lat_deg: Floats,
        accuracy_m: Floats,
        altitude_m: Floats | None = None,
        datum: NDArray[np.int8] | None = None,
        *,
        received_us: MicrosUTC | None = None,
    ) -> None:
        """Take a batch of n fixes, in any order.

        Parameters
        ----------
        mover : int32, shape (n,)
        t_us : int64, shape (n,)
        lon_deg, lat_deg : float64, shape (n,)
        accuracy_m : float64, shape (n,)
            95 % radius; NaN is not stated.
        altitude_m : float64, shape (n,), optional
        datum : int8, shape (n,), optional
        received_us : int, optional
            The instant at which the batch was received.

        Raises
        ------
        UsageError
            A mover that was not bound, a place that is none on earth, an accuracy below zero; then nothing of
            the batch is taken. Columns of different lengths.
        """
        at = _native.NEVER_US if received_us is None else received_us
        try:
            bad = self._native.add(mover, t_us, lon_deg, lat_deg, accuracy_m, altitude_m, datum, at)
        except (TypeError, ValueError) as error:
            raise UsageError(
                f"these columns are not a batch of fixes: {error}",
                hint="give contiguous int32 movers, int64 t_us and float64 columns of one length",
            ) from None
        if bad >= 0:
            raise UsageError(
                f"fix {bad} of the batch cannot be taken: mover {mover[bad]}, t_us {t_us[bad]}, lon {lon_deg[bad]}, "
                f"lat {lat_deg[bad]}, accuracy {accuracy_m[bad]}; nothing of the batch was",
                hint="bind every mover first, and leave out what is no place on earth",
            )

    def advance(self, watermark_us: MicrosUTC) -> None:
        """Nothing up to this instant is still to come from any mover; what comes all the same is late."""
        self._native.advance(watermark_us)

    def tick(self, now_us: MicrosUTC) -> None:
        """The instant it is: a mover not heard of for the bound on lateness is taken as complete.

        The alerts of one not heard of for its longest gap and that bound are closed as silent.
        """
        self._native.tick(now_us)

    def finish(self) -> None:
        """Nothing more comes: all that waits leaves the buffer, and open alerts close."""
        self._native.finish()

    @property
    def counts(self) -> ArrivalCounts:
        """What became of the fixes so far."""
        accepted, duplicate, conflict, late, ahead = self._native.counts()
        return ArrivalCounts(
            accepted=accepted, duplicate=duplicate, conflict=conflict, late=late, ahead=ahead
        )

    @property
    def waiting_count(self) -> int:
        """Fixes in the buffer that the watermark has not passed."""
        return int(self._native.sizes()[0])

    @property
    def held_count(self) -> int:
        """Fixes in order and put aside that were not taken yet."""
        _, kept, aside = self._native.sizes()
        return int(kept + aside)

    @property
    def any_events(self) -> bool:
        """Whether an alert changed since :meth:`take_events`."""
        return bool(self._native.any_events)

    def watermark_us(self, mover: int) -> MicrosUTC | None:
        """The watermark of a mover; None before its first fix."""
        at = int(self._native.watermark_us(self._known(mover)))
        return None if at <= _native.NEVER_US else at

    def take_events(self) -> AlertEvents:
        """The changes of alerts since the last call."""
        change, why, breach, stated, doubtful, mover, rule, at, numbers = self._native.take_events()
        return AlertEvents(
            change=change,
            why=why,
            breach=breach.astype(bool),
            stated=stated.astype(bool),
            doubtful=doubtful.astype(bool),
            mover=mover,
            rule=rule,
            at_us=at[:, 0],
            began_us=at[:, 1],
            last_us=at[:, 2],
            deepest_us=at[:, 3],
            depth_m=numbers[:, 0],
            accuracy_m=numbers[:, 1],
            lonlat_deg=numbers[:, 2:],
        )

    def take_fixes(self, mover: int) -> StreamFixes:
        """The fixes of a mover that left the buffer since the last call, strictly increasing in time."""
        t_us, lonlat, accuracy, altitude, datum = self._native.take_kept(self._known(mover))
        return StreamFixes(
            t_us=t_us, lonlat_deg=lonlat, accuracy_m=accuracy, altitude_m=altitude, datum=datum
        )

    def take_aside(self) -> OddFixes:
        """The late fixes and those ahead of their receipt, since the last call."""
        return _odd(self._native.take_aside())

    def take_conflicts(self) -> OddFixes:
        """The fixes left out since the last call for another place at an instant already held."""
        return _odd(self._native.take_conflicts())

    def _known(self, mover: int) -> int:
        if not 0 <= mover < self._movers_count:
            raise UsageError(f"no mover {mover} was bound", hint="bind it first")
        return mover


def _odd(columns: Sequence[ArrayLike]) -> OddFixes:
    mover, ahead, t_us, lonlat, accuracy, altitude, datum = (np.asarray(column) for column in columns)
    return OddFixes(
        mover=mover,
        ahead=ahead.astype(bool),
        t_us=t_us,
        lonlat_deg=lonlat,
        accuracy_m=accuracy,
        altitude_m=altitude,
        datum=datum,
    )


def _micros(seconds: Seconds) -> int:
    return round(seconds * _US_PER_S)
