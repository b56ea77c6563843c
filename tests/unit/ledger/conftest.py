"""A small ledger, held in lists, that tests can damage."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from truceline.ledger.checkpoint import sign_checkpoint
from truceline.ledger.entry import commit
from truceline.ledger.merkle import Tree
from truceline.ledger.note import Signer
from truceline.ledger.verify import KeptRecord, Row, SignedSize, Verification, verify

KEY = bytes(range(32))
SIGNER = Signer("truceline.example/small", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def failing() -> Iterator[bytes]:
    """A file on a bad sector."""
    yield b""
    raise OSError(5, "Input/output error")


@dataclass
class SmallLedger:
    entries: list[Row] = field(default_factory=list)
    leaves: list[Row] = field(default_factory=list)
    checkpoints: list[SignedSize] = field(default_factory=list)
    records: list[KeptRecord] = field(default_factory=list)
    originals: dict[str, bytes] = field(default_factory=dict)
    tree: Tree = field(default_factory=Tree)

    def append(self, *items: tuple[str, object]) -> None:
        """Append some entries under one checkpoint, as the store does."""
        for kind, content in items:
            made = commit(kind, content, time_us=self.tree.size * 1_000_000, author="Post 7", mission_key=KEY)
            self.entries.append(Row(self.tree.size, made.entry.to_bytes()))
            self.leaves.append(Row(self.tree.size, made.entry.leaf))
            self.records.append(KeptRecord(made.entry.commitment, made.salt, made.record))
            self.tree.append(made.entry.leaf)
        self.checkpoints.append(SignedSize(self.tree.size, sign_checkpoint(self.tree, SIGNER)))

    def keep(self, content: bytes) -> dict[str, str]:
        name = hashlib.sha256(content).hexdigest()
        self.originals[name] = content
        return {"sha256": name}

    def copy(self) -> SmallLedger:
        return replace(
            self,
            entries=list(self.entries),
            leaves=list(self.leaves),
            checkpoints=list(self.checkpoints),
            records=list(self.records),
            originals=dict(self.originals),
        )

    def verify(self, *, key: bytes | None = KEY, unreadable: str = "") -> Verification:
        return verify(
            entries=self.entries,
            leaves=self.leaves,
            checkpoints=self.checkpoints,
            records=self.records,
            originals=[
                (name, failing() if name == unreadable else [content])
                for name, content in self.originals.items()
            ],
            verifier=SIGNER.verifier,
            mission_key=key,
        )


@pytest.fixture
def ledger() -> SmallLedger:
    """Ten entries in four checkpoints (sizes 1, 4, 9, 10); entries 2 and 9 rest on originals."""
    small = SmallLedger()
    small.append(("note", {"title": "exercise"}))
    first, second = small.keep(b"lon,lat\n38.6,33.5\n"), small.keep(b"<gpx/>")
    small.append(
        ("agreement", {"originals": [first]}), ("file", {"originals": [second]}), ("report", {"n": 3})
    )
    small.append(*(("finding", {"n": number}) for number in range(4, 9)))
    small.append(("file", {"originals": [first, second]}))
    return small
