"""AIS as NMEA 0183 sentences (AIVDM and AIVDO), one a line, with a time beside each.

An AIS position report carries no date, so a sentence is a fix only with a time from its receiver: the ``c:``
of a tag block (NMEA 0183 4.10), or a column of seconds, milliseconds or ISO text before or after it; of a
live feed, where there is none of these, the instant it was received. A message in several sentences takes the
first time found among them. pyais decodes the payload; checksum, grouping and times are judged here, each
line with its outcome.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from truceline.errors import InputError
from truceline.formats.ais_csv import (
    DEFAULT_LONGEST_GAP_S,
    Vessel,
    is_sentinel,
    parse_flags,
    remark_odd_mmsi,
    remark_type,
)
from truceline.formats.fixes import FixLog
from truceline.formats.framing import FrameFeed, LineFramer, read_feed
from truceline.formats.guard import Source
from truceline.formats.options import TrackOptions
from truceline.formats.values import epoch_instant, read_time, time_fault
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.timebase import US_PER_S
from truceline.units import MicrosUTC

# ITU-R M.1371-5: the position accuracy flag is 1 for high (10 m or better), 0 for low (above 10 m).
# It is taken as a 95 % radius. Message 27 rounds to 1/10 minute, so up to half of 185.2 m on each axis more.
HIGH_ACCURACY_M = 10.0
LONG_RANGE_ROUNDING_M = math.hypot(185.2 / 2, 185.2 / 2)
# Messages that hold a mover's position, and the bits up to the end of it: a shorter one has none to trust.
POSITION_BITS_COUNT = {1: 116, 2: 116, 3: 116, 9: 116, 18: 112, 19: 112, 27: 79}
STATIC_TYPES = frozenset({5, 19, 24})

_SENTENCE = re.compile(r"[!$](?:[A-Z]{2}VD[MO]),[^*\\]*\*[0-9A-Fa-f]{2}")
_COUNT = re.compile(r"[1-9]")
_BEGUN = re.compile(r"[!$][A-Z]{2}VD[MO],")
_TAG = re.compile(r"\\([^\\]*)\\")
_STAMP = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?")
_EPOCH = re.compile(r"(?<![\w.])\d{9,13}(?:\.\d+)?(?![\w.])")
# The parts of a message follow each other at once; their number (0 to 9) comes round again within minutes.
MAX_PART_GAP_US = 30 * US_PER_S
MAX_PENDING_COUNT = 64
_MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138; as milliseconds 1973


@dataclass(slots=True)
class _Pending:
    """The sentences so far of one message that comes in several."""

    line: int
    total: int
    sentences: list[str] = field(default_factory=list)
    t_us: int | None = None
    last_us: int | None = None
    received_us: int | None = None


def sniff(head: str) -> bool:
    """True where one of the first lines holds an AIVDM or AIVDO sentence."""
    return _BEGUN.search(head) is not None


def read(source: Source, options: TrackOptions, *, flags: Mapping[str, str] | str | None = None) -> Records:
    """Read a file of AIS sentences.

    Parameters
    ----------
    source : Source
        The file; lines without a sentence that are not comments or tag blocks are left out and listed.
    options : TrackOptions
        ``zone`` is used for ISO times that carry none; counts since 1970 are UTC. ``accuracy`` serves
        positions whose flag says low. The default longest gap is 10 minutes.
    flags : mapping or str, optional
        As for :func:`truceline.formats.ais_csv.read`.

    Returns
    -------
    Records
        One track a station, id ``mmsi:<nine digits>``.
    """
    feed = open_live(source.ref(), options, flags=flags)
    return read_feed(feed, source.data, longest_gap_s=DEFAULT_LONGEST_GAP_S)


def open_live(
    source: SourceRef, options: TrackOptions, *, flags: Mapping[str, str] | str | None = None
) -> FrameFeed:
    """What reads a feed of AIS sentences; options as for :func:`read`."""
    return FrameFeed(LineFramer(), AisReader(source, options, parse_flags(flags)), options)


class AisReader:
    """Reads one line after another, of a file or of a feed."""

    def __init__(self, source: SourceRef, options: TrackOptions, parties: Mapping[str, str]) -> None:
        self.options, self.parties = options, parties
        self.log = FixLog(source)
        self.vessels: dict[str, Vessel] = {}
        self._pending: dict[tuple[str, str, str], _Pending] = {}
        self._tag_time: int | None = None
        self._other_types: dict[int, tuple[int, int]] = {}

    def mover(self, key: str) -> Mover:
        """What the station of that number has said of itself by now."""
        return self.vessels.get(key, Vessel(key)).mover(self.options, self.parties)

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one line: a sentence with what stands round it, a tag block alone, or neither."""
        # Bytes, since a receiver's log holds noise: a bad byte may cost its line, never the file.
        text = data.decode("latin-1").strip()
        if not text or text.startswith("#"):
            return
        found = _SENTENCE.search(text)
        tags = _TAG.findall(text[: found.start()] if found else text)
        if found is None:
            if tags and not _BEGUN.search(text):
                self._tag_time = self._tagged(line, tags)
                return
            self._lose("bad-sentence", line, text)
            return
        t_us = self._tagged(line, tags) if tags else None
        if t_us is None:
            t_us = self._beside(line, _TAG.sub(" ", text[: found.start()]), text[found.end() :])
        if t_us is None:
            t_us = self._tag_time
        self._tag_time = None
        sentence = found.group()
        if not checksum_holds(sentence):
            self._lose("bad-checksum", line, sentence)
            return
        self._sentence(line, sentence, t_us, received_us)

    def _lose(self, code: str, line: int, seen: str, outcome: str = "left out") -> None:
        self.log.read_count += 1
        self.log.drop(code, line, seen[:120], outcome)

    # ------------------------------------------------------------ times

    def _tagged(self, line: int, tags: list[str]) -> int | None:
        """The ``c:`` of the tag blocks of a line: seconds or milliseconds since 1970."""
        for tag in tags:
            body, _, checksum = tag.partition("*")
            if checksum and _xor(body) != checksum.upper():
                self.log.drop("bad-checksum", line, f"tag block {tag}", "its time is not used", kept=True)
                continue
            for part in body.split(","):
                if part.startswith("c:"):
                    return self._counted(line, part[2:])
        return None

    def _counted(self, line: int, text: str) -> int | None:
        try:
            whole = float(text)
            return epoch_instant(text, unit_us=1000 if whole >= _MILLISECONDS_FROM else US_PER_S)
        except (ValueError, InputError):
            self.log.drop("bad-time", line, text, "this time is not used", kept=True)
            return None

    def _beside(self, line: int, before: str, after: str) -> int | None:
        """A time in the columns before the sentence, else after it."""
        for column in (before, after):
            stamp = _STAMP.search(column)
            if stamp is not None:
                try:
                    return read_time(stamp.group(), zone=self.options.zone)[0]
                except InputError as error:
                    self.log.drop(time_fault(error), line, error.message, "this time is not used", kept=True)
                    continue
            count = _EPOCH.search(column)
            if count is not None:
                return self._counted(line, count.group())
        return None

    # ------------------------------------------------------------ messages

    def _sentence(self, line: int, sentence: str, t_us: int | None, received_us: int | None) -> None:
        cells = sentence.split(",")
        if (
            len(cells) != 7
            or not cells[6][:1].isdecimal()
            or not _COUNT.fullmatch(cells[1])
            or not _COUNT.fullmatch(cells[2])
        ):
            self._lose("bad-sentence", line, sentence)
            return
        total, number = int(cells[1]), int(cells[2])
        if total == 1:
            self._message(line, [sentence], received_us if t_us is None else t_us)
            return
        key = (cells[0], cells[3], cells[4])
        now_us = received_us if t_us is None else t_us
        pending = self._waiting(key, now_us)
        if number == 1:
            if pending is not None:
                self._incomplete(self._pending.pop(key))
            pending = self._pending[key] = _Pending(line, total, received_us=received_us)
        elif pending is None or pending.total != total or len(pending.sentences) + 1 != number:
            self._lose("incomplete-message", line, sentence, "left out; its first part is not before it")
            return
        pending.sentences.append(sentence)
        pending.t_us = t_us if pending.t_us is None else pending.t_us
        pending.last_us = now_us if now_us is not None else pending.last_us
        if len(pending.sentences) == total:
            del self._pending[key]
            self._message(
                pending.line, pending.sentences, pending.received_us if pending.t_us is None else pending.t_us
            )

    def _waiting(self, key: tuple[str, str, str], now_us: int | None) -> _Pending | None:
        """The message that waits for this part; one that has waited too long is given up."""
        if len(self._pending) >= MAX_PENDING_COUNT and key not in self._pending:
            self._incomplete(self._pending.pop(next(iter(self._pending))))
        pending = self._pending.get(key)
        if pending is None or now_us is None or pending.last_us is None:
            return pending
        if abs(now_us - pending.last_us) <= MAX_PART_GAP_US:
            return pending
        self._incomplete(self._pending.pop(key))
        return None

    def _incomplete(self, pending: _Pending) -> None:
        seen = f"{len(pending.sentences)} of {pending.total} parts of a message"
        self._lose("incomplete-message", pending.line, seen)

    def _message(self, line: int, sentences: list[str], t_us: int | None) -> None:
        from pyais import decode
        from pyais.exceptions import AISBaseException

        try:
            decoded: Any = decode(*(sentence.encode("ascii") for sentence in sentences))
            message: dict[str, Any] = decoded.asdict()
        except (AISBaseException, ValueError, KeyError, IndexError, TypeError) as error:
            self._lose("bad-message", line, f"{' '.join(sentences)} ({type(error).__name__})")
            return
        kind = int(message["msg_type"])
        if message["mmsi"] is None or _bits_count(sentences) < POSITION_BITS_COUNT.get(kind, 0):
            self._lose("bad-message", line, f"{' '.join(sentences)} (cut short)")
            return
        mmsi = f"{int(message['mmsi']):09d}"
        if kind in STATIC_TYPES:
            self._static(line, mmsi, message)
        if kind in POSITION_BITS_COUNT:
            self.log.read_count += 1
            self._position(line, kind, mmsi, message, t_us)
        elif kind not in STATIC_TYPES:
            count, first = self._other_types.get(kind, (0, line))
            self._other_types[kind] = (count + 1, first)

    def _static(self, line: int, mmsi: str, message: Mapping[str, Any]) -> None:
        vessel = self.vessels.setdefault(mmsi, Vessel(mmsi))
        name, ship_type = message.get("shipname"), message.get("ship_type")
        number = "" if ship_type is None else str(int(ship_type))
        if vessel.learn(name=str(name or "").strip(" @"), ship_type=number):
            remark_type(self.log, vessel, number, line)

    def _position(
        self, line: int, kind: int, mmsi: str, message: Mapping[str, Any], t_us: int | None
    ) -> None:
        lon, lat = message.get("lon"), message.get("lat")
        if is_sentinel(lon, lat):
            self.log.drop("no-position", line, f"MMSI {mmsi}: lon {lon}, lat {lat}, AIS for not available")
            return
        if t_us is None:
            self.log.drop("no-time", line, f"MMSI {mmsi}: no time in a tag block or beside the sentence")
            return
        accuracy_m = math.nan
        if message.get("accuracy"):
            accuracy_m = HIGH_ACCURACY_M + (LONG_RANGE_ROUNDING_M if kind == 27 else 0.0)
        if not self.log.add(mmsi, t_us=t_us, lon=lon, lat=lat, at=line, accuracy_m=accuracy_m):
            return
        if mmsi not in self.vessels:
            self.vessels[mmsi] = Vessel(mmsi)
            remark_odd_mmsi(self.log, mmsi, line)

    def finish(self) -> None:
        """Give up the messages still waiting for a part, and remark the types passed over."""
        for pending in self._pending.values():
            self._incomplete(pending)
        self._pending.clear()
        for kind, (count, first) in sorted(self._other_types.items()):
            outcome = "passed over; not a position of a mover"
            self.log.drop("other-message", first, f"{count} of AIS type {kind}", outcome, kept=True)
        self._other_types.clear()


def _bits_count(sentences: list[str]) -> int:
    """How many bits the payload of a message holds: six a character, less the fill bits of each part."""
    cells = [sentence.split(",") for sentence in sentences]
    return sum(6 * len(part[5]) - int(part[6][0]) for part in cells)


def _xor(text: str) -> str:
    value = 0
    for character in text.encode("latin-1"):
        value ^= character
    return f"{value:02X}"


def checksum_holds(sentence: str) -> bool:
    """True where the two digits after ``*`` are the exclusive or of what stands between ``!`` and ``*``.

    Examples
    --------
    >>> checksum_holds("!AIVDM,1,1,,B,15M67FC000G?ufbE`FepT@3n00Sa,0*5C")
    True
    """
    body, _, checksum = sentence[1:].partition("*")
    return _xor(body) == checksum[:2].upper()
