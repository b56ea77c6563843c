"""Builds with the system's C++ compiler or, where there is none, with the one inside the package ``ziglang``.

So an install never needs more than pip. A thin layer over scikit-build-core, which does the work.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from scikit_build_core import build as _build
from scikit_build_core.build import (  # noqa: F401  (the hooks that need no compiler)
    build_sdist,
    get_requires_for_build_sdist,
    prepare_metadata_for_build_editable,
    prepare_metadata_for_build_wheel,
)

# The linker of that compiler targets this C library: the one of Debian 12 and of everything newer.
ZIG_WRAPPER = Path(__file__).with_name("zig-c++")


def has_compiler() -> bool:
    """Whether a C++ compiler is named by CXX or found on the path."""
    return bool(os.environ.get("CXX")) or any(shutil.which(name) for name in ("c++", "g++", "clang++"))


def _with_zig(required: list[str]) -> list[str]:
    return required if has_compiler() else [*required, "ziglang>=0.13"]


def _use_compiler() -> None:
    if not has_compiler():
        os.environ["CXX"] = str(ZIG_WRAPPER)


def get_requires_for_build_wheel(config_settings: dict | None = None) -> list[str]:
    return _with_zig(_build.get_requires_for_build_wheel(config_settings))


def get_requires_for_build_editable(config_settings: dict | None = None) -> list[str]:
    return _with_zig(_build.get_requires_for_build_editable(config_settings))


def build_wheel(
    wheel_directory: str, config_settings: dict | None = None, metadata_directory: str | None = None
) -> str:
    _use_compiler()
    return _build.build_wheel(wheel_directory, config_settings, metadata_directory)


def build_editable(
    wheel_directory: str, config_settings: dict | None = None, metadata_directory: str | None = None
) -> str:
    _use_compiler()
    return _build.build_editable(wheel_directory, config_settings, metadata_directory)


if __name__ == "__main__":
    # Asked by the Makefile: is there a compiler already?
    sys.exit(0 if has_compiler() else 1)
