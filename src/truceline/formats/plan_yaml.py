"""Plan files: one planned movement in YAML or JSON, read strictly, every mistake told at once with its line.

Lengths, times and zones are spelled out as in agreement files: a bare number is refused, and so is a time without
a zone unless the file states ``zone`` once for all.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from truceline.errors import DocumentError, InputError, Problem, TrucelineError, Where
from truceline.model.identity import CLASSES, Mover
from truceline.model.movement import SourceRef
from truceline.model.plan import PLAN_DATUMS, AltitudeBand, Plan, Waypoint
from truceline.timebase import parse_instant
from truceline.units import parse_duration, parse_length

Value = TypeVar("Value")
LARGEST_PLAN_BYTES = 4_000_000
_TOP = {
    "truceline-plan", "id", "title", "party", "class", "mover", "armed", "purpose", "zone", "route", "half-width",
    "drift", "lateness", "altitude", "exercise",
}  # fmt: skip
_WAYPOINT = {"at", "earliest", "latest", "name"}
_ALTITUDE = {"low", "high", "datum"}


class _Reader:
    """One file being read: what was wrong so far, and where."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def where(self, holder: Any, key: Any, path: str) -> Where:
        """Line and column of a key or an item; the file alone where the parser kept none."""
        marks = getattr(getattr(holder, "lc", None), "data", None) or {}
        mark = marks.get(key)
        if mark is None:
            return Where(file=self.file, path=path)
        return Where(file=self.file, line=mark[0] + 1, column=mark[1] + 1, path=path)

    def refuse(self, where: Where, code: str, message: str, hint: str) -> None:
        self.problems.append(Problem(code=code, where=where, message=message, hint=hint))

    def take(self, holder: Any, key: str, path: str, read: Callable[[Any], Value], default: Value) -> Value:
        """What stands under a key, read; ``default`` where there is nothing or it was refused."""
        if key not in holder or holder[key] is None:
            return default
        try:
            return read(holder[key])
        except TrucelineError as error:
            self.refuse(self.where(holder, key, path), error.code, error.message, error.hint)
            return default

    def keys(self, holder: Any, known: set[str], needed: tuple[str, ...], path: str, at: Where) -> None:
        for key in holder:
            if key not in known:
                hint = f"known here: {', '.join(sorted(known))}"
                self.refuse(self.where(holder, key, path), "unknown-key", f"no such key: {key!r}", hint)
        for key in needed:
            if key not in holder or holder[key] is None:
                self.refuse(at, "missing", f"{key} is missing", f"add a line: {key}: ...")


def read_plan(path: str | Path) -> Plan:
    """Read one plan.

    Parameters
    ----------
    path : str or Path
        A YAML 1.2 file, or JSON, which is YAML too. docs/guide/plans.md shows one.

    Returns
    -------
    Plan

    Raises
    ------
    DocumentError
        Every mistake in it, each with line and column.
    InputError
        Code ``unreadable`` where the file cannot be opened or is not text, ``too-large``.
    """
    file = Path(path)
    try:
        content = file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", hint="name a plan file", code="unreadable"
        ) from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8 text", hint="save it as UTF-8", code="unreadable") from None
    if len(content) > LARGEST_PLAN_BYTES:
        raise InputError(f"{path} is larger than 4 MB", hint="one plan a file", code="too-large")
    digest = hashlib.sha256(content).hexdigest()
    return parse_plan(text, source=SourceRef(name=file.name, format="plan", sha256=digest), file=str(path))


def parse_plan(text: str, *, source: SourceRef | None = None, file: str = "") -> Plan:
    """As :func:`read_plan`, of text already in hand."""
    document = _parsed(text, file)
    reader = _Reader(file)
    plan = _plan(reader, document, source or SourceRef(format="plan"))
    if reader.problems or plan is None:
        ordered = sorted(reader.problems, key=lambda item: (item.where.line or 0, item.where.column or 0))
        raise DocumentError("the plan does not stand", problems=ordered, where=file or None)
    return plan


def _parsed(text: str, file: str) -> Any:
    try:
        document = YAML(typ="rt").load(io.StringIO(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark
        at = Where(file=file, line=mark.line + 1, column=mark.column + 1) if mark else Where(file=file)
        problem = Problem(code="yaml", where=at, message=str(error.problem or error), hint="mend the YAML")
        raise DocumentError("the plan does not stand", problems=[problem], where=file or None) from None
    except YAMLError as error:
        problem = Problem(code="yaml", where=Where(file=file), message=str(error), hint="mend the YAML")
        raise DocumentError("the plan does not stand", problems=[problem], where=file or None) from None
    if not isinstance(document, dict):
        problem = Problem(
            code="not-a-plan",
            where=Where(file=file, line=1, column=1),
            message="a plan is a table of keys",
            hint="begin with: truceline-plan: 1",
        )
        raise DocumentError("the plan does not stand", problems=[problem], where=file or None)
    return document


def _plan(reader: _Reader, document: Any, source: SourceRef) -> Plan | None:
    top = Where(file=reader.file, line=1, column=1)
    reader.keys(document, _TOP, ("truceline-plan", "id", "route", "half-width"), "", top)
    if document.get("truceline-plan") not in (1, None):
        seen = document["truceline-plan"]
        reader.refuse(
            reader.where(document, "truceline-plan", ""),
            "version",
            f"version {seen!r}",
            "this reads version 1",
        )
    identity = reader.take(document, "id", "id", _text, "")
    mover = Mover(
        id=reader.take(document, "mover", "mover", _text, identity),
        party=reader.take(document, "party", "party", _text, None),
        mover_class=reader.take(document, "class", "class", _class, None),
        armed=reader.take(document, "armed", "armed", _flag, None),
        purpose=reader.take(document, "purpose", "purpose", _text, ""),
    )
    half_width_m = reader.take(document, "half-width", "half-width", parse_length, 0.0)
    drift_m = reader.take(document, "drift", "drift", parse_length, 0.0)
    lateness_s = reader.take(document, "lateness", "lateness", parse_duration, 0.0)
    title = reader.take(document, "title", "title", _text, "")
    exercise = reader.take(document, "exercise", "exercise", _flag, False)
    altitude = _altitude(reader, document)
    route = _route(reader, document, reader.take(document, "zone", "zone", _text, None))
    if reader.problems:
        return None
    try:
        return Plan(
            id=identity, mover=mover, route=route, half_width_m=half_width_m, altitude=altitude, drift_m=drift_m,
            lateness_s=lateness_s, title=title, source=source, exercise=bool(exercise),
        )  # fmt: skip
    except TrucelineError as error:
        reader.refuse(reader.where(document, "route", "route"), error.code, error.message, error.hint)
        return None


def _route(reader: _Reader, document: Any, zone: str | None) -> tuple[Waypoint, ...]:
    items = document.get("route")
    if items is None:
        return ()
    at = reader.where(document, "route", "route")
    if not isinstance(items, list) or not items:
        reader.refuse(
            at, "route", "the route is no list of waypoints", "- {at: [lon, lat], earliest: ..., latest: ...}"
        )
        return ()
    found = [_waypoint(reader, items, number, zone) for number in range(len(items))]
    return tuple(waypoint for waypoint in found if waypoint is not None)


def _waypoint(reader: _Reader, items: Any, number: int, zone: str | None) -> Waypoint | None:
    path, item = f"route[{number}]", items[number]
    at = reader.where(items, number, path)
    if not isinstance(item, dict):
        reader.refuse(at, "route", f"a waypoint is a table of keys, seen {item!r}", "at, earliest, latest")
        return None
    before = len(reader.problems)
    reader.keys(item, _WAYPOINT, ("at", "earliest", "latest"), path, at)

    def instant(value: Any) -> int:
        return parse_instant(_stamp(value), zone=zone)

    place = reader.take(item, "at", f"{path}.at", _lonlat, (0.0, 0.0))
    earliest_us = reader.take(item, "earliest", f"{path}.earliest", instant, 0)
    latest_us = reader.take(item, "latest", f"{path}.latest", instant, 0)
    name = reader.take(item, "name", f"{path}.name", _text, "")
    if len(reader.problems) > before:
        return None
    try:
        return Waypoint(lonlat_deg=place, earliest_us=earliest_us, latest_us=latest_us, name=name)
    except TrucelineError as error:
        reader.refuse(at, error.code, error.message, error.hint)
        return None


def _altitude(reader: _Reader, document: Any) -> AltitudeBand | None:
    band = document.get("altitude")
    if band is None:
        return None
    at = reader.where(document, "altitude", "altitude")
    if not isinstance(band, dict):
        reader.refuse(
            at, "altitude", f"no band of altitude: {band!r}", "{low: 100 m, high: 500 m, datum: msl}"
        )
        return None
    reader.keys(band, _ALTITUDE, ("datum",), "altitude", at)
    low_m = reader.take(band, "low", "altitude.low", parse_length, None)
    high_m = reader.take(band, "high", "altitude.high", parse_length, None)
    datum = reader.take(band, "datum", "altitude.datum", _datum, "")
    try:
        return AltitudeBand(low_m=low_m, high_m=high_m, datum=datum)
    except TrucelineError as error:
        reader.refuse(at, error.code, error.message, error.hint)
        return None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"no text: {value!r}", hint="put it in quotes", code="type")
    return str(value)


def _stamp(value: Any) -> str:
    """A time as written; YAML itself may have made a date of it, and would then have dropped its zone."""
    if not isinstance(value, str):
        raise InputError(
            f"a time that YAML took for another thing: {value!r}",
            hint='put it in quotes: "2020-03-06T00:01 Europe/Moscow"',
            code="time",
        )
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"neither true nor false: {value!r}", hint="write true or false", code="type")
    return value


def _class(value: Any) -> str:
    if value not in CLASSES:
        raise InputError(
            f"no such class of mover: {value!r}", hint=f"one of {', '.join(CLASSES)}", code="class"
        )
    return str(value)


def _datum(value: Any) -> str:
    known = [name for name in PLAN_DATUMS if name]
    if value not in known:
        raise InputError(f"no such datum: {value!r}", hint=f"one of {', '.join(known)}", code="datum")
    return str(value)


def _lonlat(value: Any) -> tuple[float, float]:
    numbers = isinstance(value, list) and all(
        isinstance(item, (int, float)) and not isinstance(item, bool) for item in value
    )
    if not numbers or len(value) != 2:
        raise InputError(f"no place: {value!r}", hint="write [longitude, latitude] in degrees", code="place")
    lon, lat = float(value[0]), float(value[1])
    if not (abs(lon) <= 180 and abs(lat) <= 90):
        raise InputError(
            f"no place on earth: {value!r}", hint="longitude first, then latitude, in degrees", code="place"
        )
    return lon, lat
