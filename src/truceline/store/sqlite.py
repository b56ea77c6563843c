"""SQLite as the store uses it: rollback journal, every commit on the disk before it is acknowledged.

``journal_mode=DELETE`` with ``synchronous=EXTRA``: the write-ahead log is never used, since SQLite 3.7.0 to
3.51.2 can corrupt it under two writers; EXTRA also syncs the folder after the journal is gone, so that a
commit that was acknowledged cannot come back undone after a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, String, create_engine, event, inspect, select, table
from sqlalchemy import column as sql_column
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from truceline.errors import InputError, LedgerError
from truceline.store.schema import REVISIONS, VERSION_TABLE
from truceline.units import Seconds

_MIGRATIONS = Path(__file__).parent / "migrations"
_WRITING = "truceline_writing"


def open_engine(path: Path, *, writable: bool, busy_timeout_s: Seconds = 30.0) -> Engine:
    """An engine over one file; every transaction gets a connection of its own, closed after it.

    Read-only where not ``writable``: then nothing about the file or its folder is changed.
    """
    mode = "rwc" if writable else "ro"
    address = f"file:{quote(str(path.resolve()))}?mode={mode}"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, uri=True, timeout=busy_timeout_s, isolation_level=None)

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # transactions begin where we say, not where the driver guesses
        connection.execute("PRAGMA foreign_keys=ON")
        if writable:
            (journal,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            if journal != "delete":
                raise LedgerError(f"{path} insists on journal mode {journal!r}", code="store")
            connection.execute("PRAGMA synchronous=EXTRA")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # Taking the write lock at once: a reader that turns writer later could find the ground moved.
        writing = connection.get_execution_options().get(_WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine, path: Path) -> Iterator[Connection]:
    """One read transaction: everything seen in it is of one moment."""
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    except (SQLAlchemyError, UnicodeDecodeError) as error:
        raise store_error(error, path, "read") from error


@contextmanager
def writing(engine: Engine, path: Path) -> Iterator[Connection]:
    """One write transaction; committed, and on the disk, when the block ends without an exception."""
    try:
        with (
            engine.connect().execution_options(**{_WRITING: True}) as connection,
            connection.begin(),
        ):
            yield connection
    except (SQLAlchemyError, UnicodeDecodeError) as error:
        raise store_error(error, path, "write") from error


def store_error(error: Exception, path: Path, doing: str) -> LedgerError:
    """What SQLite said, with what to do; code ``store-busy``, ``store-full`` or ``store``."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    name = getattr(cause, "sqlite_errorname", "") or type(cause).__name__
    said = f"cannot {doing} {path}: {cause} ({name})"
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return LedgerError(
            said, hint="another program is writing to this mission; try again", code="store-busy"
        )
    if name == "SQLITE_FULL":
        return LedgerError(said, hint="free some space; nothing of this was recorded", code="store-full")
    hint = "open the mission again and verify it; if it stays so, restore a copy"
    return LedgerError(said, hint=hint, code="store")


def integrity_faults(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong with the file: pages, indexes, constraints. Empty where it is sound."""
    said = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [str(line) for line in said if line != "ok"]


def schema_version(connection: Connection) -> str | None:
    """The revision the file is at; None of a file with no tables at all.

    Raises
    ------
    InputError
        Code ``not-a-store`` where the tables are somebody else's.
    """
    names = inspect(connection).get_table_names()
    if not names:
        return None
    if VERSION_TABLE not in names:
        raise InputError(
            "this database is not a mission's", hint="name the mission folder", code="not-a-store"
        )
    version = sql_column("version_num", String)
    return connection.execute(select(version).select_from(table(VERSION_TABLE))).scalar_one_or_none()


def migrate(engine: Engine, path: Path, *, writable: bool) -> None:
    """Bring the file to the newest schema, in one transaction.

    Raises
    ------
    InputError
        Code ``newer-schema`` where a newer Truceline made it, ``older-schema`` where it would have to be
        migrated and may not be written to, ``not-a-store`` where it is no mission database.
    """
    with reading(engine, path) as connection:
        version = schema_version(connection)
    if version == REVISIONS[-1]:
        return
    if version is not None and version not in REVISIONS:
        raise InputError(
            f"{path} has schema {version}, and this Truceline knows schemas up to {REVISIONS[-1]}",
            hint="it was made by a newer Truceline: upgrade, and open it again",
            code="newer-schema",
        )
    if not writable:
        seen = "no schema" if version is None else f"schema {version}"
        raise InputError(
            f"{path} has {seen} and is opened only to be read",
            hint="open it once for writing, so that it can be brought up to date",
            code="older-schema",
        )
    with writing(engine, path) as connection:
        if schema_version(connection) != REVISIONS[-1]:  # another program may have come first
            _upgrade(connection)


def _upgrade(connection: Connection) -> None:
    from alembic import command  # slow to import, and needed only here
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
