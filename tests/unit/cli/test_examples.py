"""Every example that a help text or the reference shows is run, as it stands, in a folder that holds what it names."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from truceline.cli import main
from truceline.cli.command import Command

INCIDENTS = """\
id,date,time_precision,place,lon,lat,radius,place_precision,act,party,source
R1,2020-03-07,day,Balyun,36.55,35.72,2 km,place,shelling,syria,A newspaper
"""
FIXES = "who,when,x,y\nP1,2020-02-12T08:00:00Z,38.0,33.9\nP1,2020-02-12T08:04:00Z,38.02,33.88\n"
MAPPING = "mover: {column: who}\ntime: {column: when}\nlon: {column: x}\nlat: {column: y}\nclass: {value: vehicle}\n"

PLAN = """\
truceline-plan: 1
id: {id}
party: syria
class: vehicle
half-width: 200 m
route:
  - {{at: [38.0, 33.9], earliest: 2027-01-05T06:00Z, latest: 2027-01-05T07:00Z}}
  - {{at: [38.2, 33.9], earliest: 2027-01-05T08:00Z, latest: 2027-01-05T09:00Z}}
"""


def examples(command: click.Command) -> Iterator[str]:
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            assert child is not None
            yield from examples(child)
    elif isinstance(command, Command):
        yield from (example.line for example in command.examples)


@pytest.fixture(scope="module")
def stocked(
    tmp_path_factory: pytest.TempPathFactory, agreement_text: str, as_gpx: Callable[..., str]
) -> Path:
    """What the examples name: files of one's own, and a mission called winter that has taken one in."""
    folder = tmp_path_factory.mktemp("stocked")
    files = {
        "patrol.gpx": as_gpx(("08:00:00", 12000.0), ("08:04:00", 13000.0)),
        "fixes.csv": FIXES,
        "fixes.mapping.yaml": MAPPING,
        "incidents.csv": INCIDENTS,
        "my-agreement.yaml": agreement_text,
        "convoy.plan.yaml": PLAN.format(id="CONVOY-7"),
        "other.plan.yaml": PLAN.format(id="OTHER-1"),
    }
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    for words in (
        ["new", str(folder / "winter"), "--agreement", "idlib-2020", "--author", "Operations room"],
        ["ingest", str(folder / "winter"), str(folder / "incidents.csv"), "--zone", "Asia/Damascus"],
    ):
        assert CliRunner().invoke(main, words, catch_exceptions=False).exit_code == 0
    return folder


def marked(line: str) -> object:
    """The demonstration takes seconds and is tested end to end elsewhere."""
    return pytest.param(line, marks=pytest.mark.slow) if line.startswith("truceline demo") else line


@pytest.mark.parametrize("line", [marked(line) for line in examples(main)])
def test_the_example_runs(line: str, stocked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(stocked, tmp_path, dirs_exist_ok=True)
    words = shlex.split(line)
    if words[1] in ("new", "demo"):
        shutil.rmtree(tmp_path / "winter")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, words[1:], catch_exceptions=False)
    assert result.exit_code in (0, 3, 4), result.output
