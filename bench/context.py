"""What the bars of one run share: workloads made once, a folder, a PostGIS that starts when it is first asked for."""

from __future__ import annotations

import contextlib
import tempfile
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from bench import incursions, meetings, ours, postgres, reading
from bench.ground import Column5
from bench.incursions import Incursions
from bench.meetings import Meetings

SIZES = {"small": 100_000, "middle": 1_000_000, "large": 10_000_000}


class Context(contextlib.ExitStack):
    """One run. ``scale`` shrinks every workload, for trying the bench itself; ``pairs`` is how many are taken."""

    def __init__(self, *, scale: float = 1.0, pairs: int = 5) -> None:
        super().__init__()
        self.scale, self.pairs = scale, pairs
        self.folder = Path(self.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))

    def size(self, name: str) -> int:
        return max(int(SIZES[name] * self.scale), 2_000)

    @cache  # noqa: B019  one context a run
    def p1(self, name: str) -> Incursions:
        return incursions.make(self.size(name))

    @cache  # noqa: B019
    def p2(self, name: str) -> Meetings:
        count = self.size("middle")
        if name == "sparse":
            return meetings.sparse(count)
        return meetings.dense(count, movers_count=max(int(2_000 * self.scale), 20))

    @cache  # noqa: B019
    def agreement(self, rules_count: int = 2) -> Path:
        return incursions.write_agreement(self.p1("small"), self.folder, rules_count=rules_count)

    @cache  # noqa: B019
    def checker(self, name: str, *, rules_count: int = 2, threads: int | None = 1) -> Any:
        """Our check of workload P1 at a size, on one core unless more are asked for."""
        work = self.p1(name)
        return ours.checker(self.agreement(rules_count), work.columns, work.movers, threads=threads)

    @cache  # noqa: B019
    def meeting_checker(self, name: str) -> Any:
        work = self.p2(name)
        return ours.checker(meetings.write_agreement(work, self.folder), work.columns, work.movers, threads=1)

    @cache  # noqa: B019
    def reading_pass(self, name: str) -> tuple[str, Any]:
        return reading.fastest(self.p1(name).columns)

    @cached_property
    def server(self) -> postgres.Server | None:
        """PostGIS, or None where this machine has none (``postgres.available`` says why)."""
        if postgres.available():
            return None
        return self.enter_context(postgres.running())

    def parquet(self, name: str) -> Path:
        """The file form of workload P1."""
        import pyarrow.parquet

        path = self.folder / f"p1-{name}.parquet"
        if not path.exists():
            pyarrow.parquet.write_table(ours.arrow_table(self.p1(name).columns), path)
        return path

    def arrays(self, name: str) -> Path:
        """The five columns as plain arrays on disk, for processes that are measured from outside."""
        folder = self.folder / f"p1-{name}"
        if not folder.exists():
            folder.mkdir()
            for column, values in self.p1(name).columns.as_dict().items():
                np.save(folder / column, values)
        return folder


def columns_from(folder: Path) -> Column5:
    return Column5(**{path.stem: np.load(path) for path in sorted(folder.glob("*.npy"))})
