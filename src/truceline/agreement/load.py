"""Files to plain data: YAML 1.2 with the line and column of every key and value, and GeoJSON beside it.

Text stays text: a date, ``no`` and ``1_000`` are strings, as YAML 1.2 has them. Nothing is guessed: a key
written twice, an alias, a tag and a number that is not finite are each refused.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from truceline.agreement.problems import Mark, Path, Sheet, did_you_mean
from truceline.errors import InputError, Problem, Where

MAX_YAML_BYTES = 5_000_000
MAX_GEOJSON_BYTES = 50_000_000

# The core schema of YAML 1.2 (section 10.3.2); whatever matches none of these is text.
_NULL = re.compile(r"^(?:null|Null|NULL|~|)$")
_BOOL = re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$")
_INT = re.compile(r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$")
_FLOAT = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_NOT_FINITE = re.compile(r"^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$")
# Seen before the parser is asked, which takes seconds over it; no agreement opens a hundred brackets in a row.
_TOO_DEEP = re.compile(r"(?:[\[{][ \t]*|-[ \t]+){100}")
_YAML_TAGS = tuple(
    f"tag:yaml.org,2002:{name}" for name in ("map", "seq", "str", "int", "float", "bool", "null", "timestamp")
)


def read_bytes(path: FilePath, *, limit: int) -> bytes:
    """The bytes of a file; InputError (code ``file``) where it cannot be read or is larger than ``limit``."""
    try:
        if path.stat().st_size > limit:
            raise InputError(
                f"the file is larger than {limit // 1_000_000} MB",
                where=str(path),
                hint="an agreement is text written by people; is this the right file?",
                code="file",
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read the file: {error.strerror or error}",
            where=str(path),
            hint="check the name and the permissions",
            code="file",
        ) from None


def read_sheet(path: FilePath) -> tuple[Sheet, str]:
    """Read one YAML file.

    Returns
    -------
    Sheet, str
        Plain data with marks, and the SHA-256 of the bytes. Mistakes of the writing are in
        ``sheet.problems``; where nothing could be read ``sheet.data`` is None.

    Raises
    ------
    InputError
        Code ``file``: the file cannot be opened.
    """
    raw = read_bytes(path, limit=MAX_YAML_BYTES)
    digest = hashlib.sha256(raw).hexdigest()
    sheet = Sheet(file=str(path))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        where = Where(file=sheet.file, line=line, column=1)
        message, hint = f"not UTF-8 text: byte {raw[error.start]:#04x}", "save the file as UTF-8"
        sheet.problems.append(Problem(code="encoding", where=where, message=message, hint=hint))
        return sheet, digest
    _parse_yaml(text, sheet)
    return sheet, digest


def _parse_yaml(text: str, sheet: Sheet) -> None:
    try:
        if _TOO_DEEP.search(text):
            raise RecursionError
        node = YAML(typ="base", pure=True).compose(text)
        if node is None:
            sheet.problems.append(
                sheet.problem((), code="empty", message="the file is empty", hint="begin with `truceline: 1`")
            )
            return
        sheet.data = _Builder(sheet).build(node, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Where(
            file=sheet.file, line=mark.line + 1 if mark else 1, column=mark.column + 1 if mark else 1
        )
        began = error.context_mark
        since = f" ({error.context}, begun at line {began.line + 1})" if began and error.context else ""
        message = f"cannot be read as YAML: {error.problem or error.context}{since}"
        sheet.problems.append(
            Problem(
                code="yaml",
                where=where,
                message=message,
                hint="check brackets, quotes, colons and indents here",
            )
        )
    except YAMLError as error:
        where = Where(file=sheet.file, line=_line_of_bad_character(text), column=1)
        message = f"cannot be read as YAML: {str(error).splitlines()[0]}"
        hint = "take the control character out; it may come from copying out of a PDF"
        sheet.problems.append(Problem(code="yaml", where=where, message=message, hint=hint))
    except RecursionError:
        message, hint = "nested too deeply to be an agreement", "look for a bracket that is never closed"
        sheet.problems.append(sheet.problem((), code="yaml", message=message, hint=hint))


def _line_of_bad_character(text: str) -> int:
    bad = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)
    return text[: bad.start()].count("\n") + 1 if bad else 1


class _Builder:
    """Nodes to plain data. Marks are kept by path; mistakes of writing are added to the sheet."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.seen: set[int] = set()

    def build(self, node: Node, path: Path, *, key: Node | None = None) -> Any:
        start, at = node.start_mark, (key or node).start_mark
        self.sheet.marks[path] = Mark(
            key_line=at.line + 1, key_column=at.column + 1, line=start.line + 1, column=start.column + 1
        )
        if id(node) in self.seen:
            # The node bears the mark of the first use; the key beside it bears that of this one.
            self.sheet.marks[path] = _mark(key or node)
            self._refuse(
                path, "yaml-alias", "an alias (*name) is used", "write the value out where it is needed"
            )
            return None
        self.seen.add(id(node))
        if node.tag not in _YAML_TAGS:
            self._refuse(
                path, "yaml-tag", f"a YAML tag is used: {node.tag}", "take the tag (the word after !) away"
            )
            return None
        if isinstance(node, MappingNode):
            return self._mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.build(item, (*path, index)) for index, item in enumerate(node.value)]
        assert isinstance(node, ScalarNode)
        return _scalar(node)

    def _mapping(self, node: MappingNode, path: Path) -> dict[str, Any]:
        made: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self.sheet.marks[(*path, "?")] = _mark(key)
                self._refuse(
                    (*path, "?"), "yaml", "a key that is not plain text", "write a name before the colon"
                )
                continue
            name = str(key.value)
            if name in first:
                problem = Problem(
                    code="duplicate-key",
                    where=Where(
                        file=self.sheet.file,
                        line=key.start_mark.line + 1,
                        column=key.start_mark.column + 1,
                        path=self.sheet.where((*path, name)).path,
                    ),
                    message=f"the key {name!r} is written twice",
                    hint=f"it first stands at line {first[name]}; keep one of the two",
                )
                self.sheet.problems.append(problem)
                continue
            first[name] = key.start_mark.line + 1
            made[name] = self.build(value, (*path, name), key=key)
        self.sheet.paths_by_id[id(made)] = path
        return made

    def _refuse(self, path: Path, code: str, message: str, hint: str) -> None:
        self.sheet.refused.add(path)
        self.sheet.problems.append(self.sheet.problem(path, code=code, message=message, hint=hint))


def _mark(node: Node) -> Mark:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    return Mark(key_line=line, key_column=column, line=line, column=column)


def _scalar(node: ScalarNode) -> str | int | float | bool | None:
    text = str(node.value)
    if node.style is not None or node.tag == "tag:yaml.org,2002:str":
        return text
    if _NULL.match(text):
        return None
    if _BOOL.match(text):
        return text.lower() == "true"
    if _INT.match(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.match(text):
        return float(text)
    if _NOT_FINITE.match(text):
        return float(text.replace(".", ""))
    return text


# ---------------------------------------------------------------- GeoJSON

_CRS84 = re.compile(r"^(urn:ogc:def:crs:)?(OGC:(1\.3)?:?CRS84|EPSG:(\d*(\.\d+)*:)?4326)$")


@dataclass(slots=True)
class GeoJsonFolder:
    """The GeoJSON files beside an agreement, each read once.

    Parameters
    ----------
    folder : Path
        The folder of the agreement file; every reference is relative to it and stays inside it.
    """

    folder: FilePath
    _read: dict[str, dict[str, Any]] = field(default_factory=dict)

    def geometry(self, reference: str) -> dict[str, Any]:
        """The geometry that ``file.geojson#id`` names.

        Raises
        ------
        InputError
            Codes ``reference``, ``geojson-file``, ``geojson``, ``crs``, ``unknown-feature``.
        """
        name, mark, wanted = reference.partition("#")
        if not mark or not wanted or not name:
            raise InputError(
                f"not a reference to a feature: {reference!r}",
                hint="write it like lines.geojson#m4: the file, then # and the id of the feature",
                code="reference",
            )
        features = self._features(name)
        if wanted not in features:
            hint = did_you_mean(wanted, features, what=f"features of {name}")
            raise InputError(
                f"{name} has no feature with the id {wanted!r}", hint=hint, code="unknown-feature"
            )
        geometry = features[wanted]
        if not isinstance(geometry, dict):
            raise InputError(
                f"feature {wanted!r} of {name} has no geometry",
                hint="draw it, or leave it out",
                code="geojson",
            )
        return geometry

    def _features(self, name: str) -> dict[str, Any]:
        if name not in self._read:
            self._read[name] = _features_of(self._path(name), name)
        return self._read[name]

    def _path(self, name: str) -> FilePath:
        path = (self.folder / name).resolve()
        if FilePath(name).is_absolute() or not path.is_relative_to(self.folder.resolve()) or "://" in name:
            raise InputError(
                f"{name!r} lies outside the folder of the agreement",
                hint="copy the file beside the agreement, so that the folder can be handed on as one",
                code="reference",
            )
        return path


def _features_of(path: FilePath, name: str) -> dict[str, Any]:
    document = _read_json(path, name)
    kind = document.get("type") if isinstance(document, dict) else None
    if kind not in ("FeatureCollection", "Feature"):
        raise InputError(
            f"{name} is not a GeoJSON FeatureCollection (its type is {kind!r})",
            hint="export it as GeoJSON, with one feature for each place",
            code="geojson",
        )
    _check_crs(document, name)
    features = document.get("features") if kind == "FeatureCollection" else [document]
    if not isinstance(features, list):
        raise InputError(f"{name} has no list of features", hint="export it as GeoJSON", code="geojson")
    by_id: dict[str, Any] = {}
    for feature in features:
        for identity in _identities(feature):
            if identity in by_id:
                hint = "give each feature an id of its own"
                raise InputError(
                    f"{name} has two features with the id {identity!r}", hint=hint, code="geojson"
                )
            by_id[identity] = feature.get("geometry")
    return by_id


def _identities(feature: Any) -> list[str]:
    if not isinstance(feature, dict):
        return []
    properties = feature.get("properties")
    seen = [feature.get("id"), properties.get("id") if isinstance(properties, dict) else None]
    return list(dict.fromkeys(str(item) for item in seen if isinstance(item, (str, int)) and item != ""))


def _check_crs(document: dict[str, Any], name: str) -> None:
    crs = document.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    named = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(named, str) or not _CRS84.match(named):
        raise InputError(
            f"{name} is not in WGS 84: its crs is {named or crs!r}",
            hint="export it again in WGS 84 (EPSG:4326), longitude before latitude",
            code="crs",
        )


def _read_json(path: FilePath, name: str) -> Any:
    try:
        raw = read_bytes(path, limit=MAX_GEOJSON_BYTES)
    except InputError as error:
        hint = "the path is relative to the agreement file"
        raise InputError(f"{name}: {error.message}", hint=hint, code="geojson-file") from None
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except InputError as error:
        raise InputError(f"{name}: {error.message}", hint=error.hint, code="geojson") from None
    except json.JSONDecodeError as error:
        message = f"{name}:{error.lineno}:{error.colno} cannot be read as JSON: {error.msg}"
        raise InputError(message, hint="export the file again", code="geojson") from None
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        message = f"{name} cannot be read as JSON: {type(error).__name__}"
        raise InputError(message, hint="export the file again, as UTF-8", code="geojson") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            raise InputError(f"the key {key!r} is written twice in one object", hint="keep one of the two")
        made[key] = value
    return made


def _refuse_constant(text: str) -> NoReturn:
    raise InputError(f"{text} is not a number a place can have", hint="find and mend the coordinate")
