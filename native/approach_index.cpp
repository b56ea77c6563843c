// The broad phase: slabs of time, boxes that hold the whole way, and a planar look that can only err towards too many.
#include <algorithm>
#include <cmath>

#include "approach.hpp"

namespace truceline::approach {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// A degree of latitude is nowhere shorter than 110,574 m and nowhere longer than kLongestDegreeM.
constexpr double kShortestLatDegreeM = 110500.0;
constexpr double kLongestLonDegreeM = 111400.0;
// Past this latitude, or for ways longer than this, a box reaches all round the globe.
constexpr double kPolarDeg = 85.0;
constexpr double kLongestWayM = 1.0e6;
constexpr double kSpareM = 0.5;

// The length of a degree of the parallel of a latitude.
double parallel_degree_m(double lat_deg) {
  const double lat = lat_deg * kRadiansPerDegree, s = std::sin(lat);
  return kSemiMajorM / std::sqrt(1.0 - kEccentricitySq * s * s) * std::cos(lat) * kRadiansPerDegree;
}

// A step between fixes of one mover in which something is known.
bool joined(const Fixes& fixes, int64_t row, int64_t longest_gap_us) {
  return fixes.t_us[row + 1] - fixes.t_us[row] <= longest_gap_us;
}

int64_t slab_of(int64_t t_us, int64_t slab_us) {
  const int64_t slab = t_us / slab_us;
  return slab * slab_us > t_us ? slab - 1 : slab;
}

}  // namespace

// What is wrong comes first: a wrong row makes every later answer wrong.
Checked find_stretches(const Fixes& fixes, const Options& options, std::vector<Stretch>& stretches) {
  size_t next_break = 0;
  for (size_t mover = 0; mover < fixes.movers_count; ++mover) {
    const int64_t begin = fixes.offsets[mover], end = fixes.offsets[mover + 1];
    int64_t first = begin;
    for (int64_t row = begin; row < end; ++row) {
      if (!(std::fabs(fixes.lat_deg[row]) <= 90.0) || !std::isfinite(fixes.lon_deg[row])) return {Fault::kPlace, row};
      if (std::fabs(fixes.lon_deg[row]) > 180.0) return {Fault::kLongitude, row};
      if (row == begin) continue;
      if (fixes.t_us[row] < fixes.t_us[row - 1]) return {Fault::kOrder, row};
      while (next_break < fixes.breaks_count && fixes.breaks[next_break] < row) ++next_break;
      const bool broken = next_break < fixes.breaks_count && fixes.breaks[next_break] == row;
      if (broken || !joined(fixes, row - 1, options.longest_gap_us)) {
        stretches.push_back({static_cast<int32_t>(mover), first, row - 1});
        first = row;
      }
    }
    if (end > begin) stretches.push_back({static_cast<int32_t>(mover), first, end - 1});
  }
  return {};
}

// As wide as a mover of middling speed needs for the separation, but with some legs in it.
int64_t choose_slab_us(const Fixes& fixes, const Options& options, const std::vector<Stretch>& stretches) {
  if (options.slab_us > 0) return options.slab_us;
  double moving_us = 0.0, legs = 0.0;
  std::vector<double> speeds, steps;
  const size_t stride = std::max<size_t>(1, stretches.size() / 500);
  for (size_t at = 0; at < stretches.size(); ++at) {
    const Stretch& stretch = stretches[at];
    moving_us += static_cast<double>(fixes.t_us[stretch.last] - fixes.t_us[stretch.first]);
    legs += static_cast<double>(stretch.last - stretch.first);
    if (at % stride != 0) continue;
    for (int64_t part = 0; part < 8; ++part) {
      const int64_t row = stretch.first + (stretch.last - stretch.first) * part / 8;
      if (row >= stretch.last || fixes.t_us[row + 1] <= fixes.t_us[row]) continue;
      const double took = static_cast<double>(fixes.t_us[row + 1] - fixes.t_us[row]);
      const double east = turn_deg(fixes.lon_deg[row], fixes.lon_deg[row + 1]) *
                          std::cos(fixes.lat_deg[row] * kRadiansPerDegree);
      const double north = fixes.lat_deg[row + 1] - fixes.lat_deg[row];
      speeds.push_back(std::hypot(east, north) * kLongestDegreeM / took);
      steps.push_back(took);
    }
  }
  if (speeds.empty()) return 3'600'000'000;
  const size_t middle = speeds.size() / 2;
  std::nth_element(speeds.begin(), speeds.begin() + middle, speeds.end());
  std::nth_element(steps.begin(), steps.begin() + middle, steps.end());
  const double crossing_us = std::max(options.separation_m, 1.0) / std::max(speeds[middle], 1e-9);
  const double least_us = std::max(4.0 * steps[middle], moving_us / std::max(legs, 1.0));
  return static_cast<int64_t>(std::clamp(crossing_us, least_us, std::max(least_us, 86'400e6))) + 1;
}

Index::Index(const Fixes& fixes, const Options& options, const std::vector<Stretch>& stretches, int64_t slab_us)
    : fixes_(fixes), options_(options), stretches_(stretches), slab_us_(slab_us), reach_m_(options.separation_m) {
  double widest = 0.0;
  if (fixes.radius_m != nullptr)
    for (size_t mover = 0; mover < fixes.movers_count; ++mover) widest = std::max(widest, fixes.radius_m[mover]);
  reach_m_ += 2.0 * widest;
}

double Index::limit_m(int32_t a, int32_t b) const {
  if (fixes_.radius_m == nullptr) return options_.separation_m;
  return options_.separation_m + (fixes_.radius_m[a] + fixes_.radius_m[b]);
}

bool Index::comparable(int32_t a, int32_t b) const {
  return fixes_.datum == nullptr || (fixes_.datum[a] >= 0 && fixes_.datum[a] == fixes_.datum[b]);
}

bool Index::pairs(int32_t a, int32_t b) const {
  if (a == b || (fixes_.body != nullptr && fixes_.body[a] == fixes_.body[b])) return false;
  const int32_t one = fixes_.group[a], two = fixes_.group[b];
  if (options_.allowed == nullptr) return one != two;
  return options_.allowed[static_cast<size_t>(one) * options_.groups_count + two] != 0;
}

void Index::append_entries(int32_t name, int64_t slab, int64_t until, std::vector<Entry>& entries,
                           std::vector<int64_t>& slabs) const {
  const Stretch& stretch = stretches_[name];
  const int64_t* t_us = fixes_.t_us;
  slab = std::max(slab, slab_of(t_us[stretch.first], slab_us_));
  until = std::min(until, slab_of(t_us[stretch.last], slab_us_) + 1);
  if (slab >= until) return;
  // The last fix at or before the start of the slab, else the first of all.
  const int64_t* after = std::upper_bound(t_us + stretch.first, t_us + stretch.last + 1, slab * slab_us_);
  int64_t first = std::max<int64_t>(after - t_us - 1, stretch.first);
  for (; slab < until; ++slab) {
    const int64_t end_us = (slab + 1) * slab_us_;
    int64_t last = first;
    while (last < stretch.last && t_us[last] < end_us) ++last;
    entries.push_back(entry(name, first, last));
    slabs.push_back(slab);
    first = t_us[last] > end_us ? last - 1 : last;
    while (first < stretch.last && t_us[first + 1] <= end_us) ++first;
  }
}

// Why the box holds the way: along a geodesic longitude only grows or only falls, and in latitude (and from the
// straight line in longitude and latitude) a way of length L strays by no more than L^2 / 8 times the bend of that
// line, which is tan(lat) / R and a hundredth of 1 / R for the ellipsoid; half as much again is added. Near the
// poles and for very long ways: no point is further than L / 2 from an end.
Entry Index::entry(int32_t name, int64_t first, int64_t last) const {
  double low = 90.0, high = -90.0, west = 1e9, east = -1e9;
  for (int64_t row = first; row <= last; ++row) {
    low = std::min(low, fixes_.lat_deg[row]);
    high = std::max(high, fixes_.lat_deg[row]);
    west = std::min(west, fixes_.lon_deg[row]);
    east = std::max(east, fixes_.lon_deg[row]);
  }
  Entry out{name, first, last, low, high, 0.0, 0.0, -kInfinity, kInfinity, 0.0, 0.0, true};
  if (east - west > 180.0) {
    out.straight = false;
    const double from = fixes_.lon_deg[first];
    west = east = from;
    for (int64_t row = first; row <= last; ++row) {
      const double lon = from + turn_deg(from, fixes_.lon_deg[row]);
      west = std::min(west, lon);
      east = std::max(east, lon);
    }
  }
  const double own_m = options_.separation_m / 2.0 + (fixes_.radius_m ? fixes_.radius_m[stretches_[name].mover] : 0.0);
  const double steepest = std::max(std::fabs(low), std::fabs(high)) + reach_m_ / kShortestLatDegreeM;
  const double across = steepest < 89.0 ? parallel_degree_m(steepest) : 0.0;
  const double tall_m = (high - low) * kLongestDegreeM;
  // How far, in degrees, the latitude with the longest parallel may be from the one that `across` is the length of.
  const double flattest = low > 0.0 ? low : std::max(-high, 0.0);
  const double spread = across > 0.0 ? steepest - flattest : 90.0 - flattest;
  const double widest = std::min(kLongestLonDegreeM, 1.004 * (across + kLongestLonDegreeM * kRadiansPerDegree * spread));
  const double length_m = tall_m + (east - west) * widest;
  double off_m = kSpareM;
  if (length_m > 0.0 && across > 0.0)
    off_m += length_m * length_m / (8.0 * kSemiMinorM) * (1.5 * kLongestLonDegreeM / across + 0.05) * 1.1;
  const double least_m = steepest + off_m / kShortestLatDegreeM > kPolarDeg ? 0.0 : across;
  if (least_m == 0.0 || length_m > kLongestWayM || east - west > 90.0) {
    const double pad = (own_m + length_m / 2.0 + kSpareM) / kShortestLatDegreeM;
    out.lat_low_deg = low - pad;
    out.lat_high_deg = high + pad;
    out.lon_half_deg = 180.0;
    out.straight = false;
  } else {
    // A parallel shrinks no faster than this towards the pole.
    const double further = across - kLongestDegreeM * kRadiansPerDegree * (off_m / kShortestLatDegreeM);
    out.lat_low_deg = low - (own_m + off_m) / kShortestLatDegreeM;
    out.lat_high_deg = high + (own_m + off_m) / kShortestLatDegreeM;
    out.lon_middle_deg = normalise_lon((west + east) / 2.0);
    out.lon_half_deg = (east - west) / 2.0 + (own_m + off_m) / further;
    out.metres_per_lon_deg = further;
    out.off_m = off_m;
  }
  if (fixes_.altitude_m != nullptr && std::isfinite(options_.vertical_m)) {
    double bottom = kInfinity, top = -kInfinity;
    bool known = true;
    for (int64_t row = first; row <= last; ++row) {
      const double height = fixes_.altitude_m[row];
      known = known && std::isfinite(height);
      bottom = std::min(bottom, height);
      top = std::max(top, height);
    }
    if (known) {
      out.altitude_low_m = bottom;
      out.altitude_high_m = top;
    }
  }
  return out;
}

// A distance on the ground is at least the planar one in the least metres a degree that the way between the two
// meets. The way from one to the other changes along a straight line, so its least length is that of a quadratic.
bool Index::may_meet(const Entry& one, const Entry& two, int64_t& from_us, int64_t until_us, double limit_m) const {
  if (!one.straight || !two.straight) return true;
  const double per_lon = std::min(one.metres_per_lon_deg, two.metres_per_lon_deg), per_lat = kShortestLatDegreeM;
  const double reach = limit_m + one.off_m + two.off_m, reach_sq = reach * reach;
  double round_deg = 0.0;
  if (one.lon_middle_deg - two.lon_middle_deg > 180.0) round_deg = 360.0;
  if (one.lon_middle_deg - two.lon_middle_deg < -180.0) round_deg = -360.0;
  const int64_t* t = fixes_.t_us;
  const double *lon = fixes_.lon_deg, *lat = fixes_.lat_deg;
  int64_t a = one.first, b = two.first, u = std::max(t[a], t[b]);
  if (t[one.last] == t[a] || t[two.last] == t[b]) return true;
  const auto share = [&](int64_t row, int64_t at) {
    return static_cast<double>(at - t[row]) / static_cast<double>(t[row + 1] - t[row]);
  };
  // Legs a and b at an instant, the difference in metres east and north.
  const auto apart = [&](int64_t at, double& east, double& north) {
    const double p = share(a, at), q = share(b, at);
    east = (lon[b] + q * (lon[b + 1] - lon[b]) - lon[a] - p * (lon[a + 1] - lon[a]) + round_deg) * per_lon;
    north = (lat[b] + q * (lat[b + 1] - lat[b]) - lat[a] - p * (lat[a + 1] - lat[a])) * per_lat;
  };
  double x0 = 0.0, y0 = 0.0, x1, y1;
  bool carried = false;
  while (true) {
    const int64_t a_before = a, b_before = b;
    while (a < one.last && t[a + 1] <= u) ++a;
    while (b < two.last && t[b + 1] <= u) ++b;
    // At the last fix of either there is no leg left: a lone instant, which the closer look settles.
    if (a == one.last || b == two.last) return u == std::max(t[one.first], t[two.first]);
    if (u >= until_us) return false;
    const int64_t v = std::min(t[a + 1], t[b + 1]);
    // Not u >= from_us: a long leg is cut in the closer look, and a piece of it may start in this slab.
    if (v > from_us) {
      if (!carried || a - a_before > 1 || b - b_before > 1) apart(u, x0, y0);
      apart(v, x1, y1);
      const double dx = x1 - x0, dy = y1 - y0;
      const double along = x0 * dx + y0 * dy, went_sq = dx * dx + dy * dy, begun_sq = x0 * x0 + y0 * y0;
      const bool near = along >= 0.0          ? begun_sq <= reach_sq
                        : -along >= went_sq ? x1 * x1 + y1 * y1 <= reach_sq
                                            : (begun_sq - reach_sq) * went_sq <= along * along;
      if (near) {
        from_us = std::max(from_us, u);
        return true;
      }
      x0 = x1;
      y0 = y1;
      carried = true;
    }
    u = v;
  }
}

}  // namespace truceline::approach
