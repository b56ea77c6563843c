"""How sure: the normal distribution, the spread of a mean of correlated errors, and windows of time."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from truceline.errors import UsageError
from truceline.kernels.geodesy import Floats
from truceline.units import Seconds

# One standard deviation an axis, of a 95 % radius in two dimensions: r = sigma sqrt(-2 ln 0.05).
SIGMA_PER_R95_2D = 1.0 / math.sqrt(-2.0 * math.log(0.05))
# One standard deviation of a 95 % half-width: the 0.975 quantile of the normal distribution.
SIGMA_PER_HALFWIDTH95 = 1.0 / 1.959963984540054

_ROWS = 1024
_erfc = np.frompyfunc(math.erfc, 1, 1)

# Wichura's coefficients, highest power first: centre, shoulder, tail; numerator, then denominator.
_CENTRE = (
    (
        2509.0809287301226727,
        33430.575583588128105,
        67265.770927008700853,
        45921.953931549871457,
        13731.693765509461125,
        1971.5909503065514427,
        133.14166789178437745,
        3.387132872796366608,
    ),
    (
        5226.495278852545925,
        28729.085735721942674,
        39307.89580009271061,
        21213.794301586595867,
        5394.1960214247511077,
        687.1870074920579083,
        42.313330701600911252,
        1.0,
    ),
)
_SHOULDER = (
    (
        7.7454501427834140764e-4,
        0.0227238449892691845833,
        0.24178072517745061177,
        1.27045825245236838258,
        3.64784832476320460504,
        5.7694972214606914055,
        4.6303378461565452959,
        1.42343711074968357734,
    ),
    (
        1.05075007164441684324e-9,
        5.475938084995344946e-4,
        0.0151986665636164571966,
        0.14810397642748007459,
        0.68976733498510000455,
        1.6763848301838038494,
        2.05319162663775882187,
        1.0,
    ),
)
_TAIL = (
    (
        2.01033439929228813265e-7,
        2.71155556874348757815e-5,
        0.0012426609473880784386,
        0.026532189526576123093,
        0.29656057182850489123,
        1.7848265399172913358,
        5.4637849111641143699,
        6.6579046435011037772,
    ),
    (
        2.04426310338993978564e-15,
        1.4215117583164458887e-7,
        1.8463183175100546818e-5,
        7.868691311456132591e-4,
        0.0148753612908506148525,
        0.13692988092273580531,
        0.59983220655588793769,
        1.0,
    ),
)


def normal_cdf(z: ArrayLike) -> Floats:
    """P(Z <= z) of the standard normal distribution, to full precision in both tails; the shape of ``z``.

    Examples
    --------
    >>> float(normal_cdf(0.0))
    0.5
    """
    return np.asarray(
        0.5 * np.asarray(_erfc(-np.asarray(z, dtype=np.float64) / math.sqrt(2.0)), dtype=np.float64)
    )


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
    q = chance - 0.5
    usable = (chance > 0) & (chance < 1)
    smaller = np.where(usable, np.minimum(chance, 1 - chance), 0.25)
    r = np.sqrt(-np.log(smaller))
    central = _ratio(_CENTRE, 0.180625 - q * q) * q
    outer = np.where(r <= 5, _ratio(_SHOULDER, r - 1.6), _ratio(_TAIL, r - 5))
    z = np.where(np.abs(q) <= 0.425, central, np.copysign(outer, q))
    edge = np.where(chance == 0, -np.inf, np.where(chance == 1, np.inf, np.nan))
    return np.asarray(np.where(usable, z, edge))


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Floats) -> Floats:
    return np.asarray(np.polyval(coefficients[0], x) / np.polyval(coefficients[1], x))


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
    if correlation_s == 0:
        return float((sigma**2).sum() / len(times) ** 2)
    total = 0.0
    for first in range(0, len(times), _ROWS):
        part = slice(first, first + _ROWS)
        shared = np.exp(-np.abs(times[part, None] - times) / correlation_s)
        total += float(sigma[part] @ shared @ sigma)
    return total / len(times) ** 2


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
