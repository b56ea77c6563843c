"""Which entries stand where they were signed to stand: entries against leaves, leaves against checkpoints.

Three things say what the entries were: the entries, the list of their leaf hashes kept apart from them, and
the signed checkpoints. A change to one is named by the other two.
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
        The entry it concerns, counted from 0; None where it belongs to no entry.
    what : str
        ``entry`` (its bytes), ``missing``, ``inserted``, ``moved``, ``leaf``, ``record``, ``salt``,
        ``original``, ``checkpoint``, ``history`` (not what was signed) or ``key``.
    detail : str
        A sentence for a person.
    """

    index: int | None
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Row:
    """One entry as it is kept: the index it is filed under, and its bytes."""

    index: int
    data: bytes


@dataclass(frozen=True, slots=True)
class SignedSize:
    """A checkpoint as it is kept: the size it is filed under, and the signed note."""

    size: int
    note: bytes


def open_checkpoints(kept: Iterable[SignedSize], verifier: Verifier) -> tuple[list[Checkpoint], list[Fault]]:
    """The checkpoints that hold, by size, and a fault for each that does not."""
    good: list[Checkpoint] = []
    faults: list[Fault] = []
    for item in kept:
        try:
            checkpoint = open_checkpoint(item.note, verifier)
        except LedgerError as error:
            at = item.size - 1 if item.size > 0 else None
            faults.append(Fault(at, "checkpoint", f"the checkpoint of size {item.size}: {error.message}"))
            continue
        if checkpoint.size != item.size:
            at = checkpoint.size - 1 if checkpoint.size > 0 else None
            faults.append(
                Fault(
                    at, "checkpoint", f"the checkpoint of size {checkpoint.size} is filed under {item.size}"
                )
            )
        good.append(checkpoint)
    return sorted(good, key=lambda checkpoint: checkpoint.size), faults


def first_mismatch(
    leaves: Sequence[bytes], checkpoints: Sequence[Checkpoint]
) -> tuple[int, Checkpoint] | None:
    """The first checkpoint that these leaves do not give, and the largest size before it that they do.

    None where they give every one of them. The checkpoints stand by size.
    """
    tree, good_size = Tree(), 0
    for checkpoint in checkpoints:
        if checkpoint.size > len(leaves):
            return good_size, checkpoint
        for leaf in leaves[tree.size : checkpoint.size]:
            tree.append(leaf)
        if tree.root() != checkpoint.root:
            return good_size, checkpoint
        good_size = checkpoint.size
    return None


def check_history(
    rows: Iterable[Row], leaves: Sequence[bytes], checkpoints: Sequence[Checkpoint]
) -> tuple[dict[int, bytes], list[Fault]]:
    """Compare entries, leaf list and checkpoints.

    Parameters
    ----------
    rows : iterable of Row
        The entries as kept.
    leaves : sequence of bytes
        The leaf hashes kept apart from the entries, by index.
    checkpoints : sequence of Checkpoint
        Those whose signature holds, by size.

    Returns
    -------
    tuple
        The bytes of every entry that stands where it should, by index; and the faults.
    """
    kept = list(rows)
    hashes = [leaf_hash(row.data) for row in kept]
    broken = [index for index, leaf in enumerate(leaves) if len(leaf) != HASH_BYTES]
    faults = [Fault(index, "leaf", f"the leaf hash of entry {index} has a wrong length") for index in broken]
    listed_mismatch = (0, None) if broken else first_mismatch(leaves, checkpoints)
    in_order = [row.index for row in kept] == list(range(len(kept)))
    entries_hold = in_order and bool(checkpoints) and first_mismatch(hashes, checkpoints) is None
    if listed_mismatch is not None and entries_hold:
        # The entries give the signed roots and the list does not: the list is what was changed.
        faults += _leaf_faults(hashes, leaves)
        reference: Sequence[bytes] = hashes
    else:
        reference = leaves
        found = _arrange(kept, hashes, reference)
        if listed_mismatch is not None:
            faults += _history_fault(first_mismatch(hashes, checkpoints) or listed_mismatch, reference)
        faults += found
    faults += _unsigned(len(reference), checkpoints)
    right = {
        row.index: row.data
        for row, leaf in zip(kept, hashes, strict=True)
        if 0 <= row.index < len(reference) and reference[row.index] == leaf
    }
    return right, faults


def _leaf_faults(hashes: Sequence[bytes], leaves: Sequence[bytes]) -> list[Fault]:
    faults = [
        Fault(
            index,
            "leaf",
            f"the leaf hash kept for entry {index} is not that of the entry, which is as signed",
        )
        for index, leaf in enumerate(hashes)
        if index >= len(leaves) or (leaves[index] != leaf and len(leaves[index]) == HASH_BYTES)
    ]
    if len(leaves) > len(hashes):
        faults.append(
            Fault(len(hashes), "leaf", f"{len(leaves) - len(hashes)} leaf hashes belong to no entry")
        )
    return faults


def _history_fault(mismatch: tuple[int, Checkpoint | None], reference: Sequence[bytes]) -> list[Fault]:
    good_size, checkpoint = mismatch
    if checkpoint is None:
        return []
    if checkpoint.size > len(reference):
        return [
            Fault(
                len(reference),
                "missing",
                f"{checkpoint.size} entries were signed and {len(reference)} are kept: "
                f"entries from {len(reference)} on are missing",
            )
        ]
    last = checkpoint.size - 1
    span = f"entry {last}" if last == good_size else f"one of the entries {good_size} to {last}"
    return [Fault(good_size, "history", f"{span} is not what was signed at size {checkpoint.size}")]


def _unsigned(count: int, checkpoints: Sequence[Checkpoint]) -> list[Fault]:
    signed = checkpoints[-1].size if checkpoints else 0
    if count <= signed:
        return []
    return [
        Fault(signed, "checkpoint", f"{count} entries are kept and a checkpoint that holds covers {signed}")
    ]


def _arrange(kept: Sequence[Row], hashes: Sequence[bytes], reference: Sequence[bytes]) -> list[Fault]:
    """Name each entry that is changed, missing, inserted or moved, taking the leaf list as what was recorded."""
    wrong = [
        (row.index, leaf)
        for row, leaf in zip(kept, hashes, strict=True)
        if not (0 <= row.index < len(reference) and reference[row.index] == leaf)
    ]
    at_home = {row.index for row in kept} - {index for index, _ in wrong}
    homeless = [index for index in range(len(reference)) if index not in at_home]
    by_leaf: dict[bytes, list[int]] = defaultdict(list)
    for index in reversed(homeless):
        by_leaf[reference[index]].append(index)
    moved: list[tuple[int, int]] = []
    strangers: set[int] = set()
    for filed, leaf in wrong:
        if by_leaf[leaf]:
            moved.append((by_leaf[leaf].pop(), filed))
        else:
            strangers.add(filed)
    found = {index for index, _ in moved}
    faults = _moves(sorted(moved))
    for index in homeless:
        if index in found:
            continue
        if index in strangers:
            strangers.discard(index)
            faults.append(Fault(index, "entry", f"the bytes of entry {index} were changed"))
        else:
            faults.append(Fault(index, "missing", f"entry {index} is missing"))
    faults += [
        Fault(filed, "inserted", f"an entry nobody recorded is filed as {filed}")
        for filed in sorted(strangers)
    ]
    return faults


def _moves(moved: Sequence[tuple[int, int]]) -> list[Fault]:
    """One fault for each run of entries that moved together."""
    faults: list[Fault] = []
    start = 0
    for at in range(1, len(moved) + 1):
        if at < len(moved) and moved[at] == (moved[at - 1][0] + 1, moved[at - 1][1] + 1):
            continue
        (first, filed), (last, filed_last) = moved[start], moved[at - 1]
        if first == last:
            detail = f"entry {first} is filed as {filed}"
        else:
            detail = f"entries {first} to {last} are filed as {filed} to {filed_last}"
        faults.append(Fault(first, "moved", detail))
        start = at
    return faults
