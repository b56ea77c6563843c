"""Does a clause apply to this mover, now? That comes before any verdict.

Three answers: it applies; it does not, and why; or it cannot be told, since something about the mover is
unknown. The unknown is never a pass and never a breach.
"""

from __future__ import annotations

from dataclasses import dataclass

from truceline.model.agreement import Agreement, Clause, Exemption, Selector
from truceline.model.identity import CLASSES, Mover
from truceline.timebase import ALWAYS, Interval, subtract_intervals
from truceline.words import reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class Applies:
    """``yes`` False: does not apply, ``because``. ``yes`` True with ``unknown``: cannot be told."""

    yes: bool
    because: str = ""
    reason: str = ""
    unknown: str = ""


APPLIES = Applies(yes=True)


def _no(because: str, **said: object) -> Applies:
    return Applies(yes=False, because=because, reason=reasons.sentence(because, **said))


def is_armed(mover: Mover, agreement: Agreement) -> bool | None:
    """What is known of the mover, else of its party; a weapon is armed by nature."""
    if mover.armed is not None:
        return mover.armed
    known = CLASSES.get(mover.mover_class or "")
    if known is not None and known.is_weapon:
        return True
    party = agreement.parties.get(mover.party or "")
    return party.armed if party is not None else None


def selector_covers(who: Selector, mover: Mover, agreement: Agreement) -> Applies:
    """Whether ``who`` binds this mover. A definite no wins over anything unknown."""
    answers = [
        _party(who, mover),
        _armed(who, mover, agreement),
        _class(who, mover),
        _at_least(who.calibre_min_mm, mover.weapon.calibre_mm, "calibre"),
        _at_least(who.range_min_m, mover.weapon.range_m, "range"),
    ]
    refused = next((answer for answer in answers if not answer.yes), None)
    if refused is not None:
        return refused
    return next((answer for answer in answers if answer.unknown), APPLIES)


def _party(who: Selector, mover: Mover) -> Applies:
    if who.parties is None and not who.except_parties:
        return APPLIES
    if mover.party is None:
        return Applies(yes=True, unknown="party-unknown")
    if mover.party in who.except_parties or (who.parties is not None and mover.party not in who.parties):
        return _no("party", party=mover.party)
    return APPLIES


def _armed(who: Selector, mover: Mover, agreement: Agreement) -> Applies:
    if who.armed is None:
        return APPLIES
    armed = is_armed(mover, agreement)
    if armed is None:
        return Applies(yes=True, unknown="armed-unknown")
    return APPLIES if armed == who.armed else _no("class", seen="not armed" if who.armed else "armed")


def _class(who: Selector, mover: Mover) -> Applies:
    if who.classes is None:
        return APPLIES
    if mover.mover_class is None:
        return Applies(yes=True, unknown="class-unknown")
    return APPLIES if mover.mover_class in who.classes else _no("class", seen=mover.mover_class)


def _at_least(least: float | None, known: float | None, what: str) -> Applies:
    if least is None:
        return APPLIES
    if known is None:
        return Applies(yes=True, unknown=f"{what}-unknown")
    return (
        APPLIES if known >= least else _no("class", seen=f"{what} {known:g}, the clause begins at {least:g}")
    )


def in_force(clause: Clause, party: str | None) -> tuple[Interval, ...]:
    """When the clause binds ``party``: its validity less what was suspended by that party or by all."""
    holes = [
        item.interval for item in clause.validity.suspensions if item.party is None or item.party == party
    ]
    return subtract_intervals(clause.validity.interval, holes)


def out_of_force(clause: Clause, party: str | None, interval: Interval) -> Applies:
    """Why nothing of ``interval`` is in force: suspended, or outside the clause's time."""
    for item in clause.validity.suspensions:
        if (item.party is None or item.party == party) and item.interval.meets(interval):
            return _no("suspended", interval=item.interval, by=item.party or "all parties")
    whole = clause.validity.interval
    return _no("not-in-force", interval=whole if whole != ALWAYS else None)


def matching_exemptions(clause: Clause, mover: Mover) -> tuple[Exemption, ...]:
    """The exemptions whose purpose, class and party conditions this mover meets (place not yet asked)."""

    def meets(wanted: frozenset[str] | None, seen: str | None) -> bool:
        return wanted is None or (seen is not None and seen in wanted)

    return tuple(
        exemption
        for exemption in clause.exemptions
        if meets(exemption.purposes, mover.purpose or None)
        and meets(exemption.classes, mover.mover_class)
        and meets(exemption.parties, mover.party)
    )


def clause_covers(clause: Clause, mover: Mover, agreement: Agreement) -> Applies:
    """Whether the clause binds this mover at all, exemptions that hold everywhere included."""
    covered = selector_covers(clause.who, mover, agreement)
    if not covered.yes:
        return covered
    everywhere = next((item for item in matching_exemptions(clause, mover) if item.where is None), None)
    if everywhere is not None:
        return _no("exempt", text=everywhere.text)
    return covered


def accepted_by(clause: Clause, agreement: Agreement, party: str | None) -> bool | None:
    """Whether ``party`` accepts this clause; None where the record does not say."""
    if party is None:
        return None
    if party in clause.contested_by:
        return False
    known = agreement.parties.get(party)
    return known.accepts if known is not None else None
