"""P4: fixes as they arrive, out of order, in small batches: how fast, and how soon an alert is out."""

from __future__ import annotations

import io
import time
from importlib import import_module
from typing import Any

import numpy as np

from bench import streams
from bench.context import Context
from bench.ground import NORTH, SOUTH, Column5
from bench.harness import Bar, alternate, skipped
from bench.incursions import Incursions

RATE_PER_S = 100_000
REPLAY_S = 4.0
CEILING_MPS = 350.0


def _kernel() -> Any:
    """The stream of fixes, or None in a version without it."""
    try:
        return import_module("truceline.kernels.stream")
    except ModuleNotFoundError:
        return None


def opened(kernel: Any, work: Incursions) -> Any:
    """A stream that watches each mover under the rule of its party."""
    from truceline.kernels import Region

    stream = kernel.FixStream(lateness_s=streams.LATENESS_S)
    always = [(int(work.columns.t_us.min()) - 1, int(work.columns.t_us.max()) + 1)]
    sides = {party: Region.side(work.line_deg, work.forbidden_side[party]) for party in (NORTH, SOUTH)}
    rule_of = {party: stream.add_rule(region, in_force=always) for party, region in sides.items()}
    for mover in work.movers:
        stream.bind(mover.number, longest_gap_s=300.0, ceiling_mps=CEILING_MPS, rules=[rule_of[mover.party]])
    return stream


def _add(stream: Any, batch: Column5) -> None:
    stream.add(batch.mover, batch.t_us, batch.lon_deg, batch.lat_deg, batch.accuracy_m)


def through(run: Context) -> list[Bar]:
    """The reading pass over taking all fixes of 10^6 in batches of 256, one in five late, and all alerts out."""
    kernel = _kernel()
    if kernel is None:
        return [skipped("p4-stream", "this version has no stream", bar=0.08)]
    work = run.p1("middle")
    batches = streams.make(work.columns).batches()
    name, read = run.reading_pass("middle")

    def watch() -> tuple[Any, int]:
        stream = opened(kernel, work)
        changes = 0
        for batch in batches:
            _add(stream, batch)
            if stream.any_events:
                changes += len(stream.take_events())
        stream.finish()
        return stream, changes + len(stream.take_events())

    stream, changes = watch()
    pair = alternate(lambda: read(work.columns), watch, pairs=run.pairs)
    ns = pair.described()["second_wall_s"] / len(work.columns) * 1e9
    counts = stream.counts
    note = (
        f"{ns:.0f} ns a fix; {counts.accepted} taken, {counts.late} late, {changes} changes of alerts; "
        f"reading pass in {name}; opening the stream is part of it"
    )
    return [Bar(id="p4-stream", value=pair.ratio, bar=0.08, note=note, detail=pair.described())]


def decoded(run: Context) -> list[Bar]:
    """CSV bytes to alerts, through Arrow's reader and the stream, over polars reading the same bytes."""
    kernel = _kernel()
    if kernel is None:
        return [skipped("p4-decode", "this version has no stream", bar=1.5, better="less")]
    import polars
    import pyarrow
    from pyarrow import csv

    work = run.p1("middle")
    text = streams.to_csv(streams.make(work.columns).columns)
    types = {"mover": pyarrow.int32(), "t_us": pyarrow.int64()}
    options = csv.ConvertOptions(column_types=types)

    def watch() -> int:
        stream = opened(kernel, work)
        table = csv.read_csv(io.BytesIO(text), convert_options=options)
        for batch in table.to_batches():
            stream.add(*(column.to_numpy() for column in batch.columns))
        stream.finish()
        return len(stream.take_events())

    pair = alternate(watch, lambda: polars.read_csv(text), pairs=run.pairs)
    note = f"{len(text) / 2**20:.0f} MiB of text read by Arrow, then the stream; both sides may use two cores"
    return [Bar(id="p4-decode", value=pair.ratio, bar=1.5, better="less", note=note, detail=pair.described())]


def delay(run: Context) -> list[Bar]:
    """At 10^5 fixes a second on the clock: from when a batch is due until its alerts are out, 99th percentile."""
    kernel = _kernel()
    if kernel is None:
        return [skipped("p4-delay", "this version has no stream", bar=100.0, better="less")]
    work = run.p1("middle")
    stream = opened(kernel, work)
    step_s = streams.BATCH / RATE_PER_S
    batches = streams.make(work.columns).batches()[: int(REPLAY_S / step_s)]
    late_s, changes = np.empty(len(batches)), 0
    begun = time.perf_counter()
    for number, batch in enumerate(batches):
        due = begun + number * step_s
        while (now := time.perf_counter()) < due:
            time.sleep(max(due - now - 2e-4, 0.0))
        _add(stream, batch)
        changes += len(stream.take_events())
        late_s[number] = time.perf_counter() - due
    note = f"median {np.median(late_s) * 1e3:.2f} ms of {len(batches)} batches; {changes} changes of alerts"
    value = float(np.quantile(late_s, 0.99) * 1e3)
    return [Bar(id="p4-delay", value=value, bar=100.0, better="less", unit="ms", note=note)]
