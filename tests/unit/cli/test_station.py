"""``truceline formats`` and ``truceline doctor``."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import Result

from truceline.cli import station_commands
from truceline.formats.registry import formats

Run = Callable[..., Result]


def test_formats_lists_what_the_registry_holds(run: Run) -> None:
    rows = json.loads(run("formats", "--format", "json").stdout)
    assert [row["format"] for row in rows] == [item.id for item in formats()]
    assert all(row["gives"] for row in rows)


def test_doctor_finds_this_installation_whole(run: Run) -> None:
    result = run("doctor", "--format", "json")
    states = {row["part"]: row["state"] for row in json.loads(result.stdout)}
    assert set(states.values()) == {"well"}
    assert result.exit_code == 0
    assert {"python", "sqlite", "numpy", "shipped cases", "shipped agreements", "time zones"} <= set(states)


@pytest.mark.parametrize(("gone", "state", "code"), [("numpy", "missing", 1), ("pyais", "absent", 0)])
def test_doctor_says_what_is_missing_and_how_to_get_it(
    run: Run, monkeypatch: pytest.MonkeyPatch, gone: str, state: str, code: int
) -> None:
    installed = metadata.version

    def version(name: str) -> str:
        if name == gone:
            raise metadata.PackageNotFoundError(name)
        return installed(name)

    monkeypatch.setattr(metadata, "version", version)
    result = run("doctor", "--format", "json")
    (row,) = [row for row in json.loads(result.stdout) if row["part"].split()[0] == gone]
    assert row["state"] == state
    assert "pip install" in row["way_out"]
    assert result.exit_code == code


def test_doctor_knows_every_requirement_of_the_project(root_dir: Path) -> None:
    """A part that is added to pyproject.toml and not to doctor's table would never be missed."""
    import tomllib

    project = tomllib.loads((root_dir / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = {key: names for key, names in project["optional-dependencies"].items() if key != "all"}
    wanted = {(name.partition(">=")[0], "") for name in project["dependencies"]}
    wanted |= {(name.partition(">=")[0], extra) for extra, names in extras.items() for name in names}
    assert set(station_commands.PARTS) == wanted
