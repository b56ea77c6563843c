"""P1 in the planar engines of Python: shapely, geopandas, MovingPandas. Depth is known only at the fixes."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.events import crossings_of, incursions
from bench.ground import PARTIES
from bench.peers.scene import UTM, Scene, from_flags


def shapely_bulk(scene: Scene, *, legs: bool = True) -> Callable[[], NDArray]:
    """Prepared areas asked in bulk, then the nearest edge of each fix past the line from a tree of edges.

    With ``legs`` the legs between the fixes are asked too, so that it loses no incursion; without, only fixes count.
    """
    tree = shapely.STRtree(scene.edges_m)
    rows_of = [np.flatnonzero(scene.party == number) for number in range(len(PARTIES))]

    def run() -> NDArray:
        columns = scene.columns
        inside = np.zeros(len(columns), dtype=bool)
        for party, rows in zip(PARTIES, rows_of, strict=True):
            inside[rows] = shapely.contains_xy(
                scene.forbidden[party], columns.lon_deg[rows], columns.lat_deg[rows]
            )
        past = np.flatnonzero(inside)
        depth_m = np.zeros(len(columns))
        x, y = scene.to_utm.transform(columns.lon_deg[past], columns.lat_deg[past])
        (at, _), away_m = tree.query_nearest(shapely.points(x, y), return_distance=True, all_matches=False)
        depth_m[past[at]] = away_m
        found = from_flags(scene, inside, depth_m)
        return (
            np.sort(np.concatenate((found, _inside_legs(scene, inside))), order=("mover", "start_us"))
            if legs
            else found
        )

    return run


def _inside_legs(scene: Scene, inside: NDArray[np.bool_]) -> NDArray:
    """Ways out and back within one leg: legs between two outside fixes that meet the line all the same."""
    columns = scene.columns
    outside = np.flatnonzero(~inside[:-1] & ~inside[1:] & (columns.mover[:-1] == columns.mover[1:]))
    lonlat = np.column_stack((columns.lon_deg, columns.lat_deg))
    legs = shapely.linestrings(np.stack((lonlat[outside], lonlat[outside + 1]), axis=1))
    met = shapely.intersects(scene.chain_deg, legs)
    rows, legs = outside[met], legs[met]
    if not len(rows):
        return incursions(rows, rows, rows, np.empty(0))
    areas = np.array([scene.forbidden[party] for party in PARTIES])[scene.party[rows]]
    parts, of = shapely.get_parts(shapely.intersection(legs, areas), return_index=True)
    kept = shapely.length(parts) > 0
    parts, rows, legs = parts[kept], rows[of[kept]], legs[of[kept]]
    shares = [
        shapely.line_locate_point(legs, shapely.get_point(parts, end), normalized=True) for end in (0, -1)
    ]
    took = columns.t_us[rows + 1] - columns.t_us[rows]
    start_us, end_us = (columns.t_us[rows] + np.rint(share * took).astype(np.int64) for share in shares)
    return incursions(columns.mover[rows], start_us, end_us, np.zeros(len(rows)))


def geopandas_joins(scene: Scene) -> Callable[[], NDArray]:
    """``sjoin`` with the forbidden areas, ``sjoin_nearest`` with the edges of the line."""
    import geopandas
    import pandas

    areas = geopandas.GeoDataFrame(
        {"bound": range(len(PARTIES))},
        geometry=[scene.forbidden[party] for party in PARTIES],
        crs="EPSG:4326",
    )
    edges = geopandas.GeoDataFrame(geometry=scene.edges_m, crs=UTM)

    def run() -> NDArray:
        columns = scene.columns
        points = geopandas.GeoDataFrame(
            {"party": scene.party},
            geometry=geopandas.points_from_xy(columns.lon_deg, columns.lat_deg),
            crs="EPSG:4326",
        )
        joined = geopandas.sjoin(points, areas, predicate="within")
        past = joined[joined["party"] == joined["bound"]][["geometry"]].to_crs(UTM)
        nearest = geopandas.sjoin_nearest(past, edges, distance_col="away_m")
        away_m: pandas.Series = nearest.groupby(level=0)["away_m"].min()
        inside, depth_m = np.zeros(len(columns), dtype=bool), np.zeros(len(columns))
        inside[past.index] = True
        depth_m[away_m.index] = away_m
        return from_flags(scene, inside, depth_m)

    return run


def movingpandas_clip(scene: Scene) -> Callable[[], NDArray]:
    """A trajectory of each mover, clipped by its forbidden area. It has no distance to a line: no depth."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import movingpandas
    import geopandas
    import pandas

    columns = scene.columns
    frame = geopandas.GeoDataFrame(
        {"mover": columns.mover},
        geometry=geopandas.points_from_xy(columns.lon_deg, columns.lat_deg),
        index=pandas.DatetimeIndex(columns.t_us.astype("datetime64[us]")),
        crs="EPSG:4326",
    )
    party_of = {mover.number: mover.party for mover in scene.work.movers}

    def run() -> NDArray:
        rows = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for trajectory in movingpandas.TrajectoryCollection(frame, "mover").trajectories:
                area = scene.forbidden[party_of[trajectory.id]]
                spans = sorted(
                    (_us(piece.get_start_time()), _us(piece.get_end_time()))
                    for piece in trajectory.clip(area)
                )
                for start_us, end_us in spans:
                    # It cuts at places where the way only touches itself: pieces that meet are one visit.
                    if rows and rows[-1][0] == trajectory.id and start_us <= rows[-1][2] + 1_000:
                        rows[-1][2] = end_us
                    else:
                        rows.append([trajectory.id, start_us, end_us])
        mover, start_us, end_us = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        closed = crossings_of(columns, mover, start_us, end_us)
        return incursions(mover, start_us, end_us, np.full(len(mover), np.nan), closed)

    return run


def _us(when: object) -> int:
    return int(np.datetime64(when, "us").astype(np.int64))
