"""Which lines a mover is watched against: the clauses that bind it, each with the area it forbids."""

from __future__ import annotations

from dataclasses import dataclass

from truceline.kernels import FixStream, Region
from truceline.model.agreement import Agreement, Clause
from truceline.model.identity import Mover
from truceline.rules.applies import accepted_by, clause_covers, in_force
from truceline.rules.movement.areas import PRESENCE_KINDS, forbidden_area
from truceline.rules.movement.plausibility import UNKNOWN_CEILING_MPS
from truceline.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One clause with one area, as the stream knows it by number."""

    clause: Clause
    region: Region
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bond:
    """One mover under one watched clause; ``unknown``: what would have to be known to be sure of that."""

    clause: Clause
    mover: Mover
    unknown: str
    accepted: bool | None


class Bindings:
    """The rules of a stream, made when the first mover they bind appears, and shared by all that they bind alike."""

    def __init__(self, agreement: Agreement, stream: FixStream) -> None:
        self._agreement, self._stream = agreement, stream
        self._clauses = [item for item in agreement.clauses.values() if item.rule.kind in PRESENCE_KINDS]
        self._watched: dict[tuple[str, str | None, str | None, str], Watched | None] = {}
        self._bonds: dict[tuple[int, int], Bond] = {}
        self._bound: dict[int, tuple[float, tuple[int, ...]]] = {}

    def bind(self, index: int, mover: Mover, longest_gap_s: Seconds) -> int:
        """Watch a mover under every clause that binds it, as it is known now; how many there are."""
        numbers = []
        for clause in self._clauses:
            covered = clause_covers(clause, mover, self._agreement)
            watched = self._watched_as(clause, mover) if covered.yes else None
            if watched is None:
                continue
            numbers.append(watched.number)
            self._bonds[index, watched.number] = Bond(
                clause=clause,
                mover=mover,
                unknown=covered.unknown or ("height-not-watched" if clause.altitude is not None else ""),
                accepted=accepted_by(clause, self._agreement, mover.party),
            )
        ceiling_mps = mover.speed_ceiling_mps or UNKNOWN_CEILING_MPS
        if self._bound.get(index) != (ceiling_mps, tuple(numbers)):
            self._stream.bind(index, longest_gap_s=longest_gap_s, ceiling_mps=ceiling_mps, rules=numbers)
            self._bound[index] = (ceiling_mps, tuple(numbers))
        return len(numbers)

    def bond(self, index: int, number: int) -> Bond:
        """The mover and the clause of an event."""
        return self._bonds[index, number]

    def _watched_as(self, clause: Clause, mover: Mover) -> Watched | None:
        """The area of a clause for movers like this one; None where it forbids none or its number is not known."""
        # All that decides the area and the time in force.
        key = (clause.id, mover.party, mover.mover_class, mover.purpose)
        if key not in self._watched:
            region = forbidden_area(clause, mover).region
            force = [(when.start_us, when.end_us) for when in in_force(clause, mover.party)]
            self._watched[key] = (
                Watched(
                    clause=clause,
                    region=region,
                    number=self._stream.add_rule(region, tolerance_m=clause.tolerance_m, in_force=force),
                )
                if region is not None and force
                else None
            )
        return self._watched[key]
