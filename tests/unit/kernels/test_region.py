"""Areas in a plane of a few kilometres at longitude 0, latitude 0, where arithmetic gives the depths.

``plane`` maps metres east and north to the place at that azimuth and distance. Within 10 km of the origin
distances in the plane are true to d^3 / 6 R^2, 4 mm, so depths are compared to a centimetre.
"""

from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from truceline.errors import GeometryError, UsageError
from truceline.kernels import Region, direct, distance_m

R2 = 2**0.5


def plane(*xy_m: tuple[float, float]) -> np.ndarray:
    points = np.array(xy_m, dtype=float)
    return direct(
        (0.0, 0.0), np.degrees(np.arctan2(points[:, 0], points[:, 1])), np.hypot(points[:, 0], points[:, 1])
    )


def square(half: float, x: float = 0.0, y: float = 0.0) -> np.ndarray:
    return plane((x - half, y - half), (x + half, y - half), (x + half, y + half), (x - half, y + half))


def depths(region: Region, *xy_m: tuple[float, float]) -> list[float]:
    return region.depth_m(plane(*xy_m)).tolist()


# ---------------------------------------------------------------- polygons


def test_a_square() -> None:
    region = Region.polygon([[square(1000)]])
    places = [(0, 0), (900, 0), (0, -400), (1300, 0), (1300, 1400), (1000, 0), (-700, 800)]
    # The last but two: to the corner, 3-4-5.
    assert depths(region, *places) == pytest.approx([1000, 100, 600, -300, -500, 0, 200], abs=0.01)


def test_on_a_corner_and_beyond_it() -> None:
    # An L: the inner corner is reflex, so the nearest boundary of places off it is the corner itself.
    shape = plane((-1000, -1000), (1000, -1000), (1000, 0), (0, 0), (0, 1000), (-1000, 1000))
    region = Region.polygon([[shape]])
    places = [(0, 0), (-300, -400), (300, 400), (100, 100), (-1, -1), (1, 1), (1003, -1004)]
    assert depths(region, *places) == pytest.approx([0, 500, -300, -100, R2, -1, -5], abs=0.01)


def test_a_thin_spike_has_no_wrong_side() -> None:
    # A spike 3,000 m long and 2 m wide at its foot: beyond its tip one is outside, in it inside.
    shape = plane((-500, -500), (500, -500), (500, -1), (3500, 0), (500, 1), (500, 500), (-500, 500))
    region = Region.polygon([[shape]])
    places = [(3600, 0), (3600, 50), (3600, -50), (1000, 100), (1000, -100), (600, 0)]
    far = np.hypot(100, 50)
    # At x = 600 the spike is 2 x 2900 / 3000 m wide.
    assert depths(region, *places) == pytest.approx([-100, -far, -far, -99.17, -99.17, 0.967], abs=0.01)


def test_a_hole_is_outside() -> None:
    region = Region.polygon([[square(3000), square(1000)]])
    assert depths(region, (0, 0), (1500, 0), (2800, 0), (3100, 0)) == pytest.approx(
        [-1000, 500, 200, -100], abs=0.01
    )


def test_a_hole_that_touches_its_shell() -> None:
    hole = plane((0, 3000), (-1000, 1000), (1000, 1000))
    region = Region.polygon([[square(3000), hole]])
    # The touching point belongs to both boundaries; beyond it, straight out, one is outside.
    got = depths(region, (0, 3000), (0, 3200), (0, 2900), (0, 900), (2900, 2900))
    assert got[:2] == pytest.approx([0, -200], abs=0.01)
    # In the hole's tip: sides at slope 1 : 2, so 100 m below the tip the side is 100 sin(atan(1/2)) off.
    assert got[2:] == pytest.approx([-100 / 5**0.5, 100, 100], abs=0.01)


def test_several_polygons_take_the_deepest() -> None:
    far = [[square(100, 500.0 * k, 4000.0)] for k in range(-6, 7)]
    region = Region.polygon([[square(1000)], *far])
    assert depths(region, (0, 0), (500, 4000), (500, 4090), (750, 4000), (0, 2000)) == pytest.approx(
        [1000, 100, 10, -150, -1000], abs=0.02
    )
    assert len(region.outline()) == 14


def test_touching_polygons_may_share_a_corner() -> None:
    region = Region.polygon([[square(500, -500, -500)], [square(500, 500, 500)]])
    assert depths(region, (0, 0), (300, 400), (-300, -400), (300, -400)) == pytest.approx(
        [0, 300, 300, -300], abs=0.01
    )


def test_round_the_pole() -> None:
    ring = [(0.0, 89.0), (90.0, 89.0), (180.0, 89.0), (-90.0, 89.0)]
    region = Region.polygon([[ring]], edges="parallel")
    one_degree = Geodesic.WGS84.Inverse(89, 0, 90, 0)["s12"]
    assert region.depth_m([(12.0, 90.0), (45.0, 89.5), (45.0, 88.0)]) == pytest.approx(
        [one_degree, one_degree / 2, -one_degree], abs=1.0
    )


@pytest.mark.parametrize(
    ("rings", "match"),
    [
        ([], "without a ring"),
        ([[]], "without a ring"),
        ([[[(0, 0), (1, 0)]]], "2 different points"),
        ([[[(0, 0), (1, 0), (0, 0), (0, 0)]]], "2 different points"),
        ([[[(0, 0), (1, 0), (2, 0)]]], "without area"),
        ([[[(0, 0), (1, 0), (1, np.nan)]]], "vertex 3 is no place"),
        ([[[(0, 0), (1, 0), (1, 91)]]], "vertex 3 is no place"),
    ],
)
def test_polygons_that_are_none(rings: list, match: str) -> None:
    with pytest.raises(GeometryError, match=match):
        Region.polygon(rings)


# ---------------------------------------------------------------- circles


def test_circle_refusals() -> None:
    with pytest.raises(GeometryError, match="radius"):
        Region.circle((0, 0), -1.0)
    with pytest.raises(GeometryError, match="radius"):
        Region.circle((0, 0), float("inf"))
    with pytest.raises(GeometryError, match="accuracy"):
        Region.circle((0, 0), 10.0, accuracy_m=float("nan"))
    with pytest.raises(GeometryError, match="one centre"):
        Region.circle([(0, 0), (1, 1)], 10.0)


def test_blank_places_have_no_depth() -> None:
    region = Region.circle((0, 0), 1e5).union(Region.polygon([[square(1000)]]))
    got = region.depth_m([(0, 0), (np.nan, 0), (0, np.inf), (0, 95)])
    assert np.isnan(got).tolist() == [False, True, True, True]
    assert region.depth_m(np.empty((0, 2))).shape == (0,)


# ---------------------------------------------------------------- bands


def test_an_even_band() -> None:
    region = Region.band(plane((-3000, 0), (3000, 0)), 500, 500)
    # Beside, on, past the end, and off the end at an angle (3-4-5).
    places = [(0, 0), (0, 300), (0, -800), (3200, 0), (3300, 400), (-3300, -400), (3600, 800)]
    assert depths(region, *places) == pytest.approx([500, 200, -300, 300, 0, 0, -500], abs=0.01)


def test_a_band_wider_on_the_left() -> None:
    # Going east, north is left: 2,000 m there, 500 m on the right.
    region = Region.band(plane((-3000, 0), (3000, 0)), 2000, 500)
    places = [(0, 0), (0, 100), (0, 1700), (0, 2100), (0, -400), (0, -700)]
    # Near the line the right limit is nearer than the left: 500 on the line, 600 at 100 m left of it.
    assert depths(region, *places) == pytest.approx([500, 600, 300, -100, 100, -200], abs=0.01)


def test_the_step_at_the_end_of_an_uneven_band() -> None:
    region = Region.band(plane((-3000, 0), (3000, 0)), 2000, 500)
    # Past the end, left of the carried-on edge: within 2,000 m of the end. Right of it: within 500 m.
    places = [(4000, 200), (4000, -200), (3300, -100), (4000, 1000), (5300, 10), (5300, -10)]
    want = [
        200,  # inside; the step along the carried-on edge is 200 m off
        -200,  # outside; the step is as near on this side
        500 - np.hypot(300, 100),
        2000 - np.hypot(1000, 1000),
        2000 - np.hypot(2300, 10),
        -np.hypot(300, 10),  # the end of the step, 2,000 m from the end of the line
    ]
    assert depths(region, *places) == pytest.approx(want, abs=0.02)


def test_a_one_sided_band() -> None:
    # The 10 km of a patrol band lie on one side of the border; the other side is never in it.
    region = Region.band(plane((-3000, 0), (3000, 0)), 0, 1000)
    assert depths(region, (0, -1), (0, 0), (0, 1), (0, -600), (0, 500), (3500, 0)) == pytest.approx(
        [1, 0, -1, 400, -500, 0], abs=0.01
    )


def test_a_band_round_a_closed_line() -> None:
    ring = np.vstack([square(2000), square(2000)[:1]])  # counter-clockwise: left is inside
    region = Region.band(ring, 300, 100)
    assert depths(region, (1800, 0), (2050, 0), (2200, 0), (0, 0), (2000, 0)) == pytest.approx(
        [100, 50, -100, -1700, 100], abs=0.01
    )


def test_band_refusals() -> None:
    with pytest.raises(GeometryError, match="1 different"):
        Region.band([(0, 0), (0, 0)], 1, 1)
    with pytest.raises(GeometryError, match="left"):
        Region.band([(0, 0), (1, 0)], -1, 1)
    with pytest.raises(GeometryError, match="edge"):
        Region.band([(0, 0), (1, 0)], 1, 1, edges="straight")  # type: ignore[arg-type]


# ---------------------------------------------------------------- sides


def test_sides_and_offsets() -> None:
    line = plane((-3000, 0), (0, 0), (3000, 0))
    places = [(0, 100), (0, -100), (100, 0)]
    assert depths(Region.side(line, "left"), *places) == pytest.approx([100, -100, 0], abs=0.01)
    assert depths(Region.side(line, "right"), *places) == pytest.approx([-100, 100, 0], abs=0.01)
    assert depths(Region.side(line, "left", offset_m=40), *places) == pytest.approx([140, -60, 40], abs=0.01)
    assert depths(Region.side(line, "left", offset_m=-40), *places) == pytest.approx(
        [60, -140, -40], abs=0.01
    )


def test_the_ends_are_carried_straight_on() -> None:
    # Karney: 900 km on from the end of a line of 10 km, then 30 km off to each side.
    end = Geodesic.WGS84.Direct(35, 40, 60, 10_000)
    line = [(40.0, 35.0), (end["lon2"], end["lat2"])]
    on = Geodesic.WGS84.Direct(35, 40, 60, 910_000)
    region = Region.side(line, "left")
    for turn, want in ((-90, 30_000.0), (90, -30_000.0)):
        off = Geodesic.WGS84.Direct(on["lat2"], on["lon2"], on["azi2"] + turn, 30_000)
        assert region.depth_m((off["lon2"], off["lat2"]))[0] == pytest.approx(want, abs=0.05)


def test_carried_on_ends_that_meet_close_the_line() -> None:
    # Two arms that lean together northwards: east of the right arm, far up, is outside; so is beyond the meeting.
    line = plane((-200, 3000), (-500, 0), (500, 0), (200, 3000))
    region = Region.side(line, "left")
    # They meet 5,000 m up, where the half width (500 less 0.1 a metre) is used up.
    slant = np.hypot(1, 0.1)
    got = depths(region, (0, 1000), (0, 4000), (600, 1000), (0, 5100), (0, 9000), (0, -300))
    want = [400 / slant, 100 / slant, -200 / slant, -100, -4000, -300]
    assert got == pytest.approx(want, abs=0.2)


def test_a_line_that_runs_into_itself_has_no_sides() -> None:
    hook = plane((0, 0), (5000, 0), (5000, 3000), (2000, 3000), (2000, 1000))
    with pytest.raises(GeometryError, match="meets itself") as caught:
        Region.side(hook, "left")
    assert caught.value.code == "side-ambiguous" and caught.value.hint


def test_side_refusals() -> None:
    with pytest.raises(GeometryError, match="north"):
        Region.side([(0, 0), (1, 0)], "north")  # type: ignore[arg-type]
    with pytest.raises(GeometryError, match="closed"):
        Region.side([(0, 0), (1, 0), (1, 1), (0, 0)], "left")
    with pytest.raises(GeometryError, match="offset"):
        Region.side([(0, 0), (1, 0)], "left", offset_m=float("nan"))


# ---------------------------------------------------------------- combining


def test_the_exempt_city_of_a_patrol_band() -> None:
    # 10 km from the border except the city: 9.9 km from the border inside the city is not in the zone.
    border = Region.band(plane((-9000, 0), (9000, 0)), 0, 5000)
    city = Region.polygon([[square(500, 0, -4500)]])
    zone = border.difference(city)
    assert depths(zone, (0, -4900), (2000, -4900), (0, -3900)) == pytest.approx([-100, 100, 100], abs=0.02)


def test_combine_takes_depths_and_chances() -> None:
    a, b, c = (Region.circle((0, 0), radius, accuracy_m=radius / 100) for radius in (1000.0, 2000.0, 3000.0))
    region = a.union(b).difference(c)
    assert region.leaf_accuracy_m.tolist() == [10.0, 20.0, 30.0]
    assert region.leaf_polarity.tolist() == [1.0, 1.0, -1.0]
    assert region.combine([5.0, 7.0, -3.0]) == 3.0
    assert region.combine([5.0, 7.0, 4.0]) == -4.0
    chances = region.combine([[0.2, 0.6, 0.1], [0.2, 0.6, 0.9]], complement="one-minus")
    assert chances == pytest.approx([0.6, 0.1])
    twice = Region.circle((0, 0), 1.0).difference(region)
    assert twice.leaf_polarity.tolist() == [1.0, -1.0, -1.0, 1.0]
    assert a.union() is a
    with pytest.raises(UsageError, match="3 leaves"):
        region.combine([1.0, 2.0])
    with pytest.raises(UsageError, match="complement"):
        region.combine([1.0, 2.0, 3.0], complement="flip")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="read-only"):
        region.leaf_polarity[0] = 5.0


def test_the_range_of_depths_moves_every_boundary() -> None:
    zone = Region.circle((0, 0), 3000.0, accuracy_m=100.0).difference(
        Region.circle((0, 0), 1000.0, accuracy_m=20.0)
    )
    low, high = zone.depth_range_m(plane((0, 1500), (0, 2900)), np.array([5.0, 10.0]))
    # 1,500 m out: 500 m outside the hole (off by 20 + 5), 1,500 m inside the rim (off by 100 + 5).
    assert low == pytest.approx([475.0, -10.0], abs=0.01)
    assert high == pytest.approx([525.0, 210.0], abs=0.01)


# ---------------------------------------------------------------- outlines


def _area_m2(ring: np.ndarray) -> float:
    polygon = Geodesic.WGS84.Polygon()
    for lon, lat in ring[:-1]:
        polygon.AddPoint(lat, lon)
    return abs(float(polygon.Compute()[2]))


def test_the_outline_of_an_uneven_band_has_its_area() -> None:
    (ring,) = Region.band(plane((-3000, 0), (3000, 0)), 2000, 500).outline()
    np.testing.assert_array_equal(ring[0], ring[-1])
    # 6 km of 2.5 km width, and at each end a quarter disc of each radius.
    want = 6000 * 2500 + np.pi / 2 * (2000**2 + 500**2)
    assert _area_m2(ring) == pytest.approx(want, rel=1e-3)


def test_the_outline_of_a_bent_band_makes_no_loops() -> None:
    region = Region.band(plane((-3000, 3000), (0, 0), (3000, 3000)), 1000, 1000)
    (ring,) = region.outline()
    assert np.abs(region.depth_m(ring)).max() < 0.2
    # Two arms of 3000 sqrt 2, round ends, a round outer corner (a quarter disc) and a square inner one
    # (1000 x 1000 counted twice by the arms).
    want = 2 * 3000 * R2 * 2000 + np.pi * 1e6 + np.pi / 4 * 1e6 - 1e6
    assert _area_m2(ring) == pytest.approx(want, rel=2e-3)


def test_outlines_lie_on_their_boundaries() -> None:
    line = plane((-3000, 500), (0, 0), (3000, 900))
    closed = np.vstack([square(2000), square(2000)[:1]])
    for region, count in (
        (Region.circle((0, 0), 1234.0), 1),
        (Region.polygon([[square(2000), square(500)]]), 2),
        (Region.side(line, "left"), 1),
        (Region.side(line, "right", offset_m=800.0), 1),
        (Region.side(line, "left", offset_m=-800.0), 1),
        (Region.band(closed, 300, 100), 2),
    ):
        lines = region.outline()
        assert len(lines) == count
        for drawn in lines:
            assert len(drawn) >= 3
            assert np.abs(region.depth_m(drawn)).max() < 0.2
    assert distance_m(Region.circle((0, 0), 1234.0).outline()[0], (0, 0)) == pytest.approx(
        [1234.0] * 361, abs=1e-6
    )
