"""Lines in earth-centred space: pieces bent as the ground is, and the nearest point on them.

Each piece is a parabola through its two ends and its middle: ``start + s chord + s (1 - s) bulge`` with s
from 0 to 1. For pieces this short the parabola stays within a millimetre of the edge as stated, so a line
needs few pieces. Every block of pieces has a bounding ball; a block is skipped only where its ball proves
that nothing nearer lies in it.

Signs: the left normal at the foot point; at a vertex the sum of the two unit normals that meet there
(J. A. Baerentzen and H. Aanaes, "Signed distance computation using the angle weighted pseudonormal",
IEEE TVCG 11, 2005; in two dimensions no weights are needed).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truceline.errors import GeometryError
from truceline.kernels.geodesy import (
    FORM,
    Edges,
    Floats,
    along_edges,
    arc_m,
    as_lonlat,
    densify,
    require_edges,
    to_ecef,
)

Ints = NDArray[np.int64]

# At these lengths the parabola is within 0.01 mm (geodesic) and 0.1 mm (parallel, at 80 degrees) of the edge.
LONGEST_PIECE_M = {"geodesic": 20_000.0, "parallel": 3_000.0}
_BLOCK = 12
_CELLS = 1_500_000
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


@dataclass(frozen=True, slots=True)
class Nearest:
    """For each point asked: the piece, the fraction on it, the foot point, and the distance.

    ``signed_m`` is positive to the left of the curve. Shapes (n,), (n,), (n, 3), (n,).
    """

    index: Ints
    fraction: Floats
    foot: Floats
    signed_m: Floats


class Curve:
    """A line or a ring, ready to be asked for the nearest point.

    Built once, never changed. ``nodes_deg`` are the ends of the pieces, shape (m + 1, 2); the first equals
    the last where the curve is closed. ``centre`` and ``radius_m`` are a ball round the whole.
    """

    __slots__ = (
        "_block_centres",
        "_block_radii",
        "_end_normals",
        "_start_normals",
        "_terms",
        "centre",
        "nodes_deg",
        "pieces",
        "radius_m",
    )

    def __init__(self, nodes_deg: Floats, pieces: Pieces, *, closed: bool) -> None:
        self.nodes_deg, self.pieces = nodes_deg, pieces
        every, zeros = np.arange(len(pieces)), np.zeros(len(pieces))
        at_start = left_normals(pieces.start, pieces.tangents(every, zeros))
        at_end = left_normals(pieces.start + pieces.chord, pieces.tangents(every, zeros + 1))
        self._start_normals, self._end_normals = at_start.copy(), at_end.copy()
        self._start_normals[1:] += at_end[:-1]
        self._end_normals[:-1] += at_start[1:]
        if closed:
            self._start_normals[0] += at_end[-1]
            self._end_normals[-1] += at_start[0]
        self._build_blocks()

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

    def _build_blocks(self) -> None:
        pieces = self.pieces
        blocks = -(-len(pieces) // _BLOCK)
        ends = np.concatenate([pieces.start, pieces.start[-1:] + pieces.chord[-1:]])
        self._block_centres, self._block_radii = np.empty((blocks, 3)), np.empty(blocks)
        self._terms: list[tuple[Floats, ...]] = []
        for block in range(blocks):
            part = slice(block * _BLOCK, min((block + 1) * _BLOCK, len(pieces)))
            touched = ends[part.start : part.stop + 1]
            centre = (touched.min(axis=0) + touched.max(axis=0)) / 2
            chord, bulge, start = pieces.chord[part], pieces.bulge[part], pieces.start[part] - centre
            sagitta = np.linalg.norm(bulge, axis=1).max() / 4
            self._block_centres[block] = centre
            self._block_radii[block] = np.linalg.norm(touched - centre, axis=1).max() + sagitta + 1e-3
            self._terms.append(_block_terms(start, chord, bulge))
        self.centre = (ends.min(axis=0) + ends.max(axis=0)) / 2
        sagitta = np.linalg.norm(pieces.bulge, axis=1).max() / 4
        self.radius_m = float(np.linalg.norm(ends - self.centre, axis=1).max() + sagitta + 1e-3)

    def nearest(self, xyz: Floats) -> Nearest:
        """The nearest point of the curve to each earth-centred point (n, 3)."""
        index, best_sq = np.zeros(len(xyz), dtype=np.int64), np.full(len(xyz), np.inf)
        fraction = np.zeros(len(xyz))
        rows = max(64, _CELLS // max(len(self._block_radii), _BLOCK))
        for first in range(0, len(xyz), rows):
            part = slice(first, first + rows)
            self._search(xyz[part], best_sq[part], index[part], fraction[part])
        return self._settled(xyz, index, fraction)

    def _search(self, xyz: Floats, best_sq: Floats, index: Ints, fraction: Floats) -> None:
        """Fill ``index`` and ``fraction``: the most promising block first, then all that could be nearer."""
        every = np.arange(len(xyz))
        if len(self._block_radii) == 1:
            self._scan(0, every, xyz, best_sq, index, fraction)
            return
        away_sq = np.zeros((len(xyz), len(self._block_radii)))
        for axis in range(3):
            away_sq += np.subtract.outer(xyz[:, axis], self._block_centres[:, axis]) ** 2
        nearest_possible = np.sqrt(away_sq, out=away_sq)
        nearest_possible -= self._block_radii
        first = nearest_possible.argmin(axis=1)
        self._scan_groups(first, every, xyz, best_sq, index, fraction)
        nearest_possible[every, first] = np.inf
        blocks, rows = np.nonzero((nearest_possible < np.sqrt(best_sq)[:, None]).T)
        self._scan_groups(blocks, rows, xyz, best_sq, index, fraction)

    def _scan_groups(
        self, blocks: Ints, rows: Ints, xyz: Floats, best_sq: Floats, index: Ints, fraction: Floats
    ) -> None:
        if not len(blocks):
            return
        order = np.argsort(blocks, kind="stable")
        names, starts = np.unique(blocks[order], return_index=True)
        for block, chosen in zip(names, np.split(rows[order], starts[1:]), strict=True):
            self._scan(int(block), chosen, xyz, best_sq, index, fraction)

    def _scan(
        self, block: int, rows: Ints, xyz: Floats, best_sq: Floats, index: Ints, fraction: Floats
    ) -> None:
        """Distance to every piece of one block, all inner products by matrix multiplication."""
        chord, bulge, start, aa, ak, kk, start_chord, start_bulge, start_sq = self._terms[block]
        here = xyz[rows] - self._block_centres[block]
        along = here @ chord - start_chord
        across = here @ bulge - start_bulge
        away_sq = np.einsum("ij,ij->i", here, here)[:, None] - 2 * (here @ start) + start_sq
        s = np.clip(along / aa, 0.0, 1.0)
        # One step of Newton's method on the bent piece, from the foot on its chord.
        slope = s * aa - along + (1 - 2 * s) * (s * (1 - s) * kk - across) + s * (2 - 3 * s) * ak
        steep = aa + 2 * across + (2 - 6 * s) * ak
        s = np.clip(s - slope / np.maximum(steep, 0.1 * aa), 0.0, 1.0)
        bent = s * (1 - s)
        dist_sq = away_sq + s * s * aa + bent * bent * kk + 2 * (s * bent * ak - s * along - bent * across)
        pick = dist_sq.argmin(axis=1)
        every = np.arange(len(rows))
        found = dist_sq[every, pick]
        better = found < best_sq[rows]
        chosen = rows[better]
        best_sq[chosen] = np.maximum(found[better], 0.0)
        index[chosen] = pick[better] + block * _BLOCK
        fraction[chosen] = s[every, pick][better]

    def _settled(self, xyz: Floats, index: Ints, fraction: Floats) -> Nearest:
        """The foot to full precision, and the side it is seen from."""
        bulge = self.pieces.bulge[index]
        for _ in range(2):
            away = self.pieces.at(index, fraction) - xyz
            tangent = self.pieces.tangents(index, fraction)
            size_sq = np.einsum("ij,ij->i", tangent, tangent)
            steep = size_sq - 2 * np.einsum("ij,ij->i", away, bulge)
            step = np.einsum("ij,ij->i", away, tangent) / np.maximum(steep, 0.1 * size_sq)
            fraction = np.clip(fraction - step, 0.0, 1.0)
        foot = self.pieces.at(index, fraction)
        left = left_normals(foot, self.pieces.tangents(index, fraction))
        at_start, at_end = fraction <= 0, fraction >= 1
        left[at_start] = self._start_normals[index[at_start]]
        left[at_end] = self._end_normals[index[at_end]]
        side = np.einsum("ij,ij->i", xyz - foot, left)
        return Nearest(index, fraction, foot, np.where(side > 0, 1.0, -1.0) * arc_m(xyz, foot))


def _block_terms(start: Floats, chord: Floats, bulge: Floats) -> tuple[Floats, ...]:
    def dot(one: Floats, other: Floats) -> Floats:
        return np.asarray(np.einsum("ij,ij->i", one, other))

    return (
        np.ascontiguousarray(chord.T),
        np.ascontiguousarray(bulge.T),
        np.ascontiguousarray(start.T),
        np.maximum(dot(chord, chord), 1e-300),
        dot(chord, bulge),
        dot(bulge, bulge),
        dot(start, chord),
        dot(start, bulge),
        dot(start, start),
    )
