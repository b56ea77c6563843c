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
_TOO_SMALL = ("too_short", "string_too_short", "greater_than", "greater_than_equal")
_TOO_LARGE = ("too_long", "string_too_long", "less_than", "less_than_equal")


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
    if kind in _TOO_SMALL or kind in _TOO_LARGE:
        limit = next(
            (value for key, value in context.items() if key in ("gt", "ge", "lt", "le", "min_length")), ""
        )
        size = "small or short" if kind in _TOO_SMALL else "large or long"
        return "out-of-range", f"too {size}: {brief(seen)}", f"{text} ({limit})" if limit == "" else text
    wanted = _WANTED.get(kind, "something else")
    hint = f"write {wanted}"
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
    parts, node, parent = list(location), data, None
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
