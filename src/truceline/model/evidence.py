"""What was said: reports with their source, grade and origins; and what a reader dropped, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from truceline.errors import Where
from truceline.model.movement import Path, SourceRef, Track
from truceline.timebase import Interval
from truceline.units import Metres

# Acts a report can name and a clause can ban. The names are the field's (domain vocabulary).
ACTS = (
    "armed-clash",
    "shelling",
    "air-strike",
    "uav-strike",
    "ied",
    "small-arms-fire",
    "attack",  # an attack on persons, means not stated
    "ramming",
    "blocking",
    "overflight",
    "crossing",  # presence or movement past a line, as reported
    "detention",
    "non-violent-transfer",
    "other",
)
TIME_PRECISIONS = ("instant", "hour", "day", "days", "week", "month", "year")
PLACE_PRECISIONS = ("point", "place", "near", "district", "province", "country", "unknown")
COARSE_TIMES = frozenset({"month", "year"})
COARSE_PLACES = frozenset({"district", "province", "country", "unknown"})


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """When something is said to have happened: the interval it lies in, and how finely that is known."""

    interval: Interval
    precision: str = "instant"

    @property
    def coarse(self) -> bool:
        return self.precision in COARSE_TIMES


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where something is said to have happened.

    ``lonlat_deg`` with ``radius_m`` is a circle it lies in (95 %); both None where only a name is known.
    """

    lonlat_deg: tuple[float, float] | None = None
    radius_m: Metres | None = None
    precision: str = "unknown"
    name: str = ""

    @property
    def coarse(self) -> bool:
        return self.precision in COARSE_PLACES or self.lonlat_deg is None or self.radius_m is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Who is said to have done it. ``unknown`` is a value, not a blank."""

    party: str | None = None
    status: str = "unknown"  # party, probable, disputed, unknown
    basis: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """Two separate grades: source reliability A-F and information credibility 1-6, by a named grader."""

    reliability: str = "F"
    credibility: int = 6
    grader: str = ""
    reason: str = ""

    def at_least(self, reliability: str, credibility: int) -> bool:
        """F and 6 mean "cannot be judged" and are never at least anything."""
        return (
            bool(self.grader)
            and self.reliability != "F"
            and self.credibility != 6
            and self.reliability <= reliability
            and self.credibility <= credibility
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Casualties:
    """Deaths as reported; None is not stated."""

    low: int | None = None
    best: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One claim, verbatim, by one source. Never overwritten: a correction is another report.

    ``origins`` are the named independent origins it rests on (twenty copies of one wire are one);
    ``anonymous_origins`` such as "residents" are kept and not counted as independent.
    """

    id: str
    act: str | None
    when: When
    where: Whereabouts
    attributions: tuple[Attribution, ...] = ()
    text: str = ""
    source_name: str = ""
    origins: tuple[str, ...] = ()
    anonymous_origins: tuple[str, ...] = ()
    grade: Grade | None = None
    deaths: Casualties = field(default_factory=Casualties)
    url: str = ""
    source: SourceRef = field(default_factory=SourceRef)
    note: str = ""
    exercise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """One thing a reader could not use as it stood.

    ``code`` is stable (``not-finite``, ``out-of-range``, ``swapped?``, ``no-time``, ``bad-time``,
    ``duplicate``, ``conflict``, ``out-of-order``, ``empty-segment``, ``bad-row`` ...); ``kept`` is True
    where the record was used after all (sorted into order, say) and this is only the remark.
    """

    code: str
    where: Where
    seen: str
    outcome: str
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """What a reader gives: records, and everything it dropped or changed, and why."""

    source: SourceRef
    tracks: tuple[Track, ...] = ()
    paths: tuple[Path, ...] = ()
    reports: tuple[Report, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    read_count: int = 0

    @property
    def dropped_count(self) -> int:
        """How many records were not used (remarks on kept ones are not counted)."""
        return sum(not item.kept for item in self.dropped)
