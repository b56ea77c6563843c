"""A small agreement with a line of its own, files to take in, and fixed keys and clock.

The zone is a circle of 10 km round (0, 0); along the equator of WGS 84 a degree is
6378137 m x pi / 180 = 111319.49 m.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from truceline.mission import Mission, MissionKeys
from truceline.timebase import FixedClock, parse_instant

DEGREE_M = 111319.49
NOW_US = parse_instant("2020-03-05T21:01Z")
AGREEMENT = """\
truceline: 1
title: Ten kilometres round nowhere
text: {source: "made for a test", status: draft}
signed: 2020-01-01
timezone: {zone: Asia/Damascus, basis: stated}
assumptions: [None.]
parties:
  north: {name: Northern Command, armed: true}
  south: {name: Southern Command, armed: true}
places:
  zone: {circle: {centre: [0.0, 0.0], radius: 10 km}, accuracy: 100 m, source: made for a test}
  border: {line: lines/border.geojson#border, accuracy: 1 km, source: made for a test}
clauses:
  "1": {rule: keep-out, who: [north], where: zone, text: "North stays out.", source: article 1}
  "2": {rule: cease, who: all, acts: [shelling], where: zone, from: 2020-01-01T00:00, text: "Nobody shells."}
  "3": {rule: keep-side, line: border, sides: {south: right}, text: "South stays east."}
"""
BORDER = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","id":"border","properties":{},'
    '"geometry":{"type":"LineString","coordinates":[[1.0,-1.0],[1.0,1.0]]}}]}'
)
TABLE = "when,east,north\n2020-02-01T08:00:00Z,0.20,0\n2020-02-01T08:01:00Z,0.21,0\n"
MAPPING = """\
mover: {value: bus}
lon: {column: east}
lat: {column: north}
time: {column: when}
"""
REPORTS = """\
id,date,zone,place,lon,lat,radius,place_precision,act,party,source,origins,text
r1,2020-02-02,Asia/Damascus,Nowhere,0.01,0.0,100 m,place,shelling,south,Agency,Agency,"Shells fell."
r2,2020-02,Asia/Damascus,Nowhere,0.01,0.0,100 m,place,shelling,south,Agency,Agency,"Sometime in February."
"""


def gpx(*fixes: tuple[str, float], name: str = "P1") -> str:
    """A track along the equator: clock time on 1 February 2020 UTC, and metres east of (0, 0)."""
    points = "".join(
        f'<trkpt lat="0" lon="{east_m / DEGREE_M:.9f}"><time>2020-02-01T{clock}Z</time></trkpt>'
        for clock, east_m in fixes
    )
    head = '<?xml version="1.0"?><gpx version="1.1" creator="t" xmlns="http://www.topografix.com/GPX/1/1">'
    return f"{head}<trk><name>{name}</name><trkseg>{points}</trkseg></trk></gpx>"


@pytest.fixture
def given(tmp_path: Path) -> Path:
    """What a user has: an agreement in a folder, and files."""
    folder = tmp_path / "given"
    (folder / "lines").mkdir(parents=True)
    (folder / "agreement.yaml").write_text(AGREEMENT, encoding="utf-8")
    (folder / "lines" / "border.geojson").write_text(BORDER, encoding="utf-8")
    # From 12 km to 7 km: 3 km past an edge known to 100 m.
    deep = gpx(("08:00:00", 12000.0), ("08:04:00", 7000.0), ("08:08:00", 12000.0))
    (folder / "patrol.gpx").write_text(deep, encoding="utf-8")
    (folder / "far.gpx").write_text(
        gpx(("08:00:00", 20000.0), ("08:04:00", 21000.0), name="P2"), encoding="utf-8"
    )
    (folder / "broken.gpx").write_text("<gpx", encoding="utf-8")
    (folder / "reports.csv").write_text(REPORTS, encoding="utf-8")
    return folder


@pytest.fixture
def keys() -> MissionKeys:
    return MissionKeys.from_seeds(bytes(range(32)), bytes(32))


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW_US)


@pytest.fixture
def mission(tmp_path: Path, given: Path, keys: MissionKeys, clock: FixedClock) -> Mission:
    return Mission.create(
        tmp_path / "mission",
        title="A winter",
        agreement=given / "agreement.yaml",
        author="Operations room",
        clock=clock,
        keys=keys,
    )
