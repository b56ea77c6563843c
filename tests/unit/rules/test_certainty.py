"""The false-alarm table for position certainty, re-simulated.

A vehicle 4 m inside its own side for one hour at 1 Hz, sigma 4 m a axis. The published table (4,000 m of
simulation by others, statistics of correlated GPS error) gives for the rule used here 0.00 at 1 s, 0.001 at
30 s and 0.000 at 120 s of correlation; and 10 m beyond the line the rule finds 99.9 to 100 %.
"""

from __future__ import annotations

import numpy as np
import pytest

from truceline.kernels import Region, fix_columns, judge_stretches, mean_variance
from truceline.rules import certainty
from truceline.rules.certainty import LEVEL, sigmas_needed

SIGMA_M = 4.0
HOUR_US = np.arange(3600, dtype=np.int64) * 1_000_000
LINE = np.array([[-1.0, 0.0], [1.0, 0.0]])


def correlated(rng: np.random.Generator, correlation_s: float, runs: int) -> np.ndarray:
    """First-order autocorrelated error, unit steps of 1 s, stationary from the start."""
    keep = np.exp(-1.0 / correlation_s)
    noise = rng.normal(0.0, SIGMA_M * np.sqrt(1 - keep**2), (runs, 3600))
    error = np.empty_like(noise)
    error[:, 0] = rng.normal(0.0, SIGMA_M, runs)
    for second in range(1, 3600):
        error[:, second] = keep * error[:, second - 1] + noise[:, second]
    return error


# One degree of latitude at the equator: a (1 - e^2) pi / 180 = 110,574.276 m.
DEGREE_M = 110_574.276


def share_called(depth_m: float, correlation_s: float, runs: int, seed: int) -> float:
    """The share of hours in which a vehicle so far past the line (the equator) is called past it for sure."""
    seen_m = depth_m + correlated(np.random.default_rng(seed), correlation_s, runs)
    lonlat_deg = np.stack([np.broadcast_to(np.arange(3600) * 1e-5, seen_m.shape), seen_m / DEGREE_M], axis=-1)
    first = np.arange(runs) * 3600
    events = judge_stretches(
        Region.side(LINE, "left"),
        fix_columns(
            np.tile(HOUR_US, runs), lonlat_deg.reshape(-1, 2), np.full(runs * 3600, SIGMA_M * 2.4477)
        ),
        first,
        first + 3599,
        np.full(runs, SIGMA_M * 2.4477),
        tolerance_m=0.0,
        level=LEVEL,
    )
    beyond = events.flags[:, 1].astype(bool)
    return len(set(events.stretch[beyond].tolist())) / runs


@pytest.mark.parametrize(("correlation_s", "most"), [(1.0, 0.01), (30.0, 0.02), (120.0, 0.02)])
def test_a_vehicle_inside_its_own_side_is_hardly_ever_called_past_it(
    correlation_s: float, most: float
) -> None:
    # 300 runs: with a true rate of .001 two or more alarms have a chance of 4 %, seven of 1e-5.
    assert share_called(-4.0, correlation_s, runs=300, seed=7) <= most


@pytest.mark.parametrize("correlation_s", [30.0, 60.0])
def test_ten_metres_beyond_is_found(correlation_s: float) -> None:
    assert share_called(10.0, correlation_s, runs=200, seed=11) >= 0.99


def test_mean_variance_of_two_fixes() -> None:
    # Var((e1 + e2) / 2) = sigma^2 / 2 * (1 + rho), rho = exp(-30/60).
    expected = 16.0 / 2 * (1 + np.exp(-0.5))
    got = mean_variance(np.array([0.0, 30.0]), np.array([4.0, 4.0]), correlation_s=60.0)
    assert got == pytest.approx(expected)


@pytest.mark.parametrize("correlation_s", [1.0, 30.0, 60.0, 120.0])
def test_mean_variance_is_the_double_sum(correlation_s: float) -> None:
    """Var(mean) = sum over i, j of s_i s_j exp(-|t_i - t_j| / T) / n^2, added up term by term here."""
    rng = np.random.default_rng(17)
    for n in (1, 2, 3, 17, 60, 240):
        t_s = np.sort(rng.uniform(0.0, 60.0, n))
        sigma_m = rng.uniform(0.5, 20.0, n)
        terms = [
            sigma_m[i] * sigma_m[j] * np.exp(-abs(t_s[i] - t_s[j]) / correlation_s)
            for i in range(n)
            for j in range(n)
        ]
        expected = float(np.sum(terms)) / n**2
        got = mean_variance(t_s, sigma_m, correlation_s=correlation_s)
        assert got == pytest.approx(expected, rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("correlation_s", "seed"), [(1.0, 21), (30.0, 22), (120.0, 23)])
def test_the_false_alarm_table_at_full_size(correlation_s: float, seed: int) -> None:
    """4,000 hours: at the table's .001 more than 12 alarms have a chance below 1e-3 (Poisson of mean 4)."""
    assert share_called(-4.0, correlation_s, runs=4000, seed=seed) <= 12 / 4000
    if (
        correlation_s > 1.0
    ):  # errors that average out in a second are still given 60 s: such a mover is POSSIBLE
        assert share_called(10.0, correlation_s, runs=1000, seed=seed + 10) >= 0.999


def test_one_fix_needs_its_whole_radius() -> None:
    # One window: the single-fix rule d > A decides, 2.448 sigma, not the 2.326 of a 1 % tail.
    assert sigmas_needed(1) == pytest.approx(2.4477, abs=1e-3)
    # Sixty windows share 1 %: the normal quantile of 1 - .01/60 is 3.588.
    assert sigmas_needed(60) == pytest.approx(3.588, abs=1e-3)


def test_the_numbers_the_rule_is_made_of() -> None:
    """As docs/explain/certainty.md states them."""
    assert (certainty.WINDOW_S, certainty.CORRELATION_S, certainty.ERROR_LEVEL) == (60.0, 60.0, 0.01)
    assert certainty.windows_count(HOUR_US) == 60
    assert certainty.windows_count(HOUR_US[:0]) == 1


def test_the_chance_at_a_point() -> None:
    """P = Phi(d / sigma), with sigma^2 = (r / 2.4477)^2 + (w / 1.95996)^2; no error at all: 0 or 1."""
    exact = Region.side(LINE, "left")
    assert certainty.chance_at(exact, np.array([1.0]), 0.0, 0.0) == 1.0
    assert certainty.chance_at(exact, np.array([-1.0]), 0.0, 0.0) == 0.0
    assert certainty.chance_at(exact, np.array([0.0]), 0.0, 0.0) == 0.0
    # One sigma past: Phi(1) = 0.841345.
    one_sigma = certainty.chance_at(exact, np.array([10.0]), 24.477, 0.0)
    assert one_sigma == pytest.approx(0.841345, abs=1e-5)
    assert certainty.chance_at(exact, np.array([15.0]), 24.477, 5.0) == pytest.approx(0.841345, abs=1e-5)
    vague = Region.side(LINE, "left", accuracy_m=19.5996)
    assert certainty.chance_at(vague, np.array([10.0]), 0.0, 0.0) == pytest.approx(0.841345, abs=1e-5)
