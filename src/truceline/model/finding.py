"""What was found: verdicts, findings, the clauses that did not apply, and what was observed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from truceline.model.evidence import Dropped
from truceline.model.movement import SourceRef
from truceline.timebase import Interval
from truceline.units import Metres, MicrosUTC, Seconds


class Verdict(StrEnum):
    """The five answers, in the order in which a summary takes the first that occurs."""

    BREACH = "BREACH"
    POSSIBLE = "POSSIBLE"
    NOT_EVALUATED = "NOT_EVALUATED"
    NO_COVERAGE = "NO_COVERAGE"
    CLEAR = "CLEAR"


def summarise(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The first of BREACH, POSSIBLE, NOT_EVALUATED, NO_COVERAGE, CLEAR that occurs; None of none."""
    present = set(verdicts)
    return next((verdict for verdict in Verdict if verdict in present), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class PathPoint:
    """An instant and a place on the interpolated path. ``t_us`` None: the source has no clock."""

    t_us: MicrosUTC | None
    lonlat_deg: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Incursion:
    """A visit past a line or into an area.

    ``entry`` None where the record began (or resumed after a gap) already inside, ``exit`` likewise.
    Depths are geodesic metres past the line; low and high take in the stated accuracies.
    ``beyond_s`` is the time past the line; ``crossings_count`` counts line crossings, both ways.
    """

    entry: PathPoint | None
    exit: PathPoint | None
    deepest: PathPoint
    depth_m: Metres
    depth_low_m: Metres
    depth_high_m: Metres
    beyond_s: Seconds | None
    crossings_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Encounter:
    """How close two movers came while nearer than the separation.

    ``severity`` is A to E as airprox boards use it, D where it cannot be determined, "" where the
    agreement sets no thresholds.
    """

    other_mover: str
    other_party: str | None
    at_us: MicrosUTC
    lonlat_deg: tuple[float, float]
    other_lonlat_deg: tuple[float, float]
    distance_m: Metres
    distance_low_m: Metres
    distance_high_m: Metres
    separation_m: Metres
    vertical_m: Metres | None = None
    severity: str = ""
    below_s: Seconds = 0.0
    open_start: bool = False
    open_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """How a mover left what was notified of it. ``plan`` is the plan's id, "" where none covers it.

    ``off_m`` is how far outside the corridor at the worst, with low and high for the accuracy of the fixes;
    ``late_s`` how far past the latest time, negative where before the earliest; ``altitude_off_m`` how far above
    the band, negative where below it. None is not of this kind. ``leg`` counts from 0.
    """

    plan: str
    leg: int | None
    first: PathPoint
    worst: PathPoint
    off_m: Metres | None = None
    off_low_m: Metres | None = None
    off_high_m: Metres | None = None
    late_s: Seconds | None = None
    late_low_s: Seconds | None = None
    late_high_s: Seconds | None = None
    altitude_off_m: Metres | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One answer about one clause and one piece of evidence.

    ``kind`` is ``incursion`` (a visit), ``near-line`` (within accuracy, never past), ``gap`` (unobserved),
    ``encounter``, ``report``, ``observed`` (CLEAR, with the intervals observed) or ``undetermined``;
    of a plan ``plan-conflict``, ``plan-encounter``, ``plan-overlap`` or ``no-conflict``; of a track beside its
    plan ``off-route``, ``ahead``, ``behind``, ``off-altitude``, ``unnotified`` or ``on-plan``.
    ``subject`` is the mover or report id. ``because`` is a stable code, ``reason`` its sentence.
    ``marks`` are short flags: alleged, unobserved, open-start, open-end, not-accepted, schematic-line ...
    ``margin_m`` is how much depth (or separation) would have to change to change the verdict; None if unknown.
    """

    id: str
    kind: str
    clause: str
    rule: str
    verdict: Verdict
    subject: str
    party: str | None = None
    interval: Interval | None = None
    probability: float | None = None
    because: str = ""
    reason: str = ""
    incursion: Incursion | None = None
    encounter: Encounter | None = None
    lonlat_deg: tuple[float, float] | None = None
    radius_m: Metres | None = None
    observed: tuple[Interval, ...] = ()
    marks: tuple[str, ...] = ()
    accepted_by_party: bool | None = None
    margin_m: Metres | None = None
    deviation: Deviation | None = None
    legs: tuple[int, ...] = ()  # of a plan's route, from 0
    evidence: tuple[SourceRef, ...] = ()
    exercise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NotApplied:
    """A clause that does not apply to this evidence, and why (``party``, ``class``, ``exempt``,
    ``suspended``, ``not-in-force``, ``outside-area``, ``act``, ``no-evidence-kind``, ``not-judged``)."""

    clause: str
    subject: str
    because: str
    reason: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why fixes of a track are not relied on. They are kept; nothing is judged from them.

    ``code`` names the check (``speed-impossible``, ``position-frozen`` ...: docs/explain/plausibility.md), in
    whose unit ``seen`` and ``limit`` are: what was seen, and the limit it is past. ``first_fix`` and
    ``last_fix`` are places in the track, both included. ``source`` says where the limit comes from, ``note``
    what else is known (the name of a spoofing sink).
    """

    code: str
    interval: Interval
    first_fix: int
    last_fix: int
    seen: float
    limit: float
    source: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """For one clause and one mover: when it was observed, and when it was not and why.

    ``doubts`` says why the time in ``unreliable`` is not relied on.
    """

    clause: str
    subject: str
    observed: tuple[Interval, ...] = ()
    gaps: tuple[Interval, ...] = ()
    unreliable: tuple[Interval, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    @property
    def observed_s(self) -> Seconds:
        return sum(interval.duration_s for interval in self.observed)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """All findings of one check, in a fixed order, with what did not apply and what was not seen."""

    findings: tuple[Finding, ...] = ()
    not_applied: tuple[NotApplied, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    checked_count: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def verdict(self) -> Verdict | None:
        return summarise(finding.verdict for finding in self.findings)

    def merged_with(self, other: CheckResult) -> CheckResult:
        """Both results as one; findings stay in their order."""
        return CheckResult(
            findings=self.findings + other.findings,
            not_applied=self.not_applied + other.not_applied,
            coverage=self.coverage + other.coverage,
            dropped=self.dropped + other.dropped,
            checked_count=self.checked_count + other.checked_count,
            notes=self.notes + other.notes,
        )
