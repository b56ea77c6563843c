"""The same question as ``check_tracks``, of columns: many movers at once, answers as a table.

What is plain (a mover whose positions are not in doubt, bound for the whole of its record) goes through the kernels
all at once. Everything else goes the way of single tracks, so that both ways give the same answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truceline.errors import GeometryError
from truceline.kernels import (
    FixColumns,
    Region,
    Scan,
    fix_columns,
    judge_stretches,
    reachable_depths,
    scan_columns,
)
from truceline.model.agreement import Agreement, Clause, SpoofingSink
from truceline.model.columns import FindingTable, Fixes
from truceline.model.identity import Mover
from truceline.model.movement import Track
from truceline.rules.applies import in_force
from truceline.rules.certainty import LEVEL
from truceline.rules.check import bound, check_clause
from truceline.rules.doubts.sinks import KNOWN_SINKS, ONE_POINT_DEG
from truceline.rules.doubts.suspects import suspect_runs
from truceline.rules.movement.areas import PRESENCE_KINDS
from truceline.rules.movement.plausibility import UNKNOWN_CEILING_MPS
from truceline.rules.movement.presence import quiet_times
from truceline.rules.movement.stretches import Cut, cut_track, cut_tracks
from truceline.rules.table import TableBuilder
from truceline.timebase import US_PER_S, Interval, merge_intervals

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Fixes looked over once: runs of one mover each, and the stretches without a gap in them.

    ``first``, ``last``, ``stretch_run`` and ``fix_m`` are of each stretch: its rows, its run, its worst accuracy.
    """

    fixes: Fixes
    columns: FixColumns
    seen: Scan
    first: Ints
    last: Ints
    stretch_run: Ints
    fix_m: NDArray[np.float64]

    @property
    def spans_us(self) -> tuple[Ints, Ints]:
        """First and last instant of each run."""
        return self.fixes.t_us[self.seen.starts[:-1]], self.fixes.t_us[self.seen.starts[1:] - 1]


def check_fixes(agreement: Agreement, fixes: Fixes, *, threads: int = 1) -> FindingTable:
    """Check what moved against every clause that can be judged from movement, in columns.

    Parameters
    ----------
    agreement : Agreement
    fixes : Fixes
        See :func:`truceline.fixes_from`.
    threads : int
        How many threads may work at once. The answer does not depend on it.

    Returns
    -------
    FindingTable
        One row a finding of ``check_tracks(agreement, fixes.tracks())``, with the same numbers.

    Raises
    ------
    GeometryError
        A coordinate that is not finite or out of range, or two fixes of one mover at one instant.

    Notes
    -----
    Memory: what is kept beside the columns given is 32 bytes for 64 fixes, and the findings.
    """
    batch = scanned(fixes)
    table = TableBuilder(agreement, batch.fixes)
    sinks = (*KNOWN_SINKS, *agreement.spoofing_sinks)
    suspects = suspect_runs(batch.fixes, batch.seen.starts, batch.seen.stood_count, sinks)
    single = _Singles(batch, np.flatnonzero(suspects).tolist(), agreement.spoofing_sinks)
    alike = _alike(batch, suspects)
    for number, clause in enumerate(agreement.clauses.values()):
        rest = np.ones(len(batch.seen.mover), dtype=bool)
        if clause.rule.kind in PRESENCE_KINDS and clause.altitude is None:
            for group in _plain_groups(agreement, clause, batch, alike):
                rest[group.runs] = False
                _judge_group(table, number, clause, batch, group, threads)
        tracks = [single(run) for run in np.flatnonzero(rest).tolist()]
        if tracks:
            cuts = {id(track): cut for track, cut in tracks}
            table.add_result(
                number, check_clause(agreement, clause, [track for track, _ in tracks], (), cuts)
            )
    return table.finished(checked_count=len(batch.seen.mover))


def scanned(fixes: Fixes) -> Batch:
    """One pass over the columns; GeometryError, with the row, where they cannot be judged."""
    found = _scan(fixes)
    if found.disorder_row >= 0 or len(set(found.mover.tolist())) < len(found.mover):
        fixes = fixes.in_order()
        found = _scan(fixes)
    if found.bad_row >= 0:
        row = found.bad_row
        mover, place = fixes.movers[int(fixes.mover[row])].id, (fixes.lon_deg[row], fixes.lat_deg[row])
        raise GeometryError(
            f"row {row} ({mover}) is no place on earth: {place[0]}, {place[1]}",
            hint="longitude in [-180, 180], latitude in [-90, 90]; leave such rows out and say so",
        )
    first = np.union1d(found.starts[:-1], found.breaks)
    last = np.append(first[1:], len(fixes)) - 1 if len(first) else first
    run = np.searchsorted(found.starts, first, side="right") - 1
    unbroken = np.bincount(run, minlength=len(found.mover))[run] == 1
    fix_m = np.where(unbroken, found.accuracy_m[run], 0.0)
    for at in np.flatnonzero(~unbroken):
        fix_m[at] = np.nan_to_num(fixes.accuracy_m[first[at] : last[at] + 1]).max()
    return Batch(
        fixes=fixes,
        columns=fix_columns(fixes.t_us, fixes.lon_deg, fixes.lat_deg, fixes.accuracy_m),
        seen=found,
        first=first,
        last=last,
        stretch_run=run,
        fix_m=fix_m,
    )


def _scan(fixes: Fixes) -> Scan:
    ceilings = np.array(
        [mover.speed_ceiling_mps or UNKNOWN_CEILING_MPS for mover in fixes.movers], dtype=float
    )
    columns = (fixes.mover, fixes.t_us, fixes.lon_deg, fixes.lat_deg, fixes.accuracy_m)
    return scan_columns(*columns, ceilings, round(fixes.longest_gap_s * US_PER_S), ONE_POINT_DEG)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Runs that one region forbids the same ground to."""

    region: Region
    runs: Ints


def _alike(batch: Batch, suspects: NDArray[np.bool_]) -> list[Ints]:
    """The runs whose positions are not in doubt, those of movers that no clause can tell apart together."""
    doubtful = suspects | batch.seen.doubtful.astype(bool)
    # One accuracy not stated changes what its stretch says: such runs go the other way.
    unstated_count = batch.seen.unstated_count
    doubtful |= (unstated_count > 0) & (unstated_count < np.diff(batch.seen.starts))
    by_kind: dict[tuple[object, ...], list[int]] = {}
    for run, code in zip(
        np.flatnonzero(~doubtful).tolist(), batch.seen.mover[~doubtful].tolist(), strict=True
    ):
        by_kind.setdefault(_kind(batch.fixes.movers[code]), []).append(run)
    return [np.array(runs) for runs in by_kind.values()]


def _plain_groups(agreement: Agreement, clause: Clause, batch: Batch, alike: list[Ints]) -> Iterator[_Group]:
    """The runs that can be judged all at once, by their region."""
    start_us, end_us = batch.spans_us
    by_region: dict[int, tuple[Region, list[Ints]]] = {}
    for runs in alike:
        mover = batch.fixes.movers[int(batch.seen.mover[runs[0]])]
        covered, area = bound(agreement, clause, mover)
        if not covered.yes or covered.unknown or area.region is None:
            continue
        held = np.zeros(len(runs), dtype=bool)
        for when in in_force(clause, mover.party):
            # Half-open: a record that only begins at the end of the clause's time is outside it.
            inside = (when.start_us <= start_us[runs]) & (start_us[runs] < when.end_us)
            held |= inside & (end_us[runs] <= when.end_us)
        if held.any():
            by_region.setdefault(id(area.region), (area.region, []))[1].append(runs[held])
    for region, parts in by_region.values():
        yield _Group(region=region, runs=np.sort(np.concatenate(parts)))


def _kind(mover: Mover) -> tuple[object, ...]:
    """What of a mover a clause can ask."""
    return (
        mover.party,
        mover.mover_class,
        mover.armed,
        mover.weapon,
        mover.purpose,
        mover.notified,
        mover.top_speed_mps,
    )


class _Singles:
    """Runs as single tracks, each made and cut once, when first asked for; the suspect ones all together."""

    def __init__(self, batch: Batch, suspects: Sequence[int], sinks: Sequence[SpoofingSink]) -> None:
        self._batch, self._sinks = batch, sinks
        tracks = {run: self._track(run) for run in suspects}
        cuts = cut_tracks(tuple(tracks.values()), sinks)
        self._made = {run: (track, cuts[id(track)]) for run, track in tracks.items()}

    def _track(self, run: int) -> Track:
        starts = self._batch.seen.starts
        return self._batch.fixes.track(int(starts[run]), int(starts[run + 1]))

    def __call__(self, run: int) -> tuple[Track, Cut]:
        if run not in self._made:
            track = self._track(run)
            # No leg too fast and nothing else suspect: there is nothing to doubt.
            sound = not self._batch.seen.doubtful[run]
            cut = cut_track(track, ()) if sound else cut_tracks((track,), self._sinks)[id(track)]
            self._made[run] = (track, cut)
        return self._made[run]


def _judge_group(
    table: TableBuilder, number: int, clause: Clause, batch: Batch, group: _Group, threads: int
) -> None:
    chosen = np.zeros(len(batch.seen.mover), dtype=bool)
    chosen[group.runs] = True
    stretches = np.flatnonzero(chosen[batch.stretch_run])
    events = judge_stretches(
        group.region,
        batch.columns,
        batch.first[stretches],
        batch.last[stretches],
        batch.fix_m[stretches],
        tolerance_m=clause.tolerance_m,
        level=LEVEL,
        threads_count=threads,
    )
    run_of_event = batch.stretch_run[stretches[events.stretch]]
    table.add_events(
        number, batch.seen.mover[run_of_event], events, stated=batch.seen.unstated_count[run_of_event] == 0
    )
    taken: dict[int, list[Interval]] = {}
    for run, start_us, end_us in zip(
        run_of_event.tolist(), events.t_us[:, 0].tolist(), events.t_us[:, 1].tolist(), strict=True
    ):
        taken.setdefault(run, []).append(Interval(start_us, end_us))
    reasoned = _judge_gaps(table, number, clause, batch, group, stretches, taken)
    _add_quiet(table, number, batch, group, taken, reasoned)


def _judge_gaps(
    table: TableBuilder,
    number: int,
    clause: Clause,
    batch: Batch,
    group: _Group,
    stretches: Ints,
    taken: dict[int, list[Interval]],
) -> dict[int, list[Interval]]:
    """Adds what the gaps give to the table and to ``taken``; returns the gaps that give nothing, by run."""
    run = batch.stretch_run[stretches]
    follows = np.flatnonzero(run[1:] == run[:-1])
    reasoned: dict[int, list[Interval]] = {}
    if not len(follows):
        return reasoned
    before, after = batch.last[stretches[follows]], batch.first[stretches[follows + 1]]
    fixes, run = batch.fixes, run[follows]
    start_us, end_us = fixes.t_us[before], fixes.t_us[after]
    ceiling = np.array(
        [batch.fixes.movers[code].speed_ceiling_mps or np.nan for code in batch.seen.mover[run].tolist()],
        dtype=float,
    )
    known = ~np.isnan(ceiling)
    slack_m = np.nan_to_num(np.fmax(fixes.accuracy_m[before], fixes.accuracy_m[after]))
    could = np.ones(len(run), dtype=bool)
    if known.any():
        could[known] = reachable_depths(
            group.region,
            np.column_stack([fixes.lon_deg[before[known]], fixes.lat_deg[before[known]]]),
            np.column_stack([fixes.lon_deg[after[known]], fixes.lat_deg[after[known]]]),
            ceiling[known] * (end_us - start_us)[known] / 1e6 + 2 * slack_m[known],
            clause.tolerance_m - float(group.region.leaf_accuracy_m.max(initial=0.0)),
        )
    table.add_gaps(number, batch.seen.mover[run[could]], start_us[could], end_us[could], known[could])
    for which, begun, ended, reached in zip(
        run.tolist(), start_us.tolist(), end_us.tolist(), could.tolist(), strict=True
    ):
        (taken if reached else reasoned).setdefault(which, []).append(Interval(begun, ended))
    return reasoned


def _add_quiet(
    table: TableBuilder,
    number: int,
    batch: Batch,
    group: _Group,
    taken: dict[int, list[Interval]],
    reasoned: dict[int, list[Interval]],
) -> None:
    """CLEAR: what was observed of each run and gave nothing."""
    start_us, end_us = batch.spans_us
    busy = np.zeros(len(batch.seen.mover), dtype=bool)
    busy[list({*taken, *reasoned})] = True
    calm = group.runs[~busy[group.runs]]
    table.add_quiet(
        number, batch.seen.mover[calm], start_us[calm], end_us[calm], (end_us[calm] - start_us[calm]) / 1e6
    )
    rows = [
        (code, quiet[0].start_us, quiet[-1].end_us, sum(item.duration_s for item in quiet))
        for code, quiet in _quiet_runs(batch, group.runs[busy[group.runs]], taken, reasoned)
        if quiet
    ]
    if rows:
        mover, begun, ended, seconds = zip(*rows, strict=True)
        table.add_quiet(number, np.array(mover), np.array(begun), np.array(ended), np.array(seconds))


def _quiet_runs(
    batch: Batch, runs: Ints, taken: dict[int, list[Interval]], reasoned: dict[int, list[Interval]]
) -> Iterator[tuple[int, tuple[Interval, ...]]]:
    """Mover and quiet time of runs of which something was found, or that have gaps."""
    first_us = batch.fixes.t_us[batch.first].tolist()
    last_us = batch.fixes.t_us[batch.last].tolist()
    froms = np.searchsorted(batch.stretch_run, runs, side="left").tolist()
    stops = np.searchsorted(batch.stretch_run, runs, side="right").tolist()
    codes = batch.seen.mover[runs].tolist()
    for run, code, at, stop in zip(runs.tolist(), codes, froms, stops, strict=True):
        observed = tuple(Interval(first_us[k], last_us[k]) for k in range(at, stop))
        if run in reasoned:
            observed = merge_intervals([*observed, *reasoned[run]])
        yield code, quiet_times(observed, taken.get(run, []))
