"""Signed notes, as C2SP signed-note defines them: a short text and Ed25519 signatures over it.

A note is text, an empty line, and one line for each signature::

    — name base64(key id || signature)

The key id is the first four bytes of SHA-256(name || 0x0A || type || public key). Signatures by keys we do
not know are passed over; one by a key we know that does not hold makes the whole note refused.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from truceline.errors import LedgerError

ED25519 = 0x01
LARGEST_NOTE_BYTES = 1_000_000
MOST_SIGNATURES = 100
_DASH = "— "


def _refused(message: str) -> LedgerError:
    return LedgerError(message, code="note")


def _check_name(name: str) -> None:
    if not name or "+" in name or any(char.isspace() for char in name) or not name.isprintable():
        raise _refused(f"not a key name: {name!r}; it has no spaces and no plus sign")


def _decode(text: str, what: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise _refused(f"{what} is not base64: {text!r}") from None
    # Base64 leaves spare bits in its last character; only one spelling is taken.
    if base64.b64encode(data).decode("ascii") != text:
        raise _refused(f"{what} is not in the one spelling of base64: {text!r}")
    return data


@dataclass(frozen=True, slots=True)
class Verifier:
    """A name and an Ed25519 public key (32 bytes): whose signature is believed."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != 32:
            raise _refused(f"an Ed25519 public key is 32 bytes, seen {len(self.public_key)}")

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of the same name apart."""
        named = self.name.encode("utf-8") + b"\n" + bytes([ED25519]) + self.public_key
        return hashlib.sha256(named).digest()[:4]

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is this key's over the message."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public_key).verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def to_text(self) -> str:
        """``name+keyid+base64(type || key)``: the verifier key as other tools read it."""
        encoded = base64.b64encode(bytes([ED25519]) + self.public_key).decode("ascii")
        return f"{self.name}+{self.key_id.hex()}+{encoded}"

    @classmethod
    def from_text(cls, text: str) -> Verifier:
        """Read a verifier key; LedgerError (code ``note``) where it is none, or the key id another's."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise _refused(f"not a verifier key: {text.strip()!r}")
        name, key_id, encoded = parts
        data = _decode(encoded, "the verifier key")
        if not data or data[0] != ED25519:
            raise _refused("the verifier key is not an Ed25519 one")
        verifier = cls(name, data[1:])
        if verifier.key_id.hex() != key_id:
            raise _refused(f"the key id {key_id} is not that of the verifier key {name}")
        return verifier


@dataclass(frozen=True, slots=True)
class Signer:
    """A name and an Ed25519 private key: who signs."""

    name: str
    private_key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        raw = self.private_key.public_key().public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        return Verifier(self.name, raw)


def sign_note(text: str, signer: Signer) -> bytes:
    """The note with one signature. The text must end with a newline and hold no other control character.

    Raises
    ------
    LedgerError
        Code ``note`` where the text cannot be signed.
    """
    _check_text(text)
    signature = signer.private_key.sign(text.encode("utf-8"))
    encoded = base64.b64encode(signer.verifier.key_id + signature).decode("ascii")
    return f"{text}\n{_DASH}{signer.name} {encoded}\n".encode()


def open_note(note: bytes, verifiers: Sequence[Verifier]) -> str:
    """The text of a note that at least one of the verifiers signed.

    Raises
    ------
    LedgerError
        Code ``note``: malformed, signed by none of them, or with a signature of one that does not hold.
    """
    text, signatures = split_note(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    believed = False
    for name, data in signatures:
        verifier = known.get((name, data[:4]))
        if verifier is None:
            continue
        if not verifier.holds(text.encode("utf-8"), data[4:]):
            raise _refused(f"the signature of {name} does not hold")
        believed = True
    if not believed:
        raise _refused("none of the keys we know signed it")
    return text


def split_note(note: bytes) -> tuple[str, tuple[tuple[str, bytes], ...]]:
    """Text, and (name, key id || signature) of each signature, unchecked. Raises as :func:`open_note`."""
    if len(note) > LARGEST_NOTE_BYTES:
        raise _refused(f"{len(note)} bytes is too long for a note")
    try:
        whole = note.decode("utf-8")
    except UnicodeDecodeError:
        raise _refused("not UTF-8") from None
    body, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise _refused("no signatures below an empty line")
    text = body + "\n"
    _check_text(text)
    lines = tail[:-1].split("\n")
    if len(lines) > MOST_SIGNATURES:
        raise _refused(f"{len(lines)} signatures are too many")
    return text, tuple(_signature(line) for line in lines)


def _signature(line: str) -> tuple[str, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not encoded:
        raise _refused(f"not a signature line: {line!r}")
    _check_name(name)
    data = _decode(encoded, "a signature")
    if len(data) < 5:
        raise _refused("a signature is too short")
    return name, data


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise _refused("the text does not end with a newline")
    if any((char < " " and char != "\n") or char == "\x7f" for char in text):
        raise _refused("a control character in the text")
