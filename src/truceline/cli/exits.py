"""The exit codes, in one table. The documentation prints this table; nothing else decides a code."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from truceline.errors import GeometryError, InputError, LedgerError, TrucelineError, UsageError

if TYPE_CHECKING:
    from truceline.model.finding import Verdict


class Exit(IntEnum):
    """What a finished command says to the script that called it."""

    OBSERVED = 0
    FAULT = 1
    USAGE = 2
    BREACH = 3
    UNSURE = 4
    UNREADABLE = 5
    LEDGER = 6
    INTERRUPTED = 130
    PIPE_CLOSED = 141


MEANINGS: dict[Exit, str] = {
    Exit.OBSERVED: "all observed and nothing found; or the command simply did what was asked",
    Exit.FAULT: "a fault of ours or of this installation; nothing was decided",
    Exit.USAGE: "the command line cannot be meant",
    Exit.BREACH: "at least one breach of a clause as encoded was found",
    Exit.UNSURE: "something is possible, was not observed, or could not be evaluated",
    Exit.UNREADABLE: "an input could not be read; the others were still checked",
    Exit.LEDGER: "the ledger does not verify",
    Exit.INTERRUPTED: "stopped by Ctrl-C; what was recorded before that stands",
    Exit.PIPE_CLOSED: "whoever read the output stopped reading",
}
# Where several hold, the first of these that does.
PRECEDENCE = (Exit.LEDGER, Exit.BREACH, Exit.UNREADABLE, Exit.UNSURE)


def first_of(codes: Iterable[Exit]) -> Exit:
    """The code of a command of which several hold.

    Examples
    --------
    >>> first_of([Exit.UNSURE, Exit.BREACH, Exit.UNREADABLE]).name
    'BREACH'
    """
    seen = set(codes)
    return next((code for code in PRECEDENCE if code in seen), Exit.OBSERVED)


def of_verdict(verdict: Verdict | None) -> Exit:
    """The code of a summary verdict. None (no clause applied to anything) is "nothing found"."""
    if verdict is None or verdict.name == "CLEAR":
        return Exit.OBSERVED
    return Exit.BREACH if verdict.name == "BREACH" else Exit.UNSURE


def of_error(error: TrucelineError) -> Exit:
    """The code of an error that ended the command."""
    if isinstance(error, UsageError):
        return Exit.USAGE
    if isinstance(error, LedgerError):
        # A disk that is full or a file that is locked says nothing about the record.
        return Exit.FAULT if error.code in ("store-busy", "store-full") else Exit.LEDGER
    if isinstance(error, (InputError, GeometryError)):
        return Exit.UNREADABLE
    return Exit.FAULT
