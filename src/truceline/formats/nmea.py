"""NMEA 0183 position sentences of one receiver: RMC, GGA, GLL, GNS, with ZDA for the date and GST for accuracy.

The sentences of one instant (the same time of day) are one fix. A time of day becomes an instant by the date of
an RMC or ZDA sentence, carried on and past midnight; where a file names none, by the option ``date``; in a live
feed, by the date that lies nearest to the reception. Own reader, since what is judged here (dates, midnight,
validity, checksums) is what libraries leave to their callers.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from truceline.errors import InputError, UsageError
from truceline.formats.fixes import FixLog
from truceline.formats.framing import FrameFeed, LineFramer, read_feed
from truceline.formats.guard import Source
from truceline.formats.options import TrackOptions, above_zero
from truceline.formats.values import read_day
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.timebase import US_PER_DAY, US_PER_S
from truceline.units import Metres, MicrosUTC, parse_length

# Radius that holds 95 % of a circular normal error, in one-axis sigmas: sqrt(-2 ln 0.05).
R95_SIGMAS = math.sqrt(-2 * math.log(0.05))
# HDOP scales the ranging error of one satellite (one sigma) to the two-dimensional RMS, sqrt(2) sigma a axis.
R95_PER_DRMS = R95_SIGMAS / math.sqrt(2.0)
MAX_WAITING_COUNT = 100_000  # fixes that wait for the first date of a file

_BEGUN = re.compile(r"\$(?:GP|GN|GL|GA|BD|GB|GQ|GI)(?:RMC|GGA|GLL|GNS|ZDA|GST)")
_SENTENCE = re.compile(
    r"\$(?:GP|GN|GL|GA|BD|GB|GQ|GI)(RMC|GGA|GLL|GNS|ZDA|GST),([^*$!]*)(?:\*([0-9A-Fa-f]{2}))?"
)
_TIME = re.compile(r"(\d{2})(\d{2})(\d{2})(\.\d{1,9})?")
_ANGLE = re.compile(r"(\d{2,3})(\d{2}(?:\.\d{1,9})?)")
_NUMBER = re.compile(r"[+-]?\d{1,9}(?:\.\d{1,9})?")
# Fewest cells a sentence of each kind has, after its name (NMEA 0183 2.00 and later).
_CELLS_COUNT = {"RMC": 9, "GGA": 14, "GLL": 6, "GNS": 12, "ZDA": 4, "GST": 8}
# Of two sentences of one instant the position of the earlier kind here is taken: those with a height first.
_PREFERENCE = ("GGA", "GNS", "RMC", "GLL")


@dataclass(slots=True)
class _Epoch:
    """What the sentences of one time of day said."""

    line: int
    clock_us: int
    received_us: MicrosUTC | None
    day_us: int | None = None
    positions: dict[str, tuple[float, float]] = field(default_factory=dict)
    faults: list[tuple[str, int, str]] = field(default_factory=list)
    hdop: float = math.nan
    radius_m: Metres = math.nan
    altitude_m: Metres = math.nan
    separation_m: Metres = math.nan


def sniff(head: str) -> bool:
    """True where one of the first lines holds a position sentence of a satellite receiver."""
    return _BEGUN.search(head) is not None


def read(
    source: Source,
    options: TrackOptions,
    *,
    mover: str | None = None,
    date: str | None = None,
    ranging_error: str | None = None,
    height: str | None = None,
) -> Records:
    """Read the log of one receiver.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        The default longest gap is 5 minutes.
    mover : str, optional
        Id of the mover who carried the receiver; the name of the file where not given.
    date : str, optional
        UTC day of the first fix, where no sentence names one.
    ranging_error : str, optional
        One-sigma ranging error of a satellite, such as ``"5 m"``: with the HDOP it makes an estimate of the
        accuracy where no GST sentence states it. Without it such an accuracy is not stated.
    height : str, optional
        ``"msl"`` (as written) or ``"ellipsoid"`` (plus the geoid separation of the same sentence).

    Returns
    -------
    Records
        One track.

    Raises
    ------
    UsageError
        No sentence names a date and none is given (``no-date``); an option that cannot be meant.
    """
    feed = open_live(
        source.ref(),
        options,
        mover=mover or source.stem,
        date=date,
        ranging_error=ranging_error,
        height=height,
    )
    return read_feed(feed, source.data)


def open_live(
    source: SourceRef,
    options: TrackOptions,
    *,
    mover: str | None = None,
    date: str | None = None,
    ranging_error: str | None = None,
    height: str | None = None,
) -> FrameFeed:
    """What reads a feed of one receiver; options as for :func:`read`."""
    if height not in (None, "msl", "ellipsoid"):
        raise UsageError(
            f"no height is named {height!r}", hint="msl (as written) or ellipsoid", code="height"
        )
    error_m = math.nan if ranging_error is None else above_zero(parse_length(ranging_error), ranging_error)
    reader = NmeaReader(source, options, mover or source.name, ranging_error_m=error_m)
    reader.to_ellipsoid = height == "ellipsoid"
    if date is not None:
        reader.day_us = read_day(date, zone="UTC").start_us
    return FrameFeed(LineFramer(), reader, options)


class NmeaReader:
    """Reads one line after another of one receiver."""

    def __init__(
        self, source: SourceRef, options: TrackOptions, mover_id: str, *, ranging_error_m: Metres
    ) -> None:
        self.options, self.mover_id, self.ranging_error_m = options, mover_id, ranging_error_m
        self.to_ellipsoid = False
        self.log = FixLog(source)
        self.day_us: int | None = None
        self._clock_us: int | None = None
        self._named = False  # whether a sentence ever named a date
        self._epoch: _Epoch | None = None
        self._waiting: list[_Epoch] = []

    def mover(self, key: str) -> Mover:
        """The one mover."""
        return self.options.mover(key)

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one line; sentences of other kinds are passed over."""
        text = data.decode("latin-1")
        found = _SENTENCE.search(text)
        if found is None:
            if _BEGUN.search(text) or not ("$" in text or "!" in text):
                self._lose("bad-sentence", line, text)
            return
        kind, body, checksum = found.groups()
        if checksum is None or _checksum(found.group()) != checksum.upper():
            self._lose("bad-checksum", line, found.group() + ("" if checksum else " (no checksum)"))
            return
        cells = body.split(",")
        clock_us = _clock_us(cells[4] if kind == "GLL" and len(cells) > 4 else cells[0])
        if len(cells) < _CELLS_COUNT[kind] or (clock_us is None and any(cells)):
            self._lose("bad-sentence", line, found.group())
            return
        if clock_us is not None:
            self._said(kind, line, cells, clock_us, received_us)

    def _lose(self, code: str, line: int, seen: str) -> None:
        if seen.strip():
            self.log.read_count += 1
            self.log.drop(code, line, seen.strip()[:120])

    # ------------------------------------------------------------ sentences

    def _said(self, kind: str, line: int, cells: list[str], clock_us: int, received_us: int | None) -> None:
        epoch = self._epoch
        if epoch is None or epoch.clock_us != clock_us:
            self._close()
            epoch = self._epoch = _Epoch(line, clock_us, received_us)
        if kind == "ZDA":
            epoch.day_us = _day_us(cells[3], cells[2], cells[1])
        elif kind == "GST":
            sigmas = [_number(cell) for cell in cells[5:7]]
            radius_m = R95_SIGMAS * math.sqrt((sigmas[0] ** 2 + sigmas[1] ** 2) / 2)
            epoch.radius_m = radius_m if radius_m > 0 else math.nan
        else:
            self._position(epoch, kind, line, cells)

    def _position(self, epoch: _Epoch, kind: str, line: int, cells: list[str]) -> None:
        first = {"RMC": 2, "GGA": 1, "GLL": 0, "GNS": 1}[kind]
        if kind == "RMC" and re.fullmatch(r"\d{6}", cells[8]):
            day, month, year = cells[8][:2], cells[8][2:4], int(cells[8][4:])
            epoch.day_us = _day_us(str(year + (1900 if year >= 80 else 2000)), month, day)
        why = _why_not(kind, cells)
        if why is not None:
            epoch.faults.append((why, line, f"{kind} {','.join(cells)}"[:120]))
            return
        lat = _angle(cells[first], cells[first + 1], "NS")
        lon = _angle(cells[first + 2], cells[first + 3], "EW")
        if lon is None or lat is None:
            seen = ",".join(cells[first : first + 4])
            code = "no-position" if not any(cells[first : first + 4]) else "bad-number"
            epoch.faults.append((code, line, f"{kind} {seen}"[:120]))
            return
        epoch.positions[kind] = (lon, lat)
        if kind in ("GGA", "GNS"):
            epoch.hdop = _number(cells[7])
            written = (8, 10) if kind == "GGA" else (8, 9)
            epoch.altitude_m, epoch.separation_m = (_number(cells[at]) for at in written)

    # ------------------------------------------------------------ fixes

    def _close(self) -> None:
        """The sentences of one instant are complete: give it a date, or let it wait for one."""
        epoch, self._epoch = self._epoch, None
        if epoch is None:
            return
        self._named = self._named or epoch.day_us is not None
        if epoch.day_us is None:
            epoch.day_us = self._carried_day_us(epoch)
        if epoch.day_us is None:
            self._waiting.append(epoch)
            if len(self._waiting) > MAX_WAITING_COUNT:
                self._undated(self._waiting.pop(0))
            return
        self.day_us, self._clock_us = epoch.day_us, epoch.clock_us
        if self._waiting:
            self._date_back(epoch)
        self._fix(epoch)

    def _carried_day_us(self, epoch: _Epoch) -> int | None:
        """The day of the fix before, or the next where the clock ran past midnight; live, the nearest day."""
        if self.day_us is not None and (self._named or epoch.received_us is None):
            last_us = epoch.clock_us if self._clock_us is None else self._clock_us
            return self.day_us + _midnights(last_us, epoch.clock_us) * US_PER_DAY
        if epoch.received_us is None:
            return None
        return nearest_day_us(epoch.clock_us, epoch.received_us)

    def _date_back(self, dated: _Epoch) -> None:
        """Give the fixes before the first date theirs, backwards from it."""
        assert dated.day_us is not None
        day_us, clock_us = dated.day_us, dated.clock_us
        for epoch in reversed(self._waiting):
            day_us -= _midnights(epoch.clock_us, clock_us) * US_PER_DAY
            epoch.day_us, clock_us = day_us, epoch.clock_us
        for epoch in self._waiting:
            self._fix(epoch)
        self._waiting = []

    def _fix(self, epoch: _Epoch) -> None:
        assert epoch.day_us is not None
        if epoch.faults or not epoch.positions:
            for code, line, seen in epoch.faults[:1]:
                self.log.read_count += 1
                self.log.drop(code, line, seen)
            return
        self.log.read_count += 1
        lon, lat = next(epoch.positions[kind] for kind in _PREFERENCE if kind in epoch.positions)
        accuracy_m = epoch.radius_m
        if math.isnan(accuracy_m) and epoch.hdop > 0:
            accuracy_m = R95_PER_DRMS * epoch.hdop * self.ranging_error_m
        altitude_m, datum = epoch.altitude_m, "msl"
        if self.to_ellipsoid and not math.isnan(epoch.separation_m):
            altitude_m, datum = altitude_m + epoch.separation_m, "ellipsoid"
        self.log.add(
            self.mover_id,
            t_us=epoch.day_us + epoch.clock_us,
            lon=lon,
            lat=lat,
            at=epoch.line,
            accuracy_m=accuracy_m,
            altitude_m=altitude_m,
            datum=datum,
        )

    def _undated(self, epoch: _Epoch) -> None:
        if epoch.positions or epoch.faults:
            self.log.read_count += 1
            self.log.drop("no-time", epoch.line, "a time of day, and no date in the file or stated")

    def finish(self) -> None:
        """Close the last instant; where no fix has a date, refuse the file."""
        self._close()
        if self._waiting and self.day_us is None and not self.log.keys_after(0):
            raise UsageError(
                f"{self.log.source.name}: no sentence names the date (RMC and ZDA do)",
                hint="state the UTC day of the first fix, as in --option date=2020-03-06 (in Python: date=)",
                code="no-date",
            )
        for epoch in self._waiting:
            self._undated(epoch)
        self._waiting = []


def _midnights(before_us: int, after_us: int) -> int:
    """1 where the clock passed midnight from one to the other, -1 where back over it, else 0."""
    change_us = after_us - before_us
    return 1 if change_us < -US_PER_DAY // 2 else -1 if change_us > US_PER_DAY // 2 else 0


def nearest_day_us(clock_us: int, received_us: MicrosUTC) -> int:
    """The midnight UTC after which that time of day lies nearest to an instant."""
    day_us = received_us - received_us % US_PER_DAY
    return day_us + _midnights(received_us - day_us, clock_us) * US_PER_DAY


def _why_not(kind: str, cells: list[str]) -> str | None:
    """The code under which a sentence is no measured position: void, or not measured."""
    if kind == "GGA":
        quality = cells[5]
        return "no-position" if quality in ("", "0") else "not-measured" if quality in "678" else None
    if kind == "GNS":
        modes = set(cells[5])
        return None if modes & set("ADPRF") else "not-measured" if modes & set("EMS") else "no-position"
    at = {"RMC": (1, 11), "GLL": (5, 6)}[kind]
    mode = cells[at[1]][:1] if len(cells) > at[1] else ""
    if mode and mode in "EMS":
        return "not-measured"
    return None if cells[at[0]] == "A" and mode != "N" else "no-position"


def _clock_us(text: str) -> int | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour, minute, second = (int(part) for part in match.groups()[:3])
    if hour > 23 or minute > 59 or second > 60:
        return None
    fraction_us = round(float(match[4] or 0) * US_PER_S)
    return ((hour * 60 + minute) * 60 + second) * US_PER_S + fraction_us


def _day_us(year: str, month: str, day: str) -> int | None:
    if not (re.fullmatch(r"\d{4}", year) and re.fullmatch(r"\d{2}", month) and re.fullmatch(r"\d{2}", day)):
        return None
    try:
        return read_day(f"{year}-{month}-{day}", zone="UTC").start_us
    except InputError:
        return None


def _angle(text: str, letter: str, letters: str) -> float | None:
    """Degrees from ``ddmm.mmmm`` or ``dddmm.mmmm`` and its letter."""
    match = _ANGLE.fullmatch(text)
    if match is None or len(letter) != 1 or letter not in letters:
        return None
    if len(match[1]) != (2 if letters == "NS" else 3) or float(match[2]) >= 60.0:
        return None
    degrees = int(match[1]) + float(match[2]) / 60.0
    return -degrees if letter == letters[1] else degrees


def _number(text: str) -> float:
    return float(text) if _NUMBER.fullmatch(text) else math.nan


def _checksum(sentence: str) -> str:
    value = 0
    for byte in sentence[1:].partition("*")[0].encode("latin-1"):
        value ^= byte
    return f"{value:02X}"
