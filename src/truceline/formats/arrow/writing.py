"""The fixes of tracks as a Parquet or Arrow IPC file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from truceline.errors import unwritable
from truceline.formats.arrow.opening import need_pyarrow
from truceline.model.movement import Track


def write_arrow(path: str | Path, tracks: Iterable[Track]) -> int:
    """Write the fixes of tracks as a Parquet file (``.parquet``) or an Arrow IPC file (any other ending).

    Parameters
    ----------
    path : str or Path
        The file to write; one that is there is replaced.
    tracks : iterable of Track
        Written one after another, in the columns that :func:`read` reads.

    Returns
    -------
    int
        The number of fixes written.

    Raises
    ------
    UsageError
        The file cannot be written (``unwritable``).
    MissingPartError
        pyarrow is not installed.
    """
    need_pyarrow()
    import pyarrow as pa
    from pyarrow import ipc, parquet

    text, number = pa.dictionary(pa.int32(), pa.string()), pa.float64()
    schema = pa.schema(
        {"mover": text, "t": pa.timestamp("us", tz="UTC"), "lon_deg": number, "lat_deg": number}
        | {"accuracy_m": number, "altitude_m": number, "altitude_datum": text, "party": text, "class": text}
    )
    whole = str(path).casefold().endswith(".parquet")
    count = 0
    try:
        with parquet.ParquetWriter(str(path), schema) if whole else ipc.new_file(str(path), schema) as writer:
            for track in tracks:
                writer.write_batch(pa.record_batch(_track_columns(track), schema=schema))
                count += len(track)
    except OSError as error:
        raise unwritable(path, error) from None
    return count


def _track_columns(track: Track) -> Mapping[str, Any]:
    import pyarrow as pa

    def repeated(word: str | None) -> Any:
        codes = pa.array(np.zeros(len(track), dtype=np.int32), mask=np.full(len(track), word is None))
        return pa.DictionaryArray.from_arrays(codes, pa.array([word or ""]))

    return {
        "mover": repeated(track.mover.id),
        "t": pa.array(track.t_us).cast(pa.timestamp("us", tz="UTC")),
        "lon_deg": pa.array(np.ascontiguousarray(track.lonlat_deg[:, 0])),
        "lat_deg": pa.array(np.ascontiguousarray(track.lonlat_deg[:, 1])),
        "accuracy_m": pa.array(track.accuracy_m),
        "altitude_m": pa.array(track.altitude_m),
        "altitude_datum": repeated(track.altitude_datum or None),
        "party": repeated(track.mover.party),
        "class": repeated(track.mover.mover_class),
    }
