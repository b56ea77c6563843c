"""Append, read back, refuse."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, inspect

import truceline.store
from truceline.errors import InputError, LedgerError, UsageError
from truceline.ledger.merkle import EMPTY_ROOT, Tree
from truceline.store.schema import REVISIONS, VERSION_TABLE, metadata
from truceline.store.store import Store

from .conftest import KEY, SIGNER, addition


def again(store: Store, **more: object) -> Store:
    return Store(store.path.parent, verifier=SIGNER.verifier, signer=SIGNER, **more)  # type: ignore[arg-type]


def test_what_is_appended_is_read_back_by_another_store(store: Store) -> None:
    additions = [addition(number) for number in range(3)]
    assert store.append(additions[:2]) == (0, 1)
    assert store.append(additions[2:]) == (2,)
    reader = Store(store.path.parent, verifier=SIGNER.verifier)
    assert [entry for _, entry in reader.entries()] == [item.entry for item in additions]
    assert [index for index, _ in reader.entries(1)] == [1, 2]
    assert [reader.record(item.entry.commitment) for item in additions] == [item.record for item in additions]
    assert reader.record(bytes(32)) is None
    head = reader.head()
    assert (head.size, head.root) == (3, Tree(item.entry.leaf for item in additions).root())
    assert reader.verify(mission_key=KEY).ok


def test_an_empty_store_has_the_empty_head(store: Store) -> None:
    assert (store.head().size, store.head().root) == (0, EMPTY_ROOT)
    assert list(store.entries()) == []
    assert store.append([]) == ()
    assert store.head().size == 0


def test_once_leaves_out_what_is_there_also_from_another_program(store: Store) -> None:
    other = again(store)
    assert store.append([addition(1), addition(2)], once=True) == (0, 1)
    assert other.append([addition(2), addition(3), addition(3)], once=True) == (2,)
    assert store.append([addition(3), addition(1)], once=True) == ()
    # The same content as another kind is another thing; and without `once` a thing may be said twice.
    assert store.append([addition(3, "note")], once=True) == (3,)
    assert store.append([addition(3)]) == (4,)
    result = store.verify(mission_key=KEY)
    assert result.ok
    assert (result.entries_count, result.records_count) == (5, 3)


def test_recorded_gives_one_kind_in_order_across_pages(store: Store) -> None:
    store.append([addition(number, "file" if number % 700 == 0 else "report") for number in range(2101)])
    assert [(item.index, item.record) for item in store.recorded("file")] == [
        (number, f'{{"n":{number}}}'.encode()) for number in (0, 700, 1400, 2100)
    ]
    with store.snapshot() as kept:
        assert kept.count() == 2101


def test_rollback_journal_and_extra_sync_are_what_sqlite_uses(store: Store) -> None:
    # SQLite numbers synchronous levels 0 OFF, 1 NORMAL, 2 FULL, 3 EXTRA.
    with store._engine.connect() as connection:
        pragma = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragma == {"journal_mode": "delete", "synchronous": 3, "foreign_keys": 1}


def test_reading_changes_nothing_in_the_folder(store: Store) -> None:
    store.append([addition(1)])
    before = {path.name: path.read_bytes() for path in store.path.parent.iterdir()}
    store.path.chmod(0o444)
    reader = Store(store.path.parent, verifier=SIGNER.verifier)
    assert reader.verify().ok
    with pytest.raises(UsageError, match="opened only to be read"):
        reader.append([addition(2)])
    with pytest.raises(UsageError, match="opened only to be read"):
        reader.put_original(b"x")
    assert {path.name: path.read_bytes() for path in store.path.parent.iterdir()} == before


def test_a_second_writer_waits_and_is_told_when_it_waits_too_long(store: Store) -> None:
    impatient = again(store, busy_timeout_s=0.05)
    with sqlite3.connect(store.path, isolation_level=None) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(LedgerError, match="another program is writing") as caught:
            impatient.append([addition(1)])
        assert caught.value.code == "store-busy"
        blocker.execute("ROLLBACK")
    blocker.close()
    assert impatient.append([addition(1)]) == (0,)


def test_two_writers_in_turn_make_one_history(store: Store) -> None:
    other = again(store)
    for number in range(6):
        (store, other)[number % 2].append([addition(number)])
    assert [entry.time_us for _, entry in store.entries()] == [number * 1_000_000 for number in range(6)]
    assert other.verify(mission_key=KEY).ok


def test_a_full_disk_loses_nothing_says_so_and_is_not_retried(store: Store) -> None:
    store.append([addition(1)])
    with sqlite3.connect(store.path) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.close()
    # SQLite's own limit on pages stands for the full disk; it is per connection, so set it on each.
    full = again(store)

    def limit(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute(f"PRAGMA max_page_count={pages}")

    event.listen(full._engine, "connect", limit)
    with pytest.raises(LedgerError, match="free some space") as caught:
        full.append([addition(number) for number in range(2, 500)])
    assert caught.value.code == "store-full"
    assert full.head().size == 1  # reads go on
    event.remove(full._engine, "connect", limit)
    with pytest.raises(LedgerError, match="a write failed before"):
        full.append([addition(2)])
    with pytest.raises(LedgerError, match="a write failed before"):
        full.put_original(b"x")
    fresh = again(store)
    assert fresh.verify(mission_key=KEY).ok
    assert fresh.append([addition(2)]) == (1,)


@pytest.mark.parametrize(
    "damage",
    [
        'UPDATE leaves SET leaf = zeroblob(32) WHERE "index" = 1',
        'UPDATE leaves SET leaf = zeroblob(5) WHERE "index" = 1',
        'DELETE FROM leaves WHERE "index" = 1',
        "DELETE FROM checkpoints WHERE size = 2",
    ],
)
def test_nothing_is_appended_to_what_is_not_what_was_signed(store: Store, damage: str) -> None:
    store.append([addition(0)])
    store.append([addition(1)])
    with sqlite3.connect(store.path) as connection:
        connection.execute(damage)
    connection.close()
    with pytest.raises(LedgerError, match="not what was signed"):
        again(store).append([addition(2)])
    assert not store.verify().ok


def test_an_older_copy_put_back_under_a_running_program_is_noticed(store: Store) -> None:
    store.append([addition(0)])
    old = store.path.read_bytes()
    store.append([addition(1)])
    store.path.write_bytes(old)
    with pytest.raises(LedgerError, match="not what was signed"):
        store.append([addition(2)])


def test_a_newer_schema_is_refused_with_the_way_out(store: Store) -> None:
    with sqlite3.connect(store.path) as connection:
        connection.execute(f"UPDATE {VERSION_TABLE} SET version_num = '9999'")
    connection.close()
    with pytest.raises(InputError, match=r"schema 9999.*up to 0001.*upgrade") as caught:
        again(store)
    assert caught.value.code == "newer-schema"


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mission.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE somebody_elses (a)")
    connection.close()
    with pytest.raises(InputError, match="not a mission's"):
        Store(tmp_path, verifier=SIGNER.verifier, signer=SIGNER)
    path.write_bytes(b"GPX, say" * 200)
    with pytest.raises(LedgerError, match="not a database"):
        Store(tmp_path, verifier=SIGNER.verifier, signer=SIGNER)
    path.unlink()
    with pytest.raises(LedgerError, match="unable to open"):
        Store(tmp_path, verifier=SIGNER.verifier)
    path.touch()
    with pytest.raises(InputError, match="no schema and is opened only to be read"):
        Store(tmp_path, verifier=SIGNER.verifier)


def test_a_folder_with_a_strange_name(tmp_path: Path) -> None:
    folder = tmp_path / "a mission? 100% #1 öä"
    folder.mkdir()
    store = Store(folder, verifier=SIGNER.verifier, signer=SIGNER)
    store.append([addition(1)])
    assert sorted(path.name for path in folder.iterdir()) == ["mission.db"]


def test_the_revisions_are_those_of_the_migrations_and_build_the_metadata(store: Store) -> None:
    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(Path(truceline.store.__file__).parent / "migrations"))
    walked = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    assert tuple(reversed(walked)) == REVISIONS
    engine = create_engine(f"sqlite:///{store.path}")
    built = inspect(engine)
    assert set(built.get_table_names()) == {*metadata.tables, VERSION_TABLE}
    for name, table in metadata.tables.items():
        columns = {(c["name"], str(c["type"]), c["nullable"]) for c in built.get_columns(name)}
        assert columns == {(c.name, str(c.type), c.nullable) for c in table.columns}
        assert built.get_pk_constraint(name)["constrained_columns"] == [c.name for c in table.primary_key]
    engine.dispose()
