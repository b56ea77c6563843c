"""What the peers of P1 are given beforehand, untimed: forbidden areas, the line in metres, its edges indexed."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from bench.events import INCURSION, incursions, runs_of
from bench.ground import NORTH, PARTIES, Floats
from bench.incursions import Incursions

UTM = "EPSG:32637"


class Scene:
    """The workload as the planar engines want it. The line's edges are short enough to be straight in degrees."""

    def __init__(self, work: Incursions) -> None:
        self.work, self.columns = work, work.columns
        self.to_utm = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
        line = work.line_deg
        first, last = line[0], line[-1]
        ahead, back = last + 40 * (last - line[-2]), first - 40 * (line[1] - first)
        chain = np.vstack([[(back[0] - 2, back[1])], [back], line, [ahead], [(ahead[0] + 2, ahead[1])]])
        north = [*chain, (chain[-1, 0], 40.0), (chain[0, 0], 40.0)]
        south = [*chain, (chain[-1, 0], 30.0), (chain[0, 0], 30.0)]
        # What is forbidden to the north lies south of the line.
        self.forbidden = {party: shapely.Polygon(south if party == NORTH else north) for party in PARTIES}
        for polygon in self.forbidden.values():
            shapely.prepare(polygon)
        self.chain_deg = shapely.LineString(chain[1:-1])
        self.chain_m = shapely.LineString(np.column_stack(self.to_utm.transform(*chain[1:-1].T)))
        shapely.prepare(self.chain_deg)
        shapely.prepare(self.chain_m)

    @cached_property
    def edges_m(self) -> NDArray:
        corners = shapely.get_coordinates(self.chain_m)
        return shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))

    @cached_property
    def party(self) -> NDArray:
        """The party of each row, 0 north and 1 south."""
        of = np.array([PARTIES.index(mover.party) for mover in self.work.movers], dtype=np.int8)
        return of[self.columns.mover]


def from_flags(scene: Scene, inside: NDArray[np.bool_], depth_m: Floats) -> NDArray:
    """Events from what a sampling peer knows: which fixes are inside, and how deep each of those is.

    Entry and exit lie where the legs between an inside and an outside fix cross the line, found in bulk by shapely.
    """
    columns = scene.columns
    begun, ended = runs_of(columns.mover, columns.t_us, inside)
    if not len(begun):
        return np.empty(0, dtype=INCURSION)
    before, after = begun - 1, ended
    same_before = (begun > 0) & (columns.mover[before] == columns.mover[begun])
    after_in = np.minimum(after, len(inside) - 1)
    same_after = (after < len(inside)) & (columns.mover[after_in] == columns.mover[begun])
    start_us = np.where(same_before, _crossed_us(scene, before, begun), columns.t_us[begun])
    end_us = np.where(same_after, _crossed_us(scene, ended - 1, after_in), columns.t_us[ended - 1])
    deepest = np.maximum.reduceat(np.where(inside, depth_m, -np.inf), begun)
    crossings = same_before.astype(int) + same_after.astype(int)
    return incursions(columns.mover[begun], start_us, end_us, deepest, crossings)


def _crossed_us(scene: Scene, first: NDArray, second: NDArray) -> NDArray:
    """When the legs from the first rows to the second cross the line."""
    columns = scene.columns
    ends = [np.column_stack((columns.lon_deg[at], columns.lat_deg[at])) for at in (first, second)]
    legs = shapely.linestrings(np.stack(ends, axis=1))
    places = shapely.intersection(legs, scene.chain_deg)
    single = shapely.get_geometry(places, 0)
    share = np.nan_to_num(shapely.line_locate_point(legs, single, normalized=True))
    return columns.t_us[first] + np.rint(share * (columns.t_us[second] - columns.t_us[first])).astype(
        np.int64
    )
