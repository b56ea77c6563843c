"""A map being put together: layers, labels and legend; the ground and what was agreed; the wider region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import shapely
import vl_convert
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from truceline.model.agreement import (
    Agreement,
    Cease,
    KeepOut,
    Line,
    NoFly,
    Place,
    Shape,
    Side,
    Withdraw,
)
from truceline.views import furniture as fur
from truceline.views import geometry as geo
from truceline.views.frame import Frame, graticule
from truceline.words import _, ngettext

WIDTH_PX = 720.0
GUTTER_PX, FOOT_PX = 46.0, 18.0
# Patterns of areas by rule kind; where several clauses of a kind have areas, they take them in turn.
HATCHES = {
    "keep-out": ("diagonal", "back", "grid"),
    "no-fly": ("dots", "rings"),
    "withdraw": ("level", "upright"),
}
_FEWEST_LAND_KM = 40.0  # below this width a coast generalised by kilometres would mislead
PATTERNS = tuple(name for names in HATCHES.values() for name in names)


@dataclass(slots=True, kw_only=True)
class Scene:
    """A map being put together: layers from the ground up, labels, and what the legend must explain."""

    frame: Frame
    prefix: str
    sides: Mapping[str | None, fur.Side]
    numbers: Mapping[str, int]
    layers: list[alt.Chart] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    legend: dict[str, str] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)
    labels: fur.Labels = field(init=False)

    def __post_init__(self) -> None:
        self.labels = fur.Labels(width_px=self.frame.width_px, height_px=self.frame.height_px)
        self.labels.taken.append((0.0, self.frame.height_px - 28.0, 12.0 + self.frame.width_px * 0.36, 1e6))

    def named(self, rows: list[dict[str, Any]]) -> alt.NamedData:
        """Rows kept beside the chart, so that Altair does not check each of them against its schema."""
        name = f"rows{len(self.rows)}"
        self.rows[name] = rows
        return alt.NamedData(name=name)

    def draw(self, geometries: Iterable[BaseGeometry], **mark: Any) -> None:
        """One layer of shapes that are drawn alike."""
        features = [
            {
                "type": "Feature",
                "properties": {},
                "geometry": mapping(shapely.transform(part, lambda c: c.round(2))),
            }
            for geometry in geometries
            for part in geo.parts_of(geometry)
        ]
        if features:
            options = {"fill": None, "stroke": None, "strokeJoin": "round"} | mark
            self.layers.append(alt.Chart(self.named(features)).mark_geoshape(**options))

    def mark(
        self, points: Sequence[tuple[float, float]], shape: str, *, fill: str, size: float = 70.0
    ) -> None:
        """One layer of like symbols at pixels."""
        if not points:
            return
        frame = self.frame
        chart = alt.Chart(self.named([{"x": round(x, 2), "y": round(y, 2)} for x, y in points]))
        self.layers.append(
            chart.mark_point(
                shape=shape, size=size, filled=True, fill=fill, opacity=1, stroke=fur.INK, strokeWidth=1.1
            ).encode(
                x=alt.X(
                    "x:Q", axis=None, scale=alt.Scale(domain=[0, frame.width_px], nice=False, zero=False)
                ),
                y=alt.Y(
                    "y:Q", axis=None, scale=alt.Scale(domain=[frame.height_px, 0], nice=False, zero=False)
                ),
            )
        )
        for x, y in points:
            self.labels.keep_clear(x, y, 5.0)

    def write(
        self, words: str, x: float, y: float, *, size: float = 10.5, weight: str = "", centred: bool = False
    ) -> None:
        """A label near (or on) a pixel, where there is room."""
        spot = self.labels.place(words, x, y, size=size, centred=centred)
        if spot is not None:
            left, top = spot[0] + GUTTER_PX, spot[1] + size * 0.36
            self.over.append(
                fur.text_svg(words, left, top, size=size, anchor="middle", weight=weight, halo=True)
            )

    def explain(self, words: str, symbol: str) -> None:
        """A line of the legend, once."""
        self.legend.setdefault(words, symbol)

    def drawn(self) -> str:
        """The layers as SVG, without frame and labels."""
        chart = (
            alt.layer(*self.layers)
            .properties(width=self.frame.width_px, height=self.frame.height_px)
            .project(type="identity", scale=1, translate=[0, 0])
            .configure(padding=0, aria=False, background="transparent", autosize="none")
            .configure_view(stroke=None)
        )
        return fur.inner_svg(
            vl_convert.vegalite_to_svg(chart.to_dict() | {"datasets": self.rows}), prefix=self.prefix
        )

    def stamp_exercise(self, *, mixed: bool) -> None:
        """EXERCISE in the upper right corner, so that the picture says so wherever it is pasted."""
        words = _("PART EXERCISE") if mixed else _("EXERCISE")
        wide = fur.text_width(words, 13) + 16
        left, top = self.frame.width_px - wide - 8, 9.0
        self.labels.taken.append((left, 0.0, left + wide + 8, top + 24))
        box = f'<rect x="{left + GUTTER_PX:.1f}" y="{top:g}" width="{wide:.1f}" height="20" fill="#ffffff" '
        self.over.append(
            f'{box}stroke="{fur.INK}" stroke-width="1.4"/>'
            + fur.text_svg(
                words, left + wide / 2 + GUTTER_PX, top + 14.6, size=13, anchor="middle", weight="700"
            )
        )

    def body(self) -> str:
        """The map with its frame, degrees, scale bar and labels; the legend is apart."""
        inner = f'<g transform="translate({GUTTER_PX:g},1)">{self.drawn()}</g>'
        furniture = fur.scale_svg(self.frame, left=GUTTER_PX, top=1) + fur.frame_svg(
            self.frame, left=GUTTER_PX, top=1
        )
        return inner + "".join(self.over) + furniture


def draw_ground(scene: Scene) -> None:
    """Water, land where the picture is wide enough for its coast, and the graticule."""
    frame = scene.frame
    if frame.width_m >= _FEWEST_LAND_KM * 1000:
        scene.draw([geo.sheet(frame)], fill=fur.WATER)
        scene.draw([geo.land_px(frame)], fill=fur.LAND, stroke="#a9b4bd", strokeWidth=0.7)
    else:
        scene.draw([geo.sheet(frame)], fill=fur.LAND)
    meridians, parallels = graticule(frame)
    lines = [shapely.LineString(tick.px).intersection(geo.sheet(frame)) for tick in (*meridians, *parallels)]
    scene.draw(lines, stroke="#8d97a1", strokeWidth=0.5, strokeOpacity=0.45)


# ---------------------------------------------------------------- what was agreed


@dataclass(frozen=True, slots=True)
class Area:
    """An area to draw: the rule kind that speaks of it and the clauses; "" and none of a place no rule names."""

    kind: str = ""
    clauses: tuple[str, ...] = ()


def agreed_areas(agreement: Agreement) -> dict[Shape, Area]:
    """Every area of the agreement with what is said of it, in the order of its places and then its clauses."""
    areas: dict[Shape, Area] = {
        place.shape: Area()
        for place in agreement.places.values()
        if not isinstance(place.shape, (Line, Side))
    }
    for clause in agreement.clauses.values():
        named: list[Shape] = []
        match clause.rule:
            case KeepOut(where=where) | Cease(where=where) if where is not None:
                named = [where]
            case NoFly(limits=limits):
                named = [limit.where for limit in limits if limit.where is not None]
            case Withdraw(too_near=too_near):
                named = list(too_near.values())
        for shape in dict.fromkeys(named):
            before = areas.get(shape, Area())
            kind = clause.rule.kind if before.kind in ("", "cease") else before.kind
            areas[shape] = Area(kind, (*before.clauses, clause.id))
    return areas


def draw_agreed(scene: Scene, agreement: Agreement) -> None:
    """The areas and lines of the agreement, each with its accuracy band."""
    frame = scene.frame
    words = {
        "keep-out": _("keep out"),
        "no-fly": _("no flight"),
        "withdraw": _("too near"),
        "cease": _("area of the ceasefire"),
    }
    taken: dict[str, list[tuple[str, ...]]] = {}
    for shape, said in agreed_areas(agreement).items():
        area = geo.area_px(shape, frame)
        if area.is_empty:
            continue
        seen = taken.setdefault(said.kind, [])
        if said.clauses not in seen:
            seen.append(said.clauses)
        patterns = HATCHES.get(said.kind, ())
        hatch = "none"
        if patterns and area.area / geo.sheet(frame).area < 0.75:
            hatch = fur.pattern(scene.prefix, patterns[seen.index(said.clauses) % len(patterns)])
            scene.draw([area], fill=hatch)
        dash = [5, 3] if said.kind == "cease" else [1, 2.5] if said.kind == "" else []
        scene.draw([geo.edge_px(shape, area, frame)], stroke=fur.INK, strokeWidth=1.0, strokeDash=dash)
        symbol = fur.area_symbol(hatch, dash=" ".join(map(str, dash)))
        ids = ngettext("clause {ids}", "clauses {ids}", len(said.clauses)).format(ids=", ".join(said.clauses))
        scene.explain(f"{ids}: {words[said.kind]}" if said.kind else _("other named area"), symbol)
    for place in agreement.places.values():
        if isinstance(place.shape, Line):
            draw_line(scene, place, place.shape)


def draw_line(scene: Scene, place: Place, line: Line) -> None:
    """A line with the band it may lie in; dashed where it is schematic."""
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


def name_places(scene: Scene, agreement: Agreement) -> None:
    """Lines first, then areas that a clause speaks of, the smallest first since it has the least room."""
    areas = agreed_areas(agreement)
    named: list[tuple[float, str, float, float]] = []
    for place in agreement.places.values():
        name = place.name or place.id.replace("-", " ")
        if isinstance(place.shape, Line):
            words = _("{name} (schematic)").format(name=name) if place.schematic else name
            parts = geo.lines_of(geo.line_px(place.shape, scene.frame)).geoms
            if parts:
                x, y = max(parts, key=lambda part: part.length).interpolate(0.5, normalized=True).coords[0]
                scene.write(words, x, y, size=10)
        elif not isinstance(place.shape, Side) and areas[place.shape].kind:
            area = geo.area_px(place.shape, scene.frame)
            if not area.is_empty:
                x, y = max(geo.parts_of(area), key=lambda part: part.area).representative_point().coords[0]
                named.append((area.area, name, x, y))
    for _size, name, x, y in sorted(named):
        scene.write(name, x, y, size=10, centred=True)


# ---------------------------------------------------------------- whole


def composed(scene: Scene, *, title: str) -> str:
    """The whole picture: the map, its legend below, and where in the wider region it lies."""
    frame = scene.frame
    top = frame.height_px + FOOT_PX + 12
    legend, tall = fur.legend_svg(
        [(symbol, words) for words, symbol in scene.legend.items()],
        left=GUTTER_PX,
        top=top,
        width_px=frame.width_px - 150,
        columns=2,
    )
    locator, locator_px = _locator(scene, left=WIDTH_PX - 134, top=top)
    description = _(
        "The findings marked here are listed in the same order and with the same numbers in the table."
    )
    if scene.labels.left_out_count:
        description += " " + _("{n} labels had no room.").format(n=scene.labels.left_out_count)
    return fur.picture(
        scene.body() + legend + locator,
        width_px=WIDTH_PX,
        height_px=top + max(tall, locator_px) + 4,
        title=title,
        description=description,
        prefix=scene.prefix,
        patterns=PATTERNS,
    )


def _locator(scene: Scene, *, left: float, top: float) -> tuple[str, float]:
    """A small map of the wider region with the frame of the large one marked on it."""
    width, height = 132.0, 92.0
    span_m = max(scene.frame.width_m * 5, 2_400_000.0)
    small = Frame(
        centre_deg=scene.frame.centre_deg, width_px=width, height_px=height, px_per_m=width / span_m
    )
    inner = Scene(frame=small, prefix=f"{scene.prefix}-where", sides={}, numbers={})
    inner.draw([geo.sheet(small, 0)], fill=fur.WATER)
    inner.draw([geo.land_px(small)], fill="#e9e4d8", stroke="#a9b4bd", strokeWidth=0.5)
    half = (
        max(scene.frame.width_m * small.px_per_m, 5.0) / 2,
        max(scene.frame.height_m * small.px_per_m, 4.0) / 2,
    )
    inner.draw(
        [shapely.box(width / 2 - half[0], height / 2 - half[1], width / 2 + half[0], height / 2 + half[1])],
        stroke=fur.INK,
        strokeWidth=1.4,
        fill="#ffffff",
        fillOpacity=0.35,
    )
    return f'<g transform="translate({left:g},{top:g})">{inner.drawn()}</g>', height
