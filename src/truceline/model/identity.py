"""Who and what moves: parties, movers, weapons, and the catalogue of mover classes."""

from __future__ import annotations

from dataclasses import dataclass, field

from truceline.units import Metres, MetresPerSecond, Millimetres


@dataclass(frozen=True, slots=True, kw_only=True)
class MoverClass:
    """A kind of mover. ``top_speed_mps`` is a generous ceiling: above it a leg is not believed."""

    id: str
    domain: str  # land, sea or air
    top_speed_mps: MetresPerSecond
    is_weapon: bool = False


# Ceilings: foot 3, vehicle 50, boat 25, helicopter 90, aircraft 350 m/s, the limits used for marking
# impossible speeds in position data; a towed or self-propelled weapon moves as a vehicle.
CLASSES: dict[str, MoverClass] = {
    item.id: item
    for item in (
        MoverClass(id="foot", domain="land", top_speed_mps=3.0),
        MoverClass(id="vehicle", domain="land", top_speed_mps=50.0),
        MoverClass(id="armoured-vehicle", domain="land", top_speed_mps=30.0),
        MoverClass(id="tank", domain="land", top_speed_mps=25.0, is_weapon=True),
        MoverClass(id="artillery", domain="land", top_speed_mps=50.0, is_weapon=True),
        MoverClass(id="mortar", domain="land", top_speed_mps=50.0, is_weapon=True),
        MoverClass(id="mlrs", domain="land", top_speed_mps=50.0, is_weapon=True),
        MoverClass(id="sam", domain="land", top_speed_mps=50.0, is_weapon=True),
        MoverClass(id="vessel", domain="sea", top_speed_mps=25.0),
        MoverClass(id="warship", domain="sea", top_speed_mps=25.0),
        MoverClass(id="fixed-wing", domain="air", top_speed_mps=350.0),
        MoverClass(id="rotary", domain="air", top_speed_mps=90.0),
        MoverClass(id="uav", domain="air", top_speed_mps=90.0),
        MoverClass(id="balloon", domain="air", top_speed_mps=60.0),
    )
}
# Names that stand for several classes in an agreement file.
CLASS_GROUPS: dict[str, frozenset[str]] = {
    "aircraft": frozenset(item.id for item in CLASSES.values() if item.domain == "air"),
    "land": frozenset(item.id for item in CLASSES.values() if item.domain == "land"),
    "sea": frozenset(item.id for item in CLASSES.values() if item.domain == "sea"),
    "weapon": frozenset(item.id for item in CLASSES.values() if item.is_weapon),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party to an agreement, or a force backed by one.

    ``accepts`` is None where the record does not say; ``armed`` None where its movers may be either.
    """

    id: str
    name: str
    backed_by: tuple[str, ...] = ()
    accepts: bool | None = None
    armed: bool | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weapon:
    """What a clause can ask about a weapon; None is unknown, never a pass."""

    calibre_mm: Millimetres | None = None
    range_m: Metres | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """One thing that moves: a patrol, a vehicle, an aircraft, a vessel, a weapon.

    Attributes
    ----------
    party : str or None
        Party id of the agreement; None is "not known whose".
    mover_class : str or None
        Key of :data:`CLASSES`; None is unknown.
    armed : bool or None
        None falls back to the party's.
    purpose : str
        What it was there for (``medevac``, ``joint-patrol`` ...); exemptions ask for it.
    top_speed_mps : float or None
        Overrides the class ceiling when reckoning what was reachable in a gap.
    """

    id: str
    party: str | None = None
    mover_class: str | None = None
    armed: bool | None = None
    weapon: Weapon = field(default_factory=Weapon)
    name: str = ""
    purpose: str = ""
    notified: bool | None = None
    top_speed_mps: MetresPerSecond | None = None

    @property
    def speed_ceiling_mps(self) -> MetresPerSecond | None:
        """Own top speed, else the class ceiling, else None."""
        if self.top_speed_mps is not None:
            return self.top_speed_mps
        known = CLASSES.get(self.mover_class or "")
        return known.top_speed_mps if known else None
