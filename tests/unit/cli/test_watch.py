"""``truceline watch`` from the command line: what it says, where it says it, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

DEGREE_M = 111319.49
MAPPING = """\
mover: {column: id}
time: {column: t, time_format: epoch-s}
lon: {column: lon}
lat: {column: lat}
class: {value: vehicle}
accuracy: {value: 10 m, convention: 95}
"""
T0_S = 1_580_540_400  # 2020-02-01 07:00 UTC


@pytest.fixture
def visit(folder: Path) -> Path:
    """From 12 km to 7 km and back, 20 m/s, a fix every 10 s: 3 km past an edge known to 100 m."""
    (folder / "m.yaml").write_text(MAPPING, encoding="utf-8")
    east_m = [*range(12_000, 7_000, -200), *range(7_000, 12_200, 200)]
    rows = [f"P1,{T0_S + 10 * k},{metres / DEGREE_M:.9f},0" for k, metres in enumerate(east_m)]
    path = folder / "visit.csv"
    path.write_text("\n".join(["id,t,lon,lat", *rows]) + "\n", encoding="utf-8")
    return path


WATCH = (
    "watch",
    "agreement.yaml",
    "visit.csv",
    "--format-in",
    "csv",
    "--mapping",
    "m.yaml",
    "--party",
    "north",
)


def test_alerts_on_stdout_health_on_stderr_and_the_findings_at_the_end(
    run: Callable[..., Result], visit: Path
) -> None:
    done = run(*WATCH)
    assert done.exit_code == 3, done.stderr
    first, *rest = done.stdout.splitlines()
    # 9,890 m is the first place that can be in the zone: 10 km less 100 m of line and 10 m of fix, outwards.
    assert first.startswith(
        "2020-02-01 07:01:40Z  alert: possible breach, clause 1, P1 (Northern Command)"
    ), first
    assert any("alert over" in said and "away from the line again" in said for said in rest)
    assert any("breach as encoded" in said for said in rest)
    assert "51 fixes came, 51 used" in done.stderr
    assert "visit.csv: ended" in done.stderr


def test_lines_of_json_and_the_same_findings_as_the_check(run: Callable[..., Result], visit: Path) -> None:
    watched = [json.loads(said) for said in run(*WATCH, "--format", "jsonl").stdout.splitlines()]
    alerts = [item for item in watched if item.get("record") == "alert"]
    findings = [item for item in watched if item.get("record") != "alert"]
    assert [item["state"] for item in alerts if item["state"] != "update"] == ["open", "close"]
    assert len({item["id"] for item in alerts}) == 1
    checked = run("check", "tracks", "agreement.yaml", "visit.csv", "--format-in", "csv", "--mapping", "m.yaml",
                  "--party", "north", "--format", "jsonl")  # fmt: skip
    expected = [json.loads(said) for said in checked.stdout.splitlines()]
    # A file names the line of a track's first fix as its evidence, and the mapping; a stream names itself.
    for item in (*findings, *expected):
        item.pop("evidence")
        item.pop("id")
    assert findings == expected


def test_one_that_hugs_the_line_is_one_alert(run: Callable[..., Result], folder: Path) -> None:
    """Two hours along the edge, 60 m to either side of it: line and fix together can be off by 110 m."""
    (folder / "m.yaml").write_text(MAPPING, encoding="utf-8")
    rows = [f"P1,{T0_S + 10 * k},{(10_000 + (60 if k % 2 else -60)) / DEGREE_M:.9f},0" for k in range(720)]
    (folder / "visit.csv").write_text("\n".join(["id,t,lon,lat", *rows]) + "\n", encoding="utf-8")
    said = [json.loads(text) for text in run(*WATCH, "--format", "jsonl").stdout.splitlines()]
    states = [item["state"] for item in said if item.get("record") == "alert"]
    assert (states.count("open"), states.count("close")) == (1, 1)
    assert len(states) <= 4


def test_ctrl_c_ends_a_watch_with_the_findings(folder: Path, visit: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "truceline",
        *WATCH,
        "--follow",
        "--lateness",
        "0 s",
        "--record",
        "as-it-came",
    ]
    process = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    assert process.stdout is not None
    limit = threading.Timer(60.0, process.kill)
    limit.start()
    try:
        assert "alert: possible breach" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    finally:
        limit.cancel()
        process.kill()
    assert process.returncode == 3, err
    assert "ended by Ctrl-C" in err
    assert "breach as encoded" in out
    assert (folder / "as-it-came").read_bytes() == visit.read_bytes()


def test_it_ends_by_itself_where_nothing_comes(run: Callable[..., Result], visit: Path) -> None:
    done = run(*WATCH, "--follow", "--until-silent", "1 s")
    assert done.exit_code == 3, done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("watch", "agreement.yaml", "visit.csv"), "--format-in"),
        ((*WATCH[:2], "udp://nowhere", *WATCH[3:]), "not an address"),
        ((*WATCH, "--lateness", "soon"), "soon"),
        ((*WATCH[:4], "gpx"), "read from files only"),
        ((*WATCH, "--record", "agreement.yaml"), "agreement.yaml"),
    ],
)
def test_what_cannot_be_meant_says_what_to_do(
    run: Callable[..., Result], visit: Path, words: tuple[str, ...], said: str
) -> None:
    done = run(*words)
    assert done.exit_code in (2, 5)
    assert said in done.stderr


def test_nothing_usable_is_not_quiet(run: Callable[..., Result], visit: Path) -> None:
    visit.write_text("id,t,lon,lat\nP1,soon,0,0\n", encoding="utf-8")
    done = run(*WATCH)
    assert done.exit_code == 4
    assert "no usable position came" in done.stderr
