"""``truceline check``: what it prints, where, and the code it ends with."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from truceline.timebase import parse_instant

Run = Callable[..., Result]
VEHICLE = ("--party", "north", "--class", "vehicle", "--accuracy", "10 m")


@pytest.mark.parametrize(
    ("files", "code"),
    [
        (["clear.gpx"], 0),
        (["possible.gpx"], 4),
        (["breach.gpx"], 3),
        (["clear.gpx", "possible.gpx"], 4),
        (["breach.gpx", "possible.gpx", "clear.gpx"], 3),
        (["broken.gpx"], 5),
        (["clear.gpx", "broken.gpx"], 5),
        (["possible.gpx", "broken.gpx"], 5),
        (["breach.gpx", "broken.gpx"], 3),
        (["clear.gpx", "not-there.gpx"], 5),
    ],
)
def test_the_exit_code_says_what_was_found(run: Run, files: list[str], code: int) -> None:
    result = run("check", "tracks", "agreement.yaml", *files, *VEHICLE)
    assert result.exit_code == code, result.output
    assert run("check", "tracks", "agreement.yaml", *files, *VEHICLE, "--exit-zero").exit_code == 0


def test_an_unreadable_file_is_named_and_the_others_are_still_checked(run: Run) -> None:
    result = run(
        "check", "tracks", "agreement.yaml", "broken.gpx", "breach.gpx", *VEHICLE, "--format", "jsonl"
    )
    assert "broken.gpx" in result.stderr
    assert "BREACH" in result.stdout


def test_json_carries_the_depth_worked_out_by_hand(run: Run) -> None:
    """7 km from the middle of a circle of 10 km is 3 km inside; line 100 m and fix 10 m give 2890 to 3110 m."""
    result = run("check", "tracks", "agreement.yaml", "breach.gpx", *VEHICLE, "--format", "json")
    record = json.loads(result.stdout)
    assert record["verdict"] == "BREACH"
    (visit,) = [item["incursion"] for item in record["findings"] if item["incursion"]]
    assert visit["depth_m"] == pytest.approx(3000.0, abs=1.0)
    assert visit["depth_low_m"] == pytest.approx(2890.0, abs=1.0)
    assert visit["depth_high_m"] == pytest.approx(3110.0, abs=1.0)
    # 5 km in 240 s; 2 km of them outside: the edge is crossed after 96 s.
    for role, clock in (("entry", "08:01:36"), ("exit", "08:06:24")):
        seen, expected = visit[role]["t"], f"2020-02-01T{clock}Z"
        assert parse_instant(seen) == pytest.approx(parse_instant(expected), abs=10_000)  # us


def test_every_format_tells_the_same_findings(run: Run) -> None:
    words = ("check", "tracks", "agreement.yaml", "breach.gpx", "possible.gpx", *VEHICLE)
    findings = json.loads(run(*words, "--format", "json").stdout)["findings"]
    lines = [json.loads(line) for line in run(*words, "--format", "jsonl").stdout.splitlines()]
    rows = list(csv.DictReader(io.StringIO(run(*words, "--format", "csv").stdout)))
    features = json.loads(run(*words, "--format", "geojson").stdout)["features"]
    ids = {item["id"] for item in findings}
    assert lines == findings
    assert {row["id"] for row in rows} == ids
    assert {item["properties"]["finding"] for item in features if "finding" in item["properties"]} == ids


def test_the_table_is_plain_text_off_a_terminal_and_speaks_carefully(run: Run) -> None:
    result = run("check", "tracks", "agreement.yaml", "breach.gpx", *VEHICLE)
    assert "breach as encoded" in result.stdout
    assert "Northern Command" in result.stdout
    assert "\x1b" not in result.stdout
    assert not set(result.stdout) & set("│┃─━")


def test_output_goes_to_a_file_and_stdout_stays_empty(run: Run, folder: Path) -> None:
    result = run(
        "check", "tracks", "agreement.yaml", "clear.gpx", *VEHICLE, "--format", "json", "-o", "out.json"
    )
    assert result.stdout == ""
    assert "writing out.json" in result.stderr
    assert json.loads((folder / "out.json").read_text(encoding="utf-8"))["verdict"] == "CLEAR"


def test_quiet_says_nothing_on_stderr(run: Run) -> None:
    result = run("check", "tracks", "agreement.yaml", "clear.gpx", *VEHICLE, "--quiet")
    assert result.stderr == ""


def test_what_was_dropped_is_said_and_is_not_a_clear_answer(run: Run, folder: Path) -> None:
    text = (folder / "clear.gpx").read_text(encoding="utf-8")
    bad = '<trkpt lat="95" lon="200"><time>2020-02-01T08:02:00Z</time></trkpt></trkseg>'
    (folder / "half.gpx").write_text(text.replace("</trkseg>", bad), encoding="utf-8")
    result = run("check", "tracks", "agreement.yaml", "half.gpx", *VEHICLE, "--quiet")
    assert result.exit_code == 4
    assert "half.gpx: 1 of 3 not used" in result.stderr


def test_nothing_to_check_is_not_nothing_found(run: Run, folder: Path) -> None:
    head = "id,date,place,lon,lat,radius,place_precision,act\n"
    (folder / "none.csv").write_text(head, encoding="utf-8")
    result = run("check", "reports", "agreement.yaml", "none.csv", "--format-in", "report-csv")
    assert result.exit_code == 4, result.output
    assert "nothing to check" in result.stderr


def test_an_unknown_party_is_not_evaluated(run: Run) -> None:
    result = run("check", "tracks", "agreement.yaml", "breach.gpx", "--accuracy", "10 m", "--format", "json")
    assert result.exit_code == 4
    assert json.loads(result.stdout)["verdict"] == "NOT_EVALUATED"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--accuracy", "10"), "bare number"),
        (("--class", "lorry"), "lorry"),
        (("--option", "nonsense"), "KEY=VALUE"),
        (("--option", "colour=red"), "colour"),
        (("--format-in", "gpxx"), "did you mean 'gpx'"),
    ],
)
def test_options_that_cannot_be_meant(run: Run, words: tuple[str, ...], said: str) -> None:
    result = run("check", "tracks", "agreement.yaml", "clear.gpx", *words)
    assert result.exit_code in (2, 5)
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_an_agreement_that_does_not_stand_ends_the_check(run: Run, folder: Path) -> None:
    text = (folder / "agreement.yaml").read_text(encoding="utf-8")
    (folder / "agreement.yaml").write_text(text.replace("radius: 10 km", "radius: 10000"), encoding="utf-8")
    result = run("check", "tracks", "agreement.yaml", "breach.gpx", *VEHICLE)
    assert result.exit_code == 5
    assert "agreement.yaml:10:" in result.stderr
    assert "bare-number" in result.stderr
