"""Every reason a rule can give has a sentence, and every sentence is one that some rule gives."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from truceline.timebase import Interval
from truceline.words.reasons import SENTENCES, sentence


def codes_in_rules(root: Path) -> set[str]:
    """String constants in the rules that look like reason codes, wherever they stand."""
    found: set[str] = set()
    for path in sorted((root / "src" / "truceline" / "rules").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
            if isinstance(node, ast.JoinedStr):  # f"{what}-unknown" for calibre and range
                found |= {f"{what}-unknown" for what in ("calibre", "range")}
    return found


def becauses(root: Path) -> set[str]:
    """Constants passed as ``because=`` or to ``sentence``: each must have a sentence."""
    found: set[str] = set()
    for path in sorted((root / "src" / "truceline" / "rules").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            places = [word.value for word in node.keywords if word.arg in ("because", "unknown")]
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("sentence", "_no"):
                places += node.args[:1]
            for place in places:
                found |= {
                    part.value
                    for part in ast.walk(place)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value
                }
    return found


def test_every_reason_given_has_a_sentence(root_dir: Path) -> None:
    given = becauses(root_dir)
    assert len(given) > 15
    # "-unknown" is the tail of f"{what}-unknown", whose heads codes_in_rules spells out.
    assert given - set(SENTENCES) - {"-unknown"} == set()


def test_every_sentence_is_given_by_some_rule(root_dir: Path) -> None:
    assert set(SENTENCES) - codes_in_rules(root_dir) == set()


def test_sentences_fill_in_what_is_known() -> None:
    hour = Interval(0, 3_600_000_000)
    assert sentence("suspended", by="a", interval=hour).endswith("(1970-01-01 00:00Z to 1970-01-01 01:00Z).")
    assert sentence("not-in-force") == "The clause was not in force then."
    assert sentence("gap-within-reach", duration_s=1200.0, speed_mps=28.0) == (
        "Not observed for 20 min, long enough at 28 m/s to have been past the line."
    )
    assert "as near as 500 m" in sentence("number-not-published", closest_m=500.0)
    assert sentence("no-shared-time", count=3) == "3 pairs of movers were never observed at the same time."


def test_a_code_without_a_sentence_is_a_fault() -> None:
    with pytest.raises(KeyError):
        sentence("no-such-reason")
