"""The frame of a map: an azimuthal equidistant picture plane, its pixels, graticule and scale bar.

A sphere is enough for a picture: within 500 km of the middle, lengths on it are within half a per cent of
those on the ellipsoid. Nothing is measured on it; every number comes from the kernels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from truceline.units import Degrees, Metres

MEAN_RADIUS_M = 6_371_008.8  # IUGG mean radius R1
FloatArray = NDArray[np.float64]

# Steps of the graticule in degrees: whole degrees, then minutes, then seconds.
_STEPS_DEG = (
    *(30.0, 20.0, 10.0, 5.0, 2.0, 1.0),
    *(minutes / 60 for minutes in (30, 20, 10, 5, 2, 1)),
    *(seconds / 3600 for seconds in (30, 20, 10, 5, 2, 1)),
)


def azimuthal(lonlat_deg: FloatArray, *, centre_deg: tuple[float, float]) -> FloatArray:
    """Metres east and north of ``centre_deg`` at true distance and bearing from it.

    Source: Snyder, Map Projections: A Working Manual, USGS PP 1395 (1987), section 25, the spherical form.

    Parameters
    ----------
    lonlat_deg : float64, shape (n, 2)
    centre_deg : tuple of float
        Longitude, latitude.

    Returns
    -------
    float64, shape (n, 2)
    """
    lon, lat = np.radians(np.asarray(lonlat_deg, dtype=np.float64).reshape(-1, 2)).T
    lon_0, lat_0 = np.radians(centre_deg)
    dlon = lon - lon_0
    cos_c = np.sin(lat_0) * np.sin(lat) + np.cos(lat_0) * np.cos(lat) * np.cos(dlon)
    east = np.cos(lat) * np.sin(dlon)
    north = np.cos(lat_0) * np.sin(lat) - np.sin(lat_0) * np.cos(lat) * np.cos(dlon)
    sin_c = np.hypot(east, north)
    with np.errstate(invalid="ignore", divide="ignore"):
        stretch = np.where(sin_c > 1e-15, np.arctan2(sin_c, cos_c) / sin_c, 1.0)
    plane: FloatArray = MEAN_RADIUS_M * np.column_stack([stretch * east, stretch * north])
    return plane


def azimuthal_inverse(xy_m: FloatArray, *, centre_deg: tuple[float, float]) -> FloatArray:
    """The longitude and latitude of points given in metres east and north; the inverse of :func:`azimuthal`."""
    x, y = np.asarray(xy_m, dtype=np.float64).reshape(-1, 2).T / MEAN_RADIUS_M
    lon_0, lat_0 = np.radians(centre_deg)
    c = np.hypot(x, y)
    sinc = np.where(c > 1e-15, np.sin(c) / np.where(c > 1e-15, c, 1.0), 1.0)
    lat = np.arcsin(np.clip(np.cos(c) * np.sin(lat_0) + y * sinc * np.cos(lat_0), -1.0, 1.0))
    lon = lon_0 + np.arctan2(x * sinc, np.cos(lat_0) * np.cos(c) - y * sinc * np.sin(lat_0))
    lonlat: FloatArray = np.degrees(np.column_stack([lon, lat]))
    lonlat[:, 0] = (lonlat[:, 0] + 180.0) % 360.0 - 180.0
    return lonlat


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A rectangle of ground and the pixels it is drawn on; y counts downwards on the picture."""

    centre_deg: tuple[float, float]
    width_px: float
    height_px: float
    px_per_m: float

    def to_px(self, lonlat_deg: FloatArray) -> FloatArray:
        """Pixels of positions, shape (n, 2)."""
        metres = azimuthal(lonlat_deg, centre_deg=self.centre_deg)
        return np.column_stack(
            [
                self.width_px / 2 + metres[:, 0] * self.px_per_m,
                self.height_px / 2 - metres[:, 1] * self.px_per_m,
            ]
        )

    def to_lonlat(self, px: FloatArray) -> FloatArray:
        """Positions of pixels, shape (n, 2)."""
        px = np.asarray(px, dtype=np.float64).reshape(-1, 2)
        metres = (
            np.column_stack([px[:, 0] - self.width_px / 2, self.height_px / 2 - px[:, 1]]) / self.px_per_m
        )
        return azimuthal_inverse(metres, centre_deg=self.centre_deg)

    def holds(self, lonlat_deg: tuple[float, float], margin_px: float = 0.0) -> bool:
        """True where the position lies on the picture, ``margin_px`` from its edge."""
        x, y = self.to_px(np.array([lonlat_deg]))[0]
        return bool(
            margin_px <= x <= self.width_px - margin_px and margin_px <= y <= self.height_px - margin_px
        )

    @property
    def width_m(self) -> Metres:
        return self.width_px / self.px_per_m

    @property
    def height_m(self) -> Metres:
        return self.height_px / self.px_per_m

    def edge_lonlat(self, per_side: int = 32) -> FloatArray:
        """Positions along the four edges of the picture."""
        across, down = np.linspace(0, self.width_px, per_side), np.linspace(0, self.height_px, per_side)
        return self.to_lonlat(
            np.vstack(
                [
                    np.column_stack([across, np.zeros(per_side)]),
                    np.column_stack([np.full(per_side, self.width_px), down]),
                    np.column_stack([across[::-1], np.full(per_side, self.height_px)]),
                    np.column_stack([np.zeros(per_side), down[::-1]]),
                ]
            )
        )


def middle_of(lonlat_deg: FloatArray) -> tuple[float, float]:
    """The middle of positions on the sphere, whatever the antimeridian cuts."""
    lon, lat = np.radians(lonlat_deg).T
    xyz = np.column_stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)]).mean(axis=0)
    return (
        math.degrees(math.atan2(xyz[1], xyz[0])),
        math.degrees(math.atan2(xyz[2], math.hypot(xyz[0], xyz[1]))),
    )


def frame_around(
    lonlat_deg: FloatArray,
    *,
    width_px: float,
    aspect: tuple[float, float] = (0.5, 0.8),
    margin: float = 0.12,
    least_m: Metres = 2_000.0,
) -> Frame:
    """A frame that holds all positions with a margin.

    Parameters
    ----------
    lonlat_deg : float64, shape (n, 2)
        What must be on the picture; n at least 1.
    width_px : float
        Width of the picture; its height follows the ground between ``aspect`` (height over width) limits.
    margin : float
        Part of the ground's size left free on every side.
    least_m : float
        The frame is at least this wide.
    """
    centre = middle_of(lonlat_deg)
    for _round in range(2):  # the second round is about the middle of the first one's rectangle
        metres = azimuthal(lonlat_deg, centre_deg=centre)
        low, high = metres.min(axis=0), metres.max(axis=0)
        centre = tuple(float(v) for v in azimuthal_inverse((low + high)[None] / 2, centre_deg=centre)[0])  # type: ignore[assignment]
    metres = azimuthal(lonlat_deg, centre_deg=centre)
    half_m = np.maximum(np.abs(metres).max(axis=0) * (1 + 2 * margin), least_m / 2)
    ratio = float(np.clip(half_m[1] / half_m[0], *aspect))
    half_width_m = float(max(half_m[0], half_m[1] / ratio))
    return Frame(
        centre_deg=centre,
        width_px=width_px,
        height_px=round(width_px * ratio),
        px_per_m=width_px / (2 * half_width_m),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A line of the graticule: its pixels, and its label at the left edge or at the foot of the picture."""

    px: FloatArray
    label: str
    at_px: tuple[float, float] | None


def graticule(frame: Frame) -> tuple[tuple[Tick, ...], tuple[Tick, ...]]:
    """Meridians and parallels of the frame, three to seven of each where there is room."""
    edge = frame.edge_lonlat()
    lon_0 = frame.centre_deg[0]
    lon = lon_0 + (edge[:, 0] - lon_0 + 180.0) % 360.0 - 180.0
    lat = edge[:, 1]
    step = _step(max(lat.max() - lat.min(), 1e-9) * max(1.0, frame.width_px / frame.height_px))
    lon_step = _step(max(lon.max() - lon.min(), 1e-9))
    steps = np.linspace(0.0, 1.0, 49)
    lats = lat.min() + steps * (lat.max() - lat.min())
    lons = lon.min() + steps * (lon.max() - lon.min())
    meridians = []
    for value in _multiples(lon.min(), lon.max(), lon_step):
        px = frame.to_px(np.column_stack([np.full(49, value), lats]))
        meridians.append(
            Tick(px=px, label=_label(value, "EW", lon_step), at_px=_meets(px, 1, frame.height_px, frame))
        )
    parallels = []
    for value in _multiples(lat.min(), lat.max(), step):
        px = frame.to_px(np.column_stack([lons, np.full(49, value)]))
        parallels.append(Tick(px=px, label=_label(value, "NS", step), at_px=_meets(px, 0, 0.0, frame)))
    return tuple(meridians), tuple(parallels)


def _step(span_deg: Degrees) -> Degrees:
    return next((step for step in _STEPS_DEG if span_deg / step >= 3.2), _STEPS_DEG[-1])


def _multiples(low: Degrees, high: Degrees, step: Degrees) -> list[Degrees]:
    first, last = math.ceil(low / step), math.floor(high / step)
    return [index * step for index in range(first, last + 1)]


def _meets(px: FloatArray, axis: int, value: float, frame: Frame) -> tuple[float, float] | None:
    """Where a line of pixels first meets the edge ``axis == value`` of the picture."""
    offset = px[:, axis] - value
    for i in np.flatnonzero(offset[:-1] * offset[1:] <= 0):
        if offset[i] == offset[i + 1]:
            continue
        at = px[i] + (px[i + 1] - px[i]) * offset[i] / (offset[i] - offset[i + 1])
        if -0.5 <= at[0] <= frame.width_px + 0.5 and -0.5 <= at[1] <= frame.height_px + 0.5:
            return float(at[0]), float(at[1])
    return None


def _label(value_deg: Degrees, letters: str, step_deg: Degrees) -> str:
    """``36°30′E``; minutes and seconds only where the steps need them."""
    if letters == "EW":
        value_deg = (value_deg + 180.0) % 360.0 - 180.0
    seconds = round(abs(value_deg) * 3600)
    degrees, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    text = f"{degrees}°"
    if step_deg < 1:
        text += f"{minutes:02d}′"
    if step_deg < 1 / 60:
        text += f"{seconds:02d}″"
    if value_deg == 0 or (letters == "EW" and abs(value_deg) == 180):
        return text
    return text + letters[0 if value_deg > 0 else 1]


def scale_bar(frame: Frame, part: float = 0.24) -> tuple[float, str]:
    """A round length that fits ``part`` of the picture's width: pixels and label."""
    longest_m = frame.width_m * part
    power = 10.0 ** math.floor(math.log10(longest_m))
    length_m = next(factor * power for factor in (5.0, 2.0, 1.0) if factor * power <= longest_m)
    label = f"{length_m / 1000:g} km" if length_m >= 1000 else f"{length_m:g} m"
    return length_m * frame.px_per_m, label
