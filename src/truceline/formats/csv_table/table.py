"""A CSV file or feed, opened with its mapping."""

from __future__ import annotations

import csv
from pathlib import Path

from truceline.errors import UsageError
from truceline.formats.csv_table.blocks import BlockReader, TableFeed
from truceline.formats.csv_table.columns import ArrowParser
from truceline.formats.csv_table.mapping import TableMapping
from truceline.formats.csv_table.reader import RowReader, joined_options
from truceline.formats.guard import Source, load_document, need_columns, read_table
from truceline.formats.options import TrackOptions
from truceline.model.evidence import Records
from truceline.model.movement import SourceRef

# Below this a file is read sooner row by row than pyarrow is loaded.
FAST_FROM_BYTES = 2 * 1024 * 1024
PIECE_BYTES = 16 * 1024 * 1024


def read(
    source: Source,
    options: TrackOptions,
    *,
    mapping: str | Path | None = None,
    columns: str | None = None,
) -> Records:
    """Read a CSV table of positions.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        What the mapping leaves out; saying a thing in both places is refused.
    mapping : path
        The mapping file (YAML).
    columns : str, optional
        The header row of a table that has none, such as ``"mover,t,lon,lat"``.

    Returns
    -------
    Records
        One track a mover.

    Raises
    ------
    UsageError
        No mapping (``no-mapping``), a thing said twice (``said-twice``), or no time of the file carries a
        zone and none is stated (``no-zone``).
    DocumentError
        The mapping does not stand: every mistake of it with its line.
    FormatError
        The file is no CSV, or lacks a column that the mapping names.
    """
    rows = _row_reader(source.ref(), options, mapping)
    table_mapping = rows.mapping
    header = None if columns is None else _header(columns, table_mapping)
    table = read_table(
        source, delimiter=table_mapping.delimiter, encoding=table_mapping.encoding, header=header
    )
    need_columns(table, table_mapping.columns(), source=source)
    if _plain(source, table_mapping):
        _read_blocks(source.data, BlockReader(rows, table.header), headless=header is not None)
    else:
        for line, cells in table.rows:
            rows.cells(line, table.header, cells)
    return rows.records()


def open_live(
    source: SourceRef, options: TrackOptions, *, mapping: str | Path | None = None, columns: str | None = None
) -> TableFeed:
    """What reads a feed of CSV lines; options as for :func:`read`."""
    rows = _row_reader(source, options, mapping)
    return TableFeed(rows, header=None if columns is None else _header(columns, rows.mapping))


def _row_reader(source: SourceRef, options: TrackOptions, mapping: str | Path | None) -> RowReader:
    if mapping is None:
        raise UsageError(
            f"{source.name}: a CSV table is read with a mapping file",
            hint="write one (docs/formats/csv.md shows how) and name it with --mapping (in Python: mapping=)",
            code="no-mapping",
        )
    table_mapping = load_document(mapping, TableMapping)
    return RowReader(source, table_mapping, joined_options(table_mapping, options))


def _header(columns: str, mapping: TableMapping) -> tuple[str, ...]:
    """The names in ``columns``, or UsageError (``columns``) where one the mapping names is missing or doubled."""
    try:
        names = tuple(cell.strip() for cell in next(csv.reader([columns], delimiter=mapping.delimiter)))
    except (csv.Error, StopIteration):
        names = ()
    missing = [name for name in mapping.columns() if name not in names]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if missing or twice:
        what = f"lack {', '.join(missing)}" if missing else f"name {', '.join(twice)} more than once"
        raise UsageError(
            f"the columns {columns!r} {what}",
            hint=f"the mapping names {', '.join(mapping.columns())}",
            code="columns",
        )
    return names


def _plain(source: Source, mapping: TableMapping) -> bool:
    """Whether the file is worth and fit to be read by blocks; a quote may hold a line end, so it is not."""
    data = source.data
    return (
        len(data) >= FAST_FROM_BYTES
        and ArrowParser.serves(mapping, encoding=mapping.encoding)
        and data[:2] not in (b"\xff\xfe", b"\xfe\xff")
        and b'"' not in data
        and data.count(b"\r") == data.count(b"\r\n")
    )


def _read_blocks(data: bytes, blocks: BlockReader, *, headless: bool) -> None:
    start, line = 0, 1
    while not headless:
        end = data.find(b"\n", start) + 1 or len(data)
        line += 1
        headless = start == len(data) or bool(
            data[start:end].removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n,;")
        )
        start = end
    while start < len(data):
        end = data.rfind(b"\n", start, start + PIECE_BYTES) + 1
        if not end:
            end = data.find(b"\n", start) + 1 or len(data)
        piece = data[start:end]
        line += blocks.read(piece if piece.endswith(b"\n") else piece + b"\n", line)
        start = end
