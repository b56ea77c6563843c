"""Entries, salts and commitments, against hashes computed here from their definition."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from truceline.errors import InputError, LedgerError
from truceline.ledger.entry import Entry, commit, commitment_of, salt_of

KEY = bytes(range(32))


def test_an_entry_is_canonical_json_and_its_leaf_is_over_those_bytes() -> None:
    entry = Entry(kind="report", time_us=1_583_442_060_000_000, author="Post 7", commitment=b"\xab" * 32)
    expected = (
        b'{"author":"Post 7","commitment":"'
        + b"ab" * 32
        + b'","kind":"report","time":"2020-03-05T21:01:00Z"}'
    )
    assert entry.to_bytes() == expected
    assert entry.leaf == hashlib.sha256(b"\x00" + expected).digest()
    assert Entry.from_bytes(expected) == entry


def test_microseconds_survive() -> None:
    entry = Entry(kind="note", time_us=1, author="", commitment=bytes(32))
    assert b'"time":"1970-01-01T00:00:00.000001Z"' in entry.to_bytes()
    assert Entry.from_bytes(entry.to_bytes()) == entry


def test_salt_commitment_and_entry_follow_their_definition() -> None:
    addition = commit("finding", {"b": 1, "a": "é"}, time_us=0, author="x", mission_key=KEY)
    record = '{"a":"é","b":1}'.encode()
    salt = hmac.new(KEY, hashlib.sha256(record).digest(), hashlib.sha256).digest()
    assert addition.record == record
    assert addition.salt == salt == salt_of(record, KEY)
    assert addition.entry.commitment == hashlib.sha256(salt + record).digest()


def test_another_key_gives_another_commitment() -> None:
    first, second = (
        commit("note", {"n": 1}, time_us=0, author="x", mission_key=key) for key in (KEY, bytes(32))
    )
    assert first.record == second.record
    assert first.entry.commitment != second.entry.commitment


def test_a_salt_has_one_length() -> None:
    # Otherwise salt "ab" + record "c" and salt "a" + record "bc" would commit to the same.
    with pytest.raises(LedgerError, match="a salt is 32 bytes"):
        commitment_of(b"record", b"short")


GOOD = Entry(kind="note", time_us=0, author="x", commitment=bytes(32)).to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\xff",
        b"[" * 60_000,
        GOOD + b" ",
        GOOD.replace(b'"note"', b'"remark"'),
        GOOD.replace(b"1970-01-01T00:00:00Z", b"1970-01-01T00:00:00+00:00"),
        GOOD.replace(b"1970-01-01T00:00:00Z", b"9999-99-99T00:00:00Z"),
        GOOD.replace(b"00" * 32, b"00" * 31),
        GOOD.replace(b"00" * 32, b"AB" * 32),
        GOOD.replace(b'"x"', b"5"),
        GOOD.replace(b'"x"', b'"\\u0078"'),
        GOOD.replace(b'{"author"', b'{"author":"y","author"'),
        GOOD.replace(b'"x"', b'"' + b"x" * 70_000 + b'"'),
    ],
)
def test_bytes_that_are_no_entry_are_refused_with_one_error(data: bytes) -> None:
    with pytest.raises(LedgerError, match="not an entry"):
        Entry.from_bytes(data)


def test_what_cannot_be_an_entry_is_not_made() -> None:
    with pytest.raises(LedgerError, match="no kind of entry"):
        Entry(kind="target", time_us=0, author="x", commitment=bytes(32))
    with pytest.raises(LedgerError, match="32 bytes"):
        Entry(kind="note", time_us=0, author="x", commitment=b"")
    with pytest.raises(LedgerError, match="too long"):
        Entry(kind="note", time_us=0, author="x" * 66_000, commitment=bytes(32)).to_bytes()
    with pytest.raises(InputError, match="surrogate"):
        Entry(kind="note", time_us=0, author="\ud800", commitment=bytes(32)).to_bytes()
