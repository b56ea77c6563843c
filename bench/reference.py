"""What is true of workload P1, worked out without the product: Karney's geodesics and fine sampling.

The line is laid out by `geographiclib`: a vertex at least every metre of each geodesic edge, the end edges carried on.
Distances to it are chords to the nearest such vertex, bent to arcs: too long by at most 0.5^2 / 2d metres at d metres,
and never by more than 0.5 m. Legs are laid out straight over the ground every 25 cm, where a bound says that they can
matter; the bound is that a distance changes by no more than the way gone. What is found is then measured once more by
Karney's inverse solution with a minimum sought on the edges themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from geographiclib.geodesic import Geodesic
from numpy.typing import NDArray

from bench.events import INCURSION
from bench.ground import NORTH, Column5, Floats
from bench.incursions import Incursions

EARTH = Geodesic.WGS84
STEP_M = 0.25
LINE_STEP_M = 1.0
COARSE_STEP, FAR_M = 20, 310.0
CARRIED_ON_M = 60_000.0
# An excursion that reaches less than this past the line may lie between two samples.
SMALLEST_M = 0.25
_SEMI_MAJOR_M, _E2 = 6_378_137.0, 0.006_694_379_990_141_316
_RADIUS_M = 6_371_000.0


def to_ecef(lon_deg: Floats, lat_deg: Floats) -> Floats:
    """Earth-centred metres, height 0 (the definition of WGS 84 coordinates)."""
    lon, lat = np.radians(lon_deg), np.radians(lat_deg)
    across = _SEMI_MAJOR_M / np.sqrt(1.0 - _E2 * np.sin(lat) ** 2)
    return np.column_stack(
        (
            across * np.cos(lat) * np.cos(lon),
            across * np.cos(lat) * np.sin(lon),
            across * (1.0 - _E2) * np.sin(lat),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line laid out by Karney. ``edge`` is the edge that each vertex begins or lies on."""

    corners_deg: Floats
    lonlat_deg: Floats
    edge: NDArray[np.int64]
    tree: object
    coarse: object

    def apart_m(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """Metres to the nearest vertex, chord bent to arc; far off, to the nearest of every twentieth.

        Too long by at most 10^2 / 2d metres where d is 300 m or more: 0.17 m.
        """
        places = to_ecef(lon_deg, lat_deg)
        chord, _ = self.coarse.query(places)  # type: ignore[attr-defined]
        close = np.flatnonzero(chord < FAR_M)
        if len(close):
            chord[close], _ = self.tree.query(places[close])  # type: ignore[attr-defined]
        return chord * (1.0 + chord**2 / (24.0 * _RADIUS_M**2))

    def north_deg(self, lon_deg: Floats, lat_deg: Floats) -> Floats:
        """Degrees of latitude north of the line, which never turns back from east to west; its sign is the side."""
        return lat_deg - np.interp(lon_deg, self.lonlat_deg[:, 0], self.lonlat_deg[:, 1])

    def exact_m(self, lon_deg: float, lat_deg: float) -> float:
        """Metres by Karney: the least over the edges near the nearest vertices."""
        _, near = self.tree.query(to_ecef(np.array([lon_deg]), np.array([lat_deg])), k=12)  # type: ignore[attr-defined]
        edges = {int(self.edge[at]) + step for at in np.ravel(near) for step in (-1, 0, 1)}
        kept = [edge for edge in edges if 0 <= edge < len(self.corners_deg) - 1]
        return min(to_edge_m(lon_deg, lat_deg, *self.corners_deg[edge : edge + 2]) for edge in kept)


def to_edge_m(lon_deg: float, lat_deg: float, start: Floats, end: Floats) -> float:
    """Metres from a point to a geodesic edge: the foot is moved along it until the way there is square to it."""
    edge = EARTH.InverseLine(start[1], start[0], end[1], end[0])
    along = edge.s13 / 2
    for _ in range(12):
        foot = edge.Position(along)
        way = EARTH.Inverse(foot["lat2"], foot["lon2"], lat_deg, lon_deg)
        step = way["s12"] * np.cos(np.radians(way["azi1"] - foot["azi2"]))
        moved = min(max(along + step, 0.0), edge.s13)
        if abs(moved - along) < 1e-6:
            break
        along = moved
    return float(way["s12"])


def lay_out(line_deg: Floats) -> Line:
    from scipy.spatial import cKDTree

    corners = np.vstack(
        [_carried_on(line_deg[1], line_deg[0]), line_deg, _carried_on(line_deg[-2], line_deg[-1])]
    )
    points, edges = [], []
    for at in range(len(corners) - 1):
        edge = EARTH.InverseLine(corners[at, 1], corners[at, 0], corners[at + 1, 1], corners[at + 1, 0])
        for along in np.linspace(0.0, edge.s13, max(2, int(np.ceil(edge.s13 / LINE_STEP_M)) + 1))[:-1]:
            place = edge.Position(along, Geodesic.LATITUDE | Geodesic.LONGITUDE)
            points.append((place["lon2"], place["lat2"]))
            edges.append(at)
    lonlat = np.array([*points, corners[-1]])
    if not (np.diff(lonlat[:, 0]) > 0).all():
        raise ValueError("the reference needs a line that never turns back from east to west")
    return Line(
        corners_deg=corners,
        lonlat_deg=lonlat,
        edge=np.array([*edges, len(corners) - 2]),
        tree=cKDTree(to_ecef(*lonlat.T)),
        coarse=cKDTree(to_ecef(*lonlat[::COARSE_STEP].T)),
    )


def _carried_on(inner: Floats, outer: Floats) -> Floats:
    """A point 60 km past the end of a line, straight on."""
    edge = EARTH.Inverse(inner[1], inner[0], outer[1], outer[0])
    end = EARTH.Direct(outer[1], outer[0], edge["azi2"], CARRIED_ON_M)
    return np.array([end["lon2"], end["lat2"]])


def true_incursions(work: Incursions) -> NDArray:
    """Every way past the line, from root to root, with its depth by Karney."""
    line, columns = lay_out(work.line_deg), work.columns
    sign = np.array([-1.0 if mover.party == NORTH else 1.0 for mover in work.movers])[columns.mover]
    apart_m = line.apart_m(columns.lon_deg, columns.lat_deg)
    past = sign * line.north_deg(columns.lon_deg, columns.lat_deg) > 0
    rows, shares = _crossings(line, columns, sign, apart_m, past)
    visits = _visits(columns, past, rows, shares)
    return _deepest(line, columns, sign, apart_m, visits)


def _leg_lengths_m(columns: Column5) -> Floats:
    """Metres from each row to the next; 0 where that is another mover."""
    places = to_ecef(columns.lon_deg, columns.lat_deg)
    length = np.linalg.norm(np.diff(places, axis=0), axis=1)
    return np.append(np.where(np.diff(columns.mover) == 0, length, 0.0), 0.0)


def _along(columns: Column5, rows: NDArray[np.int64], shares: Floats) -> tuple[Floats, Floats]:
    """Places on legs. A leg is short (below 1 km), so that straight in degrees is straight over the ground

    to L^2 tan(lat) / 8 R: 0.1 mm in 100 m.
    """
    lon = columns.lon_deg[rows] + shares * (columns.lon_deg[rows + 1] - columns.lon_deg[rows])
    lat = columns.lat_deg[rows] + shares * (columns.lat_deg[rows + 1] - columns.lat_deg[rows])
    return lon, lat


def _sampled(length_m: Floats, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], Floats]:
    """Rows and shares of samples every 25 cm of these legs, both ends included."""
    counts = np.ceil(length_m[rows] / STEP_M).astype(np.int64) + 1
    at = np.repeat(rows, counts)
    begin = np.repeat(np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
    return at, (np.arange(len(at)) - begin) / np.maximum(np.repeat(counts, counts) - 1, 1)


def _crossings(
    line: Line, columns: Column5, sign: Floats, apart_m: Floats, past: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], Floats]:
    """Legs and shares at which the line is crossed."""
    length_m = _leg_lengths_m(columns)
    # Ends on one side cannot reach the line where both are further from it, together, than the leg is long.
    reach = apart_m[:-1] + apart_m[1:] - 2 * 0.5 <= length_m[:-1] * 1.001 + 0.1
    asked = np.flatnonzero((length_m[:-1] > 0) & (reach | (past[:-1] != past[1:])))
    rows, shares = _sampled(length_m, asked)
    north = line.north_deg(*_along(columns, rows, shares)) * sign[rows]
    turned = np.flatnonzero((rows[:-1] == rows[1:]) & ((north[:-1] > 0) != (north[1:] > 0)))
    low, high = shares[turned].copy(), shares[turned + 1].copy()
    low_inside = north[turned] > 0
    for _ in range(30):
        middle = (low + high) / 2
        inside = line.north_deg(*_along(columns, rows[turned], middle)) * sign[rows[turned]] > 0
        low, high = np.where(inside == low_inside, middle, low), np.where(inside == low_inside, high, middle)
    return rows[turned], (low + high) / 2


def _visits(
    columns: Column5, past: NDArray[np.bool_], rows: NDArray[np.int64], shares: Floats
) -> list[tuple[float, float, int]]:
    """From where to where, as row plus share, each way past the line lasts; and how many crossings bound it."""
    starts = columns.starts()
    crossed = rows + shares
    visits = []
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        places = crossed[(crossed >= begin) & (crossed <= end - 1)].tolist()
        inside = bool(past[begin])
        opened = float(begin)
        crossings = 0
        for place in places:
            if inside:
                visits.append((opened, place, crossings + 1))
            opened, inside, crossings = place, not inside, 1
        if inside:
            visits.append((opened, float(end - 1), crossings))
    return visits


def _t_us(columns: Column5, place: float) -> int:
    row = int(place)
    share = place - row
    if share == 0.0:
        return int(columns.t_us[row])
    return int(columns.t_us[row] + round(share * int(columns.t_us[row + 1] - columns.t_us[row])))


def _deepest(
    line: Line, columns: Column5, sign: Floats, apart_m: Floats, visits: list[tuple[float, float, int]]
) -> NDArray:
    length_m = _leg_lengths_m(columns)
    found = np.empty(len(visits), dtype=INCURSION)
    for at, (start, end, crossings) in enumerate(visits):
        legs = np.arange(int(start), max(int(np.ceil(end)), int(start) + 1))
        legs = legs[length_m[legs] > 0]
        # The deepest point lies on a leg whose ends, with half its length, reach as deep as the deepest fix does.
        inner = np.arange(int(np.ceil(start)), int(end) + 1)
        least = apart_m[inner].max(initial=0.0) - 0.5 if len(inner) else 0.0
        most = (apart_m[legs] + apart_m[legs + 1] + length_m[legs]) / 2 + 0.5
        rows, shares = _sampled(length_m, legs[most >= least])
        kept = (rows + shares >= start) & (rows + shares <= end)
        if not kept.any():
            rows, shares = np.array([int(start)]), np.array([(start + end) / 2 - int(start)])
        else:
            rows, shares = rows[kept], shares[kept]
        lon, lat = _along(columns, rows, shares)
        best = int(np.argmax(line.apart_m(lon, lat)))
        found[at] = (
            columns.mover[int(start)],
            _t_us(columns, start),
            _t_us(columns, end),
            line.exact_m(float(lon[best]), float(lat[best])),
            crossings,
        )
    return np.sort(found, order=("mover", "start_us"))


def speeds_mps(columns: Column5, mover: int, t_us: int) -> float:
    """Metres a second of the leg at an instant: to turn a difference of time into one of place."""
    rows = np.flatnonzero(columns.mover == mover)
    at = rows[min(max(int(np.searchsorted(columns.t_us[rows], t_us)) - 1, 0), len(rows) - 2)]
    places = to_ecef(columns.lon_deg[at : at + 2], columns.lat_deg[at : at + 2])
    return float(np.linalg.norm(places[1] - places[0]) / ((columns.t_us[at + 1] - columns.t_us[at]) * 1e-6))
