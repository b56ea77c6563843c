"""Every kind of mistake, seeded one at a time into a good file, is found with its code and its line.

Each case edits ``good.yaml``. The new text carries ``# expect: CODE`` on the line at which the mistake must be
reported, so the line is known from the file and not from what the program says.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from truceline.agreement import check_document, load_agreement
from truceline.agreement.problems import CODES
from truceline.errors import DocumentError, InputError, Problem

HERE = Path(__file__).parent
GOOD = (HERE / "good.yaml").read_text(encoding="utf-8")
MARK = re.compile(r"#\s*expect:\s*([a-z-]+(?:\s*,\s*[a-z-]+)*)")

# name -> (old, new) edits of the good file. The first occurrence of each old text is replaced.
CASES: dict[str, list[tuple[str, str]]] = {
    # ---------------------------------------------------------------- writing
    "duplicate-clause": [('  "4":\n', '  "2": {rule: notify, text: again}  # expect: duplicate-key\n  "4":\n')],
    "duplicate-party": [("  syria: {", "  usa: {name: Again}  # expect: duplicate-key\n  syria: {")],
    "unclosed-bracket": [("centre: [38.61778, 33.50583], radius", "centre: [38.61778, 33.50583, radius")],
    "colon-in-text": [
        ('text: "A distance is kept."', "text: A distance: kept.  # expect: yaml"),
    ],
    "alias": [
        ("syria: {name:", "syria: &s {name:"),
        ("  militia: {", "  copy: *s  # expect: yaml-alias, wrong-type\n  militia: {"),
    ],
    "tag": [("title: Exercise agreement", "title: !text Exercise  # expect: yaml-tag, wrong-type")],
    # ---------------------------------------------------------------- keys and kinds of value
    "version": [("truceline: 1", "truceline: 2  # expect: version")],
    "version-as-text": [("truceline: 1", 'truceline: "1"  # expect: wrong-type')],
    "top-level-key-misspelt": [
        ("# A made-up agreement", "# expect: missing-key\n# A made-up agreement"),
        ("parties:\n", "partys:  # expect: unknown-key\n"),
    ],
    "clause-key-misspelt": [("    tolerance: 50 m", "    tolerence: 50 m  # expect: unknown-key")],
    "place-key-misspelt": [("    schematic: true", "    schematical: true  # expect: unknown-key")],
    "text-missing": [
        ('  "6":\n', '  "6":  # expect: missing-key\n'),
        ('    text: "A distance is kept."\n', ""),
    ],
    "text-empty": [('    text: "A distance is kept."', '    text: ""  # expect: empty-value')],
    "rule-missing": [
        ('  "6":\n', '  "6":  # expect: missing-key\n'),
        ("    rule: separate\n", ""),
    ],
    "who-missing": [('  "4":\n', '  "4":  # expect: missing-key\n'), ("    who: all\n    limits", "    limits")],
    "distance-not-even-null": [('  "6":\n', '  "6":  # expect: missing-key\n'), ("    distance: null\n", "")],
    "title-a-number": [("title: Exercise agreement", "title: 2020  # expect: wrong-type")],
    "armed-yes": [("armed: true}\n", "armed: yes}  # expect: wrong-type\n")],
    "backed-by-not-a-list": [
        ("backed_by: [russia], accepts: false}\n", "backed_by: russia, accepts: false}  # expect: wrong-type\n")
    ],
    "clause-a-text": [('  "7": {', '  "9": notify  # expect: wrong-type\n  "7": {')],
    "status-unknown": [("status: draft, sha256: null}\n", "status: drafted, sha256: null}  # expect: unknown-value\n")],
    "side-unknown": [("side: {of: border, side: right}}\n", "side: {of: border, side: east}}  # expect: unknown-value\n")],
    "sha256-cut": [("sha256: null}\n", "sha256: abc123}  # expect: wrong-type\n")],
    "credibility-six": [("credibility: 2, independent_origins: 2}\n", "credibility: 6}  # expect: out-of-range\n")],
    "no-kind-of-place": [("  tanf: {circle", "  nothing: {accuracy: 5 m, source: typed}  # expect: one-of\n  tanf: {circle")],
    "two-kinds-of-place": [
        ("  strip: {band: {along: border, left: 2 nmi, right: 0 m}, accuracy: 200 m}\n",
         "  strip: {band: {along: border, left: 2 nmi, right: 0 m}, side: {of: border, side: left}}  # expect: one-of\n"),
    ],  # fmt: skip
    "per-side-and-width": [('  "5":\n', '  "5":  # expect: one-of\n'), ("    width: 50 km", "    width: 50 km\n    per_side: 25 km")],
    "neither-per-side-nor-width": [('  "5":\n', '  "5":  # expect: one-of\n'), ("    width: 50 km\n", "")],
    "line-null": [("  border: {line", "  gone: {line: null, accuracy: 1 m, source: x}  # expect: wrong-type\n  border: {line")],
    "who-all-and-parties": [
        ("who: {all: armed, except: [russia]}\n", "who: {all: armed, parties: [usa]}  # expect: one-of\n")
    ],
    "one-part": [("  both: {intersection: [zone, west]}", "  both: {intersection: [zone]}  # expect: list-length")],
    "three-between": [("    between: [[usa], ", "    between: [all, [usa], ")],
    "party-id-with-space": [("  usa: {name: United", "  Local Police: {name: Police}  # expect: bad-id\n  usa: {name: United")],
    "clause-id-with-space": [('  "7": {', '  "part 9": {rule: notify, text: x, source: y}  # expect: bad-id\n  "7": {')],
    # ---------------------------------------------------------------- lengths and times
    "accuracy-bare": [("    accuracy: 2 km", "    accuracy: 2000  # expect: bare-number")],
    "radius-bare-in-quotes": [("radius: 55 km}, accuracy: 500 m, source: typed}\n", 'radius: "55"}, source: typed}  # expect: bare-number\n')],
    "tolerance-unit": [("    tolerance: 50 m", "    tolerance: 50 metres  # expect: unit")],
    "tolerance-a-time": [("    tolerance: 50 m", "    tolerance: 50 min  # expect: unit")],
    "accuracy-negative": [("    accuracy: 2 km", "    accuracy: -2 km  # expect: length-range")],
    "radius-nothing": [("radius: 55 km}, accuracy: 500 m, source: typed}\n", "radius: 0 km}, accuracy: 500 m, source: typed}  # expect: length-range\n")],
    "within-too-long": [("within: 40 km, of: contact}\n", "within: 40000 km, of: contact}  # expect: length-range\n")],
    "band-of-no-width": [("left: 2 nmi, right: 0 m}, accuracy: 200 m}\n", "left: 0 m, right: 0 m}, accuracy: 200 m}  # expect: length-range\n")],
    "severity-falls": [("severity: {A: 50 m, B: 150 m, C: 500 m}", "severity: {A: 150 m, B: 50 m, C: 500 m}  # expect: severity")],
    "severity-letter": [("severity: {A: 50 m, B: 150 m, C: 500 m}", "severity: {A: 50 m, F: 150 m}  # expect: unknown-value")],
    "no-zone-anywhere": [
        ("timezone: {zone: Europe/Moscow, basis: assumed}\n", ""),
        ("    from: 2020-03-06T00:01\n", "    from: 2020-03-06T00:01  # expect: no-zone\n"),
        ("    until: 2020-09-01T00:00\n", "    until: 2020-09-01T00:00  # expect: no-zone\n"),
        ("      - {by: syria, from: 2020-05-01T00:00, until: 2020-06-01T00:00, notice: announced in public}\n",
         "      - by: syria\n        from: 2020-05-01T00:00Z\n"),
        ("    from: 2020-04-01\n", "    from: 2020-04-01T00:00+03:00\n"),
    ],  # fmt: skip
    "zone-misspelt": [("timezone: {zone: Europe/Moscow, basis: assumed}", "timezone: {zone: Europe/Moskow, basis: assumed}  # expect: zone")],
    "zone-in-a-time": [("00:00 Europe/Istanbul", "00:00 Europe/Constantinople  # expect: zone")],
    "thirtieth-of-february": [("    until: 2020-09-01T00:00", "    until: 2020-02-30T00:00  # expect: time")],
    "time-in-words": [("    until: 2020-09-01T00:00", "    until: 1 September 2020  # expect: time")],
    "time-a-number": [("    until: 2020-09-01T00:00", "    until: 20200901  # expect: wrong-type")],
    "signed-in-words": [("signed: 2020-03-05", "signed: 5 March 2020  # expect: time")],
    "hour-that-does-not-exist": [("00:00 Europe/Istanbul", "00:00 Asia/Damascus\n    until: 2020-03-27T00:30 Asia/Damascus  # expect: dst")],
    "hour-that-comes-twice": [("2020-03-15T00:00 Europe/Istanbul", "2020-10-25T02:30 Europe/Berlin  # expect: dst")],
    "until-before-from": [("    until: 2020-09-01T00:00", "    until: 2020-03-05T00:00  # expect: interval")],
    "suspension-backwards": [("until: 2020-06-01T00:00, notice: announced in public}\n", "until: 2020-04-01T00:00}  # expect: interval\n")],
    # ---------------------------------------------------------------- names
    "rule-misspelt": [("    rule: keep-out", "    rule: keepout  # expect: rule")],
    "who-a-bare-party": [("    who: all\n    acts", "    who: usa  # expect: who\n    acts")],
    "who-a-number": [("    who: all\n    acts", "    who: 7  # expect: who\n    acts")],
    "party-unknown-in-who": [("except: [russia]}\n", "except: [rusia]}  # expect: unknown-party\n")],
    "party-unknown-in-backed-by": [("backed_by: [syria], accepts", "backed_by: [syriia], accepts")],
    "party-unknown-in-sides": [("    sides: {usa: left, russia: right}", "    sides: {usa: left, russia: right, turkey: left}  # expect: unknown-party")],
    "suspended-by-unknown": [("{by: syria, from: 2020-05-01T00:00, until: 2020-06-01T00:00, notice: announced in public}", "{by: syriah, from: 2020-05-01T00:00}  # expect: unknown-party")],
    "place-unknown": [("    where: inner", "    where: iner  # expect: unknown-place")],
    "band-along-unknown": [("band: {along: road, left: 6 km, right: 6 km}}", "band: {along: raod, left: 6 km, right: 6 km}}  # expect: unknown-place")],
    "class-unknown": [("classes: [artillery, mlrs], calibre_at_least: 100 mm}\n", "classes: [artilery]}  # expect: unknown-class\n")],
    "class-does-not-fly": [("      - {classes: [uav, balloon], where: both}", "      - {classes: [uav, tank], where: both}  # expect: not-aircraft")],
    "act-unknown": [("    acts: [armed-clash, shelling, air-strike]", "    acts: [armed-clash, shellings]  # expect: unknown-act")],
    "line-where-an-area-is-needed": [("    where: inner", "    where: border  # expect: not-an-area")],
    "area-where-a-line-is-needed": [("    line: border", "    line: square  # expect: not-a-line")],
    "baseline-an-area": [("baseline: {usa: contact, russia: contact-south}", "baseline: tanf  # expect: not-a-line")],
    "within-of-nothing": [("within: 40 km, of: contact}\n", "within: 40 km}  # expect: missing-key\n")],
    # ---------------------------------------------------------------- places
    "position-of-one-number": [("line: [[36.0, 36.8], [36.4, 36.2]], accuracy: 100 m, source: typed}\n", "line: [[36.0], [36.4, 36.2]], accuracy: 100 m, source: typed}  # expect: position\n")],
    "position-nan": [("line: [[36.0, 36.8], [36.4, 36.2]], accuracy: 100 m, source: typed}\n", "line: [[36.0, .nan], [36.4, 36.2]], accuracy: 100 m, source: typed}  # expect: not-finite\n")],
    "position-off-the-earth": [("centre: [38.61778, 33.50583], radius: 55 km}, accuracy: 500 m, source: typed}\n", "centre: [38.61778, 133.50583], radius: 55 km}, accuracy: 500 m, source: typed}  # expect: out-of-range\n")],
    "line-of-one-place": [("line: [[36.0, 36.8], [36.4, 36.2]], accuracy: 100 m, source: typed}\n", "line: [[36.0, 36.8], [36.0, 36.8]], accuracy: 100 m, source: typed}  # expect: too-few-positions\n")],
    "ring-of-two-corners": [("polygon: [[36.0, 35.0], [37.0, 35.0], [37.0, 36.0], [36.0, 36.0]], accuracy: 50 m, source: typed}\n", "polygon: [[36.0, 35.0], [37.0, 35.0], [36.0, 35.0]], accuracy: 50 m, source: typed}  # expect: too-few-positions\n")],
    "bow-tie": [("polygon: [[36.0, 35.0], [37.0, 35.0], [37.0, 36.0], [36.0, 36.0]], accuracy: 50 m, source: typed}\n", "polygon: [[36.0, 35.0], [37.0, 36.0], [37.0, 35.0], [36.0, 36.0]], accuracy: 50 m, source: typed}  # expect: crossing-ring\n")],
    "flat-ring": [("polygon: [[36.0, 35.0], [37.0, 35.0], [37.0, 36.0], [36.0, 36.0]], accuracy: 50 m, source: typed}\n", "polygon: [[36.0, 35.0], [36.5, 35.5], [37.0, 36.0]], accuracy: 50 m, source: typed}  # expect: zero-area\n")],
    "hole-outside": [("[[36.6, 35.2], [36.8, 35.2], [36.8, 35.4]]], accuracy: 50 m, source: typed}\n", "[[38.6, 35.2], [38.8, 35.2], [38.8, 35.4]]], accuracy: 50 m, source: typed}  # expect: ring-placement\n")],
    "round-the-pole": [("polygon: [[36.0, 35.0], [37.0, 35.0], [37.0, 36.0], [36.0, 36.0]], accuracy: 50 m, source: typed}\n", "polygon: [[0, 80], [90, 80], [180, 80], [-90, 80]], accuracy: 50 m, source: typed}  # expect: around-pole\n")],
    "edge-half-round-the-earth": [("line: [[36.0, 36.8], [36.4, 36.2]], accuracy: 100 m, source: typed}\n", "line: [[36.0, 36.8], [-140.0, -36.2]], accuracy: 100 m, source: typed}  # expect: edge-too-long\n")],
    "crossing-line-with-sides": [
        ("line: [[36.0, 36.8], [36.4, 36.2]], accuracy", "line: [[36.0, 36.8], [36.4, 36.2], [36.4, 36.8], [36.0, 36.2]], accuracy"),
        ("left: 2 nmi, right: 0 m}, accuracy: 200 m}\n", "left: 2 nmi, right: 0 m}, accuracy: 200 m}  # expect: crossing-line\n"),
        ("  west: {side: {of: border, side: right}}\n", "  west: {side: {of: border, side: right}}  # expect: crossing-line\n"),
        ("    line: border\n", "    line: border  # expect: crossing-line\n"),
    ],
    "closed-line-as-baseline": [
        ("line: [[36.2, 35.1], [36.9, 35.2]]", "line: [[36.2, 35.1], [36.9, 35.2], [36.9, 35.0], [36.2, 35.1]]"),
        ("    baseline: {usa: contact, russia: contact-south}", "    baseline:\n      usa: contact\n      russia: contact-south  # expect: closed-line"),
    ],
    "places-in-a-circle": [
        ("  inner: {difference: [zone, tanf]}", "  inner: {difference: [zone, either]}"),
        ("  either: {union: [square, strip, frame]}", "  either: {union: [square, inner]}"),
        ("  inner: {", "  inner: {"),
    ],
    "edges-of-a-circle": [("  tanf: {circle: {centre: [38.61778, 33.50583], radius: 55 km}, accuracy: 500 m, source: typed}", "  tanf: {circle: {centre: [38.61778, 33.50583], radius: 55 km}, edges: geodesic, accuracy: 500 m, source: typed}  # expect: edges")],
    "accuracy-of-a-union": [("  either: {union: [square, strip, frame]}", "  either: {union: [square, strip, frame], accuracy: 5 m}  # expect: accuracy-on-combination")],
    "schematic-and-exact": [("  road:\n", "  road:  # expect: schematic-accuracy\n"), ("    accuracy: 2 km\n", "")],
    # ---------------------------------------------------------------- GeoJSON
    "reference-without-id": [("    line: lines.geojson#road", "    line: lines.geojson  # expect: reference")],
    "reference-outside": [("    line: lines.geojson#road", "    line: ../../lines.geojson#road  # expect: reference")],
    "geojson-missing": [("    line: lines.geojson#road", "    line: liness.geojson#road  # expect: geojson-file")],
    "feature-unknown": [("    line: lines.geojson#road", "    line: lines.geojson#raod  # expect: unknown-feature")],
    "feature-void": [("    line: lines.geojson#road", "    line: lines.geojson#void  # expect: geojson")],
    "feature-in-parts": [("    line: lines.geojson#road", "    line: lines.geojson#parts  # expect: geometry-type")],
    "feature-an-area": [("    line: lines.geojson#road", "    line: zones.geojson#zone  # expect: geometry-type")],
    "feature-with-bad-positions": [("    line: lines.geojson#road", "    line: lines.geojson#bad  # expect: position, out-of-range")],
    "feature-with-infinity": [("    line: lines.geojson#road", "    line: lines.geojson#huge  # expect: not-finite")],
    "ring-open": [("polygon: zones.geojson#zone, accuracy: 100 m, source: zones.geojson}\n", "polygon: zones.geojson#open, accuracy: 100 m, source: x}  # expect: ring-open\n")],
    "pieces-inside-each-other": [("polygon: zones.geojson#zone, accuracy: 100 m, source: zones.geojson}\n", "polygon: zones.geojson#nested, accuracy: 100 m, source: x}  # expect: ring-placement\n")],
    # ---------------------------------------------------------------- parties and clauses
    "backs-itself": [
        ("russia: {name: Russian Federation, armed: true}\n", "russia: {name: Russian Federation, backed_by: [militia]}  # expect: backed-cycle\n"),
        ("backed_by: [russia], accepts: false}\n", "backed_by: [russia], accepts: false}  # expect: backed-cycle\n"),
        ("note: backed through Syria}\n", "note: backed through Syria}  # expect: backed-cycle\n"),
    ],
    "binds-nobody": [("    who: all\n    acts", "    who: {parties: [usa], except: [usa]}  # expect: nobody\n    acts")],
    "side-not-stated": [("    sides: {usa: left, russia: right}", "    sides: {usa: left}  # expect: no-side")],
    "baseline-not-stated": [("    baseline: {usa: contact, russia: contact-south}", "    baseline: {usa: contact}  # expect: no-baseline")],
    "exemption-of-everybody": [('      - {purpose: [medevac], classes: [rotary], where: square, text: "Medical evacuation is exempt."}', '      - {text: "Some are exempt."}  # expect: exempt-all')],
}  # fmt: skip

# Expectations that stand on a line another edit made, or where YAML sees the mistake later than it was made.
ALSO: dict[str, list[tuple[str, str]]] = {
    "unclosed-bracket": [("  corridor: {band", "yaml")],
    "three-between": [("    between:", "list-length")],
    "party-unknown-in-backed-by": [("  militia:", "unknown-party")],
    "places-in-a-circle": [("  inner:", "place-cycle")],
}


def edited(edits: list[tuple[str, str]]) -> str:
    text = GOOD
    for old, new in edits:
        assert old in text, f"the good file has no {old!r}"
        text = text.replace(old, new, 1)
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
    for start, code in ALSO.get(name, []):
        marks |= {(number, code) for number, line in enumerate(lines, start=1) if line.startswith(start)}
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
    edits = CASES["party-unknown-in-who"] + CASES["tolerance-unit"] + CASES["clause-key-misspelt"][:0]
    text = edited([*edits, ("    where: corridor", "    where: coridor  # expect: unknown-place")])
    problems = check(folder, text)
    assert {(problem.where.line, problem.code) for problem in problems} == expected("", text)
    assert len(problems) == 3


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
        ("armed-yes", 47, "write true or false"),
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
    (folder / "lines.geojson").write_text(lines.replace(start, named % "urn:ogc:def:crs:EPSG::32637"), encoding="utf-8")
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
        after = [GOOD.find(f"\n{key}", start) for key in ("parties:", "places:", "clauses:", "policy:", "exercise:")]
        end = min((at for at in after if at > start), default=len(GOOD))
        text = f"{GOOD[:start]}{section}: {junk}\n{GOOD[end + 1 :]}"
        for problem in check(folder, text):
            assert problem.hint


# ---------------------------------------------------------------- warnings

WARNINGS: dict[str, list[tuple[str, str]]] = {
    "text-without-source": [("text: {source: made up for tests, status: draft, sha256: null}", "text: {status: draft}  # expect: no-source")],
    "place-without-source": [("  border: {line: [[36.0, 36.8], [36.4, 36.2]], accuracy: 100 m, source: typed}", "  border: {line: [[36.0, 36.8], [36.4, 36.2]], accuracy: 100 m}  # expect: no-source")],
    "clause-without-source": [('  "7": {rule: notify, text: "Notice is given 48 hours before.", source: paragraph 7}', '  "7": {rule: notify, text: "Notice is given 48 hours before."}  # expect: no-source')],
    "place-without-accuracy": [("  border: {line: [[36.0, 36.8], [36.4, 36.2]], accuracy: 100 m, source: typed}", "  border: {line: [[36.0, 36.8], [36.4, 36.2]], source: typed}  # expect: no-accuracy")],
    "clause-without-start": [("acts: any, where: either, from: null, text: \"No act in the square.\", source: paragraph 8}", "acts: any, where: either, text: No act., source: x}  # expect: no-start")],
    "suspended-too-late": [("    until: 2020-09-01T00:00\n", "    until: 2020-09-01T00:00\n    suspended:\n      - {by: all, from: 2020-10-01T00:00}  # expect: suspension-outside\n")],
    "zone-assumed-in-silence": [("timezone: {zone: Europe/Moscow, basis: assumed}", "timezone: {zone: Europe/Moscow, basis: assumed}  # expect: assumption-not-listed"), ("  - The text names no zone; Moscow time is assumed.\n", "")],
    "schematic-in-silence": [("  road:\n", "  road:  # expect: assumption-not-listed\n"), ("  - The road is schematic, straight legs between towns.\n", "")],
    "line-pointing-at-itself": [
        ("line: [[36.0, 36.8], [36.4, 36.2]]", "line: [[36.0, 36.8], [36.4, 36.8], [36.4, 36.2], [36.2, 36.2], [36.2, 36.5]]"),
        ("  west: {side: {of: border, side: right}}", "  west: {side: {of: border, side: right}}  # expect: line-folds-back"),
        ('  "3(a)":\n', '  "3(a)":  # expect: line-folds-back\n'),
    ],
    "swapped-in-range": [("  contact-south: {line: [[36.2, 35.1], [36.9, 35.2]], accuracy: 50 m, source: typed}", "  contact-south: {line: [[36.2, 35.1], [36.9, 35.2]], accuracy: 50 m, source: typed}"), ("  tanf: {circle: {centre: [38.61778, 33.50583]", "  tanf: {circle: {centre: [23.50583, 58.61778]")],
    "party-never-named": [("  usa: {name: United States", "  iran: {name: Iran}  # expect: party-not-used\n  usa: {name: United States")],
    "place-never-used": [("  tanf: {circle", "  spare: {circle: {centre: [38.0, 33.0], radius: 1 km}, accuracy: 1 m, source: x}  # expect: place-not-used\n  tanf: {circle")],
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in WARNINGS if name not in ("swapped-in-range", "party-never-named")])
def test_a_warning_stands_at_its_line_and_does_not_keep_the_file_from_loading(name: str, folder: Path) -> None:
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
