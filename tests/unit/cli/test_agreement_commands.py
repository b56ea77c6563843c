"""``truceline agreement``: check, show, explain, schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import Result
from ruamel.yaml import YAML

from truceline.mission.shipped import shipped_agreements

Run = Callable[..., Result]


def test_check_of_a_file_that_stands(run: Run) -> None:
    result = run("agreement", "check", "agreement.yaml")
    assert result.exit_code == 0, result.output
    assert "the file stands" in result.stderr
    assert "next: truceline agreement explain agreement.yaml" in result.stderr


def test_check_reports_every_mistake_with_its_line_and_a_way_out(run: Run, folder: Path) -> None:
    lines = (folder / "agreement.yaml").read_text(encoding="utf-8").splitlines()
    wrong = [
        line.replace("radius: 10 km", "radius: 10")  # line 10
        .replace("rule: keep-out", "rule: kep-out")  # line 12
        .replace("2020-01-01T00:00 UTC", "2020-01-01T00:00")  # line 18
        for line in lines
    ]
    (folder / "wrong.yaml").write_text("\n".join(wrong) + "\n", encoding="utf-8")
    result = run("agreement", "check", "wrong.yaml", "--format", "jsonl")
    assert result.exit_code == 5
    problems = [json.loads(line) for line in result.stdout.splitlines()]
    mistakes = {item["line"]: item for item in problems if item["severity"] == "error"}
    assert {10, 12, 18} <= set(mistakes)
    assert mistakes[10]["code"] == "bare-number"
    assert "keep-out" in mistakes[12]["hint"]
    assert mistakes[18]["code"] == "no-zone"
    table = run("agreement", "check", "wrong.yaml")
    assert "wrong.yaml:10:" in table.stdout


@pytest.mark.parametrize("name", sorted(shipped_agreements()))
def test_every_shipped_agreement_stands_by_its_name(run: Run, name: str) -> None:
    result = run("agreement", "check", name, "--format", "json")
    assert result.exit_code == 0, result.output
    assert run("agreement", "explain", name).stdout.startswith("Clause ")


def test_a_folder_with_an_agreement_will_do(run: Run, folder: Path) -> None:
    assert run("agreement", "check", str(folder)).exit_code == 0


def test_an_agreement_that_is_not_there(run: Run) -> None:
    result = run("agreement", "check", "tanf")
    assert result.exit_code == 5
    assert "neither a file nor a shipped agreement" in result.stderr


def test_show_in_three_formats(run: Run) -> None:
    table = run("agreement", "show", "agreement.yaml").stdout
    assert "Northern Command" in table
    assert "circle" in table
    record = json.loads(run("agreement", "show", "agreement.yaml", "--format", "json").stdout)
    assert record["places"]["zone"]["shape"]["radius_m"] == 10000.0
    assert list(record["clauses"]) == ["1", "2"]
    features = json.loads(run("agreement", "show", "agreement.yaml", "--format", "geojson").stdout)[
        "features"
    ]
    assert [item["id"] for item in features] == ["zone"]


def test_all_the_tables_go_into_one_file(run: Run, folder: Path) -> None:
    shown = run("agreement", "show", "agreement.yaml").stdout
    (folder / "show.txt").write_text("what was there before", encoding="utf-8")
    result = run("agreement", "show", "agreement.yaml", "-o", "show.txt")
    assert result.stdout == ""
    assert (folder / "show.txt").read_text(encoding="utf-8") == shown


def test_explain_says_each_clause_in_every_format(run: Run) -> None:
    plain = run("agreement", "explain", "agreement.yaml").stdout
    assert "Clause 1: Northern Command" in plain
    rows = json.loads(run("agreement", "explain", "agreement.yaml", "--format", "json").stdout)
    assert [row["clause"] for row in rows] == ["1", "2"]


def test_the_schema_accepts_what_stands_and_refuses_what_does_not(run: Run, folder: Path) -> None:
    schema = json.loads(run("agreement", "schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    loaded = YAML(typ="safe", pure=True).load((folder / "agreement.yaml").read_text(encoding="utf-8"))
    document = json.loads(json.dumps(loaded, default=str))  # YAML's dates as the text they are
    assert not list(validator.iter_errors(document))
    document["clauses"]["1"]["colour"] = "red"
    assert list(validator.iter_errors(document))
