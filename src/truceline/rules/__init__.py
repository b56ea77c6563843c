"""MEANING: an agreement and evidence in, findings out. Pure; one module a rule family."""

from truceline.rules.check import check_reports, check_tracks
from truceline.rules.columnar import check_fixes

__all__ = ["check_fixes", "check_reports", "check_tracks"]
