"""Where output goes and what it looks like: data on stdout or in a file, progress and everything else on stderr.

A table is drawn by rich on a terminal and is plain text anywhere else. Nothing is said by colour alone.
"""

from __future__ import annotations

import csv
import functools
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from truceline.errors import unwritable

Row = Sequence[str]
Item = TypeVar("Item")
LINE_EVERY_US = 60_000_000


class Output:
    """The output options of one command, and where it has got to."""

    def __init__(
        self, *, format: str = "table", file: str | None = None, plain: bool = False, quiet: bool = False
    ) -> None:
        self.format = format
        self.file = file
        self.plain = plain
        self.quiet = quiet
        self._begun = False

    @property
    def on_terminal(self) -> bool:
        return self.file is None and not self.plain and sys.stdout.isatty()

    def data(self, text: str) -> None:
        """Write what was asked for: to ``--output``, else to stdout. It always ends with a newline."""
        self.lines([text if text.endswith("\n") else text + "\n"])

    def lines(self, lines: Iterable[str]) -> None:
        """Write lines as they are made; each brings its newline. In a file they follow what is there already."""
        if self.file is None:
            for line in lines:
                click.echo(line, nl=False)
            return
        try:
            with Path(self.file).open("a" if self._begun else "w", encoding="utf-8") as stream:
                stream.writelines(lines)
        except OSError as error:
            raise unwritable(self.file, error) from None
        if not self._begun:
            self.note(f"writing {self.file}")
        self._begun = True

    def note(self, text: str) -> None:
        """Say something about the work: on stderr, and not when quiet."""
        if not self.quiet:
            click.echo(text, err=True)

    def warn(self, text: str) -> None:
        """Say what must not be missed: on stderr, even when quiet."""
        click.echo(text, err=True)

    def next_step(self, line: str) -> None:
        """Name the command that usually follows."""
        self.note(f"next: {line}")

    def table(self, columns: Row, rows: Iterable[Row], *, title: str = "") -> None:
        """A table for a person."""
        body = [[str(cell) for cell in row] for row in rows]
        if self.on_terminal:
            _rich_table(columns, body, title)
        else:
            self.data(f"{title}\n\n{plain_table(columns, body)}\n\n" if title else plain_table(columns, body))

    def records(self, columns: Row, rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
        """Rows in the format asked for: ``table``, ``json``, ``jsonl`` or ``csv``."""
        body = [list(row) for row in rows]
        if self.format == "table":
            self.table(columns, [[as_text(cell) for cell in row] for row in body], title=title)
        elif self.format == "csv":
            self.data(as_csv(columns, body))
        else:
            keyed = [dict(zip(columns, row, strict=True)) for row in body]
            if self.format == "jsonl":
                self.data("\n".join(json.dumps(item, ensure_ascii=False) for item in keyed))
            else:
                self.data(json.dumps(keyed, ensure_ascii=False, indent=2))


def output_options(*formats: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command ``--format``, ``--output``, ``--plain`` and ``--quiet``; it receives them as ``out``."""
    choices = [
        click.option("--format", "format_", type=click.Choice(formats), default=formats[0], show_default=True,
                     help="What the data is written as."),
        click.option("-o", "--output", metavar="FILE", help="Write the data to FILE instead of stdout."),
        click.option("--plain", is_flag=True, help="No boxes and no colour, even on a terminal."),
        click.option("-q", "--quiet", is_flag=True, help="No notes and no progress on stderr."),
    ]  # fmt: skip

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def gathered(
            *args: Any, format_: str, output: str | None, plain: bool, quiet: bool, **rest: Any
        ) -> Any:
            return function(*args, out=Output(format=format_, file=output, plain=plain, quiet=quiet), **rest)

        for option in reversed(choices):
            gathered = option(gathered)
        return gathered

    return decorate


def plain_table(columns: Row, rows: Sequence[Row]) -> str:
    """Columns lined up with two spaces between them; no line is cut.

    Examples
    --------
    >>> print(plain_table(["a", "b"], [["long", "1"]]))
    a     b
    long  1
    """
    lines = [list(columns), *(list(row) for row in rows)]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    padded = (
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines
    )
    return "\n".join(line.rstrip() for line in padded)


def as_csv(columns: Row, rows: Iterable[Sequence[Any]]) -> str:
    """RFC 4180 text with a header row."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    return buffer.getvalue()


def as_text(cell: Any) -> str:
    """One cell for a person: nothing for None, yes or no for a flag, lists with commas."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, (list, tuple)):
        return ", ".join(as_text(item) for item in cell)
    return str(cell)


def _rich_table(columns: Row, rows: Sequence[Row], title: str) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    stacked = any("\n" in cell for row in rows for cell in row)
    table = Table(
        title=title or None, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False, leading=int(stacked)
    )
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    Console().print(table)


def watched(items: Iterable[Item], what: str, *, quiet: bool = False) -> Iterator[Item]:
    """Hand ``items`` on one by one, saying how far along they are.

    Parameters
    ----------
    items : iterable
        Each step of the work.
    what : str
        The work, in the present participle: ``"reading"``.
    quiet : bool
        Say nothing.

    Yields
    ------
    object
        The items, unchanged and in order.
    """
    steps = list(items)
    if quiet or len(steps) < 2:
        yield from steps
    elif sys.stderr.isatty():
        yield from _bar(steps, what)
    else:
        yield from _lines(steps, what)


def _bar(steps: list[Item], what: str) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import track

    yield from track(steps, description=what, console=Console(stderr=True), transient=True)


def _lines(steps: list[Item], what: str) -> Iterator[Item]:
    from truceline.timebase import SystemClock

    clock = SystemClock()
    said_us = clock.now_us()
    for done_count, step in enumerate(steps):
        if clock.now_us() - said_us >= LINE_EVERY_US:
            said_us = clock.now_us()
            click.echo(f"{what}: {done_count} of {len(steps)}", err=True)
        yield step
