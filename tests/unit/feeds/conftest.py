"""A clock that moves when told, and lines of positions along the equator of WGS 84.

A degree there is 6378137 m x pi / 180 = 111319.49 m. The zone is 10 km round (0, 0).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from truceline.formats.live import LiveDecoder, live_decoder
from truceline.model.agreement import Agreement, Circle, KeepOut
from truceline.model.movement import SourceRef
from truceline.rules.live import Watch
from truceline.testing.builders import one_clause

DEGREE_M = 111319.49
MAPPING = """\
mover: {column: id}
time: {column: t, time_format: epoch-s}
lon: {column: lon}
lat: {column: lat}
party: {value: a}
class: {value: vehicle}
accuracy: {value: 5 m, convention: 95}
"""
HEADER = b"id,t,lon,lat\n"


def line(name: str, t_s: float, east_m: float) -> bytes:
    """One row: whole seconds, and metres east of (0, 0)."""
    return f"{name},{t_s:.0f},{east_m / DEGREE_M:.9f},0.0\n".encode()


@pytest.fixture
def agreement() -> Agreement:
    return one_clause(KeepOut(where=Circle(centre_deg=(0.0, 0.0), radius_m=10_000.0, accuracy_m=10.0)))


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "fixes.mapping.yaml"
    path.write_text(MAPPING, encoding="utf-8")
    return path


@pytest.fixture
def decoder(mapping: Path) -> LiveDecoder:
    return live_decoder("csv", name="test", mapping=str(mapping))


@pytest.fixture
def watch(agreement: Agreement) -> Watch:
    return Watch(agreement, source=SourceRef(name="test", format="csv"))
