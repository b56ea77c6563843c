"""What every finding of one clause about one subject shares, and the one place that makes findings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from truceline.model.agreement import Agreement, Clause
from truceline.model.finding import Finding, Verdict
from truceline.model.movement import SourceRef
from truceline.rules.applies import accepted_by
from truceline.timebase import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One clause and one subject (a mover or a report)."""

    agreement: Agreement
    clause: Clause
    subject: str
    party: str | None
    evidence: tuple[SourceRef, ...] = ()
    exercise: bool = False


def make_finding(
    case: Case,
    *,
    kind: str,
    verdict: Verdict,
    interval: Interval | None = None,
    marks: tuple[str, ...] = (),
    **more: object,
) -> Finding:
    """A finding of this case. Its id is made of what it is about, so the same finding has the same id."""
    accepted = accepted_by(case.clause, case.agreement, case.party)
    if accepted is False:
        marks = (*marks, "not-accepted")
    observed = more.get("observed") or ()
    about = [
        case.agreement.title,
        case.clause.id,
        kind,
        case.subject,
        [interval.start_us, interval.end_us] if interval else None,
        [[item.start_us, item.end_us] for item in observed],  # type: ignore[attr-defined]
        sorted(f"{item.name}:{item.sha256}:{item.line}" for item in case.evidence),
    ]
    digest = hashlib.sha256(json.dumps(about, ensure_ascii=False).encode()).hexdigest()
    return Finding(
        id=f"F-{digest[:12]}",
        kind=kind,
        clause=case.clause.id,
        rule=case.clause.rule.kind,
        verdict=verdict,
        subject=case.subject,
        party=case.party,
        interval=interval,
        marks=marks,
        accepted_by_party=accepted,
        evidence=case.evidence,
        exercise=case.exercise or case.agreement.exercise,
        **more,  # type: ignore[arg-type]
    )


def distinct_ids(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that would share an id (two tracks of one mover in one file, say) told apart by their order."""
    seen: dict[str, int] = {}
    told: list[Finding] = []
    for finding in findings:
        again = seen.get(finding.id, 0)
        seen[finding.id] = again + 1
        if again:
            digest = hashlib.sha256(f"{finding.id}:{again}".encode()).hexdigest()
            finding = replace(finding, id=f"F-{digest[:12]}")
        told.append(finding)
    return tuple(told)
