"""COUNTING: counting rules and the exposure no number goes without."""

from truceline.analysis.counting import RULES, Count, CountingRule, count_findings, tally
from truceline.analysis.exposure import Exposure, exposure_by_clause, exposure_by_party, exposure_of
from truceline.analysis.series import Bin, Series, count_over_time

__all__ = [
    "RULES",
    "Bin",
    "Count",
    "CountingRule",
    "Exposure",
    "Series",
    "count_findings",
    "count_over_time",
    "exposure_by_clause",
    "exposure_by_party",
    "exposure_of",
    "tally",
]
