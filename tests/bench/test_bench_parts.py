"""The parts of the bench on tiny sizes, without the engines it compares with; and that the product never needs it."""

from __future__ import annotations

import ast
import importlib
import itertools
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from geographiclib.geodesic import Geodesic

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module", autouse=True)
def _on_path() -> Any:
    sys.path.insert(0, str(ROOT))
    yield
    sys.path.remove(str(ROOT))


def part(name: str) -> ModuleType:
    return importlib.import_module(f"bench.{name}")


# ---------------------------------------------------------------- workloads


def test_p1_is_the_same_each_time_grouped_by_mover_and_in_order() -> None:
    made = [part("incursions").make(4_000, movers_count=20) for _ in range(2)]
    columns = made[0].columns
    for name, column in columns.as_dict().items():
        np.testing.assert_array_equal(column, getattr(made[1].columns, name))
    assert [column.dtype for column in columns.as_dict().values()] == ["int32", "int64", *["float64"] * 3]
    same = np.diff(columns.mover) == 0
    assert (np.diff(columns.mover) >= 0).all()
    assert (np.diff(columns.t_us)[same] > 0).all()
    assert len(columns.starts()) == 21


def test_the_line_of_p1_is_300_km_long_by_karney_and_never_turns_back() -> None:
    line = part("incursions").make(2_000, movers_count=20).line_deg
    assert len(line) == 2_000
    assert (np.diff(line[:, 0]) > 0).all()
    length_m = sum(Geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0])["s12"] for a, b in itertools.pairwise(line))
    assert length_m == pytest.approx(300_000, rel=0.01)


def test_fixes_come_at_a_tenth_to_one_hertz_with_four_metres_of_noise() -> None:
    ground = part("ground")
    movers = ground.movers_of(60, 1)
    assert all(1.0 <= mover.step_s <= 10.0 for mover in movers)
    noise = ground.gps_noise_m(movers, 3_000, np.random.default_rng(2))
    assert noise.std() == pytest.approx(4.0, rel=0.1)
    # First-order autocorrelation over 60 s: exp(-step / 60) from one fix to the next.
    slow = max(range(60), key=lambda at: movers[at].step_s)
    pairs = noise[:-1, slow].ravel(), noise[1:, slow].ravel()
    assert np.corrcoef(*pairs)[0, 1] == pytest.approx(np.exp(-movers[slow].step_s / 60.0), abs=0.1)


def test_a_stream_has_the_same_fixes_one_in_five_late() -> None:
    columns = part("incursions").make(20_000, movers_count=20).columns
    arrivals = part("streams").make(columns)
    back = np.lexsort((arrivals.columns.t_us, arrivals.columns.mover))
    np.testing.assert_array_equal(arrivals.columns.t_us[back], columns.t_us)
    late = arrivals.arrived_us > arrivals.columns.t_us
    assert late.mean() == pytest.approx(0.2, abs=0.02)
    assert sum(map(len, arrivals.batches())) == len(columns)
    text = part("streams").to_csv(columns).decode().splitlines()
    assert len(text) == len(columns) + 1
    assert text[1].split(",")[1] == str(columns.t_us[0])


def test_volumes_and_routes_have_the_sizes_asked_for() -> None:
    volumes = part("volumes")
    made, routes = volumes.make(500), volumes.routes(3)
    assert made.rings_deg().shape == (500, 6, 2)
    assert (made.end_us > made.start_us).all() and (made.high_m > made.low_m).all()
    assert all(len(route.start_us) == 20 and route.corners_deg.shape == (21, 2) for route in routes)


# ---------------------------------------------------------------- comparing and timing


def test_runs_are_cut_where_the_mover_changes() -> None:
    mover = np.array([0, 0, 0, 1, 1, 1])
    inside = np.array([False, True, True, True, False, True])
    begun, ended = part("events").runs_of(mover, np.arange(6), inside)
    assert list(zip(begun.tolist(), ended.tolist(), strict=True)) == [(1, 3), (3, 4), (5, 6)]


def test_what_a_peer_lost_is_counted() -> None:
    events = part("events")
    ours = events.incursions(
        *map(np.array, ([1, 1, 2], [0, 100, 0], [50, 150, 9], [5.0, 7.0, 2.0], [2, 4, 2]))
    )
    # The second of ours is two of the peer's; the third is lost; the last of the peer's is nowhere in ours.
    peer = events.incursions(
        *map(np.array, ([1, 1, 1, 3], [0, 100, 130, 0], [50, 120, 150, 9], [4.0, 7.0, 6.0, 1.0]))
    )
    found = events._compare(ours, peer, ("mover",), "depth_m", True, 0)
    assert (found.ours, found.peer, found.lost, found.extra, found.differ) == (3, 4, 1, 1, 0)
    assert found.shortfall_m == 1.0


def test_pairs_alternate_and_the_ratio_is_the_median_of_theirs() -> None:
    harness = part("harness")
    order: list[str] = []
    pair = harness.alternate(lambda: order.append("a"), lambda: order.append("b"), pairs=3)
    runs = [name for at, name in enumerate(order) if at == 0 or order[at - 1] != name]
    assert runs == ["b", "a", "b", "a", "b", "a", "b"]
    assert len(pair.first) == len(pair.second) == 3
    took = [harness.Took(wall_s=value, cpu_s=value) for value in (6.0, 9.0, 3.0)]
    ones = [harness.Took(wall_s=value, cpu_s=value) for value in (2.0, 1.0, 3.0)]
    # 6/2, 9/1, 3/3: the middle one is 3.
    assert harness.Paired(first=tuple(took), second=tuple(ones)).ratio == 3.0


@pytest.mark.parametrize(
    ("value", "bar", "better", "state"),
    [(2.0, 1.5, "more", "ok"), (1.0, 1.5, "more", "short"), (1.0, 1.5, "less", "ok"), (2.0, 1.5, "less", "short"),
     (None, 1.5, "more", "skipped"), (2.0, None, "more", "shown")],
)  # fmt: skip
def test_a_bar_says_ok_or_short(value: float | None, bar: float | None, better: str, state: str) -> None:
    made = part("harness").Bar(id="x", value=value, bar=bar, better=better)
    assert made.line().split()[:2] == ["BAR", "x"]
    assert made.line().split()[4] == made.state == state


def test_the_page_keeps_its_words_and_changes_its_table(tmp_path: Path) -> None:
    page = part("page")
    path = tmp_path / "page.md"
    path.write_text(f"before\n{page.BEGIN}\nold\n{page.END}\nafter\n", encoding="utf-8")
    bar = part("harness").Bar(id="p9", value=1.25, bar=1.0, note="a | b")
    about = {
        "command": "x",
        "date": "d",
        "commit": "c",
        "machine": "m",
        "versions": {},
        "load_average": [1.0, 2.0],
    }
    run = ([bar], {**about, "loads": {"p9": "0.5"}})
    assert page.from_json(page.to_json(*run)) == run
    page.write([run], path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith("before\n") and text.endswith("after\n") and "old" not in text
    assert "| p9 | 1.25 | ≥ 1 | ok |" in text and "a / b" in text
    assert page.BEGIN in page.PAGE.read_text(encoding="utf-8")


def test_the_reading_pass_reads_every_column() -> None:
    reading = part("reading")
    columns = part("incursions").make(5_000, movers_count=20).columns
    want = sum(
        column.astype(float).sum() for column in (columns.lon_deg, columns.lat_deg, columns.accuracy_m)
    )
    whole = int(columns.mover.sum(dtype=np.int64)) + int(columns.t_us.sum())
    assert reading.by_numpy(columns) == pytest.approx(want + whole)
    compiled = reading.compiled()
    if compiled is None:
        pytest.skip("no C compiler here")
    assert compiled(columns) == pytest.approx(want + (whole & 0xFFFF))


# ---------------------------------------------------------------- the reference


@pytest.mark.parametrize(("away_m", "along"), [(5.0, 0.5), (900.0, 0.2), (30_000.0, 0.7)])
def test_the_reference_measures_to_an_edge_as_karney_does(away_m: float, along: float) -> None:
    # A point put square to the edge at a known distance has that distance to it.
    edge = Geodesic.WGS84.InverseLine(35.0, 38.0, 35.02, 38.3)
    foot, end = edge.Position(along * edge.s13), edge.Position(edge.s13)
    place = Geodesic.WGS84.Direct(foot["lat2"], foot["lon2"], foot["azi2"] + 90.0, away_m)
    got = part("reference").to_edge_m(
        place["lon2"], place["lat2"], np.array([38.0, 35.0]), np.array([end["lon2"], end["lat2"]])
    )
    assert got == pytest.approx(away_m, abs=1e-4)


def test_what_we_find_is_what_the_reference_finds(tmp_path: Path) -> None:
    incursions, exact, ours = part("incursions"), part("bars.exact"), part("ours")
    work = incursions.make(20_000, movers_count=20)
    true = part("reference").true_incursions(work)
    check = ours.checker(incursions.write_agreement(work, tmp_path), work.columns, work.movers)
    assert len(true) > 3
    assert exact.compared(work, true, ours.incursions_of(check()))[:3] == (0, 0, 0)


def test_the_reference_comparison_sees_what_is_wrong() -> None:
    incursions, exact, events = part("incursions"), part("bars.exact"), part("events")
    work = incursions.make(2_000, movers_count=20)
    t_us = int(work.columns.t_us[0])
    true = events.incursions(*map(np.array, ([0, 1], [t_us, t_us], [t_us + 10**7] * 2, [100.0, 80.0])))
    found = events.incursions(*map(np.array, ([0, 2], [t_us, t_us], [t_us + 10**7] * 2, [102.0, 50.0])))
    # Mover 1 is missed, mover 2 invented, and 2 m at 100 m deep is outside 1 m or 0.1 %.
    assert exact.compared(work, true, found) == (1, 1, 1, 2.0)


# ---------------------------------------------------------------- never a part of the product


def test_the_product_never_imports_the_bench_and_needs_none_of_its_engines() -> None:
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [name for name in names if name.split(".")[0] == "bench"], path
    locked = (ROOT / "requirements" / "main.txt").read_text(encoding="utf-8")
    for peer in ("geopandas", "sedonadb", "pymeos", "movingpandas", "duckdb", "polars"):
        assert f"\n{peer}==" not in locked


def test_a_module_of_the_bench_has_at_most_400_lines() -> None:
    for path in (ROOT / "bench").rglob("*.py"):
        assert path.read_text(encoding="utf-8").count("\n") <= 400, path
