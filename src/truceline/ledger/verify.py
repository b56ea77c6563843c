"""Find and name whatever is not as it was recorded. Pure: what is kept comes in, faults come out."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from truceline.errors import LedgerError
from truceline.ledger.checkpoint import Checkpoint
from truceline.ledger.entry import SALT_BYTES, Entry, commitment_of, salt_of
from truceline.ledger.history import Fault, Row, SignedSize, check_history, open_checkpoints
from truceline.ledger.note import Verifier

__all__ = ["Fault", "KeptRecord", "Row", "SignedSize", "Verification", "verify"]

# Records of these kinds name the originals they rest on: {"originals": [{"sha256": ...}, ...]}.
KINDS_WITH_ORIGINALS = frozenset({"file", "agreement"})


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """A record as it is kept: the commitment it is filed under, its salt and its bytes."""

    commitment: bytes
    salt: bytes
    record: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What verifying found.

    Attributes
    ----------
    head : Checkpoint or None
        The newest checkpoint whose signature holds.
    faults : tuple of Fault
        By index; those of no entry last.
    withheld : tuple of int
        Entries whose record is not kept here. That is no fault: the entry still proves that it was made.
    entries_count, records_count, originals_count : int
        How many of each were looked at.
    """

    head: Checkpoint | None
    faults: tuple[Fault, ...]
    withheld: tuple[int, ...]
    entries_count: int
    records_count: int
    originals_count: int

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.faults


def verify(
    *,
    entries: Iterable[Row],
    leaves: Iterable[Row],
    checkpoints: Iterable[SignedSize],
    records: Iterable[KeptRecord],
    originals: Iterable[tuple[str, Iterable[bytes]]],
    verifier: Verifier,
    mission_key: bytes | None = None,
) -> Verification:
    """Check everything that is kept against the signed checkpoints, and name each fault.

    Parameters
    ----------
    entries : iterable of Row
        Index and bytes of each entry.
    leaves : iterable of Row
        Index and leaf hash of each entry, kept apart from the entries.
    checkpoints : iterable of SignedSize
        Every signed checkpoint kept.
    records : iterable of KeptRecord
        The records with their salts, in any order; a withheld one is simply not among them.
    originals : iterable of (sha256 hex, chunks)
        Each file kept, under its name, and its bytes in pieces. An OSError while reading one is a fault.
    verifier : Verifier
        The public key of the log.
    mission_key : bytes, optional
        With it a changed salt can be told from a changed record.

    Returns
    -------
    Verification
        What it proves and what it cannot is said in docs/explain/ledger.md.
    """
    signed = list(checkpoints)
    rows = list(entries)
    good, faults = open_checkpoints(signed, verifier)
    right, found = check_history(rows, leaves, good)
    faults += found + _unsigned(len(rows), signed, good)
    parsed, found = _parse(right)
    faults += found
    seen = _Records(parsed, mission_key)
    records_count = 0
    for record in records:
        seen.take(record)
        records_count += 1
    named, found = _originals_named(seen.contents)
    faults += seen.faults + found
    originals_count, found = _check_originals(originals, named)
    faults += found
    return Verification(
        head=good[-1] if good else None,
        faults=tuple(sorted(faults, key=lambda fault: (fault.index is None, fault.index or 0, fault.what))),
        withheld=seen.withheld(),
        entries_count=len(rows),
        records_count=records_count,
        originals_count=originals_count,
    )


def _unsigned(count: int, signed: Sequence[SignedSize], good: Sequence[Checkpoint]) -> list[Fault]:
    """Entries that no checkpoint was ever made over, sound or not."""
    if not signed:
        return [Fault(None, "checkpoint", "no checkpoint is kept, so nothing says what the entries were")]
    # One that does not hold has its own fault; where one is misfiled, its own size counts.
    covered = max(*(item.size for item in signed), *(checkpoint.size for checkpoint in good), 0)
    if count <= covered:
        return []
    return [Fault(covered, "checkpoint", f"{count} entries are kept, and the checkpoints go up to {covered}")]


def _parse(right: Mapping[int, bytes]) -> tuple[dict[int, Entry], list[Fault]]:
    parsed: dict[int, Entry] = {}
    faults: list[Fault] = []
    for index, data in right.items():
        try:
            parsed[index] = Entry.from_bytes(data)
        except LedgerError as error:
            faults.append(Fault(index, "entry", f"entry {index} is as signed, and is {error.message}"))
    return parsed, faults


class _Records:
    """Match records to the entries that commit to them."""

    def __init__(self, entries: Mapping[int, Entry], mission_key: bytes | None) -> None:
        self.faults: list[Fault] = []
        self.contents: dict[int, bytes] = {}  # records that name originals, by entry
        self._entries = entries
        self._key = mission_key
        self._key_faulty = False
        self._present: set[bytes] = set()
        self._indices: dict[bytes, list[int]] = defaultdict(list)
        for index, entry in entries.items():
            self._indices[entry.commitment].append(index)

    def take(self, kept: KeptRecord) -> None:
        """Look at one record."""
        filed = self._indices.get(kept.commitment, [])
        computed = commitment_of(kept.record, kept.salt) if len(kept.salt) == SALT_BYTES else b""
        if computed != kept.commitment:
            self._name_change(kept, computed, filed)
        elif not filed:
            detail = f"a record is kept that no sound entry commits to: {kept.commitment.hex()}"
            self.faults.append(Fault(None, "record", detail))
        else:
            self._present.add(kept.commitment)
            self._check_key(kept)
            for index in filed:
                if self._entries[index].kind in KINDS_WITH_ORIGINALS:
                    self.contents[index] = kept.record

    def withheld(self) -> tuple[int, ...]:
        """Entries whose record was not among those taken."""
        absent = (indices for made, indices in self._indices.items() if made not in self._present)
        return tuple(sorted(index for indices in absent for index in indices))

    def _name_change(self, kept: KeptRecord, computed: bytes, filed: list[int]) -> None:
        if not filed and computed in self._indices:
            self._present.add(computed)
            self.faults += [
                Fault(index, "record", f"the record of entry {index} is filed under another commitment")
                for index in self._indices[computed]
            ]
            return
        what, detail = self._changed_part(kept)
        self._present.add(kept.commitment)
        if not filed:
            detail = f"{detail}; it is filed under {kept.commitment.hex()}, of no sound entry"
            self.faults.append(Fault(None, what, detail))
        self.faults += [Fault(index, what, f"entry {index}: {detail}") for index in filed]

    def _changed_part(self, kept: KeptRecord) -> tuple[str, str]:
        if self._key is None:
            return "record", "the record or its salt was changed"
        derived = salt_of(kept.record, self._key)
        if commitment_of(kept.record, derived) == kept.commitment:
            return "salt", "the salt was changed; the record is as recorded"
        return "record", "the record was changed"

    def _check_key(self, kept: KeptRecord) -> None:
        if self._key is None or self._key_faulty or salt_of(kept.record, self._key) == kept.salt:
            return
        self._key_faulty = True
        self.faults.append(Fault(None, "key", "the mission's key is not the one the salts were made with"))


def _originals_named(contents: Mapping[int, bytes]) -> tuple[dict[str, list[int]], list[Fault]]:
    """SHA-256 in hex of each original the records name, with the entries that name it; and faults."""
    named: dict[str, list[int]] = defaultdict(list)
    faults: list[Fault] = []
    for index in sorted(contents):
        try:
            names = [str(item["sha256"]) for item in json.loads(contents[index])["originals"]]
        except (ValueError, TypeError, KeyError, RecursionError):
            faults.append(Fault(index, "record", f"the record of entry {index} does not say its originals"))
            continue
        for name in dict.fromkeys(names):
            named[name].append(index)
    return named, faults


def _check_originals(
    originals: Iterable[tuple[str, Iterable[bytes]]], named: Mapping[str, list[int]]
) -> tuple[int, list[Fault]]:
    faults: list[Fault] = []
    seen: set[str] = set()
    for name, chunks in originals:
        seen.add(name)
        digest = hashlib.sha256()
        try:
            for chunk in chunks:
                digest.update(chunk)
        except OSError as error:
            faults += _of_original(name, named, f"the original {name} cannot be read: {error}")
            continue
        if digest.hexdigest() != name:
            faults += _of_original(name, named, f"the bytes of the original {name} were changed")
    for name in named:
        if name not in seen:
            faults += _of_original(name, named, f"the original {name} is missing")
    return len(seen), faults


def _of_original(name: str, named: Mapping[str, list[int]], detail: str) -> list[Fault]:
    indices: list[int | None] = [*named.get(name, [])]
    return [Fault(index, "original", detail) for index in indices or [None]]
