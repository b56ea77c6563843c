"""Which entries stand where they were signed to stand: entries against leaves, leaves against checkpoints.

Three things say what the entries were: the entries, their leaf hashes kept apart from them, and the signed
checkpoints. A change to one is named by the other two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from truceline.errors import LedgerError
from truceline.ledger.checkpoint import Checkpoint, open_checkpoint
from truceline.ledger.merkle import HASH_BYTES, Tree, leaf_hash
from truceline.ledger.note import Verifier


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was recorded.

    Attributes
    ----------
    index : int or None
        The entry it concerns, counted from 0 (of several, the first); None where it belongs to no entry.
    what : str
        ``entry`` (its bytes), ``missing``, ``inserted``, ``moved``, ``leaf``, ``record``, ``salt``,
        ``original``, ``checkpoint``, ``history`` (not what was signed) or ``key``. Other rooms add
        ``store`` (the database file), ``agreement`` and ``settings`` (files of the mission folder).
    detail : str
        A sentence for a person.
    """

    index: int | None
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """An entry, or a leaf hash, as it is kept: the index it is filed under, and its bytes."""

    index: int
    data: bytes


@dataclass(frozen=True, slots=True)
class SignedSize:
    """A checkpoint as it is kept: the size it is filed under, and the signed note."""

    size: int
    note: bytes


def open_checkpoints(kept: Sequence[SignedSize], verifier: Verifier) -> tuple[list[Checkpoint], list[Fault]]:
    """The checkpoints that hold, by size, and a fault for each that does not."""
    good: list[Checkpoint] = []
    faults: list[Fault] = []
    for item in kept:
        try:
            checkpoint = open_checkpoint(item.note, verifier)
        except LedgerError as error:
            detail = f"the checkpoint of size {item.size} does not hold: {error.message}"
            faults.append(Fault(_covered(item.size), "checkpoint", detail))
            continue
        if checkpoint.size != item.size:
            detail = f"the checkpoint of size {checkpoint.size} is filed under {item.size}"
            faults.append(Fault(_covered(checkpoint.size), "checkpoint", detail))
        good.append(checkpoint)
    return sorted(good, key=lambda checkpoint: checkpoint.size), faults


def _covered(size: int) -> int | None:
    """The last entry under a checkpoint of this size."""
    return size - 1 if size > 0 else None


def first_mismatch(
    leaves: Sequence[bytes], checkpoints: Sequence[Checkpoint]
) -> tuple[int, Checkpoint] | None:
    """The first checkpoint these leaves do not give, and the largest size before it at which they do.

    None where they give every one of them. The checkpoints stand by size.
    """
    tree, good_size = Tree(), 0
    for checkpoint in checkpoints:
        if checkpoint.size > len(leaves):
            return good_size, checkpoint
        for leaf in leaves[tree.size : checkpoint.size]:
            if len(leaf) != HASH_BYTES:
                return good_size, checkpoint
            tree.append(leaf)
        if tree.root() != checkpoint.root:
            return good_size, checkpoint
        good_size = checkpoint.size
    return None


def check_history(
    entries: Sequence[Row], leaves: Iterable[Row], checkpoints: Sequence[Checkpoint]
) -> tuple[dict[int, bytes], list[Fault]]:
    """Compare entries, leaf hashes and checkpoints.

    Parameters
    ----------
    entries : sequence of Row
        As kept.
    leaves : iterable of Row
        The leaf hashes kept apart from the entries.
    checkpoints : sequence of Checkpoint
        Those whose signature holds, by size.

    Returns
    -------
    tuple
        The bytes of every entry that stands where it should, by index; and the faults.
    """
    hashes = [leaf_hash(row.data) for row in entries]
    listed, stray_count = _by_index(leaves, len(entries))
    in_order = all(row.index == at for at, row in enumerate(entries))
    mismatch = first_mismatch(listed, checkpoints)
    entries_hold = in_order and bool(checkpoints) and first_mismatch(hashes, checkpoints) is None
    if entries_hold and (mismatch is not None or stray_count or listed != hashes[: len(listed)]):
        # The entries give the signed roots and the list is another: the list is what was changed.
        faults = _leaf_faults(hashes, listed, stray_count)
        reference: Sequence[bytes] = hashes
    else:
        reference = listed
        faults = _arrange(entries, hashes, listed)
        if mismatch is not None:
            faults.append(_history_fault(*mismatch, len(listed)))
    right = {
        row.index: row.data
        for row, leaf in zip(entries, hashes, strict=True)
        if 0 <= row.index < len(reference) and reference[row.index] == leaf
    }
    return right, faults


def _by_index(leaves: Iterable[Row], entries_count: int) -> tuple[list[bytes], int]:
    """The leaf hashes by index, empty bytes where one is not there, and how many are filed out of range."""
    kept = {row.index: row.data for row in leaves}
    listed = [kept.pop(index, b"") for index in range(max(len(kept), entries_count))]
    while listed and not listed[-1]:
        listed.pop()
    return listed, len(kept)


def _leaf_faults(hashes: Sequence[bytes], listed: Sequence[bytes], stray_count: int) -> list[Fault]:
    wrong = [index for index, leaf in enumerate(hashes) if index >= len(listed) or listed[index] != leaf]
    faults = [
        Fault(index, "leaf", f"the leaf hash kept for entry {index} is not its own; the entry is as signed")
        for index in wrong
    ]
    surplus = max(len(listed) - len(hashes), stray_count - len(wrong))
    if surplus > 0:
        faults.append(Fault(len(hashes), "leaf", f"leaf hashes that belong to no entry: {surplus}"))
    return faults


def _history_fault(good_size: int, checkpoint: Checkpoint, count: int) -> Fault:
    if checkpoint.size > count:
        detail = f"{checkpoint.size} entries were signed, and leaf hashes of {count} are kept"
        return Fault(count, "missing", detail)
    last = checkpoint.size - 1
    span = f"entry {last}" if last == good_size else f"one of the entries {good_size} to {last}"
    return Fault(good_size, "history", f"{span} is not what was signed at size {checkpoint.size}")


def _arrange(entries: Sequence[Row], hashes: Sequence[bytes], recorded: Sequence[bytes]) -> list[Fault]:
    """Name each entry that is changed, missing, inserted or moved, the leaf hashes taken as recorded."""
    at_home: set[int] = set()
    wrong: list[tuple[int, bytes]] = []
    for row, leaf in zip(entries, hashes, strict=True):
        if 0 <= row.index < len(recorded) and recorded[row.index] == leaf:
            at_home.add(row.index)
        else:
            wrong.append((row.index, leaf))
    homeless = [index for index in range(len(recorded)) if index not in at_home]
    by_leaf: dict[bytes, list[int]] = defaultdict(list)
    for index in reversed(homeless):
        by_leaf[recorded[index]].append(index)
    moved: list[tuple[int, int]] = []
    strangers: set[int] = set()
    for filed, leaf in wrong:
        if by_leaf[leaf]:
            moved.append((by_leaf[leaf].pop(), filed))
        else:
            strangers.add(filed)
    lost = set(homeless) - {index for index, _ in moved}
    changed = sorted(lost & strangers)
    faults = [Fault(index, "entry", f"the bytes of entry {index} were changed") for index in changed]
    faults += _runs([(index, index) for index in sorted(lost - strangers)], "missing", "missing")
    faults += _runs(sorted(moved), "moved", "filed as {0}")
    faults += _runs(
        [(index, index) for index in sorted(strangers - lost)], "inserted", "not recorded by anyone"
    )
    return faults


def _runs(pairs: Sequence[tuple[int, int]], what: str, said: str) -> list[Fault]:
    """One fault for each run of (entry, index it is filed under) that goes up together."""
    faults: list[Fault] = []
    start = 0
    for at in range(1, len(pairs) + 1):
        if at < len(pairs) and pairs[at] == (pairs[at - 1][0] + 1, pairs[at - 1][1] + 1):
            continue
        (first, filed), (last, filed_last) = pairs[start], pairs[at - 1]
        if first == last:
            detail = f"entry {first} is " + said.format(filed)
        else:
            detail = f"entries {first} to {last} are " + said.format(f"{filed} to {filed_last}")
        faults.append(Fault(first, what, detail))
        start = at
    return faults
