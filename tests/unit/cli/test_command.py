"""What every command does: help with examples, errors with a way out, clean pipes, no waiting."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from truceline import __version__
from truceline.cli import main
from truceline.cli.command import Command

Run = Callable[..., Result]


def every_command(
    command: click.Command, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            child = command.get_command(ctx, name)
            assert child is not None
            yield from every_command(child, (*path, name))


COMMANDS = dict(every_command(main))
LEAVES = {path: command for path, command in COMMANDS.items() if not isinstance(command, click.Group)}


def test_the_commands_of_this_version() -> None:
    assert {" ".join(path) for path in LEAVES} == {
        "demo",
        "new",
        "agreement check",
        "agreement show",
        "agreement explain",
        "agreement schema",
        "check tracks",
        "check reports",
        "check plan",
        "watch",
        "ingest",
        "ledger verify",
        "publish daily",
        "formats",
        "doctor",
    }


@pytest.mark.parametrize("path", COMMANDS, ids=" ".join)
def test_help_opens_with_examples_that_name_the_command(path: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*path, "--help"])
    assert result.exit_code == 0
    command = COMMANDS[path]
    if isinstance(command, click.Group):
        assert command.help
        return
    assert isinstance(command, Command)
    assert command.examples
    for example in command.examples:
        assert example.line.startswith(" ".join(("truceline", *path)))
        assert example.line in result.output
    assert result.output.index("Examples:") < result.output.index("Options:")


@pytest.mark.parametrize("name", main.commands_table)
def test_the_list_of_commands_loads_what_it_names(name: str) -> None:
    assert COMMANDS[(name,)].name == name
    assert main.commands_table[name][1].endswith(".")


def test_version() -> None:
    assert CliRunner().invoke(main, ["--version"]).output == f"truceline, version {__version__}\n"


@pytest.mark.parametrize(
    "words", [["chek"], ["agreement"], ["check", "tracks"], ["formats", "--format", "xml"]]
)
def test_a_command_line_that_cannot_be_meant_ends_with_2(run: Run, words: list[str]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stdout == ""


def truceline(*words: str, **settings: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "truceline", *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **settings,  # type: ignore[call-overload]
    )  # fmt: skip


def test_a_reader_that_goes_away_is_no_fault() -> None:
    process = truceline("agreement", "schema")
    assert process.stdout is not None
    process.stdout.close()
    _, stderr = process.communicate(timeout=60)
    assert stderr == ""
    assert process.returncode == 141


def test_nothing_waits_for_an_answer_and_a_pipe_gets_data_only(folder: Path) -> None:
    process = truceline("check", "tracks", "agreement.yaml", "clear.gpx", "--party", "north", "--accuracy", "10 m",
                        "--format", "jsonl", "--class", "vehicle", cwd=folder)  # fmt: skip
    stdout, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert all(line.startswith("{") for line in stdout.splitlines())


def test_ctrl_c_ends_quietly_with_130(folder: Path) -> None:
    os.mkfifo(folder / "never.gpx")  # opening it waits for a writer that never comes
    process = truceline("check", "tracks", "agreement.yaml", "never.gpx", "--format-in", "gpx", cwd=folder)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(timeout=2)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130
    assert stdout == ""
    assert "interrupted" in stderr
    assert "Traceback" not in stderr


def test_a_folder_that_cannot_be_written_to_is_named(run: Run) -> None:
    result = run("agreement", "schema", "-o", "not/there.json")
    assert result.exit_code == 2  # no input was unreadable; the command line names a place that is none
    assert "not/there.json" in result.stderr


def test_a_part_that_is_not_installed_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ruamel.yaml", None)  # what a module that is not there looks like
    for name in [name for name in sys.modules if name.startswith("truceline.agreement")]:
        monkeypatch.delitem(sys.modules, name)
    result = run("agreement", "schema")
    assert result.exit_code == 1
    assert "ruamel.yaml is not installed" in result.stderr
    assert "truceline doctor" in result.stderr


def drawn_on_a_terminal(words: list[str], folder: Path, **environment: str) -> str:
    """What a command writes when its output is a terminal of 100 columns."""
    import pty

    leader, follower = pty.openpty()
    environ = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "truceline", *words],
        stdin=subprocess.DEVNULL, stdout=follower, stderr=subprocess.DEVNULL, cwd=folder, env=environ,
    )  # fmt: skip
    os.close(follower)
    parts = []
    try:
        while part := os.read(leader, 4096):
            parts.append(part)
    except OSError:
        parts.append(b"")  # the other end is closed: that is how a terminal ends
    process.wait(timeout=60)
    os.close(leader)
    return b"".join(parts).decode()


def test_a_terminal_gets_a_drawn_table_and_plain_turns_it_off(folder: Path) -> None:
    words = ["agreement", "explain", "agreement.yaml"]
    drawn = drawn_on_a_terminal(words, folder)
    assert "─" in drawn
    assert "\x1b[" in drawn
    assert "─" not in drawn_on_a_terminal([*words, "--plain"], folder)
    assert not re.search("\x1b\\[(?:3|4|9)[0-9]m", drawn_on_a_terminal(words, folder, NO_COLOR="1"))
