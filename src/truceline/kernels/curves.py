"""Lines in earth-centred space: pieces bent as the ground is, and the nearest point on them.

Each piece is a parabola through its two ends and its middle: ``start + s chord + s (1 - s) bulge`` with s
from 0 to 1. For pieces this short the parabola stays within a millimetre of the edge as stated, so a line
needs few pieces. The search for the nearest point is compiled (``native/curve.cpp``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truceline.errors import GeometryError
from truceline.kernels import _native
from truceline.kernels.geodesy import (
    FORM,
    Edges,
    Floats,
    along_edges,
    as_lonlat,
    densify,
    require_edges,
    to_ecef,
)

Ints = NDArray[np.int64]

# At these lengths the parabola is within 0.01 mm (geodesic) and 0.1 mm (parallel, at 80 degrees) of the edge.
LONGEST_PIECE_M = {"geodesic": 20_000.0, "parallel": 3_000.0}
_SAME_M = 1e-6


@dataclass(frozen=True, slots=True)
class Pieces:
    """Parabolas ``start + s chord + s (1 - s) bulge``; three arrays of shape (m, 3), metres."""

    start: Floats
    chord: Floats
    bulge: Floats

    def __len__(self) -> int:
        return len(self.start)

    def at(self, index: Ints, fraction: Floats) -> Floats:
        """Points on the pieces; shape (n, 3)."""
        s = fraction[:, None]
        return np.asarray(self.start[index] + s * self.chord[index] + s * (1 - s) * self.bulge[index])

    def tangents(self, index: Ints, fraction: Floats) -> Floats:
        """Directions of travel, not of unit length; shape (n, 3)."""
        return np.asarray(self.chord[index] + (1 - 2 * fraction[:, None]) * self.bulge[index])


def pieces_between(a: Floats, b: Floats, edges: Edges = "geodesic") -> Pieces:
    """One piece for each short edge from a to b (n, 2)."""
    start, end = to_ecef(a), to_ecef(b)
    middle = to_ecef(along_edges(a, b, np.full(len(a), 0.5), edges))
    return Pieces(start, end - start, 4 * (middle - (start + end) / 2))


def left_normals(points: Floats, tangents: Floats) -> Floats:
    """Unit vectors along the ground, to the left of the tangents; shape (n, 3)."""
    up = points * FORM
    left = np.cross(up, tangents)
    size = np.linalg.norm(left, axis=1, keepdims=True)
    return np.asarray(np.divide(left, size, out=np.zeros_like(left), where=size > 0))


def distinct_vertices(lonlat_deg: Floats) -> Floats:
    """The vertices without those that repeat the one before them.

    Raises
    ------
    GeometryError
        Where a coordinate is not a finite number or a latitude is beyond 90 degrees.
    """
    lonlat = as_lonlat(lonlat_deg)
    bad = ~np.isfinite(lonlat).all(axis=1) | (np.abs(lonlat[:, 1]) > 90)
    if bad.any():
        at = int(np.flatnonzero(bad)[0])
        raise GeometryError(
            f"vertex {at + 1} is no place on earth: {lonlat[at].tolist()}",
            hint="longitude, then latitude, in degrees",
        )
    xyz = to_ecef(lonlat)
    moved = np.linalg.norm(np.diff(xyz, axis=0), axis=1) > _SAME_M
    return np.asarray(lonlat[np.concatenate([[True], moved])] if len(lonlat) else lonlat)


class Curve:
    """A line or a ring, ready to be asked for the nearest point.

    Built once, never changed. ``nodes_deg`` are the ends of the pieces, shape (m + 1, 2); the first equals
    the last where the curve is closed. ``centre`` is the middle of its box. ``native`` is what the compiled
    kernels search: a tree of boxes over the pieces.
    """

    __slots__ = ("centre", "native", "nodes_deg", "pieces")

    def __init__(self, nodes_deg: Floats, pieces: Pieces, *, closed: bool) -> None:
        self.nodes_deg, self.pieces = nodes_deg, pieces
        every, zeros = np.arange(len(pieces)), np.zeros(len(pieces))
        at_start = left_normals(pieces.start, pieces.tangents(every, zeros))
        at_end = left_normals(pieces.start + pieces.chord, pieces.tangents(every, zeros + 1))
        from_start, from_end = at_start.copy(), at_end.copy()
        from_start[1:] += at_end[:-1]
        from_end[:-1] += at_start[1:]
        if closed:
            from_start[0] += at_end[-1]
            from_end[-1] += at_start[0]
        self.native = _native.Curve(pieces.start, pieces.chord, pieces.bulge, from_start, from_end)
        ends = np.concatenate([pieces.start, pieces.start[-1:] + pieces.chord[-1:]])
        self.centre = (ends.min(axis=0) + ends.max(axis=0)) / 2

    @classmethod
    def along(cls, vertices_deg: Floats, *, edges: Edges = "geodesic", closed: bool = False) -> Curve:
        """The curve through distinct vertices; ``closed`` adds the edge back to the first."""
        require_edges(edges)
        nodes = densify(vertices_deg, edges=edges, closed=closed, longest_m=LONGEST_PIECE_M[edges])
        return cls(nodes, pieces_between(nodes[:-1], nodes[1:], edges), closed=closed)

    @classmethod
    def joined(cls, parts: list[Curve], *, closed: bool) -> Curve:
        """Open curves, each starting where the one before ends, as one; or as a closed one."""
        nodes = np.vstack([parts[0].nodes_deg, *(part.nodes_deg[1:] for part in parts[1:])])
        columns = [[part.pieces.start, part.pieces.chord, part.pieces.bulge] for part in parts]
        start, chord, bulge = (np.vstack(column) for column in zip(*columns, strict=True))
        return cls(nodes, Pieces(start, chord, bulge), closed=closed)

    def signed_m(self, xyz: Floats) -> Floats:
        """Metres over the ground to each earth-centred point (n, 3), positive to the left; shape (n,)."""
        return np.asarray(self.native.signed_m(xyz))
