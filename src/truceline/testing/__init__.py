"""For tests and exercises: small agreements and tracks made without a file, and the exercise simulator.

Public and outside the layers: it may import any room, and no room imports it.
"""

from __future__ import annotations

from truceline.testing.builders import mover, one_clause, track_from
from truceline.testing.exercise import (
    CRUISE_MPS,
    ExerciseRun,
    Receiver,
    Silence,
    Spoof,
    Waypoint,
    correlated_error_m,
    exercise_mover,
    run_exercise,
    true_positions,
    write_mapping,
    write_tracks,
)

__all__ = [
    "CRUISE_MPS",
    "ExerciseRun",
    "Receiver",
    "Silence",
    "Spoof",
    "Waypoint",
    "correlated_error_m",
    "exercise_mover",
    "mover",
    "one_clause",
    "run_exercise",
    "track_from",
    "true_positions",
    "write_mapping",
    "write_tracks",
]
