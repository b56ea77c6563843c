"""CSV with a mapping file."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from truceline.errors import DocumentError, FormatError, UsageError
from truceline.formats.registry import read_bytes
from truceline.model.evidence import Records

BASE = "mover: {column: id}\nlon: {column: x}\nlat: {column: y}\n"
UTC = BASE + "time: {column: t}\n"


@pytest.fixture
def read(tmp_path: Path):
    def run(table: str | bytes, mapping: str, **options: object) -> Records:
        path = tmp_path / "mapping.yaml"
        path.write_text(mapping, encoding="utf-8")
        data = table.encode() if isinstance(table, str) else table
        return read_bytes(data, name="t.csv", format="csv", mapping=path, **options)

    return run


def codes(records: Records) -> list[tuple[str, int | None, bool]]:
    return [(item.code, item.where.line, item.kept) for item in records.dropped]


def test_a_whole_mapping(read) -> None:
    mapping = """
mover: {column: Call sign}
name: {column: Call sign}
party: {column: Side, values: {R: russia, T: turkey}}
class: {value: armoured-vehicle}
purpose: {value: joint-patrol}
armed: true
time: {column: [Date, Clock], time_format: "%d.%m.%Y %H:%M:%S", zone: Europe/Moscow}
lon: {column: Lon}
lat: {column: Lat}
accuracy: {column: Err, unit: ft, convention: cep50}
altitude: {column: Alt, unit: ft, datum: msl}
longest_gap: 5 min
delimiter: ";"
decimal_comma: true
exercise: true
note: typed from the patrol log
"""
    table = (
        "Call sign;Side;Date;Clock;Lon;Lat;Err;Alt\n"
        "p1;R;06.03.2020;03:00:00;36,5;35,8;10;1000\n"
        "p2;T;06.03.2020;03:00:30;36,6;35,9;;\n"
    )
    records = read(table, mapping)
    first, second = records.tracks
    assert (first.mover.id, first.mover.party, second.mover.party) == ("p1", "russia", "turkey")
    assert (first.mover.mover_class, first.mover.purpose, first.mover.armed) == (
        "armoured-vehicle",
        "joint-patrol",
        True,
    )
    assert second.t_us[0] - first.t_us[0] == 30_000_000
    assert first.t_us[0] == 1_583_452_800_000_000  # 2020-03-06T00:00Z
    assert first.lonlat_deg.tolist() == [[36.5, 35.8]]
    # CEP 10 ft = 3.048 m; sigma = CEP / 1.17741, 95 % radius = 2.44775 sigma
    assert first.accuracy_m[0] == pytest.approx(3.048 / 1.17741 * 2.44775, rel=1e-5)
    assert math.isnan(second.accuracy_m[0])
    assert first.altitude_m[0] == pytest.approx(304.8)
    assert (first.altitude_datum, second.altitude_datum) == ("msl", "")
    assert (first.longest_gap_s, first.exercise) == (300.0, True)
    assert "cep50" in first.source.note
    assert "typed from the patrol log" in first.source.note
    assert records.dropped == ()


# Ratio of the 95 % radius to each convention's (2-D circular normal): reliability of the factors from the
# constants printed in the literature: 2.4477 (95 %), 1.5096 (68 %), 1.4142 (2-D RMS), 1.1774 (50 %).
@pytest.mark.parametrize(
    ("convention", "sigmas"), [("95", 2.4477), ("68", 1.5096), ("rms", 1.4142), ("cep50", 1.1774)]
)
def test_accuracy_conventions_become_the_95_radius(read, convention: str, sigmas: float) -> None:
    mapping = UTC + f"accuracy: {{value: 20 m, convention: {convention}}}\n"
    (track,) = read("id,t,x,y\na,2020-03-06T00:00Z,1,2\n", mapping).tracks
    assert track.accuracy_m[0] == pytest.approx(20 * 2.4477 / sigmas, rel=1e-4)
    assert (convention == "95") == (track.source.note == "")


@pytest.mark.parametrize(
    ("more", "code", "line"),
    [
        ("longest_gap: 5\n", "bare-number", 5),
        ("longest_gap: -5 min\n", "quantity", 5),
        ("accuracy: {value: 15, convention: 95}\n", "bare-number", 5),
        ("accuracy: {column: e, convention: 95}\n", "bare-number", 5),
        ("accuracy: {column: e, unit: m}\n", "missing", 5),
        ("accuracy: {column: e, unit: parsec, convention: 95}\n", "literal-error", 5),
        ("accuracy: {column: e, unit: m, convention: 90}\n", "literal-error", 5),
        ("class: {value: tanks}\n", "class", 5),
        ("party: {column: a, value: b}\n", "one-of", 5),
        ("partie: {value: russia}\n", "unknown-key", 5),
        ("altitude: {column: z, unit: m}\n", "missing", 5),
        ("delimiter: ab\n", "delimiter", 5),
        ("encoding: latin-99\n", "encoding", 5),
        ("exercise: perhaps\n", "bool-parsing", 5),
    ],
)
def test_faults_of_the_mapping_have_their_line(read, more: str, code: str, line: int) -> None:
    with pytest.raises(DocumentError) as caught:
        read("id,t,x,y\n", UTC + more)
    assert [(item.code, item.where.line) for item in caught.value.problems] == [(code, line)]


@pytest.mark.parametrize(
    ("time", "code"),
    [
        ('{column: t, time_format: "%d.%m.%Y"}', "no-zone"),
        ("{column: t, time_format: epoch-s, zone: UTC}", "zone"),
        ("{column: t, time_format: excel}", "time-format"),
        ("{column: t, zone: Damascus}", "zone"),
    ],
)
def test_faults_of_the_time(read, time: str, code: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read("id,t,x,y\n", BASE + f"time: {time}\n")
    assert caught.value.problems[0].code == code


def test_all_faults_of_a_mapping_come_at_once(read) -> None:
    with pytest.raises(DocumentError) as caught:
        read("id,t,x,y\n", "mover: {column: id}\nlongest_gap: 5\nclass: {value: tankk}\n")
    assert [item.code for item in caught.value.problems] == ["missing"] * 3 + ["bare-number", "class"]
    assert "did you mean 'tank'" in str(caught.value)


def test_no_mapping_is_a_question_not_a_guess() -> None:
    with pytest.raises(UsageError) as caught:
        read_bytes(b"id,t,x,y\n", name="t.csv")
    assert caught.value.code == "no-mapping"


def test_columns_the_file_lacks_are_named_together(read) -> None:
    with pytest.raises(FormatError) as caught:
        read("id,t\n", UTC)
    assert "x, y" in str(caught.value)


def test_times_without_a_zone_are_refused_unless_one_is_stated(read) -> None:
    table = "id,t,x,y\na,2020-03-06T00:00:00,1,2\n"
    with pytest.raises(UsageError) as caught:
        read(table, UTC)
    assert caught.value.code == "no-zone"
    (track,) = read(table, UTC, zone="Asia/Damascus").tracks
    assert track.t_us[0] == 1_583_452_800_000_000 - 2 * 3_600_000_000  # UTC+2 before the end of March
    mixed = read(table + "b,2020-03-06T00:00:00Z,1,2\n", UTC)
    assert codes(mixed) == [("no-zone", 2, False)]


def test_a_thing_said_twice_is_refused(read) -> None:
    with pytest.raises(UsageError) as caught:
        read("id,t,x,y\n", UTC + "party: {value: a}\nlongest_gap: 5 min\n", party="b", longest_gap="1 min")
    assert "party, longest_gap" in str(caught.value)


def test_every_oddity_of_a_row_has_its_outcome(read) -> None:
    rows = [
        "a,2020-03-06T00:00:00Z,36.0,35.0,5,100",  # line 2, good
        "a,2020-03-06T00:00:10Z,NaN,35.0,5,100",
        "a,2020-03-06T00:00:20Z,36.0,inf,5,100",
        "a,2020-03-06T00:00:30Z,35.0,136.0,5,100",
        "a,2020-03-06T00:00:40Z,360.0,35.0,5,100",
        "a,2020-03-06T00:00:50Z,,35.0,5,100",
        "a,2020-03-06T00:01:00Z,east,35.0,5,100",
        "a,2020-02-30T00:00:00Z,36.0,35.0,5,100",
        "a,,36.0,35.0,5,100",
        "a,2020-03-06,36.0,35.0,5,100",
        ",2020-03-06T00:01:10Z,36.0,35.0,5,100",
        "a,2020-03-06T00:01:20Z,36.0",
        "a,2020-03-06T00:01:30Z,36.0,35.0,0,100",  # an accuracy of 0 m is no accuracy
        "a,2020-03-06T00:01:40Z,36.0,35.0,5,high",
        "a,2016-12-31T23:59:60Z,36.0,35.0,5,100",
    ]
    mapping = (
        UTC + "accuracy: {column: e, unit: m, convention: 95}\naltitude: {column: z, unit: m, datum: msl}\n"
    )
    records = read("id,t,x,y,e,z\n" + "\n".join(rows) + "\n", mapping)
    assert codes(records) == [
        ("not-finite", 3, False),
        ("not-finite", 4, False),
        ("swapped?", 5, False),
        ("out-of-range", 6, False),
        ("no-position", 7, False),
        ("bad-number", 8, False),
        ("bad-time", 9, False),
        ("no-time", 10, False),
        ("no-time", 11, False),
        ("no-mover", 12, False),
        ("bad-row", 13, False),
        ("bad-accuracy", 14, True),
        ("bad-altitude", 15, True),
        ("leap-second", 16, True),
        ("out-of-order", 16, True),
    ]
    (track,) = records.tracks
    assert len(track) == 4
    assert records.read_count == 15 == len(track) + records.dropped_count
    assert track.source.line == 16  # of the earliest fix
    assert math.isnan(track.accuracy_m[2])
    assert math.isnan(track.altitude_m[3])


def test_words_not_among_the_values_are_not_guessed(read) -> None:
    mapping = UTC + "party: {column: p, values: {R: russia}}\nclass: {column: c}\n"
    table = "id,t,x,y,p,c\na,2020-03-06T00:00Z,1,2,X,jeep\na,2020-03-06T00:01Z,1,2,R,tank\n"
    records = read(table, mapping)
    assert codes(records) == [
        ("unknown-class", 2, True),
        ("unknown-value", 2, True),
        ("mover-differs", 3, True),
    ]
    assert (records.tracks[0].mover.party, records.tracks[0].mover.mover_class) == (None, None)


def test_degrees_minutes_seconds_and_epoch(read) -> None:
    mapping = BASE + "time: {column: t, time_format: epoch-ms}\ncoordinates: dms\nencoding: cp1256\n"
    table = (
        "id,t,x,y\nدورية,1583452800250,36°30'00\"E,35°15'36\"N\nدورية,1583452801250,36°61'00\"E,35°15'36\"N\n"
    )
    records = read(table.encode("cp1256"), mapping)
    (track,) = records.tracks
    assert track.mover.id == "دورية"
    assert track.t_us[0] == 1_583_452_800_250_000
    assert track.lonlat_deg[0] == pytest.approx([36.5, 35.26])
    assert codes(records) == [("bad-number", 3, False)]


def test_one_mover_for_the_whole_file_and_a_byte_order_mark(read) -> None:
    mapping = "mover: {value: patrol-7}\nlon: {column: x}\nlat: {column: y}\ntime: {column: t}\n"
    (track,) = read("\ufeffx,y,t\n1,2,2020-03-06T00:00Z\n", mapping).tracks
    assert track.mover.id == "patrol-7"
