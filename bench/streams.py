"""Workload P4: the fixes of P1 as they arrive, in batches of 256, one in five late by up to half a minute."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.ground import Column5

BATCH = 256
LATE_SHARE = 0.2
LATENESS_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Columns in order of arrival, and when each fix arrived."""

    columns: Column5
    arrived_us: np.ndarray

    def batches(self) -> list[Column5]:
        return [
            Column5(**{name: column[at : at + BATCH] for name, column in self.columns.as_dict().items()})
            for at in range(0, len(self.columns), BATCH)
        ]


def make(columns: Column5, seed: int = 9) -> Arrivals:
    """The same fixes in order of arrival: four of five at once, the rest later, within the bound on lateness."""
    random = np.random.default_rng(seed)
    late_s = np.where(
        random.uniform(size=len(columns)) < LATE_SHARE,
        random.uniform(0.0, 0.95 * LATENESS_S, len(columns)),
        0.0,
    )
    arrived = columns.t_us + np.rint(late_s * 1e6).astype(np.int64)
    order = np.argsort(arrived, kind="stable")
    mixed = {name: np.ascontiguousarray(column[order]) for name, column in columns.as_dict().items()}
    return Arrivals(columns=Column5(**mixed), arrived_us=arrived[order])


def to_csv(columns: Column5) -> bytes:
    """The columns as CSV text, with 7 decimals of a degree and 1 of a metre."""
    rows = zip(*(column.tolist() for column in columns.as_dict().values()), strict=True)
    lines = [f"{m},{t},{x:.7f},{y:.7f},{a:.1f}" for m, t, x, y, a in rows]
    return ("mover,t_us,lon_deg,lat_deg,accuracy_m\n" + "\n".join(lines) + "\n").encode("ascii")
