"""The close passes of two tracks in plain numpy: the reference that the compiled kernel is compared with.

Written before the kernel, and kept as it was: every interval of one pair is looked at, each root is bisected 60
times, and no index leaves anything out. Nothing here imports the kernel it checks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.kernels.geodesy import (
    Floats,
    along_edges,
    arc_m,
    as_lonlat,
    from_ecef,
    inverse,
    to_ecef,
)

Ints = NDArray[np.int64]
LonLat = tuple[float, float]
RESOLUTION_M, RESOLUTION_DECIMALS = 1e-4, 4

# On pieces this short the bend of the ground moves the least distance by less than a millimetre.
_LONGEST_PIECE_M = 5_000.0
_BISECTIONS = 60


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parabolas ``start + s chord + s (1 - s) bulge``; three arrays of shape (m, 3), metres."""

    start: Floats
    chord: Floats
    bulge: Floats

    def at(self, index: Ints, fraction: Floats) -> Floats:
        s = fraction[:, None]
        return np.asarray(self.start[index] + s * self.chord[index] + s * (1 - s) * self.bulge[index])


@dataclass(frozen=True, slots=True)
class Way:
    """A path in pieces, each with its leg and the fractions of that leg it spans."""

    pieces: Pieces
    leg: Ints
    leg_start: Floats
    leg_end: Floats


def way_of(lonlat_deg: ArrayLike) -> Way:
    """The path through the fixes (n, 2), n at least 1, in pieces cut along the geodesic."""
    lonlat = as_lonlat(lonlat_deg)
    a, b = (lonlat, lonlat) if len(lonlat) == 1 else (lonlat[:-1], lonlat[1:])
    counts = np.maximum(1, np.ceil(inverse(a, b)[0] / _LONGEST_PIECE_M)).astype(np.int64)
    leg = np.repeat(np.arange(len(a)), counts)
    step = np.arange(len(leg)) - np.repeat(np.cumsum(counts) - counts, counts)
    start, end = step / counts[leg], (step + 1) / counts[leg]
    first, last = a[leg], b[leg]
    inner, short = np.flatnonzero(step > 0), np.flatnonzero(step + 1 < counts[leg])
    first[inner] = along_edges(a[leg[inner]], b[leg[inner]], start[inner], "geodesic")
    last[short] = along_edges(a[leg[short]], b[leg[short]], end[short], "geodesic")
    begun, ended = to_ecef(first), to_ecef(last)
    middle = to_ecef(along_edges(first, last, np.full(len(first), 0.5), "geodesic"))
    return Way(Pieces(begun, ended - begun, 4 * (middle - (begun + ended) / 2)), leg, start, end)


@dataclass(frozen=True, slots=True)
class Pass:
    """A longest interval in which two movers are nearer than the separation.

    ``open_start`` and ``open_end``: they were so already when the joint record began, or still when it ended.
    """

    start_us: int
    end_us: int
    open_start: bool
    open_end: bool
    closest_us: int
    closest_m: float
    lonlat_a: LonLat
    lonlat_b: LonLat


@dataclass(frozen=True, slots=True)
class _Mover:
    """A way and the instants at the ends of its pieces, microseconds after a common origin."""

    way: Way
    nodes_us: Floats

    def located(self, at_us: Floats, middle_us: Floats) -> tuple[Ints, Floats]:
        """Piece and fraction of each instant, on the piece that ``middle_us`` lies on."""
        piece = np.clip(np.searchsorted(self.nodes_us, middle_us, side="right") - 1, 0, len(self.way.leg) - 1)
        begun, took = self.nodes_us[piece], self.nodes_us[piece + 1] - self.nodes_us[piece]
        share = np.divide(at_us - begun, took, out=np.zeros_like(at_us), where=took > 0)
        return piece, np.clip(share, 0.0, 1.0)


def _mover(t_us: ArrayLike, lonlat_deg: ArrayLike, origin_us: int) -> _Mover:
    times, way = np.asarray(t_us, dtype=np.int64) - origin_us, way_of(lonlat_deg)
    after = np.minimum(way.leg + 1, len(times) - 1)
    starts = times[way.leg] + way.leg_start * (times[after] - times[way.leg])
    return _Mover(way, np.append(starts, float(times[-1])))


@dataclass(frozen=True, slots=True)
class _Joint:
    """Both movers over their shared time, cut where either starts a new piece: m intervals."""

    a: _Mover
    b: _Mover
    origin_us: int
    start_us: Floats
    end_us: Floats

    def places(self, interval: Ints, share: Floats) -> tuple[Floats, Floats]:
        """Where both are at a share of the way through each interval."""
        begun, ended = self.start_us[interval], self.end_us[interval]
        at_us, middle = begun + share * (ended - begun), (begun + ended) / 2
        return tuple(mover.way.pieces.at(*mover.located(at_us, middle)) for mover in (self.a, self.b))  # type: ignore[return-value]

    def apart_m(self, interval: Ints, share: Floats) -> Floats:
        return arc_m(*self.places(interval, share))

    def instant_us(self, interval: Ints, share: Floats) -> Ints:
        at_us = self.start_us[interval] + share * (self.end_us[interval] - self.start_us[interval])
        return np.rint(at_us).astype(np.int64) + self.origin_us


def _joint(t_a_us: ArrayLike, lonlat_a: ArrayLike, t_b_us: ArrayLike, lonlat_b: ArrayLike) -> _Joint | None:
    """None where the two share no instant."""
    times_a, times_b = _checked(t_a_us, lonlat_a), _checked(t_b_us, lonlat_b)
    if not (len(times_a) and len(times_b)):
        return None
    start, end = int(max(times_a[0], times_b[0])), int(min(times_a[-1], times_b[-1]))
    if end < start:
        return None
    places_a, places_b = as_lonlat(lonlat_a), as_lonlat(lonlat_b)
    part_a, part_b = _within(times_a, start, end), _within(times_b, start, end)
    a, b = _mover(times_a[part_a], places_a[part_a], start), _mover(times_b[part_b], places_b[part_b], start)
    last = float(end - start)
    cuts = np.concatenate([a.nodes_us, b.nodes_us, [0.0, last]])
    cuts = np.unique(cuts[(cuts >= 0) & (cuts <= last)])
    if len(cuts) == 1:
        cuts = np.repeat(cuts, 2)
    return _Joint(a, b, start, cuts[:-1], cuts[1:])


def _within(times: NDArray[np.int64], start: int, end: int) -> slice:
    """The fixes that say where a mover is from start to end, with one before and one after."""
    first = max(int(np.searchsorted(times, start, side="right")) - 1, 0)
    return slice(first, max(int(np.searchsorted(times, end, side="left")) + 1, first + 1))


def _nearest_shares(joint: _Joint) -> Floats:
    """When in each interval the two are nearest to each other; shape (m,)."""
    every = np.arange(len(joint.start_us))
    zeros = np.zeros(len(every))
    first_a, first_b = joint.places(every, zeros)
    last_a, last_b = joint.places(every, zeros + 1)
    begun = first_b - first_a
    change = (last_b - last_a) - begun
    speed_sq = np.einsum("ij,ij->i", change, change)
    share = np.divide(-np.einsum("ij,ij->i", begun, change), speed_sq, out=zeros.copy(), where=speed_sq > 0)
    share = np.clip(share, 0.0, 1.0)
    inner = joint.apart_m(every, share)
    ends = np.stack([joint.apart_m(every, zeros), inner, joint.apart_m(every, zeros + 1)])
    best = ends.argmin(axis=0)
    return np.where(best == 0, 0.0, np.where(best == 2, 1.0, share))


Closest = tuple[int, float, LonLat, LonLat]


def closest(t_a_us: ArrayLike, lonlat_a: ArrayLike, t_b_us: ArrayLike, lonlat_b: ArrayLike) -> Closest | None:
    """The closest approach of two tracks while both were there; the first of equally close ones.

    Parameters
    ----------
    t_a_us, t_b_us : int64, shape (n,) and (m,)
        Microseconds UTC, in order.
    lonlat_a, lonlat_b : float64, shape (n, 2) and (m, 2)

    Returns
    -------
    (closest_us, closest_m, lonlat_a, lonlat_b) or None
        The distance is rounded to :data:`RESOLUTION_M`. None where they share no instant; one shared
        instant is enough. No position is assumed past the last fix of either.

    Raises
    ------
    UsageError
        Where times and places do not match in number, or times go backwards.
    GeometryError
        Where a coordinate is no place on earth.
    """
    joint = _joint(t_a_us, lonlat_a, t_b_us, lonlat_b)
    if joint is None:
        return None
    share = _nearest_shares(joint)
    every = np.arange(len(share))
    at = int(joint.apart_m(every, share).argmin())
    return _closest_at(joint, every[at : at + 1], share[at : at + 1])[0]


def within(
    t_a_us: ArrayLike, lonlat_a: ArrayLike, t_b_us: ArrayLike, lonlat_b: ArrayLike, distance_m: float
) -> bool:
    """Did two tracks come within a distance of each other, that distance itself included?

    True exactly when :func:`closest` is not farther. False where they share no instant.
    """
    found = closest(t_a_us, lonlat_a, t_b_us, lonlat_b)
    return found is not None and found[1] <= distance_m


def _closest_at(joint: _Joint, interval: Ints, share: Floats) -> list[Closest]:
    place_a, place_b = joint.places(interval, share)
    apart = np.round(arc_m(place_a, place_b), RESOLUTION_DECIMALS).tolist()
    instants = joint.instant_us(interval, share).tolist()
    columns = (map(tuple, from_ecef(place).tolist()) for place in (place_a, place_b))
    return list(zip(instants, apart, *columns, strict=True))


def close_passes(
    t_a_us: ArrayLike, lonlat_a: ArrayLike, t_b_us: ArrayLike, lonlat_b: ArrayLike, separation_m: float
) -> list[Pass]:
    """The intervals in which two tracks were nearer to each other than a separation, in order of time.

    Both are taken to go straight at constant speed between their fixes, so give stretches without gaps.
    Exactly at the separation (to :data:`RESOLUTION_M`) is not nearer. Parameters and errors as
    :func:`closest`.

    Returns
    -------
    list of Pass
        Empty where they share no instant or never come near.
    """
    joint = _joint(t_a_us, lonlat_a, t_b_us, lonlat_b)
    limit = separation_m - RESOLUTION_M / 2
    if joint is None or limit <= 0:
        return []
    share = _nearest_shares(joint)
    every = np.arange(len(share))
    nodes = np.append(joint.apart_m(every, np.zeros(len(every))), joint.apart_m(every[-1:], np.ones(1)))
    least = np.minimum(joint.apart_m(every, share), np.minimum(nodes[:-1], nodes[1:]))
    begins, ends, touches = nodes[:-1] < limit, nodes[1:] < limit, least < limit
    entries, exits = np.flatnonzero(~begins & touches), np.flatnonzero(touches & ~ends)
    open_start, open_end = bool(begins[0]), bool(ends[-1])
    count = len(entries) + open_start
    if not count:
        return []
    number = np.cumsum(~begins & touches) - 1 + open_start
    order = np.lexsort((every, least, number))
    order = order[touches[order]]
    tops = order[np.unique(number[order], return_index=True)[1]]
    starts = [int(joint.origin_us)] * open_start + _roots(
        joint, entries, np.zeros(len(entries)), share[entries], limit
    )
    stops = _roots(joint, exits, np.ones(len(exits)), share[exits], limit)
    stops += [int(joint.instant_us(every[-1:], np.ones(1))[0])] * open_end
    nearest = _closest_at(joint, tops, share[tops])
    return [
        Pass(starts[k], stops[k], k == 0 and open_start, k == count - 1 and open_end, *nearest[k])
        for k in range(count)
        if nearest[k][1] < separation_m
    ]


def _roots(joint: _Joint, interval: Ints, outside: Floats, inside: Floats, limit: float) -> list[int]:
    """The instants between an outside and an inside share of each interval at which the limit is met."""
    for _ in range(_BISECTIONS if len(interval) else 0):
        middle = (outside + inside) / 2
        near = joint.apart_m(interval, middle) < limit
        inside, outside = np.where(near, middle, inside), np.where(near, outside, middle)
    return [int(at) for at in joint.instant_us(interval, inside)]


def _checked(t_us: ArrayLike, lonlat_deg: ArrayLike) -> Ints:
    times = np.asarray(t_us, dtype=np.int64)
    assert times.shape == (len(as_lonlat(lonlat_deg)),)
    assert not (np.diff(times) < 0).any()
    return times
