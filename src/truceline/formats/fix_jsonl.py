"""Truceline's own fixes as JSON lines: one object a line, units in the names of its fields.

``{"mover": "patrol-1", "t": "2020-03-06T00:00:00Z", "lon_deg": 36.6, "lat_deg": 35.8, "accuracy_m": 15}``
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from truceline.errors import InputError, UsageError
from truceline.formats.fixes import DATUMS, FixLog
from truceline.formats.framing import FrameFeed, LineFramer, read_feed
from truceline.formats.guard import Source
from truceline.formats.options import TrackOptions, check_class
from truceline.formats.values import need_zone, read_number, read_time, time_fault
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.units import Metres, MicrosUTC

FIELDS = (
    "mover", "t", "t_us", "lon_deg", "lat_deg", "accuracy_m", "altitude_m", "altitude_datum", "party", "class", "name",
)  # fmt: skip
FARTHEST_US = 2**55  # the year 3111


def sniff(head: str) -> bool:
    """True where the first line is an object with our names of a position."""
    first = head.lstrip("\ufeff \r\n").partition("\n")[0]
    return first.startswith("{") and '"lon_deg"' in first and '"mover"' in first


def read(source: Source, options: TrackOptions) -> Records:
    """Read a file of fixes as JSON lines.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        ``zone`` serves times that carry none. The default longest gap is 5 minutes.

    Returns
    -------
    Records
        One track a mover.

    Raises
    ------
    UsageError
        No time of the file carries a zone and none is stated (``no-zone``).
    """
    feed = open_live(source.ref(), options)
    records = read_feed(feed, source.data)
    if not records.tracks and any(item.code == "no-zone" for item in records.dropped):
        need_zone(None, what=source.name)
    return records


def open_live(source: SourceRef, options: TrackOptions) -> FrameFeed:
    """What reads a feed of fixes; a fix without a time has that of its reception."""
    return FrameFeed(LineFramer(), FixReader(source, options), options)


class FixReader:
    """Reads one line after another."""

    def __init__(self, source: SourceRef, options: TrackOptions) -> None:
        self.options = options
        self.log = FixLog(source)
        self._movers: dict[str, Mover] = {}
        self._remarked: set[tuple[str, str]] = set()

    def mover(self, key: str) -> Mover:
        """What the first fix of that mover said of it."""
        return self._movers[key]

    def finish(self) -> None:
        """Nothing waits."""

    def frame(self, line: int, data: bytes, received_us: MicrosUTC | None) -> None:
        """Read one line."""
        if not data.strip():
            return
        self.log.read_count += 1
        try:
            tree = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
        except (ValueError, RecursionError) as error:
            self.log.drop("bad-json", line, f"{data[:80]!r} ({error})")
            return
        unknown = [name for name in tree if name not in FIELDS] if isinstance(tree, dict) else ["no object"]
        if unknown:
            self.log.drop(
                "bad-json", line, f"{data[:80]!r}: not a field of a fix: {', '.join(unknown)}"[:160]
            )
            return
        id = tree.get("mover")
        if not isinstance(id, str) or not id.strip():
            self.log.drop("no-mover", line, f"mover {id!r}")
            return
        t_us = self._instant(line, tree, received_us)
        if t_us is None:
            return
        datum = str(tree.get("altitude_datum") or "")
        if datum not in DATUMS:
            self._remark(
                "bad-altitude", line, f"altitude_datum {datum!r}", "the fix is kept, its height as unknown"
            )
        altitude_m = self._measure_m(line, tree, "altitude_m", -math.inf)
        added = self.log.add(
            id.strip(),
            t_us=t_us,
            lon=tree.get("lon_deg"),
            lat=tree.get("lat_deg"),
            at=line,
            accuracy_m=self._measure_m(line, tree, "accuracy_m", -1e-300),
            altitude_m=altitude_m if datum in DATUMS else math.nan,
            datum=datum if datum in DATUMS else "",
        )
        if added:
            self._know(line, id.strip(), tree)

    def _remark(self, code: str, line: int, seen: str, outcome: str) -> None:
        if (code, seen) not in self._remarked and len(self._remarked) < 10_000:
            self._remarked.add((code, seen))
            self.log.drop(code, line, seen[:120], outcome, kept=True)

    def _instant(self, line: int, tree: Mapping[str, Any], received_us: int | None) -> int | None:
        count, text = tree.get("t_us"), tree.get("t")
        if count is not None and text is None:
            if isinstance(count, int) and not isinstance(count, bool) and abs(count) <= FARTHEST_US:
                return count
            self.log.drop("bad-time", line, f"t_us {count!r}: not microseconds since 1970")
            return None
        if text is None or text == "":
            if received_us is None:
                self.log.drop("no-time", line, "neither t nor t_us")
            return received_us
        try:
            return read_time(str(text), zone=self.options.zone)[0]
        except InputError as error:
            self.log.drop(time_fault(error), line, error.message)
            return None

    def _measure_m(self, line: int, tree: Mapping[str, Any], name: str, above: float) -> Metres:
        """A length; NaN where it is not stated, and, with a remark, where it is no number above ``above``."""
        seen = tree.get(name)
        if seen is None:
            return math.nan
        number = read_number(seen)
        if number is None or not math.isfinite(number) or number <= above:
            code = "bad-" + name.removesuffix("_m")
            self.log.drop(code, line, f"{seen!r}"[:80], "the fix is kept, with this as not stated", kept=True)
            return math.nan
        return number

    def _know(self, line: int, id: str, tree: Mapping[str, Any]) -> None:
        known = {key: str(tree[key]) for key in ("party", "name", "class") if tree.get(key) not in (None, "")}
        mover_class = known.pop("class", None)
        if mover_class is not None:
            try:
                check_class(mover_class)
            except UsageError as error:
                self._remark("unknown-class", line, mover_class, f"{error.message}: kept as not known")
                mover_class = None
        mover = self.options.mover(id, mover_class=mover_class, **known)
        if self._movers.setdefault(id, mover) != mover:
            self._remark("mover-differs", line, id, "kept as the mover's first line says")
