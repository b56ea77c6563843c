"""A PostGIS of the bench's own: made in a folder, reached over a socket in it, stopped and removed at the end."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.harness import Clock, process_cpu_s

# Debian's place for the programs of a server; elsewhere they are looked for on the path.
DEBIAN = "/usr/lib/postgresql"
SETTINGS = {
    "listen_addresses": "",
    "shared_buffers": "2GB",
    "work_mem": "512MB",
    "maintenance_work_mem": "512MB",
    "max_parallel_workers_per_gather": "2",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "jit": "off",
}


def program(name: str) -> str | None:
    """The newest server program of that name, or None."""
    found = sorted(Path(DEBIAN).glob(f"*/bin/{name}"))
    return str(found[-1]) if found else shutil.which(name)


def available() -> str:
    """Why there is no PostGIS here, or an empty sentence."""
    initdb = program("initdb")
    if initdb is None:
        return "no PostgreSQL here: apt-get install postgresql-15 postgresql-15-postgis-3"
    share = Path(initdb).parents[1] / "share" / "extension" / "postgis.control"
    debian = Path("/usr/share/postgresql") / Path(initdb).parents[1].name / "extension" / "postgis.control"
    if not share.exists() and not debian.exists():
        return "no PostGIS here: apt-get install postgresql-15-postgis-3"
    return ""


def _stop_with_parent() -> None:
    """Linux: this process is sent SIGINT, a fast shutdown of PostgreSQL, when the one that started it ends."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


class Server:
    """A running server. ``connect()`` gives a psycopg connection; ``clock`` its processor time."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.data = folder, folder / "data"
        self.user = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name

    def start(self) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.user)
        initdb, server = program("initdb"), program("postgres")
        assert initdb and server
        self._run(initdb, "-D", str(self.data), "-A", "trust", "-U", self.user, "--no-sync", "-E", "UTF8")
        words = [f"-c{name}={value}" for name, value in SETTINGS.items()]
        self.log = (self.folder / "log").open("wb")
        # A server outlives nobody: it is told to stop when the bench is gone, however it went.
        self.process = subprocess.Popen(
            [server, "-D", str(self.data), "-k", str(self.folder), *words],
            stdout=self.log, stderr=self.log, preexec_fn=_stop_with_parent, **self._as_user(),
        )  # fmt: skip
        ready = program("pg_isready") or "pg_isready"
        for _ in range(100):
            done = subprocess.run([ready, "-q", "-t", "1", "-h", str(self.folder)], check=False)
            if done.returncode == 0:
                break
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.2)
        with self.connect() as connection:
            connection.execute("CREATE EXTENSION postgis")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def connect(self) -> Any:
        import psycopg

        return psycopg.connect(host=str(self.folder), user=self.user, dbname="postgres", autocommit=True)

    def clock(self, connection: Any) -> Clock:
        """Processor time of the connection's server process and of the workers that it had and that ended."""
        return process_cpu_s(connection.info.backend_pid, self.process.pid)

    def _as_user(self) -> dict[str, Any]:
        return (
            {"user": self.user, "cwd": str(self.folder)} if os.geteuid() == 0 else {"cwd": str(self.folder)}
        )

    def _run(self, *words: str) -> None:
        done = subprocess.run(words, capture_output=True, text=True, check=False, **self._as_user())
        if done.returncode:
            raise RuntimeError(f"{Path(words[0]).name} failed: {done.stderr.strip()}")


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """A server for the length of the block."""
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as name:
        server = Server(Path(name))
        server.start()
        try:
            yield server
        finally:
            server.stop()
