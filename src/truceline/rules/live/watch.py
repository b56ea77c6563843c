"""A watch over one agreement: batches of fixes in, alerts out, and at the end the findings of the whole record.

The findings are those of :func:`truceline.check_tracks` over the same fixes, byte for byte, whatever the order in
which they came, since they are made by it. That asks for every fix to be held: a jump an hour from now can make what
is seen now unreliable. docs/explain/streaming.md says what is final when.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from truceline.errors import UsageError, Where
from truceline.formats.fixes import DEFAULT_LONGEST_GAP_S
from truceline.kernels import AlertEvents, FixStream, StreamFixes
from truceline.kernels.stream import Change, Why
from truceline.model.agreement import Agreement
from truceline.model.alert import Alert, WatchCounts, WatchSettings
from truceline.model.evidence import Dropped
from truceline.model.finding import CheckResult, PathPoint, Verdict
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef, Track
from truceline.rules.check import check_tracks
from truceline.rules.live.binding import Bindings
from truceline.rules.live.holding import MemoryShelf, Shelf, by_mover, whole_track
from truceline.timebase import format_instant
from truceline.units import MicrosUTC, Seconds, format_duration

# Conflicting fixes named one by one; beyond that they are counted.
MOST_NAMED = 1000
_STATES = {Change.OPEN: "open", Change.UPDATE: "update", Change.CLOSE: "close"}
_ENDED = {
    Why.NONE: "",
    Why.AWAY: "away",
    Why.GAP: "gap",
    Why.SILENT: "silent",
    Why.NOT_IN_FORCE: "not-in-force",
    Why.OTHER_RULES: "other-rules",
    Why.END: "end",
}


class FixBatch(Protocol):
    """Columns of n fixes in any order; ``formats.live.DecodedBatch`` is one."""

    @property
    def mover(self) -> NDArray[np.int32]: ...
    @property
    def t_us(self) -> NDArray[np.int64]: ...
    @property
    def lon_deg(self) -> NDArray[np.float64]: ...
    @property
    def lat_deg(self) -> NDArray[np.float64]: ...
    @property
    def accuracy_m(self) -> NDArray[np.float64]: ...
    @property
    def altitude_m(self) -> NDArray[np.float64]: ...
    @property
    def datum(self) -> NDArray[np.int8]: ...


class Watch:
    """Watches what moves, as it is told of it.

    Parameters
    ----------
    agreement : Agreement
    settings : WatchSettings, optional
    source : SourceRef, optional
        Where the fixes come from; stands in every finding.
    longest_gap_s : float
        Between two fixes of a mover further apart than this nothing is assumed.
    exercise : bool
        The fixes are made for an exercise.
    shelf : Shelf, optional
        Where fixes go that are more than ``settings.held_count``; memory where left out.

    Examples
    --------
    >>> watch = Watch(agreement)  # doctest: +SKIP
    >>> watch.identify(0, Mover(id="patrol-7", party="north", mover_class="vehicle"))  # doctest: +SKIP
    >>> watch.add(batch, received_us=now_us)  # doctest: +SKIP
    >>> for alert in watch.alerts():  # doctest: +SKIP
    ...     print(alert.state, alert.subject, alert.clause)
    >>> result = watch.close()  # doctest: +SKIP
    """

    def __init__(
        self,
        agreement: Agreement,
        *,
        settings: WatchSettings | None = None,
        source: SourceRef | None = None,
        longest_gap_s: Seconds = DEFAULT_LONGEST_GAP_S,
        exercise: bool = False,
        shelf: Shelf | None = None,
    ) -> None:
        self.agreement = agreement
        self.settings = settings or WatchSettings()
        self.source = source or SourceRef()
        self.dropped: list[Dropped] = []
        self._longest_gap_s, self._exercise = longest_gap_s, exercise
        self._shelf: Shelf = MemoryShelf() if shelf is None else shelf
        self._stream = FixStream(
            lateness_s=self.settings.lateness_s,
            ahead_s=self.settings.ahead_s,
            open_after_s=self.settings.open_after_s,
            close_after_s=self.settings.close_after_s,
        )
        self._bindings = Bindings(agreement, self._stream)
        self._movers: list[Mover] = []
        self._aside_count: list[int] = []
        self._at_end = WatchCounts()
        self._tracks: tuple[Track, ...] | None = None

    # ------------------------------------------------------------ who moves

    @property
    def movers(self) -> Sequence[Mover]:
        """The movers identified so far, by number."""
        return tuple(self._movers)

    def identify(self, index: int, mover: Mover) -> None:
        """Say who the mover of a number is, before its first fix or when more is known of it.

        Where that changes which clauses bind it, its open alerts close and it is watched anew.

        Raises
        ------
        UsageError
            A number that leaves a hole.
        """
        if index > len(self._movers) or index < 0:
            raise UsageError(
                f"mover {index} is identified before mover {len(self._movers)}", hint="number movers from 0"
            )
        if index < len(self._movers) and self._movers[index] == mover:
            return
        self._bindings.bind(index, mover, self._longest_gap_s)
        if index == len(self._movers):
            self._movers.append(mover)
            self._aside_count.append(0)
        self._movers[index] = mover

    # ------------------------------------------------------------ what arrives

    def add(self, batch: FixBatch, *, received_us: MicrosUTC | None = None) -> None:
        """Take a batch of fixes, in any order.

        Raises
        ------
        UsageError
            A mover that was not identified, a place that is none on earth; nothing of the batch is then taken.
            A watch that was closed.
        """
        self._still_open()
        self._stream.add(
            batch.mover,
            batch.t_us,
            batch.lon_deg,
            batch.lat_deg,
            batch.accuracy_m,
            batch.altitude_m,
            batch.datum,
            received_us=received_us,
        )
        if self._stream.held_count > self.settings.held_count:
            self._put_away()

    def advance(self, watermark_us: MicrosUTC) -> None:
        """Nothing up to this instant is still to come; what comes all the same is late."""
        self._still_open()
        self._stream.advance(watermark_us)

    def tick(self, now_us: MicrosUTC) -> None:
        """The instant it is, on the clock that gave ``received_us``: so that the last fix of a mover that falls
        silent is looked at too, at most the bound on lateness after it came."""
        self._still_open()
        self._stream.tick(now_us)

    def alerts(self) -> tuple[Alert, ...]:
        """The changes of alerts since the last call, in the order in which they were found."""
        if not self._stream.any_events:
            return ()
        events = self._stream.take_events()
        return tuple(self._alert(events, row) for row in range(len(events)))

    @property
    def counts(self) -> WatchCounts:
        """What became of every fix so far."""
        if self._tracks is not None:
            return self._at_end
        seen = self._stream.counts
        waiting = self._stream.waiting_count
        return WatchCounts(
            arrived=seen.arrived,
            used=seen.accepted + seen.late + seen.ahead - waiting,
            duplicate=seen.duplicate,
            conflict=seen.conflict,
            waiting=waiting,
            late=seen.late,
            ahead=seen.ahead,
        )

    # ------------------------------------------------------------ the end

    def close(self) -> CheckResult:
        """End the watch and check all that came; late fixes too. Open alerts close first: ask :meth:`alerts`.

        Returns
        -------
        CheckResult
            That of ``check_tracks(agreement, watch.tracks())``.
        """
        return check_tracks(self.agreement, self.tracks())

    def tracks(self) -> tuple[Track, ...]:
        """End the watch; all that came as one track a mover, late fixes in their places.

        The tracks of several watches over one agreement can be checked together.
        """
        if self._tracks is None:
            self._stream.finish()
            seen = self._stream.counts
            self._put_away()
            made = [self._track(index) for index in range(len(self._movers))]
            self._tracks = tuple(track for track in made if track is not None)
            duplicate = seen.duplicate + self._at_end.duplicate
            conflict = seen.conflict + self._at_end.conflict
            self._at_end = WatchCounts(
                arrived=seen.arrived,
                used=seen.arrived - duplicate - conflict,
                duplicate=duplicate,
                conflict=conflict,
                late=seen.late,
                ahead=seen.ahead,
            )
        return self._tracks

    def _track(self, index: int) -> Track | None:
        mover = self._movers[index]
        # What was put aside came after what was held at the same instant, so it stands behind it.
        parts = [*self._shelf.take(2 * index), *self._shelf.take(2 * index + 1)]
        if not parts:
            return None
        whole = whole_track(parts)
        self._at_end = replace(
            self._at_end,
            duplicate=self._at_end.duplicate + whole.duplicate_count,
            conflict=self._at_end.conflict + len(whole.conflicts),
        )
        self._name_conflicts(index, whole.conflicts)
        if self._aside_count[index]:
            self._remark(
                "late",
                f"{mover.id}: {self._aside_count[index]} fixes came {format_duration(self.settings.lateness_s)} or "
                f"more behind its newest, or {format_duration(self.settings.ahead_s)} or more before their own time",
                "kept and judged with the whole record; no alert was raised from them",
                kept=True,
            )
        columns = self._shelf.settle(whole.columns)
        return Track(
            mover=mover,
            t_us=columns.t_us,
            lonlat_deg=columns.lonlat_deg,
            accuracy_m=columns.accuracy_m,
            altitude_m=columns.altitude_m,
            altitude_datum=whole.altitude_datum,
            longest_gap_s=self._longest_gap_s,
            source=self.source,
            exercise=self._exercise,
        )

    def _put_away(self) -> None:
        """Move what is held in the stream to the shelf."""
        for index in range(len(self._movers)):
            fixes = self._stream.take_fixes(index)
            if len(fixes):
                self._shelf.put(2 * index, fixes)
        for index, aside in by_mover(self._stream.take_aside()):
            self._aside_count[index] += len(aside)
            self._shelf.put(2 * index + 1, aside)
        for index, conflicts in by_mover(self._stream.take_conflicts()):
            self._name_conflicts(index, conflicts)

    def _name_conflicts(self, index: int, conflicts: StreamFixes) -> None:
        room = max(MOST_NAMED - len(self.dropped), 0)
        for row in range(min(len(conflicts), room)):
            lon, lat = conflicts.lonlat_deg[row].tolist()
            when = format_instant(int(conflicts.t_us[row]))
            self._remark(
                "conflict",
                f"{self._movers[index].id}: lon {lon!r}, lat {lat!r} at {when}",
                "left out; the position at that instant that came first is kept",
                kept=False,
            )

    def _remark(self, code: str, seen: str, outcome: str, *, kept: bool) -> None:
        self.dropped.append(
            Dropped(code=code, where=Where(file=self.source.name), seen=seen, outcome=outcome, kept=kept)
        )

    def _still_open(self) -> None:
        if self._tracks is not None:
            raise UsageError("the watch was closed", hint="begin another one for what comes now")

    # ------------------------------------------------------------ alerts

    def _alert(self, events: AlertEvents, row: int) -> Alert:
        bond = self._bindings.bond(int(events.mover[row]), int(events.rule[row]))
        began_us = int(events.began_us[row])
        depth_m, off_m = float(events.depth_m[row]), float(events.accuracy_m[row])
        lon, lat = events.lonlat_deg[row].tolist()
        because = bond.unknown or ("positions-unreliable" if events.doubtful[row] else "")
        verdict = Verdict.BREACH if events.breach[row] else Verdict.POSSIBLE
        marks = () if events.stated[row] else ("accuracy-not-stated",)
        return Alert(
            id=_alert_id(self.agreement.title, bond.clause.id, bond.mover.id, began_us),
            state=_STATES[Change(int(events.change[row]))],
            clause=bond.clause.id,
            rule=bond.clause.rule.kind,
            subject=bond.mover.id,
            party=bond.mover.party,
            verdict=Verdict.NOT_EVALUATED if because else verdict,
            at_us=int(events.at_us[row]),
            began_us=began_us,
            last_us=int(events.last_us[row]),
            deepest=PathPoint(t_us=int(events.deepest_us[row]), lonlat_deg=(lon, lat)),
            depth_m=depth_m,
            depth_low_m=depth_m - off_m,
            depth_high_m=depth_m + off_m,
            ended=_ENDED[Why(int(events.why[row]))],
            because=because,
            marks=(*marks, "not-accepted") if bond.accepted is False else marks,
            exercise=self._exercise or self.agreement.exercise,
        )


def _alert_id(*about: object) -> str:
    return f"A-{hashlib.sha256(json.dumps(about, ensure_ascii=False).encode()).hexdigest()[:12]}"
