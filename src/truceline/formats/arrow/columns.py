"""One record batch after another becomes fixes, each row that cannot be one with its outcome."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from truceline.errors import UsageError
from truceline.formats.fixes import DATUMS, FixColumns, FixLog
from truceline.formats.options import TrackOptions, check_class
from truceline.formats.values import Fault, check_position, need_zone
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef


class BatchReader:
    """Takes one record batch after another into a log."""

    def __init__(self, source: SourceRef, options: TrackOptions, altitude_datum: str | None) -> None:
        if altitude_datum is not None and altitude_datum not in DATUMS[1:]:
            raise UsageError(
                f"no datum is named {altitude_datum!r}", hint=f"one of {', '.join(DATUMS[1:])}", code="datum"
            )
        self.options = options
        self.log = FixLog(source)
        self.movers: dict[str, Mover] = {}
        self._datum = DATUMS.index(altitude_datum or "")
        self._row = 1

    def batch(self, batch: Any) -> None:
        """Take in one record batch."""
        n = batch.num_rows
        lon, lat = self._numbers(batch, "lon_deg"), self._numbers(batch, "lat_deg")
        t_us, timeless = self._times(batch)
        codes, words = self._words(batch, "mover")
        numbers = np.array([-1, *(-1 if not word.strip() else 0 for word in words)], dtype=np.int32)
        good = (np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0) & ~timeless & (numbers[codes + 1] >= 0)
        self._drop_bad(batch, good, lon, lat, timeless, numbers[codes + 1] < 0)
        rows = np.flatnonzero(good) if not np.all(good) else np.arange(n)
        self._know(batch, codes, words, rows, numbers)
        fixes = FixColumns(
            mover=numbers[codes + 1],
            t_us=t_us,
            lon_deg=lon,
            lat_deg=lat,
            accuracy_m=self._measure(batch, "accuracy_m", "bad-accuracy", 0.0, good),
            altitude_m=self._measure(batch, "altitude_m", "bad-altitude", -math.inf, good),
            datum=self._datums(batch, good),
            line=np.arange(self._row, self._row + n, dtype=np.int64),
            segment=np.zeros(n, dtype=np.int32),
        )
        self.log.read_count += n
        self.log.add_block(fixes if len(rows) == n else fixes.rows(rows))
        self._row += n

    @staticmethod
    def _numbers(batch: Any, name: str) -> NDArray[np.float64]:
        values: NDArray[np.float64] = batch.column(name).to_numpy(zero_copy_only=False)
        return values.astype(np.float64, copy=False)

    def _words(self, batch: Any, name: str) -> tuple[NDArray[np.int32], list[str]]:
        """For each row a number (-1 where there is nothing), and what the numbers stand for."""
        import pyarrow as pa
        import pyarrow.compute as pc

        column = batch.column(name)
        if not pa.types.is_dictionary(column.type):
            column = column.dictionary_encode()
        codes = column.indices
        if codes.null_count:
            codes = pc.fill_null(codes, -1)
        words = [word or "" for word in column.dictionary.to_pylist()]
        return codes.to_numpy(zero_copy_only=False).astype(np.int32, copy=False), words

    def _times(self, batch: Any) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        import pyarrow as pa
        import pyarrow.compute as pc

        column = batch.column("t" if "t" in batch.schema.names else "t_us")
        missing = np.asarray(column.is_null()) if column.null_count else np.zeros(len(column), dtype=bool)
        if pa.types.is_timestamp(column.type):
            if column.type.tz is None:
                zone = need_zone(self.options.zone, what=self.log.source.name)
                column = pc.assume_timezone(column, zone, ambiguous="raise", nonexistent="raise")
            column = column.cast(pa.timestamp("us", tz="UTC"), safe=False)
        if missing.any():
            column = pc.fill_null(column.cast(pa.int64()), 0)
        return column.cast(pa.int64()).to_numpy(zero_copy_only=False), missing

    def _drop_bad(
        self,
        batch: Any,
        good: NDArray[np.bool_],
        lon: NDArray[np.float64],
        lat: NDArray[np.float64],
        timeless: NDArray[np.bool_],
        nameless: NDArray[np.bool_],
    ) -> None:
        if np.all(good):
            return
        for row in np.flatnonzero(~good):
            at = self._row + int(row)
            if nameless[row]:
                self.log.drop("no-mover", at, "the mover is blank")
            elif timeless[row]:
                self.log.drop("no-time", at, "the time is missing")
            else:
                place = [
                    None if not batch.column(name)[int(row)].is_valid else float(values[row])
                    for name, values in (("lon_deg", lon), ("lat_deg", lat))
                ]
                fault = check_position(*place)
                assert isinstance(fault, Fault)
                self.log.drop(fault.code, at, fault.seen, fault.outcome)

    def _measure(
        self, batch: Any, name: str, code: str, least: float, good: NDArray[np.bool_]
    ) -> NDArray[np.float64]:
        """A column of lengths; NaN where it is missing, and, with a remark, where it cannot be meant."""
        if name not in batch.schema.names:
            return np.full(batch.num_rows, math.nan)
        values = self._numbers(batch, name)
        odd = ~np.isnan(values) & ~((values >= least) & np.isfinite(values))
        if not np.any(odd):
            return values
        for row in np.flatnonzero(odd & good):
            at, seen = self._row + int(row), f"{name} {float(values[row])!r}"
            self.log.drop(code, at, seen, "the fix is kept, with this as not stated", kept=True)
        return np.where(odd, math.nan, values)

    def _datums(self, batch: Any, good: NDArray[np.bool_]) -> NDArray[np.int8]:
        if "altitude_datum" not in batch.schema.names:
            return np.full(batch.num_rows, self._datum, dtype=np.int8)
        codes, words = self._words(batch, "altitude_datum")
        known = np.array([0, *(DATUMS.index(word) if word in DATUMS else 0 for word in words)], dtype=np.int8)
        for code, word in enumerate(words):
            rows = np.flatnonzero((codes == code) & good)
            if word not in DATUMS and len(rows):
                seen = f"altitude_datum {word!r} in {len(rows)} rows, first here"
                self.log.drop(
                    "unknown-datum", self._row + int(rows[0]), seen, "their heights keep no datum", kept=True
                )
        return known[codes + 1]

    def _know(
        self,
        batch: Any,
        codes: NDArray[np.int32],
        words: list[str],
        rows: NDArray[np.intp],
        numbers: NDArray[np.int32],
    ) -> None:
        """Number the movers in the order in which they appear; who each is, is said by its first row."""
        first = np.full(len(words), -1)
        first[codes[rows][::-1]] = rows[::-1]
        for code in np.argsort(first, kind="stable"):
            row = int(first[code])
            if row < 0:
                continue
            id = words[code].strip()
            if id not in self.movers:
                self.movers[id] = self._mover(batch, id, row)
            numbers[code + 1] = self.log.index_of(id)

    def _mover(self, batch: Any, id: str, row: int) -> Mover:
        said: dict[str, str | None] = {}
        for name in ("party", "class", "name"):
            text = batch.column(name)[row].as_py() if name in batch.schema.names else None
            said[name] = text.strip() or None if text else None
        if said["class"] is not None:
            try:
                check_class(said["class"])
            except UsageError as error:
                outcome = f"{error.message}: kept as not known"
                self.log.drop("unknown-class", self._row + row, said["class"], outcome, kept=True)
                said["class"] = None
        return self.options.mover(id, party=said["party"], mover_class=said["class"], name=said["name"])
