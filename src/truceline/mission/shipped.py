"""Where the agreements and cases that come with Truceline lie: in the installed package, or in the checkout."""

from __future__ import annotations

from pathlib import Path

from truceline.errors import InputError

AGREEMENT_NAME = "agreement.yaml"
_PACKAGE = Path(__file__).resolve().parents[1]
_CHECKOUT = Path(__file__).resolve().parents[3]


def shipped_dir(name: str) -> Path:
    """The folder of what is shipped under a name.

    Parameters
    ----------
    name : str
        ``agreements`` or ``cases``.

    Raises
    ------
    InputError
        Code ``not-shipped`` where this installation has no such folder.
    """
    installed = _PACKAGE / "_shipped" / name
    if installed.is_dir():
        return installed
    beside = _CHECKOUT / name
    if beside.is_dir() and (_CHECKOUT / "pyproject.toml").is_file():
        return beside
    raise InputError(
        f"this installation has no shipped {name}; looked in {installed} and {beside}",
        hint="install Truceline again, or run it from a checkout",
        code="not-shipped",
    )


def shipped_agreements() -> dict[str, Path]:
    """Name and file of every shipped agreement, by name; empty where none are there."""
    return {folder.name: folder / AGREEMENT_NAME for folder in _folders("agreements", AGREEMENT_NAME)}


def shipped_cases() -> dict[str, Path]:
    """Name and folder of every shipped case, by name; empty where none are there."""
    return {folder.name: folder for folder in _folders("cases", "")}


def agreement_path(named: str | Path) -> Path:
    """The agreement file that is meant: a file, a folder that holds ``agreement.yaml``, or a shipped name.

    A file or folder of that name comes before a shipped agreement.

    Raises
    ------
    InputError
        Code ``file`` where it is none of these.
    """
    path = Path(named)
    if path.is_file():
        return path
    if (path / AGREEMENT_NAME).is_file():
        return path / AGREEMENT_NAME
    shipped = shipped_agreements()
    if str(named) in shipped:
        return shipped[str(named)]
    if path.is_dir():
        hint = f"name the file itself, or a shipped agreement: {', '.join(shipped) or 'none found'}"
        raise InputError(f"the folder {str(named)!r} holds no {AGREEMENT_NAME}", hint=hint, code="file")
    raise InputError(
        f"{str(named)!r} is neither a file nor a shipped agreement",
        hint=f"shipped: {', '.join(shipped) or 'none found'}",
        code="file",
    )


def _folders(name: str, holding: str) -> list[Path]:
    try:
        whole = shipped_dir(name)
    except InputError:
        return []  # the caller asked what there is; an empty answer is one
    found = (folder for folder in whole.iterdir() if folder.is_dir() and folder.name[0] not in "._")
    return sorted(folder for folder in found if (folder / holding).exists())
