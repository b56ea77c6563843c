"""The only table of formats: what each gives, how it is recognised, what it can be told, who reads it."""

from __future__ import annotations

import difflib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from truceline.errors import FormatError, MissingPartError, UsageError
from truceline.formats import ais_csv, ais_nmea, csv_table, geojson, gpx, report_csv, ucdp_ged
from truceline.formats.guard import Source, check_size, load_source
from truceline.formats.options import track_options
from truceline.model.evidence import Records

HEAD_BYTES_COUNT = 4096


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
    """

    id: str
    title: str
    gives: tuple[str, ...]
    extensions: tuple[str, ...]
    options: tuple[Option, ...]
    sniff: Callable[[str], bool]
    reader: Callable[..., Records]
    library: str = ""

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
_FLAGS = Option(name="flags", meaning="from flag numbers (MID) to party ids, such as 412=china 416=taiwan")
_ZONE_NEEDED = Option(
    name="zone", meaning="IANA zone of the calendar days, such as Asia/Damascus", needed=True
)
_PARTIES = (
    Option(name="parties", meaning="from a side as UCDP writes it to a party id"),
    Option(name="mapping", meaning="the same as a YAML file, which may also unite spellings of origins"),
)


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
            Option(
                name="mover", meaning="id of the one mover who carried the device, for all tracks of the file"
            ),
            _DATE,
        ),
        sniff=gpx.sniff,
        reader=gpx.read,
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
_BY_ID = {item.id: item for item in FORMATS}
_TRACK_OPTIONS = frozenset(option.name for option in COMMON_OPTIONS)


def formats() -> tuple[Format, ...]:
    """Every format, in the order in which a file is tried."""
    return FORMATS


def format_named(id: str) -> Format:
    """The format of that id, or UsageError (code ``format``) with the nearest one."""
    if id not in _BY_ID:
        near = difflib.get_close_matches(id, _BY_ID, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"formats: {', '.join(_BY_ID)}"
        raise UsageError(f"no format is named {id!r}", hint=hint, code="format")
    return _BY_ID[id]


def detect(name: str, head_bytes: bytes) -> str | None:
    """The id of the format a file seems to be in.

    Parameters
    ----------
    name : str
        File name; its ending decides only where the content does not.
    head_bytes : bytes
        The first bytes of the file; 4,096 are enough.

    Returns
    -------
    str or None
        None where neither content nor ending fits a format.
    """
    codec = "utf-16" if head_bytes[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    head = head_bytes[:HEAD_BYTES_COUNT].decode(codec, errors="replace")
    for item in FORMATS:
        if item.sniff(head):
            return item.id
    ending = Path(name).suffix.casefold()
    if ending in (".csv", ".tsv"):
        return "csv"
    return next((item.id for item in FORMATS if ending in item.extensions[:1]), None)


def read_file(path: str | Path, *, format: str | None = None, name: str = "", **options: object) -> Records:
    """Read a file of records.

    Parameters
    ----------
    path : str or Path
        The file.
    format : str, optional
        Format id; recognised from content and name where not given.
    name : str, optional
        The name to record; the file's own name without its folder where not given.
    **options
        Those of the format (``formats()`` lists them); an option of value None counts as not given.

    Returns
    -------
    Records
        Tracks, paths and reports, and everything dropped or remarked, with where and why.

    Raises
    ------
    UsageError
        A format or an option that does not exist, or a needed one missing.
    InputError
        The file cannot be opened (``no-file``) or not be read as that format (FormatError).
    MissingPartError
        The format needs a package that is not installed.

    Examples
    --------
    >>> records = read_file("patrol.gpx", party="russia", accuracy="15 m")  # doctest: +SKIP
    """
    source = load_source(path, name=name)
    return read_bytes(source.data, name=source.name, format=format, **options)


def read_bytes(data: bytes, *, name: str, format: str | None = None, **options: object) -> Records:
    """Read records from bytes that are already at hand; as :func:`read_file` otherwise."""
    if format is None:
        _check_is_text(data, name)
    found = format or detect(name, data)
    if found is None:
        raise FormatError(
            "the format is not recognised",
            where=name,
            hint=f"say which it is with --format-in (in Python: format=): {', '.join(_BY_ID)}",
            code="unknown-format",
        )
    chosen = format_named(found)
    source = Source(name=name, data=data, format=chosen.id)
    check_size(source)
    shared, own = split_options(chosen, options)
    if not chosen.available:
        raise MissingPartError(
            f"{chosen.id} needs {chosen.library}, which is not installed",
            hint='pip install "truceline[formats]"',
        )
    if "tracks" not in chosen.gives:
        return chosen.reader(source, **shared, **own)
    return chosen.reader(source, track_options(**shared), **own)  # type: ignore[arg-type]


def _check_is_text(data: bytes, name: str) -> None:
    """Every format is text; what is none is said before anything is asked about it."""
    if not data.strip():
        raise FormatError(
            "the file is empty", where=name, hint="fetch it again from where it came", code="empty"
        )
    if b"\x00" in data[:HEAD_BYTES_COUNT] and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        raise FormatError(
            "the file is not text: it holds NUL bytes",
            where=name,
            hint="export it as text, such as GPX, GeoJSON or CSV",
            code="not-text",
        )


def split_options(
    chosen: Format, options: Mapping[str, object]
) -> tuple[dict[str, object], dict[str, object]]:
    """The options given: those that every track format takes, and the format's own.

    Raises
    ------
    UsageError
        Code ``option`` where the format takes none of that name.
    """
    given = {key: value for key, value in options.items() if value is not None}
    known = {option.name for option in chosen.options}
    unknown = sorted(set(given) - known)
    if unknown:
        raise UsageError(
            f"the format {chosen.id} takes no option {', '.join(unknown)}",
            hint=f"it takes {', '.join(option.name for option in chosen.options)}",
            code="option",
        )
    shared = {key: value for key, value in given.items() if key in _TRACK_OPTIONS}
    return shared, {key: value for key, value in given.items() if key not in shared}
