"""What the ledger's entries commit to, as plain JSON: one function for each kind of record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from truceline._version import __version__
from truceline.model.agreement import Agreement
from truceline.model.evidence import Records, Report
from truceline.model.finding import Finding
from truceline.model.movement import Path, Track
from truceline.timebase import BEGINNING_OF_TIME, END_OF_TIME, Interval, isoformat
from truceline.units import MicrosUTC
from truceline.views.data import degrees, dropped_record, finding_record, metres, source_record

Record = dict[str, Any]
SOFTWARE = f"truceline {__version__}"


def mission_record(*, title: str, zone: str, exercise: bool, origin: str) -> Record:
    """The first entry: what this ledger is the ledger of."""
    return {
        "remark": "mission begun",
        "title": title,
        "zone": zone,
        "exercise": exercise,
        "log": origin,
        "software": SOFTWARE,
    }


def original_record(name: str, sha256: str, bytes_count: int) -> Record:
    """A file kept byte for byte."""
    return {"name": name, "sha256": sha256, "bytes_count": bytes_count}


def agreement_record(agreement: Agreement, originals: Sequence[Record]) -> Record:
    """The agreement in force: its file and the files it refers to."""
    return {
        "title": agreement.title,
        "signed": agreement.signed,
        "text_sha256": agreement.text.sha256,
        "exercise": agreement.exercise,
        "originals": list(originals),
    }


def asked_record(
    format: str | None, mapping_sha256: str | None, options: Mapping[str, Any], exercise: bool
) -> Record:
    """How a file was asked to be read: the same bytes asked the same way give the same records."""
    return {
        "format": format,
        "mapping_sha256": mapping_sha256,
        "options": dict(options),
        "exercise": exercise,
    }


def file_record(
    records: Records | None, *, name: str, asked: Record, originals: Sequence[Record], refusal: str = ""
) -> Record:
    """A file taken in: how it was read, what it gave and what was dropped; or why it could not be read."""
    record: Record = {
        "name": name,
        "asked": asked,
        "originals": list(originals),
        "software": SOFTWARE,
        "refusal": refusal or None,
    }
    if records is None:
        return record
    return record | {
        "format": records.source.format,
        "read_count": records.read_count,
        "tracks": [_track(track) for track in records.tracks],
        "paths": [_path(path) for path in records.paths],
        "reports_count": len(records.reports),
        "dropped_count": records.dropped_count,
        "dropped": [dropped_record(item) for item in records.dropped],
    }


def report_record(report: Report) -> Record:
    """Every field of a report."""
    grade, deaths = report.grade, report.deaths
    return {
        "id": report.id,
        "act": report.act,
        "when": interval_record(report.when.interval) | {"precision": report.when.precision},
        "where": {
            "lonlat_deg": degrees(report.where.lonlat_deg) if report.where.lonlat_deg is not None else None,
            "radius_m": metres(report.where.radius_m),
            "precision": report.where.precision,
            "name": report.where.name,
        },
        "attributions": [
            {"party": item.party, "status": item.status, "basis": item.basis} for item in report.attributions
        ],
        "text": report.text,
        "source_name": report.source_name,
        "origins": list(report.origins),
        "anonymous_origins": list(report.anonymous_origins),
        "grade": None
        if grade is None
        else {
            "reliability": grade.reliability,
            "credibility": grade.credibility,
            "grader": grade.grader,
            "reason": grade.reason,
        },
        "deaths": {"low": deaths.low, "best": deaths.best, "high": deaths.high},
        "url": report.url,
        "source": source_record(report.source),
        "note": report.note,
        "exercise": report.exercise,
    }


def recorded_finding(finding: Finding, *, agreement_sha256: str, agreement_commitment: str) -> Record:
    """A finding and the agreement it was found under. When it was computed stands in the entry, not here."""
    return {
        "finding": finding_record(finding),
        "agreement": {"sha256": agreement_sha256, "commitment": agreement_commitment},
    }


def export_record(
    *, name: str, sha256: str, bytes_count: int, head: tuple[int, str], as_of_us: MicrosUTC
) -> Record:
    """Something that left the mission, and the ledger it speaks of."""
    return {
        "name": name,
        "sha256": sha256,
        "bytes_count": bytes_count,
        "head": {"size": head[0], "root": head[1]},
        "as_of": isoformat(as_of_us),
        "software": SOFTWARE,
    }


def interval_record(interval: Interval) -> Record:
    """Start and end as RFC 3339; null where open."""
    return {"start": _instant(interval.start_us), "end": _instant(interval.end_us)}


def marked_as_exercise(records: Records) -> Records:
    """The same records, each saying that it was made for an exercise."""
    return replace(
        records,
        tracks=tuple(replace(track, exercise=True) for track in records.tracks),
        paths=tuple(replace(path, exercise=True) for path in records.paths),
        reports=tuple(replace(report, exercise=True) for report in records.reports),
    )


def _instant(instant_us: MicrosUTC) -> str | None:
    return None if instant_us <= BEGINNING_OF_TIME or instant_us >= END_OF_TIME else isoformat(instant_us)


def _track(track: Track) -> Record:
    span = track.span
    return {
        "mover": track.mover.id,
        "party": track.mover.party,
        "class": track.mover.mover_class,
        "fixes_count": len(track),
        "span": interval_record(span) if span is not None else None,
        "exercise": track.exercise,
    }


def _path(path: Path) -> Record:
    return {
        "mover": path.mover.id,
        "party": path.mover.party,
        "points_count": len(path.lonlat_deg),
        "movers_count": path.movers_count,
        "span": interval_record(path.span),
        "exercise": path.exercise,
    }
