"""The sieve of columns lets every doubtful run through: columns and tracks give the same answers."""

from __future__ import annotations

import numpy as np
import pytest

from truceline import fixes_from
from truceline.model.agreement import Circle, KeepOut
from truceline.model.movement import Track, exact_track
from truceline.rules import check_fixes, check_tracks
from truceline.rules.doubts.clocks import ROLLOVER_US
from truceline.rules.doubts.sinks import KNOWN_SINKS
from truceline.testing.builders import mover, one_clause

T0 = 1_583_000_000_000_000
S = 1_000_000
M = 1 / 111_319.4908
BEIRUT = KNOWN_SINKS[0].centre_deg


def made(name: str, lonlat: np.ndarray, *, kind: str = "vehicle", start_us: int = T0) -> Track:
    n = len(lonlat)
    return exact_track(mover(name, mover_class=kind), start_us + np.arange(n) * S, lonlat, accuracy_m=1.0)


def way(n: int = 60, step_m: float = 10.0, at: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    return np.column_stack([at[0] + np.arange(n) * step_m * M, np.full(n, at[1])])


def parked(n: int = 30) -> np.ndarray:
    return np.tile([0.001, 0.0], (n, 1))


def stopped() -> np.ndarray:
    lonlat = way(step_m=100.0)
    lonlat[20:50] = lonlat[20]
    return lonlat


CASES: dict[str, list[Track]] = {
    "clean": [made(f"m{k}", way() + k * 1e-4) for k in range(6)],
    "crowd of four": [made(f"m{k}", parked()) for k in range(4)] + [made("far", way())],
    "crowd of three": [made(f"m{k}", parked()) for k in range(3)] + [made("far", way())],
    "never set": [made("early", way(), start_us=0), made("fine", way())],
    "shifted": [made(f"m{k}", way() + k * 1e-4) for k in range(4)]
    + [made("late", way(), start_us=T0 - ROLLOVER_US)],
    "ashore": [
        made("ship", way(at=BEIRUT, step_m=1.0), kind="vessel"),
        made("car", way(at=BEIRUT, step_m=1.0)),
    ],
    "stopped in flight": [
        made("jet", stopped(), kind="fixed-wing"),
        made("jet 2", way(step_m=100.0), kind="fixed-wing"),
    ],
    "jump": [made("one", np.concatenate([way(30), way(2, at=(1.0, 1.0)), way(30, at=(0.01, 0.0))]))],
}


@pytest.mark.parametrize("centre", [(0.0, 0.0), BEIRUT], ids=["equator", "Beirut"])
@pytest.mark.parametrize("name", CASES)
def test_columns_and_tracks_agree(name: str, centre: tuple[float, float]) -> None:
    agreement = one_clause(KeepOut(where=Circle(centre_deg=centre, radius_m=3_000.0)))
    tracks = CASES[name]
    fixes = fixes_from(
        {
            "mover": [track.mover.id for track in tracks for _ in range(len(track))],
            "t_us": np.concatenate([track.t_us for track in tracks]),
            "lon_deg": np.concatenate([track.lonlat_deg[:, 0] for track in tracks]),
            "lat_deg": np.concatenate([track.lonlat_deg[:, 1] for track in tracks]),
            "accuracy_m": np.concatenate([track.accuracy_m for track in tracks]),
        },
        {track.mover.id: track.mover for track in tracks},
    )
    wanted = check_tracks(agreement, list(fixes.tracks())).findings
    table = check_fixes(agreement, fixes)
    told = zip(table["mover"].tolist(), table["verdict"].tolist(), table["because"].tolist(), strict=True)
    seen = sorted(
        (table.movers[who].id, table.verdicts[verdict], table.causes[why]) for who, verdict, why in told
    )
    assert seen == sorted((item.subject, item.verdict.value, item.because) for item in wanted)
    unreliable = {item.subject for item in wanted if item.because == "positions-unreliable"}
    expected = {
        "crowd of four": {"m0", "m1", "m2", "m3"},
        "never set": {"early"},
        "shifted": {"late"},
        "ashore": {"ship"},
        "stopped in flight": {"jet"},
        "jump": {"one"},
    }
    if centre == (0.0, 0.0) and name != "ashore":
        assert unreliable == expected.get(name, set())
    if centre == BEIRUT and name == "ashore":
        assert unreliable == {"ship"}
