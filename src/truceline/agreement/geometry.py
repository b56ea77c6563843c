"""Do these coordinates describe a line or an area? Every answer names the position it is about.

Checks are made on unrolled longitudes (no jump at the antimeridian), straight in longitude and latitude
between vertices. A crossing so found is one on the ground as well, as long as edges are short against the
size of the area; edges longer than 10,000 km are refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from shapely import LineString, MultiPolygon, Polygon, is_valid_reason

from truceline.errors import InputError
from truceline.model.agreement import LonLats

LONGEST_EDGE_M = 10_000_000.0
_EARTH_RADIUS_M = 6_371_008.8
_AT = re.compile(r"\[(\S+) (\S+)\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with coordinates, and the way out."""

    code: str
    message: str
    hint: str = ""


def position_of(value: Any) -> tuple[float, float]:
    """Read one ``[longitude, latitude]``; a height after them is not used.

    Raises
    ------
    InputError
        Codes ``position`` (not two numbers), ``not-finite``, ``out-of-range``.

    Examples
    --------
    >>> position_of([38.6, 33.5])
    (38.6, 33.5)
    """
    if not isinstance(value, (list, tuple)) or len(value) not in (2, 3) or not all(map(_is_number, value)):
        raise InputError(
            f"not a position: {_shown(value)}",
            hint="write [longitude, latitude] in degrees, as in [38.61778, 33.50583]",
            code="position",
        )
    try:
        lon, lat = float(value[0]), float(value[1])
    except OverflowError:
        lon, lat = math.inf, math.inf
    if not (math.isfinite(lon) and math.isfinite(lat)):
        raise InputError(
            f"not a finite position: {_shown(value)}", hint="write numbers in degrees", code="not-finite"
        )
    if abs(lon) > 180 or abs(lat) > 90:
        swapped = abs(lon) <= 90 < abs(lat) <= 180
        hint = "longitude comes first: are the two swapped?" if swapped else "degrees, longitude first"
        raise InputError(
            f"longitude lies within 180 and latitude within 90 degrees, seen {_shown(value)}",
            hint=hint,
            code="out-of-range",
        )
    return lon, lat


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(value: Any) -> str:
    text = repr(list(value) if isinstance(value, tuple) else value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def without_repeats(positions: Sequence[tuple[float, float]]) -> LonLats:
    """The same line without vertices that repeat the one before."""
    kept: list[tuple[float, float]] = []
    for position in positions:
        if not kept or position != kept[-1]:
            kept.append(position)
    return tuple(kept)


def unrolled(positions: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Longitudes carried on past 180 degrees, so that no step is longer than half a turn."""
    made: list[tuple[float, float]] = []
    for lon, lat in positions:
        if made:
            before = made[-1][0]
            lon += 360.0 * round((before - lon) / 360.0)
        made.append((lon, lat))
    return made


def line_faults(line: LonLats) -> list[Fault]:
    """What keeps ``line`` (already without repeats) from being a line."""
    if len(line) < 2:
        return [
            Fault(
                code="too-few-positions",
                message=f"a line has at least two different positions, seen {len(line)}",
                hint="give its other end",
            )
        ]
    return _long_edges(line)


def _long_edges(positions: LonLats) -> list[Fault]:
    faults = []
    for first, second in pairwise(positions):
        if _arc_m(first, second) > LONGEST_EDGE_M:
            faults.append(
                Fault(
                    code="edge-too-long",
                    message=f"the edge from {at(first)} to {at(second)} is longer than 10,000 km",
                    hint="its course is not certain: give positions between",
                )
            )
    return faults


def _arc_m(first: tuple[float, float], second: tuple[float, float]) -> float:
    lon1, lat1, lon2, lat2 = map(math.radians, (*first, *second))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * _EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(half)))


def polygon_faults(polygons: Sequence[Sequence[LonLats]]) -> list[Fault]:
    """What keeps rings (open, without repeats) from being areas.

    Parameters
    ----------
    polygons : sequence of sequences of rings
        For each polygon its shell, then its holes.
    """
    faults = [
        fault
        for rings in polygons
        for number, ring in enumerate(rings)
        for fault in _ring_faults(ring, number)
    ]
    if faults:
        return faults
    shapes = []
    for rings in polygons:
        shell = unrolled(rings[0])
        shapes.append(Polygon(shell, [_beside(hole, shell) for hole in rings[1:]]))
    for shape in shapes:
        faults += _validity(shape)
    if not faults and len(shapes) > 1:
        faults += _validity(MultiPolygon(shapes))
    return faults


def _ring_faults(ring: LonLats, number: int) -> list[Fault]:
    name = "the ring" if number == 0 else f"hole {number}"
    if len(set(ring)) < 3:
        return [
            Fault(
                code="too-few-positions",
                message=f"{name} has {len(set(ring))} different positions; an area has at least three "
                "(four written ones, the last the same as the first)",
                hint="give the missing corners",
            )
        ]
    turned = unrolled([*ring, ring[0]])
    if abs(turned[-1][0] - turned[0][0]) > 180:
        return [
            Fault(
                code="around-pole",
                message=f"{name} goes once round a pole",
                hint="areas that hold a pole are not supported; cut it in two along a meridian",
            )
        ]
    if _is_flat(turned):
        return [
            Fault(
                code="zero-area",
                message=f"{name} encloses no area: all its positions lie on one line",
                hint="write a line, or give the missing corners",
            )
        ]
    return _long_edges((*ring, ring[0]))


def _is_flat(closed: Sequence[tuple[float, float]]) -> bool:
    """No vertex off the line through two of them (a bow-tie with balanced lobes is not flat)."""
    x0, y0 = closed[0]
    far = max(closed, key=lambda point: math.hypot(point[0] - x0, point[1] - y0))
    length = math.hypot(far[0] - x0, far[1] - y0)
    off = max(abs((x - x0) * (far[1] - y0) - (y - y0) * (far[0] - x0)) for x, y in closed)
    return off <= 1e-12 * max(length, 1e-9) ** 2 or off / max(length, 1e-300) < 1e-10


def _beside(hole: LonLats, shell: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A hole carried to the same turn of longitude as its shell."""
    turned = unrolled(hole)
    middle = (min(x for x, _ in shell) + max(x for x, _ in shell)) / 2
    shift = 360.0 * round((middle - turned[0][0]) / 360.0)
    return [(x + shift, y) for x, y in turned]


def _validity(shape: Polygon | MultiPolygon) -> list[Fault]:
    reason = str(is_valid_reason(shape))
    if reason == "Valid Geometry":
        return []
    found = _AT.search(reason)
    where = f" at {at((float(found.group(1)), float(found.group(2))))}" if found else ""
    if "Hole" in reason or "shell" in reason.lower() or "Nested" in reason:
        return [
            Fault(
                code="ring-placement",
                message=f"rings do not fit into each other{where}: {reason.split('[')[0].lower()}",
                hint="a hole lies inside its shell and outside other holes; shells do not overlap",
            )
        ]
    return [
        Fault(
            code="crossing-ring",
            message=f"the outline crosses or touches itself{where}",
            hint="put its corners in the order in which one walks round the area",
        )
    ]


def at(position: tuple[float, float]) -> str:
    """A position for a message: longitude, latitude, five decimals.

    Examples
    --------
    >>> at((181.5, 2.0))
    '[-178.5, 2.0]'
    """
    lon = (position[0] + 180.0) % 360.0 - 180.0
    return f"[{round(lon, 5)}, {round(position[1], 5)}]"


def side_fault(line: LonLats) -> Fault | None:
    """Why a line has no two sides (it crosses itself, or closes), or None."""
    turned = unrolled(line)
    if line[0] == line[-1] and len(line) > 2:
        return Fault(
            code="closed-line",
            message=f"the line ends where it begins, at {at(line[0])}, so it has no left and right",
            hint="make it a polygon and use keep-out, or leave the last position out",
        )
    shape = LineString(turned)
    if shape.is_simple:
        return None
    return Fault(
        code="crossing-line",
        message=f"the line crosses itself{_where_crossed(turned)}, so its sides are not defined",
        hint="put its positions in the order in which one walks along it",
    )


def _where_crossed(turned: Sequence[tuple[float, float]]) -> str:
    edges = [LineString(pair) for pair in pairwise(turned)]
    for later, edge in enumerate(edges):
        for other in edges[: max(0, later - 1)]:
            if edge.intersects(other):
                point = edge.intersection(other).representative_point()
                return f" at {at((point.x, point.y))}"
    return ""


def ends_fold_back(line: LonLats, *, reach_m: float = 200_000.0) -> tuple[float, float] | None:
    """The first end whose straight continuation meets the line again within ``reach_m``, else None.

    The sides of such a line are not what a reader expects near that end.
    """
    turned = unrolled(line)
    squeeze = max(0.01, math.cos(math.radians(turned[0][1])))
    flat = [(x * squeeze, y) for x, y in turned]
    reach_deg = math.degrees(reach_m / _EARTH_RADIUS_M)
    for end, before, rest in ((flat[-1], flat[-2], flat[:-1]), (flat[0], flat[1], flat[1:])):
        length = math.hypot(end[0] - before[0], end[1] - before[1])
        if length == 0 or len(rest) < 2:
            continue
        step = ((end[0] - before[0]) / length, (end[1] - before[1]) / length)
        far = (end[0] + step[0] * reach_deg, end[1] + step[1] * reach_deg)
        if LineString([end, far]).intersects(LineString(rest)):
            return line[-1] if end == flat[-1] else line[0]
    return None


def centre_of(positions: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """The middle of the box round positions; lon, lat in degrees."""
    turned = unrolled(positions)
    lons, lats = [x for x, _ in turned], [y for _, y in turned]
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def look_swapped(centre: tuple[float, float], others: Sequence[tuple[float, float]]) -> bool:
    """Far from every other place as written, and near one of them with the two numbers swapped.

    Far is 1,000 km, near 300 km: an agreement is about one part of the world.
    """
    swapped = (centre[1], centre[0])
    if not others or abs(swapped[1]) > 90:
        return False
    as_written = min(_arc_m(centre, other) for other in others)
    return as_written > 1_000_000 and min(_arc_m(swapped, other) for other in others) < 300_000
