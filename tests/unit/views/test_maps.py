"""Maps: the picture plane against geographiclib, what is drawn, and that a picture stands alone."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from truceline.model.agreement import Band, Circle, Combination, Line, Polygon, Side
from truceline.model.finding import CheckResult
from truceline.model.identity import Mover
from truceline.model.movement import exact_track
from truceline.views import furniture as fur
from truceline.views import geometry as geo
from truceline.views.frame import Frame, azimuthal, azimuthal_inverse, frame_around, graticule, scale_bar
from truceline.views.maps import render_details, render_overview
from truceline.views.scene import agreed_areas
from truceline.views.tables import numbered

WGS84 = Geodesic.WGS84


def frame_at(lon: float, lat: float, *, width_km: float = 100.0) -> Frame:
    return Frame(centre_deg=(lon, lat), width_px=600, height_px=400, px_per_m=600 / (width_km * 1000))


# ---------------------------------------------------------------- frame


@pytest.mark.parametrize("centre", [(38.0, 36.0), (179.9, -17.0), (-179.5, 70.0), (10.0, 0.0)])
def test_distances_from_the_middle_are_those_of_the_ellipsoid_to_half_a_per_cent(
    centre: tuple[float, float],
) -> None:
    for azimuth in range(0, 360, 30):
        for distance_m in (1_000.0, 50_000.0, 500_000.0):
            there = WGS84.Direct(centre[1], centre[0], azimuth, distance_m)
            x, y = azimuthal(np.array([[there["lon2"], there["lat2"]]]), centre_deg=centre)[0]
            assert np.hypot(x, y) == pytest.approx(distance_m, rel=0.006)
            turn = (np.degrees(np.arctan2(x, y)) - azimuth + 180) % 360 - 180
            assert abs(turn) < 0.3


def test_the_plane_and_its_inverse_undo_each_other() -> None:
    centre = (179.0, -41.0)
    lonlat = np.array([[179.0, -41.0], [-178.5, -40.0], [176.2, -43.3]])
    back = azimuthal_inverse(azimuthal(lonlat, centre_deg=centre), centre_deg=centre)
    assert np.allclose(back, lonlat, atol=1e-9)


def test_a_frame_holds_all_its_points_with_a_margin_also_over_the_antimeridian() -> None:
    points = np.array([[179.2, -17.0], [-179.4, -16.2], [179.9, -18.1]])
    frame = frame_around(points, width_px=600)
    px = frame.to_px(points)
    assert (px[:, 0] > 30).all() and (px[:, 0] < 570).all()
    assert (px[:, 1] > 20).all() and (px[:, 1] < frame.height_px - 20).all()
    assert frame.width_m < 400_000  # and not once round the world


def test_one_point_gives_a_frame_of_the_least_width() -> None:
    frame = frame_around(np.array([[38.0, 36.0]]), width_px=600, least_m=2_000)
    assert 2_000 <= frame.width_m <= 2_500  # 2 km high at the flattest


@pytest.mark.parametrize("lat", [0.0, 36.0, -70.0])
def test_the_scale_bar_is_as_long_as_it_says(lat: float) -> None:
    frame = frame_at(38.0, lat)
    length_px, label = scale_bar(frame)
    a = frame.to_lonlat(np.array([[300.0, 200.0]]))[0]
    b = frame.to_lonlat(np.array([[300.0 + length_px, 200.0]]))[0]
    metres = WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"]
    assert label == "20 km"
    assert metres == pytest.approx(20_000, rel=0.006)


def test_the_graticule_labels_the_right_degrees() -> None:
    meridians, parallels = graticule(frame_at(38.0, 36.0))
    for tick in meridians:
        assert tick.at_px is not None
        lon = frame_at(38.0, 36.0).to_lonlat(np.array([tick.at_px]))[0][0]
        degrees, minutes = re.match(r"(\d+)°(\d+)′E", tick.label).groups()  # type: ignore[union-attr]
        assert int(degrees) + int(minutes) / 60 == pytest.approx(lon, abs=1e-4)
    assert 2 <= len(parallels) <= 8
    east, _ = graticule(frame_at(179.95, 10.0))
    assert {tick.label[-1] for tick in east} == {"E", "W", "′"}  # 180°00′ has no letter


# ---------------------------------------------------------------- geometry


def km2(area: Any, frame: Frame) -> float:
    return float(area.area / frame.px_per_m**2 / 1e6)


def test_areas_are_as_large_as_they_should_be() -> None:
    frame = frame_at(38.0, 36.0)
    line = Line(lonlat_deg=((37.8, 36.0), (38.2, 36.0)))
    length_m = WGS84.Inverse(36.0, 37.8, 36.0, 38.2)["s12"]
    circle = Circle(centre_deg=(38.0, 36.0), radius_m=10_000)
    band = Band(line=line, left_m=3_000, right_m=1_000)
    # pi r^2; a band is its length by its width and the two half discs at its ends, each of two quarters.
    assert km2(geo.area_px(circle, frame), frame) == pytest.approx(np.pi * 100, rel=0.01)
    ends = np.pi / 2 * (3_000**2 + 1_000**2)
    assert km2(geo.area_px(band, frame), frame) == pytest.approx((length_m * 4_000 + ends) / 1e6, rel=0.02)
    left = Combination(op="intersection", parts=(circle, Side(line=line, side="left")))
    assert km2(geo.area_px(left, frame), frame) == pytest.approx(np.pi * 50, rel=0.02)
    hole = Combination(op="difference", parts=(circle, Circle(centre_deg=(38.0, 36.0), radius_m=6_000)))
    assert km2(geo.area_px(hole, frame), frame) == pytest.approx(np.pi * 64, rel=0.01)


def test_the_left_side_of_a_line_that_runs_east_is_the_north_and_reaches_the_edge() -> None:
    frame = frame_at(38.0, 36.0)
    side = geo.area_px(Side(line=Line(lonlat_deg=((37.9, 36.0), (38.1, 36.0))), side="left"), frame)
    assert side.bounds[0] < 0 and side.bounds[2] > frame.width_px
    assert side.centroid.y < frame.height_px / 2
    assert side.area == pytest.approx(geo.sheet(frame).area / 2, rel=0.02)


def test_a_polygon_with_a_hole_over_the_antimeridian_is_drawn_whole() -> None:
    frame = frame_at(180.0, 0.0)
    shell = ((179.8, -0.1), (-179.8, -0.1), (-179.8, 0.1), (179.8, 0.1))
    hole = ((179.9, -0.05), (-179.9, -0.05), (-179.9, 0.05), (179.9, 0.05))
    drawn = km2(geo.area_px(Polygon(polygons=((shell, hole),)), frame), frame)
    # WGS 84 degrees at the equator: 111.320 km of longitude, 110.574 km of latitude.
    assert drawn == pytest.approx((0.4 * 0.2 - 0.2 * 0.1) * 111.320 * 110.574, rel=0.01)


def test_nothing_is_drawn_across_a_gap() -> None:
    lonlat = np.column_stack([np.linspace(37.8, 38.2, 9), np.full(9, 36.0)])
    t_us = np.array([0, 60, 120, 1_000, 1_060, 1_120, 1_180, 1_240, 1_300]) * 1_000_000
    track = exact_track(Mover(id="m"), t_us, lonlat, longest_gap_s=300.0)
    assert len(geo.parts_of(geo.track_px(track, frame_at(38.0, 36.0)))) == 2
    broken = replace(track, segment_starts=(6,))
    assert len(geo.parts_of(geo.track_px(broken, frame_at(38.0, 36.0)))) == 3


@pytest.mark.parametrize(
    ("lonlat", "on_land"),
    [
        ((38.0, 36.0), True),
        ((34.0, 34.0), False),
        ((179.95, -16.8), True),
        ((-150.0, 0.0), False),
        ((30.0, -85.0), True),
    ],
)
def test_land_is_where_land_is(lonlat: tuple[float, float], on_land: bool) -> None:
    """Syria, the eastern Mediterranean, Taveuni on the antimeridian, the Pacific, Antarctica."""
    frame = frame_at(*lonlat, width_km=400)
    x, y = frame.to_px(np.array([lonlat]))[0]
    land = geo.land_px(frame)
    assert land.covers(geo.Point(x, y)) == on_land or land.distance(geo.Point(x, y)) < 8 / 400 * 600


# ---------------------------------------------------------------- pictures


def overview(case: Any, **changes: Any) -> str:
    given = {
        "agreement": case.agreement,
        "result": case.result,
        "tracks": case.tracks,
        "reports": case.reports,
    }
    return render_overview(**(given | {"numbers": numbered(case.result.findings)} | changes))


def test_the_picture_is_well_formed_stands_alone_and_is_the_same_each_time(case: Any) -> None:
    svg = overview(case)
    root = ElementTree.fromstring(svg)
    assert root.tag.endswith("svg")
    assert svg == overview(case)
    assert not re.search(r"(?:href|src)\s*=|@import|url\((?!#map)", svg)
    ids = re.findall(r'\bid="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)
    assert all(text.get("direction") == "ltr" for text in root.iter("{http://www.w3.org/2000/svg}text"))


def test_the_picture_says_what_is_schematic_what_is_an_exercise_and_whose_a_track_is(case: Any) -> None:
    words = [element.text for element in ElementTree.fromstring(overview(case)).iter() if element.text]
    assert "Line of separation (schematic)" in words
    assert "PART EXERCISE" in words
    assert {"1E", "4"} <= set(words)  # the reports of the case are real, the rest is an exercise
    assert "track, قوات الهلال" in words
    assert "agreed line, schematic" in words
    assert "where the line may be (95 %)" in words
    real = replace(case.result, findings=tuple(f for f in case.result.findings if not f.exercise))
    words = [e.text for e in ElementTree.fromstring(overview(case, result=real, tracks=())).iter() if e.text]
    assert not [word for word in words if "EXERCISE" in word]


def test_names_that_people_wrote_cannot_break_the_picture(case: Any) -> None:
    bad = '</text><script>x</script>"&'
    place = replace(case.agreement.places["line"], name=bad)
    agreement = replace(case.agreement, title=bad, places=case.agreement.places | {"line": place})
    svg = overview(case, agreement=agreement)
    assert "<script" not in svg
    ElementTree.fromstring(svg)


def test_there_is_no_picture_of_nothing(case: Any) -> None:
    bare = replace(case.agreement, places={}, clauses={})
    assert render_overview(agreement=bare, result=CheckResult()) == ""
    assert overview(case, agreement=bare, tracks=case.tracks).startswith("<svg")


def test_close_views_are_of_the_deepest_breaches_and_of_no_more_than_asked(case: Any) -> None:
    details = render_details(agreement=case.agreement, result=case.result, tracks=case.tracks)
    assert [detail.finding.id for detail in details] == ["f-h2-3", "f-n11-2"]
    assert len(render_details(agreement=case.agreement, result=case.result, most_count=1)) == 1
    words = [element.text for element in ElementTree.fromstring(details[1].svg).iter() if element.text]
    assert {"in 09:02Z", "out 09:48:30Z", "8.81 km"} <= set(words)


def test_every_area_of_the_agreement_is_drawn_with_the_clauses_that_speak_of_it(case: Any) -> None:
    said = {(area.kind, area.clauses) for area in agreed_areas(case.agreement).values()}
    assert said == {("keep-out", ("3",)), ("no-fly", ("4",)), ("withdraw", ("5(2)",))}


# ---------------------------------------------------------------- colours and labels


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: str, b: str) -> float:
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_words_and_marks_stand_out_from_their_ground() -> None:
    for ground in ("#ffffff", fur.LAND, fur.WATER):
        assert contrast(fur.INK, ground) > 7
        assert contrast(fur.MUTED, ground) > 4.5
        assert (
            contrast(fur.FINDING, ground) > 3 or contrast(fur.INK, ground) > 7
        )  # findings are outlined in ink
    assert contrast(fur.OBSERVED, "#ffffff") > 3


def test_sides_take_colours_by_the_alphabet_never_red_or_blue_and_differ_in_dash_too() -> None:
    sides = fur.sides_of([("b", "B"), ("a", "A"), ("c", "C")])
    assert sides == fur.sides_of([("c", "C"), ("b", "B"), ("a", "A")])
    many = fur.sides_of([(f"p{n:02}", "") for n in range(20)])
    drawn = [(side.colour, side.dash) for side in many.values()]
    assert len(set(drawn)) == len(drawn)
    # Okabe-Ito blue, sky blue and vermillion are nobody's.
    assert not {side.colour for side in many.values()} & {"#0072b2", "#56b4e9", "#d55e00"}


def test_labels_keep_clear_of_each_other_and_of_the_edge() -> None:
    labels = fur.Labels(width_px=200, height_px=100)
    for n in range(40):
        labels.place(f"label {n}", 100, 50)
    assert labels.left_out_count > 0
    for i, a in enumerate(labels.taken):
        assert a[0] >= 0 and a[1] >= 0 and a[2] <= 200 and a[3] <= 100
        assert not any(fur._overlap(a, b) for b in labels.taken[i + 1 :])


def test_words_too_wide_are_cut_with_an_ellipsis() -> None:
    assert fur.fitted("short", 200, 10) == "short"
    cut = fur.fitted("a very long legend entry that has no room", 80, 10)
    assert cut.endswith("…") and fur.text_width(cut, 10) <= 80
