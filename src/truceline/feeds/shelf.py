"""A shelf on disk: fixes that are more than memory shall hold, in one file that nobody else sees."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from truceline.errors import unwritable
from truceline.kernels import StreamFixes

# One fix on disk, as wide as in memory.
_ROW = np.dtype(
    [
        ("t_us", "<i8"),
        ("lonlat_deg", "<f8", (2,)),
        ("accuracy_m", "<f8"),
        ("altitude_m", "<f8"),
        ("datum", "<i8"),
    ]
)


class FileShelf:
    """Keeps fixes in a file without a name, 48 bytes each; it is gone when the shelf is, or the process.

    Parameters
    ----------
    folder : path, optional
        Where the file lies; the system's folder for temporary files where left out.

    Raises
    ------
    UsageError, TrucelineError
        Code ``unwritable``: the folder cannot be written to; the disk is full.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        try:
            self._file = tempfile.TemporaryFile(dir=folder, prefix="truceline-")  # noqa: SIM115
        except OSError as error:
            raise unwritable(folder or tempfile.gettempdir(), error) from None
        self._runs: dict[int, list[tuple[int, int]]] = {}
        self._end = 0

    def __enter__(self) -> FileShelf:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    @property
    def bytes_count(self) -> int:
        """The size of the file."""
        return self._end

    def put(self, key: int, columns: StreamFixes) -> None:
        """Keep columns behind those put under this key before."""
        rows = np.empty(len(columns), dtype=_ROW)
        rows["t_us"], rows["lonlat_deg"] = columns.t_us, columns.lonlat_deg
        rows["accuracy_m"], rows["altitude_m"] = columns.accuracy_m, columns.altitude_m
        rows["datum"] = columns.datum
        self._runs.setdefault(key, []).append((self._end, len(rows)))
        self._write(rows)

    def take(self, key: int) -> list[StreamFixes]:
        """What was put under a key, in order."""
        found = []
        for start, count in self._runs.pop(key, []):
            self._file.seek(start)
            rows = np.frombuffer(self._file.read(count * _ROW.itemsize), dtype=_ROW)
            found.append(
                StreamFixes(
                    t_us=np.ascontiguousarray(rows["t_us"]),
                    lonlat_deg=np.ascontiguousarray(rows["lonlat_deg"]),
                    accuracy_m=np.ascontiguousarray(rows["accuracy_m"]),
                    altitude_m=np.ascontiguousarray(rows["altitude_m"]),
                    datum=rows["datum"].astype(np.int8),
                )
            )
        return found

    def settle(self, columns: StreamFixes) -> StreamFixes:
        """The same columns, mapped from the file, so that the system can let go of them when memory is short."""
        count = len(columns)
        start = self._end
        for column in (columns.t_us, columns.lonlat_deg, columns.accuracy_m, columns.altitude_m):
            self._write(np.ascontiguousarray(column))
        self._file.flush()
        width = count * 8
        return StreamFixes(
            t_us=self._mapped(np.dtype("<i8"), start, (count,)),
            lonlat_deg=self._mapped(np.dtype("<f8"), start + width, (count, 2)),
            accuracy_m=self._mapped(np.dtype("<f8"), start + 3 * width, (count,)),
            altitude_m=self._mapped(np.dtype("<f8"), start + 4 * width, (count,)),
            datum=columns.datum,
        )

    def clear(self) -> None:
        """Let go of everything."""
        self._runs.clear()
        self._file.close()

    def _mapped(self, kind: np.dtype, start: int, shape: tuple[int, ...]) -> NDArray:
        return np.asarray(np.memmap(self._file, dtype=kind, mode="r", offset=start, shape=shape))

    def _write(self, values: NDArray) -> None:
        try:
            self._file.seek(self._end)
            self._file.write(values.tobytes())
        except OSError as error:
            raise unwritable(self._folder or tempfile.gettempdir(), error) from None
        self._end += values.nbytes
