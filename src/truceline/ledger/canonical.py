"""One value, one row of bytes: JSON as RFC 8785 (JSON Canonicalization Scheme) writes it.

What is hashed must have exactly one spelling. So the members of an object stand in the order of their UTF-16
code units, there is no white space, strings escape only what they must, numbers are written as ECMAScript
writes a double, and everything is UTF-8.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from json.encoder import encode_basestring

from truceline.errors import InputError

# I-JSON (RFC 7493): beyond this a double no longer tells neighbouring integers apart.
LARGEST_EXACT_INTEGER = 2**53 - 1
DEEPEST_NESTING = 100

JsonValue = object
"""None, bool, int, float, str, a list or tuple of them, or a mapping from str to them."""


def canonical_bytes(value: JsonValue) -> bytes:
    """The canonical UTF-8 bytes of a JSON value (RFC 8785).

    Parameters
    ----------
    value : None, bool, int, float, str, list, tuple or mapping with str keys
        Nested at most 100 deep. A tuple is written as an array.

    Returns
    -------
    bytes

    Raises
    ------
    InputError
        Code ``canonical``: NaN or an infinity, an integer that a double cannot hold exactly, a key that is
        not text, half of a surrogate pair, a type JSON does not have, or too deep a nesting. The message
        says where in the value it stands.

    Examples
    --------
    >>> canonical_bytes({"b": 1.0, "a": [1e30, "é"]})
    b'{"a":[1e+30,"\\xc3\\xa9"],"b":1}'
    """
    parts: list[str] = []
    _write(value, parts, "$", 0)
    return "".join(parts).encode("utf-8")


def format_number(number: float) -> str:
    """A finite double as ECMAScript's ``Number::toString`` writes it (ECMA-262 6.1.6.1.20).

    Raises
    ------
    InputError
        Code ``canonical`` for NaN and the infinities.

    Examples
    --------
    >>> format_number(1e21), format_number(-0.0), format_number(4.5), format_number(1e-7)
    ('1e+21', '0', '4.5', '1e-7')
    """
    if not math.isfinite(number):
        raise _refused(f"{number!r} is not a number JSON can hold", "$", "leave it out or write null")
    if number == 0:
        return "0"  # minus zero too
    sign = "-" if number < 0 else ""
    # repr gives the shortest digits that read back as the same double, as ECMAScript asks for.
    mantissa, _, exponent_text = repr(abs(number)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # The value is 0.DIGITS times ten to the power `point`.
    point = len(whole) + int(exponent_text or "0") - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return f"{sign}{digits}{'0' * (point - count)}"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    tail = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{tail}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _refused(message: str, path: str, hint: str = "") -> InputError:
    return InputError(f"no canonical JSON: {message} (at {path})", hint=hint, code="canonical")


def _write(value: JsonValue, parts: list[str], path: str, depth: int) -> None:
    if depth > DEEPEST_NESTING:
        raise _refused(f"nested more than {DEEPEST_NESTING} deep", path)
    if value is None:
        parts.append("null")
    elif isinstance(value, bool):
        parts.append("true" if value else "false")
    elif isinstance(value, str):
        parts.append(_text(value, path))
    elif isinstance(value, int):
        parts.append(_integer(value, path))
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise _refused(f"{value!r} is not a number JSON can hold", path, "leave it out or write null")
        parts.append(format_number(value))
    elif isinstance(value, Mapping):
        _write_object(value, parts, path, depth)
    elif isinstance(value, (list, tuple)):
        parts.append("[")
        for position, item in enumerate(value):
            if position:
                parts.append(",")
            _write(item, parts, f"{path}[{position}]", depth + 1)
        parts.append("]")
    else:
        raise _refused(f"JSON has no {type(value).__name__}", path)


def _write_object(value: Mapping, parts: list[str], path: str, depth: int) -> None:
    for key in value:
        if not isinstance(key, str):
            raise _refused(f"the key {key!r} is not text", path)
        _text(key, path)  # refuse half a surrogate pair before sorting by UTF-16
    parts.append("{")
    for position, key in enumerate(sorted(value, key=lambda name: name.encode("utf-16-be"))):
        if position:
            parts.append(",")
        parts.append(_text(key, path))
        parts.append(":")
        _write(value[key], parts, f"{path}.{key}", depth + 1)
    parts.append("}")


def _text(value: str, path: str) -> str:
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise _refused(f"half of a surrogate pair in {value!r}", path) from None
    # The standard library escapes exactly what RFC 8785 section 3.2.2.2 does, and in the same spelling.
    return encode_basestring(str(value))


def _integer(value: int, path: str) -> str:
    if abs(value) > LARGEST_EXACT_INTEGER:
        raise _refused(f"the integer {value} is beyond 2**53 - 1", path, "write it as text")
    return str(int(value))
