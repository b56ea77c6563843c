"""`python -m bench [BAR ...]`: measure all bars or some, print a line for each, leave a JSON and the page's table."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench import page
from bench.bars import encounters, exact, incursions, live, plans, start
from bench.context import Context
from bench.harness import Bar, load_average

Measure = Callable[[Context], list[Bar]]
# In this order: what needs a quiet machine and much memory first, slow peers last.
BARS: dict[str, Measure] = {
    "p1-limit": incursions.limit,
    "linear": incursions.linear,
    "p1-2core": incursions.two_cores,
    "p1-file": incursions.from_file,
    "mem": start.memory,
    "p1-rules": incursions.rules,
    "p5-help": start.help_page,
    "p5-small": start.small_job,
    "distance": exact.distances,
    "p1-exact": exact.incursions,
    "p1-shapely": incursions.against_shapely,
    "p1-sedonadb": incursions.against_sedonadb,
    "p1-geopandas": incursions.against_geopandas,
    "p1-duckdb": incursions.against_duckdb,
    "p1-movingpandas": incursions.against_movingpandas,
    "p1-postgis": incursions.against_postgis,
    "p1-meos": incursions.against_meos,
    "p4-stream": live.through,
    "p4-decode": live.decoded,
    "p4-delay": live.delay,
    "p3": plans.plans,
    "p2-sparse": encounters.sparse,
    "p2-exact": encounters.exact,
    "p2-dense": encounters.dense,
}


def parse(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("bars", nargs="*", metavar="BAR", help=f"any of: {' '.join(BARS)}")
    parser.add_argument("--pairs", type=int, default=5, help="alternating pairs a bar; 5 unless said")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="shrink every workload, to try the bench itself"
    )
    parser.add_argument("--json", type=Path, help="where to write everything that was measured")
    parser.add_argument(
        "--page", action="store_true", help="write the table into docs/reference/performance.md"
    )
    parser.add_argument(
        "--page-from",
        type=Path,
        nargs="+",
        metavar="JSON",
        help="measure nothing; write the page from these runs",
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="start no further bar after this long")
    given = parser.parse_args(words)
    unknown = [name for name in given.bars if name not in BARS]
    if unknown:
        parser.error(f"no bar is called {', '.join(unknown)}; there are {', '.join(BARS)}")
    return given


def measure(names: list[str], run: Context, minutes: float) -> tuple[list[Bar], dict[str, str]]:
    """Each bar in turn, printed as it comes; and the load average beside each."""
    bars: list[Bar] = []
    loads: dict[str, str] = {}
    begun = time.perf_counter()
    for name in names:
        if time.perf_counter() - begun > minutes * 60:
            print(f"# {name}: not begun, {minutes:g} minutes are over", file=sys.stderr)
            continue
        for bar in BARS[name](run):
            print(bar.line(), flush=True)
            bars.append(bar)
            loads[bar.id] = f"{load_average():.1f}"
    return bars, loads


def main(words: list[str] | None = None) -> int:
    given = parse(sys.argv[1:] if words is None else words)
    if given.page_from:
        page.write([page.from_json(path.read_text(encoding="utf-8")) for path in given.page_from])
        return 0
    # Asked to stop, the run ends as from an error: its folder and its server go with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load, built_from = [load_average()], page.commit()
    with Context(scale=given.scale, pairs=given.pairs) as run:
        bars, loads = measure(given.bars or list(BARS), run, given.minutes)
    load.append(load_average())
    about = {
        **page.facts(
            "make bench" if not given.bars else f"python -m bench {' '.join(given.bars)}", load, built_from
        )
    }
    about["loads"] = loads
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(page.to_json(bars, about), encoding="utf-8")
    if given.page:
        page.write([(bars, about)])
    short = [bar.id for bar in bars if bar.state == "short"]
    print(
        f"# {len(bars)} figures, {len(short)} short{': ' if short else ''}{', '.join(short)}", file=sys.stderr
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
