"""Workload P2: who of one party comes within 500 m of whom of the other, sparse along the line and dense in a town."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench import incursions
from bench.ground import (
    PARTIES,
    Column5,
    Floats,
    Mover,
    columns_of,
    gps_noise_m,
    movers_of,
    ridden,
)

WITHIN_M = 500.0
SQUARE_M = 40_000.0


@dataclass(frozen=True, kw_only=True)
class Meetings:
    """Columns and movers; for planar peers, projected metres of each row and the party of each row."""

    columns: Column5
    movers: list[Mover]
    within_m: float = WITHIN_M

    @cached_property
    def party(self) -> NDArray:
        of = np.array([PARTIES.index(mover.party) for mover in self.movers], dtype=np.int8)
        return of[self.columns.mover]

    @cached_property
    def projected(self) -> tuple[Floats, Floats]:
        """An azimuthal equidistant picture round the middle: lengths near it right to millimetres in 500 m."""
        import pyproj

        middle = f"+lon_0={np.median(self.columns.lon_deg)} +lat_0={np.median(self.columns.lat_deg)}"
        make = pyproj.Transformer.from_crs("EPSG:4326", f"+proj=aeqd {middle} +datum=WGS84", always_xy=True)
        x_m, y_m = make.transform(self.columns.lon_deg, self.columns.lat_deg)
        return np.asarray(x_m), np.asarray(y_m)

    @property
    def x_m(self) -> Floats:
        return self.projected[0]

    @property
    def y_m(self) -> Floats:
        return self.projected[1]


def sparse(fixes_count: int = 1_000_000) -> Meetings:
    """The movers of P1: on both sides of a long line, seldom near each other."""
    work = incursions.make(fixes_count)
    return Meetings(columns=work.columns, movers=work.movers)


def dense(fixes_count: int = 1_000_000, *, movers_count: int = 2_000, seed: int = 11) -> Meetings:
    """Movers of both parties at random in a square of 40 km, with fixes more often than along the line."""
    random = np.random.default_rng(seed)
    movers = movers_of(movers_count, seed)
    each = fixes_count // movers_count
    jitter = random.uniform(-0.1, 0.1, (each, movers_count))
    steps_s = np.maximum(0.4 * np.array([mover.step_s for mover in movers]), 1.0)
    begin_s = random.uniform(0.0, 600.0, movers_count)
    t_us = incursions.START_US + np.rint(
        (begin_s + (np.arange(each)[:, None] + jitter) * steps_s) * 1e6
    ).astype(np.int64)
    x, y = np.empty(t_us.shape), np.empty(t_us.shape)
    for at, mover in enumerate(movers):
        gone_m = (t_us[:, at] - t_us[0, at]) * 1e-6 * mover.speed_mps
        leg_m = mover.speed_mps * 600.0
        count = int(gone_m[-1] / (0.4 * leg_m)) + 8
        steps = random.normal(0.0, 0.7 * leg_m, (count, 2))
        corners = random.uniform(0.0, SQUARE_M, 2) + np.cumsum(steps, axis=0)
        # Folded back at the rim of the square, like a ball from a wall.
        folded = np.abs((corners + SQUARE_M) % (2 * SQUARE_M) - SQUARE_M) - SQUARE_M / 2
        while np.hypot(*np.diff(folded, axis=0).T).sum() <= gone_m[-1]:
            folded = np.vstack((folded, folded[::-1] + random.normal(0.0, 1.0, folded.shape)))
        x[:, at], y[:, at] = ridden(folded[:, 0], folded[:, 1], gone_m)
    noise = gps_noise_m(movers, each, random)
    accuracy = np.full(t_us.shape, 4.0 * incursions.R95_PER_SIGMA)
    columns = columns_of(movers, t_us, x + noise[..., 0], y + noise[..., 1], accuracy)
    return Meetings(columns=columns, movers=movers)


def write_agreement(work: Meetings, folder: Path) -> Path:
    """One clause: the two parties stay 500 m apart."""
    path = folder / "separation.yaml"
    path.write_text(
        "\n".join(
            [
                *incursions.HEAD,
                "places: {}",
                "clauses:",
                '  "1":',
                "    rule: separate",
                "    between: [{parties: [north]}, {parties: [south]}]",
                f"    distance: {work.within_m:g} m",
                '    text: "made up"',
                "",
            ]
        ),
        encoding="utf-8",
    )
    return path
