"""The words on the screen: nothing gives permission, nothing names a side by an insult or an aim.

What people wrote themselves (clauses, reports, names) is shown as it is and is left out here: it stands in
``blockquote``, ``bdi`` or an element with ``dir="auto"``.
"""

from __future__ import annotations

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "src" / "truceline"
FORBIDDEN = re.compile(
    r"\b(approv(?:ed|al|es?)|cleared|(?:un)?safe(?:ly)?|authori[sz]ed|enem(?:y|ies)|hostile|target(?:s|ed)?"
    r"|violat(?:ion|ions|ed|es|ing)|confirmed|real[- ]time|no incidents)\b",
    re.IGNORECASE,
)
SPOKEN = sorted(
    [*(SOURCE / "words").glob("*.py"), *(SOURCE / "views").glob("*.py"), *(SOURCE / "analysis").glob("*.py")]
)


def spoken_strings(code: str) -> list[str]:
    """String constants of a module without its docstrings."""
    tree = ast.parse(code)
    silent = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                silent.add(id(first.value))
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in silent
    ]


class OwnWords(HTMLParser):
    """Collects the text of a page that we wrote: not styles, not what people wrote themselves."""

    VOID = frozenset({"meta", "br", "col", "link", "hr", "img", "input"})

    def __init__(self) -> None:
        super().__init__()
        self.depths: list[bool] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            theirs = tag in ("blockquote", "bdi", "style", "svg") or ("dir", "auto") in attrs
            self.depths.append(theirs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID and self.depths:
            self.depths.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.depths):
            self.text.append(data)


def own_words(page: str) -> str:
    parser = OwnWords()
    parser.feed(page)
    return " ".join(" ".join(parser.text).split())


@pytest.mark.parametrize("module", SPOKEN, ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_forbidden_word_in_what_the_code_says(module: Path) -> None:
    found = [text for text in spoken_strings(module.read_text(encoding="utf-8")) if FORBIDDEN.search(text)]
    assert not found


@pytest.mark.parametrize("template", sorted(SOURCE.rglob("templates/*.html")), ids=lambda path: path.name)
def test_no_forbidden_word_in_a_template(template: Path) -> None:
    assert not FORBIDDEN.findall(template.read_text(encoding="utf-8"))


def test_no_forbidden_word_in_a_report_except_where_it_is_quoted() -> None:
    from truceline.model.agreement import Agreement, Cease, Clause, Selector, TextRef
    from truceline.model.evidence import Report, When, Whereabouts
    from truceline.model.finding import CheckResult, Finding, Verdict
    from truceline.timebase import Interval
    from truceline.views.report import render_report

    day = Interval(0, 86_400_000_000)
    text = "The hostile act was a violation; the enemy target was confirmed."
    agreement = Agreement(
        title="A truce",
        text=TextRef(),
        parties={},
        places={},
        clauses={"1": Clause(id="1", rule=Cease(acts=frozenset({"shelling"})), who=Selector(), text=text)},
    )
    finding = Finding(
        id="f", kind="report", clause="1", rule="cease", verdict=Verdict.POSSIBLE, subject="r", interval=day
    )
    report = Report(
        id="r", act="shelling", when=When(interval=day, precision="day"), where=Whereabouts(), text=text
    )
    page = render_report(
        agreement=agreement,
        result=CheckResult(findings=(finding,)),
        reports=(report,),
        issued_us=0,
        period=day,
    )
    assert text in page
    assert not FORBIDDEN.findall(own_words(page))
    assert "possible breach" in own_words(page)


def test_the_measure_sees_a_forbidden_word() -> None:
    assert FORBIDDEN.search("The convoy was cleared.")
    assert spoken_strings('"""approved"""\nx = "approved"\n') == ["approved"]
    assert own_words("<p>a <bdi>safe</bdi> <b>safe</b></p>") == "a safe"
