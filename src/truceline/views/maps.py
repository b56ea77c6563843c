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

from truceline.model.agreement import Agreement
from truceline.model.evidence import Report
from truceline.model.finding import CheckResult, Finding, Verdict
from truceline.model.movement import Path, Track
from truceline.timebase import Interval
from truceline.views import furniture as fur
from truceline.views import geometry as geo
from truceline.views.frame import frame_around
from truceline.views.scene import (
    FOOT_PX,
    GUTTER_PX,
    PATTERNS,
    WIDTH_PX,
    Scene,
    agreed_areas,
    composed,
    draw_agreed,
    draw_ground,
    name_places,
)
from truceline.views.tables import how_far_words, in_reading_order, number_label
from truceline.words import _, instant_words, length_words

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
    draw_ground(scene)
    made = {finding.exercise for finding in result.findings} | {report.exercise for report in reports}
    made |= {track.exercise for track in tracks} | {path.exercise for path in paths}
    if True in made:
        scene.stamp_exercise(mixed=False in made)
    draw_agreed(scene, agreement)
    _reported(scene, reports, result)
    _moved(scene, tracks, paths)
    _found(scene, result.findings)
    name_places(scene, agreement)
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
        least_m=visit.depth_m * 5,
    )
    scene = Scene(frame=frame, prefix=prefix, sides=_sides(agreement), numbers=numbers)
    draw_ground(scene)
    if finding.exercise:
        scene.stamp_exercise(mixed=False)
    draw_agreed(scene, agreement)
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
        patterns=PATTERNS,
    )


# ---------------------------------------------------------------- layers


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
    if len(wide) > 40:  # more circles than can be told apart: the ground they cover together
        wide = [shapely.union_all(wide)]
    if wide:
        scene.draw(wide, fill=fur.MUTED, fillOpacity=0.06)
        scene.draw(wide, stroke=fur.MUTED, strokeWidth=0.8, strokeDash=[2, 2], strokeOpacity=0.8)
        ring = f'<circle cx="15" cy="7" r="6.3" fill="{fur.MUTED}" fill-opacity="0.08" stroke="{fur.MUTED}" '
        scene.explain(_("reports lie within (95 %)"), ring + 'stroke-dasharray="2 2" stroke-width="0.9"/>')
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
    for (shape, breach), phrase in words.items():
        if (shape, breach) in groups:
            fill = fur.FINDING if breach else "#ffffff"
            scene.explain(phrase, fur.point_symbol(fur.SYMBOLS[shape], fill=fill))
    for (shape, breach), group in sorted(groups.items(), key=lambda entry: entry[0][1]):  # breaches on top
        px = scene.frame.to_px(np.array([_at(finding) for finding in group]))
        size = 22 if not few else 45 if shape == "square" else 80
        spots = [(float(x), float(y)) for x, y in px]
        scene.mark(spots, shape, fill=fur.FINDING if breach else "#ffffff", size=size)
    ordered = in_reading_order(finding for group in groups.values() for finding in group)
    mixed = len({finding.exercise for finding in findings}) > 1
    written = {""}
    for finding in ordered[:40]:
        x, y = scene.frame.to_px(np.array([_at(finding)]))[0]
        label = number_label(finding, scene.numbers, mixed=mixed)
        if label not in written:
            written.add(label)
            scene.write(label, x, y, size=11, weight="700")


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
            time = instant_words(point.t_us)[11:] if point.t_us is not None else ""
            spots.append((words.format(time=time), float(x), float(y)))
    for words, x, y in spots:
        scene.write(words, x, y, size=10.5, weight="600")


def _extent(
    agreement: Agreement,
    result: CheckResult,
    tracks: Sequence[Track],
    paths: Sequence[Path],
    reports: Sequence[Report],
) -> list[tuple[float, float]]:
    points = [point for place in agreement.places.values() for point in geo.shape_points(place.shape)]
    points += [point for shape in agreed_areas(agreement) for point in geo.shape_points(shape)]
    points += [place for finding in result.findings if (place := _at(finding)) is not None]
    if not agreement.places:
        points += [report.where.lonlat_deg for report in reports if report.where.lonlat_deg is not None]
        drawn = [track.lonlat_deg for track in tracks] + [path.lonlat_deg for path in paths]
        points += [tuple(point) for line in drawn for point in line[:: max(1, len(line) // 200)].tolist()]
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
