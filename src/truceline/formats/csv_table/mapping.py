"""The mapping file: which column of a table is what, in which unit, zone and convention.

The mapping names for every quantity its unit, for every time its zone, and for an accuracy its convention;
nothing is guessed from a header. ``docs/formats/csv.md`` shows a whole one.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from truceline.errors import InputError, TrucelineError
from truceline.formats.options import above_zero, check_class
from truceline.timebase import US_PER_S, zone_named
from truceline.units import parse_duration, parse_length

EPOCHS_US = {"epoch-s": US_PER_S, "epoch-ms": 1000}

T = TypeVar("T")


def checked(check: Callable[[Any], T]) -> Callable[[Any], T]:
    """A pydantic validator from one of our own checks: its message, code and way out are kept."""

    def validate(value: Any) -> T:
        try:
            return check(value)
        except TrucelineError as error:
            message = error.message.replace("{", "{{").replace("}", "}}")
            raise PydanticCustomError(error.code, message, {"hint": error.hint}) from None

    return validate


def _length(value: Any) -> float:
    return above_zero(parse_length(value), str(value))


def _duration(value: Any) -> float:
    return above_zero(parse_duration(value), str(value))


def _zone(value: Any) -> str:
    zone_named(str(value))
    return str(value)


def _delimiter(value: Any) -> str:
    text = {"tab": "\t", "comma": ",", "semicolon": ";"}.get(str(value), str(value))
    if len(text) != 1:
        raise InputError(f"not one character: {value!r}", hint="such as ; or the word tab", code="delimiter")
    return text


def _encoding(value: Any) -> str:
    try:
        return codecs.lookup(str(value)).name
    except LookupError:
        raise InputError(
            f"no encoding is named {value!r}", hint="such as utf-8 or cp1256", code="encoding"
        ) from None


Length = Annotated[float, BeforeValidator(checked(_length))]
Duration = Annotated[float, BeforeValidator(checked(_duration))]
Zone = Annotated[str, BeforeValidator(checked(_zone))]
Unit = Literal["m", "km", "ft", "nmi", "mi", "yd", "cm", "mm"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """A value read from a column."""

    column: str


class Text(_Part):
    """Text from a column, its words translated where ``values`` is given; or one constant."""

    column: str | None = None
    value: str | None = None
    values: dict[str, str] | None = None

    @model_validator(mode="after")
    def _one(self) -> Text:
        if (self.column is None) == (self.value is None):
            raise PydanticCustomError("one-of", "give either column or value")
        if self.values is not None and self.column is None:
            raise PydanticCustomError("one-of", "values translate a column; a constant needs none")
        return self


class ClassText(Text):
    """Text that ends as a mover class."""

    @model_validator(mode="after")
    def _known(self) -> ClassText:
        for name in [self.value, *(self.values or {}).values()]:
            if name is not None:
                checked(check_class)(name)
        return self


class Time(_Part):
    """When: one column, or several joined by a space; how it is written; the zone it lacks."""

    column: str | list[str]
    zone: Zone | None = None
    time_format: str | None = None

    @model_validator(mode="after")
    def _complete(self) -> Time:
        written = self.time_format
        if written in EPOCHS_US:
            if self.zone is not None:
                raise PydanticCustomError("zone", "a count since 1970 is in UTC: leave the zone out")
        elif written is not None:
            if "%" not in written:
                raise PydanticCustomError("time-format", "not a strptime format, epoch-s or epoch-ms")
            if self.zone is None and "%z" not in written:
                raise PydanticCustomError("no-zone", "times of this format carry no zone: state zone")
        return self


class Accuracy(_Part):
    """How good each position is, in which unit and by which convention."""

    column: str | None = None
    unit: Unit | None = None
    value: Length | None = None
    convention: Annotated[Literal["95", "68", "rms", "cep50", "sigma"], BeforeValidator(str)]

    @model_validator(mode="after")
    def _one(self) -> Accuracy:
        if (self.column is None) == (self.value is None):
            raise PydanticCustomError("one-of", "give either column with unit, or value such as 15 m")
        if self.column is not None and self.unit is None:
            raise PydanticCustomError("bare-number", "a column of numbers needs its unit")
        return self


class Altitude(_Part):
    """Height: its unit, and what it is measured from."""

    column: str
    unit: Unit
    datum: Literal["ellipsoid", "msl", "baro", "agl"]


class TableMapping(_Part):
    """A whole mapping file."""

    mover: Text
    time: Time
    lon: Column
    lat: Column
    coordinates: Literal["decimal", "dms"] = "decimal"
    name: Text | None = None
    party: Text | None = None
    mover_class: ClassText | None = Field(default=None, alias="class")
    purpose: Text | None = None
    armed: bool | None = None
    accuracy: Accuracy | None = None
    altitude: Altitude | None = None
    longest_gap: Duration | None = None
    delimiter: Annotated[str, AfterValidator(checked(_delimiter))] = ","
    decimal_comma: bool = False
    encoding: Annotated[str, AfterValidator(checked(_encoding))] | None = None
    exercise: bool = False
    note: str = ""

    def columns(self) -> list[str]:
        """Every column it names, in order, each once."""
        parts = (
            self.mover,
            self.name,
            self.party,
            self.mover_class,
            self.purpose,
            self.accuracy,
            self.altitude,
        )
        named = [part.column for part in (*parts, self.lon, self.lat) if part is not None and part.column]
        times = [self.time.column] if isinstance(self.time.column, str) else self.time.column
        return list(dict.fromkeys([*named, *times]))
