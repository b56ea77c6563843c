"""P1 and P2 in MEOS through PyMEOS: temporal points with linear interpolation, exact in the plane between fixes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from bench.events import crossings_of, encounters, incursions
from bench.ground import Column5
from bench.peers.scene import Scene


def _start() -> Any:
    import pymeos

    pymeos.pymeos_initialize()
    return pymeos


def sequences(columns: Column5, x: NDArray, y: NDArray, srid: int) -> dict[int, Any]:
    """A sequence of each mover. Untimed: MEOS keeps its own form of a track, as we keep columns."""
    pymeos = _start()
    starts = columns.starts()
    made = {}
    for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True):
        stamps = (columns.t_us[begin:end]).astype("datetime64[us]").astype(str)
        text = ", ".join(
            f"Point({a!r} {b!r})@{when}+00"
            for a, b, when in zip(x[begin:end].tolist(), y[begin:end].tolist(), stamps.tolist(), strict=True)
        )
        made[int(columns.mover[begin])] = pymeos.TGeomPointSeq(string=f"SRID={srid};[{text}]")
    return made


def _us(when: Any) -> int:
    return round(when.timestamp() * 1e6)


def at_area(scene: Scene) -> Callable[[], NDArray]:
    """Each track restricted to its forbidden area. No distance from a moving point to a line: no depth."""
    columns = scene.columns
    moving = sequences(columns, columns.lon_deg, columns.lat_deg, 4326)
    party_of = {mover.number: mover.party for mover in scene.work.movers}
    areas = {party: shapely.set_srid(area, 4326) for party, area in scene.forbidden.items()}

    def run() -> NDArray:
        rows = []
        for number, track in moving.items():
            past = track.at(areas[party_of[number]])
            if past is None:
                continue
            rows += [(number, _us(span.lower()), _us(span.upper())) for span in past.time().spans()]
        mover, start_us, end_us = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        closed = crossings_of(columns, mover, start_us, end_us)
        return incursions(mover, start_us, end_us, np.full(len(mover), np.nan), closed)

    return run


def meetings(work: Any, *, within_m: float) -> Callable[[], NDArray]:
    """For all opposing pairs whose boxes come near: when they are within the distance, and how near they come."""
    moving = sequences(work.columns, work.x_m, work.y_m, 32637)
    parties = {int(mover): int(party) for mover, party in zip(work.columns.mover, work.party, strict=True)}
    ours = [number for number in moving if parties[number] == 0]
    other = [number for number in moving if parties[number] == 1]

    def run() -> NDArray:
        boxes = {number: track.bounding_box() for number, track in moving.items()}
        wide = {number: boxes[number].expand(within_m) for number in ours}
        rows = []
        for one in ours:
            for two in other:
                if not wide[one].overlaps(boxes[two]):
                    continue
                rows += _near(one, two, moving[one], moving[two], within_m)
        first, second, start_us, end_us, least_m = np.array(rows, dtype=np.float64).reshape(-1, 5).T
        return encounters(first, second, start_us, end_us, least_m)

    return run


def _near(one: int, two: int, first: Any, second: Any, within_m: float) -> list[tuple]:
    near = first.within_distance(second, within_m)
    times = near.when_true() if near is not None else None
    if times is None:
        return []
    apart = first.distance(second)
    return [
        (one, two, _us(span.lower()), _us(span.upper()), apart.at(span).min_value()) for span in times.spans()
    ]
