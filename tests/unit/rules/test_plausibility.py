"""Seeded faults are found and named; nothing is invented on clean data.

Faults are made here, with a known place in each track; the rates are counted over fixed seeds.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from truceline import read_file
from truceline.kernels import distance_m
from truceline.model.agreement import Circle, KeepOut, SpoofingSink
from truceline.model.finding import Verdict
from truceline.model.movement import Track, exact_track
from truceline.rules import check_tracks
from truceline.rules.doubts.clocks import ROLLOVER_US
from truceline.rules.doubts.sinks import KNOWN_SINKS, inside_sink
from truceline.rules.movement.plausibility import DOUBT_CODES, doubts_of, unreliable_fixes
from truceline.testing.builders import mover, one_clause
from truceline.words.reasons import DOUBTS, doubts_sentence

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "tracks"
ROOT = Path(__file__).resolve().parents[3]
T0 = 1_583_000_000_000_000
S = 1_000_000
M = 1 / 111_319.4908  # a metre in degrees of longitude on the equator


def drive(
    seed: int, *, n: int = 400, name: str = "one", kind: str | None = "vehicle", **more: object
) -> Track:
    """A mover at 8 to 12 m/s with receiver noise of 2 m, one fix a second."""
    rng = np.random.default_rng(seed)
    way = np.cumsum(rng.uniform(8.0, 12.0, n))
    lonlat = np.column_stack([way, np.zeros(n)]) * M + rng.normal(0.0, 2.0 * M, (n, 2))
    track = exact_track(mover(name, mover_class=kind), T0 + np.arange(n) * S, lonlat, accuracy_m=5.0)
    return replace(track, **more)


def moved(track: Track, rows: slice, east_m: float) -> Track:
    lonlat = track.lonlat_deg.copy()
    lonlat[rows, 0] += east_m * M
    return replace(track, lonlat_deg=lonlat)


def codes(*tracks: Track) -> list[set[str]]:
    return [{doubt.code for doubt in found} for found in doubts_of(tracks)]


def test_every_code_has_words() -> None:
    assert set(DOUBTS) == set(DOUBT_CODES)


# ---------------------------------------------------------------- jumps


def test_seeded_teleports_are_all_found_and_nothing_else_is() -> None:
    """200 tracks, each with 1 to 60 fixes carried 2 to 100 km away: every one marked, no other fix."""
    rng = np.random.default_rng(5)
    for seed in range(200):
        first, count = int(rng.integers(0, 300)), int(rng.integers(1, 60))
        bad = slice(first, first + count)
        track = moved(drive(seed), bad, float(rng.uniform(2_000, 100_000)))
        expected = np.zeros(len(track), dtype=bool)
        expected[bad] = True
        assert (unreliable_fixes(track) == expected).all(), seed


def test_where_two_halves_contradict_each_other_neither_is_believed() -> None:
    track = moved(drive(1), slice(200, 400), 50_000)
    (doubts,) = doubts_of((track,))
    assert unreliable_fixes(track).all()
    assert doubts[0].limit == 50.0
    # 50 km and the 10 m of a step, less 5 m accuracy at either end, in one second.
    assert doubts[0].seen == pytest.approx(50_000, abs=20)


def test_exactly_the_ceiling_is_believed() -> None:
    way = np.array([0.0, 50.0, 100.0, 150.0])
    at_most = exact_track(mover(), T0 + np.arange(4) * S, np.column_stack([way * M, np.zeros(4)]))
    gone_m = float(distance_m(at_most.lonlat_deg[:-1], at_most.lonlat_deg[1:]).max())
    assert not unreliable_fixes(replace(at_most, mover=mover(top_speed_mps=gone_m))).any()
    assert unreliable_fixes(replace(at_most, mover=mover(top_speed_mps=gone_m - 0.01))).all()


def test_noise_that_jumps_at_every_fix_is_doubted_whole() -> None:
    rng = np.random.default_rng(3)
    lonlat = rng.normal(0, 1, (1500, 2))
    assert unreliable_fixes(exact_track(mover(), T0 + np.arange(1500) * S, lonlat)).all()


def test_clean_tracks_of_every_kind_give_no_doubt() -> None:
    for kind in ("vehicle", "vessel", "fixed-wing", "rotary", "uav", None):
        for seed in range(40):
            assert not doubts_of((drive(seed, kind=kind),))[0]


# ---------------------------------------------------------------- frozen


def frozen(track: Track, first: int, last: int) -> Track:
    lonlat = track.lonlat_deg.copy()
    lonlat[first : last + 1] = lonlat[first]
    return replace(track, lonlat_deg=lonlat)


def test_a_position_that_stands_while_the_source_says_it_moves() -> None:
    # To the end of the record, so that nothing catches up. 20 s at 10 m/s is 200 m, less twice the 5 m the
    # fixes may be off: 190 m.
    moving = drive(2, speed_mps=np.full(400, 10.0))
    (doubt,) = doubts_of((frozen(moving, 379, 399),))[0]
    assert (doubt.code, doubt.first_fix, doubt.last_fix) == ("position-frozen", 380, 399)
    assert doubt.seen == pytest.approx(190.0)
    # 11 s: 110 m less 10 m is just the limit; 10 s is not.
    assert doubts_of((frozen(moving, 388, 399),))[0]
    assert not doubts_of((frozen(moving, 389, 399),))[0]


def test_a_parked_vehicle_is_not_frozen() -> None:
    """It stops, stays for five minutes at one position to the last digit, and drives on."""
    way = np.concatenate([np.linspace(0, 1000, 100), np.full(300, 1000.0), np.linspace(1000, 2000, 100)])
    stated = np.concatenate([np.full(100, 10.0), np.zeros(300), np.full(100, 10.0)])
    track = exact_track(
        mover(), T0 + np.arange(500) * S, np.column_stack([way * M, np.zeros(500)]), speed_mps=stated
    )
    assert not doubts_of((track,))[0]
    assert not doubts_of((replace(track, speed_mps=None),))[0]


def test_a_position_that_catches_up_by_a_leap_was_frozen() -> None:
    # 60 s at 10 m/s: 600 m in the one second after it, which no vehicle goes.
    found = [doubts_of((frozen(drive(seed), 150, 210),))[0] for seed in range(100)]
    assert all([doubt.code for doubt in item] == ["position-frozen"] for item in found)
    assert all((item[0].first_fix, item[0].last_fix) == (151, 210) for item in found)


def test_an_aircraft_neither_stops_nor_climbs_on_one_point() -> None:
    rng = np.random.default_rng(1)
    way = np.cumsum(rng.uniform(95, 105, 300))
    track = exact_track(
        mover(mover_class="fixed-wing"), T0 + np.arange(300) * S, np.column_stack([way * M, np.zeros(300)])
    )
    assert codes(frozen(track, 100, 130)) == [{"position-frozen"}]
    assert codes(frozen(track, 298, 299)) == [set()]
    standing = exact_track(mover(mover_class="fixed-wing"), T0 + np.arange(60) * S, np.zeros((60, 2)))
    assert codes(standing) == [set()]
    climbing = replace(standing, altitude_m=np.linspace(0, 400, 60))
    assert codes(climbing) == [{"position-frozen"}]
    assert codes(replace(climbing, mover=mover(mover_class="balloon"))) == [set()]


def test_positions_faster_than_the_stated_speed() -> None:
    # Dragged along at 45 m/s, below the ceiling, while the source says 5 m/s.
    way = np.arange(60) * 45.0
    track = exact_track(mover(), T0 + np.arange(60) * S, np.column_stack([way * M, np.zeros(60)]))
    assert codes(replace(track, speed_mps=np.full(60, 5.0))) == [{"speed-differs"}]
    assert codes(replace(track, speed_mps=np.full(60, 40.0))) == [set()]
    assert codes(replace(track, speed_mps=np.full(60, np.nan))) == [set()]


# ---------------------------------------------------------------- sinks and crowds


def at_point(
    name: str, lon: float, lat: float, *, start_s: int = 0, n: int = 30, kind: str = "vehicle"
) -> Track:
    return exact_track(
        mover(name, mover_class=kind), T0 + (start_s + np.arange(n)) * S, np.tile([lon, lat], (n, 1))
    )


def test_four_movers_at_one_point_are_doubted_and_three_are_not() -> None:
    four = [at_point(f"m{k}", 35.0, 33.0, start_s=k * 5) for k in range(4)]
    found = doubts_of(four)
    assert [[doubt.code for doubt in item] for item in found] == [["many-at-one-point"]] * 4
    assert {item[0].seen for item in found} == {4.0}
    assert doubts_of(four[:3]) == ((), (), ())


def test_one_after_the_other_is_no_crowd_and_neither_is_one_mover_four_times() -> None:
    assert not any(doubts_of([at_point(f"m{k}", 35.0, 33.0, start_s=k * 60) for k in range(8)]))
    assert not any(doubts_of([at_point("same", 35.0, 33.0, start_s=k * 5) for k in range(8)]))
    # Five metres apart, as parked vehicles stand.
    assert not any(doubts_of([at_point(f"m{k}", 35.0 + k * 5e-5, 33.0) for k in range(8)]))


def test_the_order_of_the_tracks_does_not_matter() -> None:
    tracks = [at_point(f"m{k}", 35.0, 33.0, start_s=k * 5) for k in range(4)] + [drive(1, name="far")]
    assert doubts_of(tracks[::-1]) == doubts_of(tracks)[::-1]


@pytest.mark.parametrize("sink", KNOWN_SINKS, ids=lambda sink: sink.name)
def test_a_jump_to_a_known_sink_is_named_and_the_rest_believed(sink: SpoofingSink) -> None:
    """Half of the record at the sink: by jumps alone neither half would be believed."""
    lon, lat = sink.centre_deg
    true, false = at_point("ship", lon - 3, lat - 1, n=30, kind="vessel"), at_point("ship", lon, lat, n=30)
    track = replace(
        true,
        t_us=T0 + np.arange(60) * S,
        lonlat_deg=np.concatenate([true.lonlat_deg, false.lonlat_deg]),
        accuracy_m=np.zeros(60),
        altitude_m=np.full(60, np.nan),
    )
    (doubts,) = doubts_of((replace(track, mover=mover("car")),))
    assert [(item.code, item.note, item.first_fix, item.last_fix) for item in doubts] == [
        ("spoofing-sink", sink.name, 30, 59)
    ]
    assert codes(track) == [{"spoofing-sink"}]


def test_a_vehicle_that_is_at_an_airport_is_believed_and_a_ship_is_not() -> None:
    lon, lat = KNOWN_SINKS[0].centre_deg
    assert codes(at_point("car", lon, lat)) == [set()]
    assert codes(at_point("ship", lon, lat, kind="vessel")) == [{"spoofing-sink"}]
    # Two kilometres west of Beirut's runways lies the sea.
    assert codes(at_point("ship", lon - 0.03, lat, kind="vessel")) == [set()]


def test_the_catalogue_is_the_table_of_the_page() -> None:
    page = (ROOT / "docs" / "explain" / "plausibility.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]]
        for line in page.splitlines()
        if " airport | " in line
    ]
    assert [
        (
            sink.name,
            f"{sink.centre_deg[0]}, {sink.centre_deg[1]}",
            f"{sink.radius_m / 1000:g} km",
            f"{sink.dry_m / 1000:g} km",
        )
        for sink in KNOWN_SINKS
    ] == [tuple(row[:4]) for row in rows]


def test_only_a_standstill_that_makes_up_the_way_was_frozen() -> None:
    """It stands for a minute after driving slowly, and then is 2 km on: that is a jump, not a receiver that froze."""
    way = np.concatenate([np.arange(200) * 1.0, np.full(60, 199.0), 2_199.0 + np.arange(200) * 1.0])
    track = exact_track(mover(), T0 + np.arange(460) * S, np.column_stack([way * M, np.zeros(460)]))
    assert codes(track) == [{"speed-impossible"}]


def test_the_chain_of_pieces_may_begin_late_and_skip() -> None:
    """Pieces of 5, 20, 5, 20 fixes, the first and third elsewhere: the two long ones are believed."""
    track = moved(moved(drive(3, n=50), slice(0, 5), 60_000), slice(25, 30), -60_000)
    expected = np.zeros(50, dtype=bool)
    expected[[*range(5), *range(25, 30)]] = True
    assert (unreliable_fixes(track) == expected).all()
    (first, second) = doubts_of((track,))[0]
    assert first.seen == pytest.approx(60_000, abs=40) and second.seen == pytest.approx(60_000, abs=40)
    assert (second.interval.start_us, second.interval.end_us) == (T0 + 25 * S, T0 + 29 * S)


def test_speed_is_reckoned_over_the_time_of_the_leg() -> None:
    track = drive(1, n=60)
    slow = replace(moved(track, slice(30, 31), 9_000), t_us=T0 + np.arange(60) * 10 * S)
    (doubt,) = doubts_of((slow,))[0]
    assert doubt.seen == pytest.approx(900, abs=3)


def test_two_alike_are_no_standstill_and_three_are() -> None:
    standing = exact_track(mover(mover_class="fixed-wing"), T0 + np.arange(3) * S, np.zeros((3, 2)))
    climbing = replace(standing, altitude_m=np.array([0.0, 100.0, 200.0]))
    assert codes(climbing) == [{"position-frozen"}]
    lonlat = np.array([[0.0, 0.0], [0.0, 0.0], [100 * M, 0.0]])
    assert codes(replace(climbing, lonlat_deg=lonlat)) == [set()]
    below = replace(standing, altitude_m=np.array([0.0, 50.0, 99.9]))
    assert codes(below) == [set()]
    assert codes(replace(standing, altitude_m=np.array([0.0, 50.0, 100.0]))) == [{"position-frozen"}]


def test_the_edge_of_a_sink_is_inside() -> None:
    sink = SpoofingSink(name="x", centre_deg=(0.0, 0.0), radius_m=1_000.0)
    places = np.array([[0.0, 0.0], [999.0 * M, 0.0], [1_001.0 * M, 0.0], [0.0, 0.02]])
    assert inside_sink(sink, places, 1_000.0).tolist() == [True, True, False, False]


# ---------------------------------------------------------------- clocks


def test_a_clock_that_was_never_set() -> None:
    early = replace(drive(1), t_us=np.arange(400) * S)
    assert codes(early) == [{"clock-before-2000"}]
    assert unreliable_fixes(early).all()


def test_a_week_rollover_within_a_record_is_named() -> None:
    # 1,024 weeks are 7,168 days: 2020-02-29 becomes 2000-07-16.
    t_us = drive(1).t_us.copy()
    t_us[:40] -= 7_168 * 86_400 * S
    (doubt,) = doubts_of((replace(drive(1), t_us=t_us),))[0]
    assert (doubt.code, doubt.first_fix, doubt.last_fix) == ("clock-rollover", 0, 39)
    assert ROLLOVER_US == 7_168 * 86_400 * S


def test_a_track_1024_weeks_from_all_others_is_named() -> None:
    others = [drive(seed, name=f"m{seed}") for seed in range(4)]
    late = replace(drive(9, name="late"), t_us=drive(9).t_us - ROLLOVER_US)
    assert codes(*others, late) == [set()] * 4 + [{"clock-rollover"}]
    assert codes(*others[:2], late) == [set()] * 3
    year_off = replace(late, t_us=late.t_us + 365 * 86_400 * S)
    assert codes(*others, year_off) == [set()] * 5


@pytest.mark.parametrize(
    ("late_s", "code"),
    [
        (3.0, None),
        (299.0, None),
        (301.0, "clock-behind"),
        (-299.0, None),
        (-301.0, "clock-ahead"),
        (7_201.0, "clock-whole-hours"),
        (-10_800.0, "clock-whole-hours"),
        (15 * 3_600.0, "clock-behind"),
        (7_168 * 86_400.0, "clock-rollover"),
        (-7_168 * 86_400.0, "clock-rollover"),
    ],
)
def test_an_offset_from_the_receivers_clock(late_s: float, code: str | None) -> None:
    track = drive(1)
    rng = np.random.default_rng(1)
    delay_s = rng.exponential(2.0, 400) + late_s
    delay_s[7] = late_s
    received = track.t_us + (delay_s * S).astype(np.int64)
    assert codes(replace(track, received_us=received)) == [{code} if code else set()]


def test_a_record_delivered_all_at_once_is_late_and_not_off() -> None:
    track = drive(1, n=4000)
    assert codes(replace(track, received_us=np.full(4000, track.t_us[-1] + 3_000 * S))) == [set()]


def test_what_a_mark_holds() -> None:
    early = replace(drive(1), t_us=drive(1).t_us - (T0 - 946_684_800 * S) - 100 * S)
    (doubt,) = doubts_of((early,))[0]
    # The first hundred seconds lie before 2000-01-01T00:00Z; the first fix by 100 s.
    assert (doubt.code, doubt.first_fix, doubt.last_fix, doubt.seen) == ("clock-before-2000", 0, 99, 100.0)
    assert (doubt.interval.start_us, doubt.interval.end_us) == (int(early.t_us[0]), int(early.t_us[99]))
    t_us = drive(1).t_us.copy()
    t_us[390:] += ROLLOVER_US
    (late,) = doubts_of((replace(drive(1), t_us=t_us),))[0]
    # The shorter side is the shifted one; seen is the step itself.
    assert (late.first_fix, late.last_fix) == (390, 399)
    assert (late.seen, late.limit) == (ROLLOVER_US / S + 1, 1024 * 7 * 86_400.0)
    off = drive(1, received_us=drive(1).t_us - 400 * S)
    (ahead,) = doubts_of((off,))[0]
    assert (ahead.code, ahead.seen, ahead.limit, ahead.last_fix) == ("clock-ahead", 400.0, 300.0, 399)


@pytest.mark.parametrize(("days", "named"), [(2.0, True), (2.01, False), (-2.0, True), (-2.01, False)])
def test_a_step_of_1024_weeks_is_so_to_two_days(days: float, named: bool) -> None:
    t_us = drive(1).t_us.copy()
    t_us[200:] += ROLLOVER_US + round(days * 86_400 * S) - S
    assert codes(replace(drive(1), t_us=t_us)) == [{"clock-rollover"} if named else set()]


def test_the_others_have_to_be_of_one_time() -> None:
    others = [drive(seed, name=f"m{seed}") for seed in range(3)]
    early = replace(drive(9, name="x"), t_us=drive(9).t_us + ROLLOVER_US)
    (doubt,) = doubts_of([*others, early])[3]
    assert doubt.seen == pytest.approx(ROLLOVER_US / S, abs=1)
    assert codes(*others[:2], early) == [set()] * 3
    day = 86_400 * S
    assert codes(*others, replace(early, t_us=early.t_us + 60 * day - 10 * S))[3] == {"clock-rollover"}
    assert codes(*others, replace(early, t_us=early.t_us + 61 * day))[3] == set()


def test_a_stay_with_a_gap_in_it_is_two_stays() -> None:
    four = [at_point(f"m{k}", 35.0, 33.0, n=10) for k in range(4)]
    t_us = four[0].t_us.copy()
    t_us[5:] += 1_000 * S
    broken = replace(four[0], t_us=t_us)
    (first,) = doubts_of([broken, *four[1:]])[0]
    assert (first.first_fix, first.last_fix) == (0, 4)
    assert (first.interval.start_us, first.interval.end_us) == (T0, T0 + 4 * S)


def test_a_crowd_counts_who_is_there_at_once() -> None:
    # Three together, and a fourth that comes at the very instant the first goes: four at that instant.
    three = [at_point(f"m{k}", 35.0, 33.0, n=30) for k in range(3)]
    found = doubts_of([*three, at_point("m3", 35.0, 33.0, start_s=29)])
    assert all(found)
    assert not any(doubts_of([*three, at_point("m3", 35.0, 33.0, start_s=30)]))
    # A fifth later, with only it and the fourth there, is not of the crowd.
    assert not doubts_of(
        [*three, at_point("m3", 35.0, 33.0, start_s=29), at_point("m4", 35.0, 33.0, start_s=40)]
    )[4]


@pytest.mark.parametrize("offset_m", [-3_990.0, 3_990.0])
def test_the_far_edge_of_a_sink_still_catches_a_jump(offset_m: float) -> None:
    """Beirut's radius is 4 km; a degree of latitude there is 110,922 m (WGS 84 meridian arc at 33.8 N)."""
    lon, lat = KNOWN_SINKS[0].centre_deg
    far = at_point("car", lon - 3, lat - 1, n=30)
    at_edge = np.tile([lon, lat + offset_m / 110_922.0], (10, 1))
    outside = np.tile([lon, lat + offset_m * 1.02 / 110_922.0], (10, 1))
    for places, code in ((at_edge, "spoofing-sink"), (outside, "speed-impossible")):
        lonlat = np.concatenate([far.lonlat_deg, places])
        track = exact_track(mover("car"), T0 + np.arange(40) * S, lonlat)
        (doubt,) = doubts_of((track,))[0]
        assert (doubt.code, doubt.first_fix, doubt.last_fix) == (code, 30, 39)
    assert doubts_of((track,))[0][0].limit == 50.0


@pytest.mark.parametrize(
    ("speed_mps", "leg_s", "stood", "frozen_"),
    [
        (41.0, 1, 11, True),
        (39.0, 1, 11, False),
        (41.0, 60, 2, True),
        (41.0, 61, 2, False),
        (41.0, 1, 9, False),
    ],
)
def test_what_counts_as_flying(speed_mps: float, leg_s: int, stood: int, frozen_: bool) -> None:
    """An aircraft flies, stands for ``stood`` legs, and flies on, all legs of one length."""
    moving = np.arange(10) * speed_mps * leg_s
    way = np.concatenate([moving, np.full(stood, moving[-1]), moving[-1] + (moving[1:])])
    track = exact_track(
        mover(mover_class="fixed-wing"),
        T0 + np.arange(len(way)) * leg_s * S,
        np.column_stack([way * M, np.zeros(len(way))]),
    )
    assert codes(track) == [{"position-frozen"} if frozen_ else set()]


def test_one_track_that_is_doubted_by_two_checks_says_both() -> None:
    track = replace(moved(drive(1), slice(100, 110), 50_000), t_us=np.arange(400) * S)
    assert codes(track) == [{"clock-before-2000"}]  # all of it is out already
    half = moved(drive(1, received_us=drive(1).t_us + 3_600 * S), slice(100, 110), 50_000)
    assert codes(half) == [{"clock-whole-hours"}]


# ---------------------------------------------------------------- what it does to findings


def test_a_finding_says_which_check_fired_and_is_never_a_breach() -> None:
    clause = one_clause(KeepOut(where=Circle(centre_deg=(35.0, 33.0), radius_m=500.0)))
    four = [at_point(f"m{k}", 35.0, 33.0, start_s=k * 5) for k in range(4)]
    result = check_tracks(clause, four)
    assert result.verdict is Verdict.NOT_EVALUATED
    assert {item.because for item in result.findings} == {"positions-unreliable"}
    assert {item.reason for item in result.findings} == {
        "The positions are unreliable: 4 movers reported one and the same point at one time."
    }
    assert all(item.doubts[0].code == "many-at-one-point" for item in result.coverage)
    assert check_tracks(clause, four[:3]).verdict is Verdict.BREACH


def test_the_sentence_names_each_check_once_with_the_worst_seen() -> None:
    track = moved(moved(drive(1), slice(50, 60), 20_000), slice(100, 101), 90_000)
    said = doubts_sentence(doubts_of((track,))[0])
    assert said.count("they imply") == 1
    assert said.endswith("m/s, and this kind reaches no more than 50 m/s.")


def test_a_sink_of_the_agreement_is_used() -> None:
    sink = SpoofingSink(name="a mast", centre_deg=(1.0, 1.0), radius_m=2_000.0)
    true, false = drive(1, n=60), at_point("one", 1.0, 1.0, n=60)
    track = replace(
        drive(1, n=120), lonlat_deg=np.concatenate([true.lonlat_deg, false.lonlat_deg]), mover=mover()
    )
    agreement = one_clause(KeepOut(where=Circle(centre_deg=(1.0, 1.0), radius_m=500.0)))
    told = check_tracks(replace(agreement, spoofing_sinks=(sink,)), [track])
    assert [doubt.note for item in told.coverage for doubt in item.doubts] == ["a mast"]
    assert len(check_tracks(agreement, [track]).coverage[0].doubts) == 1


# ---------------------------------------------------------------- real and shipped data


def test_the_shipped_case_gives_no_doubt() -> None:
    """Its one seeded jump is the exercise's own, and the only doubt."""
    folder = ROOT / "cases" / "ne-syria-winter-2020" / "tracks"
    for name in ("ne-syria", "exercise-lines"):
        records = read_file(folder / f"{name}.csv", mapping=folder / f"{name}.mapping.yaml")
        found = {doubt.code for item in doubts_of(records.tracks) for doubt in item}
        assert found <= {"speed-impossible"}


def test_real_gpx_records_give_no_doubt() -> None:
    folder = SHARED / "gpx"
    if not folder.is_dir():
        pytest.skip("the shared recordings are not here")
    for path in sorted(folder.glob("*.gpx")):
        tracks = read_file(path, zone="UTC").tracks if "without-times" not in path.name else ()
        assert not any(item for item in doubts_of(tracks)), path.name
