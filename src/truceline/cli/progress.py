"""Progress of long work, on stderr: a bar on a terminal, else a line a minute, and nothing when quiet."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

import click

Item = TypeVar("Item")
LINE_EVERY_US = 60_000_000


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
