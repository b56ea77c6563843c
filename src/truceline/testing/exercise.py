"""Exercise tracks: movers driven along waypoints, seen through a positioning receiver that errs as real ones do.

What comes out is made up, and says so: every track is marked ``exercise``, every mover's name begins with
``EXERCISE``, and every row and mapping file written here carries the word.

The error of a fix is not independent of the last one. Here it is, on each of two axes (east, north), a
first-order autoregressive process in continuous time (Ornstein-Uhlenbeck), stationary from its first fix:

    e(t + dt) = phi * e(t) + sigma * sqrt(1 - phi^2) * n,   phi = exp(-dt / correlation time)

with ``n`` standard normal. The correlation time is 60 s unless stated, which is what the judging of tracks
assumes too (``docs/explain/certainty.md``). The stated accuracy is the 95 % radius r of the fix, so sigma per
axis is r / 2.4477 (Rayleigh).

The caller hands over the seeded generator; the same seed gives the same fixes.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from truceline.errors import UsageError
from truceline.kernels import SIGMA_PER_R95_2D, direct, interpolate, inverse
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef, Track
from truceline.timebase import US_PER_S, isoformat
from truceline.units import Degrees, Metres, MetresPerSecond, MicrosUTC, Seconds

LABEL = "EXERCISE"
CORRELATION_S: Seconds = 60.0

# Usual speeds, well under the ceilings of model.identity.CLASSES.
CRUISE_MPS: dict[str, MetresPerSecond] = {
    "foot": 1.3,
    "vehicle": 14.0,
    "armoured-vehicle": 11.0,
    "tank": 7.0,
    "artillery": 9.0,
    "mortar": 9.0,
    "mlrs": 11.0,
    "sam": 9.0,
    "vessel": 8.0,
    "warship": 10.0,
    "fixed-wing": 180.0,
    "rotary": 55.0,
    "uav": 28.0,
    "balloon": 8.0,
}
COLUMNS = ("exercise", "mover", "party", "class", "purpose", "time", "lon", "lat", "accuracy_m", "altitude_m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waypoint:
    """A place to pass, how fast to leave it, and how long to stand there first.

    Attributes
    ----------
    lonlat_deg : tuple of float
        Longitude, latitude.
    speed_mps : float or None
        Speed on the leg that begins here; None is the usual speed of the class.
    stay_s : float
        Seconds standing here before leaving.
    """

    lonlat_deg: tuple[Degrees, Degrees]
    speed_mps: MetresPerSecond | None = None
    stay_s: Seconds = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """No fixes from ``start_s`` (included) to ``end_s`` (not included), counted from the first fix."""

    start_s: Seconds
    end_s: Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoof:
    """From ``start_s`` to ``end_s`` the receiver reports ``lonlat_deg``, wherever the mover truly is.

    That is what spoofed receivers do: they agree with themselves on a place far away, within their usual error.
    """

    start_s: Seconds
    end_s: Seconds
    lonlat_deg: tuple[Degrees, Degrees]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """How positions are taken.

    Attributes
    ----------
    every_s : float
        Seconds between fixes.
    accuracy_m : float
        The 95 % radius that the errors have, and that each fix states.
    correlation_s : float
        Correlation time of the error.
    lost_share : float
        Share of the fixes that never arrive, at random, 0 to 1. The first and the last always do.
    longest_gap_s : float
        What the source states as its longest gap.
    """

    every_s: Seconds = 10.0
    accuracy_m: Metres = 10.0
    correlation_s: Seconds = CORRELATION_S
    lost_share: float = 0.0
    longest_gap_s: Seconds = 300.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ExerciseRun:
    """One mover's exercise: the track as received, and where it truly was at each of those fixes.

    ``truth_deg`` has shape (n, 2), one row for each fix of ``track``.
    """

    track: Track
    truth_deg: NDArray[np.float64] = field(repr=False)


def run_exercise(
    mover: Mover,
    waypoints: Sequence[Waypoint],
    *,
    start_us: MicrosUTC,
    rng: np.random.Generator,
    receiver: Receiver | None = None,
    silences: Sequence[Silence] = (),
    spoofs: Sequence[Spoof] = (),
    altitude_m: Metres = math.nan,
) -> ExerciseRun:
    """Drive a mover along waypoints and take its positions.

    Parameters
    ----------
    mover : Mover
        Its name must begin with ``EXERCISE``; its class gives the usual speed.
    waypoints : sequence of Waypoint
        Two or more; between them it goes along the geodesic at constant speed.
    start_us : int
        Instant of the first fix.
    rng : numpy.random.Generator
        Seeded by the caller; the only source of chance.
    receiver : Receiver, optional
        How positions are taken; every 10 s with 10 m if not given.
    silences, spoofs : sequences
        Stretches without fixes, and with false ones.
    altitude_m : float
        Height above mean sea level, kept throughout; NaN is not stated.

    Returns
    -------
    ExerciseRun
        The received track (marked exercise), and the truth.

    Raises
    ------
    UsageError
        A mover not labelled as an exercise, fewer than two waypoints, or a class without a usual speed and a
        leg without one.
    """
    _require_label(mover)
    taken = receiver or Receiver()
    at_s = _fix_times(_schedule(mover, waypoints), taken, silences, rng)
    truth_deg = true_positions(mover, waypoints, at_s)
    reported_deg = truth_deg.copy()
    for spoof in spoofs:
        reported_deg[(at_s >= spoof.start_s) & (at_s < spoof.end_s)] = spoof.lonlat_deg
    error_m = correlated_error_m(
        at_s, sigma_m=taken.accuracy_m * SIGMA_PER_R95_2D, correlation_s=taken.correlation_s, rng=rng
    )
    track = Track(
        mover=mover,
        t_us=start_us + np.round(at_s * US_PER_S).astype(np.int64),
        lonlat_deg=_displaced(reported_deg, error_m),
        accuracy_m=np.full(len(at_s), taken.accuracy_m),
        altitude_m=np.full(len(at_s), altitude_m),
        altitude_datum="" if math.isnan(altitude_m) else "msl",
        longest_gap_s=taken.longest_gap_s,
        source=SourceRef(name=mover.name, format="exercise", note="made up, for an exercise"),
        exercise=True,
    )
    return ExerciseRun(track=track, truth_deg=truth_deg)


def true_positions(
    mover: Mover, waypoints: Sequence[Waypoint], at_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Where the mover truly is, ``at_s`` seconds after leaving; shape (n, 2). It stands still once arrived."""
    places = np.array([point.lonlat_deg for point in waypoints], dtype=np.float64)
    arrive_s, leave_s = _schedule(mover, waypoints)
    leg = np.clip(np.searchsorted(leave_s, at_s, side="right") - 1, 0, len(places) - 2)
    driving_s = arrive_s[leg + 1] - leave_s[leg]
    fraction = np.clip((at_s - leave_s[leg]) / np.where(driving_s > 0, driving_s, 1.0), 0.0, 1.0)
    return np.asarray(interpolate(places[leg], places[leg + 1], fraction)).reshape(len(at_s), 2)


def correlated_error_m(
    at_s: NDArray[np.float64],
    *,
    sigma_m: Metres,
    rng: np.random.Generator,
    correlation_s: Seconds = CORRELATION_S,
) -> NDArray[np.float64]:
    """Receiver errors east and north at each time, as the module says; shape (n, 2), metres.

    Parameters
    ----------
    at_s : ndarray, shape (n,)
        Increasing times; any spacing, gaps included.
    sigma_m : float
        Standard deviation on each axis.
    rng : numpy.random.Generator
    correlation_s : float
        After this long the correlation has fallen to 1/e.
    """
    noise = rng.standard_normal((len(at_s), 2))
    error = np.empty_like(noise)
    keep = np.exp(-np.diff(at_s) / correlation_s)
    fresh = np.sqrt(1.0 - keep**2)
    error[:1] = noise[:1]
    for now, (kept, new) in enumerate(zip(keep, fresh, strict=True), start=1):
        error[now] = kept * error[now - 1] + new * noise[now]
    return np.asarray(sigma_m * error)


# ---------------------------------------------------------------- files


def write_tracks(path: str | PathLike[str], runs: Sequence[ExerciseRun]) -> None:
    """Write runs as one CSV table, each row marked ``EXERCISE``; positions to 0.000001 degree (0.1 m)."""
    with Path(path).open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, lineterminator="\n")
        table.writerow(COLUMNS)
        for run in runs:
            _require_label(run.track.mover)
            table.writerows(_rows(run.track))


def write_mapping(path: str | PathLike[str], runs: Sequence[ExerciseRun], *, note: str = "") -> None:
    """Write the mapping file that reads what :func:`write_tracks` wrote; it says ``exercise: true``.

    Raises
    ------
    UsageError
        The runs do not share one longest gap: a mapping states one for the whole file.
    """
    gaps = {run.track.longest_gap_s for run in runs}
    if len(gaps) != 1:
        raise UsageError(
            f"runs of one file state different longest gaps: {sorted(gaps)}", hint="write one file for each"
        )
    names = "".join(f'    {run.track.mover.id}: "{run.track.mover.name}"\n' for run in runs)
    text = (
        "# EXERCISE. Made up by truceline.testing.exercise; nothing here happened.\n"
        "exercise: true\n"
        f'note: "{LABEL}: {note or "made up, nothing here happened"}"\n'
        "mover: {column: mover}\n"
        "name:\n  column: mover\n  values:\n"
        f"{names}"
        "party: {column: party}\n"
        "class: {column: class}\n"
        "purpose: {column: purpose}\n"
        "time: {column: time}\n"
        "lon: {column: lon}\n"
        "lat: {column: lat}\n"
        'accuracy: {column: accuracy_m, unit: m, convention: "95"}\n'
        "altitude: {column: altitude_m, unit: m, datum: msl}\n"
        f"longest_gap: {gaps.pop():g} s\n"
    )
    Path(path).write_text(text, encoding="utf-8", newline="\n")


def _rows(track: Track) -> list[tuple[str, ...]]:
    mover = track.mover
    who = (LABEL, mover.id, mover.party or "", mover.mover_class or "", mover.purpose)
    columns = zip(track.t_us, track.lonlat_deg, track.accuracy_m, track.altitude_m, strict=True)
    return [
        (
            *who,
            isoformat(t_us),
            f"{lon:.6f}",
            f"{lat:.6f}",
            f"{accuracy:g}",
            "" if math.isnan(high) else f"{high:g}",
        )
        for t_us, (lon, lat), accuracy, high in columns
    ]


# ---------------------------------------------------------------- parts


def exercise_mover(id: str, what: str, **known: object) -> Mover:
    """A mover named as an exercise: id ``EXERCISE-<id>``, name ``EXERCISE <id> (<what>)``; the rest as in ``Mover``.

    Examples
    --------
    >>> exercise_mover("R1", "patrol", party="russia", mover_class="vehicle").name
    'EXERCISE R1 (patrol)'
    """
    mover = Mover(id=f"{LABEL}-{id}", name=f"{LABEL} {id} ({what})")
    return replace(mover, **known)  # type: ignore[arg-type]


def _require_label(mover: Mover) -> None:
    if not mover.name.startswith(LABEL):
        raise UsageError(
            f"the mover {mover.id!r} is named {mover.name!r}",
            hint=f"the name of a made-up mover begins with {LABEL}; exercise_mover() makes one",
            code="exercise-label",
        )


def _schedule(mover: Mover, waypoints: Sequence[Waypoint]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """When each waypoint is reached and left, in seconds; shapes (k,)."""
    if len(waypoints) < 2:
        raise UsageError(f"{mover.name}: a way has 2 waypoints or more, seen {len(waypoints)}")
    places = np.array([point.lonlat_deg for point in waypoints], dtype=np.float64)
    lengths_m = np.asarray(inverse(places[:-1], places[1:])[0])
    arrive, leave = [0.0], [waypoints[0].stay_s]
    for point, after, length_m in zip(waypoints, waypoints[1:], lengths_m, strict=False):
        arrive.append(leave[-1] + float(length_m) / _speed_mps(mover, point))
        leave.append(arrive[-1] + after.stay_s)
    return np.array(arrive), np.array(leave)


def _speed_mps(mover: Mover, point: Waypoint) -> MetresPerSecond:
    speed = point.speed_mps if point.speed_mps is not None else CRUISE_MPS.get(mover.mover_class or "")
    if speed is None or not speed > 0:
        raise UsageError(
            f"{mover.name}: no speed above zero for a leg of class {mover.mover_class!r}",
            hint="state speed_mps, or a class with a usual speed",
        )
    return speed


def _fix_times(
    schedule: tuple[NDArray[np.float64], NDArray[np.float64]],
    receiver: Receiver,
    silences: Sequence[Silence],
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Seconds of the fixes that arrive."""
    end_s = float(schedule[1][-1])
    at_s = np.arange(math.floor(end_s / receiver.every_s) + 1) * receiver.every_s
    arrives = rng.random(len(at_s)) >= receiver.lost_share
    arrives[[0, -1]] = True
    for silence in silences:
        arrives &= (at_s < silence.start_s) | (at_s >= silence.end_s)
    return np.asarray(at_s[arrives])


def _displaced(lonlat_deg: NDArray[np.float64], error_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each position moved by its error, along the geodesic."""
    azimuth_deg = np.degrees(np.arctan2(error_m[:, 0], error_m[:, 1]))
    return np.asarray(direct(lonlat_deg, azimuth_deg, np.hypot(error_m[:, 0], error_m[:, 1]))).reshape(-1, 2)
