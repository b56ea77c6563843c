"""Single values from text: a number, a position, an instant, days; each fault is named, none guessed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from truceline.errors import InputError, UsageError
from truceline.timebase import US_PER_S, Interval, parse_day, parse_instant, to_micros, zone_named
from truceline.units import MicrosUTC

_CLOCK = re.compile(r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LEAP = re.compile(r"^(\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}):60")
_FINE_FRACTION = re.compile(r"(\.\d{6})\d+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a value cannot be used: a stable code, what was seen, and what became of the record."""

    code: str
    seen: str
    outcome: str = "left out"


def read_number(value: object) -> float | None:
    """A number from text or JSON; NaN and infinity pass (the caller judges); None where it is no number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (int, float)):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    if not isinstance(value, str) or "_" in value:
        return None
    try:
        return float(value)
    except ValueError:
        return None


def check_position(lon: object, lat: object) -> tuple[float, float] | Fault:
    """Judge one position.

    Parameters
    ----------
    lon, lat : object
        As seen: text or number, degrees.

    Returns
    -------
    tuple of float or Fault
        Longitude in [-180, 180] and latitude in [-90, 90]; or a fault with code ``no-position`` (blank),
        ``bad-number``, ``not-finite``, ``swapped?`` (in range only the other way round; never swapped here)
        or ``out-of-range``.

    Examples
    --------
    >>> check_position("38.6", "33.5")
    (38.6, 33.5)
    >>> check_position("33.5", "138.6").code
    'swapped?'
    """
    x, y = read_number(lon), read_number(lat)
    if x is not None and y is not None and -180.0 <= x <= 180.0 and -90.0 <= y <= 90.0:
        return x, y
    seen = f"lon {lon!r}, lat {lat!r}"[:120]
    if x is None or y is None:
        blank = any(value is None or str(value).strip() == "" for value in (lon, lat))
        return Fault(code="no-position", seen=seen) if blank else Fault(code="bad-number", seen=seen)
    if not (math.isfinite(x) and math.isfinite(y)):
        return Fault(code="not-finite", seen=seen)
    if abs(x) <= 90.0 and abs(y) <= 180.0:
        return Fault(
            code="swapped?",
            seen=seen,
            outcome="left out; it would be in range the other way round: check the order",
        )
    return Fault(code="out-of-range", seen=seen)


_DMS = re.compile(
    r"""^\s*(?P<first>[NSEW])?\s*(?P<sign>[+-])?(?P<d>\d{1,3}(?:\.\d+)?)\s*(?:°|d|º|\s|:)?\s*
    (?:(?P<m>\d{1,2}(?:\.\d+)?)\s*(?:'|′|’|m|\s|:)?\s*(?:(?P<s>\d{1,2}(?:\.\d+)?)\s*(?:"|″|”|''|s)?\s*)?)?
    (?P<last>[NSEW])?\s*$""",
    re.VERBOSE | re.IGNORECASE,
)


def parse_dms(text: str) -> float | None:
    """Degrees from degrees, minutes and seconds; None where the text is none, or a part is out of its range.

    Examples
    --------
    >>> parse_dms("33°30'21\\"N"), parse_dms("W 117 54.5")
    (33.505833333333335, -117.90833333333333)
    """
    match = _DMS.match(text)
    if match is None or (match["first"] and match["last"]):
        return None
    minutes, seconds = float(match["m"] or 0), float(match["s"] or 0)
    letter = (match["first"] or match["last"] or "").upper()
    whole = all("." not in (match[part] or "") for part, finer in (("d", "m"), ("m", "s")) if match[finer])
    if minutes >= 60 or seconds >= 60 or not whole or (letter and match["sign"]):
        return None
    degrees = float(match["d"]) + minutes / 60 + seconds / 3600
    return -degrees if match["sign"] == "-" or letter in ("S", "W") else degrees


def read_time(text: str, *, zone: str | None = None) -> tuple[MicrosUTC, str]:
    """An instant from ISO text with a clock time.

    Parameters
    ----------
    text : str
        Date, clock time and a zone; digits past the microsecond are cut.
    zone : str, optional
        Used where the text names none.

    Returns
    -------
    tuple of int and str
        Microseconds UTC, and ``"leap-second"`` where second 60 was taken as the next second, else ``""``.

    Raises
    ------
    InputError
        Code ``no-clock`` (a date alone), ``time``, ``no-zone``, ``zone`` or ``dst``.
    """
    text = text.strip()
    if not _CLOCK.match(text):
        if re.match(r"^\d{4}-\d{2}-\d{2}\s*($|[A-Za-z])", text) and "T" not in text[10:11]:
            raise InputError(f"a date and no clock time: {text!r}", code="no-clock")
        raise InputError(f"not a time: {text!r}", hint="write it like 2020-03-06T00:01Z", code="time")
    text = _FINE_FRACTION.sub(r"\1", text)
    leap = _LEAP.match(text) is not None
    try:
        t_us = parse_instant(_LEAP.sub(r"\1:59", text) if leap else text, zone=zone)
    except (ValueError, OverflowError) as error:
        raise InputError(f"no such time: {text!r} ({error})", code="time") from None
    return (t_us + US_PER_S, "leap-second") if leap else (t_us, "")


def time_fault(error: InputError) -> str:
    """The code under which a fix is dropped whose time :func:`read_time` refused."""
    return {"no-zone": "no-zone", "no-clock": "no-time"}.get(error.code, "bad-time")


def read_days(text: str, *, zone: str) -> Interval:
    """A day, or days joined by a slash, both included: ``2020-02-12`` or ``2020-02-12/2020-02-14``.

    Raises
    ------
    InputError
        Code ``time`` where a date does not exist or is none, ``interval`` where they are in the wrong order.
    """
    first, _, last = text.partition("/")
    start, end = (read_day(part, zone=zone) for part in (first, last or first))
    if end.end_us <= start.start_us:
        raise InputError(f"the days are in the wrong order: {text!r}", code="interval")
    return Interval(start.start_us, end.end_us)


def read_day(text: str, *, zone: str) -> Interval:
    """A calendar day of ``zone``, written ``2020-02-12``; InputError (``time``) where there is none such."""
    if not _DAY.fullmatch(text.strip()):
        raise InputError(f"not a date: {text!r}", hint="write it like 2020-02-12", code="time")
    try:
        return parse_day(text, zone=zone)
    except (ValueError, OverflowError) as error:
        raise InputError(f"no such date: {text!r} ({error})", code="time") from None


def need_zone(zone: str | None, *, what: str) -> str:
    """``zone``, or UsageError (code ``no-zone``): a zone is stated by a person, never guessed."""
    if zone is None:
        raise UsageError(
            f"{what} carries dates or times with no zone",
            hint="state it, as in zone='Asia/Damascus' (on the command line: --zone Asia/Damascus)",
            code="no-zone",
        )
    zone_named(zone)
    return zone


def strptime_instant(text: str, time_format: str, *, zone: str | None) -> MicrosUTC:
    """An instant from text in a ``strptime`` format; raises as :func:`read_time`."""
    try:
        moment = datetime.strptime(text.strip(), time_format)  # noqa: DTZ007 - the zone is joined below
    except ValueError as error:
        raise InputError(
            f"not a time of the format {time_format!r}: {text!r} ({error})", code="time"
        ) from None
    if moment.tzinfo is not None:
        return to_micros(moment)
    return read_time(moment.isoformat(), zone=zone)[0]


def epoch_instant(text: str, *, unit_us: int) -> MicrosUTC:
    """An instant from a count of seconds or milliseconds since 1970, ``unit_us`` microseconds each.

    Raises
    ------
    InputError
        Code ``time``: not a number, not finite, or outside the years 1 to 9999.
    """
    number = read_number(text)
    if number is None or not math.isfinite(number):
        raise InputError(f"not a count since 1970: {text!r}", code="time")
    whole = math.floor(number)
    t_us = whole * unit_us + round((number - whole) * unit_us)
    try:
        timedelta(microseconds=t_us) + datetime(1970, 1, 1)  # noqa: DTZ001 - only a range check
    except OverflowError:
        hint = "the column may hold milliseconds" if unit_us == US_PER_S else ""
        raise InputError(f"outside the years 1 to 9999: {text!r}", hint=hint, code="time") from None
    return t_us
