"""A map being put together: layers of shapes, labels, legend, and the small map of the wider region."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import altair as alt
import shapely
import vl_convert
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from truceline.views import furniture as fur
from truceline.views import geometry as geo
from truceline.views.frame import Frame
from truceline.words import _

WIDTH_PX = 720.0
GUTTER_PX, FOOT_PX = 46.0, 18.0
# Patterns of areas by rule kind; where several clauses of a kind have areas, they take them in turn.
HATCHES = {
    "keep-out": ("diagonal", "back", "grid"),
    "no-fly": ("dots", "rings"),
    "withdraw": ("level", "upright"),
}
PATTERNS = tuple(name for names in HATCHES.values() for name in names)


@dataclass(slots=True, kw_only=True)
class Scene:
    """A map being put together: layers from the ground up, labels, and what the legend must explain."""

    frame: Frame
    prefix: str
    sides: Mapping[str | None, fur.Side]
    numbers: Mapping[str, int]
    layers: list[alt.Chart] = field(default_factory=list)
    legend: dict[str, str] = field(default_factory=dict)
    over: list[str] = field(default_factory=list)
    labels: fur.Labels = field(init=False)

    def __post_init__(self) -> None:
        self.labels = fur.Labels(width_px=self.frame.width_px, height_px=self.frame.height_px)
        self.labels.taken.append((0.0, self.frame.height_px - 28.0, 12.0 + self.frame.width_px * 0.36, 1e6))

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
            self.layers.append(alt.Chart(alt.Data(values=features)).mark_geoshape(**options))

    def mark(
        self, points: Sequence[tuple[float, float]], shape: str, *, fill: str, size: float = 70.0
    ) -> None:
        """One layer of like symbols at pixels."""
        if not points:
            return
        frame = self.frame
        chart = alt.Chart(alt.Data(values=[{"x": round(x, 2), "y": round(y, 2)} for x, y in points]))
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
        return fur.inner_svg(vl_convert.vegalite_to_svg(chart.to_dict()), prefix=self.prefix)

    def body(self) -> str:
        """The map with its frame, degrees, scale bar and labels; the legend is apart."""
        inner = f'<g transform="translate({GUTTER_PX:g},1)">{self.drawn()}</g>'
        furniture = fur.scale_svg(self.frame, left=GUTTER_PX, top=1) + fur.frame_svg(
            self.frame, left=GUTTER_PX, top=1
        )
        return inner + "".join(self.over) + furniture


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
