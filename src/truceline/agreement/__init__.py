"""WRITTEN TEXT: an agreement file read, checked and resolved to a ``model.agreement.Agreement``.

Four verbs: :func:`load_agreement`, :func:`check_document`, :func:`explain` and :func:`json_schema`. The file
is described in ``docs/guide/agreement-file.md``, every problem code in ``docs/reference/problem-codes.md``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from truceline.agreement.document import PLACE_KINDS, Document, WrittenParty, WrittenPlace, json_schema
from truceline.agreement.document_fields import Names
from truceline.agreement.document_rules import Clause as WrittenClause
from truceline.agreement.explain import explain
from truceline.agreement.lint import lint
from truceline.agreement.load import GeoJsonFolder, read_sheet
from truceline.agreement.places import PlaceBuilder
from truceline.agreement.problems import Path as SheetPath
from truceline.agreement.problems import Sheet, in_file_order, problems_of
from truceline.agreement.resolve import Resolver, resolve
from truceline.errors import DocumentError, InputError, Problem
from truceline.model.agreement import Agreement
from truceline.timebase import zone_named

__all__ = ["check_document", "explain", "json_schema", "load_agreement", "referenced_files"]

_PARTS: dict[str, TypeAdapter[Any]] = {
    "parties": TypeAdapter(WrittenParty),
    "places": TypeAdapter(WrittenPlace),
    "clauses": TypeAdapter(WrittenClause),
}


def load_agreement(path: str | PathLike[str]) -> Agreement:
    """Read an agreement file and everything it refers to.

    Parameters
    ----------
    path : path-like
        The YAML file. GeoJSON it refers to lies beside it.

    Returns
    -------
    Agreement
        Lengths in metres, instants in microseconds UTC, names joined to objects.

    Raises
    ------
    DocumentError
        ``problems`` holds every mistake of the file, in file order. Warnings do not raise; see
        :func:`check_document`.
    InputError
        Code ``file``: the file cannot be opened.
    """
    agreement, problems = _examine(Path(path))
    errors = [problem for problem in problems if problem.severity == "error"]
    if agreement is None:
        count = f"{len(errors)} mistake{'' if len(errors) == 1 else 's'}"
        raise DocumentError(f"the agreement file has {count}", problems=errors, where=str(path))
    return agreement


def check_document(path: str | PathLike[str]) -> tuple[Problem, ...]:
    """Every mistake and every warning of an agreement file, in file order; empty where there is none.

    Parameters
    ----------
    path : path-like
        The YAML file.

    Returns
    -------
    tuple of Problem
        Each with its place, what was seen and the way out; ``severity`` is ``error`` or ``warning``.

    Raises
    ------
    InputError
        Code ``file``: the file cannot be opened. What stands in it never raises.
    """
    return _examine(Path(path))[1]


def referenced_files(path: str | PathLike[str]) -> tuple[Path, ...]:
    """The GeoJSON files an agreement file refers to, each once, in the order of the file.

    Who keeps or signs an agreement needs these as well: the YAML file alone does not fix its lines.
    """
    sheet, _ = read_sheet(Path(path))
    places = sheet.data.get("places") if isinstance(sheet.data, dict) else None
    written = (
        [place for place in places.values() if isinstance(place, dict)] if isinstance(places, dict) else []
    )
    references = [
        place[key] for place in written for key in ("line", "polygon") if isinstance(place.get(key), str)
    ]
    names = dict.fromkeys(reference.partition("#")[0] for reference in references)
    return tuple(Path(path).parent / name for name in names if name)


@dataclass(slots=True, kw_only=True)
class _Read:
    """What could be read: the document if it stands as a whole, and the parts that do.

    ``workable`` adds the parts that stand once the keys with a mistake are left out, so that a bad unit does
    not hide a bow-tie in the same place.
    """

    document: Document | None
    parts: dict[str, dict[str, Any]]
    workable: dict[str, dict[str, Any]]
    problems: list[Problem] = field(default_factory=list)


def _examine(path: Path) -> tuple[Agreement | None, tuple[Problem, ...]]:
    sheet, sha256 = read_sheet(path)
    if not isinstance(sheet.data, dict):
        if not sheet.problems:
            message, hint = "an agreement file is a mapping of keys to values", "begin with `truceline: 1`"
            sheet.problems.append(sheet.problem((), code="wrong-type", message=message, hint=hint))
        return None, in_file_order(sheet.problems)
    names = _declared(sheet.data)
    read = _read(sheet, names)
    places = PlaceBuilder(written=read.workable["places"], sheet=sheet, geojson=GeoJsonFolder(path.parent))
    built = places.build_all()
    resolver = Resolver(
        party_ids=names.parties or (), parties=read.workable["parties"], places=places, sheet=sheet
    )
    made = {name: resolver.clause(name, clause) for name, clause in read.workable["clauses"].items()}
    problems = [*sheet.problems, *read.problems, *places.problems, *resolver.problems]
    problems += lint(
        sheet=sheet, parts=read.parts, places=built, whole=not problems and read.document is not None
    )
    clauses = {name: clause for name, clause in made.items() if clause is not None}
    if read.document is None or any(problem.severity == "error" for problem in problems):
        return None, in_file_order(problems)
    agreement = resolve(read.document, places=built, clauses=clauses, sha256=sha256, file=path.name)
    return agreement, in_file_order(problems)


def _declared(data: dict[str, Any]) -> Names:
    """What the file declares, taken from what is written before anything of it is believed."""
    parties, places, timezone = data.get("parties"), data.get("places", {}), data.get("timezone")
    zone = timezone.get("zone") if isinstance(timezone, dict) else None
    if timezone is not None:
        try:
            zone_named(str(zone))
        except InputError:
            zone = "UTC"  # the bad zone is reported where it stands, and not again at every time
    kinds = {}
    for name, place in places.items() if isinstance(places, dict) else ():
        seen = [key for key in PLACE_KINDS if isinstance(place, dict) and key in place]
        kinds[name] = ("line" if seen == ["line"] else "area") if len(seen) == 1 else ""
    return Names(
        parties=tuple(parties) if isinstance(parties, dict) else None,
        places=kinds if isinstance(places, dict) else None,
        zone=zone if isinstance(zone, str) else None,
    )


def _read(sheet: Sheet, names: Names) -> _Read:
    """Read the document; where it does not stand, read each party, place and clause that does."""
    document: Document | None = None
    found: list[tuple[SheetPath, Problem]] = []
    try:
        document = Document.model_validate(sheet.data, context=names)
    except ValidationError as error:
        found = problems_of(error, sheet=sheet, keys=names.keys)
    for identity, fault in names.found:
        path = sheet.paths_by_id.get(identity, ())
        problem = sheet.problem(path, code=fault.code, message=fault.message, hint=fault.hint, at_key=True)
        found.append((path, problem))
    bad = [path for path, _ in found]
    parts, workable = _standing(sheet, names, bad)
    said = [problem for path, problem in found if path not in sheet.refused]
    return _Read(document=document, parts=parts, workable=workable, problems=said)


def _standing(
    sheet: Sheet, names: Names, bad: list[SheetPath]
) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The parties, places and clauses that stand as written, and those that stand without their bad keys."""
    parts: dict[str, dict[str, Any]] = {section: {} for section in _PARTS}
    workable: dict[str, dict[str, Any]] = {section: {} for section in _PARTS}
    for section, adapter in _PARTS.items():
        written = sheet.data.get(section)
        for name, value in written.items() if isinstance(written, dict) else ():
            mistakes = [path for path in bad if path[:2] == (section, name)]
            keys = {path[2] for path in mistakes if len(path) > 2}
            if len(keys) < len({path[2:3] for path in mistakes}) or not isinstance(value, dict):
                continue  # the mistake is about the part as a whole
            left = {key: item for key, item in value.items() if key not in keys} if keys else value
            try:
                fresh = Names(parties=names.parties, places=names.places, zone=names.zone)
                part = adapter.validate_python(left, context=fresh)
            except ValidationError:
                continue  # a key that is needed is among the bad ones
            workable[section][name] = part
            if not mistakes:
                parts[section][name] = part
    return parts, workable
