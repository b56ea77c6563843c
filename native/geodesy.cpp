#include "geodesy.hpp"

namespace truceline {
namespace {

constexpr int kRounds = 200;
constexpr double kConvergedRad = 1e-12;

struct Reduced {
  double sin_lat, cos_lat;
};

// Sine and cosine of the reduced latitude, without a tangent that overflows at the pole.
Reduced reduced(double lat_deg) {
  const double lat = lat_deg * kRadiansPerDegree;
  const double y = (1.0 - kFlattening) * std::sin(lat), x = std::cos(lat);
  const double size = std::hypot(x, y);
  return {y / size, x / size};
}

double difference_angle(double cos_alpha_sq) {
  return kFlattening / 16.0 * cos_alpha_sq * (4.0 + kFlattening * (4.0 - 3.0 * cos_alpha_sq));
}

// Vincenty's A and B, in Helmert's form of 1880.
void series(double cos_alpha_sq, double& big_a, double& big_b) {
  const double root = std::sqrt(1.0 + kSecondEccentricitySq * cos_alpha_sq);
  const double k = (root - 1.0) / (root + 1.0);
  big_a = (1.0 + k * k / 4.0) / (1.0 - k);
  big_b = k * (1.0 - 3.0 * k * k / 8.0);
}

double arc_correction(double b, double sin_sigma, double cos_sigma, double cos_2sm) {
  double inner = cos_sigma * (2.0 * cos_2sm * cos_2sm - 1.0);
  inner -= b / 6.0 * cos_2sm * (4.0 * sin_sigma * sin_sigma - 3.0) * (4.0 * cos_2sm * cos_2sm - 3.0);
  return b * sin_sigma * (cos_2sm + b / 4.0 * inner);
}

Inverse great_circle(Reduced one, Reduced two, double turn) {
  const double east = two.cos_lat * std::sin(turn);
  const double north = one.cos_lat * two.sin_lat - one.sin_lat * two.cos_lat * std::cos(turn);
  const double along = one.sin_lat * two.sin_lat + one.cos_lat * two.cos_lat * std::cos(turn);
  return {kMeanRadiusM * std::atan2(std::hypot(east, north), along), std::atan2(east, north)};
}

}  // namespace

// Within 1 mm of Karney's solution below 19,900 km. Nearly opposite points, where the iteration does not settle,
// get the length of the great circle, good to 0.6 %.
Inverse inverse(LonLat a, LonLat b) {
  const Reduced one = reduced(a.lat_deg), two = reduced(b.lat_deg);
  const double turn = turn_deg(a.lon_deg, b.lon_deg) * kRadiansPerDegree;
  double lam = turn;
  for (int round = 0; round < kRounds; ++round) {
    const double sin_l = std::sin(lam), cos_l = std::cos(lam);
    const double east = two.cos_lat * sin_l;
    const double north = one.cos_lat * two.sin_lat - one.sin_lat * two.cos_lat * cos_l;
    const double sin_s = std::hypot(east, north);
    const double cos_s = one.sin_lat * two.sin_lat + one.cos_lat * two.cos_lat * cos_l;
    const double sigma = std::atan2(sin_s, cos_s);
    const double sin_a = sin_s > 0.0 ? one.cos_lat * east / sin_s : 0.0;
    const double cos_a_sq = 1.0 - sin_a * sin_a;
    const double cos_2sm = cos_a_sq < 1e-15 ? 0.0 : cos_s - 2.0 * one.sin_lat * two.sin_lat / cos_a_sq;
    const double c = difference_angle(cos_a_sq);
    const double inner = cos_2sm + c * cos_s * (2.0 * cos_2sm * cos_2sm - 1.0);
    const double next = turn + (1.0 - c) * kFlattening * sin_a * (sigma + c * sin_s * inner);
    if (std::isnan(next) || (std::fabs(next - lam) <= kConvergedRad && std::fabs(next) <= kPi)) {
      double big_a, big_b;
      series(cos_a_sq, big_a, big_b);
      const double distance = kSemiMinorM * big_a * (sigma - arc_correction(big_b, sin_s, cos_s, cos_2sm));
      return {distance, std::atan2(east, north)};
    }
    if (std::fabs(next) > kPi) break;
    lam = next;
  }
  return great_circle(one, two, turn);
}

LonLat direct(LonLat a, double azimuth_rad, double distance_m) {
  const Reduced one = reduced(a.lat_deg);
  const double sin_az = std::sin(azimuth_rad), cos_az = std::cos(azimuth_rad);
  const double sigma1 = std::atan2(one.sin_lat, one.cos_lat * cos_az);
  const double sin_a = one.cos_lat * sin_az;
  const double cos_a_sq = 1.0 - sin_a * sin_a;
  double big_a, big_b;
  series(cos_a_sq, big_a, big_b);
  const double first = distance_m / (kSemiMinorM * big_a);
  double sigma = first;
  for (int round = 0; round < kRounds; ++round) {
    const double next = first + arc_correction(big_b, std::sin(sigma), std::cos(sigma), std::cos(2.0 * sigma1 + sigma));
    const double moved = std::fabs(next - sigma);
    sigma = next;
    if (!(moved > kConvergedRad / 10.0)) break;
  }
  const double cos_2sm = std::cos(2.0 * sigma1 + sigma), sin_s = std::sin(sigma), cos_s = std::cos(sigma);
  const double down = one.sin_lat * sin_s - one.cos_lat * cos_s * cos_az;
  const double lat2 = std::atan2(one.sin_lat * cos_s + one.cos_lat * sin_s * cos_az,
                                 (1.0 - kFlattening) * std::hypot(sin_a, down));
  const double lam = std::atan2(sin_s * sin_az, one.cos_lat * cos_s - one.sin_lat * sin_s * cos_az);
  const double c = difference_angle(cos_a_sq);
  const double inner = cos_2sm + c * cos_s * (2.0 * cos_2sm * cos_2sm - 1.0);
  const double turn = lam - (1.0 - c) * kFlattening * sin_a * (sigma + c * sin_s * inner);
  return {normalise_lon(a.lon_deg + turn / kRadiansPerDegree), lat2 / kRadiansPerDegree};
}

}  // namespace truceline
