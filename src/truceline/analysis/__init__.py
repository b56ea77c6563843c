"""COUNTING: counting rules and the exposure no number goes without."""

from truceline.analysis.counting import RULES, Count, CountingRule, count_findings, tally
from truceline.analysis.exposure import Exposure, exposure_by_clause, exposure_by_party, exposure_of

__all__ = [
    "RULES",
    "Count",
    "CountingRule",
    "Exposure",
    "count_findings",
    "exposure_by_clause",
    "exposure_by_party",
    "exposure_of",
    "tally",
]
