"""Cursor on Target: events as XML, and as TAK protocol packets where takproto is installed.

An event of type ``a-...`` is somebody's or something's position: uid, time, lat, lon, height above the WGS 84
ellipsoid (``hae``) and circular error (``ce``). 9999999.0 means unknown. The public schema of the event says of
``ce`` that, where it is an error, it is the one-sigma point of a zero-mean normal distribution; it is taken so, as
the sigma of one axis, unless another convention is stated.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from truceline.errors import FormatError, InputError, UsageError
from truceline.formats.fixes import FixLog
from truceline.formats.framing import PACKET_MARK, EventFramer, FrameFeed, packet_bytes, read_feed
from truceline.formats.guard import Source, walk_xml
from truceline.formats.options import TrackOptions
from truceline.formats.values import epoch_instant, read_number, read_time, time_fault
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.timebase import US_PER_S
from truceline.units import TO_95, Metres, MicrosUTC

UNKNOWN_M: Metres = 9_999_999.0
# Radius that holds 95 % of a circular normal error, over the radius each convention gives.
CONVENTIONS = {
    "sigma": math.sqrt(-2 * math.log(0.05)),
    **TO_95,
    "90": math.sqrt(math.log(0.05) / math.log(0.1)),
}
# What of our classes the function part of a type says (MIL-STD-2525 as CoT writes it), longest first.
_CLASSES = (
    ("A-M-F-Q", "uav"),
    ("A-M-H", "rotary"),
    ("A-C-H", "rotary"),
    ("A-M-F", "fixed-wing"),
    ("A-C-F", "fixed-wing"),
    ("A-M-L", "balloon"),
    ("A-C-L", "balloon"),
    ("G-E-V-A-T", "tank"),
    ("G-E-V", "vehicle"),
    ("S-C", "warship"),
    ("S-X", "vessel"),
)
_BEGUN = re.compile(rb"<event[\s>]")
_SNIFF = re.compile(r"<event\s[^>]*\buid\s*=")
_CLOSING = re.compile(rb"(?:\s|</[\w:.-]+>)*")


@dataclass(slots=True)
class _Event:
    """What an event says, as text."""

    values: dict[str, str] = field(default_factory=dict)
    callsign: str = ""
    depth: int = 0
    points_count: int = 0

    def opened(self, namespace: str, name: str, attributes: Mapping[str, str], line: int) -> None:
        """Take the attributes of the event, its point and its contact."""
        path = (self.depth, name)
        self.depth += 1
        if path == (0, "event"):
            self.values.update(
                {key: attributes[key] for key in ("uid", "type", "time", "how") if key in attributes}
            )
        elif path == (1, "point"):
            self.points_count += 1
            for key in ("lat", "lon", "hae", "ce"):
                self.values[key] = attributes.get(key, "")
        elif path == (2, "contact"):
            self.callsign = self.callsign or attributes.get("callsign", "")

    def closed(self, namespace: str, name: str, text: str, line: int) -> None:
        """An element ends."""
        self.depth -= 1


def sniff(head: str) -> bool:
    """True where one of the first elements is an event with a uid."""
    return _SNIFF.search(head) is not None


def read(
    source: Source,
    options: TrackOptions,
    *,
    ce: str | None = None,
    affiliations: Mapping[str, str] | str | None = None,
) -> Records:
    """Read a file of events, one after another, with or without an element round them.

    Parameters
    ----------
    source : Source
        The file: XML, or TAK protocol packets with their lengths.
    options : TrackOptions
        The default longest gap is 5 minutes. ``accuracy`` serves events whose ``ce`` is unknown.
    ce : str, optional
        What the circular error is: ``sigma`` (of one axis; the default), ``95``, ``90``, ``68``, ``rms``, ``cep50``.
    affiliations : mapping or str, optional
        From the affiliation letter of a type to a party id, such as ``"f=russia n=turkey"``. Whoever wrote the events
        chose the letters, so without it no party is taken from them.

    Returns
    -------
    Records
        One track a uid.
    """
    return read_feed(open_live(source.ref(), options, ce=ce, affiliations=affiliations), source.data)


def open_live(
    source: SourceRef,
    options: TrackOptions,
    *,
    ce: str | None = None,
    affiliations: Mapping[str, str] | str | None = None,
) -> FrameFeed:
    """What reads a feed of events; options as for :func:`read`. A datagram is given as ``whole``."""
    if ce is not None and ce not in CONVENTIONS:
        raise UsageError(
            f"no convention is named {ce!r}", hint=f"one of {', '.join(CONVENTIONS)}", code="convention"
        )
    reader = CotReader(source, options, CONVENTIONS[ce or "sigma"], _parties(affiliations))
    return FrameFeed(EventFramer(b"event", packets=True), reader, options)


def _parties(affiliations: Mapping[str, str] | str | None) -> dict[str, str]:
    if affiliations is None:
        return {}
    if isinstance(affiliations, str):
        parts = (part.partition("=") for part in affiliations.replace(",", " ").split())
        affiliations = {letter: party for letter, _, party in parts}
    for letter, party in affiliations.items():
        if len(letter) != 1 or not letter.isalpha() or not party:
            raise UsageError(
                f"not an affiliation letter and a party: {letter!r} = {party!r}",
                hint='write it like "f=russia n=turkey"',
                code="affiliations",
            )
    return {letter.casefold(): party for letter, party in affiliations.items()}


class CotReader:
    """Reads one event after another."""

    def __init__(
        self, source: SourceRef, options: TrackOptions, to_95: float, parties: Mapping[str, str]
    ) -> None:
        self.options, self.to_95, self.parties = options, to_95, parties
        self.log = FixLog(source)
        self._movers: dict[str, Mover] = {}
        self._by_hand: set[str] = set()
        self._other_types: dict[str, tuple[int, int]] = {}

    def mover(self, key: str) -> Mover:
        """What the first event of that uid said of it."""
        return self._movers[key]

    def finish(self) -> None:
        """Remark the events that were passed over."""
        for kind, (count, first) in sorted(self._other_types.items()):
            seen = f"{count} events of type {kind}-..."
            self.log.drop("other-message", first, seen, "passed over; not a position of a mover", kept=True)
        self._other_types.clear()

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one event; an event's own time is used, never that of reception."""
        if data[:1] == PACKET_MARK:
            self._packet(line, data)
            return
        begun = _BEGUN.search(data)
        if begun is None:
            if not _CLOSING.fullmatch(data):
                self._lose("bad-event", line, f"{data[:80]!r}: no event")
            return
        if b"<!DOCTYPE" in data[: begun.start()]:
            self._lose("bad-event", line, f"{data[:80]!r}: a DOCTYPE stands before the event")
            return
        event = _Event()
        try:
            walk_xml(Source(name=self.log.source.name, data=data[begun.start() :]), event)
        except FormatError as error:
            self._lose("bad-event", line, error.message)
            return
        if event.points_count != 1:
            self._lose("no-position", line, f"{event.points_count} points in the event")
            return
        self._event(line, event.values, event.callsign)

    def _packet(self, line: int, data: bytes) -> None:
        """A TAK protocol packet becomes the same values that an XML event has."""
        try:
            from google.protobuf.message import DecodeError
            from takproto.proto import TakMessage
        except ImportError:
            self._lose(
                "missing-part", line, 'a TAK packet, and takproto is not installed: "truceline[formats]"'
            )
            return
        payload = _payload(data)
        message: Any = TakMessage()
        try:
            if payload is None:
                raise DecodeError("the packet is cut short")
            message.ParseFromString(payload)
        except DecodeError as error:
            self._lose("bad-event", line, f"{data[:20]!r}: {error}")
            return
        event = message.cotEvent
        values = {
            "uid": event.uid,
            "type": event.type,
            "how": event.how,
            "time_ms": str(event.sendTime),
            "lat": repr(event.lat),
            "lon": repr(event.lon),
            "hae": repr(event.hae),
            "ce": repr(event.ce),
        }
        self._event(line, values, event.detail.contact.callsign)

    def _lose(self, code: str, line: int, seen: str, outcome: str = "left out") -> None:
        self.log.read_count += 1
        self.log.drop(code, line, seen[:160], outcome)

    def _event(self, line: int, values: Mapping[str, str], callsign: str) -> None:
        kind, uid = values.get("type", ""), values.get("uid", "").strip()
        if not kind.startswith("a-"):
            self._pass_over(line, kind.partition("-")[0][:8] or "none")
            return
        if not uid:
            self._lose("no-mover", line, "the event has no uid")
            return
        t_us = self._instant(line, values)
        if t_us is None:
            return
        error_m, height_m = (self._measure(values.get(key, "")) for key in ("ce", "hae"))
        if math.isnan(error_m) and read_number(values.get("lat")) == 0.0 == read_number(values.get("lon")):
            self._lose(
                "no-position", line, f"{uid}: 0, 0 with no error stated, which devices write without a fix"
            )
            return
        if error_m <= 0.0:
            self.log.drop(
                "bad-accuracy",
                line,
                f"{uid}: ce {values.get('ce')}",
                "kept, with this as not stated",
                kept=True,
            )
            error_m = math.nan
        self.log.read_count += 1
        added = self.log.add(
            uid,
            t_us=t_us,
            lon=values.get("lon", ""),
            lat=values.get("lat", ""),
            at=line,
            accuracy_m=error_m * self.to_95,
            altitude_m=height_m,
            datum="ellipsoid",
        )
        if added:
            self._know(line, uid, kind, callsign, values.get("how", ""))

    def _pass_over(self, line: int, letter: str) -> None:
        count, first = self._other_types.get(letter, (0, line))
        if count or len(self._other_types) < 64:
            self._other_types[letter] = (count + 1, first)

    def _instant(self, line: int, values: Mapping[str, str]) -> int | None:
        try:
            if "time_ms" in values:
                return epoch_instant(values["time_ms"], unit_us=US_PER_S // 1000)
            return read_time(values.get("time", ""), zone=self.options.zone)[0]
        except InputError as error:
            self._lose("no-time" if not values.get("time", "x") else time_fault(error), line, error.message)
            return None

    @staticmethod
    def _measure(text: str) -> Metres:
        """A length; NaN where it is unknown or no number."""
        number = read_number(text)
        known = number is not None and math.isfinite(number) and abs(number) < UNKNOWN_M
        return number if number is not None and known else math.nan

    def _know(self, line: int, uid: str, kind: str, callsign: str, how: str) -> None:
        letters = kind.split("-")
        part = "-".join(letters[2:])
        mover_class = next((name for begin, name in _CLASSES if f"{part}-".startswith(f"{begin}-")), None)
        mover = self.options.mover(
            uid,
            name=callsign or None,
            party=self.parties.get(letters[1].casefold()) if len(letters) > 1 else None,
            mover_class=self.options.mover_class or mover_class,
        )
        self._movers.setdefault(uid, mover)
        if how.startswith("h") and uid not in self._by_hand:
            self._by_hand.add(uid)
            self.log.drop(
                "entered-by-hand", line, f"{uid}: how {how}", "kept; a person gave this position", kept=True
            )


def _payload(data: bytes) -> bytes | None:
    """What a packet holds after its mark, and its length where it has one; None where it is cut short."""
    if data[1:3] == b"\x01" + PACKET_MARK:
        return data[3:]
    if packet_bytes(data) != len(data):
        return None
    length_count = next(place for place, byte in enumerate(data[1:6], 1) if byte < 0x80)
    return data[1 + length_count :]
