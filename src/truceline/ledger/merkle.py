"""The Merkle tree over the entries, as RFC 6962 section 2.1 defines it.

A tree of n leaves has one root. A change, a removal, an insertion or a swap of any leaf gives another root.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 || data): the hash of one leaf, 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right): the hash of an inner node, 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Tree:
    """A Merkle tree that only grows; it keeps the roots of its complete subtrees, so log2(n) hashes.

    Examples
    --------
    >>> tree = Tree([leaf_hash(b"")])
    >>> tree.size, tree.root().hex()[:16]
    (1, '6e340b9cffb37a98')
    """

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        self._size = 0
        self._complete: list[bytes] = []  # largest subtree first, as the bits of the size
        for leaf in leaves:
            self.append(leaf)

    @property
    def size(self) -> int:
        """How many leaves."""
        return self._size

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash (32 bytes); ValueError of any other length."""
        if len(leaf) != HASH_BYTES:
            raise ValueError(f"a leaf hash is {HASH_BYTES} bytes, seen {len(leaf)}")
        size, top = self._size, leaf
        while size & 1:
            top = node_hash(self._complete.pop(), top)
            size >>= 1
        self._complete.append(top)
        self._size += 1

    def root(self) -> bytes:
        """The tree hash, 32 bytes; that of no leaves is SHA-256 of nothing."""
        if not self._complete:
            return EMPTY_ROOT
        root = self._complete[-1]
        for left in reversed(self._complete[:-1]):
            root = node_hash(left, root)
        return root

    def copy(self) -> Tree:
        """Another tree with the same leaves, to grow on trial."""
        other = Tree()
        other._size, other._complete = self._size, list(self._complete)
        return other
