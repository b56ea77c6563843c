"""Logs of drones that somebody else has decoded: MAVLink messages, and Remote ID messages."""

from __future__ import annotations

import json
from typing import Any


def parse_line(data: bytes) -> dict[str, Any] | str:
    """The JSON object on a line, or why there is none."""
    try:
        tree = json.loads(data)
    except (ValueError, RecursionError) as error:
        return f"{data[:80]!r} ({error})"
    return tree if isinstance(tree, dict) else f"{data[:80]!r}: no object"
