"""How sure: the normal distribution, the spread of a mean of correlated errors, and windows of time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from truceline.errors import UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Floats
from truceline.units import Seconds

# One standard deviation an axis, of a 95 % radius in two dimensions: r = sigma sqrt(-2 ln 0.05).
SIGMA_PER_R95_2D = 1.0 / math.sqrt(-2.0 * math.log(0.05))
# One standard deviation of a 95 % half-width: the 0.975 quantile of the normal distribution.
SIGMA_PER_HALFWIDTH95 = 1.0 / 1.959963984540054


def normal_cdf(z: ArrayLike) -> Floats:
    """P(Z <= z) of the standard normal distribution, to full precision in both tails; the shape of ``z``.

    Examples
    --------
    >>> float(normal_cdf(0.0))
    0.5
    """
    values = np.asarray(z, dtype=np.float64)
    return np.asarray(_native.normal_cdf(np.ascontiguousarray(values.ravel()))).reshape(values.shape)


def normal_quantile(p: ArrayLike) -> Floats:
    """The z with P(Z <= z) = p; the shape of ``p``. -inf at 0, inf at 1, NaN outside [0, 1].

    Source: M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution", Applied
    Statistics 37 (1988), routine PPND16, about 1 part in 10**16.

    Examples
    --------
    >>> round(float(normal_quantile(0.975)), 6)
    1.959964
    """
    chance = np.asarray(p, dtype=np.float64)
    return np.asarray(_native.normal_quantile(np.ascontiguousarray(chance.ravel()))).reshape(chance.shape)


def mean_variance(t_s: ArrayLike, sigma_m: ArrayLike, correlation_s: Seconds = 60.0) -> float:
    """Variance of the mean of n errors whose correlation falls off as exp(-|dt| / correlation_s).

    The double sum over all pairs, exactly; not the shortcut by an effective number of fixes, which is wrong
    for windows as short as the correlation.

    Parameters
    ----------
    t_s : float64, shape (n,)
        Seconds, in any order.
    sigma_m : float64, shape (n,)
        Standard deviation of each error.
    correlation_s : float
        0 for independent errors.

    Returns
    -------
    float
        Square metres; NaN where a sigma is NaN.

    Raises
    ------
    UsageError
        Where there is no error to average, the shapes differ, or the correlation time is negative.

    Examples
    --------
    >>> mean_variance([0.0, 1000.0], [2.0, 2.0], correlation_s=0.0)
    2.0
    """
    times, sigma = np.asarray(t_s, dtype=np.float64), np.asarray(sigma_m, dtype=np.float64)
    if times.ndim != 1 or times.shape != sigma.shape or not len(times):
        raise UsageError(f"{times.shape} times for {sigma.shape} errors", hint="give one time for each error")
    if not correlation_s >= 0:
        raise UsageError(f"a correlation time of {correlation_s!r} s", hint="give 0 or more")
    order = np.argsort(times, kind="stable")
    return float(_native.mean_variance(times[order], sigma[order], float(correlation_s)))


def split_windows(t_us: ArrayLike, window_s: Seconds = 60.0) -> list[slice]:
    """Cut fixes into windows of time: each starts at the first fix not yet taken and spans ``window_s``.

    Parameters
    ----------
    t_us : int64, shape (n,)
        Microseconds UTC, in order.
    window_s : float
        Half-open: a fix exactly ``window_s`` after the first of a window starts the next.

    Returns
    -------
    list of slice
        Into the fixes, in order, together all of them. Fixes further apart than ``window_s`` are alone.

    Raises
    ------
    UsageError
        Where times go backwards or the window is not positive.
    """
    times = np.asarray(t_us)
    if not window_s > 0:
        raise UsageError(f"a window of {window_s!r} s", hint="give a positive length")
    if (np.diff(times) < 0).any():
        raise UsageError("time goes backwards", hint="sort the fixes by time")
    width = round(window_s * 1e6)
    windows: list[slice] = []
    first = 0
    while first < len(times):
        after = first + int(np.searchsorted(times[first:], times[first] + width, side="left"))
        windows.append(slice(first, after))
        first = after
    return windows
