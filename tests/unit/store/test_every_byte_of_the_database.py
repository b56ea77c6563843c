"""Promise 9 on the database itself: every byte of every row, and bytes of the file wherever they lie."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from truceline.errors import TrucelineError
from truceline.store.store import Store

from .conftest import KEY, SIGNER, addition

# Which entries may be named for a damaged row: entry, leaf and record rows theirs, a checkpoint row the
# last entry it covers.
COLUMNS = {
    "entries": ("index", "entry"),
    "leaves": ("index", "leaf"),
    "records": ("commitment", "salt", "record"),
    "checkpoints": ("size", "note"),
}


@pytest.fixture
def sound(store: Store) -> Path:
    """Three entries under two checkpoints."""
    store.append([addition(0, "note")])
    store.append([addition(1), addition(2)])
    return store.path


def rows(path: Path) -> Iterator[tuple[str, str, int, object, int]]:
    """Table, column, rowid, value and the entry it belongs to, for everything kept."""
    order = {addition(number).entry.commitment: number for number in range(3)}
    order[addition(0, "note").entry.commitment] = 0
    connection = sqlite3.connect(path)
    for table, columns in COLUMNS.items():
        for row in connection.execute(f"SELECT rowid, {', '.join(map(quoted, columns))} FROM {table}"):
            rowid, *values = row
            belongs = {"records": lambda v: order[v[0]], "checkpoints": lambda v: v[0] - 1}.get(
                table, lambda v: v[0]
            )(values)
            for column, value in zip(columns, values, strict=True):
                yield table, column, rowid, value, belongs
    connection.close()


def quoted(name: str) -> str:
    return f'"{name}"'


def changed_values(value: object) -> Iterator[object]:
    """The value with each of its bytes inverted in turn; a number as the eight bytes SQLite can hold."""
    data = value if isinstance(value, bytes) else int(value).to_bytes(8, "big", signed=True)  # type: ignore[call-overload]
    for at in range(len(data)):
        changed = bytes([*data[:at], data[at] ^ 0xFF, *data[at + 1 :]])
        yield changed if isinstance(value, bytes) else int.from_bytes(changed, "big", signed=True)


def test_every_byte_of_every_row(sound: Path) -> None:
    store = Store(sound.parent, verifier=SIGNER.verifier)
    assert store.verify(mission_key=KEY).ok
    connection = sqlite3.connect(sound, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    tried = 0
    for table, column, rowid, value, belongs in list(rows(sound)):
        for changed in changed_values(value):
            connection.execute(f"UPDATE {table} SET {quoted(column)} = ? WHERE rowid = ?", (changed, rowid))
            found = {fault.index for fault in store.verify(mission_key=KEY).faults}
            assert belongs in found, (table, column, rowid, found)
            assert found <= {belongs, None}, (table, column, rowid, found)
            # An INTEGER PRIMARY KEY is the rowid itself.
            now = changed if column in ("index", "size") else rowid
            connection.execute(f"UPDATE {table} SET {quoted(column)} = ? WHERE rowid = ?", (value, now))
            tried += 1
    connection.close()
    assert store.verify(mission_key=KEY).ok
    assert tried > 1000


def content(path: Path) -> list[object]:
    """Everything a store gives out."""
    store = Store(path.parent, verifier=SIGNER.verifier)
    with store.snapshot() as kept:
        given = [*kept.entries(), *kept.leaves(), *kept.checkpoints(), *kept.records()]
    return given + [store.record(entry.commitment) for _, entry in store.entries()]


def try_file_bytes(sound: Path, positions: Iterator[int] | list[int]) -> dict[str, int]:
    """Invert one byte of the file at a time: it is refused, or found, or nothing that is kept has changed."""
    expected, data = content(sound), sound.read_bytes()
    folder = sound.parent / "damaged"
    folder.mkdir()
    damaged = folder / sound.name
    shutil.copy(sound, damaged)
    outcome = {"refused": 0, "found": 0, "unused": 0}
    with damaged.open("r+b", buffering=0) as file:
        for position in positions:
            file.seek(position)
            file.write(bytes([data[position] ^ 0xFF]))
            try:
                result = Store(folder, verifier=SIGNER.verifier).verify(mission_key=KEY)
            except TrucelineError:
                outcome["refused"] += 1
            else:
                if result.faults:
                    outcome["found"] += 1
                else:
                    assert result.withheld == ()
                    assert content(damaged) == expected, f"byte {position} changed what is kept, unfound"
                    outcome["unused"] += 1
            file.seek(position)
            file.write(data[position : position + 1])
    return outcome


def test_bytes_of_the_file(sound: Path) -> None:
    size = sound.stat().st_size
    choose = random.Random(7)
    data = sound.read_bytes()
    used = [at for at in range(size) if data[at]]  # most of a small file is zeros between rows
    outcome = try_file_bytes(sound, choose.sample(used, 250) + choose.sample(range(size), 50))
    assert outcome["found"] > 50, outcome


@pytest.mark.slow
def test_every_byte_of_the_file(sound: Path) -> None:
    outcome = try_file_bytes(sound, list(range(sound.stat().st_size)))
    assert outcome["found"] > 1000, outcome
