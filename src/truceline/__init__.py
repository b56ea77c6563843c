"""Truceline: deconfliction and ceasefire monitoring.

It takes an agreement as data, checks what moved and what was reported, and says which clause was broken,
where, when, how deep, for how long and how sure.

>>> import truceline
>>> truceline.Verdict.BREACH.value
'BREACH'

The names below are loaded when they are first used, so that ``import truceline`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from truceline._version import __version__

if TYPE_CHECKING:
    from truceline.agreement import check_document, explain, load_agreement
    from truceline.errors import (
        DocumentError,
        FormatError,
        InputError,
        LedgerError,
        MissingPartError,
        Problem,
        TrucelineError,
    )
    from truceline.formats.plan_yaml import read_plan
    from truceline.formats.registry import read_file
    from truceline.mission import Mission
    from truceline.model.agreement import Agreement
    from truceline.model.columns import FindingTable, Fixes, fixes_from
    from truceline.model.evidence import Records, Report
    from truceline.model.finding import CheckResult, Finding, Verdict
    from truceline.model.identity import Mover
    from truceline.model.movement import Path, Track, exact_track
    from truceline.model.plan import Plan
    from truceline.rules import check_conformance, check_fixes, check_plan, check_reports, check_tracks
    from truceline.timebase import Interval
    from truceline.views.report import render_report

_HOME = {
    "Agreement": "truceline.model.agreement",
    "CheckResult": "truceline.model.finding",
    "DocumentError": "truceline.errors",
    "Finding": "truceline.model.finding",
    "FindingTable": "truceline.model.columns",
    "Fixes": "truceline.model.columns",
    "FormatError": "truceline.errors",
    "InputError": "truceline.errors",
    "Interval": "truceline.timebase",
    "LedgerError": "truceline.errors",
    "MissingPartError": "truceline.errors",
    "Mission": "truceline.mission",
    "Mover": "truceline.model.identity",
    "Path": "truceline.model.movement",
    "Plan": "truceline.model.plan",
    "Problem": "truceline.errors",
    "Records": "truceline.model.evidence",
    "Report": "truceline.model.evidence",
    "Track": "truceline.model.movement",
    "TrucelineError": "truceline.errors",
    "Verdict": "truceline.model.finding",
    "check_conformance": "truceline.rules",
    "check_document": "truceline.agreement",
    "check_fixes": "truceline.rules",
    "check_plan": "truceline.rules",
    "check_reports": "truceline.rules",
    "check_tracks": "truceline.rules",
    "exact_track": "truceline.model.movement",
    "explain": "truceline.agreement",
    "fixes_from": "truceline.model.columns",
    "load_agreement": "truceline.agreement",
    "read_file": "truceline.formats.registry",
    "read_plan": "truceline.formats.plan_yaml",
    "render_report": "truceline.views.report",
}

__all__ = [
    "Agreement",
    "CheckResult",
    "DocumentError",
    "Finding",
    "FindingTable",
    "Fixes",
    "FormatError",
    "InputError",
    "Interval",
    "LedgerError",
    "MissingPartError",
    "Mission",
    "Mover",
    "Path",
    "Plan",
    "Problem",
    "Records",
    "Report",
    "Track",
    "TrucelineError",
    "Verdict",
    "__version__",
    "check_conformance",
    "check_document",
    "check_fixes",
    "check_plan",
    "check_reports",
    "check_tracks",
    "exact_track",
    "explain",
    "fixes_from",
    "load_agreement",
    "read_file",
    "read_plan",
    "render_report",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'truceline' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
