"""What stands round and on a picture: colours, patterns, labels that keep clear of each other, legend, scale.

Colours are the Okabe-Ito set (Okabe and Ito 2008, "Color Universal Design"), which most colour-blind readers
can tell apart. Parties take theirs by the alphabet of their ids, never red or blue, and always with a dash
pattern of their own; verdicts are told by shape and fill. Everything still reads in grey.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from truceline.views.frame import Frame, graticule, scale_bar

INK = "#1f2429"
MUTED = "#56606b"
FAINT = "#c3cad1"
LAND = "#f6f3ec"
WATER = "#dfe8ee"
FINDING = "#d55e00"  # Okabe-Ito vermillion: findings only, never a side
OBSERVED = "#7d8b99"
UNRELIABLE = "#b9bfc6"
BAND = "#5b6b7a"
FONT = "Noto Sans, DejaVu Sans, Liberation Sans, Arial, sans-serif"

_SIDE_COLOURS = ("#e69f00", "#009e73", "#cc79a7", "#f0e442", "#999999")
_SIDE_DASHES: tuple[tuple[float, ...], ...] = ((), (7, 2.5), (2, 2), (9, 2.5, 2, 2.5), (4, 4))
UNKNOWN_SIDE = "#6e7781"

# The symbols of the maps, as paths about their middle, for the legend.
SYMBOLS = {
    "diamond": "M0-6.5L4.6 0L0 6.5L-4.6 0Z",
    "cross": "M-1.7-5.2H1.7V-1.7H5.2V1.7H1.7V5.2H-1.7V1.7H-5.2V-1.7H-1.7Z",
    "triangle-up": "M0-5L5 4H-5Z",
    "square": "M-4-4H4V4H-4Z",
    "circle": "M-3.6 0A3.6 3.6 0 1 0 3.6 0A3.6 3.6 0 1 0-3.6 0Z",
}
_PATTERNS = {
    "diagonal": '<path d="M-1 1L1 -1M0 7L7 0M6 8L8 6" stroke="{ink}" stroke-width="0.8" opacity="0.55"/>',
    "back": '<path d="M-1 6L1 8M0 0L7 7M6 -1L8 1" stroke="{ink}" stroke-width="0.8" opacity="0.55"/>',
    "dots": '<circle cx="3.5" cy="3.5" r="0.95" fill="{ink}" opacity="0.6"/>',
    "level": '<path d="M0 3.5H7" stroke="{ink}" stroke-width="0.7" opacity="0.4"/>',
    "rings": '<circle cx="3.5" cy="3.5" r="1.6" fill="none" stroke="{ink}" stroke-width="0.7" opacity="0.55"/>',
    "upright": '<path d="M3.5 0V7" stroke="{ink}" stroke-width="0.7" opacity="0.4"/>',
    "grid": '<path d="M0 3.5H7M3.5 0V7" stroke="{ink}" stroke-width="0.6" opacity="0.45"/>',
    "unseen": '<rect width="7" height="7" fill="#ffffff"/>'
    '<path d="M-1 1L1 -1M0 7L7 0M6 8L8 6" stroke="#8d97a1" stroke-width="1"/>',
    "unsure": '<rect width="7" height="7" fill="#eceff2"/>'
    '<path d="M0 0L7 7M7 0L0 7" stroke="#78828c" stroke-width="0.8"/>',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """How a party is drawn."""

    colour: str
    dash: tuple[float, ...]
    name: str


def sides_of(parties: Iterable[tuple[str, str]]) -> dict[str | None, Side]:
    """Colour and dash of every party (id, name) by the alphabet of ids; None is "party not known"."""
    drawn: dict[str | None, Side] = {}
    for place, (party, name) in enumerate(sorted(parties)):
        colours, dashes = len(_SIDE_COLOURS), len(_SIDE_DASHES)
        drawn[party] = Side(
            colour=_SIDE_COLOURS[place % colours],
            dash=_SIDE_DASHES[(place + place // colours) % dashes],
            name=name or party,
        )
    drawn[None] = Side(colour=UNKNOWN_SIDE, dash=(1.5, 1.5), name="party not known")
    return drawn


def pattern(prefix: str, name: str) -> str:
    """The paint that refers to a pattern of a picture."""
    return f"url(#{prefix}-{name})"


def defs(prefix: str, names: Iterable[str] = tuple(_PATTERNS)) -> str:
    """The definitions of patterns, ids made unique by ``prefix``."""
    made = (
        f'<pattern id="{prefix}-{name}" width="7" height="7" patternUnits="userSpaceOnUse">'
        f"{_PATTERNS[name].format(ink=INK)}</pattern>"
        for name in names
    )
    return f"<defs>{''.join(made)}</defs>"


def picture(
    body: str,
    *,
    width_px: float,
    height_px: float,
    title: str,
    description: str,
    prefix: str,
    patterns: Iterable[str],
) -> str:
    """A whole SVG that stands alone: title and description for those who cannot see it, no outside reference."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width_px:g} {height_px:g}" width="{width_px:g}" '
        f'height="{height_px:g}" role="img" aria-labelledby="{prefix}-title {prefix}-desc" '
        f'font-family="{FONT}" direction="ltr">'
        f'<title id="{prefix}-title">{escape(title)}</title><desc id="{prefix}-desc">{escape(description)}</desc>'
        f"{defs(prefix, patterns)}{body}</svg>"
    )


def inner_svg(svg: str, *, prefix: str) -> str:
    """The inside of a picture drawn by Vega, ready to be set into another.

    Clip paths are numbered anew under ``prefix``, so that the same chart is the same bytes; each text says its
    direction, without which a right-to-left page turns anchors round; halos are painted under their letters.
    """
    body = svg[svg.index(">") + 1 : svg.rindex("</svg>")]
    body = re.sub(r'<rect width="[\d.]+" height="[\d.]+" fill="white"/>', "", body, count=1)
    names: dict[str, str] = {}
    for old in re.findall(r'<clipPath id="([^"]+)"', body):
        names.setdefault(old, f"{prefix}-clip{len(names)}")
    for old, new in names.items():
        body = body.replace(f'id="{old}"', f'id="{new}"').replace(f"url(#{old})", f"url(#{new})")
    body = re.sub(r'font-family="[^"]*"', "", body)
    return body.replace("<text ", '<text direction="ltr" paint-order="stroke" stroke-linejoin="round" ')


def text_svg(
    words: str,
    x: float,
    y: float,
    *,
    size: float = 10.5,
    anchor: str = "start",
    colour: str = INK,
    weight: str = "",
    halo: bool = False,
) -> str:
    """A line of text; ``halo`` lays a pale edge under the letters."""
    edge = ' stroke="#ffffff" stroke-width="3" stroke-opacity="0.85" paint-order="stroke" stroke-linejoin="round"'
    bold = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" text-anchor="{anchor}" direction="ltr" '
        f'fill="{colour}"{bold}{edge if halo else ""}>{escape(words)}</text>'
    )


def text_width(words: str, size: float) -> float:
    """About how wide a line of Noto Sans is, in pixels; a little too wide rather than too narrow."""
    narrow = sum(letter in " .,:;'il|!()[]ftj/°′″" for letter in words)
    wide = sum(letter.isupper() or letter in "mwMW—" for letter in words)
    return size * (0.56 * (len(words) - narrow - wide) + 0.31 * narrow + 0.7 * wide)


def fitted(words: str, width_px: float, size: float) -> str:
    """``words``, cut with an ellipsis where they are wider than ``width_px``."""
    if text_width(words, size) <= width_px:
        return words
    kept = words
    while kept and text_width(kept + "…", size) > width_px:
        kept = kept[:-1]
    return kept.rstrip() + "…"


# ---------------------------------------------------------------- labels


@dataclass(slots=True, kw_only=True)
class Labels:
    """Places labels one by one where they cover no earlier one; what does not fit is left out and counted.

    ``taken`` are rectangles (left, top, right, bottom) in pixels.
    """

    width_px: float
    height_px: float
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)
    left_out_count: int = 0

    def keep_clear(self, x: float, y: float, half_px: float) -> None:
        """Nothing may be written over the symbol at x, y."""
        self.taken.append((x - half_px, y - half_px, x + half_px, y + half_px))

    def place(
        self,
        words: str,
        x: float,
        y: float,
        *,
        size: float = 10.5,
        gap_px: float = 7.0,
        centred: bool = False,
    ) -> tuple[float, float] | None:
        """The middle of the label beside (or on) a point, or None where there is no room."""
        half_w, half_h = text_width(words, size) / 2 + 2.0, size * 0.62
        beside = gap_px + half_w
        below = gap_px + half_h
        around = [
            (beside, 0.0),
            (-beside, 0.0),
            (0.0, -below),
            (0.0, below),
            (beside * 0.8, -below),
            (-beside * 0.8, -below),
            (beside * 0.8, below),
            (-beside * 0.8, below),
        ]
        if centred:
            around = [(0.0, 0.0), *((0.0, step * below * k) for k in (1, 2, 3) for step in (-1, 1)), *around]
        for dx, dy in around:
            spot = (x + dx - half_w, y + dy - half_h, x + dx + half_w, y + dy + half_h)
            inside = (
                spot[0] >= 2
                and spot[1] >= 2
                and spot[2] <= self.width_px - 2
                and spot[3] <= self.height_px - 2
            )
            if inside and not any(_overlap(spot, other) for other in self.taken):
                self.taken.append(spot)
                return x + dx, y + dy
        self.left_out_count += 1
        return None


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


# ---------------------------------------------------------------- frame and scale


def frame_svg(frame: Frame, *, left: float, top: float) -> str:
    """The neat line of a map with the degrees at its foot and left side."""
    meridians, parallels = graticule(frame)
    parts = [
        f'<rect x="{left:g}" y="{top:g}" width="{frame.width_px:g}" height="{frame.height_px:g}" fill="none" '
        f'stroke="{MUTED}" stroke-width="1"/>'
    ]
    last = -1e9
    for tick in meridians:
        if tick.at_px is not None and tick.at_px[0] - last > text_width(tick.label, 9.5) + 8:
            last = tick.at_px[0]
            parts.append(
                text_svg(
                    tick.label,
                    left + last,
                    top + frame.height_px + 12,
                    size=9.5,
                    anchor="middle",
                    colour=MUTED,
                )
            )
    for tick in parallels:
        if tick.at_px is not None:
            parts.append(
                text_svg(
                    tick.label, left - 4, top + tick.at_px[1] + 3.3, size=9.5, anchor="end", colour=MUTED
                )
            )
    return "".join(parts)


def scale_svg(frame: Frame, *, left: float, top: float) -> str:
    """A scale bar on a pale ground at the lower left of the map."""
    length, label = scale_bar(frame)
    x, y = left + 12, top + frame.height_px - 14
    wide = length + text_width(label, 10) + 20
    return (
        f'<rect x="{x - 6:.1f}" y="{y - 11:.1f}" width="{wide:.1f}" height="18" rx="2" fill="#ffffff" opacity="0.82"/>'
        f'<path d="M{x:.1f} {y - 4:.1f}V{y + 2:.1f}H{x + length:.1f}V{y - 4:.1f}" fill="none" stroke="{INK}" '
        f'stroke-width="1.4"/>' + text_svg(label, x + length + 6, y + 2.5, size=10)
    )


# ---------------------------------------------------------------- legend


def legend_svg(
    entries: Sequence[tuple[str, str]], *, left: float, top: float, width_px: float, columns: int
) -> tuple[str, float]:
    """Symbols with their words in columns; each symbol is drawn in a box 30 by 14. Returns it and its height."""
    row_px, column_px = 19.0, width_px / columns
    rows = -(-len(entries) // columns)
    parts = []
    for place, (symbol, words) in enumerate(entries):
        x, y = left + (place // rows) * column_px, top + (place % rows) * row_px
        parts.append(f'<g transform="translate({x:.1f},{y:.1f})">{symbol}</g>')
        shown = fitted(words, column_px - 44, 10.5)
        parts.append(text_svg(shown, x + 37, y + 11, size=10.5))
    return "".join(parts), rows * row_px


def line_symbol(
    colour: str, *, dash: Sequence[float] = (), width_px: float = 1.8, cased: bool = False
) -> str:
    """A line as in the legend; ``cased`` lays a darker line under it."""
    under = (
        f'<path d="M1 7H29" stroke="{INK}" stroke-width="{width_px + 1.2:g}" opacity="0.75"/>'
        if cased
        else ""
    )
    marks = f' stroke-dasharray="{" ".join(f"{part:g}" for part in dash)}"' if dash else ""
    return f'{under}<path d="M1 7H29" stroke="{colour}" stroke-width="{width_px:g}"{marks}/>'


def area_symbol(fill: str, *, stroke: str = INK, dash: str = "", opacity: float = 1.0) -> str:
    """A patch of an area as in the legend."""
    return (
        f'<rect x="1" y="1" width="28" height="12" fill="{fill}" fill-opacity="{opacity:g}" stroke="{stroke}" '
        f'stroke-width="0.9"{f" stroke-dasharray={chr(34)}{dash}{chr(34)}" if dash else ""}/>'
    )


def point_symbol(path: str, *, fill: str, stroke: str = INK) -> str:
    """A point symbol as in the legend; ``path`` is drawn about the middle of its box."""
    return (
        f'<path transform="translate(15,7)" d="{path}" fill="{fill}" stroke="{stroke}" stroke-width="1.3" '
        f'stroke-linejoin="round"/>'
    )
