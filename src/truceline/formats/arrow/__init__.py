"""Fixes as columns: Parquet files and Arrow IPC files or streams, read whole, or batch by batch in constant memory.

Columns: ``mover`` (text), ``t`` (a timestamp, or int64 microseconds UTC; also ``t_us``), ``lon_deg``, ``lat_deg``;
and where there are any ``accuracy_m``, ``altitude_m``, ``altitude_datum``, ``party``, ``class``, ``name``. Arrays are
Arrow's own memory where nothing has to be changed. pyarrow is loaded only when used.
"""

from truceline.formats.arrow.batches import FixBatches, read, read_batches
from truceline.formats.arrow.opening import sniff_arrow, sniff_parquet
from truceline.formats.arrow.writing import write_arrow

__all__ = ["FixBatches", "read", "read_batches", "sniff_arrow", "sniff_parquet", "write_arrow"]
