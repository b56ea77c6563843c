"""Promise 9 in small: each byte of a ledger changed in turn is found, and at the right entry."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from truceline.ledger.verify import Row, SignedSize

from .conftest import SmallLedger


def flips(data: bytes, mask: int) -> Iterator[bytes]:
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= mask
        yield bytes(changed)


def damaged(sound: SmallLedger, mask: int) -> Iterator[tuple[set[int | None], SmallLedger]]:
    """Each ledger with one byte changed, and the entries that may be named (None: no entry)."""
    for at, row in enumerate(sound.entries):
        for data in flips(row.data, mask):
            other = sound.copy()
            other.entries[at] = Row(row.index, data)
            yield {row.index, None}, other  # None: its record is then one of no sound entry
    for at, row in enumerate(sound.leaves):
        for data in flips(row.data, mask):
            other = sound.copy()
            other.leaves[at] = Row(row.index, data)
            yield {row.index}, other
    for at, kept in enumerate(sound.checkpoints):
        for data in flips(kept.note, mask):
            other = sound.copy()
            other.checkpoints[at] = SignedSize(kept.size, data)
            yield {kept.size - 1}, other
    for at, record in enumerate(sound.records):
        for part in ("commitment", "salt", "record"):
            for data in flips(getattr(record, part), mask):
                other = sound.copy()
                other.records[at] = replace(record, **{part: data})
                yield {at}, other
    resting_on = [{1, 9}, {2, 9}]
    for indices, (name, content) in zip(resting_on, sound.originals.items(), strict=True):
        for data in flips(content, mask):
            other = sound.copy()
            other.originals[name] = data
            yield {*indices}, other


@pytest.mark.parametrize("mask", [0xFF, pytest.param(0x01, marks=pytest.mark.slow)])
def test_every_byte(ledger: SmallLedger, mask: int) -> None:
    tried = 0
    for expected, other in damaged(ledger, mask):
        found = {fault.index for fault in other.verify().faults}
        assert found, "not detected"
        assert found <= expected
        assert found != {None}, "detected, and at no entry"
        tried += 1
    entries_bytes = sum(len(row.data) for row in ledger.entries)
    # 10 leaves, and commitment and salt of 10 records, of 32 bytes each.
    rest = 10 * 32 + 10 * 64 + sum(len(record.record) for record in ledger.records)
    notes = sum(len(kept.note) for kept in ledger.checkpoints)
    assert tried == entries_bytes + rest + notes + sum(map(len, ledger.originals.values()))
