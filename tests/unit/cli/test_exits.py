"""The exit codes and which comes first."""

from __future__ import annotations

from itertools import permutations

import pytest

from truceline.cli.exits import MEANINGS, PRECEDENCE, Exit, first_of, of_error, of_verdict
from truceline.errors import (
    DocumentError,
    FormatError,
    GeometryError,
    InputError,
    LedgerError,
    MissingPartError,
    TrucelineError,
    UsageError,
)
from truceline.model.finding import Verdict


def test_the_numbers_are_those_of_the_design() -> None:
    """docs/reference/cli.md: 0 nothing found, 1 ours, 2 usage, 3 breach, 4 unsure, 5 unreadable, 6 ledger."""
    named = {code.name: int(code) for code in Exit}
    assert [
        named[name] for name in ("OBSERVED", "FAULT", "USAGE", "BREACH", "UNSURE", "UNREADABLE", "LEDGER")
    ] == [*range(7)]
    assert set(MEANINGS) == set(Exit)


def test_where_several_hold_6_3_5_4_in_that_order() -> None:
    assert [int(code) for code in PRECEDENCE] == [6, 3, 5, 4]
    for order in permutations(PRECEDENCE):
        for taken in range(1, 5):
            assert first_of(order[:taken]) == min(order[:taken], key=PRECEDENCE.index)
    assert first_of([]) == first_of([Exit.OBSERVED]) == Exit.OBSERVED


@pytest.mark.parametrize(
    ("verdict", "code"),
    [
        (Verdict.BREACH, 3),
        (Verdict.POSSIBLE, 4),
        (Verdict.NOT_EVALUATED, 4),
        (Verdict.NO_COVERAGE, 4),
        (Verdict.CLEAR, 0),
        (None, 0),
    ],
)
def test_of_a_verdict(verdict: Verdict | None, code: int) -> None:
    assert of_verdict(verdict) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (InputError("x"), 5),
        (FormatError("x"), 5),
        (DocumentError("x", problems=()), 5),
        (GeometryError("x"), 5),
        (LedgerError("x"), 6),
        (LedgerError("x", code="original"), 6),
        (LedgerError("the disk is full", code="store-full"), 1),
        (MissingPartError("x"), 1),
        (TrucelineError("x"), 1),
    ],
)
def test_of_an_error(error: TrucelineError, code: int) -> None:
    assert of_error(error) == code
