// Geodesics on WGS 84 and earth-centred coordinates. Metres and radians inside, degrees at the edge.
//
// Sources: T. Vincenty, "Direct and inverse solutions of geodesics on the ellipsoid with application of nested
// equations", Survey Review 23 (1975); B. R. Bowring, "Transformation from spatial to geographical coordinates",
// Survey Review 23 (1976); WGS 84: NGA.STND.0036.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace truceline {

constexpr double kPi = 3.14159265358979323846;
constexpr double kRadiansPerDegree = kPi / 180.0;
constexpr double kSemiMajorM = 6378137.0;
constexpr double kFlattening = 1.0 / 298.257223563;
constexpr double kSemiMinorM = kSemiMajorM * (1.0 - kFlattening);
constexpr double kEccentricitySq = kFlattening * (2.0 - kFlattening);
constexpr double kSecondEccentricitySq = kEccentricitySq / (1.0 - kEccentricitySq);
constexpr double kMeanRadiusM = 6371008.8;
// No degree of latitude, and none of longitude at the equator, is longer than this.
constexpr double kLongestDegreeM = 111700.0;

struct Vec {
  double x, y, z;
};
inline Vec operator+(Vec a, Vec b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
inline Vec operator-(Vec a, Vec b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
inline Vec operator*(double s, Vec a) { return {s * a.x, s * a.y, s * a.z}; }
inline double dot(Vec a, Vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
inline Vec cross(Vec a, Vec b) { return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x}; }
inline double norm(Vec a) { return std::sqrt(dot(a, a)); }

// The quadratic form of the ellipsoid, and its square: points on it satisfy dot(p, formed(p)) = 1.
constexpr double kFormXy = 1.0 / (kSemiMajorM * kSemiMajorM);
constexpr double kFormZ = 1.0 / (kSemiMinorM * kSemiMinorM);
inline Vec formed(Vec a) { return {a.x * kFormXy, a.y * kFormXy, a.z * kFormZ}; }

struct LonLat {
  double lon_deg, lat_deg;
};

// Earth-centred, earth-fixed metres at height 0.
inline Vec to_ecef(LonLat p) {
  const double lon = p.lon_deg * kRadiansPerDegree, lat = p.lat_deg * kRadiansPerDegree;
  const double sin_lat = std::sin(lat), cos_lat = std::cos(lat);
  const double across = kSemiMajorM / std::sqrt(1.0 - kEccentricitySq * sin_lat * sin_lat);
  return {across * cos_lat * std::cos(lon), across * cos_lat * std::sin(lon),
          across * (1.0 - kEccentricitySq) * sin_lat};
}

// The point of the ellipsoid below or above an earth-centred point: below a micrometre near the surface.
inline LonLat from_ecef(Vec p) {
  const double flat = std::hypot(p.x, p.y);
  const double parametric = std::atan2(p.z * kSemiMajorM, flat * kSemiMinorM);
  const double s = std::sin(parametric), c = std::cos(parametric);
  const double up = p.z + kSecondEccentricitySq * kSemiMinorM * s * s * s;
  const double out = flat - kEccentricitySq * kSemiMajorM * c * c * c;
  return {std::atan2(p.y, p.x) / kRadiansPerDegree, std::atan2(up, out) / kRadiansPerDegree};
}

// Length over the ground between two points on the ellipsoid, by their chord bent to the curvature that the
// ellipsoid has half way, in the direction of the chord (Euler's theorem): within 1 mm up to 100 km.
inline double arc_m(Vec a, Vec b) {
  const Vec chord = b - a;
  const double length_sq = dot(chord, chord);
  const double length = std::sqrt(length_sq);
  // So short a chord that the mean curvature serves: within a thousandth of a millimetre.
  if (length < 5000.0) return length + length * length_sq / (24.0 * kMeanRadiusM * kMeanRadiusM);
  const Vec middle = 0.5 * (a + b);
  const Vec steep = formed(middle);
  const double scale_sq = dot(middle, steep);
  double curvature = 1.0 / kMeanRadiusM;
  if (length_sq > 0.0 && scale_sq > 1e-12) {
    const double gradient = std::sqrt(dot(steep, steep) / std::max(scale_sq, 1e-300));
    curvature = dot(chord, formed(chord)) / (length_sq * gradient);
  }
  const double half = std::min(length * curvature / 2.0, 1.0);
  return 2.0 / curvature * std::asin(half);
}

inline double distance_m(LonLat a, LonLat b) { return arc_m(to_ecef(a), to_ecef(b)); }

// A longitude brought into [-180, 180]; one already there is left as it is.
inline double normalise_lon(double lon_deg) {
  if (std::fabs(lon_deg) <= 180.0) return lon_deg;
  const double turned = std::fmod(lon_deg + 180.0, 360.0);
  return (turned < 0.0 ? turned + 360.0 : turned) - 180.0;
}

// The difference between two longitudes, in [-180, 180).
inline double turn_deg(double from_deg, double to_deg) {
  const double turned = std::fmod(to_deg - from_deg + 180.0, 360.0);
  return (turned < 0.0 ? turned + 360.0 : turned) - 180.0;
}

struct Inverse {
  double distance_m, azimuth_rad;
};

Inverse inverse(LonLat a, LonLat b);
LonLat direct(LonLat a, double azimuth_rad, double distance_m);

// The point at a fraction of the way along the geodesic from a to b.
inline LonLat interpolate(LonLat a, LonLat b, double fraction) {
  const Inverse way = inverse(a, b);
  return direct(a, way.azimuth_rad, way.distance_m * fraction);
}

}  // namespace truceline
