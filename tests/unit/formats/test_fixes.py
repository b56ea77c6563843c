"""Sorting, duplicates, conflicts and segments, for every track format alike."""

from __future__ import annotations

import math

import numpy as np
import pytest

from truceline.errors import InputError, UsageError
from truceline.formats.fixes import FixLog
from truceline.formats.options import track_options
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef

A, B = Mover(id="a"), Mover(id="b")


def log_of(*rows: tuple[str, int, float, float], segments: dict[int, int] | None = None) -> FixLog:
    log = FixLog(SourceRef(name="f"))
    for line, (key, t_us, lon, lat) in enumerate(rows, 1):
        log.read_count += 1
        log.add(key, t_us=t_us, lon=lon, lat=lat, at=line, segment=(segments or {}).get(line, 0))
    return log


def codes(log: FixLog) -> list[tuple[str, int | None, bool]]:
    return [(item.code, item.where.line, item.kept) for item in log.dropped]


def test_fixes_are_sorted_and_the_sorting_is_remarked_once_a_mover() -> None:
    log = log_of(("a", 30, 1, 1), ("b", 5, 0, 0), ("a", 10, 2, 2), ("a", 20, 3, 3), ("a", 15, 4, 4))
    a, b = log.tracks({"a": A, "b": B}, options=track_options())
    assert a.t_us.tolist() == [10, 15, 20, 30]
    assert a.lonlat_deg[:, 0].tolist() == [2, 4, 3, 1]
    assert codes(log) == [("out-of-order", 3, True)]
    assert "2 times" in log.dropped[0].seen
    assert b.t_us.tolist() == [5]


def test_the_identical_fix_is_kept_once() -> None:
    log = log_of(("a", 10, 1, 1), ("a", 10, 1, 1), ("a", 20, 1, 1), ("a", 10, 1, 1))
    (track,) = log.tracks({"a": A}, options=track_options())
    assert track.t_us.tolist() == [10, 20]
    assert [code for code in codes(log) if not code[2]] == [("duplicate", 2, False), ("duplicate", 4, False)]


def test_of_two_positions_at_one_instant_the_first_in_the_file_is_kept() -> None:
    log = log_of(("a", 10, 1, 1), ("a", 10, 2, 2), ("a", 10, 1, 1), ("b", 10, 3, 3))
    a, b = log.tracks({"a": A, "b": B}, options=track_options())
    assert a.lonlat_deg.tolist() == [[1, 1]]
    assert b.lonlat_deg.tolist() == [[3, 3]]
    assert codes(log) == [("conflict", 2, False), ("duplicate", 3, False)]
    assert "f:1" in log.dropped[0].seen


def test_the_same_place_at_another_height_is_a_conflict() -> None:
    log = FixLog(SourceRef(name="f"))
    for line, height_m in enumerate((100.0, 100.0, 200.0, math.nan), 1):
        log.add("a", t_us=10, lon=1, lat=1, at=line, altitude_m=height_m)
    log.tracks({"a": A}, options=track_options())
    assert [code for code, *_ in codes(log)] == ["duplicate", "conflict", "conflict"]


def test_a_segment_starts_where_the_source_broke_the_track() -> None:
    log = log_of(*(("a", t, 0, 0) for t in range(6)), segments={1: 1, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3})
    (track,) = log.tracks({"a": A}, options=track_options())
    assert track.segment_starts == (2, 4)


def test_unusable_positions_make_no_track() -> None:
    log = log_of(("a", 10, math.nan, 1), ("a", 20, 1, math.inf), ("a", 30, 38, 95))
    assert log.tracks({"a": A}, options=track_options()) == ()
    assert codes(log) == [("not-finite", 1, False), ("not-finite", 2, False), ("swapped?", 3, False)]


def test_options_fill_only_what_is_not_stated() -> None:
    options = track_options(party="x", mover_class="tank", accuracy="15 m", longest_gap="2 min", armed=True)
    log = FixLog(SourceRef(name="f"))
    log.add("a", t_us=1, lon=0, lat=0, at=1, accuracy_m=3.0)
    log.add("a", t_us=2, lon=0, lat=0, at=2)
    (track,) = log.tracks({"a": options.mover("a", party="y")}, options=options)
    assert track.accuracy_m.tolist() == [3.0, 15.0]
    assert track.longest_gap_s == 120.0
    assert (track.mover.party, track.mover.mover_class, track.mover.armed) == ("y", "tank", True)


def test_without_options_nothing_is_claimed() -> None:
    (track,) = log_of(("a", 1, 0, 0)).tracks({"a": A}, options=track_options())
    assert np.isnan(track.accuracy_m).all()
    assert np.isnan(track.altitude_m).all()
    assert (track.altitude_datum, track.exercise) == ("", False)


@pytest.mark.parametrize(
    ("option", "value", "error"),
    [
        ("accuracy", "15", InputError),
        ("accuracy", "-5 m", UsageError),
        ("longest_gap", "0 s", UsageError),
        ("longest_gap", "5", InputError),
        ("zone", "Damascus", InputError),
        ("mover_class", "tanks", UsageError),
    ],
)
def test_options_that_cannot_be_meant(option: str, value: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        track_options(**{option: value})
