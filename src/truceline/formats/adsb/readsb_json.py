"""ADS-B as readsb and tar1090 write it: ``aircraft.json`` snapshots, one or many, and trace files.

An aircraft in a snapshot carries how long ago its position was received (``seen_pos``), which is taken off the
time of the snapshot. A snapshot repeats each position until there is a newer one; a repetition is no new fix.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from truceline.errors import UsageError
from truceline.formats.adsb import CATEGORY_CLASSES, DEFAULT_LONGEST_GAP_S, EPU_M, FOOT_M, mover_id
from truceline.formats.fixes import FixLog
from truceline.formats.framing import FrameFeed, SnapshotFramer, read_feed
from truceline.formats.guard import Source
from truceline.formats.options import TrackOptions
from truceline.formats.values import read_number
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.timebase import US_PER_S
from truceline.units import Metres, MicrosUTC

# seen_pos is written to a tenth of a second (older versions) or a thousandth; so the same position comes back with
# an instant that differs by rounding.
SAME_INSTANT_US = 300_000
_MILLISECONDS_FROM = 100_000_000_000
_LATEST_S = 32_503_680_000.0  # the year 3000
_HEX = re.compile(r"~?[0-9a-fA-F]{6}")
_SNIFF = re.compile(r'^\s*\{\s*"(?:now|icao)"\s*:')


def sniff(head: str) -> bool:
    """True of an object that begins like a snapshot or a trace."""
    return _SNIFF.match(head) is not None and ('"hex"' in head or '"aircraft"' in head or '"trace"' in head)


def read(source: Source, options: TrackOptions, *, height: str | None = None) -> Records:
    """Read snapshots (``aircraft.json``, or many of them, one after another) or traces.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        The default longest gap is 60 seconds.
    height : str, optional
        Which height is taken where both are there: ``"geometric"`` (``alt_geom``, above the ellipsoid; the
        default) or ``"barometric"`` (``alt_baro``, above the pressure surface of 1013.25 hPa).

    Returns
    -------
    Records
        One track an aircraft, id ``icao:<hex>``.
    """
    feed = open_live(source.ref(), options, height=height)
    return read_feed(feed, source.data, longest_gap_s=DEFAULT_LONGEST_GAP_S)


def open_live(source: SourceRef, options: TrackOptions, *, height: str | None = None) -> FrameFeed:
    """What reads a feed of snapshots; options as for :func:`read`."""
    if height not in (None, "geometric", "barometric"):
        raise UsageError(
            f"no height is named {height!r}", hint="geometric (the default) or barometric", code="height"
        )
    reader = ReadsbReader(source, options, barometric=height == "barometric")
    return FrameFeed(SnapshotFramer(), reader, options)


class ReadsbReader:
    """Reads one object after another."""

    def __init__(self, source: SourceRef, options: TrackOptions, *, barometric: bool) -> None:
        self.options, self.barometric = options, barometric
        self.log = FixLog(source)
        self._names: dict[str, tuple[str | None, str | None]] = {}
        self._last: dict[str, tuple[int, float, float]] = {}
        self._repeated_count = 0

    def mover(self, key: str) -> Mover:
        """What is known by now of one aircraft."""
        name, mover_class = self._names.get(key, (None, None))
        return self.options.mover(key, name=name, mover_class=self.options.mover_class or mover_class)

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one object: a snapshot or a trace."""
        try:
            tree = json.loads(data)
        except (ValueError, RecursionError) as error:
            self._lose("bad-json", line, f"{data[:80]!r} ({error})")
            return
        if isinstance(tree, dict) and isinstance(tree.get("trace"), list):
            self._trace(line, tree)
            return
        aircraft = tree.get("aircraft", tree.get("ac")) if isinstance(tree, dict) else None
        if not isinstance(aircraft, list):
            self._lose("bad-json", line, f"{data[:80]!r}: no list of aircraft, no trace")
            return
        now_us = _instant_us(tree.get("now"))
        for item in aircraft:
            if isinstance(item, dict):
                self._aircraft(line, item, received_us if now_us is None else now_us)
            else:
                self._lose("bad-json", line, f"{item!r}: no aircraft")

    def finish(self) -> None:
        """Say how many positions came again."""
        if self._repeated_count:
            self.log.drop(
                "repeated-position",
                1,
                f"{self._repeated_count} positions stand in more than one snapshot",
                "each is one fix",
                kept=True,
            )
        self._repeated_count = 0

    def _lose(self, code: str, line: int, seen: str) -> None:
        self.log.read_count += 1
        self.log.drop(code, line, seen[:160])

    def _aircraft(self, line: int, item: Mapping[str, Any], now_us: int | None) -> None:
        if item.get("lat") is None and item.get("lon") is None:
            return  # heard, and not located: no record of a position
        key = self._known(line, item.get("hex"), item)
        if key is None:
            return
        age_s = read_number(item.get("seen_pos"))
        if now_us is None or age_s is None or not 0.0 <= age_s < 86400.0:
            self._lose("no-time", line, f"{key}: no time of the snapshot, or no seen_pos")
            return
        t_us = now_us - round(age_s * US_PER_S)
        place = (read_number(item.get("lon")), read_number(item.get("lat")))
        last = self._last.get(key)
        if last is not None and last[1:] == place and abs(t_us - last[0]) <= SAME_INSTANT_US:
            self._repeated_count += 1
            return
        altitude_m, datum = self._height(item.get("alt_baro"), item.get("alt_geom"))
        if self._add(key, line, t_us, item.get("lon"), item.get("lat"), altitude_m, datum, item.get("nac_p")):
            assert place[0] is not None and place[1] is not None
            self._last[key] = (t_us, place[0], place[1])

    def _trace(self, line: int, tree: Mapping[str, Any]) -> None:
        """A trace file: the positions of one aircraft, each with its seconds after ``timestamp``."""
        key = self._known(line, tree.get("icao"), tree)
        start_us = _instant_us(tree.get("timestamp"))
        if key is None:
            return
        nac_p: object = None
        for row in tree["trace"]:
            if not isinstance(row, list) or len(row) < 4:
                self._lose("bad-json", line, f"{key}: {row!r}")
                continue
            after_s = read_number(row[0])
            if start_us is None or after_s is None or not math.isfinite(after_s) or abs(after_s) > 1e7:
                self._lose("no-time", line, f"{key}: {row[:3]!r} after {tree.get('timestamp')!r}")
                continue
            more = row[8] if len(row) > 8 and isinstance(row[8], dict) else {}
            self._known(line, tree.get("icao"), more)
            nac_p = more.get("nac_p", nac_p)
            flags = row[6] if len(row) > 6 and isinstance(row[6], int) else 0
            geometric = row[10] if len(row) > 10 else more.get("alt_geom")
            baro, geom = (None, row[3]) if flags & 8 and row[3] != "ground" else (row[3], geometric)
            altitude_m, datum = self._height(baro, geom)
            t_us = start_us + round(after_s * US_PER_S)
            self._add(key, line, t_us, row[2], row[1], altitude_m, datum, nac_p)

    def _known(self, line: int, address: object, item: Mapping[str, Any]) -> str | None:
        """The id of the aircraft, and what it says of itself kept; None where the address is none."""
        if not isinstance(address, str) or not _HEX.fullmatch(address):
            self._lose("no-mover", line, f"hex {address!r}: not the address of an aircraft")
            return None
        key = mover_id(address)
        name, mover_class = self._names.get(key, (None, None))
        for given in (item.get("flight"), item.get("r")):
            if not name and isinstance(given, str) and given.strip():
                name = given.strip()
        self._names[key] = (name, mover_class or CATEGORY_CLASSES.get(str(item.get("category"))))
        return key

    def _add(
        self,
        key: str,
        line: int,
        t_us: int,
        lon: object,
        lat: object,
        altitude_m: Metres,
        datum: str,
        nac_p: object,
    ) -> bool:
        self.log.read_count += 1
        accuracy_m = EPU_M.get(nac_p, math.nan) if isinstance(nac_p, int) else math.nan
        return self.log.add(
            key,
            t_us=t_us,
            lon=lon,
            lat=lat,
            at=line,
            accuracy_m=accuracy_m,
            altitude_m=altitude_m,
            datum=datum,
        )

    def _height(self, baro: object, geometric: object) -> tuple[Metres, str]:
        """The height in metres and its datum; an aircraft on the ground is at 0 above it."""
        if baro == "ground":
            return 0.0, "agl"
        heights = [(read_number(geometric), "ellipsoid"), (read_number(baro), "baro")]
        for feet, datum in reversed(heights) if self.barometric else heights:
            if feet is not None and math.isfinite(feet):
                return feet * FOOT_M, datum
        return math.nan, ""


def _instant_us(value: object) -> int | None:
    """Seconds or milliseconds since 1970."""
    number = read_number(value)
    if number is None or not math.isfinite(number) or number <= 0.0:
        return None
    seconds = number / 1000.0 if number >= _MILLISECONDS_FROM else number
    return round(seconds * US_PER_S) if seconds < _LATEST_S else None
