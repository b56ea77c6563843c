"""`python -m bench.peak FOLDER AGREEMENT`: check the columns of a folder, print the peak of memory in MiB, twice.

First the most that was ever held, then what was held at most before the check began.
"""

from __future__ import annotations

import sys
from pathlib import Path

from bench import ground, ours
from bench.context import columns_from


def _peak_mib() -> float:
    """The most that this process held itself; what `getrusage` says takes in the process that started it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(line.split()[1]) / 1024


def main() -> None:
    folder, agreement = map(Path, sys.argv[1:])
    columns = columns_from(folder)
    movers = ground.movers_of(int(columns.mover.max()) + 1, 7)
    check = ours.checker(agreement, None, movers, threads=1)
    before = _peak_mib()
    result = check(columns.as_dict())
    assert len(result)
    print(_peak_mib(), before)


if __name__ == "__main__":
    main()
