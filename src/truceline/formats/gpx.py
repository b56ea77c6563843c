"""GPX 1.0 and 1.1: tracks of handheld receivers and phones.

Read in one pass of expat behind our guard, so that each point is judged as it is written, with its line.
(gpxpy accepts NaN, infinite and out-of-range coordinates and turns an impossible date into no date; the tests
use it as a second reader to count against.) By the standard, times are UTC; segments are gaps; an elevation
names no datum; ``hdop`` is a ratio, not metres, and says nothing about accuracy here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from truceline.errors import FormatError, InputError
from truceline.formats.fixes import FixLog
from truceline.formats.guard import Source, walk_xml
from truceline.formats.options import TrackOptions
from truceline.formats.values import (
    Fault,
    check_position,
    need_zone,
    read_days,
    read_number,
    read_time,
    time_fault,
)
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import Path
from truceline.timebase import Interval

NAMESPACES = frozenset({"", "http://www.topografix.com/GPX/1/0", "http://www.topografix.com/GPX/1/1"})
# Where things stand in the file. The same names elsewhere (inside extensions, say) are somebody else's.
_TRK = ["gpx", "trk"]
_SEGMENT = [*_TRK, "trkseg"]
_POINT = [*_SEGMENT, "trkpt"]
_NOT_TRACKS = {("gpx", "wpt"): "waypoint", ("gpx", "rte", "rtept"): "route-point"}


@dataclass(slots=True)
class _Point:
    lon: str | None
    lat: str | None
    line: int
    time: str = ""
    ele: str = ""


@dataclass(slots=True)
class _Segment:
    line: int
    points: list[_Point] = field(default_factory=list)


@dataclass(slots=True)
class _Trk:
    line: int
    name: str = ""
    segments: list[_Segment] = field(default_factory=list)


def sniff(head: str) -> bool:
    """True where the root element is ``gpx``."""
    return "<gpx" in head[:2048]


def read(
    source: Source, options: TrackOptions, *, mover: str | None = None, date: str | None = None
) -> Records:
    """Read a GPX file.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        ``zone`` serves only ``date``: GPX times without a zone are UTC by the standard.
    mover : str, optional
        The one mover who carried the device. Without it each ``trk`` is a mover of its own, named after the
        file: its stem, or ``stem#2`` for the second of several.
    date : str, optional
        A day, or ``first/last`` day, in ``zone``: segments without any time become paths of that span.

    Returns
    -------
    Records
        Tracks, and paths where ``date`` is given. Waypoints and routes are left out and listed.

    Raises
    ------
    FormatError
        Not GPX, or refused by the guard.
    UsageError
        Code ``no-zone`` where ``date`` is given without ``zone``.
    """
    span = None if date is None else read_days(date, zone=need_zone(options.zone, what="the option date"))
    log = FixLog(source.ref())
    watcher = _Watcher(source, log)
    walk_xml(source, watcher)
    return _Builder(source, options, log, mover=mover, span=span).records(watcher.trks)


class _Watcher:
    """Gathers tracks, segments and points as they stand, with their lines; passes over what is foreign."""

    def __init__(self, source: Source, log: FixLog) -> None:
        self.source, self.log = source, log
        self.trks: list[_Trk] = []
        self._open: list[str] = []
        self._point: _Point | None = None

    def opened(self, namespace: str, name: str, attributes: Mapping[str, str], line: int) -> None:
        """Begin a track, a segment or a point; list what is none of them."""
        if not self._open and (name != "gpx" or namespace not in NAMESPACES):
            raise FormatError(
                f"not GPX 1.0 or 1.1: the root element is {name!r} of {namespace!r}",
                where=self.source.where(line),
                code="gpx",
            )
        self._open.append(name if namespace in NAMESPACES else f"{namespace} {name}")
        if self._open == _TRK:
            self.trks.append(_Trk(line))
        elif self._open == _SEGMENT:
            self.trks[-1].segments.append(_Segment(line))
        elif self._open == _POINT:
            self._point = _Point(attributes.get("lon"), attributes.get("lat"), line)
            self.trks[-1].segments[-1].points.append(self._point)
        elif tuple(self._open) in _NOT_TRACKS:
            self.log.read_count += 1
            seen = f"lon {attributes.get('lon')!r}, lat {attributes.get('lat')!r}"
            self.log.drop(
                _NOT_TRACKS[tuple(self._open)], line, seen, "left out; it is no record of a movement"
            )

    def closed(self, namespace: str, name: str, text: str, line: int) -> None:
        """Take in the text of a track's name and of a point's time and height."""
        element = self._open.pop()
        if self._open == _TRK and element == "name":
            self.trks[-1].name = text
        elif self._open == _POINT and self._point is not None:
            if element == "time":
                self._point.time = text
            elif element == "ele":
                self._point.ele = text


class _Builder:
    """From gathered points to tracks and paths."""

    def __init__(
        self, source: Source, options: TrackOptions, log: FixLog, *, mover: str | None, span: Interval | None
    ) -> None:
        self.source, self.options, self.log = source, options, log
        self.mover, self.span = mover, span
        self.movers: dict[str, Mover] = {}
        self.paths: list[Path] = []
        self._segment = 0

    def records(self, trks: list[_Trk]) -> Records:
        """Everything read, with what was dropped."""
        for number, trk in enumerate(trks, 1):
            stem = self.source.stem
            id = self.mover or (stem if len(trks) == 1 else f"{stem}#{number}")
            self.movers.setdefault(id, self.options.mover(id, name=trk.name or None))
            for segment in trk.segments:
                self._read_segment(id, segment)
        tracks = self.log.tracks(self.movers, options=self.options)
        return Records(
            source=self.log.source,
            tracks=tracks,
            paths=tuple(self.paths),
            dropped=tuple(self.log.dropped),
            read_count=self.log.read_count,
        )

    def _read_segment(self, id: str, segment: _Segment) -> None:
        self._segment += 1
        if not segment.points:
            self.log.drop(
                "empty-segment", segment.line, "a segment with no point", "nothing to read", kept=True
            )
        elif self.span is not None and not any(point.time for point in segment.points):
            self._read_path(id, segment, self.span)
        else:
            for point in segment.points:
                self._read_point(id, point)

    def _read_point(self, id: str, point: _Point) -> None:
        self.log.read_count += 1
        if not point.time:
            self.log.drop("no-time", point.line, f"lon {point.lon!r}, lat {point.lat!r} without a time")
            return
        try:
            t_us, remark = read_time(point.time, zone="UTC")
        except InputError as error:
            self.log.drop(time_fault(error), point.line, error.message)
            return
        height_m = read_number(point.ele) if point.ele else math.nan
        bad_height = height_m is None or not (math.isfinite(height_m) or not point.ele)
        added = self.log.add(
            id,
            t_us=t_us,
            lon=point.lon,
            lat=point.lat,
            at=point.line,
            altitude_m=math.nan if bad_height or height_m is None else height_m,
            segment=self._segment,
        )
        if added and bad_height:
            self.log.drop(
                "bad-altitude", point.line, point.ele, "the fix is kept, its height as unknown", kept=True
            )
        if added and remark:
            self.log.drop(remark, point.line, point.time, "kept as the next second", kept=True)

    def _read_path(self, id: str, segment: _Segment, span: Interval) -> None:
        self.log.read_count += 1
        lonlat: list[tuple[float, float]] = []
        for point in segment.points:
            checked = check_position(point.lon, point.lat)
            if isinstance(checked, Fault):
                whole = "the whole line is left out: without this position it is another line"
                self.log.drop(checked.code, point.line, checked.seen, whole)
                return
            lonlat.append(checked)
        if len(lonlat) < 2:
            self.log.drop("too-short", segment.line, "a line of one position")
            return
        self.paths.append(
            Path(
                mover=self.movers[id],
                lonlat_deg=lonlat,  # type: ignore[arg-type]
                span=span,
                accuracy_m=self.options.accuracy_m,
                source=replace(self.log.source, line=segment.line),
                exercise=self.options.exercise,
            )
        )
