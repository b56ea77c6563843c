"""Our own incident table: one report a row, every doubtful thing in a column of its own.

``docs/formats/report-csv.md`` describes the columns. The same fields serve GeoJSON points.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from truceline.errors import FormatError, InputError, TrucelineError
from truceline.formats.guard import Source, need_columns, read_table
from truceline.formats.values import Fault, check_position, need_zone, read_number, read_time
from truceline.model.evidence import (
    ACTS,
    PLACE_PRECISIONS,
    TIME_PRECISIONS,
    Attribution,
    Casualties,
    Dropped,
    Grade,
    Records,
    Report,
    When,
    Whereabouts,
)
from truceline.model.movement import SourceRef
from truceline.timebase import US_PER_S, Interval, parse_day
from truceline.units import parse_length

COLUMNS = (
    "id", "date", "start", "end", "time_precision", "zone", "place", "lon", "lat", "radius", "place_precision",
    "act", "party", "attribution", "source", "origins", "anonymous_origins", "reliability", "credibility",
    "grader", "grade_reason", "deaths_low", "deaths_best", "deaths_high", "url", "text", "note",
)  # fmt: skip
ATTRIBUTIONS = ("party", "probable", "disputed", "unknown")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_YEAR = re.compile(r"\d{4}")
_HOUR_US = 3600 * US_PER_S


class FieldFaults(Exception):
    """Every fault of one row, gathered so that a person can mend the row in one go."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.seen for fault in faults))
        self.faults = tuple(faults)


def read(source: Source, *, zone: str | None = None, exercise: bool = False) -> Records:
    """Read an incident table.

    Parameters
    ----------
    source : Source
        The file. The delimiter (comma, semicolon or tab) is recognised from the header.
    zone : str, optional
        IANA zone for rows whose ``zone`` cell is blank; needed where there is such a row.
    exercise : bool
        Every report was made for an exercise.

    Returns
    -------
    Records
        Reports; a row with any fault is left out whole, with all its faults named.

    Raises
    ------
    FormatError
        Not a CSV file, unknown columns, or the needed ones missing (``id``, ``act``, and ``date`` or ``start``).
    UsageError
        Code ``no-zone`` where no row and no option states a zone.
    """
    table = read_table(source, known=COLUMNS)
    need_columns(table, ("id", "act"), source=source)
    unknown = [name for name in table.header if name not in COLUMNS]
    if unknown or not {"date", "start"} & set(table.header):
        message = f"unknown columns: {', '.join(unknown)}" if unknown else "the header lacks date or start"
        raise FormatError(message, where=source.where(1), hint=f"columns: {', '.join(COLUMNS)}", code="columns")
    if "zone" not in table.header:
        need_zone(zone, what=f"{source.name} has no zone column and")
    ref = source.ref()
    gathered = ReportLog(ref)
    for line, row in table.rows:
        gathered.read_count += 1
        where = source.where(line)
        if len(row) != len(table.header):
            seen = f"{len(row)} cells under {len(table.header)} columns"
            gathered.dropped.append(Dropped(code="bad-row", where=where, seen=seen, outcome="left out"))
            continue
        fields = dict(zip(table.header, (cell.strip() for cell in row), strict=True))
        try:
            report = report_from_fields(fields, zone=zone, exercise=exercise, source=replace(ref, line=line))
        except FieldFaults as error:
            seen = f"{fields['id']}: {error}" if fields["id"] else str(error)
            code, outcome = error.faults[0].code, error.faults[0].outcome
            gathered.dropped.append(Dropped(code=code, where=where, seen=seen, outcome=outcome))
            continue
        gathered.add(report, where=where)
    return gathered.records()


class ReportLog:
    """Gathers the reports of one file; a repeated id is a ``duplicate`` or a ``conflict``, never a second report."""

    def __init__(self, source: SourceRef) -> None:
        self.source = source
        self.dropped: list[Dropped] = []
        self.read_count = 0
        self._reports: dict[str, Report] = {}

    def add(self, report: Report, *, where: object) -> None:
        """Keep ``report`` unless its id is taken; remark on deaths that contradict themselves."""
        kept = self._reports.get(report.id)
        if kept is not None:
            same = replace(report, source=kept.source) == kept
            code = "duplicate" if same else "conflict"
            outcome = f"left out; the {'identical' if same else 'first'} report of that id is kept"
            self._note(code, where, f"the id {report.id!r} again", outcome, kept=False)
            return
        self._reports[report.id] = report
        stated = [n for n in (report.deaths.low, report.deaths.best, report.deaths.high) if n is not None]
        if stated != sorted(stated):
            d = report.deaths
            seen = f"{report.id}: deaths low {d.low}, best {d.best}, high {d.high}"
            self._note("deaths-order", where, seen, "kept as written; low, best and high contradict", kept=True)

    def _note(self, code: str, where: object, seen: str, outcome: str, *, kept: bool) -> None:
        self.dropped.append(Dropped(code=code, where=where, seen=seen, outcome=outcome, kept=kept))  # type: ignore[arg-type]

    def records(self) -> Records:
        return Records(
            source=self.source,
            reports=tuple(self._reports.values()),
            dropped=tuple(self.dropped),
            read_count=self.read_count,
        )


# ---------------------------------------------------------------- one row


@dataclass(slots=True)
class _Row:
    """The cells of one row, and the faults found in them so far."""

    fields: Mapping[str, str]
    faults: list[Fault]

    def text(self, name: str) -> str:
        return self.fields.get(name, "")

    def fault(self, code: str, seen: str) -> None:
        self.faults.append(Fault(code=code, seen=seen))

    def word(self, name: str, words: Sequence[str]) -> str:
        """A cell that must be one of ``words``, or blank."""
        seen = self.text(name)
        if seen and seen not in words:
            near = difflib.get_close_matches(seen, words, n=1)
            way_out = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(words)}"
            self.fault("bad-value", f"{name} {seen!r}: {way_out}")
        return seen

    def count(self, name: str) -> int | None:
        seen = self.text(name)
        if not seen:
            return None
        if not seen.isascii() or not seen.isdigit():
            self.fault("bad-value", f"{name} {seen!r} is not a whole number")
            return None
        return int(seen)

    def listed(self, name: str) -> tuple[str, ...]:
        """Items between semicolons, each once, whatever its letter case."""
        return split_names(self.text(name))


def split_names(text: str) -> tuple[str, ...]:
    """Names between semicolons, trimmed, each once (compared without letter case), in their order.

    Examples
    --------
    >>> split_names("SOHR; airwars;Airwars")
    ('SOHR', 'airwars')
    """
    names: dict[str, str] = {}
    for part in text.split(";"):
        name = " ".join(part.split())
        if name:
            names.setdefault(name.casefold(), name)
    return tuple(names.values())


def report_from_fields(
    fields: Mapping[str, str], *, zone: str | None, exercise: bool, source: SourceRef
) -> Report:
    """A report from named text fields (:data:`COLUMNS`).

    Raises
    ------
    FieldFaults
        Every fault of the row.
    """
    row = _Row(fields, [])
    if not row.text("id"):
        row.fault("no-id", "no id: every report needs one to be cited by")
    when = _when(row, row.text("zone") or zone)
    report = Report(
        id=row.text("id"),
        act=row.word("act", ACTS) or None,
        when=when or When(interval=Interval(0, 0)),
        where=_whereabouts(row),
        attributions=_attributions(row),
        text=row.text("text"),
        source_name=row.text("source"),
        origins=row.listed("origins"),
        anonymous_origins=row.listed("anonymous_origins"),
        grade=_grade(row),
        deaths=Casualties(
            low=row.count("deaths_low"), best=row.count("deaths_best"), high=row.count("deaths_high")
        ),
        url=row.text("url"),
        source=source,
        note=row.text("note"),
        exercise=exercise,
    )
    if row.faults:
        raise FieldFaults(row.faults)
    return report


def _when(row: _Row, zone: str | None) -> When | None:
    date, start, end = row.text("date"), row.text("start"), row.text("end")
    stated = row.word("time_precision", TIME_PRECISIONS)
    if bool(date) == bool(start) or bool(start) != bool(end):
        both_or_none = "both date and start" if date and start else "neither date nor start with end"
        row.fault("no-time", f"{both_or_none}: give date, or start and end")
        return None
    if zone is None:
        row.fault("no-zone", f"{date or start!r} with no zone: fill the zone column or give the zone option")
        return None
    try:
        interval, finest = _span(date, zone) if date else _range(start, end, zone)
        return _coarsened(interval, finest, stated, zone) if stated in TIME_PRECISIONS else When(
            interval=interval, precision=finest
        )
    except TrucelineError as error:
        code = error.code if error.code in ("zone", "no-zone", "time-precision") else "bad-time"
        row.fault(code, error.message)
        return None


def _span(text: str, zone: str) -> tuple[Interval, str]:
    """The interval a written date names, and how fine it is."""
    if _DAY.fullmatch(text):
        return parse_day(text, zone=zone), "day"
    month = _MONTH.fullmatch(text)
    if month:
        year, number = int(month[1]), int(month[2])
        return _between(f"{year:04}-{number:02}-01", _month_after(year, number), zone), "month"
    if _YEAR.fullmatch(text):
        return _between(f"{text}-01-01", f"{int(text) + 1:04}-01-01", zone), "year"
    t_us, _ = read_time(text, zone=zone)
    return Interval(t_us, t_us), "instant"


def _range(start: str, end: str, zone: str) -> tuple[Interval, str]:
    """From the start of ``start`` to the end of ``end``: whole days are included, an instant ends at itself."""
    first, last = _span(start, zone)[0], _span(end, zone)[0]
    if last.end_us < first.start_us:
        raise InputError(f"it ends ({end}) before it starts ({start})", code="time")
    interval = Interval(first.start_us, last.end_us)
    return interval, _length_word(interval)


def _length_word(interval: Interval) -> str:
    """The finest precision word an interval this long can carry (a day may have 25 hours)."""
    hours = interval.duration_s / 3600
    if hours == 0:
        return "instant"
    limits = (("hour", 1), ("day", 25), ("days", 6 * 24 + 1), ("week", 7 * 24 + 1), ("month", 31 * 24 + 1))
    return next((word for word, most in limits if hours <= most), "year")


def _coarsened(interval: Interval, finest: str, stated: str, zone: str) -> When:
    """The stated precision, with the interval widened to the hour, day, month or year it names."""
    rank = TIME_PRECISIONS.index
    if rank(stated) < rank(finest):
        raise InputError(f"time_precision {stated!r} is finer than the {finest} that is given", code="time-precision")
    single = finest in ("instant", "day", "month") and stated != finest
    if single and stated in ("days", "week") and finest != "month":
        raise InputError(f"time_precision {stated!r} needs start and end", code="time-precision")
    if finest == "instant" and stated == "hour" and interval.duration_s == 0:
        interval = Interval(interval.start_us, interval.start_us + _HOUR_US)
    return When(interval=_widened(interval, stated, zone), precision=stated)


def _widened(interval: Interval, word: str, zone: str) -> Interval:
    """The calendar day, month or year of ``zone`` around an interval that is shorter than that."""
    if word not in ("day", "month", "year") or interval.duration_s > 25 * 3600:
        return interval
    local = _local_day(interval.start_us, zone)
    if word == "day":
        return _joined(interval, parse_day(local, zone=zone))
    year, month = int(local[:4]), int(local[5:7])
    if word == "month":
        return _joined(interval, _between(f"{local[:7]}-01", _month_after(year, month), zone))
    return _joined(interval, _between(f"{year:04}-01-01", f"{year + 1:04}-01-01", zone))


def _joined(first: Interval, second: Interval) -> Interval:
    return Interval(min(first.start_us, second.start_us), max(first.end_us, second.end_us))
