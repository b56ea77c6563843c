"""Cursor on Target events, as XML and as packets that takproto makes."""

from __future__ import annotations

import math

import pytest

from truceline.errors import FormatError, UsageError
from truceline.formats.live import live_decoder
from truceline.formats.registry import detect, read_bytes
from truceline.model.evidence import Records
from truceline.timebase import parse_instant

takproto = pytest.importorskip("takproto")


def event(*, uid: str = "patrol-1", kind: str = "a-f-G-E-V", time: str = "2020-03-06T00:00:00.5Z", ce: str = "4.0",
          hae: str = "410.5", lat: str = "35.8", lon: str = "36.6", how: str = "m-g") -> str:  # fmt: skip
    return (
        f'<event version="2.0" uid="{uid}" type="{kind}" how="{how}" time="{time}" start="{time}" stale="{time}">'
        f'<point lat="{lat}" lon="{lon}" hae="{hae}" ce="{ce}" le="9999999.0"/>'
        '<detail><contact callsign="PATROL 1"/></detail></event>'
    )


def read(*events: str, **options: object) -> Records:
    return read_bytes("\n".join(events).encode(), name="log.cot", format="cot", **options)


def codes(records: Records) -> list[tuple[str, int | None, bool]]:
    return [(item.code, item.where.line, item.kept) for item in records.dropped]


def test_an_event() -> None:
    (track,) = read(event()).tracks
    assert (track.mover.id, track.mover.name) == ("patrol-1", "PATROL 1")
    assert (track.mover.mover_class, track.mover.party) == ("vehicle", None)
    assert track.t_us.tolist() == [parse_instant("2020-03-06T00:00:00.5Z")]
    assert track.lonlat_deg.tolist() == [[36.6, 35.8]]
    assert (track.altitude_m.tolist(), track.altitude_datum) == ([410.5], "ellipsoid")
    # 4 m sigma of one axis; 95 % of a circular normal error lies within sqrt(-2 ln 0.05) = 2.4477 sigma
    assert track.accuracy_m[0] == pytest.approx(9.791, abs=1e-3)


@pytest.mark.parametrize(
    ("convention", "factor"),
    [("95", 1.0), ("90", 1.1406), ("cep50", 2.0789)],  # sqrt(ln 0.05 / ln 0.1), sqrt(ln 0.05 / ln 0.5)
)
def test_the_convention_of_ce_can_be_stated(convention: str, factor: float) -> None:
    (track,) = read(event(), ce=convention).tracks
    assert track.accuracy_m[0] == pytest.approx(4 * factor, abs=1e-3)


def test_unknown_is_unknown() -> None:
    (track,) = read(event(ce="9999999.0", hae="9999999")).tracks
    assert math.isnan(track.accuracy_m[0])
    assert math.isnan(track.altitude_m[0])
    assert track.altitude_datum == ""


def test_affiliation_makes_a_party_only_where_it_is_said() -> None:
    assert read(event(), affiliations="f=russia").tracks[0].mover.party == "russia"
    with pytest.raises(UsageError, match="affiliation letter"):
        read(event(), affiliations="friend")


def test_an_element_round_the_events_and_line_numbers() -> None:
    records = read('<?xml version="1.0"?>', "<events>", event(), event(time="yesterday"), "</events>")
    assert len(records.tracks[0]) == 1
    assert codes(records) == [("bad-time", 4, False)]


def test_what_is_no_usable_position_is_named() -> None:
    records = read(
        event(kind="b-m-p-s-m"),
        event(kind="b-t-f"),
        event(uid=""),
        event(lat="0", lon="0", ce="9999999"),
        event(ce="0"),
        event(lat="91", uid="x"),
        event(how="h-e", uid="by-hand"),
        "<event uid='a' type='a-f-G'></event>",
        "<event uid='a'><point</event>",
        "<!DOCTYPE e [<!ENTITY a 'b'>]>" + event(),
    )
    assert codes(records) == [
        ("no-mover", 3, False),
        ("no-position", 4, False),
        ("bad-accuracy", 5, True),
        ("swapped?", 6, False),
        ("entered-by-hand", 7, True),
        ("no-position", 8, False),
        ("bad-event", 9, False),
        ("bad-event", 10, False),
        ("other-message", 1, True),
    ]
    assert records.read_count == 8


def test_packets_of_the_tak_protocol_give_what_the_xml_gives() -> None:
    wanted = live_decoder("cot").feed(event().encode(), 0)
    for version in (takproto.TAKProtoVer.MESH, takproto.TAKProtoVer.STREAM):
        packet = bytes(takproto.xml2proto(event(), version))
        decoder = live_decoder("cot")
        batch = decoder.feed(packet, 0, whole=True)
        assert batch.t_us.tolist() == wanted.t_us.tolist()
        assert (batch.lon_deg[0], batch.lat_deg[0], batch.altitude_m[0]) == (36.6, 35.8, 410.5)
        assert batch.accuracy_m.tolist() == wanted.accuracy_m.tolist()
        assert decoder.mover(0).name == "PATROL 1"


def test_packets_follow_xml_and_each_other_in_a_stream() -> None:
    packet = bytes(takproto.xml2proto(event(uid="b"), takproto.TAKProtoVer.STREAM))
    data = event().encode() + packet + packet + event(uid="c").encode()
    for size in (1, 7, len(data)):
        decoder = live_decoder("cot")
        batches = [decoder.feed(data[start : start + size], 0) for start in range(0, len(data), size)]
        assert sum(map(len, batches)) == 4
        assert decoder.mover_ids == ["patrol-1", "b", "c"]
    cut = live_decoder("cot").feed(packet[:-1], 0, whole=True)
    assert [item.code for item in cut.dropped] == ["bad-event"]


def test_another_format_is_refused_and_this_one_recognised() -> None:
    with pytest.raises(FormatError, match="nothing in it"):
        read("<gpx></gpx>")
    assert detect("x.xml", event().encode()) == "cot"
