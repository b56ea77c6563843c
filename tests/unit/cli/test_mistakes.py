"""What a newcomer gets wrong: one clear message that names the file, what was seen and the way out, and its code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
TRACKS = ("check", "tracks", "agreement.yaml")
VEHICLE = ("--party", "north", "--class", "vehicle", "--accuracy", "10 m")
NEW = ("new", "winter", "--agreement", "agreement.yaml", "--author", "Operations room", "-q")
DAILY = ("publish", "daily", "winter", "-q")
EXPLAIN = ("agreement", "explain", "agreement.yaml")

CASES = {
    "a file that is not there": ((*TRACKS, "no.gpx", *VEHICLE), 5, ("no.gpx", "check the path")),
    "a folder for a file": ((*TRACKS, "folder", *VEHICLE), 5, ("folder", "name the files in it")),
    "an empty table": ((*TRACKS, "empty.csv"), 5, ("empty.csv", "the file is empty")),
    "a table without its mapping": ((*TRACKS, "table.csv"), 2, ("table.csv", "mapping file", "--mapping")),
    "a mapping that is not there": ((*TRACKS, "table.csv", "--mapping", "no.yaml"), 5, ("no.yaml",)),
    "bytes that are no text": ((*TRACKS, "bytes.csv"), 5, ("bytes.csv", "not text", "export it as text")),
    "bytes named GPX": ((*TRACKS, "bytes.gpx", *VEHICLE), 5, ("bytes.gpx", "not text")),
    "text of no format": ((*TRACKS, "note.txt"), 5, ("note.txt", "not recognised", "--format-in", "gpx")),
    "the wrong format": ((*TRACKS, "table.csv", "--format-in", "gpx"), 5, ("table.csv:1:1", "not well-formed")),
    "a format that is none": ((*TRACKS, "table.csv", "--format-in", "gps"), 2, ("'gps'", "gpx")),
    "output into a folder": ((*EXPLAIN, "-o", "folder"), 2, ("folder cannot be written", "name a file")),
    "output where nothing is": ((*EXPLAIN, "-o", "no/such/x"), 2, ("no/such/x cannot be written",)),
    "a full disk": ((*EXPLAIN, "-o", "/dev/full"), 1, ("/dev/full cannot be written", "make room")),
    "a shipped name that is none": (("agreement", "check", "idlib"), 5, ("'idlib'", "idlib-2020")),
    "a folder without an agreement": (("agreement", "show", "folder"), 5, ("'folder'", "agreement.yaml")),
    "an empty agreement": (("agreement", "show", "empty.csv"), 5, ("empty.csv:1:1", "truceline: 1")),
    "a mission that exists": (NEW, 2, ("winter is not empty", "name another folder")),
    "a mission where a file lies": (("new", "note.txt", *NEW[2:]), 2, ("note.txt is a file", "folder")),
    "a mission below a file": (("new", "note.txt/m", *NEW[2:]), 2, ("note.txt/m cannot be written",)),
    "a zone that is none": (("new", "m", *NEW[2:], "--zone", "Mars/Base"), 2, ("Mars/Base", "Asia/Damascus")),
    "an author without a name": (("new", "m", *NEW[2:4], "--author", ""), 2, ("author", "one letter")),
    "no mission": (("ingest", "folder", "note.txt"), 5, ("folder is not a mission", "truceline new")),
    "a folder taken in": (("ingest", "winter", "folder"), 5, ("folder", "name its files")),
    "a report into a folder": ((*DAILY, "-o", "folder"), 2, ("folder is a folder", "name a file")),
    "a report below a file": ((*DAILY, "-o", "note.txt/x"), 2, ("note.txt", "cannot be written")),
    "a day that is none": ((*DAILY, "--day", "2020-13-01"), 2, ("2020-13-01", "2020-02-12")),
    "a period backwards": ((*DAILY, "--from", "2020-02-02", "--until", "2020-02-01"), 2, ("ends before",)),
    "a demonstration over a mission": (("demo", "--folder", "winter"), 2, ("winter", "not ours to remove")),
    "a demonstration over a file": (("demo", "--folder", "note.txt"), 2, ("note.txt is a file",)),
}  # fmt: skip


@pytest.fixture
def mistaken(run: Run, folder: Path) -> Run:
    """The working folder with everything a newcomer could point at by mistake, and a mission."""
    (folder / "folder").mkdir()
    (folder / "empty.csv").touch()
    (folder / "note.txt").write_text("Meeting at nine.\n", encoding="utf-8")
    (folder / "table.csv").write_text("who,when\nP1,now\n", encoding="utf-8")
    for name in ("bytes.csv", "bytes.gpx"):
        (folder / name).write_bytes(b"\x7fELF\x02\x01\x00\x00\xff\xfe\n" * 40)
    assert run(*NEW).exit_code == 0
    return run


@pytest.mark.parametrize(("words", "code", "said"), CASES.values(), ids=CASES)
def test_one_message_and_the_right_code(
    mistaken: Run, words: tuple[str, ...], code: int, said: tuple[str, ...]
) -> None:
    result = mistaken(*words)
    assert result.exit_code == code, result.output
    assert result.stdout == ""
    message, *more = result.stderr.splitlines()
    assert message.startswith("truceline: ")
    assert all(line.startswith("  ") for line in more)  # the mistakes of a document, one a line
    assert all(part in result.stderr for part in said), message


def test_every_mistake_of_an_agreement_at_once(mistaken: Run, folder: Path, agreement_text: str) -> None:
    faults = (
        ("radius: 10 km", "radius: 10"),
        ("accuracy: 100 m", "accuracy: 100"),
        ("who: [north]", "who: [nort]"),
        ("acts: [shelling]", "acts: [shellin]"),
        ("2020-01-01T00:00 UTC", "2020-13-01T00:00 UTC"),
    )
    text = agreement_text
    for good, bad in faults:
        assert good in text
        text = text.replace(good, bad)
    (folder / "five.yaml").write_text(text, encoding="utf-8")
    wrong = {number for number, line in enumerate(text.splitlines(), 1) for _, bad in faults if bad in line}
    for words in (("agreement", "show", "five.yaml"), ("check", "tracks", "five.yaml", "clear.gpx")):
        result = mistaken(*words)
        assert result.exit_code == 5
        head, *lines = result.stderr.splitlines()
        assert "five.yaml: the agreement file has 5 mistakes" in head
        assert {int(line.split(":")[1]) for line in lines} == wrong
        assert len(lines) == 5
        assert all(" -- " in line for line in lines)


def test_a_mission_without_files_says_how_to_name_them(mistaken: Run) -> None:
    result = mistaken("ingest", "winter")
    assert result.exit_code == 0
    assert "nothing to take in: name files, or list them under sources" in result.stderr
    assert "next: truceline ingest winter FILE..." in result.stderr


def test_no_table_to_write_still_writes_the_file_asked_for(
    mistaken: Run, folder: Path, as_gpx: object
) -> None:
    result = mistaken(*TRACKS, "clear.gpx", "--party", "south", "--class", "vehicle", "-o", "out.txt")
    assert result.exit_code == 0, result.output
    assert "no clause" in (folder / "out.txt").read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_stdout_that_is_full_is_one_message(mistaken: Run, folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "truceline", *EXPLAIN],
            cwd=folder, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("truceline: stdout cannot be written")
    assert "Traceback" not in done.stderr
