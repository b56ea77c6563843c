"""What MEOS says of pairs of tracks in the plane. Run by the interpreter of an environment of its own.

In: one JSON object a line, {"a": [[x, y, t], ...], "b": ..., "within": d}, metres and whole seconds. Out: one a line,
{"least": metres or null, "spans": [[start, end, least], ...]}, the times (seconds) at which the two are within d.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta

from pymeos import TFloatSeqSet, TGeomPointInst, TGeomPointSeq, pymeos_finalize, pymeos_initialize

EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def point(rows: list[list[float]]) -> TGeomPointSeq | TGeomPointInst:
    at = [f"Point({x!r} {y!r})@{EPOCH + timedelta(seconds=t)}" for x, y, t in rows]
    return TGeomPointSeq(f"[{', '.join(at)}]") if len(at) > 1 else TGeomPointInst(at[0])


def seconds(moment: datetime) -> float:
    return (moment - EPOCH).total_seconds()


def answer(case: dict) -> dict:
    apart = point(case["a"]).distance(point(case["b"]))
    if apart is None:
        return {"least": None, "spans": []}
    from pymeos import FloatSpan

    near = apart.at(FloatSpan(lower=-1.0, upper=case["within"], lower_inc=True, upper_inc=True))
    parts = [] if near is None else near.sequences() if isinstance(near, TFloatSeqSet) else [near]
    spans = [[seconds(p.start_timestamp()), seconds(p.end_timestamp()), p.min_value()] for p in parts]
    return {"least": apart.min_value(), "spans": spans}


if __name__ == "__main__":
    pymeos_initialize("UTC")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
    pymeos_finalize()
