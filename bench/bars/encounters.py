"""P2: all opposing pairs within 500 m, continuous in time, sparse along a line and dense in a square."""

from __future__ import annotations

import time

from bench import meetings, ours, postgres
from bench.context import Context
from bench.events import Compared, compare_encounters, overlapping
from bench.harness import Bar, Clock, alternate, skipped

PART_SIZE = 100
SAME_M = 0.1
SAMPLERS = ("kdtree", "polars_cells", "duckdb_cells", "sedona_cells")
BARS = {
    ("sparse", "postgis"): 180.0,
    ("sparse", "meos"): 1_000.0,
    ("dense", "postgis"): 250.0,
    ("dense", "fastest"): 30.0,
}


def _against(
    run: Context, kind: str, name: str, peer: object, clock: Clock = time.process_time, *, pairs: int = 0
) -> Bar:
    check = run.meeting_checker(kind)
    compared: Compared = compare_encounters(ours.encounters_of(check(), meetings.WITHIN_M), peer())  # type: ignore[operator]
    pair = alternate(peer, check, pairs=pairs or run.pairs, clock=clock)  # type: ignore[arg-type]
    detail = {**pair.described(), "compared": compared.sentence("least distance")}
    return Bar(
        id=f"p2-{kind}-{name}",
        value=pair.ratio,
        bar=BARS.get((kind, name)),
        note=detail["compared"],
        detail=detail,
    )


def _sampled(run: Context, kind: str) -> list[Bar]:
    from bench.peers import sampled

    work = run.p2(kind)
    work.projected  # noqa: B018  given to the peers, untimed
    return [
        _against(run, kind, name.replace("_cells", ""), getattr(sampled, name)(work), pairs=min(run.pairs, 3))
        for name in SAMPLERS
    ]


def _postgis(run: Context, kind: str) -> list[Bar]:
    from bench.peers import postgis

    bar = BARS[(kind, "postgis")]
    if run.server is None:
        return [skipped(f"p2-{kind}-postgis", postgres.available(), bar=bar)]
    work = run.p2(kind)
    with run.server.connect() as connection:
        peer = postgis.meetings(work, connection, within_m=work.within_m, part_size=PART_SIZE)
        return [_against(run, kind, "postgis", peer, run.server.clock(connection))]


def _meos(run: Context, kind: str) -> list[Bar]:
    from bench.peers import meos

    work = run.p2(kind)
    return [_against(run, kind, "meos", meos.meetings(work, within_m=work.within_m))]


def sparse(run: Context) -> list[Bar]:
    """Against PostGIS, PyMEOS and the four that sample; the first two have bars."""
    return [*_postgis(run, "sparse"), *_meos(run, "sparse"), *_sampled(run, "sparse")]


def dense(run: Context) -> list[Bar]:
    """Against PostGIS, PyMEOS and the four that sample; the fastest of all has the bar."""
    bars = [*_postgis(run, "dense"), *_meos(run, "dense"), *_sampled(run, "dense")]
    quickest = min((bar for bar in bars if bar.value is not None), key=lambda bar: bar.value or 0.0)
    note = f"the fastest peer is {quickest.id.rpartition('-')[2]}"
    return [
        *bars,
        Bar(id="p2-dense-fastest", value=quickest.value, bar=BARS[("dense", "fastest")], note=note),
    ]


def exact(run: Context) -> list[Bar]:
    """Pairs and intervals as PyMEOS has them, and least distances within 0.1 m, in both workloads.

    PyMEOS works in the plane: a picture of the ground that is right to millimetres near its middle, and to a few
    parts in 10 000 at its rims, 150 km off. A meeting that grazes 500 m within that is listed, not hidden.
    """
    from bench.peers import meos

    bars = []
    for kind in ("sparse", "dense"):
        work = run.p2(kind)
        theirs = meos.meetings(work, within_m=work.within_m)()
        mine = ours.encounters_of(run.meeting_checker(kind)(), work.within_m)
        met = overlapping(mine, theirs, ("first", "second"), 1_000)
        taken = {at for group in met for at in group}
        odd = (
            sum(not group for group in met) + len(theirs) - len(taken) + sum(len(group) > 1 for group in met)
        )
        off_s, off_m = 0.0, 0.0
        for row, group in zip(mine, met, strict=True):
            if len(group) == 1:
                other = theirs[group[0]]
                off_s = max(
                    off_s, *(abs(int(row[name]) - int(other[name])) * 1e-6 for name in ("start_us", "end_us"))
                )
                off_m = max(off_m, abs(float(row["least_m"] - other["least_m"])))
        note = f"{len(mine)} of ours, {len(theirs)} of PyMEOS; ends off by up to {off_s:.3f} s, minima by {off_m:.3f} m"
        wrong = odd + (off_m > SAME_M)
        bars.append(
            Bar(id=f"p2-exact-{kind}", value=float(wrong), bar=0, better="less", unit="count", note=note)
        )
    return bars
