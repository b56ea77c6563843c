"""Many fixes at once: columns looked over in one pass, stretches of them judged against a region, and how sure.

The normal distribution, the spread of a mean of correlated errors, and windows of time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import UsageError
from truceline.kernels import _native
from truceline.kernels.geodesy import Floats
from truceline.kernels.incursion import TOLERANCE_M
from truceline.kernels.region import Region
from truceline.units import Degrees, Metres, Seconds

# Columns held for the kernels; see :func:`fix_columns`.
FixColumns = _native.Fixes


@dataclass(frozen=True, slots=True)
class Level:
    """What the judge holds a window of fixes to: its length, the correlation time of errors, the chance of a
    false alarm shared over all windows near the line, and how many sigmas one fix alone must be past it."""

    window_s: Seconds
    correlation_s: Seconds
    error_level: float
    single_fix_sigmas: float
    exact_m: Metres


@dataclass(frozen=True, slots=True)
class Events:
    """What :func:`judge_stretches` found: one row an event, in order of stretch and time.

    ``flags`` columns: past the line, beyond it by all accuracies, open at the start, open at the end.
    ``t_us`` columns: start, end, entry, exit, deepest. ``places_deg``: lon and lat of entry, exit, deepest.
    ``numbers`` columns: depth, its low and high, seconds past the line, probability, and by how much the test
    "beyond" passes or fails (of an event only near the line: by how much it can be past).
    """

    stretch: NDArray[np.int32]
    flags: NDArray[np.uint8]
    t_us: NDArray[np.int64]
    places_deg: Floats
    numbers: Floats
    crossings_count: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.stretch)


def judge_stretches(
    region: Region,
    fixes: FixColumns,
    first: ArrayLike,
    last: ArrayLike,
    fix_m: ArrayLike,
    *,
    tolerance_m: Metres,
    level: Level,
    threads_count: int = 1,
) -> Events:
    """Judge stretches of fixes, each without a gap inside, against one region.

    Parameters
    ----------
    region : Region
    fixes : the columns, held by :func:`fix_columns`
    first, last : int64, shape (k,)
        Rows of the first and the last fix of each stretch; in order of time within it.
    fix_m : float64, shape (k,)
        The worst accuracy (95 % radius) of a fix of each stretch.
    tolerance_m : float
        What the parties agreed to overlook.
    level : Level
    threads_count : int
        The stretches are shared out over so many threads; the answer is the same.

    Returns
    -------
    Events
    """
    found = _native.judge(
        region.native,
        fixes,
        np.ascontiguousarray(first, dtype=np.int64),
        np.ascontiguousarray(last, dtype=np.int64),
        np.ascontiguousarray(fix_m, dtype=np.float64),
        float(tolerance_m),
        TOLERANCE_M,
        (level.window_s, level.correlation_s, level.error_level, level.single_fix_sigmas, level.exact_m),
        threads_count,
    )
    return Events(*found)


@dataclass(frozen=True, slots=True)
class Scan:
    """What one pass over columns of fixes of many movers saw.

    ``starts`` are the first row of each run of one mover, and the number of rows; ``mover``, ``doubtful``,
    ``unstated_count``, ``stood_count`` (legs that hardly change the place) and ``accuracy_m`` (the worst stated)
    have one value a run. ``doubtful``: some leg may be faster than the mover can go. ``breaks`` are the rows
    that follow their neighbour by more than the longest gap. ``bad_row``: the first that is no place on earth;
    ``disorder_row``: the first not after the one before it; -1 for none.
    """

    starts: NDArray[np.int64]
    mover: NDArray[np.int32]
    breaks: NDArray[np.int64]
    doubtful: NDArray[np.uint8]
    unstated_count: NDArray[np.int64]
    stood_count: NDArray[np.int64]
    accuracy_m: Floats
    bad_row: int
    disorder_row: int


def scan_columns(
    mover: NDArray[np.int32],
    t_us: NDArray[np.int64],
    lon_deg: Floats,
    lat_deg: Floats,
    accuracy_m: Floats,
    ceiling_mps: Floats,
    longest_gap_us: int,
    still_deg: Degrees,
) -> Scan:
    """Look columns of fixes over once.

    Parameters
    ----------
    mover : int32, shape (n,)
        Numbers into ``ceiling_mps``; the rows of one mover stand together.
    t_us, lon_deg, lat_deg, accuracy_m : arrays of shape (n,)
    ceiling_mps : float64, shape (movers,)
        How fast each mover can go.
    longest_gap_us : int
    still_deg : float
        A leg no longer than this, in longitude and in latitude, hardly changes the place.

    Returns
    -------
    Scan
    """
    return Scan(
        *_native.scan(mover, t_us, lon_deg, lat_deg, accuracy_m, ceiling_mps, longest_gap_us, still_deg)
    )


def fix_columns(t_us: NDArray[np.int64], *places_and_accuracy: Floats) -> FixColumns:
    """Columns of fixes as the kernels hold them, not copied.

    Parameters
    ----------
    t_us : int64, shape (n,)
    *places_and_accuracy
        Either pairs (n, 2) of lon and lat, or a column of each; then the accuracies in metres.
    """
    return FixColumns(t_us, *places_and_accuracy)


# ---------------------------------------------------------------- how sure

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
