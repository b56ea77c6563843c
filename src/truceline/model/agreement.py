"""What was agreed, resolved: units in SI, instants in UTC, names joined to objects.

Made from the written document by ``truceline.agreement``; every later room reads only this.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from truceline.model.identity import Party
from truceline.timebase import ALWAYS, Interval
from truceline.units import Metres

LonLats = tuple[tuple[float, float], ...]
Edges = Literal["geodesic", "parallel"]
SideName = Literal["left", "right"]

# ---------------------------------------------------------------- places


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A polyline. ``edges`` says what it is between vertices: ``geodesic`` or ``parallel``."""

    lonlat_deg: LonLats
    edges: Edges = "geodesic"
    accuracy_m: Metres = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Polygon:
    """Rings of lon, lat: for each polygon its shell, then its holes. Rings are closed implicitly."""

    polygons: tuple[tuple[LonLats, ...], ...]
    edges: Edges = "geodesic"
    accuracy_m: Metres = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Everything within ``radius_m`` of a point (lon, lat)."""

    centre_deg: tuple[float, float]
    radius_m: Metres
    accuracy_m: Metres = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Everything within ``left_m`` of the line on its left and ``right_m`` on its right; ends are round.

    Left and right are seen along the line's vertex order.
    """

    line: Line
    left_m: Metres
    right_m: Metres
    accuracy_m: Metres = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a line, moved by ``offset_m`` into the other side (0: the line itself).

    The first and last edges are carried straight on, so that the line parts the whole area it is used in.
    A point is inside where it lies on ``side``, or past the line by no more than ``offset_m``.
    """

    line: Line
    side: SideName
    offset_m: Metres = 0.0
    accuracy_m: Metres = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Combination:
    """``difference`` (first less the rest), ``intersection`` or ``union`` of shapes."""

    op: str
    parts: tuple[Shape, ...]


Shape = Polygon | Circle | Band | Side | Combination


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named place: a line or an area, with where it comes from and how good it is."""

    id: str
    shape: Line | Shape
    name: str = ""
    accuracy_m: Metres = 0.0
    source: str = ""
    note: str = ""
    schematic: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoofingSink:
    """A place at which receivers under spoofing are known to appear, an airport most often.

    Positions within ``radius_m`` reached by an impossible jump are not believed; within ``dry_m``, which is
    all dry land, no vessel's are.
    """

    name: str
    centre_deg: tuple[float, float]
    radius_m: Metres
    dry_m: Metres = 0.0
    source: str = ""


AltitudeDatum = Literal["ellipsoid", "msl", "baro", "agl"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AltitudeBand:
    """Heights a clause is limited to. The agreed limits themselves are outside the band.

    None is no limit on that side. A datum belongs to each limit: a band may begin 500 m above ground and end
    at a flight level (``baro``).
    """

    from_m: Metres | None = None
    to_m: Metres | None = None
    from_datum: AltitudeDatum = "msl"
    to_datum: AltitudeDatum = "msl"


# ---------------------------------------------------------------- who, when


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Whom a clause binds. None is "any"; ``backed`` takes in the forces a listed party backs."""

    parties: frozenset[str] | None = None
    except_parties: frozenset[str] = frozenset()
    classes: frozenset[str] | None = None
    armed: bool | None = None
    calibre_min_mm: float | None = None
    range_min_m: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspension:
    """A clause not applied during ``interval``, by ``party`` (None: by all)."""

    interval: Interval
    party: str | None = None
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """When a clause is in force, and when it is not applied in between."""

    interval: Interval = ALWAYS
    suspensions: tuple[Suspension, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """Who is exempt and on what condition. All stated conditions must hold."""

    purposes: frozenset[str] | None = None
    classes: frozenset[str] | None = None
    parties: frozenset[str] | None = None
    where: Shape | None = None
    text: str = ""


# ---------------------------------------------------------------- rules


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepOut:
    """Not inside ``where``."""

    kind: str = "keep-out"
    where: Shape
    place_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeepSide:
    """Each party stays on its side; ``forbidden`` is, per party, the side it must not be on."""

    kind: str = "keep-side"
    line: Line
    forbidden: dict[str, Shape]
    place_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFlyLimit:
    """No flight of ``classes`` in ``where``; ``where`` None: the number is not published."""

    classes: frozenset[str]
    where: Shape | None
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoFly:
    """No flight of a class where its limit forbids it; any one limit is enough."""

    kind: str = "no-fly"
    limits: tuple[NoFlyLimit, ...]
    place_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """At least ``per_side_m`` from the party's own baseline; None: the number is not published.

    ``too_near`` is, per party (or ``"*"`` for all), the area nearer than that.
    ``width_m`` is kept where the text gave the width of the whole zone.
    """

    kind: str = "withdraw"
    per_side_m: Metres | None
    width_m: Metres | None = None
    too_near: dict[str, Shape]
    place_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Separate:
    """Any mover of ``first`` and any of ``second`` stay at least ``distance_m`` apart; None: not published.

    ``vertical_m``: or at least so far above or below each other; None: however high they are.
    ``vertical_accuracy_m``: 95 % half-width of each recorded height; None: not stated.
    ``severity_m``: upper closest-approach distance of severity A, B and C, as the agreement sets them.
    """

    kind: str = "separate"
    first: Selector
    second: Selector
    distance_m: Metres | None
    vertical_m: Metres | None = None
    vertical_accuracy_m: Metres | None = None
    severity_m: dict[str, Metres] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cease:
    """None of ``acts`` by anyone bound, in ``where`` (None: everywhere)."""

    kind: str = "cease"
    acts: frozenset[str]
    where: Shape | None = None
    place_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A clause held as text whose rule kind this version does not judge; ``rule`` names it, or is ""."""

    kind: str = "recorded"
    rule: str = ""


Rule = KeepOut | KeepSide | NoFly | Withdraw | Separate | Cease | Recorded


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRef:
    """The signed words: where they are read, their status, and the hash of the copy used."""

    source: str = ""
    status: str = ""  # signed, draft, reported, unpublished
    sha256: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """One rule with its words. ``tolerance_m`` is what the parties agreed to overlook."""

    id: str
    rule: Rule
    who: Selector
    text: str
    title: str = ""
    source: str = ""
    validity: Validity = field(default_factory=Validity)
    exemptions: tuple[Exemption, ...] = ()
    tolerance_m: Metres = 0.0
    altitude: AltitudeBand | None = None  # None: at every height
    note: str = ""
    assumptions: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()  # numbers that are known to exist and are not published
    contested_by: tuple[str, ...] = ()  # parties that do not accept this clause


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePolicy:
    """When a report is enough for BREACH: a grade this good, or this many independent origins."""

    reliability: str = "B"
    credibility: int = 2
    independent_origins_count: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A whole agreement, resolved. Dicts keep the file's order."""

    title: str
    text: TextRef
    parties: dict[str, Party]
    places: dict[str, Place]
    clauses: dict[str, Clause]
    signed: str = ""
    zone: str | None = None
    zone_basis: str = ""
    policy: EvidencePolicy = field(default_factory=EvidencePolicy)
    spoofing_sinks: tuple[SpoofingSink, ...] = ()
    assumptions: tuple[str, ...] = ()
    sha256: str = ""
    file: str = ""
    exercise: bool = False
