"""Time: instants are int microseconds UTC, intervals are half-open, local time lives only at the edge.

The only room that may read a clock: everything else is handed an instant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from truceline.errors import InputError
from truceline.units import MicrosUTC

US_PER_S = 1_000_000
US_PER_DAY = 86_400 * US_PER_S
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Open ends. Far enough to be out of every record, near enough that sums stay inside int64.
BEGINNING_OF_TIME: MicrosUTC = -(2**62)
END_OF_TIME: MicrosUTC = 2**62

_LOCAL = re.compile(
    r"^\s*(?P<stamp>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?)"
    r"\s*(?P<zone>Z|[+-]\d{2}(?::?\d{2})?|[A-Za-z_]+(?:/[A-Za-z_+\-0-9]+)*)?\s*$"
)
_OFFSET = re.compile(r"^([+-])(\d{2})(?::?(\d{2}))?$")


class Clock(Protocol):
    """Whoever needs the present instant is given one of these."""

    def now_us(self) -> MicrosUTC: ...


class SystemClock:
    """The machine's clock."""

    def now_us(self) -> MicrosUTC:
        return to_micros(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for tests and for regenerating a report as of an instant."""

    instant_us: MicrosUTC

    def now_us(self) -> MicrosUTC:
        return self.instant_us


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """Half-open ``[start_us, end_us)`` in microseconds UTC; a single instant has ``start_us == end_us``."""

    start_us: MicrosUTC
    end_us: MicrosUTC

    def __post_init__(self) -> None:
        if self.end_us < self.start_us:
            raise InputError(
                f"an interval ends before it starts: {format_instant(self.start_us)} to {format_instant(self.end_us)}",
                code="interval",
            )

    @property
    def duration_s(self) -> float:
        return (self.end_us - self.start_us) / US_PER_S

    def contains(self, instant_us: MicrosUTC) -> bool:
        return self.start_us <= instant_us < self.end_us

    def covers(self, other: Interval) -> bool:
        return self.start_us <= other.start_us and other.end_us <= self.end_us

    def meets(self, other: Interval) -> bool:
        """True where the two share an instant; an instant on the closed start counts."""
        if self.start_us == self.end_us:
            return other.start_us <= self.start_us < other.end_us or other == self
        if other.start_us == other.end_us:
            return self.contains(other.start_us)
        return self.start_us < other.end_us and other.start_us < self.end_us

    def clip(self, other: Interval) -> Interval | None:
        """The part shared with ``other``, or None."""
        start, end = max(self.start_us, other.start_us), min(self.end_us, other.end_us)
        if end < start or (end == start and self.start_us != self.end_us and other.start_us != other.end_us):
            return None
        return Interval(start, end)

    def __str__(self) -> str:
        return f"{format_instant(self.start_us)} to {format_instant(self.end_us)}"


ALWAYS = Interval(BEGINNING_OF_TIME, END_OF_TIME)


def merge_intervals(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Sort, and join what touches or overlaps."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start_us <= merged[-1].end_us:
            merged[-1] = Interval(merged[-1].start_us, max(merged[-1].end_us, interval.end_us))
        else:
            merged.append(interval)
    return tuple(merged)


def subtract_intervals(whole: Interval, holes: Iterable[Interval]) -> tuple[Interval, ...]:
    """What is left of ``whole`` when ``holes`` are taken out."""
    left: list[Interval] = []
    at = whole.start_us
    for hole in merge_intervals(holes):
        if hole.end_us <= whole.start_us or hole.start_us >= whole.end_us:
            continue
        if hole.start_us > at:
            left.append(Interval(at, hole.start_us))
        at = max(at, hole.end_us)
    if at < whole.end_us:
        left.append(Interval(at, whole.end_us))
    return tuple(left)


def to_micros(moment: datetime) -> MicrosUTC:
    """An aware datetime as microseconds UTC; a naive one is refused (code ``no-zone``)."""
    if moment.tzinfo is None:
        raise InputError(
            f"a time without a zone: {moment.isoformat()}", hint="state the zone", code="no-zone"
        )
    return (moment - EPOCH) // timedelta(microseconds=1)


def to_datetime(instant_us: MicrosUTC, zone: str = "UTC") -> datetime:
    """Microseconds UTC as an aware datetime in ``zone``."""
    return (EPOCH + timedelta(microseconds=instant_us)).astimezone(zone_named(zone))


def zone_named(name: str) -> ZoneInfo:
    """An IANA zone by name; InputError (code ``zone``) where there is none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError(
            f"no time zone is named {name!r}",
            hint="use an IANA name such as Europe/Moscow, or UTC",
            code="zone",
        ) from None


def parse_instant(text: str, *, zone: str | None = None) -> MicrosUTC:
    """Read an instant such as ``2020-03-06T00:01 Europe/Moscow`` or ``2020-03-05T21:01Z``.

    Parameters
    ----------
    text : str
        Date, optional clock time, and a zone: ``Z``, an offset, or an IANA name. A date alone is its midnight.
    zone : str, optional
        The zone stated once for the whole file, used where ``text`` names none.

    Returns
    -------
    int
        Microseconds UTC.

    Raises
    ------
    InputError
        Code ``time`` (unreadable or impossible date), ``no-zone``, ``zone``, or ``dst`` where a local time
        does not exist or exists twice on the day the clocks change.

    Examples
    --------
    >>> format_instant(parse_instant("2020-03-06T00:01 Europe/Moscow"))
    '2020-03-05 21:01Z'
    """
    match = _LOCAL.match(text)
    if match is None:
        raise InputError(
            f"not a time: {text!r}", hint="write it like 2020-03-06T00:01 Europe/Moscow", code="time"
        )
    stamp, named = match.group("stamp").replace(" ", "T"), match.group("zone") or zone
    try:
        naive = datetime.fromisoformat(stamp)
    except ValueError as error:
        raise InputError(f"no such date or time: {text!r} ({error})", code="time") from None
    if named is None:
        raise InputError(
            f"a time without a zone: {text!r}",
            hint="add the zone, as in 2020-03-06T00:01 Europe/Moscow, or state one timezone for the file",
            code="no-zone",
        )
    if named in ("Z", "UTC"):
        return to_micros(naive.replace(tzinfo=UTC))
    offset = _OFFSET.match(named)
    if offset is not None:
        try:
            return to_micros(
                datetime.fromisoformat(f"{naive.isoformat()}{offset[1]}{offset[2]}:{offset[3] or '00'}")
            )
        except ValueError as error:
            raise InputError(f"no such offset from UTC: {text!r} ({error})", code="time") from None
    place = zone_named(named)
    early, late = naive.replace(tzinfo=place, fold=0), naive.replace(tzinfo=place, fold=1)
    if early.utcoffset() != late.utcoffset():
        exists = early.astimezone(UTC).astimezone(place).replace(tzinfo=None) == naive
        what = "happens twice" if exists else "does not exist"
        raise InputError(
            f"the local time {stamp} {what} in {named}: the clocks change then",
            hint="write the offset instead, as in 2020-10-25T02:30+02:00",
            code="dst",
        )
    return to_micros(early)


def parse_day(text: str, *, zone: str) -> Interval:
    """A calendar day in ``zone`` as a half-open interval (23, 24 or 25 hours long)."""
    try:
        day = datetime.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise InputError(f"no such date: {text!r} ({error})", code="time") from None
    place = zone_named(zone)
    try:
        start, end = (to_micros((day + timedelta(days=more)).replace(tzinfo=place)) for more in (0, 1))
    except OverflowError:
        raise InputError(f"a date at the very end of the calendar: {text!r}", code="time") from None
    return Interval(start, end)


def format_instant(instant_us: MicrosUTC, *, seconds: bool | None = None) -> str:
    """The one way an instant is written in records: ``2027-01-05 12:00Z``, seconds where they matter.

    Examples
    --------
    >>> format_instant(0), format_instant(1_500_000)
    ('1970-01-01 00:00Z', '1970-01-01 00:00:01.5Z')
    """
    if instant_us <= BEGINNING_OF_TIME:
        return "the beginning"
    if instant_us >= END_OF_TIME:
        return "no end"
    moment = EPOCH + timedelta(microseconds=int(instant_us))
    show = seconds if seconds is not None else bool(moment.second or moment.microsecond)
    text = moment.strftime("%Y-%m-%d %H:%M:%S" if show else "%Y-%m-%d %H:%M")
    if show and moment.microsecond and seconds is not False:
        text += f".{moment.microsecond:06d}".rstrip("0")
    return text + "Z"


def isoformat(instant_us: MicrosUTC) -> str:
    """RFC 3339 in UTC with microseconds where needed; used in machine-read output and in ledger entries."""
    return (EPOCH + timedelta(microseconds=int(instant_us))).isoformat().replace("+00:00", "Z")
