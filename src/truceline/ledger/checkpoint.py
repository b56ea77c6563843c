"""A checkpoint: the size and the root of the tree at one moment, under the log's name (C2SP tlog-checkpoint).

Three lines: origin, size, base64 of the root. Signed as a note it is the log's promise that these entries, in
this order, will always be its first ones.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from truceline.errors import LedgerError
from truceline.ledger.merkle import HASH_BYTES, Tree
from truceline.ledger.note import Signer, Verifier, open_note, sign_note


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What the head of the ledger was.

    Attributes
    ----------
    origin : str
        The log's name.
    size : int
        How many entries.
    root : bytes
        The tree hash over them, 32 bytes.

    Examples
    --------
    >>> print(Checkpoint(origin="example.org/log", size=0, root=Tree().root()).body(), end="")
    example.org/log
    0
    47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=
    """

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or any(char.isspace() or not char.isprintable() for char in self.origin):
            raise LedgerError(f"not a log's name: {self.origin!r}", code="checkpoint")
        if self.size < 0 or len(self.root) != HASH_BYTES:
            raise LedgerError(f"not a size and a root: {self.size}, {self.root.hex()}", code="checkpoint")

    @property
    def root_text(self) -> str:
        """The root as base64, as checkpoints write it."""
        return base64.b64encode(self.root).decode("ascii")

    def body(self) -> str:
        """The three lines that are signed."""
        return f"{self.origin}\n{self.size}\n{self.root_text}\n"

    def __str__(self) -> str:
        return f"{self.size} {self.root.hex()}"


def parse_checkpoint(body: str) -> Checkpoint:
    """Read the three lines; LedgerError (code ``checkpoint``) where they are anything else.

    Extension lines are refused: nobody could check what they say.
    """
    lines = body.split("\n")
    if len(lines) != 4 or lines[3]:
        raise LedgerError("a checkpoint has three lines: origin, size, root", code="checkpoint")
    origin, size, root = lines[:3]
    if not (size.isascii() and size.isdecimal()) or len(size) > 19 or (len(size) > 1 and size[0] == "0"):
        raise LedgerError(f"not a tree size: {size!r}", code="checkpoint")
    try:
        checkpoint = Checkpoint(origin=origin, size=int(size), root=base64.b64decode(root, validate=True))
    except (binascii.Error, ValueError):
        raise LedgerError(f"the root is not base64: {root!r}", code="checkpoint") from None
    if checkpoint.body() != body:
        raise LedgerError("not in the one spelling of a checkpoint", code="checkpoint")
    return checkpoint


def sign_checkpoint(tree: Tree, signer: Signer) -> bytes:
    """The signed checkpoint of a tree, in the signer's name."""
    return sign_note(Checkpoint(origin=signer.name, size=tree.size, root=tree.root()).body(), signer)


def open_checkpoint(note: bytes, verifier: Verifier) -> Checkpoint:
    """The checkpoint in a note that the log signed in its own name.

    Raises
    ------
    LedgerError
        Code ``note`` (malformed, or the signature does not hold) or ``checkpoint`` (not a checkpoint, or
        another log's).
    """
    checkpoint = parse_checkpoint(open_note(note, [verifier]))
    if checkpoint.origin != verifier.name:
        raise LedgerError(
            f"a checkpoint of {checkpoint.origin}, expected one of {verifier.name}", code="checkpoint"
        )
    return checkpoint
