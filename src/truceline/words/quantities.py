"""Numbers, ranges and instants as a person reads them. Ranges stay ranges."""

from __future__ import annotations

import math
from datetime import date

from truceline.timebase import BEGINNING_OF_TIME, END_OF_TIME, US_PER_S, format_instant, to_datetime
from truceline.units import Metres, MicrosUTC, Seconds, format_duration
from truceline.words.language import N_, _

_MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
# How the depth into what a clause forbids is said, by rule kind.
_BEYOND = {
    "keep-out": (
        N_("{range} inside"),
        N_("between {short} outside and {past} inside"),
        N_("{short} outside"),
    ),
    "no-fly": (N_("{range} inside"), N_("between {short} outside and {past} inside"), N_("{short} outside")),
    "withdraw": (
        N_("{range} too near"),
        N_("between {short} to spare and {past} too near"),
        N_("{short} to spare"),
    ),
}
_PAST = (
    N_("{range} past the line"),
    N_("between {short} short of the line and {past} past it"),
    N_("{short} short of the line"),
)


def _unit(size_m: Metres) -> tuple[float, str, int]:
    if size_m < 9.95:
        return 1.0, "m", 1
    if size_m < 999.5:
        return 1.0, "m", 0
    return 1000.0, "km", 2 if size_m < 9_995 else 1 if size_m < 99_950 else 0


def length_words(length_m: Metres | None) -> str:
    """A length: metres below 1 km, kilometres above; "not known" of None or NaN.

    Examples
    --------
    >>> length_words(4.26), length_words(83.4), length_words(27641.0)
    ('4.3 m', '83 m', '27.6 km')
    """
    if length_m is None or math.isnan(length_m):
        return _("not known")
    scale, unit, digits = _unit(abs(length_m))
    return f"{length_m / scale:.{digits}f} {unit}"


def range_words(low_m: Metres, high_m: Metres) -> str:
    """Two lengths as a range in one unit; one number where both read the same.

    Examples
    --------
    >>> range_words(1200, 1900), range_words(500, 500.2)
    ('between 1.20 and 1.90 km', '500 m')
    """
    scale, unit, digits = _unit(max(abs(low_m), abs(high_m)))
    low, high = f"{low_m / scale:.{digits}f}", f"{high_m / scale:.{digits}f}"
    if low == high:
        return f"{high} {unit}"
    return _("between {low} and {high} {unit}").format(low=low, high=high, unit=unit)


def depth_words(low_m: Metres, high_m: Metres, *, rule: str = "") -> str:
    """How far past the line, as a range that says so where one end of it is not past the line at all.

    Examples
    --------
    >>> depth_words(1200, 1900)
    'between 1.20 and 1.90 km past the line'
    >>> depth_words(-80, 1200, rule="keep-out")
    'between 80 m outside and 1.20 km inside'
    """
    inside, astride, outside = _BEYOND.get(rule, _PAST)
    if low_m >= 0:
        return _(inside).format(range=range_words(low_m, high_m))
    if high_m > 0:
        return _(astride).format(short=length_words(-low_m), past=length_words(high_m))
    return _(outside).format(short=range_words(-high_m, -low_m))


def separation_words(*, distance_m: Metres, low_m: Metres, high_m: Metres, separation_m: Metres) -> str:
    """How near two movers came, and what was agreed.

    Examples
    --------
    >>> separation_words(distance_m=120, low_m=100, high_m=140, separation_m=500)
    'between 100 and 140 m apart (500 m agreed)'
    """
    apart = range_words(low_m, high_m) if high_m > low_m else length_words(distance_m)
    return _("{apart} apart ({agreed} agreed)").format(apart=apart, agreed=length_words(separation_m))


def probability_words(probability: float | None) -> str:
    """A probability in per cent that never reads as certainty; "" where there is none.

    Examples
    --------
    >>> probability_words(0.781), probability_words(0.9999), probability_words(0.0002)
    ('78 %', 'over 99 %', 'under 1 %')
    """
    if probability is None or math.isnan(probability):
        return ""
    if probability > 0.99:
        return _("over 99 %")
    if probability < 0.01:
        return _("under 1 %")
    return f"{100 * probability:.0f} %"


def duration_words(seconds: Seconds | None) -> str:
    """A duration; "not known" of None or NaN."""
    if seconds is None or math.isnan(seconds):
        return _("not known")
    return format_duration(seconds)


def hours_words(seconds: Seconds) -> str:
    """Hours with one decimal, as exposure is written.

    Examples
    --------
    >>> hours_words(111_600)
    '31.0'
    """
    return f"{seconds / 3600:,.1f}".replace(",", "\u202f")  # a narrow space that does not break


def observed_words(observed_s: Seconds | None, of_s: Seconds | None) -> str:
    """The exposure of a count. Never blank: effort that was not recorded is said to be so.

    Examples
    --------
    >>> observed_words(111_600, 604_800)
    'observed 31.0 of 168.0 hours'
    >>> observed_words(None, 604_800)
    'observation effort not recorded'
    """
    if observed_s is None:
        return _("observation effort not recorded")
    if of_s is None:
        return _("observed {hours} hours").format(hours=hours_words(observed_s))
    return _("observed {hours} of {whole} hours").format(
        hours=hours_words(observed_s), whole=hours_words(of_s)
    )


def day_words(instant_us: MicrosUTC, zone: str = "UTC") -> str:
    """A calendar day in ``zone``: ``5 January 2020``."""
    moment = to_datetime(instant_us, zone)
    return f"{moment.day} {_(_MONTHS[moment.month - 1])} {moment.year}"


def date_words(day: date) -> str:
    """A date: ``5 January 2020``."""
    return f"{day.day} {_(_MONTHS[day.month - 1])} {day.year}"


def local_words(instant_us: MicrosUTC, zone: str) -> str:
    """Clock time in ``zone`` with its offset: ``17:02 (+03:00)``; the date too where it is another day than UTC's.

    Examples
    --------
    >>> local_words(0, "Asia/Damascus")
    '02:00 (+02:00)'
    """
    if instant_us <= BEGINNING_OF_TIME or instant_us >= END_OF_TIME:
        return ""
    local, utc = to_datetime(instant_us, zone), to_datetime(instant_us)
    offset = local.strftime("%z")
    clock = f"{local:%H:%M} ({offset[:3]}:{offset[3:5]})"
    return clock if local.date() == utc.date() else f"{local:%Y-%m-%d} {clock}"


def instant_words(instant_us: MicrosUTC) -> str:
    """An instant in UTC to the second, which is finer than any fix or report is good for.

    Examples
    --------
    >>> instant_words(1_999_999), instant_words(60_000_000)
    ('1970-01-01 00:00:01Z', '1970-01-01 00:01Z')
    """
    if instant_us <= BEGINNING_OF_TIME or instant_us >= END_OF_TIME:
        return format_instant(instant_us)
    return format_instant(instant_us // US_PER_S * US_PER_S)


def span_words(start_us: MicrosUTC, end_us: MicrosUTC) -> str:
    """An interval in UTC, the day written once where both ends share it.

    Examples
    --------
    >>> span_words(0, 3_600_000_000)
    '1970-01-01 00:00Z to 01:00Z'
    """
    start, end = instant_words(start_us), instant_words(end_us)
    if start == end:
        return start
    if start[:10] == end[:10]:
        end = end[11:]
    return _("{start} to {end}").format(start=start, end=end)


def period_words(start_us: MicrosUTC, end_us: MicrosUTC, zone: str = "UTC") -> str:
    """A period in whole days of ``zone`` or of UTC where it is whole days, else to the minute in UTC.

    Examples
    --------
    >>> period_words(0, 2 * 86_400_000_000)
    '1 January 1970 to 2 January 1970'
    """
    for place in dict.fromkeys((zone, "UTC")):
        edges = (to_datetime(start_us, place), to_datetime(end_us, place))
        if all((edge.hour, edge.minute, edge.second, edge.microsecond) == (0, 0, 0, 0) for edge in edges):
            first, last = day_words(start_us, place), day_words(end_us - 1, place)
            days = first if first == last else _("{start} to {end}").format(start=first, end=last)
            return days if zone == "UTC" else f"{days} ({place})"
    return span_words(start_us, end_us)


def position_words(lonlat_deg: tuple[float, float]) -> str:
    """A position as people read it, latitude first, to about a metre.

    Examples
    --------
    >>> position_words((38.61778, 33.50583))
    '33.50583 N 38.61778 E'
    """
    lon, lat = lonlat_deg
    return f"{abs(lat):.5f} {'N' if lat >= 0 else 'S'} {abs(lon):.5f} {'E' if lon >= 0 else 'W'}"


def deviation_words(
    *,
    off_m: tuple[float | None, float | None] = (None, None),
    late_s: tuple[float | None, float | None] = (None, None),
    altitude_off_m: float | None = None,
) -> str:
    """How far a mover left its plan: aside as a range, late or early as a range, above or below; "" of none.

    Examples
    --------
    >>> deviation_words(off_m=(90.0, 110.0)), deviation_words(late_s=(60.0, 120.0))
    ('between 90 m and 110 m outside the corridor', 'between 1 min and 2 min late')
    >>> deviation_words(late_s=(-120.0, -60.0)), deviation_words(altitude_off_m=-30.0)
    ('between 1 min and 2 min early', '30 m below the band')
    """
    if None not in off_m:
        low_m, high_m = (max(value or 0.0, 0.0) for value in off_m)
        return _("between {low} and {high} outside the corridor").format(
            low=length_words(low_m), high=length_words(high_m)
        )
    if None not in late_s:
        low_s, high_s = sorted(abs(value or 0.0) for value in late_s)
        said = {"low": duration_words(low_s), "high": duration_words(high_s)}
        early = (late_s[0] or 0.0) + (late_s[1] or 0.0) < 0
        return (_("between {low} and {high} early") if early else _("between {low} and {high} late")).format(
            **said
        )
    if altitude_off_m is None:
        return ""
    above = altitude_off_m > 0
    return (_("{height} above the band") if above else _("{height} below the band")).format(
        height=length_words(abs(altitude_off_m))
    )
