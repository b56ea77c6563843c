"""P2 by sampling each second: scipy's cKDTree, polars, DuckDB and SedonaDB.

All four first resample every track to whole seconds (the same vectorised step, part of the time), then join the two
parties second by second. A meeting between two seconds is lost, and the least distance is the least of the samples.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from bench.events import encounters
from bench.ground import Floats
from bench.meetings import Meetings


def resampled(work: Meetings) -> tuple[NDArray, NDArray, NDArray, Floats, Floats]:
    """Mover, party, second and place of each mover at each whole second of its record."""
    columns = work.columns
    zero_us = int(columns.t_us.min()) // 1_000_000 * 1_000_000
    t_s = (columns.t_us - zero_us) * 1e-6
    starts = columns.starts()
    first, last = np.ceil(t_s[starts[:-1]]).astype(np.int64), np.floor(t_s[starts[1:] - 1]).astype(np.int64)
    counts = last - first + 1
    number = np.repeat(np.arange(len(counts)), counts)
    begin = np.concatenate(([0], np.cumsum(counts)[:-1]))
    second = np.arange(counts.sum()) - np.repeat(begin - first, counts)
    # One call for all movers: their clocks are laid end to end.
    apart = float(t_s.max() + 10.0)
    order = np.repeat(np.arange(len(counts)), np.diff(starts)) * apart + t_s
    asked = number * apart + second
    mover = columns.mover[starts[:-1]][number]
    party = work.party[starts[:-1]][number]
    return mover, party, second, np.interp(asked, order, work.x_m), np.interp(asked, order, work.y_m)


def joined(first: NDArray, second: NDArray, at_s: NDArray, apart_m: Floats, zero_us: int) -> NDArray:
    """Seconds that follow each other within one pair are one meeting."""
    if not len(first):
        return encounters(*np.zeros((5, 0)))
    order = np.lexsort((at_s, second, first))
    first, second, at_s, apart_m = first[order], second[order], at_s[order], apart_m[order]
    new = np.ones(len(first), dtype=bool)
    new[1:] = (np.diff(first) != 0) | (np.diff(second) != 0) | (np.diff(at_s) != 1)
    at = np.flatnonzero(new)
    last = np.append(at[1:], len(first)) - 1
    us = 1_000_000
    return encounters(
        first[at],
        second[at],
        zero_us + at_s[at] * us,
        zero_us + at_s[last] * us,
        np.minimum.reduceat(apart_m, at),
    )


def _zero_us(work: Meetings) -> int:
    return int(work.columns.t_us.min()) // 1_000_000 * 1_000_000


def kdtree(work: Meetings) -> Callable[[], NDArray]:
    """One tree of each party over place and second, the seconds so far apart that only equal ones match."""
    from scipy.spatial import cKDTree

    def run() -> NDArray:
        mover, party, second, x, y = resampled(work)
        apart = 4.0 * work.within_m
        sides = [np.flatnonzero(party == number) for number in (0, 1)]
        trees = [
            cKDTree(
                np.column_stack((x[rows], y[rows], second[rows] * apart)),
                balanced_tree=False,
                compact_nodes=False,
            )
            for rows in sides
        ]
        near = trees[0].sparse_distance_matrix(trees[1], work.within_m, output_type="ndarray")
        one, two = sides[0][near["i"]], sides[1][near["j"]]
        return joined(mover[one], mover[two], second[one], near["v"], _zero_us(work))

    return run


def polars_cells(work: Meetings) -> Callable[[], NDArray]:
    """Cells as wide as the distance; one party's samples spread over the nine cells round them, joined by cell."""
    import polars

    def run() -> NDArray:
        mover, party, second, x, y = resampled(work)
        frame = polars.LazyFrame({"mover": mover, "party": party, "s": second, "x": x, "y": y}).with_columns(
            cx=(polars.col("x") / work.within_m).floor().cast(polars.Int32),
            cy=(polars.col("y") / work.within_m).floor().cast(polars.Int32),
        )
        around = polars.LazyFrame({"dx": [-1, 0, 1]}, schema={"dx": polars.Int32}).join(
            polars.LazyFrame({"dy": [-1, 0, 1]}, schema={"dy": polars.Int32}), how="cross"
        )
        first = frame.filter(polars.col("party") == 0).join(around, how="cross")
        first = first.with_columns(
            cx=polars.col("cx") + polars.col("dx"), cy=polars.col("cy") + polars.col("dy")
        )
        near = (
            first.join(frame.filter(polars.col("party") == 1), on=["s", "cx", "cy"], suffix="_2")
            .with_columns(
                d=(
                    (polars.col("x") - polars.col("x_2")) ** 2 + (polars.col("y") - polars.col("y_2")) ** 2
                ).sqrt()
            )
            .filter(polars.col("d") <= work.within_m)
            .select("mover", "mover_2", "s", "d")
            .collect()
        )
        return joined(*(near[name].to_numpy() for name in near.columns), _zero_us(work))

    return run


_CELLS = """
WITH a AS (SELECT *, CAST(floor(x / {d}) AS INT) AS cx, CAST(floor(y / {d}) AS INT) AS cy FROM samples WHERE party = 0),
b AS (SELECT *, CAST(floor(x / {d}) AS INT) AS cx, CAST(floor(y / {d}) AS INT) AS cy FROM samples WHERE party = 1),
spread AS (SELECT a.mover, a.s, a.x, a.y, a.cx + i.i AS cx, a.cy + j.i AS cy FROM a, steps i, steps j)
SELECT a.mover AS one, b.mover AS two, a.s AS s, sqrt((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)) AS d
FROM spread a JOIN b ON a.s = b.s AND a.cx = b.cx AND a.cy = b.cy
WHERE (a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y) <= {d} * {d}
"""


def _samples(work: Meetings) -> object:
    import pyarrow

    mover, party, second, x, y = resampled(work)
    return pyarrow.table({"mover": mover, "party": party.astype(np.int32), "s": second, "x": x, "y": y})


def duckdb_cells(work: Meetings) -> Callable[[], NDArray]:
    """The same join of cells in SQL."""
    import duckdb

    engine = duckdb.connect()
    engine.execute("CREATE TABLE steps AS SELECT unnest([-1, 0, 1]) AS i")

    def run() -> NDArray:
        engine.register("samples", _samples(work))
        near = engine.execute(_CELLS.format(d=work.within_m)).fetchnumpy()
        return joined(near["one"], near["two"], near["s"], near["d"], _zero_us(work))

    return run


def sedona_cells(work: Meetings) -> Callable[[], NDArray]:
    """The same join of cells in SedonaDB's engine."""
    import pyarrow
    import sedonadb

    engine = sedonadb.connect()
    engine.create_data_frame(pyarrow.table({"i": np.array([-1, 0, 1], dtype=np.int32)})).to_view(
        "steps", overwrite=True
    )

    def run() -> NDArray:
        engine.create_data_frame(_samples(work)).to_view("samples", overwrite=True)
        near = pyarrow.table(engine.sql(_CELLS.format(d=work.within_m)))
        return joined(*(near[name].to_numpy() for name in ("one", "two", "s", "d")), _zero_us(work))

    return run
