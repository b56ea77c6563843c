"""P3: one planned route of 20 legs against 10^6 notified volumes, and how soon a change is seen."""

from __future__ import annotations

import time
from collections.abc import Iterator
from importlib import import_module
from itertools import islice
from typing import Any

import numpy as np

import truceline
from bench import postgres, volumes
from bench.context import Context
from bench.harness import Bar, skipped
from bench.volumes import Route, Volumes

COUNT = 1_000_000
ROUTES = 400
UPDATES = 2_000
TOGETHER = 10
DATUM = 1


def _kernel() -> Any:
    """The index of volumes, or None in a version without it."""
    try:
        return import_module("truceline.kernels.volumes")
    except ModuleNotFoundError:
        return None


def held(kernel: Any, work: Volumes, rows: slice = slice(None)) -> Any:
    """Columns of these volumes, as our index takes them."""
    rings = work.rings_deg(rows)
    count, corners = rings.shape[:2]
    number = np.arange(*rows.indices(len(work)), dtype=np.int64)
    return kernel.VolumeColumns(
        first=np.arange(count + 1, dtype=np.int64) * corners,
        lonlat_deg=rings.reshape(-1, 2),
        is_ring=np.ones(count, dtype=np.uint8),
        half_width_m=np.zeros(count),
        start_us=work.start_us[rows],
        end_us=work.end_us[rows],
        low_m=work.low_m[rows],
        high_m=work.high_m[rows],
        datum=np.full(count, DATUM, dtype=np.int32),
        id=number,
        part=np.zeros(count, dtype=np.int32),
    )


def asked(kernel: Any, route: Route) -> Any:
    """The legs of a route as our index takes them."""
    corners, count = route.corners_deg, len(route.start_us)
    return kernel.VolumeColumns(
        first=np.arange(count + 1, dtype=np.int64) * 2,
        lonlat_deg=np.stack((corners[:-1], corners[1:]), axis=1).reshape(-1, 2),
        is_ring=np.zeros(count, dtype=np.uint8),
        half_width_m=np.full(count, route.half_width_m),
        start_us=route.start_us,
        end_us=route.end_us,
        low_m=np.full(count, route.low_m),
        high_m=np.full(count, route.high_m),
        datum=np.full(count, DATUM, dtype=np.int32),
        id=np.zeros(count, dtype=np.int64),
        part=np.arange(count, dtype=np.int32),
    )


def _each_s(ask: Any, questions: list[Any]) -> np.ndarray:
    took = np.empty(len(questions))
    for at, question in enumerate(questions):
        begun = time.perf_counter()
        ask(question)
        took[at] = time.perf_counter() - begun
    return took


def plans(run: Context) -> list[Bar]:
    """99th percentile of one question; PostGIS and shapely's tree over ours; insert and withdraw to next answer."""
    from bench.peers import indexed

    kernel = _kernel()
    if kernel is None:
        return [
            skipped(name, "this version has no index of volumes")
            for name in ("p3", "p3-postgis", "p3-update")
        ]
    work = volumes.make(max(int(COUNT * run.scale), 1_000))
    routes = volumes.routes(ROUTES)
    index = kernel.VolumeIndex()
    index.insert(held(kernel, work))
    took = np.sort(_each_s(lambda route: index.query(asked(kernel, route)), routes))
    bars = [
        Bar(
            id="p3-index",
            value=float(np.quantile(took, 0.99) * 1e3),
            better="less",
            unit="ms",
            note=f"the index alone, from corners to hits; median {np.median(took) * 1e6:.0f} us of {len(took)} routes",
        )
    ]
    bars += _against_peers(run, kernel, work, routes[:60], index, indexed)
    bars.append(_update(kernel, work, index))
    return [whole(run, work, routes), *bars]


def _movements(work: Volumes) -> Iterator[Any]:
    """The volumes as notified movements of ten volumes each, the way the public function holds them."""
    from truceline.model.plan import AltitudeBand, NotifiedMovement, Volume4D
    from truceline.timebase import Interval

    mover = truceline.Mover(id="other", party="south", mover_class="uav")
    columns = (work.start_us, work.end_us, work.low_m, work.high_m)
    rows = zip(work.rings_deg().tolist(), *(column.tolist() for column in columns), strict=True)
    number = 0
    while volumes_of_one := tuple(
        Volume4D(
            lonlat_deg=tuple(map(tuple, ring)),
            ring=True,
            interval=Interval(start, end),
            altitude=AltitudeBand(low_m=low, high_m=high, datum="msl"),
        )
        for ring, start, end, low, high in islice(rows, TOGETHER)
    ):
        yield NotifiedMovement(id=f"m{number}", mover=mover, volumes=volumes_of_one)
        number += 1


def _plan(number: int, route: Route) -> Any:
    from truceline.model.plan import AltitudeBand, Plan, Waypoint

    edges = [*route.start_us.tolist(), int(route.end_us[-1])]
    places = zip(route.corners_deg.tolist(), edges, strict=True)
    return Plan(
        id=f"plan-{number}",
        mover=truceline.Mover(id=f"plan-{number}", party="north", mover_class="uav"),
        route=tuple(
            Waypoint(lonlat_deg=tuple(place), earliest_us=at, latest_us=at + 120_000_000)
            for place, at in places
        ),
        half_width_m=route.half_width_m,
        altitude=AltitudeBand(low_m=route.low_m, high_m=route.high_m, datum="msl"),
    )


def whole(run: Context, work: Volumes, routes: list[Route]) -> Bar:
    """The public function: one plan against all notified movements and all of 20 rules, to findings."""
    try:
        room = import_module("truceline.rules.plans")
    except ModuleNotFoundError:
        return skipped("p3", "this version checks no plans", bar=1.0, better="less")
    movements, check = room.NotifiedMovements(_movements(work)), room.check_plan
    agreement = truceline.load_agreement(run.agreement(20))
    asked_of = [_plan(number, route) for number, route in enumerate(routes)]
    check(agreement, asked_of[0], movements)
    took = np.sort(_each_s(lambda plan: check(agreement, plan, movements), asked_of))
    note = (
        f"truceline.check_plan with 20 rules; median {np.median(took) * 1e3:.2f} ms of {len(took)} routes "
        f"against {len(movements)} movements of {TOGETHER} volumes"
    )
    value = float(np.quantile(took, 0.99) * 1e3)
    return Bar(id="p3", value=value, bar=1.0, better="less", unit="ms", note=note)


def _against_peers(
    run: Context, kernel: Any, work: Volumes, routes: list[Route], index: Any, indexed: Any
) -> list[Bar]:
    def mine(route: Route) -> set[tuple[int, int]]:
        hits = index.query(asked(kernel, route))
        return set(zip(hits.leg.tolist(), hits.id.tolist(), strict=True))

    bars = [_ratio("p3-strtree", indexed.strtree(work), mine, routes, None)]
    if run.server is None:
        return [*bars, skipped("p3-postgis", postgres.available(), bar=40)]
    with run.server.connect() as connection:
        return [*bars, _ratio("p3-postgis", indexed.postgis(work, connection), mine, routes, 40.0)]


def _ratio(name: str, peer: Any, mine: Any, routes: list[Route], bar: float | None) -> Bar:
    """Each route asked of the one and then of the other; the median of the ratios."""
    differ, total, ratios = 0, 0, []
    for route in routes:
        theirs, own = peer(route), mine(route)
        differ += len(theirs ^ own)
        total += len(own)
        ratios.append(_each_s(peer, [route])[0] / _each_s(mine, [route])[0])
    note = f"{len(routes)} routes, {total} hits, {differ} differ (the peer's plane is off by up to 0.4 %)"
    return Bar(id=name, value=float(np.median(ratios)), bar=bar, note=note)


def _update(kernel: Any, work: Volumes, index: Any) -> Bar:
    """A volume goes in or out, and the next answer knows: the change alone is timed, the answer is checked."""
    count = min(UPDATES, len(work))
    singles = [held(kernel, work, slice(at, at + 1)) for at in range(count)]
    out, back = np.empty(count), np.empty(count)
    for at, single in enumerate(singles):
        begun = time.perf_counter()
        gone = index.withdraw(at)
        middle = time.perf_counter()
        index.insert(single)
        back[at], out[at] = time.perf_counter() - middle, middle - begun
        assert gone == 1
    question = held(kernel, work, slice(0, 1))
    assert 0 in index.query(question).id
    index.withdraw(0)
    assert 0 not in index.query(question).id
    index.insert(singles[0])
    worst = float(max(np.median(out), np.median(back)) * 1e6)
    note = (
        f"medians of {count}: insert {np.median(back) * 1e6:.1f} us, withdraw {np.median(out) * 1e6:.1f} us"
    )
    return Bar(id="p3-update", value=worst, bar=60.0, better="less", unit="us", note=note)
