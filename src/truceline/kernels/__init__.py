"""NUMBERS: arrays in, arrays out. Geodesy, regions, incursions, approaches and certainty; the loops compiled
(``native/``), no nouns.

Longitudes and latitudes are degrees on WGS 84, in arrays ``lonlat_deg`` of shape (n, 2), lon first; times are
int64 microseconds UTC; lengths are metres over the ground.
"""

from __future__ import annotations

from truceline.kernels.approach import Pass, close_passes, closest, positions_at, within
from truceline.kernels.geodesy import (
    chord_to_arc_m,
    densify,
    direct,
    distance_m,
    from_ecef,
    interpolate,
    inverse,
    to_ecef,
)
from truceline.kernels.incursion import (
    Visit,
    crossings_of_path,
    path_depths_m,
    reachable_depth,
    reachable_depths,
    visits,
)
from truceline.kernels.judging import (
    SIGMA_PER_HALFWIDTH95,
    SIGMA_PER_R95_2D,
    Events,
    FixColumns,
    Level,
    Scan,
    fix_columns,
    judge_stretches,
    mean_variance,
    normal_cdf,
    normal_quantile,
    scan_columns,
    split_windows,
)
from truceline.kernels.pairs import Passes, candidate_pairs, close_intervals
from truceline.kernels.region import RESOLUTION_M, Region
from truceline.kernels.stream import AlertEvents, ArrivalCounts, FixStream, OddFixes, StreamFixes
from truceline.kernels.volumes import (
    VOLUME_TOLERANCE_M,
    VolumeColumns,
    VolumeHits,
    VolumeIndex,
    footprint_distance_m,
)

__all__ = [
    "RESOLUTION_M",
    "SIGMA_PER_HALFWIDTH95",
    "SIGMA_PER_R95_2D",
    "VOLUME_TOLERANCE_M",
    "AlertEvents",
    "ArrivalCounts",
    "Events",
    "FixColumns",
    "FixStream",
    "Level",
    "OddFixes",
    "Pass",
    "Passes",
    "Region",
    "Scan",
    "StreamFixes",
    "Visit",
    "VolumeColumns",
    "VolumeHits",
    "VolumeIndex",
    "candidate_pairs",
    "chord_to_arc_m",
    "close_intervals",
    "close_passes",
    "closest",
    "crossings_of_path",
    "densify",
    "direct",
    "distance_m",
    "fix_columns",
    "footprint_distance_m",
    "from_ecef",
    "interpolate",
    "inverse",
    "judge_stretches",
    "mean_variance",
    "normal_cdf",
    "normal_quantile",
    "path_depths_m",
    "positions_at",
    "reachable_depth",
    "reachable_depths",
    "scan_columns",
    "split_windows",
    "to_ecef",
    "visits",
    "within",
]
