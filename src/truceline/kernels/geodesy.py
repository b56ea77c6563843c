"""Geodesics on WGS 84, and the earth-centred coordinates that every other kernel works in.

All functions are vectorised. A NaN coordinate gives NaN in the row it stands in, and nothing else.

Sources: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid with application of nested
equations", Survey Review 23 (1975); B. R. Bowring, "Transformation from spatial to geographical
coordinates", Survey Review 23 (1976); WGS 84: NGA.STND.0036.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from truceline.errors import GeometryError
from truceline.kernels import _native
from truceline.units import Metres

Floats = NDArray[np.float64]
Edges = Literal["geodesic", "parallel"]

SEMI_MAJOR_M = 6_378_137.0
FLATTENING = 1 / 298.257223563
SEMI_MINOR_M = SEMI_MAJOR_M * (1 - FLATTENING)
ECCENTRICITY_SQ = FLATTENING * (2 - FLATTENING)
SECOND_ECCENTRICITY_SQ = ECCENTRICITY_SQ / (1 - ECCENTRICITY_SQ)
MEAN_RADIUS_M = 6_371_008.8
LONGEST_EDGE_M = 1000.0
# The quadratic form of the ellipsoid: points on it satisfy sum(x**2 * FORM) = 1.
FORM = np.array([SEMI_MAJOR_M**-2, SEMI_MAJOR_M**-2, SEMI_MINOR_M**-2])

_ROUNDS = 200
_CONVERGED_RAD = 1e-12
_METRES_PER_DEGREE = 111_700.0  # the longest degree of latitude is 111,694 m


def as_lonlat(lonlat_deg: ArrayLike) -> Floats:
    """Coordinates as float64 of shape (n, 2), lon then lat; a single pair becomes one row.

    Raises
    ------
    GeometryError
        Where the shape is neither (2,) nor (n, 2).
    """
    lonlat = np.atleast_2d(np.asarray(lonlat_deg, dtype=np.float64))
    if lonlat.size == 0:
        return lonlat.reshape(0, 2)
    if lonlat.ndim != 2 or lonlat.shape[1] != 2:
        raise GeometryError(
            f"coordinates have the shape {lonlat.shape}",
            hint="give pairs of longitude and latitude, shape (n, 2)",
        )
    return lonlat


def normalise_lon(lon_deg: Floats) -> Floats:
    """Longitudes brought into [-180, 180]; those already there are left as they are."""
    return np.where(np.abs(lon_deg) <= 180, lon_deg, (lon_deg + 180) % 360 - 180)


def _difference_angle(cos_alpha_sq: Floats) -> Floats:
    return FLATTENING / 16 * cos_alpha_sq * (4 + FLATTENING * (4 - 3 * cos_alpha_sq))


def _series(cos_alpha_sq: Floats) -> tuple[Floats, Floats]:
    """Vincenty's A and B, in Helmert's form of 1880."""
    root = np.sqrt(1 + SECOND_ECCENTRICITY_SQ * cos_alpha_sq)
    k = (root - 1) / (root + 1)
    return (1 + k * k / 4) / (1 - k), k * (1 - 3 * k * k / 8)


def _arc_correction(b: Floats, sin_sigma: Floats, cos_sigma: Floats, cos_2sm: Floats) -> Floats:
    inner = cos_sigma * (2 * cos_2sm**2 - 1)
    inner = inner - b / 6 * cos_2sm * (4 * sin_sigma**2 - 3) * (4 * cos_2sm**2 - 3)
    return b * sin_sigma * (cos_2sm + b / 4 * inner)


def _reduced(lat_rad: Floats) -> tuple[Floats, Floats]:
    """Sine and cosine of the reduced latitude, without a tangent that overflows at the pole."""
    y, x = (1 - FLATTENING) * np.sin(lat_rad), np.cos(lat_rad)
    size = np.hypot(x, y)
    return y / size, x / size


def inverse(lonlat_a_deg: ArrayLike, lonlat_b_deg: ArrayLike) -> tuple[Floats, Floats]:
    """Length and first azimuth of the shortest geodesic from each a to each b.

    Parameters
    ----------
    lonlat_a_deg, lonlat_b_deg : float64, shape (n, 2) or (2,)
        Broadcast against each other.

    Returns
    -------
    distance_m : float64, shape (n,)
        Within 1 mm of Karney's solution below 19,900 km. Nearly opposite points (where Vincenty's iteration
        does not settle) get the length of the great circle, good to 0.6 %.
    azimuth_deg : float64, shape (n,)
        At a, clockwise from north, in (-180, 180]; 0 where the two points are the same.

    Examples
    --------
    >>> distance_m, azimuth_deg = inverse((0.0, 0.0), (1.0, 0.0))
    >>> round(float(distance_m[0]), 3), float(azimuth_deg[0])
    (111319.491, 90.0)
    """
    a, b = np.broadcast_arrays(as_lonlat(lonlat_a_deg), as_lonlat(lonlat_b_deg))
    sin1, cos1 = _reduced(np.radians(a[:, 1]))
    sin2, cos2 = _reduced(np.radians(b[:, 1]))
    turn = np.radians((b[:, 0] - a[:, 0] + 180) % 360 - 180)
    distance, azimuth, settled = _vincenty_inverse(sin1, cos1, sin2, cos2, turn)
    if not settled.all():
        far = ~settled
        far_distance, far_azimuth = _great_circle(sin1[far], cos1[far], sin2[far], cos2[far], turn[far])
        distance[far], azimuth[far] = far_distance, far_azimuth
    return distance, np.degrees(azimuth)


def _vincenty_inverse(
    sin1: Floats, cos1: Floats, sin2: Floats, cos2: Floats, turn: Floats
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    lam, settled = turn.copy(), np.zeros(len(turn), dtype=bool)
    for _ in range(_ROUNDS):
        sin_l, cos_l = np.sin(lam), np.cos(lam)
        east, north = cos2 * sin_l, cos1 * sin2 - sin1 * cos2 * cos_l
        sin_s, cos_s = np.hypot(east, north), sin1 * sin2 + cos1 * cos2 * cos_l
        sigma = np.arctan2(sin_s, cos_s)
        sin_a = np.divide(cos1 * east, sin_s, out=np.zeros_like(sin_s), where=sin_s > 0)
        cos_a_sq = 1 - sin_a**2
        on_equator = cos_a_sq < 1e-15
        cos_2sm = np.where(on_equator, 0.0, cos_s - 2 * sin1 * sin2 / np.where(on_equator, 1.0, cos_a_sq))
        c = _difference_angle(cos_a_sq)
        inner = cos_2sm + c * cos_s * (2 * cos_2sm**2 - 1)
        new = turn + (1 - c) * FLATTENING * sin_a * (sigma + c * sin_s * inner)
        settled = (np.abs(new - lam) <= _CONVERGED_RAD) & (np.abs(new) <= np.pi)
        lam = new
        if bool((settled | np.isnan(new) | (np.abs(new) > np.pi)).all()):
            break
    big_a, big_b = _series(cos_a_sq)
    distance = SEMI_MINOR_M * big_a * (sigma - _arc_correction(big_b, sin_s, cos_s, cos_2sm))
    return distance, np.arctan2(east, north), settled | np.isnan(lam)


def _great_circle(
    sin1: Floats, cos1: Floats, sin2: Floats, cos2: Floats, turn: Floats
) -> tuple[Floats, Floats]:
    east, north = cos2 * np.sin(turn), cos1 * sin2 - sin1 * cos2 * np.cos(turn)
    along = sin1 * sin2 + cos1 * cos2 * np.cos(turn)
    return MEAN_RADIUS_M * np.arctan2(np.hypot(east, north), along), np.arctan2(east, north)


def direct(lonlat_deg: ArrayLike, azimuth_deg: ArrayLike, distance_m: ArrayLike) -> Floats:
    """Where one arrives from each point after a distance along the geodesic with that first azimuth.

    Parameters
    ----------
    lonlat_deg : float64, shape (n, 2) or (2,)
    azimuth_deg, distance_m : float64, shape (n,) or a number
        Broadcast against the points; a negative distance goes backwards.

    Returns
    -------
    float64, shape (n, 2)
        Longitude in [-180, 180].

    Examples
    --------
    >>> direct((0.0, 0.0), 90.0, 111319.4908).round(6).tolist()
    [[1.0, 0.0]]
    """
    start = as_lonlat(lonlat_deg)
    azimuth, length = (
        np.radians(np.atleast_1d(azimuth_deg)),
        np.atleast_1d(np.asarray(distance_m, dtype=float)),
    )
    lon1, lat1, azimuth, length = np.broadcast_arrays(start[:, 0], np.radians(start[:, 1]), azimuth, length)
    sin1, cos1 = _reduced(lat1)
    sin_az, cos_az = np.sin(azimuth), np.cos(azimuth)
    sigma1 = np.arctan2(sin1, cos1 * cos_az)
    sin_a = cos1 * sin_az
    cos_a_sq = 1 - sin_a**2
    big_a, big_b = _series(cos_a_sq)
    first = length / (SEMI_MINOR_M * big_a)
    sigma = first.copy()
    for _ in range(_ROUNDS):
        cos_2sm, sin_s, cos_s = np.cos(2 * sigma1 + sigma), np.sin(sigma), np.cos(sigma)
        new = first + _arc_correction(big_b, sin_s, cos_s, cos_2sm)
        moved = np.abs(new - sigma)
        sigma = new
        if not bool((moved > _CONVERGED_RAD / 10).any()):
            break
    cos_2sm, sin_s, cos_s = np.cos(2 * sigma1 + sigma), np.sin(sigma), np.cos(sigma)
    down = sin1 * sin_s - cos1 * cos_s * cos_az
    lat2 = np.arctan2(sin1 * cos_s + cos1 * sin_s * cos_az, (1 - FLATTENING) * np.hypot(sin_a, down))
    lam = np.arctan2(sin_s * sin_az, cos1 * cos_s - sin1 * sin_s * cos_az)
    c = _difference_angle(cos_a_sq)
    inner = cos_2sm + c * cos_s * (2 * cos_2sm**2 - 1)
    turn = lam - (1 - c) * FLATTENING * sin_a * (sigma + c * sin_s * inner)
    return np.column_stack([normalise_lon(lon1 + np.degrees(turn)), np.degrees(lat2)])


def interpolate(lonlat_a_deg: ArrayLike, lonlat_b_deg: ArrayLike, fraction: ArrayLike) -> Floats:
    """The point at a fraction (0 to 1) of the way along the geodesic from each a to each b; shape (n, 2)."""
    distance, azimuth = inverse(lonlat_a_deg, lonlat_b_deg)
    return direct(lonlat_a_deg, azimuth, distance * np.asarray(fraction, dtype=float))


def to_ecef(lonlat_deg: ArrayLike) -> Floats:
    """Earth-centred, earth-fixed metres at height 0; shape (n, 3)."""
    lonlat = np.radians(as_lonlat(lonlat_deg))
    sin_lat, cos_lat = np.sin(lonlat[:, 1]), np.cos(lonlat[:, 1])
    across = SEMI_MAJOR_M / np.sqrt(1 - ECCENTRICITY_SQ * sin_lat**2)
    out = np.empty((len(lonlat), 3))
    out[:, 0] = across * cos_lat * np.cos(lonlat[:, 0])
    out[:, 1] = across * cos_lat * np.sin(lonlat[:, 0])
    out[:, 2] = across * (1 - ECCENTRICITY_SQ) * sin_lat
    return out


def from_ecef(xyz_m: Floats) -> Floats:
    """The point of the ellipsoid below or above each earth-centred point; shape (n, 2).

    Bowring's formula: below a micrometre for points within kilometres of the surface.
    """
    xyz = np.asarray(xyz_m, dtype=np.float64).reshape(-1, 3)
    flat = np.hypot(xyz[:, 0], xyz[:, 1])
    parametric = np.arctan2(xyz[:, 2] * SEMI_MAJOR_M, flat * SEMI_MINOR_M)
    up = xyz[:, 2] + SECOND_ECCENTRICITY_SQ * SEMI_MINOR_M * np.sin(parametric) ** 3
    out = flat - ECCENTRICITY_SQ * SEMI_MAJOR_M * np.cos(parametric) ** 3
    return np.column_stack([np.degrees(np.arctan2(xyz[:, 1], xyz[:, 0])), np.degrees(np.arctan2(up, out))])


def chord_to_arc_m(chord_m: ArrayLike) -> Floats:
    """Length over the ground of a straight chord, on the sphere of mean radius 6,371,008.8 m.

    Good to 1 cm at 100 km; :func:`arc_m` takes in the curvature of the place and is good to 1 mm.
    """
    half = np.clip(np.asarray(chord_m, dtype=np.float64) / (2 * MEAN_RADIUS_M), 0.0, 1.0)
    return np.asarray(2 * MEAN_RADIUS_M * np.arcsin(half))


def arc_m(xyz_a_m: Floats, xyz_b_m: Floats) -> Floats:
    """Length over the ground between earth-centred points on the ellipsoid, by their chord.

    The chord is bent to the curvature that the ellipsoid has half way, in the direction of the chord
    (Euler's theorem): within 1 mm of the geodesic up to 100 km, within 0.03 % below 10,000 km and
    5 % up to the far side of the globe (:func:`inverse` is exact there).
    """
    chord = xyz_b_m - xyz_a_m
    length_sq = np.einsum("...i,...i", chord, chord)
    length = np.sqrt(length_sq)
    middle = (xyz_a_m + xyz_b_m) / 2
    # On the ellipsoid again: scaled outwards until it satisfies the quadratic form.
    scale_sq = np.einsum("...i,i,...i", middle, FORM, middle)
    gradient = np.sqrt(np.einsum("...i,i,...i", middle, FORM**2, middle) / np.maximum(scale_sq, 1e-300))
    bend = np.einsum("...i,i,...i", chord, FORM, chord)
    usable = (length_sq > 0) & (scale_sq > 1e-12)
    curvature = np.divide(
        bend, length_sq * gradient, out=np.full_like(length, 1 / MEAN_RADIUS_M), where=usable
    )
    return np.asarray(2 / curvature * np.arcsin(np.clip(length * curvature / 2, 0.0, 1.0)))


def distance_m(lonlat_a_deg: ArrayLike, lonlat_b_deg: ArrayLike) -> Floats:
    """Geodesic distance by the fast way through chords (:func:`arc_m`); shape (n,).

    Examples
    --------
    >>> round(float(distance_m((0.0, 0.0), (1.0, 0.0))[0]), 3)
    111319.491
    """
    a, b = np.broadcast_arrays(as_lonlat(lonlat_a_deg), as_lonlat(lonlat_b_deg))
    return np.asarray(_native.distance_m(np.ascontiguousarray(a), np.ascontiguousarray(b)))


def require_edges(edges: str) -> None:
    """GeometryError where ``edges`` is neither ``geodesic`` nor ``parallel``."""
    if edges not in ("geodesic", "parallel"):
        raise GeometryError(f"no such kind of edge: {edges!r}", hint="geodesic or parallel", code="edges")


def edge_lengths_m(a: Floats, b: Floats, edges: Edges) -> Floats:
    """At least the length of each edge from a to b (exact for geodesics, an upper bound otherwise)."""
    if edges == "geodesic":
        return inverse(a, b)[0]
    turn = (b[:, 0] - a[:, 0] + 180) % 360 - 180
    widest = np.cos(np.radians(np.minimum(np.abs(a[:, 1]), np.abs(b[:, 1]))))
    widest = np.where(a[:, 1] * b[:, 1] < 0, 1.0, widest)
    return np.asarray(_METRES_PER_DEGREE * np.hypot(b[:, 1] - a[:, 1], turn * widest))


def along_edges(a: Floats, b: Floats, fraction: Floats, edges: Edges) -> Floats:
    """The point at a fraction of each edge, as that kind of edge runs; shape (n, 2)."""
    if edges == "geodesic":
        return interpolate(a, b, fraction)
    turn = (b[:, 0] - a[:, 0] + 180) % 360 - 180
    lon = normalise_lon(a[:, 0] + fraction * turn)
    return np.column_stack([lon, a[:, 1] + fraction * (b[:, 1] - a[:, 1])])


def densify(
    lonlat_deg: ArrayLike,
    *,
    edges: Edges = "geodesic",
    closed: bool = False,
    longest_m: Metres = LONGEST_EDGE_M,
) -> Floats:
    """Put points between the vertices, at most ``longest_m`` apart; every vertex stays.

    Parameters
    ----------
    lonlat_deg : float64, shape (n, 2)
    edges : {"geodesic", "parallel"}
        ``geodesic``: the shortest way. ``parallel``: straight in longitude and latitude, so that an edge
        between two points of one latitude follows their parallel.
    closed : bool
        Add the edge from the last vertex back to the first; the first vertex is then repeated at the end.
    longest_m : float

    Returns
    -------
    float64, shape (m, 2)
    """
    require_edges(edges)
    vertices = as_lonlat(lonlat_deg)
    if closed and len(vertices):
        vertices = np.vstack([vertices, vertices[:1]])
    if len(vertices) < 2:
        return vertices.copy()
    a, b = vertices[:-1], vertices[1:]
    counts = np.maximum(1, np.ceil(edge_lengths_m(a, b, edges) / longest_m)).astype(np.int64)
    edge = np.repeat(np.arange(len(a)), counts)
    step = np.arange(len(edge)) - np.repeat(np.cumsum(counts) - counts, counts)
    out = a[edge].copy()
    between = step > 0
    chosen = edge[between]
    out[between] = along_edges(a[chosen], b[chosen], step[between] / counts[chosen], edges)
    return np.vstack([out, vertices[-1:]])
