"""The agreements and cases that come with Truceline: in its wheel, or in the checkout it runs from."""

from __future__ import annotations

import difflib
from pathlib import Path

from truceline.errors import InputError

_PACKAGE = Path(__file__).resolve().parents[1]
AGREEMENT_FILE = "agreement.yaml"
CASE_FILE = "case.yaml"


def _folder(kind: str) -> Path:
    packed = _PACKAGE / "_shipped" / kind
    return packed if packed.is_dir() else _PACKAGE.parents[1] / kind


def shipped_agreements() -> dict[str, Path]:
    """Every shipped agreement by name: the path of its file."""
    return {path.parent.name: path for path in sorted(_folder("agreements").glob(f"*/{AGREEMENT_FILE}"))}


def shipped_cases() -> dict[str, Path]:
    """Every shipped case by name: its folder."""
    return {path.parent.name: path.parent for path in sorted(_folder("cases").glob(f"*/{CASE_FILE}"))}


def agreement_path(name: str | Path) -> Path:
    """Find an agreement as a person names it.

    Parameters
    ----------
    name : str or Path
        A file, a folder that holds ``agreement.yaml``, or the name of a shipped agreement. What lies on the
        disk comes first.

    Returns
    -------
    Path
        The agreement file.

    Raises
    ------
    InputError
        Code ``no-file``: there is nothing of that name.
    """
    path = Path(name)
    if path.is_file():
        return path
    if (path / AGREEMENT_FILE).is_file():
        return path / AGREEMENT_FILE
    shipped = shipped_agreements()
    if str(name) in shipped:
        return shipped[str(name)]
    near = difflib.get_close_matches(str(name), shipped, n=1)
    hint = f"did you mean {near[0]}?" if near else f"shipped agreements: {', '.join(shipped) or 'none found'}"
    raise InputError(f"neither a file nor a shipped agreement: {str(name)!r}", hint=hint, code="no-file")
