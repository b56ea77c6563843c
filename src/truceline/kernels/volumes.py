"""Planned movements as volumes: where, when and how high something may be; and an index of many of them.

A volume is a footprint (a path with a half-width, a point with a radius, or a ring with all it encloses and a
half-width round it), an interval of time and a band of altitude. Two volumes meet where their footprints come
together, their times share an instant and their bands touch. Distances are over the ground on WGS 84, within
1 cm of the geodesic where half-widths add up to 100 km at most; what is that near to meeting counts as met.

The index is compiled (``native/volumes_index.cpp``): cubes of earth-centred coordinates and buckets of time in
levels of size, so that no place on earth and no length of time is special.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from truceline.errors import GeometryError, UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Floats
from truceline.units import Metres

# How far an answer errs towards conflict: what misses by no more than this is a hit.
VOLUME_TOLERANCE_M: Metres = _native.volume_tolerance_m
WIDEST_M: Metres = 1_000_000.0
WIDEST_RING_M: Metres = 4_500_000.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeColumns:
    """Columns of n volumes.

    Attributes
    ----------
    first : int64, shape (n + 1,)
        The points of volume k are rows ``first[k]`` to ``first[k + 1]`` of ``lonlat_deg``.
    lonlat_deg : float64, shape (m, 2)
        Paths of one or more points, or rings of three or more (not closed); edges are geodesics.
    is_ring : uint8, shape (n,)
        1 where the points are a ring and the inside (its smaller side) counts.
    half_width_m : float64, shape (n,)
        0 to 1,000 km round the path or the ring.
    start_us, end_us : int64, shape (n,)
        Half-open; a single instant where they are equal.
    low_m, high_m : float64, shape (n,)
        -inf and inf are open.
    datum : int32, shape (n,)
        What altitudes are measured from; 0 is not stated and is never told apart by altitude.
    id : int64, shape (n,)
        Chosen by the caller; several volumes of one movement may share one.
    part : int32, shape (n,)
        Tells the volumes of one movement apart.

    Raises
    ------
    GeometryError
        Where a coordinate, a width, a band, a time or a ring describes no volume.
    UsageError
        Where columns do not match.
    """

    first: NDArray[np.int64]
    lonlat_deg: Floats
    is_ring: NDArray[np.uint8]
    half_width_m: Floats
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    low_m: Floats
    high_m: Floats
    datum: NDArray[np.int32]
    id: NDArray[np.int64]
    part: NDArray[np.int32]

    def __post_init__(self) -> None:
        for name, dtype in _TYPES.items():
            value = getattr(self, name)
            if not (isinstance(value, np.ndarray) and value.dtype == dtype and value.flags.c_contiguous):
                object.__setattr__(self, name, np.ascontiguousarray(value, dtype=dtype))
        _check(self)

    def __len__(self) -> int:
        return len(self.half_width_m)

    @property
    def shape(self) -> tuple[NDArray, ...]:
        """What the compiled index is given of a question: all columns but the names."""
        return (
            self.first,
            self.lonlat_deg,
            self.is_ring,
            self.half_width_m,
            self.start_us,
            self.end_us,
            self.low_m,
            self.high_m,
            self.datum,
        )


_TYPES: dict[str, np.dtype] = {
    "first": np.dtype(np.int64),
    "lonlat_deg": np.dtype(np.float64),
    "is_ring": np.dtype(np.uint8),
    "half_width_m": np.dtype(np.float64),
    "start_us": np.dtype(np.int64),
    "end_us": np.dtype(np.int64),
    "low_m": np.dtype(np.float64),
    "high_m": np.dtype(np.float64),
    "datum": np.dtype(np.int32),
    "id": np.dtype(np.int64),
    "part": np.dtype(np.int32),
}
_PER_VOLUME = tuple(name for name in _TYPES if name not in ("first", "lonlat_deg"))
# By the number that the compiled check gives.
_MISTAKES = {
    1: ("a volume has too few points", "a path has one point or more, a ring three or more"),
    2: ("a volume has a point that is no place on earth", "degrees, longitude first, finite and in range"),
    3: ("a half-width is negative, not a number or above 1,000 km", "give metres; a ring for wider areas"),
    4: ("a band of altitude ends below its start", "use -inf and inf for open ends"),
    5: ("a volume's time ends before it starts", "give start and end in order"),
    6: ("a ring is wider than 4,500 km from its middle", "give the area in parts"),
}


def _check(given: VolumeColumns) -> None:
    n, m = len(given.half_width_m), len(given.lonlat_deg)
    alike = all(getattr(given, name).shape == (n,) for name in _PER_VOLUME)
    if not alike or given.lonlat_deg.shape != (m, 2) or given.first.shape != (n + 1,):
        seen = {name: getattr(given, name).shape for name in _TYPES}
        raise UsageError(
            f"columns of volumes do not match: {seen}",
            hint="give one value a volume, one more first, and points of shape (m, 2)",
        )
    mistake = _native.volume_mistake(*given.shape, WIDEST_M, WIDEST_RING_M)
    if mistake:
        message, hint = _MISTAKES[mistake]
        raise GeometryError(message, hint=hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeHits:
    """What a question met, one row a meeting, by leg, then id, then part.

    ``gap_m`` is the distance between the axes less both half-widths: negative where they overlap.
    ``distance_m`` is the distance between the axes, 0 where they cross or a ring encloses. ``vertical_m`` is the
    height between the bands, negative where they overlap, NaN where they are not measured alike.
    ``on_asked_deg`` and ``on_held_deg`` are the nearest points of the axes.
    """

    leg: NDArray[np.int32]
    id: NDArray[np.int64]
    part: NDArray[np.int32]
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    gap_m: Floats
    distance_m: Floats
    vertical_m: Floats
    on_asked_deg: Floats
    on_held_deg: Floats

    def __len__(self) -> int:
        return len(self.leg)

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.leg)))


@dataclass(frozen=True, slots=True)
class VolumeIndex:
    """An index of volumes. What is inserted or withdrawn is seen by the next question.

    The only thing in this room that changes; calls may come from several threads, one is answered at a time.
    """

    _held: _native.VolumeIndex = field(default_factory=_native.VolumeIndex)

    def __len__(self) -> int:
        return len(self._held)

    def insert(self, volumes: VolumeColumns) -> None:
        """Hold these volumes too."""
        self._held.insert(volumes.id, volumes.part, *volumes.shape)

    def withdraw(self, *ids: int) -> int:
        """Let go of all volumes of these ids; how many there were."""
        return int(self._held.withdraw(np.array(ids, dtype=np.int64)))

    def query(self, asked: VolumeColumns, *, vertical_reach_m: Metres = 0.0) -> VolumeHits:
        """All held volumes that meet the volumes asked about.

        Parameters
        ----------
        asked : VolumeColumns
            The legs of a route, say. Their ids and parts are not looked at; ``leg`` of a hit is the row here.
        vertical_reach_m : float
            Bands this far apart or less are taken to meet; inf leaves altitude out of it.

        Returns
        -------
        VolumeHits
            The same whatever the order in which volumes were inserted.
        """
        leg, number, part, start, end, gap, apart, vertical, here, there = self._held.query(
            *asked.shape, float(vertical_reach_m)
        )
        return VolumeHits(
            leg=leg,
            id=number,
            part=part,
            start_us=start,
            end_us=end,
            gap_m=gap,
            distance_m=apart,
            vertical_m=vertical,
            on_asked_deg=here,
            on_held_deg=there,
        )


def footprint_distance_m(a: VolumeColumns, b: VolumeColumns) -> Floats:
    """The distance between the axes of each footprint of ``a`` and that of the same row of ``b``; shape (n,).

    0 where they cross or one encloses the other. Half-widths, times and bands are not looked at.
    """
    if len(a) != len(b):
        raise UsageError(f"{len(a)} volumes against {len(b)}", hint="give as many of both")
    return np.asarray(
        _native.footprint_distance_m(a.first, a.lonlat_deg, a.is_ring, b.first, b.lonlat_deg, b.is_ring)
    )
