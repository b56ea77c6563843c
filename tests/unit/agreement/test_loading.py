"""YAML 1.2 to plain data with marks: what stays text, and where everything stands."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path

import pytest

from truceline.agreement import load_agreement, referenced_files
from truceline.agreement.load import GeoJsonFolder, read_sheet
from truceline.agreement.problems import Sheet, did_you_mean, written_path
from truceline.errors import InputError

HERE = Path(__file__).parent


def sheet_of(tmp_path: Path, text: str) -> Sheet:
    path = tmp_path / "a.yaml"
    path.write_text(text, encoding="utf-8")
    return read_sheet(path)[0]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        # YAML 1.2 core schema, section 10.3.2
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("2020-03-05", "2020-03-05"),
        ("2020-03-05T00:01:00", "2020-03-05T00:01:00"),
        ("00:01", "00:01"),
        ("1_000", "1_000"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("12", 12),
        ("012", 12),
        ("0o14", 12),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        ('"12"', "12"),
        ("'true'", "true"),
        ("500 m", "500 m"),
    ],
)
def test_plain_scalars(written: str, value: object, tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, f"key: {written}\n")
    assert sheet.data == {"key": value}
    assert type(sheet.data["key"]) is type(value)
    assert sheet.problems == []


def test_not_a_number(tmp_path: Path) -> None:
    assert math.isnan(sheet_of(tmp_path, "key: .nan\n").data["key"])


def test_a_yaml_1_1_directive_does_not_turn_words_into_other_things(tmp_path: Path) -> None:
    data = sheet_of(tmp_path, "%YAML 1.1\n---\na: no\nb: 1:30:00\nc: 2020-03-05\n").data
    assert data == {"a": "no", "b": "1:30:00", "c": "2020-03-05"}


def test_keys_are_always_text(tmp_path: Path) -> None:
    assert sheet_of(tmp_path, "1: a\n2.5: b\ntrue: c\n").data == {"1": "a", "2.5": "b", "true": "c"}


def test_every_key_and_value_has_its_line_and_column(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "a:\n  bb: [x, {c: 1}]\n  d: >-\n    folded\n")
    mark = sheet.marks[("a", "bb")]
    assert (mark.key_line, mark.key_column, mark.line, mark.column) == (2, 3, 2, 7)
    assert (sheet.marks[("a", "bb", 0)].line, sheet.marks[("a", "bb", 0)].column) == (2, 8)
    assert (sheet.marks[("a", "bb", 1, "c")].key_column, sheet.marks[("a", "bb", 1, "c")].column) == (12, 15)
    assert sheet.marks[("a", "d")].key_line == 3
    assert sheet.where(("a", "bb", 1, "nothing")).line == 2  # the nearest thing above it that was written


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_sheet(path)[0].data == {"a": 1}


def test_the_hash_is_that_of_the_bytes_of_the_file() -> None:
    agreement = load_agreement(HERE / "good.yaml")
    assert agreement.sha256 == hashlib.sha256((HERE / "good.yaml").read_bytes()).hexdigest()
    assert agreement.file == "good.yaml"


def test_the_files_an_agreement_needs_are_named() -> None:
    assert referenced_files(HERE / "good.yaml") == (HERE / "lines.geojson", HERE / "zones.geojson")


def test_a_path_as_written_leaves_out_what_nobody_wrote() -> None:
    data = {"clauses": {"1": {"who": ["usa"], "rule": "cease"}}}
    path, parent = written_path(data, ("clauses", "1", "cease", "who", "list", 0))
    assert path == ("clauses", "1", "who", 0)
    assert parent == ["usa"]
    # A missing key is kept: it is what is complained about.
    assert written_path(data, ("clauses", "1", "cease", "text"))[0] == ("clauses", "1", "text")


def test_did_you_mean_does_not_guess_wildly() -> None:
    assert did_you_mean("turky", ["russia", "turkey"], what="parties").startswith("did you mean 'turkey'?")
    assert did_you_mean("zzz", ["russia", "turkey"], what="parties") == "parties: russia, turkey"
    assert did_you_mean("m4", [], what="places") == "there are no places to name"


def test_a_geojson_file_is_read_once_and_by_either_kind_of_id(tmp_path: Path) -> None:
    (tmp_path / "a.geojson").write_text(
        (HERE / "lines.geojson").read_text(encoding="utf-8"), encoding="utf-8"
    )
    folder = GeoJsonFolder(tmp_path)
    assert folder.geometry("a.geojson#road")["type"] == "LineString"
    (tmp_path / "a.geojson").unlink()
    assert folder.geometry("a.geojson#parts")["type"] == "MultiLineString"
    assert GeoJsonFolder(HERE).geometry("zones.geojson#zone")["type"] == "MultiPolygon"


@pytest.mark.parametrize(
    "reference", ["/etc/hosts#a", "../x.geojson#a", "https://example.org/x.geojson#a", "#a", "a#"]
)
def test_references_stay_beside_the_file(reference: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        GeoJsonFolder(tmp_path).geometry(reference)
    assert raised.value.code == "reference"
    assert raised.value.hint
