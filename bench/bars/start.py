"""P5 and memory: whole processes, from the first instruction to the last."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from bench.context import Context
from bench.harness import Bar, Paired, Took
from bench.incursions import Incursions

HEAVY = ("numpy", "pandas", "pyarrow")
COMMAND = Path(sys.executable).with_name("truceline")


def whole(words: list[str], *, expected: tuple[int, ...] = (0,)) -> Took:
    """Wall and processor seconds of a process and of all it started."""
    begun = time.perf_counter()
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in expected:
        raise RuntimeError(f"{words[:3]} ended with {process.returncode}")
    return Took(wall_s=time.perf_counter() - begun, cpu_s=used.ru_utime + used.ru_stime)


def _in_turn(first: list[str], second: list[str], pairs: int, expected: tuple[int, ...] = (0,)) -> Paired:
    whole(first, expected=expected)
    whole(second, expected=expected)
    taken = [(whole(first, expected=expected), whole(second, expected=expected)) for _ in range(pairs)]
    return Paired(first=tuple(pair[0] for pair in taken), second=tuple(pair[1] for pair in taken))


def help_page(run: Context) -> list[Bar]:
    """The command's help over an empty interpreter; and what it must not have imported."""
    pair = _in_turn([str(COMMAND), "--help"], [sys.executable, "-c", "pass"], 4 * run.pairs)
    code = (
        "import sys; from click.testing import CliRunner; from truceline.cli import main; "
        f"CliRunner().invoke(main, ['--help']); print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    seen = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.strip()
    note = "numpy, pandas, pyarrow not imported" if seen == "[]" else f"imported {seen}"
    value = pair.ratio if seen == "[]" else float("inf")
    return [Bar(id="p5-help", value=value, bar=5.0, better="less", note=note, detail=pair.described())]


MAPPING = """\
mover: {column: mover}
time: {column: time}
lon: {column: lon}
lat: {column: lat}
party: {column: party}
class: {value: vehicle}
accuracy: {column: accuracy, unit: m, convention: 95}
exercise: true
"""
# What a person writes for the same question with shapely: how deep past the line, entries and exits, as CSV.
SCRIPT = Path(__file__).parents[1] / "peers" / "small_script.py"


def write_csv(work: Incursions, folder: Path) -> Path:
    """The workload as a CSV file of ISO times; the mapping file lies beside it."""
    path = folder / "fixes.csv"
    party = {mover.number: mover.party for mover in work.movers}
    start = datetime(1970, 1, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(("mover", "time", "lon", "lat", "party", "accuracy"))
        for number, t_us, lon, lat, accuracy in zip(
            *(column.tolist() for column in work.columns.as_dict().values()), strict=True
        ):
            when = (start + timedelta(microseconds=t_us)).isoformat().replace("+00:00", "Z")
            rows.writerow(
                (f"mover-{number}", when, f"{lon:.7f}", f"{lat:.7f}", party[number], f"{accuracy:.1f}")
            )
    (folder / "fixes.mapping.yaml").write_text(MAPPING, encoding="utf-8")
    return path


def small_job(run: Context) -> list[Bar]:
    """A CSV of 10,000 fixes checked by the command, over the same question in a script with shapely."""
    from bench import incursions

    work = incursions.make(10_000, movers_count=20)
    path = write_csv(work, run.folder)
    np.savetxt(run.folder / "line.csv", work.line_deg, delimiter=",", fmt="%.9f")
    agreement = run.agreement()
    mine = [
        str(COMMAND),
        "check",
        "tracks",
        str(agreement),
        str(path),
        "--mapping",
        str(path.with_name("fixes.mapping.yaml")),
    ]
    script = [sys.executable, str(SCRIPT), str(path), str(run.folder / "line.csv")]
    # 3 is "a breach was found".
    pair = _in_turn(mine, script, run.pairs, expected=(0, 3))
    return [Bar(id="p5-small", value=pair.ratio, bar=0.5, better="less", detail=pair.described())]


def memory(run: Context) -> list[Bar]:
    """The most memory a process ever held that reads 10^7 fixes from arrays and checks them, over what it may."""
    folder, size = run.arrays("large"), run.size("large")
    words = [sys.executable, "-m", "bench.peak", str(folder), str(run.agreement())]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    peak_mib, before_mib = map(float, done.stdout.split())
    input_mib = size * 36 / 2**20
    allowed_mib = 1.2 * input_mib + 60.0
    note = (
        f"peak {peak_mib:.0f} MiB, {before_mib:.0f} with the columns loaded; input {input_mib:.0f} MiB; "
        f"allowed {allowed_mib:.0f} MiB and the index, which is not told apart"
    )
    return [Bar(id="mem", value=peak_mib / allowed_mib, bar=1.0, better="less", note=note)]
