"""Files that are read, or followed as they grow and are replaced; and standard input."""

from __future__ import annotations

import os
import select
import sys
from pathlib import Path
from typing import BinaryIO

from truceline.errors import UsageError
from truceline.feeds.health import Meter
from truceline.feeds.sources import Chunk
from truceline.timebase import Clock
from truceline.units import Seconds

CHUNK_BYTES = 256 * 1024
# A followed file is looked at this often.
LOOK_S = 0.2


def pause(seconds: Seconds) -> None:
    """Wait."""
    if seconds > 0:
        select.select([], [], [], seconds)


class FileFeed:
    """A file, from its start; ``follow``: and on as it grows.

    A followed file that is replaced (another file under its name) or cut short is begun anew from its start, as
    logs are rotated, after the rest of the old one was read.
    """

    def __init__(self, path: Path, *, clock: Clock, follow: bool = False) -> None:
        if not follow and not path.is_file():
            raise UsageError(
                f"{path}: no such file", hint="check the path, or follow it until it is there", code="source"
            )
        self.meter = Meter(str(path), clock.now_us())
        self.live = follow
        self._path, self._clock, self._follow = path, clock, follow
        self._file: BinaryIO | None = None
        self._begun_before = False
        self._ended = False

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended

    def take(self, wait_s: Seconds) -> Chunk | None:
        """The next piece of the file; at the end of one that is followed, what was added within ``wait_s``."""
        waited_s = 0.0
        while not self._ended:
            chunk = self._read()
            if chunk is not None or self._ended or waited_s >= wait_s:
                return chunk
            pause(min(LOOK_S, wait_s - waited_s))
            waited_s += LOOK_S
        return None

    def _read(self) -> Chunk | None:
        if self._file is None and not self._open():
            return None
        assert self._file is not None
        data = self._file.read(CHUNK_BYTES)
        now_us = self._clock.now_us()
        if data:
            self.meter.received(data, now_us)
            return Chunk(data, now_us)
        if not self._follow:
            self._end()
            return None
        if not self._replaced(self._file):
            return None
        self._file.close()
        self._file = None
        # What the old file ended with does not go on in the new one.
        return Chunk(b"", now_us, whole=True)

    def _open(self) -> bool:
        try:
            self._file = self._path.open("rb")
        except OSError as error:
            if not self._follow:
                raise
            self.meter.waits(f"{error.strerror or error}")
            return False
        if self._begun_before:
            self.meter.began_anew()
        self._begun_before = True
        self.meter.opened()
        return True

    def _replaced(self, file: BinaryIO) -> bool:
        held = os.fstat(file.fileno())
        try:
            named = self._path.stat()
        except OSError:
            return False  # gone for now: the old one may still be written to
        if (named.st_dev, named.st_ino) != (held.st_dev, held.st_ino):
            # Whatever was written to the old one since the last look comes first.
            return file.tell() >= held.st_size
        return named.st_size < file.tell()

    def _end(self) -> None:
        self._ended = True
        self.meter.ended()
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


class StandardInput:
    """Standard input, until its end."""

    live = True

    def __init__(self, *, clock: Clock, descriptor: int | None = None) -> None:
        self.meter = Meter("standard input", clock.now_us())
        self._clock = clock
        self._descriptor = sys.stdin.fileno() if descriptor is None else descriptor
        self._ended = False
        self.meter.opened()

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self._ended

    def take(self, wait_s: Seconds) -> Chunk | None:
        """What came within ``wait_s``."""
        if self._ended:
            return None
        ready, _, _ = select.select([self._descriptor], [], [], wait_s)
        if not ready:
            return None
        data = os.read(self._descriptor, CHUNK_BYTES)
        if not data:
            self._ended = True
            self.meter.ended()
            return None
        now_us = self._clock.now_us()
        self.meter.received(data, now_us)
        return Chunk(data, now_us)

    def close(self) -> None:
        """Standard input is not ours to close."""
