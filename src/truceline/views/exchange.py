"""Findings for other programs: CSV for spreadsheets, GeoJSON for maps."""

from __future__ import annotations

import csv
import io
import json
from itertools import pairwise
from typing import Any

from truceline.model.agreement import Agreement, Band, Circle, Combination, Line, Place, Polygon, Shape, Side
from truceline.model.finding import CheckResult, Finding
from truceline.timebase import isoformat
from truceline.views.data import Record, degrees, finding_record, metres

# A spreadsheet takes a text cell that begins with one of these for a formula (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

CSV_COLUMNS = (
    "id",
    "verdict",
    "verdict_words",
    "kind",
    "clause",
    "rule",
    "subject",
    "party",
    "start",
    "end",
    "probability",
    "entry_t",
    "entry_lon_deg",
    "entry_lat_deg",
    "deepest_t",
    "deepest_lon_deg",
    "deepest_lat_deg",
    "exit_t",
    "exit_lon_deg",
    "exit_lat_deg",
    "depth_m",
    "depth_low_m",
    "depth_high_m",
    "beyond_s",
    "crossings_count",
    "other_mover",
    "other_party",
    "closest_t",
    "distance_m",
    "distance_low_m",
    "distance_high_m",
    "separation_m",
    "vertical_m",
    "severity",
    "below_s",
    "lon_deg",
    "lat_deg",
    "radius_m",
    "marks",
    "accepted_by_party",
    "margin_m",
    "because",
    "reason",
    "sources",
    "exercise",
)


def render_csv(result: CheckResult) -> str:
    """Findings as CSV, one row each, columns :data:`CSV_COLUMNS`; an empty cell is "not known".

    Text that a spreadsheet would run as a formula gets a leading apostrophe; numbers are left alone. Lines, also
    those within a text, end with a bare newline, so that the output can be piped.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for finding in result.findings:
        row = _flat(finding)
        writer.writerow([_cell(row.get(column)) for column in CSV_COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return value
    guarded = "'" + value if value.startswith(_FORMULA_STARTS) else value
    return guarded.replace("\r\n", "\n").replace("\r", "\n")


def _flat(finding: Finding) -> Record:
    record = finding_record(finding)
    row: Record = {key: value for key, value in record.items() if not isinstance(value, (dict, list))}
    row |= {"start": None, "end": None} | (record["interval"] or {})
    visit, met = record["incursion"], record["encounter"]
    for role in ("entry", "deepest", "exit"):
        point = (visit or {}).get(role)
        if point is not None:
            row[f"{role}_t"] = point["t"]
            row[f"{role}_lon_deg"], row[f"{role}_lat_deg"] = point["lonlat_deg"]
    for nested in (visit, met):
        row |= {key: value for key, value in (nested or {}).items() if not isinstance(value, (dict, list))}
    row["closest_t"] = (met or {}).get("at")
    place = record["lonlat_deg"] or (met or {}).get("lonlat_deg")
    if place is not None:
        row["lon_deg"], row["lat_deg"] = place
    row["marks"] = " ".join(record["marks"])
    row["sources"] = " ".join(
        dict.fromkeys(source["name"] for source in record["evidence"] if source["name"])
    )
    return row


def render_geojson(result: CheckResult, agreement: Agreement | None = None) -> str:
    """Findings as a GeoJSON feature collection (RFC 7946: WGS 84, longitude first).

    An incursion gives a point each for ``entry``, ``deepest`` and ``exit``, an encounter one for each mover,
    a report a point whose ``radius_m`` is the circle it lies in. A finding with no place is a feature with no
    geometry, so that nothing is lost. With ``agreement``, its places follow as features of role ``place``.
    """
    features = [feature for finding in result.findings for feature in _finding_features(finding)]
    if agreement is not None:
        features += [_place_feature(place) for place in agreement.places.values()]
    document = {"type": "FeatureCollection", "features": features}
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def _point(lonlat_deg: tuple[float, float]) -> Record:
    return {"type": "Point", "coordinates": degrees(lonlat_deg)}


def _finding_features(finding: Finding) -> list[Record]:
    record = finding_record(finding)
    shared = {
        key: record[key] for key in ("kind", "clause", "rule", "verdict", "verdict_words", "subject", "party")
    } | {
        "finding": finding.id,
        "start": (record["interval"] or {}).get("start"),
        "end": (record["interval"] or {}).get("end"),
        "probability": record["probability"],
        "marks": record["marks"],
        "reason": record["reason"],
        "exercise": finding.exercise,
    }

    def feature(role: str, geometry: Record | None, **more: object) -> Record:
        return {"type": "Feature", "geometry": geometry, "properties": {"role": role, **shared, **more}}

    features = []
    visit, met = finding.incursion, finding.encounter
    if visit is not None:
        depths = {
            key: record["incursion"][key] for key in ("depth_m", "depth_low_m", "depth_high_m", "beyond_s")
        }
        for role, point in (("entry", visit.entry), ("deepest", visit.deepest), ("exit", visit.exit)):
            if point is not None:
                t = isoformat(point.t_us) if point.t_us is not None else None
                features.append(
                    feature(role, _point(point.lonlat_deg), t=t, **(depths if role == "deepest" else {}))
                )
    if met is not None:
        more = {key: value for key, value in record["encounter"].items() if not isinstance(value, list)}
        features.append(feature("encounter", _point(met.lonlat_deg), **more))
        features.append(feature("encounter-other", _point(met.other_lonlat_deg), **more))
    if finding.lonlat_deg is not None and not features:
        role = "report" if finding.kind == "report" else finding.kind
        features.append(feature(role, _point(finding.lonlat_deg), radius_m=record["radius_m"]))
    return features or [feature(finding.kind, None, radius_m=record["radius_m"])]


def _place_feature(place: Place) -> Record:
    properties: dict[str, Any] = {
        "role": "place",
        "place": place.id,
        "name": place.name or place.id,
        "accuracy_m": metres(place.accuracy_m),
        "source": place.source,
        "schematic": place.schematic,
    }
    geometry, more = _shape_geometry(place.shape)
    return {"type": "Feature", "id": place.id, "geometry": geometry, "properties": properties | more}


def _shape_geometry(shape: Line | Shape) -> tuple[Record, Record]:
    """Geometry as written, and what a bare geometry cannot say (radius, widths, side, operation)."""
    match shape:
        case Line():
            return {"type": "LineString", "coordinates": _ring(shape.lonlat_deg)}, {"edges": shape.edges}
        case Polygon():
            polygons = [
                [_closed(ring, shell=not index) for index, ring in enumerate(rings)]
                for rings in shape.polygons
            ]
            return {"type": "MultiPolygon", "coordinates": polygons}, {"edges": shape.edges}
        case Circle():
            return _point(shape.centre_deg), {"radius_m": metres(shape.radius_m)}
        case Band():
            geometry, more = _shape_geometry(shape.line)
            return geometry, more | {"left_m": metres(shape.left_m), "right_m": metres(shape.right_m)}
        case Side():
            geometry, more = _shape_geometry(shape.line)
            return geometry, more | {"side": shape.side, "offset_m": metres(shape.offset_m)}
        case Combination():
            parts = [_shape_geometry(part) for part in shape.parts]
            geometry = {"type": "GeometryCollection", "geometries": [part[0] for part in parts]}
            return geometry, {"op": shape.op, "parts": [part[1] for part in parts]}


def _ring(lonlats: tuple[tuple[float, float], ...]) -> list[list[float]]:
    return [degrees(lonlat) for lonlat in lonlats]


def _closed(ring: tuple[tuple[float, float], ...], *, shell: bool) -> list[list[float]]:
    """Closed, shells anticlockwise and holes clockwise (RFC 7946, 3.1.6)."""
    points = _ring(ring)
    if points[0] != points[-1]:
        points.append(points[0])
    twice_area = sum(
        (a[0] - points[0][0]) * (b[1] - points[0][1]) - (b[0] - points[0][0]) * (a[1] - points[0][1])
        for a, b in pairwise(points)
    )
    return points if (twice_area > 0) == shell else points[::-1]
