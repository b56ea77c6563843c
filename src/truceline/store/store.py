"""The store of one mission: append, read back, keep originals (``mission.db`` and ``originals/``)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    Table,
    cast,
    func,
    insert,
    select,
)

from truceline.errors import LedgerError, UsageError
from truceline.ledger.checkpoint import Checkpoint, open_checkpoint, sign_checkpoint
from truceline.ledger.entry import SALT_BYTES, Addition, Entry, commitment_of
from truceline.ledger.merkle import EMPTY_ROOT, HASH_BYTES, Tree
from truceline.ledger.note import Signer, Verifier
from truceline.ledger.verify import Fault, KeptRecord, Row, SignedSize, Verification, verify
from truceline.store.originals import Originals
from truceline.store.schema import checkpoints, entries, leaves, records
from truceline.store.sqlite import integrity_faults, migrate, open_engine, reading, writing
from truceline.units import Seconds

DATABASE_NAME = "mission.db"
ORIGINALS_NAME = "originals"
_PAGE_COUNT = 1000

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An entry with its index and its record, held against its commitment; None where it is withheld."""

    index: int
    entry: Entry
    record: bytes | None


class Store:
    """Entries, records, checkpoints and originals of one mission.

    Parameters
    ----------
    folder : Path
        The mission's folder; it must exist.
    verifier : Verifier
        The log's public key.
    signer : Signer, optional
        The log's private key. Without it the store is only read, and nothing in the folder is touched.
    busy_timeout_s : float
        How long to wait while another program writes.

    Raises
    ------
    InputError
        ``newer-schema``, ``older-schema``, ``not-a-store``: see :func:`truceline.store.sqlite.migrate`.
    LedgerError
        The file cannot be opened, or is damaged.
    """

    def __init__(
        self,
        folder: Path,
        *,
        verifier: Verifier,
        signer: Signer | None = None,
        busy_timeout_s: Seconds = 30.0,
    ) -> None:
        self.path = folder / DATABASE_NAME
        self.originals = Originals(folder / ORIGINALS_NAME)
        self._verifier = verifier
        self._signer = signer
        self._broken = False
        self._tree = Tree()
        self._known: set[tuple[str, bytes]] = set()
        self._known_count = 0
        self._engine: Engine = open_engine(
            self.path, writable=signer is not None, busy_timeout_s=busy_timeout_s
        )
        migrate(self._engine, self.path, writable=signer is not None)

    # ------------------------------------------------------------ writing

    def append(self, additions: Sequence[Addition], *, once: bool = False) -> tuple[int, ...]:
        """Append entries with their records and sign the new checkpoint, all in one transaction.

        On the disk when this returns; either all of it or none of it.

        Parameters
        ----------
        additions : sequence of Addition
            In the order in which they shall stand.
        once : bool
            Leave out what is already there: an entry of the same kind with the same commitment.

        Returns
        -------
        tuple of int
            The indices of what was appended.

        Raises
        ------
        LedgerError
            ``store-busy``, ``store-full`` or ``store`` where it could not be written. After any but the
            first this store refuses to append: whether a failed write reached the disk is known only to
            the one who opens the file anew. ``head`` where what is kept is not what was last signed.
        """
        signer = self._ready_to_write()
        try:
            with writing(self._engine, self.path) as connection:
                self._catch_up(connection)
                chosen = self._not_yet_there(connection, additions) if once else list(additions)
                if not chosen:
                    return ()
                tree = self._insert(connection, chosen, signer)
        except LedgerError as error:
            self._broken = error.code not in ("store-busy", "head")
            raise
        first, self._tree = self._tree.size, tree
        return tuple(range(first, tree.size))

    def put_original(self, content: bytes | Path) -> str:
        """Keep a file byte for byte; see :meth:`truceline.store.originals.Originals.put`."""
        self._ready_to_write()
        return self.originals.put(content)

    def _ready_to_write(self) -> Signer:
        if self._signer is None:
            raise UsageError("this mission was opened only to be read", code="read-only")
        if self._broken:
            raise LedgerError(
                "a write failed before; nothing more is appended",
                hint="open the mission again and verify it",
                code="store",
            )
        return self._signer

    def _catch_up(self, connection: Connection) -> None:
        """Take in what other programs appended, and hold it against the last signature."""
        head = self._newest_checkpoint(connection)
        kept = list(_column(connection, leaves, "leaf", self._tree.size))
        whole = all(len(leaf) == HASH_BYTES for leaf in kept)
        for leaf in kept if whole else ():
            self._tree.append(leaf)
        if not whole or (head.size, head.root) != (self._tree.size, self._tree.root()):
            raise LedgerError(
                f"what is kept is not what was signed at size {head.size}; nothing is appended to it",
                hint="verify the mission: it names what was changed",
                code="head",
            )

    def _not_yet_there(self, connection: Connection, additions: Sequence[Addition]) -> list[Addition]:
        for data in _column(connection, entries, "entry", self._known_count):
            entry = Entry.from_bytes(data)
            self._known.add((entry.kind, entry.commitment))
            self._known_count += 1
        chosen: dict[tuple[str, bytes], Addition] = {}
        for addition in additions:
            chosen.setdefault((addition.entry.kind, addition.entry.commitment), addition)
        return [addition for what, addition in chosen.items() if what not in self._known]

    def _insert(self, connection: Connection, chosen: Sequence[Addition], signer: Signer) -> Tree:
        tree = self._tree.copy()
        entry_rows, leaf_rows = [], []
        record_rows: dict[bytes, dict[str, object]] = {}
        for addition in chosen:
            index, data, leaf = tree.size, addition.entry.to_bytes(), addition.entry.leaf
            tree.append(leaf)
            entry_rows.append({"index": index, "entry": data})
            leaf_rows.append({"index": index, "leaf": leaf})
            made = addition.entry.commitment
            record_rows[made] = {"commitment": made, "salt": addition.salt, "record": addition.record}
        connection.execute(insert(entries), entry_rows)
        connection.execute(insert(leaves), leaf_rows)
        # The same record under two entries is kept once: the commitment is the same.
        connection.execute(insert(records).prefix_with("OR IGNORE"), list(record_rows.values()))
        note = sign_checkpoint(tree, signer)
        connection.execute(insert(checkpoints).values(size=tree.size, note=note))
        return tree

    # ------------------------------------------------------------ reading

    def head(self) -> Checkpoint:
        """The newest checkpoint, its signature checked; that of an empty tree where nothing was appended.

        Raises
        ------
        LedgerError
            Where it does not hold.
        """
        with reading(self._engine, self.path) as connection:
            return self._newest_checkpoint(connection)

    def _newest_checkpoint(self, connection: Connection) -> Checkpoint:
        newest = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
        note = connection.execute(newest).scalar_one_or_none()
        if note is None:
            return Checkpoint(origin=self._verifier.name, size=0, root=EMPTY_ROOT)
        return open_checkpoint(note, self._verifier)

    def entries(self, start: int = 0) -> Iterator[tuple[int, Entry]]:
        """Index and entry, in order, from an index on. Read in pages: appending meanwhile is no harm."""
        while True:
            page = (
                select(entries).where(entries.c.index >= start).order_by(entries.c.index).limit(_PAGE_COUNT)
            )
            with reading(self._engine, self.path) as connection:
                rows = connection.execute(page).all()
            for index, data in rows:
                yield index, Entry.from_bytes(data)
            if len(rows) < _PAGE_COUNT:
                return
            start = rows[-1][0] + 1

    def recorded(self, kind: str) -> Iterator[Recorded]:
        """Every entry of a kind with its record, in order.

        Raises
        ------
        LedgerError
            Code ``record`` where a record is not what its entry commits to.
        """
        for index, entry in self.entries():
            if entry.kind == kind:
                yield Recorded(index=index, entry=entry, record=self.record(entry.commitment))

    def record(self, commitment: bytes) -> bytes | None:
        """The record behind a commitment, or None where it is withheld. Raises as :meth:`recorded`."""
        wanted = map(_as_kept, (records.c.salt, records.c.record))
        query = select(*wanted).where(records.c.commitment == commitment)
        with reading(self._engine, self.path) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        salt, record = bytes(row[0]), bytes(row[1])
        if len(salt) != SALT_BYTES or commitment_of(record, salt) != commitment:
            raise LedgerError(
                f"the record kept under {commitment.hex()} is not what was recorded",
                hint="verify the mission: it names the entry; restore it from another copy",
                code="record",
            )
        return record

    def original(self, sha256: str) -> Path:
        """The file kept under a hash.

        Raises
        ------
        LedgerError
            Code ``original`` where there is none.
        """
        path = self.originals.path(sha256)
        if not path.is_file():
            raise LedgerError(f"the original {sha256} is missing", hint="verify the mission", code="original")
        return path

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Everything as of one moment; holds off writers while it is open."""
        with reading(self._engine, self.path) as connection:
            yield Snapshot(connection)

    def verify(self, *, mission_key: bytes | None = None) -> Verification:
        """Check all that is kept; see :func:`truceline.ledger.verify.verify`."""
        with self.snapshot() as kept:
            found = verify(
                entries=kept.entries(),
                leaves=kept.leaves(),
                checkpoints=kept.checkpoints(),
                records=kept.records(),
                originals=((name, self.originals.chunks(name)) for name in self.originals),
                verifier=self._verifier,
                mission_key=mission_key,
            )
            damage = tuple(Fault(None, "store", said) for said in kept.damage())
        return replace(found, faults=found.faults + damage)


class Snapshot:
    """What is kept, as of one moment, as it is: nothing is checked or parsed here."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def entries(self) -> Iterator[Row]:
        """Entries by index."""
        return self._rows(entries, Row)

    def leaves(self) -> Iterator[Row]:
        """Leaf hashes by index."""
        return self._rows(leaves, Row)

    def checkpoints(self) -> Iterator[SignedSize]:
        """Signed checkpoints by size."""
        return self._rows(checkpoints, SignedSize)

    def records(self) -> Iterator[KeptRecord]:
        """Records with their salts, by commitment."""
        return self._rows(records, KeptRecord)

    def damage(self) -> list[str]:
        """What SQLite itself finds wrong with the file."""
        return integrity_faults(self._connection)

    def count(self) -> int:
        """How many entries."""
        return self._connection.execute(select(func.count()).select_from(entries)).scalar_one()

    def _rows(self, source: Table, make: Callable[..., T]) -> Iterator[T]:
        # A damaged row can hold another type than its column's; its bytes are what is verified.
        query = select(*map(_as_kept, source.columns)).order_by(*source.primary_key.columns)
        for row in self._connection.execute(query).yield_per(_PAGE_COUNT):
            yield make(*row)


def _as_kept(column: Column) -> ColumnElement:
    if isinstance(column.type, LargeBinary):
        return func.coalesce(cast(column, LargeBinary), b"")
    return column


def _column(connection: Connection, source: Table, name: str, start: int) -> Iterator[bytes]:
    query = select(source.c[name]).where(source.c.index >= start).order_by(source.c.index)
    for (value,) in connection.execute(query).yield_per(_PAGE_COUNT):
        yield value
