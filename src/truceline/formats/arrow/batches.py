"""Parquet and Arrow files, read whole into tracks or batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from numpy.typing import NDArray

from truceline.errors import InputError
from truceline.formats.arrow.columns import BatchReader
from truceline.formats.arrow.opening import need_pyarrow, open_batches
from truceline.formats.guard import Source
from truceline.formats.options import TrackOptions
from truceline.model.evidence import Dropped, Records
from truceline.model.identity import Mover
from truceline.model.movement import SourceRef


def read(source: Source, options: TrackOptions, *, altitude_datum: str | None = None) -> Records:
    """Read a Parquet or Arrow IPC file of fixes.

    Parameters
    ----------
    source : Source
        The file.
    options : TrackOptions
        ``zone`` serves timestamps that carry none. The default longest gap is 5 minutes.
    altitude_datum : str, optional
        ``ellipsoid``, ``msl``, ``baro`` or ``agl``, where the file has heights and no column that says so.

    Returns
    -------
    Records
        One track a mover; a row is named by its number, counted from 1.

    Raises
    ------
    FormatError
        Not such a file (``parquet``, ``arrow``), or a column missing or of another kind (``columns``).
    UsageError
        Timestamps without a zone, and none stated (``no-zone``).
    """
    import pyarrow as pa

    reader = BatchReader(source.ref(), options, altitude_datum)
    for batch in open_batches(pa.BufferReader(source.data), source.name, source.data[:6]):
        reader.batch(batch)
    log = reader.log
    tracks = log.tracks(reader.movers, options=options)
    return Records(source=log.source, tracks=tracks, dropped=tuple(log.dropped), read_count=log.read_count)


class FixBatches:
    """The batches of a file, read as they are asked for; what :func:`read_batches` gives.

    Attributes
    ----------
    mover_ids : list of str
        The movers met so far; ``mover`` of a batch counts into it.
    dropped : list of Dropped
        Rows left out so far, and remarks.
    read_count : int
        Rows met so far.
    """

    def __init__(self, path: Path, options: TrackOptions, altitude_datum: str | None) -> None:
        self._path = path
        self._reader = BatchReader(SourceRef(name=path.name), options, altitude_datum)
        self.mover_ids: list[str] = []

    @property
    def dropped(self) -> list[Dropped]:
        """Rows left out so far, and remarks."""
        return self._reader.log.dropped

    @property
    def read_count(self) -> int:
        """Rows met so far."""
        return self._reader.log.read_count

    def mover(self, index: int) -> Mover:
        """What the first row of a mover said of it."""
        return self._reader.movers[self.mover_ids[index]]

    def __iter__(self) -> Iterator[dict[str, NDArray]]:
        import pyarrow as pa

        names = ("mover", "t_us", "lon_deg", "lat_deg", "accuracy_m", "altitude_m", "datum")
        try:
            with pa.memory_map(str(self._path)) as file:
                magic = file.read(6)
                file.seek(0)
                for batch in open_batches(file, self._path.name, magic):
                    self._reader.batch(batch)
                    fixes = self._reader.log.take()
                    self.mover_ids += self._reader.log.keys_after(len(self.mover_ids))
                    yield {name: getattr(fixes, name) for name in names}
        except OSError as error:
            raise InputError(
                f"the file cannot be opened: {error.strerror or error}", where=str(self._path), code="no-file"
            ) from None


def read_batches(
    path: str | Path, *, options: TrackOptions | None = None, altitude_datum: str | None = None
) -> FixBatches:
    """Fixes of a Parquet or Arrow IPC file, batch by batch, in constant memory.

    Parameters
    ----------
    path : str or Path
        The file; it may be larger than memory.
    options : TrackOptions, optional
        As for :func:`read`.
    altitude_datum : str, optional
        As for :func:`read`.

    Returns
    -------
    FixBatches
        An iterable of dicts of arrays of length n: ``mover`` (int32), ``t_us`` (int64), ``lon_deg``, ``lat_deg``,
        ``accuracy_m``, ``altitude_m`` (float64) and ``datum`` (int8, index into ``formats.fixes.DATUMS``), in the
        order of the file.

    Raises
    ------
    MissingPartError
        pyarrow is not installed.

    Notes
    -----
    Errors of the file are raised while it is iterated over, as for :func:`read`.
    """
    need_pyarrow()
    return FixBatches(Path(path), options or TrackOptions(), altitude_datum)
