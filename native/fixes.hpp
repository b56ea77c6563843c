// Columns of fixes in order of time, and boxes over blocks of them.
//
// A box says how far its fixes can be from a point, so that a depth known there settles the whole block.
#pragma once

#include <cstdint>
#include <vector>

#include "geodesy.hpp"

namespace truceline {

struct Box {
  double lon_low, lon_high, lat_low, lat_high;
};

// A place to measure from: its coordinates and the cosine of its latitude.
struct From {
  double lon_deg, lat_deg, cos_lat;
  explicit From(LonLat p) : lon_deg(p.lon_deg), lat_deg(p.lat_deg), cos_lat(std::cos(p.lat_deg * kRadiansPerDegree)) {}
};

// At least the way over the ground for differences of coordinates, squared: the straight line on a map of degrees is
// one way, and no degree on it is longer than here. Infinite across the antimeridian.
inline double way_sq_m2(double cos_lat, double lon_diff_deg, double lat_diff_deg) {
  constexpr double degree_sq = kLongestDegreeM * kLongestDegreeM;
  const double widest = std::min(1.0, cos_lat + lat_diff_deg * kRadiansPerDegree);
  const double lon = widest * lon_diff_deg;
  return lon_diff_deg < 180.0 ? degree_sq * (lon * lon + lat_diff_deg * lat_diff_deg) : 1e300;
}

inline double farthest_sq_m2(const From& from, const Box& box) {
  const double lon = std::max(std::fabs(box.lon_low - from.lon_deg), std::fabs(box.lon_high - from.lon_deg));
  const double lat = std::max(std::fabs(box.lat_low - from.lat_deg), std::fabs(box.lat_high - from.lat_deg));
  return way_sq_m2(from.cos_lat, lon, lat);
}

class Fixes {
 public:
  static constexpr size_t kBlock = 64;
  static constexpr size_t kSuper = 64 * kBlock;

  // The columns must outlive this. `stride` is 1 for columns, 2 for pairs; `accuracy_m` may be null: all 0.
  Fixes(size_t count, const int64_t* t_us, const double* lon_deg, const double* lat_deg, size_t stride,
        const double* accuracy_m)
      : count_(count), t_us_(t_us), lon_deg_(lon_deg), lat_deg_(lat_deg), stride_(stride), accuracy_m_(accuracy_m) {}

  void build_boxes();

  size_t count() const { return count_; }
  int64_t t_us(size_t row) const { return t_us_[row]; }
  const int64_t* times() const { return t_us_; }
  LonLat at(size_t row) const { return {lon_deg_[row * stride_], lat_deg_[row * stride_]}; }
  double accuracy_m(size_t row) const {
    const double known = accuracy_m_ ? accuracy_m_[row] : 0.0;
    return known == known ? known : 0.0;  // not stated
  }
  bool accuracy_stated(size_t row) const { return !accuracy_m_ || accuracy_m_[row] == accuracy_m_[row]; }
  double farthest_sq(const From& from, size_t row) const {
    return way_sq_m2(from.cos_lat, std::fabs(lon_deg_[row * stride_] - from.lon_deg),
                     std::fabs(lat_deg_[row * stride_] - from.lat_deg));
  }
  bool boxed() const { return !blocks_.empty(); }
  // Rows [64 b, 64 b + 64], the first of the next block included, so that every leg lies in a block.
  const Box& block(size_t b) const { return blocks_[b]; }
  const Box& super(size_t b) const { return supers_[b]; }

 private:
  size_t count_;
  const int64_t* t_us_;
  const double* lon_deg_;
  const double* lat_deg_;
  size_t stride_;
  const double* accuracy_m_;
  std::vector<Box> blocks_, supers_;
};

}  // namespace truceline
