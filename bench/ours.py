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
from truceline.model.columns import KINDS

ENTRY = "truceline.check_fixes"


def movers_of(movers: list[Mover]) -> list[Any]:
    """The movers in the order of their numbers, as the product names them."""
    return [
        truceline.Mover(id=mover.id, party=mover.party, mover_class=mover.mover_class) for mover in movers
    ]


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
    table = None if columns is None else arrow_table(columns)
    options = accepted(truceline.check_fixes, threads=threads)

    def run(given: Any = table) -> Any:
        return truceline.check_fixes(loaded, truceline.fixes_from(given, movers=known), **options)

    return run


def _rows(result: Any, kind: str) -> NDArray:
    """Rows of the table of findings that are of a kind."""
    return np.flatnonzero(result["kind"] == KINDS.index(kind))


def incursions_of(result: Any) -> NDArray:
    """The incursions among the findings, whatever their verdict."""
    rows = _rows(result, "incursion")
    names = ("mover", "start_us", "end_us", "depth_m", "crossings_count")
    return incursions(*(result[name][rows] for name in names))


def encounters_of(result: Any, within_m: float) -> NDArray:
    """The encounters that came within the distance; ours also name those that only their accuracies bring so near."""
    rows = _rows(result, "encounter")
    rows = rows[result["distance_m"][rows] <= within_m]
    names = ("mover", "other", "start_us", "end_us", "distance_m")
    return encounters(*(result[name][rows] for name in names))


def takes_threads() -> bool:
    """Whether this version's check can be told how many threads to use."""
    return bool(accepted(truceline.check_fixes, threads=2))
