"""Laws of live decoding: chunk borders do not matter, bad bytes never raise, columns give what rows give."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from truceline.errors import TrucelineError
from truceline.formats.csv_table import columns, table
from truceline.formats.live import DecodedBatch, LiveDecoder, live_decoder, live_formats
from truceline.formats.registry import read_bytes

NOW_US = 1_583_452_800_000_000
MAPPING = """
mover: {column: mover}
party: {column: party}
time: {column: t}
lon: {column: lon}
lat: {column: lat}
accuracy: {column: acc, unit: m, convention: 68}
altitude: {column: alt, unit: ft, datum: baro}
"""
HEADER = "mover,t,lon,lat,acc,alt,party"
# One stream a format, with whole records, bad ones and remarks among them.
STREAMS: dict[str, bytes] = {
    "ais-nmea": b"\r\n".join([
        b"!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C",
        b"!AIVDM,2,1,3,B,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0*3E",
        b"1583452801 !AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5C",
        b"!AIVDM,2,2,3,B,1@0000000000000,2*55",
        b"\xff noise", b"", b"!AIVDM,1,1,,B,177KQJ5000G?tO`K>RA1wUbN0TKH,0*5D",
    ]),
    "nmea": b"\n".join([
        b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
        b"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A",
        b"$GPGLL,4916.45,N,12311.12,W,225444,A,*1D", b"$GPGLL,4916.45,N,12311.12,W,225444,A,*1E",
    ]),
    "readsb-json": b"\n".join(
        json.dumps({"now": NOW_US / 1e6 + n, "aircraft": [
            {"hex": "a2fcf2", "lat": 47.1 + n, "lon": -122.3, "seen_pos": 0.5, "alt_baro": 5400, "flight": 'A"{'},
            {"hex": "nope", "lat": 1, "lon": 1}]}, indent=n % 2 or None).encode()
        for n in range(3)
    ),
    "sbs1": b"\r\n".join([
        b"MSG,3,5,211,4CA2D6,10057,2008/11/28,14:53:50.594,2008/11/28,14:58:51.153,,37000,,,51.4,-1.0,,,0,0,0,0",
        b"MSG,3,5", b"rubbish",
    ]),
    "cot": b"".join([
        b'<?xml version="1.0"?>\n<event uid="a" type="a-f-G" time="2020-03-06T00:00:00Z"><point lat="1" lon="2" '
        b'hae="3" ce="4"/></event>', b'\n<event uid="b" type="b-m"></event>', b"<event", b"></event>\n",
        b'<event uid="c" type="a-h-A-M-H" time="2020-03-06T00:00:00Z"><point lat="1" lon="2"/></event>',
    ]),
    "mavlink-log": b"\n".join([
        b'{"mavpackettype": "GLOBAL_POSITION_INT", "timestamp": 1583452800, "lat": 1, "lon": 20000000, "alt": 5}',
        b'{"mavpackettype": "GLOBAL_POSITION_INT", "lat": 10000000, "lon": 20000000, "alt": 5}', b"{", b"a,b",
    ]),
    "remote-id-log": b"\n".join([
        b'{"UASID": "a", "Latitude": 1, "Longitude": 2, "Timestamp": 36000, "HorizAccuracy": 11}', b"[]",
        b'{"UASID": "a", "Latitude": 1.5, "Longitude": 2, "time": "2020-03-06T00:00:00Z"}',
    ]),
    "fix-jsonl": b"\n".join([
        b'{"mover": "a", "lon_deg": 1, "lat_deg": 2, "accuracy_m": 3}', b'{"mover": 1}', b"\xc3",
        b'{"mover": "b", "t": "2020-03-06T00:00:00Z", "lon_deg": 1, "lat_deg": 2, "party": "x"}',
    ]),
    "csv": "\n".join([
        HEADER, "a,2020-03-06T00:00:01Z,1,2,3,4,x", "b,2020-03-06T00:00:02Z,1,99,3,4,x", "a,b", "",
        *(f"{'ab'[n % 2]},2020-03-06T00:01:{n:02d}Z,{n},{n},{n or ''},,y" for n in range(40)),
        '"a,2020-03-06T00:00:01Z,1,2,3,4,x', "c,2020-03-06T00:15Z,1,2,3,4,",
    ]).encode(),
}  # fmt: skip


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("map") / "mapping.yaml"
    path.write_text(MAPPING)
    return path


def opened(format_id: str, mapping: Path) -> LiveDecoder:
    return live_decoder(format_id, name="x", **({"mapping": mapping} if format_id == "csv" else {}))


def told(decoder: LiveDecoder, batches: list[DecodedBatch]) -> tuple[Any, ...]:
    """Everything a feed gave, in order, with movers by their id."""
    rows = [
        (decoder.mover_ids[mover], *rest)
        for batch in batches
        for mover, *rest in zip(
            batch.mover.tolist(), batch.t_us.tolist(), batch.lon_deg.tolist(), batch.lat_deg.tolist(),
            map(repr, batch.accuracy_m.tolist()), map(repr, batch.altitude_m.tolist()), batch.datum.tolist(),
            batch.line.tolist(), strict=True,
        )
    ]  # fmt: skip
    dropped = sorted(
        (item.where.line or 0, item.code, item.kept) for batch in batches for item in batch.dropped
    )
    count = sum(batch.read_count for batch in batches)
    return (
        rows,
        dropped,
        count,
        sorted(decoder.mover_ids),
        [decoder.mover(i) for i in range(len(decoder.mover_ids))],
    )


def decoded(format_id: str, data: bytes, cuts: list[int], mapping: Path) -> tuple[Any, ...]:
    decoder = opened(format_id, mapping)
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    batches = [decoder.feed(data[a:b], NOW_US) for a, b in itertools.pairwise(places)]
    return told(decoder, [*batches, decoder.finish(NOW_US)])


def test_every_live_format_has_a_stream() -> None:
    assert set(STREAMS) == set(live_formats())


@pytest.mark.parametrize("format_id", STREAMS)
@given(cuts=st.lists(st.integers(0, 10_000), max_size=12))
@settings(deadline=None, max_examples=25)
def test_chunk_borders_do_not_matter(format_id: str, cuts: list[int], mapping: Path) -> None:
    data = STREAMS[format_id]
    whole = decoded(format_id, data, [], mapping)
    assert whole[0], "a stream without a fix shows nothing"
    assert decoded(format_id, data, cuts, mapping) == whole
    rows, dropped, count, *_ = whole
    assert count == len(rows) + sum(not kept for _, _, kept in dropped)


@pytest.mark.parametrize("format_id", STREAMS)
def test_byte_by_byte_is_the_same(format_id: str, mapping: Path) -> None:
    data = STREAMS[format_id]
    assert decoded(format_id, data, list(range(len(data))), mapping) == decoded(format_id, data, [], mapping)


@pytest.mark.parametrize("format_id", ["ais-nmea", "nmea", "readsb-json", "cot", "fix-jsonl", "sbs1"])
def test_a_file_gives_what_the_feed_gave(format_id: str, mapping: Path) -> None:
    """Of the fixes that carry their own time; the file sorts them and drops what stands twice."""
    options = {"mover": "x"} if format_id == "nmea" else {"zone": "UTC"}
    records = read_bytes(STREAMS[format_id], name="x", format=format_id, **options)
    decoder = live_decoder(format_id, name="x", **options)
    batches = [decoder.feed(STREAMS[format_id], 1), decoder.finish(1)]
    live = {row[:4] for row in told(decoder, batches)[0] if row[1] != 1}
    filed = {
        (track.mover.id, int(t_us), float(lon), float(lat))
        for track in records.tracks
        for t_us, (lon, lat) in zip(track.t_us, track.lonlat_deg, strict=True)
    }
    assert filed == live


PIECES = [
    b"\x00",
    b"\xbf",
    b"\xbf\x01\xbf",
    b"\n",
    b"\r",
    b'"',
    b"{",
    b"}",
    b"[",
    b",",
    b"<event>",
    b"</event>",
]
PIECES += [b"$GPGGA,", b"!AIVDM,", b"MSG,3,", b"\xff", b"1e999", b"nan", b"*00"]
NOISE = st.lists(st.sampled_from(PIECES) | st.binary(max_size=12), max_size=30)


@pytest.mark.parametrize("format_id", STREAMS)
@given(noise=NOISE, place=st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_bad_bytes_never_raise_and_nothing_is_lost_silently(
    format_id: str, noise: list[bytes], place: int, mapping: Path
) -> None:
    data = STREAMS[format_id]
    at = place % (len(data) + 1)
    dirty = data[:at] + b"".join(noise) + data[at:]
    rows, dropped, count, *_ = decoded(format_id, dirty, [at], mapping)
    assert count == len(rows) + sum(not kept for _, _, kept in dropped)
    try:
        records = read_bytes(dirty, name="x", format=format_id, zone="UTC", **(
            {"mapping": mapping} if format_id == "csv" else {}))  # fmt: skip
    except TrucelineError as error:
        assert error.code
        return
    assert records.read_count == sum(map(len, records.tracks)) + records.dropped_count


CELLS = st.tuples(
    st.sampled_from(["a", "b", "c d", "", " a ", "ü"]),
    st.sampled_from([
        "2020-03-06T00:00:01Z", "2020-03-06T00:00:01.25Z", "2020-03-06 00:00:01+03", "2020-03-06T12Z", "2020-03-06",
        "2020-03-06T00:15:00Z", "2020-03-06T00:00:01", "2020-02-30T00:00:01Z", "", "x", "2020-03-06T23:59:60Z",
        "2020-03-06T00:00:01.1234567Z", "1583452801",
    ]),
    st.sampled_from(["1", "1.5", "-180", "180.0001", "nan", "inf", "", " 2", "+3", "1e1", "1_0", "abc", "0x1", "٣"]),
    st.sampled_from(["1", "-90", "90.5", "nan", "", "2 ", "-1e-3", "9" * 40]),
    st.sampled_from(["3", "", "0", "-1", "nan", "x", "inf"]),
    st.sampled_from(["100", "", "nan", "x", "-5.5"]),
    st.sampled_from(["x", "y", "", " x"]),
).map(",".join)  # fmt: skip
# Lines that parse as columns, though some of their values are none: these are looked at one by one in between.
PARSING = st.tuples(
    st.sampled_from(["a", "b", "c d", "", " a ", "ü"]),
    st.sampled_from(["2020-03-06T00:00:01Z", "2020-03-06T00:00:01.25Z", "2020-03-06T12Z", "2020-03-06T00:15:00Z", ""]),
    st.sampled_from(["1", "1.5", "-180", "180.0001", "nan", "inf", "", " 2", "+3", "1e1"]),
    st.sampled_from(["1", "-90", "90.5", "nan", "", "2 "]),
    st.sampled_from(["3", "", "0", "-1", "nan", "inf"]),
    st.sampled_from(["100", "", "nan", "-5.5"]),
    st.sampled_from(["x", "y", "", " x"]),
).map(",".join)  # fmt: skip
LINES = st.lists(PARSING, min_size=17, max_size=80) | st.lists(
    CELLS | st.sampled_from(["a,b", "", HEADER, '"a', "a" + "," * 7]), min_size=1, max_size=120
)


@given(lines=LINES, cuts=st.lists(st.integers(0, 10_000), max_size=4))
@example(lines=["a,2020-03-06T00:00:01Z,1,2,3,100,x"] * 40 + ["b,,,,,,"], cuts=[])
@settings(deadline=None, max_examples=120)
def test_columns_give_what_rows_give(lines: list[str], cuts: list[int], mapping: Path) -> None:
    pytest.importorskip("pyarrow")
    data = ("\n".join([HEADER, *lines]) + "\n").encode()
    fast = decoded("csv", data, cuts, mapping)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns.ArrowParser, "serves", staticmethod(lambda *_, **__: False))
        careful = decoded("csv", data, [], mapping)
    assert fast == careful


def test_a_large_file_by_columns_is_the_file_by_rows(mapping: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(7)
    rows = [
        f"m{i % 7},2020-03-06T{i // 3600:02d}:{i // 60 % 60:02d}:{i % 60:02d}Z,{x:.6f},{y:.6f},{i % 5 or ''},{i},p"
        for i, (x, y) in enumerate(rng.uniform(-89, 89, (4000, 2)))
    ]
    rows[17], rows[1900] = "m1,2020-03-06T00:00:17Z,bad,1,1,1,p", "only,two"
    data = "\r\n".join([HEADER, *rows]).encode()
    careful = read_bytes(data, name="x.csv", format="csv", mapping=mapping)
    monkeypatch.setattr(table, "FAST_FROM_BYTES", 0)
    monkeypatch.setattr(table, "PIECE_BYTES", 10_000)
    fast = read_bytes(data, name="x.csv", format="csv", mapping=mapping)
    assert fast.dropped == careful.dropped
    assert [item.code for item in careful.dropped] == ["bad-number", "bad-row"]
    for one, other in zip(fast.tracks, careful.tracks, strict=True):
        assert one.mover == other.mover
        for name in ("t_us", "lonlat_deg", "accuracy_m", "altitude_m"):
            assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=name.endswith("_m")), (
                name
            )
        assert one.source == other.source
