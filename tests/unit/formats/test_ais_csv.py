"""AIS as MarineCadastre gives it."""

from __future__ import annotations

import numpy as np
import pytest

from truceline.errors import FormatError, UsageError
from truceline.formats.ais_csv import is_ship, parse_flags
from truceline.formats.registry import read_bytes
from truceline.model.evidence import Records

HEAD = "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status\n"


def read(*rows: str, **options: object) -> Records:
    return read_bytes((HEAD + "\n".join(rows) + "\n").encode(), name="ais.csv", **options)


def row(
    mmsi: str = "367379190",
    time: str = "2022-01-03T00:00:00",
    lat: str = "30.5",
    lon: str = "-88.5",
    name: str = "EAGLE",
    kind: str = "31",
) -> str:
    return f"{mmsi},{time},{lat},{lon},102.3,360.0,511,{name},IMO1,WTD,{kind},0"


def codes(records: Records) -> list[tuple[str, int | None, bool]]:
    return [(item.code, item.where.line, item.kept) for item in records.dropped]


def test_a_vessel() -> None:
    records = read(row(), row(time="2022-01-03T00:01:10", lat="30.6"))
    (track,) = records.tracks
    assert (track.mover.id, track.mover.name, track.mover.mover_class) == (
        "mmsi:367379190",
        "EAGLE",
        "vessel",
    )
    assert track.mover.party is None  # no guess from the flag
    # 2022-01-03: 52 years of 365 days with 13 leap days, then 2 days
    assert track.t_us[0] == (52 * 365 + 13 + 2) * 86_400_000_000
    assert track.t_us[1] - track.t_us[0] == 70_000_000
    assert track.lonlat_deg.tolist() == [[-88.5, 30.5], [-88.5, 30.6]]
    assert np.isnan(track.accuracy_m).all()
    assert track.longest_gap_s == 600.0
    assert records.dropped == ()


def test_the_option_for_the_longest_gap_wins_over_the_default() -> None:
    assert read(row(), longest_gap="3 min").tracks[0].longest_gap_s == 180.0


@pytest.mark.parametrize(
    ("kinds", "option", "expected"),
    [
        (["35"], None, "warship"),
        (["35"], "vessel", "warship"),
        (["", "35"], None, "warship"),
        (["70"], "warship", "warship"),
        (["", "0"], None, "vessel"),
    ],
)
def test_class_from_the_type_of_ship(kinds: list[str], option: str | None, expected: str) -> None:
    rows = [row(kind=kind, time=f"2022-01-03T00:0{i}:00") for i, kind in enumerate(kinds)]
    assert read(*rows, mover_class=option).tracks[0].mover.mover_class == expected


def test_a_change_between_military_and_other_is_remarked() -> None:
    records = read(row(kind="70"), row(kind="35", time="2022-01-03T00:01:00"))
    assert codes(records) == [("mover-differs", 3, True)]
    assert records.tracks[0].mover.mover_class == "vessel"


def test_party_from_the_flag_only_where_asked() -> None:
    rows = (row(mmsi="412000001"), row(mmsi="416000001"), row(mmsi="367000001"), row(mmsi="004120000"))
    parties = [track.mover.party for track in read(*rows, flags="412=china, 416=taiwan").tracks]
    assert parties == ["china", "taiwan", None, None]
    with pytest.raises(UsageError):
        parse_flags("china=412")


def test_every_oddity_has_its_outcome() -> None:
    records = read(
        row(),
        row(lon="181", time="2022-01-03T00:01:00"),
        row(lat="91.0", time="2022-01-03T00:02:00"),
        row(lat="NaN", time="2022-01-03T00:03:00"),
        row(lon="30.5", lat="-88.5e1", time="2022-01-03T00:04:00"),
        row(lat="", time="2022-01-03T00:05:00"),
        row(time="2022-13-03T00:06:00"),
        row(time=""),
        row(mmsi=""),
        "1,2,3",
        row(),
        row(lat="30.51"),
        row(mmsi="3669884", kind=""),
    )
    assert codes(records) == [
        ("no-position", 3, False),
        ("no-position", 4, False),
        ("not-finite", 5, False),
        ("out-of-range", 6, False),
        ("no-position", 7, False),
        ("bad-time", 8, False),
        ("no-time", 9, False),
        ("no-mover", 10, False),
        ("bad-row", 11, False),
        ("odd-mmsi", 14, True),
        ("duplicate", 12, False),
        ("conflict", 13, False),
    ]
    assert records.read_count == 13 == sum(map(len, records.tracks)) + records.dropped_count
    assert records.tracks[1].mover.mover_class is None


def test_the_newer_column_names() -> None:
    head = "mmsi,base_date_time,longitude,latitude,sog,cog,heading,vessel_name,imo,call_sign,vessel_type\n"
    data = head + "367379190,2024-01-03 00:00:00,-88.5,30.5,0,0,511,EAGLE,,,35\n"
    (track,) = read_bytes(data.encode(), name="ais.csv").tracks
    assert track.lonlat_deg.tolist() == [[-88.5, 30.5]]
    assert track.mover.mover_class == "warship"


def test_missing_columns_are_named() -> None:
    with pytest.raises(FormatError) as caught:
        read_bytes(b"MMSI,LAT\n1,2\n", name="ais.csv", format="ais-csv")
    assert "BaseDateTime, LON" in str(caught.value)


@pytest.mark.parametrize(
    ("mmsi", "ship"),
    [
        ("367379190", True),
        ("003669999", False),
        ("111232500", False),
        ("970123456", False),
        ("3669884", False),
        ("36737919x", False),
    ],
)
def test_numbers_of_ships(mmsi: str, ship: bool) -> None:
    assert is_ship(mmsi) is ship
