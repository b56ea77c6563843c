"""``truceline formats`` and ``truceline doctor``: what this installation can read, and whether it is whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import click

from truceline.cli.command import Command, Example
from truceline.cli.exits import Exit
from truceline.cli.render import Output, output_options

# Distributions and the extra that brings them; "" is the core. doctor's table follows this order.
PARTS = (
    ("numpy", ""),
    ("shapely", ""),
    ("ruamel.yaml", ""),
    ("pydantic", ""),
    ("click", ""),
    ("rich", ""),
    ("cryptography", ""),
    ("SQLAlchemy", ""),
    ("alembic", ""),
    ("tzdata", ""),
    ("pyarrow", "arrow"),
    ("pyais", "formats"),
    ("takproto", "formats"),
    ("pyarrow", "formats"),
    ("altair", "report"),
    ("vl-convert-python", "report"),
    ("Jinja2", "report"),
)
OLDEST_PYTHON = (3, 11)
ROOM_BYTES = 200_000_000


class Finding(NamedTuple):
    """One line of ``doctor``: a part, its state, what was seen, and the way out where it is not well."""

    part: str
    state: str  # well, missing, absent: an optional part that is not there is "absent"
    seen: str
    way_out: str = ""


@click.command(
    cls=Command,
    examples=(
        Example("truceline formats", "every format, what it gives and what it can be told"),
        Example("truceline formats --format json", "the same for a script"),
    ),
)
@output_options("table", "json", "jsonl", "csv")
def formats(out: Output) -> Exit:
    """List the formats that can be read, and the options of each."""
    from truceline.formats.registry import formats as known_formats

    columns = ("format", "title", "gives", "endings", "options", "installed")
    rows = (
        (
            item.id,
            item.title,
            list(item.gives),
            list(item.extensions),
            [option.name + ("*" if option.needed else "") for option in item.options],
            item.available,
        )
        for item in known_formats()
    )
    out.records(columns, rows)
    out.note("an option with * is needed")
    missing = [item.id for item in known_formats() if not item.available]
    if missing:
        out.next_step('pip install "truceline[formats]"')
    else:
        out.next_step("truceline check tracks AGREEMENT FILE...")
    return Exit.OBSERVED


@click.command(
    cls=Command,
    examples=(
        Example("truceline doctor", "what is installed, what is missing, and how to get it"),
        Example("truceline doctor --format json", "the same for a script"),
    ),
)
@output_options("table", "json", "jsonl", "csv")
def doctor(out: Output) -> Exit:
    """Say whether this installation is whole; ends with 1 where something needed is missing."""
    found = [*_interpreter(), *_parts(), *_surroundings()]
    out.records(Finding._fields, found)
    missing_count = sum(item.state == "missing" for item in found)
    if missing_count:
        out.warn(f"{missing_count} needed part{'s' * (missing_count > 1)} missing")
        return Exit.FAULT
    out.note("everything needed is there")
    out.next_step("truceline demo")
    return Exit.OBSERVED


def _interpreter() -> Iterator[Finding]:
    import platform
    import sqlite3
    import sys

    from truceline._version import __version__

    old = sys.version_info < OLDEST_PYTHON
    wanted = ".".join(str(number) for number in OLDEST_PYTHON)
    yield Finding("truceline", "well", __version__)
    yield Finding(
        "python",
        "missing" if old else "well",
        platform.python_version(),
        f"Python {wanted} or newer is needed" if old else "",
    )
    yield Finding("sqlite", "well", sqlite3.sqlite_version)


def _parts() -> Iterator[Finding]:
    from importlib import metadata

    for name, extra in PARTS:
        label = f"{name} [{extra}]" if extra else name
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            state = "absent" if extra else "missing"
            wanted = (
                f'pip install "truceline[{extra}]"' if extra else "pip install --force-reinstall truceline"
            )
            yield Finding(label, state, "not installed", wanted)
        else:
            yield Finding(label, "well", version)


def _surroundings() -> Iterator[Finding]:
    import os
    import shutil
    from pathlib import Path

    from truceline.errors import InputError
    from truceline.timebase import zone_named

    try:
        zone_named("Asia/Damascus")
    except InputError as error:
        yield Finding("time zones", "missing", error.message, "pip install tzdata")
    else:
        yield Finding("time zones", "well", "Asia/Damascus found")
    yield from _shipped()
    here = Path.cwd()
    free_bytes = shutil.disk_usage(here).free
    room = free_bytes >= ROOM_BYTES
    writable = os.access(here, os.W_OK)
    yield Finding(
        "this folder",
        "well" if writable and room else "absent",
        f"{free_bytes / 1e9:.1f} GB free, {'can' if writable else 'cannot'} be written to",
        "" if writable and room else "keep missions in another folder",
    )


def _shipped() -> Iterator[Finding]:
    try:
        from truceline.mission.shipped import shipped_agreements, shipped_cases
    except ImportError as error:
        yield Finding("shipped files", "missing", str(error), "install what is named missing above")
        return
    for what, names in (("shipped agreements", shipped_agreements()), ("shipped cases", shipped_cases())):
        yield Finding(
            what,
            "well" if names else "missing",
            ", ".join(sorted(names)) or "none found",
            "" if names else "install Truceline again; its files are not whole",
        )
