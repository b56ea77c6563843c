"""P1: how near the limit, how far ahead of the peers, how it grows with fixes, rules and cores."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from bench import ours, postgres
from bench.context import Context
from bench.events import compare_incursions
from bench.harness import Bar, Clock, alternate, skipped

SPIN_COUNT = 20_000_000


def limit(run: Context) -> list[Bar]:
    """Reading the five columns once, over the whole check with all its outputs, at 10^7 on one core."""
    name, read = run.reading_pass("large")
    columns = run.p1("large").columns
    check = run.checker("large")
    pair = alternate(lambda: read(columns), check, pairs=run.pairs)
    ns = [
        side / len(columns) * 1e9
        for side in (pair.described()["first_wall_s"], pair.described()["second_wall_s"])
    ]
    note = f"reading pass in {name} {ns[0]:.2f} ns a fix, {ours.ENTRY} {ns[1]:.2f}; stretch 0.30"
    return [Bar(id="p1-limit", value=pair.ratio, bar=0.15, note=note, detail=pair.described())]


def linear(run: Context) -> list[Bar]:
    """The time of 10^7 fixes over ten times that of 10^6."""
    large, middle = run.checker("large"), run.checker("middle")
    pair = alternate(large, middle, pairs=run.pairs)
    share = len(run.p1("large").columns) / len(run.p1("middle").columns)
    return [Bar(id="linear", value=pair.ratio / share, bar=1.15, better="less", detail=pair.described())]


def rules(run: Context) -> list[Bar]:
    """Twenty rules over two, at 10^6."""
    pair = alternate(run.checker("middle", rules_count=20), run.checker("middle"), pairs=run.pairs)
    counts = [len(run.checker("middle", rules_count=count)()) for count in (20, 2)]
    note = f"{counts[0]} findings over {counts[1]}"
    return [Bar(id="p1-rules", value=pair.ratio, bar=2.0, better="less", note=note, detail=pair.described())]


def _spin(count: int) -> float:
    begun = time.perf_counter()
    total = 0
    for number in range(count):
        total += number & 3
    return time.perf_counter() - begun


def spin_scale() -> float:
    """How much more two processes do than one: 2 on two free cores."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(2) as pool:
        pool.map(_spin, [1_000, 1_000])
        alone = max(pool.map(_spin, [SPIN_COUNT]))
        both = max(pool.map(_spin, [SPIN_COUNT, SPIN_COUNT], chunksize=1))
    return 2.0 * alone / both


def two_cores(run: Context) -> list[Bar]:
    """One thread over two at 10^7, where the machine's two cores are free."""
    if not ours.takes_threads():
        return [skipped("p1-2core", "this version's check takes no number of threads", bar=1.5)]
    scale = spin_scale()
    pair = alternate(run.checker("large"), run.checker("large", threads=2), pairs=run.pairs)
    note = f"a two-core spin scales {scale:.2f}"
    if scale < 1.9:
        return [
            skipped(
                "p1-2core", f"{note}, below the 1.9 that the bar asks for; measured {pair.ratio:.2f}", bar=1.5
            )
        ]
    return [Bar(id="p1-2core", value=pair.ratio, bar=1.5, note=note, detail=pair.described())]


def from_file(run: Context) -> list[Bar]:
    """Parquet to findings over only reading the five columns from it, at 10^7."""
    import pyarrow.parquet

    path = run.parquet("large")
    work = run.p1("large")
    check = ours.checker(run.agreement(), None, work.movers)

    def read() -> Any:
        return pyarrow.parquet.read_table(path)

    pair = alternate(lambda: check(read()), read, pairs=run.pairs)
    return [Bar(id="p1-file", value=pair.ratio, bar=1.6, better="less", detail=pair.described())]


Peer = Callable[[], NDArray]


def _against(
    run: Context,
    name: str,
    peer: Peer,
    size: str,
    bar: float | None,
    *,
    depth: bool = True,
    clock: Clock = time.process_time,
) -> Bar:
    """First the same events, then alternating pairs."""
    check = run.checker(size)
    compared = compare_incursions(ours.incursions_of(check()), peer(), with_depth=depth)
    pair = alternate(peer, check, pairs=run.pairs, clock=clock)
    detail = {**pair.described(), "fixes": len(run.p1(size).columns), "compared": compared.sentence()}
    note = compared.sentence() + ("" if depth else "; it has no distance to a line")
    return Bar(id=name, value=pair.ratio, bar=bar, note=note, detail=detail)


def against_shapely(run: Context) -> list[Bar]:
    from bench.peers import planar
    from bench.peers.scene import Scene

    scene = Scene(run.p1("middle"))
    return [
        _against(run, "p1-shapely", planar.shapely_bulk(scene), "middle", 250),
        _against(run, "p1-shapely-fixes-only", planar.shapely_bulk(scene, legs=False), "middle", None),
    ]


def against_geopandas(run: Context) -> list[Bar]:
    from bench.peers import planar
    from bench.peers.scene import Scene

    return [_against(run, "p1-geopandas", planar.geopandas_joins(Scene(run.p1("middle"))), "middle", None)]


def against_movingpandas(run: Context) -> list[Bar]:
    from bench.peers import planar
    from bench.peers.scene import Scene

    peer = planar.movingpandas_clip(Scene(run.p1("small")))
    return [_against(run, "p1-movingpandas", peer, "small", 6_000, depth=False)]


def against_sedonadb(run: Context) -> list[Bar]:
    from bench.peers import columnar
    from bench.peers.scene import Scene

    return [_against(run, "p1-sedonadb", columnar.sedona(Scene(run.p1("middle"))), "middle", 150)]


def against_duckdb(run: Context) -> list[Bar]:
    from bench.peers import columnar
    from bench.peers.scene import Scene

    if columnar.duckdb_extension() is None:
        return [skipped("p1-duckdb", "its spatial extension is in no package here")]
    return [_against(run, "p1-duckdb", columnar.duckdb_spatial(Scene(run.p1("small"))), "small", None)]


def against_meos(run: Context) -> list[Bar]:
    from bench.peers import meos
    from bench.peers.scene import Scene

    return [_against(run, "p1-meos", meos.at_area(Scene(run.p1("middle"))), "middle", 600, depth=False)]


def against_postgis(run: Context) -> list[Bar]:
    from bench.peers import postgis
    from bench.peers.scene import Scene

    if run.server is None:
        return [skipped("p1-postgis", postgres.available(), bar=600)]
    with run.server.connect() as connection:
        peer = postgis.incursions(Scene(run.p1("middle")), connection)
        return [_against(run, "p1-postgis", peer, "middle", 600, clock=run.server.clock(connection))]
