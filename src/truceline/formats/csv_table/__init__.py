"""CSV with a mapping file: any table of positions, once a person has said which column is what."""

from truceline.formats.csv_table.mapping import TableMapping
from truceline.formats.csv_table.table import open_live, read
from truceline.units import TO_95

__all__ = ["TO_95", "TableMapping", "open_live", "read"]
