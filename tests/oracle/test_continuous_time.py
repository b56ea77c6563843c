"""The continuous-time cases of the shared oracles: flat plane, metres, seconds.

The mapping: the plane's (x, y) becomes the place at the azimuth of (x, y) from longitude 0, latitude 0, at
``SCALE_M`` metres a unit, by Karney's direct solution. At 100 m a unit the cases span 1 km, where the ground
is flat to d^3 / 6 R^2 = 4 micrometres. Times are unchanged.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic
from ruamel.yaml import YAML

from truceline.kernels import Region, close_passes, closest, visits, within

SCALE_M = 100.0
pytestmark = pytest.mark.shared


@pytest.fixture(scope="module")
def cases(shared_dir: Path) -> dict[str, dict[str, Any]]:
    loaded = YAML(typ="safe").load((shared_dir / "oracles" / "verdicts.yaml").read_text(encoding="utf-8"))
    return {case["id"]: case for case in loaded}


def _place(x: float, y: float) -> tuple[float, float]:
    end = Geodesic.WGS84.Direct(0.0, 0.0, np.degrees(np.arctan2(x, y)), SCALE_M * np.hypot(x, y))
    return end["lon2"], end["lat2"]


def _track(rows: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([int(t * 1_000_000) for _, _, t in rows]), np.array([_place(x, y) for x, y, _ in rows])


@pytest.mark.parametrize("zone", ["a", "b", "c"])
def test_visit_between_fixes(cases: dict[str, dict[str, Any]], zone: str) -> None:
    case = cases["visit-between-fixes"]
    x_min, x_max, y_min, y_max = case["zones"][zone]
    corners = [(x_min, y_min), (x_max, y_min), (x_max, y_max), (x_min, y_max)]
    region = Region.polygon([[np.array([_place(*corner) for corner in corners])]])
    found = visits(region, *_track(case["track"]), tolerance_m=0.001)
    # 100 m a second, so a millisecond is 10 cm.
    spans = [
        [visit.entry_us / 1e6, visit.exit_us / 1e6] for visit in found if visit.entry_us and visit.exit_us
    ]
    np.testing.assert_allclose(spans, case["expect"][zone], atol=1e-3)


def test_closest_approach_still(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["closest-approach-still"]
    a, b = (_track(rows) for rows in case["tracks"])
    found = closest(*a, *b)
    assert found is not None
    t_us, apart_m, _, _ = found
    assert apart_m == pytest.approx(case["expect"]["distance"] * SCALE_M, abs=1e-3)
    assert t_us / 1e6 == pytest.approx(case["expect"]["t"], abs=1e-3)
    assert within(*a, *b, 9 * SCALE_M) is case["expect"]["within_9"]
    assert within(*a, *b, 10 * SCALE_M) is case["expect"]["within_10"]
    # Exactly at the separation is not nearer than it.
    assert close_passes(*a, *b, 10 * SCALE_M) == []
    assert len(close_passes(*a, *b, 11 * SCALE_M)) == 1


def test_no_shared_time(cases: dict[str, dict[str, Any]]) -> None:
    case = cases["no-shared-time"]
    a, b = (_track(rows) for rows in case["tracks"])
    assert case["expect"]["distance"] is None
    assert closest(*a, *b) is None
    assert close_passes(*a, *b, 1e6) == []
    assert not within(*a, *b, 1e6)


def test_no_extrapolation(cases: dict[str, dict[str, Any]]) -> None:
    # Closing at 10 m a second from 500 m; one ends 26 s later, still 240 m off.
    want_m = cases["no-extrapolation"]["expect"]["closest_m"]
    a = _track([[0, 0, 0], [0, 0, 60]])
    b = _track([[5, 0, 0], [5 - 2.6, 0, 26]])
    found = closest(*a, *b)
    assert found is not None
    assert found[1] == pytest.approx(want_m, abs=1e-3)
    assert found[0] == 26_000_000
    (near,) = close_passes(*a, *b, 500.0)
    assert near.open_end and near.end_us == 26_000_000
