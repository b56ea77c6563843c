"""The shipped case told three ways, as a table, a page and data: the same numbers, exercise and real apart."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from truceline.cli import main
from truceline.mission.case import load_case
from truceline.mission.mission import Mission
from truceline.mission.shipped import shipped_cases

AGREEMENTS = ("ne-syria-2020", "sochi-2018", "idlib-2020", "exercise-lines")
Numbers = list[tuple[str, list[int]]]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of the demonstration and what it printed."""
    folder = tmp_path_factory.mktemp("numbers") / "demo"
    result = CliRunner().invoke(main, ["demo", "--folder", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return folder, result.stdout


def of_page(page: str) -> Numbers:
    """Counting rule and its numbers by verdict, row by row, read off the tables of counts of the page."""
    rows = []
    for table in re.findall(r'<table class="counts">(.*?)</table>', page, re.DOTALL):
        for title, cells in re.findall(r'<tr[^>]*><th scope="row">([^<]*)<(.*?)</tr>', table, re.DOTALL):
            rows.append((title, [int(n) for n in re.findall(r'<td class="num(?: zero)?">(\d+)</td>', cells)]))
    return rows


@pytest.mark.parametrize("name", AGREEMENTS)
def test_the_page_and_the_data_have_the_same_counts_by_verdict(shown: tuple[Path, str], name: str) -> None:
    folder, _ = shown
    page = (folder / name / "reports" / f"{name}.html").read_text(encoding="utf-8")
    period = load_case(shipped_cases()["ne-syria-winter-2020"]).document.period.interval()
    published = Mission.open(folder / name).publish(form="json", period=period)
    record = json.loads(published.path.read_text(encoding="utf-8"))
    of_data = [(count["title"], list(count["by_verdict"].values())) for count in record["counts"]]
    assert of_data
    assert of_page(page) == of_data
    # And they are those of the findings in the same file, counted here.
    for count in record["counts"]:
        if count["rule"] == "finding":
            mine = [item["verdict"] for item in record["findings"] if item["exercise"] == count["exercise"]]
            assert count["by_verdict"] == {verdict: mine.count(verdict) for verdict in count["by_verdict"]}


def test_the_last_table_keeps_exercise_and_real_apart(shown: tuple[Path, str]) -> None:
    folder, printed = shown
    table = printed[printed.index("How many findings of each kind") :].split("\n\n")[1]
    rows = {line.split("  ")[0]: [int(n) for n in line.split()[-5:]] for line in table.splitlines()[1:]}
    # ne-syria is judged from exercise tracks and real reports, the two of Idlib from reports alone.
    assert list(rows) == ["ne-syria-2020", "ne-syria-2020, exercise", "sochi-2018", "idlib-2020",
                          "exercise-lines, exercise"]  # fmt: skip
    alls = [
        numbers
        for name in AGREEMENTS
        for title, numbers in of_page((folder / name / "reports" / f"{name}.html").read_text("utf-8"))
        if title == "All findings"
    ]
    assert list(rows.values()) == alls
