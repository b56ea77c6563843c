"""Three real inputs: lethal events against the Sochi memorandum, vessels against a zone, drawn flights.

What is asserted is what can be counted independently, and that answers are honest about what they do not know.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from truceline.agreement import load_agreement
from truceline.formats.registry import read_file
from truceline.model.finding import Verdict
from truceline.rules import check_reports, check_tracks

pytestmark = pytest.mark.shared
HERE = Path(__file__).parent / "real"


@pytest.fixture(scope="module")
def sochi(root_dir: Path, shared_dir: Path):
    agreement = load_agreement(root_dir / "agreements" / "sochi-2018" / "agreement.yaml")
    source = shared_dir / "data" / "incidents" / "ucdp_ged_nw_syria_201809_201911.csv"
    records = read_file(source, format="ucdp-ged", zone="Asia/Damascus")
    return records, check_reports(agreement, records.reports), source


def test_every_ucdp_event_is_accounted_for(sochi) -> None:
    records, result, _ = sochi
    assert len(records.reports) + records.dropped_count == 1571  # rows of the file, by its README
    judged = {(item.clause, item.subject) for item in result.findings}
    refused = {(item.clause, item.subject) for item in result.not_applied if item.count == 1}
    cease = {item.clause for item in result.findings}
    for clause in cease:
        subjects = {subject for found, subject in judged | refused if found == clause}
        assert len(subjects) == len(records.reports)


def test_events_known_to_the_month_or_the_province_are_never_an_exact_breach(sochi) -> None:
    _, result, source = sochi
    with source.open(encoding="utf-8-sig", newline="") as file:
        coarse = {
            row["id"]
            for row in csv.DictReader(file)
            if int(row["date_prec"]) >= 4 or int(row["where_prec"]) >= 3
        }
    by_subject = {item.subject: item.verdict for item in result.findings}
    hits = [subject for subject in by_subject if subject.rsplit("-", 1)[-1].rsplit(":", 1)[-1] in coarse]
    assert hits, "no coarse event was matched by id"
    assert all(by_subject[subject] is not Verdict.BREACH for subject in hits)


def test_ais_against_a_zone(shared_dir: Path) -> None:
    source = shared_dir / "data" / "tracks" / "ais_us_20220103_sample.csv"
    agreement = load_agreement(HERE / "san-pedro-zone.yaml")
    records = read_file(source, format="ais-csv")
    result = check_tracks(agreement, records.tracks)
    # Independent: every vessel with a fix well inside the rectangle (by 200 m or more) must have a finding.
    inside: set[str] = set()
    with source.open(newline="") as file:
        for row in csv.DictReader(file):
            lon, lat = float(row["LON"]), float(row["LAT"])
            if -118.298 < lon < -118.052 and 33.602 < lat < 33.758:
                inside.add(row["MMSI"])
    assert len(inside) > 5
    found = {
        item.subject.removeprefix("mmsi:")
        for item in result.findings
        if item.verdict is not Verdict.CLEAR and item.kind in ("incursion", "undetermined")
    }
    assert inside <= found


@pytest.mark.parametrize("every", [6, pytest.param(1, marks=pytest.mark.slow)])
def test_drawn_flights_against_a_median_line(shared_dir: Path, every: int) -> None:
    source = shared_dir / "data" / "tracks" / "pla_air_paths_20220801_20240115.geojson"
    agreement = load_agreement(HERE / "strait-median-line.yaml")
    records = read_file(
        source, format="geojson", party="prc", mover_class="fixed-wing", accuracy="10 km", zone="Asia/Taipei"
    )
    features = json.loads(source.read_text())["features"]
    assert len(features) == 1261
    shapes = [item["geometry"] for item in features]
    drawn = sum(len(shape["coordinates"]) if shape["type"] == "MultiLineString" else 1 for shape in shapes)
    assert len(records.paths) + records.dropped_count == drawn
    paths = records.paths[::every]
    result = check_tracks(agreement, [], paths)
    assert len(result.findings) == len(paths)
    # Nobody knows when: no finding of a drawn path may carry an entry or an exit.
    assert all(item.incursion is None or item.incursion.entry is None for item in result.findings)
    assert all("no-clock" in item.marks for item in result.findings)
    # Independent: by plain geometry in degrees, paths whose every vertex is far (0.5 degree) west are CLEAR.
    by_subject = {path.mover.id: path for path in paths}
    for finding in result.findings:
        lonlat = by_subject[finding.subject].lonlat_deg
        # signed offset from the line 122E27N - 118E23N (slope 1): positive is south-east of it
        offset = ((lonlat[:, 0] - lonlat[:, 1]) - 95.0) / np.sqrt(2)
        between = (lonlat[:, 1] > 23.5) & (lonlat[:, 1] < 26.5)
        if offset.max() < -0.5:
            assert finding.verdict is Verdict.CLEAR
        if (offset[between] > 0.5).any():
            assert finding.verdict is Verdict.BREACH
