"""The tables, as SQLAlchemy Core metadata. Migrations build them; queries use them."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table

# Every revision this version knows, oldest first; a test holds it to the migrations folder.
REVISIONS = ("0001",)
VERSION_TABLE = "schema_version"

metadata = MetaData()

# `index` is the order; `entry` is the canonical JSON the Merkle leaf is over.
entries = Table(
    "entries",
    metadata,
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("entry", LargeBinary, nullable=False),
)
# Kept apart from the entries, so that a changed entry can be named and not only noticed.
leaves = Table(
    "leaves",
    metadata,
    Column("index", Integer, primary_key=True, autoincrement=False),
    Column("leaf", LargeBinary, nullable=False),
)
# A row may be taken out (withheld, destroyed); the entry stays and still verifies.
records = Table(
    "records",
    metadata,
    Column("commitment", LargeBinary, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("record", LargeBinary, nullable=False),
)
# One signed checkpoint for each time something was appended.
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("note", LargeBinary, nullable=False),
)
