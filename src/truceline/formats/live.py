"""Decoding what arrives now, piece by piece: ``live_decoder(format_id, **options)``.

The shape, for whoever feeds it::

    decoder = live_decoder("ais-nmea", name="udp:10110", flags="412=china")
    batch = decoder.feed(data, received_us)           # bytes as they came, the instant they came (int64 us UTC)
    batch = decoder.feed(datagram, received_us, whole=True)   # nothing of a datagram goes on in the next one
    batch = decoder.finish(received_us)               # the stream ended: the last line, messages in parts

    batch.mover        int32   (n,)   index into decoder.mover_ids
    batch.t_us         int64   (n,)
    batch.lon_deg      float64 (n,)
    batch.lat_deg      float64 (n,)
    batch.accuracy_m   float64 (n,)   95 % radius, NaN not stated
    batch.altitude_m   float64 (n,)   NaN not known
    batch.datum        int8    (n,)   index into formats.fixes.DATUMS ("", ellipsoid, msl, baro, agl)
    batch.dropped      tuple of model.evidence.Dropped: what was not used, or used with a remark (``kept``)
    batch.read_count   records met; equals n plus the dropped ones that were not kept

    decoder.mover_ids  list of str, only ever appended to
    decoder.mover(i)   model.identity.Mover: what is known of it by now (name, class and party may come later)
    decoder.counts     dict from code of ``Dropped`` to how often it was met since the decoder began

A decoder belongs to one source and keeps its state (messages in parts, the date of the day, the rest of a
line). It reads no clock: a record that carries no time of its own has the instant ``received_us`` of the call
that completed it. Bad bytes never raise; they are counted and named. A reading by line gives the same fixes
whatever the chunk borders, and a file is read by the same code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from truceline.errors import MissingPartError, UsageError
from truceline.formats.fixes import TrackOptions, track_options
from truceline.formats.framing import Framer, FrameReader, read_frames
from truceline.formats.registry import format_named, split_options
from truceline.model.evidence import Dropped
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.units import MicrosUTC

# From a format to the function that makes its framer and its reader of frames.
_OPENERS = {
    "ais-nmea": "truceline.formats.ais_nmea",
}


Opener = Callable[..., tuple[Framer, FrameReader]]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedBatch:
    """The fixes that one piece of input completed, as columns of length n in the order of arrival.

    Attributes
    ----------
    mover : int32, shape (n,)
        Index into ``mover_ids`` of the decoder.
    t_us : int64, shape (n,)
        Microseconds UTC.
    lon_deg, lat_deg : float64, shape (n,)
        WGS 84; finite and in range.
    accuracy_m : float64, shape (n,)
        95 % radius; NaN is not stated.
    altitude_m : float64, shape (n,)
        NaN is not known.
    datum : int8, shape (n,)
        What each height is measured from: index into ``formats.fixes.DATUMS``.
    dropped : tuple of Dropped
        What was left out, and remarks on what was kept.
    read_count : int
        Records met: n and those left out.
    """

    mover: NDArray[np.int32]
    t_us: NDArray[np.int64]
    lon_deg: NDArray[np.float64]
    lat_deg: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    datum: NDArray[np.int8]
    dropped: tuple[Dropped, ...] = ()
    read_count: int = 0

    def __len__(self) -> int:
        return len(self.t_us)


class LiveDecoder(Protocol):
    """What :func:`live_decoder` returns."""

    format: str
    mover_ids: list[str]
    counts: Counter[str]

    def feed(self, data: bytes, received_us: MicrosUTC, *, whole: bool = False) -> DecodedBatch:
        """The fixes that ``data`` completes; ``whole`` where nothing of it goes on in the next piece."""

    def finish(self, received_us: MicrosUTC) -> DecodedBatch:
        """The fixes that only the end of the stream completes."""

    def mover(self, index: int) -> Mover:
        """What is known by now of the mover ``mover_ids[index]``."""


class FrameDecoder:
    """A decoder over a framer and a reader of frames."""

    def __init__(self, format: str, framer: Framer, reader: FrameReader, options: TrackOptions) -> None:
        self.format = format
        self.mover_ids: list[str] = []
        self.counts: Counter[str] = Counter()
        self._framer, self._reader, self._options = framer, reader, options
        self._keys: list[str] = []

    def feed(self, data: bytes, received_us: MicrosUTC, *, whole: bool = False) -> DecodedBatch:
        """The fixes that ``data`` completes."""
        read_frames(self._framer.feed(data), self._reader, received_us)
        if whole:
            read_frames(self._framer.finish(), self._reader, received_us)
        return self._batch()

    def finish(self, received_us: MicrosUTC) -> DecodedBatch:
        """The fixes that only the end of the stream completes."""
        read_frames(self._framer.finish(), self._reader, received_us)
        self._reader.finish()
        return self._batch()

    def mover(self, index: int) -> Mover:
        """What is known by now of one mover."""
        return self._reader.mover(self._keys[index])

    def _batch(self) -> DecodedBatch:
        log = self._reader.log
        for key in log.keys_after(len(self._keys)):
            self._keys.append(key)
            self.mover_ids.append(self._reader.mover(key).id)
        got = log.take(accuracy_m=self._options.accuracy_m)
        self.counts.update(item.code for item in got.dropped)
        return DecodedBatch(
            mover=got.mover,
            t_us=got.t_us,
            lon_deg=got.lon_deg,
            lat_deg=got.lat_deg,
            accuracy_m=got.accuracy_m,
            altitude_m=got.altitude_m,
            datum=got.datum,
            dropped=got.dropped,
            read_count=got.read_count,
        )


def live_formats() -> tuple[str, ...]:
    """The ids of the formats that can be decoded as they arrive."""
    return tuple(_OPENERS)


def live_decoder(format_id: str, *, name: str = "live", **options: object) -> LiveDecoder:
    """A decoder for one source.

    Parameters
    ----------
    format_id : str
        One of :func:`live_formats`.
    name : str
        What the source is called in ``Dropped.where``, such as ``udp:10110``.
    **options
        Those of the format (``formats()`` lists them); an option of value None counts as not given.

    Returns
    -------
    LiveDecoder

    Raises
    ------
    UsageError
        A format that does not exist or is not read live (``not-live``), an option that does not exist, a needed
        one missing.
    MissingPartError
        The format needs a package that is not installed.
    """
    chosen = format_named(format_id)
    if format_id not in _OPENERS:
        raise UsageError(
            f"the format {format_id} is read from files only",
            hint=f"formats that are read live: {', '.join(_OPENERS)}",
            code="not-live",
        )
    shared, own = split_options(chosen, options)
    if not chosen.available:
        raise MissingPartError(
            f"{chosen.id} needs {chosen.library}, which is not installed",
            hint='pip install "truceline[formats]"',
        )
    open_live: Opener = import_module(_OPENERS[format_id]).open_live
    given = track_options(**shared)  # type: ignore[arg-type]
    framer, reader = open_live(SourceRef(name=name, format=format_id), given, **own)
    return FrameDecoder(format_id, framer, reader, given)
