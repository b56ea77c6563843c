"""Remote ID (ASTM F3411, OpenDroneID) as decoders print it: one JSON object a line.

The names of the fields are those of the standard, in any case and with or without underscores (``UASID``,
``uas_id``); they may be nested (``BasicID``, ``Location``). A location carries only the time since the full hour,
so the hour comes from when the line was received: its own field, or the reception of a live feed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from truceline.errors import InputError, UsageError
from truceline.formats.drones import parse_line
from truceline.formats.fixes import FixLog
from truceline.formats.framing import FrameFeed, LineFramer, read_feed
from truceline.formats.guard import Source
from truceline.formats.options import TrackOptions
from truceline.formats.values import epoch_instant, read_number, read_time
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.timebase import US_PER_S
from truceline.units import Metres, MicrosUTC

# Horizontal accuracy codes of ASTM F3411: less than this, by the NACp of ADS-B, so a 95 % radius. 0 is unknown.
ACCURACY_M: dict[int, Metres] = {
    1: 18520.0,
    2: 7408.0,
    3: 3704.0,
    4: 1852.0,
    5: 926.0,
    6: 555.6,
    7: 185.2,
    8: 92.6,
    9: 30.0,
    10: 10.0,
    11: 3.0,
    12: 1.0,
}
NO_ALTITUDE_M: Metres = -1000.0
NO_TIMESTAMP = 65535
DEFAULT_LONGEST_GAP_S = 10.0
HOUR_US = 3600 * US_PER_S
UNITS_US = {"tenths": US_PER_S // 10, "s": US_PER_S}
_MILLISECONDS_FROM = 100_000_000_000
_IDS = ("uasid", "serialnumber", "basicid")
_STATIONS = ("mac", "macaddress", "bssid", "transmitter", "sender")
_RECEIVED = ("received", "receivedat", "receivetime", "receivedtime", "rxtime", "rxtimestamp", "seen", "time")


def sniff(head: str) -> bool:
    """True of JSON lines with the fields of a Remote ID location."""
    first = head.lstrip("\ufeff \r\n").partition("\n")[0].casefold().replace("_", "")
    return first.startswith("{") and ("uasid" in first or "horizaccuracy" in first) and "latitude" in first


def read(source: Source, options: TrackOptions, *, timestamp_unit: str | None = None) -> Records:
    """Read a log of decoded Remote ID messages.

    Parameters
    ----------
    source : Source
        The file: JSON lines.
    options : TrackOptions
        ``zone`` serves times of reception that carry none. The default longest gap is 10 seconds.
    timestamp_unit : str, optional
        What ``Timestamp`` counts since the full hour: ``"tenths"`` of a second (as the standard sends it; the
        default) or ``"s"`` (as some decoders print it).

    Returns
    -------
    Records
        One track an aircraft, id ``uas:<UAS id>``, or ``uas:<station>`` before its id was heard.
    """
    feed = open_live(source.ref(), options, timestamp_unit=timestamp_unit)
    return read_feed(feed, source.data, longest_gap_s=DEFAULT_LONGEST_GAP_S)


def open_live(source: SourceRef, options: TrackOptions, *, timestamp_unit: str | None = None) -> FrameFeed:
    """What reads a feed of such lines; options as for :func:`read`."""
    if timestamp_unit is not None and timestamp_unit not in UNITS_US:
        raise UsageError(
            f"no unit is named {timestamp_unit!r}", hint="tenths (the default) or s", code="unit"
        )
    reader = RemoteIdReader(source, options, UNITS_US[timestamp_unit or "tenths"])
    return FrameFeed(LineFramer(), reader, options)


class RemoteIdReader:
    """Reads one line after another."""

    def __init__(self, source: SourceRef, options: TrackOptions, unit_us: int) -> None:
        self.options, self._unit_us = options, unit_us
        self.log = FixLog(source)
        self._ids: dict[str, str] = {}

    def mover(self, key: str) -> Mover:
        """The aircraft of that id."""
        return self.options.mover(key, mover_class=self.options.mover_class or "uav")

    def finish(self) -> None:
        """Nothing waits."""

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one line; messages without a location only say who a station is."""
        if not data.strip():
            return
        tree = parse_line(data)
        if isinstance(tree, str):
            self._lose("bad-json", line, tree)
            return
        fields = dict(_flat(tree, depth=0))
        station = next((str(fields[name]) for name in _STATIONS if fields.get(name)), "")
        id = next((str(fields[name]).strip("\x00 ") for name in _IDS if fields.get(name)), "")
        if id and station:
            self._ids[station] = id
        if "latitude" in fields or "longitude" in fields:
            self._location(line, id or self._ids.get(station) or station, fields, received_us)

    def _lose(self, code: str, line: int, seen: str) -> None:
        self.log.read_count += 1
        self.log.drop(code, line, seen[:160])

    def _location(self, line: int, id: str, fields: Mapping[str, Any], received_us: int | None) -> None:
        if not id:
            self._lose("no-mover", line, "neither a UAS id nor the station it came from")
            return
        lon, lat = fields.get("longitude"), fields.get("latitude")
        if read_number(lon) == 0.0 == read_number(lat):
            self._lose("no-position", line, f"{id}: 0, 0, which the standard writes for unknown")
            return
        t_us = self._instant(line, id, fields, received_us)
        if t_us is None:
            return
        code = read_number(fields.get("horizaccuracy", fields.get("horizontalaccuracy")))
        altitude_m, datum = _height(fields)
        self.log.read_count += 1
        self.log.add(
            f"uas:{id[:64]}",
            t_us=t_us,
            lon=lon,
            lat=lat,
            at=line,
            accuracy_m=ACCURACY_M.get(int(code), math.nan)
            if code is not None and code in ACCURACY_M
            else math.nan,
            altitude_m=altitude_m,
            datum=datum,
        )

    def _instant(self, line: int, id: str, fields: Mapping[str, Any], received_us: int | None) -> int | None:
        """The time since the full hour, in the hour that makes it nearest to the reception."""
        heard_us = received_us
        for name in _RECEIVED:
            if fields.get(name) not in (None, ""):
                heard_us = self._heard_us(fields[name], heard_us)
                break
        if heard_us is None:
            self._lose("no-time", line, f"{id}: no time of reception, so the hour is not known")
            return None
        count = read_number(fields.get("timestamp"))
        if count is None or count == NO_TIMESTAMP:
            return heard_us
        after_us = count * self._unit_us
        whole = self._unit_us == US_PER_S or count == math.floor(count)
        if not (0 <= after_us <= HOUR_US and whole):
            seen = f"{id}: Timestamp {fields.get('timestamp')} is no time since the full hour in this unit"
            self._lose("bad-time", line, f"{seen}; state timestamp_unit")
            return None
        hour_us = heard_us - heard_us % HOUR_US
        choices = (hour_us + shift * HOUR_US + round(after_us) for shift in (0, -1, 1))
        return min(choices, key=lambda t_us: abs(t_us - heard_us))

    def _heard_us(self, value: object, otherwise_us: int | None) -> int | None:
        number = read_number(value)
        try:
            if number is not None:
                return epoch_instant(str(value), unit_us=1000 if number >= _MILLISECONDS_FROM else US_PER_S)
            return read_time(str(value), zone=self.options.zone)[0]
        except InputError:
            return otherwise_us


def _flat(tree: Mapping[str, Any], *, depth: int) -> Iterator[tuple[str, Any]]:
    """Every field of an object and of the objects in it, by its name without case and underscores."""
    for name, value in tree.items():
        if isinstance(value, dict):
            if depth < 4:
                yield from _flat(value, depth=depth + 1)
        elif not isinstance(value, list):
            yield "".join(filter(str.isalnum, name)).casefold(), value


def _height(fields: Mapping[str, Any]) -> tuple[Metres, str]:
    """The height above the ellipsoid where it is known, else by pressure, else above the ground."""
    above_ground = str(fields.get("heighttype", "")).casefold() in ("1", "aboveground", "overground", "agl")
    names = [("altitudegeo", "ellipsoid"), ("geodeticaltitude", "ellipsoid"), ("altitudebaro", "baro")]
    names += [("pressurealtitude", "baro")] + ([("height", "agl")] if above_ground else [])
    for name, datum in names:
        metres = read_number(fields.get(name))
        if metres is not None and math.isfinite(metres) and metres != NO_ALTITUDE_M:
            return metres, datum
    return math.nan, ""
