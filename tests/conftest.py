"""Fixtures every test may use."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


@pytest.fixture(scope="session")
def root_dir() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Real data and oracle cases kept beside the checkout; the test says so where they are absent."""
    if not SHARED.is_dir():
        pytest.skip("the shared folder with real data and oracle cases is not beside this checkout")
    return SHARED
