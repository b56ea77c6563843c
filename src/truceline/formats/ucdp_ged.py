"""UCDP GED: lethal events as reports, with the dataset's own precision of date and place kept.

Source of the codes: UCDP Georeferenced Event Dataset Codebook (Sundberg and Melander 2013; Hogbladh 2019).
A GED event has at least one death and names two sides; it does not say who fired.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from truceline.errors import InputError, UsageError
from truceline.formats.guard import Source, load_document, need_columns, read_table
from truceline.formats.report_csv import FieldFaults, ReportLog, length_word, split_names
from truceline.formats.values import Fault, check_position, need_zone, read_day
from truceline.model.evidence import (
    TIME_PRECISIONS,
    Attribution,
    Casualties,
    Records,
    Report,
    When,
    Whereabouts,
)
from truceline.model.movement import SourceRef
from truceline.timebase import Interval

COLUMNS = (
    "id", "type_of_violence", "side_a", "side_b", "source_headline", "source_original", "where_prec",
    "where_coordinates", "adm_1", "latitude", "longitude", "date_prec", "date_start", "date_end",
    "low", "best", "high",
)  # fmt: skip

# where_prec of the codebook. 1: the named place itself; its coordinates are of the middle of a town or
# village, so 2 km is assumed. 2: within about 25 km of a known point. 3: second-order and 4: first-order
# division. 5: a line, or an area with no sharp edge. 6: the country. 7: at sea or in the air. The coarse
# ones have no radius, since the codebook gives none.
PLACES: dict[str, tuple[str, float | None]] = {
    "1": ("place", 2_000.0),
    "2": ("near", 25_000.0),
    "3": ("district", None),
    "4": ("province", None),
    "5": ("unknown", None),
    "6": ("country", None),
    "7": ("unknown", None),
}
# date_prec: 1 the day, 2 two to six days, 3 the week, 4 eight days to a month, 5 more than a month.
DATES = {"1": "day", "2": "days", "3": "week", "4": "month", "5": "year"}
# type_of_violence: 1 state-based and 2 non-state are fights between two armed sides, 3 is one-sided violence
# against civilians by side A. What kind of fire it was is not coded, and not guessed from a headline.
ACTS = {"1": "armed-clash", "2": "armed-clash", "3": "attack"}

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}( 00:00:00(\.0+)?)?")
_ANONYMOUS = re.compile(
    r"\b(eye ?)?witness(es)?\b|\bresidents?\b|\bvillagers?\b|\bactivists?\b|\bsources?\b|\blocals\b"
    r"|\bofficials?\b|\bmedics?\b|\bdoctors?\b|\brelatives?\b|\brebels?\b|\bunnamed\b|\banonymous\b|\bunidentified\b"
    r"|^(a |the )?(war )?monitor(s|ing group)?$|^(the |local |state |social |kurdish )*media$"
    r"|^(the )?(local )?(military|army|police|people|reports?)$",
    re.IGNORECASE,
)


class PartyMapping(BaseModel):
    """The mapping file.

    ``parties``: which side named by UCDP is which party of the agreement. ``origins``: other spellings of an
    origin (``SSOHR: SOHR``), so that one source is not counted as two. ``fights``: the status given to
    both sides of a fight, ``unknown`` unless a person has looked and says otherwise.
    """

    model_config = ConfigDict(extra="forbid")

    parties: dict[str, str] = Field(default_factory=dict)
    origins: dict[str, str] = Field(default_factory=dict)
    fights: Literal["unknown", "disputed", "probable"] = "unknown"


def read(
    source: Source,
    *,
    zone: str | None = None,
    parties: Mapping[str, str] | str | None = None,
    mapping: str | Path | None = None,
    exercise: bool = False,
) -> Records:
    """Read a UCDP GED CSV file.

    Parameters
    ----------
    source : Source
        The file.
    zone : str
        IANA zone of the calendar days; the dataset states none, so it is needed.
    parties : mapping of str to str, or str, optional
        From a side as UCDP writes it to a party id; as text ``"IS=is; SDF=sdf"``. Sides not
        listed stay without a party, with a remark.
    mapping : path, optional
        The same as a YAML file with the key ``parties``, and ``origins`` for other spellings of a source.
    exercise : bool
        The file was made for an exercise.

    Returns
    -------
    Records
        One report an event.

    Raises
    ------
    UsageError
        Code ``no-zone``.
    FormatError
        The columns are not those of GED.
    DocumentError
        The mapping file does not stand.
    """
    days_zone = need_zone(zone, what="UCDP GED")
    stated = _party_mapping(parties, mapping)
    spellings = {name.casefold(): origin for name, origin in stated.origins.items()}
    coding = _Coding(
        zone=days_zone, parties=stated.parties, spellings=spellings, fights=stated.fights, exercise=exercise
    )
    table = read_table(source, known=COLUMNS)
    need_columns(table, COLUMNS, source=source)
    log = ReportLog(source.ref())
    unmapped: Counter[str] = Counter()
    for line, cells in table.rows:
        log.read_count += 1
        where = source.where(line)
        if len(cells) != len(table.header):
            log.note("bad-row", where, f"{len(cells)} cells under {len(table.header)} columns")
            continue
        fields = dict(zip(table.header, (cell.strip() for cell in cells), strict=True))
        try:
            report, remarks = _event(fields, coding, replace(log.source, line=line))
        except FieldFaults as error:
            log.note(error.faults[0].code, where, f"{fields['id']}: {error}", error.faults[0].outcome)
            continue
        for remark in remarks:
            log.note(remark.code, where, f"{fields['id']}: {remark.seen}", remark.outcome, kept=True)
        unmapped.update(side for side in _sides(fields) if side not in coding.parties)
        log.add(report, where=where)
    for side, count in sorted(unmapped.items()):
        outcome = "kept with no party; name it under parties to have it judged"
        log.note("unknown-party", source.where(), f"{side}: in {count} events", outcome, kept=True)
    return log.records()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coding:
    """What a person adds to the dataset: the zone of its days, and who its sides are."""

    zone: str
    parties: Mapping[str, str]
    spellings: Mapping[str, str]
    fights: str
    exercise: bool

    def origins(self, text: str) -> tuple[str, ...]:
        """The sources a cell names, each under its one spelling and once."""
        return split_names(";".join(self.spellings.get(name.casefold(), name) for name in split_names(text)))


def _party_mapping(parties: Mapping[str, str] | str | None, mapping: str | Path | None) -> PartyMapping:
    if isinstance(parties, str):
        pairs = [part.partition("=") for part in parties.split(";") if part.strip()]
        if any(not (side.strip() and party.strip()) for side, _, party in pairs):
            raise UsageError(
                f"not sides and parties: {parties!r}", hint='write it like "Government of Syria=syria; IS=is"'
            )
        parties = {side.strip(): party.strip() for side, _, party in pairs}
    if mapping is None:
        return PartyMapping(parties=dict(parties or {}))
    if parties is not None:
        raise UsageError("both parties and mapping are given", hint="give one of them")
    return load_document(mapping, PartyMapping)


def _event(fields: Mapping[str, str], coding: _Coding, source: SourceRef) -> tuple[Report, list[Fault]]:
    """One event as a report with remarks on it; FieldFaults where it cannot be placed in time or kind."""
    faults: list[Fault] = []
    remarks: list[Fault] = []
    violence = fields["type_of_violence"]
    if violence not in ACTS:
        faults.append(Fault(code="bad-value", seen=f"type_of_violence {violence!r} is not 1, 2 or 3"))
    if not fields["id"]:
        faults.append(Fault(code="no-id", seen="no id"))
    when = _when(fields, coding.zone, faults, remarks)
    where = _whereabouts(fields, faults)
    if when is None or faults:
        raise FieldFaults(faults)
    names = coding.origins(fields["source_original"])
    report = Report(
        id=f"ucdp:{fields['id']}",
        act=ACTS[violence],
        when=when,
        where=where,
        attributions=_attributions(fields, coding),
        text=fields["source_headline"],
        source_name="UCDP GED",
        origins=tuple(name for name in names if not is_anonymous(name)),
        anonymous_origins=tuple(name for name in names if is_anonymous(name)),
        deaths=Casualties(**{name: _deaths(fields, name, remarks) for name in ("low", "best", "high")}),
        source=source,
        note=f"{fields['side_a']} / {fields['side_b']}; where_prec {fields['where_prec']}, "
        f"date_prec {fields['date_prec']}",
        exercise=coding.exercise,
    )
    return report, remarks


def is_anonymous(name: str) -> bool:
    """True of an origin that names nobody, such as "witness" or "local sources".

    Examples
    --------
    >>> is_anonymous("two witnesses and a medic"), is_anonymous("Syrian Observatory for Human Rights")
    (True, False)
    """
    return _ANONYMOUS.search(name) is not None


def _when(fields: Mapping[str, str], zone: str, faults: list[Fault], remarks: list[Fault]) -> When | None:
    """``date_start`` to ``date_end``, both days included, with the coarser of the code and the span."""
    word = DATES.get(fields["date_prec"])
    if word is None:
        faults.append(Fault(code="bad-value", seen=f"date_prec {fields['date_prec']!r} is not 1 to 5"))
    try:
        start, end = (_day(fields[name], zone) for name in ("date_start", "date_end"))
    except InputError as error:
        faults.append(Fault(code="bad-time", seen=error.message))
        return None
    if end.end_us <= start.start_us:
        seen = f"date_end {fields['date_end']} is before date_start {fields['date_start']}"
        faults.append(Fault(code="bad-time", seen=seen))
        return None
    interval = Interval(start.start_us, end.end_us)
    finest = length_word(interval)
    if word is not None and TIME_PRECISIONS.index(word) < TIME_PRECISIONS.index(finest):
        seen = f"date_prec {fields['date_prec']} ({word}) over {fields['date_start']} to {fields['date_end']}"
        remarks.append(Fault(code="date-precision", seen=seen, outcome=f"kept as {finest}"))
        word = finest
    return When(interval=interval, precision=word or finest)


def _day(text: str, zone: str) -> Interval:
    """A day; newer releases write a clock of zeros after it, which means nothing."""
    if not _DATE.fullmatch(text):
        raise InputError(f"not a date: {text!r}", code="time")
    return read_day(text[:10], zone=zone)


def _whereabouts(fields: Mapping[str, str], faults: list[Fault]) -> Whereabouts:
    precision, radius_m = PLACES.get(fields["where_prec"], ("unknown", None))
    if fields["where_prec"] not in PLACES:
        faults.append(Fault(code="bad-value", seen=f"where_prec {fields['where_prec']!r} is not 1 to 7"))
    name = ", ".join(part for part in (fields["where_coordinates"], fields["adm_1"]) if part)
    position = check_position(fields["longitude"], fields["latitude"])
    if isinstance(position, Fault):
        faults.append(position)
        return Whereabouts(precision=precision, name=name)
    return Whereabouts(lonlat_deg=position, radius_m=radius_m, precision=precision, name=name)


def _sides(fields: Mapping[str, str]) -> tuple[str, ...]:
    """Those who may have done it: both sides of a fight, side A alone of one-sided violence."""
    return (fields["side_a"],) if fields["type_of_violence"] == "3" else (fields["side_a"], fields["side_b"])


def _attributions(fields: Mapping[str, str], coding: _Coding) -> tuple[Attribution, ...]:
    one_sided = fields["type_of_violence"] == "3"
    status = "probable" if one_sided else coding.fights
    why = (
        "the perpetrator as UCDP defines it" if one_sided else "one side of the fight; who fired is not coded"
    )
    return tuple(
        Attribution(
            party=coding.parties.get(side),
            status=status if side in coding.parties else "unknown",
            basis=f"UCDP: {side}, {why}",
        )
        for side in _sides(fields)
    )


def _deaths(fields: Mapping[str, str], name: str, remarks: list[Fault]) -> int | None:
    seen = fields[name]
    if seen.isascii() and seen.isdigit():
        return int(seen)
    if seen:
        remarks.append(Fault(code="bad-value", seen=f"deaths {name} {seen!r}", outcome="kept as not stated"))
    return None
