"""Who must keep apart from whom, and when both were observed: for all pairs of a clause at once.

A pair is looked at alone only where the compiled kernel finds that the two may have come near. What must be said
of all pairs (observed together or never, exempt or not) is found for one mover and all others in a few operations
on arrays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import close_intervals
from truceline.model.agreement import Agreement, Clause, Separate
from truceline.model.movement import Track
from truceline.rules.applies import Applies, in_force, selector_covers
from truceline.rules.movement.areas import exempt_times
from truceline.rules.movement.stretches import Cut, Stretch, clip_stretch
from truceline.timebase import Interval, merge_intervals, subtract_intervals
from truceline.units import Metres

Ints = NDArray[np.int64]
Times = tuple[Interval, ...]

# Heights above these are comparable between movers; above ground, each has other ground below it.
COMPARABLE_DATUMS = ("ellipsoid", "msl", "baro")
_FOREVER_US = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two movers a separation clause may bind; ``unknown`` says what would have to be known to be sure.

    ``either``: the clause binds each of them to keep away from the other, not the first alone.
    """

    first: Track
    second: Track
    unknown: str = ""
    either: bool = False

    @property
    def names(self) -> str:
        return f"{self.first.mover.id} x {self.second.mover.id}"

    @property
    def comparable(self) -> bool:
        """Whether the heights of both are measured from the same level."""
        datum = self.first.altitude_datum
        return datum in COMPARABLE_DATUMS and datum == self.second.altitude_datum


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joint:
    """Both movers observed at once, each cut to the shared time."""

    first: Stretch
    second: Stretch

    @property
    def interval(self) -> Interval:
        return self.first.interval


@dataclass(slots=True, kw_only=True, eq=False)
class Survey:
    """All pairs bound by a clause. ``joined``: those observed together while bound, as rows (first, second) of
    places in the tracks; ``apart`` and ``exempt`` are the others. ``together``: when, by the first mover's id."""

    joined: list[Ints] = field(default_factory=list)
    apart: list[Ints] = field(default_factory=list)
    exempt: list[Ints] = field(default_factory=list)
    together: dict[str, Times] = field(default_factory=dict)


class Company:
    """The tracks that a separation clause may bind, as columns."""

    def __init__(
        self,
        agreement: Agreement,
        clause: Clause,
        rule: Separate,
        tracks: tuple[Track, ...],
        cuts: dict[int, Cut],
    ) -> None:
        self.clause, self.rule, self.tracks, self.cuts = clause, rule, tracks, cuts
        self._first = [selector_covers(rule.first, track.mover, agreement) for track in tracks]
        self._second = [selector_covers(rule.second, track.mover, agreement) for track in tracks]
        self._exempt = [exempt_times(clause, track.mover, cuts[id(track)]) for track in tracks]
        self._yes = _flags(self._first), _flags(self._second)
        self._unsure = _unknowns(self._first), _unknowns(self._second)
        self._body = _numbered(track.mover.id for track in tracks)
        self._alike = _numbered(
            (track.mover.party, exempt) for track, exempt in zip(tracks, self._exempt, strict=True)
        )
        spans = [
            (number, int(part.t_us[0]), int(part.t_us[-1]))
            for number, track in enumerate(tracks)
            for part in cuts[id(track)].stretches
        ]
        self._owner, self._start, self._end = np.array(spans, dtype=np.int64).reshape(-1, 3).T

    # ------------------------------------------------------------ one pair

    def pair(self, first: int, second: int) -> Pair:
        either = bool(self._yes[0][second] & self._yes[1][first] & self._yes[0][first] & self._yes[1][second])
        return Pair(
            first=self.tracks[first],
            second=self.tracks[second],
            unknown=self._first[first].unknown or self._second[second].unknown,
            either=either,
        )

    def force(self, first: int, second: int) -> Times:
        """When the clause binds both."""
        one = in_force(self.clause, self.tracks[first].mover.party)
        two = in_force(self.clause, self.tracks[second].mover.party)
        return tuple(shared for a in one for b in two if (shared := a.clip(b)) is not None)

    def exempted(self, first: int, second: int, either: bool) -> Times:
        """When nobody the clause binds in this pair is held to it."""
        one = self._exempt[first]
        if not (one and either):
            return one
        return tuple(both for a in one for b in self._exempt[second] if (both := a.clip(b)) is not None)

    def windows(self, first: int, second: int, either: bool) -> Times:
        """When the clause binds both and neither that it binds is exempt."""
        exempted = self.exempted(first, second, either)
        return tuple(
            left for when in self.force(first, second) for left in subtract_intervals(when, exempted)
        )

    def joints(self, first: int, second: int) -> Iterator[Joint]:
        """The stretches of a pair together, each cut to the time they share while bound."""
        pair = self.pair(first, second)
        windows = self.windows(first, second, pair.either)
        for a in self.cuts[id(pair.first)].stretches:
            for b in self.cuts[id(pair.second)].stretches:
                shared = _shared(a.interval, b.interval)
                if shared is not None:
                    yield from _clipped(a, b, shared, windows)

    # ------------------------------------------------------------ all pairs

    def survey(self) -> Survey:
        """All pairs bound, each once, the surer way round; in order of the tracks."""
        out, seen = Survey(), _Seen()
        for number in range(len(self.tracks)):
            others, forward, either = self._row(number)
            kinds = (self._alike[others] * 2 + forward) * 2 + either
            state = np.zeros(len(others), dtype=np.int8)
            for kind in np.unique(kinds):
                rows = np.flatnonzero(kinds == kind)
                state[rows] = self._state(
                    number, others[rows], bool(forward[rows[0]]), bool(either[rows[0]]), seen
                )
            ends = np.where(forward, number, others), np.where(forward, others, number)
            pairs = np.column_stack(ends)
            for where, rows in ((out.joined, state == 0), (out.apart, state == 1), (out.exempt, state == 2)):
                if rows.any():
                    where.append(pairs[rows])
        order = dict.fromkeys(first for rows in out.joined for first in rows[:, 0].tolist())
        times = seen.merged()
        by_name: dict[str, list[Interval]] = {}
        for first in order:
            by_name.setdefault(self.tracks[first].mover.id, []).extend(times[first])
        out.together = {name: merge_intervals(parts) for name, parts in by_name.items()}
        return out

    def _row(self, number: int) -> tuple[Ints, NDArray[np.bool_], NDArray[np.bool_]]:
        """The later tracks paired with one; whether it is the first of the pair; whether both are bound."""
        others = np.arange(number + 1, len(self.tracks))
        (first, second), (first_unsure, second_unsure) = self._yes, self._unsure
        there, back = first[number] & second[others], first[others] & second[number]
        there_unsure = first_unsure[number] | second_unsure[others]
        back_unsure = first_unsure[others] | second_unsure[number]
        bound = (there | back) & (self._body[others] != self._body[number])
        forward = there & (~back | (there_unsure <= back_unsure))
        return others[bound], forward[bound], (there & back)[bound]

    def _state(self, number: int, others: Ints, forward: bool, either: bool, seen: _Seen) -> NDArray[np.int8]:
        """0 observed together while bound, 1 never, 2 only while exempt; for others alike in what binds them."""
        ends = (number, int(others[0])) if forward else (int(others[0]), number)
        together, low, high = self._overlaps(number, others, self.windows(*ends, either))
        seen.add(np.full(len(together), number) if forward else together, low, high)
        state = np.where(np.isin(others, together), 0, 1).astype(np.int8)
        if self.exempted(*ends, either) and (state == 1).any():
            anyhow = self._overlaps(number, others[state == 1], self.force(*ends))[0]
            state[np.isin(others, anyhow) & (state == 1)] = 2
        return state

    def _overlaps(self, number: int, others: Ints, windows: Times) -> tuple[Ints, Ints, Ints]:
        """Whose stretches share an instant in the windows with a stretch of one track, from when to when."""
        chosen = np.zeros(len(self.tracks), dtype=bool)
        chosen[others] = True
        rows = np.flatnonzero(chosen[self._owner])
        found: list[tuple[Ints, Ints, Ints]] = []
        for own in np.flatnonzero(self._owner == number):
            low = np.maximum(self._start[rows], self._start[own])
            high = np.minimum(self._end[rows], self._end[own])
            for when in windows:
                start, end = np.maximum(low, when.start_us), np.minimum(high, when.end_us)
                instant = (low == high) & (when.start_us <= low) & (low < when.end_us)
                meets = ((low < high) & (start < end)) | instant
                found.append((self._owner[rows[meets]], start[meets], end[meets]))
        if not found:
            return (np.empty(0, dtype=np.int64),) * 3
        whose, starts, ends = (np.concatenate(column) for column in zip(*found, strict=True))
        return whose, starts, ends

    # ------------------------------------------------------------ near each other

    def near(self) -> set[tuple[int, int]]:
        """Pairs, both ways round, that came near by the widest accuracies stated; never drops a true pair."""
        if self.rule.distance_m is None or not len(self._owner):
            return set()
        parts = [self.cuts[id(track)].stretches for track in self.tracks]
        lonlat = np.concatenate([part.lonlat_deg for each in parts for part in each])
        t_us = np.concatenate([part.t_us for each in parts for part in each])
        lengths = np.array([len(part.t_us) for each in parts for part in each])
        sizes = np.array([sum(len(part.t_us) for part in each) for each in parts])
        more: dict[str, object] = {}
        if self.rule.vertical_m is not None:
            more["vertical_m"] = self.rule.vertical_m + 2 * (self.rule.vertical_accuracy_m or 0.0)
            more["altitude_m"] = np.concatenate(
                [
                    altitudes_at(track, part.t_us)
                    for track, each in zip(self.tracks, parts, strict=True)
                    for part in each
                ]
            )
            more["datum"] = [
                COMPARABLE_DATUMS.index(datum) if (datum := track.altitude_datum) in COMPARABLE_DATUMS else -1
                for track in self.tracks
            ]
        found = close_intervals(
            np.concatenate(([0], np.cumsum(sizes))),
            t_us,
            lonlat[:, 0],
            lonlat[:, 1],
            self._yes[0] * 2 + self._yes[1],
            max(self.rule.distance_m - self.clause.tolerance_m, 0.0),
            longest_gap_us=_FOREVER_US,
            # By who is bound as first (2) and as second (1).
            allowed=[[bool((a & 2 and b & 1) or (a & 1 and b & 2)) for b in range(4)] for a in range(4)],
            body=self._body,
            radius_m=[max((float(part.accuracy_m.max()) for part in each), default=0.0) for each in parts],
            breaks=np.cumsum(lengths)[:-1],
            **more,  # type: ignore[arg-type]
        )
        pairs = set(zip(found.a.tolist(), found.b.tolist(), strict=True))
        return pairs | {(b, a) for a, b in pairs}


class _Seen:
    """When each first mover was observed together with any other."""

    def __init__(self) -> None:
        self._parts: list[tuple[Ints, Ints, Ints]] = []

    def add(self, whose: Ints, start_us: Ints, end_us: Ints) -> None:
        if len(whose):
            self._parts.append((whose, start_us, end_us))

    def merged(self) -> dict[int, list[Interval]]:
        """By mover, joined where they touch."""
        if not self._parts:
            return {}
        whose, start, end = (np.concatenate(column) for column in zip(*self._parts, strict=True))
        order = np.lexsort((start, whose))
        whose, start, end = whose[order], start[order], end[order]
        movers, firsts = np.unique(whose, return_index=True)
        return {
            int(mover): _merged(start[first:last], end[first:last])
            for mover, first, last in zip(movers, firsts, [*firsts[1:], len(whose)], strict=True)
        }


def _merged(start_us: Ints, end_us: Ints) -> list[Interval]:
    """Intervals in order of their start, joined where they touch or overlap."""
    reach = np.maximum.accumulate(end_us)
    fresh = np.concatenate(([True], start_us[1:] > reach[:-1]))
    lasts = np.append(np.flatnonzero(fresh)[1:] - 1, len(start_us) - 1)
    return [
        Interval(first, last)
        for first, last in zip(start_us[fresh].tolist(), reach[lasts].tolist(), strict=True)
    ]


def _flags(answers: list[Applies]) -> NDArray[np.bool_]:
    return np.array([answer.yes for answer in answers], dtype=bool)


def _unknowns(answers: list[Applies]) -> NDArray[np.bool_]:
    return np.array([bool(answer.unknown) for answer in answers], dtype=bool)


def _numbered(things: Iterable[object]) -> Ints:
    """The same number for the same thing."""
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(thing, len(numbers)) for thing in things], dtype=np.int64)


def _shared(a: Interval, b: Interval) -> Interval | None:
    """The time of two records together; where one ends as the other begins, that instant."""
    start_us, end_us = max(a.start_us, b.start_us), min(a.end_us, b.end_us)
    return Interval(start_us, end_us) if start_us <= end_us else None


def _clipped(a: Stretch, b: Stretch, shared: Interval, windows: Times) -> Iterator[Joint]:
    for when in windows:
        both = shared.clip(when)
        if both is None or not both.meets(when):
            continue
        first, second = clip_stretch(a, both), clip_stretch(b, both)
        if first is not None and second is not None:
            yield Joint(first=first, second=second)


def altitudes_at(track: Track, t_us: Ints) -> NDArray[np.float64]:
    """Heights of a track at instants within it: straight between fixes, NaN where either is not known."""
    after = np.clip(np.searchsorted(track.t_us, t_us), 0, len(track) - 1)
    before = np.where(track.t_us[after] == t_us, after, np.maximum(after - 1, 0))
    took = track.t_us[after] - track.t_us[before]
    share = np.divide(t_us - track.t_us[before], took, out=np.zeros(len(t_us)), where=took > 0)
    heights: NDArray[np.float64] = track.altitude_m[before] + share * (
        track.altitude_m[after] - track.altitude_m[before]
    )
    return heights


def widest_m(stretch: Stretch) -> Metres:
    """The widest accuracy of a stretch."""
    return float(stretch.accuracy_m.max())
