"""CSV: a header and rows, each row with the line it starts on; broken quoting refuses the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from truceline.errors import FormatError
from truceline.formats.guard.source import Source, decode_text

DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A CSV file: its header, and its rows each with the line it starts on."""

    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]
    delimiter: str


def read_table(
    source: Source,
    *,
    delimiter: str | None = None,
    known: Iterable[str] = (),
    encoding: str | None = None,
    header: tuple[str, ...] | None = None,
) -> Table:
    """Open a CSV file with a header row, or with ``header`` in its place.

    Parameters
    ----------
    source : Source
        The bytes.
    delimiter : str, optional
        One character. Where not given, the one of ``,`` ``;`` tab under which most of ``known`` are columns.
    known : iterable of str, optional
        Column names (any case) by which the delimiter is recognised.
    encoding : str, optional
        As in :func:`decode_text`.
    header : tuple of str, optional
        The columns of a file without a header row.

    Raises
    ------
    FormatError
        Code ``empty``, ``columns`` (a column named twice) or ``csv`` (broken quoting, or a field longer than
        131,072 characters), with its line.
    """
    text = decode_text(source, encoding=encoding)
    names = {name.casefold() for name in known}
    chosen = delimiter or _likeliest_delimiter(text, names)
    rows = _rows(source, text, chosen)
    if header is not None:
        return Table(header=header, rows=rows, delimiter=chosen)
    first = next(rows, None)
    if first is None:
        raise FormatError("the file has no header row", where=source.where(1), code="empty")
    header = tuple(cell.strip() for cell in first[1])
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if repeated:
        raise FormatError(
            f"columns named more than once: {', '.join(repeated)}",
            where=source.where(first[0]),
            hint="give each column its own name",
            code="columns",
        )
    return Table(header=header, rows=rows, delimiter=chosen)


def _likeliest_delimiter(text: str, names: set[str]) -> str:
    head = text.lstrip().partition("\n")[0]

    def matches(delimiter: str) -> int:
        return sum(cell.strip().strip('"').casefold() in names for cell in head.split(delimiter))

    return max(DELIMITERS, key=matches)


def _rows(source: Source, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise FormatError(
                f"broken CSV: {error}",
                where=source.where(line),
                hint="look for a quote that is not closed, or a field that runs on",
                code="csv",
            ) from None
        if any(cell.strip() for cell in row):
            yield line, row


def need_columns(table: Table, names: Iterable[str], *, source: Source) -> None:
    """FormatError (code ``columns``) naming every column of ``names`` the header lacks."""
    missing = [name for name in names if name not in table.header]
    if missing:
        raise FormatError(
            f"the header lacks {', '.join(missing)}",
            where=source.where(1),
            hint=f"it has {', '.join(table.header)}",
            code="columns",
        )
