"""What stands but deserves a second look: sources, accuracies, assumptions, things declared and never used.

Warnings do not keep a file from loading. Each has a way to say "I mean it": give the value, or write null.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from truceline.agreement import document_rules as rules
from truceline.agreement.document import DRAWN_KINDS, WrittenPlace
from truceline.agreement.geometry import at, centre_of, ends_fold_back, look_swapped
from truceline.agreement.problems import Path, Sheet
from truceline.errors import Problem
from truceline.model.agreement import Circle, Line, Place, Polygon


def lint(
    *, sheet: Sheet, parts: Mapping[str, Mapping[str, Any]], places: Mapping[str, Place], whole: bool
) -> list[Problem]:
    """Warnings, and the errors that need the whole file.

    Parameters
    ----------
    sheet : Sheet
        The document as written.
    parts : mapping
        The parties, places and clauses that could be read, by section and id.
    places : mapping
        The places that could be built.
    whole : bool
        No mistake was found so far: only then can it be said that something is never used.
    """
    checker = _Linter(sheet=sheet, parts=parts, places=places)
    found = [
        *checker.backing(),
        *checker.sources(),
        *checker.accuracies(),
        *checker.times(),
        *checker.assumptions(),
        *checker.lines_with_sides(),
        *checker.swapped(),
    ]
    return [*found, *checker.unused()] if whole else found


@dataclass(slots=True, kw_only=True)
class _Linter:
    sheet: Sheet
    parts: Mapping[str, Mapping[str, Any]]
    places: Mapping[str, Place]

    def _warn(self, path: Path, code: str, message: str, hint: str) -> Problem:
        return self.sheet.problem(
            path, code=code, message=message, hint=hint, severity="warning", at_key=True
        )

    def backing(self) -> Iterator[Problem]:
        """Nobody backs itself, directly or through others."""
        parties = self.parts["parties"]
        for name in parties:
            seen: set[str] = set()
            todo = [name]
            while todo:
                known = parties.get(todo.pop())
                fresh = set(known.backed_by) - seen if known is not None else set()
                seen |= fresh
                todo += fresh
            if name in seen:
                path = ("parties", name, "backed_by")
                message, hint = f"{name!r} is said to back itself", "take one of the links of the circle away"
                yield self.sheet.problem(path, code="backed-cycle", message=message, hint=hint)

    def sources(self) -> Iterator[Problem]:
        """Everything can be traced: the text, each drawn place, each clause."""
        text = self.sheet.data.get("text")
        if isinstance(text, dict) and not text.get("source"):
            yield self._warn(("text",), "no-source", "the text has no source", "say where the words are read")
        for name, place in self.parts["places"].items():
            if place.kind in DRAWN_KINDS and not place.source:
                hint = "say where the coordinates come from"
                yield self._warn(("places", name), "no-source", f"place {name!r} has no source", hint)
        for name, clause in self.parts["clauses"].items():
            if not clause.source:
                hint = "give the page, paragraph or address of its words"
                yield self._warn(("clauses", name), "no-source", f"clause {name} has no source", hint)

    def accuracies(self) -> Iterator[Problem]:
        """A drawn place without an accuracy is taken as exact, and a breach of it as certain."""
        for name, place in self.parts["places"].items():
            if place.kind in DRAWN_KINDS and place.accuracy is None:
                message = f"place {name!r} has no accuracy and is taken as exact"
                hint = "state how far off it may be, as in accuracy: 500 m, or accuracy: 0 m if it is exact"
                yield self._warn(("places", name), "no-accuracy", message, hint)

    def times(self) -> Iterator[Problem]:
        """A judged clause says from when it holds; a suspension lies inside the time of its clause."""
        for name, clause in self.parts["clauses"].items():
            path: Path = ("clauses", name)
            judged = not isinstance(clause, rules.RecordedClause)
            if judged and "from_" not in clause.model_fields_set:
                message = f"clause {name} does not say from when it holds, so it holds at all times before"
                yield self._warn(
                    path, "no-start", message, "add from, or from: null if the text gives no beginning"
                )
            for index, item in enumerate(clause.suspended):
                late = clause.until is not None and item.from_ >= clause.until
                early = clause.from_ is not None and item.until is not None and item.until <= clause.from_
                if late or early:
                    message, hint = "suspended at a time when the clause is not in force", "check the dates"
                    yield self._warn((*path, "suspended", index), "suspension-outside", message, hint)

    def assumptions(self) -> Iterator[Problem]:
        """What the file marks as assumed or sketched is listed, in words, where a reader looks for it."""
        data = self.sheet.data
        listed = _texts(data.get("assumptions"))
        timezone = data.get("timezone")
        if (
            isinstance(timezone, dict)
            and timezone.get("basis") == "assumed"
            and not _mentions(listed, "zone", "time")
        ):
            message = "the time zone is assumed and no assumption says so"
            hint = f"add to assumptions: The text names no zone; {timezone.get('zone')} is assumed."
            yield self._warn(("timezone",), "assumption-not-listed", message, hint)
        for name, place in self.parts["places"].items():
            if place.schematic and not _mentions(listed, "schematic", "sketch", name):
                message = f"place {name!r} is schematic and no assumption says so"
                hint = f"add to assumptions: {name} is a schematic line, drawn from ..."
                yield self._warn(("places", name), "assumption-not-listed", message, hint)

    def lines_with_sides(self) -> Iterator[Problem]:
        """Near an end that points back at its own line, left and right are not what a reader expects."""
        for path, name in _sided_lines(self.parts):
            place = self.places.get(name)
            end = ends_fold_back(place.shape.lonlat_deg) if place and isinstance(place.shape, Line) else None
            if end is not None:
                message = f"line {name!r} carried straight on past {at(end)} meets itself"
                hint = "carry the line on by hand, past the ground the agreement is about"
                yield self._warn(path, "line-folds-back", message, hint)

    def swapped(self) -> Iterator[Problem]:
        """A place far from all others that would lie among them with latitude and longitude swapped."""
        centres = {
            name: centre for name, place in self.places.items() if (centre := _centre(place)) is not None
        }
        for name, centre in centres.items():
            if look_swapped(centre, [other for key, other in centres.items() if key != name]):
                message = f"place {name!r} lies far from every other place of the file"
                hint = "longitude comes first: are the two swapped?"
                yield self._warn(("places", name), "swapped", message, hint)

    def unused(self) -> Iterator[Problem]:
        """What is declared and bound to nothing is often a name misspelt elsewhere."""
        clauses = list(self.parts["clauses"].values())
        named = {party for clause in clauses for party in _parties_in(clause)}
        named |= {backer for party in self.parts["parties"].values() for backer in party.backed_by}
        everybody = any(_binds_everybody(clause) for clause in clauses)
        for name in self.parts["parties"]:
            if not everybody and name not in named:
                hint = "name it in a clause, or take it away"
                yield self._warn(("parties", name), "party-not-used", f"no clause names party {name!r}", hint)
        used: set[str] = set()
        todo = [place for clause in clauses for place in _places_in(clause)]
        while todo:
            name = todo.pop()
            if name not in used:
                used.add(name)
                todo += _bases(self.parts["places"][name])
        for name in self.parts["places"]:
            if name not in used:
                hint = "name it in a clause, or take it away"
                yield self._warn(("places", name), "place-not-used", f"no clause uses place {name!r}", hint)


def _texts(value: Any) -> list[str]:
    return [item.lower() for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _mentions(listed: Iterable[str], *words: str) -> bool:
    return any(word.lower() in text for text in listed for word in words)


def _centre(place: Place) -> tuple[float, float] | None:
    match place.shape:
        case Line(lonlat_deg=positions):
            return centre_of(positions)
        case Polygon(polygons=polygons):
            return centre_of(polygons[0][0])
        case Circle(centre_deg=centre):
            return centre
    return None


def _sided_lines(parts: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[Path, str]]:
    """Every use of a line that asks for its left and right."""
    for name, place in parts["places"].items():
        if place.side is not None:
            yield ("places", name), place.side.of
    for name, clause in parts["clauses"].items():
        if isinstance(clause, rules.KeepSideClause):
            yield ("clauses", name), clause.line
        if isinstance(clause, rules.WithdrawClause) and clause.own_side is not None:
            stated = clause.baseline
            for line in dict.fromkeys(stated.values() if isinstance(stated, dict) else [stated]):
                yield ("clauses", name), line


def _selectors(clause: rules.WrittenClause) -> list[Any]:
    own = [getattr(clause, "who", None)]
    return [*own, *clause.between] if isinstance(clause, rules.SeparateClause) else own


def _binds_everybody(clause: rules.WrittenClause) -> bool:
    return any(
        who == "all" or (isinstance(who, rules.WrittenSelector) and who.all_ is not None)
        for who in _selectors(clause)
    )


def _parties_in(clause: rules.WrittenClause) -> Iterator[str]:
    for who in _selectors(clause):
        if isinstance(who, list):
            yield from who
        elif isinstance(who, rules.WrittenSelector):
            yield from who.parties or ()
            yield from who.except_
    if isinstance(clause, rules.KeepSideClause):
        yield from clause.sides
    if isinstance(clause, rules.WithdrawClause) and isinstance(clause.baseline, dict):
        yield from clause.baseline
    yield from clause.contested_by
    yield from (item.by for item in clause.suspended)
    yield from (party for item in clause.exempt for party in item.parties or ())


def _places_in(clause: rules.WrittenClause) -> Iterator[str]:
    where = getattr(clause, "where", None)
    if where is not None:
        yield where
    yield from (item.where for item in clause.exempt if item.where is not None)
    if isinstance(clause, rules.KeepSideClause):
        yield clause.line
    if isinstance(clause, rules.NoFlyClause):
        yield from (name for limit in clause.limits for name in (limit.of, limit.where) if name is not None)
    if isinstance(clause, rules.WithdrawClause):
        yield from clause.baseline.values() if isinstance(clause.baseline, dict) else [clause.baseline]


def _bases(place: WrittenPlace) -> list[str]:
    """The places a place is made of."""
    if place.band is not None:
        return [place.band.along]
    if place.side is not None:
        return [place.side.of]
    return [*(place.difference or ()), *(place.intersection or ()), *(place.union or ())]
