"""What comes in and what goes out, each recorded: files taken in, reports given out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from truceline.errors import FormatError, UsageError, unwritable
from truceline.ledger.canonical import canonical_bytes
from truceline.ledger.checkpoint import Checkpoint
from truceline.mission.log import Log
from truceline.mission.reading import Asked, Evidence, latest_readings, read_kept
from truceline.mission.records import (
    SOFTWARE,
    Record,
    export_record,
    file_record,
    original_record,
    report_record,
)
from truceline.mission.settings import begin_folder
from truceline.model.agreement import Agreement
from truceline.model.evidence import Dropped, Records
from truceline.model.finding import CheckResult
from truceline.timebase import Interval, isoformat
from truceline.units import MicrosUTC
from truceline.views.data import known_span, result_record, source_record

ReportForm = Literal["html", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSummary:
    """What became of one file.

    Attributes
    ----------
    name, sha256 : str
        As given, and the hash of the bytes kept.
    records : Records or None
        None where it could not be read, or was held already.
    refusal : str
        Why it could not be read, or "".
    already_held : bool
        The same bytes were taken in before and read the same way; nothing was recorded again.
    """

    name: str
    sha256: str
    records: Records | None = None
    refusal: str = ""
    already_held: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestSummary:
    """What became of the files of one ``ingest``."""

    files: tuple[FileSummary, ...]

    @property
    def records(self) -> tuple[Records, ...]:
        """Of each file that was read now."""
        return tuple(item.records for item in self.files if item.records is not None)

    @property
    def dropped(self) -> tuple[Dropped, ...]:
        """Everything the readers dropped or remarked."""
        return tuple(item for records in self.records for item in records.dropped)

    @property
    def dropped_count(self) -> int:
        """How many records were not used."""
        return sum(records.dropped_count for records in self.records)

    @property
    def read_count(self) -> int:
        """How many records were read."""
        return sum(records.read_count for records in self.records)

    @property
    def unreadable(self) -> tuple[FileSummary, ...]:
        """The files that could not be read; that is recorded too."""
        return tuple(item for item in self.files if item.refusal)


def take_in(log: Log, paths: Iterable[Path], asked: Asked) -> list[FileSummary]:
    """Take in files one by one, each in a transaction of its own; see ``Mission.ingest``."""
    held, _ = log.contents("file")
    good, _ = latest_readings(held)
    wanted = json.loads(canonical_bytes(asked.to_record()))
    known = {item["originals"][0]["sha256"] for item in good if item["asked"] == wanted}
    summaries = []
    for path in paths:
        sha256 = log.store.put_original(path)
        if sha256 in known:
            summaries.append(FileSummary(name=path.name, sha256=sha256, already_held=True))
            continue
        summary = _take_in_one(log, path.name, sha256, asked)
        if summary.records is not None:
            known.add(sha256)
        summaries.append(summary)
    return summaries


def _take_in_one(log: Log, name: str, sha256: str, asked: Asked) -> FileSummary:
    records, refusal = None, ""
    try:
        records = read_kept(log.store, sha256, name=name, asked=asked)
    except FormatError as error:
        refusal = str(error)
    originals = [_original(log, name, sha256)]
    if asked.mapping is not None and asked.mapping_sha256 is not None:
        originals.append(_original(log, asked.mapping.name, asked.mapping_sha256))
    taken = file_record(records, name=name, asked=asked.to_record(), originals=originals, refusal=refusal)
    reports = records.reports if records is not None else ()
    log.record([("file", taken), *(("report", report_record(report)) for report in reports)], once=True)
    return FileSummary(name=name, sha256=sha256, records=records, refusal=refusal)


def _original(log: Log, name: str, sha256: str) -> Record:
    return original_record(name, sha256, log.store.original(sha256).stat().st_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A report that was written.

    Attributes
    ----------
    path : Path
        Where it lies.
    sha256 : str
        Of its bytes; the ledger holds the same.
    head : Checkpoint
        The ledger's head that stands in its foot: that of everything it was made from.
    result : CheckResult
        What it shows.
    """

    path: Path
    sha256: str
    head: Checkpoint
    result: CheckResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """What a report says of itself, beside what was found."""

    title: str
    number: str
    period: Interval | None
    zone: str
    exercise: bool
    issued_us: MicrosUTC
    head: Checkpoint


def report_bytes(
    issue: Issue, held: Agreement, result: CheckResult, *, evidence: Evidence, form: ReportForm
) -> bytes:
    """A report as HTML, or the same numbers as JSON."""
    if form == "json":
        return _report_json(issue, held, result, evidence)
    from truceline.views.report import render_report  # pulls in the charts

    page = render_report(
        agreement=held,
        result=result,
        issued_us=issue.issued_us,
        tracks=evidence.tracks,
        paths=evidence.paths,
        reports=evidence.reports,
        period=issue.period,
        zone=issue.zone,
        head=(issue.head.size, issue.head.root_text),
        software=SOFTWARE,
        title=issue.title,
        number=issue.number,
        exercise=issue.exercise,
        sources=evidence.sources,
    )
    return page.encode("utf-8")


def _report_json(issue: Issue, held: Agreement, result: CheckResult, evidence: Evidence) -> bytes:
    span = known_span(result, tracks=evidence.tracks, paths=evidence.paths, reports=evidence.reports)
    record = result_record(result, held, period=issue.period or span, reports=evidence.reports)
    record["report"] = {
        "title": issue.title,
        "number": issue.number,
        "issued": isoformat(issue.issued_us),
        "zone": issue.zone,
        "exercise": issue.exercise,
        "ledger": {"size": issue.head.size, "root": issue.head.root_text},
        "software": SOFTWARE,
        "sources": [source_record(source) for source in evidence.sources],
    }
    return (json.dumps(record, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode("utf-8")


def export(log: Log, path: Path, data: bytes, *, head: Checkpoint, as_of_us: MicrosUTC) -> str:
    """Write a file that leaves the mission, and record it as an ``export``; the SHA-256 of its bytes.

    Recorded before the file has its name: nothing leaves that the ledger does not know of. A file of that
    name is replaced.
    """
    sha256 = hashlib.sha256(data).hexdigest()
    begin_folder(path.parent)
    if path.is_dir():
        raise UsageError(f"{path} is a folder", hint="name a file in it", code="unwritable")
    beside = path.with_name(f".{path.name}.part")
    record = export_record(
        name=path.name,
        sha256=sha256,
        bytes_count=len(data),
        head=(head.size, head.root_text),
        as_of_us=as_of_us,
    )
    try:
        _write(beside, data, named=path)
        log.record([("export", record)])
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return sha256


def _write(path: Path, data: bytes, *, named: Path) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise unwritable(named, error) from None
