"""MAVLink messages that a decoder printed: one JSON object a line, or CSV with the names of the fields.

``GLOBAL_POSITION_INT`` is the position that the autopilot flew by; ``GPS_RAW_INT`` the receiver's own. Positions
are degrees times 10^7, heights millimetres above mean sea level. The instant is the decoder's time stamp of the
line; where it wrote none, ``time_usec`` where that counts since 1970, or ``time_boot_ms`` once a ``SYSTEM_TIME``
message has said when the system booted; in a live feed else the reception.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Mapping
from typing import Any

from truceline.errors import UsageError
from truceline.formats.drones import parse_line
from truceline.formats.fixes import FixLog
from truceline.formats.framing import FrameFeed, LineFramer, read_feed
from truceline.formats.guard import Source
from truceline.formats.nmea import R95_PER_DRMS
from truceline.formats.options import TrackOptions, above_zero
from truceline.formats.values import read_number
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.timebase import US_PER_S
from truceline.units import Metres, MicrosUTC, parse_length

MESSAGES = ("GLOBAL_POSITION_INT", "GPS_RAW_INT")
DEFAULT_LONGEST_GAP_S = 10.0
# A time_usec below this counts since boot (MAVLink: told apart by magnitude); above, since 1970: 2001-09-09.
EPOCH_FROM_US = 10**15
LATEST_US = 32_503_680_000 * US_PER_S  # the year 3000
HDOP_LASTS_US = 2 * US_PER_S
NO_HDOP = 65535
NO_FIX = (0, 1)

_SNIFF = re.compile(r"GLOBAL_POSITION_INT|GPS_RAW_INT")


def sniff(head: str) -> bool:
    """True where one of the first lines names a position message of MAVLink."""
    return _SNIFF.search(head) is not None


def read(
    source: Source,
    options: TrackOptions,
    *,
    mover: str | None = None,
    message: str | None = None,
    ranging_error: str | None = None,
) -> Records:
    """Read a log of decoded MAVLink messages.

    Parameters
    ----------
    source : Source
        The file: JSON lines, or CSV with a header row.
    options : TrackOptions
        The default longest gap is 10 seconds.
    mover : str, optional
        Id of the one vehicle; ``mavlink:<system id>`` where not given.
    message : str, optional
        ``GLOBAL_POSITION_INT`` (the default) or ``GPS_RAW_INT``: the positions that are taken.
    ranging_error : str, optional
        As for nmea: with the HDOP (``eph``) it makes an estimate of the accuracy, which is else not stated.

    Returns
    -------
    Records
        One track a vehicle, heights above mean sea level.
    """
    feed = open_live(source.ref(), options, mover=mover, message=message, ranging_error=ranging_error)
    return read_feed(feed, source.data, longest_gap_s=DEFAULT_LONGEST_GAP_S)


def open_live(
    source: SourceRef,
    options: TrackOptions,
    *,
    mover: str | None = None,
    message: str | None = None,
    ranging_error: str | None = None,
) -> FrameFeed:
    """What reads a feed of such lines; options as for :func:`read`."""
    if message is not None and message not in MESSAGES:
        raise UsageError(f"no message is named {message!r}", hint=" or ".join(MESSAGES), code="message")
    error_m = math.nan if ranging_error is None else above_zero(parse_length(ranging_error), ranging_error)
    reader = MavlinkReader(
        source, options, mover=mover, message=message or MESSAGES[0], ranging_error_m=error_m
    )
    return FrameFeed(LineFramer(), reader, options)


class MavlinkReader:
    """Reads one line after another."""

    def __init__(
        self,
        source: SourceRef,
        options: TrackOptions,
        *,
        mover: str | None,
        message: str,
        ranging_error_m: Metres,
    ) -> None:
        self.options, self.mover_id, self.message = options, mover, message
        self.ranging_error_m = ranging_error_m
        self.log = FixLog(source)
        self._header: list[str] | None = None
        self._boot_us: dict[str, int] = {}
        self._hdop: dict[str, tuple[int, float]] = {}

    def mover(self, key: str) -> Mover:
        """The vehicle of that id."""
        return self.options.mover(key, mover_class=self.options.mover_class or "uav")

    def finish(self) -> None:
        """Nothing waits."""

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one line; messages of other kinds are passed over."""
        if not data.strip():
            return
        if data.lstrip()[:1] == b"{":
            tree = parse_line(data)
            if isinstance(tree, str):
                self._lose("bad-json", line, tree)
            else:
                self._message(line, *_parts(tree), received_us)
            return
        self._row(line, data, received_us)

    def _lose(self, code: str, line: int, seen: str) -> None:
        self.log.read_count += 1
        self.log.drop(code, line, seen[:160])

    def _row(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """A line of CSV: the header, or the fields of one message."""
        try:
            cells = [cell.strip() for cell in next(csv.reader([data.decode("utf-8-sig")], strict=True))]
        except (UnicodeDecodeError, csv.Error, StopIteration) as error:
            self._lose("bad-row", line, f"{data[:80]!r} ({error})")
            return
        if self._header is None:
            if any(cell.rpartition(".")[2] == "lat" for cell in cells):
                self._header = cells
            else:
                self._lose("no-header", line, f"{data[:80]!r}: no header row with lat and lon")
            return
        if len(cells) != len(self._header):
            self._lose("bad-row", line, f"{len(cells)} cells under {len(self._header)} columns")
            return
        named: dict[str, dict[str, Any]] = {}
        for name, cell in zip(self._header, cells, strict=True):
            kind, _, field = name.rpartition(".")
            if cell:
                named.setdefault(kind, {})[field] = cell
        shared = named.pop("", {})
        for kind, fields in named.items() or [(self.message, {})]:
            both = {**shared, **fields}
            system = str(both.get("system_id", both.get("srcSystem", 1)))
            self._message(line, kind, system, both.get("timestamp"), both, received_us)

    # ------------------------------------------------------------ messages

    def _message(
        self,
        line: int,
        kind: str,
        system: str,
        stamp: object,
        fields: Mapping[str, Any],
        received_us: MicrosUTC | None,
    ) -> None:
        if kind == "SYSTEM_TIME":
            unix_us, boot_ms = (read_number(fields.get(name)) for name in ("time_unix_usec", "time_boot_ms"))
            if unix_us is not None and boot_ms is not None and EPOCH_FROM_US <= unix_us < LATEST_US:
                self._boot_us[system] = round(unix_us) - round(boot_ms * 1000)
            return
        if kind not in MESSAGES:
            return
        t_us = self._instant(system, stamp, fields)
        if t_us is None:
            t_us = received_us
        if kind == "GPS_RAW_INT" and t_us is not None:
            hdop = read_number(fields.get("eph"))
            if hdop is not None and 0 < hdop < NO_HDOP:
                self._hdop[system] = (t_us, hdop / 100.0)
        if kind == self.message:
            self._position(line, system, t_us, fields)

    def _instant(self, system: str, stamp: object, fields: Mapping[str, Any]) -> int | None:
        seconds = read_number(stamp)
        if seconds is not None and EPOCH_FROM_US / US_PER_S <= seconds < LATEST_US / US_PER_S:
            return round(seconds * US_PER_S)
        count_us, boot_ms = (read_number(fields.get(name)) for name in ("time_usec", "time_boot_ms"))
        if count_us is not None and EPOCH_FROM_US <= count_us < LATEST_US:
            return round(count_us)
        if system not in self._boot_us:
            return None
        since_us = boot_ms * 1000 if boot_ms is not None else count_us
        return (
            self._boot_us[system] + round(since_us) if since_us is not None and 0 <= since_us < 1e15 else None
        )

    def _position(self, line: int, system: str, t_us: int | None, fields: Mapping[str, Any]) -> None:
        lon, lat, height_mm = (read_number(fields.get(name)) for name in ("lon", "lat", "alt"))
        fix_type = read_number(fields.get("fix_type"))
        if (lon == 0.0 and lat == 0.0) or (fix_type in NO_FIX):
            self._lose("no-position", line, f"system {system}: lat {lat}, lon {lon}: no fix yet")
            return
        if t_us is None:
            self._lose("no-time", line, f"system {system}: no time stamp, and no SYSTEM_TIME before it")
            return
        self.log.read_count += 1
        seen_us, hdop = self._hdop.get(system, (t_us, math.nan))
        recent = abs(t_us - seen_us) <= HDOP_LASTS_US
        self.log.add(
            self.mover_id or f"mavlink:{system}",
            t_us=t_us,
            lon=fields.get("lon") if lon is None else lon / 1e7,
            lat=fields.get("lat") if lat is None else lat / 1e7,
            at=line,
            accuracy_m=R95_PER_DRMS * hdop * self.ranging_error_m if recent else math.nan,
            altitude_m=height_mm / 1000.0 if height_mm is not None and math.isfinite(height_mm) else math.nan,
            datum="msl",
        )


def _parts(tree: Mapping[str, Any]) -> tuple[str, str, object, Mapping[str, Any]]:
    """Kind, system, time stamp and fields of a message, however the decoder nests them."""
    meta, data = tree.get("meta"), tree.get("data")
    if isinstance(meta, dict) and isinstance(data, dict):
        return str(meta.get("type", data.get("mavpackettype"))), _system(meta), meta.get("timestamp"), data
    header, message = tree.get("header"), tree.get("message")
    if isinstance(header, dict) and isinstance(message, dict):
        return str(message.get("type")), _system(header), header.get("timestamp"), message
    kind = str(tree.get("mavpackettype", tree.get("type")))
    return kind, _system(tree), tree.get("timestamp", tree.get("_timestamp")), tree


def _system(parts: Mapping[str, Any]) -> str:
    return str(parts.get("srcSystem", parts.get("system_id", 1)))[:16]
