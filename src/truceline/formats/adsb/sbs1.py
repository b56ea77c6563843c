"""ADS-B and Mode S as lines in BaseStation's format (SBS-1; port 30003 of many decoders).

``MSG,<1 to 8>`` lines of 22 cells; 3 is a position in the air, 2 one on the ground, 1 a callsign. Each carries two
local times of the machine that wrote it: when the message was received and when it was written out. Neither says
its zone, so that has to be stated; a live feed without a stated zone takes the instant of reception.
"""

from __future__ import annotations

import math
import re

from truceline.errors import InputError, UsageError
from truceline.formats.adsb import DEFAULT_LONGEST_GAP_S, FOOT_M, mover_id
from truceline.formats.fixes import FixLog
from truceline.formats.framing import FrameFeed, LineFramer, read_feed
from truceline.formats.guard import Source
from truceline.formats.options import TrackOptions
from truceline.formats.values import need_zone, read_number, read_time, time_fault
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.units import Metres, MicrosUTC

_BEGUN = re.compile(r"^MSG,[1-8],", re.MULTILINE)
_OTHER = re.compile(r"(?:SEL|ID|AIR|STA|CLK|MSG),")
_HEX = re.compile(r"~?[0-9A-Fa-f]{6}")
_DAY = re.compile(r"(\d{4})/(\d{2})/(\d{2})")
CELLS_COUNT = 22
STAMPS = {"generated": 6, "logged": 8}


def sniff(head: str) -> bool:
    """True where one of the first lines is a MSG line."""
    return _BEGUN.search(head) is not None


def read(source: Source, options: TrackOptions, *, stamp: str | None = None) -> Records:
    """Read a log of MSG lines.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        ``zone`` is needed: the clock of the machine that wrote the lines. The default longest gap is 60 seconds.
    stamp : str, optional
        ``"generated"`` (when the message was received, cells 7 and 8; the default) or ``"logged"`` (when the line
        was written, cells 9 and 10).

    Returns
    -------
    Records
        One track an aircraft, id ``icao:<hex>``.

    Raises
    ------
    UsageError
        No zone is stated (``no-zone``); a stamp that does not exist.
    """
    need_zone(options.zone, what=source.name)
    feed = open_live(source.ref(), options, stamp=stamp)
    return read_feed(feed, source.data, longest_gap_s=DEFAULT_LONGEST_GAP_S)


def open_live(source: SourceRef, options: TrackOptions, *, stamp: str | None = None) -> FrameFeed:
    """What reads a feed of MSG lines; options as for :func:`read`, and no zone needed."""
    if stamp is not None and stamp not in STAMPS:
        raise UsageError(
            f"no stamp is named {stamp!r}", hint="generated (the default) or logged", code="stamp"
        )
    return FrameFeed(LineFramer(), SbsReader(source, options, STAMPS[stamp or "generated"]), options)


class SbsReader:
    """Reads one line after another."""

    def __init__(self, source: SourceRef, options: TrackOptions, stamp: int) -> None:
        self.options, self._stamp = options, stamp
        self.log = FixLog(source)
        self._callsigns: dict[str, str] = {}

    def mover(self, key: str) -> Mover:
        """What is known by now of one aircraft."""
        return self.options.mover(key, name=self._callsigns.get(key))

    def finish(self) -> None:
        """Nothing waits."""

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one line; lines of other types are passed over."""
        text = data.decode("latin-1").strip()
        cells = [cell.strip() for cell in text.split(",")]
        if cells[0] != "MSG":
            if text and not _OTHER.match(text):
                self._lose("bad-row", line, text)
            return
        if len(cells) != CELLS_COUNT:
            self._lose("bad-row", line, f"{len(cells)} cells, not {CELLS_COUNT}: {text}")
            return
        if not _HEX.fullmatch(cells[4]):
            self._lose("no-mover", line, f"address {cells[4]!r}: not that of an aircraft")
            return
        key = mover_id(cells[4])
        if cells[10]:
            self._callsigns.setdefault(key, cells[10])
        if cells[14] or cells[15]:
            self._position(line, key, cells, received_us)

    def _lose(self, code: str, line: int, seen: str) -> None:
        self.log.read_count += 1
        self.log.drop(code, line, seen[:160])

    def _position(self, line: int, key: str, cells: list[str], received_us: MicrosUTC | None) -> None:
        self.log.read_count += 1
        if self.options.zone is None and received_us is not None:
            t_us = received_us
        else:
            day = _DAY.sub(r"\1-\2-\3", cells[self._stamp])
            try:
                t_us = read_time(f"{day} {cells[self._stamp + 1]}", zone=self.options.zone)[0]
            except InputError as error:
                self.log.drop(time_fault(error), line, error.message)
                return
        altitude_m, datum = self._height(line, cells)
        self.log.add(
            key, t_us=t_us, lon=cells[15], lat=cells[14], at=line, altitude_m=altitude_m, datum=datum
        )

    def _height(self, line: int, cells: list[str]) -> tuple[Metres, str]:
        """Pressure altitude (1013.25 hPa) in metres; an aircraft on the ground is at 0 above it."""
        if cells[1] == "2" or cells[21] in ("-1", "1"):
            return 0.0, "agl"
        if not cells[11]:
            return math.nan, ""
        feet = read_number(cells[11])
        if feet is None or not math.isfinite(feet):
            self.log.drop(
                "bad-altitude", line, cells[11], "the fix is kept, its height as unknown", kept=True
            )
            return math.nan, ""
        return feet * FOOT_M, "baro"
