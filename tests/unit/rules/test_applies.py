"""Who is bound, when, and with what exception: every answer of ``applies`` by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from truceline.model.agreement import (
    Circle,
    Exemption,
    KeepOut,
    Selector,
    Suspension,
    Validity,
)
from truceline.model.identity import Mover, Party
from truceline.rules.applies import (
    accepted_by,
    clause_covers,
    in_force,
    is_armed,
    matching_exemptions,
    out_of_force,
    selector_covers,
)
from truceline.testing.builders import mover, one_clause
from truceline.timebase import ALWAYS, Interval

WHERE = Circle(centre_deg=(0.0, 0.0), radius_m=1.0)
PARTIES = (
    Party(id="a", name="A", armed=True, accepts=True),
    Party(id="b", name="B", armed=False, accepts=False),
    Party(id="c", name="C"),
)


def agreed(**more: object):
    return one_clause(KeepOut(where=WHERE), parties=PARTIES, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "armed"),
    [
        (mover(party="a"), True),
        (mover(party="b"), False),
        (mover(party="c"), None),
        (mover(party=None), None),
        (mover(party="nobody"), None),
        (mover(party="a", armed=False), False),
        (mover(party="b", armed=True), True),
        (mover(party="b", mover_class="tank"), True),  # a weapon is armed whoever has it
        (mover(party="c", mover_class="vehicle"), None),
        (mover(party="c", mover_class=None), None),
    ],
)
def test_who_is_armed(who: Mover, armed: bool | None) -> None:
    assert is_armed(who, agreed()) is armed


GUN = Selector(calibre_min_mm=100.0, range_min_m=5_000.0)


@pytest.mark.parametrize(
    ("selector", "who", "yes", "because", "unknown"),
    [
        (Selector(), mover(party=None, mover_class=None), True, "", ""),
        (Selector(parties=frozenset("a")), mover(party="a"), True, "", ""),
        (Selector(parties=frozenset("a")), mover(party="b"), False, "party", ""),
        (Selector(parties=frozenset("a")), mover(party=None), True, "", "party-unknown"),
        (Selector(except_parties=frozenset("a")), mover(party="a"), False, "party", ""),
        (Selector(except_parties=frozenset("a")), mover(party="b"), True, "", ""),
        (Selector(except_parties=frozenset("a")), mover(party=None), True, "", "party-unknown"),
        (Selector(armed=True), mover(party="a"), True, "", ""),
        (Selector(armed=True), mover(party="b"), False, "class", ""),
        (Selector(armed=False), mover(party="b"), True, "", ""),
        (Selector(armed=False), mover(party="a"), False, "class", ""),
        (Selector(armed=True), mover(party="c"), True, "", "armed-unknown"),
        (Selector(classes=frozenset({"tank"})), mover(mover_class="tank"), True, "", ""),
        (Selector(classes=frozenset({"tank"})), mover(mover_class="foot"), False, "class", ""),
        (Selector(classes=frozenset({"tank"})), mover(mover_class=None), True, "", "class-unknown"),
        (GUN, mover(calibre_mm=100.0, range_m=5_000.0), True, "", ""),
        (GUN, mover(calibre_mm=99.9, range_m=5_000.0), False, "class", ""),
        (GUN, mover(calibre_mm=100.0, range_m=4_999.0), False, "class", ""),
        (GUN, mover(range_m=5_000.0), True, "", "calibre-unknown"),
        (GUN, mover(calibre_mm=100.0), True, "", "range-unknown"),
        # A definite no wins over anything unknown.
        (GUN, mover(range_m=4_999.0), False, "class", ""),
    ],
)
def test_whom_a_selector_covers(
    selector: Selector, who: Mover, yes: bool, because: str, unknown: str
) -> None:
    answer = selector_covers(selector, who, agreed())
    assert (answer.yes, answer.because, answer.unknown) == (yes, because, unknown)
    assert bool(answer.reason) == (not yes)


def test_what_is_said_of_the_armed_and_of_a_number() -> None:
    assert "(not armed)" in selector_covers(Selector(armed=True), mover(party="b"), agreed()).reason
    assert "(armed)" in selector_covers(Selector(armed=False), mover(party="a"), agreed()).reason
    said = selector_covers(GUN, mover(calibre_mm=82.0, range_m=9e3), agreed()).reason
    assert "calibre 82, the clause begins at 100" in said


def test_when_a_clause_is_in_force() -> None:
    validity = Validity(
        interval=Interval(0, 100),
        suspensions=(
            Suspension(interval=Interval(10, 20), party="a"),
            Suspension(interval=Interval(30, 40)),
        ),
    )
    clause = agreed(validity=validity).clauses["1"]
    assert in_force(clause, "a") == (Interval(0, 10), Interval(20, 30), Interval(40, 100))
    assert in_force(clause, "b") == (Interval(0, 30), Interval(40, 100))
    assert in_force(clause, None) == (Interval(0, 30), Interval(40, 100))
    by_a = out_of_force(clause, "a", Interval(12, 14))
    assert (by_a.yes, by_a.because) == (False, "suspended") and "for a (" in by_a.reason
    assert "for all parties (" in out_of_force(clause, "b", Interval(32, 34)).reason
    assert out_of_force(clause, "b", Interval(12, 14)).because == "not-in-force"
    assert "1970" in out_of_force(clause, "b", Interval(200, 300)).reason
    always = agreed(validity=Validity(interval=ALWAYS)).clauses["1"]
    assert out_of_force(always, "b", Interval(200, 300)).reason == "The clause was not in force then."


@pytest.mark.parametrize(
    ("exemption", "who", "meets"),
    [
        (Exemption(purposes=frozenset({"medevac"})), mover(purpose="medevac"), True),
        (Exemption(purposes=frozenset({"medevac"})), mover(purpose="patrol"), False),
        (Exemption(purposes=frozenset({"medevac"})), mover(), False),
        (Exemption(classes=frozenset({"rotary"})), mover(mover_class="rotary"), True),
        (Exemption(classes=frozenset({"rotary"})), mover(mover_class=None), False),
        (Exemption(parties=frozenset("a")), mover(party="a"), True),
        (Exemption(parties=frozenset("a")), mover(party="b"), False),
        (
            Exemption(parties=frozenset("a"), purposes=frozenset({"medevac"})),
            mover(party="a", purpose="patrol"),
            False,
        ),
        (
            Exemption(parties=frozenset("a"), classes=frozenset({"rotary"})),
            mover(party="b", mover_class="rotary"),
            False,
        ),
    ],
)
def test_who_is_exempt(exemption: Exemption, who: Mover, meets: bool) -> None:
    agreement = agreed(exemptions=(replace(exemption, text="as agreed"),))
    clause = agreement.clauses["1"]
    assert bool(matching_exemptions(clause, who)) is meets
    covered = clause_covers(clause, who, agreement)
    assert covered.yes is not meets
    assert covered.because == ("exempt" if meets else "")
    # Somewhere only: it is still covered elsewhere.
    local = agreed(exemptions=(replace(exemption, where=WHERE),))
    assert clause_covers(local.clauses["1"], who, local).yes


def test_a_mover_not_bound_is_not_called_exempt() -> None:
    agreement = agreed(who=Selector(parties=frozenset("a")), exemptions=(Exemption(text="all"),))
    assert clause_covers(agreement.clauses["1"], mover(party="b"), agreement).because == "party"


def test_who_accepts() -> None:
    agreement = agreed()
    clause = agreement.clauses["1"]
    contested = replace(clause, contested_by=("a",))
    assert accepted_by(clause, agreement, "a") is True
    assert accepted_by(clause, agreement, "b") is False
    assert accepted_by(clause, agreement, "c") is None
    assert accepted_by(clause, agreement, None) is None
    assert accepted_by(clause, agreement, "nobody") is None
    assert accepted_by(contested, agreement, "a") is False
