"""P1 in SedonaDB and DuckDB: the fixes as an Arrow table, the joins in SQL, the runs of fixes afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow
from numpy.typing import NDArray

from bench.ground import PARTIES
from bench.peers.scene import UTM, Scene, from_flags


def _table(scene: Scene) -> pyarrow.Table:
    columns = scene.columns
    return pyarrow.table(
        {
            "row": np.arange(len(columns)),
            "party": scene.party.astype(np.int32),
            "lon": columns.lon_deg,
            "lat": columns.lat_deg,
        }
    )


def _events(scene: Scene, rows: NDArray, away_m: NDArray) -> NDArray:
    inside, depth_m = np.zeros(len(scene.columns), dtype=bool), np.zeros(len(scene.columns))
    inside[rows] = True
    depth_m[rows] = away_m
    return from_flags(scene, inside, depth_m)


def sedona(scene: Scene) -> Callable[[], NDArray]:
    """``ST_Contains`` with the forbidden areas, then the nearest edge of the line by ``ST_KNN``."""
    import geopandas
    import sedonadb

    engine = sedonadb.connect()
    areas = geopandas.GeoDataFrame(
        {"bound": np.arange(len(PARTIES), dtype=np.int32)},
        geometry=[scene.forbidden[party] for party in PARTIES],
        crs="EPSG:4326",
    )
    edges = geopandas.GeoDataFrame({"edge": np.arange(len(scene.edges_m))}, geometry=scene.edges_m, crs=UTM)
    engine.create_data_frame(areas).to_view("areas", overwrite=True)
    engine.create_data_frame(edges).to_view("edges", overwrite=True)
    fixes = _table(scene)

    def run() -> NDArray:
        engine.create_data_frame(fixes).to_view("fixes", overwrite=True)
        past = pyarrow.table(
            engine.sql(
                "SELECT f.row, f.lon, f.lat FROM (SELECT row, party, lon, lat, "
                "ST_SetSRID(ST_Point(lon, lat), 4326) AS geom FROM fixes) f JOIN areas a "
                "ON ST_Contains(a.geometry, f.geom) WHERE a.bound = f.party"
            )
        )
        x, y = scene.to_utm.transform(past["lon"].to_numpy(), past["lat"].to_numpy())
        places = pyarrow.table({"row": past["row"], "x": x, "y": y})
        engine.create_data_frame(places).to_view("places", overwrite=True)
        near = pyarrow.table(
            engine.sql(
                f"SELECT p.row, ST_Distance(p.geom, e.geometry) AS away FROM (SELECT row, "
                f"ST_SetSRID(ST_Point(x, y), {UTM.rpartition(':')[2]}) AS geom FROM places) p JOIN edges e "
                "ON ST_KNN(p.geom, e.geometry, 1, FALSE)"
            )
        )
        return _events(scene, near["row"].to_numpy(), near["away"].to_numpy())

    return run


def duckdb_extension() -> Path | None:
    """The spatial extension as its Python package brings it; nothing is fetched."""
    try:
        import duckdb_extension_spatial
    except ImportError:
        return None
    found = sorted(Path(duckdb_extension_spatial.__path__[0]).rglob("spatial.duckdb_extension"))
    return found[-1] if found else None


def duckdb_spatial(scene: Scene) -> Callable[[], NDArray]:
    """``ST_Contains`` with the forbidden areas, then ``ST_Distance`` to the line, in one query."""
    import duckdb

    engine = duckdb.connect()
    engine.execute(f"LOAD '{duckdb_extension()}'")
    engine.execute("CREATE TABLE areas (bound INTEGER, geom GEOMETRY)")
    for number, party in enumerate(PARTIES):
        engine.execute(
            "INSERT INTO areas VALUES (?, ST_GeomFromText(?))", [number, scene.forbidden[party].wkt]
        )
    engine.execute("CREATE TABLE line AS SELECT ST_GeomFromText(?) AS geom", [scene.chain_m.wkt])
    engine.register("fixes", _table(scene))

    def run() -> NDArray:
        past = engine.execute(
            "SELECT f.row, f.lon, f.lat FROM fixes f JOIN areas a "
            "ON a.bound = f.party AND ST_Contains(a.geom, ST_Point(f.lon, f.lat))"
        ).to_arrow_table()
        x, y = scene.to_utm.transform(past["lon"].to_numpy(), past["lat"].to_numpy())
        engine.register("places", pyarrow.table({"row": past["row"], "x": x, "y": y}))
        near = engine.execute(
            "SELECT row, ST_Distance(ST_Point(x, y), line.geom) AS away FROM places, line"
        ).to_arrow_table()
        return _events(scene, near["row"].to_numpy(), near["away"].to_numpy())

    return run
