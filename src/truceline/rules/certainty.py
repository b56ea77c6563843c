"""How sure: depth past a line judged by windows, since GPS errors of neighbouring fixes go together.

Judging each fix alone invents breaches: a vehicle 4 m inside its own side for an hour has a fix with
P > .95 of being past the line almost surely. So depth is averaged over 60 s windows; the variance of that
mean is exact for an error with first-order autocorrelation of 60 s; the error level is shared over the
windows of the visit; and the line's own error is one common offset that no averaging reduces. The deepest
place alone counts too, at the level shared over all fixes near the line. The loops are ``native/judge.cpp``.

Source: the false-alarm table of docs/explain/certainty.md ("Why not fix by fix"), re-simulated in
tests/unit/rules/test_certainty.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import (
    SIGMA_PER_HALFWIDTH95,
    SIGMA_PER_R95_2D,
    Level,
    Region,
    normal_cdf,
    normal_quantile,
    split_windows,
)
from truceline.units import Metres, Seconds

WINDOW_S: Seconds = 60.0
CORRELATION_S: Seconds = 60.0
# The chance allowed of calling a breach where there is none, over all windows near the line.
ERROR_LEVEL = 0.01
# One fix alone counts as beyond when it is so by its whole 95 % radius: r / sigma = 2.448.
SINGLE_FIX_SIGMAS = 1.0 / SIGMA_PER_R95_2D
# What "no error at all" counts as, so that a depth can be divided by it.
EXACT_M: Metres = 1e-9


LEVEL = Level(
    window_s=WINDOW_S,
    correlation_s=CORRELATION_S,
    error_level=ERROR_LEVEL,
    single_fix_sigmas=SINGLE_FIX_SIGMAS,
    exact_m=EXACT_M,
)


def windows_count(t_us: NDArray[np.int64]) -> int:
    """How many windows a stretch near the line has: the level of error is shared over them."""
    return max(1, len(split_windows(t_us, window_s=WINDOW_S)))


def sigmas_needed(count: int) -> float:
    """How many standard deviations past the line one of ``count`` windows must be."""
    return max(SINGLE_FIX_SIGMAS, float(normal_quantile(1.0 - ERROR_LEVEL / max(count, 1))))


def _chance_beyond(depth_m: NDArray[np.float64], sigma_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """P(depth + error > 0) of each leaf; with no error at all it is 0 or 1."""
    exact = sigma_m == 0
    z = depth_m / np.where(exact, 1.0, sigma_m)
    return np.where(exact, (depth_m > 0).astype(float), normal_cdf(z))


def chance_at(
    region: Region, leaf_depths_m: NDArray[np.float64], accuracy_m: Metres, tolerance_m: Metres
) -> float:
    """P(beyond) at one point: one fix, one drawn point, one report. ``leaf_depths_m`` has shape (L,)."""
    sigma_m = np.hypot(accuracy_m * SIGMA_PER_R95_2D, region.leaf_accuracy_m * SIGMA_PER_HALFWIDTH95)
    each = _chance_beyond(leaf_depths_m - region.leaf_polarity * tolerance_m, sigma_m)
    return float(region.combine(each, complement="one-minus"))
