"""A case: agreements, and inputs each judged by one or more of them; run from end to end, one mission an agreement."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from truceline.errors import DocumentError, Problem, Where
from truceline.formats.guard import load_document
from truceline.ledger.verify import Verification
from truceline.mission.custody import IngestSummary, Published
from truceline.mission.mission import Mission
from truceline.mission.settings import OptionValue, begin_folder, need_room
from truceline.timebase import Clock, Interval, parse_instant

CASE_FILE = "case.yaml"
AUTHOR = "Truceline demonstration"
MARKER_NAME = "made-by-truceline.txt"
_MARKER_TEXT = """\
This folder was made by `truceline demo` from a case that comes with Truceline, and is made anew by
`truceline demo --force`. Keep nothing of your own here.
"""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


# YAML reads 2020-01-01 as a date; here it stays what was written.
Written = Annotated[str, BeforeValidator(str)]


class CasePeriod(_Part):
    """What the counts are about."""

    start: Written = Field(alias="from")
    until: Written
    zone: str

    def interval(self) -> Interval:
        """The period in UTC."""
        return Interval(parse_instant(self.start, zone=self.zone), parse_instant(self.until, zone=self.zone))


class CaseInput(_Part):
    """A file, how it is read, and which agreements judge it."""

    file: str
    title: str = ""
    exercise: bool = False
    format: str | None = None
    options: dict[str, OptionValue] = {}
    judged_by: tuple[str, ...] = Field(min_length=1)


class CaseDocument(_Part):
    """The document ``case.yaml``; paths count from its folder."""

    truceline_case: Literal[1]
    id: str
    title: str
    about: str = ""
    period: CasePeriod
    agreements: dict[str, str] = Field(min_length=1)
    inputs: tuple[CaseInput, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A case and the folder it lies in."""

    folder: Path
    document: CaseDocument

    @property
    def title(self) -> str:
        """What it is called."""
        return self.document.title


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """What one agreement of a case came to."""

    agreement_id: str
    mission: Mission
    taken: tuple[IngestSummary, ...]
    published: Published
    verification: Verification


def load_case(folder: str | Path) -> Case:
    """Read ``case.yaml`` of a folder.

    Raises
    ------
    DocumentError
        Every mistake in it, an input judged by an agreement that is not listed among them.
    InputError
        Code ``no-file``.
    """
    where = Path(folder)
    document = load_document(where / CASE_FILE, CaseDocument)
    strangers = [
        Problem(
            code="unknown-agreement",
            where=Where(file=str(where / CASE_FILE), path=f"inputs.{index}.judged_by"),
            message=f"no agreement of the case is named {name!r}",
            hint=f"agreements: {', '.join(document.agreements)}",
        )
        for index, given in enumerate(document.inputs)
        for name in given.judged_by
        if name not in document.agreements
    ]
    if strangers:
        raise DocumentError("the case does not stand", problems=strangers, where=str(where / CASE_FILE))
    return Case(where, document)


def clear_folder(folder: str | Path, *, force: bool) -> Path:
    """Make room for a case: a folder that is not there, is empty, or, with ``force``, was made for a case before.

    Raises
    ------
    UsageError
        Code ``exists``: something else lies there. It is never removed.
    """
    where = Path(folder)
    ours = (where / MARKER_NAME).is_file()
    if ours and force:
        shutil.rmtree(where)
    hint = "add --force to make it anew" if ours else "name another folder; this one is not ours to remove"
    need_room(where, hint=hint)
    begin_folder(where)
    (where / MARKER_NAME).write_text(_MARKER_TEXT, encoding="utf-8")
    return where


def run_case(case: Case, folder: Path, *, clock: Clock | None = None) -> Iterator[Chapter]:
    """Run a case: for each agreement begin a mission, take in, check, record, publish and verify.

    Parameters
    ----------
    case : Case
    folder : Path
        Holds one mission folder for each agreement afterwards, named by its id.
    clock : Clock, optional
        Whose time the entries carry; the machine's where left out.

    Yields
    ------
    Chapter
        As soon as each is done, in the order of the case.

    Raises
    ------
    InputError, LedgerError
        As :class:`Mission`.
    """
    for agreement_id, path in case.document.agreements.items():
        mission = Mission.create(
            folder / agreement_id,
            title=case.title,
            agreement=case.folder / path,
            author=AUTHOR,
            clock=clock,
        )
        taken = tuple(
            _take_in(mission, case, given)
            for given in case.document.inputs
            if agreement_id in given.judged_by
        )
        published = mission.publish(
            mission.folder / "reports" / f"{agreement_id}.html",
            period=case.document.period.interval(),
        )
        yield Chapter(
            agreement_id=agreement_id,
            mission=mission,
            taken=taken,
            published=published,
            verification=mission.verify(),
        )


def _take_in(mission: Mission, case: Case, given: CaseInput) -> IngestSummary:
    options = dict(given.options)
    mapping = options.pop("mapping", None)
    if given.exercise:
        options["exercise"] = True
    return mission.ingest(
        [case.folder / given.file],
        format=given.format,
        mapping=case.folder / str(mapping) if mapping is not None else None,
        options=options,
    )
