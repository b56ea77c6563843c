"""Maps as pictures that stand alone: land, what was agreed, what moved, what was found and what was reported.

The shapes are drawn by Altair and vl-convert in a plane projected beforehand (``views.frame``), so that neither
the winding of rings nor the antimeridian matters; frame, scale bar, legend and label places are our own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from truceline.model.agreement import Agreement, Cease, KeepOut, Line, NoFly, Place, Shape, Side, Withdraw
from truceline.model.evidence import Report
from truceline.model.finding import CheckResult, Finding, Verdict
from truceline.model.movement import Path, Track
from truceline.timebase import Interval, format_instant
from truceline.views import furniture as fur
from truceline.views import geometry as geo
from truceline.views.frame import frame_around, graticule
from truceline.views.scene import FOOT_PX, GUTTER_PX, HATCH, WIDTH_PX, Scene, composed
from truceline.views.tables import how_far_words, in_reading_order
from truceline.words import _, length_words

_FEWEST_LAND_KM = 40.0  # below this width a coast generalised by kilometres would mislead
_MARKERS = {"incursion": "diamond", "encounter": "cross", "report": "square"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """A close view of one finding: its reading number, the finding, and the picture."""

    number: int
    finding: Finding
    svg: str


def render_overview(
    *,
    agreement: Agreement,
    result: CheckResult,
    tracks: Sequence[Track] = (),
    paths: Sequence[Path] = (),
    reports: Sequence[Report] = (),
    numbers: Mapping[str, int] | None = None,
    prefix: str = "map",
) -> str:
    """The whole area of the agreement on one map.

    Parameters
    ----------
    agreement, result, tracks, paths, reports
        What is drawn. Where the agreement names no place, the frame is taken from the rest.
    numbers : mapping of finding id to int, optional
        Reading numbers written beside the findings.
    prefix : str
        Makes ids unique where several pictures stand in one page.

    Returns
    -------
    str
        SVG with title and description, no outside reference; "" where there is nothing to draw.
    """
    points = _extent(agreement, result, tracks, paths, reports)
    if not points:
        return ""
    frame = frame_around(np.array(points), width_px=WIDTH_PX - GUTTER_PX - 2)
    scene = Scene(frame=frame, prefix=prefix, sides=_sides(agreement), numbers=numbers or {})
    _ground(scene)
    _agreed(scene, agreement)
    _reported(scene, reports, result)
    _moved(scene, tracks, paths)
    _found(scene, result.findings)
    _name_places(scene, agreement)
    return composed(scene, title=_("Map of {title}").format(title=agreement.title))


def render_details(
    *,
    agreement: Agreement,
    result: CheckResult,
    tracks: Sequence[Track] = (),
    paths: Sequence[Path] = (),
    numbers: Mapping[str, int] | None = None,
    most_count: int = 4,
    prefix: str = "detail",
) -> tuple[Detail, ...]:
    """Close views of the deepest visits found to be a breach, at most ``most_count`` of them."""
    deepest = [
        finding
        for finding in in_reading_order(result.findings)
        if finding.verdict is Verdict.BREACH and finding.incursion is not None
    ][:most_count]
    known = numbers or {}
    return tuple(
        Detail(
            number=known.get(finding.id, place),
            finding=finding,
            svg=_close_view(agreement, finding, tracks, paths, known, f"{prefix}{place}"),
        )
        for place, finding in enumerate(deepest, start=1)
    )


def _close_view(
    agreement: Agreement,
    finding: Finding,
    tracks: Sequence[Track],
    paths: Sequence[Path],
    numbers: Mapping[str, int],
    prefix: str,
) -> str:
    visit = finding.incursion
    if visit is None:
        return ""
    points = [point.lonlat_deg for point in (visit.entry, visit.deepest, visit.exit) if point is not None]
    own = [track for track in tracks if track.mover.id == finding.subject]
    points += [tuple(point) for track in own for point in _fixes_within(track, finding.interval).tolist()]
    frame = frame_around(
        np.array(points),
        width_px=WIDTH_PX / 2 - GUTTER_PX - 8,
        aspect=(0.72, 0.72),
        margin=0.2,
        least_m=visit.depth_m * 3,
    )
    scene = Scene(frame=frame, prefix=prefix, sides=_sides(agreement), numbers=numbers)
    _ground(scene)
    _agreed(scene, agreement)
    _moved(scene, tracks, paths, fixes_of=finding.subject)
    _visit_points(scene, finding)
    height = frame.height_px + FOOT_PX
    title = _("Close view of finding {number}").format(number=numbers.get(finding.id, finding.id))
    description = _("{what}, {depth}").format(what=finding.subject, depth=how_far_words(finding))
    return fur.picture(
        scene.body(),
        width_px=WIDTH_PX / 2 - 6,
        height_px=height,
        title=title,
        description=description,
        prefix=prefix,
        patterns=HATCH.values(),
    )


# ---------------------------------------------------------------- layers


def _ground(scene: Scene) -> None:
    frame = scene.frame
    if frame.width_m >= _FEWEST_LAND_KM * 1000:
        scene.draw([geo.sheet(frame)], fill=fur.WATER)
        scene.draw([geo.land_px(frame)], fill=fur.LAND, stroke="#a9b4bd", strokeWidth=0.7)
    else:
        scene.draw([geo.sheet(frame)], fill=fur.LAND)
    meridians, parallels = graticule(frame)
    lines = [shapely.LineString(tick.px).intersection(geo.sheet(frame)) for tick in (*meridians, *parallels)]
    scene.draw(lines, stroke="#8d97a1", strokeWidth=0.5, strokeOpacity=0.45)


def agreed_areas(agreement: Agreement) -> dict[Shape, str]:
    """Every area of the agreement, in its order, with the rule kind that speaks of it ("" where none does)."""
    areas: dict[Shape, str] = {
        place.shape: "" for place in agreement.places.values() if not isinstance(place.shape, (Line, Side))
    }
    for clause in agreement.clauses.values():
        match clause.rule:
            case KeepOut(where=where) | Cease(where=where) if where is not None:
                areas[where] = clause.rule.kind
            case NoFly(limits=limits):
                areas |= {limit.where: "no-fly" for limit in limits if limit.where is not None}
            case Withdraw(too_near=too_near):
                areas |= dict.fromkeys(too_near.values(), "withdraw")
            case _:
                pass
    return areas


def _agreed(scene: Scene, agreement: Agreement) -> None:
    frame = scene.frame
    words = {
        "keep-out": _("area to keep out of"),
        "no-fly": _("area not to fly in"),
        "withdraw": _("nearer than the agreed distance"),
        "cease": _("area of a ceasefire clause"),
        "": _("other named area"),
    }
    for shape, kind in agreed_areas(agreement).items():
        area = geo.area_px(shape, frame)
        if area.is_empty:
            continue
        hatch = HATCH.get(kind)
        covers = area.area / geo.sheet(frame).area
        if hatch is not None and covers < 0.75:
            scene.draw([area], fill=fur.pattern(scene.prefix, hatch))
        dash = [5, 3] if kind == "cease" else [1, 2.5] if kind == "" else []
        scene.draw([geo.edge_px(shape, area, frame)], stroke=fur.INK, strokeWidth=1.0, strokeDash=dash)
        paint = fur.pattern(scene.prefix, hatch) if hatch else "none"
        scene.explain(words[kind], fur.area_symbol(paint, dash=" ".join(map(str, dash))))
    for place in agreement.places.values():
        if isinstance(place.shape, Line):
            _agreed_line(scene, place, place.shape)


def _agreed_line(scene: Scene, place: Place, line: Line) -> None:
    frame = scene.frame
    drawn = geo.line_px(line, frame)
    accuracy_m = max(line.accuracy_m, place.accuracy_m)
    if accuracy_m * frame.px_per_m > 0.8:
        scene.draw([geo.band_px(drawn, accuracy_m, frame)], fill=fur.BAND, fillOpacity=0.17)
        scene.explain(
            _("where the line may be (95 %)"), fur.area_symbol(fur.BAND, stroke="none", opacity=0.17)
        )
    dash = [6, 3] if place.schematic else []
    scene.draw([drawn], stroke=fur.INK, strokeWidth=1.8, strokeDash=dash)
    words = _("agreed line, schematic") if place.schematic else _("agreed line")
    scene.explain(words, fur.line_symbol(fur.INK, dash=dash))


def _moved(scene: Scene, tracks: Sequence[Track], paths: Sequence[Path], fixes_of: str = "") -> None:
    frame = scene.frame
    drawn: dict[str | None, list[BaseGeometry]] = {}
    for track in tracks:
        drawn.setdefault(track.mover.party, []).append(geo.track_px(track, frame))
    for path in paths:
        drawn.setdefault(path.mover.party, []).append(geo.path_px(path, frame))
    for party in sorted(drawn, key=str):
        side = scene.sides.get(party, scene.sides[None])
        lines = [geo.lines_of(geometry) for geometry in drawn[party]]
        crowd = sum(len(line.geoms) for line in lines) > 150
        if all(line.is_empty for line in lines):
            continue
        scene.draw(
            lines, stroke=fur.INK, strokeWidth=1.4 if crowd else 2.9, strokeOpacity=0.25 if crowd else 0.7
        )
        scene.draw(
            lines,
            stroke=side.colour,
            strokeWidth=0.8 if crowd else 1.8,
            strokeOpacity=0.7 if crowd else 1,
            strokeDash=list(side.dash),
        )
        scene.explain(
            _("track, {party}").format(party=side.name),
            fur.line_symbol(side.colour, dash=side.dash, cased=True),
        )
    for track in tracks:
        if track.mover.id == fixes_of and len(track):
            px = frame.to_px(track.lonlat_deg)
            seen = px[((px > -5) & (px < (frame.width_px + 5, frame.height_px + 5))).all(axis=1)]
            if 0 < len(seen) < 80:
                scene.draw([shapely.Point(x, y).buffer(1.1) for x, y in seen.tolist()], fill=fur.INK)


def _reported(scene: Scene, reports: Sequence[Report], result: CheckResult) -> None:
    frame = scene.frame
    about = {finding.subject: finding for finding in reversed(in_reading_order(result.findings))}
    circles = [
        geo.circle_px(report.where.lonlat_deg, report.where.radius_m, frame)
        for report in reports
        if report.where.lonlat_deg is not None and report.where.radius_m is not None
    ]
    paper = geo.sheet(frame)
    wide = [circle.intersection(paper) for circle in circles if circle.area > 60 and circle.intersects(paper)]
    if wide:
        scene.draw(wide, fill=fur.MUTED, fillOpacity=0.05 if len(wide) < 60 else 0.015)
        scene.draw(
            wide,
            stroke=fur.MUTED,
            strokeWidth=0.8,
            strokeDash=[2, 2],
            strokeOpacity=0.8 if len(wide) < 60 else 0.3,
        )
        symbol = (
            f'<circle cx="15" cy="7" r="6.3" fill="{fur.MUTED}" fill-opacity="0.08" stroke="{fur.MUTED}" '
        )
        scene.explain(
            _("a report lies within (95 %)"), symbol + 'stroke-dasharray="2 2" stroke-width="0.9"/>'
        )
    judged = (Verdict.BREACH, Verdict.POSSIBLE)
    quiet = [
        report.where.lonlat_deg
        for report in reports
        if report.where.lonlat_deg is not None
        and (report.id not in about or about[report.id].verdict not in judged)
        and frame.holds(report.where.lonlat_deg)
    ]
    if quiet:
        scene.mark(
            [tuple(p) for p in frame.to_px(np.array(quiet)).tolist()], "square", fill="#b9bfc6", size=18
        )
        scene.explain(
            _("report, not judged a breach"),
            f'<rect x="12.5" y="4.5" width="5" height="5" fill="#b9bfc6" stroke="{fur.INK}" stroke-width="1"/>',
        )


def _found(scene: Scene, findings: Sequence[Finding]) -> None:
    words = {
        ("diamond", True): _("deepest point, breach as encoded"),
        ("diamond", False): _("deepest point, possible breach"),
        ("cross", True): _("encounter, breach as encoded"),
        ("cross", False): _("encounter, possible breach"),
        ("square", True): _("report, breach as encoded"),
        ("square", False): _("report, possible breach"),
        ("triangle-up", True): _("near a line or unobserved, breach"),
        ("triangle-up", False): _("near a line or unobserved, possible"),
    }
    asked = (Verdict.POSSIBLE, Verdict.BREACH)
    groups: dict[tuple[str, bool], list[Finding]] = {}
    for finding in findings:
        if finding.verdict in asked and _at(finding) is not None:
            shape = _MARKERS.get(finding.kind, "triangle-up")
            groups.setdefault((shape, finding.verdict is Verdict.BREACH), []).append(finding)
    few = sum(map(len, groups.values())) <= 150
    order = list(words)
    for (shape, breach), group in sorted(groups.items(), key=lambda entry: order.index(entry[0])):
        fill = fur.FINDING if breach else "#ffffff"
        px = scene.frame.to_px(np.array([_at(finding) for finding in group]))
        scene.mark(
            [tuple(p) for p in px.tolist()],
            shape,
            fill=fill,
            size=(80 if shape != "square" else 45) if few else 22,
        )
        scene.explain(words[shape, breach], fur.point_symbol(fur.SYMBOLS[shape], fill=fill))
    ordered = in_reading_order(finding for group in groups.values() for finding in group)
    for finding in ordered[:30]:
        x, y = scene.frame.to_px(np.array([_at(finding)]))[0]
        if finding.id in scene.numbers:
            scene.write(str(scene.numbers[finding.id]), x, y, size=11, weight="700")


def _visit_points(scene: Scene, finding: Finding) -> None:
    visit = finding.incursion
    if visit is None:
        return
    told = (
        (visit.deepest, "diamond", fur.FINDING, length_words(visit.depth_m), 95.0),
        (visit.entry, "circle", "#ffffff", _("in {time}"), 48.0),
        (visit.exit, "circle", fur.INK, _("out {time}"), 48.0),
    )
    spots = []
    for point, shape, fill, words, size in told:
        if point is not None:
            x, y = scene.frame.to_px(np.array([point.lonlat_deg]))[0]
            scene.mark([(float(x), float(y))], shape, fill=fill, size=size)
            time = format_instant(point.t_us)[11:] if point.t_us is not None else ""
            spots.append((words.format(time=time), float(x), float(y)))
    for words, x, y in spots:
        scene.write(words, x, y, size=10.5, weight="600")


def _name_places(scene: Scene, agreement: Agreement) -> None:
    for place in agreement.places.values():
        name = place.name or place.id
        words = _("{name} (schematic)").format(name=name) if place.schematic else name
        if isinstance(place.shape, Line):
            parts = geo.lines_of(geo.line_px(place.shape, scene.frame)).geoms
            if parts:
                x, y = max(parts, key=lambda part: part.length).interpolate(0.5, normalized=True).coords[0]
                scene.write(words, x, y, size=10)
        elif not isinstance(place.shape, Side):
            area = geo.area_px(place.shape, scene.frame)
            if not area.is_empty:
                x, y = max(geo.parts_of(area), key=lambda part: part.area).representative_point().coords[0]
                scene.write(words, x, y, size=10, centred=True)


# ---------------------------------------------------------------- whole


def _extent(
    agreement: Agreement,
    result: CheckResult,
    tracks: Sequence[Track],
    paths: Sequence[Path],
    reports: Sequence[Report],
) -> list[tuple[float, float]]:
    points = [point for place in agreement.places.values() for point in geo.shape_points(place.shape)]
    points += [place for finding in result.findings if (place := _at(finding)) is not None]
    if not agreement.places:
        points += [report.where.lonlat_deg for report in reports if report.where.lonlat_deg is not None]
        points += [
            tuple(point)
            for path in (*tracks, *paths)
            for point in path.lonlat_deg[:: max(1, len(path.lonlat_deg) // 200)].tolist()
        ]
    return points


def _at(finding: Finding) -> tuple[float, float] | None:
    """The place a finding is drawn at."""
    if finding.incursion is not None:
        return finding.incursion.deepest.lonlat_deg
    if finding.encounter is not None:
        return finding.encounter.lonlat_deg
    return finding.lonlat_deg


def _fixes_within(track: Track, interval: Interval | None) -> np.ndarray:
    if interval is None:
        return track.lonlat_deg[:0]
    inside = (track.t_us >= interval.start_us) & (track.t_us <= interval.end_us)
    return track.lonlat_deg[inside]


def _sides(agreement: Agreement) -> dict[str | None, fur.Side]:
    return fur.sides_of((party.id, party.name) for party in agreement.parties.values())
