"""Reading a file in whatever format it is: recognised, options checked, handed to the reader of the catalogue."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path

from truceline.errors import FormatError, MissingPartError, UsageError
from truceline.formats.catalogue import COMMON_OPTIONS, FORMATS, Format
from truceline.formats.guard import Source, check_size, load_source
from truceline.formats.options import track_options
from truceline.model.evidence import Records

HEAD_BYTES_COUNT = 4096
# Endings that so many formats share that they say nothing.
VAGUE_ENDINGS = frozenset({".json", ".jsonl", ".txt", ".log", ".xml"})

_BY_ID = {item.id: item for item in FORMATS}
_TRACK_OPTIONS = frozenset(option.name for option in COMMON_OPTIONS)


def formats() -> tuple[Format, ...]:
    """Every format, in the order in which a file is tried."""
    return FORMATS


def format_named(id: str) -> Format:
    """The format of that id, or UsageError (code ``format``) with the nearest one."""
    if id not in _BY_ID:
        near = difflib.get_close_matches(id, _BY_ID, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"formats: {', '.join(_BY_ID)}"
        raise UsageError(f"no format is named {id!r}", hint=hint, code="format")
    return _BY_ID[id]


def detect(name: str, head_bytes: bytes) -> str | None:
    """The id of the format a file seems to be in.

    Parameters
    ----------
    name : str
        File name; its ending decides only where the content does not.
    head_bytes : bytes
        The first bytes of the file; 4,096 are enough.

    Returns
    -------
    str or None
        None where neither content nor ending fits a format.
    """
    codec = "utf-16" if head_bytes[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    head = head_bytes[:HEAD_BYTES_COUNT].decode(codec, errors="replace")
    for item in FORMATS:
        if item.sniff(head):
            return item.id
    ending = Path(name).suffix.casefold()
    if ending in (".csv", ".tsv"):
        return "csv"
    if ending in VAGUE_ENDINGS:
        return None
    return next((item.id for item in FORMATS if ending in item.extensions[:1]), None)


def read_file(path: str | Path, *, format: str | None = None, name: str = "", **options: object) -> Records:
    """Read a file of records.

    Parameters
    ----------
    path : str or Path
        The file.
    format : str, optional
        Format id; recognised from content and name where not given.
    name : str, optional
        The name to record; the file's own name without its folder where not given.
    **options
        Those of the format (``formats()`` lists them); an option of value None counts as not given.

    Returns
    -------
    Records
        Tracks, paths and reports, and everything dropped or remarked, with where and why.

    Raises
    ------
    UsageError
        A format or an option that does not exist, or a needed one missing.
    InputError
        The file cannot be opened (``no-file``) or not be read as that format (FormatError).
    MissingPartError
        The format needs a package that is not installed.

    Examples
    --------
    >>> records = read_file("patrol.gpx", party="russia", accuracy="15 m")  # doctest: +SKIP
    """
    source = load_source(path, name=name)
    return read_bytes(source.data, name=source.name, format=format, **options)


def read_bytes(data: bytes, *, name: str, format: str | None = None, **options: object) -> Records:
    """Read records from bytes that are already at hand; as :func:`read_file` otherwise."""
    found = format or detect(name, data)
    if format is None and not (found and _BY_ID[found].binary):
        _check_is_text(data, name)
    if found is None:
        raise FormatError(
            "the format is not recognised",
            where=name,
            hint=f"say which it is with --format-in (in Python: format=): {', '.join(_BY_ID)}",
            code="unknown-format",
        )
    chosen = format_named(found)
    source = Source(name=name, data=data, format=chosen.id)
    check_size(source)
    shared, own = split_options(chosen, options)
    if not chosen.available:
        raise MissingPartError(
            f"{chosen.id} needs {chosen.library}, which is not installed",
            hint='pip install "truceline[formats]"',
        )
    if "tracks" not in chosen.gives:
        return chosen.reader(source, **shared, **own)
    return chosen.reader(source, track_options(**shared), **own)  # type: ignore[arg-type]


def _check_is_text(data: bytes, name: str) -> None:
    """Every format is text; what is none is said before anything is asked about it."""
    if not data.strip():
        raise FormatError(
            "the file is empty", where=name, hint="fetch it again from where it came", code="empty"
        )
    if b"\x00" in data[:HEAD_BYTES_COUNT] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise FormatError(
            "the file is not text: it holds NUL bytes",
            where=name,
            hint="export it as text, such as GPX, GeoJSON or CSV",
            code="not-text",
        )


def split_options(
    chosen: Format, options: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """The options given: those that every track format takes, and the format's own.

    Raises
    ------
    UsageError
        Code ``option`` where the format takes none of that name.
    """
    given = {key: value for key, value in options.items() if value is not None}
    known = {option.name for option in chosen.options}
    unknown = sorted(set(given) - known)
    if unknown:
        raise UsageError(
            f"the format {chosen.id} takes no option {', '.join(unknown)}",
            hint=f"it takes {', '.join(option.name for option in chosen.options)}",
            code="option",
        )
    shared = {key: value for key, value in given.items() if key in _TRACK_OPTIONS}
    return shared, {key: value for key, value in given.items() if key not in shared}
