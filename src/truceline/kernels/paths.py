"""The way between fixes: straight over the ground at constant speed, in intervals that prove themselves.

Depth changes no faster than the mover moves. So an interval of path of length L whose ends have depths a and
b of one sign cannot reach the other sign by more than (L - |a| - |b|) / 2, and cannot be deeper than
(L + a + b) / 2. Intervals that these bounds do not settle are halved until they do.

Source: S. A. Piyavskii, "An algorithm for finding the absolute extremum of a function", USSR Computational
Mathematics and Mathematical Physics 12 (1972).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import GeometryError
from truceline.kernels.curves import LONGEST_PIECE_M, Ints, Pieces, pieces_between
from truceline.kernels.geodesy import Floats, along_edges, as_lonlat, from_ecef, inverse, to_ecef
from truceline.kernels.region import Region
from truceline.units import Metres

# The ground is this much longer than its chord at most, for pieces of 20 km: (L/R)^2 / 24 and a margin.
_LONGER_THAN_CHORD = 1.00001
# How far the deepest value found may stay below the true one before it is sharpened.
DEPTH_SLACK_M: Metres = 0.5
DEPTH_SLACK_SHARE = 0.0005
_CLIMBS = 12
_GOLDEN_ROUNDS = 40
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Way:
    """A path in pieces. ``leg`` is the leg (from fix i to i + 1) of each piece, ``leg_start`` and ``leg_end``
    the fractions of that leg it spans. A path of one fix has one piece of length 0."""

    pieces: Pieces
    leg: Ints
    leg_start: Floats
    leg_end: Floats
    length_m: Floats

    def lonlat_deg(self, piece: Ints, fraction: Floats) -> Floats:
        """Places on the way; shape (n, 2)."""
        return from_ecef(self.pieces.at(piece, fraction))

    def leg_fraction(self, piece: Ints, fraction: Floats) -> Floats:
        """Fractions of pieces as fractions of the whole legs they belong to; shape (n,)."""
        return self.leg_start[piece] + fraction * (self.leg_end[piece] - self.leg_start[piece])


def way_of(lonlat_deg: ArrayLike, *, longest_m: Metres = LONGEST_PIECE_M["geodesic"]) -> Way:
    """The path through the fixes (n, 2), n at least 1, in pieces of at most ``longest_m`` (20 km or less).

    Raises
    ------
    GeometryError
        Where a coordinate is not finite or a latitude is beyond 90 degrees.
    """
    lonlat = as_lonlat(lonlat_deg)
    bad = ~np.isfinite(lonlat).all(axis=1) | (np.abs(lonlat[:, 1]) > 90)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise GeometryError(
            f"fix {at + 1} is no place on earth: {lonlat[at].tolist()}", hint="leave such fixes out"
        )
    a, b = (lonlat, lonlat) if len(lonlat) == 1 else (lonlat[:-1], lonlat[1:])
    chord = np.linalg.norm(to_ecef(b) - to_ecef(a), axis=1)
    counts = np.ones(len(a), dtype=np.int64)
    long_legs = np.flatnonzero(chord > 0.99 * longest_m)
    if len(long_legs):
        length = inverse(a[long_legs], b[long_legs])[0]
        counts[long_legs] = np.ceil(length / longest_m).astype(np.int64)
    leg = np.repeat(np.arange(len(a)), counts)
    step = np.arange(len(leg)) - np.repeat(np.cumsum(counts) - counts, counts)
    start, end = step / counts[leg], (step + 1) / counts[leg]
    first, last = a[leg], b[leg]
    inner, short = np.flatnonzero(step > 0), np.flatnonzero(step + 1 < counts[leg])
    first[inner] = along_edges(a[leg[inner]], b[leg[inner]], start[inner], "geodesic")
    last[short] = along_edges(a[leg[short]], b[leg[short]], end[short], "geodesic")
    pieces = pieces_between(first, last)
    return Way(pieces, leg, start, end, np.linalg.norm(pieces.chord, axis=1) * _LONGER_THAN_CHORD)


@dataclass(frozen=True, slots=True)
class Spans:
    """Intervals of the way: piece, fractions of it, and the height (depth less threshold) at both ends."""

    piece: Ints
    start: Floats
    end: Floats
    start_m: Floats
    end_m: Floats

    def __len__(self) -> int:
        return len(self.piece)

    def __getitem__(self, rows: NDArray) -> Spans:
        return Spans(self.piece[rows], self.start[rows], self.end[rows], self.start_m[rows], self.end_m[rows])

    def halves(self, way: Way, region: Region, threshold_m: Metres) -> Spans:
        """All intervals halved: the first halves, then the second halves."""
        middle = (self.start + self.end) / 2
        middle_m = region.depth_ecef_m(way.pieces.at(self.piece, middle)) - threshold_m
        return joined(
            Spans(self.piece, self.start, middle, self.start_m, middle_m),
            Spans(self.piece, middle, self.end, middle_m, self.end_m),
        )

    def length_m(self, way: Way) -> Floats:
        """At least the length of each interval; shape (n,)."""
        return (self.end - self.start) * way.length_m[self.piece]

    def crosses(self) -> NDArray[np.bool_]:
        """True where the ends are on different sides of the threshold; shape (n,)."""
        return np.not_equal(self.start_m > 0, self.end_m > 0)


def joined(*parts: Spans) -> Spans:
    """Several sets of intervals as one, in the order given."""
    columns = zip(*((p.piece, p.start, p.end, p.start_m, p.end_m) for p in parts), strict=True)
    return Spans(*(np.concatenate(column) for column in columns))


def whole_spans(way: Way, region: Region, threshold_m: Metres) -> Spans:
    """One interval a piece. Each node of the way is asked once, so neighbours agree on it."""
    count = len(way.pieces)
    nodes = np.vstack([way.pieces.start, way.pieces.start[-1:] + way.pieces.chord[-1:]])
    heights = region.depth_ecef_m(nodes) - threshold_m
    return Spans(np.arange(count), np.zeros(count), np.ones(count), heights[:-1], heights[1:])


def settled_spans(way: Way, region: Region, threshold_m: Metres, tolerance_m: Metres) -> Spans:
    """Intervals in path order that either keep their sign, or change it within ``tolerance_m`` of path.

    A change of sign and back that reaches less than ``tolerance_m`` past the threshold may be left out.
    """
    work, done = whole_spans(way, region, threshold_m), []
    while len(work):
        length, crosses = work.length_m(way), work.crosses()
        proof = np.abs(work.start_m) + np.abs(work.end_m) + 2 * tolerance_m >= length
        settled = np.where(crosses, length <= tolerance_m, proof)
        done.append(work[settled])
        work = work[~settled].halves(way, region, threshold_m)
    found = joined(*done)
    return found[np.lexsort((found.start, found.piece))]


@dataclass(frozen=True, slots=True)
class Peaks:
    """The deepest place of each group: piece, fraction of it, height above the threshold; shape (groups,)."""

    piece: Ints
    fraction: Floats
    height_m: Floats


def deepest(
    way: Way, region: Region, threshold_m: Metres, spans: Spans, group: Ints, groups_count: int
) -> Peaks:
    """The deepest place of each group of intervals; ``group`` (one number an interval) is -1 for none.

    Bounded search to 0.5 m or 0.05 % of the depth, then sharpened to centimetres about the best place.
    """
    peaks = Peaks(
        np.zeros(groups_count, dtype=np.int64), np.zeros(groups_count), np.full(groups_count, -np.inf)
    )
    work, group = spans[group >= 0], group[group >= 0]
    _raise_peaks(peaks, work.piece, work.start, work.start_m, group)
    _raise_peaks(peaks, work.piece, work.end, work.end_m, group)
    while len(work):
        best = peaks.height_m[group]
        slack = np.maximum(DEPTH_SLACK_M, DEPTH_SLACK_SHARE * np.abs(best + threshold_m))
        open_rows = (work.start_m + work.end_m + work.length_m(way)) / 2 > best + slack
        work, group = work[open_rows], np.tile(group[open_rows], 2)
        if not len(work):
            break
        count = len(work)
        work = work.halves(way, region, threshold_m)
        _raise_peaks(peaks, work.piece[:count], work.end[:count], work.end_m[:count], group[:count])
    _sharpen(way, region, threshold_m, peaks)
    return peaks


def _raise_peaks(peaks: Peaks, piece: Ints, fraction: Floats, height_m: Floats, group: Ints) -> None:
    """Where a group has a higher place among these, take it; the first along the way of equal ones."""
    order = np.lexsort((fraction, piece, -height_m, group))
    names, first = np.unique(group[order], return_index=True)
    top = order[first]
    better = height_m[top] > peaks.height_m[names]
    names, top = names[better], top[better]
    peaks.piece[names], peaks.fraction[names], peaks.height_m[names] = (
        piece[top],
        fraction[top],
        height_m[top],
    )


def _sharpen(way: Way, region: Region, threshold_m: Metres, peaks: Peaks) -> None:
    """Climb from each peak, on its piece and over the ends of pieces, until that gains less than a millimetre.

    No step is longer than the peak is high above the threshold: by the bound, the way stays past it for that
    long, so that one group never takes the peak of another.
    """
    rows = np.arange(len(peaks.piece))
    for _ in range(_CLIMBS):
        before = peaks.height_m[rows]
        reach = 20 * np.maximum(DEPTH_SLACK_M, DEPTH_SLACK_SHARE * np.abs(before + threshold_m))
        if len(peaks.piece) > 1:
            reach = np.minimum(reach, before)
        for step in (0, 1, -1):
            # Over an end: from the end of the piece that the peak has come to, into the next or the one before.
            at_end = peaks.fraction[rows] == (1.0 if step > 0 else 0.0)
            piece = peaks.piece[rows] + step
            usable = (piece >= 0) & (piece < len(way.pieces)) & (at_end | (step == 0))
            _climb(way, region, threshold_m, peaks, rows[usable], piece[usable], step, reach[usable])
        rows = rows[peaks.height_m[rows] > before + 1e-3]
        if not len(rows):
            break


def _climb(
    way: Way,
    region: Region,
    threshold_m: Metres,
    peaks: Peaks,
    rows: Ints,
    piece: Ints,
    step: int,
    reach: Floats,
) -> None:
    """Golden-section search on a piece, within ``reach`` of each peak; only what is deeper is taken."""
    length = way.length_m[piece]
    share = np.divide(reach, length, out=np.zeros_like(reach), where=length > 0)
    at = peaks.fraction[rows] if step == 0 else np.full(len(rows), 0.0 if step > 0 else 1.0)
    low, high = np.maximum(at - share, 0.0), np.minimum(at + share, 1.0)
    for _ in range(_GOLDEN_ROUNDS):
        wide = np.flatnonzero((high - low) * length > 1e-3)
        if not len(wide):
            break
        width = _GOLDEN * (high[wide] - low[wide])
        tried = np.concatenate([high[wide] - width, low[wide] + width])
        where = np.tile(piece[wide], 2)
        heights = region.depth_ecef_m(way.pieces.at(where, tried)) - threshold_m
        left_better = heights[: len(wide)] >= heights[len(wide) :]
        high[wide] = np.where(left_better, tried[len(wide) :], high[wide])
        low[wide] = np.where(left_better, low[wide], tried[: len(wide)])
        _raise_peaks(peaks, where, tried, heights, np.tile(rows[wide], 2))
