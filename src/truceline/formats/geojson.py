"""GeoJSON (RFC 7946): timed lines and points as tracks, dated lines as paths, described points as reports.

=====================================================  =========================================
Geometry and properties                                becomes
=====================================================  =========================================
LineString or MultiLineString with a list of times     a track, one segment a part
Point with ``time``                                    a fix; points of one ``mover`` are a track
LineString or MultiLineString with ``date``            a path, one a part
Point (or no geometry) with ``act``                    a report
=====================================================  =========================================

Coordinates are longitude, latitude on WGS 84; a third number is metres above its ellipsoid, as the standard
says.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from truceline.errors import FormatError, InputError, Where
from truceline.formats.fixes import FixLog
from truceline.formats.guard import Source, load_json
from truceline.formats.options import TrackOptions
from truceline.formats.report_csv import COLUMNS, FieldFaults, ReportLog, report_from_fields
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
from truceline.model.identity import CLASSES, Mover
from truceline.model.movement import Path
from truceline.timebase import Interval
from truceline.units import parse_length

WGS84_NAMES = frozenset({"crs84", "4326"})
_GEOMETRIES = frozenset(
    {"Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection"}
)


def read(
    source: Source,
    options: TrackOptions,
    *,
    name_property: str = "name",
    count_property: str = "movers_count",
) -> Records:
    """Read a GeoJSON file.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        For what a feature does not say itself. ``zone`` is needed for dates, and for times without one.
    name_property : str
        The property that names a mover for people.
    count_property : str
        The property that says how many movers one drawn line stands for.

    Returns
    -------
    Records
        Tracks, paths and reports. ``dropped`` names places as ``features[3].geometry.coordinates[2]``.

    Raises
    ------
    FormatError
        No GeoJSON (``json``, ``geojson``), or coordinates that are not WGS 84 (``crs``).
    UsageError
        Code ``no-zone`` where dates are met, or only times without a zone, and no zone is stated.
    """
    tree = load_json(source)
    features = _features(tree, source)
    reader = _GeoJsonReader(source, options, name_property=name_property, count_property=count_property)
    reader.alone = len(features) == 1
    for index, feature in enumerate(features):
        reader.feature(index, feature)
    return reader.records()


def _features(tree: Any, source: Source) -> list[Any]:
    kind = str(tree.get("type")) if isinstance(tree, dict) else None
    if kind == "FeatureCollection" and isinstance(tree.get("features"), list):
        features: list[Any] = tree["features"]
    elif kind == "Feature":
        features = [tree]
    elif kind in _GEOMETRIES:
        features = [{"type": "Feature", "properties": {}, "geometry": tree}]
    else:
        raise FormatError(
            f"not GeoJSON: the type is {kind!r}",
            where=source.where(path="type"),
            hint="a FeatureCollection, a Feature or a geometry is read",
            code="geojson",
        )
    crs = tree.get("crs")
    if crs is not None:
        inner = crs.get("properties") if isinstance(crs, dict) else None
        name = inner.get("name") if isinstance(inner, dict) else None
        if str(name).casefold().rpartition(":")[2] not in WGS84_NAMES:
            raise FormatError(
                f"the coordinates are in {name!r}, not WGS 84 longitude and latitude",
                where=source.where(path="crs"),
                hint="convert the file to WGS 84 (EPSG:4326) first",
                code="crs",
            )
    return features


class _GeoJsonReader:
    """One pass over the features of one file."""

    def __init__(
        self, source: Source, options: TrackOptions, *, name_property: str, count_property: str
    ) -> None:
        self.source, self.options = source, options
        self.name_property, self.count_property = name_property, count_property
        self.alone = False
        self._places: list[str] = []
        self.log = FixLog(source.ref(), where=self._where)
        self.report_log = ReportLog(self.log.source)
        self.movers: dict[str, Mover] = {}
        self.exercise_keys: set[str] = set()
        self.paths: list[Path] = []
        self._segment = 0

    def _where(self, at: int) -> Where:
        return self.source.where(path=self._places[at])

    def _at(self, place: str) -> int:
        self._places.append(place)
        return len(self._places) - 1

    def _drop(
        self, code: str, place: str, seen: str, outcome: str = "left out", *, kept: bool = False
    ) -> None:
        self.log.drop(code, self._at(place), seen, outcome, kept=kept)

    def feature(self, index: int, feature: Any) -> None:
        """Read one feature into fixes, paths or a report."""
        place = f"features[{index}]"
        if not isinstance(feature, dict) or feature.get("type") != "Feature":
            self.log.read_count += 1
            self._drop("bad-feature", place, f"not a Feature: {str(feature)[:60]}")
            return
        found = feature.get("properties")
        properties: dict[str, Any] = found if isinstance(found, dict) else {}
        geometry = feature.get("geometry")
        geometry = geometry if isinstance(geometry, dict) else {}
        kind, coordinates = geometry.get("type"), geometry.get("coordinates")
        known = feature.get("id") if properties.get("id") is None else properties["id"]
        if "act" in properties and kind in (None, "Point"):
            self._report(place, known, properties, coordinates if kind else None)
        elif kind == "Point":
            self._point(place, known, properties, coordinates)
        elif kind in ("LineString", "MultiLineString"):
            if known is None:
                known = self.source.stem if self.alone else f"{self.source.stem}#{index + 1}"
            parts = [coordinates] if kind == "LineString" else coordinates
            self._lines(
                place, str(properties.get("mover") or known), properties, parts, single=kind == "LineString"
            )
        else:
            self.log.read_count += 1
            self._drop("not-a-record", place, f"geometry {kind!r}", "left out; lines and points are read")

    def _report(self, place: str, known: Any, properties: Mapping[str, Any], coordinates: Any) -> None:
        self.report_log.read_count += 1
        fields = {name: _as_text(properties.get(name)) for name in COLUMNS}
        fields["id"] = _as_text(known)
        if coordinates is not None:
            lonlat = coordinates if _is_position(coordinates) else ("?", "?")
            fields["lon"], fields["lat"] = _as_text(lonlat[0]), _as_text(lonlat[1])
        exercise = self.options.exercise or properties.get("exercise") is True
        where = self.source.where(path=place)
        try:
            source = replace(self.log.source, note=place)
            report = report_from_fields(fields, zone=self.options.zone, exercise=exercise, source=source)
        except FieldFaults as error:
            self.report_log.note(error.faults[0].code, where, str(error), error.faults[0].outcome)
            return
        self.report_log.add(report, where=where)

    def _point(self, place: str, known: Any, properties: Mapping[str, Any], coordinates: Any) -> None:
        self.log.read_count += 1
        id = str(properties.get("mover") or (self.source.stem if known is None else known))
        self._fix(place, id, properties, coordinates, properties.get("time"), segment=0)

    def _lines(self, place: str, id: str, properties: Mapping[str, Any], parts: Any, *, single: bool) -> None:
        times = _times(properties)
        if times is not None and single:
            times = [times]
        parts = parts if isinstance(parts, list) else [parts]
        for index, part in enumerate(parts):
            at = f"{place}.geometry.coordinates" + ("" if single else f"[{index}]")
            if not isinstance(part, list):
                self.log.read_count += 1
                self._drop("bad-feature", at, f"not a list of positions: {str(part)[:60]}")
            elif times is not None:
                self._timed(at, id, properties, part, times[index] if index < len(times) else None)
            elif isinstance(properties.get("date"), str):
                self._dated(at, id if single else f"{id}/{index + 1}", properties, part)
            else:
                self.log.read_count += 1
                self._drop("no-time", at, f"{len(part)} positions with neither times nor a date")

    def _timed(
        self, at: str, id: str, properties: Mapping[str, Any], part: Sequence[Any], times: Any
    ) -> None:
        if not isinstance(times, list) or len(times) != len(part):
            self.log.read_count += 1
            counted = len(times) if isinstance(times, list) else "no list of"
            self._drop("times-mismatch", at, f"{len(part)} positions and {counted} times")
            return
        self._segment += 1
        if not part:
            self._drop("empty-segment", at, "no positions", "nothing to read", kept=True)
        for index, (position, time) in enumerate(zip(part, times, strict=True)):
            self.log.read_count += 1
            self._fix(f"{at}[{index}]", id, properties, position, time, segment=self._segment)

    def _fix(
        self, place: str, id: str, properties: Mapping[str, Any], position: Any, time: Any, *, segment: int
    ) -> None:
        t_us = self._instant(place, time)
        if t_us is None:
            return
        if not _is_position(position):
            self._drop("no-position", place, f"not a position: {str(position)[:60]}")
            return
        if id not in self.movers:
            self.movers[id] = self._mover(place, id, properties)
        if properties.get("exercise") is True:
            self.exercise_keys.add(id)
        height = read_number(position[2]) if len(position) > 2 else math.nan
        if height is None or math.isinf(height):
            self._drop(
                "bad-altitude", place, repr(position[2]), "the fix is kept, its height as unknown", kept=True
            )
            height = math.nan
        self.log.add(
            id,
            t_us=t_us,
            lon=position[0],
            lat=position[1],
            at=self._at(place),
            accuracy_m=self._accuracy_m(place, properties),
            altitude_m=height,
            datum="ellipsoid",
            segment=segment,
        )

    def _instant(self, place: str, time: Any) -> int | None:
        if time is None or time == "":
            self._drop("no-time", place, "a position without a time")
            return None
        if not isinstance(time, str):
            self._drop("bad-time", place, f"{time!r}: write times as text like 2020-03-06T00:01Z")
            return None
        try:
            t_us, remark = read_time(time, zone=self.options.zone)
        except InputError as error:
            self._drop(time_fault(error), place, error.message)
            return None
        if remark:
            self._drop(remark, place, time, "kept as the next second", kept=True)
        return t_us

    def _dated(self, at: str, id: str, properties: Mapping[str, Any], part: Sequence[Any]) -> None:
        self.log.read_count += 1
        zone = need_zone(self.options.zone, what=self.source.name)
        try:
            span = read_days(properties["date"], zone=zone)
        except InputError as error:
            self._drop("bad-time", at, error.message)
            return
        lonlat = []
        for index, position in enumerate(part):
            checked = _checked(position)
            if isinstance(checked, Fault):
                whole = "the whole line is left out: without this position it is another line"
                self._drop(checked.code, f"{at}[{index}]", checked.seen, whole)
                return
            lonlat.append(checked)
        if len(lonlat) < 2:
            self._drop("too-short", at, f"a line of {len(lonlat)} positions")
            return
        self.paths.append(self._path(at, id, properties, lonlat, span))

    def _path(
        self,
        at: str,
        id: str,
        properties: Mapping[str, Any],
        lonlat: list[tuple[float, float]],
        span: Interval,
    ) -> Path:
        count = properties.get(self.count_property)
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or count < 1):
            self._drop("bad-value", at, f"{self.count_property} {count!r}", "kept as not known", kept=True)
            count = None
        stated_m = self._accuracy_m(at, properties)
        return Path(
            mover=self._mover(at, id, properties),
            lonlat_deg=lonlat,  # type: ignore[arg-type]
            span=span,
            accuracy_m=self.options.accuracy_m if math.isnan(stated_m) else stated_m,
            movers_count=count,
            source=replace(self.log.source, note=at),
            exercise=self.options.exercise or properties.get("exercise") is True,
        )

    def _mover(self, place: str, id: str, properties: Mapping[str, Any]) -> Mover:
        mover_class, armed = properties.get("class"), properties.get("armed")
        if mover_class is not None and str(mover_class) not in CLASSES:
            near = difflib.get_close_matches(str(mover_class), CLASSES, n=1)
            way_out = f"; did you mean {near[0]!r}?" if near else ""
            self._drop("unknown-class", place, repr(mover_class), f"kept as not known{way_out}", kept=True)
            mover_class = None
        name, party = properties.get(self.name_property), properties.get("party")
        return self.options.mover(
            id,
            name=None if name is None else str(name),
            party=None if party is None else str(party),
            mover_class=None if mover_class is None else str(mover_class),
            armed=armed if isinstance(armed, bool) else None,
            purpose=None if properties.get("purpose") is None else str(properties["purpose"]),
        )

    def _accuracy_m(self, place: str, properties: Mapping[str, Any]) -> float:
        """The 95 % radius a feature states, such as ``"15 m"``; NaN where it states none."""
        stated = properties.get("accuracy")
        if stated is None:
            return math.nan
        try:
            metres = parse_length(stated)
        except InputError as error:
            self._drop("bad-accuracy", place, error.message, "kept, its accuracy as not stated", kept=True)
            return math.nan
        if metres <= 0:
            self._drop("bad-accuracy", place, repr(stated), "kept, its accuracy as not stated", kept=True)
            return math.nan
        return metres

    def records(self) -> Records:
        """Everything read, with what was dropped."""
        reports = self.report_log.records()
        tracks = self.log.tracks(self.movers, options=self.options, exercise_keys=self.exercise_keys)
        dropped = (*self.log.dropped, *reports.dropped)
        empty = not (tracks or self.paths or reports.reports)
        if empty and any(item.code == "no-zone" for item in dropped):
            need_zone(None, what=self.source.name)
        return Records(
            source=self.log.source,
            tracks=tracks,
            paths=tuple(self.paths),
            reports=reports.reports,
            dropped=dropped,
            read_count=self.log.read_count + reports.read_count,
        )


def _times(properties: Mapping[str, Any]) -> list[Any] | None:
    """The list of times of a line, under any of the names writers use for it."""
    inner = properties.get("coordinateProperties")
    inner = inner if isinstance(inner, dict) else {}
    for found in (properties.get("coordTimes"), properties.get("times"), inner.get("times")):
        if isinstance(found, list):
            return found
    return None


def _is_position(value: Any) -> bool:
    return isinstance(value, list) and len(value) >= 2


def _checked(value: Any) -> tuple[float, float] | Fault:
    if _is_position(value):
        return check_position(value[0], value[1])
    return Fault(code="no-position", seen=f"not a position: {str(value)[:60]}")


def _as_text(value: Any) -> str:
    """A property as the text a table cell would hold; lists as items between semicolons."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ";".join(str(item) for item in value)
    return str(value).strip()
