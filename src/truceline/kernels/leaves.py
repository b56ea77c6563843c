"""The simple areas that regions are made of: circle, polygons, band along a line, side of a line.

Each says how deep a point on the ellipsoid (earth-centred, shape (n, 3)) lies in it: metres over the ground
to its boundary, positive inside. Depth never changes faster than the point moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import GeometryError
from truceline.kernels import _native
from truceline.kernels.curves import Curve, distinct_vertices
from truceline.kernels.geodesy import (
    FORM,
    Edges,
    Floats,
    along_edges,
    arc_m,
    as_lonlat,
    densify,
    direct,
    from_ecef,
    inverse,
    require_edges,
    to_ecef,
)
from truceline.units import Degrees, Metres

# How far the first and last edge of a line are carried straight on to tell its sides.
CARRIED_ON_M = 2_000_000.0
# A line and its two carried-on ends stay together below this, so that the ends do not meet round the globe.
_LONGEST_WHOLE_M = 18_000_000.0
_ON_BOUNDARY_M = 0.05


class Leaf(Protocol):
    """What a region needs to know of a simple area."""

    accuracy_m: Metres

    def add_to(self, native: _native.Region, shift_m: Metres) -> None:
        """Add this area to a compiled region, its boundary ``shift_m`` further out."""

    def outline(self, points_count: int) -> list[Floats]: ...


def _depth_m(leaf: Leaf, xyz: Floats) -> Floats:
    """Depth in one simple area, for its own outline; shape (n,)."""
    alone = _native.Region()
    leaf.add_to(alone, 0.0)
    alone.set_program([0])
    return np.asarray(alone.depths_m(xyz))


def require_length(name: str, value_m: Metres, *, least_m: Metres | None = None) -> float:
    """A finite number of metres, not below ``least_m``; GeometryError otherwise."""
    value = float(value_m)
    if not np.isfinite(value) or (least_m is not None and value < least_m):
        raise GeometryError(f"{name} is {value_m!r} m", hint="give a finite length that is not negative")
    return value


class Circle:
    """All points within ``radius_m`` of a centre."""

    __slots__ = ("_centre", "accuracy_m", "centre_deg", "radius_m")

    def __init__(self, centre_deg: ArrayLike, radius_m: Metres, *, accuracy_m: Metres) -> None:
        self.centre_deg = distinct_vertices(as_lonlat(centre_deg))
        if len(self.centre_deg) != 1:
            raise GeometryError("a circle has one centre", hint="give one pair of longitude and latitude")
        self.radius_m = require_length("the radius of a circle", radius_m, least_m=0.0)
        self.accuracy_m = accuracy_m
        self._centre = to_ecef(self.centre_deg)

    def add_to(self, native: _native.Region, shift_m: Metres) -> None:
        native.add_circle(self._centre, self.radius_m, self.accuracy_m, shift_m)

    def outline(self, points_count: int) -> list[Floats]:
        azimuth = np.linspace(0.0, 360.0, points_count + 1)
        ring = direct(self.centre_deg, azimuth, self.radius_m)
        ring[-1] = ring[0]
        return [ring]


class Polygons:
    """Polygons with holes. Of each ring the smaller area is its inside, whichever way it runs."""

    __slots__ = ("_edges", "_polygons", "accuracy_m")

    def __init__(self, polygons: Sequence[Sequence[ArrayLike]], *, edges: Edges, accuracy_m: Metres) -> None:
        if not len(polygons) or any(not len(rings) for rings in polygons):
            raise GeometryError("an area without a ring", hint="give each polygon its outer ring first")
        self._polygons = [[_ring(ring, edges) for ring in rings] for rings in polygons]
        self._edges, self.accuracy_m = edges, accuracy_m

    def add_to(self, native: _native.Region, shift_m: Metres) -> None:
        native.add_polygons(
            [[ring.native for ring in rings] for rings in self._polygons], self.accuracy_m, shift_m
        )

    def outline(self, points_count: int) -> list[Floats]:
        return [ring.nodes_deg for rings in self._polygons for ring in rings]


def _ring(vertices_deg: ArrayLike, edges: Edges) -> Curve:
    """A closed curve with the smaller area on its left."""
    vertices = distinct_vertices(as_lonlat(vertices_deg))
    closing = to_ecef(vertices[:1]) - to_ecef(vertices[-1:]) if len(vertices) else np.zeros((1, 3))
    if len(vertices) > 1 and np.linalg.norm(closing) <= 1e-6:
        vertices = vertices[:-1]
    if len(vertices) < 3:
        raise GeometryError(
            f"a ring of {len(vertices)} different points has no inside", hint="a ring has 3 or more"
        )
    curve = Curve.along(vertices, edges=edges, closed=True)
    # Twice the vector area, taken about the ring's own middle so that small rings keep their digits.
    nodes = to_ecef(curve.nodes_deg) - curve.centre
    area = np.cross(nodes[:-1], nodes[1:]).sum(axis=0) @ (curve.centre / np.linalg.norm(curve.centre))
    if abs(area) < 1e-3:
        raise GeometryError("a ring without area", hint="its points lie on one line")
    return curve if area > 0 else Curve.along(vertices[::-1], edges=edges, closed=True)


class Band:
    """Within ``left_m`` of a line on its left and ``right_m`` on its right, with round ends.

    Past an end of the line the limit is that of the side of the carried-on end edge. Where the limits differ
    the boundary there has a step along the carried-on edge. Inside, the depth is the limit less the distance
    to the line, or the way to the other side's limit through the line where that is shorter; on the inner
    side of a sharp bend the boundary can be a little farther than that.
    """

    __slots__ = (
        "_closed",
        "_edges",
        "_left_wider",
        "_line",
        "_steps",
        "_vertices",
        "_wide_m",
        "accuracy_m",
        "narrow_m",
    )

    def __init__(
        self, line_lonlat: ArrayLike, left_m: Metres, right_m: Metres, *, edges: Edges, accuracy_m: Metres
    ) -> None:
        left, right = (
            require_length("left", left_m, least_m=0.0),
            require_length("right", right_m, least_m=0.0),
        )
        self._vertices, self._closed = _line_vertices(line_lonlat)
        self._edges, self.accuracy_m = edges, accuracy_m
        self._left_wider, self._wide_m, self.narrow_m = left >= right, max(left, right), min(left, right)
        drawn = self._vertices[:-1] if self._closed else self._vertices
        self._line = Curve.along(drawn, edges=edges, closed=self._closed)
        self._steps: list[Curve] = []
        if left != right and not self._closed:
            for end_deg, azimuth in _outward(self._vertices, edges):
                self._steps.append(
                    Curve.along(direct(end_deg, azimuth, np.array([self.narrow_m, self._wide_m])))
                )

    def add_to(self, native: _native.Region, shift_m: Metres) -> None:
        native.add_band(
            self._line.native,
            self._left_wider,
            self._wide_m,
            self.narrow_m,
            [step.native for step in self._steps],
            self.accuracy_m,
            shift_m,
        )

    def outline(self, points_count: int) -> list[Floats]:
        """The boundary all the way round, without the loops that an offset line makes in sharp bends."""
        left, right = (self._wide_m, self.narrow_m) if self._left_wider else (self.narrow_m, self._wide_m)
        there = _offset(self._line, left, -90.0, self._closed, points_count)
        back = _offset(self._line, right, 90.0, self._closed, points_count)[::-1]
        if self._closed:
            return [self._kept(there), self._kept(back)]
        (start_deg, start_az), (end_deg, end_az) = _outward(self._vertices, self._edges)
        turn = np.linspace(0.0, 90.0, max(points_count // 4, 2))
        parts = [
            there,
            direct(end_deg, end_az - 90 + turn, left),
            direct(end_deg, end_az + turn, right),
            back,
            direct(start_deg, start_az - 90 + turn, right),
            direct(start_deg, start_az + turn, left),
        ]
        return [self._kept(np.vstack(parts))]

    def _kept(self, ring: Floats) -> Floats:
        """The points that are on the boundary, closed."""
        ring = ring[np.abs(_depth_m(self, to_ecef(ring))) <= _ON_BOUNDARY_M + 1e-4 * self._wide_m]
        return np.vstack([ring, ring[:1]])


class Side:
    """Left or right of a line, its first and last edge carried straight on, moved out by ``offset_m``."""

    __slots__ = ("_curve", "_left", "_line_deg", "_offset_m", "accuracy_m")

    def __init__(
        self, line_lonlat: ArrayLike, side: str, *, offset_m: Metres, edges: Edges, accuracy_m: Metres
    ) -> None:
        if side not in ("left", "right"):
            raise GeometryError(
                f"no such side of a line: {side!r}", hint="left or right, as one goes along it"
            )
        vertices, closed = _line_vertices(line_lonlat)
        if closed:
            raise GeometryError("a closed line has an inside, not sides", hint="make it a polygon")
        require_edges(edges)
        self._left, self.accuracy_m = side == "left", accuracy_m
        self._offset_m = require_length("the offset of a side", offset_m)
        middle = Curve.along(vertices, edges=edges)
        self._line_deg = middle.nodes_deg
        self._curve = _carried_on(vertices, middle, edges)

    def add_to(self, native: _native.Region, shift_m: Metres) -> None:
        native.add_side(self._curve.native, self._left, self._offset_m, self.accuracy_m, shift_m)

    def outline(self, points_count: int) -> list[Floats]:
        """The line as far as it was given, moved by the offset; its carried-on ends are not drawn."""
        if self._offset_m == 0:
            return [self._line_deg]
        azimuth = 90.0 if self._left else -90.0
        moved = _offset(
            Curve.along(self._line_deg),
            abs(self._offset_m),
            float(np.sign(self._offset_m)) * azimuth,
            False,
            points_count,
        )
        keep = np.abs(_depth_m(self, to_ecef(moved))) <= _ON_BOUNDARY_M + 1e-4 * abs(self._offset_m)
        return [moved[keep]]


def _line_vertices(line_lonlat: ArrayLike) -> tuple[Floats, bool]:
    """The different vertices of a line, and whether it ends where it starts."""
    vertices = distinct_vertices(as_lonlat(line_lonlat))
    if len(vertices) < 2:
        raise GeometryError(
            f"a line of {len(vertices)} different points has no direction", hint="a line has 2 or more"
        )
    gap = np.linalg.norm(to_ecef(vertices[:1]) - to_ecef(vertices[-1:]))
    return vertices, bool(len(vertices) > 3 and gap <= 1e-6)


def _outward(vertices: Floats, edges: Edges) -> list[tuple[Floats, float]]:
    """Both ends of a line, each with the azimuth in which its end edge carries straight on."""
    ends = []
    for end, neighbour in ((vertices[:1], vertices[1:2]), (vertices[-1:], vertices[-2:-1])):
        # The direction at the very end: an edge along a parallel bends on its way.
        close_by = along_edges(end, neighbour, np.array([1e-3]), edges)
        ends.append((end, float(inverse(end, close_by)[1][0]) + 180.0))
    return ends


def _carried_on(vertices: Floats, middle: Curve, edges: Edges) -> Curve:
    """The line with both ends carried straight on; where these meet each other they stop, and close it."""
    length = float(arc_m(to_ecef(middle.nodes_deg[:-1]), to_ecef(middle.nodes_deg[1:])).sum())
    reach = min(CARRIED_ON_M, max((_LONGEST_WHOLE_M - length) / 2, 1000.0))
    (start, start_az), (end, end_az) = _outward(vertices, edges)
    before = Curve.along(np.vstack([direct(start, start_az, reach), start]))
    after = Curve.along(np.vstack([end, direct(end, end_az, reach)]))
    if len(_meetings(before.nodes_deg, middle.nodes_deg)) or len(
        _meetings(after.nodes_deg, middle.nodes_deg)
    ):
        raise GeometryError(
            "the line, its ends carried straight on, meets itself: its sides cannot be told apart",
            hint="lengthen the line at its ends until they lead away from it, or use a polygon",
            code="side-ambiguous",
        )
    meeting = _meetings(before.nodes_deg, after.nodes_deg)[-1:]
    if len(meeting):
        before, after = Curve.along(np.vstack([meeting, start])), Curve.along(np.vstack([end, meeting]))
    return Curve.joined([before, middle, after], closed=bool(len(meeting)))


def _meetings(one_deg: Floats, other_deg: Floats) -> Floats:
    """Where edges of one line cross edges of the other, by a millimetre or more; shape (k, 2)."""
    a, b, ends = to_ecef(one_deg[:-1]), to_ecef(one_deg[1:]), to_ecef(other_deg)
    normals = _plane_normals(a, b)
    beside = normals @ ends.T
    rows, columns = np.nonzero(_parted(beside[:, :-1], beside[:, 1:]))
    across = _plane_normals(ends[columns], ends[columns + 1])
    same_half_of_globe = np.einsum("ij,ij->i", a[rows], ends[columns]) > 0
    met = same_half_of_globe & _parted(
        np.einsum("ij,ij->i", across, a[rows]), np.einsum("ij,ij->i", across, b[rows])
    )
    rows, places = rows[met], np.cross(normals[rows[met]], across[met])
    towards = np.sign(np.einsum("ij,ij->i", places, a[rows]))[:, None]
    scale = np.sqrt(np.einsum("ij,j,ij->i", places, FORM, places))[:, None]
    return from_ecef(towards * places / np.where(scale > 0, scale, 1.0))


def _parted(one_m: Floats, other_m: Floats) -> NDArray[np.bool_]:
    return np.asarray((np.minimum(one_m, other_m) < -1e-3) & (np.maximum(one_m, other_m) > 1e-3))


def _plane_normals(a: Floats, b: Floats) -> Floats:
    """Unit normals of the planes through the earth's centre; by the difference, which keeps its digits."""
    normals = np.cross(a, b - a)
    return np.asarray(normals / np.linalg.norm(normals, axis=1, keepdims=True))


def _offset(line: Curve, distance_m: Metres, turn_deg: Degrees, closed: bool, points_count: int) -> Floats:
    """Points at a distance from a line on one side: both normals at each node, an arc between them."""
    nodes = line.nodes_deg
    if distance_m:
        length = float(arc_m(to_ecef(nodes[:-1]), to_ecef(nodes[1:])).sum())
        nodes = densify(nodes, longest_m=max(distance_m / 20, length / (3 * points_count)))
    ahead = inverse(nodes[:-1], nodes[1:])[1]
    behind = inverse(nodes[1:], nodes[:-1])[1] + 180.0
    if not closed:
        into, out = np.append(ahead[:1], behind), np.append(ahead, behind[-1:])
    else:
        into, out = np.append(behind[-1:], behind), np.append(ahead, ahead[:1])
    bend = (out - into + 180.0) % 360.0 - 180.0
    counts = np.maximum(2, np.ceil(np.abs(bend) * points_count / 360.0).astype(int) + 1)
    counts[np.abs(bend) < 1e-3] = 1
    which = np.repeat(np.arange(len(nodes)), counts)
    step = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    azimuth = into[which] + bend[which] * step / np.maximum(counts[which] - 1, 1) + turn_deg
    return direct(nodes[which], azimuth, distance_m)
