"""The ground of the workloads: a hand-drawn looking line, who moves on it, and the agreement about it.

A flat picture in metres is laid on the earth round 38 E 35 N by one fixed scale a degree. What the picture is called
in metres is only used to draw it: every result is computed from the longitudes and latitudes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CENTRE_DEG = (38.0, 35.0)
M_PER_DEGREE = (91_290.0, 110_940.0)
NORTH, SOUTH = "north", "south"
PARTIES = (NORTH, SOUTH)
# Name, share of the movers, slowest and fastest cruise in m/s, seconds between fixes, the product's class.
KINDS = (
    ("foot", 0.4, (1.0, 1.6), (5.0, 10.0), "foot"),
    ("vehicle", 0.4, (5.0, 15.0), (2.0, 8.0), "vehicle"),
    ("drone", 0.2, (12.0, 28.0), (1.0, 3.0), "uav"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column5:
    """The five columns of a workload, rows grouped by mover and in order of time within each."""

    mover: NDArray[np.int32]
    t_us: NDArray[np.int64]
    lon_deg: Floats
    lat_deg: Floats
    accuracy_m: Floats

    def __len__(self) -> int:
        return len(self.mover)

    def as_dict(self) -> dict[str, NDArray]:
        return {
            "mover": self.mover,
            "t_us": self.t_us,
            "lon_deg": self.lon_deg,
            "lat_deg": self.lat_deg,
            "accuracy_m": self.accuracy_m,
        }

    def starts(self) -> NDArray[np.int64]:
        """The row at which each mover begins, and the number of rows."""
        edges = np.flatnonzero(np.diff(self.mover)) + 1
        return np.concatenate(([0], edges, [len(self)]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """One mover of a workload; ``number`` is what stands in the column."""

    number: int
    party: str
    kind: str
    mover_class: str
    speed_mps: float
    step_s: float

    @property
    def id(self) -> str:
        return f"mover-{self.number}"


def to_lonlat(x_m: Floats, y_m: Floats) -> tuple[Floats, Floats]:
    return CENTRE_DEG[0] + x_m / M_PER_DEGREE[0], CENTRE_DEG[1] + y_m / M_PER_DEGREE[1]


def line_xy(vertices_count: int = 2_000, length_m: float = 300_000.0, seed: int = 1) -> tuple[Floats, Floats]:
    """A line from west to east that looks drawn by hand: long bends, small ones, and the shake of a hand."""
    random = np.random.default_rng(seed)
    across = np.sort(random.uniform(0.0, 1.0, vertices_count - 2))
    share = np.concatenate(([0.0], (across + np.linspace(0, 1, vertices_count)[1:-1]) / 2, [1.0]))
    bend = np.zeros(vertices_count)
    for waves in (1.3, 2.9, 6.1, 13.7, 31.0, 67.0):
        bend += np.sin(2 * np.pi * (waves * share + random.uniform())) / waves**1.25
    shake = np.convolve(random.normal(0.0, 1.0, vertices_count + 8), np.ones(9) / 9, mode="valid")
    x, y = share - 0.5, bend * 0.03 + shake * 6e-5
    scale = length_m / np.hypot(np.diff(x), np.diff(y)).sum()
    return x * scale, y * scale


def movers_of(count: int, seed: int) -> list[Mover]:
    """Alternately of the north and of the south; kinds in their shares, mixed."""
    random = np.random.default_rng(seed)
    kinds = random.permutation(np.repeat(np.arange(3), [round(kind[1] * count) for kind in KINDS]))
    movers = []
    for number, which in enumerate(np.resize(kinds, count)):
        name, _, speeds, steps, mover_class = KINDS[which]
        movers.append(
            Mover(
                number=number,
                party=PARTIES[number % 2],
                kind=name,
                mover_class=mover_class,
                speed_mps=random.uniform(*speeds),
                step_s=round(random.uniform(*steps), 1),
            )
        )
    return movers


def gps_noise_m(
    movers: list[Mover],
    fixes_count: int,
    random: np.random.Generator,
    *,
    sigma_m: float = 4.0,
    tau_s: float = 60.0,
) -> Floats:
    """Correlated error of each mover's fixes, shape (fixes, movers, 2): first-order autocorrelation over 60 s."""
    keep = np.exp(-np.array([mover.step_s for mover in movers]) / tau_s)[:, None]
    fresh = sigma_m * np.sqrt(1.0 - keep**2)
    noise = np.empty((fixes_count, len(movers), 2))
    noise[0] = random.normal(0.0, sigma_m, noise.shape[1:])
    for row in range(1, fixes_count):
        noise[row] = keep * noise[row - 1] + fresh * random.standard_normal(noise.shape[1:])
    return noise


def ridden(corners_x: Floats, corners_y: Floats, gone_m: Floats) -> tuple[Floats, Floats]:
    """Where one is after so many metres along a chain of straight legs."""
    along = np.concatenate(([0.0], np.cumsum(np.hypot(np.diff(corners_x), np.diff(corners_y)))))
    return np.interp(gone_m, along, corners_x), np.interp(gone_m, along, corners_y)


def columns_of(
    movers: list[Mover], t_us: NDArray[np.int64], x_m: Floats, y_m: Floats, accuracy_m: Floats
) -> Column5:
    """Columns from arrays of shape (fixes, movers)."""
    lon, lat = to_lonlat(x_m, y_m)
    numbers = np.array([mover.number for mover in movers], dtype=np.int32)
    return Column5(
        mover=np.repeat(numbers, len(t_us)),
        t_us=np.ascontiguousarray(t_us.T).ravel(),
        lon_deg=np.ascontiguousarray(lon.T).ravel(),
        lat_deg=np.ascontiguousarray(lat.T).ravel(),
        accuracy_m=np.ascontiguousarray(accuracy_m.T).ravel(),
    )
