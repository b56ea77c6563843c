"""One entry of the ledger: what kind of thing was recorded, when, by whom, and a commitment to it.

The entry itself says nothing of the content. The commitment is SHA-256 of a salt and the record, so that
record and salt can be withheld or destroyed while the proof stays. The salt is derived from the record under
the mission's key: the same inputs give the same ledger on any store, and nobody without the key can test a
guess at a withheld record.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass

from truceline.errors import LedgerError, TrucelineError
from truceline.ledger.canonical import canonical_bytes
from truceline.ledger.merkle import leaf_hash
from truceline.timebase import isoformat, parse_instant
from truceline.units import MicrosUTC

KINDS = (
    "file",  # a file was taken in: reader, options, counts, what was dropped
    "agreement",  # the agreement in force for this mission
    "report",  # one claim, verbatim
    "plan",  # a planned movement
    "notice",  # a plan was notified, or a notice acknowledged
    "finding",  # one answer about one clause and one piece of evidence
    "grade",  # a person's grade of a source or a report
    "view",  # somebody looked
    "export",  # something left the mission
    "note",  # a remark; the first one opens the mission
)
SALT_BYTES = 32
# Entry bundles of the tlog-tiles format carry a 16-bit length.
LARGEST_ENTRY_BYTES = 65_535
_MEMBERS = {"author", "commitment", "kind", "time"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the ledger.

    Attributes
    ----------
    kind : str
        One of :data:`KINDS`.
    time_us : int
        When it was recorded, by the recorder's clock; microseconds UTC. The order of entries is their index.
    author : str
        Who recorded it.
    commitment : bytes
        32 bytes: SHA-256(salt || record).
    """

    kind: str
    time_us: MicrosUTC
    author: str
    commitment: bytes

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise LedgerError(f"no kind of entry is named {self.kind!r}", hint=f"kinds: {', '.join(KINDS)}")
        if len(self.commitment) != 32:
            raise LedgerError(f"a commitment is 32 bytes, seen {len(self.commitment)}")

    def to_bytes(self) -> bytes:
        """Canonical JSON of the four members; these bytes are what the Merkle leaf is over."""
        data = canonical_bytes(
            {
                "author": self.author,
                "commitment": self.commitment.hex(),
                "kind": self.kind,
                "time": isoformat(self.time_us),
            }
        )
        if len(data) > LARGEST_ENTRY_BYTES:
            raise LedgerError(f"an entry of {len(data)} bytes is too long", hint="shorten the author's name")
        return data

    @classmethod
    def from_bytes(cls, data: bytes) -> Entry:
        """Read an entry; LedgerError (code ``entry``) where :meth:`to_bytes` would not write these bytes."""
        try:
            entry = cls._read(data)
            same = entry.to_bytes() == data
        except (ValueError, TypeError, RecursionError, OverflowError, TrucelineError) as error:
            raise LedgerError(f"not an entry: {error}", code="entry") from None
        if not same:
            raise LedgerError("not an entry: not in canonical form", code="entry")
        return entry

    @classmethod
    def _read(cls, data: bytes) -> Entry:
        if len(data) > LARGEST_ENTRY_BYTES:
            raise ValueError(f"{len(data)} bytes long")
        members = json.loads(data.decode("utf-8"))
        if not isinstance(members, dict) or set(members) != _MEMBERS:
            raise ValueError("its members are not author, commitment, kind and time")
        if not all(isinstance(member, str) for member in members.values()):
            raise ValueError("a member is not text")
        return cls(
            kind=members["kind"],
            time_us=parse_instant(members["time"]),
            author=members["author"],
            commitment=bytes.fromhex(members["commitment"]),
        )

    @property
    def leaf(self) -> bytes:
        """SHA-256(0x00 || entry bytes), 32 bytes (RFC 6962)."""
        return leaf_hash(self.to_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What is appended: an entry with the salt and the record its commitment is over."""

    entry: Entry
    salt: bytes
    record: bytes


def salt_of(record: bytes, mission_key: bytes) -> bytes:
    """HMAC-SHA256(mission key, SHA-256(record)), 32 bytes."""
    return hmac.digest(mission_key, hashlib.sha256(record).digest(), "sha256")


def commitment_of(record: bytes, salt: bytes) -> bytes:
    """SHA-256(salt || record), 32 bytes.

    Raises
    ------
    LedgerError
        Where the salt is not 32 bytes. Its length is fixed, or bytes could move between it and the record.
    """
    if len(salt) != SALT_BYTES:
        raise LedgerError(f"a salt is {SALT_BYTES} bytes, seen {len(salt)}", code="salt")
    return hashlib.sha256(salt + record).digest()


def commit(kind: str, content: object, *, time_us: MicrosUTC, author: str, mission_key: bytes) -> Addition:
    """Make the entry for a JSON value, ready to append.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    content : JSON value
        What is recorded; its canonical bytes are the record.
    time_us : int
        Now, microseconds UTC.
    author : str
        Who records it.
    mission_key : bytes
        The mission's secret, from which the salt is derived.

    Returns
    -------
    Addition
    """
    record = canonical_bytes(content)
    salt = salt_of(record, mission_key)
    entry = Entry(kind=kind, time_us=time_us, author=author, commitment=commitment_of(record, salt))
    return Addition(entry=entry, salt=salt, record=record)
