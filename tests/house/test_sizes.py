"""Small parts: modules, functions and rooms stay within the sizes the project keeps (docs/explain/architecture.md)."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "truceline"
MODULES = sorted(SOURCE.rglob("*.py"))
ROOMS = sorted(path for path in SOURCE.iterdir() if path.is_dir() and path.name != "__pycache__")
# Rooms that may have sub-packages; each of those is counted by itself.
MAY_NEST = {"formats", "rules"}


def body_lines_count(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of the body: the signature and the docstring say what, and are not counted."""
    first, *rest = function.body
    if (
        isinstance(first, ast.Expr)
        and isinstance(first.value, ast.Constant)
        and isinstance(first.value.value, str)
    ):
        if not rest:
            return 0
        first = rest[0]
    assert function.end_lineno is not None
    return function.end_lineno - first.lineno + 1


def test_the_measure_counts_the_body_alone() -> None:
    function = ast.parse(
        'def f(\n    x: int,\n):\n    """One.\n\n    Two.\n    """\n    x = 1\n    return x\n'
    ).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert body_lines_count(function) == 2  # x = 1, return x


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_has_at_most_400_lines_and_a_function_40(module: Path) -> None:
    text = module.read_text(encoding="utf-8")
    assert text.count("\n") <= 400, "split it by what it knows"
    long = {
        node.name: body_lines_count(node)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and body_lines_count(node) > 40
    }
    assert not long


@pytest.mark.parametrize("room", ROOMS, ids=lambda path: path.name)
def test_a_room_has_at_most_ten_modules(room: Path) -> None:
    """The ``__init__`` that gathers names is not counted."""
    folders = [room]
    if room.name in MAY_NEST:
        folders += [path for path in room.rglob("*") if path.is_dir() and path.name != "__pycache__"]
    for folder in folders:
        modules = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        limit = 20 if folder.name in MAY_NEST else 10
        assert len(modules) <= limit, sorted(path.name for path in modules)
