"""Written places to shapes of the model, every coordinate checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from truceline.agreement.document import COMBINED_KINDS, DRAWN_KINDS, WrittenPlace, WrittenSink
from truceline.agreement.document_fields import WrittenBand
from truceline.agreement.geometry import (
    Fault,
    line_faults,
    polygon_faults,
    position_of,
    side_fault,
    without_repeats,
)
from truceline.agreement.load import GeoJsonFolder
from truceline.agreement.problems import Path, Sheet
from truceline.errors import InputError, Problem
from truceline.model.agreement import (
    AltitudeBand,
    Band,
    Circle,
    Combination,
    Line,
    LonLats,
    Place,
    Polygon,
    Shape,
    Side,
    SpoofingSink,
)

# Past this many bad positions in one feature the rest is counted, not listed.
LISTED_POSITIONS_COUNT = 10


@dataclass(slots=True, kw_only=True)
class PlaceBuilder:
    """Builds places by id, each once, and collects what is wrong with them.

    Attributes
    ----------
    written : mapping
        The places that could be read; those that could not are no longer complained about here.
    made : dict
        The places built so far, by id.
    """

    written: Mapping[str, WrittenPlace]
    sheet: Sheet
    geojson: GeoJsonFolder
    problems: list[Problem] = field(default_factory=list)
    made: dict[str, Place] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _failed: set[str] = field(default_factory=set)

    def build_all(self) -> dict[str, Place]:
        """Every place that can be built, in the order of the file."""
        for name in self.written:
            self.place(name)
        return {name: self.made[name] for name in self.written if name in self.made}

    def place(self, name: str) -> Place | None:
        """The place of that id, or None where something about it is wrong (said once, at its own place)."""
        if (
            name in self.made
            or name in self._failed
            or name not in self.written
            or not self.written[name].kind
        ):
            return self.made.get(name)
        if name in self._open:
            circle = " -> ".join([*self._open[self._open.index(name) :], name])
            self._say(
                ("places", name),
                Fault(
                    code="place-cycle", message=f"a place made of itself: {circle}", hint="break the circle"
                ),
                at_key=True,
            )
            self._failed.update(self._open[self._open.index(name) :])
            return None
        self._open.append(name)
        made = self._build(name, self.written[name])
        self._open.pop()
        if made is None or name in self._failed:
            self._failed.add(name)
            return None
        self.made[name] = made
        return made

    def line(self, name: str) -> Line | None:
        """The line of that id, or None."""
        place = self.place(name)
        return place.shape if place is not None and isinstance(place.shape, Line) else None

    def line_with_sides(self, name: str, path: Path) -> Line | None:
        """The line of that id if it has a left and a right; where it has none that is said at ``path``."""
        line = self.line(name)
        fault = side_fault(line.lonlat_deg) if line is not None else None
        if fault is not None:
            self._say(path, fault)
            return None
        return line

    def area(self, name: str) -> Shape | None:
        """The area of that id, or None."""
        place = self.place(name)
        return place.shape if place is not None and not isinstance(place.shape, Line) else None

    # ------------------------------------------------------------ one place

    def _build(self, name: str, place: WrittenPlace) -> Place | None:
        path: Path = ("places", name)
        kind = place.kind
        if kind == "band":
            return self._band(name, place, path)
        if kind == "side":
            return self._side(name, place, path)
        if kind in COMBINED_KINDS:
            return self._combination(name, place, kind)
        assert kind in DRAWN_KINDS
        accuracy_m = place.accuracy or 0.0
        shape: Line | Shape | None
        if kind == "circle":
            assert place.circle is not None
            shape = Circle(
                centre_deg=place.circle.centre, radius_m=place.circle.radius, accuracy_m=accuracy_m
            )
        elif kind == "line":
            shape = self._drawn_line(place, (*path, "line"))
        else:
            shape = self._drawn_polygon(place, (*path, "polygon"))
        return self._named(name, place, shape, accuracy_m) if shape is not None else None

    def _named(
        self, name: str, place: WrittenPlace, shape: Line | Shape, accuracy_m: float, *bases: Place
    ) -> Place:
        sources = dict.fromkeys(base.source for base in bases if base.source)
        return Place(
            id=name,
            shape=shape,
            name=place.name,
            accuracy_m=accuracy_m,
            source=place.source or "; ".join(sources),
            note=place.note,
            schematic=place.schematic or any(base.schematic for base in bases),
        )

    def _band(self, name: str, place: WrittenPlace, path: Path) -> Place | None:
        assert place.band is not None
        band, at = place.band, (*path, "band", "along")
        # Where both widths are the same it does not matter which side is left.
        line = self.line(band.along) if band.left == band.right else self.line_with_sides(band.along, at)
        if line is None:
            return None
        accuracy_m = line.accuracy_m if place.accuracy is None else place.accuracy
        shape = Band(line=line, left_m=band.left, right_m=band.right, accuracy_m=accuracy_m)
        return self._named(name, place, shape, accuracy_m, self.made[band.along])

    def _side(self, name: str, place: WrittenPlace, path: Path) -> Place | None:
        assert place.side is not None
        line = self.line_with_sides(place.side.of, (*path, "side", "of"))
        if line is None:
            return None
        accuracy_m = line.accuracy_m if place.accuracy is None else place.accuracy
        shape = Side(line=line, side=place.side.side, accuracy_m=accuracy_m)
        return self._named(name, place, shape, accuracy_m, self.made[place.side.of])

    def _combination(self, name: str, place: WrittenPlace, kind: str) -> Place | None:
        names: list[str] = getattr(place, kind)
        parts = [self.place(part) for part in names]
        shapes = [part.shape for part in parts if part is not None and not isinstance(part.shape, Line)]
        if len(shapes) < len(names):
            return None
        bases = [part for part in parts if part is not None]
        accuracy_m = max(base.accuracy_m for base in bases)
        return self._named(name, place, Combination(op=kind, parts=tuple(shapes)), accuracy_m, *bases)

    # ------------------------------------------------------------ coordinates

    def _drawn_line(self, place: WrittenPlace, path: Path) -> Line | None:
        positions: Any = place.line
        if isinstance(positions, str):
            positions = self._positions(positions, path, ("LineString",))
            if positions is None:
                return None
        line = without_repeats(positions)
        return (
            Line(lonlat_deg=line, edges=place.edges or "geodesic", accuracy_m=place.accuracy or 0.0)
            if self._sound(line_faults(line), path)
            else None
        )

    def _drawn_polygon(self, place: WrittenPlace, path: Path) -> Polygon | None:
        written: Any = place.polygon
        if isinstance(written, str):
            written = self._positions(written, path, ("Polygon", "MultiPolygon"))
            if written is None:
                return None
        elif isinstance(written[0], tuple):
            written = [[written]]
        else:
            written = [written]
        polygons = tuple(tuple(_open_ring(ring) for ring in rings) for rings in written)
        return (
            Polygon(polygons=polygons, edges=place.edges or "geodesic", accuracy_m=place.accuracy or 0.0)
            if self._sound(polygon_faults(polygons), path)
            else None
        )

    def _positions(self, reference: str, path: Path, kinds: tuple[str, ...]) -> Any:
        """Positions of a GeoJSON feature: of a line, or of polygons (always a list of polygons); or None."""
        try:
            geometry = self.geojson.geometry(reference)
        except InputError as error:
            self._say(path, Fault(code=error.code, message=error.message, hint=error.hint))
            return None
        kind, coordinates = geometry.get("type"), geometry.get("coordinates")
        if kind not in kinds:
            hint = f"draw it as {' or '.join(kinds)}"
            if kind == "MultiLineString":
                hint = "join its parts to one line, or make each a place of its own"
            self._say(path, Fault(code="geometry-type", message=f"{reference} is a {kind}", hint=hint))
            return None
        depth = {"LineString": 1, "Polygon": 2, "MultiPolygon": 3}[str(kind)]
        bad: list[InputError] = []
        made = _checked(coordinates, depth, "", reference, bad)
        for fault in bad[:LISTED_POSITIONS_COUNT]:
            self._say(path, Fault(code=fault.code, message=fault.message, hint=fault.hint))
        if len(bad) > LISTED_POSITIONS_COUNT:
            more = f"{reference}: {len(bad) - LISTED_POSITIONS_COUNT} more positions that cannot be used"
            self._say(path, Fault(code="position", message=more, hint="mend the file where it was made"))
        if bad:
            return None
        return [made] if kind == "Polygon" else made

    def _sound(self, faults: list[Fault], path: Path) -> bool:
        for fault in faults:
            self._say(path, fault)
        return not faults

    def _say(self, path: Path, fault: Fault, *, at_key: bool = False) -> None:
        self.problems.append(
            self.sheet.problem(path, code=fault.code, message=fault.message, hint=fault.hint, at_key=at_key)
        )


def _checked(value: Any, depth: int, at: str, reference: str, bad: list[InputError]) -> Any:
    """Positions of nested lists; what is not one is added to ``bad`` with where it stands in the feature."""
    if depth == 0:
        try:
            return position_of(value)
        except InputError as error:
            bad.append(
                InputError(f"{reference} coordinates{at}: {error.message}", hint=error.hint, code=error.code)
            )
            return None
    if not isinstance(value, list) or not value:
        message = f"{reference} coordinates{at}: expected a list of positions"
        bad.append(InputError(message, hint="export the feature again", code="position"))
        return None
    made = [_checked(item, depth - 1, f"{at}[{index}]", reference, bad) for index, item in enumerate(value)]
    if depth == 1 and _is_open(value, made, at):
        message = f"{reference} coordinates{at}: a ring does not end where it begins"
        bad.append(
            InputError(
                message, hint="the last position repeats the first; is the rest missing?", code="ring-open"
            )
        )
    return made


def _is_open(value: list[Any], made: list[Any], at: str) -> bool:
    """A GeoJSON ring (it stands inside a list of rings) whose ends differ."""
    return bool(at) and None not in made and made[0] != made[-1]


def _open_ring(ring: list[tuple[float, float]]) -> LonLats:
    """A ring without repeats and without the closing position; rings of the model close by themselves."""
    cleaned = without_repeats(ring)
    return cleaned[:-1] if len(cleaned) > 1 and cleaned[0] == cleaned[-1] else cleaned


def altitude_band(band: WrittenBand | None) -> AltitudeBand | None:
    """A written band of heights in metres, each limit with its datum."""
    if band is None:
        return None
    (from_m, from_datum), (to_m, to_datum) = (limit or (None, None) for limit in (band.from_, band.to))
    return AltitudeBand(
        from_m=from_m,
        to_m=to_m,
        from_datum=from_datum or band.datum or "msl",
        to_datum=to_datum or band.datum or "msl",
    )


def spoofing_sink(sink: WrittenSink) -> SpoofingSink:
    """A written sink of spoofed positions in metres."""
    return SpoofingSink(
        name=sink.name, centre_deg=sink.centre, radius_m=sink.radius, dry_m=sink.dry, source=sink.source
    )
