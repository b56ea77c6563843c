"""Columns: many movers' fixes as arrays, and findings as a table, for batches too large for one object each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from truceline.errors import GeometryError, UsageError
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef, Track
from truceline.units import Seconds

FIX_COLUMNS = ("mover", "t_us", "lon_deg", "lat_deg", "accuracy_m")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fixes:
    """Fixes of many movers in columns; what was given is not copied.

    Rows may stand in any order. Where those of each mover stand together, in order of time, they are judged as
    they are; else :meth:`in_order` makes sorted copies first.

    Attributes
    ----------
    movers : tuple of Mover
        Whom the numbers in ``mover`` stand for.
    mover : int32, shape (n,)
    t_us : int64, shape (n,)
        Microseconds UTC, each instant once for each mover.
    lon_deg, lat_deg : float64, shape (n,)
        WGS 84; finite, in [-180, 180] and [-90, 90].
    accuracy_m : float64, shape (n,)
        95 % radius in two dimensions; 0 is exact; NaN is not stated.
    altitude_m : float64, shape (n,), or None
        NaN is unknown; ``altitude_datum`` as of :class:`truceline.Track`.
    longest_gap_s : float
        Between two fixes further apart than this nothing is assumed.
    """

    movers: tuple[Mover, ...]
    mover: NDArray[np.int32]
    t_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    altitude_m: NDArray[np.float64] | None = None
    altitude_datum: str = ""
    longest_gap_s: Seconds = 300.0
    source: SourceRef = field(default_factory=SourceRef)
    exercise: bool = False

    def __post_init__(self) -> None:
        counts = {name: len(getattr(self, name)) for name in FIX_COLUMNS}
        if len(set(counts.values())) > 1:
            raise UsageError(
                f"columns of different length: {counts}", hint="give one value of each for each fix"
            )

    def __len__(self) -> int:
        return len(self.t_us)

    def in_order(self) -> Fixes:
        """The same fixes sorted by mover and time.

        Raises
        ------
        GeometryError
            Two fixes of one mover at one instant.
        """
        order = np.lexsort((self.t_us, self.mover))
        sorted_columns: dict[str, NDArray] = {name: getattr(self, name)[order] for name in FIX_COLUMNS}
        same = (np.diff(sorted_columns["mover"]) == 0) & (np.diff(sorted_columns["t_us"]) == 0)
        if same.any():
            at = int(np.flatnonzero(same)[0])
            whose = self.movers[int(sorted_columns["mover"][at])].id
            raise GeometryError(
                f"two fixes of {whose} at one instant, {int(same.sum())} such pairs in all",
                hint="keep one of each; the readers of truceline do, and name the others",
            )
        if self.altitude_m is not None:
            sorted_columns["altitude_m"] = self.altitude_m[order]
        return replace(self, **sorted_columns)  # type: ignore[arg-type]

    def track(self, first: int, after: int) -> Track:
        """Rows ``first`` to ``after`` (not included), all of one mover, as a track."""
        part = slice(first, after)
        altitude_m = np.full(after - first, np.nan) if self.altitude_m is None else self.altitude_m[part]
        return Track(
            mover=self.movers[int(self.mover[first])],
            t_us=self.t_us[part],
            lonlat_deg=np.column_stack([self.lon_deg[part], self.lat_deg[part]]),
            accuracy_m=self.accuracy_m[part],
            altitude_m=altitude_m,
            altitude_datum=self.altitude_datum,
            longest_gap_s=self.longest_gap_s,
            source=self.source,
            exercise=self.exercise,
        )

    def tracks(self) -> Iterator[Track]:
        """One track a mover, in the order of the rows, which must be in order (see :meth:`in_order`)."""
        if len(self):
            cuts = np.flatnonzero(np.diff(self.mover)) + 1
            bounds = [0, *cuts.tolist(), len(self)]
            yield from (self.track(first, after) for first, after in itertools.pairwise(bounds))


def fixes_from(
    table: object, movers: Mapping[Any, Mover] | Sequence[Mover] | None = None, **more: object
) -> Fixes:
    """Fixes from an Arrow table or record batch, a data frame, or a dict of arrays.

    Parameters
    ----------
    table : anything that gives a column by name
        Columns ``mover`` (numbers into ``movers``, or names), ``t_us``, ``lon_deg``, ``lat_deg``, and if known
        ``accuracy_m`` and ``altitude_m``. Columns of the right type are taken as they are, without a copy.
    movers : sequence of Mover, or mapping of name or number to Mover, optional
        Names not in it become movers of whom nothing else is known.
    **more
        Any other field of :class:`Fixes`: ``longest_gap_s``, ``altitude_datum``, ``source``, ``exercise``.

    Returns
    -------
    Fixes

    Raises
    ------
    UsageError
        A column is missing, or its values cannot be what it stands for; a number without a mover.

    Examples
    --------
    >>> import numpy as np
    >>> fixes = fixes_from({"mover": ["a", "a"], "t_us": [0, 10], "lon_deg": [1.0, 1.1], "lat_deg": [0.0, 0.0]})
    >>> len(fixes), fixes.movers[0].id, bool(np.isnan(fixes.accuracy_m).all())
    (2, 'a', True)
    """
    code, named = _mover_column(_column(table, "mover"), movers)
    t_us = _typed(_column(table, "t_us"), np.int64, "t_us")
    lon_deg, lat_deg = (_typed(_column(table, name), np.float64, name) for name in ("lon_deg", "lat_deg"))
    known = _column(table, "accuracy_m", needed=False)
    accuracy_m = np.full(len(t_us), np.nan) if known is None else _typed(known, np.float64, "accuracy_m")
    known = _column(table, "altitude_m", needed=False)
    altitude_m = None if known is None else _typed(known, np.float64, "altitude_m")
    return Fixes(
        movers=named,
        mover=code,
        t_us=t_us,
        lon_deg=lon_deg,
        lat_deg=lat_deg,
        accuracy_m=accuracy_m,
        altitude_m=altitude_m,
        **more,  # type: ignore[arg-type]
    )


def _column(table: object, name: str, *, needed: bool = True) -> object:
    """A column by name, of whatever kind the table is; None where it has none and need not."""
    names = getattr(table, "column_names", None)
    if names is None:
        names = getattr(table, "columns", None)
    if names is None and isinstance(table, Mapping):
        names = table
    if names is None:
        raise UsageError(
            f"a {type(table).__name__} has no columns",
            hint="give an Arrow table, a data frame or a dict of arrays",
        )
    if name not in names:
        if needed:
            raise UsageError(f"there is no column {name!r}", hint=f"columns: {', '.join(FIX_COLUMNS)}")
        return None
    return table[name]  # type: ignore[index]


def _array(values: object) -> NDArray:
    """An array of a column, without a copy where the column is one piece in memory."""
    chunks = getattr(values, "num_chunks", None)
    if chunks == 1:
        values = values.chunk(0)  # type: ignore[attr-defined]
    take = getattr(values, "to_numpy", None)
    if take is None:
        return np.asarray(values)
    return np.asarray(
        take(zero_copy_only=False) if hasattr(values, "null_count") and chunks is not None else take()
    )


def _typed(values: object, dtype: type, name: str) -> NDArray:
    array = _array(values)
    if array.dtype.kind == "M":
        array = array.astype("datetime64[us]").astype(np.int64)
    if array.dtype.kind not in "iuf" or (dtype is np.int64 and array.dtype.kind == "f"):
        raise UsageError(
            f"the column {name!r} holds {array.dtype}",
            hint="whole microseconds for t_us, numbers for the others",
        )
    return np.ascontiguousarray(array, dtype=dtype)


def _numbered(movers: Mapping[Any, Mover] | Sequence[Mover] | None) -> tuple[Mover, ...]:
    """The movers that numbers stand for, from a sequence or from a mapping of every number from 0."""
    if movers is None:
        raise UsageError("the column 'mover' holds numbers", hint="give the movers they stand for, in order")
    if not isinstance(movers, Mapping):
        return tuple(movers)
    if set(movers) != set(range(len(movers))):
        raise UsageError(
            "the column 'mover' holds numbers, and the movers are given by something else",
            hint="give a sequence of movers, or a mapping of 0, 1, 2 ... to them",
        )
    return tuple(movers[number] for number in range(len(movers)))


def _mover_column(
    values: object, movers: Mapping[Any, Mover] | Sequence[Mover] | None
) -> tuple[NDArray[np.int32], tuple[Mover, ...]]:
    array = _array(values)
    if array.dtype.kind in "iu":
        if movers is None or isinstance(movers, Mapping):
            raise UsageError(
                "the column 'mover' holds numbers", hint="give the movers they stand for, in order"
            )
        if len(array) and (int(array.min()) < 0 or int(array.max()) >= len(movers)):
            raise UsageError(
                f"the column 'mover' goes from {int(array.min())} to {int(array.max())}, for {len(movers)} movers",
                hint="numbers count from 0 into the movers given",
            )
        return np.ascontiguousarray(array, dtype=np.int32), tuple(movers)
    names, code = np.unique(array.astype(str), return_inverse=True)
    known = movers if isinstance(movers, Mapping) else {mover.id: mover for mover in movers or ()}
    named = tuple(known.get(name, Mover(id=name)) for name in names.tolist())
    return code.astype(np.int32).ravel(), named


# What the numbers in the columns ``kind``, ``verdict`` and ``because`` of a table of findings stand for.
KINDS = ("incursion", "near-line", "gap", "encounter", "observed", "undetermined")
NUMBERS = (
    "depth_m",
    "depth_low_m",
    "depth_high_m",
    "beyond_s",
    "probability",
    "margin_m",
    "entry_lon_deg",
    "entry_lat_deg",
    "exit_lon_deg",
    "exit_lat_deg",
    "deepest_lon_deg",
    "deepest_lat_deg",
    "distance_m",
    "observed_s",
)
INSTANTS = ("start_us", "end_us", "entry_us", "exit_us", "deepest_us")
# An instant that is not known: the record began or ended there, or nothing of the kind was found.
NO_INSTANT = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindingTable:
    """Findings as columns, one row each, in order of clause, time, mover and kind.

    Attributes
    ----------
    columns : dict of arrays, each of shape (n,)
        ``clause`` and ``mover`` number into ``clauses`` and ``movers`` (``other``: the second mover of an
        encounter, -1 for none), ``kind`` into :data:`KINDS`, ``verdict`` into ``verdicts``, ``because`` into
        ``causes``. Instants are int64 microseconds UTC, :data:`NO_INSTANT` where there is none; the other numbers
        are float64, NaN where they say nothing. ``crossings_count`` is int64.
    not_applied : tuple
        Clauses that did not apply, and why; as in :class:`truceline.CheckResult`.
    """

    columns: dict[str, NDArray]
    clauses: tuple[str, ...]
    movers: tuple[Mover, ...]
    verdicts: tuple[str, ...]
    causes: tuple[str, ...]
    not_applied: tuple[object, ...] = ()
    checked_count: int = 0

    def __len__(self) -> int:
        return len(self.columns["clause"])

    def __getitem__(self, name: str) -> NDArray:
        return self.columns[name]

    def counts(self) -> dict[str, int]:
        """How many rows of each verdict."""
        found = np.bincount(self.columns["verdict"], minlength=len(self.verdicts))
        return dict(zip(self.verdicts, found.tolist(), strict=True))

    def to_arrow(self) -> object:
        """The table as a ``pyarrow.Table``; names as dictionaries, numbers without a copy.

        Raises
        ------
        ImportError
            Where pyarrow is not installed.
        """
        import pyarrow as pa

        names: dict[str, Sequence[str]] = {
            "clause": self.clauses,
            "mover": [mover.id for mover in self.movers],
            "kind": KINDS,
            "verdict": self.verdicts,
            "because": self.causes,
        }
        arrays = {
            name: pa.DictionaryArray.from_arrays(column, list(names[name]))
            if name in names
            else pa.array(column)
            for name, column in self.columns.items()
        }
        return pa.table(arrays)
