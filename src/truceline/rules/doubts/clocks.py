"""Clocks that cannot be right: offsets from the receiver's clock, times before 2000, week rollovers.

A receiver counts GPS weeks in ten bits, so a firmware that loses the epoch is out by exactly 1,024 weeks
(19.6 years). A shift is named, never applied: what the time would be is for a person to say.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from truceline.model.finding import Doubt
from truceline.model.movement import Track
from truceline.timebase import US_PER_DAY, US_PER_S, Interval
from truceline.units import Seconds

# The ten-bit week number of the GPS signal (IS-GPS-200, 20.3.3.3.1.1) runs over after 1,024 weeks.
ROLLOVER_US = 1024 * 7 * US_PER_DAY
ROLLOVER_SLACK_US = 2 * US_PER_DAY
# 2000-01-01T00:00Z. Selective availability ended in May 2000; earlier times in a file are clocks never set.
YEAR_2000_US = 946_684_800 * US_PER_S
# Offset of a device clock from the receiver's at which it is marked.
OFFSET_MOST_S: Seconds = 300.0
# How near a whole hour an offset must be to be a time zone taken for UTC, and how steady any offset is.
OFFSET_STEADY_S: Seconds = 60.0
# How far from all others of one check a track may lie after a shift of 1,024 weeks to be a shifted one.
OTHERS_WITHIN_US = 60 * US_PER_DAY
OTHERS_COUNT = 3

RELIABILITY = "docs/explain/plausibility.md: clocks"
SIGNAL = "IS-GPS-200, 20.3.3.3.1.1: the week number has ten bits"


def clock_doubts(track: Track) -> list[Doubt]:
    """What is wrong with the clock of one track, seen from the track itself."""
    found = []
    early = int(np.searchsorted(track.t_us, YEAR_2000_US))
    if early:
        behind_s = (YEAR_2000_US - int(track.t_us[0])) / US_PER_S
        found.append(_doubt(track, "clock-before-2000", 0, early - 1, behind_s, 0.0, RELIABILITY))
    found += _leaps(track)
    if track.received_us is not None and len(track):
        found += _offset(track, (track.received_us - track.t_us) / US_PER_S)
    return found


def _leaps(track: Track) -> list[Doubt]:
    """A step of 1,024 weeks between two fixes of one track: the side with fewer fixes is the shifted one."""
    found = []
    for leg in np.flatnonzero(np.abs(np.diff(track.t_us) - ROLLOVER_US) <= ROLLOVER_SLACK_US).tolist():
        before, after = leg + 1, len(track) - leg - 1
        first, last = (0, leg) if before <= after else (leg + 1, len(track) - 1)
        step_s = float(track.t_us[leg + 1] - track.t_us[leg]) / US_PER_S
        found.append(_doubt(track, "clock-rollover", first, last, step_s, ROLLOVER_US / US_PER_S, SIGNAL))
    return found


def _offset(track: Track, late_s: NDArray[np.float64]) -> list[Doubt]:
    """The device's offset is the least time between fix and receipt: delays only add to it."""
    least_s, last = float(late_s.min()), len(track) - 1
    if abs(abs(least_s) * US_PER_S - ROLLOVER_US) <= ROLLOVER_SLACK_US:
        return [_doubt(track, "clock-rollover", 0, last, least_s, ROLLOVER_US / US_PER_S, SIGNAL)]
    hours = round(least_s / 3600.0)
    steady = bool(np.median(late_s) - least_s <= OFFSET_STEADY_S)
    if 0 < abs(hours) <= 14 and steady and abs(least_s - hours * 3600.0) <= OFFSET_STEADY_S:
        return [_doubt(track, "clock-whole-hours", 0, last, least_s, OFFSET_MOST_S, RELIABILITY)]
    if least_s < -OFFSET_MOST_S:
        return [_doubt(track, "clock-ahead", 0, last, -least_s, OFFSET_MOST_S, RELIABILITY)]
    # Behind by a steady amount is a clock; behind by amounts that differ is a late delivery.
    if (
        least_s > OFFSET_MOST_S
        and steady
        and len(track) > 2
        and np.ptp(track.t_us) > OFFSET_MOST_S * US_PER_S
    ):
        return [_doubt(track, "clock-behind", 0, last, least_s, OFFSET_MOST_S, RELIABILITY)]
    return []


def shifted_doubts(tracks: Sequence[Track]) -> dict[int, list[Doubt]]:
    """Tracks that lie by themselves 1,024 weeks before or after all others of one check.

    Returns
    -------
    dict
        From the place of a track in ``tracks`` to its doubts.
    """
    held = [place for place, track in enumerate(tracks) if len(track)]
    by_us = _shifts_us(np.array([tracks[place].t_us[0] for place in held], dtype=np.int64))
    shifted = [(held[at], int(by_us[at])) for at in np.flatnonzero(by_us).tolist()]
    return {
        place: [
            _doubt(
                tracks[place],
                "clock-rollover",
                0,
                len(tracks[place]) - 1,
                shift_us / US_PER_S,
                ROLLOVER_US / US_PER_S,
                SIGNAL,
            )
        ]
        for place, shift_us in shifted
    }


def any_shifted(starts_us: NDArray[np.int64]) -> bool:
    """Whether :func:`shifted_doubts` says anything of tracks that start at these instants."""
    return bool(_shifts_us(starts_us).any())


def _shifts_us(starts_us: NDArray[np.int64]) -> NDArray[np.int64]:
    """By how much each start lies 1,024 weeks off all others; 0 for the others, and where nothing is told."""
    none = np.zeros(len(starts_us), dtype=np.int64)
    if len(starts_us) <= OTHERS_COUNT:
        return none
    by_us = starts_us - np.sort(starts_us)[len(starts_us) // 2]
    off = np.abs(by_us) > OTHERS_WITHIN_US
    shifted = np.abs(np.abs(by_us) - ROLLOVER_US) <= OTHERS_WITHIN_US
    # Evidence that spans years anyway says nothing about a track of another year.
    if (off & ~shifted).any() or np.count_nonzero(~off) < OTHERS_COUNT:
        return none
    return np.where(off, by_us, 0)


def _doubt(track: Track, code: str, first: int, last: int, seen: float, limit: float, source: str) -> Doubt:
    return Doubt(
        code=code,
        interval=Interval(int(track.t_us[first]), int(track.t_us[last])),
        first_fix=first,
        last_fix=last,
        seen=seen,
        limit=limit,
        source=source,
    )
