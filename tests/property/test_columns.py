"""Columns and single tracks give the same answers, and neither the order of rows nor how they are given matters."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import truceline
from truceline.errors import GeometryError, UsageError
from truceline.model.agreement import (
    Agreement,
    Circle,
    KeepOut,
    KeepSide,
    Line,
    NoFly,
    NoFlyLimit,
    Side,
    Validity,
)
from truceline.model.columns import KINDS, NO_INSTANT, FindingTable, Fixes
from truceline.model.finding import CheckResult, Finding
from truceline.model.identity import Mover
from truceline.testing.builders import one_clause
from truceline.timebase import Interval

SECOND_US = 1_000_000
START_US = 1_600_000_000 * SECOND_US
LINE = Line(
    lonlat_deg=((36.0, 35.0), (36.1, 35.01), (36.2, 34.99), (36.4, 35.02), (36.6, 35.0)), accuracy_m=25.0
)
CLASSES = ("vehicle", "foot", "uav", None)


def agreement(accuracy_m: float, force: Interval | None) -> Agreement:
    """A line with two sides, an area in force for a while, and a limit to flight."""
    sides = {
        party: Side(line=LINE, side=side, accuracy_m=accuracy_m)  # type: ignore[arg-type]
        for party, side in (("a", "left"), ("b", "right"))
    }
    zone = Circle(centre_deg=(36.3, 35.0), radius_m=2_500.0, accuracy_m=40.0)
    limit = NoFlyLimit(classes=frozenset({"uav"}), where=Circle(centre_deg=(36.2, 35.0), radius_m=4_000.0))
    base = one_clause(KeepSide(line=LINE, forbidden=sides))
    clause = base.clauses["1"]
    clauses = {
        "1": clause,
        "2": replace(
            clause,
            id="2",
            rule=KeepOut(where=zone),
            validity=Validity(interval=force) if force else clause.validity,
        ),
        "3": replace(clause, id="3", rule=NoFly(limits=(limit,)), tolerance_m=10.0),
    }
    return replace(base, clauses=clauses)


@st.composite
def records(draw: st.DrawFn) -> tuple[dict[str, np.ndarray], list[Mover]]:
    """Walks about the line, with gaps, jumps and fixes whose accuracy nobody states."""
    seed = draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    movers, parts = [], []
    for number in range(draw(st.integers(1, 5))):
        count = draw(st.sampled_from([1, 2, 30, 300]))
        step_s = draw(st.sampled_from([1.0, 10.0, 120.0]))
        times = (
            START_US
            + rng.integers(0, 3600) * SECOND_US
            + np.cumsum(np.where(rng.random(count) < 0.02, 900.0, step_s) * SECOND_US).astype(np.int64)
        )
        heading = np.cumsum(rng.normal(0, 0.4, count)) + rng.uniform(0, 6.3)
        speed_mps = draw(st.sampled_from([1.0, 2.5, 10.0]))
        lon = rng.uniform(36.05, 36.5) + np.cumsum(np.cos(heading)) * speed_mps * step_s / 91_000
        lat = 35.0 + rng.normal(0, 0.004) + np.cumsum(np.sin(heading)) * speed_mps * step_s / 111_000
        if draw(st.booleans()) and count > 20:
            lat[count // 2] += 0.5  # a jump nobody can make
        accuracy = np.full(count, draw(st.sampled_from([0.0, 5.0, 30.0])))
        accuracy[rng.random(count) < draw(st.sampled_from([0.0, 0.1, 1.0]))] = np.nan
        movers.append(
            Mover(
                id=f"m{number}",
                party=draw(st.sampled_from(["a", "b", None])),
                mover_class=draw(st.sampled_from(CLASSES)),
            )
        )
        parts.append((np.full(count, number, dtype=np.int32), times, lon, lat, accuracy))
    names = ("mover", "t_us", "lon_deg", "lat_deg", "accuracy_m")
    return dict(
        zip(names, (np.concatenate(column) for column in zip(*parts, strict=True)), strict=True)
    ), movers


def row_of(finding: Finding) -> tuple[object, ...]:
    visit, when, seen = finding.incursion, finding.interval, finding.observed
    start = when.start_us if when else seen[0].start_us
    end = when.end_us if when else seen[-1].end_us
    numbers = (visit.depth_m, visit.depth_low_m, visit.depth_high_m) if visit else (np.nan,) * 3
    entry = visit.entry.t_us if visit and visit.entry else NO_INSTANT
    return (
        finding.clause,
        finding.subject,
        finding.kind,
        finding.verdict.value,
        finding.because,
        start,
        end,
        entry,
        sum(item.duration_s for item in seen) if seen else np.nan,
        *numbers,
        np.nan if finding.probability is None else finding.probability,
        np.nan if finding.margin_m is None else finding.margin_m,
    )


def rows_of_result(result: CheckResult) -> list[tuple[object, ...]]:
    return sorted((row_of(finding) for finding in result.findings), key=repr)


def rows_of_table(table: FindingTable) -> list[tuple[object, ...]]:
    numbers = ("observed_s", "depth_m", "depth_low_m", "depth_high_m", "probability", "margin_m")
    return sorted(
        (
            (
                table.clauses[table["clause"][k]],
                table.movers[table["mover"][k]].id,
                KINDS[table["kind"][k]],
                table.verdicts[table["verdict"][k]],
                table.causes[table["because"][k]],
                int(table["start_us"][k]),
                int(table["end_us"][k]),
                int(table["entry_us"][k]),
                *(float(table[name][k]) for name in numbers),
            )
            for k in range(len(table))
        ),
        key=repr,
    )


def same(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> None:
    assert len(one) == len(other)
    for left, right in zip(one, other, strict=True):
        assert left[:8] == right[:8]
        assert np.allclose(
            np.array(left[8:], float), np.array(right[8:], float), rtol=0, atol=0, equal_nan=True
        )


@settings(max_examples=60, deadline=None)
@given(records(), st.sampled_from([0.0, 25.0]), st.sampled_from([None, 1800, 90]))
def test_columns_and_single_tracks_give_the_same_answers(
    given_records: tuple[dict[str, np.ndarray], list[Mover]], accuracy_m: float, force_s: int | None
) -> None:
    columns, movers = given_records
    force = (
        None
        if force_s is None
        else Interval(START_US + 600 * SECOND_US, START_US + (600 + force_s) * SECOND_US)
    )
    text = agreement(accuracy_m, force)
    fixes = truceline.fixes_from(columns, movers)
    result = truceline.check_tracks(text, fixes.tracks())
    table = truceline.check_fixes(text, fixes)
    same(rows_of_result(result), rows_of_table(table))
    assert table.counts() == {
        name: sum(finding.verdict.value == name for finding in result.findings) for name in table.verdicts
    }


@settings(max_examples=20, deadline=None)
@given(records(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(
    given_records: tuple[dict[str, np.ndarray], list[Mover]], random: object
) -> None:
    columns, movers = given_records
    order = np.random.default_rng(random.randrange(2**32)).permutation(len(columns["t_us"]))  # type: ignore[attr-defined]
    text = agreement(10.0, None)
    as_given = truceline.check_fixes(text, truceline.fixes_from(columns, movers))
    shuffled = truceline.check_fixes(
        text, truceline.fixes_from({name: column[order] for name, column in columns.items()}, movers)
    )
    for name, column in as_given.columns.items():
        assert column.tobytes() == shuffled.columns[name].tobytes(), name


SMALL = {
    "mover": np.array([0, 0, 1], dtype=np.int32),
    "t_us": np.array([START_US, START_US + SECOND_US, START_US], dtype=np.int64),
    "lon_deg": np.array([36.3, 36.3001, 36.0]),
    "lat_deg": np.array([35.0, 35.0, 30.0]),
    "accuracy_m": np.array([5.0, 5.0, 5.0]),
}
TWO = [Mover(id="one", party="a", mover_class="vehicle"), Mover(id="two", party="b", mover_class="vehicle")]


def test_columns_of_the_right_type_are_not_copied() -> None:
    fixes = truceline.fixes_from(SMALL, TWO)
    for name, column in SMALL.items():
        assert np.shares_memory(getattr(fixes, name), column), name


def test_arrow_columns_are_not_copied_and_say_the_same() -> None:
    pa = pytest.importorskip("pyarrow", reason="needs pyarrow, an extra")
    table = pa.table(SMALL)
    fixes = truceline.fixes_from(table, TWO)
    assert fixes.t_us.__array_interface__["data"][0] == table["t_us"].chunk(0).buffers()[1].address
    text = agreement(0.0, None)
    found = truceline.check_fixes(text, fixes)
    same(rows_of_table(found), rows_of_table(truceline.check_fixes(text, truceline.fixes_from(SMALL, TWO))))
    arrow = found.to_arrow()
    assert arrow.num_rows == len(found)
    assert set(arrow["verdict"].to_pylist()) <= {"BREACH", "POSSIBLE", "CLEAR"}


def test_names_become_movers() -> None:
    named = SMALL | {"mover": np.array(["one", "one", "zwei"])}
    fixes = truceline.fixes_from(named, {"one": TWO[0]})
    assert [mover.id for mover in fixes.movers] == ["one", "zwei"]
    assert fixes.movers[0].party == "a"


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (
            {"lat_deg": np.array([35.0, 95.0, 30.0])},
            GeometryError,
            "row 1 (one) is no place on earth: 36.3001, 95.0",
        ),
        ({"lat_deg": np.array([35.0, 35.0, np.nan])}, GeometryError, "row 2 (two) is no place on earth"),
        (
            {"t_us": np.array([START_US, START_US, START_US])},
            GeometryError,
            "two fixes of one at one instant",
        ),
        ({"mover": np.array([0, 0, 2])}, UsageError, "goes from 0 to 2, for 2 movers"),
        ({"t_us": np.array([0.5, 1.5, 2.5])}, UsageError, "'t_us' holds float64"),
    ],
)
def test_what_cannot_be_judged_is_said(
    change: dict[str, np.ndarray], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=re.escape(says)):
        truceline.check_fixes(agreement(0.0, None), truceline.fixes_from(SMALL | change, TWO))


def test_a_missing_column_is_named() -> None:
    with pytest.raises(UsageError, match="there is no column 't_us'"):
        truceline.fixes_from({name: column for name, column in SMALL.items() if name != "t_us"}, TWO)


def test_no_fixes_are_no_findings() -> None:
    empty = {name: column[:0] for name, column in SMALL.items()}
    table = truceline.check_fixes(agreement(0.0, None), truceline.fixes_from(empty, TWO))
    assert len(table) == 0
    assert isinstance(truceline.fixes_from(empty, TWO), Fixes)
