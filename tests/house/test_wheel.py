"""What is installed is whole: the wheel carries the agreements, the cases and the type marker."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_wheel_works_away_from_the_checkout(tmp_path: Path, root_dir: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
         "--disable-pip-version-check", "--wheel-dir", tmp_path, root_dir],
        check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("truceline-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "away")
    for folder in ("agreements", "cases"):
        files = [
            path
            for path in (root_dir / folder).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        ]
        assert files
        missing = {f"truceline/_shipped/{path.relative_to(root_dir)}" for path in files} - names
        assert not missing
    assert "truceline/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    # With the unpacked wheel first on the path, and away from the checkout, the shipped case is the wheel's.
    run = "import sys; sys.path.insert(0, 'away'); from truceline.cli import main; main(['demo', '--quiet'])"
    done = subprocess.run(
        [sys.executable, "-c", run], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "demo-mission").is_dir()
