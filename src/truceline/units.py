"""Units: the names used at every boundary, and the reader of quantities as people write them.

Inside Truceline everything is SI: metres, seconds, metres a second, degrees, microseconds UTC.
A bare number has no unit and is refused.
"""

from __future__ import annotations

import math
import re
from typing import Annotated

from truceline.errors import InputError

Metres = Annotated[float, "m"]
SquareMetres = Annotated[float, "m2"]
Seconds = Annotated[float, "s"]
MetresPerSecond = Annotated[float, "m/s"]
Degrees = Annotated[float, "deg"]
Millimetres = Annotated[float, "mm"]
MicrosUTC = Annotated[int, "us since 1970-01-01T00:00Z"]

# International definitions (BIPM SI Brochure, 9th ed.; nautical mile 1929; foot and statute mile 1959).
LENGTH_M = {
    "mm": 0.001,
    "cm": 0.01,
    "m": 1.0,
    "km": 1000.0,
    "nmi": 1852.0,
    "nm": 1852.0,
    "mi": 1609.344,
    "ft": 0.3048,
    "yd": 0.9144,
}
TIME_S = {
    "ms": 0.001,
    "s": 1.0,
    "sec": 1.0,
    "min": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "hours": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "days": 86400.0,
    "week": 604800.0,
    "weeks": 604800.0,
}
SPEED_MPS = {
    "m/s": 1.0,
    "km/h": 1000.0 / 3600.0,
    "kn": 1852.0 / 3600.0,
    "kt": 1852.0 / 3600.0,
    "mph": 0.44704,
}

# What an accuracy of one metre says of the error on one axis of a circular normal error: its sigma is the
# accuracy divided by this. A radius that holds the share p of fixes is sqrt(-2 ln(1 - p)) sigmas (Rayleigh);
# a 2-D RMS is sqrt(2) sigmas. Android states 68 %, the W3C 95 %, iOS RMS; older receivers CEP (50 %).
ACCURACY_SIGMAS = {
    "95": math.sqrt(-2 * math.log(0.05)),
    "68": math.sqrt(-2 * math.log(0.32)),
    "rms": math.sqrt(2.0),
    "cep50": math.sqrt(-2 * math.log(0.5)),
    "sigma": 1.0,
}
# What each is to be multiplied by to give the 95 % radius used everywhere here.
TO_95 = {name: ACCURACY_SIGMAS["95"] / sigmas for name, sigmas in ACCURACY_SIGMAS.items()}
_CONVENTION = re.compile(r"^(?P<length>.*?[A-Za-z])\s+(?P<name>\d{2}\s*%?|r\d{2}|[A-Za-z]+\d*)\s*$")

_QUANTITY = re.compile(r"^\s*([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z/]+)\s*$")


def _parse(text: object, table: dict[str, float], what: str, example: str) -> float:
    names = ", ".join(table)
    if isinstance(text, bool) or not isinstance(text, (str, int, float)):
        raise InputError(
            f"a {what} is written as text, seen {text!r}", hint=f'write it like "{example}"', code="unit"
        )
    if isinstance(text, (int, float)):
        raise InputError(
            f"a bare number has no unit, seen {text!r}", hint=f'write it like "{example}"', code="bare-number"
        )
    match = _QUANTITY.match(text)
    if match is None:
        try:
            float(text)
        except ValueError:
            raise InputError(
                f"not a {what}: {text!r}", hint=f'write it like "{example}"', code="unit"
            ) from None
        raise InputError(
            f"a bare number has no unit, seen {text!r}", hint=f'write it like "{example}"', code="bare-number"
        )
    number, unit = float(match.group(1)), match.group(2)
    factor = table.get(unit)
    if factor is None:
        raise InputError(
            f"unknown unit {unit!r} of {what} in {text!r}", hint=f"units of {what}: {names}", code="unit"
        )
    if not math.isfinite(number):
        raise InputError(f"not a finite {what}: {text!r}", code="unit")
    return number * factor


def parse_length(text: object) -> Metres:
    """Read a length such as ``"500 m"``, ``"10 nmi"`` or ``"6 km"``.

    Parameters
    ----------
    text : str
        A number and a unit: mm, cm, m, km, nmi (or nm), mi, ft, yd.

    Returns
    -------
    float
        Metres.

    Raises
    ------
    InputError
        Code ``bare-number`` where the unit is missing, ``unit`` where it is unknown.

    Examples
    --------
    >>> parse_length("10 nmi")
    18520.0
    """
    return _parse(text, LENGTH_M, "length", "500 m")


def parse_duration(text: object) -> Seconds:
    """Read a duration such as ``"48 h"`` or ``"90 s"``; seconds. Raises as :func:`parse_length`.

    Examples
    --------
    >>> parse_duration("150 h")
    540000.0
    """
    return _parse(text, TIME_S, "duration", "48 h")


def parse_speed(text: object) -> MetresPerSecond:
    """Read a speed such as ``"60 km/h"`` or ``"20 kn"``; metres a second. Raises as :func:`parse_length`.

    Examples
    --------
    >>> parse_speed("36 km/h")
    10.0
    """
    return _parse(text, SPEED_MPS, "speed", "60 km/h")


def parse_accuracy(text: object) -> tuple[Metres, str]:
    """Read an accuracy with its convention, such as ``"15 m"`` or ``"15 m 68 %"``.

    Parameters
    ----------
    text : str
        A length, and what it is: ``95 %`` (also where nothing is said), ``68 %``, ``rms`` (2-D), ``cep50``
        (or ``cep``, ``50 %``), or ``sigma`` (of one axis).

    Returns
    -------
    radius_m : float
        The 95 % radius in two dimensions, metres.
    convention : str
        A key of :data:`TO_95`; the length as given is ``radius_m / TO_95[convention]``.

    Raises
    ------
    InputError
        As :func:`parse_length`; code ``convention`` where the convention is unknown.

    Examples
    --------
    >>> parse_accuracy("15 m")
    (15.0, '95')
    >>> radius_m, convention = parse_accuracy("15 m 68 %")
    >>> round(radius_m, 2), convention
    (24.32, '68')
    """
    match = _CONVENTION.match(text) if isinstance(text, str) else None
    if match is None:
        return parse_length(text), "95"
    seen = match["name"].replace(" ", "").rstrip("%").lower()
    name = {"50": "cep50", "cep": "cep50", "r68": "68", "r95": "95", "drms": "rms"}.get(seen, seen)
    if name not in TO_95:
        raise InputError(
            f"no convention of accuracy is named {match['name']!r} in {text!r}",
            hint="68 %, 95 %, rms, cep50 or sigma",
            code="convention",
        )
    return parse_length(match["length"]) * TO_95[name], name


def format_length(metres: float | None) -> str:
    """Write a length for a person: metres below 1 km, kilometres above; ``"unknown"`` for None or NaN.

    Examples
    --------
    >>> format_length(83.4), format_length(27641.0)
    ('83 m', '27.64 km')
    """
    if metres is None or math.isnan(metres):
        return "unknown"
    size = abs(metres)
    if size < 10:
        return f"{metres:.1f} m"
    if size < 1000:
        return f"{metres:.0f} m"
    return f"{metres / 1000:.2f} km" if size < 100_000 else f"{metres / 1000:.0f} km"


def format_duration(seconds: float | None) -> str:
    """Write a duration for a person.

    Examples
    --------
    >>> format_duration(59), format_duration(372), format_duration(540000)
    ('59 s', '6 min 12 s', '150 h')
    """
    if seconds is None or math.isnan(seconds):
        return "unknown"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    hours, rest = divmod(whole, 3600)
    minutes = rest // 60
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"
