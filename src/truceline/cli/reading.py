"""The options that say what a file does not say of itself, and the reading of several files."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from truceline.cli.progress import watched
from truceline.cli.render import Output
from truceline.errors import InputError, UsageError

if TYPE_CHECKING:
    from truceline.model.evidence import Records

# The options every track format takes, as registry names, each with how it is given on the command line.
_TRACK_CHOICES = (
    click.option("--party", metavar="ID", help="Party of movers whose party the file does not name."),
    click.option(
        "--class", "mover_class", metavar="CLASS", help="Class of the movers, such as vehicle or vessel."
    ),
    click.option(
        "--accuracy",
        metavar="LENGTH",
        help='How good a fix is where the file states none: "15 m" (95 % radius), "15 m 68 %", rms, cep50, sigma.',
    ),
    click.option(
        "--longest-gap", metavar="TIME", help='Fixes further apart than this are not joined: "5 min".'
    ),
    click.option("--armed/--unarmed", default=None, help="Whether the movers are armed."),
)
_COMMON_CHOICES = (
    click.option("--zone", metavar="ZONE", help="Zone of dates and times that name none: Asia/Damascus."),
    click.option("--format-in", metavar="FORMAT", help="The format of the files; recognised where left out."),
    click.option("--mapping", metavar="FILE", help="Mapping file: which column is what."),
    click.option("--exercise", is_flag=True, default=None, help="The records were made for an exercise."),
    click.option("--option", "more", multiple=True, metavar="KEY=VALUE",
                 help="Any other option of a format; `truceline formats` lists them."),
)  # fmt: skip


class Reading(NamedTuple):
    """How files are to be read: a format, or None to recognise it, and what its reader is told."""

    format: str | None
    options: dict[str, Any]

    def read(self, files: Sequence[str], out: Output) -> tuple[list[Records], list[str]]:
        """Read each file that can be read.

        Returns
        -------
        tuple
            The records of each readable file, and the names of those that could not be read; what was wrong
            with them is said on stderr.
        """
        from truceline.formats.registry import read_file

        readable: list[Records] = []
        refused: list[str] = []
        for file in watched(files, "reading", quiet=out.quiet):
            try:
                readable.append(read_file(file, format=self.format, **self.options))
            except InputError as error:
                out.warn(f"truceline: {error}")
                refused.append(file)
        return readable, refused


def reading_options(*, tracks: bool) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Give a command the reader options; it receives them as ``reading``."""
    choices = (_TRACK_CHOICES if tracks else ()) + _COMMON_CHOICES
    names = ["zone", "mapping", "exercise"]
    names += ["party", "mover_class", "accuracy", "longest_gap", "armed"] if tracks else []

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def gathered(*args: Any, format_in: str | None, more: tuple[str, ...], **rest: Any) -> Any:
            options = {name: rest.pop(name) for name in names}
            given = {name: value for name, value in options.items() if value is not None}
            return function(*args, reading=Reading(format_in, given | keyed(more)), **rest)

        for option in reversed(choices):
            gathered = option(gathered)
        return gathered

    return decorate


def keyed(pairs: Sequence[str]) -> dict[str, str]:
    """``key=value`` texts as a dict.

    Examples
    --------
    >>> keyed(["name_property=callsign"])
    {'name_property': 'callsign'}
    """
    options: dict[str, str] = {}
    for pair in pairs:
        key, sign, value = pair.partition("=")
        if not sign or not key:
            raise UsageError(f"--option takes KEY=VALUE, seen {pair!r}", hint="write --option name=value")
        options[key.replace("-", "_")] = value
    return options


def say_dropped(records: Sequence[Records], out: Output) -> bool:
    """Say on stderr what was not used, by reason; True where something was lost to the check.

    A record that stood twice in a file is dropped once without loss.
    """
    from truceline.words import drop_words

    lost = False
    for each in records:
        counts: dict[str, int] = {}
        for item in each.dropped:
            if not item.kept:
                counts[item.code] = counts.get(item.code, 0) + 1
                lost = lost or item.code != "duplicate"
        if counts:
            said = ", ".join(f"{drop_words(code)}: {count}" for code, count in sorted(counts.items()))
            out.warn(f"{each.source.name}: {each.dropped_count} of {each.read_count} not used ({said})")
    return lost
