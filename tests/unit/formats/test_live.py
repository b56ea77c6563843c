"""Live decoding: what arrives in pieces gives what the whole file gives."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import UsageError
from truceline.formats.fixes import DATUMS
from truceline.formats.framing import MAX_FRAME_BYTES, EventFramer, LineFramer, SnapshotFramer
from truceline.formats.live import live_decoder

# E. S. Raymond, "AIVDM/AIVDO protocol decoding": MMSI 477553000 at 122.34583 W 47.58283 N
RAYMOND = b"!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C"
MITCHELL = (
    b"!AIVDM,2,1,3,B,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0*3E",
    b"!AIVDM,2,2,3,B,1@0000000000000,2*55",
)
NOW_US = 1_583_452_800_000_000


def test_a_sentence_without_a_time_has_the_instant_of_reception() -> None:
    decoder = live_decoder("ais-nmea", name="udp:10110")
    batch = decoder.feed(RAYMOND + b"\r\n", NOW_US)
    assert (batch.t_us.tolist(), decoder.mover_ids, batch.mover.tolist()) == (
        [NOW_US],
        ["mmsi:477553000"],
        [0],
    )
    assert (batch.lon_deg[0], batch.lat_deg[0]) == pytest.approx((-122.34583, 47.58283), abs=1e-5)
    assert batch.mover.dtype == np.int32
    assert batch.datum.tolist() == [DATUMS.index("")]
    assert decoder.mover(0).mover_class == "vessel"


def test_its_own_time_is_kept() -> None:
    batch = live_decoder("ais-nmea").feed(b"1583452000 " + RAYMOND + b"\n", NOW_US)
    assert batch.t_us.tolist() == [1_583_452_000_000_000]


def test_a_line_is_read_once_it_is_whole() -> None:
    decoder = live_decoder("ais-nmea")
    assert len(decoder.feed(RAYMOND[:20], NOW_US)) == 0
    assert decoder.feed(RAYMOND[20:] + b"\n", NOW_US + 5).t_us.tolist() == [NOW_US + 5]
    assert len(decoder.feed(RAYMOND, NOW_US)) == 0
    assert len(decoder.finish(NOW_US)) == 1
    assert len(decoder.feed(RAYMOND, NOW_US, whole=True)) == 1


def test_bad_lines_are_counted_and_named_by_line() -> None:
    decoder = live_decoder("ais-nmea", name="tcp:host:1")
    batch = decoder.feed(b"\xff\xfe\n" + RAYMOND[:-1] + b"D\n", NOW_US)
    assert [(item.code, str(item.where)) for item in batch.dropped] == [
        ("bad-sentence", "tcp:host:1:1"),
        ("bad-checksum", "tcp:host:1:2"),
    ]
    assert batch.read_count == 2
    assert decoder.feed(b"x\n", NOW_US).dropped[0].where.line == 3
    assert decoder.counts == {"bad-sentence": 2, "bad-checksum": 1}


def test_parts_far_apart_in_time_are_not_joined() -> None:
    decoder = live_decoder("ais-nmea")
    decoder.feed(MITCHELL[0] + b"\n", NOW_US)
    batch = decoder.feed(MITCHELL[1] + b"\n", NOW_US + 31_000_000)
    assert [item.code for item in batch.dropped] == ["incomplete-message", "incomplete-message"]


def test_messages_that_wait_for_their_rest_are_bounded() -> None:
    def part(sequence: int) -> bytes:
        body = f"AIVDM,2,1,{sequence},A,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0".encode()
        value = 0
        for byte in body:
            value ^= byte
        return b"!" + body + f"*{value:02X}\n".encode()

    decoder = live_decoder("ais-nmea")
    batch = decoder.feed(b"".join(part(number) for number in range(70)), NOW_US)
    assert [item.code for item in batch.dropped] == ["incomplete-message"] * 6
    assert len(decoder.finish(NOW_US).dropped) == 64


def test_a_format_read_from_files_only_says_so() -> None:
    with pytest.raises(UsageError, match="files only"):
        live_decoder("gpx")
    with pytest.raises(UsageError, match="takes no option mapping"):
        live_decoder("ais-nmea", mapping="x")


# ---------------------------------------------------------------- framers


def fed(framer: LineFramer | SnapshotFramer | EventFramer, *pieces: bytes) -> list[tuple[int, bytes | None]]:
    return [frame for piece in pieces for frame in framer.feed(piece)] + list(framer.finish())


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_every_ending_of_a_line_is_one(ending: bytes) -> None:
    data = b"a" + ending + ending + b"bc" + ending
    wanted = [(1, b"a"), (2, b""), (3, b"bc")]
    assert fed(LineFramer(), data) == wanted
    assert fed(LineFramer(), *(data[i : i + 1] for i in range(len(data)))) == wanted


def test_a_line_without_end_is_given_up() -> None:
    long = b"x" * (MAX_FRAME_BYTES // 2 + 1)
    assert fed(LineFramer(), long, long + b"\nok\n") == [(1, None), (2, b"ok")]
    assert fed(LineFramer(), long + long + b"\nok") == [(1, None), (2, b"ok")]


def test_an_object_may_span_lines_and_a_cut_one_costs_itself_only() -> None:
    whole = b'{ "now" : 1,\n "aircraft" : [\n{"flight":"A}{"}\n]\n}\n'
    assert fed(SnapshotFramer(), whole, whole) == [(1, whole[:-1]), (6, whole[:-1])]
    cut = whole[:20]
    assert fed(SnapshotFramer(), cut, b"\n", whole) == [(1, cut), (3, whole[:-1])]


def test_events_follow_each_other_without_line_ends() -> None:
    one, two = b"<event a='1'><point/></event>", b"<?xml version='1.0'?>\n<event></event>"
    data = one + two + b"\n\n" + one
    wanted = [(1, one), (1, two), (4, one)]
    assert fed(EventFramer(b"event"), data) == wanted
    assert fed(EventFramer(b"event"), *(data[i : i + 1] for i in range(len(data)))) == wanted
    assert fed(EventFramer(b"event"), one, b" <event") == [(1, one), (1, b"<event")]


def test_an_event_without_end_is_given_up() -> None:
    long = b"\n<event>" + b"x" * MAX_FRAME_BYTES
    ok = b"<event></event>"
    for pieces in ((long + b"</event>" + ok,), (long, b"\ny</event>" + ok)):
        (first, second) = fed(EventFramer(b"event"), *pieces)
        assert first == (2, None)
        assert second[1] == ok
