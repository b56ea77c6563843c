"""Laws of canonical JSON and of the Merkle tree."""

from __future__ import annotations

import hashlib
import json
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from truceline.ledger.canonical import canonical_bytes, format_number
from truceline.ledger.entry import KINDS, Entry, commit
from truceline.ledger.merkle import Tree, leaf_hash, node_hash

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
INSTANTS = st.integers(-62_135_596_800_000_000, 253_402_300_799_999_999)  # years 1 to 9999


def plain(value: object) -> object:
    """What JSON cannot tell apart made the same: 1.0 is 1, minus zero is zero."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


@given(VALUES)
def test_canonical_bytes_read_back_as_the_same_value_and_again_as_the_same_bytes(value: object) -> None:
    data = canonical_bytes(value)
    read = json.loads(data, parse_int=lambda digits: plain(float(digits)))
    assert plain(read) == plain(value)
    assert canonical_bytes(read) == data


@given(st.dictionaries(TEXT, NUMBERS, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_members_does_not_matter(members: dict[str, float], random: object) -> None:
    keys = list(members)
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert canonical_bytes({key: members[key] for key in keys}) == canonical_bytes(members)


@given(st.floats(allow_nan=False, allow_infinity=False))
@settings(max_examples=500)
def test_a_number_reads_back_as_itself_in_the_shape_of_ecmascript(number: float) -> None:
    text = format_number(number)
    assert float(text) == number
    assert "E" not in text
    assert not text.startswith(("+", "."))
    assert not text.endswith(".")
    size = abs(number)
    # ECMA-262 Number::toString: positional from 1e-6 up to but not 1e21.
    assert ("e" in text) == (number != 0 and not 1e-6 <= size < 1e21)
    if number == 0:
        assert text == "0"
        assert math.copysign(1, float(text)) == 1


@given(st.sampled_from(KINDS), INSTANTS, TEXT, st.binary(min_size=32, max_size=32))
def test_entries_read_back_as_themselves(kind: str, time_us: int, author: str, commitment: bytes) -> None:
    entry = Entry(kind=kind, time_us=time_us, author=author, commitment=commitment)
    assert Entry.from_bytes(entry.to_bytes()) == entry


@given(VALUES, VALUES, st.binary(min_size=32, max_size=32))
def test_equal_commitments_mean_equal_records(first: object, second: object, key: bytes) -> None:
    made = [commit("note", value, time_us=0, author="", mission_key=key) for value in (first, second)]
    assert (made[0].entry == made[1].entry) == (made[0].record == made[1].record)


def tree_hash_as_the_rfc_defines_it(data: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, recursion and all: the oracle for the growing tree."""
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return leaf_hash(data[0])
    k = 1
    while k * 2 < len(data):
        k *= 2
    return node_hash(tree_hash_as_the_rfc_defines_it(data[:k]), tree_hash_as_the_rfc_defines_it(data[k:]))


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_growing_tree_gives_the_root_of_the_definition(data: list[bytes]) -> None:
    assert Tree(map(leaf_hash, data)).root() == tree_hash_as_the_rfc_defines_it(data)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=20), st.data())
def test_any_change_of_any_leaf_changes_the_root(data: list[bytes], draw: st.DataObject) -> None:
    root = Tree(map(leaf_hash, data)).root()
    at = draw.draw(st.integers(0, len(data) - 1))
    changed = [*data[:at], data[at] + b"!", *data[at + 1 :]]
    assert Tree(map(leaf_hash, changed)).root() != root
    assert Tree(map(leaf_hash, data[:at] + data[at + 1 :])).root() != root
    assert Tree(map(leaf_hash, [*data[:at], b"!!!!!", *data[at:]])).root() != root
