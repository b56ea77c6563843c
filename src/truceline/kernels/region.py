"""Regions: how deep a point lies inside an area, in metres over the ground.

A region is one simple area (:mod:`truceline.kernels.leaves`) or a combination of regions. Depth is signed:
positive inside. Combined depths follow constructive geometry: the least for an intersection, the greatest
for a union, the negative for a complement. Inside intersections and differences that is exact; outside, and
inside overlapping unions, its size never exceeds the true distance to the boundary. It never changes faster
than the point moves.

Source: J. C. Hart, "Sphere tracing", The Visual Computer 12 (1996), on combining signed distance bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from truceline.errors import UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Edges, Floats, as_lonlat, to_ecef
from truceline.kernels.leaves import Band, Circle, Leaf, Polygons, Side, require_length
from truceline.units import Metres

# What lengths can be relied on to, numerically. The depths of visits and the distances of passes are rounded
# to it, so that a place put exactly on a line is on the line.
RESOLUTION_DECIMALS = 4
RESOLUTION_M: Metres = 0.0001

# An expression: the number of a leaf, or an operation on expressions.
_Expression = int | tuple[str, tuple["_Expression", ...]]


class Region:
    """An area of any make. Immutable; built by the class methods, combined by the methods.

    Examples
    --------
    >>> zone = Region.circle((38.61778, 33.50583), 55_000.0)
    >>> bool(zone.depth_m([(38.61778, 33.50583)])[0] > 54_999)
    True
    """

    __slots__ = ("_expression", "_leaves", "_polarity", "_widest", "leaf_accuracy_m", "native")

    def __init__(
        self, leaves: tuple[Leaf, ...], expression: _Expression, *, shifts_m: Floats | None = None
    ) -> None:
        """``shifts_m``: how far each boundary lies further out than drawn; it is then exact there."""
        self._leaves, self._expression = leaves, expression
        self._widest: Region | None = None
        self.native = _native.Region()
        moved = np.zeros(len(leaves)) if shifts_m is None else shifts_m
        for leaf, shift_m in zip(leaves, moved.tolist(), strict=True):
            leaf.add_to(self.native, shift_m)
        self.native.set_program(_postfix(expression))
        self._polarity: Floats = np.asarray(self.native.polarity())
        known = [0.0 if shifts_m is not None else leaf.accuracy_m for leaf in leaves]
        self.leaf_accuracy_m = np.array(known)
        for column in (self._polarity, self.leaf_accuracy_m):
            column.flags.writeable = False

    @classmethod
    def circle(cls, centre_deg: ArrayLike, radius_m: Metres, *, accuracy_m: Metres = 0.0) -> Region:
        """All points within ``radius_m`` of ``centre_deg`` (lon, lat).

        Raises
        ------
        GeometryError
            Where the centre is no place on earth or a length is negative or not finite.
        """
        return cls._of(Circle(centre_deg, radius_m, accuracy_m=_accuracy(accuracy_m)))

    @classmethod
    def polygon(
        cls, polygons: Sequence[Sequence[ArrayLike]], *, edges: Edges = "geodesic", accuracy_m: Metres = 0.0
    ) -> Region:
        """Polygons, each a list of rings (k, 2): the outer ring, then its holes.

        A ring may run either way, be closed or not, and cross the antimeridian; its inside is the smaller of
        the two areas it parts.

        Raises
        ------
        GeometryError
            Where a ring has fewer than three different points, has no area, or leaves the earth.
        """
        return cls._of(Polygons(polygons, edges=edges, accuracy_m=_accuracy(accuracy_m)))

    @classmethod
    def band(
        cls,
        line_lonlat: ArrayLike,
        left_m: Metres,
        right_m: Metres,
        *,
        edges: Edges = "geodesic",
        accuracy_m: Metres = 0.0,
    ) -> Region:
        """Within ``left_m`` of a line (k, 2) on its left and ``right_m`` on its right, with round ends.

        Past an end of the line the limit is that of the side of the end edge carried straight on.

        Raises
        ------
        GeometryError
            Where the line has fewer than two different points or a length is negative or not finite.
        """
        return cls._of(Band(line_lonlat, left_m, right_m, edges=edges, accuracy_m=_accuracy(accuracy_m)))

    @classmethod
    def side(
        cls,
        line_lonlat: ArrayLike,
        side: Literal["left", "right"],
        *,
        offset_m: Metres = 0.0,
        edges: Edges = "geodesic",
        accuracy_m: Metres = 0.0,
    ) -> Region:
        """The left or right of a line (k, 2), and what lies past the line by up to ``offset_m``.

        The first and the last edge are carried straight on (as geodesics) by 2,000 km, or to where they meet
        each other. A negative offset keeps away from the line.

        Raises
        ------
        GeometryError
            Where the line has fewer than two different points, ends where it starts, or (code
            ``side-ambiguous``) runs into itself when its ends are carried on.
        """
        return cls._of(
            Side(line_lonlat, side, offset_m=offset_m, edges=edges, accuracy_m=_accuracy(accuracy_m))
        )

    @classmethod
    def _of(cls, leaf: Leaf) -> Region:
        return cls((leaf,), 0)

    def difference(self, *others: Region) -> Region:
        """This region without the others."""
        return self._combined("min", others, complemented=True)

    def intersection(self, *others: Region) -> Region:
        """What this region shares with all the others."""
        return self._combined("min", others)

    def union(self, *others: Region) -> Region:
        """This region and all the others."""
        return self._combined("max", others)

    def _combined(self, operation: str, others: Sequence[Region], *, complemented: bool = False) -> Region:
        leaves, parts = self._leaves, [self._expression]
        for other in others:
            part = _shifted(other._expression, len(leaves))
            parts.append(("not", (part,)) if complemented else part)
            leaves = leaves + other._leaves
        return Region(leaves, (operation, tuple(parts))) if others else self

    @property
    def leaf_polarity(self) -> Floats:
        """+1 where being in the leaf counts towards the region, -1 where it counts against; shape (L,)."""
        return self._polarity

    def depth_m(self, lonlat_deg: ArrayLike) -> Floats:
        """How deep each point lies in the region.

        Parameters
        ----------
        lonlat_deg : float64, shape (n, 2)

        Returns
        -------
        float64, shape (n,)
            Metres to the boundary, positive inside; within 1 cm up to 100 km from it. NaN where a coordinate
            is not finite or a latitude is beyond 90 degrees.
        """
        return self.depth_ecef_m(to_ecef(_places_or_nan(as_lonlat(lonlat_deg))))

    def leaf_depths_m(self, lonlat_deg: ArrayLike) -> Floats:
        """The depth of each point in each leaf, for :meth:`combine`; shape (n, L)."""
        return self.leaf_depths_ecef_m(to_ecef(_places_or_nan(as_lonlat(lonlat_deg))))

    def depth_ecef_m(self, xyz: Floats) -> Floats:
        """:meth:`depth_m` of earth-centred points on the ellipsoid, shape (n, 3)."""
        return np.asarray(self.native.depths_m(xyz))

    def leaf_depths_ecef_m(self, xyz: Floats) -> Floats:
        """:meth:`leaf_depths_m` of earth-centred points on the ellipsoid, shape (n, 3)."""
        return np.asarray(self.native.leaf_depths_m(xyz))

    def combine(self, values: ArrayLike, complement: Literal["negate", "one-minus"] = "negate") -> Floats:
        """One value from the values of the leaves: the least over intersections, the greatest over unions.

        Parameters
        ----------
        values : float64, shape (..., L)
            Depths, or chances of being inside, of each leaf.
        complement : {"negate", "one-minus"}
            What outside means: the negative of a depth, one less a chance.

        Returns
        -------
        float64, shape (...)
        """
        if complement not in ("negate", "one-minus"):
            raise UsageError(f"no such complement: {complement!r}", hint="negate or one-minus")
        each = np.asarray(values, dtype=np.float64)
        if each.ndim == 0 or each.shape[-1] != len(self._leaves):
            raise UsageError(
                f"{len(self._leaves)} leaves, but values of shape {each.shape}", hint="one column a leaf"
            )
        return _fold(self._expression, each, 0.0 if complement == "negate" else 1.0)

    def depth_range_m(self, lonlat_deg: ArrayLike, extra_m: ArrayLike = 0.0) -> tuple[Floats, Floats]:
        """The least and the greatest depth if every boundary is off by its accuracy and ``extra_m`` more.

        Parameters
        ----------
        lonlat_deg : float64, shape (n, 2)
        extra_m : float or float64 of shape (n,)
            For instance the accuracy of each fix.

        Returns
        -------
        low_m, high_m : float64, shape (n,)
        """
        depths = self.leaf_depths_m(lonlat_deg)
        extra = np.broadcast_to(np.asarray(extra_m, dtype=np.float64), (len(depths),))
        off = (self.leaf_accuracy_m + extra[:, None]) * self._polarity
        return self.combine(depths - off), self.combine(depths + off)

    def widest(self) -> Region:
        """This region with every boundary off by its whole accuracy, so that the region is largest.

        Its depth at a point is the greatest depth of :meth:`depth_range_m` there.
        """
        if self._widest is None:
            off = self.leaf_accuracy_m * self._polarity
            self._widest = Region(self._leaves, self._expression, shifts_m=off) if off.any() else self
        return self._widest

    def outline(self, *, points_count: int = 360) -> list[Floats]:
        """The boundary of each leaf, for drawing: a list of lines (k, 2), closed where the leaf closes.

        A circle has ``points_count`` points. The side of a line is drawn along the line as given.
        """
        return [line for leaf in self._leaves for line in leaf.outline(points_count)]


def _accuracy(accuracy_m: Metres) -> float:
    return require_length("the accuracy", accuracy_m, least_m=0.0)


def _places_or_nan(lonlat: Floats) -> Floats:
    bad = ~np.isfinite(lonlat).all(axis=1) | (np.abs(lonlat[:, 1]) > 90)
    return np.where(bad[:, None], np.nan, lonlat) if bad.any() else lonlat


def _shifted(expression: _Expression, by: int) -> _Expression:
    if isinstance(expression, int):
        return expression + by
    return expression[0], tuple(_shifted(part, by) for part in expression[1])


def _postfix(expression: _Expression) -> list[int]:
    """As the compiled region reads it: a leaf, -1 for the complement, -2n the least and -2n-1 the greatest of n."""
    if isinstance(expression, int):
        return [expression]
    parts = [word for part in expression[1] for word in _postfix(part)]
    count = len(expression[1])
    return [*parts, {"not": -1, "min": -2 * count}.get(expression[0], -2 * count - 1)]


def _fold(expression: _Expression, values: Floats, whole: float) -> Floats:
    if isinstance(expression, int):
        return np.asarray(values[..., expression])
    parts = [_fold(part, values, whole) for part in expression[1]]
    match expression[0]:
        case "not":
            return np.asarray(whole - parts[0])
        case "min":
            return np.asarray(np.minimum.reduce(parts))
        case _:
            return np.asarray(np.maximum.reduce(parts))
