"""Workload P1: 200 movers of two parties on both sides of a 300 km line, each with its forbidden side."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.ground import (
    NORTH,
    SOUTH,
    Column5,
    Floats,
    Mover,
    columns_of,
    gps_noise_m,
    line_xy,
    movers_of,
    ridden,
    to_lonlat,
)

START_US = 1_780_272_000_000_000  # 2026-06-01T00:00Z
R95_PER_SIGMA = 2.4477
LEG_S = 1_000.0
# Of a mover at home, the chance that its next corner lies past the line; of one past it, that it goes home.
GOES_PAST, GOES_HOME = 0.059, 0.52


@dataclass(frozen=True, slots=True, kw_only=True)
class Incursions:
    """``line_deg`` runs from west to east: its left is the north."""

    columns: Column5
    movers: list[Mover]
    line_deg: Floats
    zones: tuple[tuple[float, float, float], ...]

    @property
    def forbidden_side(self) -> dict[str, str]:
        return {NORTH: "right", SOUTH: "left"}


def make(fixes_count: int, *, movers_count: int = 200, seed: int = 7) -> Incursions:
    """The workload at a size; the same seed gives the same bytes."""
    random = np.random.default_rng(seed)
    movers = movers_of(movers_count, seed)
    line_x, line_y = line_xy()
    each = fixes_count // movers_count
    t_us = _times_us(movers, each, random)
    x, y = np.empty((each, movers_count)), np.empty((each, movers_count))
    for at, mover in enumerate(movers):
        gone_m = (t_us[:, at] - t_us[0, at]) * 1e-6 * mover.speed_mps
        corners_x, corners_y = _corners(mover, gone_m[-1], line_x, line_y, random)
        x[:, at], y[:, at] = ridden(corners_x, corners_y, gone_m)
    noise = gps_noise_m(movers, each, random)
    accuracy = 4.0 * R95_PER_SIGMA * random.uniform(0.9, 1.1, x.shape)
    return Incursions(
        columns=columns_of(movers, t_us, x + noise[..., 0], y + noise[..., 1], accuracy),
        movers=movers,
        line_deg=np.column_stack(to_lonlat(line_x, line_y)),
        zones=_zones(random, line_x, line_y),
    )


def _times_us(movers: list[Mover], each: int, random: np.random.Generator) -> NDArray[np.int64]:
    """About one fix a step, early or late by up to a tenth of it, from some moment of the first hour."""
    steps_s = np.array([mover.step_s for mover in movers])
    jitter = random.uniform(-0.1, 0.1, (each, len(movers)))
    begin_s = random.uniform(0.0, 3600.0, len(movers))
    return START_US + np.rint((begin_s + (np.arange(each)[:, None] + jitter) * steps_s) * 1e6).astype(
        np.int64
    )


def _corners(
    mover: Mover, way_m: float, line_x: Floats, line_y: Floats, random: np.random.Generator
) -> tuple[Floats, Floats]:
    """Corners of a patrol about a home on the mover's own side, now and then past the line."""
    leg_m = mover.speed_mps * LEG_S
    home_x = random.uniform(0.9 * line_x[0], 0.9 * line_x[-1])
    home_off = leg_m * random.uniform(0.4, 2.5)
    count = 8
    while True:
        along = home_x + random.normal(0.0, 0.7 * leg_m, count)
        chance = random.uniform(size=count)
        past = chance < 0.08
        for k in range(1, count):
            past[k] = chance[k] >= GOES_HOME if past[k - 1] else chance[k] < GOES_PAST
        own_off = np.abs(home_off + random.normal(0.0, 0.35 * leg_m, count))
        off = np.where(past, -leg_m * random.uniform(0.1, 0.6, count), own_off + 0.02 * leg_m)
        side = 1.0 if mover.party == NORTH else -1.0
        y = np.interp(along, line_x, line_y) + side * off
        if np.hypot(np.diff(along), np.diff(y)).sum() > way_m:
            return along, y
        count *= 2


def _zones(
    random: np.random.Generator, line_x: Floats, line_y: Floats
) -> tuple[tuple[float, float, float], ...]:
    """Eighteen circles along the line that nobody may enter: lon, lat, radius in metres. Used by the 20 rules."""
    x = np.linspace(0.85 * line_x[0], 0.85 * line_x[-1], 18)
    y = np.interp(x, line_x, line_y) + random.uniform(-12_000.0, 12_000.0, 18)
    lon, lat = to_lonlat(x, y)
    return tuple(zip(lon.tolist(), lat.tolist(), random.uniform(1_500.0, 4_000.0, 18).tolist(), strict=True))


def write_agreement(work: Incursions, folder: Path, *, rules_count: int = 2) -> Path:
    """The agreement of the workload as a file, its line beside it: a side for each party, or 20 rules."""
    line = {
        "type": "Feature",
        "id": "line",
        "properties": {},
        "geometry": {"type": "LineString", "coordinates": work.line_deg.tolist()},
    }
    lines = {"type": "FeatureCollection", "features": [line]}
    (folder / "lines.geojson").write_text(json.dumps(lines), encoding="utf-8")
    places = ['  line: {line: lines.geojson#line, accuracy: 0 m, source: "made for a measurement"}']
    clauses = ['  "1": {rule: keep-side, line: line, sides: {north: left, south: right}, text: "made up"}']
    for number, (lon, lat, radius_m) in enumerate(work.zones[: rules_count - 2]):
        places.append(
            f"  zone-{number}: {{circle: {{centre: [{lon!r}, {lat!r}], radius: {radius_m:.1f} m}}, "
            'accuracy: 0 m, source: "made for a measurement"}'
        )
        clauses.append(f'  "z{number}": {{rule: keep-out, who: all, where: zone-{number}, text: "made up"}}')
    path = folder / f"agreement-{rules_count}.yaml"
    path.write_text("\n".join([*HEAD, "places:", *places, "clauses:", *clauses, ""]), encoding="utf-8")
    return path


HEAD = (
    "truceline: 1",
    "title: Made for a measurement",
    'text: {source: "made up", status: draft}',
    "signed: 2026-01-01",
    "timezone: {zone: UTC, basis: stated}",
    "exercise: true",
    "parties:",
    "  north: {name: North, armed: true}",
    "  south: {name: South, armed: true}",
)
