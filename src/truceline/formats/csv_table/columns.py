"""The fast way through a CSV table: whole blocks of lines become columns at once, by pyarrow.

Only what is plain goes this way: UTF-8, decimal degrees with a point, and times as ISO 8601 text or a count
since 1970. A line that is not plain in any respect (a blank cell, a number out of range, a quote left open, one
cell too many) is handed to the careful reader of rows, which names what is wrong with it or reads it after
all; so both ways give the same fixes. Without pyarrow the careful reader reads every line.
"""

from __future__ import annotations

import importlib.util
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from truceline.formats.csv_table.mapping import EPOCHS_US, TableMapping
from truceline.formats.fixes import DATUMS, FixColumns
from truceline.timebase import US_PER_S
from truceline.units import LENGTH_M, TO_95

# A block that does not parse is halved until what is left is few enough lines to be read one by one.
CAREFUL_LINES_COUNT = 32
LARGE_BYTES = 1 << 20  # from here on pyarrow's threads are worth waking
CLOCK = re.compile(rb"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
QUARTER_HOUR_US = 900 * US_PER_S


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlainBlock:
    """Lines that parsed, as columns of length n; ``odd`` marks those that the careful reader has to see.

    ``codes`` gives for each text column a number a row, and ``words`` what the numbers stand for.
    """

    t_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    codes: dict[str, NDArray[np.int32]]
    words: dict[str, list[str]]
    odd: NDArray[np.bool_]


class ArrowParser:
    """Parses blocks of lines under one header by one mapping."""

    def __init__(self, mapping: TableMapping, header: tuple[str, ...], *, zone: str | None) -> None:
        self.mapping, self.header, self.zone = mapping, header, zone
        texts = (mapping.mover, mapping.name, mapping.party, mapping.mover_class, mapping.purpose)
        self.text_columns = list(dict.fromkeys(part.column for part in texts if part and part.column))
        self._naive_times = zone is not None
        self._convert: Any = None

    @staticmethod
    def serves(mapping: TableMapping, *, encoding: str | None) -> bool:
        """Whether a table of that mapping is plain, and pyarrow is there."""
        time = mapping.time
        return (
            importlib.util.find_spec("pyarrow") is not None
            and mapping.coordinates == "decimal"
            and not mapping.decimal_comma
            and encoding in (None, "utf-8", "ascii")
            and isinstance(time.column, str)
            and (time.time_format is None or time.time_format in EPOCHS_US)
            and mapping.mover.column is not None
        )

    def parse(self, data: bytes, lines_count: int) -> PlainBlock | None:
        """The lines of ``data`` as columns; None where they do not parse as a whole."""
        import pyarrow as pa

        table = self._table(data)
        if table is None and self.zone is not None:
            # A zone is stated, and yet these times may carry their own.
            self._naive_times, self._convert = not self._naive_times, None
            table = self._table(data)
        if table is None or table.num_rows != lines_count:
            return None
        try:
            t_us, timeless, doubtful = self._times(table)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
            return None
        lon, lat = (self._numbers(table, part.column) for part in (self.mapping.lon, self.mapping.lat))
        odd = timeless | self._clockless(data, doubtful)
        odd |= ~((np.abs(lon) <= 180.0) & (np.abs(lat) <= 90.0))
        accuracy_m, altitude_m = self._accuracy_m(table, odd), self._altitude_m(table, odd)
        codes: dict[str, NDArray[np.int32]] = {}
        words: dict[str, list[str]] = {}
        for name in self.text_columns:
            column = table.column(name).combine_chunks()
            codes[name] = column.indices.to_numpy(zero_copy_only=False)
            words[name] = column.dictionary.to_pylist()
            loose = [index for index, word in enumerate(words[name]) if word != word.strip() or not word]
            if loose:
                odd |= np.isin(codes[name], loose)
        return PlainBlock(
            t_us=t_us, lon_deg=lon, lat_deg=lat, accuracy_m=accuracy_m, altitude_m=altitude_m,
            codes=codes, words=words, odd=odd,
        )  # fmt: skip

    def _table(self, data: bytes) -> Any:
        import pyarrow as pa
        from pyarrow import csv

        if self._convert is None:
            self._convert = csv.ConvertOptions(
                column_types=self._types(),
                include_columns=self.mapping.columns(),
                null_values=[""],
                strings_can_be_null=False,
                timestamp_parsers=[csv.ISO8601],
            )
        large = len(data) > LARGE_BYTES
        read = csv.ReadOptions(
            column_names=list(self.header),
            use_threads=large,
            block_size=LARGE_BYTES if large else len(data) + 1,
        )
        given = {
            "read_options": read,
            "parse_options": csv.ParseOptions(delimiter=self.mapping.delimiter, ignore_empty_lines=False),
            "convert_options": self._convert,
        }
        buffer = pa.py_buffer(data)
        try:
            return csv.read_csv(buffer, **given) if large else csv.open_csv(buffer, **given).read_all()
        except (pa.ArrowInvalid, pa.ArrowKeyError, pa.ArrowNotImplementedError):
            return None

    def _types(self) -> dict[str, Any]:
        import pyarrow as pa

        mapping = self.mapping
        types: dict[str, Any] = {name: pa.dictionary(pa.int32(), pa.string()) for name in self.text_columns}
        numbers = [mapping.lon, mapping.lat, mapping.accuracy, mapping.altitude]
        types |= {part.column: pa.float64() for part in numbers if part is not None and part.column}
        written = mapping.time.time_format
        assert isinstance(mapping.time.column, str)
        if written is None:
            types[mapping.time.column] = pa.timestamp("us", tz=None if self._naive_times else "UTC")
        else:
            types[mapping.time.column] = pa.int64()
        return types

    def _clockless(self, data: bytes, doubtful: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Of the rows in doubt those whose time is written without minutes, or cannot be looked up simply."""
        if not np.any(doubtful) or b'"' in data:
            return doubtful
        found = doubtful.copy()
        lines, delimiter = data.split(b"\n"), self.mapping.delimiter.encode()
        place = self.header.index(str(self.mapping.time.column))
        for row in np.flatnonzero(doubtful):
            found[row] = not CLOCK.match(lines[row].split(delimiter)[place].removeprefix(b"\xef\xbb\xbf"))
        return found

    def _times(self, table: Any) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
        """Instants; where there is none, or one out of reach; and where what is written is in doubt."""
        import pyarrow as pa
        import pyarrow.compute as pc

        name = str(self.mapping.time.column)
        column, missing = table.column(name), self._blank(table, name)
        if pa.types.is_timestamp(column.type):
            # pyarrow takes a date, or a date and an hour, for a time: such a time is on a quarter of an hour.
            written = pc.fill_null(column.cast(pa.int64()), 0).to_numpy()
            doubtful = ~missing & (written % QUARTER_HOUR_US == 0)
            if column.type.tz is None:
                column = pc.assume_timezone(column, self.zone, ambiguous="raise", nonexistent="raise")
            return pc.fill_null(column.cast(pa.int64()), 0).to_numpy(), missing, doubtful
        unit_us = EPOCHS_US[str(self.mapping.time.time_format)]
        counts = pc.fill_null(column, 0).to_numpy()
        far = np.abs(counts) > 10**17 // unit_us  # the year 5138; what is later has to be looked at
        return np.where(far, 0, counts) * unit_us, missing | far, np.zeros(len(far), dtype=bool)

    @staticmethod
    def _numbers(table: Any, name: str) -> NDArray[np.float64]:
        column = table.column(name)
        values: NDArray[np.float64] = column.to_numpy()
        return values

    @staticmethod
    def _blank(table: Any, name: str) -> NDArray[np.bool_]:
        column = table.column(name)
        return np.asarray(column.is_null()) if column.null_count else np.zeros(len(column), dtype=bool)

    def _accuracy_m(self, table: Any, odd: NDArray[np.bool_]) -> NDArray[np.float64]:
        part = self.mapping.accuracy
        if part is None or part.column is None or part.unit is None:
            return np.full(len(odd), math.nan)
        seen = self._numbers(table, part.column)
        odd |= ~((seen > 0.0) & (seen < math.inf)) & ~self._blank(table, part.column)
        return seen * (LENGTH_M[part.unit] * TO_95[part.convention])

    def _altitude_m(self, table: Any, odd: NDArray[np.bool_]) -> NDArray[np.float64]:
        part = self.mapping.altitude
        if part is None:
            return np.full(len(odd), math.nan)
        seen = self._numbers(table, part.column)
        odd |= ~np.isfinite(seen) & ~self._blank(table, part.column)
        return seen * LENGTH_M[part.unit]

    def fixes(
        self, block: PlainBlock, rows: NDArray[np.intp], mover: NDArray[np.int32], line: int
    ) -> FixColumns:
        """The fixes of ``rows`` of a block that begins on ``line``; ``mover`` numbers the mover of each row."""
        altitude_m = block.altitude_m[rows]
        datum = DATUMS.index(self.mapping.altitude.datum) if self.mapping.altitude else 0
        return FixColumns(
            mover=mover[rows],
            t_us=block.t_us[rows],
            lon_deg=block.lon_deg[rows],
            lat_deg=block.lat_deg[rows],
            accuracy_m=block.accuracy_m[rows],
            altitude_m=altitude_m,
            datum=np.where(np.isnan(altitude_m), 0, datum).astype(np.int8),
            line=rows.astype(np.int64) + line,
            segment=np.zeros(len(rows), dtype=np.int32),
        )
