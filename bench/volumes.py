"""Workload P3: a month of notified movements over 300 x 200 km as 10^6 volumes, and routes of 20 legs to check."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.ground import Floats, to_lonlat
from bench.incursions import START_US

HOUR_US = 3_600_000_000
CORNERS = 6
SPAN_M = (300_000.0, 200_000.0)
DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Volumes:
    """``rings_xy`` (n, 6, 2) in metres of the flat picture; times half-open; bands of altitude in metres."""

    rings_xy: Floats
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    low_m: Floats
    high_m: Floats

    def __len__(self) -> int:
        return len(self.start_us)

    def rings_deg(self, rows: slice = slice(None)) -> Floats:
        rings = self.rings_xy[rows]
        return np.stack(to_lonlat(rings[..., 0], rings[..., 1]), axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Twenty legs: 21 corners, the window of each leg, one corridor half-width and one band."""

    corners_xy: Floats
    start_us: NDArray[np.int64]
    end_us: NDArray[np.int64]
    half_width_m: float
    low_m: float
    high_m: float

    @property
    def corners_deg(self) -> Floats:
        return np.stack(to_lonlat(self.corners_xy[:, 0], self.corners_xy[:, 1]), axis=-1)


def make(count: int, seed: int = 3) -> Volumes:
    """Six-cornered areas of 0.3 to 3 km, for 15 min to 2 h each, in bands of 30 to 300 m."""
    random = np.random.default_rng(seed)
    centre = (random.uniform(0.0, 1.0, (count, 2)) - 0.5) * SPAN_M
    radius = random.uniform(300.0, 3_000.0, count)
    angle = np.arange(CORNERS) * 2 * np.pi / CORNERS + random.uniform(0.0, 1.0, (count, 1))
    out = radius[:, None] * random.uniform(0.7, 1.0, (count, CORNERS))
    rings = centre[:, None, :] + np.stack((out * np.cos(angle), out * np.sin(angle)), axis=-1)
    start = START_US + random.integers(0, DAYS * 24 * HOUR_US, count)
    low = random.uniform(0.0, 600.0, count)
    return Volumes(
        rings_xy=rings,
        start_us=start,
        end_us=start + random.integers(HOUR_US // 4, 2 * HOUR_US, count),
        low_m=low,
        high_m=low + random.uniform(30.0, 300.0, count),
    )


def routes(count: int, seed: int = 4) -> list[Route]:
    """Routes of 20 legs of about 4 km, 8 min each, with a corridor of 200 m to either side."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        heading = random.uniform(0.0, 2 * np.pi) + np.cumsum(random.normal(0.0, 0.4, 20))
        steps = random.uniform(3_000.0, 5_000.0, 20)[:, None] * np.column_stack(
            (np.cos(heading), np.sin(heading))
        )
        begin = (random.uniform(0.0, 1.0, 2) - 0.5) * (0.6 * SPAN_M[0], 0.6 * SPAN_M[1])
        first_us = START_US + int(random.integers(0, (DAYS - 1) * 24 * HOUR_US))
        edges = first_us + np.arange(21) * (8 * 60_000_000)
        low = float(random.uniform(0.0, 400.0))
        made.append(
            Route(
                corners_xy=np.vstack([begin, begin + np.cumsum(steps, axis=0)]),
                start_us=edges[:-1],
                end_us=edges[1:] + 2 * 60_000_000,
                half_width_m=200.0,
                low_m=low,
                high_m=low + 120.0,
            )
        )
    return made
