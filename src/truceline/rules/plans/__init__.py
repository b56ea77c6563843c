"""Planned movements: before anyone moves, against every clause and every other notified movement."""

from truceline.rules.plans.check import check_plan
from truceline.rules.plans.conformance import check_conformance
from truceline.rules.plans.notified import NotifiedMovements

__all__ = ["NotifiedMovements", "check_conformance", "check_plan"]
