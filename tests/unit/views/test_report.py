"""The report: one file, nothing fetched, the same numbers as the data, and readable by everyone."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from truceline.model.finding import CheckResult
from truceline.timebase import parse_instant
from truceline.views.data import render_json
from truceline.views.report import css_string, render_report

HEAD = (412, "b7Qm2m0l5q6n0yq6kq8v9bqj8o3wq1c2x5w0m4w2m1k=")
SECTIONS = ("assessment", "counts", "map", "timeline", "findings", "encounters", "reported", "coverage",
            "not-applied", "agreement", "method", "sources")  # fmt: skip


class Page(HTMLParser):
    """What a page is made of: tags with their attributes, tables as rows of cells, and its ids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.cell = True

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self.cell = False

    def handle_data(self, data: str) -> None:
        if self.cell:
            self.tables[-1][-1][-1] += data

    def values(self, name: str) -> list[str]:
        return [value for _tag, attrs in self.tags if (value := attrs.get(name)) is not None]


@pytest.fixture(scope="module")
def text(case: Any) -> str:
    return made(case)


def made(case: Any, **changes: Any) -> str:
    given = {
        "agreement": case.agreement,
        "result": case.result,
        "tracks": case.tracks,
        "reports": case.reports,
        "period": case.period,
        "issued_us": parse_instant("2020-01-13T08:00Z"),
        "zone": "Asia/Damascus",
        "head": HEAD,
        "software": "Truceline 0.0",
        "number": "W-2",
        "sources": case.sources,
    }
    return render_report(**(given | changes))


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leaves the pictures out where a test is about the words only; drawing them takes a second."""
    bare = {"timeline": "", "counts": [], "map": "", "details": [], "schematic": False}
    monkeypatch.setattr("truceline.views.report._pictures", lambda *_given: bare)


def test_nothing_is_fetched_and_nothing_runs(text: str) -> None:
    page = Page(text)
    assert not {"script", "iframe", "object", "embed", "link", "img", "base", "form"} & {
        tag for tag, _ in page.tags
    }
    assert not page.values("src") and not page.values("srcset")
    assert all(tag == "a" for tag, attrs in page.tags if "href" in attrs)
    assert not [name for _tag, attrs in page.tags for name in attrs if name.startswith("on")]
    assert "@import" not in text and "@font-face" not in text
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", text))


def test_the_same_inputs_give_the_same_bytes(case: Any, text: str) -> None:
    assert made(case) == text


def test_the_page_has_a_language_a_title_unique_ids_and_its_sections_in_order(text: str) -> None:
    page = Page(text)
    root = dict(page.tags)["html"]
    assert (root["lang"], root["dir"]) == ("en", "ltr")
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    assert tuple(attrs["id"] for tag, attrs in page.tags if tag == "section") == SECTIONS
    assert len([tag for tag, _ in page.tags if tag == "h1"]) == 1
    captions = len([tag for tag, _ in page.tags if tag == "caption"])
    assert captions == len(page.tables)
    assert all("scope" in attrs for tag, attrs in page.tags if tag == "th")


def test_counts_are_those_of_the_data(case: Any, text: str) -> None:
    data = json.loads(render_json(case.result, case.agreement, period=case.period, reports=case.reports))
    shown = [table for table in Page(text).tables if table[0][0].startswith("Counting rule")]
    assert len(shown) == 2  # the record and the exercise, never in one
    for table, exercise in zip(shown, (False, True), strict=True):
        counts = [count for count in data["counts"] if count["exercise"] == exercise]
        assert len(table) - 1 == len(counts)
        for row, count in zip(table[1:], counts, strict=True):
            assert row[0] == count["title"] + count["counts_as_one"]
            assert [int(cell) for cell in row[1:6]] == list(count["by_verdict"].values())
            assert row[6] == f"{count['value']}{count['unit']}"
            assert row[7] == count["exposure"]


def test_the_assessment_comes_first_and_keeps_exercise_apart(text: str) -> None:
    start = text.index('<section id="assessment">')
    part = text[start : text.index("</section>", start)]
    record, exercise = part.index("<h3>Record</h3>"), part.index("<h3>Exercise</h3>")
    assert record < part.index("1 reported act is a breach of a clause as encoded.") < exercise
    assert part.index("2 visits past a line and 1 encounter are breaches of a clause as encoded") > exercise
    assert "Movement was observed for 32.0 of 168.0 hours" in part


def test_each_finding_stands_with_its_clause_its_range_and_both_times(text: str) -> None:
    start = text.index('<section id="findings">')
    part = text[start : text.index("</section>", start)]
    for words in (
        "between 6.8 and 10.8 km past the line",
        "between 1.38 km short of the line and 2.66 km past it",
        "probability 78 %",
        "2020-01-07 09:02Z to 09:48:30Z",
        "11:02 (+02:00) to 11:48 (+02:00)",
        "36.44000 N 39.06000 E",
        "The forces of each Side shall remain on their own side",
        "clause not accepted by this party",
        "began earlier",
    ):
        assert words in part
    assert "Severity B, separation not assured" in text


def test_a_report_is_shown_with_source_grade_origins_and_precision(text: str) -> None:
    start = text.index('<section id="reported">')
    part = text[start : text.index("</section>", start)]
    for words in (
        "Monitoring post 3",
        "B2 (usually reliable, probably true",
        "post-3, governor",
        "known only to the month",
        "within 12.0 km",
        "0 / 1 / 2",
        "قصف مدفعي قرب الطاحونة",
        "not graded",
    ):
        assert words in part
    assert "&lt;b&gt;a violation&lt;/b&gt;" in part  # verbatim, and not as markup


def test_what_could_not_be_looked_at_is_told_with_numbers(text: str) -> None:
    start = text.index('<section id="coverage">')
    part = text[start : text.index("</section>", start)]
    assert "It is not known what kind of mover this was" in part
    assert "1 (3 h)" in part  # one gap of three hours
    assert "1 (6 h)" in part  # one unreliable stretch of six
    dropped = next(table for table in Page(text).tables if table[0] == ["Reason", "Outcome", "records"])
    assert ["the same record twice", "not used", "2"] in dropped
    assert ["out of time order", "used after all", "1"] in dropped


@pytest.mark.usefixtures("no_pictures")
def test_the_foot_carries_the_ledger_and_says_so_where_there_is_none(case: Any, text: str) -> None:
    assert HEAD[1] in text[text.index("<footer>") :]
    assert "This report is not recorded in a ledger." in made(case, head=None)


@pytest.mark.usefixtures("no_pictures")
def test_exercise_is_said_at_the_top_and_real_reports_do_not_say_it(case: Any, text: str) -> None:
    assert "Part of this report is made from exercise data" in text
    made_up = replace(case.result, findings=tuple(f for f in case.result.findings if f.exercise))
    assert "Nothing in it happened" in made(case, result=made_up, reports=())
    real = replace(
        case.result, findings=tuple(f for f in case.result.findings if not f.exercise), coverage=()
    )
    assert "EXERCISE" not in made(case, result=real, tracks=())
    assert "Nothing in it happened" not in made(case, exercise=True)  # there are real reports in it


def test_what_people_wrote_cannot_become_markup(case: Any) -> None:
    bad = "</style></title><script>alert(1)</script>"
    findings = tuple(
        replace(f, subject=bad, reason=bad, party=bad) for f in case.result.findings if f.kind != "report"
    )
    clause = replace(case.agreement.clauses["2"], text=bad, title=bad)
    agreement = replace(case.agreement, title=bad, clauses=case.agreement.clauses | {"2": clause})
    said = replace(case.reports[0], text=bad, url="javascript:alert(1)", source_name=bad)
    page = made(
        case,
        agreement=agreement,
        result=CheckResult(findings=findings),
        reports=(said,),
        title=bad,
        number=bad,
    )
    assert "<script" not in page
    assert page.count("</style>") == 1
    assert not [href for href in Page(page).values("href") if not href.startswith(("http://", "https://"))]


@pytest.mark.usefixtures("no_pictures")
def test_an_empty_check_is_not_told_as_quiet(case: Any) -> None:
    page = made(case, result=CheckResult(), tracks=(), reports=(), period=None)
    assert "nothing was given to check" in page
    assert "No movement was observed, so nothing can be said of it." in page
    assert "No breach was found" not in page


@pytest.mark.usefixtures("no_pictures")
def test_what_does_not_fit_a_list_is_counted(case: Any) -> None:
    one = case.result.findings[0]
    many = tuple(replace(one, id=f"f{n:04}") for n in range(305))
    page = made(case, result=CheckResult(findings=many), reports=())
    assert "5 more are not listed here" in page


def test_a_css_string_cannot_end_itself() -> None:
    assert str(css_string('a"}\n</style>é')) == '"a\\000022 \\00007d \\00000a \\00003c /style\\00003e é"'


def test_every_table_moves_in_a_box_of_its_own_and_never_the_page(text: str) -> None:
    assert (
        text.count("<table")
        == text.count('"><table')
        == len(re.findall(r'<div class="wide[^"]*"><table', text))
    )
    narrow = text[text.index("@media screen and (max-width") : text.index("@page { size")]
    assert ".wide, figure { overflow-x: auto; }" in narrow
    assert "section { overflow" not in text


def test_print_repeats_table_heads_and_cuts_no_row(text: str) -> None:
    assert "thead { display: table-header-group; }" in text
    printed = text[text.index("@media print") : text.index("</style>")]
    whole = [line.split("{")[0].strip() for line in printed.splitlines() if "break-inside: avoid" in line]
    assert {"tr", "figure", "article.report", "table.narrow"} <= set(", ".join(whole).split(", "))


@pytest.mark.usefixtures("no_pictures")
def test_each_printed_page_says_which_of_it_is_an_exercise(case: Any) -> None:
    def running(**changes: Any) -> str:
        return next(line for line in made(case, **changes).splitlines() if "@top-right { content" in line)

    assert '"PART EXERCISE' in running()
    made_up = replace(case.result, findings=tuple(f for f in case.result.findings if f.exercise))
    assert '"EXERCISE' in running(result=made_up, reports=())


@pytest.mark.usefixtures("no_pictures")
def test_a_report_under_several_clauses_has_its_number_once(case: Any) -> None:
    about = next(f for f in case.result.findings if f.kind == "report" and f.verdict.value == "BREACH")
    both = replace(case.result, findings=(about, replace(about, id="f-other", clause="2")))
    part = made(case, result=both).split('<section id="reported">')[1]
    assert part.count('<b class="no">1</b>') == 1
