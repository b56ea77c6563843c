"""Originals are kept byte for byte, on the disk, and never overwritten."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

import pytest

from truceline.errors import InputError, LedgerError
from truceline.store.originals import CHUNK_BYTES, Originals
from truceline.store.store import Store


def test_bytes_and_files_are_kept_under_their_hash(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "originals")
    # SHA-256 of "abc" is the example of FIPS 180-4.
    name = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert originals.put(b"abc") == name
    path = tmp_path / "originals" / "ba" / "78" / name
    assert path.read_bytes() == b"abc"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444
    big = tmp_path / "track.gpx"
    big.write_bytes(os.urandom(CHUNK_BYTES + 5))
    kept = originals.put(big)
    assert kept == hashlib.sha256(big.read_bytes()).hexdigest()
    assert originals.path(kept).read_bytes() == big.read_bytes()
    assert list(originals) == sorted([name, kept])
    assert b"".join(originals.chunks(kept)) == big.read_bytes()
    assert not list((tmp_path / "originals").glob("incoming-*"))


def test_the_same_bytes_are_kept_once_and_not_written_again(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    name = originals.put(b"abc")
    before = originals.path(name).stat()
    assert originals.put(b"abc") == name
    after = originals.path(name).stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_a_changed_original_is_not_overwritten_but_told(tmp_path: Path) -> None:
    originals = Originals(tmp_path)
    path = originals.path(originals.put(b"abc"))
    path.chmod(0o644)
    path.write_bytes(b"abd")
    with pytest.raises(LedgerError, match="was changed"):
        originals.put(b"abc")
    assert path.read_bytes() == b"abd"
    assert not list(tmp_path.glob("incoming-*"))


def test_what_cannot_be_read_leaves_nothing_behind(tmp_path: Path) -> None:
    originals = Originals(tmp_path / "originals")
    with pytest.raises(InputError, match="No such file") as caught:
        originals.put(tmp_path / "absent.csv")
    assert "absent.csv" in str(caught.value)
    with pytest.raises(InputError, match="Is a directory"):
        originals.put(tmp_path)
    assert list((tmp_path / "originals").iterdir()) == []


def test_what_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "originals").write_text("a file where the folder should be")
    with pytest.raises(LedgerError, match="could not be kept"):
        Originals(tmp_path / "originals").put(b"abc")


def test_a_failing_sync_is_told_and_nothing_is_filed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(LedgerError, match="free some space") as caught:
        Originals(tmp_path).put(b"abc")
    assert caught.value.code == "store-full"
    assert list(tmp_path.iterdir()) == []


def test_file_and_folders_are_synced_before_the_name_is_given_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real = os.fsync

    def watching(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", watching)
    name = Originals(tmp_path).put(b"abc")
    assert Path(synced[0]).name.startswith("incoming-")
    assert synced[1:] == [str(tmp_path / name[:2] / name[2:4]), str(tmp_path / name[:2]), str(tmp_path)]


def test_an_original_by_name(store: Store) -> None:
    name = store.put_original(b"abc")
    assert store.original(name).read_bytes() == b"abc"
    with pytest.raises(LedgerError, match="is missing"):
        store.original("0" * 64)
    with pytest.raises(LedgerError, match="not a SHA-256"):
        store.original("../../etc/passwd")
