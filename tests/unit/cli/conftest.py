"""A small agreement whose answers can be worked out by hand, and tracks for each kind of answer.

The zone is a circle of 10 km round (0, 0). Along the equator of WGS 84 a degree is
6378137 m x pi / 180 = 111319.49 m, so its edge is at longitude 10000 / 111319.49 = 0.0898315 degrees.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from truceline.cli import main

DEGREE_M = 111319.49
AGREEMENT = """\
truceline: 1
title: Ten kilometres round nowhere
text: {source: "made for a test", status: draft}
signed: 2020-01-01
assumptions: [None.]
parties:
  north: {name: Northern Command, armed: true}
  south: {name: Southern Command, armed: true}
places:
  zone: {circle: {centre: [0.0, 0.0], radius: 10 km}, accuracy: 100 m, source: made for a test}
clauses:
  "1": {rule: keep-out, who: [north], where: zone, text: "North stays out.", source: article 1}
  "2":
    rule: cease
    who: all
    acts: [shelling]
    where: zone
    from: 2020-01-01T00:00 UTC
    text: "Nobody shells."
    source: article 2
"""


def gpx(*fixes: tuple[str, float]) -> str:
    """A track along the equator: clock time on 1 February 2020 UTC, and metres east of (0, 0)."""
    points = "".join(
        f'<trkpt lat="0" lon="{east_m / DEGREE_M:.9f}"><time>2020-02-01T{clock}Z</time></trkpt>'
        for clock, east_m in fixes
    )
    head = '<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
    return f"{head}<trk><name>P1</name><trkseg>{points}</trkseg></trk></gpx>"


@pytest.fixture(scope="session")
def agreement_text() -> str:
    return AGREEMENT


@pytest.fixture(scope="session")
def as_gpx() -> Callable[..., str]:
    return gpx


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder of a command, with an agreement and one track a verdict."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agreement.yaml").write_text(AGREEMENT, encoding="utf-8")
    tracks = {
        # From 12 km to 7 km: 3 km past an edge known to 100 m.
        "breach.gpx": (("08:00:00", 12000.0), ("08:04:00", 7000.0), ("08:08:00", 12000.0)),
        # 50 m inside, and the edge is known to 100 m.
        "possible.gpx": (("08:00:00", 9950.0), ("08:01:00", 9950.0)),
        "clear.gpx": (("08:00:00", 20000.0), ("08:04:00", 21000.0)),
    }
    for name, fixes in tracks.items():
        (tmp_path / name).write_text(gpx(*fixes), encoding="utf-8")
    (tmp_path / "broken.gpx").write_text("<gpx", encoding="utf-8")
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Callable[..., Result]:
    """Run a command line in the folder, as words."""

    def invoke(*words: str) -> Result:
        return CliRunner().invoke(main, list(words), catch_exceptions=False)

    return invoke
