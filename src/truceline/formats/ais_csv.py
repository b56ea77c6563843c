"""AIS as the MarineCadastre CSV files give it (US coast guard receivers; times are UTC).

What AIS says of itself is self-declared: identity, type and position come from the vessel. The files carry no
accuracy; 181 and 91 mean that the position is not available, 511 the heading and 102.3 the speed (ITU-R
M.1371-5, table 48). Heading and speed are not used: findings rest on positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from truceline.errors import InputError, UsageError
from truceline.formats.fixes import FixLog
from truceline.formats.guard import Source, need_columns, read_table
from truceline.formats.options import TrackOptions
from truceline.formats.values import read_number, read_time, time_fault
from truceline.model.evidence import Records
from truceline.model.identity import Mover

DEFAULT_LONGEST_GAP_S = 600.0

# The names of 2009 to 2024, and those of the files since.
_COLUMNS = {
    "mmsi": ("MMSI", "mmsi"),
    "time": ("BaseDateTime", "base_date_time"),
    "lat": ("LAT", "latitude"),
    "lon": ("LON", "longitude"),
    "name": ("VesselName", "vessel_name"),
    "type": ("VesselType", "vessel_type"),
}
_KNOWN = tuple(name for names in _COLUMNS.values() for name in names)


def sniff(head: str) -> bool:
    """True where the header has the MarineCadastre names of identity, time and position."""
    first = head.lstrip("\ufeff \r\n").partition("\n")[0]
    cells = {cell.strip().strip('"') for cell in first.split(",")}
    return all(cells & set(_COLUMNS[part]) for part in ("mmsi", "time", "lat", "lon"))


def read(source: Source, options: TrackOptions, *, flags: Mapping[str, str] | str | None = None) -> Records:
    """Read a MarineCadastre AIS file.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        The default longest gap is 10 minutes. ``zone`` is not needed: times are UTC.
    flags : mapping or str, optional
        From the three-digit flag number of an MMSI (MID) to a party id, such as ``"412=china 416=taiwan"``.
        Without it no party is taken from the flag.

    Returns
    -------
    Records
        One track a vessel, id ``mmsi:<number>``.

    Raises
    ------
    FormatError
        Needed columns are missing, or the CSV is broken.
    """
    parties = parse_flags(flags)
    table = read_table(source, known=_KNOWN)
    index = {part: _index(table.header, names) for part, names in _COLUMNS.items()}
    missing = [_COLUMNS[part][0] for part in ("mmsi", "time", "lat", "lon") if index[part] is None]
    need_columns(table, missing, source=source)
    reader = _AisReader(source, options, parties)
    width = len(table.header)
    for line, cells in table.rows:
        reader.log.read_count += 1
        if len(cells) != width:
            reader.log.drop("bad-row", line, f"{len(cells)} cells under {width} columns")
            continue
        row = {part: "" if at is None else cells[at].strip() for part, at in index.items()}
        reader.row(line, row)
    return reader.records()


def _index(header: tuple[str, ...], names: tuple[str, ...]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


class _AisReader:
    """One pass over one file."""

    def __init__(self, source: Source, options: TrackOptions, parties: Mapping[str, str]) -> None:
        self.options, self.parties = options, parties
        self.log = FixLog(source.ref())
        self.vessels: dict[str, Vessel] = {}

    def row(self, line: int, row: Mapping[str, str]) -> None:
        """Read one row into a fix, or say why not."""
        mmsi = row["mmsi"]
        if not mmsi:
            self.log.drop("no-mover", line, "the MMSI is blank")
            return
        if is_sentinel(row["lon"], row["lat"]):
            self.log.drop("no-position", line, f"lon {row['lon']}, lat {row['lat']}: AIS for not available")
            return
        if not row["time"]:
            self.log.drop("no-time", line, f"MMSI {mmsi} without a time")
            return
        try:
            t_us, remark = read_time(row["time"], zone="UTC")
        except InputError as error:
            self.log.drop(time_fault(error), line, error.message)
            return
        if not self.log.add(mmsi, t_us=t_us, lon=row["lon"], lat=row["lat"], at=line):
            return
        if remark:
            self.log.drop(remark, line, row["time"], "kept as the next second", kept=True)
        vessel = self.vessels.get(mmsi)
        if vessel is None:
            vessel = self.vessels[mmsi] = Vessel(mmsi)
            remark_odd_mmsi(self.log, mmsi, line)
        if vessel.learn(name=row["name"], ship_type=row["type"]):
            remark_type(self.log, vessel, row["type"], line)

    def records(self) -> Records:
        """Everything read, with what was dropped."""
        movers = {mmsi: vessel.mover(self.options, self.parties) for mmsi, vessel in self.vessels.items()}
        return Records(
            source=self.log.source,
            tracks=self.log.tracks(movers, options=self.options, longest_gap_s=DEFAULT_LONGEST_GAP_S),
            dropped=tuple(self.log.dropped),
            read_count=self.log.read_count,
        )


# ---------------------------------------------------------------- what both AIS readers share


@dataclass(slots=True)
class Vessel:
    """What a station has said of itself: the first name and the first type it gave."""

    mmsi: str
    name: str = ""
    ship_type: str = ""

    def learn(self, *, name: str = "", ship_type: str = "") -> bool:
        """Take in a name and a type; True where the type makes another class than the first one did."""
        self.name = self.name or name
        if ship_type in ("", "0"):
            return False
        first = self.ship_type
        self.ship_type = first or ship_type
        return bool(first) and (first == "35") != (ship_type == "35")

    def mover(self, options: TrackOptions, parties: Mapping[str, str]) -> Mover:
        """The mover: a type of 35 (military operations) is a warship; party from the flag where asked."""
        ship = is_ship(self.mmsi)
        vessel = options.mover_class or "vessel" if ship or self.ship_type else None
        mover_class = "warship" if self.ship_type == "35" else vessel
        return options.mover(
            f"mmsi:{self.mmsi}",
            name=self.name or None,
            mover_class=mover_class,
            party=parties.get(self.mmsi[:3]) if ship else None,
        )


def is_ship(mmsi: str) -> bool:
    """True of a ship station: nine digits, the first 2 to 7 (ITU-R M.585); coast stations and aids differ."""
    return len(mmsi) == 9 and mmsi.isascii() and mmsi.isdigit() and "2" <= mmsi[0] <= "7"


def is_sentinel(lon: object, lat: object) -> bool:
    """True where longitude is 181 or latitude 91, which AIS writes for "not available"."""
    return read_number(lon) == 181.0 or read_number(lat) == 91.0


def parse_flags(flags: Mapping[str, str] | str | None) -> dict[str, str]:
    """Flag numbers to party ids, from a mapping or from text such as ``"412=china 416=taiwan"``.

    Raises
    ------
    UsageError
        Code ``flags`` where a part is not three digits, an equals sign and a party.

    Examples
    --------
    >>> parse_flags("412=china 416=taiwan")
    {'412': 'china', '416': 'taiwan'}
    """
    if flags is None:
        return {}
    if isinstance(flags, str):
        parts = (part.partition("=") for part in flags.replace(",", " ").split())
        pairs = [(number, party) for number, _, party in parts]
    else:
        pairs = list(flags.items())
    for number, party in pairs:
        if len(number) != 3 or not number.isdigit() or not party:
            raise UsageError(
                f"not a flag number and a party: {number!r} = {party!r}",
                hint='write it like "412=china"',
                code="flags",
            )
    return dict(pairs)


def remark_odd_mmsi(log: FixLog, mmsi: str, at: int) -> None:
    """Remark an MMSI that is no ship's: kept under the number it gave."""
    if not is_ship(mmsi):
        log.drop(
            "odd-mmsi",
            at,
            f"MMSI {mmsi}",
            "kept; not the number of a ship, so of a class only where it gives a type",
            kept=True,
        )


def remark_type(log: FixLog, vessel: Vessel, ship_type: str, at: int) -> None:
    """Remark a station that changed between military and other types."""
    seen = f"MMSI {vessel.mmsi}: type {ship_type} after {vessel.ship_type}"
    log.drop("mover-differs", at, seen, "kept under the type it gave first", kept=True)
