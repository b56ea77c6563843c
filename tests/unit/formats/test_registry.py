"""The one table of formats: recognition, options, pages, and the outcomes that are promised in the docs."""

from __future__ import annotations

import importlib.util
import inspect
import re
from pathlib import Path

import pytest

from truceline.errors import FormatError, InputError, MissingPartError, UsageError
from truceline.formats import registry
from truceline.formats.options import track_options

GPX = b'<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"></gpx>'


@pytest.mark.parametrize(
    ("name", "head", "id"),
    [
        ("a.gpx", GPX, "gpx"),
        ("a.dat", GPX, "gpx"),
        ("a.gpx", "\ufeff".encode() + GPX, "gpx"),
        ("a.gpx", GPX.decode().encode("utf-16"), "gpx"),
        ("a.json", b'{\n "type": "FeatureCollection", "features": []}', "geojson"),
        ("a.csv", b"MMSI,BaseDateTime,LAT,LON,SOG\n", "ais-csv"),
        ("a.csv", b"mmsi,base_date_time,longitude,latitude\n", "ais-csv"),
        ("a.log", b"# log\n1583452800 !AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C\n", "ais-nmea"),
        ("a.csv", b"id,year,type_of_violence,where_prec,date_prec\n", "ucdp-ged"),
        ("a.csv", b"id;act;date;zone\n", "report-csv"),
        ("a.csv", b'"id","act","start","end"\n', "report-csv"),
        ("a.CSV", b"time,lon,lat\n", "csv"),
        ("a.tsv", b"time\tlon\tlat\n", "csv"),
        ("a.gpx", b"", "gpx"),
        ("a.pdf", b"%PDF-1.7", None),
        ("a", b"\x00\xff\xfe", None),
    ],
)
def test_formats_are_recognised_by_content_first(name: str, head: bytes, id: str | None) -> None:
    assert registry.detect(name, head) == id


def test_a_file_of_no_known_format_is_refused_with_the_list(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    with pytest.raises(FormatError) as caught:
        registry.read_file(path)
    assert caught.value.code == "unknown-format"
    assert "geojson" in caught.value.hint


def test_the_wrong_format_is_an_error_not_an_empty_answer() -> None:
    for item in registry.formats():
        if item.id not in (
            "csv",
            "ais-nmea",
            "nmea",
        ):  # csv asks for its mapping; any line may stand in a log
            options = {"zone": "UTC"}
            with pytest.raises(FormatError):
                registry.read_bytes(b"%PDF-1.7\n%\n", name="a", format=item.id, **options)


def test_unknown_formats_and_options_are_named_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        registry.format_named("gpxx")
    assert "'gpx'" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        registry.read_bytes(b"", name="a.csv", format="ucdp-ged", zone="UTC", party="x")
    assert "party" in str(caught.value)
    assert "parties" in caught.value.hint


def test_options_of_value_none_count_as_not_given() -> None:
    assert registry.read_bytes(GPX, name="a.gpx", party=None, mapping=None).read_count == 0


def test_the_table_says_what_the_readers_take() -> None:
    shared = set(inspect.signature(track_options).parameters)
    for item in registry.formats():
        takes = set(inspect.signature(item.reader).parameters) - {"source", "options"}
        if "tracks" in item.gives:
            takes |= shared
        assert {option.name for option in item.options} == takes, item.id
        assert all(option.meaning for option in item.options)


def test_ids_are_unique_and_each_has_its_page(root_dir: Path) -> None:
    ids = [item.id for item in registry.formats()]
    assert len(set(ids)) == len(ids)
    for item in registry.formats():
        page = root_dir / "docs" / "formats" / f"{item.id}.md"
        assert page.is_file(), f"{page} is missing"
        text = page.read_text(encoding="utf-8")
        for option in item.options:
            assert f"`{option.name}`" in text, f"{page.name} does not say what {option.name} does"


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPartError) as caught:
        registry.read_bytes(b"", name="a.nmea", format="ais-nmea")
    assert "pyais" in str(caught.value)
    assert "truceline[formats]" in caught.value.hint


def test_the_name_recorded_is_the_files_own_or_the_one_given(tmp_path: Path) -> None:
    path = tmp_path / "p.gpx"
    path.write_bytes(GPX)
    assert registry.read_file(path).source.name == "p.gpx"
    assert registry.read_file(path, name="day-1/p.gpx").source.name == "day-1/p.gpx"
    assert registry.read_file(path).source.format == "gpx"
    with pytest.raises(InputError):
        registry.read_file(tmp_path / "none.gpx")


CALLS = re.compile(r'\b_?(?:drop|note|fault|lose|remark|measure_m)\((?:[^()"[]|\n)*?"([a-z][a-z?-]+)"')
FAULTS = re.compile(r'Fault\(\s*code="([a-z?-]+)"')


def test_every_outcome_is_in_the_table_of_outcomes(root_dir: Path) -> None:
    sources = [path.read_text() for path in (root_dir / "src/truceline/formats").rglob("*.py")]
    used = {code for text in sources for pattern in (CALLS, FAULTS) for code in pattern.findall(text)}
    used |= {"bad-accuracy", "leap-second", "no-zone", "time-precision", "waypoint", "route-point"}
    used |= {"swapped?", "conflict", "unit", "bare-number", "zone"}
    table = (root_dir / "docs/formats/outcomes.md").read_text(encoding="utf-8")
    promised = set(re.findall(r"^\| `([a-z?-]+)` \|", table, re.MULTILINE))
    assert used - promised == set()
    everything = "\n".join(sources)
    assert {code for code in promised if f'"{code}"' not in everything} <= {
        "unit",
        "bare-number",
        "zone",
        "late",  # what a watch says of a fix after its time (rules/live)
    }


def block(root_dir: Path, page: str, start: str) -> str:
    """The fenced block of a page whose text begins with ``start``."""
    text = (root_dir / "docs/formats" / page).read_text(encoding="utf-8")
    return next(part for part in re.findall(r"```\w+\n(.*?)```", text, re.DOTALL) if part.startswith(start))


def test_the_examples_of_the_pages_are_read(root_dir: Path, tmp_path: Path) -> None:
    incidents = block(root_dir, "report-csv.md", "id,date")
    records = registry.read_bytes(incidents.encode(), name="incidents.csv")
    assert (records.source.format, len(records.reports), records.dropped) == ("report-csv", 1, ())
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(block(root_dir, "csv.md", "mover:"), encoding="utf-8")
    table = "Call sign;Side;Date;Clock;Lon;Lat;Err;Alt\np1;R;06.03.2020;03:00:00;36,5;35,8;10;1000\n"
    (track,) = registry.read_bytes(
        table.encode("cp1256"), name="log.csv", format="csv", mapping=mapping
    ).tracks
    assert (track.mover.party, track.lonlat_deg.tolist()) == ("russia", [[36.5, 35.8]])
    mapping.write_text(block(root_dir, "ucdp-ged.md", "# ucdp.yaml"), encoding="utf-8")
    with pytest.raises(FormatError):  # the mapping stands; the table is none
        registry.read_bytes(b"id\n1\n", name="g.csv", format="ucdp-ged", zone="UTC", mapping=mapping)
