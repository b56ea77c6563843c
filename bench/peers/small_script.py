"""The script that a person writes with numpy and shapely for a CSV of fixes: `small_script.py FIXES.csv LINE.csv`.

Fixes past the line by party, with entry and exit to the nearest fix and the depth in projected metres.
"""

from __future__ import annotations

import csv
import sys
from datetime import datetime
from pathlib import Path

import numpy as np
import pyproj
import shapely


def main() -> None:
    with Path(sys.argv[1]).open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    line = np.loadtxt(sys.argv[2], delimiter=",")
    t = np.array([datetime.fromisoformat(row["time"]).timestamp() for row in rows])
    lon, lat = (np.array([float(row[name]) for row in rows]) for name in ("lon", "lat"))
    mover = np.array([row["mover"] for row in rows])
    north = np.array([row["party"] == "north" for row in rows])
    area = shapely.Polygon([*line, (line[-1, 0], 40.0), (line[0, 0], 40.0)])
    shapely.prepare(area)
    inside = shapely.contains_xy(area, lon, lat) != north
    utm = pyproj.Transformer.from_crs(4326, 32637, always_xy=True)
    line_m = shapely.LineString(np.column_stack(utm.transform(*line.T)))
    shapely.prepare(line_m)
    depth = np.zeros(len(rows))
    depth[inside] = shapely.distance(line_m, shapely.points(*utm.transform(lon[inside], lat[inside])))
    edges = np.flatnonzero(np.diff(inside.astype(int), prepend=0) | np.append(False, mover[1:] != mover[:-1]))
    for begin, end in zip(edges, [*edges[1:], len(rows)], strict=True):
        if inside[begin]:
            print(mover[begin], t[begin], t[end - 1], depth[begin:end].max())


if __name__ == "__main__":
    main()
