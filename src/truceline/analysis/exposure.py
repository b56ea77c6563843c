"""Observation effort: how long anyone looked, which no count may go without."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from truceline.model.finding import Coverage
from truceline.timebase import Interval, merge_intervals, subtract_intervals
from truceline.units import Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How much of a period was looked at, for one name (a clause, a party, or everything).

    Attributes
    ----------
    observed, unreliable, not_observed : tuple of Interval
        Parts of the period, sorted and disjoint; together they are the whole of it. An instant at which one
        mover was seen and another was not is observed; unreliable is what was only seen unreliably.
    mover_s : float
        Observed time added up over movers: two movers seen for the same hour are two mover-hours.
    movers_count : int
        How many movers were observed at all.
    """

    name: str
    period: Interval
    observed: tuple[Interval, ...] = ()
    unreliable: tuple[Interval, ...] = ()
    not_observed: tuple[Interval, ...] = ()
    mover_s: Seconds = 0.0
    movers_count: int = 0

    @property
    def observed_s(self) -> Seconds:
        """Time in which at least one mover was observed."""
        return sum(interval.duration_s for interval in self.observed)

    @property
    def unreliable_s(self) -> Seconds:
        return sum(interval.duration_s for interval in self.unreliable)

    @property
    def of_s(self) -> Seconds:
        """The length of the period."""
        return self.period.duration_s


def clipped(intervals: Iterable[Interval], period: Interval) -> tuple[Interval, ...]:
    """The parts of ``intervals`` inside ``period``, merged; parts of no length are left out."""
    parts = (interval.clip(period) for interval in intervals)
    return merge_intervals(part for part in parts if part is not None and part.duration_s > 0)


def observed_span(coverage: Iterable[Coverage]) -> Interval | None:
    """From the first to the last instant any coverage speaks of; None where none does."""
    spoken = [part for item in coverage for part in (*item.observed, *item.gaps, *item.unreliable)]
    if not spoken:
        return None
    return Interval(min(part.start_us for part in spoken), max(part.end_us for part in spoken))


def exposure_of(coverage: Iterable[Coverage], *, period: Interval, name: str = "") -> Exposure:
    """The exposure of all of ``coverage`` together within ``period``.

    Parameters
    ----------
    coverage : iterable of Coverage
        One item for each clause and mover; a mover under several clauses is one mover.
    period : Interval
        What the count is about. Nothing outside it is looked at.

    Returns
    -------
    Exposure
        With ``observed + unreliable + not_observed`` equal to the period.
    """
    items = tuple(coverage)
    observed = clipped((part for item in items for part in item.observed), period)
    doubtful = clipped((part for item in items for part in item.unreliable), period)
    unreliable = tuple(part for whole in doubtful for part in subtract_intervals(whole, observed))
    movers: dict[str, list[Interval]] = {}
    for item in items:
        movers.setdefault(item.subject, []).extend(item.observed)
    seen = {subject: clipped(parts, period) for subject, parts in movers.items()}
    return Exposure(
        name=name,
        period=period,
        observed=observed,
        unreliable=unreliable,
        not_observed=subtract_intervals(period, (*observed, *unreliable)),
        mover_s=sum(part.duration_s for parts in seen.values() for part in parts),
        movers_count=sum(bool(parts) for parts in seen.values()),
    )


def exposure_by_clause(
    coverage: Iterable[Coverage], *, period: Interval, clauses: Iterable[str] = ()
) -> tuple[Exposure, ...]:
    """One exposure a clause, in the order of ``clauses``; a clause nobody looked at is there too, with none."""
    items = tuple(coverage)
    names = list(dict.fromkeys([*clauses, *(item.clause for item in items)]))
    return tuple(
        exposure_of((item for item in items if item.clause == name), period=period, name=name)
        for name in names
    )


def exposure_by_party(
    coverage: Iterable[Coverage], *, period: Interval, party_of: Mapping[str, str | None]
) -> tuple[Exposure, ...]:
    """One exposure a party, by the party of each mover; "" stands for movers whose party is not known."""
    items = tuple(coverage)
    names = sorted({party_of.get(item.subject) or "" for item in items})
    return tuple(
        exposure_of(
            (item for item in items if (party_of.get(item.subject) or "") == name), period=period, name=name
        )
        for name in names
    )
