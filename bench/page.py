"""What a run leaves behind: a JSON of everything, and the table of docs/reference/performance.md."""

from __future__ import annotations

import json
import os
import platform
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from bench.harness import Bar

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "performance.md"
BEGIN, END = "<!-- begin: written by python -m bench -->", "<!-- end: written by python -m bench -->"
SHOWN = (
    "numpy", "pyarrow", "shapely", "geopandas", "sedonadb", "duckdb", "pymeos", "movingpandas", "scipy", "polars",
)  # fmt: skip


def machine() -> str:
    """The processor, its cores and the memory."""
    model = "unknown processor"
    info = Path("/proc/cpuinfo")
    if info.exists():
        found = re.search(
            r"^model name\s*:\s*(.+)$", info.read_text(encoding="ascii", errors="replace"), re.MULTILINE
        )
        model = found.group(1) if found else model
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{model}, {os.cpu_count()} cores, {pages:.0f} GiB, {platform.system()}, Python {platform.python_version()}"


def versions() -> dict[str, str]:
    found = {}
    for name in SHOWN:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str:
    words = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    done = subprocess.run(words, cwd=PAGE.parent, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def facts(command: str, load: Sequence[float], built_from: str) -> dict[str, Any]:
    """What stands above the table: when, where, with what, and how busy the machine was."""
    return {
        "command": command,
        "date": f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M}Z",
        "commit": built_from,
        "machine": machine(),
        "versions": versions(),
        "load_average": [round(value, 2) for value in load],
    }


def to_json(bars: Sequence[Bar], about: dict[str, Any]) -> str:
    rows = [
        {
            "id": bar.id,
            "value": bar.value,
            "bar": bar.bar,
            "better": bar.better,
            "unit": bar.unit,
            "state": bar.state,
            "note": bar.note,
            "load": about["loads"].get(bar.id),
            **bar.detail,
        }
        for bar in bars
    ]
    shown = {name: value for name, value in about.items() if name != "loads"}
    return json.dumps({**shown, "bars": rows}, indent=1) + "\n"


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    for factor, unit in ((1.0, "s"), (1e3, "ms"), (1e6, "us")):
        if value * factor >= 1.0 or unit == "us":
            return f"{value * factor:.3g} {unit}"
    return ""


def _pair(bar: Bar, kind: str) -> str:
    sides = [_seconds(bar.detail.get(f"{side}_{kind}_s")) for side in ("first", "second")]
    return " : ".join(sides) if all(sides) else ""


def table(bars: Sequence[Bar], about: dict[str, Any]) -> str:
    """Markdown: a line a bar, times of both sides on the wall and of processor, and what a peer lost."""
    load = about["load_average"]
    named = ", ".join(f"{name} {version}" for name, version in about["versions"].items())
    lines = [
        f"Last run: `{about['command']}`, {about['date']}, commit {about['commit']}. {about['machine']}.",
        f"{named}. Load average {load[0]:.2f} at the start and {load[-1]:.2f} at the end.",
        "",
        "| Bar | Value | Bar | | Wall, first : second | Processor | Load | What else was seen |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for bar in bars:
        sign = "≥" if bar.better == "more" else "≤"
        wanted = "" if bar.bar is None else f"{sign} {bar.bar:g}"
        unit = "" if bar.unit in ("times", "count") else f" {bar.unit}"
        value = "" if bar.value is None else f"{bar.value:.4g}{unit}"
        note = bar.note.replace("|", "/")
        busy = about["loads"].get(bar.id, "")
        cells = (bar.id, value, wanted, bar.state, _pair(bar, "wall"), _pair(bar, "cpu"), busy, note)
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def from_json(text: str) -> tuple[list[Bar], dict[str, Any]]:
    """A run as :func:`to_json` wrote it."""
    about = json.loads(text)
    rows = about.pop("bars")
    about["loads"] = {row["id"]: row.pop("load") or "" for row in rows}
    own = ("id", "value", "bar", "better", "unit", "note")
    bars = []
    for row in rows:
        row.pop("state")
        bars.append(Bar(**{name: row.pop(name) for name in own}, detail=row))
    return bars, about


def write(runs: Sequence[tuple[Sequence[Bar], dict[str, Any]]], page: Path = PAGE) -> None:
    """Put a table for each run between the markers of the page; the words round them stay."""
    tables = "\n\n".join(table(bars, about) for bars, about in runs)
    text = page.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, marker, after = rest.partition(END)
    if not marker:
        raise ValueError(f"{page.name} lacks its two markers, {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")
