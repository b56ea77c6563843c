"""YAML documents beside the data (mapping files): checked whole, every mistake with its line and column."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from truceline.errors import DocumentError, Problem
from truceline.formats.guard.source import Source, decode_text, load_source, too_large

MAX_MAPPING_BYTES = 1024 * 1024
MAX_DEPTH_COUNT = 16

ModelT = TypeVar("ModelT", bound=BaseModel)


def load_document(path: str | Path, model: type[ModelT]) -> ModelT:
    """Read a small YAML 1.2 file and check it against ``model``, all mistakes at once with line and column.

    Raises
    ------
    DocumentError
        With every problem found, in file order.
    InputError
        Code ``no-file``.
    """
    source = load_source(path, name=str(path))
    if len(source.data) > MAX_MAPPING_BYTES:
        raise too_large(len(source.data), source.name)
    text = decode_text(source)
    try:
        _refuse_tricks(text, source)
        tree = _yaml().load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        at = source.where(mark.line + 1, mark.column + 1) if mark else source.where()
        raise _broken([Problem(code="yaml", where=at, message=str(error.problem))], source) from None
    except YAMLError as error:
        raise _broken([Problem(code="yaml", where=source.where(), message=str(error))], source) from None
    places: dict[tuple[str | int, ...], tuple[int, int]] = {(): (1, 1)}
    plain = _plain(tree, (), places)
    try:
        return model.model_validate(plain if plain is not None else {})
    except ValidationError as error:
        problems = [_problem(item, source, places, model) for item in error.errors()]
        problems.sort(key=lambda one: (one.where.line or 0, one.where.column or 0))
        raise _broken(problems, source) from None


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.version = (1, 2)
    return yaml


def _refuse_tricks(text: str, source: Source) -> None:
    """DocumentError where the YAML repeats a part by alias (it could grow without end) or nests too deep."""
    depth = 0
    for event in _yaml().parse(text):
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if isinstance(event, AliasEvent) or depth > MAX_DEPTH_COUNT:
            what = "an alias" if isinstance(event, AliasEvent) else f"nesting deeper than {MAX_DEPTH_COUNT}"
            at = source.where(event.start_mark.line + 1, event.start_mark.column + 1)
            problem = Problem(code="yaml", where=at, message=f"{what} is not read here", hint="write it out")
            raise _broken([problem], source)


def _broken(problems: list[Problem], source: Source) -> DocumentError:
    return DocumentError("the file does not stand", problems=problems, where=source.where())


def _plain(node: Any, at: tuple[str | int, ...], places: dict[tuple[str | int, ...], tuple[int, int]]) -> Any:
    """The tree as dicts and lists, with the line and column of every key written into ``places``."""
    if isinstance(node, CommentedMap):
        for key in node:
            row = node.lc.data[key]
            places[(*at, str(key))] = (row[0] + 1, row[1] + 1)
        return {str(key): _plain(value, (*at, str(key)), places) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        for index in range(len(node)):
            row = node.lc.data[index]
            places[(*at, index)] = (row[0] + 1, row[1] + 1)
        return [_plain(value, (*at, index), places) for index, value in enumerate(node)]
    return node


def _problem(
    item: ErrorDetails,
    source: Source,
    places: dict[tuple[str | int, ...], tuple[int, int]],
    model: type[BaseModel],
) -> Problem:
    location = item["loc"]
    known = location
    while known not in places:
        known = known[:-1]
    line, column = places[known]
    path = ".".join(str(part) for part in location)
    where = source.where(line, column, path)
    if item["type"] == "extra_forbidden":
        near = difflib.get_close_matches(str(location[-1]), _keys(model), n=1)
        hint = f"did you mean {near[0]!r}?" if near else "remove it"
        return Problem(code="unknown-key", where=where, message=f"unknown key {location[-1]!r}", hint=hint)
    if item["type"] == "missing":
        return Problem(code="missing", where=where, message=f"{location[-1]!r} is needed here")
    hint = str(item.get("ctx", {}).get("hint", ""))
    seen = f", seen {item['input']!r}" if not isinstance(item["input"], (dict, list)) else ""
    return Problem(
        code=item["type"].replace("_", "-"), where=where, message=f"{item['msg']}{seen}", hint=hint
    )


def _keys(model: type[BaseModel]) -> list[str]:
    """Every key the document knows at any depth, for "did you mean"."""
    names: list[str] = []
    for name, info in model.model_fields.items():
        names.append(info.alias or name)
        kinds: list[Any] = [info.annotation, *getattr(info.annotation, "__args__", ())]
        for kind in kinds:
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                names.extend(_keys(kind))
    return names
