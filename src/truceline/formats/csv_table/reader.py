"""CSV with a mapping file: any table of positions, once a person has said which column is what."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from truceline.errors import InputError, UsageError
from truceline.formats.csv_table.mapping import EPOCHS_US, TableMapping, Text
from truceline.formats.fixes import FixLog
from truceline.formats.options import TrackOptions, check_class
from truceline.formats.values import (
    epoch_instant,
    need_zone,
    parse_dms,
    read_number,
    read_time,
    strptime_instant,
    time_fault,
)
from truceline.model.evidence import Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef
from truceline.units import LENGTH_M, TO_95


def joined_options(mapping: TableMapping, options: TrackOptions) -> TrackOptions:
    """The options with what the mapping says of the whole file."""
    twice = [
        name
        for name, stated, given in (
            ("party", mapping.party, options.party),
            ("class", mapping.mover_class, options.mover_class),
            ("accuracy", mapping.accuracy, None if math.isnan(options.accuracy_m) else options.accuracy_m),
            ("longest_gap", mapping.longest_gap, options.longest_gap_s),
            ("zone", mapping.time.zone, options.zone),
            ("armed", mapping.armed, options.armed),
        )
        if stated is not None and given is not None
    ]
    if twice:
        raise UsageError(
            f"said both in the mapping and as an option: {', '.join(twice)}",
            hint="say it in one place",
            code="said-twice",
        )
    constant_m = mapping.accuracy.value if mapping.accuracy else None
    return replace(
        options,
        accuracy_m=options.accuracy_m if constant_m is None else constant_m * TO_95[_convention(mapping)],
        longest_gap_s=mapping.longest_gap or options.longest_gap_s,
        zone=mapping.time.zone or options.zone,
        armed=options.armed if mapping.armed is None else mapping.armed,
        exercise=options.exercise or mapping.exercise,
    )


def _convention(mapping: TableMapping) -> str:
    return mapping.accuracy.convention if mapping.accuracy else "95"


class RowReader:
    """Reads rows one by one, each with its outcome."""

    def __init__(self, source: SourceRef, mapping: TableMapping, options: TrackOptions) -> None:
        self.mapping, self.options = mapping, options
        self.log = FixLog(source)
        self.movers: dict[str, Mover] = {}
        self._remarked: set[tuple[str, str]] = set()

    def records(self) -> Records:
        """The tracks of what was read; refused where no row had a zone and none is stated."""
        dropped = self.log.dropped
        if not self.movers and any(item.code == "no-zone" for item in dropped):
            need_zone(None, what=self.log.source.name)
        tracks = self.log.tracks(self.movers, options=self.options, note=self._note())
        return Records(
            source=self.log.source, tracks=tracks, dropped=tuple(dropped), read_count=self.log.read_count
        )

    def cells(self, line: int, header: Sequence[str], cells: Sequence[str]) -> None:
        """Read one row."""
        self.log.read_count += 1
        if len(cells) != len(header):
            self.log.drop("bad-row", line, f"{len(cells)} cells under {len(header)} columns")
            return
        self._row(line, dict(zip(header, (cell.strip() for cell in cells), strict=True)))

    def _row(self, line: int, row: Mapping[str, str]) -> None:
        id = self.mover_id(row, line)
        if not id:
            self.log.drop("no-mover", line, "the mover's cell is blank")
            return
        t_us = self._time(line, row)
        if t_us is None:
            return
        lon, lat = (self._coordinate(row[part.column]) for part in (self.mapping.lon, self.mapping.lat))
        added = self.log.add(
            id,
            t_us=t_us,
            lon=lon,
            lat=lat,
            at=line,
            accuracy_m=self._accuracy_m(line, row),
            altitude_m=self._altitude_m(line, row),
            datum=self.mapping.altitude.datum if self.mapping.altitude else "",
        )
        if added:
            self.know(id, row, line)

    def mover_id(self, row: Mapping[str, str], line: int) -> str:
        """The id of the mover of a row, "" where there is none."""
        return self._text(self.mapping.mover, row, line) or ""

    def know(self, id: str, row: Mapping[str, str], line: int) -> None:
        """Who the mover is, from its first row; a later row that says otherwise is remarked once."""
        mapping = self.mapping
        mover_class = self._text(mapping.mover_class, row, line)
        if mover_class is not None:
            try:
                check_class(mover_class)
            except UsageError as error:
                self._remark("unknown-class", line, mover_class, f"{error.message}: kept as not known")
                mover_class = None
        known = {
            "party": self._text(mapping.party, row, line),
            "mover_class": mover_class,
            "name": self._text(mapping.name, row, line),
            "purpose": self._text(mapping.purpose, row, line),
        }
        mover = self.options.mover(id, **known)
        if self.movers.setdefault(id, mover) != mover:
            self._remark("mover-differs", line, id, "kept as the mover's first row says")

    def _remark(self, code: str, line: int, seen: str, outcome: str) -> None:
        if (code, seen) not in self._remarked:
            self._remarked.add((code, seen))
            self.log.drop(code, line, seen, outcome, kept=True)

    def _text(self, part: Text | None, row: Mapping[str, str], line: int) -> str | None:
        if part is None:
            return None
        if part.column is None:
            return part.value
        seen = row[part.column]
        if not seen or part.values is None:
            return seen or None
        if seen not in part.values:
            outcome = f"not among the values of {part.column}: kept as not known"
            self._remark("unknown-value", line, f"{part.column} {seen!r}", outcome)
        return part.values.get(seen)

    def _time(self, line: int, row: Mapping[str, str]) -> int | None:
        time = self.mapping.time
        columns = [time.column] if isinstance(time.column, str) else time.column
        text = " ".join(row[column] for column in columns).strip()
        if not text:
            self.log.drop("no-time", line, "the time is blank")
            return None
        remark = ""
        try:
            if time.time_format is None:
                t_us, remark = read_time(text, zone=self.options.zone)
            elif time.time_format in EPOCHS_US:
                t_us = epoch_instant(self._number_text(text), unit_us=EPOCHS_US[time.time_format])
            else:
                t_us = strptime_instant(text, time.time_format, zone=self.options.zone)
        except InputError as error:
            self.log.drop(time_fault(error), line, error.message)
            return None
        if remark:
            self.log.drop(remark, line, text, "kept as the next second", kept=True)
        return t_us

    def _number_text(self, text: str) -> str:
        return text.replace(",", ".") if self.mapping.decimal_comma else text

    def _coordinate(self, text: str) -> object:
        text = self._number_text(text)
        if self.mapping.coordinates == "decimal" or not text:
            return text
        degrees = parse_dms(text)
        return text if degrees is None else degrees

    def _measure_m(self, line: int, text: str, unit: str, code: str, *, above: float) -> float:
        """A cell in metres; NaN where blank, and, with a remark, where it is no number above ``above``."""
        if not text:
            return math.nan
        number = read_number(self._number_text(text))
        if number is None or not math.isfinite(number) or number <= above:
            self.log.drop(code, line, text, "the fix is kept, with this as not stated", kept=True)
            return math.nan
        return number * LENGTH_M[unit]

    def _accuracy_m(self, line: int, row: Mapping[str, str]) -> float:
        part = self.mapping.accuracy
        if part is None or part.column is None or part.unit is None:
            return math.nan
        seen_m = self._measure_m(line, row[part.column], part.unit, "bad-accuracy", above=0.0)
        return seen_m * TO_95[part.convention]

    def _altitude_m(self, line: int, row: Mapping[str, str]) -> float:
        part = self.mapping.altitude
        if part is None:
            return math.nan
        return self._measure_m(line, row[part.column], part.unit, "bad-altitude", above=-math.inf)

    def _note(self) -> str:
        """The accuracy as it was given, so that the original can be had back."""
        part = self.mapping.accuracy
        if part is None or part.convention == "95":
            return self.mapping.note
        given = f"{part.value:g} m" if part.value is not None else f"column {part.column} in {part.unit}"
        told = f"accuracy given as {part.convention} ({given}), times {TO_95[part.convention]:.4f} for 95 %"
        return f"{self.mapping.note}; {told}" if self.mapping.note else told
