"""Every encoded agreement answers its own oracles: cases with known answers, each naming where the answer is from.

An oracle file stands beside its agreement. Where a case names ``places``, they replace the shipped schematic
geometry by exact test geometry before the agreement is loaded, through the same loader.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from geographiclib.geodesic import Geodesic
from ruamel.yaml import YAML

from truceline.agreement import check_document, load_agreement
from truceline.model.agreement import Agreement
from truceline.model.evidence import Attribution, Grade, Report, When, Whereabouts
from truceline.model.finding import CheckResult, Finding, summarise
from truceline.model.identity import Mover, Weapon
from truceline.model.movement import Track, exact_track
from truceline.rules import check_reports, check_tracks
from truceline.timebase import Interval, parse_day, parse_instant
from truceline.units import parse_length

AGREEMENTS = Path(__file__).resolve().parents[2] / "agreements"
ORACLE_FILES = sorted(AGREEMENTS.glob("*/oracles.yaml"))
NOON = "2020-01-01T12:00Z"


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleCase:
    """One case of one oracle file."""

    folder: Path
    id: str
    written: dict[str, Any] = field(repr=False)


def _cases() -> list[OracleCase]:
    found = []
    for path in ORACLE_FILES:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        found += [OracleCase(folder=path.parent, id=item["id"], written=item) for item in data["cases"]]
    return found


CASES = _cases()


def _agreement(case: OracleCase, tmp_path: Path) -> Agreement:
    """The shipped agreement, or a copy with exact test geometry in the places the case names."""
    places = case.written.get("places")
    if not places:
        return load_agreement(case.folder / "agreement.yaml")
    yaml = YAML()
    document = yaml.load((case.folder / "agreement.yaml").read_text(encoding="utf-8"))
    for name, place in places.items():
        assert name in document["places"], f"{case.id} replaces {name}, which the agreement does not have"
        document["places"][name] = place
    for geometry in case.folder.glob("*.geojson"):
        shutil.copy(geometry, tmp_path / geometry.name)
    with (tmp_path / "agreement.yaml").open("w", encoding="utf-8") as stream:
        yaml.dump(document, stream)
    return load_agreement(tmp_path / "agreement.yaml")


def _point(at: dict[str, Any]) -> tuple[float, float]:
    """The end of a geodesic from a point of the test line, by geographiclib."""
    lon, lat = at["from"]
    end = Geodesic.WGS84.Direct(lat, lon, at["azimuth_deg"], parse_length(at["distance"]))
    return end["lon2"], end["lat2"]


def _track(written: dict[str, Any], name: str) -> Track:
    weapon = Weapon(calibre_mm=written.get("calibre_mm"), range_m=None)
    mover = Mover(
        id=name,
        party=written.get("party"),
        mover_class=written.get("class"),
        purpose=written.get("purpose", ""),
        armed=written.get("armed"),
        weapon=weapon,
    )
    accuracy_m = parse_length(written.get("accuracy", "0 m"))
    return exact_track(
        mover, [parse_instant(written.get("time", NOON))], [_point(written["at"])], accuracy_m=accuracy_m
    )


def _report(written: dict[str, Any]) -> Report:
    zone = written.get("zone", "Asia/Damascus")
    if "day" in written:
        when = When(interval=parse_day(str(written["day"]), zone=zone), precision="day")
    else:
        t_us = parse_instant(written["time"])
        when = When(interval=Interval(t_us, t_us), precision="instant")
    lonlat = written.get("lonlat")
    return Report(
        id="oracle",
        act=written["act"],
        when=when,
        where=Whereabouts(
            lonlat_deg=tuple(lonlat) if lonlat else None,
            radius_m=parse_length(written["radius"]) if "radius" in written else None,
            precision=written.get("place_precision", "unknown"),
        ),
        attributions=(Attribution(party=written.get("party"), status=written.get("status", "unknown")),),
        origins=tuple(written.get("origins", ())),
        grade=Grade(**written["grade"]) if "grade" in written else None,
    )


def _answer(case: OracleCase, agreement: Agreement) -> CheckResult:
    if "report" in case.written:
        return check_reports(agreement, [_report(case.written["report"])])
    written = case.written.get("tracks") or [case.written["track"]]
    return check_tracks(agreement, [_track(item, f"oracle-{number}") for number, item in enumerate(written)])


def _depth_m(findings: list[Finding]) -> float:
    return max(finding.incursion.depth_m for finding in findings if finding.incursion is not None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.folder.name}-{case.id}")
def test_oracle(case: OracleCase, tmp_path: Path) -> None:
    agreement = _agreement(case, tmp_path)
    expect = case.written["expect"]
    clause = expect["clause"]
    assert clause in agreement.clauses
    result = _answer(case, agreement)
    found = [finding for finding in result.findings if finding.clause == clause]
    refused = [item for item in result.not_applied if item.clause == clause]
    if expect.get("applies") is False:
        assert not found
        assert refused
        if "because" in expect:
            assert {item.because for item in refused} == {expect["because"]}
        return
    assert summarise(finding.verdict for finding in found) == expect["verdict"], [
        item.because for item in refused
    ]
    if "because" in expect:
        assert expect["because"] in {finding.because for finding in found}
    if "depth_m" in expect:
        assert _depth_m(found) == pytest.approx(expect["depth_m"], abs=expect["tolerance_m"])
    if "probability" in expect:
        assert [finding.probability for finding in found] == [
            pytest.approx(expect["probability"], abs=expect["probability_tolerance"])
        ]
    if "accepted" in expect:
        assert {finding.accepted_by_party for finding in found} == {expect["accepted"]}
    for mark in expect.get("marks", ()):
        assert any(mark in finding.marks for finding in found)


def test_every_agreement_has_oracles_and_a_readme() -> None:
    folders = sorted(path.parent for path in AGREEMENTS.glob("*/agreement.yaml"))
    assert folders
    assert [folder.name for folder in folders if not (folder / "oracles.yaml").is_file()] == []
    assert [folder.name for folder in folders if not (folder / "README.md").is_file()] == []


def test_every_oracle_says_where_its_answer_is_from() -> None:
    assert len({(case.folder, case.id) for case in CASES}) == len(CASES)
    assert [case.id for case in CASES if not case.written.get("from")] == []


@pytest.mark.parametrize(
    "path", sorted(AGREEMENTS.glob("*/agreement.yaml")), ids=lambda path: path.parent.name
)
def test_agreement_has_no_mistakes_and_states_its_words_and_assumptions(path: Path) -> None:
    problems = check_document(path)
    assert [str(problem) for problem in problems if problem.severity == "error"] == []
    agreement = load_agreement(path)
    assert agreement.assumptions
    assert agreement.text.source
    for clause in agreement.clauses.values():
        assert clause.text
        assert clause.source
    for place in agreement.places.values():
        assert place.source or "accuracy" not in str(place.note)
