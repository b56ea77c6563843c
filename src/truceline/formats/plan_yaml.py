"""Plan files: one planned movement in YAML or JSON, read strictly, every mistake told at once with its line.

Lengths, times and zones are spelled out as in agreement files: a bare number is refused, and so is a time without
a zone unless the file states ``zone`` once for all. ``docs/guide/plans.md`` shows a whole one.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)
from pydantic_core import PydanticCustomError

from truceline.errors import InputError
from truceline.formats.csv_table.mapping import checked
from truceline.formats.guard import load_document, load_source
from truceline.formats.options import check_class
from truceline.model.identity import Mover
from truceline.model.plan import AltitudeBand, Plan, Waypoint
from truceline.timebase import parse_instant, zone_named
from truceline.units import parse_duration, parse_length


def _instant(value: Any) -> int:
    if not isinstance(value, str):
        raise InputError(
            f"a time that YAML takes for another thing: {value!r}",
            hint='put it in quotes: "2020-03-06T00:01 Europe/Moscow"',
            code="time",
        )
    return parse_instant(value)


def _zone(value: Any) -> str:
    zone_named(str(value))
    return str(value)


def _place(value: Any) -> tuple[float, float]:
    numbers = isinstance(value, list) and all(
        isinstance(item, (int, float)) and not isinstance(item, bool) for item in value
    )
    if not numbers or len(value) != 2 or not (abs(value[0]) <= 180 and abs(value[1]) <= 90):
        raise InputError(
            f"no place on earth: {value!r}", hint="[longitude, latitude] in degrees", code="place"
        )
    return float(value[0]), float(value[1])


def _not_negative(value: float) -> float:
    if value < 0:
        raise InputError(f"a length or time below zero: {value:g}", hint="leave the sign out", code="range")
    return value


Instant = Annotated[int, BeforeValidator(checked(_instant))]
Place = Annotated[tuple[float, float], BeforeValidator(checked(_place))]
Height = Annotated[float, BeforeValidator(checked(parse_length))]
Length = Annotated[float, BeforeValidator(checked(lambda value: _not_negative(parse_length(value))))]
Duration = Annotated[float, BeforeValidator(checked(lambda value: _not_negative(parse_duration(value))))]
MoverClass = Annotated[str, AfterValidator(checked(check_class))]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=False)


class _Waypoint(_Part):
    at: Place
    earliest: Instant
    latest: Instant
    name: str = ""

    @model_validator(mode="after")
    def _in_order(self) -> _Waypoint:
        if self.latest < self.earliest:
            raise PydanticCustomError(
                "window", "the latest time is before the earliest", {"hint": "give the earliest first"}
            )
        return self


class _Altitude(_Part):
    datum: Literal["ellipsoid", "msl", "baro", "agl"]
    low: Height | None = None
    high: Height | None = None

    @model_validator(mode="after")
    def _in_order(self) -> _Altitude:
        if self.low is not None and self.high is not None and self.high < self.low:
            raise PydanticCustomError(
                "altitude", "the band ends below its start", {"hint": "give the lower bound as low"}
            )
        return self


class PlanDocument(_Part):
    """A plan as written."""

    version: Literal[1] = Field(alias="truceline-plan")
    id: str = Field(min_length=1)
    half_width: Length = Field(alias="half-width")
    route: list[_Waypoint] = Field(min_length=1)
    title: str = ""
    party: str | None = None
    mover_class: MoverClass | None = Field(default=None, alias="class")
    mover: str | None = None
    armed: StrictBool | None = None
    purpose: str = ""
    zone: Annotated[str, BeforeValidator(checked(_zone))] | None = None
    drift: Length = 0.0
    lateness: Duration = 0.0
    altitude: _Altitude | None = None
    exercise: StrictBool = False

    @model_validator(mode="before")
    @classmethod
    def _zone_for_all(cls, data: Any) -> Any:
        """The zone of the file, put behind every time that names none."""
        zone = data.get("zone") if isinstance(data, dict) else None
        route = data.get("route") if isinstance(data, dict) else None
        if not isinstance(zone, str) or not isinstance(route, list):
            return data
        return data | {"route": [_zoned(item, zone) for item in route]}

    @model_validator(mode="after")
    def _onwards(self) -> PlanDocument:
        for number, (before, after) in enumerate(pairwise(self.route), start=2):
            if after.earliest < before.earliest or after.latest < before.latest:
                raise PydanticCustomError(
                    "window",
                    f"the window of waypoint {number} lies before that of waypoint {number - 1}",
                    {"hint": "give the waypoints in the order of travel"},
                )
        return self


def _zoned(item: Any, zone: str) -> Any:
    if not isinstance(item, dict):
        return item
    return item | {
        key: f"{item[key]} {zone}"
        for key in ("earliest", "latest")
        if isinstance(item.get(key), str) and _names_no_zone(item[key])
    }


def _names_no_zone(text: str) -> bool:
    try:
        parse_instant(text)
    except InputError as error:
        return error.code == "no-zone"
    return False


def read_plan(path: str | Path) -> Plan:
    """Read one plan.

    Parameters
    ----------
    path : str or Path
        A YAML 1.2 file, or JSON, which is YAML too.

    Returns
    -------
    Plan

    Raises
    ------
    DocumentError
        Every mistake in it, in file order, with line and column.
    InputError
        Code ``no-file`` where it cannot be opened; code ``plan`` for a length or time out of range.
    """
    written = load_document(path, PlanDocument)
    band = written.altitude
    return Plan(
        id=written.id,
        mover=Mover(
            id=written.mover or written.id,
            party=written.party,
            mover_class=written.mover_class,
            armed=written.armed,
            purpose=written.purpose,
        ),
        route=tuple(
            Waypoint(lonlat_deg=item.at, earliest_us=item.earliest, latest_us=item.latest, name=item.name)
            for item in written.route
        ),
        half_width_m=written.half_width,
        altitude=None if band is None else AltitudeBand(low_m=band.low, high_m=band.high, datum=band.datum),
        drift_m=written.drift,
        lateness_s=written.lateness,
        title=written.title,
        source=load_source(path, format="plan").ref(),
        exercise=written.exercise,
    )
