"""Files into records: read when they are taken in, and read again from the originals whenever they are checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from truceline.errors import FormatError, LedgerError
from truceline.formats.registry import read_bytes
from truceline.mission.records import Record, asked_record, marked_as_exercise
from truceline.model.evidence import Dropped, Records, Report
from truceline.model.movement import Path as DrawnPath
from truceline.model.movement import SourceRef, Track
from truceline.store.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """All that a mission holds to be checked, and what it could not look at."""

    tracks: tuple[Track, ...] = ()
    paths: tuple[DrawnPath, ...] = ()
    reports: tuple[Report, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    sources: tuple[SourceRef, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a file is to be read. ``mapping`` is the mapping file as the user named it."""

    format: str | None = None
    mapping: Path | None = None
    mapping_sha256: str | None = None
    options: Mapping[str, Any]
    exercise: bool = False

    def to_record(self) -> Record:
        """As the ledger keeps it."""
        return asked_record(self.format, self.mapping_sha256, self.options, self.exercise)


def read_kept(store: Store, sha256: str, *, name: str, asked: Asked) -> Records:
    """Read an original as it is kept.

    Raises
    ------
    LedgerError
        Code ``original``: it is missing, or its bytes are not those that were taken in.
    FormatError
        It cannot be read as that format.
    UsageError, InputError, MissingPartError
        As :func:`truceline.formats.registry.read_bytes`.
    """
    options = dict(asked.options)
    if asked.mapping is not None:
        options["mapping"] = str(asked.mapping)
    records = read_bytes(kept_bytes(store, sha256), name=name, format=asked.format, **options)
    return marked_as_exercise(records) if asked.exercise else records


def kept_bytes(store: Store, sha256: str) -> bytes:
    """The bytes of an original, held against its name; LedgerError (code ``original``) where they differ."""
    data = store.original(sha256).read_bytes()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise LedgerError(
            f"the bytes of the original {sha256} were changed",
            hint="verify the mission, and restore the file from another copy",
            code="original",
        )
    return data


def latest_readings(files: Iterable[Record]) -> tuple[list[Record], list[str]]:
    """Of each original its last reading that succeeded, in the order taken in, and notes on those with none.

    Parameters
    ----------
    files : iterable of dict
        The ``file`` records in the order of the ledger.
    """
    good: dict[str, Record] = {}
    refused: dict[str, Record] = {}
    for record in files:
        sha256 = record["originals"][0]["sha256"]
        if record["refusal"] is None:
            good[sha256] = record
        else:
            refused[sha256] = record
    notes = [
        f"a file could not be read: {record['refusal']}"
        for sha256, record in refused.items()
        if sha256 not in good
    ]
    return list(good.values()), notes


def read_again(store: Store, record: Record) -> Records:
    """Read what a ``file`` record speaks of once more from the originals, as it was asked to be read.

    Raises
    ------
    LedgerError
        As :func:`read_kept`; or code ``reading`` where what could be read then cannot be read now.
    """
    asked = record["asked"]
    mapping_sha256 = asked["mapping_sha256"]
    if mapping_sha256 is not None:
        kept_bytes(store, mapping_sha256)
    again = Asked(
        format=record["format"],
        mapping=None if mapping_sha256 is None else store.original(mapping_sha256),
        mapping_sha256=mapping_sha256,
        options=asked["options"],
        exercise=asked["exercise"],
    )
    original = record["originals"][0]
    try:
        return read_kept(store, original["sha256"], name=record["name"], asked=again)
    except FormatError as error:
        raise LedgerError(
            f"{record['name']} was read when it was taken in ({record['software']}), and cannot be now: {error}",
            hint="use the version that read it",
            code="reading",
        ) from error


def gathered(readings: Iterable[Records], notes: Iterable[str]) -> Evidence:
    """Several files' records as one body of evidence."""
    parts = list(readings)
    return Evidence(
        tracks=tuple(track for part in parts for track in part.tracks),
        paths=tuple(path for part in parts for path in part.paths),
        reports=tuple(report for part in parts for report in part.reports),
        dropped=tuple(item for part in parts for item in part.dropped),
        sources=tuple(part.source for part in parts),
        notes=tuple(notes),
    )
