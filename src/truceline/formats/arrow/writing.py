"""The fixes of tracks as a Parquet or Arrow IPC file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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
    held = tuple(tracks)
    # An Arrow IPC file has one dictionary a column, so every batch has the words of all.
    words = {name: tuple(dict.fromkeys(text[name] for text in map(_texts, held))) for name in _texts(None)}
    whole = str(path).casefold().endswith(".parquet")
    count = 0
    try:
        with parquet.ParquetWriter(str(path), schema) if whole else ipc.new_file(str(path), schema) as writer:
            for track in held:
                writer.write_batch(pa.record_batch(_track_columns(track, words), schema=schema))
                count += len(track)
    except OSError as error:
        raise unwritable(path, error) from None
    return count


def _texts(track: Track | None) -> dict[str, str | None]:
    """What the text columns say of a track."""
    if track is None:
        return dict.fromkeys(("mover", "altitude_datum", "party", "class"))
    return {
        "mover": track.mover.id,
        "altitude_datum": track.altitude_datum or None,
        "party": track.mover.party,
        "class": track.mover.mover_class,
    }


def _track_columns(track: Track, words: Mapping[str, Sequence[str | None]]) -> Mapping[str, Any]:
    import pyarrow as pa

    columns: dict[str, Any] = {
        "t": pa.array(track.t_us).cast(pa.timestamp("us", tz="UTC")),
        "lon_deg": pa.array(np.ascontiguousarray(track.lonlat_deg[:, 0])),
        "lat_deg": pa.array(np.ascontiguousarray(track.lonlat_deg[:, 1])),
        "accuracy_m": pa.array(track.accuracy_m),
        "altitude_m": pa.array(track.altitude_m),
    }
    for name, word in _texts(track).items():
        code = np.full(len(track), words[name].index(word), dtype=np.int32)
        codes = pa.array(code, mask=np.full(len(track), word is None))
        columns[name] = pa.DictionaryArray.from_arrays(codes, pa.array([text or "" for text in words[name]]))
    return columns
