"""Encounters compared with MEOS, live, in the plane.

MEOS comes in an environment of its own (``make meos``): its wheel carries libraries under the GPL, so it is never
a dependency. The plane is that of test_continuous_time: 1 km round longitude 0, latitude 0, flat to micrometres.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from truceline.kernels import close_passes, closest, direct

HERE = Path(__file__).resolve().parent
PYTHON = Path(os.environ.get("TRUCELINE_MEOS_PYTHON", HERE.parents[1] / ".venv-meos" / "bin" / "python"))
pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="MEOS is not set up here: make meos")
WITHIN_M = 200.0
MEOS_ROUNDS_M = 0.1


def _cases(seed: int, count: int) -> list[dict]:
    random = np.random.default_rng(seed)

    def track() -> list[list[float]]:
        fixes = int(random.integers(1, 7))
        t = np.sort(random.choice(100, fixes, replace=False)) + int(random.integers(0, 30))
        xy = random.uniform(-500, 500, (fixes, 2))
        if random.random() < 0.2:
            xy[:] = xy[0]
        return [[*row, float(when)] for row, when in zip(xy.tolist(), t, strict=True)]

    return [{"a": track(), "b": track(), "within": WITHIN_M} for _ in range(count)]


def _asked(cases: list[dict]) -> list[dict]:
    said = subprocess.run(
        [PYTHON, HERE / "meos_answers.py"],
        input="\n".join(json.dumps(case) for case in cases),
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in said.stdout.splitlines()]


def _placed(rows: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    x, y, t = np.array(rows).T
    places = direct((0.0, 0.0), np.degrees(np.arctan2(x, y)), np.hypot(x, y))
    return np.rint(t * 1e6).astype(np.int64), places


def _least_m(a: list[list[float]], b: list[list[float]]) -> float:
    """The least distance in the plane, exactly: the minimum of a quadratic on each piece of time."""
    (xa, ya, ta), (xb, yb, tb) = np.array(a).T, np.array(b).T
    low, high = max(ta[0], tb[0]), min(ta[-1], tb[-1])
    t = np.unique(np.concatenate(([low, high], ta, tb)))
    t = t[(t >= low) & (t <= high)]
    x, y = np.interp(t, tb, xb) - np.interp(t, ta, xa), np.interp(t, tb, yb) - np.interp(t, ta, ya)
    if len(t) == 1:
        return float(np.hypot(x, y)[0])
    dx, dy = np.diff(x), np.diff(y)
    went = dx**2 + dy**2
    share = np.divide(-(x[:-1] * dx + y[:-1] * dy), went, out=np.zeros(len(dx)), where=went > 0).clip(0, 1)
    return float(np.hypot(x[:-1] + share * dx, y[:-1] + share * dy).min())


def _compare(cases: list[dict]) -> int:
    """Compares case by case; gives how many spans were compared."""
    compared = 0
    for case, want in zip(cases, _asked(cases), strict=True):
        a, b = _placed(case["a"]), _placed(case["b"])
        found = closest(*a, *b)
        assert (found is None) == (want["least"] is None), case
        if found is None:
            continue
        assert found[1] == pytest.approx(_least_m(case["a"], case["b"]), abs=0.001), case
        # What MEOS gives lies above the exact least distance by up to a decimetre, and never below it.
        assert -0.001 < want["least"] - found[1] < MEOS_ROUNDS_M, case
        # What only just touches may be seen by one and not by the other.
        spans = [span for span in want["spans"] if span[2] < WITHIN_M - MEOS_ROUNDS_M]
        passes = close_passes(*a, *b, WITHIN_M)
        held = [item for item in passes if item.closest_m < WITHIN_M - MEOS_ROUNDS_M]
        assert len(spans) <= len(passes) and len(held) <= len(want["spans"]), case
        for start, end, _ in spans:
            (item,) = [it for it in passes if it.start_us / 1e6 <= end and start <= it.end_us / 1e6]
            assert item.start_us / 1e6 == pytest.approx(start, abs=2e-3), case
            assert item.end_us / 1e6 == pytest.approx(end, abs=2e-3), case
        compared += len(spans)
    return compared


def test_pairs_intervals_and_least_distances_are_those_of_meos() -> None:
    assert _compare(_cases(1, 2_000)) > 500


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10))
def test_a_hundred_thousand_cases(seed: int) -> None:
    assert _compare(_cases(100 + seed, 10_000)) > 2_500
