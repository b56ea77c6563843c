"""``mission.yaml``: what a mission is called, its zone, who writes in it, and which files it takes in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from truceline.errors import DocumentError, InputError, UsageError, unwritable
from truceline.formats.guard import load_document
from truceline.timebase import zone_named

FILE_NAME = "mission.yaml"
OptionValue = str | bool | int | float | dict[str, str]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSetting(_Part):
    """Files to take in, and what their reader has to be told."""

    path: str = Field(
        min_length=1, description="A file, or a pattern such as tracks/*.gpx; from this folder."
    )
    format: str | None = Field(None, description="Format id; recognised where left out.")
    mapping: str | None = Field(None, description="The mapping file, from this folder.")
    options: dict[str, OptionValue] = Field({}, description="Options of the format, such as party: usa.")


class MissionSettings(_Part):
    """The document ``mission.yaml``."""

    truceline: Literal[1] = Field(1, description="Version of this document's form.")
    title: str = Field(min_length=1, description="What the mission is called.")
    zone: str = Field(description="IANA zone of the local time shown beside UTC.")
    exercise: bool = Field(False, description="An exercise: never to be mistaken for a record.")
    author: str = Field(min_length=1, description="Who records; stands in every entry of the ledger.")
    agreement: str = Field(min_length=1, description="The agreement file, from this folder.")
    sources: tuple[SourceSetting, ...] = Field((), description="Files taken in by `ingest` without names.")

    @field_validator("zone")
    @classmethod
    def _zone_exists(cls, zone: str) -> str:
        try:
            zone_named(zone)
        except InputError as error:
            raise ValueError(error.message) from None
        return zone


def new_settings(**given: Any) -> MissionSettings:
    """The settings of a mission that begins; UsageError (code ``settings``) that names every mistake."""
    try:
        return MissionSettings(**given)
    except ValidationError as error:
        said = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise UsageError(
            f"the mission cannot begin: {'; '.join(said)}",
            hint="a zone is written like Asia/Damascus, and a title and an author have at least one letter",
            code="settings",
        ) from None


def need_room(where: Path, *, hint: str) -> None:
    """UsageError (code ``exists``) unless the folder is not there yet, or is empty."""
    if where.exists() and not where.is_dir():
        raise UsageError(f"{where} is a file, not a folder", hint="name another folder", code="exists")
    if where.exists() and any(where.iterdir()):
        raise UsageError(f"{where} is not empty", hint=hint, code="exists")


def begin_folder(where: Path) -> None:
    """Make a folder and those above it; UsageError (code ``unwritable``) where that cannot be."""
    try:
        where.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(where, error) from None


def read_settings(folder: Path) -> MissionSettings:
    """Read ``mission.yaml`` of a mission folder.

    Raises
    ------
    InputError
        Code ``not-a-mission`` where the folder has none.
    DocumentError
        Every mistake in it, with line and column.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        raise InputError(
            f"{folder} is not a mission: it has no {FILE_NAME}",
            hint="name the mission folder, or begin one with `truceline new`",
            code="not-a-mission",
        )
    try:
        return load_document(path, MissionSettings)
    except DocumentError as error:
        message = f"{FILE_NAME} does not stand"
        raise DocumentError(message, problems=error.problems, where=error.where) from None


def settings_text(settings: MissionSettings) -> str:
    """``mission.yaml`` as text, with a word on each key."""
    lines = ["# A mission of Truceline: docs/guide/mission-folder.md says what lies where."]
    for name, info in MissionSettings.model_fields.items():
        value = getattr(settings, name)
        if name != "sources":
            lines += [f"# {info.description}", f"{name}: {json.dumps(value, ensure_ascii=False)}"]
    lines.append(f"# {MissionSettings.model_fields['sources'].description}")
    rows = [source.model_dump(exclude_defaults=True) for source in settings.sources]
    if rows:
        lines += ["sources:", *(f"  - {json.dumps(row, ensure_ascii=False)}" for row in rows)]
    else:
        lines.append("sources: []  # - {path: tracks/*.gpx, format: gpx, options: {accuracy: 15 m}}")
    return "\n".join(lines) + "\n"
