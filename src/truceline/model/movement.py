"""What moved: columns of fixes as tracks, and drawn paths that carry no clock."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from truceline.errors import GeometryError
from truceline.model.identity import Mover
from truceline.timebase import Interval
from truceline.units import Metres, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRef:
    """Where a record came from: the file as given and the SHA-256 of its bytes."""

    name: str = ""
    format: str = ""
    sha256: str = ""
    line: int | None = None
    note: str = ""


def _column(values: object, shape: tuple[int, ...], dtype: type, name: str) -> NDArray:
    array: NDArray = np.ascontiguousarray(values, dtype=dtype)
    if array.shape != shape:
        raise GeometryError(f"{name} has shape {array.shape}, expected {shape}")
    array.flags.writeable = False
    return array


def _check_coordinates(lonlat_deg: NDArray[np.float64], whose: str) -> None:
    if not np.all(np.isfinite(lonlat_deg)):
        raise GeometryError(f"{whose}: a coordinate is not finite")
    if len(lonlat_deg) and (np.abs(lonlat_deg) > (180.0, 90.0)).any():
        raise GeometryError(f"{whose}: a coordinate is out of range")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """Timed fixes of one mover from one source, strictly increasing in time.

    Attributes
    ----------
    t_us : int64, shape (n,)
        Microseconds UTC, strictly increasing.
    lonlat_deg : float64, shape (n, 2)
        WGS 84 longitude, latitude; finite, longitude in [-180, 180], latitude in [-90, 90].
    accuracy_m : float64, shape (n,)
        95 % radius in two dimensions; 0 is exact; NaN is not stated.
    altitude_m : float64, shape (n,)
        NaN is unknown. ``altitude_datum`` names what it is measured from
        (``ellipsoid``, ``msl``, ``baro``, ``agl``, or ``""`` where not stated).
    speed_mps : float64, shape (n,), or None
        Speed over ground as the source stated it (from Doppler, say), not from the positions; NaN is not
        stated for that fix, None for none.
    received_us : int64, shape (n,), or None
        When each fix was received, by the receiver's clock; None where the source does not say.
    longest_gap_s : float
        Between two fixes further apart than this nothing is assumed.
    segment_starts : tuple of int
        Indices (after 0) where the source itself broke the track (a new GPX segment): a gap, however short.
    exercise : bool
        Made for an exercise; never to be mistaken for a record.
    """

    mover: Mover
    t_us: NDArray[np.int64]
    lonlat_deg: NDArray[np.float64]
    accuracy_m: NDArray[np.float64]
    altitude_m: NDArray[np.float64]
    altitude_datum: str = ""
    speed_mps: NDArray[np.float64] | None = None
    received_us: NDArray[np.int64] | None = None
    longest_gap_s: Seconds = 300.0
    segment_starts: tuple[int, ...] = ()
    source: SourceRef = field(default_factory=SourceRef)
    exercise: bool = False

    def __post_init__(self) -> None:
        n = len(self.t_us)
        object.__setattr__(self, "t_us", _column(self.t_us, (n,), np.int64, "t_us"))
        object.__setattr__(self, "lonlat_deg", _column(self.lonlat_deg, (n, 2), np.float64, "lonlat_deg"))
        object.__setattr__(self, "accuracy_m", _column(self.accuracy_m, (n,), np.float64, "accuracy_m"))
        object.__setattr__(self, "altitude_m", _column(self.altitude_m, (n,), np.float64, "altitude_m"))
        for name, dtype in (("speed_mps", np.float64), ("received_us", np.int64)):
            if (column := getattr(self, name)) is not None:
                object.__setattr__(self, name, _column(column, (n,), dtype, name))
        if n and np.any(np.diff(self.t_us) <= 0):
            raise GeometryError(f"track of {self.mover.id}: fixes are not strictly increasing in time")
        _check_coordinates(self.lonlat_deg, f"track of {self.mover.id}")

    def __len__(self) -> int:
        return len(self.t_us)

    @property
    def span(self) -> Interval | None:
        """First to last fix, or None of an empty track."""
        return Interval(int(self.t_us[0]), int(self.t_us[-1])) if len(self) else None


def exact_track(
    mover: Mover, t_us: object, lonlat_deg: object, *, accuracy_m: Metres = 0.0, **more: object
) -> Track:
    """A :class:`Track` from times and positions with one accuracy for all fixes and no altitude.

    Parameters
    ----------
    mover : Mover
    t_us : array of int, shape (n,)
        Microseconds UTC, strictly increasing.
    lonlat_deg : array of float, shape (n, 2)
        WGS 84 longitude, latitude.
    accuracy_m : float
        95 % radius of every fix; 0 is exact, NaN is not stated.
    **more
        Any other field of :class:`Track`.

    Returns
    -------
    Track

    Raises
    ------
    GeometryError
        Times that do not increase, a coordinate that is not finite or out of range.
    """
    times = np.asarray(t_us, dtype=np.int64)
    n = len(times)
    return Track(
        mover=mover,
        t_us=times,
        lonlat_deg=np.asarray(lonlat_deg, dtype=np.float64).reshape(n, 2),
        accuracy_m=np.full(n, float(accuracy_m)),
        altitude_m=np.full(n, np.nan),
        **more,  # type: ignore[arg-type]
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Path:
    """A drawn line with a date and no clock: where something went, not when it was where.

    ``span`` is the time known (a day, say); ``accuracy_m`` the 95 % half-width of the drawing, NaN if not
    stated; ``movers_count`` how many movers the one line stands for, None if unknown.
    """

    mover: Mover
    lonlat_deg: NDArray[np.float64]
    span: Interval
    accuracy_m: Metres
    movers_count: int | None = None
    source: SourceRef = field(default_factory=SourceRef)
    exercise: bool = False

    def __post_init__(self) -> None:
        n = len(self.lonlat_deg)
        object.__setattr__(self, "lonlat_deg", _column(self.lonlat_deg, (n, 2), np.float64, "lonlat_deg"))
        _check_coordinates(self.lonlat_deg, f"path of {self.mover.id}")
