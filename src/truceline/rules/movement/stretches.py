"""A track cut into stretches in which something is known, and the gaps between them in which nothing is.

Between two fixes a mover goes straight at constant speed, up to the longest gap the source allows; past
that, across a break the source made itself, and across an unreliable piece, nothing is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import positions_at
from truceline.model.agreement import SpoofingSink
from truceline.model.finding import Coverage, Doubt, Finding
from truceline.model.movement import Track
from truceline.rules.doubts.sinks import KNOWN_SINKS
from truceline.rules.movement.plausibility import doubtful_fixes, doubts_of
from truceline.timebase import US_PER_S, Interval
from truceline.words import reasons


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stretch:
    """Consecutive fixes with no gap inside. Cut at the edge of a clause's time, the edge is interpolated."""

    t_us: NDArray[np.int64]
    lonlat_deg: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]  # NaN replaced by 0; see ``accuracy_stated``
    accuracy_stated: bool

    @property
    def interval(self) -> Interval:
        return Interval(int(self.t_us[0]), int(self.t_us[-1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Between two relied-on fixes: how long, from where to where, and whether unreliable fixes lie in it."""

    interval: Interval
    before_deg: tuple[float, float]
    after_deg: tuple[float, float]
    accuracy_m: float
    unreliable: bool


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cut:
    """A whole track, cut: what was observed, the gaps in it, and the time that cannot be relied on."""

    stretches: tuple[Stretch, ...]
    gaps: tuple[Gap, ...]
    doubtful: tuple[Stretch, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def unreliable(self) -> tuple[Interval, ...]:
        """The time of the fixes that cannot be relied on."""
        return tuple(stretch.interval for stretch in self.doubtful)

    @property
    def doubtful_ends(self) -> tuple[Stretch, ...]:
        """Unreliable fixes before the first or after the last relied-on one, which no gap spans."""
        return tuple(
            stretch
            for stretch in self.doubtful
            if not any(gap.interval.covers(stretch.interval) for gap in self.gaps)
        )


def cut_tracks(tracks: Sequence[Track], sinks: Iterable[SpoofingSink] = ()) -> dict[int, Cut]:
    """Every track of one check cut, keyed by its ``id()``; what is not relied on is seen from all of them.

    Parameters
    ----------
    tracks : sequence of Track
    sinks : iterable of SpoofingSink
        Those of the agreement, beside :data:`~truceline.rules.doubts.sinks.KNOWN_SINKS`.
    """
    doubts = doubts_of(tracks, sinks=(*KNOWN_SINKS, *sinks))
    return {id(track): cut_track(track, found) for track, found in zip(tracks, doubts, strict=True)}


def cut_track(track: Track, doubts: Sequence[Doubt] | None = None) -> Cut:
    """Cut a track at its gaps, at the source's own breaks, and around unreliable pieces.

    ``doubts`` None: as seen from this track alone.
    """
    known = doubts_of((track,))[0] if doubts is None else tuple(doubts)
    bad = doubtful_fixes(track, known)
    good = np.flatnonzero(~bad)
    doubtful = tuple(_stretch(track, run) for run in _runs(bad))
    if not len(good):
        return Cut(stretches=(), gaps=(), doubtful=doubtful, doubts=known)
    broken = np.diff(track.t_us[good]) > track.longest_gap_s * US_PER_S
    source_breaks = np.zeros(len(track) + 1, dtype=np.int64)
    source_breaks[list(track.segment_starts)] = 1
    passed = np.cumsum(source_breaks)
    broken |= np.diff(passed[good]) > 0
    broken |= np.diff(good) > 1
    ends = np.concatenate((np.flatnonzero(broken), [len(good) - 1]))
    starts = np.concatenate(([0], ends[:-1] + 1))
    stretches = tuple(
        _stretch(track, good[first : last + 1]) for first, last in zip(starts, ends, strict=True)
    )
    gaps = tuple(_gap(track, int(good[last]), int(good[last + 1])) for last in ends[:-1])
    return Cut(stretches=stretches, gaps=gaps, doubtful=doubtful, doubts=known)


def doubts_named(findings: Iterable[Finding], coverage: Coverage, cut: Cut) -> tuple[list[Finding], Coverage]:
    """The findings, those about unreliable positions saying which checks fired; the coverage likewise."""
    named = []
    for finding in findings:
        here = _meeting(cut.doubts, [finding.interval]) if finding.interval is not None else ()
        if finding.because == "positions-unreliable" and here:
            finding = replace(finding, reason=reasons.doubts_sentence(here))
        named.append(finding)
    return named, replace(coverage, doubts=_meeting(cut.doubts, coverage.unreliable))


def _meeting(doubts: Iterable[Doubt], times: Sequence[Interval]) -> tuple[Doubt, ...]:
    """The doubts about any instant of ``times``, their ends included."""
    return tuple(
        doubt
        for doubt in doubts
        if any(
            doubt.interval.start_us <= when.end_us and when.start_us <= doubt.interval.end_us
            for when in times
        )
    )


def _stretch(track: Track, rows: NDArray[np.intp]) -> Stretch:
    # Rows that follow each other are looked at where they lie.
    together = int(rows[-1]) - int(rows[0]) == len(rows) - 1
    at = slice(int(rows[0]), int(rows[-1]) + 1) if together else rows
    accuracy_m = track.accuracy_m[at]
    return Stretch(
        t_us=track.t_us[at],
        lonlat_deg=track.lonlat_deg[at],
        accuracy_m=np.nan_to_num(accuracy_m, nan=0.0),
        accuracy_stated=not bool(np.isnan(accuracy_m).any()),
    )


def _gap(track: Track, before: int, after: int) -> Gap:
    return Gap(
        interval=Interval(int(track.t_us[before]), int(track.t_us[after])),
        before_deg=_point(track.lonlat_deg[before]),
        after_deg=_point(track.lonlat_deg[after]),
        accuracy_m=float(np.nan_to_num(track.accuracy_m[[before, after]]).max()),
        unreliable=after - before > 1,
    )


def _point(lonlat: NDArray[np.float64]) -> tuple[float, float]:
    return float(lonlat[0]), float(lonlat[1])


def _runs(flags: NDArray[np.bool_]) -> list[NDArray[np.intp]]:
    at = np.flatnonzero(flags)
    return [run for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if len(run)]


def clip_stretch(stretch: Stretch, when: Interval) -> Stretch | None:
    """The part of a stretch inside ``when``, its new ends interpolated; None where they share no instant."""
    shared = stretch.interval.clip(when)
    if shared is None or (when.duration_s > 0 and not shared.meets(when)):
        return None
    if shared == stretch.interval:
        return stretch
    first = int(np.searchsorted(stretch.t_us, shared.start_us, "left"))
    after = int(np.searchsorted(stretch.t_us, shared.end_us, "right"))
    # The new ends, where no fix stands at them already.
    begun = [] if first < after and stretch.t_us[first] == shared.start_us else [shared.start_us]
    ended = [] if first < after and stretch.t_us[after - 1] == shared.end_us else [shared.end_us]
    if begun == ended:
        ended = []
    new_us = np.array([*begun, *ended], dtype=np.int64)
    lonlat_deg = positions_at(new_us, stretch.t_us, stretch.lonlat_deg)
    # The wider of the two neighbours: an interpolated position is no better than they are.
    last = len(stretch.t_us) - 1
    accuracy_m = np.maximum(
        stretch.accuracy_m[np.clip(np.searchsorted(stretch.t_us, new_us, "left"), 0, last)],
        stretch.accuracy_m[np.clip(np.searchsorted(stretch.t_us, new_us, "right") - 1, 0, None)],
    )
    at = len(begun)
    return Stretch(
        t_us=np.concatenate((new_us[:at], stretch.t_us[first:after], new_us[at:])),
        lonlat_deg=np.concatenate((lonlat_deg[:at], stretch.lonlat_deg[first:after], lonlat_deg[at:])),
        accuracy_m=np.concatenate((accuracy_m[:at], stretch.accuracy_m[first:after], accuracy_m[at:])),
        accuracy_stated=stretch.accuracy_stated,
    )


def clip_gap(gap: Gap, when: Interval) -> Interval | None:
    """The part of a gap's time inside ``when``."""
    return gap.interval.clip(when) if gap.interval.meets(when) else None
