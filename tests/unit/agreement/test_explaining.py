"""What a clause says in plain English. Each text was checked by hand, word by word, against ``good.yaml``."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from truceline.agreement import explain, load_agreement
from truceline.agreement.explain import agreed_length, class_words, listed, position_words
from truceline.model.identity import CLASS_GROUPS, CLASSES

HERE = Path(__file__).parent
AGREEMENTS = HERE.parents[2] / "agreements"

# Moscow and Istanbul are at UTC+3 all year.
GOLDEN = {
    "1": "Nobody may take part in armed clashes, shelling or air strikes in inner (zone less tanf; known to 500 m). "
    "In force from 2020-03-05 21:01Z (2020-03-06 00:01 Europe/Moscow, assumed), "
    "until 2020-08-31 21:00Z (2020-09-01 00:00 Europe/Moscow, assumed). Not accepted by Syrian Arab Republic.",
    "2": "Armed movers of any party except Russian Federation must stay out of corridor "
    "(a band of 6 km on each side of road; schematic, known to 2 km). "
    "In force from 2020-03-14 21:00Z (2020-03-15 00:00 Europe/Moscow, assumed), with no end stated. "
    "Suspended by Syrian Arab Republic from 2020-04-30 21:00Z (2020-05-01 00:00 Europe/Moscow, assumed) "
    "until 2020-05-31 21:00Z (2020-06-01 00:00 Europe/Moscow, assumed). Notice: announced in public. "
    "The parties overlook up to 50 m. "
    'Exempt: helicopters on medevac in square: "Medical evacuation is exempt." '
    "Not accepted by Syrian Arab Republic.",
    "3(a)": "United States of America, Russian Federation, Syrian Arab Republic and Local militia must stay on their "
    "own side of border (a line of 2 positions; known to 100 m): United States of America on the left and "
    "Russian Federation, Syrian Arab Republic and Local militia on the right, as seen along the line. "
    "No beginning and no end are stated. Not accepted by Syrian Arab Republic.",
    "4": "No flight by anybody: fixed-wing within 40 km of contact; uav, balloon in both; "
    "rotary, how near is not published. No beginning and no end are stated. "
    "Not published: how near an aircraft may come; until it is known this is not evaluated. "
    "Not accepted by Syrian Arab Republic.",
    "5": "Artillery or multiple rocket launchers of 100 mm calibre or more of United States of America and "
    "Russian Federation must stay at least 25 km from their own baseline, contact (a line of 2 positions; taken as "
    "exact) or contact-south (a line of 2 positions; known to 50 m), half of a zone 50 km wide; being past the line "
    "counts as too near (United States of America on the left and Russian Federation on the right, as seen along the "
    "line). In force from 2020-03-31 21:00Z (2020-04-01 00:00 Europe/Moscow, assumed), with no end stated. "
    "Not accepted by Syrian Arab Republic.",
    "6": "Any mover of United States of America and any mover of Russian Federation, Syrian Arab Republic and Local "
    "militia must stay some distance apart. The severity of an encounter is A up to 50 m, B up to 150 m and C up to "
    "500 m. No beginning and no end are stated. "
    "Not published: the distance; until it is known this is not evaluated. "
    "Not accepted by Russian Federation and Syrian Arab Republic.",
    "7": 'Kept as text (notify) and not judged by this version: "Notice is given 48 hours before." '
    "Not accepted by Syrian Arab Republic.",
    "8": "United States of America and Russian Federation must not take part in any act known here in either "
    "(square, strip and frame together; known to 200 m). No beginning and no end are stated. "
    "Not accepted by Syrian Arab Republic.",
}


@pytest.fixture(scope="module")
def said() -> dict[str, str]:
    return dict(explain(load_agreement(HERE / "good.yaml")))


@pytest.mark.parametrize("clause", GOLDEN)
def test_golden(clause: str, said: dict[str, str]) -> None:
    assert said[clause] == GOLDEN[clause]


def test_every_clause_is_said_in_the_order_of_the_file(said: dict[str, str]) -> None:
    assert list(said) == list(GOLDEN)


def test_a_file_in_utc_says_each_time_once(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(
        """truceline: 1
title: T
text: {source: x, status: draft}
parties: {a: {name: A}, b: {name: B}}
places:
  line: {line: [[-70.5, -12.0], [-70.0, -12.5]], accuracy: 0 m, source: x, name: River}
  spot: {circle: {centre: [-70.5, -12.0], radius: 500 m}, accuracy: 5 m, source: x}
  half: {side: {of: line, side: left}}
  share: {intersection: [spot, half]}
  uneven: {band: {along: line, left: 1 km, right: 500 m}}
clauses:
  "1": {rule: keep-out, who: all, where: spot, from: 2020-01-01T00:00Z, text: t, source: x}
  "2": {rule: keep-out, who: [a], where: share, from: null, until: 2021-01-01T00:00Z, text: t, source: x}
  "3": {rule: keep-out, who: [b], where: uneven, from: null, text: t, source: x,
        suspended: [{by: all, from: 2020-05-01T00:00Z}]}
  "4": {rule: withdraw, who: {all: any, range_at_least: 20 km}, baseline: line, per_side: null, from: null,
        text: t, source: x}
  "5": {rule: separate, between: [[a], [b]], distance: 10 nmi, from: null, text: t, source: x}
  "6": {rule: withdraw, who: all, baseline: line, per_side: 25 km, from: null, text: t, source: x}
""",
        encoding="utf-8",
    )
    assert dict(explain(load_agreement(path))) == {
        "1": "Everybody must stay out of spot (a circle of 500 m round 70.5 W 12.0 S; known to 5 m). "
        "In force from 2020-01-01 00:00Z, with no end stated.",
        "2": "A must stay out of share (what spot and half share; known to 5 m). "
        "In force with no beginning stated, until 2021-01-01 00:00Z.",
        "3": "B must stay out of uneven (a band of 1 km on the left and 500 m on the right of River; taken as exact). "
        "No beginning and no end are stated. Suspended by all from 2020-05-01 00:00Z, not resumed.",
        "4": "Weapons with a range of 20 km or more of any party must stay some distance from River "
        "(a line of 2 positions; taken as exact). No beginning and no end are stated. "
        "Not published: the distance from the baseline; until it is known this is not evaluated.",
        "5": "Any mover of A and any mover of B must stay at least 18.52 km apart. No beginning and no end are stated.",
        "6": "Everybody must stay at least 25 km from River (a line of 2 positions; taken as exact), "
        "on either side of it. No beginning and no end are stated.",
    }


@pytest.mark.parametrize(
    "path", sorted(AGREEMENTS.glob("*/agreement.yaml")), ids=lambda path: path.parent.name
)
def test_shipped_agreements_are_said_without_words_that_screens_never_show(path: Path) -> None:
    agreement = load_agreement(path)
    never = re.compile(
        r"\b(approved|cleared|safe|authorised|enemy|hostile|target|confirmed|violation)\b", re.IGNORECASE
    )
    for name, text in explain(agreement):
        quoted = {
            agreement.clauses[name].text.strip(),
            *(item.text.strip() for item in agreement.clauses[name].exemptions),
        }
        own = text
        for words in quoted - {""}:
            own = own.replace(words, "")
        assert not never.search(own), name
        assert text.endswith((".", '"')), name


def test_words() -> None:
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"], "or") == "a, b or c"
    assert agreed_length(18_520.0) == "18.52 km"
    assert agreed_length(999.5) == "999.5 m"
    assert position_words((38.61778, 33.50583)) == "38.61778 E 33.50583 N"


def test_every_class_and_group_has_words() -> None:
    for name in CLASSES:
        assert class_words(frozenset({name}))
    for members in CLASS_GROUPS.values():
        assert class_words(members)
    assert (
        class_words(CLASS_GROUPS["land"]) == "land movers"
    )  # weapons are among them and are not named twice
    assert class_words(CLASS_GROUPS["aircraft"]) == "aircraft"
