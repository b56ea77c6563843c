"""ORDER OF THINGS: one mission is one folder that can be copied on a stick.

:class:`Mission` is loaded when it is first asked for, so that finding a shipped file stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from truceline.mission.custody import FileSummary, IngestSummary, Published
    from truceline.mission.keys import MissionKeys
    from truceline.mission.mission import Mission

_HOME = {
    "FileSummary": "truceline.mission.custody",
    "IngestSummary": "truceline.mission.custody",
    "Mission": "truceline.mission.mission",
    "MissionKeys": "truceline.mission.keys",
    "Published": "truceline.mission.custody",
}

__all__ = ["FileSummary", "IngestSummary", "Mission", "MissionKeys", "Published"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
