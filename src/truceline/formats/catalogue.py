"""The only table of formats: what each gives, how it is recognised, what it can be told, who reads it."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

from truceline.formats import (
    ais_csv,
    ais_nmea,
    arrow,
    cot,
    csv_table,
    fix_jsonl,
    geojson,
    gpx,
    nmea,
    report_csv,
    ucdp_ged,
)
from truceline.formats.adsb import readsb_json, sbs1
from truceline.formats.drones import mavlink_log, remote_id_log
from truceline.model.evidence import Records


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """Something a reader can be told; ``needed`` where it cannot do without."""

    name: str
    meaning: str
    needed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format.

    Attributes
    ----------
    id : str
        Its name in calls and on the command line; its page is ``docs/formats/<id>.md``.
    gives : tuple of str
        Any of ``tracks``, ``paths`` and ``reports``.
    extensions : tuple of str
        File endings, lower case, with the dot.
    options : tuple of Option
        All it can be told, the common options of track formats among them.
    sniff : callable
        True where the first bytes of a file, as text, are of this format.
    reader : callable
        From a ``Source`` (and ``TrackOptions`` where it gives tracks) and its own options to ``Records``.
    library : str
        The optional package it needs, or "".
    binary : bool
        Whether it is not text.
    """

    id: str
    title: str
    gives: tuple[str, ...]
    extensions: tuple[str, ...]
    options: tuple[Option, ...]
    sniff: Callable[[str], bool]
    reader: Callable[..., Records]
    library: str = ""
    binary: bool = False

    @property
    def available(self) -> bool:
        """Whether the library it needs is installed."""
        return not self.library or importlib.util.find_spec(self.library) is not None


COMMON_OPTIONS = (
    Option(name="party", meaning="party id of movers whose party the file does not name"),
    Option(name="mover_class", meaning="class of movers, such as vehicle or vessel"),
    Option(name="accuracy", meaning='95 % radius of a fix where the file states none, such as "15 m"'),
    Option(name="longest_gap", meaning='between fixes further apart nothing is assumed, such as "5 min"'),
    Option(name="zone", meaning="IANA zone of dates and times that carry none, such as Asia/Damascus"),
    Option(name="armed", meaning="whether the movers are armed"),
    Option(name="exercise", meaning="the records were made for an exercise"),
)
_ZONE = COMMON_OPTIONS[4]
_EXERCISE = COMMON_OPTIONS[6]
_DATE = Option(name="date", meaning="day (or first/last day) of lines that carry no times: 2020-02-12")
_MOVER = Option(
    name="mover", meaning="id of the one mover who carried the device, for all tracks of the file"
)
_RANGING = Option(
    name="ranging_error",
    meaning='one-sigma error of a satellite range, such as "5 m": estimates accuracy from HDOP',
)
_DATUM = Option(name="altitude_datum", meaning="ellipsoid, msl, baro or agl, where no column says it")
_FLAGS = Option(name="flags", meaning="from flag numbers (MID) to party ids, such as 412=china 416=taiwan")
_ZONE_NEEDED = Option(
    name="zone", meaning="IANA zone of the calendar days, such as Asia/Damascus", needed=True
)
_PARTIES = (
    Option(name="parties", meaning="from a side as UCDP writes it to a party id"),
    Option(name="mapping", meaning="the same as a YAML file, which may also unite spellings of origins"),
)


def _height(choices: str) -> Option:
    return Option(name="height", meaning=f"the height that is taken: {choices}")


def _header_has(*names: str) -> Callable[[str], bool]:
    """A sniffer for CSV: the first line holds all these column names, whatever their case."""

    def sniff(head: str) -> bool:
        first = head.lstrip("\ufeff \r\n").partition("\n")[0].casefold()
        cells = {cell.strip().strip('"') for cell in first.replace(";", ",").replace("\t", ",").split(",")}
        return all(name in cells for name in names)

    return sniff


FORMATS = (
    Format(
        id="gpx",
        title="GPX 1.0 and 1.1 (handheld receivers, phones)",
        gives=("tracks", "paths"),
        extensions=(".gpx",),
        options=(
            *COMMON_OPTIONS,
            _MOVER,
            _DATE,
        ),
        sniff=gpx.sniff,
        reader=gpx.read,
    ),
    Format(
        id="ais-csv",
        title="AIS as the MarineCadastre CSV files give it",
        gives=("tracks",),
        extensions=(".csv",),
        options=(*COMMON_OPTIONS, _FLAGS),
        sniff=ais_csv.sniff,
        reader=ais_csv.read,
    ),
    Format(
        id="ais-nmea",
        title="AIS as NMEA 0183 sentences (AIVDM), with a time beside each",
        gives=("tracks",),
        extensions=(".nmea", ".ais", ".txt", ".log"),
        options=(*COMMON_OPTIONS, _FLAGS),
        sniff=ais_nmea.sniff,
        reader=ais_nmea.read,
        library="pyais",
    ),
    Format(
        id="nmea",
        title="NMEA 0183 position sentences of a satellite receiver (RMC, GGA, GLL, GNS)",
        gives=("tracks",),
        extensions=(".nmea", ".txt", ".log"),
        options=(*COMMON_OPTIONS, _MOVER, _DATE, _RANGING, _height("msl (as written) or ellipsoid")),
        sniff=nmea.sniff,
        reader=nmea.read,
    ),
    Format(
        id="readsb-json",
        title="ADS-B: aircraft.json snapshots and traces of readsb and tar1090",
        gives=("tracks",),
        extensions=(".json", ".jsonl"),
        options=(*COMMON_OPTIONS, _height("geometric (the default) or barometric")),
        sniff=readsb_json.sniff,
        reader=readsb_json.read,
    ),
    Format(
        id="sbs1",
        title="ADS-B: MSG lines in BaseStation's format (SBS-1)",
        gives=("tracks",),
        extensions=(".sbs", ".bst", ".csv", ".txt", ".log"),
        options=(
            *COMMON_OPTIONS[:4],
            Option(name="zone", meaning="IANA zone of the clock that stamped the lines", needed=True),
            *COMMON_OPTIONS[5:],
            Option(name="stamp", meaning="the time that is taken: generated (the default) or logged"),
        ),
        sniff=sbs1.sniff,
        reader=sbs1.read,
    ),
    Format(
        id="cot",
        title="Cursor on Target events, XML or TAK protocol packets",
        gives=("tracks",),
        extensions=(".cot", ".xml"),
        options=(
            *COMMON_OPTIONS,
            Option(
                name="ce", meaning="what the circular error is: sigma (the default), 95, 90, 68, rms or cep50"
            ),
            Option(name="affiliations", meaning="from the letter of a type to a party id, such as f=russia"),
        ),
        sniff=cot.sniff,
        reader=cot.read,
    ),
    Format(
        id="mavlink-log",
        title="MAVLink position messages as a decoder prints them (JSON lines or CSV)",
        gives=("tracks",),
        extensions=(".jsonl", ".json", ".csv"),
        options=(
            *COMMON_OPTIONS,
            _MOVER,
            Option(name="message", meaning="GLOBAL_POSITION_INT (the default) or GPS_RAW_INT"),
            _RANGING,
        ),
        sniff=mavlink_log.sniff,
        reader=mavlink_log.read,
    ),
    Format(
        id="remote-id-log",
        title="Remote ID (ASTM F3411, OpenDroneID) as a decoder prints it (JSON lines)",
        gives=("tracks",),
        extensions=(".jsonl", ".json"),
        options=(
            *COMMON_OPTIONS,
            Option(name="timestamp_unit", meaning="what Timestamp counts: tenths (the default) or s"),
        ),
        sniff=remote_id_log.sniff,
        reader=remote_id_log.read,
    ),
    Format(
        id="fix-jsonl",
        title="Truceline's own fixes, one JSON object a line",
        gives=("tracks",),
        extensions=(".jsonl",),
        options=COMMON_OPTIONS,
        sniff=fix_jsonl.sniff,
        reader=fix_jsonl.read,
    ),
    Format(
        id="parquet",
        title="Fixes as columns, Parquet",
        gives=("tracks",),
        extensions=(".parquet",),
        options=(*COMMON_OPTIONS, _DATUM),
        sniff=arrow.sniff_parquet,
        reader=arrow.read,
        library="pyarrow",
        binary=True,
    ),
    Format(
        id="arrow",
        title="Fixes as columns, Arrow IPC file or stream",
        gives=("tracks",),
        extensions=(".arrow", ".arrows", ".feather"),
        options=(*COMMON_OPTIONS, _DATUM),
        sniff=arrow.sniff_arrow,
        reader=arrow.read,
        library="pyarrow",
        binary=True,
    ),
    Format(
        id="geojson",
        title="GeoJSON: timed lines and points, dated lines, described incidents",
        gives=("tracks", "paths", "reports"),
        extensions=(".geojson", ".json"),
        options=(
            *COMMON_OPTIONS,
            Option(name="name_property", meaning="the property that names a mover (name)"),
            Option(name="count_property", meaning="the property that counts movers (movers_count)"),
        ),
        sniff=lambda head: head.lstrip("\ufeff \t\r\n").startswith("{") and '"type"' in head,
        reader=geojson.read,
    ),
    Format(
        id="ucdp-ged",
        title="UCDP Georeferenced Event Dataset, CSV",
        gives=("reports",),
        extensions=(".csv",),
        options=(_ZONE_NEEDED, *_PARTIES, _EXERCISE),
        sniff=_header_has("where_prec", "date_prec", "type_of_violence"),
        reader=ucdp_ged.read,
    ),
    Format(
        id="report-csv",
        title="Incident table: one report a row, in Truceline's own columns",
        gives=("reports",),
        extensions=(".csv", ".tsv"),
        options=(_ZONE, _EXERCISE),
        sniff=lambda head: _header_has("id", "act", "date")(head) or _header_has("id", "act", "start")(head),
        reader=report_csv.read,
    ),
    Format(
        id="csv",
        title="Any CSV table of positions, with a mapping file",
        gives=("tracks",),
        extensions=(".csv", ".tsv", ".txt"),
        options=(
            *COMMON_OPTIONS,
            Option(name="mapping", meaning="the mapping file: which column is what", needed=True),
            Option(name="columns", meaning="the header row of a table that has none: mover,t,lon,lat"),
        ),
        sniff=lambda head: False,
        reader=csv_table.read,
    ),
)
