"""Source: the bytes of one file, its name, and its text once the encoding is sure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from truceline.errors import FormatError, InputError, Where
from truceline.model.movement import SourceRef

MAX_FILE_BYTES = 512 * 1024 * 1024

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The bytes of one file and the name they came under."""

    name: str
    data: bytes = field(repr=False)
    format: str = ""

    @property
    def stem(self) -> str:
        """The name without its folder and ending, for ids made from it."""
        return Path(self.name).stem or "input"

    def ref(self) -> SourceRef:
        """Name, format and SHA-256 of the bytes, as every record made from them carries it."""
        return SourceRef(name=self.name, format=self.format, sha256=hashlib.sha256(self.data).hexdigest())

    def where(self, line: int | None = None, column: int | None = None, path: str = "") -> Where:
        """A place in this file."""
        return Where(file=self.name, line=line, column=column, path=path)


def load_source(path: str | Path, *, name: str = "", format: str = "") -> Source:
    """Read a file whole.

    Parameters
    ----------
    path : str or Path
        The file.
    name : str, optional
        The name to record; the file's own name without its folder where not given.
    format : str, optional
        The format id, kept in the reference.

    Raises
    ------
    InputError
        Code ``no-file`` where it cannot be opened.
    FormatError
        Code ``too-large`` above 512 MiB.
    """
    given = Path(path)
    try:
        size_bytes = given.stat().st_size
        if size_bytes > MAX_FILE_BYTES:
            raise too_large(size_bytes, str(path))
        data = given.read_bytes()
    except OSError as error:
        raise InputError(
            f"the file cannot be opened: {error.strerror or error}",
            where=str(path),
            hint="name the files in it" if given.is_dir() else "check the path and the permissions",
            code="no-file",
        ) from None
    return Source(name=name or given.name, data=data, format=format)


def check_size(source: Source) -> None:
    """FormatError (code ``too-large``) above 512 MiB, for bytes that did not come from a file."""
    if len(source.data) > MAX_FILE_BYTES:
        raise too_large(len(source.data), source.name)


def too_large(size_bytes: int, name: str) -> FormatError:
    """The refusal of a file above the size limit."""
    return FormatError(
        f"the file has {size_bytes:,} bytes, more than {MAX_FILE_BYTES:,}",
        where=name,
        hint="split it by day or by mover",
        code="too-large",
    )


def decode_text(source: Source, *, encoding: str | None = None) -> str:
    """The bytes as text: UTF-8, or UTF-16 where a byte-order mark says so, or the stated ``encoding``.

    Raises
    ------
    FormatError
        Code ``encoding``, with the line of the first byte that does not fit; NUL characters are refused too.
    """
    data, name = source.data, encoding or "utf-8"
    for mark, marked in _BOMS:
        if data.startswith(mark):
            data, name = data[len(mark) :], marked
            break
    try:
        text = data.decode(name)
    except LookupError:
        raise FormatError(f"no encoding is named {name!r}", where=source.where(), code="encoding") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FormatError(
            f"the text is not {name}: byte 0x{data[error.start]:02x}",
            where=source.where(line),
            hint="save the file as UTF-8",
            code="encoding",
        ) from None
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        raise FormatError(
            "the text holds a NUL character",
            where=source.where(line),
            hint="save it as UTF-8 text",
            code="encoding",
        )
    return text
