"""The JSON Schema: it accepts every file that is shipped, and refuses what an editor can see to be wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from truceline.agreement import json_schema
from truceline.agreement.load import read_sheet

HERE = Path(__file__).parent
FILES = [HERE / "good.yaml", *sorted((HERE.parents[2] / "agreements").glob("*/agreement.yaml"))]
CASES = YAML(typ="safe").load((HERE / "mistakes.yaml").read_text(encoding="utf-8"))["errors"]
# What an editor can see without the rest of the file and without geometry.
VISIBLE = [
    "version-as-text",
    "top-level-key-misspelt",
    "clause-key-misspelt",
    "place-key-misspelt",
    "text-missing",
    "text-empty",
    "rule-missing",
    "who-missing",
    "distance-not-even-null",
    "title-a-number",
    "armed-yes",
    "backed-by-not-a-list",
    "clause-a-text",
    "status-unknown",
    "side-unknown",
    "sha256-cut",
    "credibility-six",
    "no-kind-of-place",
    "two-kinds-of-place",
    "per-side-and-width",
    "neither-per-side-nor-width",
    "who-all-and-parties",
    "one-part",
    "three-between",
    "party-id-with-space",
    "clause-id-with-space",
    "accuracy-bare",
    "radius-bare-in-quotes",
    "tolerance-unit",
    "tolerance-a-time",
    "accuracy-negative",
    "severity-letter",
    "time-in-words",
    "time-a-number",
    "signed-in-words",
    "rule-misspelt",
    "who-a-bare-party",
    "who-a-number",
    "class-unknown",
    "act-unknown",
    "position-of-one-number",
    "exemption-of-everybody",
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def test_it_is_a_schema_of_draft_2020_12() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert json.loads(json.dumps(schema)) == schema


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_it_accepts_every_file_that_is_shipped(path: Path, validator: Draft202012Validator) -> None:
    errors = [
        f"{list(error.absolute_path)}: {error.message[:200]}"
        for error in validator.iter_errors(read_sheet(path)[0].data)
    ]
    assert errors == []


@pytest.mark.parametrize("name", VISIBLE)
def test_it_refuses_what_an_editor_can_see(
    name: str, tmp_path: Path, validator: Draft202012Validator
) -> None:
    text = (HERE / "good.yaml").read_text(encoding="utf-8")
    for edit in CASES[name]:
        text = text.replace(edit["old"], edit["new"], 1)
    path = tmp_path / "agreement.yaml"
    path.write_text(text, encoding="utf-8")
    assert not validator.is_valid(read_sheet(path)[0].data)


def test_the_schema_beside_the_shipped_agreements_is_this_one() -> None:
    """Written by ``truceline agreement schema -o agreements/agreement.schema.json``."""
    path = HERE.parents[2] / "agreements" / "agreement.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema()


def described(node: Any, path: str = "") -> list[str]:
    """Every property without a description."""
    missing = []
    if isinstance(node, dict):
        for name, item in node.get("properties", {}).items():
            if name != "rule" and "description" not in item:
                missing.append(f"{path}.{name}")
        for key, item in node.items():
            missing += described(item, f"{path}/{key}")
    return missing


def test_every_key_is_described() -> None:
    assert described(json_schema()) == []


def test_no_default_stands_in_a_unit_nobody_writes() -> None:
    assert "default" not in json_schema()["$defs"]["KeepOutClause"]["properties"]["tolerance"]
