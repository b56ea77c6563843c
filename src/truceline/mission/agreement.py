"""The agreement of a mission: copied in when it begins, and held to what was recorded ever after."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from truceline.agreement import load_agreement, referenced_files
from truceline.errors import LedgerError, UsageError
from truceline.ledger.verify import Fault
from truceline.mission.records import Record, original_record
from truceline.model.agreement import Agreement
from truceline.store.store import Store

FOLDER_NAME = "agreement"


def copy_agreement(source: Path, folder: Path) -> Path:
    """Copy an agreement file and the GeoJSON it refers to into ``folder/agreement``; the copied file.

    Raises
    ------
    UsageError
        Code ``outside`` where it refers to a file that does not lie beside or below it.
    """
    home = source.resolve().parent
    target = folder / FOLDER_NAME
    files = [path.resolve() for path in (source, *referenced_files(source))]
    outside = [str(path) for path in files if not path.is_relative_to(home)]
    if outside:
        raise UsageError(
            f"the agreement refers to {', '.join(outside)}, outside its own folder",
            hint="put it beside the agreement file",
            code="outside",
        )
    for resolved in files:
        copy = target / resolved.relative_to(home)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(resolved.read_bytes())
    return target / source.resolve().name


def keep_agreement(store: Store, path: Path) -> list[Record]:
    """Keep the file and what it refers to as originals; their records, the agreement file first."""
    kept = []
    for file in (path, *referenced_files(path)):
        data = file.read_bytes()
        name = file.resolve().relative_to(path.resolve().parent).as_posix()
        kept.append(original_record(name, store.put_original(data), len(data)))
    return kept


def agreement_faults(index: int, originals: Iterable[Record], path: Path) -> list[Fault]:
    """Where the working copy is not what the entry ``index`` recorded."""
    faults = []
    for item in originals:
        copy = path.parent / item["name"]
        if not copy.is_file():
            faults.append(Fault(index, "agreement", f"{copy.name} is missing from the agreement folder"))
        elif hashlib.sha256(copy.read_bytes()).hexdigest() != item["sha256"]:
            faults.append(Fault(index, "agreement", f"{copy.name} is not the file that was recorded"))
    return faults


def load_recorded(index: int, originals: Iterable[Record], path: Path) -> Agreement:
    """Load the working copy, once it is known to be what was recorded.

    Raises
    ------
    LedgerError
        Code ``agreement`` where it is not.
    DocumentError
        Where this version of Truceline no longer takes what an earlier one did.
    """
    faults = agreement_faults(index, originals, path)
    if faults:
        raise LedgerError(
            "; ".join(fault.detail for fault in faults),
            where=str(path),
            hint="restore it from the originals; a changed agreement is a new mission",
            code="agreement",
        )
    return load_agreement(path)
