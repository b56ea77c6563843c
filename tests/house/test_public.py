"""The public names: few, sorted, documented, with units."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest

import truceline
from truceline import errors

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "truceline"
FUNCTIONS = sorted(name for name in set(truceline.__all__) if name.islower() and not name.startswith("__"))


def test_all_is_sorted_and_about_25() -> None:
    assert truceline.__all__ == sorted(truceline.__all__)
    assert 20 <= len(truceline.__all__) <= 40


def test_every_public_name_exists_and_comes_from_where_it_says() -> None:
    homes = truceline._HOME
    assert set(homes) | {"__version__"} == set(truceline.__all__)
    for name in truceline.__all__:
        assert getattr(truceline, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = truceline.no_such_name


def test_type_checkers_see_the_same_names() -> None:
    """The imports under TYPE_CHECKING and the lazy table must not drift apart."""
    tree = ast.parse((SOURCE / "__init__.py").read_text(encoding="utf-8"))
    (block,) = [node for node in tree.body if isinstance(node, ast.If)]
    seen = {
        alias.name: node.module
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == truceline._HOME


def test_the_reference_lists_every_public_name() -> None:
    text = (ROOT / "docs" / "reference" / "api.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\.\. auto\w+:: (\w+)$", text, flags=re.MULTILINE))
    assert listed == set(truceline.__all__) - {"__version__"}


@pytest.mark.parametrize("name", sorted(set(truceline.__all__) - {"__version__"}))
def test_every_public_name_has_a_docstring_of_its_own(name: str) -> None:
    thing = getattr(truceline, name)
    text = inspect.getdoc(thing) or ""
    assert len(text) > 15
    assert not text.startswith(f"{name}("), "the docstring is the one dataclasses make"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_says_what_it_takes_and_gives(name: str) -> None:
    text = inspect.getdoc(getattr(truceline, name)) or ""
    takes = inspect.signature(getattr(truceline, name)).parameters
    assert "Parameters\n---" in text or not takes
    for parameter in takes:
        assert parameter.lstrip("*") in text, f"{parameter} is not described"
    assert "Returns\n---" in text or "Yields\n---" in text


MODULES = sorted(path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_modules_classes_and_functions_without_underscore_have_docstrings(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    bare = [
        node.name
        for node in tree.body
        if isinstance(node, named) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not bare


ERRORS = [thing for _, thing in inspect.getmembers(errors, inspect.isclass) if issubclass(thing, Exception)]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.__name__)
def test_every_error_has_a_code_of_its_own_and_stands_in_the_tree(error: type[errors.TrucelineError]) -> None:
    assert "code" in vars(error)
    assert [other for other in ERRORS if other.code == error.code] == [error]
    assert error.__name__ in (errors.__doc__ or "")
    assert issubclass(error, errors.TrucelineError)


def test_no_error_is_defined_outside_the_tree() -> None:
    """A signal between two functions of one room is not an error; whatever is named so, or is one, belongs here."""
    in_tree = {error.__name__ for error in ERRORS}
    outside = []
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and module.name != "errors.py":
                bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
                outside += [node.name] * bool(bases & in_tree or node.name.endswith(("Error", "Exception")))
    assert not outside
