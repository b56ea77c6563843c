"""Our own incident table: one report a row, every doubtful thing in a column of its own.

``docs/formats/report-csv.md`` describes the columns. The same fields serve GeoJSON points.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from truceline.errors import FormatError, InputError, Where
from truceline.formats.guard import Source, need_columns, read_table
from truceline.formats.values import Fault, check_position, need_zone, read_day, read_time
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
from truceline.timebase import US_PER_S, Interval, to_datetime, zone_named
from truceline.units import parse_length

COLUMNS = (
    "id", "date", "start", "end", "time_precision", "zone",
    "place", "lon", "lat", "radius", "place_precision", "act", "party", "attribution", "source",
    "origins", "anonymous_origins", "reliability", "credibility",
    "grader", "grade_reason", "deaths_low", "deaths_best", "deaths_high", "url", "text", "note",
)  # fmt: skip
ATTRIBUTIONS = ("party", "probable", "disputed", "unknown")

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MONTH = re.compile(r"\d{4}-\d{2}")
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
        Not a CSV file, unknown columns, or no ``id``, no ``act``, neither ``date`` nor ``start``.
    UsageError
        Code ``no-zone`` where no row and no option states a zone.
    """
    table = read_table(source, known=COLUMNS)
    need_columns(table, ("id", "act"), source=source)
    unknown = [name for name in table.header if name not in COLUMNS]
    if unknown or not {"date", "start"} & set(table.header):
        message = f"unknown columns: {', '.join(unknown)}" if unknown else "the header lacks date or start"
        raise FormatError(
            message, where=source.where(1), hint=f"columns: {', '.join(COLUMNS)}", code="columns"
        )
    if zone is not None:
        zone_named(zone)
    ref = source.ref()
    gathered = ReportLog(ref)
    for line, row in table.rows:
        gathered.read_count += 1
        where = source.where(line)
        if len(row) != len(table.header):
            gathered.note("bad-row", where, f"{len(row)} cells under {len(table.header)} columns")
            continue
        fields = dict(zip(table.header, (cell.strip() for cell in row), strict=True))
        try:
            report = report_from_fields(fields, zone=zone, exercise=exercise, source=replace(ref, line=line))
        except FieldFaults as error:
            seen = f"{fields['id']}: {error}" if fields["id"] else str(error)
            gathered.note(error.faults[0].code, where, seen, error.faults[0].outcome)
            continue
        gathered.add(report, where=where)
    records = gathered.records()
    if records.dropped and not records.reports and all(item.code == "no-zone" for item in records.dropped):
        need_zone(None, what=source.name)
    return records


class ReportLog:
    """Gathers the reports of one file; an id seen again is a ``duplicate`` or a ``conflict``."""

    def __init__(self, source: SourceRef) -> None:
        self.source = source
        self.dropped: list[Dropped] = []
        self.read_count = 0
        self._reports: dict[str, Report] = {}

    def add(self, report: Report, *, where: Where) -> None:
        """Keep ``report`` unless its id is taken; remark on deaths that contradict themselves."""
        kept = self._reports.get(report.id)
        if kept is not None:
            same = replace(report, source=kept.source) == kept
            code = "duplicate" if same else "conflict"
            outcome = f"left out; the {'identical' if same else 'first'} report of that id is kept"
            self.note(code, where, f"the id {report.id!r} again", outcome)
            return
        self._reports[report.id] = report
        stated = [n for n in (report.deaths.low, report.deaths.best, report.deaths.high) if n is not None]
        if stated != sorted(stated):
            d = report.deaths
            seen = f"{report.id}: deaths low {d.low}, best {d.best}, high {d.high}"
            self.note(
                "deaths-order", where, seen, "kept as written; low, best and high contradict", kept=True
            )

    def note(
        self, code: str, where: Where, seen: str, outcome: str = "left out", *, kept: bool = False
    ) -> None:
        """Record one oddity: a row not used, or (``kept``) a remark on one that was."""
        self.dropped.append(Dropped(code=code, where=where, seen=seen, outcome=outcome, kept=kept))

    def records(self) -> Records:
        """Everything read, with what was dropped."""
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
            return ""
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
        row.fault("no-time", "give either date, or start and end")
        return None
    try:
        return _dated(date, stated, zone) if date else _ranged(start, end, stated, zone)
    except InputError as error:
        code = error.code if error.code in ("zone", "no-zone", "time-precision") else "bad-time"
        row.fault(code, error.message)
        return None


def _dated(date: str, stated: str, zone: str | None) -> When:
    """One written date; a coarser stated precision widens it to the hour, day, month or year it lies in."""
    interval, finest = _span(date, zone)
    if stated in ("", finest):
        return When(interval=interval, precision=finest)
    _not_finer(stated, finest)
    if stated in ("days", "week"):
        raise InputError(f"time_precision {stated!r} needs start and end", code="time-precision")
    if stated == "hour":
        return When(interval=Interval(interval.start_us, interval.start_us + _HOUR_US), precision=stated)
    local = to_datetime(interval.start_us, _known(zone)).date().isoformat()
    whole = {"day": local, "month": local[:7], "year": local[:4]}[stated]
    return When(interval=_span(whole, zone)[0], precision=stated)


def _ranged(start: str, end: str, stated: str, zone: str | None) -> When:
    """From the start of ``start`` to the end of ``end``: a day, month or year named as end is included."""
    first, last = _span(start, zone)[0], _span(end, zone)[0]
    whole_before = last.end_us == first.start_us and last.start_us < last.end_us
    if last.end_us < first.start_us or whole_before:
        raise InputError(f"it ends ({end}) before it starts ({start})", code="time")
    interval = Interval(first.start_us, last.end_us)
    finest = length_word(interval)
    if stated:
        _not_finer(stated, finest)
    return When(interval=interval, precision=stated or finest)


def _not_finer(stated: str, finest: str) -> None:
    if TIME_PRECISIONS.index(stated) < TIME_PRECISIONS.index(finest):
        raise InputError(
            f"time_precision {stated!r} is finer than what is given ({finest})", code="time-precision"
        )


def _known(zone: str | None) -> str:
    if zone is None:
        raise InputError("a date with no zone: fill the zone column or give the zone option", code="no-zone")
    return zone


def _span(text: str, zone: str | None) -> tuple[Interval, str]:
    """The interval a written date names, and how fine it is."""
    if _DAY.fullmatch(text):
        return read_day(text, zone=_known(zone)), "day"
    if _MONTH.fullmatch(text):
        first = read_day(f"{text}-01", zone=_known(zone))
        year, month = int(text[:4]), int(text[5:])
        after = f"{year + month // 12:04}-{month % 12 + 1:02}-01"
        return Interval(first.start_us, read_day(after, zone=_known(zone)).start_us), "month"
    if _YEAR.fullmatch(text):
        first = read_day(f"{text}-01-01", zone=_known(zone))
        return Interval(first.start_us, read_day(f"{text}-12-31", zone=_known(zone)).end_us), "year"
    t_us, _ = read_time(text, zone=zone)
    return Interval(t_us, t_us), "instant"


def length_word(interval: Interval) -> str:
    """The finest time precision that an interval this long can carry; a local day may have 25 hours.

    Examples
    --------
    >>> length_word(Interval(0, 3 * 86_400 * 1_000_000))
    'days'
    """
    hours = interval.duration_s / 3600
    limits = (("instant", 0), ("hour", 1), ("day", 25), ("days", 145), ("week", 169), ("month", 745))
    return next((word for word, most in limits if hours <= most), "year")


def _whereabouts(row: _Row) -> Whereabouts:
    """Where, as stated: a circle needs a radius; without a word for its precision it counts as a place."""
    lon, lat, radius = row.text("lon"), row.text("lat"), row.text("radius")
    precision = row.word("place_precision", PLACE_PRECISIONS)
    lonlat: tuple[float, float] | None = None
    radius_m: float | None = None
    if lon or lat:
        position = check_position(lon, lat)
        if isinstance(position, Fault):
            row.faults.append(position)
        else:
            lonlat = position
    if radius:
        try:
            radius_m = parse_length(radius)
        except InputError as error:
            row.fault(error.code, f"radius: {error.message}")
        if radius_m is not None and radius_m < 0:
            row.fault("bad-value", f"radius {radius!r} is below zero")
        if lonlat is None and not (lon or lat):
            row.fault("no-position", f"radius {radius!r} round no position")
    if not precision:
        precision = "place" if lonlat is not None and radius_m is not None else "unknown"
    return Whereabouts(lonlat_deg=lonlat, radius_m=radius_m, precision=precision, name=row.text("place"))


def _attributions(row: _Row) -> tuple[Attribution, ...]:
    """One a party named; a party with no status, and no party at all, are ``unknown``."""
    status = row.word("attribution", ATTRIBUTIONS) or "unknown"
    parties = row.listed("party")
    if not parties:
        if status != "unknown":
            row.fault("bad-value", f"attribution {status!r} to no party")
        return (Attribution(),)
    return tuple(Attribution(party=party, status=status) for party in parties)


def _grade(row: _Row) -> Grade | None:
    """Both letters or none; a grade nobody put a name to is no grade."""
    reliability = row.word("reliability", tuple("ABCDEF"))
    credibility = row.word("credibility", tuple("123456"))
    if not reliability and not credibility:
        if row.text("grader"):
            row.fault("bad-value", f"grader {row.text('grader')!r} of no grade")
        return None
    if not (reliability and credibility):
        row.fault("bad-value", "give both reliability (A to F) and credibility (1 to 6), or neither")
    if not row.text("grader"):
        row.fault("bad-value", "a grade with no grader: say who graded")
    return Grade(
        reliability=reliability or "F",
        credibility=int(credibility or 6),
        grader=row.text("grader"),
        reason=row.text("grade_reason"),
    )
