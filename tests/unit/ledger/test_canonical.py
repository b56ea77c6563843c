"""RFC 8785: the published vectors, and what is refused."""

from __future__ import annotations

import json
import struct

import pytest

from truceline.errors import InputError
from truceline.ledger.canonical import canonical_bytes, format_number

# RFC 8785 appendix B: IEEE 754 bits (big-endian hex) and the text ECMAScript gives them.
APPENDIX_B = [
    ("0000000000000000", "0"),
    ("8000000000000000", "0"),
    ("0000000000000001", "5e-324"),
    ("8000000000000001", "-5e-324"),
    ("7fefffffffffffff", "1.7976931348623157e+308"),
    ("ffefffffffffffff", "-1.7976931348623157e+308"),
    ("4340000000000000", "9007199254740992"),
    ("c340000000000000", "-9007199254740992"),
    ("4430000000000000", "295147905179352830000"),
    ("44b52d02c7e14af5", "9.999999999999997e+22"),
    ("44b52d02c7e14af6", "1e+23"),
    ("44b52d02c7e14af7", "1.0000000000000001e+23"),
    ("444b1ae4d6e2ef4e", "999999999999999700000"),
    ("444b1ae4d6e2ef4f", "999999999999999900000"),
    ("444b1ae4d6e2ef50", "1e+21"),
    ("3eb0c6f7a0b5ed8c", "9.999999999999997e-7"),
    ("3eb0c6f7a0b5ed8d", "0.000001"),
    ("41b3de4355555553", "333333333.3333332"),
    ("41b3de4355555554", "333333333.33333325"),
    ("41b3de4355555555", "333333333.3333333"),
    ("41b3de4355555556", "333333333.3333334"),
    ("41b3de4355555557", "333333333.33333343"),
    ("becbf647612f3696", "-0.0000033333333333333333"),
    ("43143ff3c1cb0959", "1424953923781206.2"),
]


@pytest.mark.parametrize(("bits", "text"), APPENDIX_B)
def test_numbers_of_appendix_b(bits: str, text: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    assert format_number(number) == text
    assert canonical_bytes([number]) == f"[{text}]".encode()


@pytest.mark.parametrize("bits", ["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])
def test_appendix_b_refuses_nan_and_infinity(bits: str) -> None:
    (number,) = struct.unpack(">d", bytes.fromhex(bits))
    with pytest.raises(InputError, match="not a number JSON can hold") as caught:
        canonical_bytes({"depth": [1, number]})
    assert caught.value.code == "canonical"
    assert "$.depth[1]" in str(caught.value)
    with pytest.raises(InputError):
        format_number(number)


def test_the_sample_of_section_3_2_4_byte_for_byte() -> None:
    # RFC 8785 section 3.2.2 (input) and 3.2.4 (output in hex).
    sample = r"""{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}"""
    expected = """
        7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c
        22 6e 75 6d 62 65 72 73 22 3a 5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31
        65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37 5d 2c 22 73 74 72 69 6e 67 22
        3a 22 e2 82 ac 24 5c 75 30 30 30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d"""
    assert canonical_bytes(json.loads(sample)) == bytes.fromhex(expected)


def test_members_stand_in_the_order_of_utf16_units() -> None:
    # RFC 8785 section 3.2.3: the order of the values is given there; U+1F600 (a pair) sorts before U+FB33.
    members = {
        "€": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\x80": "Control",
        "ö": "Latin Small Letter O With Diaeresis",
    }
    assert list(json.loads(canonical_bytes(members)).values()) == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_strings_escape_only_what_they_must() -> None:
    # RFC 8785 section 3.2.2.2: two-character escapes for these five, \u00xx in lower case for other controls.
    assert canonical_bytes("\b\t\n\f\r") == b'"\\b\\t\\n\\f\\r"'
    assert canonical_bytes("\x00\x0b\x1f\x7f/é") == b'"\\u0000\\u000b\\u001f\x7f/\xc3\xa9"'


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({1: "x"}, "the key 1 is not text"),
        ({"a": ["\ud800"]}, "half of a surrogate pair"),
        ({"\udc00": 1}, "half of a surrogate pair"),
        ({"n": 2**53}, r"beyond 2\*\*53 - 1"),
        ([b"bytes"], "JSON has no bytes"),
        ({"s": {1, 2}}, "JSON has no set"),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        canonical_bytes(value)
    assert caught.value.code == "canonical"


def test_the_largest_exact_integers_are_kept() -> None:
    assert (
        canonical_bytes([2**53 - 1, -(2**53) + 1, True, 0]) == b"[9007199254740991,-9007199254740991,true,0]"
    )


def test_nesting_has_a_limit_and_an_error() -> None:
    deep: object = 0
    for _ in range(100):
        deep = [deep]
    assert canonical_bytes(deep) == b"[" * 100 + b"0" + b"]" * 100
    with pytest.raises(InputError, match="nested more than 100 deep"):
        canonical_bytes([deep])
