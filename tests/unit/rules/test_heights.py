"""Clauses that hold at some heights only: intervals of the band by hand, and never silence, never a guess."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from truceline.model.agreement import Agreement, AltitudeBand, Circle, KeepOut
from truceline.model.finding import CheckResult, Verdict
from truceline.model.movement import Path, Track, exact_track
from truceline.rules import check_fixes, check_tracks
from truceline.rules.movement.heights import band_intervals
from truceline.rules.movement.stretches import cut_track
from truceline.testing.builders import mover, one_clause
from truceline.timebase import Interval

T0 = 1_583_000_000_000_000
S = 1_000_000
M = 1 / 111_319.4908
LOW = AltitudeBand(from_m=100.0, to_m=300.0)


def flight(heights_m: list[float], *, datum: str = "msl", kind: str = "uav", every_s: int = 10) -> Track:
    """Ten metres a fix along the equator, at the heights given."""
    n = len(heights_m)
    track = exact_track(
        mover(mover_class=kind),
        T0 + np.arange(n) * every_s * S,
        np.column_stack([np.arange(n) * 10 * M, np.zeros(n)]),
    )
    return replace(track, altitude_m=np.array(heights_m, dtype=float), altitude_datum=datum)


def seconds(intervals: tuple[Interval, ...]) -> list[tuple[float, float]]:
    return [((item.start_us - T0) / S, (item.end_us - T0) / S) for item in intervals]


def in_band(track: Track, band: AltitudeBand = LOW) -> tuple[list[tuple[float, float]], ...]:
    inside, unknown = band_intervals(track, cut_track(track), band)
    return seconds(inside), seconds(unknown)


def area(band: AltitudeBand | None = LOW) -> Agreement:
    agreement = one_clause(KeepOut(where=Circle(centre_deg=(0.0, 0.0), radius_m=5_000.0)))
    return replace(agreement, clauses={"1": replace(agreement.clauses["1"], altitude=band)})


def verdicts(result: CheckResult) -> list[tuple[Verdict, str]]:
    return [(item.verdict, item.because) for item in result.findings]


def test_a_climb_through_the_band() -> None:
    # 0 to 400 m in 40 s: 100 m at 10 s, 300 m at 30 s.
    assert in_band(flight([0, 100, 200, 300, 400])) == ([(10, 30)], [])
    # In one leg of 10 s: 2.5 s and 7.5 s.
    assert in_band(flight([0, 400])) == ([(2.5, 7.5)], [])
    assert in_band(flight([400, 0])) == ([(2.5, 7.5)], [])


def test_exactly_at_a_limit_is_outside() -> None:
    assert in_band(flight([100, 100, 100])) == ([], [])
    assert in_band(flight([300, 300])) == ([], [])
    assert in_band(flight([100.01, 100.01])) == ([(0, 10)], [])
    assert in_band(flight([300, 400, 300])) == ([], [])
    assert in_band(flight([100])) == ([], [])
    assert in_band(flight([200])) == ([(0, 0)], [])
    assert in_band(flight([300])) == ([], [])
    assert in_band(flight([100.5])) == ([(0, 0)], [])
    assert in_band(flight([299.5])) == ([(0, 0)], [])
    assert in_band(flight([100, 50, 100])) == ([], [])
    assert in_band(flight([0, 100, 0])) == ([], [])


def test_in_and_out_again() -> None:
    # 0 to 200 to 0 m: 100 m at 5 s and at 15 s. 200 to 400 to 200 m: 300 m at 5 s and at 15 s.
    assert in_band(flight([0, 200, 0])) == ([(5, 15)], [])
    assert in_band(flight([200, 400, 200])) == ([(0, 5), (15, 20)], [])
    assert in_band(flight([0, 0, 200])) == ([(15, 20)], [])


def test_a_band_open_on_one_side() -> None:
    assert in_band(flight([0, 200]), AltitudeBand(from_m=100.0)) == ([(5, 10)], [])
    assert in_band(flight([0, 200]), AltitudeBand(to_m=100.0)) == ([(0, 5)], [])


def test_unknown_heights() -> None:
    nan = float("nan")
    assert in_band(flight([200, nan, 200, 200])) == ([(20, 30)], [(0, 20)])
    assert in_band(flight([nan])) == ([], [(0, 0)])
    assert in_band(flight([200, 200], datum="baro")) == ([], [(0, 10)])
    assert in_band(flight([200, 200], datum="")) == ([], [(0, 10)])


def test_one_limit_that_can_be_compared_may_be_enough() -> None:
    # From 100 m above ground to FL100 = 3,048 m of pressure altitude: above the level it is outside for sure.
    band = AltitudeBand(from_m=100.0, to_m=3_048.0, from_datum="agl", to_datum="baro")
    assert in_band(flight([4_000, 5_000], datum="baro"), band) == ([], [])
    assert in_band(flight([1_000, 1_000], datum="baro"), band) == ([], [(0, 10)])
    assert in_band(flight([2_000, 4_096], datum="baro"), band) == ([], [(0, 5)])


def test_what_goes_on_the_ground_is_on_the_ground() -> None:
    nan = float("nan")
    band = AltitudeBand(from_m=0.0, to_m=500.0, from_datum="agl", to_datum="agl")
    assert in_band(flight([nan, nan], kind="vehicle"), band) == ([], [])
    assert in_band(flight([nan, nan], kind="uav"), band) == ([], [(0, 10)])
    below = AltitudeBand(to_m=500.0, to_datum="agl")
    assert in_band(flight([nan, nan], kind="vessel"), below) == ([(0, 10)], [])


@pytest.mark.parametrize(
    ("track", "expected"),
    [
        (flight([200, 200, 200]), [(Verdict.BREACH, "")]),
        (flight([300, 300, 300]), []),
        (flight([float("nan")] * 3), [(Verdict.NOT_EVALUATED, "altitude-unknown")]),
        (flight([200, 200, 200], datum="baro"), [(Verdict.NOT_EVALUATED, "altitude-datum")]),
        (flight([200, 200, 200], datum=""), [(Verdict.NOT_EVALUATED, "altitude-unknown")]),
    ],
)
def test_what_a_track_within_the_area_gives(track: Track, expected: list[tuple[Verdict, str]]) -> None:
    assert verdicts(check_tracks(area(), [track])) == expected


def test_outside_the_band_is_named_as_not_applying() -> None:
    result = check_tracks(area(), [flight([500, 500])])
    assert [(item.because, item.count) for item in result.not_applied] == [("outside-band", 1)]
    assert result.coverage == ()


def test_far_from_the_area_an_unknown_height_is_no_matter() -> None:
    track = flight([float("nan")] * 3)
    far = replace(track, lonlat_deg=track.lonlat_deg + 1.0)
    assert verdicts(check_tracks(area(), [far])) == [(Verdict.CLEAR, "")]


def test_the_incursion_begins_where_the_band_does() -> None:
    (found,) = check_tracks(area(), [flight([0, 400])]).findings
    assert found.verdict is Verdict.BREACH
    assert seconds((found.interval,)) == [(2.5, 7.5)]


def test_a_gap_is_never_silence() -> None:
    # Ten minutes unseen, within reach; what its height was in them nobody knows.
    track = flight([500, 500, 500, 500], every_s=10)
    t_us = track.t_us.copy()
    t_us[2:] += 600 * S
    result = check_tracks(area(), [replace(track, t_us=t_us)])
    assert [(item.kind, item.verdict) for item in result.findings] == [("gap", Verdict.POSSIBLE)]


def test_a_drawn_path_has_no_height() -> None:
    path = Path(
        mover=mover(mover_class="uav"),
        lonlat_deg=np.array([[-0.01, 0.0], [0.01, 0.0]]),
        span=Interval(T0, T0 + 86_400 * S),
        accuracy_m=10.0,
    )
    assert verdicts(check_tracks(area(), [], [path])) == [(Verdict.NOT_EVALUATED, "altitude-unknown")]


def test_columns_give_the_same() -> None:
    from truceline import fixes_from

    track = flight([0, 400, 400, 0])
    fixes = fixes_from(
        {
            "mover": [track.mover.id] * 4,
            "t_us": track.t_us,
            "lon_deg": track.lonlat_deg[:, 0],
            "lat_deg": track.lonlat_deg[:, 1],
            "accuracy_m": track.accuracy_m,
            "altitude_m": track.altitude_m,
        },
        {track.mover.id: track.mover},
        altitude_datum="msl",
    )
    table = check_fixes(area(), fixes)
    assert len(table) == len(check_tracks(area(), [track]).findings) == 2
