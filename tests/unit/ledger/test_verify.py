"""Every kind of damage is found, named and put at the right entry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from truceline.errors import LedgerError
from truceline.ledger.checkpoint import sign_checkpoint
from truceline.ledger.entry import Entry, commit
from truceline.ledger.merkle import Tree, leaf_hash
from truceline.ledger.verify import KeptRecord, Row, SignedSize, Verification

from .conftest import KEY, SIGNER, SmallLedger


def named(result: Verification) -> list[tuple[int | None, str]]:
    return [(fault.index, fault.what) for fault in result.faults]


def flip(data: bytes, at: int = 0) -> bytes:
    changed = bytearray(data)
    changed[at] ^= 0x01
    return bytes(changed)


def test_a_sound_ledger_verifies_with_and_without_the_key(ledger: SmallLedger) -> None:
    for key in (KEY, None):
        result = ledger.verify(key=key)
        assert result.ok
        assert result.faults == ()
        assert result.withheld == ()
        assert (result.entries_count, result.records_count, result.originals_count) == (10, 10, 2)
        assert result.head is not None
        assert (result.head.size, result.head.root) == (10, ledger.tree.root())


def test_a_changed_entry(ledger: SmallLedger) -> None:
    ledger.entries[5] = Row(5, ledger.entries[5].data.replace(b"Post 7", b"Post 8"))
    result = ledger.verify()
    assert (5, "entry") in named(result)
    assert {fault.index for fault in result.faults} <= {5, None}


def test_a_changed_entry_and_leaf_are_narrowed_down_by_the_checkpoints(ledger: SmallLedger) -> None:
    forged = ledger.entries[5].data.replace(b"Post 7", b"Post 8")
    ledger.entries[5], ledger.leaves[5] = Row(5, forged), Row(5, leaf_hash(forged))
    result = ledger.verify()
    # The checkpoints of size 4 and 9 enclose it.
    assert named(result) == [(4, "history")]
    assert "entries 4 to 8" in result.faults[0].detail


@pytest.mark.parametrize("index", [0, 5, 9])
def test_a_removed_entry(ledger: SmallLedger, index: int) -> None:
    del ledger.entries[index]
    assert (index, "missing") in named(ledger.verify())


def test_a_removed_entry_with_the_rest_moved_up(ledger: SmallLedger) -> None:
    kept = [row for row in ledger.entries if row.index != 5]
    ledger.entries = [Row(at, row.data) for at, row in enumerate(kept)]
    result = ledger.verify()
    assert [(fault.index, fault.what) for fault in result.faults if fault.index is not None] == [
        (5, "missing"),
        (6, "moved"),
    ]
    assert any(fault.detail == "entries 6 to 9 are filed as 5 to 8" for fault in result.faults)


def test_a_tail_cut_off_with_its_leaves(ledger: SmallLedger) -> None:
    del ledger.entries[7:], ledger.leaves[7:]
    result = ledger.verify()
    assert (7, "missing") in named(result)


def test_a_tail_cut_off_with_leaves_and_checkpoints_is_an_older_ledger(ledger: SmallLedger) -> None:
    # What verifying alone cannot see: an old copy. A witness that holds a newer checkpoint can.
    del ledger.entries[4:], ledger.leaves[4:], ledger.checkpoints[2:], ledger.records[4:]
    result = ledger.verify()
    assert result.ok
    assert result.head is not None
    assert result.head.size == 4


def test_an_inserted_entry(ledger: SmallLedger) -> None:
    forged = commit("note", {"n": "forged"}, time_us=0, author="x", mission_key=KEY)
    rows = [row.data for row in ledger.entries]
    rows.insert(3, forged.entry.to_bytes())
    ledger.entries = [Row(at, data) for at, data in enumerate(rows)]
    result = ledger.verify()
    assert (3, "moved") in named(result)  # entries 3 to 9 are filed as 4 to 10
    assert (3, "inserted") in named(result)


def test_an_entry_put_at_the_end_without_a_signature(ledger: SmallLedger) -> None:
    forged = commit("note", {"n": "forged"}, time_us=0, author="x", mission_key=KEY)
    ledger.entries.append(Row(10, forged.entry.to_bytes()))
    ledger.leaves.append(Row(10, forged.entry.leaf))
    ledger.records.append(KeptRecord(forged.entry.commitment, forged.salt, forged.record))
    assert named(ledger.verify()) == [(10, "checkpoint")]


def test_two_entries_swapped(ledger: SmallLedger) -> None:
    five, seven = ledger.entries[5], ledger.entries[7]
    ledger.entries[5], ledger.entries[7] = Row(5, seven.data), Row(7, five.data)
    result = ledger.verify()
    assert [item for item in named(result) if item[0] is not None] == [(5, "moved"), (7, "moved")]


def test_a_changed_leaf_hash_is_not_taken_for_a_changed_entry(ledger: SmallLedger) -> None:
    ledger.leaves[6] = Row(6, flip(ledger.leaves[6].data))
    assert named(ledger.verify()) == [(6, "leaf")]


@pytest.mark.parametrize("replacement", [Row(6, b"short"), Row(70, b"\x01" * 32), None])
def test_a_leaf_hash_that_is_short_misfiled_or_gone(ledger: SmallLedger, replacement: Row | None) -> None:
    ledger.leaves[6:7] = [replacement] if replacement else []
    assert named(ledger.verify()) == [(6, "leaf")]


def test_a_changed_record_and_a_changed_salt_are_told_apart_with_the_key(ledger: SmallLedger) -> None:
    sound = ledger.records[4]
    ledger.records[4] = replace(sound, record=flip(sound.record))
    assert named(ledger.verify()) == [(4, "record")]
    ledger.records[4] = replace(sound, salt=flip(sound.salt))
    assert named(ledger.verify()) == [(4, "salt")]
    assert named(ledger.verify(key=None)) == [(4, "record")]
    ledger.records[4] = replace(sound, salt=sound.salt[:31])
    assert named(ledger.verify()) == [(4, "salt")]


def test_bytes_moved_between_salt_and_record_are_found(ledger: SmallLedger) -> None:
    sound = ledger.records[4]
    ledger.records[4] = replace(sound, salt=sound.salt + sound.record[:1], record=sound.record[1:])
    assert [fault.index for fault in ledger.verify().faults] == [4]


def test_a_record_filed_under_another_commitment(ledger: SmallLedger) -> None:
    ledger.records[4] = replace(ledger.records[4], commitment=flip(ledger.records[4].commitment))
    result = ledger.verify()
    assert named(result) == [(4, "record")]
    assert result.withheld == ()


def test_a_record_of_no_entry(ledger: SmallLedger) -> None:
    extra = commit("note", {"n": "extra"}, time_us=0, author="x", mission_key=KEY)
    ledger.records.append(KeptRecord(extra.entry.commitment, extra.salt, extra.record))
    assert named(ledger.verify()) == [(None, "record")]


def test_a_withheld_record_is_told_and_is_no_fault(ledger: SmallLedger) -> None:
    del ledger.records[7], ledger.records[3]
    result = ledger.verify()
    assert result.ok
    assert result.withheld == (3, 7)
    assert result.records_count == 8


def test_an_original_changed_or_missing_names_every_entry_that_rests_on_it(ledger: SmallLedger) -> None:
    first, second = ledger.originals
    ledger.originals[second] = b"<gpx />"
    assert named(ledger.verify()) == [(2, "original"), (9, "original")]
    del ledger.originals[second]
    assert named(ledger.verify()) == [(2, "original"), (9, "original")]
    ledger.originals[second] = b"<gpx/>"
    ledger.originals[first] = b""
    assert named(ledger.verify()) == [(1, "original"), (9, "original")]


def test_an_original_of_no_entry_is_no_fault_until_it_is_changed(ledger: SmallLedger) -> None:
    ledger.keep(b"received, not yet read")
    assert ledger.verify().ok
    ledger.originals["ab" * 32] = b"something"
    assert named(ledger.verify()) == [(None, "original")]


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_a_changed_checkpoint(ledger: SmallLedger, at: int) -> None:
    kept = ledger.checkpoints[at]
    ledger.checkpoints[at] = SignedSize(kept.size, flip(kept.note, 30))
    assert named(ledger.verify()) == [(kept.size - 1, "checkpoint")]


def test_a_checkpoint_filed_under_another_size(ledger: SmallLedger) -> None:
    ledger.checkpoints[1] = SignedSize(5, ledger.checkpoints[1].note)
    assert named(ledger.verify()) == [(3, "checkpoint")]


def test_no_checkpoint_at_all(ledger: SmallLedger) -> None:
    ledger.checkpoints = []
    assert (None, "checkpoint") in named(ledger.verify())
    assert not SmallLedger().verify().ok


def test_a_log_that_signed_two_histories(ledger: SmallLedger) -> None:
    # The host holds the key and signed another past at size 4: the newest checkpoint holds, this one not.
    other = Tree(leaf_hash(bytes([number])) for number in range(4))
    ledger.checkpoints[1] = SignedSize(4, sign_checkpoint(other, SIGNER))
    result = ledger.verify()
    assert named(result) == [(1, "history")]


def test_another_mission_key_is_told(ledger: SmallLedger) -> None:
    assert named(ledger.verify(key=bytes(32))) == [(None, "key")]


def test_a_signed_entry_that_is_no_entry(ledger: SmallLedger) -> None:
    # A host with the key sealed nonsense: the tree holds, the entry is still named.
    ledger.entries.append(Row(10, b"nonsense"))
    ledger.leaves.append(Row(10, leaf_hash(b"nonsense")))
    ledger.tree.append(leaf_hash(b"nonsense"))
    ledger.checkpoints.append(SignedSize(11, sign_checkpoint(ledger.tree, SIGNER)))
    assert named(ledger.verify()) == [(10, "entry")]
    with pytest.raises(LedgerError):
        Entry.from_bytes(b"nonsense")


@pytest.mark.parametrize("content", [["a list"], {"originals": 5}, {"originals": [{"name": "x"}]}, {}])
def test_a_file_record_that_does_not_say_its_originals(ledger: SmallLedger, content: object) -> None:
    ledger.append(("file", content))
    assert named(ledger.verify()) == [(10, "record")]


def test_an_original_that_cannot_be_read(ledger: SmallLedger) -> None:
    _, second = ledger.originals
    result = ledger.verify(unreadable=second)
    assert named(result) == [(2, "original"), (9, "original")]
    assert "Input/output error" in result.faults[0].detail
