"""Small agreements and tracks for tests, built without a file."""

from __future__ import annotations

from collections.abc import Sequence

from truceline.kernels import direct
from truceline.model.agreement import (
    Agreement,
    Clause,
    Exemption,
    Rule,
    Selector,
    TextRef,
    Validity,
)
from truceline.model.identity import Mover, Party, Weapon
from truceline.model.movement import Track, exact_track
from truceline.timebase import US_PER_S
from truceline.units import Metres, Seconds


def one_clause(
    rule: Rule,
    *,
    who: Selector | None = None,
    parties: Sequence[Party] = (),
    validity: Validity | None = None,
    exemptions: tuple[Exemption, ...] = (),
    tolerance_m: Metres = 0.0,
) -> Agreement:
    """An agreement of one clause, ``"1"``, between parties ``a`` and ``b`` unless others are given."""
    both = parties or (Party(id="a", name="Party A", armed=True), Party(id="b", name="Party B", armed=True))
    clause = Clause(
        id="1",
        rule=rule,
        who=who or Selector(),
        text="for a test",
        validity=validity or Validity(),
        exemptions=exemptions,
        tolerance_m=tolerance_m,
    )
    return Agreement(
        title="A test agreement",
        text=TextRef(source="made for a test", status="draft"),
        parties={party.id: party for party in both},
        places={},
        clauses={"1": clause},
    )


def mover(
    name: str = "one", *, party: str | None = "a", mover_class: str | None = "vehicle", **more: object
) -> Mover:
    """A mover of party ``a``; ``calibre_mm`` and ``range_m`` go into its weapon."""
    weapon = Weapon(
        calibre_mm=more.pop("calibre_mm", None),  # type: ignore[arg-type]
        range_m=more.pop("range_m", None),  # type: ignore[arg-type]
    )
    return Mover(id=name, party=party, mover_class=mover_class, weapon=weapon, **more)  # type: ignore[arg-type]


def track_from(
    who: Mover,
    origin_deg: tuple[float, float],
    legs: Sequence[tuple[Seconds, float, Metres]],
    *,
    accuracy_m: Metres = 0.0,
    longest_gap_s: Seconds = 300.0,
    start_us: int = 1_583_000_000 * US_PER_S,
) -> Track:
    """A track whose fixes lie at ``(seconds, azimuth, metres)`` from one origin, by geodesics."""
    lonlat = [direct(origin_deg, azimuth, metres).reshape(2) for _, azimuth, metres in legs]
    return exact_track(
        who,
        [start_us + round(seconds * US_PER_S) for seconds, _, _ in legs],
        lonlat,
        accuracy_m=accuracy_m,
        longest_gap_s=longest_gap_s,
    )
