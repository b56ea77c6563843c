"""Tables and rows."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from truceline.cli.reading import keyed
from truceline.cli.render import Output, as_csv, as_text, plain_table, watched
from truceline.errors import UsageError


def test_plain_columns_line_up_and_nothing_is_cut() -> None:
    text = plain_table(["verdict", "n"], [["possible breach", "1"], ["x", "22"]])
    assert text.splitlines() == ["verdict          n", "possible breach  1", "x                22"]


@pytest.mark.parametrize(
    ("cell", "text"),
    [(None, ""), (True, "yes"), (False, "no"), (["a", None, "b"], "a, , b"), (1.5, "1.5"), ("x", "x")],
)
def test_a_cell_for_a_person(cell: object, text: str) -> None:
    assert as_text(cell) == text


@given(st.lists(st.lists(st.text(alphabet="a,\"'; \u0627é", max_size=8), min_size=2, max_size=2), max_size=5))
def test_csv_comes_back_as_it_went(rows: list[list[str]]) -> None:
    back = list(csv.reader(io.StringIO(as_csv(["one", "two"], rows))))
    assert back == [["one", "two"], *rows]


def test_records_as_json_lines_keep_every_key(capsys: pytest.CaptureFixture[str]) -> None:
    Output(format="jsonl").records(["a", "b"], [(1, None), (2, ["x"])])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines == [{"a": 1, "b": None}, {"a": 2, "b": ["x"]}]


def test_progress_hands_on_every_item_and_says_nothing_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(watched(range(5), "reading")) == [0, 1, 2, 3, 4]
    assert list(watched(["one"], "reading", quiet=True)) == ["one"]
    assert capsys.readouterr().err == ""


def test_options_as_key_and_value() -> None:
    assert keyed(["name-property=callsign", "x=a=b"]) == {"name_property": "callsign", "x": "a=b"}
    with pytest.raises(UsageError, match="KEY=VALUE"):
        keyed(["=x"])
