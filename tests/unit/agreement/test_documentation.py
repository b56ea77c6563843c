"""The manual and the page of problem codes say what the program does: their examples are run."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from truceline.agreement import check_document, explain, load_agreement
from truceline.agreement.problems import CODES

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MANUAL = (ROOT / "docs" / "guide" / "agreement-file.md").read_text(encoding="utf-8")
PAGE = (ROOT / "docs" / "reference" / "problem-codes.md").read_text(encoding="utf-8")
SOURCE = ROOT / "src" / "truceline" / "agreement"
MISTAKES = YAML(typ="safe").load((HERE / "mistakes.yaml").read_text(encoding="utf-8"))
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ROW = re.compile(r"^\| `([a-z0-9-]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)


def blocks(language: str) -> list[str]:
    return [text for kind, text in BLOCK.findall(MANUAL) if kind == language]


def merged() -> dict[str, Any]:
    """The whole file of the manual with every example further down added to it."""
    whole, *rest = [YAML(typ="safe").load(text) for text in blocks("yaml") if not text.startswith("#")]
    for part in rest:
        for key, value in part.items():
            if isinstance(value, dict) and key in ("parties", "places", "clauses"):
                assert not whole.setdefault(key, {}).keys() & value.keys()
                whole[key] |= value
            else:
                whole[key] = value
    return whole


def test_the_whole_file_of_the_manual_has_no_problem(tmp_path: Path) -> None:
    whole = blocks("yaml")[0]
    assert whole.startswith("truceline: 1")
    path = tmp_path / "agreement.yaml"
    path.write_text(whole, encoding="utf-8")
    assert check_document(path) == ()
    (said,) = [text for text in blocks("console") if "agreement explain" in text]
    ((clause, sentence),) = explain(load_agreement(path))
    assert " ".join(said.split("\n", 1)[1].split()) == f"Clause {clause}: {sentence}"


def test_the_mistake_shown_in_the_manual_is_the_one_that_is_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("agreement.yaml").write_text(
        blocks("yaml")[0].replace("accuracy: 200 m", "accuracy: 200"), encoding="utf-8"
    )
    (shown,) = [text for text in blocks("console") if "agreement check" in text]
    assert shown.splitlines()[1:] == [str(problem) for problem in check_document("agreement.yaml")]


def test_all_examples_of_the_manual_stand_together(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yaml"
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(merged(), stream)
    (tmp_path / "lines.geojson").write_text(blocks("json")[0], encoding="utf-8")
    assert [problem for problem in check_document(path) if problem.code != "place-not-used"] == []
    rules = {clause.rule.kind for clause in load_agreement(path).clauses.values()}
    assert rules == {"keep-out", "cease", "keep-side", "no-fly", "withdraw", "separate", "recorded"}


def test_the_python_example_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("agreement.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    exec(compile(blocks("python")[0], "manual", "exec"), {})
    assert capsys.readouterr().out.startswith("1 Armed movers")


# ---------------------------------------------------------------- problem codes


def test_every_code_is_on_the_page_once_and_no_other() -> None:
    assert [code for code, _, _ in ROW.findall(PAGE)] == list(CODES)


def test_every_example_of_the_page_is_a_case_that_is_tested() -> None:
    """What stands between backticks at the start of an example is in a seeded mistake of that code."""
    cases = [*MISTAKES["errors"].values(), *MISTAKES["warnings"].values()]
    also = {item["code"]: name for name, items in MISTAKES["also"].items() for item in items}
    checked = 0
    for code, example, _ in ROW.findall(PAGE):
        if not example.startswith("`"):
            continue
        snippet = example.split("`")[1]
        if code in ("schematic-accuracy", "edges"):
            continue  # shown by the key alone
        edits = [MISTAKES["errors"][also[code]]] if code in also else []
        edits += [
            case
            for case in cases
            if any(re.search(rf"expect:[^#\n]*\b{code}\b", edit["new"]) for edit in case)
        ]
        assert any(snippet in edit["new"] for case in edits for edit in case), (code, snippet)
        checked += 1
    assert checked > 50


def emitted_codes() -> set[str]:
    """Every code the room can emit, read off its source: ``code=...``, and the code handed to a reporter."""
    found: set[str] = set()
    for module in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            given = [word.value for word in node.keywords if word.arg in ("code", "custom_error_type")]
            if name in ("_warn", "_say", "_refuse"):
                given += node.args[:2]
            found |= {
                item.value for item in given if isinstance(item, ast.Constant) and isinstance(item.value, str)
            }
    return found


def test_every_code_the_room_can_emit_is_known() -> None:
    codes = emitted_codes()
    assert len(codes) > 45
    assert codes <= set(CODES)
