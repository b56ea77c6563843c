"""When a mover was within the heights a clause is limited to, when it was not, and when that cannot be told.

Between two fixes the height goes straight, as the position does. A height is compared with a limit of the same
datum only: pressure altitude, mean sea level, ellipsoid and ground differ by tens to hundreds of metres, and
what would convert them (the pressure of the day, a geoid, the terrain) is not in the record.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truceline.model.agreement import AltitudeBand
from truceline.model.identity import CLASSES
from truceline.model.movement import Track
from truceline.rules.movement.stretches import Cut, Stretch
from truceline.timebase import Interval, merge_intervals

Intervals = tuple[Interval, ...]


def band_intervals(track: Track, cut: Cut, band: AltitudeBand) -> tuple[Intervals, Intervals]:
    """When a mover was in a band of heights.

    Parameters
    ----------
    track : Track
    cut : Cut
        Of this track; only its stretches are looked at, so gaps and doubtful fixes are in neither answer.
    band : AltitudeBand

    Returns
    -------
    inside, unknown : tuple of Interval
        Strictly between the limits; and where no height is known, or only in a datum that cannot be compared.
        What is in neither is outside, the agreed limits themselves included.
    """
    above_m, below_m = _margins(track, band)
    inside: list[Interval] = []
    unknown: list[Interval] = []
    for stretch in cut.stretches:
        at = np.searchsorted(track.t_us, stretch.t_us)
        one, two = _of_stretch(stretch, above_m[at], below_m[at])
        inside += one
        unknown += two
    return merge_intervals(inside), merge_intervals(unknown)


def unseen_intervals(cut: Cut) -> Intervals:
    """Gaps and doubtful fixes: nobody saw at what height the mover was."""
    return merge_intervals([*(gap.interval for gap in cut.gaps), *cut.unreliable])


def _margins(track: Track, band: AltitudeBand) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far above the lower and below the upper limit each fix is; NaN unknown, infinite without a limit."""
    free = np.full(len(track), np.inf)
    above_m = free if band.from_m is None else _height_m(track, band.from_datum) - band.from_m
    below_m = free if band.to_m is None else band.to_m - _height_m(track, band.to_datum)
    return above_m, below_m


def _height_m(track: Track, datum: str) -> NDArray[np.float64]:
    if datum == track.altitude_datum:
        return track.altitude_m
    known = CLASSES.get(track.mover.mover_class or "")
    # What goes on land or sea is on the ground: the one height that needs no instrument.
    if datum == "agl" and known is not None and known.domain != "air":
        return np.zeros(len(track))
    return np.full(len(track), np.nan)


def _of_stretch(
    stretch: Stretch, above_m: NDArray[np.float64], below_m: NDArray[np.float64]
) -> tuple[list[Interval], list[Interval]]:
    if len(stretch.t_us) == 1:
        return _at_one_fix(stretch.interval, float(above_m[0]), float(below_m[0]))
    start_us, end_us = stretch.t_us[:-1].astype(float), stretch.t_us[1:].astype(float)
    from_us, until_us = _clipped(start_us, end_us, above_m)
    low_us, high_us = _clipped(start_us, end_us, below_m)
    from_us, until_us = np.maximum(from_us, low_us), np.minimum(until_us, high_us)
    known = ~np.isnan(above_m + below_m)
    told = known[:-1] & known[1:]
    held = until_us > from_us
    return _intervals(from_us, until_us, held & told), _intervals(from_us, until_us, held & ~told)


def _at_one_fix(when: Interval, above_m: float, below_m: float) -> tuple[list[Interval], list[Interval]]:
    if above_m <= 0 or below_m <= 0:
        return [], []
    return ([when], []) if above_m > 0 and below_m > 0 else ([], [when])


def _clipped(
    start_us: NDArray[np.float64], end_us: NDArray[np.float64], margin_m: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The part of each leg in which a margin is above zero; the whole leg where it is not known."""
    before, after = margin_m[:-1], margin_m[1:]
    crosses = (before > 0) != (after > 0)
    crosses &= np.isfinite(before) & np.isfinite(after)
    fall_m = np.subtract(before, after, out=np.ones(len(before)), where=crosses)
    share = np.where(crosses, before, 0.0) / fall_m
    # Whole microseconds: half-open intervals, and a crossing counts with the side the time goes to.
    cross_us = np.ceil(start_us + share * (end_us - start_us))
    from_us = np.where(crosses & (after > 0), cross_us, start_us)
    until_us = np.where(crosses & (before > 0), cross_us, end_us)
    return from_us, np.where((before <= 0) & (after <= 0), from_us, until_us)


def _intervals(
    from_us: NDArray[np.float64], until_us: NDArray[np.float64], where: NDArray[np.bool_]
) -> list[Interval]:
    return [
        Interval(begun, ended)
        for begun, ended in zip(
            from_us[where].astype(np.int64).tolist(), until_us[where].astype(np.int64).tolist(), strict=True
        )
    ]
