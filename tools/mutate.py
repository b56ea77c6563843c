"""Mutation run on the Python of ``rules``: do the tests notice a changed comparison, sign, number or line?

python tools/mutate.py --sample 150 --seed 1            # all modules, 2 processes
python tools/mutate.py --module rules/applies.py        # one of them, every mutant

Each mutant changes one node of the syntax tree. A worker process has numpy, the kernels and pytest loaded already
and forks for each mutant, so that a mutant costs its tests and nothing else; the fork imports the mutated module from
memory, never from disk. A mutant is killed where a test fails or it runs longer than the limit. The sample is drawn
with a seed, the same share from every module; the figure is printed and the survivors listed.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import copy
import importlib.abc
import importlib.util
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "src" / "truceline"
TESTS = ["tests/unit/rules"]
SECONDS_MOST = 120
# What is loaded before the fork is not rewritten for better messages; nobody reads them here.
_LOADED = "ignore::pytest.PytestAssertRewriteWarning"
SWAPS: dict[type, type] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}


# ---------------------------------------------------------------- mutants


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every changed copy of one node, with what was changed."""
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            if type(operator) in SWAPS:
                changed = copy.deepcopy(node)
                changed.ops[at] = SWAPS[type(operator)]()
                yield f"{type(operator).__name__} -> {SWAPS[type(operator)].__name__}", changed
    elif isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)) and type(node.op) in SWAPS:
        changed = copy.deepcopy(node)
        changed.op = SWAPS[type(node.op)]()
        yield f"{type(node.op).__name__} -> {type(changed.op).__name__}", changed
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub, ast.Invert)):
        yield f"drop {type(node.op).__name__}", copy.deepcopy(node.operand)
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        # A number of no decimals counts or points at something; any other is a quantity.
        doubled = node.value * 2 if isinstance(node.value, float) and node.value else node.value + 1
        value = (not node.value) if isinstance(node.value, bool) else doubled
        yield f"{node.value} -> {value}", ast.Constant(value=value)
    elif isinstance(node, (ast.If, ast.IfExp)):
        changed = copy.deepcopy(node)
        changed.test = ast.UnaryOp(op=ast.Not(), operand=changed.test)
        yield "negate condition", changed
    elif isinstance(node, ast.Return) and node.value is not None:
        changed = copy.deepcopy(node)
        changed.value = ast.Constant(value=None)
        yield "return None", changed


def sites(tree: ast.Module) -> list[tuple[int, str, tuple[tuple[str, int | None], ...], ast.AST]]:
    """(line, what, path to the node, changed node) of every mutant of a module."""
    found = []

    def walk(node: ast.AST, path: tuple[tuple[str, int | None], ...]) -> None:
        for what, changed in changes(node) if path else ():
            found.append((getattr(node, "lineno", 0), what, path, changed))
        for name, value in ast.iter_fields(node):
            # Types, decorators and defaults of annotations change nothing that runs.
            if name in ("annotation", "returns", "decorator_list", "type_params"):
                continue
            # zip(strict=...) is an assertion of ours, and says nothing where it holds.
            if isinstance(node, ast.keyword) and node.arg == "strict":
                continue
            for at, child in enumerate(value) if isinstance(value, list) else ((None, value),):
                if isinstance(child, ast.AST):
                    walk(child, (*path, (name, at)))

    walk(tree, ())
    return found


def mutated(tree: ast.Module, path: tuple[tuple[str, int | None], ...], changed: ast.AST) -> ast.Module:
    whole = copy.deepcopy(tree)
    at: object = whole
    for name, index in path[:-1]:
        at = getattr(at, name) if index is None else getattr(at, name)[index]
    name, index = path[-1]
    if index is None:
        setattr(at, name, changed)
    else:
        getattr(at, name)[index] = changed
    return ast.fix_missing_locations(whole)


# ---------------------------------------------------------------- running


class _Mutant(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from a syntax tree in memory."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path = name, path
        self.code = compile(tree, str(path), "exec")

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> object:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def create_module(self, spec: object) -> None:
        return None

    def exec_module(self, module: object) -> None:
        exec(self.code, module.__dict__)


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)


def run_forked(path: Path, tree: ast.Module) -> bool:
    """True where the tests pass with this tree in place of the module. Runs in a fork of its own."""
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException):
            os.setsid()
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            os.dup2(quiet, 2)
            signal.alarm(SECONDS_MOST)
            sys.meta_path.insert(0, _Mutant(module_name(path), path, tree))
            import pytest

            options = [
                "-x",
                "-q",
                "-m",
                "not slow",
                "-p",
                "no:cacheprovider",
                "-p",
                "no:xdist",
                "-W",
                _LOADED,
            ]
            code = int(pytest.main([*options, *(str(ROOT / name) for name in TESTS)]))
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def warm() -> None:
    """Load what every fork needs and no mutant touches."""
    os.chdir(ROOT)
    import hypothesis
    import numpy
    import pytest

    import truceline.formats.registry
    import truceline.kernels  # noqa: F401

    del hypothesis, numpy, pytest
    for name in [name for name in sys.modules if name.startswith("truceline.rules")]:
        del sys.modules[name]


Step = tuple[str, int | None]
Job = tuple[Path, ast.Module, int, str, tuple[Step, ...], ast.AST]


def worker(jobs: list[Job], out: int) -> None:
    for path, tree, line, what, place, changed in jobs:
        begun = time.monotonic()
        word = "SURVIVED" if run_forked(path, mutated(tree, place, changed)) else "killed"
        text = f"{word} {path.relative_to(SOURCE)}:{line} {what} ({time.monotonic() - begun:.1f} s)\n"
        os.write(out, text.encode())


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--module", action="append", default=[], help="relative to src/truceline; all of rules if none"
    )
    parser.add_argument("--sample", type=int, default=0, help="how many mutants; 0 for all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--least", type=float, default=0.9, help="the share that must be killed")
    given = parser.parse_args()
    paths = [SOURCE / name for name in given.module] or sorted((SOURCE / "rules").rglob("*.py"))
    jobs: list[Job] = []
    for path in paths:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        jobs += [(path, tree, *site) for site in sites(tree)]
    total = len(jobs)
    random.Random(given.seed).shuffle(jobs)
    jobs = jobs[: given.sample or None]
    warm()
    if not all(run_forked(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths[:1]):
        print("the tests fail without a mutant", file=sys.stderr)
        return 2
    reader, writer = os.pipe()
    children = []
    for number in range(given.processes):
        child = os.fork()
        if child == 0:
            worker(jobs[number :: given.processes], writer)
            os._exit(0)
        children.append(child)
    os.close(writer)
    lines = []
    with os.fdopen(reader, encoding="utf-8") as stream:
        for line in stream:
            lines.append(line)
            if line.startswith("SURVIVED"):
                print(line, end="", flush=True)
    for child in children:
        os.waitpid(child, 0)
    killed = sum(line.startswith("killed") for line in lines)
    share = killed / max(len(lines), 1)
    print(f"{killed} of {len(lines)} killed ({share:.1%}), sampled from {total} with seed {given.seed}")
    return 0 if len(lines) == len(jobs) and share >= given.least else 1


if __name__ == "__main__":
    sys.exit(main())
