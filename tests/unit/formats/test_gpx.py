"""GPX 1.0 and 1.1."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pytest

from truceline.errors import InputError, UsageError
from truceline.formats.registry import read_bytes
from truceline.model.evidence import Records

HEAD = '<?xml version="1.0"?>\n<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">\n'


def pt(lon: str, lat: str, clock: str | None, more: str = "") -> str:
    time = "" if clock is None else f"<time>{clock}</time>"
    return f'<trkpt lon="{lon}" lat="{lat}">{more}{time}</trkpt>\n'


def gpx(*segments: Sequence[str], before: str = "") -> bytes:
    body = "".join(f"<trkseg>\n{''.join(points)}</trkseg>\n" for points in segments)
    return f"{HEAD}{before}<trk><name>patrol</name>\n{body}</trk>\n</gpx>".encode()


def read(data: bytes, **options: object) -> Records:
    return read_bytes(data, name="p1.gpx", **options)


def codes(records: Records) -> list[tuple[str, int | None, bool]]:
    return [(item.code, item.where.line, item.kept) for item in records.dropped]


def test_a_track_with_a_height_and_two_segments() -> None:
    data = gpx(
        [
            pt("36.0", "35.0", "2020-03-06T00:00:00Z", "<ele>120.5</ele>"),
            pt("36.1", "35.1", "2020-03-06T00:01:00Z"),
        ],
        [pt("36.2", "35.2", "2020-03-06T00:02:00Z")],
    )
    records = read(data, party="turkey", accuracy="15 m")
    (track,) = records.tracks
    assert (track.mover.id, track.mover.name, track.mover.party) == ("p1", "patrol", "turkey")
    assert track.t_us.tolist() == [1_583_452_800_000_000 + s * 1_000_000 for s in (0, 60, 120)]
    assert track.lonlat_deg.tolist() == [[36.0, 35.0], [36.1, 35.1], [36.2, 35.2]]
    assert track.segment_starts == (2,)
    assert track.altitude_m[0] == 120.5
    assert math.isnan(track.altitude_m[1])
    assert track.altitude_datum == ""  # the standard names none, and none is guessed
    assert track.accuracy_m.tolist() == [15.0] * 3
    assert records.dropped == ()


def test_hdop_is_not_metres() -> None:
    (track,) = read(gpx([pt("36", "35", "2020-03-06T00:00:00Z", "<hdop>1.2</hdop>")])).tracks
    assert math.isnan(track.accuracy_m[0])


def test_times_without_a_zone_are_utc_and_offsets_are_kept() -> None:
    points = [pt("36", "35", "2020-03-06T00:00:00"), pt("36", "35", "2020-03-06T03:00:01.000+03:00")]
    (track,) = read(gpx(points), zone="Asia/Damascus").tracks
    assert (track.t_us - 1_583_452_800_000_000).tolist() == [0, 1_000_000]


def test_every_oddity_of_a_point_has_its_outcome_and_line() -> None:
    points = [
        pt("36.0", "35.0", "2020-03-06T00:00:00Z"),  # line 5
        pt("NaN", "35.0", "2020-03-06T00:00:01Z"),
        pt("36.0", "inf", "2020-03-06T00:00:02Z"),
        pt("1e309", "35.0", "2020-03-06T00:00:03Z"),
        pt("-720", "35.0", "2020-03-06T00:00:04Z"),
        pt("35.0", "136.0", "2020-03-06T00:00:05Z"),
        pt("", "35.0", "2020-03-06T00:00:06Z"),
        '<trkpt lat="35.0"><time>2020-03-06T00:00:06Z</time></trkpt>\n',
        pt("36,0", "35.0", "2020-03-06T00:00:07Z"),
        pt("36.0", "35.0", "2020-02-30T00:00:00Z"),
        pt("36.0", "35.0", None),
        pt("36.0", "35.0", "2020-03-06"),
        pt("36.0", "35.0", "2020-03-06T00:00:08Z", "<ele>NaN</ele>"),
        pt("36.0", "35.0", "2016-12-31T23:59:60Z"),
        pt("36.0", "35.0", "2020-03-06T00:00:00Z"),
        pt("36.5", "35.0", "2020-03-06T00:00:00Z"),
    ]
    records = read(gpx(points))
    assert codes(records) == [
        ("not-finite", 6, False),
        ("not-finite", 7, False),
        ("not-finite", 8, False),
        ("out-of-range", 9, False),
        ("swapped?", 10, False),
        ("no-position", 11, False),
        ("no-position", 12, False),
        ("bad-number", 13, False),
        ("bad-time", 14, False),
        ("no-time", 15, False),
        ("no-time", 16, False),
        ("bad-altitude", 17, True),
        ("leap-second", 18, True),
        ("out-of-order", 18, True),
        ("duplicate", 19, False),
        ("conflict", 20, False),
    ]
    (track,) = records.tracks
    assert len(track) == 3
    assert records.read_count == 16 == len(track) + records.dropped_count


def test_empty_segments_waypoints_and_routes() -> None:
    before = '<wpt lat="1" lon="2"/>\n<rte><rtept lat="3" lon="4"/></rte>\n'
    records = read(gpx([], [pt("36", "35", "2020-03-06T00:00:00Z")], before=before))
    assert codes(records) == [("waypoint", 3, False), ("route-point", 4, False), ("empty-segment", 6, True)]
    assert records.read_count == 3


def test_each_trk_is_a_mover_unless_one_is_named() -> None:
    one = f"<trk><trkseg>{pt('36', '35', '2020-03-06T00:00:00Z')}</trkseg></trk>"
    two = f"<trk><trkseg>{pt('37', '35', '2020-03-06T00:10:00Z')}</trkseg></trk>"
    data = f"{HEAD}{one}{two}</gpx>".encode()
    assert [track.mover.id for track in read(data).tracks] == ["p1#1", "p1#2"]
    (track,) = read(data, mover="patrol-3").tracks
    assert (track.mover.id, track.segment_starts) == ("patrol-3", (1,))


def test_without_times_points_are_left_out_or_drawn_as_a_path_of_a_stated_day() -> None:
    data = gpx(
        [pt("36", "35", None), pt("36.1", "35", None)],
        [pt("36", "95", None), pt("36", "35", None)],
        [pt("3", "3", None)],
    )
    assert [code for code, *_ in codes(read(data))] == ["no-time"] * 5
    with pytest.raises(UsageError) as caught:
        read(data, date="2020-03-06")
    assert caught.value.code == "no-zone"
    records = read(data, date="2020-03-06/2020-03-07", zone="UTC", accuracy="1 km")
    (path,) = records.paths
    assert path.lonlat_deg.tolist() == [[36.0, 35.0], [36.1, 35.0]]
    assert (path.span.duration_s, path.accuracy_m) == (2 * 86_400, 1000.0)
    assert codes(records) == [("swapped?", 9, False), ("too-short", 12, False)]
    with pytest.raises(InputError):
        read(data, date="2020-02-30", zone="UTC")


def test_foreign_elements_are_not_taken_for_ours() -> None:
    more = (
        '<extensions><x:time xmlns:x="urn:x">1999-01-01T00:00:00Z</x:time>'
        '<trkpt lon="1" lat="1"><time>1999-01-01T00:00:00Z</time></trkpt></extensions>'
    )
    (track,) = read(gpx([pt("36", "35", "2020-03-06T00:00:00Z", more)])).tracks
    assert len(track) == 1
    assert track.t_us[0] == 1_583_452_800_000_000


def test_gpx_without_namespace_and_in_utf_16() -> None:
    text = gpx([pt("36", "35", "2020-03-06T00:00:00Z")]).decode().partition("?>\n")[2]
    bare = text.replace(' xmlns="http://www.topografix.com/GPX/1/1"', "")
    assert len(read(bare.encode()).tracks) == 1
    assert len(read(text.encode("utf-16")).tracks) == 1
