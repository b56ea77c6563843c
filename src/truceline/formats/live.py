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
    batch.line         int64   (n,)   line of the feed on which each stands
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
from dataclasses import fields as dataclass_fields
from importlib import import_module
from typing import Protocol

import numpy as np

from truceline.errors import MissingPartError, UsageError
from truceline.formats.fixes import FixColumns, FixLog
from truceline.formats.options import TrackOptions, track_options
from truceline.formats.registry import format_named, split_options
from truceline.model.evidence import Dropped
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.units import MicrosUTC

# From a format to the module whose ``open_live`` makes what reads a feed of it.
_OPENERS = {
    "ais-nmea": "truceline.formats.ais_nmea",
    "nmea": "truceline.formats.nmea",
    "readsb-json": "truceline.formats.adsb.readsb_json",
    "sbs1": "truceline.formats.adsb.sbs1",
    "cot": "truceline.formats.cot",
    "mavlink-log": "truceline.formats.drones.mavlink_log",
    "remote-id-log": "truceline.formats.drones.remote_id_log",
    "fix-jsonl": "truceline.formats.fix_jsonl",
    "csv": "truceline.formats.csv_table",
}


class Feed(Protocol):
    """What ``open_live`` of a format makes: it reads what arrives into a log."""

    log: FixLog
    options: TrackOptions

    def push(self, data: bytes, received_us: MicrosUTC | None, *, whole: bool = False) -> None:
        """Read what ``data`` completes; ``whole`` where nothing of it goes on in the next piece."""

    def end(self, received_us: MicrosUTC | None) -> None:
        """Read what only the end completes, and give up what still waits for more."""

    def mover(self, key: str) -> Mover:
        """What is known by now of the mover that the log knows as ``key``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DecodedBatch(FixColumns):
    """The fixes that one piece of input completed, in the order of arrival, and what was not used.

    Attributes
    ----------
    mover : int32, shape (n,)
        Index into ``mover_ids`` of the decoder.
    dropped : tuple of Dropped
        What was left out, and remarks on what was kept.
    read_count : int
        Records met: n and those left out.
    """

    dropped: tuple[Dropped, ...] = ()
    read_count: int = 0


class LiveDecoder(Protocol):
    """What :func:`live_decoder` returns."""

    format: str
    options: TrackOptions
    mover_ids: list[str]
    counts: Counter[str]

    def feed(self, data: bytes, received_us: MicrosUTC, *, whole: bool = False) -> DecodedBatch:
        """The fixes that ``data`` completes; ``whole`` where nothing of it goes on in the next piece."""

    def finish(self, received_us: MicrosUTC) -> DecodedBatch:
        """The fixes that only the end of the stream completes."""

    def mover(self, index: int) -> Mover:
        """What is known by now of the mover ``mover_ids[index]``."""


class FeedDecoder:
    """A decoder over what one format reads a feed with."""

    def __init__(self, format: str, feed: Feed) -> None:
        self.format = format
        self.options = feed.options
        self.mover_ids: list[str] = []
        self.counts: Counter[str] = Counter()
        self._feed = feed
        self._keys: list[str] = []

    def feed(self, data: bytes, received_us: MicrosUTC, *, whole: bool = False) -> DecodedBatch:
        """The fixes that ``data`` completes."""
        self._feed.push(data, received_us, whole=whole)
        return self._batch()

    def finish(self, received_us: MicrosUTC) -> DecodedBatch:
        """The fixes that only the end of the stream completes."""
        self._feed.end(received_us)
        return self._batch()

    def mover(self, index: int) -> Mover:
        """What is known by now of one mover."""
        return self._feed.mover(self._keys[index])

    def _batch(self) -> DecodedBatch:
        log = self._feed.log
        for key in log.keys_after(len(self._keys)):
            self._keys.append(key)
            self.mover_ids.append(self._feed.mover(key).id)
        fixes, dropped, read_count = log.take(), tuple(log.dropped), log.read_count
        log.dropped, log.read_count = [], 0
        self.counts.update(item.code for item in dropped)
        columns = {column.name: getattr(fixes, column.name) for column in dataclass_fields(fixes)}
        stated_m = self._feed.options.accuracy_m
        columns["accuracy_m"] = np.where(np.isnan(fixes.accuracy_m), stated_m, fixes.accuracy_m)
        return DecodedBatch(**columns, dropped=dropped, read_count=read_count)


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
    open_live: Callable[..., Feed] = import_module(_OPENERS[format_id]).open_live
    given = track_options(**shared)  # type: ignore[arg-type]
    return FeedDecoder(format_id, open_live(SourceRef(name=name, format=format_id), given, **own))
