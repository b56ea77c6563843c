"""Signed notes and checkpoints, against the example of the reference implementation."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from truceline.errors import LedgerError
from truceline.ledger.checkpoint import Checkpoint, open_checkpoint, parse_checkpoint, sign_checkpoint
from truceline.ledger.merkle import Tree, leaf_hash
from truceline.ledger.note import Signer, Verifier, open_note, sign_note, split_note

# Key pair, text and signature of golang.org/x/mod/sumdb/note (its documentation and tests).
GO_VERIFIER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_PRIVATE = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
)
GO_SIGNATURE = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
GO_NOTE = f"{GO_TEXT}\n— PeterNeumann {GO_SIGNATURE}\n".encode()
GO_SIGNER = Signer("PeterNeumann", Ed25519PrivateKey.from_private_bytes(base64.b64decode(GO_PRIVATE)[1:]))
SIGNER = Signer("truceline.example/one", Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def test_the_reference_note_opens_and_is_signed_to_the_same_bytes() -> None:
    verifier = Verifier.from_text(GO_VERIFIER)
    assert verifier.key_id.hex() == "c74f20a3"
    assert open_note(GO_NOTE, [verifier]) == GO_TEXT
    assert GO_SIGNER.verifier == verifier
    assert GO_SIGNER.verifier.to_text() == GO_VERIFIER
    assert sign_note(GO_TEXT, GO_SIGNER) == GO_NOTE


def test_every_changed_byte_of_a_note_is_refused() -> None:
    verifier = Verifier.from_text(GO_VERIFIER)
    for at in range(len(GO_NOTE)):
        for mask in (0x01, 0x20, 0x80, 0xFF):
            changed = bytearray(GO_NOTE)
            changed[at] ^= mask
            with pytest.raises(LedgerError):
                open_note(bytes(changed), [verifier])


def test_every_changed_byte_of_a_verifier_key_is_refused_or_another_key() -> None:
    # A plus sign moved into the name could still parse; the key id then is another's.
    for at in range(len(GO_VERIFIER)):
        changed = bytearray(GO_VERIFIER.encode())
        changed[at] ^= 0x01
        with pytest.raises(LedgerError):
            Verifier.from_text(changed.decode())


def test_unknown_signatures_are_passed_over_and_a_known_bad_one_is_not() -> None:
    verifier = Verifier.from_text(GO_VERIFIER)
    other = sign_note(GO_TEXT, SIGNER).split(b"\n\n", 1)[1]
    assert open_note(GO_NOTE + other, [verifier]) == GO_TEXT
    assert open_note(GO_NOTE + other, [verifier, SIGNER.verifier]) == GO_TEXT
    with pytest.raises(LedgerError, match="none of the keys we know"):
        open_note(GO_NOTE, [SIGNER.verifier])
    bad = sign_note("another text\n", SIGNER).split(b"\n\n", 1)[1]
    assert open_note(GO_NOTE + bad, [verifier]) == GO_TEXT
    with pytest.raises(LedgerError, match="does not hold"):
        open_note(GO_NOTE + bad, [verifier, SIGNER.verifier])


def test_sixteen_signatures_are_taken_and_a_hundred_and_one_are_not() -> None:
    # C2SP signed-note: accept at least 16.
    line = GO_NOTE.split(b"\n\n", 1)[1]
    verifier = Verifier.from_text(GO_VERIFIER)
    assert open_note(GO_NOTE + line * 15, [verifier]) == GO_TEXT
    with pytest.raises(LedgerError, match="too many"):
        open_note(GO_NOTE + line * 100, [verifier])


@pytest.mark.parametrize(
    "note",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\nno dash\n",
        "text\n\n— name\n".encode(),
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAAAAAAA\n".encode(),
        "text\n\n— name !!!!\n".encode(),
        "te\tt\n\n— name AAAAAAAAAAAA\n".encode(),
        "text\n\n— name AAAAAAAAAAAA".encode(),
        b"\xff\n\n",
        b"x" * 1_000_001,
    ],
)
def test_malformed_notes_are_refused(note: bytes) -> None:
    with pytest.raises(LedgerError):
        split_note(note)


@pytest.mark.parametrize("text", ["no newline", "a\r\n", "bell\x07\n", "del\x7f\n"])
def test_a_text_that_no_one_could_check_is_not_signed(text: str) -> None:
    with pytest.raises(LedgerError):
        sign_note(text, SIGNER)


def test_a_checkpoint_is_three_lines() -> None:
    # The RFC 6962 root of the single empty leaf; base64 of it worked out with `xxd -r -p | base64`.
    tree = Tree([leaf_hash(b"")])
    note = sign_checkpoint(tree, SIGNER)
    lines = note.decode().split("\n")
    assert lines[:4] == ["truceline.example/one", "1", "bjQLnP+zepicpUTmu3gKLHiQHT+zNzh2hRGjBhevoB0=", ""]
    assert open_checkpoint(note, SIGNER.verifier) == Checkpoint(
        origin="truceline.example/one", size=1, root=tree.root()
    )


@pytest.mark.parametrize(
    "body",
    [
        "",
        "origin\n1\n",
        "origin\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n",
        "origin\n01\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "origin\n-1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "origin\n١\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "origin\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "origin\n1\nAAAA\n",
        "two words\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
    ],
)
def test_anything_else_is_no_checkpoint(body: str) -> None:
    with pytest.raises(LedgerError):
        parse_checkpoint(body)


def test_a_checkpoint_of_another_log_is_refused() -> None:
    body = Checkpoint(origin="another.example/log", size=0, root=Tree().root()).body()
    with pytest.raises(LedgerError, match="expected one of truceline"):
        open_checkpoint(sign_note(body, SIGNER), SIGNER.verifier)
