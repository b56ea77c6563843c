"""Lines and areas: what is refused, where, and what is fine although it looks odd (the antimeridian above all)."""

from __future__ import annotations

import math

import pytest

from truceline.agreement.geometry import (
    centre_of,
    ends_fold_back,
    line_faults,
    look_swapped,
    polygon_faults,
    position_of,
    side_fault,
    unrolled,
    without_repeats,
)
from truceline.errors import InputError
from truceline.model.agreement import LonLats

SQUARE: LonLats = ((10.0, 10.0), (12.0, 10.0), (12.0, 12.0), (10.0, 12.0))


def shifted(ring: LonLats, by_deg: float) -> LonLats:
    """The ring further east, longitudes kept within 180 degrees."""
    return tuple(((lon + by_deg + 180.0) % 360.0 - 180.0, lat) for lon, lat in ring)


@pytest.mark.parametrize("value", [[1, 2], (1.5, -2), [180, 90], [-180, -90], [1, 2, 300.0]])
def test_positions(value: object) -> None:
    assert position_of(value) == tuple(float(item) for item in list(value)[:2])  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([1], "position"),
        ([1, 2, 3, 4], "position"),
        ([1, "2"], "position"),
        ([True, 2], "position"),
        ("1 2", "position"),
        (None, "position"),
        ([math.nan, 2], "not-finite"),
        ([1, math.inf], "not-finite"),
        ([10**400, 1], "not-finite"),
        ([180.1, 0], "out-of-range"),
        ([0, -90.1], "out-of-range"),
    ],
)
def test_what_is_not_a_position(value: object, code: str) -> None:
    with pytest.raises(InputError) as raised:
        position_of(value)
    assert raised.value.code == code


def test_latitude_past_ninety_hints_at_a_swap_only_where_a_swap_would_mend_it() -> None:
    for value, swapped in (([33.5, 118.6], True), ([133.5, 118.6], False), ([200.0, 10.0], False)):
        with pytest.raises(InputError) as raised:
            position_of(value)
        assert ("swapped" in raised.value.hint) is swapped


def test_longitudes_are_carried_on_past_the_antimeridian() -> None:
    assert unrolled([(179.0, 0.0), (-179.0, 0.0), (178.0, 0.0)]) == [(179.0, 0.0), (181.0, 0.0), (178.0, 0.0)]
    assert unrolled([(-179.0, 0.0), (179.0, 0.0)]) == [(-179.0, 0.0), (-181.0, 0.0)]


def test_repeats_are_left_out() -> None:
    assert without_repeats([(1.0, 1.0), (1.0, 1.0), (2.0, 1.0), (1.0, 1.0)]) == (
        (1.0, 1.0),
        (2.0, 1.0),
        (1.0, 1.0),
    )


@pytest.mark.parametrize("by_deg", [0.0, 100.0, 169.0, 168.0, -191.0, 180.0])
@pytest.mark.parametrize("turn", [0, 1, 2, 3])
@pytest.mark.parametrize("reverse", [False, True])
def test_a_square_is_an_area_wherever_it_lies_and_however_it_is_written(
    by_deg: float, turn: int, reverse: bool
) -> None:
    ring = shifted(SQUARE, by_deg)
    ring = ring[turn:] + ring[:turn]
    assert polygon_faults([[ring[::-1] if reverse else ring]]) == []


@pytest.mark.parametrize("by_deg", [0.0, 169.0])
def test_a_bow_tie_is_refused_with_the_point_where_it_crosses(by_deg: float) -> None:
    first, second, third, fourth = shifted(SQUARE, by_deg)
    (fault,) = polygon_faults([[(first, third, second, fourth)]])
    assert fault.code == "crossing-ring"
    # The diagonals of the square cross in its middle: 11 E, or 11 + 169 = 180.
    assert ("[11.0, 11.0]" in fault.message) or ("180.0, 11.0]" in fault.message)


def test_a_ring_that_touches_itself_in_a_point_is_refused() -> None:
    ring = ((0.0, 0.0), (2.0, 0.0), (1.0, 1.0), (2.0, 2.0), (0.0, 2.0), (1.0, 1.0))
    (fault,) = polygon_faults([[ring]])
    assert fault.code == "crossing-ring"


@pytest.mark.parametrize(
    ("ring", "code"),
    [
        (SQUARE[:2], "too-few-positions"),
        ((SQUARE[0], SQUARE[1], SQUARE[0]), "too-few-positions"),
        (((0.0, 0.0), (1.0, 1.0), (2.0, 2.0)), "zero-area"),
        (((0.0, 0.0), (1.0, 0.0), (3.0, 0.0), (2.0, 0.0)), "zero-area"),
        (((179.0, 0.0), (-179.0, 0.0), (180.0, 0.0)), "zero-area"),
        (((0.0, 80.0), (90.0, 80.0), (179.0, 80.0), (-90.0, 80.0)), "around-pole"),
        (((0.0, 0.0), (100.0, 0.0), (50.0, 50.0)), "edge-too-long"),
    ],
)
def test_rings_that_are_no_area(ring: LonLats, code: str) -> None:
    assert {fault.code for fault in polygon_faults([[ring]])} == {code}


def test_a_thin_sliver_is_still_an_area() -> None:
    """About 1 m wide and 100 km long (0.00001 degree of latitude is 1.1 m)."""
    assert polygon_faults([[((0.0, 0.0), (0.9, 0.0), (0.9, 0.00001))]]) == []


def test_a_balanced_bow_tie_has_no_net_area_but_is_told_as_a_crossing() -> None:
    (fault,) = polygon_faults([[((0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0))]])
    assert fault.code == "crossing-ring"


@pytest.mark.parametrize("by_deg", [0.0, 169.0])
def test_holes(by_deg: float) -> None:
    shell = shifted(SQUARE, by_deg)
    inside = shifted(((10.5, 10.5), (11.5, 10.5), (11.5, 11.5)), by_deg)
    outside = shifted(((13.0, 10.5), (13.5, 10.5), (13.5, 11.5)), by_deg)
    assert polygon_faults([[shell, inside]]) == []
    assert [fault.code for fault in polygon_faults([[shell, outside]])] == ["ring-placement"]


def test_a_hole_on_the_other_side_of_the_antimeridian_from_the_first_vertex() -> None:
    shell = ((179.0, 0.0), (-178.0, 0.0), (-178.0, 2.0), (179.0, 2.0))
    assert polygon_faults([[shell, ((-179.5, 0.5), (-178.5, 0.5), (-178.5, 1.5))]]) == []


def test_pieces_that_lie_apart_are_fine_and_one_inside_the_other_are_not() -> None:
    assert polygon_faults([[SQUARE], [shifted(SQUARE, 5.0)]]) == []
    inner = ((10.5, 10.5), (11.5, 10.5), (11.5, 11.5))
    assert [fault.code for fault in polygon_faults([[SQUARE], [inner]])] == ["ring-placement"]


def test_lines() -> None:
    assert line_faults(((0.0, 0.0), (1.0, 0.0))) == []
    assert [fault.code for fault in line_faults(((0.0, 0.0),))] == ["too-few-positions"]
    # A quarter of a meridian is 10,002 km.
    assert [fault.code for fault in line_faults(((0.0, 0.0), (0.0, 90.0)))] == ["edge-too-long"]
    assert line_faults(((0.0, 0.0), (0.0, 89.0))) == []  # 89 / 90 of it
    assert line_faults(((179.9, 0.0), (-179.9, 0.0))) == []


def test_a_line_that_crosses_itself_has_no_sides() -> None:
    fault = side_fault(((0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (1.0, 2.0), (1.0, -1.0)))
    assert fault is not None
    assert fault.code == "crossing-line"
    assert "[1.0, 0.0]" in fault.message  # x = 1 meets y = 0 there
    assert side_fault(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0))) is None
    assert side_fault(((179.0, 0.0), (-179.0, 1.0), (179.0, 2.0))) is None


def test_a_closed_line_has_no_sides() -> None:
    fault = side_fault(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)))
    assert fault is not None
    assert fault.code == "closed-line"


def test_an_end_that_points_back_at_its_line_is_found() -> None:
    hook = ((0.0, 0.0), (0.4, 0.0), (0.4, 0.4), (0.2, 0.4), (0.2, 0.2))
    assert ends_fold_back(hook) == (0.2, 0.2)  # carried on south it meets y = 0
    assert ends_fold_back(hook[::-1]) == (0.2, 0.2)
    assert ends_fold_back(hook[:3]) is None
    assert ends_fold_back(((0.0, 0.0), (1.0, 0.0))) is None


def test_the_middle_of_a_line_across_the_antimeridian() -> None:
    assert centre_of([(179.0, 0.0), (-177.0, 2.0)]) == (181.0, 1.0)


def test_a_place_looks_swapped_only_if_it_is_far_off_and_would_then_be_near() -> None:
    others = [(38.6, 12.5), (39.0, 13.0)]
    assert look_swapped((12.9, 38.8), others)
    assert not look_swapped((38.8, 12.9), others)
    assert not look_swapped((100.0, 12.9), others)
    assert not look_swapped((12.9, 38.8), [])
