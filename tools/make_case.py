"""Make the exercise tracks of the shipped case again, byte for byte: ``python tools/make_case.py [folder]``.

EXERCISE: every track written here is made up. The ways are drawn by hand below, the errors come from
``truceline.testing.exercise`` with the seed of this file, and nothing else enters. ``expected.yaml`` of the case
says what must be found in them, from how they were drawn.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from truceline.kernels import direct, interpolate, inverse
from truceline.testing import (
    ExerciseRun,
    Receiver,
    Silence,
    Spoof,
    Waypoint,
    exercise_mover,
    run_exercise,
    write_mapping,
    write_tracks,
)
from truceline.timebase import parse_instant
from truceline.units import Metres

SEED = 20_200_204
CASE = Path(__file__).resolve().parents[1] / "cases" / "ne-syria-winter-2020"

Point = tuple[float, float]

# Places of the sketch, typed by hand.
AMUDE, DARBASIYAH, TAL_BARAK = (40.93, 37.10), (40.66, 37.06), (41.06, 36.67)
QAMISHLI, RUMAYLAN, TAL_BAYDAR = (41.22, 37.04), (41.96, 36.99), (40.60, 36.74)
FAR_AWAY = (42.90, 36.20)

# The made-up surveyed line of exercise-lines.yaml, west to east; Alfa is on its left.
LINE: tuple[Point, ...] = ((41.30, 36.60), (41.38, 36.63), (41.46, 36.62), (41.54, 36.65), (41.62, 36.66))


class Day:
    """One day's exercise: each mover gets a generator of its own, so that adding one changes no other."""

    def __init__(self, date: str, zone: str, seed: int) -> None:
        self.date, self.zone, self.seed = date, zone, seed
        self.runs: list[ExerciseRun] = []

    def drive(
        self,
        id: str,
        what: str,
        way: Sequence[Waypoint],
        *,
        at: str,
        party: str | None,
        mover_class: str,
        purpose: str = "",
        receiver: Receiver,
        silences: Sequence[Silence] = (),
        spoofs: Sequence[Spoof] = (),
        altitude_m: Metres = float("nan"),
    ) -> None:
        """Drive one mover from ``at`` (clock time of the day) and keep its run."""
        known = {"party": party, "mover_class": mover_class, "purpose": purpose}
        self.runs.append(
            run_exercise(
                exercise_mover(id, what, **known),
                way,
                start_us=parse_instant(f"{self.date}T{at} {self.zone}"),
                rng=np.random.default_rng([self.seed, *id.encode()]),
                receiver=receiver,
                silences=silences,
                spoofs=spoofs,
                altitude_m=altitude_m,
            )
        )


def way(*points: Point, speed_mps: float | None = None) -> list[Waypoint]:
    """Waypoints without a stay, all at one speed."""
    return [Waypoint(lonlat_deg=point, speed_mps=speed_mps) for point in points]


def beside(edge: int, fraction: float, left_m: Metres) -> Point:
    """A point ``left_m`` to the left of the made-up line, at ``fraction`` of one of its edges."""
    start, end = np.array(LINE[edge]), np.array(LINE[edge + 1])
    foot = np.asarray(interpolate(start, end, fraction)).reshape(2)
    along_deg = float(np.asarray(inverse(foot, end)[1]).reshape(-1)[0])
    point = np.asarray(direct(foot, along_deg - 90.0, left_m)).reshape(2)
    return float(point[0]), float(point[1])


def ne_syria_day() -> Day:
    """4 February 2020 on the sketch: kilometres of accuracy, so only what is deep is certain."""
    day = Day("2020-02-04", "Asia/Damascus", SEED)
    taken = Receiver(every_s=15.0, accuracy_m=12.0, lost_share=0.02)
    day.drive(
        "R1",
        "deep visit",
        [
            *way(AMUDE, (40.97, 36.93), (41.03, 36.79)),
            Waypoint(lonlat_deg=TAL_BARAK, stay_s=600.0),
            *way((41.03, 36.79), (40.97, 36.93), AMUDE),
        ],
        at="08:00",
        party="russia",
        mover_class="armoured-vehicle",
        receiver=taken,
    )
    day.drive(
        "U1",
        "M4 patrol, spoofed stretch",
        way(TAL_BAYDAR, (40.80, 36.85), (41.02, 36.95), (40.80, 36.85), TAL_BAYDAR),
        at="08:30",
        party="usa",
        mover_class="armoured-vehicle",
        receiver=taken,
        spoofs=[Spoof(start_s=2400.0, end_s=2760.0, lonlat_deg=FAR_AWAY)],
    )
    day.drive(
        "R2",
        "joint patrol in the border strip",
        way(QAMISHLI, (41.50, 37.07), (41.85, 37.11), (41.50, 37.07), QAMISHLI),
        at="11:30",
        party="russia",
        mover_class="armoured-vehicle",
        purpose="joint-patrol",
        receiver=taken,
    )
    day.drive(
        "U2",
        "own area, unobserved hour",
        way(RUMAYLAN, (41.60, 36.98), RUMAYLAN),
        at="14:30",
        party="usa",
        mover_class="vehicle",
        receiver=taken,
        silences=[Silence(start_s=1200.0, end_s=4000.0)],
    )
    day.drive(
        "V1",
        "drone",
        way(QAMISHLI, (41.55, 36.85), (41.75, 36.95), QAMISHLI),
        at="16:30",
        party="russia",
        mover_class="uav",
        receiver=taken,
        altitude_m=2200.0,
    )
    day.drive(
        "R3",
        "own area",
        way(AMUDE, DARBASIYAH, AMUDE),
        at="12:00",
        party="russia",
        mover_class="vehicle",
        receiver=taken,
    )
    return day


def surveyed_day() -> Day:
    """5 February 2020 on the made-up surveyed line: metres of accuracy."""
    day = Day("2020-02-05", "Asia/Damascus", SEED)
    taken = Receiver(every_s=5.0, accuracy_m=10.0, lost_share=0.01)
    day.drive(
        "A1",
        "deep visit",
        [
            *way((41.40, 36.67), (41.41, 36.64)),
            Waypoint(lonlat_deg=(41.41, 36.60), stay_s=300.0),
            *way((41.42, 36.64), (41.40, 36.67)),
        ],
        at="08:00",
        party="alfa",
        mover_class="vehicle",
        receiver=taken,
    )
    day.drive(
        "A2",
        "border-hugger",
        way(beside(1, 0.05, 12.0), beside(1, 0.95, 12.0), beside(1, 0.05, 12.0), speed_mps=8.0),
        at="09:00",
        party="alfa",
        mover_class="vehicle",
        receiver=taken,
    )
    day.drive(
        "A3",
        "encounter",
        way(beside(2, 0.02, 100.0), beside(2, 0.98, 100.0), speed_mps=5.0),
        at="10:00",
        party="alfa",
        mover_class="vehicle",
        receiver=taken,
    )
    day.drive(
        "B1",
        "encounter",
        way(beside(2, 0.98, -100.0), beside(2, 0.02, -100.0), speed_mps=5.0),
        at="10:00",
        party="bravo",
        mover_class="vehicle",
        receiver=taken,
    )
    day.drive(
        "B2",
        "spoofed stretch",
        way((41.40, 36.57), (41.56, 36.59), (41.40, 36.57)),
        at="11:00",
        party="bravo",
        mover_class="vehicle",
        receiver=taken,
        spoofs=[Spoof(start_s=700.0, end_s=1000.0, lonlat_deg=(41.45, 36.95))],
    )
    day.drive(
        "B3",
        "unobserved gap near the line",
        way((41.44, 36.59), (41.58, 36.62), (41.44, 36.59)),
        at="12:00",
        party="bravo",
        mover_class="vehicle",
        receiver=taken,
        silences=[Silence(start_s=600.0, end_s=1500.0)],
    )
    day.drive(
        "B4",
        "own side",
        way((41.36, 36.53), (41.50, 36.55), (41.36, 36.53)),
        at="13:00",
        party="bravo",
        mover_class="vehicle",
        receiver=taken,
    )
    day.drive(
        "V2",
        "drone",
        way(beside(1, 0.2, 2000.0), beside(1, 0.8, 2000.0), beside(1, 0.2, 2000.0)),
        at="14:00",
        party="alfa",
        mover_class="uav",
        receiver=taken,
        altitude_m=1500.0,
    )
    day.drive(
        "A4",
        "rocket launcher standing 8 km back",
        [Waypoint(lonlat_deg=beside(1, 0.5, 8000.0), stay_s=1800.0), *way(beside(1, 0.5, 8010.0))],
        at="15:00",
        party="alfa",
        mover_class="mlrs",
        receiver=Receiver(every_s=30.0, accuracy_m=10.0),
    )
    day.drive(
        "B5",
        "medical evacuation",
        way((41.56, 36.60), (41.56, 36.70), (41.56, 36.60)),
        at="16:00",
        party="bravo",
        mover_class="rotary",
        purpose="medevac",
        receiver=taken,
    )
    day.drive(
        "X1",
        "party not known",
        way((41.34, 36.64), (41.34, 36.59), (41.34, 36.64)),
        at="17:00",
        party=None,
        mover_class="vehicle",
        receiver=taken,
    )
    return day


def write_case(folder: Path) -> None:
    """Write the track files and their mappings into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, day in (("ne-syria", ne_syria_day()), ("exercise-lines", surveyed_day())):
        note = f"{day.date}, seed {day.seed}, made by tools/make_case.py; nothing here happened"
        write_tracks(folder / f"{name}.csv", day.runs)
        write_mapping(folder / f"{name}.mapping.yaml", day.runs, note=note)


if __name__ == "__main__":
    write_case(Path(sys.argv[1]) if len(sys.argv) > 1 else CASE / "tracks")
