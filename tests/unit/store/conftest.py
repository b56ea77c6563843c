"""A signer and ready-made additions."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from truceline.ledger.entry import Addition, commit
from truceline.ledger.note import Signer
from truceline.store.store import Store

KEY = bytes(range(32))
SIGNER = Signer("truceline.example/store", Ed25519PrivateKey.from_private_bytes(bytes(32)))


def addition(number: int, kind: str = "report") -> Addition:
    return commit(kind, {"n": number}, time_us=number * 1_000_000, author="Post 7", mission_key=KEY)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, verifier=SIGNER.verifier, signer=SIGNER)
