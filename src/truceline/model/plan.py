"""What is planned and notified: routes with windows of time, and the volumes of space and time they may take up."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

from truceline.errors import GeometryError, InputError
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.timebase import US_PER_S, Interval
from truceline.units import Metres, MicrosUTC, Seconds

# What an altitude can be measured from; "" is not stated.
PLAN_DATUMS = ("", "ellipsoid", "msl", "baro", "agl")
WIDEST_CORRIDOR_M: Metres = 200_000.0
LONGEST_LATENESS_S: Seconds = 366 * 86_400.0


def _refuse(whose: str, what: str, hint: str) -> None:
    raise InputError(f"{whose}: {what}", hint=hint, code="plan")


def _require_length(whose: str, name: str, value_m: Metres) -> None:
    if not 0 <= value_m <= WIDEST_CORRIDOR_M:
        _refuse(whose, f"{name} is {value_m!r} m", "give a length from 0 to 200 km")


def _require_place(whose: str, lonlat_deg: tuple[float, float]) -> None:
    lon, lat = lonlat_deg
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise GeometryError(
            f"{whose}: no place on earth at {lonlat_deg!r}", hint="longitude, then latitude, in degrees"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AltitudeBand:
    """From ``low_m`` to ``high_m``, both included; None is open. ``datum`` is one of :data:`PLAN_DATUMS`."""

    low_m: Metres | None = None
    high_m: Metres | None = None
    datum: str = ""

    def __post_init__(self) -> None:
        if self.datum not in PLAN_DATUMS:
            _refuse(
                "altitude", f"measured from {self.datum!r}", f"one of {', '.join(filter(None, PLAN_DATUMS))}"
            )
        known = [value for value in (self.low_m, self.high_m) if value is not None]
        if not all(map(math.isfinite, known)) or known != sorted(known):
            _refuse("altitude", f"from {self.low_m!r} to {self.high_m!r} m", "give the lower bound first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """A place to be passed no earlier than ``earliest_us`` and no later than ``latest_us``."""

    lonlat_deg: tuple[float, float]
    earliest_us: MicrosUTC
    latest_us: MicrosUTC
    name: str = ""

    def __post_init__(self) -> None:
        whose = f"waypoint {self.name}" if self.name else "waypoint"
        _require_place(whose, self.lonlat_deg)
        if self.latest_us < self.earliest_us:
            _refuse(whose, "its latest time is before its earliest", "give the earliest first")


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume4D:
    """Where, when and how high something may be: anywhere in the footprint at any time of the interval.

    Attributes
    ----------
    lonlat_deg : tuple of (lon, lat)
        A path of one or more points, or, with ``ring``, an area of three or more corners; geodesics between.
    half_width_m : float
        Round the path or the area.
    interval : Interval
        As planned, half-open.
    altitude : AltitudeBand or None
        None is not stated, and is never told apart from another by altitude.
    drift_m, lateness_s : float
        Margins: how much further aside, and how much later, it may be than planned.
    """

    lonlat_deg: tuple[tuple[float, float], ...]
    interval: Interval
    half_width_m: Metres = 0.0
    ring: bool = False
    altitude: AltitudeBand | None = None
    drift_m: Metres = 0.0
    lateness_s: Seconds = 0.0

    def __post_init__(self) -> None:
        least = 3 if self.ring else 1
        if len(self.lonlat_deg) < least:
            _refuse("volume", f"{len(self.lonlat_deg)} points", f"give {least} or more")
        for point in self.lonlat_deg:
            _require_place("volume", point)
        _check_margins("volume", self.half_width_m, self.drift_m, self.lateness_s)

    @property
    def longest(self) -> Interval:
        """The interval with the lateness allowed for."""
        return _later(self.interval, self.lateness_s)


def _check_margins(whose: str, half_width_m: Metres, drift_m: Metres, lateness_s: Seconds) -> None:
    _require_length(whose, "half width", half_width_m)
    _require_length(whose, "drift", drift_m)
    if not 0 <= lateness_s <= LONGEST_LATENESS_S:
        _refuse(whose, f"lateness is {lateness_s!r} s", "give a time from 0 to 366 days")


def _later(interval: Interval, lateness_s: Seconds) -> Interval:
    return Interval(interval.start_us, interval.end_us + math.ceil(lateness_s * US_PER_S))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A planned movement: who goes where, along which corridor, in which windows of time, how high.

    Attributes
    ----------
    id : str
        Names the plan; unique among what is notified.
    mover : Mover
        Who moves. Where only party and class are known, its id is that of the plan.
    route : tuple of Waypoint
        In the order of travel; geodesics between. One waypoint is a stay at a place. Neither the earliest nor
        the latest times go backwards.
    half_width_m : float
        Of the corridor: how far aside of the route the mover may be as planned.
    altitude : AltitudeBand or None
    drift_m, lateness_s : float
        Margins: how much further aside, and how much later, it may come to be than planned.
    volumes : tuple of Volume4D
        Made of the above, one a leg: its corridor, from the earliest departure to the latest arrival; one of a
        stay.

    Raises
    ------
    InputError
        Code ``plan``: no route, windows that go backwards, a length or time out of range.

    Examples
    --------
    >>> from truceline import Mover
    >>> stay = Waypoint(lonlat_deg=(38.6, 33.5), earliest_us=0, latest_us=3_600_000_000)
    >>> plan = Plan(id="P1", mover=Mover(id="convoy", party="un"), route=(stay,), half_width_m=200.0)
    >>> [volume.interval.duration_s for volume in plan.volumes]
    [3600.0]
    """

    id: str
    mover: Mover
    route: tuple[Waypoint, ...]
    half_width_m: Metres
    altitude: AltitudeBand | None = None
    drift_m: Metres = 0.0
    lateness_s: Seconds = 0.0
    title: str = ""
    source: SourceRef = field(default_factory=SourceRef)
    exercise: bool = False
    volumes: tuple[Volume4D, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        whose = f"plan {self.id}"
        if not self.id:
            _refuse("plan", "it has no id", "name it, so that it can be cited")
        if not self.route:
            _refuse(whose, "it has no route", "give one waypoint or more")
        _check_margins(whose, self.half_width_m, self.drift_m, self.lateness_s)
        for number, (before, after) in enumerate(pairwise(self.route), start=2):
            if after.earliest_us < before.earliest_us or after.latest_us < before.latest_us:
                _refuse(
                    whose,
                    f"the window of waypoint {number} lies before that of waypoint {number - 1}",
                    "give the waypoints in the order of travel",
                )
        object.__setattr__(self, "volumes", self._volumes())

    @property
    def span(self) -> Interval:
        """From the earliest start to the latest arrival as planned."""
        return Interval(self.route[0].earliest_us, self.route[-1].latest_us)

    @property
    def longest(self) -> Interval:
        """The span with the lateness allowed for."""
        return _later(self.span, self.lateness_s)

    def _volumes(self) -> tuple[Volume4D, ...]:
        legs = pairwise(self.route) if len(self.route) > 1 else [(self.route[0],)]
        return tuple(
            Volume4D(
                lonlat_deg=tuple(waypoint.lonlat_deg for waypoint in leg),
                interval=Interval(leg[0].earliest_us, leg[-1].latest_us),
                half_width_m=self.half_width_m,
                altitude=self.altitude,
                drift_m=self.drift_m,
                lateness_s=self.lateness_s,
            )
            for leg in legs
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifiedMovement:
    """What is held of another movement: whose it is, and the volumes it may take up. No more is needed."""

    id: str
    mover: Mover
    volumes: tuple[Volume4D, ...]
    source: SourceRef = field(default_factory=SourceRef)
    exercise: bool = False

    def __post_init__(self) -> None:
        if not self.id or not self.volumes:
            _refuse(f"movement {self.id}".strip(), "it has no id or no volume", "give both")


def notified_of(plan: Plan) -> NotifiedMovement:
    """A plan as others hold it."""
    return NotifiedMovement(
        id=plan.id, mover=plan.mover, volumes=plan.volumes, source=plan.source, exercise=plan.exercise
    )


def movements_of(items: Iterable[Plan | NotifiedMovement]) -> tuple[NotifiedMovement, ...]:
    """Plans and movements alike, as movements."""
    return tuple(notified_of(item) if isinstance(item, Plan) else item for item in items)
