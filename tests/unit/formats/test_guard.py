"""The door: what is refused outright, and with which line."""

from __future__ import annotations

import hashlib
import time

import pytest
from pydantic import BaseModel, ConfigDict

from truceline.errors import DocumentError, FormatError, InputError
from truceline.formats import guard
from truceline.formats.registry import read_bytes

GPX = '<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">{}</gpx>'


def source(data: bytes | str, name: str = "x") -> guard.Source:
    return guard.Source(name=name, data=data.encode() if isinstance(data, str) else data)


def test_reference_carries_the_hash_of_the_bytes() -> None:
    # SHA-256 of "abc": FIPS 180-2, appendix B.1
    assert source("abc").ref().sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def test_missing_file_says_so(tmp_path) -> None:
    with pytest.raises(InputError) as caught:
        guard.load_source(tmp_path / "none.gpx")
    assert caught.value.code == "no-file"
    assert "none.gpx" in str(caught.value)


def test_file_above_the_limit_is_refused_before_it_is_read(tmp_path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as stream:
        stream.truncate(guard.MAX_FILE_BYTES + 1)  # sparse: takes no room
    with pytest.raises(FormatError) as caught:
        guard.load_source(path)
    assert caught.value.code == "too-large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_with_and_without_byte_order_mark(encoding: str) -> None:
    assert guard.decode_text(source("žito;ß\nдва".encode(encoding))) == "žito;ß\nдва"


def test_bytes_that_are_not_text_are_refused_with_their_line() -> None:
    with pytest.raises(FormatError) as caught:
        guard.decode_text(source(b"a,b\n1,2\n\xff\xfb,3\n"))
    assert (caught.value.code, caught.value.where.line) == ("encoding", 3)
    with pytest.raises(FormatError) as caught:
        guard.decode_text(source(b"a,b\n1,\x002\n"))
    assert (caught.value.code, caught.value.where.line) == ("encoding", 2)


def test_stated_encoding_is_used() -> None:
    assert guard.decode_text(source("دمشق".encode("cp1256")), encoding="cp1256") == "دمشق"


def test_table_rows_know_the_line_they_start_on() -> None:
    table = guard.read_table(source('a,b\n1,"two\nlines"\n\n3,4\n'))
    assert list(table.rows) == [(2, ["1", "two\nlines"]), (5, ["3", "4"])]


def test_delimiter_is_recognised_by_known_columns() -> None:
    table = guard.read_table(source("id;act;date\n1;2;3\n"), known=("id", "act", "date"))
    assert table.header == ("id", "act", "date")


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('a,b\n1,2\n3,"open\n5,6\n', "csv", 3),
        ('a,b\n1,"x"y\n', "csv", 2),
        ("a,b\n1," + "x" * 131_073 + "\n", "csv", 2),
        ("a,b,a\n1,2,3\n", "columns", 1),
        ("", "empty", 1),
    ],
)
def test_broken_tables_are_refused_with_their_line(text: str, code: str, line: int) -> None:
    with pytest.raises(FormatError) as caught:
        list(guard.read_table(source(text)).rows)
    assert (caught.value.code, caught.value.where.line) == (code, line)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        "[" * 200_000,
        '{"a": ' + "9" * 5_000 + "}",
        '{"a": }',
        "",
    ],
)
def test_json_tricks_are_refused(text: str) -> None:
    with pytest.raises(FormatError) as caught:
        guard.load_json(source(text))
    assert caught.value.code == "json"


def test_json_fault_has_line_and_column() -> None:
    with pytest.raises(FormatError) as caught:
        guard.load_json(source('{\n "a": 1,\n "b" 2}'))
    assert (caught.value.where.line, caught.value.where.column) == (3, 6)


BOMB = (
    '<!DOCTYPE gpx [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + i)} "{("&" + chr(97 + i) + ";") * 10}">' for i in range(12))
    + "]>"
)


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        ('<?xml version="1.0"?>\n<!DOCTYPE gpx>\n' + GPX.format(""), "doctype"),
        (BOMB + GPX.format("<name>&m;</name>"), "doctype"),
        (
            '<!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + GPX.format("<name>&x;</name>"),
            "doctype",
        ),
        (GPX.format("<a>" * 100_000), "too-deep"),
        (GPX.format("<name>" + "x" * (1024 * 1024 + 1) + "</name>"), "too-large"),
        (GPX.format("<trk>"), "xml"),
        (GPX.format("<name>&x;</name>"), "xml"),
        ("", "xml"),
        ('<?xml version="1.0" encoding="no-such-code"?>' + GPX.format(""), "xml"),
        ("<kml/>", "gpx"),
    ],
)
def test_xml_tricks_are_refused_at_once(xml: str, code: str) -> None:
    began = time.process_time()
    with pytest.raises(FormatError) as caught:
        read_bytes(xml.encode(), name="x.gpx", format="gpx")
    assert caught.value.code == code
    assert time.process_time() - began < 1.0


def test_doctype_is_refused_in_utf_16_too() -> None:
    with pytest.raises(FormatError) as caught:
        read_bytes(("<!DOCTYPE gpx>" + GPX.format("")).encode("utf-16"), name="x.gpx", format="gpx")
    assert caught.value.code == "doctype"


def test_nesting_of_64_is_read_and_65_is_not() -> None:
    assert read_bytes(GPX.format("<e>" * 63 + "</e>" * 63).encode(), name="x.gpx").read_count == 0
    with pytest.raises(FormatError):
        read_bytes(GPX.format("<e>" * 64 + "</e>" * 64).encode(), name="x.gpx")


class Small(BaseModel):
    model_config = ConfigDict(extra="forbid")

    party: str
    count: int = 0


def test_document_gives_all_mistakes_with_their_lines(tmp_path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("# comment\ncount: many\nparti: x\n")
    with pytest.raises(DocumentError) as caught:
        guard.load_document(path, Small)
    seen = [(problem.code, problem.where.line, problem.where.column) for problem in caught.value.problems]
    assert seen == [("missing", 1, 1), ("int-parsing", 2, 1), ("unknown-key", 3, 1)]
    assert "did you mean 'party'" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("party: a\nparty: b\n", 2),
        ("party: [a\n", 2),
        ("party: &x a\ncount: *x\n", 2),
        ("party: " + "[" * 20 + "]" * 20 + "\n", 1),
        ("a: " + "[" * 5_000 + "\n", 1),
    ],
)
def test_document_tricks_are_refused_with_their_line(tmp_path, text: str, line: int) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(text)
    with pytest.raises(DocumentError) as caught:
        guard.load_document(path, Small)
    assert caught.value.problems[0].where.line == line


def test_yaml_words_are_not_turned_into_other_things(tmp_path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("party: NO\ncount: 12\n")  # YAML 1.1 would read NO as false
    assert guard.load_document(path, Small).party == "NO"


def test_hash_is_of_the_bytes_as_given_even_with_a_mark() -> None:
    data = b"\xef\xbb\xbf" + GPX.format("").encode()
    assert read_bytes(data, name="x.gpx").source.sha256 == hashlib.sha256(data).hexdigest()
