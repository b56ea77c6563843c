"""Record batches of a Parquet file, an Arrow IPC file or an Arrow IPC stream, their columns checked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from truceline.errors import FormatError, MissingPartError

PARQUET_MAGIC = b"PAR1"
ARROW_MAGIC = b"ARROW1"
BATCH_ROWS_COUNT = 1 << 17
NUMBERS = ("lon_deg", "lat_deg", "accuracy_m", "altitude_m")
TEXTS = ("mover", "party", "class", "name", "altitude_datum")
_NEEDED = ("mover", "lon_deg", "lat_deg")


def sniff_parquet(head: str) -> bool:
    """True where a file begins as Parquet does."""
    return head.startswith(PARQUET_MAGIC.decode())


def sniff_arrow(head: str) -> bool:
    """True where a file begins as an Arrow IPC file does (a stream has no such beginning)."""
    return head.startswith(ARROW_MAGIC.decode())


def need_pyarrow() -> None:
    """MissingPartError where pyarrow is not installed."""
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise MissingPartError(
            "columns need pyarrow, which is not installed", hint='pip install "truceline[arrow]"'
        ) from None


def open_batches(file: Any, name: str, magic: bytes) -> Iterator[Any]:
    """The record batches of a Parquet file, an Arrow IPC file or an Arrow IPC stream."""
    import pyarrow as pa
    from pyarrow import ipc, parquet

    kind = "parquet" if magic.startswith(PARQUET_MAGIC) else "arrow"
    try:
        if kind == "parquet":
            schema = parquet.read_schema(file)
            _check_schema(schema, name)
            file.seek(0)
            opened = parquet.ParquetFile(
                file, read_dictionary=[text for text in TEXTS if text in schema.names]
            )
            wanted = [column for column in schema.names if column in (*NUMBERS, *TEXTS, "t", "t_us")]
            yield from opened.iter_batches(batch_size=BATCH_ROWS_COUNT, columns=wanted)
            return
        opened = ipc.open_file(file) if magic.startswith(ARROW_MAGIC) else ipc.open_stream(file)
        _check_schema(opened.schema, name)
        if isinstance(opened, ipc.RecordBatchFileReader):
            yield from (opened.get_batch(index) for index in range(opened.num_record_batches))
        else:
            yield from opened
    except (pa.ArrowException, OSError, EOFError) as error:
        raise FormatError(
            f"not a readable {'Parquet file' if kind == 'parquet' else 'Arrow IPC file or stream'}: "
            f"{str(error).splitlines()[0][:200] if str(error) else type(error).__name__}",
            where=name,
            hint="the file may be cut off; write it again",
            code=kind,
        ) from None


def _check_schema(schema: Any, name: str) -> None:
    """FormatError (``columns``) naming every column that is missing or of a kind that cannot be read."""
    import pyarrow as pa

    wrong = [f"{column} is missing" for column in _NEEDED if column not in schema.names]
    if "t" not in schema.names and "t_us" not in schema.names:
        wrong.append("t is missing")
    for column in schema.names:
        type_ = schema.field(column).type
        if schema.names.count(column) > 1:
            wrong.append(f"{column} is there more than once")
        value = type_.value_type if pa.types.is_dictionary(type_) else type_
        number = pa.types.is_floating(type_) or pa.types.is_integer(type_)
        if column in NUMBERS and not number:
            wrong.append(f"{column} is {type_}, not a number")
        elif column in TEXTS and not (pa.types.is_string(value) or pa.types.is_large_string(value)):
            wrong.append(f"{column} is {type_}, not text")
        elif column == "t_us" and not pa.types.is_integer(type_):
            wrong.append(f"{column} is {type_}, not a count of microseconds")
        elif column == "t" and not (pa.types.is_timestamp(type_) or pa.types.is_integer(type_)):
            wrong.append(f"{column} is {type_}, not a timestamp or a count of microseconds")
    if wrong:
        raise FormatError(
            "; ".join(dict.fromkeys(wrong)),
            where=name,
            hint=f"it has {', '.join(schema.names)[:200]}; docs/formats/parquet.md lists what is read",
            code="columns",
        )
