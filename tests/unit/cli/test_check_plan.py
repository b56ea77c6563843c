"""``truceline check plan``: answers, exit codes, and plan files that do not stand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

Run = Callable[..., Result]
# The zone of the folder's agreement is a circle of 10 km round (0, 0), known to 100 m; party north stays out.
DEGREE_M = 110574.28


def plan_text(name: str, north_m: float, *, party: str = "north") -> str:
    lat = north_m / DEGREE_M
    return f"""\
truceline-plan: 1
id: {name}
party: {party}
class: vehicle
half-width: 200 m
route:
  - {{at: [-0.2, {lat:.7f}], earliest: 2027-01-05T06:00Z, latest: 2027-01-05T07:00Z}}
  - {{at: [0.2, {lat:.7f}], earliest: 2027-01-05T08:00Z, latest: 2027-01-05T09:00Z}}
"""


@pytest.mark.parametrize(
    ("north_m", "code", "words"),
    [
        (0, 3, "conflict with the clause as encoded"),
        (10_200, 4, "possible conflict"),  # 200 m clear of an edge known to 100 m, a corridor of 200 m
        (10_400, 0, "no conflict found in the data held"),
    ],
)
def test_answers_and_exit_codes(run: Run, folder: Path, north_m: float, code: int, words: str) -> None:
    (folder / "p.yaml").write_text(plan_text("P", north_m), encoding="utf-8")
    result = run("check", "plan", "agreement.yaml", "p.yaml")
    assert result.exit_code == code
    assert words in result.stdout
    assert "This gives no permission." in result.stderr
    assert run("check", "plan", "agreement.yaml", "p.yaml", "--exit-zero").exit_code == 0


def test_against_others(run: Run, folder: Path) -> None:
    (folder / "p.yaml").write_text(plan_text("P", 20_000), encoding="utf-8")
    (folder / "q.yaml").write_text(plan_text("Q", 20_300, party="south"), encoding="utf-8")
    (folder / "bad.yaml").write_text("truceline-plan: 1\n", encoding="utf-8")
    result = run("check", "plan", "agreement.yaml", "p.yaml", "--against", "q.yaml", "--format", "json")
    assert result.exit_code == 4
    document = json.loads(result.stdout)
    (finding,) = [item for item in document["findings"] if item["kind"] == "plan-overlap"]
    assert finding["encounter"]["distance_m"] == pytest.approx(300, abs=1)
    assert finding["legs"] == [0]
    bad = run("check", "plan", "agreement.yaml", "p.yaml", "--against", "bad.yaml")
    assert bad.exit_code == 5
    assert "'route' is needed here" in bad.stderr


def test_a_plan_that_does_not_stand(run: Run, folder: Path) -> None:
    (folder / "p.yaml").write_text(plan_text("P", 0).replace("200 m", "200"), encoding="utf-8")
    result = run("check", "plan", "agreement.yaml", "p.yaml")
    assert result.exit_code == 5
    assert "p.yaml:5:1: half-width" in result.stderr


@pytest.mark.parametrize("format_", ["jsonl", "csv", "geojson"])
def test_other_formats(run: Run, folder: Path, format_: str) -> None:
    (folder / "p.yaml").write_text(plan_text("P", 0), encoding="utf-8")
    result = run("check", "plan", "agreement.yaml", "p.yaml", "--format", format_)
    assert result.exit_code == 3
    assert "plan-conflict" in result.stdout
