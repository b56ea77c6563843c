"""The movements that are notified, ready to be asked which of them a plan may meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np

from truceline.errors import UsageError
from truceline.kernels import VolumeColumns, VolumeIndex
from truceline.model.plan import PLAN_DATUMS, NotifiedMovement, Plan, Volume4D, movements_of
from truceline.timebase import Interval
from truceline.units import Metres

_DATUM_NUMBERS = {name: number for number, name in enumerate(PLAN_DATUMS)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A leg of the plan and a volume of another movement that may come together.

    ``apart_m`` is the distance between the planned lines (0 where they cross). ``interval`` is the time both may
    be there, lateness allowed for.
    ``vertical_m`` is the height between them, negative where they overlap, None where that cannot be told.
    """

    leg: int
    other: NotifiedMovement
    part: int
    mine: Volume4D
    interval: Interval
    apart_m: Metres
    vertical_m: Metres | None
    lonlat_deg: tuple[float, float]
    other_lonlat_deg: tuple[float, float]

    @property
    def planned(self) -> Interval | None:
        """The time both may be there as planned; None where that is never."""
        mine, theirs = self.mine.interval, self.other.volumes[self.part].interval
        return mine.clip(theirs) if mine.meets(theirs) else None

    @property
    def widths_m(self) -> Metres:
        """Both corridors and both drifts."""
        theirs = self.other.volumes[self.part]
        return self.mine.half_width_m + self.mine.drift_m + theirs.half_width_m + theirs.drift_m

    @property
    def gap_m(self) -> Metres:
        """What is left of the distance when both corridors and both drifts are taken off."""
        return self.apart_m - self.widths_m


class NotifiedMovements:
    """Movements by id, with an index of their volumes in space, time and altitude.

    What is inserted or withdrawn is seen by the next question. Answers do not depend on the order in which
    movements came.

    Parameters
    ----------
    movements : iterable of Plan or NotifiedMovement, optional

    Raises
    ------
    UsageError
        Code ``notified-twice`` where an id is held already.
    """

    __slots__ = ("_by_id", "_by_number", "_index", "_next")

    def __init__(self, movements: Iterable[Plan | NotifiedMovement] = ()) -> None:
        self._index = VolumeIndex()
        self._by_id: dict[str, tuple[int, NotifiedMovement]] = {}
        self._by_number: dict[int, NotifiedMovement] = {}
        self._next = 0
        self.insert(*movements)

    def __len__(self) -> int:
        return len(self._by_id)

    def __contains__(self, movement_id: object) -> bool:
        return movement_id in self._by_id

    def insert(self, *movements: Plan | NotifiedMovement) -> None:
        """Hold these too; none of them where one is held already."""
        new = movements_of(movements)
        counts = Counter(movement.id for movement in new)
        again = sorted(name for name, count in counts.items() if count > 1 or name in self._by_id)
        if again:
            raise UsageError(
                f"notified already: {', '.join(again[:5])}",
                hint="withdraw it first, or give the new one an id of its own",
                code="notified-twice",
            )
        rows = [
            (self._next + number, part, volume)
            for number, movement in enumerate(new)
            for part, volume in enumerate(movement.volumes)
        ]
        self._index.insert(_columns(rows))
        for movement in new:
            self._by_id[movement.id] = (self._next, movement)
            self._by_number[self._next] = movement
            self._next += 1

    def withdraw(self, movement_id: str) -> bool:
        """Let go of a movement; False where it was not held."""
        held = self._by_id.pop(movement_id, None)
        if held is None:
            return False
        del self._by_number[held[0]]
        self._index.withdraw(held[0])
        return True

    def meetings(self, plan: Plan, *, reach_m: Metres = 0.0, vertical_reach_m: Metres = 0.0) -> list[Meeting]:
        """Every meeting of the plan with others' volumes, by leg, then movement, then volume.

        ``reach_m`` is how much further apart than meeting still counts. The plan itself, were it held, and
        other movements of the same mover do not meet it.
        """
        volumes = plan.volumes
        asked = _columns([(0, leg, volume) for leg, volume in enumerate(volumes)], reach_m)
        hits = self._index.query(asked, vertical_reach_m=vertical_reach_m)
        rows = zip(
            hits.leg.tolist(),
            hits.id.tolist(),
            hits.part.tolist(),
            hits.start_us.tolist(),
            hits.end_us.tolist(),
            hits.distance_m.tolist(),
            hits.vertical_m.tolist(),
            map(tuple, hits.on_asked_deg.tolist()),
            map(tuple, hits.on_held_deg.tolist()),
            strict=True,
        )
        found = [
            Meeting(
                leg=leg,
                other=other,
                part=part,
                mine=volumes[leg],
                interval=Interval(start_us, end_us),
                apart_m=apart_m,
                vertical_m=vertical_m if isfinite(vertical_m) else None,
                lonlat_deg=here,
                other_lonlat_deg=there,
            )
            for leg, number, part, start_us, end_us, apart_m, vertical_m, here, there in rows
            if not _own(plan, other := self._by_number[number])
        ]
        return sorted(found, key=lambda meeting: (meeting.leg, meeting.other.id, meeting.part))


def _own(plan: Plan, other: NotifiedMovement) -> bool:
    same_mover = plan.mover.id == other.mover.id and plan.mover.party == other.mover.party
    return other.id == plan.id or (bool(plan.mover.id) and same_mover)


def _columns(rows: Sequence[tuple[int, int, Volume4D]], reach_m: Metres = 0.0) -> VolumeColumns:
    """Volumes as columns, their margins taken in: drift into the width, lateness into the time."""
    volumes = [volume for _, _, volume in rows]
    counts = [len(volume.lonlat_deg) for volume in volumes]
    bands = [_band(volume) for volume in volumes]
    longest = [volume.longest for volume in volumes]
    points = [point for volume in volumes for point in volume.lonlat_deg]
    return VolumeColumns(
        first=np.concatenate(([0], np.cumsum(counts, dtype=np.int64))).astype(np.int64),
        lonlat_deg=np.array(points, dtype=np.float64).reshape(-1, 2),
        is_ring=np.array([volume.ring for volume in volumes], dtype=np.uint8),
        half_width_m=np.array([volume.half_width_m + volume.drift_m + reach_m for volume in volumes]),
        start_us=np.array([interval.start_us for interval in longest], dtype=np.int64),
        end_us=np.array([interval.end_us for interval in longest], dtype=np.int64),
        low_m=np.array([low for low, _, _ in bands]),
        high_m=np.array([high for _, high, _ in bands]),
        datum=np.array([datum for _, _, datum in bands], dtype=np.int32),
        id=np.array([number for number, _, _ in rows], dtype=np.int64),
        part=np.array([part for _, part, _ in rows], dtype=np.int32),
    )


def _band(volume: Volume4D) -> tuple[float, float, int]:
    band = volume.altitude
    if band is None:
        return -np.inf, np.inf, 0
    low_m = -np.inf if band.low_m is None else band.low_m
    high_m = np.inf if band.high_m is None else band.high_m
    return low_m, high_m, _DATUM_NUMBERS[band.datum]
