"""Whatever exists has its page: commands, exit codes, formats, rules; and the pages match the code."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from truceline.cli.exits import MEANINGS
from truceline.formats.registry import formats
from truceline.model import agreement as nouns

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
JUDGED = sorted(
    noun.__dataclass_fields__["kind"].default
    for noun in (nouns.KeepOut, nouns.KeepSide, nouns.NoFly, nouns.Withdraw, nouns.Separate, nouns.Cease)
)


def test_the_page_of_commands_is_what_the_commands_say() -> None:
    """Written by tools/write_reference.py; run it after changing a command."""
    tool = ROOT / "tools" / "write_reference.py"
    done = subprocess.run([sys.executable, tool, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_exit_code_stands_on_that_page_once() -> None:
    text = (DOCS / "reference" / "cli.md").read_text(encoding="utf-8")
    table = text[text.index("## Exit codes") : text.index("Where several hold")]
    assert [int(code) for code in re.findall(r"^\| (\d+) \|", table, flags=re.MULTILINE)] == [
        *map(int, MEANINGS)
    ]


@pytest.mark.parametrize("name", [item.id for item in formats()])
def test_every_format_has_its_page_with_every_option(name: str) -> None:
    text = (DOCS / "formats" / f"{name}.md").read_text(encoding="utf-8")
    (known,) = [item for item in formats() if item.id == name]
    own = {option.name for option in known.options}
    assert not {option for option in own if option not in text and option.replace("_", "-") not in text}


@pytest.mark.parametrize("kind", JUDGED)
def test_every_rule_has_its_page_with_a_precedent_and_an_example(kind: str) -> None:
    text = (DOCS / "rules" / f"{kind}.md").read_text(encoding="utf-8")
    assert f"# {kind}" in text
    for part in ("Precedent", "```yaml", f"rule: {kind}", "$ truceline check"):
        assert part in text, f"{kind}.md lacks {part}"


def test_the_glossary_says_each_word_once() -> None:
    text = (DOCS / "glossary.md").read_text(encoding="utf-8")
    words = re.findall(r"^(\S[^\n]*)\n: ", text, flags=re.MULTILINE)
    assert len(words) > 30
    assert len(words) == len(set(words))


def test_no_link_in_the_readme_and_the_other_front_pages_is_dead() -> None:
    dead = []
    for page in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
            if not link.startswith("http") and not (ROOT / link).exists():
                dead.append(f"{page}: {link}")
    assert not dead


def test_decisions_are_numbered_without_a_gap_and_say_what_would_change_our_mind() -> None:
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for part in ("**Context.**", "**Options.**", "**Decision.**", "**What would change our mind.**"):
            assert part in text, f"{page.name} lacks {part}"
