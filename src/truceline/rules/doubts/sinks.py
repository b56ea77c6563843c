"""Places at which spoofed receivers are known to appear, and points at which too many movers are at once.

The catalogue is typed in from public reports; an agreement file adds its own under ``spoofing_sinks``.
``radius_m`` holds the airport with its runways, ``dry_m`` is a circle that is all dry land. Centres are the
aerodrome reference points as published.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from truceline.kernels import distance_m
from truceline.model.agreement import SpoofingSink
from truceline.model.finding import Doubt
from truceline.model.identity import CLASSES
from truceline.model.movement import Track
from truceline.timebase import Interval

KNOWN_SINKS = (
    SpoofingSink(
        name="Beirut airport",
        centre_deg=(35.4884, 33.8209),
        radius_m=4_000.0,
        dry_m=1_000.0,
        source="Lloyd's List Intelligence: 117 ships shown there on 4 April 2024",
    ),
    SpoofingSink(
        name="Cairo airport",
        centre_deg=(31.4056, 30.1219),
        radius_m=5_000.0,
        dry_m=5_000.0,
        source="Lloyd's List Intelligence: 45 ships shown there on 3 April 2024",
    ),
    SpoofingSink(
        name="Gelendzhik airport",
        centre_deg=(38.0125, 44.5821),
        radius_m=3_000.0,
        dry_m=1_000.0,
        source="MARAD advisory 2017-005A: at least 20 ships shown there on 22 June 2017;"
        " The Maritime Executive, 5 June 2024: some 30",
    ),
    SpoofingSink(
        name="Simferopol airport",
        centre_deg=(33.9751, 45.0522),
        radius_m=4_000.0,
        dry_m=4_000.0,
        source="The Maritime Executive, 5 June 2024: nearly 50 ships shown there on 4 June 2024",
    ),
    SpoofingSink(
        name="Vnukovo airport",
        centre_deg=(37.2615, 55.5915),
        radius_m=4_000.0,
        dry_m=4_000.0,
        source="University of Texas (Humphreys), 2016-2017: telephones near the Kremlin shown there",
    ),
)

# Four movers that report one point to 1e-5 degree (about a metre) at one time: bodies do not fit into it,
# and independent errors of metres do not fall together. The number is ours.
ONE_POINT_MOVERS = 4
ONE_POINT_DEG = 1e-5
ONE_POINT_SOURCE = "reliability table of docs/explain/plausibility.md: many devices at one point"
# A degree of latitude is never shorter than this.
SHORTEST_DEGREE_M = 110_500.0


def inside_sink(sink: SpoofingSink, lonlat_deg: NDArray[np.float64], within_m: float) -> NDArray[np.bool_]:
    """Which positions lie within ``within_m`` of the centre of a sink, the edge included."""
    inside = np.abs(lonlat_deg[:, 1] - sink.centre_deg[1]) * SHORTEST_DEGREE_M <= within_m
    at = np.flatnonzero(inside)
    if len(at):
        centre = np.broadcast_to(np.asarray(sink.centre_deg), (len(at), 2))
        inside[at] = distance_m(lonlat_deg[at], centre) <= within_m
    return inside


def sink_of(sinks: Iterable[SpoofingSink], lonlat_deg: NDArray[np.float64]) -> SpoofingSink | None:
    """The sink in which all of these positions lie, if any."""
    return next((sink for sink in sinks if inside_sink(sink, lonlat_deg, sink.radius_m).all()), None)


def ashore_doubts(track: Track, sinks: Iterable[SpoofingSink]) -> list[Doubt]:
    """Fixes of a vessel at a sink, on ground where no vessel can be."""
    known = CLASSES.get(track.mover.mover_class or "")
    if known is None or known.domain != "sea" or not len(track):
        return []
    found: list[Doubt] = []
    south_deg, north_deg = float(track.lonlat_deg[:, 1].min()), float(track.lonlat_deg[:, 1].max())
    for sink in sinks:
        reach_deg = sink.dry_m / SHORTEST_DEGREE_M
        if not south_deg - reach_deg <= sink.centre_deg[1] <= north_deg + reach_deg:
            continue
        ashore = inside_sink(sink, track.lonlat_deg, sink.dry_m)
        found += [sink_doubt(track, sink, first, last) for first, last in runs(ashore)] if sink.dry_m else []
    return found


def sink_doubt(track: Track, sink: SpoofingSink, first: int, last: int) -> Doubt:
    """The doubt about fixes ``first`` to ``last``, which lie at a sink."""
    middle = np.asarray(sink.centre_deg)[None, :]
    nearest_m = distance_m(
        track.lonlat_deg[first : last + 1], np.broadcast_to(middle, (last - first + 1, 2))
    ).min()
    return Doubt(
        code="spoofing-sink",
        interval=Interval(int(track.t_us[first]), int(track.t_us[last])),
        first_fix=first,
        last_fix=last,
        seen=float(nearest_m),
        limit=sink.radius_m,
        source=sink.source,
        note=sink.name,
    )


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last place of every run of true flags."""
    edges = np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))
    return list(
        zip(np.flatnonzero(edges == 1).tolist(), (np.flatnonzero(edges == -1) - 1).tolist(), strict=True)
    )


# ---------------------------------------------------------------- many movers at one point


def shared_point_doubts(tracks: Sequence[Track]) -> dict[int, list[Doubt]]:
    """Stays of a mover at a point that at least :data:`ONE_POINT_MOVERS` movers report at the same time.

    Returns
    -------
    dict
        From the place of a track in ``tracks`` to its doubts.

    Notes
    -----
    Only stays count (two successive fixes or more at one point), so a moving track gives no row: the work is
    one pass over each track and one sort of the stays.
    """
    movers = {name: index for index, name in enumerate(sorted({track.mover.id for track in tracks}))}
    if len(movers) < ONE_POINT_MOVERS:
        return {}
    who = np.array([movers[track.mover.id] for track in tracks])
    # point (lon, lat in steps), track, first fix, last fix
    stays = np.concatenate([_stays(place, track) for place, track in enumerate(tracks)])
    found: dict[int, list[Doubt]] = {}
    for group in _shared(stays, who[stays[:, 2]]):
        for (place, first, last), count in _crowded(tracks, group[:, 2:], who[group[:, 2]]):
            found.setdefault(place, []).append(_crowd_doubt(tracks[place], first, last, count))
    return found


def _stays(place: int, track: Track) -> NDArray[np.int64]:
    """Every stay of two fixes or more at one point without a gap, one row each."""
    if len(track) < 2:
        return np.empty((0, 5), dtype=np.int64)
    point = np.round(track.lonlat_deg / ONE_POINT_DEG).astype(np.int64)
    together = (point[1:, 0] == point[:-1, 0]) & (point[1:, 1] == point[:-1, 1])
    together &= np.diff(track.t_us) <= track.longest_gap_s * 1e6
    edges = np.diff(np.concatenate(([0], together.astype(np.int8), [0])))
    first, last = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return np.column_stack((point[first], np.full(len(first), place), first, last))


def _shared(stays: NDArray[np.int64], who: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """The stays at each point at which enough movers ever were."""
    if not len(stays):
        return
    order = np.lexsort((who, stays[:, 1], stays[:, 0]))
    stays, who = stays[order], who[order]
    new_point = np.concatenate(([True], (np.diff(stays[:, :2], axis=0) != 0).any(axis=1)))
    new_mover = new_point | np.concatenate(([True], np.diff(who) != 0))
    starts = np.flatnonzero(new_point)
    movers_count = np.add.reduceat(new_mover.astype(np.int64), starts)
    for start, end, count in zip(starts, [*starts[1:], len(stays)], movers_count, strict=True):
        if count >= ONE_POINT_MOVERS:
            yield stays[start:end]


def _crowded(
    tracks: Sequence[Track], stays: NDArray[np.int64], who: NDArray[np.int64]
) -> Iterator[tuple[tuple[int, int, int], int]]:
    """(track, first fix, last fix) of the stays during which enough movers are there, and how many."""
    starts = np.array([tracks[place].t_us[first] for place, first, _ in stays.tolist()])
    ends = np.array([tracks[place].t_us[last] for place, _, last in stays.tolist()])
    # Arrivals before departures at one instant: that instant is shared.
    order = np.lexsort((np.repeat([0, 1], len(stays)), np.concatenate((starts, ends))))
    there: Counter[int] = Counter()
    counts = np.empty(len(order), dtype=np.int64)
    for step, event in enumerate(order.tolist()):
        mover = int(who[event % len(stays)])
        there[mover] += 1 if event < len(stays) else -1
        if not there[mover]:
            del there[mover]
        counts[step] = len(there)
    at = np.empty(len(order), dtype=np.int64)
    at[order] = np.arange(len(order))
    crowded = np.flatnonzero(counts >= ONE_POINT_MOVERS)
    for item, stay in enumerate(stays.tolist()):
        # The first crowded step from the arrival on; before the departure it was seen by this stay.
        place = np.searchsorted(crowded, at[item])
        if place < len(crowded) and crowded[place] < at[item + len(stays)]:
            yield (stay[0], stay[1], stay[2]), int(counts[crowded[place]])


def _crowd_doubt(track: Track, first: int, last: int, count: int) -> Doubt:
    return Doubt(
        code="many-at-one-point",
        interval=Interval(int(track.t_us[first]), int(track.t_us[last])),
        first_fix=first,
        last_fix=last,
        seen=float(count),
        limit=float(ONE_POINT_MOVERS),
        source=ONE_POINT_SOURCE,
    )
