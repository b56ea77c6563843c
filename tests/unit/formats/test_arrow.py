"""Fixes as columns: what is written is read, types and rows that cannot be read are named, nothing is copied."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from truceline.errors import FormatError, InputError, UsageError
from truceline.formats.arrow import read_batches, write_arrow
from truceline.formats.options import TrackOptions
from truceline.formats.registry import read_bytes, read_file
from truceline.model.identity import Mover
from truceline.model.movement import Track

pa = pytest.importorskip("pyarrow")
from pyarrow import ipc, parquet  # noqa: E402

T_US = 1_583_452_800_000_000
COLUMNS: dict[str, Any] = {
    "mover": ["a", "b", "a"],
    "t": pa.array([T_US, T_US, T_US + 1_000_000], pa.timestamp("us", "UTC")),
    "lon_deg": [36.6, 36.7, 36.8],
    "lat_deg": [35.8, 35.8, 35.9],
}


def as_parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    parquet.write_table(pa.table(COLUMNS | columns), out)
    return out.getvalue()


def as_stream(**columns: Any) -> bytes:
    out = io.BytesIO()
    table = pa.table(COLUMNS | columns)
    with ipc.new_stream(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue()


def tracks() -> list[Track]:
    return [
        Track(
            mover=Mover(id=id, party="x", mover_class="vehicle"),
            t_us=np.array([T_US, T_US + 5]),
            lonlat_deg=np.array([[1.0, 2.0], [3.0, 4.0]]),
            accuracy_m=np.array([5.0, math.nan]),
            altitude_m=np.array([10.0, math.nan]),
            altitude_datum=datum,
        )
        for id, datum in (("a", "msl"), ("b", "ellipsoid"))
    ]


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow"])
def test_what_is_written_is_read(name: str, tmp_path: Path) -> None:
    assert write_arrow(tmp_path / name, tracks()) == 4
    back = read_file(tmp_path / name)
    assert back.source.format == name.partition(".")[2]
    for one, other in zip(back.tracks, tracks(), strict=True):
        assert (one.mover, one.altitude_datum) == (other.mover, other.altitude_datum)
        assert one.t_us.tolist() == other.t_us.tolist()
        assert one.lonlat_deg.tolist() == other.lonlat_deg.tolist()
        assert np.array_equal(one.accuracy_m, other.accuracy_m, equal_nan=True)
        assert np.array_equal(one.altitude_m, other.altitude_m, equal_nan=True)
    assert (back.read_count, back.dropped) == (4, ())


def test_a_stream_of_batches_and_counts_of_microseconds() -> None:
    times = pa.array([T_US, T_US, T_US + 1_000_000])
    for data, format in ((as_stream(t=times), "arrow"), (as_parquet(t=times), "parquet")):
        first, second = read_bytes(data, name="x", format=format).tracks
        assert (first.mover.id, first.t_us.tolist()) == ("a", [T_US, T_US + 1_000_000])
        assert second.lonlat_deg.tolist() == [[36.7, 35.8]]


def test_timestamps_without_a_zone_need_one() -> None:
    noon = datetime(2020, 3, 6, 12)  # noqa: DTZ001 - that it has none is the point
    data = as_parquet(t=pa.array([noon, noon, noon], pa.timestamp("ms")))
    with pytest.raises(UsageError, match="no zone"):
        read_bytes(data, name="x", format="parquet")
    (first, _) = read_bytes(data, name="x", format="parquet", zone="Europe/Moscow").tracks
    assert first.t_us[0] == datetime(2020, 3, 6, 9, tzinfo=UTC).timestamp() * 1e6


def test_rows_that_cannot_be_used_are_named_by_their_number() -> None:
    data = as_parquet(
        mover=["a", None, "a"] * 2,
        t=pa.array([T_US, 1, None, T_US + 1, 1, T_US + 2]),
        lon_deg=[1.0, 1.0, 1.0, None, 1.0, 38.0],
        lat_deg=[2.0, 1.0, 1.0, 1.0, 1.0, 95.0],
        accuracy_m=[-1.0, 1.0, 1.0, 1.0, 1.0, 1.0],
    )
    records = read_bytes(data, name="x.parquet")
    assert [(item.code, item.where.line, item.kept) for item in records.dropped] == [
        ("no-mover", 2, False),
        ("no-time", 3, False),
        ("no-position", 4, False),
        ("no-mover", 5, False),
        ("swapped?", 6, False),
        ("bad-accuracy", 1, True),
    ]
    assert (records.read_count, len(records.tracks[0])) == (6, 1)


def test_all_wrong_columns_are_named_at_once() -> None:
    table = pa.table({"mover": [1], "lon_deg": ["x"], "t": [True]})
    out = io.BytesIO()
    parquet.write_table(table, out)
    with pytest.raises(FormatError) as caught:
        read_bytes(out.getvalue(), name="x.parquet")
    for what in (
        "lat_deg is missing",
        "mover is int64, not text",
        "lon_deg is string, not a number",
        "t is bool",
    ):
        assert what in str(caught.value)


def test_heights_above_different_datums_are_not_mixed() -> None:
    data = as_parquet(altitude_m=[1.0, 2.0, 3.0], altitude_datum=["msl", "baro", "agl"])
    records = read_bytes(data, name="x.parquet")
    assert [track.altitude_datum for track in records.tracks] == ["msl", "baro"]
    assert math.isnan(records.tracks[0].altitude_m[1])
    assert [item.code for item in records.dropped] == ["mixed-datum"]
    (first, _) = read_bytes(
        as_parquet(altitude_m=[1.0, 2.0, 3.0]), name="x.parquet", altitude_datum="agl"
    ).tracks
    assert first.altitude_datum == "agl"


def test_batches_are_the_memory_of_the_file_and_number_movers_throughout(tmp_path: Path) -> None:
    path = tmp_path / "x.arrow"
    write_arrow(path, tracks())
    batches = read_batches(path)
    got = list(batches)
    assert [batch["mover"].tolist() for batch in got] == [[0, 0], [1, 1]]
    assert batches.mover_ids == ["a", "b"]
    assert batches.mover(1).party == "x"
    assert (batches.read_count, batches.dropped) == (4, [])
    assert not got[0]["lon_deg"].flags.owndata
    assert not got[0]["t_us"].flags.owndata
    with pytest.raises(InputError, match="cannot be opened"):
        list(read_batches(tmp_path / "none.parquet", options=TrackOptions()))


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    for name, data in (("x.parquet", as_parquet()[:-20]), ("x.arrow", as_stream()[:40])):
        with pytest.raises(FormatError) as caught:
            read_bytes(data, name=name, format=name.partition(".")[2])
        assert caught.value.code == name.partition(".")[2]
