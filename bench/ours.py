"""The public functions of the product, asked as a user asks them: columns in memory to findings in memory."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import truceline
from bench.events import encounters, incursions
from bench.ground import Column5, Mover

# Columns are checked by `check_fixes`; a version without it is measured through its tracks, and says so.
BY_COLUMNS = hasattr(truceline, "check_fixes")
ENTRY = "truceline.check_fixes" if BY_COLUMNS else "truceline.check_tracks, one Track a mover"


def movers_of(movers: list[Mover]) -> dict[int, Any]:
    return {
        mover.number: truceline.Mover(id=mover.id, party=mover.party, mover_class=mover.mover_class)
        for mover in movers
    }


def arrow_table(columns: Column5) -> Any:
    import pyarrow

    return pyarrow.table(columns.as_dict())


def accepted(function: Callable[..., Any], **options: Any) -> dict[str, Any]:
    """Those of the options that this version's function knows and that say something."""
    known = inspect.signature(function).parameters
    return {name: value for name, value in options.items() if name in known and value is not None}


def checker(
    agreement: Path, columns: Column5 | None, movers: list[Mover], *, threads: int | None = None
) -> Callable[..., Any]:
    """A call that checks the columns against the agreement; a table given to it takes their place."""
    loaded = truceline.load_agreement(agreement)
    known = movers_of(movers)
    if not BY_COLUMNS:
        assert columns is not None
        tracks = _tracks(columns, known)
        return lambda: truceline.check_tracks(loaded, tracks)
    table = None if columns is None else arrow_table(columns)
    options = accepted(truceline.check_fixes, threads=threads)

    def run(given: Any = table) -> Any:
        return truceline.check_fixes(loaded, truceline.fixes_from(given, movers=known), **options)

    return run


def _tracks(columns: Column5, known: dict[int, Any]) -> list[Any]:
    starts = columns.starts()
    lonlat = np.column_stack((columns.lon_deg, columns.lat_deg))
    return [
        truceline.Track(
            mover=known[int(columns.mover[begin])],
            t_us=columns.t_us[begin:end],
            lonlat_deg=lonlat[begin:end],
            accuracy_m=columns.accuracy_m[begin:end],
            altitude_m=np.full(end - begin, np.nan),
            exercise=True,
        )
        for begin, end in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    ]


def _number(subject: str) -> int:
    return int(subject.rpartition("-")[2])


def incursions_of(result: Any) -> NDArray:
    """The incursions among the findings, whatever their verdict."""
    found = [finding for finding in result.findings if finding.incursion is not None and finding.kind == "incursion"]
    return incursions(
        np.array([_number(finding.subject) for finding in found], dtype=np.int32),
        np.array([finding.interval.start_us for finding in found], dtype=np.int64),
        np.array([finding.interval.end_us for finding in found], dtype=np.int64),
        np.array([finding.incursion.depth_m for finding in found], dtype=np.float64),
        np.array([finding.incursion.crossings_count for finding in found], dtype=np.int32),
    )


def encounters_of(result: Any) -> NDArray:
    """The encounters among the findings."""
    found = [finding for finding in result.findings if finding.encounter is not None]
    return encounters(
        np.array([_number(finding.subject) for finding in found], dtype=np.int32),
        np.array([_number(finding.encounter.other_mover) for finding in found], dtype=np.int32),
        np.array([finding.interval.start_us for finding in found], dtype=np.int64),
        np.array([finding.interval.end_us for finding in found], dtype=np.int64),
        np.array([finding.encounter.distance_m for finding in found], dtype=np.float64),
    )


def takes_threads() -> bool:
    """Whether this version's check can be told how many threads to use."""
    return BY_COLUMNS and bool(accepted(truceline.check_fixes, threads=2))
