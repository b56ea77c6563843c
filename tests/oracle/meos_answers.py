"""What MEOS says of pairs of tracks in the plane. Run by the interpreter of an environment of its own.

In: one JSON object a line, {"a": [[x, y, t], ...], "b": ..., "within": d}, metres and whole seconds. Out: one a line,
{"least": metres or null, "spans": [[start, end, least], ...]}, the times (seconds) at which the two are within d.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta

from pymeos import TGeomPointInst, TGeomPointSeq, pymeos_finalize, pymeos_initialize
from pymeos.factory import _TemporalFactory
from pymeos_cffi import tdwithin_tgeo_tgeo

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def point(rows: list[list[float]]) -> TGeomPointSeq | TGeomPointInst:
    at = [f"Point({x!r} {y!r})@{EPOCH + timedelta(seconds=t)}" for x, y, t in rows]
    return TGeomPointSeq(f"[{', '.join(at)}]") if len(at) > 1 else TGeomPointInst(at[0])


def seconds(moment: datetime) -> float:
    return (moment - EPOCH).total_seconds()


def answer(case: dict) -> dict:
    one, two = point(case["a"]), point(case["b"])
    apart = one.distance(two)
    if apart is None:
        return {"least": None, "spans": []}
    inside = tdwithin_tgeo_tgeo(one._inner, two._inner, case["within"], True, True)
    when = None if inside is None else _TemporalFactory.create_temporal(inside).time()
    spans = [] if when is None else when.spans()
    return {
        "least": apart.min_value(),
        "spans": [
            [seconds(span.lower()), seconds(span.upper()), apart.at(span).min_value()] for span in spans
        ],
    }


if __name__ == "__main__":
    pymeos_initialize("UTC")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
    pymeos_finalize()
