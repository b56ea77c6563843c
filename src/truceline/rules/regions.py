"""Model shapes compiled to kernel regions, once each."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache

import numpy as np

from truceline.errors import GeometryError
from truceline.kernels import Region
from truceline.model.agreement import Band, Circle, Combination, Line, Polygon, Shape, Side


def _array(line: Line) -> np.ndarray:
    return np.asarray(line.lonlat_deg, dtype=np.float64)


# By identity first: telling two lines of thousands of vertices equal takes longer than looking at the fixes near one.
_KNOWN: OrderedDict[int, tuple[Shape, Region]] = OrderedDict()
_MOST_KNOWN = 512


def region_of(shape: Shape) -> Region:
    """The kernel region of a shape. Shapes are values, so equal shapes share one region.

    Raises
    ------
    GeometryError
        Where the coordinates describe no area.
    """
    known = _KNOWN.get(id(shape))
    if known is not None and known[0] is shape:
        return known[1]
    region = _compiled(shape)
    _KNOWN[id(shape)] = (shape, region)
    while len(_KNOWN) > _MOST_KNOWN:
        _KNOWN.popitem(last=False)
    return region


@lru_cache(maxsize=512)
def _compiled(shape: Shape) -> Region:
    match shape:
        case Circle():
            return Region.circle(shape.centre_deg, shape.radius_m, accuracy_m=shape.accuracy_m)
        case Polygon():
            polygons = [[np.asarray(ring, dtype=np.float64) for ring in rings] for rings in shape.polygons]
            return Region.polygon(polygons, edges=shape.edges, accuracy_m=shape.accuracy_m)
        case Band():
            return Region.band(
                _array(shape.line),
                shape.left_m,
                shape.right_m,
                edges=shape.line.edges,
                accuracy_m=shape.accuracy_m,
            )
        case Side():
            return Region.side(
                _array(shape.line),
                shape.side,
                offset_m=shape.offset_m,
                edges=shape.line.edges,
                accuracy_m=shape.accuracy_m,
            )
        case Combination():
            parts = [region_of(part) for part in shape.parts]
            return _combined(shape.op, parts)
    raise GeometryError(f"not a shape: {shape!r}")


def _combined(op: str, parts: list[Region]) -> Region:
    first, rest = parts[0], parts[1:]
    if not rest:
        return first
    match op:
        case "difference":
            return first.difference(*rest)
        case "intersection":
            return first.intersection(*rest)
        case "union":
            return first.union(*rest)
    raise GeometryError(f"no such combination of areas: {op!r}", hint="difference, intersection or union")
