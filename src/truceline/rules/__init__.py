"""MEANING: an agreement and evidence in, findings out. Pure; one module a rule family."""

from truceline.rules.check import check_reports, check_tracks

__all__ = ["check_reports", "check_tracks"]
