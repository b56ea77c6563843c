"""Bytes as they arrive become lines, JSON objects or XML events, the same whatever the chunk borders.

A framer is fed chunks and gives back whole frames, each with the number of the line it starts on. A frame
above ``MAX_FRAME_BYTES`` comes back as None: it is given up, not kept in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from truceline.errors import FormatError
from truceline.formats.fixes import DEFAULT_LONGEST_GAP_S, FixLog
from truceline.formats.options import TrackOptions
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.units import MicrosUTC, Seconds

MAX_FRAME_BYTES = 1024 * 1024
MAX_DOCUMENT_BYTES = 64 * 1024 * 1024

# Codes of records that are not of the form their format has; where there is nothing else, it is another format.
OTHER_FORM = frozenset({"bad-json", "bad-row", "bad-event", "no-header", "too-long"})
PACKET_MARK = b"\xbf"

Frame = tuple[int, bytes | None]
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_SNAPSHOT = re.compile(rb'\s*\{\s*"(?:now|aircraft|icao)"')


class Framer(Protocol):
    """Cuts a stream into frames."""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that ``data`` completes."""

    def finish(self) -> Iterator[Frame]:
        """What is left when nothing more comes."""


class FrameReader(Protocol):
    """Reads one frame after another into a log; what it keeps between frames is its own matter."""

    log: FixLog

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one frame that starts on ``line``; ``received_us`` is None where a file is read."""

    def finish(self) -> None:
        """Give up what still waits for more."""

    def mover(self, key: str) -> Mover:
        """What is known by now of the mover that the log knows as ``key``."""


class FrameFeed:
    """A framer and the reader of its frames: what a feed of any format but CSV is read with."""

    def __init__(self, framer: Framer, reader: FrameReader, options: TrackOptions) -> None:
        self._framer, self._reader = framer, reader
        self.log, self.options = reader.log, options

    def push(self, data: bytes, received_us: MicrosUTC | None, *, whole: bool = False) -> None:
        """Read the frames that ``data`` completes; ``whole`` where nothing of it goes on in the next piece."""
        self._read(self._framer.feed(data), received_us)
        if whole:
            self._read(self._framer.finish(), received_us)

    def end(self, received_us: MicrosUTC | None) -> None:
        """Read what only the end completes, and give up what still waits for more."""
        self._read(self._framer.finish(), received_us)
        self._reader.finish()

    def mover(self, key: str) -> Mover:
        """What is known by now of the mover that the log knows as ``key``."""
        return self._reader.mover(key)

    def movers(self) -> dict[str, Mover]:
        """What is known by now of every mover of the log."""
        return {key: self._reader.mover(key) for key in self.log.keys_after(0)}

    def _read(self, frames: Iterable[Frame], received_us: MicrosUTC | None) -> None:
        for line, data in frames:
            if data is None:
                self.log.read_count += 1
                self.log.drop("too-long", line, f"more than {MAX_FRAME_BYTES:,} bytes with no end")
            else:
                self._reader.frame(line, data, received_us)


def read_feed(feed: FrameFeed, data: bytes, *, longest_gap_s: Seconds = DEFAULT_LONGEST_GAP_S) -> Records:
    """The records of a whole file, read as a feed in which nothing has an instant of reception.

    Raises
    ------
    FormatError
        Code ``format`` where there are records and every one of them is of another form than the format has.
    """
    feed.push(data, None)
    feed.end(None)
    log = feed.log
    left_out = [item for item in log.dropped if not item.kept]
    if left_out and len(left_out) == log.read_count and all(item.code in OTHER_FORM for item in left_out):
        raise FormatError(
            f"nothing in it is of the format {log.source.format}; first {left_out[0].code}: {left_out[0].seen}",
            where=left_out[0].where,
            hint="say which format it is with --format-in (in Python: format=)",
            code="format",
        )
    tracks = log.tracks(feed.movers(), options=feed.options, longest_gap_s=longest_gap_s)
    return Records(source=log.source, tracks=tracks, dropped=tuple(log.dropped), read_count=log.read_count)


class LineFramer:
    """Lines, ended by LF, CR LF or CR; the ending is not part of the frame."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._held_count = 0
        self._line = 0
        self._after_cr = False

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The lines that ``data`` completes."""
        if not data:
            return
        if self._after_cr and data[:1] == b"\n":
            data = data[1:]
        self._after_cr = data[-1:] == b"\r"
        *whole, rest = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        for piece in whole:
            yield self._whole(piece)
        self._hold(rest)

    def finish(self) -> Iterator[Frame]:
        """The last line, where it has no ending."""
        if self._held_count:
            yield self._whole(b"")

    def _hold(self, piece: bytes) -> None:
        self._held_count += len(piece)
        if self._held_count > MAX_FRAME_BYTES:
            self._pieces = []
        elif piece:
            self._pieces.append(piece)

    def _whole(self, piece: bytes) -> Frame:
        self._line += 1
        too_long = self._held_count + len(piece) > MAX_FRAME_BYTES
        line = b"".join([*self._pieces, piece]) if self._pieces else piece
        self._pieces, self._held_count = [], 0
        return self._line, None if too_long else line


class SnapshotFramer:
    """JSON objects, one a line or over many lines.

    A line that begins like a snapshot (``{"now"``) begins a new object even where the one before it was
    never closed, so that one cut object costs itself and nothing after it.
    """

    def __init__(self) -> None:
        self._lines = LineFramer()
        self._held: list[bytes] = []
        self._start = 0
        self._depth = 0
        self._size = 0

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The objects that ``data`` completes."""
        for frame in self._lines.feed(data):
            yield from self._line(*frame)

    def finish(self) -> Iterator[Frame]:
        """What is left, though it be cut."""
        for frame in self._lines.finish():
            yield from self._line(*frame)
        yield from self._close()

    def _line(self, line: int, data: bytes | None) -> Iterator[Frame]:
        if data is None:
            yield from self._close()
            yield line, None
            return
        if self._held and _SNAPSHOT.match(data):
            yield from self._close()
        if not self._held and not data.strip():
            return
        if not self._held:
            self._start = line
        bare = _STRING.sub(b"", data)
        self._depth += bare.count(b"{") + bare.count(b"[") - bare.count(b"}") - bare.count(b"]")
        self._held.append(data)
        self._size += len(data) + 1
        if self._depth <= 0 or self._size > MAX_DOCUMENT_BYTES:
            yield from self._close()

    def _close(self) -> Iterator[Frame]:
        if self._held:
            yield self._start, b"\n".join(self._held) if self._size <= MAX_DOCUMENT_BYTES else None
        self._held, self._depth, self._size = [], 0, 0


class EventFramer:
    """XML documents that follow each other, each ended by the end tag of ``element``.

    With ``packets`` also binary packets, each a byte 0xBF, its length as a varint and that many bytes; and, where
    a piece is whole, one packet that begins with 0xBF 0x01 0xBF and has no length (TAK protocol, version 1).
    """

    def __init__(self, element: bytes, *, packets: bool = False) -> None:
        self._end = b"</" + element + b">"
        self._packets = packets
        self._held = bytearray()
        self._searched = 0
        self._line = 1  # of the first byte held
        self._start = 0  # line of an event that has been given up, 0 where there is none

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The events that ``data`` completes."""
        self._held += data
        while (end := self._next_end()) > 0:
            yield self._event(bytes(self._held[:end]))
            del self._held[:end]
            self._searched = 0
        if len(self._held) > MAX_FRAME_BYTES:
            self._start = self._start or self._line + self._lead(self._held)[1]
            self._line += self._held.count(b"\n", 0, self._searched)
            del self._held[: self._searched]
            self._searched = 0

    def finish(self) -> Iterator[Frame]:
        """What is left after the last event."""
        if self._held.strip() or self._start:
            yield self._event(bytes(self._held))
        self._held, self._searched = bytearray(), 0

    def _next_end(self) -> int:
        """Where the first event held ends; 0 where it is not complete."""
        lead, _ = self._lead(self._held)
        if self._packets and not self._start and self._held[lead : lead + 1] == PACKET_MARK:
            length = packet_bytes(self._held[lead:])
            self._searched = len(self._held)
            return lead + length if 0 < length <= len(self._held) - lead else 0
        at = self._held.find(self._end, self._searched)
        self._searched = max(0, len(self._held) - len(self._end) + 1)
        return at + len(self._end) if at >= 0 else 0

    def _event(self, data: bytes) -> Frame:
        lead, lines = self._lead(data)
        given_up = self._start or len(data) > MAX_FRAME_BYTES
        frame = self._start or self._line + lines, None if given_up else data[lead:]
        self._line += data.count(b"\n")
        self._start = 0
        return frame

    @staticmethod
    def _lead(data: bytes | bytearray) -> tuple[int, int]:
        """How many bytes of white space come first, and how many lines end in them."""
        lead = len(data) - len(data.lstrip())
        return lead, data.count(b"\n", 0, lead)


def packet_bytes(data: bytes | bytearray) -> int:
    """The length of the packet that ``data`` begins with, mark and length included; 0 where it is not known yet."""
    if data[1:3] == b"\x01" + PACKET_MARK:
        return 0
    length = 0
    for place, byte in enumerate(data[1:6]):
        length |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return length + place + 2 if len(data) > 2 or length != 1 else 0
    return 0
