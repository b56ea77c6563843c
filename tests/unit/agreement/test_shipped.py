"""At Tanf and Idlib 2020 as encoded: the numbers of the public record, checked against independent arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from geographiclib.geodesic import Geodesic

from truceline.agreement import check_document, load_agreement, referenced_files
from truceline.model.agreement import Agreement, Band, Circle, KeepOut, Line, Polygon, Recorded
from truceline.timebase import ALWAYS, END_OF_TIME

AGREEMENTS = Path(__file__).parents[3] / "agreements"


@pytest.fixture(scope="module")
def tanf() -> Agreement:
    return load_agreement(AGREEMENTS / "tanf-55km" / "agreement.yaml")


@pytest.fixture(scope="module")
def idlib() -> Agreement:
    return load_agreement(AGREEMENTS / "idlib-2020" / "agreement.yaml")


@pytest.mark.parametrize("name", ["tanf-55km", "idlib-2020"])
def test_no_problem_and_no_warning(name: str) -> None:
    assert check_document(AGREEMENTS / name / "agreement.yaml") == ()


def test_tanf_is_the_published_circle(tanf: Agreement) -> None:
    rule = tanf.clauses["1"].rule
    assert isinstance(rule, KeepOut)
    assert rule.where == Circle(centre_deg=(38.61778, 33.50583), radius_m=55_000.0, accuracy_m=500.0)


def test_tanf_binds_those_the_announcement_names_and_says_who_contests_it(tanf: Agreement) -> None:
    clause = tanf.clauses["1"]
    assert clause.who.parties == {"syria", "allied-forces"}
    assert set(clause.contested_by) == {"syria", "allied-forces", "russia"}
    assert {name for name, party in tanf.parties.items() if party.accepts is False} == set(
        clause.contested_by
    )
    assert clause.validity.interval == ALWAYS
    assert tanf.text.status == "reported"
    assert len(tanf.assumptions) >= 4


def test_idlib_ceases_at_00_01_on_6_march_in_the_assumed_zone(idlib: Agreement) -> None:
    interval = idlib.clauses["1"].validity.interval
    assert (
        interval.start_us == int(datetime(2020, 3, 5, 21, 1, tzinfo=UTC).timestamp()) * 1_000_000
    )  # Moscow, UTC+3
    assert interval.end_us == END_OF_TIME
    assert idlib.zone_basis == "assumed"
    assert idlib.signed == "2020-03-05"


def test_idlib_corridor_is_6_km_on_each_side_and_leaves_the_patrols_free(idlib: Agreement) -> None:
    clause = idlib.clauses["2"]
    assert isinstance(clause.rule, KeepOut)
    band = clause.rule.where
    assert isinstance(band, Band)
    assert (band.left_m, band.right_m) == (6000.0, 6000.0)
    assert band.accuracy_m >= 1000.0
    assert clause.who.armed is True
    assert clause.who.except_parties == {"russia", "turkey"}
    assert idlib.places["corridor"].schematic
    assert any("seven days" in text for text in idlib.assumptions)
    assert idlib.clauses["3"].rule == Recorded(rule="patrol")


def test_trumba_lies_2_km_west_of_saraqib(idlib: Agreement) -> None:
    """Saraqib is at about 36.80 E 35.86 N; positions are typed to 0.01 degree, which is about 1 km."""
    road = idlib.places["m4"].shape
    assert isinstance(road, Line)
    lon, lat = road.lonlat_deg[0]
    line = Geodesic.WGS84.Inverse(35.86, 36.80, lat, lon)
    assert line["s12"] == pytest.approx(2000.0, abs=1000.0)
    assert lon < 36.80
    assert road.lonlat_deg[-1][0] < lon


def test_the_road_is_about_as_long_as_the_map_says_and_lies_in_the_area(idlib: Agreement) -> None:
    """Saraqib to the edge of Latakia province is some 60 km by road; straight legs are shorter."""
    road, area = idlib.places["m4"].shape, idlib.places["idlib-area"].shape
    assert isinstance(road, Line)
    assert isinstance(area, Polygon)
    legs = zip(road.lonlat_deg, road.lonlat_deg[1:], strict=False)
    length_m = sum(Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] for a, b in legs)
    assert 50_000 < length_m < 75_000
    lons = [lon for lon, _ in area.polygons[0][0]]
    assert min(lons) < min(lon for lon, _ in road.lonlat_deg)
    assert max(lons) > max(lon for lon, _ in road.lonlat_deg)


def test_files_beside_the_agreement_are_named() -> None:
    assert referenced_files(AGREEMENTS / "idlib-2020" / "agreement.yaml") == (
        AGREEMENTS / "idlib-2020" / "lines.geojson",
    )
    assert referenced_files(AGREEMENTS / "tanf-55km" / "agreement.yaml") == ()
