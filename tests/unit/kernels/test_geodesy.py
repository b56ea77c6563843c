"""Shapes, blanks and refusals; the numbers themselves are in tests/oracle/test_geodesy_karney.py."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import GeometryError
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


def test_a_pair_is_broadcast_against_many() -> None:
    many = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    distance, azimuth = inverse((0.0, 0.0), many)
    # One degree along the equator is a pi / 180; along the meridian 110,574.4 m (NGA.STND.0036 ellipsoid).
    assert distance == pytest.approx([6378137.0 * np.pi / 180, 110_574.389, 0.0], abs=0.001)
    assert azimuth == pytest.approx([90.0, 0.0, 0.0])
    assert distance_m((0.0, 0.0), many) == pytest.approx(distance, abs=0.02)
    assert direct((0.0, 0.0), [0.0, 90.0], 1000.0).shape == (2, 2)


def test_nan_stays_in_its_row() -> None:
    many = np.array([[1.0, 0.0], [np.nan, 1.0], [2.0, 0.0]])
    distance, azimuth = inverse((0.0, 0.0), many)
    assert np.isnan(distance).tolist() == [False, True, False]
    assert np.isnan(azimuth).tolist() == [False, True, False]
    assert np.isnan(to_ecef(many)).all(axis=1).tolist() == [False, False, False]
    assert np.isnan(distance_m((0.0, 0.0), many)).tolist() == [False, True, False]
    assert np.isnan(interpolate((0.0, 0.0), many, 0.5)).any(axis=1).tolist() == [False, True, False]


def test_nothing_gives_nothing() -> None:
    none = np.empty((0, 2))
    assert inverse(none, none)[0].shape == (0,)
    assert direct(none, np.empty(0), np.empty(0)).shape == (0, 2)
    assert to_ecef(none).shape == (0, 3) and from_ecef(np.empty((0, 3))).shape == (0, 2)
    assert densify(none).shape == (0, 2) and densify([(1.0, 2.0)]).tolist() == [[1.0, 2.0]]


def test_longitude_is_brought_back_into_range() -> None:
    east = direct((179.999, 0.0), 90.0, 1000.0)
    assert east[0, 0] == pytest.approx(-179.99202, abs=1e-5)
    middle = interpolate((179.0, 10.0), (-179.0, 10.0), 0.5)
    assert abs(middle[0, 0]) == pytest.approx(180.0)


def test_backwards_is_forwards_the_other_way() -> None:
    np.testing.assert_allclose(direct((5.0, 5.0), 30.0, -5e4), direct((5.0, 5.0), 210.0, 5e4), atol=1e-12)


def test_chord_to_arc_on_the_mean_sphere() -> None:
    # A quarter of the sphere: chord R sqrt 2, arc R pi / 2; a half: chord 2 R, arc R pi.
    radius = 6371008.8
    assert chord_to_arc_m([0.0, radius * 2**0.5, 2 * radius]) == pytest.approx(
        [0.0, radius * np.pi / 2, radius * np.pi], rel=1e-7
    )


def test_densify_of_a_parallel_keeps_its_latitude_across_the_antimeridian() -> None:
    dense = densify([(170.0, 66.0), (-170.0, 66.0)], edges="parallel", longest_m=50_000.0)
    assert (dense[:, 1] == 66.0).all()
    east = dense[:, 0] % 360
    assert (np.diff(east) > 0).all() and east[0] == 170.0 and east[-1] == 190.0


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 2, 2)])
def test_wrong_shapes_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(GeometryError, match="shape"):
        to_ecef(np.zeros(shape))


def test_unknown_edges_are_refused() -> None:
    with pytest.raises(GeometryError, match="rhumb"):
        densify([(0.0, 0.0), (1.0, 1.0)], edges="rhumb")  # type: ignore[arg-type]
