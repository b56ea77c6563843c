"""P3 in shapely's STRtree and in PostGIS: which notified volumes does a route meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely

from bench.volumes import Route, Volumes

Hits = set[tuple[int, int]]


def strtree(volumes: Volumes) -> Callable[[Route], Hits]:
    """A tree of the footprints, asked for all legs at once; time and altitude are looked at afterwards. Static."""
    footprints = shapely.polygons(volumes.rings_xy)
    tree = shapely.STRtree(footprints)

    def ask(route: Route) -> Hits:
        legs = shapely.linestrings(np.stack((route.corners_xy[:-1], route.corners_xy[1:]), axis=1))
        leg, held = tree.query(legs, predicate="dwithin", distance=route.half_width_m)
        kept = (volumes.start_us[held] < route.end_us[leg]) & (route.start_us[leg] < volumes.end_us[held])
        kept &= (volumes.low_m[held] <= route.high_m) & (route.low_m <= volumes.high_m[held])
        return set(zip(leg[kept].tolist(), held[kept].tolist(), strict=True))

    return ask


_TABLE = """
DROP TABLE IF EXISTS volumes;
CREATE UNLOGGED TABLE volumes (id int8, during int8range, low float8, high float8, geom geometry)
"""
_QUERY = """
SELECT l.leg, v.id FROM unnest(%s::int4[], %s::int8[], %s::int8[], %s::bytea[]) AS l (leg, t0, t1, wkb)
CROSS JOIN LATERAL (SELECT ST_GeomFromWKB(l.wkb) AS geom) g
JOIN volumes v ON v.during && int8range(l.t0, l.t1) AND v.geom && ST_Expand(g.geom, %s)
WHERE ST_DWithin(v.geom, g.geom, %s) AND v.low <= %s AND %s <= v.high
"""


def postgis(volumes: Volumes, connection: Any) -> Callable[[Route], Hits]:
    """One GiST index over footprint and time together; a prepared statement for the 20 legs."""
    for statement in _TABLE.split(";"):
        connection.execute(statement)
    footprints = shapely.to_wkb(shapely.polygons(volumes.rings_xy), hex=True)
    with connection.cursor().copy("COPY volumes FROM STDIN") as copy:
        columns = (volumes.start_us, volumes.end_us, volumes.low_m, volumes.high_m)
        for number, row in enumerate(zip(*(column.tolist() for column in columns), footprints, strict=True)):
            start, end, low, high, wkb = row
            copy.write_row((number, f"[{start},{end})", low, high, wkb))
    connection.execute("CREATE INDEX ON volumes USING gist (geom, during)")
    connection.execute("VACUUM ANALYZE volumes")

    def ask(route: Route) -> Hits:
        legs = shapely.linestrings(np.stack((route.corners_xy[:-1], route.corners_xy[1:]), axis=1))
        asked = (
            list(range(len(legs))),
            route.start_us.tolist(),
            route.end_us.tolist(),
            shapely.to_wkb(legs).tolist(),
            route.half_width_m,
            route.half_width_m,
            route.high_m,
            route.low_m,
        )
        return set(connection.execute(_QUERY, asked, prepare=True).fetchall())

    return ask
