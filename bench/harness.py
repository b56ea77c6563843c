"""Timing: alternating pairs in one run, medians, processor and wall time, and the line that a bar prints."""

from __future__ import annotations

import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

# A call shorter than this is repeated until it has taken so long; its time is then the mean.
SHORTEST_S = 0.2
MOST_REPEATS = 50
SLOW_S = 30.0
Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Seconds of one call: on the wall, and of processor over all threads."""

    wall_s: float
    cpu_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Paired:
    """Times of two sides, taken in turn; ``ratio`` is the median of the pairs' ratios, first over second."""

    first: tuple[Took, ...]
    second: tuple[Took, ...]

    @property
    def ratio(self) -> float:
        pairs = zip(self.first, self.second, strict=True)
        return statistics.median(one.wall_s / other.wall_s for one, other in pairs)

    @property
    def cpu_ratio(self) -> float:
        pairs = zip(self.first, self.second, strict=True)
        return statistics.median(one.cpu_s / max(other.cpu_s, 1e-9) for one, other in pairs)

    def described(self) -> dict[str, float | int]:
        return {
            "pairs": len(self.first),
            "first_wall_s": middle(self.first, "wall_s"),
            "first_cpu_s": middle(self.first, "cpu_s"),
            "second_wall_s": middle(self.second, "wall_s"),
            "second_cpu_s": middle(self.second, "cpu_s"),
            "cpu_ratio": self.cpu_ratio,
        }


def middle(times: tuple[Took, ...], name: str) -> float:
    return statistics.median(getattr(took, name) for took in times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One answer. ``bar`` None: a figure that has no bar. ``better`` says which way the bar is."""

    id: str
    value: float | None
    bar: float | None = None
    better: Literal["more", "less"] = "more"
    unit: str = "times"
    note: str = ""
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        if self.value is None:
            return "skipped"
        if self.bar is None:
            return "shown"
        held = self.value >= self.bar if self.better == "more" else self.value <= self.bar
        return "ok" if held else "short"

    def line(self) -> str:
        sign = ">=" if self.better == "more" else "<="
        value = "-" if self.value is None else f"{self.value:.4g}"
        bar = "-" if self.bar is None else f"{sign}{self.bar:g}"
        return f"BAR {self.id} {value} {bar} {self.state}" + (f"  # {self.note}" if self.note else "")


def skipped(
    name: str, why: str, *, bar: float | None = None, better: Literal["more", "less"] = "more"
) -> Bar:
    """A bar that could not be measured, with the reason: never silence."""
    return Bar(id=name, value=None, bar=bar, better=better, note=why)


def timed(
    call: Callable[[], Any], *, clock: Clock = time.process_time, repeat: bool = True
) -> tuple[Any, Took]:
    """Call once, and again while it is short; the result of the last call and the mean time of one."""
    gc.collect()
    count, wall, cpu = 0, time.perf_counter(), clock()
    while True:
        result = call()
        count += 1
        gone = time.perf_counter() - wall
        if not repeat or gone >= SHORTEST_S or count >= MOST_REPEATS:
            return result, Took(wall_s=gone / count, cpu_s=(clock() - cpu) / count)


def alternate(
    first: Callable[[], Any],
    second: Callable[[], Any],
    *,
    pairs: int = 5,
    clock: Clock = time.process_time,
    budget_s: float = 240.0,
) -> Paired:
    """First, second, first, second ... after one unmeasured call of the second; fewer pairs where the first is slow.

    A first side slower than 30 s is measured in three pairs, or in as many as the budget holds, at least one.
    """
    second()
    one, other = [], []
    begun = time.perf_counter()
    while len(one) < pairs:
        _, took = timed(first, clock=clock)
        one.append(took)
        other.append(timed(second)[1])
        if took.wall_s > SLOW_S:
            pairs = min(pairs, 3)
        spent = time.perf_counter() - begun
        if spent * (len(one) + 1) / len(one) > budget_s:
            break
    return Paired(first=tuple(one), second=tuple(other))


def load_average() -> float:
    return os.getloadavg()[0]


def process_cpu_s(*pids: int) -> Clock:
    """A clock of the processor seconds of other processes and of their ended children, for servers."""
    tick = os.sysconf("SC_CLK_TCK")

    def now() -> float:
        total = 0
        for pid in pids:
            try:
                fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            except OSError:
                continue
            total += sum(int(field) for field in fields[11:15])
        return total / tick + time.process_time()

    return now
