"""What is drawn on a map, in the pixels of its frame: land, lines, areas, accuracy bands, tracks, circles.

Pictures only. Lines follow their own edges (geodesic or parallel, from the kernels); buffers are taken in the
picture plane, which is true to scale near its middle. No number in a report comes from here.
"""

from __future__ import annotations

import json
import math
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

import numpy as np
import shapely
from shapely.geometry import GeometryCollection, LineString, MultiLineString, Point, Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize

from truceline.kernels.geodesy import densify, direct, inverse
from truceline.model.agreement import Combination, Line, Shape, Side
from truceline.model.movement import Path, Track
from truceline.rules.regions import region_of
from truceline.timebase import US_PER_S
from truceline.units import Metres
from truceline.views.frame import FloatArray, Frame

_SLACK_PX = 24.0  # drawn beyond the edge, so that no outline of a cut is seen


def sheet(frame: Frame, slack_px: float = _SLACK_PX) -> Polygon:
    """The picture as a polygon of pixels, a little larger than what is seen."""
    return box(-slack_px, -slack_px, frame.width_px + slack_px, frame.height_px + slack_px)


@lru_cache(maxsize=1)
def _land_polygons() -> tuple[Polygon, ...]:
    """Natural Earth 1:50m land in lon, lat; decoded once from quantised arcs (TopoJSON 1.0, section 2.1)."""
    document = json.loads(files("truceline.views").joinpath("static/land.json").read_text(encoding="utf-8"))
    scale, shift = np.array(document["transform"]["scale"]), np.array(document["transform"]["translate"])
    arcs = [np.cumsum(np.array(arc, dtype=np.float64), axis=0) * scale + shift for arc in document["arcs"]]

    def ring(indices: list[int]) -> FloatArray:
        parts = [arcs[index] if index >= 0 else arcs[~index][::-1] for index in indices]
        return _round_the_pole(np.vstack([parts[0], *(part[1:] for part in parts[1:])]))

    polygons = []
    for item in document["objects"]["land"]["geometries"]:
        for rings in item["arcs"]:
            shell, *holes = (ring(indices) for indices in rings)
            polygons.append(shapely.make_valid(Polygon(shell, holes)))
    return tuple(part for geometry in polygons for part in _areas(geometry))


def _round_the_pole(ring: FloatArray) -> FloatArray:
    """A ring that goes once round a pole jumps from one side of the map to the other: led along the pole there."""
    jumps = np.flatnonzero(np.abs(np.diff(ring[:, 0])) > 180.0)
    if len(jumps) != 1:
        return ring
    at = int(jumps[0]) + 1
    pole = math.copysign(90.0, ring[at, 1])
    corners = [[math.copysign(180.0, ring[at - 1, 0]), pole], [math.copysign(180.0, ring[at, 0]), pole]]
    return np.vstack([ring[:at], corners, ring[at:]])


def land_px(frame: Frame) -> BaseGeometry:
    """Land on the picture. Its coast is generalised: off by kilometres."""
    edge = frame.edge_lonlat()
    lon_0 = frame.centre_deg[0]
    lon = lon_0 + (edge[:, 0] - lon_0 + 180.0) % 360.0 - 180.0
    pad = 0.15 * max(float(np.ptp(lon)), float(np.ptp(edge[:, 1]))) + 0.05
    south, north = edge[:, 1].min() - pad, edge[:, 1].max() + pad
    west, east = (lon.min() - pad, lon.max() + pad) if max(-south, north) < 85 else (lon_0 - 180, lon_0 + 180)
    window = box(west, max(south, -90), east, min(north, 90))
    drawn = []
    for polygon in _land_polygons():
        low, _south, high, _north = polygon.bounds
        for turn in (-360.0, 0.0, 360.0):
            if high + turn < west or low + turn > east:
                continue
            part = shapely.transform(polygon, lambda c, t=turn: c + np.array([t, 0.0])).intersection(window)
            if not part.is_empty:
                drawn.append(shapely.transform(shapely.segmentize(part, max(pad / 4, 0.05)), frame.to_px))
    whole = shapely.union_all([shapely.make_valid(item) for item in drawn]) if drawn else GeometryCollection()
    return _simplified(whole.intersection(sheet(frame)))


def line_px(line: Line, frame: Frame) -> BaseGeometry:
    """The line as its edges run, in pixels, cut to the picture."""
    lonlat = densify(
        np.asarray(line.lonlat_deg, dtype=np.float64), edges=line.edges, longest_m=_longest_m(frame)
    )
    return _simplified(_polyline(frame.to_px(lonlat)).intersection(sheet(frame)))


def band_px(drawn: BaseGeometry, accuracy_m: Metres, frame: Frame) -> BaseGeometry:
    """The accuracy band of a drawn line or outline: all within its 95 % half-width, taken in the picture plane."""
    return drawn.buffer(accuracy_m * frame.px_per_m, cap_style="flat").intersection(sheet(frame))


def area_px(shape: Shape, frame: Frame) -> BaseGeometry:
    """The area of a shape on the picture.

    Its outlines part the picture into faces; those whose inner point the kernel finds inside are the area.
    """
    paper = sheet(frame)
    outlines = [_polyline(frame.to_px(ring)) for ring in _outlines(shape, frame)]
    noded = shapely.union_all([paper.exterior, *(line.intersection(paper) for line in outlines)])
    faces = [face for face in polygonize(noded) if face.area > 0.05]
    if not faces:
        return GeometryCollection()
    inner = np.array([face.representative_point().coords[0] for face in faces])
    inside = region_of(shape).depth_m(frame.to_lonlat(inner)) > 0
    kept = [face for face, yes in zip(faces, inside, strict=True) if yes]
    return _simplified(shapely.union_all(kept)) if kept else GeometryCollection()


def edge_px(shape: Shape, area: BaseGeometry, frame: Frame) -> BaseGeometry:
    """The outline of a drawn area, without the cuts made by the edge of the picture."""
    if isinstance(shape, Side) and area.is_empty:
        return GeometryCollection()
    return area.boundary.intersection(sheet(frame, _SLACK_PX - 1.0))


def circle_px(lonlat_deg: tuple[float, float], radius_m: Metres, frame: Frame) -> Polygon:
    """A circle round a place, at the scale of the picture."""
    x, y = frame.to_px(np.array([lonlat_deg]))[0]
    return Point(x, y).buffer(radius_m * frame.px_per_m, quad_segs=16)


def track_px(track: Track, frame: Frame) -> BaseGeometry:
    """The legs of a track that may be drawn: none across a gap or a break of the source."""
    if len(track) == 0:
        return GeometryCollection()
    px = frame.to_px(track.lonlat_deg)
    broken = np.diff(track.t_us) > track.longest_gap_s * US_PER_S
    starts = {int(i) + 1 for i in np.flatnonzero(broken)} | set(track.segment_starts)
    cuts = [0, *sorted(starts), len(track)]
    runs = [_polyline(px[a:b]) for a, b in pairwise(cuts) if b > a]
    paper = sheet(frame)
    drawn = [_simplified(run, 0.2).intersection(paper) for run in runs if run.intersects(paper)]
    return shapely.union_all(drawn) if len(drawn) > 1 and len(drawn) < 200 else GeometryCollection(drawn)


def path_px(path: Path, frame: Frame) -> BaseGeometry:
    """A drawn path, as drawn."""
    lonlat = (
        densify(path.lonlat_deg, longest_m=_longest_m(frame)) if len(path.lonlat_deg) > 1 else path.lonlat_deg
    )
    return _simplified(_polyline(frame.to_px(lonlat)).intersection(sheet(frame)), 0.2)


def parts_of(geometry: BaseGeometry) -> list[BaseGeometry]:
    """The simple, non-empty parts of a geometry."""
    inner = getattr(geometry, "geoms", None)
    if inner is None:
        return [] if geometry.is_empty else [geometry]
    return [part for item in inner for part in parts_of(item)]


def shape_points(shape: Line | Shape) -> list[tuple[float, float]]:
    """Positions that a frame must hold for the shape to be seen; of a side, the line it is a side of."""
    if isinstance(shape, Line):
        return list(shape.lonlat_deg)
    if isinstance(shape, Side):
        return list(shape.line.lonlat_deg)
    parts = getattr(shape, "parts", None)
    if parts is not None:
        return [point for part in parts for point in shape_points(part)]
    return [tuple(point) for ring in region_of(shape).outline() for point in ring.tolist()]


def _outlines(shape: Shape, frame: Frame) -> list[FloatArray]:
    """The outlines of all parts of a shape; of a side, its line carried straight on beyond the picture."""
    if isinstance(shape, Combination):
        return [ring for part in shape.parts for ring in _outlines(part, frame)]
    rings = [ring for ring in region_of(shape).outline() if len(ring) > 1]
    if not isinstance(shape, Side):
        return rings
    reach_m = np.linspace(0.0, 2.0 * (frame.width_m + frame.height_m), 65)[1:]
    return [
        np.vstack([_carried(ring[1], ring[0], reach_m)[::-1], ring, _carried(ring[-2], ring[-1], reach_m)])
        for ring in rings
    ]


def _carried(before: FloatArray, end: FloatArray, reach_m: FloatArray) -> FloatArray:
    """Points straight on beyond ``end``, coming from ``before``."""
    _distance, back = inverse(end, before)
    n = len(reach_m)
    return direct(
        np.repeat(end[None], n, axis=0), np.full(n, float(back[0]) + 180.0), np.minimum(reach_m, 2_000_000.0)
    )


def _polyline(px: FloatArray) -> BaseGeometry:
    return LineString(px) if len(px) > 1 else Point(px[0])


def _longest_m(frame: Frame) -> Metres:
    return max(frame.width_m / 200, 50.0)


def _simplified(geometry: BaseGeometry, tolerance_px: float = 0.15) -> BaseGeometry:
    return geometry.simplify(tolerance_px, preserve_topology=True)


def _areas(geometry: BaseGeometry) -> list[Polygon]:
    return [part for part in parts_of(geometry) if isinstance(part, Polygon)]


def lines_of(geometry: BaseGeometry) -> MultiLineString:
    """The line parts of a geometry."""
    return MultiLineString([part for part in parts_of(geometry) if isinstance(part, LineString)])
