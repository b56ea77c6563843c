"""Finding what is shipped: in the installed package, in the checkout, or not at all."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from truceline.errors import InputError
from truceline.mission import shipped
from truceline.mission.shipped import agreement_path, shipped_agreements, shipped_cases, shipped_dir


def test_the_checkout(root_dir: Path) -> None:
    assert shipped_dir("agreements") == root_dir / "agreements"
    assert {"idlib-2020", "tanf-55km"} <= set(shipped_agreements())
    assert all(path.is_file() for path in shipped_agreements().values())


def test_the_installed_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "_shipped" / "agreements" / "one"
    folder.mkdir(parents=True)
    (folder / "agreement.yaml").write_text("truceline: 1\n", encoding="utf-8")
    (folder.parent / "no-agreement-in-it").mkdir()
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    assert shipped_agreements() == {"one": folder / "agreement.yaml"}
    assert agreement_path("one") == folder / "agreement.yaml"


def test_neither_is_told_with_both_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path)
    monkeypatch.setattr(shipped, "_CHECKOUT", tmp_path)
    (tmp_path / "cases").mkdir()  # a folder of that name without a project beside it is somebody else's
    with pytest.raises(InputError, match="looked in") as caught:
        shipped_dir("cases")
    assert caught.value.code == "not-shipped"
    assert shipped_agreements() == {}
    assert shipped_cases() == {}


def test_a_file_a_folder_and_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "mine" / "agreement.yaml"
    file.parent.mkdir()
    file.write_text("truceline: 1\n", encoding="utf-8")
    assert agreement_path(file) == file
    assert agreement_path(file.parent) == file
    assert agreement_path("tanf-55km") == shipped_agreements()["tanf-55km"]
    with pytest.raises(InputError, match="neither a file nor a shipped agreement") as caught:
        agreement_path("tanf")
    assert "tanf-55km" in caught.value.hint


def test_finding_a_shipped_file_loads_nothing_heavy() -> None:
    code = (
        "import sys, truceline.mission.shipped as s; s.shipped_agreements();"
        "heavy = {'numpy', 'pydantic', 'sqlalchemy', 'cryptography'} & set(sys.modules);"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
