"""The kinds of value an agreement file is written with: lengths, times, names of parties and places.

Each reads what was written and says what is wrong with it, so that one pass over a file finds the bad
unit, the unknown party and the missing key together.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from truceline.agreement.geometry import position_of
from truceline.agreement.problems import brief, did_you_mean
from truceline.errors import InputError
from truceline.model.evidence import ACTS
from truceline.model.identity import CLASS_GROUPS, CLASSES
from truceline.timebase import parse_instant, zone_named
from truceline.units import LENGTH_M, parse_length

ID_PATTERN = r"^[a-z0-9][a-z0-9.\-]*$"
CLAUSE_ID_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.()\-]*$"
HALF_EARTH_M = 20_000_000.0


@dataclass(slots=True, kw_only=True)
class Names:
    """What the rest of the file declares, needed to read any one value of it.

    ``parties`` and ``places`` None: not readable, so names are not checked against them. ``places`` gives
    for each id ``line``, ``area``, or "" where its kind is not clear. ``keys`` and ``found`` are filled
    while reading: the keys each mapping may have, and mistakes about keys that go together.
    """

    parties: tuple[str, ...] | None = None
    places: dict[str, str] | None = None
    zone: str | None = None
    keys: dict[int, tuple[str, ...]] = field(default_factory=dict)
    found: list[tuple[int, InputError]] = field(default_factory=list)


class Written(BaseModel):
    """Base of everything written: no key is unknown, no value is bent into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=False)

    # Keys of which exactly one is written; () where there is no such rule.
    exactly_one_of: ClassVar[tuple[str, ...]] = ()
    # Those of them where null says "known to exist, not published".
    may_be_null: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def written_keys(cls) -> tuple[str, ...]:
        """The keys this mapping may have, as they are written."""
        return tuple(item.alias or name for name, item in cls.model_fields.items())

    @classmethod
    def key_faults(cls, data: dict[str, Any]) -> list[InputError]:
        """Mistakes about keys that go together, whatever their values are."""
        wanted = cls.exactly_one_of
        seen = [key for key in wanted if key in data]
        if not wanted or len(seen) == 1:
            empty = [key for key in seen if data[key] is None and key not in cls.may_be_null]
            return [
                InputError(f"nothing is written after {key!r}", hint="give it", code="wrong-type")
                for key in empty
            ]
        what = f"{' and '.join(seen)} are all written" if seen else "none of them is written"
        message = f"exactly one of {', '.join(wanted)} is needed; {what}"
        hint = "keep the one the text gives" if seen else "add the one the text gives"
        return [InputError(message, hint=hint, code="one-of")]

    @model_validator(mode="before")
    @classmethod
    def _note_keys(cls, data: Any, info: ValidationInfo) -> Any:
        names = info.context
        if not isinstance(data, dict) or not isinstance(names, Names):
            return data
        names.keys[id(data)] = cls.written_keys()
        names.found += [(id(data), error) for error in cls.key_faults(data)]
        return data


def refusal(error: InputError) -> PydanticCustomError:
    """One of our errors in the form the checker of types collects."""
    return PydanticCustomError(
        error.code,
        "{message}",
        {"message": error.message, "hint": error.hint},
    )


def _refuse(code: str, message: str, hint: str) -> PydanticCustomError:
    return refusal(InputError(message, hint=hint, code=code))


# ---------------------------------------------------------------- quantities and times


def _length(value: Any, *, least_open: bool) -> float:
    try:
        metres = parse_length(value)
    except InputError as error:
        hint = error.hint or 'write it like "500 m"'
        if error.code == "bare-number":
            hint = f'write "{value} m" if it is metres, or the unit the text gives'
        raise _refuse(error.code, error.message, hint) from None
    if metres < 0 or (least_open and metres == 0):
        what = "more than nothing" if least_open else "not negative"
        raise _refuse(
            "length-range", f"a length that is {what} is needed, seen {brief(value)}", "give the distance"
        )
    if not math.isfinite(metres) or metres > HALF_EARTH_M:
        hint = "check the unit: m, km, nmi"
        raise _refuse("length-range", f"longer than half way round the Earth: {brief(value)}", hint)
    return metres


def _length_or_zero(value: Any) -> float:
    return _length(value, least_open=False)


def _length_over_zero(value: Any) -> float:
    return _length(value, least_open=True)


_LENGTH_SCHEMA = {
    "type": "string",
    "pattern": r"^\s*[+]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*(mm|cm|m|km|nmi|nm|mi|ft|yd)\s*$",
    "examples": ["500 m", "6 km", "10 nmi"],
}
Length = Annotated[float, BeforeValidator(_length_or_zero), WithJsonSchema(_LENGTH_SCHEMA)]
Distance = Annotated[float, BeforeValidator(_length_over_zero), WithJsonSchema(_LENGTH_SCHEMA)]

_HEIGHT = re.compile(
    r"^\s*(?:FL\s*(?P<level>\d{1,3})|(?P<length>[+-]?[0-9.].*?[A-Za-z])(?:\s+(?P<datum>msl|agl|ellipsoid|baro))?)\s*$"
)


def _height(value: Any) -> tuple[float, str | None]:
    """Metres and the datum it names itself; a flight level is pressure altitude in hundreds of feet."""
    match = _HEIGHT.match(_text(value))
    if match is None:
        raise _refuse(
            "altitude", f"not a height: {brief(value)}", "write it like 3000 m, 500 ft agl or FL150"
        )
    if match["level"]:
        return int(match["level"]) * 100 * LENGTH_M["ft"], "baro"
    try:
        return parse_length(match["length"]), match["datum"]
    except InputError as error:
        hint = error.hint or "write it like 3000 m, 500 ft agl or FL150"
        raise _refuse(error.code, error.message, hint) from None


Datum = Literal["msl", "agl", "ellipsoid", "baro"]
Height = Annotated[
    tuple[float, Datum | None],
    BeforeValidator(_height),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*(FL\s*\d{1,3}|[+-]?(\d+(\.\d*)?|\.\d+)\s*(m|km|ft)(\s+(msl|agl|ellipsoid|baro))?)\s*$",
            "examples": ["3000 m", "500 ft agl", "FL150"],
        }
    ),
]


class WrittenBand(Written):
    """Heights a clause is limited to. The limits themselves are not in the band."""

    from_: Height | None = Field(
        default=None, alias="from", description="Above this; left out from the ground up."
    )
    to: Height | None = Field(default=None, description="Below this; left out for no upper limit.")
    datum: Datum | None = Field(
        default=None, description="What heights that do not say it themselves are measured from."
    )

    @classmethod
    def key_faults(cls, data: dict[str, Any]) -> list[InputError]:
        """A band has a limit, and each limit is measured from something."""
        limits = [data[key] for key in ("from", "to") if data.get(key) is not None]
        if not limits:
            return [
                InputError("a band of heights with no limit", hint="give from, to or both", code="one-of")
            ]
        found = [_HEIGHT.match(limit) for limit in limits if isinstance(limit, str)]
        bare = any(item and not item["level"] and not item["datum"] for item in found)
        if bare and data.get("datum") is None:
            hint = "add datum: msl (mean sea level), agl (ground), ellipsoid or baro (pressure altitude)"
            return [InputError("it is not said what the height is measured from", hint=hint, code="no-datum")]
        return []

    @field_validator("to")
    @classmethod
    def _above_from(cls, to: Any, info: ValidationInfo) -> Any:
        low = info.data.get("from_")
        if to is not None and low is not None and to[1] == low[1] and to[0] <= low[0]:
            message = f"the band ends at {to[0]:g} m, not above its beginning at {low[0]:g} m"
            raise _refuse("altitude", message, "are from and to swapped?")
        return to


def _calibre(value: Any) -> float:
    return round(_length(value, least_open=True) * 1000.0, 6)


CalibreMm = Annotated[
    float, BeforeValidator(_calibre), WithJsonSchema({**_LENGTH_SCHEMA, "examples": ["100 mm", "122 mm"]})
]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        hint = f'put it in quotes: "{value}"' if isinstance(value, (int, float)) else "write text"
        raise _refuse("wrong-type", f"expected text, seen {brief(value)}", hint)
    return value


def _instant(value: Any, info: ValidationInfo) -> int:
    names = info.context
    zone = names.zone if isinstance(names, Names) else None
    try:
        return parse_instant(_text(value), zone=zone)
    except InputError as error:
        hint = error.hint or "write it like 2020-03-06T00:01 Europe/Moscow"
        raise _refuse(error.code, error.message, hint) from None


Instant = Annotated[
    int,
    BeforeValidator(_instant),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^\s*\d{4}-\d{2}-\d{2}",
            "examples": ["2020-03-06T00:01", "2020-03-06T00:01 Europe/Moscow", "2020-03-05T21:01Z"],
        }
    ),
]


def _zone(value: Any) -> str:
    try:
        zone_named(_text(value))
    except InputError as error:
        raise refusal(error) from None
    return str(value)


ZoneName = Annotated[str, BeforeValidator(_zone)]


def _day(value: Any) -> str:
    try:
        return date.fromisoformat(_text(value).strip()).isoformat()
    except ValueError:
        raise _refuse("time", f"no such date: {brief(value)}", "write it like 2020-03-05") from None


Day = Annotated[
    str, BeforeValidator(_day), WithJsonSchema({"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"})
]


def _position(value: Any) -> tuple[float, float]:
    try:
        return position_of(value)
    except InputError as error:
        raise refusal(error) from None


Position = Annotated[
    tuple[float, float],
    BeforeValidator(_position),
    WithJsonSchema({"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}),
]

# ---------------------------------------------------------------- names


def _declared_id(pattern: str, shown: str) -> Callable[[Any], str]:
    compiled = re.compile(pattern)

    def check(value: Any) -> str:
        if not isinstance(value, str) or not compiled.match(value):
            raise _refuse("bad-id", f"not a name that can be referred to: {brief(value)}", shown)
        return value

    return check


NewId = Annotated[
    str,
    BeforeValidator(
        _declared_id(ID_PATTERN, "use small letters, digits, dots and hyphens, as in idlib-area")
    ),
    WithJsonSchema({"type": "string", "pattern": ID_PATTERN}),
]
NewClauseId = Annotated[
    str,
    BeforeValidator(_declared_id(CLAUSE_ID_PATTERN, 'number it as the text does: "1", "4(2)", "II.3"')),
    WithJsonSchema({"type": "string", "pattern": CLAUSE_ID_PATTERN}),
]


def known_name(value: Any, known: Iterable[str], *, code: str, what: str, plural: str) -> str:
    """``value`` if it is one of ``known``; else refused with the nearest of them."""
    name = _text(value)
    names = list(known)
    if name not in names:
        raise _refuse(code, f"no {what} is named {name!r}", did_you_mean(name, names, what=plural))
    return name


def _party(value: Any, info: ValidationInfo) -> str:
    names = info.context
    if not isinstance(names, Names) or names.parties is None:
        return _text(value)
    return known_name(value, names.parties, code="unknown-party", what="party", plural="parties")


PartyRef = Annotated[str, BeforeValidator(_party)]


def _place(kind: str) -> Callable[[Any, ValidationInfo], str]:
    def check(value: Any, info: ValidationInfo) -> str:
        names = info.context
        if not isinstance(names, Names) or names.places is None:
            return _text(value)
        name = known_name(value, names.places, code="unknown-place", what="place", plural="places")
        seen = names.places[name]
        if seen and seen != kind:
            hints = {
                "line": "an area has no two sides; name the line itself, or draw it",
                "area": "a line has no inside; make an area of it with band, side or polygon",
            }
            raise _refuse(f"not-{_ARTICLE[kind]}-{kind}", f"{name!r} is {_ARTICLE[seen]} {seen}", hints[kind])
        return name

    return check


_ARTICLE = {"line": "a", "area": "an"}
LineRef = Annotated[str, BeforeValidator(_place("line"))]
AreaRef = Annotated[str, BeforeValidator(_place("area"))]
CLASS_NAMES = (*CLASSES, *CLASS_GROUPS)


def _class(value: Any) -> str:
    return known_name(
        value, CLASS_NAMES, code="unknown-class", what="class of mover", plural="classes and groups"
    )


ClassRef = Annotated[
    str, BeforeValidator(_class), WithJsonSchema({"type": "string", "enum": list(CLASS_NAMES)})
]


def _act(value: Any) -> str:
    return known_name(value, (*ACTS, "any"), code="unknown-act", what="act", plural="acts")


ActRef = Annotated[str, BeforeValidator(_act), WithJsonSchema({"type": "string", "enum": [*ACTS, "any"]})]


def expanded_classes(names: Iterable[str]) -> frozenset[str]:
    """Class names with each group replaced by its classes.

    Examples
    --------
    >>> sorted(expanded_classes(["sea", "uav"]))
    ['uav', 'vessel', 'warship']
    """
    made: set[str] = set()
    for name in names:
        made |= CLASS_GROUPS.get(name, frozenset({name}))
    return frozenset(made)
