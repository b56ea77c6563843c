"""The door: bytes become text, rows, XML events or a checked document here, or are refused with a reason.

Every reader goes through this sub-room first, whatever reads the content afterwards. Refused outright: files
above the size limit, text that is not in the stated encoding, XML with a DOCTYPE or nested deeper than 64,
JSON with a repeated key, CSV whose quoting is broken or whose field passes the limit.
"""

from truceline.formats.guard.document import load_document
from truceline.formats.guard.source import MAX_FILE_BYTES, Source, check_size, decode_text, load_source
from truceline.formats.guard.table import Table, need_columns, read_table
from truceline.formats.guard.tree import MAX_XML_DEPTH_COUNT, XmlWatcher, load_json, walk_xml

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_XML_DEPTH_COUNT",
    "Source",
    "Table",
    "XmlWatcher",
    "check_size",
    "decode_text",
    "load_document",
    "load_json",
    "load_source",
    "need_columns",
    "read_table",
    "walk_xml",
]
