"""From the written document to the model: units to SI, times to UTC, names to objects, who is bound."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from truceline.agreement import load_agreement
from truceline.errors import DocumentError
from truceline.model.agreement import (
    Agreement,
    Band,
    Cease,
    Circle,
    Clause,
    Combination,
    KeepOut,
    KeepSide,
    Line,
    NoFly,
    Polygon,
    Recorded,
    Separate,
    Side,
    Withdraw,
)
from truceline.model.evidence import ACTS
from truceline.model.identity import CLASSES
from truceline.timebase import ALWAYS, END_OF_TIME

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def good() -> Agreement:
    return load_agreement(HERE / "good.yaml")


HEAD = """truceline: 1
title: T
text: {source: x, status: draft}
parties:
  a: {name: A}
  b: {name: B, backed_by: [a]}
  c: {name: C, backed_by: [b]}
  d: {name: D}
  both: {name: Both, backed_by: [a, d]}
places:
  line: {line: [[36.0, 35.0], [37.0, 35.0]], accuracy: 30 m, source: x}
  far: {line: [[36.0, 34.9], [37.0, 34.9]], accuracy: 40 m, source: x}
  zone: {circle: {centre: [36.5, 35.0], radius: 5 km}, accuracy: 10 m, source: x}
clauses:
"""


def clause(tmp_path: Path, text: str, *, head: str = HEAD) -> Clause:
    path = tmp_path / "a.yaml"
    path.write_text(f'{head}  "1": {{{text}, text: x, source: x}}\n', encoding="utf-8")
    return load_agreement(path).clauses["1"]


def codes(tmp_path: Path, text: str) -> list[str]:
    with pytest.raises(DocumentError) as raised:
        clause(tmp_path, text)
    return [problem.code for problem in raised.value.problems]


def utc(*parts: int) -> int:
    """Microseconds UTC by the standard library alone."""
    return int(datetime(*parts, tzinfo=UTC).timestamp()) * 1_000_000


# ---------------------------------------------------------------- units and times


@pytest.mark.parametrize(
    ("written", "metres"),
    [
        ("500 m", 500.0),
        ("6 km", 6000.0),
        ("10 nmi", 18520.0),  # nautical mile, 1 852 m
        ("34 mi", 54717.696),  # statute mile, 1 609.344 m
        ("100 ft", 30.48),
        ("100mm", 0.1),
        ("1e3 m", 1000.0),
        (".5 km", 500.0),
    ],
)
def test_lengths_come_out_in_metres(written: str, metres: float, tmp_path: Path) -> None:
    made = clause(tmp_path, f"rule: keep-out, who: all, where: zone, from: null, tolerance: {written}")
    assert made.tolerance_m == pytest.approx(metres, rel=1e-12)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2020-03-06T00:01 Europe/Moscow", utc(2020, 3, 5, 21, 1)),  # UTC+3
        ("2020-03-06T00:01 Asia/Damascus", utc(2020, 3, 5, 22, 1)),  # UTC+2 until 27 March 2020
        ("2020-05-01T00:00 Asia/Damascus", utc(2020, 4, 30, 21, 0)),  # summer time, UTC+3
        ("2019-10-29T18:00 Europe/Istanbul", utc(2019, 10, 29, 15, 0)),
        ("2020-03-06T00:01Z", utc(2020, 3, 6, 0, 1)),
        ('"2020-03-06 00:01 +03:00"', utc(2020, 3, 5, 21, 1)),
        (
            "2020-10-25T02:30+02:00",
            utc(2020, 10, 25, 0, 30),
        ),  # an hour that comes twice, told apart by its offset
        ("2020-03-06 UTC", utc(2020, 3, 6)),
    ],
)
def test_times_come_out_in_utc(written: str, instant: int, tmp_path: Path) -> None:
    made = clause(tmp_path, f"rule: keep-out, who: all, where: zone, from: {written}")
    assert made.validity.interval.start_us == instant
    assert made.validity.interval.end_us == END_OF_TIME


def test_the_zone_of_the_file_serves_times_that_name_none(good: Agreement) -> None:
    assert good.clauses["1"].validity.interval.start_us == utc(2020, 3, 5, 21, 1)
    assert good.clauses["1"].validity.interval.end_us == utc(2020, 8, 31, 21)
    assert (good.zone, good.zone_basis) == ("Europe/Moscow", "assumed")
    assert good.clauses["4"].validity.interval == ALWAYS


@pytest.mark.parametrize("written", ["2020-03-29T02:30 Europe/Berlin", "2020-10-25T02:30 Europe/Berlin"])
def test_an_hour_that_does_not_exist_or_exists_twice_is_refused(written: str, tmp_path: Path) -> None:
    assert codes(tmp_path, f"rule: keep-out, who: all, where: zone, from: {written}") == ["dst"]


def test_a_suspension_of_one_party_and_of_all(tmp_path: Path, good: Agreement) -> None:
    (item,) = good.clauses["2"].validity.suspensions
    assert (item.party, item.notice) == ("syria", "announced in public")
    assert item.interval.start_us == utc(2020, 4, 30, 21)
    made = clause(
        tmp_path,
        "rule: keep-out, who: all, where: zone, from: null, suspended: [{by: all, from: 2020-01-01Z}]",
    )
    assert made.validity.suspensions[0].party is None
    assert made.validity.suspensions[0].interval.end_us == END_OF_TIME


# ---------------------------------------------------------------- who


@pytest.mark.parametrize(
    ("who", "parties", "excepted"),
    [
        ("all", None, set()),
        ("[a]", {"a"}, set()),
        ("{parties: [a]}", {"a"}, set()),
        ("{parties: [a], backed: true}", {"a", "b", "c", "both"}, set()),  # c through b
        ("{parties: [d], backed: true}", {"d", "both"}, set()),
        ("{parties: [c], backed: true}", {"c"}, set()),  # whoever backs c is not meant
        ("{all: any, except: [b]}", None, {"b"}),
        ("{all: any, except: [b], backed: true}", None, {"b", "c"}),
        ("{parties: [a, d], except: [c], backed: true}", {"a", "b", "c", "d", "both"}, {"c"}),
    ],
)
def test_who(who: str, parties: set[str] | None, excepted: set[str], tmp_path: Path) -> None:
    selector = clause(tmp_path, f"rule: keep-out, who: {who}, where: zone, from: null").who
    assert selector.parties == parties
    assert selector.except_parties == excepted
    assert selector.armed is None
    assert selector.classes is None


def test_armed_classes_calibre_and_range(tmp_path: Path) -> None:
    text = "who: {all: armed, classes: [weapon, uav], calibre_at_least: 122 mm, range_at_least: 20 km}"
    selector = clause(tmp_path, f"rule: keep-out, {text}, where: zone, from: null").who
    assert selector.armed is True
    assert selector.classes == {"uav", *(item.id for item in CLASSES.values() if item.is_weapon)}
    assert selector.calibre_min_mm == 122.0
    assert selector.range_min_m == 20_000.0


@pytest.mark.parametrize("group", ["land", "sea"])
def test_a_group_stands_for_its_classes(group: str, tmp_path: Path) -> None:
    selector = clause(
        tmp_path, f"rule: keep-out, who: {{all: any, classes: [{group}]}}, where: zone, from: null"
    ).who
    assert selector.classes == {item.id for item in CLASSES.values() if item.domain == group}


def test_parties_keep_what_is_known_of_them(good: Agreement) -> None:
    assert list(good.parties) == ["usa", "russia", "syria", "militia"]
    assert good.parties["syria"].backed_by == ("russia",)
    assert (good.parties["usa"].accepts, good.parties["syria"].accepts) == (True, False)
    assert good.parties["militia"].accepts is None
    assert (good.parties["russia"].armed, good.parties["usa"].armed) == (True, None)


# ---------------------------------------------------------------- places


def test_shapes(good: Agreement) -> None:
    road, places = good.places["road"].shape, good.places
    assert isinstance(road, Line)
    assert road.lonlat_deg == ((36.8, 35.86), (36.6, 35.81), (36.3, 35.81))
    assert places["corridor"].shape == Band(line=road, left_m=6000.0, right_m=6000.0, accuracy_m=2000.0)
    assert places["tanf"].shape == Circle(
        centre_deg=(38.61778, 33.50583), radius_m=55_000.0, accuracy_m=500.0
    )
    assert isinstance(places["contact"].shape, Line)
    assert places["contact"].shape.edges == "parallel"
    border = places["border"].shape
    assert places["west"].shape == Side(line=border, side="right", offset_m=0.0, accuracy_m=100.0)
    assert places["inner"].shape == Combination(
        op="difference", parts=(places["zone"].shape, places["tanf"].shape)
    )
    # 2 nautical miles; the band states an accuracy of its own
    assert places["strip"].shape == Band(line=border, left_m=3704.0, right_m=0.0, accuracy_m=200.0)


def test_rings_are_open_and_holes_follow_their_shell(good: Agreement) -> None:
    zone, frame = good.places["zone"].shape, good.places["frame"].shape
    assert isinstance(zone, Polygon)
    assert isinstance(frame, Polygon)
    assert [[len(ring) for ring in rings] for rings in zone.polygons] == [[4, 3], [3]]
    assert [[len(ring) for ring in rings] for rings in frame.polygons] == [[3, 3]]
    assert zone.polygons[0][0][0] == (36.0, 35.0)


def test_accuracy_source_and_sketch_come_down_to_what_is_made_of_a_place(good: Agreement) -> None:
    assert good.places["corridor"].accuracy_m == 2000.0
    assert good.places["corridor"].source == "lines.geojson"
    assert good.places["corridor"].schematic is True
    assert good.places["both"].accuracy_m == 100.0
    assert good.places["inner"].accuracy_m == 500.0  # the worse of 100 m and 500 m
    assert good.places["inner"].schematic is False


def test_shapes_are_values(good: Agreement) -> None:
    assert len({place.shape for place in good.places.values()}) == len(good.places)


# ---------------------------------------------------------------- rules


def test_cease(good: Agreement) -> None:
    rule = good.clauses["1"].rule
    assert isinstance(rule, Cease)
    assert rule.acts == {"armed-clash", "shelling", "air-strike"}
    assert rule.where == good.places["inner"].shape
    assert rule.place_ids == ("inner",)
    every = good.clauses["8"].rule
    assert isinstance(every, Cease)
    assert every.acts == set(ACTS)


def test_cease_everywhere(tmp_path: Path) -> None:
    rule = clause(tmp_path, "rule: cease, who: all, acts: [any], from: null").rule
    assert isinstance(rule, Cease)
    assert rule.where is None
    assert rule.acts == set(ACTS)


def test_keep_out_with_exemption_and_tolerance(good: Agreement) -> None:
    made = good.clauses["2"]
    assert made.rule == KeepOut(where=good.places["corridor"].shape, place_ids=("corridor",))
    assert (made.who.armed, made.who.except_parties) == (True, {"russia"})
    assert made.tolerance_m == 50.0
    (exempt,) = made.exemptions
    assert (exempt.purposes, exempt.classes, exempt.parties) == ({"medevac"}, {"rotary"}, None)
    assert exempt.where == good.places["square"].shape


def test_keep_side_forbids_the_other_side_and_backed_forces_take_that_of_their_backers(
    good: Agreement,
) -> None:
    rule = good.clauses["3(a)"].rule
    assert isinstance(rule, KeepSide)
    assert {party: shape.side for party, shape in rule.forbidden.items() if isinstance(shape, Side)} == {
        "usa": "right",
        "russia": "left",
        "syria": "left",
        "militia": "left",
    }


def test_keep_side_without_who_binds_the_parties_in_sides(tmp_path: Path) -> None:
    made = clause(tmp_path, "rule: keep-side, line: line, sides: {a: left, d: right}, from: null")
    assert made.who.parties == {"a", "d"}


def test_a_force_backed_by_both_sides_has_no_side(tmp_path: Path) -> None:
    who = "who: {parties: [a, d], backed: true}"
    assert codes(
        tmp_path, f"rule: keep-side, line: line, sides: {{a: left, d: right}}, {who}, from: null"
    ) == ["no-side"]


def test_no_fly(good: Agreement) -> None:
    made = good.clauses["4"]
    assert isinstance(made.rule, NoFly)
    near, area, unknown = made.rule.limits
    contact = good.places["contact"].shape
    assert near.classes == {"fixed-wing"}
    assert near.where == Band(line=contact, left_m=40_000.0, right_m=40_000.0, accuracy_m=0.0)
    assert near.label == "fixed-wing within 40 km of contact"
    assert area.where == good.places["both"].shape
    assert unknown.where is None
    assert made.missing == ("within",)
    assert made.rule.place_ids == ("contact", "both")


def test_withdraw_by_width_is_half_of_it_on_each_side(good: Agreement) -> None:
    rule = good.clauses["5"].rule
    assert isinstance(rule, Withdraw)
    assert (rule.width_m, rule.per_side_m) == (50_000.0, 25_000.0)
    contact, south = good.places["contact"].shape, good.places["contact-south"].shape
    # The usa's own side is the left: forbidden is the right, and the left up to 25 km from its own line.
    assert rule.too_near["usa"] == Side(line=contact, side="right", offset_m=25_000.0, accuracy_m=0.0)
    assert rule.too_near["russia"] == Side(line=south, side="left", offset_m=25_000.0, accuracy_m=50.0)
    assert good.clauses["5"].who.calibre_min_mm == 100.0


def test_withdraw_without_own_side_counts_on_both_sides(tmp_path: Path) -> None:
    made = clause(tmp_path, "rule: withdraw, who: all, baseline: line, per_side: 25 km, from: null")
    assert isinstance(made.rule, Withdraw)
    (key,) = made.rule.too_near
    shape = made.rule.too_near[key]
    assert key == "*"
    assert isinstance(shape, Band)
    assert (shape.left_m, shape.right_m, shape.accuracy_m) == (25_000.0, 25_000.0, 30.0)
    assert made.rule.width_m is None


@pytest.mark.parametrize("key", ["per_side", "width"])
def test_withdraw_whose_number_is_not_published(key: str, tmp_path: Path) -> None:
    made = clause(tmp_path, f"rule: withdraw, who: all, baseline: line, {key}: null, from: null")
    assert isinstance(made.rule, Withdraw)
    assert made.rule.per_side_m is None
    assert made.rule.too_near == {}
    assert made.missing == (key,)


def test_a_backed_force_measures_from_the_line_of_its_backer(tmp_path: Path) -> None:
    who = "who: {parties: [a], backed: true, except: [both]}"
    made = clause(
        tmp_path, f"rule: withdraw, {who}, baseline: {{a: line, b: far}}, per_side: 1 km, from: null"
    )
    assert isinstance(made.rule, Withdraw)
    lines = {
        party: shape.line.accuracy_m for party, shape in made.rule.too_near.items() if isinstance(shape, Band)
    }
    assert lines == {"a": 30.0, "b": 40.0, "c": 40.0}  # c is backed by b, which is nearer to it than a


def test_separate(good: Agreement, tmp_path: Path) -> None:
    made = good.clauses["6"]
    assert isinstance(made.rule, Separate)
    assert made.rule.first.parties == {"usa"}
    assert made.rule.second.parties == {"russia", "syria", "militia"}
    assert made.rule.distance_m is None
    assert made.missing == ("distance",)
    assert made.rule.severity_m == {"A": 50.0, "B": 150.0, "C": 500.0}
    assert made.contested_by == ("russia",)
    assert made.who.parties == {"usa", "russia", "syria", "militia"}
    near = clause(tmp_path, "rule: separate, between: [all, [a]], distance: 10 nmi, from: null")
    assert isinstance(near.rule, Separate)
    assert near.rule.distance_m == 18_520.0
    assert near.who.parties is None


@pytest.mark.parametrize("rule", ["notify", "patrol", "cap", "status-quo", "deadline"])
def test_rules_that_are_not_judged_are_kept_by_name(rule: str, tmp_path: Path) -> None:
    assert clause(tmp_path, f"rule: {rule}").rule == Recorded(rule=rule)


def test_a_clause_that_is_only_recorded(tmp_path: Path) -> None:
    assert clause(tmp_path, "rule: recorded").rule == Recorded(rule="")


def test_the_rest_of_the_file(good: Agreement) -> None:
    assert good.exercise is True
    assert good.signed == "2020-03-05"
    assert good.text.status == "draft"
    assert len(good.assumptions) == 2
    assert (good.policy.reliability, good.policy.credibility, good.policy.independent_origins_count) == (
        "B",
        2,
        2,
    )
    assert list(good.clauses) == ["1", "2", "3(a)", "4", "5", "6", "7", "8"]
