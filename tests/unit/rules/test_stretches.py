"""A track cut into what is known and what is not, by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from truceline.model.movement import Track, exact_track
from truceline.rules.movement.stretches import clip_gap, clip_stretch, cut_track
from truceline.testing.builders import mover
from truceline.timebase import Interval

T0 = 1_583_000_000_000_000
S = 1_000_000
M = 1 / 111_319.4908


def at_seconds(seconds: list[float], **more: object) -> Track:
    """10 m/s along the equator; accuracy 1, 2, 3 ... metres."""
    t_s = np.array(seconds, dtype=float)
    lonlat = np.column_stack([t_s * 10 * M, np.zeros(len(t_s))])
    track = exact_track(mover(), T0 + (t_s * S).astype(np.int64), lonlat)
    return replace(track, accuracy_m=1.0 + np.arange(len(t_s)), **more)


def span(start_s: float, end_s: float) -> Interval:
    return Interval(T0 + round(start_s * S), T0 + round(end_s * S))


def test_a_gap_is_longer_than_the_source_allows_and_not_as_long() -> None:
    cut = cut_track(at_seconds([0, 300, 601, 602]))
    assert [item.interval for item in cut.stretches] == [span(0, 300), span(601, 602)]
    (gap,) = cut.gaps
    assert gap.interval == span(300, 601)
    assert (gap.accuracy_m, gap.unreliable) == (3.0, False)
    assert gap.before_deg == pytest.approx((3_000 * M, 0.0)) and gap.after_deg == pytest.approx(
        (6_010 * M, 0.0)
    )
    assert cut_track(at_seconds([0, 300, 600])).gaps == ()


def test_a_break_of_the_source_is_a_gap_however_short() -> None:
    cut = cut_track(at_seconds([0, 1, 2, 3, 4, 5], segment_starts=(2, 5)))
    assert [item.interval for item in cut.stretches] == [span(0, 1), span(2, 4), span(5, 5)]
    assert [item.interval for item in cut.gaps] == [span(1, 2), span(4, 5)]


def test_unreliable_fixes_are_a_gap_that_says_so() -> None:
    track = at_seconds(list(range(10)))
    lonlat = track.lonlat_deg.copy()
    lonlat[4:6, 1] = 1.0
    cut = cut_track(replace(track, lonlat_deg=lonlat))
    assert [item.interval for item in cut.stretches] == [span(0, 3), span(6, 9)]
    (gap,) = cut.gaps
    assert (gap.interval, gap.unreliable) == (span(3, 6), True)
    assert cut.unreliable == (span(4, 5),)
    assert cut.doubtful_ends == ()
    (doubt,) = cut.doubts
    # 110,574 m of latitude in one second, less 4 and 5 or 6 and 7 m of accuracy.
    assert doubt.seen == pytest.approx(110_565, abs=10)


def test_unreliable_fixes_at_an_end_lie_in_no_gap() -> None:
    track = at_seconds(list(range(10)))
    lonlat = track.lonlat_deg.copy()
    lonlat[8:, 1] = 1.0
    cut = cut_track(replace(track, lonlat_deg=lonlat))
    assert [item.interval for item in cut.doubtful_ends] == [span(8, 9)]
    assert cut.gaps == ()


def test_accuracy_not_stated_is_remembered_by_its_stretch() -> None:
    track = at_seconds([0, 1, 1000, 1001])
    accuracy_m = track.accuracy_m.copy()
    accuracy_m[0] = np.nan
    cut = cut_track(replace(track, accuracy_m=accuracy_m))
    assert [item.accuracy_stated for item in cut.stretches] == [False, True]
    assert cut.stretches[0].accuracy_m.tolist() == [0.0, 2.0]


def test_clipping_interpolates_the_ends_and_takes_the_worse_accuracy() -> None:
    (stretch,) = cut_track(at_seconds([0, 10, 20, 30])).stretches
    part = clip_stretch(stretch, span(5, 20))
    assert part is not None
    assert ((part.t_us - T0) / S).tolist() == [5.0, 10.0, 20.0]
    assert part.lonlat_deg[:, 0] / M == pytest.approx([50.0, 100.0, 200.0], abs=1e-3)
    # Between fixes of 1 and 2 m it is 2 m; at a fix it is that fix's own.
    assert part.accuracy_m.tolist() == [2.0, 2.0, 3.0]
    late = clip_stretch(stretch, span(25, 60))
    assert late is not None and late.accuracy_m.tolist() == [4.0, 4.0]
    assert clip_stretch(stretch, span(-5, 40)) is stretch


def test_what_shares_no_instant_is_clipped_away() -> None:
    (stretch,) = cut_track(at_seconds([0, 10])).stretches
    assert clip_stretch(stretch, span(11, 20)) is None
    assert clip_stretch(stretch, span(-5, 0)) is None  # half-open: the clause ended as the record began
    (alone,) = cut_track(at_seconds([0])).stretches
    assert clip_stretch(alone, span(0, 5)) is alone
    assert clip_stretch(alone, span(-5, 0)) is None
    (gap,) = cut_track(at_seconds([0, 1000])).gaps
    assert clip_gap(gap, span(500, 2_000)) == span(500, 1000)
    assert clip_gap(gap, span(1000, 2_000)) is None
