"""The clauses of a written agreement, one class for each rule kind. The descriptions are the manual."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    Tag,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic.json_schema import SkipJsonSchema

from truceline.agreement.document_fields import (
    ActRef,
    AreaRef,
    CalibreMm,
    ClassRef,
    Distance,
    Instant,
    Length,
    LineRef,
    Names,
    PartyRef,
    Written,
    WrittenBand,
    expanded_classes,
    known_name,
    refusal,
)
from truceline.agreement.problems import brief, did_you_mean
from truceline.errors import InputError
from truceline.model.evidence import ACTS
from truceline.model.identity import CLASSES
from truceline.timebase import format_instant

# Rule kinds that are kept as text: known to the field, not judged by this version.
_RECORDED = (
    "recorded cap range-cap altitude route notify consult-first patrol store deadline conduct inspect ladder"
)
RECORDED_KINDS = (*_RECORDED.split(), "status-quo")
JUDGED_KINDS = ("cease", "keep-out", "keep-side", "no-fly", "withdraw", "separate")

Side = Literal["left", "right"]

# ---------------------------------------------------------------- who


class WrittenSelector(Written):
    """Whom a clause binds. All that is stated must hold."""

    exactly_one_of: ClassVar[tuple[str, ...]] = ("all", "parties")

    all_: Literal["any", "armed"] | None = Field(
        default=None, alias="all", description="any: everybody. armed: every armed mover."
    )
    parties: list[PartyRef] | None = Field(default=None, min_length=1, description="Only these parties.")
    except_: list[PartyRef] = Field(default=[], alias="except", description="Not these parties.")
    classes: list[ClassRef] | None = Field(
        default=None,
        min_length=1,
        description="Only these classes; aircraft, land, sea and weapon are groups.",
    )
    calibre_at_least: CalibreMm | None = Field(
        default=None, description="Only weapons of this calibre or more."
    )
    range_at_least: Distance | None = Field(
        default=None, description="Only weapons that reach this far or more."
    )
    backed: bool = Field(
        default=False, description="true: the forces that the named parties back are meant too."
    )


def _who_shape(value: Any) -> str | None:
    if isinstance(value, str):
        return "word"
    return (
        "list"
        if isinstance(value, list)
        else "mapping"
        if isinstance(value, (dict, WrittenSelector))
        else None
    )


def _all(value: Any, info: ValidationInfo) -> str:
    if value == "all":
        return "all"
    names = info.context
    known = names.parties if isinstance(names, Names) and names.parties else ()
    hint = f"write [{value}]" if value in known else did_you_mean(value, ["all", *known], what="who can be")
    raise refusal(
        InputError(f"expected all, or a list of parties, seen {brief(value)}", hint=hint, code="who")
    )


Who = Annotated[
    Annotated[Literal["all"], BeforeValidator(_all), Tag("word")]
    | Annotated[list[PartyRef], Field(min_length=1), Tag("list")]
    | Annotated[WrittenSelector, Tag("mapping")],
    Discriminator(
        _who_shape,
        custom_error_type="who",
        custom_error_message="expected all, a list of parties, or a mapping"
        " -- write all, or [usa, russia], or {all: armed, except: [russia]}",
    ),
]

# ---------------------------------------------------------------- what every clause may have


class WrittenExemption(Written):
    """Who is exempt, and on what condition. All that is stated must hold."""

    conditions: ClassVar[tuple[str, ...]] = ("purpose", "classes", "parties", "where")

    purpose: list[str] | None = Field(
        default=None, min_length=1, description="What it was there for: medevac ..."
    )
    classes: list[ClassRef] | None = Field(default=None, min_length=1, description="Classes that are exempt.")
    parties: list[PartyRef] | None = Field(default=None, min_length=1, description="Parties that are exempt.")
    where: AreaRef | None = Field(default=None, description="Only in this area.")
    text: str = Field(default="", description="The words of the exemption.")

    @classmethod
    def key_faults(cls, data: dict[str, Any]) -> list[InputError]:
        """An exemption with no condition would exempt everybody."""
        if set(cls.conditions) & data.keys():
            return []
        hint = "state purpose, classes, parties or where; to stop the clause for all, use suspended"
        return [
            InputError("an exemption with no condition would exempt everybody", hint=hint, code="exempt-all")
        ]


def _until_after_from(until: int | None, info: ValidationInfo) -> int | None:
    start = info.data.get("from_")
    if until is not None and start is not None and until <= start:
        message = (
            f"it ends at {format_instant(until)}, which is not after its start at {format_instant(start)}"
        )
        raise refusal(InputError(message, hint="are the two swapped, or the zones mixed?", code="interval"))
    return until


def _party_or_all(value: Any, info: ValidationInfo) -> str:
    if value == "all":
        return "all"
    names = info.context
    if not isinstance(names, Names) or names.parties is None:
        return str(value)
    return known_name(value, ("all", *names.parties), code="unknown-party", what="party", plural="parties")


PartyOrAll = Annotated[str, BeforeValidator(_party_or_all)]


class WrittenSuspension(Written):
    """A time during which the clause is not applied, by one party or by all."""

    by: PartyOrAll = Field(description="The party that suspended it, or all.")
    from_: Instant = Field(alias="from", description="When the suspension began.")
    until: Instant | None = Field(default=None, description="When it ended; left out where it has not.")
    notice: str = Field(default="", description="How it was given notice of, and whether that was delivered.")

    _ordered = field_validator("until")(_until_after_from)


class WrittenClause(Written):
    """What every clause may have."""

    title: str = Field(default="", description="A few words for lists and reports.")
    text: str = Field(min_length=1, description="The words of the clause, quoted; or the words as reported.")
    source: str = Field(default="", description="Page, paragraph or address of these words.")
    from_: Instant | None = Field(
        default=None, alias="from", description="From when; null says that the text gives no beginning."
    )
    until: Instant | None = Field(default=None, description="Until when (that instant is no longer bound).")
    tolerance: Length = Field(default=0.0, description="What the parties agreed to overlook, as in 50 m.")
    note: str = Field(default="", description="Anything a reader should know about the clause.")
    assumptions: list[str] = Field(default=[], description="Assumptions made while encoding this clause.")
    contested_by: list[PartyRef] = Field(default=[], description="Parties that do not accept this clause.")
    exempt: list[WrittenExemption] = Field(default=[], description="Who is exempt, and on what condition.")
    suspended: list[WrittenSuspension] = Field(
        default=[], description="When it was not applied, and by whom."
    )

    _ordered = field_validator("until")(_until_after_from)


# ---------------------------------------------------------------- the rule kinds


Acts = Annotated[
    list[ActRef],
    BeforeValidator(lambda value: [value] if value == "any" else value),
    WithJsonSchema(
        {"anyOf": [{"const": "any"}, {"type": "array", "minItems": 1, "items": {"enum": [*ACTS, "any"]}}]}
    ),
]


class CeaseClause(WrittenClause):
    """None of these acts by anyone bound."""

    rule: Literal["cease"]
    who: Who = Field(description="Whom it binds: all, a list of parties, or a mapping.")
    acts: Acts = Field(min_length=1, description="The acts that cease; any for all of them.")
    where: AreaRef | None = Field(default=None, description="The area; left out for everywhere.")


class AreaClause(WrittenClause):
    """What every clause about an area may have."""

    altitude: WrittenBand | None = Field(
        default=None, description="Heights it is limited to, as in {from: 0 m agl, to: FL150}."
    )


class KeepOutClause(AreaClause):
    """Nobody bound is inside the area."""

    rule: Literal["keep-out"]
    who: Who = Field(description="Whom it binds.")
    where: AreaRef = Field(description="The area to stay out of.")


class KeepSideClause(AreaClause):
    """Each party stays on its side of a line."""

    rule: Literal["keep-side"]
    line: LineRef = Field(description="Id of the line.")
    sides: dict[PartyRef, Side] = Field(
        min_length=1, description="The side each party stays on, as in {usa: left}."
    )
    who: Who | None = Field(
        default=None,
        description="Narrows whom it binds, or adds backed forces; the parties in sides if left out.",
    )


class WrittenLimit(Written):
    """No flight of these classes near a line or in an area."""

    exactly_one_of: ClassVar[tuple[str, ...]] = ("within", "where")
    may_be_null: ClassVar[tuple[str, ...]] = ("within",)

    classes: list[ClassRef] = Field(
        min_length=1, description="Classes of aircraft; aircraft is the whole group."
    )
    within: Distance | None = Field(
        default=None, description="On both sides of the line in `of`; null: the number is not published."
    )
    of: LineRef | None = Field(default=None, description="Id of the line.")
    where: AreaRef | None = Field(default=None, description="An area instead of a distance from a line.")

    @classmethod
    def key_faults(cls, data: dict[str, Any]) -> list[InputError]:
        """A distance is measured from something; an area is not."""
        faults = super().key_faults(data)
        if data.get("within") is not None and "of" not in data:
            hint = "name the line it is measured from: of: line-id"
            faults.append(
                InputError("a distance with no line to measure it from", hint=hint, code="missing-key")
            )
        if "where" in data and "of" in data:
            hint = "take `of` away, or give a distance with `within`"
            faults.append(InputError("`of` goes with `within`, not with an area", hint=hint, code="one-of"))
        return faults

    @field_validator("classes")
    @classmethod
    def _fly(cls, names: list[str]) -> list[str]:
        grounded = sorted(name for name in expanded_classes(names) if CLASSES[name].domain != "air")
        if grounded:
            fliers = [item.id for item in CLASSES.values() if item.domain == "air"]
            hint = f"classes that do: {', '.join(fliers)}"
            raise refusal(InputError(f"does not fly: {', '.join(grounded)}", hint=hint, code="not-aircraft"))
        return names


class NoFlyClause(AreaClause):
    """No flight, each class with its own limit."""

    rule: Literal["no-fly"]
    who: Who = Field(description="Whom it binds.")
    limits: list[WrittenLimit] = Field(min_length=1, description="For each class how near, or where.")


class WithdrawClause(AreaClause):
    """At least this far from a baseline."""

    exactly_one_of: ClassVar[tuple[str, ...]] = ("per_side", "width")
    may_be_null: ClassVar[tuple[str, ...]] = ("per_side", "width")

    rule: Literal["withdraw"]
    who: Who = Field(description="Whom and which weapons it binds.")
    baseline: Annotated[
        Annotated[LineRef, Tag("line")]
        | Annotated[dict[PartyRef, LineRef], Field(min_length=1), Tag("each")],
        Discriminator(lambda value: "each" if isinstance(value, dict) else "line"),
    ] = Field(
        description="Id of the line from which it is measured, or one for each party: {a: line-1, b: line-2}."
    )
    per_side: Distance | None = Field(
        default=None, description="The distance each side keeps from its baseline; null: not published."
    )
    width: Distance | None = Field(
        default=None, description="The width of the whole zone, both sides together; null: not published."
    )
    own_side: dict[PartyRef, Side] | None = Field(
        default=None,
        min_length=1,
        description="The side of the baseline that is each party's own. With it, being past the line counts "
        "as too near; without it the distance counts on both sides.",
    )


class SeparateClause(WrittenClause):
    """Any mover of the one and any of the other stay this far apart."""

    rule: Literal["separate"]
    between: list[Who] = Field(min_length=2, max_length=2, description="The two: [[usa], [russia, syria]].")
    distance: Distance | None = Field(description="The least distance; null: it is not published.")
    vertical: Distance | None = Field(
        default=None,
        description="Movers at least this far above or below each other may be nearer; without it the distance "
        "counts at every height.",
    )
    vertical_accuracy: Distance | None = Field(
        default=None,
        description="How well the recorded heights are known, 95 %; without it nothing is certain in the vertical.",
    )
    severity: dict[Literal["A", "B", "C"], Distance] = Field(
        default={}, description="Closest approach up to which an encounter is of severity A, B and C."
    )

    @field_validator("severity")
    @classmethod
    def _ordered_severity(cls, severity: dict[str, float]) -> dict[str, float]:
        seen = [severity[key] for key in "ABC" if key in severity]
        if seen != sorted(seen):
            hint = "A is the nearest approach, then B, then C"
            raise refusal(
                InputError("severity distances do not grow from A to C", hint=hint, code="severity")
            )
        return severity


class RecordedClause(WrittenClause):
    """A clause whose rule this version does not judge. Its words are kept and shown."""

    rule: Literal[RECORDED_KINDS]  # type: ignore[valid-type]
    who: Who | None = Field(default=None, description="Whom it binds, as far as that can be said.")


def _no_such_rule(value: Any) -> str:
    known = [*JUDGED_KINDS, *RECORDED_KINDS]
    raise refusal(
        InputError(f"no rule kind {brief(value)}", hint=did_you_mean(value, known, what="rules"), code="rule")
    )


class UnknownRule(WrittenClause, extra="ignore"):
    """A clause with a rule kind nobody knows; what every clause may have is still checked."""

    rule: Annotated[str, BeforeValidator(_no_such_rule)]


def _rule_kind(value: Any) -> str | None:
    kind = value.get("rule") if isinstance(value, dict) else getattr(value, "rule", None)
    if not isinstance(value, (dict, WrittenClause)):
        return None
    return kind if kind in JUDGED_KINDS else "recorded" if kind in RECORDED_KINDS else "unknown"


Clause = Annotated[
    Annotated[CeaseClause, Tag("cease")]
    | Annotated[KeepOutClause, Tag("keep-out")]
    | Annotated[KeepSideClause, Tag("keep-side")]
    | Annotated[NoFlyClause, Tag("no-fly")]
    | Annotated[WithdrawClause, Tag("withdraw")]
    | Annotated[SeparateClause, Tag("separate")]
    | Annotated[RecordedClause, Tag("recorded")]
    | SkipJsonSchema[Annotated[UnknownRule, Tag("unknown")]],
    Discriminator(
        _rule_kind,
        custom_error_type="wrong-type",
        custom_error_message="expected a clause: a mapping with a rule and its text"
        " -- write {rule: keep-out, who: all, where: zone, text: ...}",
    ),
]
