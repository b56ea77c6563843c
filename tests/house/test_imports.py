"""The import contract, and what must stay light."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "numpy",
    "shapely",
    "pydantic",
    "ruamel",
    "sqlalchemy",
    "alembic",
    "cryptography",
    "rich",
    "altair",
    "jinja2",
)


def run_python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def loaded_after(statement: str) -> set[str]:
    modules = run_python(f"import sys\n{statement}\nprint(' '.join(sys.modules))").split()
    return {module.split(".")[0] for module in modules}


def test_imports_only_go_down(root_dir: Path) -> None:
    """The contract of pyproject.toml. It is exhaustive: a room that is not listed fails."""
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool, "--no-cache"], cwd=root_dir, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "import truceline",
        "import truceline; dir(truceline)",
        "import truceline.cli",
        "from click.testing import CliRunner; from truceline.cli import main; CliRunner().invoke(main, ['--help'])",
    ],
)
def test_nothing_heavy_is_loaded_before_it_is_needed(statement: str) -> None:
    assert not loaded_after(statement) & set(HEAVY)


def cpu_s(*words: str) -> float:
    """Processor seconds of one run, the best of seven; what else the machine does hardly shows in them."""
    best = float("inf")
    for _ in range(7):
        process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0
        best = min(best, used.ru_utime + used.ru_stime)
    return best


def test_help_answers_at_once() -> None:
    """At most half as much again as the command-line library alone (3.4 to 4.9 times an empty interpreter)."""
    assert cpu_s("-m", "truceline", "--help") <= 1.5 * cpu_s("-c", "import click")


def test_kernels_see_arrays_and_nothing_else() -> None:
    """numpy, the standard library, and the kernels themselves."""
    before = loaded_after("import numpy, dataclasses")
    new = loaded_after("import truceline.kernels") - before
    assert {name for name in new if name not in sys.stdlib_module_names} <= {"truceline"}
    inside = run_python(
        "import sys, truceline.kernels\nprint(' '.join(m for m in sys.modules if m.startswith('truceline.')))"
    ).split()
    rooms = {name.split(".")[1] for name in inside}
    assert rooms == {"kernels", "units", "errors", "_version"}, (
        "units are the names of numbers; no noun comes in"
    )
