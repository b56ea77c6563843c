"""MEANING: an agreement and evidence in, findings out. Pure; one module a rule family."""

from truceline.rules.check import check_reports, check_tracks
from truceline.rules.columnar import check_fixes
from truceline.rules.plans import check_conformance, check_plan

__all__ = ["check_conformance", "check_fixes", "check_plan", "check_reports", "check_tracks"]
