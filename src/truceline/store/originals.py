"""Originals: files kept byte for byte under their SHA-256, never overwritten, never changed."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from truceline.errors import InputError, LedgerError

CHUNK_BYTES = 1 << 20
_NAME = re.compile(r"[0-9a-f]{64}")
_INCOMING = "incoming-"


class Originals:
    """A folder of files named by their SHA-256, two levels deep: ``ab/cd/abcd...``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where the original of that hash lies, or would."""
        if not _NAME.fullmatch(sha256):
            raise LedgerError(f"not a SHA-256 in hex: {sha256!r}", code="original")
        return self.folder / sha256[:2] / sha256[2:4] / sha256

    def put(self, content: bytes | Path) -> str:
        """Keep bytes, or a copy of a file, and return the SHA-256 in hex.

        On the disk when this returns: written beside, synced, renamed, and the folders synced.

        Raises
        ------
        InputError
            The file cannot be read.
        LedgerError
            It cannot be written, or what is already kept under that hash was changed.
        """
        if isinstance(content, bytes):
            return self._put(iter([content]), "the content")
        return self._put(_source_chunks(content), str(content))

    def _put(self, chunks: Iterator[bytes], name: str) -> str:
        temporary: Path | None = None
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            descriptor, beside = tempfile.mkstemp(prefix=_INCOMING, dir=self.folder)
            temporary = Path(beside)
            with os.fdopen(descriptor, "wb") as out:
                for chunk in chunks:
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            return self._file(temporary)
        except OSError as error:
            raise _not_kept(error, name) from error
        finally:
            if temporary is not None:
                temporary.unlink(missing_ok=True)

    def _file(self, temporary: Path) -> str:
        # Hashed from what was written, so that what is kept is what was hashed.
        sha256 = _digest(temporary)
        final = self.path(sha256)
        if final.exists():
            if _digest(final) != sha256:
                hint = "restore it from another copy of the mission; it is not overwritten"
                raise LedgerError(f"the original kept as {sha256} was changed", hint=hint, code="original")
            return sha256
        final.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(PermissionError):  # a FAT stick keeps no modes
            temporary.chmod(0o444)
        temporary.rename(final)
        for folder in (final.parent, final.parent.parent, self.folder):
            _sync_folder(folder)
        return sha256

    def __iter__(self) -> Iterator[str]:
        """The hashes that name what is kept, in order."""
        for path in sorted(self.folder.glob("??/??/*")):
            yield path.name

    def chunks(self, sha256: str) -> Iterator[bytes]:
        """The bytes kept under a name, in pieces, as they are on the disk."""
        with (self.folder / sha256[:2] / sha256[2:4] / sha256).open("rb") as stream:
            yield from _chunks(stream)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _source_chunks(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as stream:
            yield from _chunks(stream)
    except OSError as error:
        message = f"cannot be read: {error.strerror or error}"
        raise InputError(message, where=str(path), code="unreadable") from error


def _not_kept(error: OSError, name: str) -> LedgerError:
    code = "store-full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "store"
    hint = "free some space" if code == "store-full" else "look at the folder's permissions and the disk"
    return LedgerError(f"{name} could not be kept: {error.strerror or error}", hint=hint, code=code)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
