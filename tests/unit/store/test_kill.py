"""Promise 1: what was acknowledged is kept when the process dies. Writers are killed with SIGKILL."""

from __future__ import annotations

import os
import random
import select
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from truceline.ledger.entry import commit
from truceline.store.store import Store

from .conftest import KEY, SIGNER, addition


def write_until_killed(folder: Path, seed: int, acknowledge: Callable[[str], None]) -> None:
    """Append groups of entries and originals for ever; each line acknowledged is on the disk by contract."""
    choose = random.Random(seed)
    store = Store(folder, verifier=SIGNER.verifier, signer=SIGNER)
    number = 0
    while True:
        original = store.put_original(f"original {seed} {number}".encode())
        contents: list[tuple[str, object]] = [("file", {"originals": [{"sha256": original}]})]
        for _ in range(choose.randrange(30)):
            contents.append(("report", {"seed": seed, "n": number, "text": "x" * choose.randrange(2000)}))
            number += 1
        number += 1
        made = [commit(kind, what, time_us=number, author="w", mission_key=KEY) for kind, what in contents]
        indices = store.append(made)
        lines = [f"{index} {item.entry.leaf.hex()}\n" for index, item in zip(indices, made, strict=True)]
        acknowledge("".join(lines) + f"original {original}\n")


def run_and_kill(folder: Path, seed: int, delay_s: float, *, after_first: bool) -> list[str]:
    """The complete lines a writer acknowledged before it was killed.

    Killed ``delay_s`` after it was started, or after its first acknowledgement: on a busy machine the former
    may fall before anything was written.
    """
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:  # pragma: no cover - this process is killed
        try:
            os.close(read_end)
            write_until_killed(folder, seed, lambda text: _write_all(write_end, text.encode()))
        finally:
            os._exit(70)
    os.close(write_end)
    if after_first:
        ready, _, _ = select.select([read_end], [], [], 30.0)
        assert ready, "the writer acknowledged nothing in 30 s"
    time.sleep(delay_s)
    os.kill(child, signal.SIGKILL)
    with os.fdopen(read_end) as stream:
        said = stream.read()
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"the writer ended by itself: {status}"
    return said[: said.rfind("\n") + 1].splitlines()


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def kill_and_check(folder: Path, *, seed: int, kills_count: int) -> tuple[int, int]:
    """How many entries were acknowledged, and how many kills left a journal to roll back."""
    choose = random.Random(seed)
    Store(folder, verifier=SIGNER.verifier, signer=SIGNER).append([addition(0)])
    leaves: dict[int, str] = {}
    originals: set[str] = set()
    journals = 0
    for kill in range(kills_count):
        delay_s = choose.uniform(0.0, 0.05)
        lines = run_and_kill(folder, seed * 1000 + kill, delay_s, after_first=kill % 4 != 0)
        journals += (folder / "mission.db-journal").exists()
        for first, second in (line.split() for line in lines):
            if first == "original":
                originals.add(second)
            else:
                assert leaves.setdefault(int(first), second) == second, "an index was given out twice"
        store = Store(folder, verifier=SIGNER.verifier, signer=SIGNER)
        result = store.verify(mission_key=KEY)
        assert result.faults == ()
        kept = {index: entry.leaf.hex() for index, entry in store.entries()}
        assert leaves.items() <= kept.items(), "an acknowledged entry was lost"
        for name in originals:
            store.original(name)
    return len(leaves), journals


def test_fifteen_killed_writers_lose_nothing(tmp_path: Path) -> None:
    acknowledged, _ = kill_and_check(tmp_path, seed=1, kills_count=15)
    assert acknowledged > 15, "the writers were killed before they wrote anything: the test saw nothing"


@pytest.mark.slow
def test_five_hundred_killed_writers_lose_nothing(tmp_path: Path) -> None:
    acknowledged = journals = 0
    for seed in range(2, 27):
        folder = tmp_path / str(seed)
        folder.mkdir()
        more = kill_and_check(folder, seed=seed, kills_count=20)
        acknowledged, journals = acknowledged + more[0], journals + more[1]
    assert acknowledged > 500
    assert journals > 0, "no kill fell into a transaction: the test saw nothing"


def test_the_check_is_not_blind(tmp_path: Path) -> None:
    """A store that loses an acknowledged entry is found out by the same comparison."""
    lines = run_and_kill(tmp_path, 5, 0.1, after_first=True)
    assert lines
    newest = max(int(line.split()[0]) for line in lines if not line.startswith("original"))
    with sqlite3.connect(tmp_path / "mission.db") as connection:
        connection.execute('DELETE FROM entries WHERE "index" >= ?', (newest,))
    connection.close()
    store = Store(tmp_path, verifier=SIGNER.verifier)
    assert newest not in dict(store.entries())
    assert any(fault.what == "missing" and fault.index == newest for fault in store.verify().faults)
