"""Geodesy against Karney's solution (geographiclib), which shares no code and no method with ours."""

from __future__ import annotations

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from truceline.kernels import (
    chord_to_arc_m,
    densify,
    direct,
    distance_m,
    from_ecef,
    interpolate,
    inverse,
    to_ecef,
)
from truceline.kernels.geodesy import arc_m

KARNEY = Geodesic.WGS84


def _random_pairs(
    count: int, longest_m: float, seed: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Starts all over the globe and, by Karney, where one gets to from there."""
    random = np.random.default_rng(seed)
    start = np.column_stack([random.uniform(-180, 180, count), random.uniform(-90, 90, count)])
    azimuth, length = random.uniform(-180, 180, count), 10 ** random.uniform(-1, np.log10(longest_m), count)
    there = [KARNEY.Direct(lat, lon, az, s) for (lon, lat), az, s in zip(start, azimuth, length, strict=True)]
    return start, azimuth, length, np.array([[end["lon2"], end["lat2"]] for end in there])


def _apart_m(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    pairs = zip(one, other, strict=True)
    return np.array([KARNEY.Inverse(a[1], a[0], b[1], b[0])["s12"] for a, b in pairs])


def test_inverse_within_a_millimetre_below_5000_km() -> None:
    start, azimuth, length, end = _random_pairs(1500, 5e6, seed=11)
    got_m, got_deg = inverse(start, end)
    assert np.abs(got_m - length).max() < 0.001
    # An azimuth is right to as much as moves the far end: metres of sideways error, not degrees.
    sideways = np.sin(np.radians(got_deg - azimuth)) * length
    assert np.abs(sideways).max() < 0.001


def test_inverse_over_the_whole_globe() -> None:
    random = np.random.default_rng(12)
    a, b = (np.column_stack([random.uniform(-180, 180, 800), random.uniform(-90, 90, 800)]) for _ in range(2))
    assert np.abs(inverse(a, b)[0] - _apart_m(a, b)).max() < 0.001


def test_nearly_opposite_points_get_an_answer() -> None:
    a = np.array([[0.0, 0.0], [10.0, 20.0], [0.0, 0.3], [0.0, 90.0]])
    b = np.array([[179.9, 0.1], [-170.1, -20.1], [179.7, -0.1], [0.0, -90.0]])
    got_m, got_deg = inverse(a, b)
    assert np.isfinite(got_m).all() and np.isfinite(got_deg).all()
    np.testing.assert_allclose(got_m, _apart_m(a, b), rtol=0.006)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ((179.9, 10.0), (-179.9, 10.0)),  # across the antimeridian
        ((-180.0, 35.0), (180.0, 35.0)),  # the same place under two names
        ((0.0, 90.0), (77.0, 89.0)),  # from the pole
        ((12.0, 0.0), (13.5, 0.0)),  # along the equator, where Vincenty's formula divides 0 by 0
        ((12.0, 48.0), (12.0, 48.0)),  # no way at all
        ((540.0, 5.0), (-181.0, 5.5)),  # longitudes off by a turn
    ],
)
def test_awkward_places(a: tuple[float, float], b: tuple[float, float]) -> None:
    want = KARNEY.Inverse(a[1], a[0], b[1], b[0])["s12"]
    assert inverse(a, b)[0][0] == pytest.approx(want, abs=1e-4)
    assert distance_m(a, b)[0] == pytest.approx(want, abs=1e-2)


def test_direct_lands_within_a_millimetre() -> None:
    start, azimuth, length, end = _random_pairs(1500, 5e6, seed=13)
    got = direct(start, azimuth, length)
    assert _apart_m(got, end).max() < 0.001
    assert np.abs(got[:, 0]).max() <= 180


@pytest.mark.parametrize("lat", [0.0, 35.0, 60.0, 80.0, -80.0])
@pytest.mark.parametrize("lon", [20.0, 179.95])
def test_distance_through_chords_up_to_100_km(lat: float, lon: float) -> None:
    random = np.random.default_rng(14)
    azimuth, length = random.uniform(0, 360, 300), random.uniform(1, 100e3, 300)
    ends = [KARNEY.Direct(lat, lon, az, s) for az, s in zip(azimuth, length, strict=True)]
    there = np.array([[end["lon2"], end["lat2"]] for end in ends])
    here = np.broadcast_to([lon, lat], there.shape)
    assert np.abs(distance_m(here, there) - length).max() < 0.001
    chord = np.linalg.norm(to_ecef(there) - to_ecef(here), axis=1)
    assert np.abs(chord_to_arc_m(chord) - length).max() < 0.012


def test_arc_far_away_within_its_stated_share() -> None:
    start, _, length, end = _random_pairs(1000, 1e7, seed=15)
    got = arc_m(to_ecef(start), to_ecef(end))
    assert (np.abs(got - length) / length).max() < 0.0003


def test_interpolate_is_on_the_geodesic_at_constant_speed() -> None:
    start, azimuth, length, end = _random_pairs(300, 3e6, seed=16)
    for fraction in (0.0, 0.25, 0.5, 1.0):
        want = [
            KARNEY.Direct(lat, lon, az, s * fraction)
            for (lon, lat), az, s in zip(start, azimuth, length, strict=True)
        ]
        want_deg = np.array([[point["lon2"], point["lat2"]] for point in want])
        assert _apart_m(interpolate(start, end, fraction), want_deg).max() < 0.001


def test_ecef_against_published_values() -> None:
    # WGS 84 semi-axes (NGA.STND.0036): the equator at lon 0 and 90, and the pole.
    got = to_ecef([(0.0, 0.0), (90.0, 0.0), (0.0, 90.0)])
    want = [[6378137.0, 0, 0], [0, 6378137.0, 0], [0, 0, 6356752.314245]]
    np.testing.assert_allclose(got, want, atol=1e-6)
    # Below and above the surface the foot point is the same.
    places = np.array([[38.6, 33.5], [-170.0, -79.0], [0.0, 60.0]])
    for height_share in (0.9999, 1.0):
        up = to_ecef(places) / [6378137.0**2, 6378137.0**2, 6356752.314245**2]
        up /= np.linalg.norm(up, axis=1, keepdims=True)
        back = from_ecef(to_ecef(places) - (1 - height_share) * 6.4e6 * up)
        assert _apart_m(back, places).max() < 1e-5


def test_geodesic_and_parallel_part_by_138_m_in_100_km_at_35_north() -> None:
    # Half the parallel's 100 km: the parallel of 35 N has the radius a cos(lat) / sqrt(1 - e^2 sin^2(lat)).
    radius_m = (
        6378137.0 * np.cos(np.radians(35)) / np.sqrt(1 - 0.00669437999014 * np.sin(np.radians(35)) ** 2)
    )
    half_deg = np.degrees(50_000 / radius_m)
    ends = np.array([[40 - half_deg, 35.0], [40 + half_deg, 35.0]])
    on_geodesic = densify(ends, longest_m=60_000.0)
    on_parallel = densify(ends, edges="parallel", longest_m=60_000.0)
    assert len(on_geodesic) == len(on_parallel) == 3
    middle_g, middle_p = on_geodesic[1], on_parallel[1]
    assert middle_p.tolist() == pytest.approx([40.0, 35.0], abs=1e-12)
    line = KARNEY.InverseLine(ends[0, 1], ends[0, 0], ends[1, 1], ends[1, 0])
    point = line.Position(line.s13 / 2)
    assert middle_g.tolist() == pytest.approx([point["lon2"], point["lat2"]], abs=1e-10)
    # L^2 tan(lat) / 8 R = 1e10 x 0.7002 / (8 x 6.378e6) = 137 m; Karney decides the decimals.
    parted = KARNEY.Inverse(35.0, 40.0, point["lat2"], point["lon2"])["s12"]
    assert parted == pytest.approx(137.5, abs=0.8)
    assert distance_m(middle_g, middle_p)[0] == pytest.approx(parted, abs=0.001)


def test_densify_stays_on_the_stated_edge() -> None:
    vertices = np.array([[179.0, 60.0], [-178.0, 61.0], [-178.0, 59.0]])
    dense = densify(vertices, longest_m=1000.0)
    steps = _apart_m(dense[:-1], dense[1:])
    assert steps.max() <= 1000.001
    assert all((np.abs(dense - vertex).sum(axis=1) == 0).any() for vertex in vertices)
    # The dense line is as long as its edges: no point is off to a side.
    assert steps.sum() == pytest.approx(_apart_m(vertices[:-1], vertices[1:]).sum(), abs=0.001)
    straight = densify(np.array([[179.0, 60.0], [-178.0, 61.0]]), edges="parallel")
    share = (straight[:, 0] % 360 - 179.0) / 3.0
    np.testing.assert_allclose(straight[:, 1], 60 + share, atol=1e-9)
