"""Names, clocks, chance, sockets and machine paths: what must not stand in the tree."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "truceline"
MODULES = sorted(SOURCE.rglob("*.py"))
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}
EMPTY_VERBS = ("get_", "process_", "handle_")
# Names that a library we build on asks for.
ASKED_FOR = {"get_command"}
# The one place that asks the machine for chance: the keys of a new mission.
MAKES_KEYS = "mission/keys.py"
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time"),
          ("time", "time_ns"), ("time", "monotonic"), ("time", "perf_counter"), ("time", "localtime")}  # fmt: skip
CHANCE = {"random", "secrets", "uuid"}
SOCKETS = {
    "socket",
    "socketserver",
    "http",
    "urllib",
    "ssl",
    "ftplib",
    "smtplib",
    "asyncio",
    "requests",
    "httpx",
}
# The only functions of these modules that open nothing.
HARMLESS = {"urllib.parse", "http.HTTPStatus"}


def calls_of(tree: ast.AST) -> list[tuple[str, str]]:
    """``(x, y)`` for each ``x.y(...)``, and for ``a.x.y(...)``."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            base = node.func.value
            name = (
                base.id
                if isinstance(base, ast.Name)
                else base.attr
                if isinstance(base, ast.Attribute)
                else ""
            )
            found.append((name, node.func.attr))
    return found


def imports_of(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
    return found


def module_id(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("module", MODULES, ids=module_id)
def test_no_empty_names(module: Path) -> None:
    assert module.stem not in EMPTY_NAMES
    names = {
        node.name
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    names -= ASKED_FOR
    assert not {name for name in names if name.startswith(EMPTY_VERBS) or name.lower().endswith("manager")}


@pytest.mark.parametrize("module", MODULES, ids=module_id)
def test_nobody_but_timebase_reads_a_clock_and_nobody_draws_at_random(module: Path) -> None:
    tree = ast.parse(module.read_text(encoding="utf-8"))
    if module.name != "timebase.py":
        assert not CLOCKS & set(calls_of(tree)), "take an instant or a timebase.Clock as an argument"
        assert "time" not in imports_of(tree), "take an instant or a timebase.Clock as an argument"
    chance = set() if module_id(module) == MAKES_KEYS else CHANCE
    assert not {name.split(".")[0] for name in imports_of(tree)} & chance
    assert not [call for call in calls_of(tree) if call[0] == "random" or call == ("os", "urandom")]


@pytest.mark.parametrize("module", MODULES, ids=module_id)
def test_only_web_and_feeds_open_sockets(module: Path) -> None:
    if module.relative_to(SOURCE).parts[0] in ("web", "feeds"):
        return
    wanted = imports_of(ast.parse(module.read_text(encoding="utf-8"))) - HARMLESS
    assert not {name for name in wanted if name.split(".")[0] in SOCKETS}


def tracked_files() -> list[Path]:
    """What git holds or would hold; in an unpacked archive without git, everything that is text."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, check=False,
    )  # fmt: skip
    if listed.returncode != 0:
        return [path for path in ROOT.rglob("*") if path.is_file() and ".venv" not in path.parts]
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


# Names are kept apart from the slashes and dots, so that this file does not hold what it looks for.
_FOLDERS = "|".join(["work", "farm", r"home/\w+", "root", r"Users/\w+"])
_REGISTRIES = (
    r"\.".join(["files", "python" + "hosted"]),
    r"\.".join(["registry", "npmjs"]),
    r"\.".join(["deb", "debian"]),
)
FORBIDDEN = {
    "a path of one machine": re.compile(rf"/(?:{_FOLDERS})/|/tmp/{'bash_jobs'}"),
    "a package registry": re.compile("|".join(_REGISTRIES)),
    "a package index": re.compile(rf"\b{'pypi'}\.org"),
}
TEXT_ENDINGS = {".py", ".md", ".toml", ".txt", ".in", ".yaml", ".yml", ".html", ".css", ".json", ""}


def test_no_machine_path_and_no_registry_in_the_tree() -> None:
    found = []
    for path in tracked_files():
        if path.suffix not in TEXT_ENDINGS:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{path.relative_to(ROOT)}: {what}" for what, shape in FORBIDDEN.items() if shape.search(text)
        ]
    assert not found


def test_the_patterns_find_what_they_are_for() -> None:
    assert FORBIDDEN["a path of one machine"].search(f"open('/{'root'}/x')")
    assert FORBIDDEN["a package registry"].search(f"https://registry.{'npmjs'}.org/x")
    assert calls_of(ast.parse("datetime.now(UTC)")) == [("datetime", "now")]
    assert calls_of(ast.parse("np.random.default_rng()")) == [("random", "default_rng")]
    assert imports_of(ast.parse("import os.path\nfrom urllib.request import urlopen")) == {
        "os.path",
        "urllib.request",
    }
