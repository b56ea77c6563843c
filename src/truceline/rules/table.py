"""Findings gathered into columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.kernels import Events
from truceline.model.agreement import Agreement
from truceline.model.columns import INSTANTS, KINDS, NO_INSTANT, NUMBERS, FindingTable, Fixes
from truceline.model.finding import CheckResult, Finding, NotApplied, PathPoint, Verdict

_VERDICTS = tuple(verdict.value for verdict in Verdict)
_CODES = {verdict: np.int8(code) for code, verdict in enumerate(Verdict)}
_KINDS = {kind: np.int8(code) for code, kind in enumerate(KINDS)}


class TableBuilder:
    """Takes findings part by part, as columns or one by one; gives one table, in a fixed order."""

    def __init__(self, agreement: Agreement, fixes: Fixes) -> None:
        self._clauses = tuple(agreement.clauses)
        self._movers = fixes.movers
        self._number_of = {mover.id: number for number, mover in enumerate(fixes.movers)}
        self._parts: list[dict[str, NDArray]] = []
        self._causes: dict[str, int] = {"": 0}
        self._not_applied: list[NotApplied] = []

    def _cause(self, because: str) -> int:
        return self._causes.setdefault(because, len(self._causes))

    def _add(self, clause: int, mover: ArrayLike, given: dict[str, ArrayLike]) -> None:
        movers = np.asarray(mover, dtype=np.int32)
        count = len(movers)
        if not count:
            return
        columns: dict[str, NDArray] = {
            "clause": np.full(count, clause, dtype=np.int32),
            "mover": movers,
            "other": np.full(count, -1, dtype=np.int32),
            "crossings_count": np.zeros(count, dtype=np.int64),
        }
        columns |= {name: np.full(count, NO_INSTANT) for name in INSTANTS if name not in given}
        columns |= {name: np.full(count, np.nan) for name in NUMBERS if name not in given}
        columns |= {name: np.broadcast_to(np.asarray(values), (count,)) for name, values in given.items()}
        self._parts.append(columns)

    def add_events(self, clause: int, mover: NDArray, events: Events, *, stated: NDArray[np.bool_]) -> None:
        """Visits past a line and stretches near it, as the kernel gives them."""
        past, beyond, open_start, open_end = (events.flags[:, k].astype(bool) for k in range(4))
        depth, low, high, beyond_s, probability, spare = events.numbers.T
        near, unstated = self._cause("within-accuracy"), self._cause("accuracy-not-stated")
        entered, left = past & ~open_start, past & ~open_end
        self._add(
            clause,
            mover,
            {
                "kind": np.where(past, _KINDS["incursion"], _KINDS["near-line"]),
                "verdict": np.where(beyond & stated, _CODES[Verdict.BREACH], _CODES[Verdict.POSSIBLE]),
                "because": np.where(stated, np.where(past, 0, near), unstated).astype(np.int16),
                "start_us": events.t_us[:, 0],
                "end_us": events.t_us[:, 1],
                "entry_us": np.where(entered, events.t_us[:, 2], NO_INSTANT),
                "exit_us": np.where(left, events.t_us[:, 3], NO_INSTANT),
                "deepest_us": events.t_us[:, 4],
                "depth_m": depth,
                "depth_low_m": low,
                "depth_high_m": high,
                "beyond_s": beyond_s,
                "probability": np.where(stated, probability, np.nan),
                "margin_m": np.where(past, np.abs(spare), spare),
                "entry_lon_deg": np.where(entered, events.places_deg[:, 0], np.nan),
                "entry_lat_deg": np.where(entered, events.places_deg[:, 1], np.nan),
                "exit_lon_deg": np.where(left, events.places_deg[:, 2], np.nan),
                "exit_lat_deg": np.where(left, events.places_deg[:, 3], np.nan),
                "deepest_lon_deg": events.places_deg[:, 4],
                "deepest_lat_deg": events.places_deg[:, 5],
                "crossings_count": events.crossings_count,
            },
        )

    def add_gaps(
        self, clause: int, mover: NDArray, start_us: NDArray, end_us: NDArray, known_speed: NDArray[np.bool_]
    ) -> None:
        """Gaps in which a mover could have been past the line, or (of unknown speed) nobody can say."""
        self._add(
            clause,
            mover,
            {
                "kind": _KINDS["gap"],
                "verdict": np.where(known_speed, _CODES[Verdict.POSSIBLE], _CODES[Verdict.NO_COVERAGE]),
                "because": np.where(
                    known_speed, self._cause("gap-within-reach"), self._cause("gap-no-top-speed")
                ).astype(np.int16),
                "start_us": start_us,
                "end_us": end_us,
            },
        )

    def add_quiet(
        self, clause: int, mover: NDArray, start_us: NDArray, end_us: NDArray, observed_s: NDArray
    ) -> None:
        """Observed, and nothing found."""
        self._add(
            clause,
            mover,
            {
                "kind": _KINDS["observed"],
                "verdict": _CODES[Verdict.CLEAR],
                "because": np.int16(0),
                "start_us": start_us,
                "end_us": end_us,
                "observed_s": observed_s,
            },
        )

    def add_result(self, clause: int, result: CheckResult) -> None:
        """Findings made one by one."""
        self._not_applied += result.not_applied
        for finding in result.findings:
            self._add_finding(clause, finding)

    def _add_finding(self, clause: int, finding: Finding) -> None:
        first, _, second = finding.subject.partition(" x ")
        met = finding.encounter
        when = finding.interval
        observed = finding.observed
        given: dict[str, ArrayLike] = {
            "kind": _KINDS[finding.kind],
            "verdict": _CODES[finding.verdict],
            "because": np.int16(self._cause(finding.because)),
            "other": np.int32(self._number_of.get(met.other_mover if met else second, -1)),
        }
        if when is not None or observed:
            given["start_us"] = when.start_us if when else observed[0].start_us
            given["end_us"] = when.end_us if when else observed[-1].end_us
        numbers = {"probability": finding.probability, "margin_m": finding.margin_m}
        if observed:
            numbers["observed_s"] = sum(item.duration_s for item in observed)
        if met is not None:
            numbers |= {"distance_m": met.distance_m, "beyond_s": met.below_s}
            given["deepest_us"] = met.at_us
            numbers |= {"deepest_lon_deg": met.lonlat_deg[0], "deepest_lat_deg": met.lonlat_deg[1]}
        visit = finding.incursion
        if visit is not None:
            numbers |= {
                "depth_m": visit.depth_m,
                "depth_low_m": visit.depth_low_m,
                "depth_high_m": visit.depth_high_m,
                "beyond_s": visit.beyond_s,
            }
            given["crossings_count"] = visit.crossings_count
            for name, point in (("entry", visit.entry), ("exit", visit.exit), ("deepest", visit.deepest)):
                given |= _point(name, point)
        given |= {name: value for name, value in numbers.items() if value is not None}
        number = self._number_of.get(finding.subject, self._number_of.get(first, -1))
        self._add(clause, np.array([number]), given)

    def finished(self, *, checked_count: int) -> FindingTable:
        """The table, in order of clause, time, mover and kind."""
        names = (
            "clause",
            "mover",
            "other",
            "kind",
            "verdict",
            "because",
            *INSTANTS,
            *NUMBERS,
            "crossings_count",
        )
        columns = {
            name: np.concatenate([part[name] for part in self._parts])
            if self._parts
            else np.empty(0, dtype=np.int64 if name in INSTANTS else np.float64)
            for name in names
        }
        order = np.lexsort((columns["kind"], columns["mover"], columns["start_us"], columns["clause"]))
        return FindingTable(
            columns={name: column[order] for name, column in columns.items()},
            clauses=self._clauses,
            movers=self._movers,
            verdicts=_VERDICTS,
            causes=tuple(self._causes),
            not_applied=tuple(self._not_applied),
            checked_count=checked_count,
        )


def _point(name: str, point: PathPoint | None) -> dict[str, ArrayLike]:
    if point is None:
        return {}
    said: dict[str, ArrayLike] = {
        f"{name}_lon_deg": point.lonlat_deg[0],
        f"{name}_lat_deg": point.lonlat_deg[1],
    }
    if point.t_us is not None:
        said[f"{name}_us"] = point.t_us
    return said
