"""Mistakes in a written document: where each stands, what was seen, and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from truceline.errors import Problem, Where

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where a key and its value begin; lines and columns count from 1. A list item has no key of its own."""

    key_line: int
    key_column: int
    line: int
    column: int


@dataclass(slots=True, kw_only=True)
class Sheet:
    """A document as it was written: plain data, and the mark of everything in it."""

    file: str
    data: Any = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    paths_by_id: dict[int, Path] = field(default_factory=dict)
    refused: set[Path] = field(default_factory=set)  # what could not be read, and was said to be so
    problems: list[Problem] = field(default_factory=list)

    def where(self, path: Path, *, at_key: bool = False) -> Where:
        """The place of ``path``, or of the nearest thing above it that was written."""
        known = path
        while known and known not in self.marks:
            known = known[:-1]
        mark = self.marks.get(known)
        if mark is None:
            return Where(file=self.file, line=1, column=1, path=dotted(path))
        by_key = at_key or known != path
        line, column = (mark.key_line, mark.key_column) if by_key else (mark.line, mark.column)
        return Where(file=self.file, line=line, column=column, path=dotted(path))

    def problem(
        self,
        path: Path,
        *,
        code: str,
        message: str,
        hint: str = "",
        severity: str = "error",
        at_key: bool = False,
    ) -> Problem:
        """A problem standing at ``path`` of this document."""
        where = self.where(path, at_key=at_key)
        return Problem(code=code, where=where, message=message, hint=hint, severity=severity)


def dotted(path: Path) -> str:
    """A path as a person reads it.

    Examples
    --------
    >>> dotted(("clauses", "4(2)", "limits", 0, "within"))
    'clauses.4(2).limits[0].within'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def did_you_mean(seen: object, known: Iterable[str], *, what: str = "known") -> str:
    """The way out for a name that is not known: the nearest one, and all there are.

    Examples
    --------
    >>> did_you_mean("rusia", ["russia", "turkey"], what="parties")
    "did you mean 'russia'? parties: russia, turkey"
    """
    names = list(known)
    if not names:
        return f"there are no {what} to name"
    near = difflib.get_close_matches(str(seen).lower(), [name.lower() for name in names], n=1, cutoff=0.6)
    first = next((f"did you mean {name!r}? " for name in names if near and name.lower() == near[0]), "")
    return f"{first}{what}: {', '.join(names)}"


def in_file_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Sorted by line and column; what stands at one place keeps its order, and is said once."""
    once = dict.fromkeys(problems)
    return tuple(sorted(once, key=lambda item: (item.where.line or 0, item.where.column or 0)))


# Every code, with what it says. `docs/reference/problem-codes.md` has a faulty example and the cure of each.
CODES = {
    # the file
    "file": "the file cannot be opened",
    "encoding": "the file is not UTF-8 text",
    "empty": "the file is empty",
    "yaml": "the file cannot be read as YAML",
    "yaml-alias": "a YAML alias is used",
    "yaml-tag": "a YAML tag is used",
    "duplicate-key": "a key is written twice in one mapping",
    # keys and kinds of value
    "version": "the file is written for another version",
    "missing-key": "a key that is needed is not there",
    "unknown-key": "a key that is not known here",
    "one-of": "of some keys exactly one is needed",
    "empty-value": "nothing is written where something is needed",
    "wrong-type": "another kind of value is needed",
    "unknown-value": "not one of the values known here",
    "out-of-range": "a number or a position out of its range",
    "list-length": "a list is too short or too long",
    "bad-id": "not a name that can be referred to",
    # lengths and times
    "bare-number": "a length without a unit",
    "unit": "a unit that is not known, or not a length",
    "length-range": "a length that cannot be meant",
    "altitude": "a height that cannot be meant",
    "no-datum": "a height with no datum",
    "severity": "severity distances that do not grow",
    "time": "not a date or a time",
    "no-zone": "a time without a zone",
    "zone": "no such time zone",
    "dst": "a local time that does not exist, or exists twice",
    "interval": "an end that is not after its start",
    # names
    "rule": "no such rule kind",
    "who": "not a way to say who is bound",
    "unknown-party": "no party of that name",
    "unknown-place": "no place of that name",
    "unknown-class": "no class of mover of that name",
    "unknown-act": "no act of that name",
    "not-a-line": "an area where a line is needed",
    "not-an-area": "a line where an area is needed",
    "not-aircraft": "a class that does not fly",
    # places
    "position": "not a position",
    "not-finite": "a coordinate that is not a finite number",
    "too-few-positions": "too few positions for a line or an area",
    "edge-too-long": "an edge longer than 10,000 km",
    "around-pole": "an outline round a pole",
    "zero-area": "an outline that encloses no area",
    "crossing-ring": "an outline that crosses itself",
    "ring-placement": "rings that do not fit into each other",
    "ring-open": "a GeoJSON ring that does not close",
    "crossing-line": "a line that crosses itself, where its sides are asked for",
    "closed-line": "a line that closes, where its sides are asked for",
    "place-cycle": "a place made of itself",
    "edges": "edges on a place that has none",
    "accuracy-on-combination": "an accuracy that would not be used",
    "schematic-accuracy": "a schematic place without an accuracy",
    "reference": "not a reference to a GeoJSON feature beside the file",
    "geojson-file": "a GeoJSON file that cannot be opened",
    "geojson": "a GeoJSON file that cannot be read",
    "crs": "a GeoJSON file that is not in WGS 84",
    "unknown-feature": "no feature of that id",
    "geometry-type": "another kind of geometry is needed",
    # parties and clauses
    "backed-cycle": "a party that backs itself",
    "nobody": "a clause that binds nobody",
    "no-side": "a bound party whose side is not stated",
    "no-baseline": "a bound party whose baseline is not stated",
    "exempt-all": "an exemption that would exempt everybody",
    # warnings
    "no-source": "something without a source",
    "no-accuracy": "a place taken as exact",
    "no-start": "a clause that does not say from when it holds",
    "suspension-outside": "a suspension outside the time of its clause",
    "assumption-not-listed": "an assumption that is not listed in words",
    "line-folds-back": "a line whose continuation meets itself",
    "swapped": "a place that looks as if longitude and latitude were swapped",
    "party-not-used": "a party that no clause names",
    "place-not-used": "a place that no clause uses",
}

# What the checker of types calls a wrong type, in words a lawyer reads.
_WANTED = {
    "string_type": "text",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "float_type": "a number",
    "list_type": "a list, as in [a, b]",
    "dict_type": "a mapping, as in {key: value}",
    "model_type": "a mapping, as in {key: value}",
    "model_attributes_type": "a mapping, as in {key: value}",
}
_TOO_SHORT = ("too_short", "string_too_short")


def problems_of(
    error: ValidationError, *, sheet: Sheet, keys: Mapping[int, tuple[str, ...]]
) -> list[tuple[Path, Problem]]:
    """Every mistake pydantic found, each with its path and its place in the file.

    ``keys`` holds, by the identity of a mapping of ``sheet``, the keys it may have.
    """
    return [_problem_of(item, sheet, keys) for item in error.errors(include_url=False)]


def _problem_of(
    item: ErrorDetails, sheet: Sheet, keys: Mapping[int, tuple[str, ...]]
) -> tuple[Path, Problem]:
    kind, context = item["type"], item.get("ctx", {})
    path, parent = written_path(sheet.data, item["loc"])
    if kind == "missing":
        message, hint = f"the key {path[-1]!r} is missing", f"add it: every {_thing(path[:-1])} has one"
        return path, sheet.problem(path[:-1], code="missing-key", message=message, hint=hint, at_key=True)
    if kind == "extra_forbidden":
        message = f"unknown key {path[-1]!r}"
        hint = did_you_mean(path[-1], keys.get(id(parent), ()), what="keys here")
        return path, sheet.problem(path, code="unknown-key", message=message, hint=hint, at_key=True)
    at_key = bool(item["loc"]) and item["loc"][-1] == "[key]"
    code, message, hint = _said(kind, item["msg"], context, item["input"])
    return path, sheet.problem(path, code=code, message=message, hint=hint, at_key=at_key)


def _said(kind: str, text: str, context: Mapping[str, Any], seen: object) -> tuple[str, str, str]:
    """Code, message and hint of one error."""
    if "hint" in context:  # one of our own, see document_fields
        return kind, text, str(context["hint"])
    if kind in ("wrong-type", "who"):  # the same, where the checker of types allows no more than a sentence
        message, _, hint = text.partition(" -- ")
        return kind, f"{message}, seen {brief(seen)}", hint
    if kind == "literal_error":
        known = [name.strip("' ") for name in str(context["expected"]).replace(" or ", ", ").split(",")]
        return (
            "unknown-value",
            f"{seen!r} is not one of the values known here",
            did_you_mean(seen, known, what="known"),
        )
    if kind in _TOO_SHORT and context.get("min_length") == 1:
        return "empty-value", "nothing is written here", "write what the text says, or take the key away"
    if kind in ("too_short", "too_long"):
        wanted = context.get("min_length", context.get("max_length"))
        count = f"{context['actual_length']} of them" if "actual_length" in context else brief(seen)
        limit = "at least" if kind == "too_short" else "at most"
        return "list-length", f"{limit} {wanted} are needed, seen {count}", "check the list"
    if kind in ("greater_than_equal", "less_than_equal"):
        least, most = context.get("ge"), context.get("le")
        limit = f"at least {least}" if least is not None else f"at most {most}"
        return "out-of-range", f"the number is out of range: {brief(seen)}", f"write {limit}"
    wanted = _WANTED.get(kind, "something else")
    hint = f"write {wanted}" if kind in _WANTED else text
    if kind == "string_type" and isinstance(seen, (int, float)):
        hint = f'put it in quotes: "{seen}"'
    elif kind in ("dict_type", "model_type", "model_attributes_type") and seen is None:
        hint = f"{hint}, or take the key away"
    return "wrong-type", f"expected {wanted}, seen {brief(seen)}", hint


def _thing(path: Path) -> str:
    """What stands at a path, by its name: a place, a party, a clause ..."""
    names = {"parties": "party", "places": "place", "clauses": "clause", "limits": "limit"}
    if not path:
        return "agreement file"
    if len(path) >= 2 and isinstance(path[-2], str) and path[-2] in names:
        return names[path[-2]]
    last = next((part for part in reversed(path) if isinstance(part, str)), "")
    return f"{last!r}"


def brief(seen: object) -> str:
    """A seen value, short enough for one line."""
    text = "nothing" if seen is None else "true" if seen is True else "false" if seen is False else repr(seen)
    return text if len(text) <= 60 else f"{text[:57]}..."


def written_path(data: Any, location: Iterable[str | int]) -> tuple[Path, Any]:
    """The path as written, and what holds its last part.

    The checker of types also names the branch it took, which nobody wrote; such parts are left out. The
    last part is kept where its holder is a mapping, since a missing key is not there to be found.
    """
    parts = list(location)
    node: Any = data
    parent: Any = None
    path: list[str | int] = []
    for index, part in enumerate(parts):
        is_last = index == len(parts) - 1
        if isinstance(node, dict) and (
            part in node or (is_last and isinstance(part, str) and part != "[key]")
        ):
            path.append(part)
            parent, node = node, node.get(part)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            path.append(part)
            parent, node = node, node[part]
    return tuple(path), parent
