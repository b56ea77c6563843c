"""The exercise simulator: its errors are of the stated size and correlation, its way is as drawn, its files say so."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

from truceline.errors import UsageError
from truceline.formats.csv_table import read as read_table
from truceline.formats.guard import load_source
from truceline.formats.options import track_options
from truceline.model.identity import CLASSES, Mover
from truceline.testing import (
    CRUISE_MPS,
    ExerciseRun,
    Receiver,
    Silence,
    Spoof,
    Waypoint,
    correlated_error_m,
    exercise_mover,
    run_exercise,
    write_mapping,
    write_tracks,
)
from truceline.timebase import US_PER_S

START_US = 1_580_803_200 * US_PER_S  # 2020-02-04 08:00Z
WEST, EAST = (41.0, 36.5), (41.2, 36.5)
CAR = exercise_mover("T1", "test", party="alfa", mover_class="vehicle")


def metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"]


def drive(seed: int = 1, **more: object) -> ExerciseRun:
    given: dict = {"start_us": START_US, "rng": np.random.default_rng(seed)} | more
    return run_exercise(CAR, [Waypoint(lonlat_deg=WEST), Waypoint(lonlat_deg=EAST)], **given)


def test_error_has_the_stated_size() -> None:
    # 40 000 errors 60 s apart and a correlation time of 60 s: n (1 - phi) / (1 + phi) = 18 485 of them are worth
    # as much as independent ones (phi = 1/e), so the spread is known to about 1 / sqrt(2 * 18 485) = 0.5 %.
    error_m = correlated_error_m(np.arange(40_000) * 60.0, sigma_m=4.0, rng=np.random.default_rng(7))
    assert error_m.std(axis=0) == pytest.approx([4.0, 4.0], rel=0.03)
    assert error_m.mean(axis=0) == pytest.approx([0.0, 0.0], abs=0.15)


def test_error_has_the_stated_correlation_at_every_lag() -> None:
    error_m = correlated_error_m(np.arange(120_000) * 10.0, sigma_m=3.0, rng=np.random.default_rng(8))
    for lag in (1, 3, 6, 12, 30):
        for axis in (0, 1):
            seen = np.corrcoef(error_m[:-lag, axis], error_m[lag:, axis])[0, 1]
            assert seen == pytest.approx(math.exp(-lag * 10.0 / 60.0), abs=0.03)
    assert np.corrcoef(error_m.T)[0, 1] == pytest.approx(0.0, abs=0.03)


def test_correlation_goes_by_time_and_not_by_fix() -> None:
    # Pairs 5 s apart, each pair ten minutes after the last: inside a pair exp(-5/60) = 0.920, between pairs e^-10.
    at_s = (np.arange(30_000)[:, None] * 600.0 + np.array([0.0, 5.0])).ravel()
    error_m = correlated_error_m(at_s, sigma_m=1.0, rng=np.random.default_rng(9))[:, 0]
    assert np.corrcoef(error_m[0::2], error_m[1::2])[0, 1] == pytest.approx(0.920, abs=0.01)
    assert np.corrcoef(error_m[1:-1:2], error_m[2::2])[0, 1] == pytest.approx(0.0, abs=0.02)


def test_95_percent_of_fixes_lie_within_the_stated_accuracy() -> None:
    way = [Waypoint(lonlat_deg=WEST, stay_s=1_200_000.0), Waypoint(lonlat_deg=EAST)]
    run = run_exercise(
        CAR,
        way,
        start_us=START_US,
        rng=np.random.default_rng(3),
        receiver=Receiver(every_s=120.0, accuracy_m=12.0),
    )
    off_m = np.array(
        [metres(tuple(a), tuple(b)) for a, b in zip(run.track.lonlat_deg, run.truth_deg, strict=True)]
    )
    assert len(off_m) > 9_000
    assert (off_m <= 12.0).mean() == pytest.approx(0.95, abs=0.01)
    assert set(run.track.accuracy_m) == {12.0}


def test_the_same_seed_gives_the_same_fixes_and_another_does_not() -> None:
    assert np.array_equal(drive(5).track.lonlat_deg, drive(5).track.lonlat_deg)
    assert not np.array_equal(drive(5).track.lonlat_deg, drive(6).track.lonlat_deg)


def test_it_goes_straight_at_the_usual_speed_and_arrives() -> None:
    run = drive(receiver=Receiver(every_s=10.0))
    length_m = metres(WEST, EAST)
    assert len(run.track) == math.floor(length_m / CRUISE_MPS["vehicle"] / 10.0) + 1
    steps = [metres(tuple(a), tuple(b)) for a, b in zip(run.truth_deg, run.truth_deg[1:], strict=False)]
    assert steps == pytest.approx([140.0] * len(steps), abs=0.01)  # 14 m/s for 10 s
    assert metres(tuple(run.truth_deg[-1]), EAST) < 140.0


def test_it_stands_where_it_is_told_to_stay() -> None:
    way = [Waypoint(lonlat_deg=WEST, stay_s=100.0, speed_mps=5.0), Waypoint(lonlat_deg=EAST, stay_s=60.0)]
    run = run_exercise(CAR, way, start_us=START_US, rng=np.random.default_rng(1))
    assert np.allclose(run.truth_deg[:11], WEST)
    assert metres(tuple(run.truth_deg[12]), WEST) == pytest.approx(100.0, abs=0.01)  # 20 s at 5 m/s
    assert np.allclose(run.truth_deg[-5:], EAST, atol=1e-9)


def test_silence_leaves_a_gap_and_nothing_else() -> None:
    run = drive(silences=[Silence(start_s=200.0, end_s=800.0)])
    seconds = (run.track.t_us - START_US) / US_PER_S
    assert not ((seconds >= 200.0) & (seconds < 800.0)).any()
    assert {190.0, 800.0} <= set(seconds)
    assert np.diff(seconds).max() == 610.0


def test_spoofed_fixes_agree_on_the_false_place_and_the_truth_stays() -> None:
    false = (42.5, 36.0)
    run = drive(spoofs=[Spoof(start_s=300.0, end_s=600.0, lonlat_deg=false)])
    seconds = (run.track.t_us - START_US) / US_PER_S
    inside = (seconds >= 300.0) & (seconds < 600.0)
    assert inside.sum() == 30
    assert max(metres(tuple(fix), false) for fix in run.track.lonlat_deg[inside]) < 40.0
    assert min(metres(tuple(fix), false) for fix in run.track.lonlat_deg[~inside]) > 100_000.0
    assert np.array_equal(run.truth_deg, drive().truth_deg)


def test_lost_fixes_are_about_the_stated_share() -> None:
    whole, thin = drive(), drive(receiver=Receiver(lost_share=0.3))
    assert len(thin.track) / len(whole.track) == pytest.approx(0.7, abs=0.15)
    assert (thin.track.t_us[0], thin.track.t_us[-1]) == (whole.track.t_us[0], whole.track.t_us[-1])


def test_usual_speeds_are_below_what_the_class_can_do() -> None:
    assert set(CRUISE_MPS) == set(CLASSES)
    assert all(CRUISE_MPS[name] < CLASSES[name].top_speed_mps for name in CLASSES)


def test_a_mover_not_named_as_an_exercise_is_refused() -> None:
    way = [Waypoint(lonlat_deg=WEST), Waypoint(lonlat_deg=EAST)]
    with pytest.raises(UsageError, match="begins with EXERCISE"):
        run_exercise(Mover(id="x", name="Patrol"), way, start_us=0, rng=np.random.default_rng(1))


def test_a_way_that_cannot_be_driven_is_refused() -> None:
    with pytest.raises(UsageError, match="2 waypoints"):
        run_exercise(CAR, [Waypoint(lonlat_deg=WEST)], start_us=0, rng=np.random.default_rng(1))
    unknown = exercise_mover("T2", "test")
    way = [Waypoint(lonlat_deg=WEST), Waypoint(lonlat_deg=EAST)]
    with pytest.raises(UsageError, match="no speed"):
        run_exercise(unknown, way, start_us=0, rng=np.random.default_rng(1))


def test_what_is_written_reads_back_the_same_and_says_exercise_everywhere(tmp_path: Path) -> None:
    drone = exercise_mover("V1", "drone", party="bravo", mover_class="uav", purpose="patrol")
    way = [Waypoint(lonlat_deg=WEST), Waypoint(lonlat_deg=EAST)]
    rng = np.random.default_rng(2)
    flown = run_exercise(drone, way, start_us=START_US, rng=rng, altitude_m=1500.0)
    runs = [drive(receiver=Receiver(accuracy_m=7.5)), flown]
    write_tracks(tmp_path / "tracks.csv", runs)
    write_mapping(tmp_path / "mapping.yaml", runs, note="for a test")
    with (tmp_path / "tracks.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["exercise"] for row in rows} == {"EXERCISE"}
    records = read_table(
        load_source(tmp_path / "tracks.csv"), track_options(), mapping=tmp_path / "mapping.yaml"
    )
    assert records.dropped == ()
    assert [track.mover for track in records.tracks] == [CAR, drone]
    for track, run in zip(records.tracks, runs, strict=True):
        assert track.exercise
        assert np.array_equal(track.t_us, run.track.t_us)
        assert np.abs(track.lonlat_deg - run.track.lonlat_deg).max() <= 0.51e-6
        assert np.allclose(track.accuracy_m, run.track.accuracy_m)
        assert track.longest_gap_s == run.track.longest_gap_s
    assert np.isnan(records.tracks[0].altitude_m).all()
    assert set(records.tracks[1].altitude_m) == {1500.0}
    assert records.tracks[1].altitude_datum == "msl"


def test_a_mapping_cannot_state_two_longest_gaps(tmp_path: Path) -> None:
    runs = [drive(), drive(receiver=Receiver(longest_gap_s=60.0))]
    with pytest.raises(UsageError, match="different longest gaps"):
        write_mapping(tmp_path / "mapping.yaml", runs)
