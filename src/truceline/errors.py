"""The whole exception tree. Every error says what was wrong, what was seen and what to do.

::

    TrucelineError              code, where, hint
    ├── UsageError              a call or a command line that cannot be meant
    ├── InputError              something given to us cannot be read
    │   ├── DocumentError       an agreement or mission file: every problem of it at once
    │   └── FormatError         a file of records: not that format at all, or unsafe to read
    ├── GeometryError           coordinates that describe no place
    ├── LedgerError             the record does not prove itself
    └── MissingPartError        an optional part is not installed

A reader that can go on does not raise: it lists what it dropped (``model.evidence.Dropped``).
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """A place in a file that a person can open: ``file:line:column``. Line and column count from 1."""

    file: str = ""
    line: int | None = None
    column: int | None = None
    path: str = ""

    def __str__(self) -> str:
        parts = [self.file or "<input>"]
        if self.line is not None:
            parts.append(str(self.line))
            if self.column is not None:
                parts.append(str(self.column))
        return ":".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One mistake in a document: where it stands, what was seen, and the way out."""

    code: str
    where: Where
    message: str
    hint: str = ""
    severity: str = "error"

    def __str__(self) -> str:
        at = f"{self.where}: {self.where.path}: " if self.where.path else f"{self.where}: "
        text = f"{at}{self.severity} {self.code}: {self.message}"
        return f"{text} -- {self.hint}" if self.hint else text


class TrucelineError(Exception):
    """Base of everything Truceline raises on purpose."""

    code = "truceline"

    def __init__(
        self, message: str, *, where: Where | str | None = None, hint: str = "", code: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.where = Where(file=where) if isinstance(where, str) else where
        self.hint = hint
        if code:
            self.code = code

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where is not None else self.message
        return f"{text} -- {self.hint}" if self.hint else text


class UsageError(TrucelineError):
    """A call or a command line that cannot be meant."""

    code = "usage"


def unwritable(path: object, error: OSError) -> TrucelineError:
    """What to raise where a file or folder cannot be written: UsageError, code ``unwritable``.

    A disk that is full is no mistake of the caller; then it is a plain TrucelineError of the same code.
    """
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO)
    return (TrucelineError if full else UsageError)(
        f"{path} cannot be written: {error.strerror or error}",
        hint="make room and run it again" if full else "name a file in a folder that is there and is yours",
        code="unwritable",
    )


class InputError(TrucelineError):
    """Something given to us cannot be read."""

    code = "input"


class DocumentError(InputError):
    """A written document does not stand; ``problems`` holds every mistake found in it, in file order."""

    code = "document"

    def __init__(
        self, message: str, *, problems: Sequence[Problem], where: Where | str | None = None
    ) -> None:
        super().__init__(message, where=where)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join([super().__str__(), *(f"  {problem}" for problem in self.problems)])


class FormatError(InputError):
    """A file of records is not that format at all, or is unsafe to read."""

    code = "format"


class GeometryError(TrucelineError):
    """Coordinates that describe no place."""

    code = "geometry"


class LedgerError(TrucelineError):
    """The record does not prove itself."""

    code = "ledger"


class MissingPartError(TrucelineError):
    """An optional part is not installed; the hint says how to get it."""

    code = "missing-part"
