"""The two secrets of a mission: the Ed25519 key its ledger is signed with, and the key its salts come from."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from truceline.errors import LedgerError
from truceline.ledger.note import Signer, Verifier

FOLDER_NAME = "keys"
PRIVATE_NAME = "ledger.key"  # PKCS 8 in PEM, mode 0600
PUBLIC_NAME = "ledger.pub"  # a C2SP verifier key; give this to whoever shall verify
MISSION_NAME = "mission.key"  # 32 bytes in hex, mode 0600
MISSION_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class MissionKeys:
    """What a mission signs and salts with.

    Attributes
    ----------
    signer : Signer
        Its name is the log's: ``truceline/mission/`` and the first 16 hex digits of the public key's SHA-256.
    mission_key : bytes
        32 bytes.
    """

    signer: Signer
    mission_key: bytes

    @classmethod
    def from_seeds(cls, ledger_seed: bytes, mission_key: bytes) -> MissionKeys:
        """Keys from 32 bytes each; LedgerError (code ``key``) of any other length."""
        if len(ledger_seed) != 32 or len(mission_key) != MISSION_KEY_BYTES:
            raise LedgerError("a mission's keys are made of 32 bytes each", code="key")
        private = Ed25519PrivateKey.from_private_bytes(ledger_seed)
        return cls(_signer(private), mission_key)

    @classmethod
    def new(cls) -> MissionKeys:
        """New keys from the operating system's secure random source."""
        return cls.from_seeds(secrets.token_bytes(32), secrets.token_bytes(MISSION_KEY_BYTES))


def write_keys(folder: Path, keys: MissionKeys) -> None:
    """Write the three key files into ``folder/keys``; the two secret ones for the owner alone."""
    where = folder / FOLDER_NAME
    where.mkdir(mode=0o700)
    pem = keys.signer.private_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write(where / PRIVATE_NAME, pem, 0o600)
    _write(where / MISSION_NAME, keys.mission_key.hex().encode("ascii") + b"\n", 0o600)
    _write(where / PUBLIC_NAME, keys.signer.verifier.to_text().encode("utf-8") + b"\n", 0o644)


def read_keys(folder: Path) -> tuple[Verifier, MissionKeys | None]:
    """The public key, and the secrets where the folder holds both of them.

    Raises
    ------
    LedgerError
        Code ``key``: the public key is missing, a key file is damaged, or the private key is another's.
    """
    where = folder / FOLDER_NAME
    public = where / PUBLIC_NAME
    if not public.is_file():
        raise LedgerError(
            f"{public} is missing", hint="restore it: nothing can be verified without it", code="key"
        )
    try:
        verifier = Verifier.from_text(public.read_text(encoding="utf-8"))
    except (LedgerError, UnicodeDecodeError) as error:
        raise LedgerError(f"{public} is damaged: {error}", hint="restore it", code="key") from None
    private, secret = where / PRIVATE_NAME, where / MISSION_NAME
    if not private.is_file() or not secret.is_file():
        return verifier, None
    signer = _signer(_read_private(private))
    if signer.verifier != verifier:
        raise LedgerError(f"{private} and {public} are not of one pair", hint="restore them", code="key")
    return verifier, MissionKeys(signer, _read_secret(secret))


def _signer(private: Ed25519PrivateKey) -> Signer:
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return Signer(f"truceline/mission/{hashlib.sha256(raw).hexdigest()[:16]}", private)


def _read_private(path: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise LedgerError(f"{path} is damaged: {error}", hint="restore it", code="key") from None
    if not isinstance(key, Ed25519PrivateKey):
        raise LedgerError(f"{path} is not an Ed25519 key", hint="restore it", code="key")
    return key


def _read_secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        secret = b""
    if len(secret) != MISSION_KEY_BYTES:
        raise LedgerError(f"{path} is damaged: it is not 32 bytes in hex", hint="restore it", code="key")
    return secret


def _write(path: Path, data: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
