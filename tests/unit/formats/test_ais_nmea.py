"""AIS sentences. Two come from the published AIVDM description; the others are packed bit by bit here."""

from __future__ import annotations

import math

import pytest

from truceline.formats.registry import read_bytes
from truceline.model.evidence import Records

# E. S. Raymond, "AIVDM/AIVDO protocol decoding": MMSI 477553000 at 122.34583 W 47.58283 N, accuracy low
RAYMOND = "!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C"
# The same document: MMSI 369190000, MT.MITCHELL, type 99
MITCHELL = (
    "!AIVDM,2,1,3,B,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0*3E",
    "!AIVDM,2,2,3,B,1@0000000000000,2*55",
)
T = 1_583_452_800  # 2020-03-06T00:00Z


def checked(body: str) -> str:
    value = 0
    for character in body:
        value ^= ord(character)
    return f"{body}*{value:02X}"


def sentence(bits: str) -> str:
    """Six bits a character, as ITU-R M.1371 and IEC 61162-1 armour them."""
    fill = -len(bits) % 6
    bits += "0" * fill
    values = [int(bits[i : i + 6], 2) for i in range(0, len(bits), 6)]
    payload = "".join(chr(v + 48 if v < 40 else v + 56) for v in values)
    return "!" + checked(f"AIVDM,1,1,,A,{payload},{fill}")


def field(value: int, width: int) -> str:
    return format(value & ((1 << width) - 1), f"0{width}b")


def type_1(mmsi: int, lon: float, lat: float, *, accuracy: int = 0) -> str:
    parts = [(1, 6), (0, 2), (mmsi, 30), (0, 4), (-128, 8), (1023, 10), (accuracy, 1)]
    parts += [(round(lon * 600_000), 28), (round(lat * 600_000), 27), (3600, 12), (511, 9), (60, 6), (0, 25)]
    return sentence("".join(field(value, width) for value, width in parts))


def type_27(mmsi: int, lon: float, lat: float, *, accuracy: int) -> str:
    parts = [(27, 6), (3, 2), (mmsi, 30), (accuracy, 1), (0, 1), (0, 4), (round(lon * 600), 18)]
    parts += [(round(lat * 600), 17), (63, 6), (511, 9), (0, 2)]
    return sentence("".join(field(value, width) for value, width in parts))


def read(*lines: str, **options: object) -> Records:
    return read_bytes("\r\n".join(lines).encode("latin-1"), name="log.nmea", format="ais-nmea", **options)


def codes(records: Records) -> list[tuple[str, int | None, bool]]:
    return [(item.code, item.where.line, item.kept) for item in records.dropped]


def tag(body: str) -> str:
    return f"\\{checked(body)}\\"


@pytest.mark.parametrize(
    "line",
    [
        tag(f"s:r1,c:{T}") + RAYMOND,
        tag(f"c:{T}000") + RAYMOND,
        f"\\c:{T}\\" + RAYMOND,
        f"{T},{RAYMOND}",
        f"{T}.0 {RAYMOND}",
        f"{T}000;{RAYMOND}",
        f"2020-03-06T00:00:00Z {RAYMOND}",
        f"2020-03-06 03:00:00+03:00,{RAYMOND}",
        f"{RAYMOND},{T}",
        f"{RAYMOND},r003669945,{T}",
        f"{RAYMOND} 2020-03-06T00:00:00.000Z",
        f"{tag(f'c:{T}')}\n{RAYMOND}",
    ],
)
def test_the_places_where_a_time_may_stand(line: str) -> None:
    records = read(line)
    (track,) = records.tracks
    assert track.mover.id == "mmsi:477553000"
    assert track.t_us.tolist() == [T * 1_000_000]
    assert track.lonlat_deg[0] == pytest.approx([-122.34583, 47.58283], abs=1e-5)
    assert math.isnan(track.accuracy_m[0])  # the flag says low, which is no number
    assert (track.longest_gap_s, records.dropped) == (600.0, ())


def test_local_times_need_a_stated_zone() -> None:
    line = f"2020-03-06 03:00:00,{RAYMOND}"
    assert codes(read(line)) == [("no-zone", 1, True), ("no-time", 1, False)]
    assert read(line, zone="Europe/Moscow").tracks[0].t_us.tolist() == [T * 1_000_000]


def test_a_time_serves_one_sentence_only() -> None:
    records = read(tag(f"c:{T}"), RAYMOND, RAYMOND)
    assert codes(records) == [("no-time", 3, False)]


def test_a_message_in_two_sentences_gives_name_and_class() -> None:
    position = type_1(369190000, -76.0, 36.9)
    records = read(*MITCHELL, f"{T},{position}")
    (track,) = records.tracks
    assert (track.mover.name, track.mover.mover_class) == ("MT.MITCHELL", "vessel")
    assert records.read_count == 1


def test_two_messages_in_parts_may_be_interleaved() -> None:
    other = ["!" + checked(line[1:].partition("*")[0].replace(",3,B", ",4,A")) for line in MITCHELL]
    records = read(MITCHELL[0], other[0], MITCHELL[1], other[1])
    assert records.dropped == ()


def test_parts_that_are_missing_are_named() -> None:
    records = read(MITCHELL[1], MITCHELL[0], MITCHELL[0])
    assert codes(records) == [("incomplete-message", line, False) for line in (1, 2, 3)]
    assert records.read_count == 3


def test_accuracy_comes_from_the_flag() -> None:
    records = read(
        f"{T},{type_1(211000001, 10.0, 54.0, accuracy=1)}",
        f"{T},{type_27(211000002, 10.0, 54.0, accuracy=1)}",
        f"{T},{type_27(211000003, 10.0, 54.0, accuracy=0)}",
        accuracy="200 m",
    )
    high, long_range, low = (track.accuracy_m[0] for track in records.tracks)
    assert high == 10.0  # ITU-R M.1371: high is 10 m or better
    assert long_range == pytest.approx(10 + 92.6 * math.sqrt(2))  # half of 1/10 minute, 185.2 m, on each axis
    assert low == 200.0


def test_every_oddity_has_its_outcome() -> None:
    good = type_1(211000001, 10.0, 54.0)
    records = read(
        "# receiver restarted",
        f"{T},{good}",
        f"{T},{type_1(211000001, 181.0, 91.0)}",
        f"{T},{type_27(211000001, 181.0, 91.0, accuracy=0)}",
        good,
        f"{T},{good[:-2]}00",
        f"{T},{good[:20]}",
        "\x8f\x00noise\xff",
        f"{T},!" + checked("AIVDM,1,1,,A,1,0"),
        f"{T}," + sentence(field(1, 6) + field(0, 2) + field(211000001, 30) + "0" * 77),  # one bit short
        f"{T},!" + checked("AIVDM,x,1,,A,1,0"),
        f"\\c:{T}*00\\{good}",
        f"\\c:soon\\{good}",
        f"{T},{good}",
        f"{T},{type_1(211000001, 10.1, 54.0)}",
        f"{T}," + sentence(field(4, 6) + field(0, 2) + field(2111111, 30) + "0" * 130),
        f"{T},{type_1(111211001, 10.0, 54.0)}",
    )
    assert codes(records) == [
        ("no-position", 3, False),
        ("no-position", 4, False),
        ("no-time", 5, False),
        ("bad-checksum", 6, False),
        ("bad-sentence", 7, False),
        ("bad-sentence", 8, False),
        ("bad-message", 9, False),
        ("bad-message", 10, False),
        ("bad-sentence", 11, False),
        ("bad-checksum", 12, True),
        ("no-time", 12, False),
        ("bad-time", 13, True),
        ("no-time", 13, False),
        ("odd-mmsi", 17, True),
        ("other-message", 16, True),
        ("duplicate", 14, False),
        ("conflict", 15, False),
    ]
    assert records.read_count == sum(map(len, records.tracks)) + records.dropped_count
    assert [track.mover.id for track in records.tracks] == ["mmsi:211000001", "mmsi:111211001"]
