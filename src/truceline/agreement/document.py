"""The written agreement, as its author writes it. The descriptions of the fields are its manual."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    WithJsonSchema,
    field_validator,
)

from truceline.agreement.document_fields import (
    AreaRef,
    Day,
    Distance,
    Length,
    LineRef,
    NewClauseId,
    NewId,
    PartyRef,
    Position,
    Written,
    ZoneName,
    refusal,
)
from truceline.agreement.document_rules import (
    Clause,
    WithdrawClause,
    WrittenExemption,
    WrittenLimit,
    WrittenSelector,
)
from truceline.agreement.problems import brief
from truceline.errors import InputError

SUPPORTED_VERSION = 1
DRAWN_KINDS = ("line", "polygon", "circle")
COMBINED_KINDS = ("difference", "intersection", "union")
PLACE_KINDS = (*DRAWN_KINDS, "band", "side", *COMBINED_KINDS)


def _sha256(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-f]{64}", value):
        hint = "write its 64 digits, small letters, as `sha256sum` prints them; or null"
        raise refusal(InputError(f"not a SHA-256: {brief(value)}", hint=hint, code="wrong-type"))
    return value


Sha256 = Annotated[
    str, BeforeValidator(_sha256), WithJsonSchema({"type": "string", "pattern": "^[0-9a-f]{64}$"})
]


class WrittenText(Written):
    """The words the file encodes: where they are read and what they are worth."""

    source: str = Field(default="", description="Where the words are read: an address, a document number.")
    status: Literal["signed", "final", "draft", "reported", "unpublished"] = Field(
        description="signed, final, draft, reported (known from reports only) or unpublished."
    )
    sha256: Sha256 | None = Field(
        default=None, description="SHA-256 of the copy that was used, in hex; null where none was kept."
    )
    note: str = Field(default="", description="Anything a reader should know about the words.")


class WrittenTimezone(Written):
    """The zone of every time in the file that names none."""

    zone: ZoneName = Field(description="An IANA name such as Europe/Moscow, or UTC.")
    basis: Literal["stated", "assumed"] = Field(
        description="stated: the text names the zone. assumed: the author chose it; say so in `assumptions`."
    )


class WrittenPolicy(Written):
    """When reports are enough for BREACH: a grade this good, or this many independent origins."""

    reliability: Literal["A", "B", "C", "D", "E"] = Field(
        default="B", description="Source reliability A to E, at least this good."
    )
    credibility: int = Field(
        default=2, ge=1, le=5, description="Information credibility 1 to 5, at least this good."
    )
    independent_origins: int = Field(
        default=2, ge=1, description="This many independent origins are enough as well."
    )


class WrittenParty(Written):
    """A party to the agreement, or a force that a party backs."""

    name: str = Field(min_length=1, description="The name as the text writes it.")
    backed_by: list[PartyRef] = Field(default=[], description="Ids of the parties that back this one.")
    accepts: bool | None = Field(
        default=None, description="Whether it accepts the agreement; null where the record does not say."
    )
    armed: bool | None = Field(
        default=None, description="Whether its movers are armed; null where they may be either."
    )
    note: str = Field(default="", description="Anything a reader should know about the party.")


# ---------------------------------------------------------------- places


class WrittenCircle(Written):
    """Everything within a distance of a point."""

    centre: Position = Field(description="[longitude, latitude] in degrees, WGS 84.")
    radius: Distance = Field(description="The radius with its unit, as in 55 km.")


class WrittenBand(Written):
    """Everything near a line, on its left and on its right."""

    along: LineRef = Field(description="Id of the line.")
    left: Length = Field(description="How far to the left, along the order of the line's positions.")
    right: Length = Field(description="How far to the right.")

    @field_validator("right")
    @classmethod
    def _has_width(cls, right: float, info: Any) -> float:
        if right == 0 and info.data.get("left") == 0:
            raise refusal(
                InputError("a band of no width", hint="give left, right or both", code="length-range")
            )
        return right


class WrittenSide(Written):
    """One side of a line; the first and last stretch are carried straight on."""

    of: LineRef = Field(description="Id of the line.")
    side: Literal["left", "right"] = Field(
        description="left or right, along the order of the line's positions."
    )


def _reference(value: str) -> str:
    name, mark, feature = value.partition("#")
    if not (name and mark and feature):
        raise refusal(
            InputError(
                f"not a reference to a feature: {value!r}",
                hint="write it like lines.geojson#m4: the file, then # and the id of the feature",
                code="reference",
            )
        )
    return value


GeoJsonRef = Annotated[str, AfterValidator(_reference)]


def _shape_of(value: Any) -> str | None:
    """Which way of writing was used: told by how deep the lists go."""
    if isinstance(value, str):
        return "reference"
    if not isinstance(value, list):
        return None
    first = value[0] if value else None
    deeper = isinstance(first, list) and bool(first) and isinstance(first[0], list)
    return "rings" if deeper else "positions"


_SHAPE = Discriminator(
    _shape_of,
    custom_error_type="wrong-type",
    custom_error_message="expected positions or a reference to a feature"
    " -- write [[lon, lat], [lon, lat]] or file.geojson#id",
)
Positions = Annotated[list[Position], Tag("positions")]
WrittenLine = Annotated[Annotated[GeoJsonRef, Tag("reference")] | Positions, _SHAPE]
WrittenRings = Annotated[
    Annotated[GeoJsonRef, Tag("reference")] | Positions | Annotated[list[list[Position]], Tag("rings")],
    _SHAPE,
]
Areas = Annotated[list[AreaRef], Field(min_length=2)]


class WrittenPlace(Written):
    """A named line or area, with how good it is and where it comes from. Exactly one kind is written."""

    exactly_one_of: ClassVar[tuple[str, ...]] = PLACE_KINDS

    line: WrittenLine | None = Field(
        default=None, description="A line: [[lon, lat], ...], or file.geojson#id for a LineString."
    )
    polygon: WrittenRings | None = Field(
        default=None,
        description="An area: one ring [[lon, lat], ...], or [[ring], [hole]], or file.geojson#id.",
    )
    circle: WrittenCircle | None = Field(
        default=None, description="An area: {centre: [lon, lat], radius: 55 km}."
    )
    band: WrittenBand | None = Field(
        default=None, description="An area: {along: line, left: 6 km, right: 6 km}."
    )
    side: WrittenSide | None = Field(default=None, description="An area: {of: line, side: left}.")
    difference: Areas | None = Field(default=None, description="The first area less the rest.")
    intersection: Areas | None = Field(default=None, description="What all the areas share.")
    union: Areas | None = Field(default=None, description="All the areas together.")
    name: str = Field(default="", description="The name on maps and in reports; the id where left out.")
    edges: Literal["geodesic", "parallel"] | None = Field(
        default=None,
        description="What a line or outline is between positions: geodesic (the shortest way, the default) "
        "or parallel (along the parallel of latitude).",
    )
    accuracy: Length | None = Field(
        default=None,
        description="How far the true line may lie to either side, 95 times in 100. A band or side takes "
        "that of its line.",
    )
    source: str = Field(default="", description="Where the coordinates come from.")
    note: str = Field(default="", description="Anything a reader should know about the place.")
    schematic: bool = Field(
        default=False, description="true where it was sketched and not surveyed; findings on it are marked."
    )

    @classmethod
    def key_faults(cls, data: dict[str, Any]) -> list[InputError]:
        """Accuracy and edges belong to what is drawn, not to what is made of other places."""
        faults = super().key_faults(data)
        drawn = [key for key in DRAWN_KINDS if key in data]
        combined = [key for key in COMBINED_KINDS if key in data]
        if "accuracy" in data and combined and not drawn:
            message = f"an accuracy on a place made by {combined[0]} would not be used"
            faults.append(InputError(message, hint="state it on the parts", code="accuracy-on-combination"))
        if "edges" in data and not ({"line", "polygon"} & data.keys()):
            hint = "take it away; a band or side follows the edges of its line"
            faults.append(InputError("edges are those of a line or polygon", hint=hint, code="edges"))
        if data.get("schematic") is True and drawn and "accuracy" not in data:
            hint = "state how far off it may be, as in accuracy: 5 km"
            message = "a schematic place without an accuracy would be taken as exact"
            faults.append(InputError(message, hint=hint, code="schematic-accuracy"))
        return faults

    @property
    def kind(self) -> str:
        """The one kind that is written; "" where none is."""
        return next((key for key in self.exactly_one_of if getattr(self, key) is not None), "")


# ---------------------------------------------------------------- the whole


def _version(value: int) -> int:
    if value != SUPPORTED_VERSION:
        raise refusal(
            InputError(
                f"written for version {value} of the agreement file",
                hint=f"this program reads version {SUPPORTED_VERSION}",
                code="version",
            )
        )
    return value


class WrittenSink(Written):
    """A place at which receivers under spoofing are known to appear."""

    name: str = Field(min_length=1, description="What it is called.")
    centre: Position = Field(description="Longitude, latitude.")
    radius: Distance = Field(
        description="Positions this near, reached by an impossible leap, are not believed."
    )
    dry: Length = Field(default=0.0, description="No vessel can be this near the centre: all of it is land.")
    source: str = Field(min_length=1, description="Who reported it, and when.")


class Document(Written):
    """An agreement, written in YAML 1.2. Lengths carry their unit and times their zone."""

    truceline: Annotated[int, AfterValidator(_version)] = Field(
        description="Version of the agreement file: 1."
    )
    title: str = Field(min_length=1, description="The title of the agreement.")
    text: WrittenText = Field(description="The words the file encodes.")
    signed: Day | None = Field(default=None, description="The day of signature, as in 2020-03-05.")
    timezone: WrittenTimezone | None = Field(
        default=None, description="The zone of times that name none. Without it every time names its own."
    )
    exercise: bool = Field(default=False, description="true: made up for an exercise or a test.")
    assumptions: list[str] = Field(
        default=[], description="Every assumption made while encoding, one sentence each."
    )
    policy: WrittenPolicy = Field(default=WrittenPolicy(), description="When reports are enough for BREACH.")
    spoofing_sinks: list[WrittenSink] = Field(
        default=[], description="Places, beside those known, at which receivers under spoofing appear."
    )
    parties: dict[NewId, WrittenParty] = Field(min_length=1, description="The parties, by id.")
    places: dict[NewId, WrittenPlace] = Field(default={}, description="Named lines and areas, by id.")
    clauses: dict[NewClauseId, Clause] = Field(
        min_length=1, description="The clauses, by their number in the text."
    )


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the agreement file, for editors and other programs.

    It knows keys, kinds of value and which keys go together. What needs the whole file, such as whether a
    party is declared, only :func:`truceline.agreement.check_document` can tell.

    Examples
    --------
    >>> json_schema()["properties"]["title"]["description"]
    'The title of the agreement.'
    """
    schema = Document.model_json_schema()
    definitions = schema.get("$defs", {})
    for model in (WrittenPlace, WrittenSelector, WrittenLimit, WithdrawClause):
        one_of = [{"required": [key]} for key in model.exactly_one_of]
        definitions[model.__name__]["oneOf"] = one_of
    conditions = WrittenExemption.conditions
    definitions["WrittenExemption"]["anyOf"] = [{"required": [key]} for key in conditions]
    _tidy(schema)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _tidy(node: Any) -> None:
    """Take out titles made from names and defaults in units nobody writes; close mappings keyed by id."""
    if isinstance(node, list):
        for item in node:
            _tidy(item)
        return
    if not isinstance(node, dict):
        return
    if isinstance(node.get("title"), str) and (
        "type" in node or "anyOf" in node or "oneOf" in node or "$ref" in node
    ):
        del node["title"]
    if node.get("type") == "string" and not isinstance(node.get("default", ""), str):
        del node["default"]
    if "patternProperties" in node:
        node["additionalProperties"] = False
    for value in node.values():
        _tidy(value)
