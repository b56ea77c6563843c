"""Plan files: what is read, and every mistake at once with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from truceline.errors import DocumentError, InputError
from truceline.formats.plan_yaml import read_plan
from truceline.timebase import parse_instant

GOOD = """\
truceline-plan: 1
id: CONVOY-7
title: Food to the camp
party: un
class: vehicle
armed: false
purpose: humanitarian
zone: Asia/Damascus
half-width: 500 m
drift: 0.2 km
lateness: 30 min
altitude: {low: 0 m, high: 100 ft, datum: agl}
route:
  - {at: [38.0, 33.5], earliest: 2027-01-05T06:00, latest: "2027-01-05T04:30Z", name: depot}
  - {at: [39.2, 33.5], earliest: 2027-01-05T08:00, latest: 2027-01-05T10:00}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_whole_plan(tmp_path: Path) -> None:
    plan = read_plan(written(tmp_path, GOOD))
    assert (plan.id, plan.mover.id, plan.mover.party, plan.mover.armed) == (
        "CONVOY-7",
        "CONVOY-7",
        "un",
        False,
    )
    assert (plan.half_width_m, plan.drift_m, plan.lateness_s) == (500.0, 200.0, 1800.0)
    assert plan.altitude is not None
    assert (plan.altitude.high_m, plan.altitude.datum) == (pytest.approx(30.48), "agl")
    # Damascus has kept UTC+3 since October 2022.
    assert plan.route[0].earliest_us == parse_instant("2027-01-05T03:00Z")
    assert plan.route[0].latest_us == parse_instant("2027-01-05T04:30Z")
    assert plan.source.format == "plan" and len(plan.source.sha256) == 64


def test_json_is_yaml_too(tmp_path: Path) -> None:
    document = {
        "truceline-plan": 1, "id": "J", "half-width": "1 km",
        "route": [{"at": [1, 2], "earliest": "2027-01-05T06:00Z", "latest": "2027-01-05T07:00Z"}],
    }  # fmt: skip
    assert read_plan(written(tmp_path, json.dumps(document))).route[0].lonlat_deg == (1.0, 2.0)


def test_every_mistake_at_once_with_its_line(tmp_path: Path) -> None:
    text = """\
truceline-plan: 1
id: X
class: vehicel
half-width: 500
armed: "no"
colour: white
route:
  - {at: [138.0, 133.5], earliest: 2027-01-05T06:00, latest: 2027-01-05T07:00 UTC}
  - {at: [39.2, 33.5], earliest: 2027-01-05T08:00Z, latest: 2027-01-05T07:00Z}
  - {at: [39.2, 33.5], earliest: 2027-01-05T08:00Z}
"""
    with pytest.raises(DocumentError) as caught:
        read_plan(written(tmp_path, text))
    told = {(problem.where.line, problem.code) for problem in caught.value.problems}
    assert told == {
        (3, "class"), (4, "bare-number"), (5, "bool-type"), (6, "unknown-key"), (8, "place"), (8, "no-zone"),
        (9, "window"), (10, "missing"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "missing"),
        ("route: [", "yaml"),
        (GOOD.replace("2027-01-05T08:00,", "2027-01-05T05:00,"), "window"),  # waypoints in the wrong order
        (GOOD.replace("drift: 0.2 km", "drift: -0.2 km"), "range"),
        (GOOD.replace("datum: agl", "datum: ground"), "literal-error"),
        (GOOD.replace("high: 100 ft", "high: -1 ft"), "altitude"),
        (GOOD.replace("truceline-plan: 1", "truceline-plan: 2"), "literal-error"),
        (GOOD.replace("2027-01-05T10:00}", "2027-01-05T10:00:00Z}"), "time"),
        (GOOD.replace("Asia/Damascus", "Asia/Nowhere"), "zone"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, code: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read_plan(written(tmp_path, text))
    assert code in {problem.code for problem in caught.value.problems}


def test_a_length_out_of_reason_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="200 km"):
        read_plan(written(tmp_path, GOOD.replace("500 m", "500 km")))
    with pytest.raises(InputError, match="cannot be opened"):
        read_plan(tmp_path / "absent.yaml")
