"""Numbers of the normal distribution from published tables, variances by arithmetic shown."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pytest

from truceline.errors import UsageError
from truceline.kernels import (
    SIGMA_PER_HALFWIDTH95,
    SIGMA_PER_R95_2D,
    mean_variance,
    normal_cdf,
    normal_quantile,
    split_windows,
)

S = 1_000_000


def test_sigmas() -> None:
    # 95 % of a two-dimensional normal lie within 2.4477 sigma: 1 - exp(-r^2 / 2) = 0.95.
    assert 1 - math.exp(-((1 / SIGMA_PER_R95_2D) ** 2) / 2) == pytest.approx(0.95, abs=1e-12)
    assert NormalDist().cdf(1 / SIGMA_PER_HALFWIDTH95) == pytest.approx(0.975, abs=1e-12)


def test_normal_cdf() -> None:
    # Abramowitz and Stegun, table 26.1: P(1) and P(2); the tails from erfc's asymptotic series, to 1 part in 1e9.
    assert normal_cdf([0.0, 1.0, -1.0, 2.0]) == pytest.approx(
        [0.5, 0.841344746068543, 0.158655253931457, 0.977249868051821], abs=1e-14
    )
    assert normal_cdf(-10.0) == pytest.approx(7.61985302416e-24, rel=1e-10)
    assert normal_cdf(np.zeros((2, 3))).shape == (2, 3)
    assert np.isnan(normal_cdf([0.0, np.nan])).tolist() == [False, True]
    # The shared case tanf-accuracy: 200 m past, line 500 m, fix 100 m.
    sigma = math.hypot(500 * SIGMA_PER_HALFWIDTH95, 100 * SIGMA_PER_R95_2D)
    assert normal_cdf(200 / sigma) == pytest.approx(0.781, abs=0.005)


def test_normal_quantile() -> None:
    # Wichura 1988 prints z for p = 0.25, 0.001 and 1e-20.
    assert normal_quantile([0.25, 0.001, 1e-20]) == pytest.approx(
        [-0.6744897501960817, -3.090232306167814, -9.262340089798408], rel=1e-15
    )
    chances = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 999), 10.0 ** -np.arange(7, 300, 9)])
    # The standard library's own AS 241 agrees; and the quantile undoes the distribution.
    standard = NormalDist()
    assert normal_quantile(chances) == pytest.approx([standard.inv_cdf(float(p)) for p in chances], rel=1e-14)
    assert normal_cdf(normal_quantile(chances)) == pytest.approx(chances, rel=1e-11)
    assert normal_quantile([0.0, 1.0]).tolist() == [-np.inf, np.inf]
    assert np.isnan(normal_quantile([-0.1, 1.1, np.nan])).all()
    assert normal_quantile(0.5) == 0.0


def test_mean_variance() -> None:
    # Two errors of sigma 4 m, 60 s apart, correlation 1/e: (16 + 16 + 2 x 16 / e) / 4.
    assert mean_variance([0.0, 60.0], [4.0, 4.0]) == pytest.approx((32 + 32 / math.e) / 4)
    assert mean_variance([60.0, 0.0], [4.0, 4.0]) == pytest.approx((32 + 32 / math.e) / 4)
    # Unequal: (9 + 25 + 2 x 3 x 5 exp(-1/2)) / 4.
    assert mean_variance([0.0, 30.0], [3.0, 5.0]) == pytest.approx((34 + 30 * math.exp(-0.5)) / 4)
    assert mean_variance([5.0], [3.0]) == 9.0
    assert mean_variance([0.0, 0.0], [3.0, 3.0]) == pytest.approx(9.0)  # the same error twice
    assert mean_variance([0.0, 1.0], [3.0, 3.0], correlation_s=0.0) == pytest.approx(4.5)
    assert math.isnan(mean_variance([0.0, 1.0], [3.0, float("nan")]))


def test_mean_variance_of_a_first_order_process() -> None:
    # For equal steps the double sum is s^2 / n^2 (n + 2 sum (n - k) r^k); n over the block size, too.
    for n in (60, 2500):
        r = math.exp(-1 / 60)
        k = np.arange(1, n)
        want = 16 / n**2 * (n + 2 * ((n - k) * r**k).sum())
        assert mean_variance(np.arange(n), np.full(n, 4.0)) == pytest.approx(want, rel=1e-12)


def test_mean_variance_refusals() -> None:
    with pytest.raises(UsageError, match="times for"):
        mean_variance([], [])
    with pytest.raises(UsageError, match="times for"):
        mean_variance([1.0, 2.0], [1.0])
    with pytest.raises(UsageError, match="correlation"):
        mean_variance([1.0], [1.0], correlation_s=-1.0)


def test_split_windows() -> None:
    t_us = np.array([0, 30, 59, 60, 61, 300, 400, 459]) * S
    windows = split_windows(t_us)
    assert [t_us[window].tolist() for window in windows] == [
        [0, 30 * S, 59 * S],
        [60 * S, 61 * S],
        [300 * S],
        [400 * S, 459 * S],
    ]
    assert split_windows(np.empty(0, dtype=np.int64)) == []
    assert split_windows(np.array([5, 5, 5])) == [slice(0, 3)]
    assert len(split_windows(t_us, window_s=1e6)) == 1
    with pytest.raises(UsageError, match="window"):
        split_windows(t_us, window_s=0.0)
    with pytest.raises(UsageError, match="backwards"):
        split_windows(t_us[::-1])
