"""Laws of the watch: whatever the order, the copies, the batches and the delays, the end is that of the batch."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.kernels import FixStream
from truceline.model.agreement import Agreement, AltitudeBand, KeepOut, Polygon, Selector, Separate
from truceline.model.alert import WatchSettings
from truceline.model.finding import CheckResult
from truceline.model.movement import SourceRef, Track
from truceline.rules import check_tracks
from truceline.rules.live import Watch
from truceline.testing.builders import mover, one_clause
from truceline.views.data import render_json

T0 = 1_583_000_000_000_000
S = 1_000_000
SQUARE = ((-0.002, -0.002), (0.002, -0.002), (0.002, 0.002), (-0.002, 0.002))
KEEP_OUT = one_clause(KeepOut(where=Polygon(polygons=((SQUARE,),), accuracy_m=10.0)))
KEEP_APART = one_clause(
    Separate(first=Selector(parties=frozenset("a")), second=Selector(parties=frozenset("b")), distance_m=90)
)
SOURCE = SourceRef(name="live", format="test")
MOVERS = (mover("one"), mover("two", party="b"), mover("three", mover_class="fixed-wing"))
LATENESS_S = 30


@dataclass(frozen=True)
class Fix:
    """One fix as it arrives."""

    mover: int
    t_us: int
    lon: float
    lat: float
    accuracy_m: float = 20.0
    altitude_m: float = float("nan")
    datum: int = 0


# Up to 550 m from the middle: within reach of 7 s for the fixed-wing mover, and often for the vehicles.
places = st.floats(-0.005, 0.005, allow_nan=False).map(lambda value: round(value, 5))
# Steps of 7 s, and now and then a gap beyond the longest one of 300 s.
fixes = st.lists(
    st.builds(
        Fix,
        mover=st.integers(0, 2),
        t_us=st.integers(0, 60).map(lambda k: T0 + (7 * k + 400 * (k // 20)) * S),
        lon=places,
        lat=places,
        accuracy_m=st.sampled_from((5.0, 20.0, float("nan"))),
        altitude_m=st.sampled_from((float("nan"), 100.0, 250.0)),
        datum=st.integers(0, 2),
    ),
    min_size=1,
    max_size=60,
)


def columns(rows: list[Fix]) -> SimpleNamespace:
    return SimpleNamespace(
        mover=np.array([row.mover for row in rows], dtype=np.int32),
        t_us=np.array([row.t_us for row in rows], dtype=np.int64),
        lon_deg=np.array([row.lon for row in rows], dtype=np.float64),
        lat_deg=np.array([row.lat for row in rows], dtype=np.float64),
        accuracy_m=np.array([row.accuracy_m for row in rows], dtype=np.float64),
        altitude_m=np.array([row.altitude_m for row in rows], dtype=np.float64),
        datum=np.array([row.datum for row in rows], dtype=np.int8),
    )


def tracks_of(rows: list[Fix]) -> list[Track]:
    """What a file with these records gives: the first of each instant, in order of time, one datum a track."""
    made = []
    for index, who in enumerate(MOVERS):
        first: dict[int, Fix] = {}
        for row in rows:
            if row.mover == index:
                first.setdefault(row.t_us, row)
        own = [first[t_us] for t_us in sorted(first)]
        if not own:
            continue
        known = [row.datum for row in own if row.altitude_m == row.altitude_m]
        datum = min(set(known), key=lambda code: (-known.count(code), code)) if known else 0
        made.append(
            Track(
                mover=who,
                t_us=np.array([row.t_us for row in own]),
                lonlat_deg=np.array([(row.lon, row.lat) for row in own]),
                accuracy_m=np.array([row.accuracy_m for row in own]),
                altitude_m=np.array([row.altitude_m if row.datum == datum else np.nan for row in own]),
                altitude_datum=("", "ellipsoid", "msl")[datum],
                source=SOURCE,
            )
        )
    return made


def watched(agreement: Agreement, batches: list[list[Fix]], **more: object) -> Watch:
    watch = Watch(agreement, source=SOURCE, settings=WatchSettings(lateness_s=LATENESS_S, **more))
    for index, who in enumerate(MOVERS):
        watch.identify(index, who)
    for batch in batches:
        watch.add(columns(batch))
    return watch


def cut(rows: list[Fix], ends: list[int]) -> list[list[Fix]]:
    """The rows in batches that end where ``ends`` says; empty ones among them."""
    borders = [0, *sorted(end % (len(rows) + 1) for end in ends), len(rows)]
    return [rows[start:end] for start, end in itertools.pairwise(borders)]


def written(result: CheckResult, agreement: Agreement) -> str:
    return render_json(result, agreement)


@pytest.mark.parametrize("agreement", [KEEP_OUT, KEEP_APART], ids=["keep-out", "separate"])
@settings(max_examples=60, deadline=None)
@given(
    rows=fixes,
    ends=st.lists(st.integers(0, 1000), max_size=8),
    again=st.lists(st.integers(0, 1000), max_size=10),
)
def test_the_findings_are_those_of_the_batch_byte_for_byte(
    agreement: Agreement, rows: list[Fix], ends: list[int], again: list[int]
) -> None:
    arrivals = list(rows)
    for place in again:  # copies, somewhere after their original
        arrivals.append(rows[place % len(rows)])
    watch = watched(agreement, cut(arrivals, ends))
    live = watch.close()
    batch = check_tracks(agreement, tracks_of(arrivals))
    assert live == batch
    assert written(live, agreement) == written(batch, agreement)
    counts = watch.counts
    assert counts.arrived == len(arrivals)
    assert counts.used == sum(len(track) for track in tracks_of(arrivals))
    assert counts.used + counts.duplicate + counts.conflict == counts.arrived


@settings(max_examples=60, deadline=None)
@given(rows=fixes, chance=st.randoms(use_true_random=False), held=st.integers(1, 40))
def test_no_order_of_arrival_changes_the_findings(rows: list[Fix], chance: object, held: int) -> None:
    distinct = list({(row.mover, row.t_us): row for row in rows}.values())
    shuffled = list(distinct)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    one = watched(KEEP_OUT, [distinct]).close()
    other = watched(KEEP_OUT, [[row] for row in shuffled], held_count=held).close()
    assert written(one, KEEP_OUT) == written(other, KEEP_OUT)


@settings(max_examples=100, deadline=None)
@given(rows=fixes, ends=st.lists(st.integers(0, 1000), max_size=8))
def test_what_becomes_of_a_fix_depends_on_the_order_alone_and_not_on_the_batches(
    rows: list[Fix], ends: list[int]
) -> None:
    stream = FixStream(lateness_s=LATENESS_S)
    for index in range(len(MOVERS)):
        stream.bind(index, longest_gap_s=300.0, ceiling_mps=350.0, rules=[])
    for batch in cut(rows, ends):
        of = columns(batch)
        stream.add(of.mover, of.t_us, of.lon_deg, of.lat_deg, of.accuracy_m, of.altitude_m, of.datum)
    stated = {"accepted": 0, "duplicate": 0, "conflict": 0, "late": 0, "ahead": 0}
    newest: dict[int, int] = {}
    held: dict[tuple[int, int], Fix] = {}
    late: list[Fix] = []
    for row in rows:
        mark = newest.get(row.mover)
        key = (row.mover, row.t_us)
        if mark is not None and row.t_us <= mark - LATENESS_S * S:
            stated["late"] += 1
            late.append(row)
        elif key in held:
            one, two = ((at.lon, at.lat, np.nan_to_num(at.altitude_m, nan=-1)) for at in (held[key], row))
            stated["duplicate" if one == two else "conflict"] += 1
        else:
            held[key] = row
            stated["accepted"] += 1
            newest[row.mover] = max(mark or 0, row.t_us)
    counts = stream.counts
    assert {name: getattr(counts, name) for name in stated} == stated
    aside = stream.take_aside()
    assert aside.t_us.tolist() == [row.t_us for row in late]
    assert aside.mover.tolist() == [row.mover for row in late]
    for index in range(len(MOVERS)):
        given = stream.take_fixes(index).t_us.tolist()
        due = sorted(t_us for who, t_us in held if who == index and t_us <= newest[index] - LATENESS_S * S)
        assert given == due, "everything up to the watermark, in order, and nothing past it"
    stream.finish()
    rest = [t for index in range(len(MOVERS)) for t in stream.take_fixes(index).t_us.tolist()]
    assert len(rest) == len([t for (who, t) in held if t > newest[who] - LATENESS_S * S])


@settings(max_examples=60, deadline=None)
@given(rows=fixes, ends=st.lists(st.integers(0, 1000), max_size=8))
def test_alerts_do_not_depend_on_the_batches(rows: list[Fix], ends: list[int]) -> None:
    def said(batches: list[list[Fix]]) -> set[str]:
        watch = watched(KEEP_OUT, batches)
        watch.tracks()
        return {repr(alert) for alert in watch.alerts()}

    assert said([rows]) == said(cut(rows, ends))


@settings(max_examples=60, deadline=None)
@given(rows=fixes)
def test_whatever_the_end_finds_past_a_line_was_alerted_while_nothing_came_late(rows: list[Fix]) -> None:
    """Alerts miss nothing that is past the line: no finding of a visit without an alert of the mover in its time."""
    ordered = sorted({(row.mover, row.t_us): row for row in rows}.values(), key=lambda row: row.t_us)
    watch = watched(KEEP_OUT, [ordered])
    result = watch.close()
    closed = [alert for alert in watch.alerts() if alert.state == "close"]
    for finding in result.findings:
        if finding.kind != "incursion" or finding.interval is None:
            continue
        assert any(
            alert.subject == finding.subject
            and alert.began_us <= finding.interval.end_us
            and finding.interval.start_us <= alert.at_us
            for alert in closed
        ), finding


@settings(max_examples=60, deadline=None)
@given(rows=fixes)
def test_every_alert_opens_once_and_closes_once(rows: list[Fix]) -> None:
    watch = watched(KEEP_OUT, [[row] for row in rows])
    watch.tracks()
    states: dict[str, list[str]] = {}
    for alert in watch.alerts():
        states.setdefault(alert.id, []).append(alert.state)
        assert alert.began_us <= alert.last_us
        assert alert.began_us <= (alert.deepest.t_us or 0) <= alert.last_us
        assert alert.depth_low_m <= alert.depth_m <= alert.depth_high_m
    for seen in states.values():
        assert seen[0] == "open"
        assert seen[-1] == "close"
        assert set(seen[1:-1]) <= {"update"}


def test_partial_watches_merge() -> None:
    """Movers parted over several watches give together what one watch gives."""
    rows = [
        Fix(mover=index, t_us=T0 + k * 10 * S, lon=0.001 * (k - 30) * (index + 1), lat=0.0)
        for k in range(60)
        for index in range(3)
    ]
    whole = watched(KEEP_APART, [rows]).close()
    parts = [watched(KEEP_APART, [[row for row in rows if row.mover == index]]) for index in range(3)]
    merged = check_tracks(KEEP_APART, [track for part in parts for track in part.tracks()])
    assert written(merged, KEEP_APART) == written(whole, KEEP_APART)
    assert json.loads(written(whole, KEEP_APART))


def test_an_alert_of_a_clause_with_heights_is_not_evaluated() -> None:
    """The mover stands in the middle of the square; whether at the height of the clause nobody has looked."""
    (clause,) = KEEP_OUT.clauses.values()
    band = AltitudeBand(to_m=500.0)
    banded = replace(KEEP_OUT, clauses={"1": replace(clause, altitude=band)})
    watch = watched(banded, [[Fix(mover=0, t_us=T0 + k * 10 * S, lon=0.0, lat=0.0) for k in range(10)]])
    watch.tracks()
    said = watch.alerts()
    assert {alert.because for alert in said} == {"height-not-watched"}
    assert {alert.verdict.value for alert in said} == {"NOT_EVALUATED"}
