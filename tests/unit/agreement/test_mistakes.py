"""Every kind of mistake, seeded one at a time into a good file, is found with its code and its line.

Each case of ``mistakes.yaml`` edits ``good.yaml``. The new text carries ``# expect: CODE`` on the line at which
the mistake must be reported, so the line is known from the file and not from what the program says.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from truceline.agreement import check_document, load_agreement
from truceline.agreement.problems import CODES
from truceline.errors import DocumentError, InputError, Problem

HERE = Path(__file__).parent
GOOD = (HERE / "good.yaml").read_text(encoding="utf-8")
MARK = re.compile(r"#\s*expect:\s*([a-z-]+(?:\s*,\s*[a-z-]+)*)")

Edits = list[dict[str, str]]
WRITTEN = YAML(typ="safe").load((HERE / "mistakes.yaml").read_text(encoding="utf-8"))
CASES: dict[str, Edits] = WRITTEN["errors"]
WARNINGS: dict[str, Edits] = WRITTEN["warnings"]
ALSO: dict[str, list[dict[str, str]]] = WRITTEN["also"]


def edited(edits: Edits) -> str:
    text = GOOD
    for edit in edits:
        assert edit["old"] in text, f"the good file has no {edit['old']!r}"
        text = text.replace(edit["old"], edit["new"], 1)
    return text


def expected(name: str, text: str) -> set[tuple[int, str]]:
    """Line and code of every mistake, read off the faulty text itself."""
    lines = text.splitlines()
    marks = {
        (number, code.strip())
        for number, line in enumerate(lines, start=1)
        if (found := MARK.search(line))
        for code in found.group(1).split(",")
    }
    for also in ALSO.get(name, []):
        starts = (number for number, line in enumerate(lines, start=1) if line.startswith(also["line"]))
        marks |= {(number, also["code"]) for number in starts}
    return marks


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("lines.geojson", "zones.geojson"):
        shutil.copy(HERE / name, tmp_path / name)
    return tmp_path


def check(folder: Path, text: str) -> tuple[Problem, ...]:
    path = folder / "agreement.yaml"
    path.write_text(text, encoding="utf-8")
    return check_document(path)


def test_the_good_file_has_no_problem_at_all() -> None:
    assert check_document(HERE / "good.yaml") == ()


@pytest.mark.parametrize("name", CASES)
def test_a_seeded_mistake_is_found_at_its_line(name: str, folder: Path) -> None:
    text = edited(CASES[name])
    wanted = expected(name, text)
    assert wanted, "the case expects nothing"
    problems = [problem for problem in check(folder, text) if problem.severity == "error"]
    assert {(problem.where.line, problem.code) for problem in problems} == wanted, problems
    for problem in problems:
        assert problem.hint, f"no way out is named: {problem}"
        assert problem.where.column is not None
        assert problem.code in CODES
        assert problem.where.file.endswith("agreement.yaml")
    with pytest.raises(DocumentError) as raised:
        load_agreement(folder / "agreement.yaml")
    assert raised.value.problems == tuple(problems)


def test_there_are_enough_cases_and_each_error_code_has_one() -> None:
    seen = {code for name in CASES for _, code in expected(name, edited(CASES[name]))}
    warnings = set(list(CODES)[list(CODES).index("no-source") :])
    elsewhere = {"file", "encoding", "empty", "crs"}  # each has a test of its own below
    assert len(CASES) >= 35
    assert seen | elsewhere == set(CODES) - warnings
    warned = {code for edits in WARNINGS.values() for _, code in expected("", edited(edits))}
    assert warned | {code for _, code in expected("", SMALL)} == warnings


def test_mistakes_of_every_kind_are_reported_together_in_file_order(folder: Path) -> None:
    names = [
        "duplicate-party",
        "status-unknown",
        "accuracy-bare",
        "bow-tie",
        "party-unknown-in-who",
        "until-before-from",
        "line-where-an-area-is-needed",
        "per-side-and-width",
        "baseline-not-stated",
        "text-empty",
        "side-not-stated",
        "act-unknown",
    ]
    text = edited([edit for name in names for edit in CASES[name]])
    wanted = expected("", text)
    # Clause 5 has two mistakes; the second needs a clause that can be read, and shows once the first is mended.
    wanted = {item for item in wanted if item[1] != "no-baseline"}
    problems = [problem for problem in check(folder, text) if problem.severity == "error"]
    assert {(problem.where.line, problem.code) for problem in problems} == wanted
    lines = [problem.where.line for problem in problems]
    assert lines == sorted(lines)
    assert len(problems) == len(names) - 1


def test_two_mistakes_in_one_clause_are_both_found(folder: Path) -> None:
    edits = CASES["party-unknown-in-who"] + CASES["tolerance-unit"]
    place = {"old": "    where: corridor", "new": "    where: coridor  # expect: unknown-place"}
    text = edited([*edits, place])
    problems = check(folder, text)
    assert {(problem.where.line, problem.code) for problem in problems} == expected("", text)
    assert len(problems) == 3


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("place-key-misspelt", "feature-with-bad-positions"),  # a key and the coordinates of one place
        ("accuracy-bare", "feature-unknown"),  # a unit and the feature of one place
        ("tolerance-unit", "suspension-backwards"),
        ("severity-falls", "three-between"),
    ],
)
def test_one_mistake_does_not_hide_another_in_the_same_part(first: str, second: str, folder: Path) -> None:
    text = edited(CASES[first] + CASES[second])
    problems = [problem for problem in check(folder, text) if problem.severity == "error"]
    assert {(problem.where.line, problem.code) for problem in problems} == expected(second, text)


def test_a_bad_unit_does_not_hide_a_bow_tie_nor_a_missing_baseline(folder: Path) -> None:
    edits = [*CASES["bow-tie"], *CASES["baseline-not-stated"]]
    edits += [
        {"old": "accuracy: 50 m, source: typed}  # expect:", "new": "accuracy: 50}  # expect: bare-number,"},
        {"old": "    width: 50 km\n", "new": "    width: 50 km\n    tolerance: 9  # expect: bare-number\n"},
    ]
    text = edited(edits)
    problems = [problem for problem in check(folder, text) if problem.severity == "error"]
    assert {(problem.where.line, problem.code) for problem in problems} == expected("", text)


@pytest.mark.parametrize(
    ("name", "column", "hint"),
    [
        ("accuracy-bare", 15, 'write "2000 m"'),  # "    accuracy: 2000": four blanks, the key, colon, blank
        ("clause-key-misspelt", 5, "did you mean 'tolerance'?"),
        ("place-key-misspelt", 5, "did you mean 'schematic'?"),
        ("top-level-key-misspelt", 1, "did you mean 'parties'?"),
        ("rule-misspelt", 11, "did you mean 'keep-out'?"),
        ("place-unknown", 12, "did you mean 'inner'?"),
        ("act-unknown", 25, "did you mean 'shelling'?"),  # the second item of the list, not the list
        ("who-a-bare-party", 10, "write [usa]"),
        ("title-a-number", 8, 'put it in quotes: "2020"'),
        ("armed-yes", 45, "write true or false"),  # 11 + 26 + 7 before it: the key, the name, "armed: "
        ("feature-unknown", 11, "did you mean 'road'?"),
    ],
)
def test_column_and_way_out(name: str, column: int, hint: str, folder: Path) -> None:
    problems = check(folder, edited(CASES[name]))
    assert [problem.where.column for problem in problems if hint in problem.hint] == [column], problems


def test_a_bow_tie_names_the_point_where_it_crosses(folder: Path) -> None:
    (problem,) = [item for item in check(folder, edited(CASES["bow-tie"])) if item.severity == "error"]
    assert "[36.5, 35.5]" in problem.message  # the diagonals of the square cross in its middle


def test_a_place_inside_a_problem_path_can_be_found(folder: Path) -> None:
    (problem,) = check(folder, edited(CASES["within-too-long"]))
    assert problem.where.path == "clauses.4.limits[0].within"
    assert str(problem).startswith(f"{folder / 'agreement.yaml'}:")


def test_swapped_numbers_out_of_range_are_hinted_at(folder: Path) -> None:
    text = GOOD.replace("[[36.2, 35.1], [36.9, 35.2]]", "[[36.2, 135.1], [36.9, 35.2]]")
    (problem,) = check(folder, text)
    assert "swapped" in problem.hint


# ---------------------------------------------------------------- the file itself


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        check_document(tmp_path / "none.yaml")
    assert raised.value.code == "file"
    assert raised.value.hint


def test_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "agreement.yaml"
    path.write_bytes(b"truceline: 1\ntitle: caf\xe9\n")
    (problem,) = check_document(path)
    assert (problem.code, problem.where.line) == ("encoding", 2)


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_an_empty_file(text: str, folder: Path) -> None:
    (problem,) = check(folder, text)
    assert problem.code == "empty"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("- a\n- b\n", "wrong-type"),
        ("just text\n", "wrong-type"),
        ("a: 1\n---\nb: 2\n", "yaml"),
        ("a:\n\tb: 1\n", "yaml"),
        ("a: \x01\n", "yaml"),
        ("? [a]\n: 1\n", "yaml"),
        ("a: " + "[" * 3000 + "\n", "yaml"),
        ("a: &x {b: *x}\n", "yaml-alias"),
    ],
)
def test_files_that_are_no_agreement_are_told_so(text: str, code: str, folder: Path) -> None:
    problems = check(folder, text)
    assert code in {problem.code for problem in problems}


def test_a_crs_other_than_wgs84_is_refused(folder: Path) -> None:
    lines = (HERE / "lines.geojson").read_text(encoding="utf-8")
    named = '{"type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "%s"}},'
    start = '{"type": "FeatureCollection",'
    (folder / "lines.geojson").write_text(
        lines.replace(start, named % "urn:ogc:def:crs:EPSG::32637"), encoding="utf-8"
    )
    problems = check(folder, GOOD)
    assert {problem.code for problem in problems} == {"crs"}
    for good in ("urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"):
        (folder / "lines.geojson").write_text(lines.replace(start, named % good), encoding="utf-8")
        assert check(folder, GOOD) == ()


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "FeatureCollection", "features": [',
        '{"type": "FeatureCollection", "features": [], "features": []}',
        '{"type": "FeatureCollection", "features": NaN}',
        '{"type": "FeatureCollection", "features": 3}',
        '{"type": "LineString", "coordinates": [[1, 2], [3, 4]]}',
        "[1, 2]",
        '{"type": "FeatureCollection", "features": [{"id": "road"}, {"id": "road"}]}',
        "\xff",
    ],
)
def test_geojson_that_cannot_be_read(text: str, folder: Path) -> None:
    (folder / "lines.geojson").write_bytes(text.encode("latin-1"))
    problems = [problem for problem in check(folder, GOOD) if problem.severity == "error"]
    assert [problem.code for problem in problems] == ["geojson"]
    assert "lines.geojson" in problems[0].message


def test_a_number_too_large_for_a_float_is_not_a_position(folder: Path) -> None:
    text = GOOD.replace("[36.9, 35.2]", f"[1{'0' * 400}, 35.2]")
    assert [problem.code for problem in check(folder, text)] == ["not-finite"]


def test_everything_cut_short_gives_problems_and_never_a_traceback(folder: Path) -> None:
    lines = GOOD.splitlines(keepends=True)
    for count in range(1, len(lines), 3):
        problems = check(folder, "".join(lines[:count]))
        assert all(problem.where.line is not None for problem in problems)


@pytest.mark.parametrize("junk", ["null", "[]", "{}", "3", "text", "[[1]]", "[null]", "{a: {b: c}}"])
def test_any_section_may_be_junk(junk: str, folder: Path) -> None:
    for section in ("text", "timezone", "assumptions", "policy", "parties", "places", "clauses"):
        start = GOOD.index(f"\n{section}:") + 1
        after = [
            GOOD.find(f"\n{key}", start)
            for key in ("parties:", "places:", "clauses:", "policy:", "exercise:")
        ]
        end = min((at for at in after if at > start), default=len(GOOD))
        text = f"{GOOD[:start]}{section}: {junk}\n{GOOD[end + 1 :]}"
        for problem in check(folder, text):
            assert problem.hint


# ---------------------------------------------------------------- warnings


@pytest.mark.parametrize("name", WARNINGS)
def test_a_warning_stands_at_its_line_and_does_not_keep_the_file_from_loading(
    name: str, folder: Path
) -> None:
    text = edited(WARNINGS[name])
    problems = check(folder, text)
    assert {(problem.where.line, problem.code) for problem in problems} == expected("", text), problems
    assert {problem.severity for problem in problems} == {"warning"}
    assert all(problem.hint for problem in problems)
    assert load_agreement(folder / "agreement.yaml").title == "Exercise agreement"


SMALL = """truceline: 1
title: Small
text: {source: x, status: draft}
parties:
  usa: {name: United States of America}
  iran: {name: Iran}  # expect: party-not-used
places:
  a: {circle: {centre: [38.6, 12.5], radius: 5 km}, accuracy: 1 m, source: x}
  b: {circle: {centre: [39.0, 13.0], radius: 5 km}, accuracy: 1 m, source: x}
  c: {circle: {centre: [12.9, 38.8], radius: 5 km}, accuracy: 1 m, source: x}  # expect: swapped
  all: {union: [a, b, c]}
clauses:
  "1": {rule: keep-out, who: [usa], where: all, from: null, text: x, source: x}
"""


def test_a_party_never_named_and_a_place_that_looks_swapped(folder: Path) -> None:
    problems = check(folder, SMALL)
    assert {(problem.where.line, problem.code) for problem in problems} == expected("", SMALL)
    assert {problem.severity for problem in problems} == {"warning"}


def test_saying_that_there_is_none_silences_the_warning(folder: Path) -> None:
    assert "no-start" not in {problem.code for problem in check(folder, GOOD)}
    assert "from: null" in GOOD
    assert "accuracy: 0 m" in GOOD


def test_nothing_is_called_unused_while_there_are_mistakes(folder: Path) -> None:
    """A misspelt name would else be reported twice: as unknown, and as never used."""
    problems = check(folder, edited(CASES["place-unknown"]))
    assert [problem.code for problem in problems] == ["unknown-place"]
