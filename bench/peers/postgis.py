"""P1 and P2 in PostGIS. What it needs stands in its tables, projected and indexed, before the clock starts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.events import encounters
from bench.ground import PARTIES
from bench.peers.scene import UTM, Scene, from_flags

SRID = UTM.rpartition(":")[2]

_TABLES = """
DROP TABLE IF EXISTS fixes, zones, line;
CREATE UNLOGGED TABLE fixes (row int8, mover int4, party int2, t float8, lon float8, lat float8, geom geometry);
CREATE TABLE zones (party int2, geom geometry);
CREATE TABLE line (geom geometry);
"""
_PAST = """
SELECT fixes.row, ST_Distance(fixes.geom, line.geom)
FROM zones JOIN fixes ON fixes.party = zones.party AND ST_Contains(zones.geom, fixes.geom), line
"""


def incursions(scene: Scene, connection: Any) -> Callable[[], NDArray]:
    """Fixes inside the area forbidden to their party (prepared by the server), and how far from the line each is."""
    _load(scene, connection)

    def run() -> NDArray:
        rows = np.array(connection.execute(_PAST).fetchall(), dtype=np.float64).reshape(-1, 2)
        inside, depth_m = np.zeros(len(scene.columns), dtype=bool), np.zeros(len(scene.columns))
        at = rows[:, 0].astype(np.int64)
        inside[at], depth_m[at] = True, rows[:, 1]
        return from_flags(scene, inside, depth_m)

    return run


def _load(scene: Scene, connection: Any) -> None:
    connection.execute(_TABLES)
    columns = scene.columns
    with connection.cursor().copy("COPY fixes (row, mover, party, t, lon, lat) FROM STDIN") as copy:
        rows = zip(
            range(len(columns)),
            columns.mover.tolist(),
            scene.party.tolist(),
            (columns.t_us * 1e-6).tolist(),
            columns.lon_deg.tolist(),
            columns.lat_deg.tolist(),
            strict=True,
        )
        for row in rows:
            copy.write_row(row)
    project = "ST_Transform(ST_SetSRID({}, 4326), " + SRID + ")"
    connection.execute(f"UPDATE fixes SET geom = {project.format('ST_MakePoint(lon, lat)')}")
    for number, party in enumerate(PARTIES):
        connection.execute(
            f"INSERT INTO zones SELECT %s, {project.format('ST_GeomFromText(%s)')}",
            (number, scene.forbidden[party].wkt),
        )
    connection.execute(
        f"INSERT INTO line SELECT {project.format('ST_GeomFromText(%s)')}", (scene.chain_deg.wkt,)
    )
    connection.execute("CREATE INDEX ON fixes USING gist (geom)")
    connection.execute("VACUUM ANALYZE fixes")


_SUBTRACKS = """
DROP TABLE IF EXISTS legs, parts;
CREATE UNLOGGED TABLE parts AS
SELECT mover, party, part, ST_MakeLine(geom ORDER BY t) AS geom FROM (
  SELECT mover, party, n / {size} AS part, t, geom FROM numbered
  UNION ALL
  SELECT mover, party, n / {size} - 1, t, geom FROM numbered WHERE n % {size} = 0 AND n > 0
) AS cut GROUP BY mover, party, part HAVING count(*) > 1;
CREATE INDEX ON parts USING gist (geom gist_geometry_ops_nd);
VACUUM ANALYZE parts;
"""
_MEETINGS = """
SELECT a.mover, b.mover, greatest(ST_M(ST_StartPoint(a.geom)), ST_M(ST_StartPoint(b.geom))),
  least(ST_M(ST_EndPoint(a.geom)), ST_M(ST_EndPoint(b.geom))), ST_DistanceCPA(a.geom, b.geom)
FROM parts a JOIN parts b ON b.party = 1 AND b.geom &&& ST_Expand(a.geom, %(d)s, %(d)s, 0, 0)
WHERE a.party = 0 AND ST_CPAWithin(a.geom, b.geom, %(d)s)
"""


def meetings(work: Any, connection: Any, *, within_m: float, part_size: int) -> Callable[[], NDArray]:
    """Sub-tracks with time as M under an n-D index, joined by box and then by ``ST_CPAWithin``.

    It says that two sub-tracks come within the distance and how near, not from when to when: an event is a row of
    consecutive pairs of sub-tracks, as long as they last together.
    """
    connection.execute("DROP TABLE IF EXISTS numbered")
    connection.execute(
        "CREATE UNLOGGED TABLE numbered (mover int4, party int2, n int4, t float8, geom geometry)"
    )
    columns, x_m, y_m = work.columns, work.x_m, work.y_m
    starts = work.columns.starts()
    number = np.arange(len(columns)) - np.repeat(starts[:-1], np.diff(starts))
    connection.execute(
        "CREATE TEMP TABLE given (mover int4, party int2, n int4, t float8, x float8, y float8)"
    )
    with connection.cursor().copy("COPY given FROM STDIN") as copy:
        t_s = ((columns.t_us - columns.t_us.min()) * 1e-6).tolist()
        rows = zip(
            columns.mover.tolist(),
            work.party.tolist(),
            number.tolist(),
            t_s,
            x_m.tolist(),
            y_m.tolist(),
            strict=True,
        )
        for row in rows:
            copy.write_row(row)
    connection.execute("INSERT INTO numbered SELECT mover, party, n, t, ST_MakePointM(x, y, t) FROM given")
    connection.execute("DROP TABLE given")
    for statement in _SUBTRACKS.format(size=part_size).split(";"):
        if statement.strip():
            connection.execute(statement)
    zero_us = int(columns.t_us.min())

    def run() -> NDArray:
        rows = np.array(connection.execute(_MEETINGS, {"d": within_m}).fetchall(), dtype=np.float64).reshape(
            -1, 5
        )
        return _joined(rows, zero_us)

    return run


def _joined(rows: NDArray, zero_us: int) -> NDArray:
    """Pairs of sub-tracks that follow each other are one event."""
    rows = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))]
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (np.diff(rows[:, 0]) != 0) | (np.diff(rows[:, 1]) != 0) | (rows[1:, 2] > rows[:-1, 3] + 1e-6)
    at = np.flatnonzero(new)
    if not len(at):
        return encounters(*np.zeros((5, 0)))
    last = np.append(at[1:], len(rows)) - 1
    start_us, end_us = (zero_us + np.rint(rows[of, column] * 1e6) for of, column in ((at, 2), (last, 3)))
    return encounters(rows[at, 0], rows[at, 1], start_us, end_us, np.minimum.reduceat(rows[:, 4], at))
