// Encounters: all pairs of movers that come nearer than a separation, continuous in time.
//
// Time is cut into slabs. In each slab every stretch of a mover (fixes with no gap between them) has an Entry: the
// fixes whose legs touch the slab, and a box that holds the whole way between them. Entries whose boxes overlap are
// looked at closely, one elementary interval (in which neither turns) after the other. An interval belongs to the
// slab in which it starts, so that each is looked at once, whatever the width of the slabs, and what is found in one
// slab joins what is found in the next at a node that both share.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "geodesy.hpp"

namespace truceline::approach {

// Distances are told apart to this many steps a metre.
constexpr double kStepsPerMetre = 1e4;
constexpr double kLongestPieceM = 5000.0;

// The fixes of all movers, mover after mover; what is absent is null.
struct Fixes {
  const int64_t* offsets = nullptr;
  size_t movers_count = 0;
  const int64_t* t_us = nullptr;
  const double* lon_deg = nullptr;
  const double* lat_deg = nullptr;
  const double* altitude_m = nullptr;
  const int32_t* group = nullptr;
  const int32_t* body = nullptr;   // movers of one body are never paired
  const int32_t* datum = nullptr;  // altitudes of different or negative datums are not compared
  const double* radius_m = nullptr;
  const int64_t* breaks = nullptr;  // rows, in order, before which nothing is assumed
  size_t breaks_count = 0;

  size_t rows() const { return static_cast<size_t>(offsets[movers_count]); }
};

struct Options {
  double separation_m = 0.0;
  double vertical_m = std::numeric_limits<double>::infinity();
  bool unknown_apart = false;  // where the vertical distance is not known, it is taken as too large
  int64_t longest_gap_us = std::numeric_limits<int64_t>::max();
  int64_t slab_us = 0;  // 0: chosen by the fixes; no result depends on it
  int threads_count = 1;
  const uint8_t* allowed = nullptr;  // groups_count x groups_count; null: different groups
  int32_t groups_count = 0;
};

// What is wrong with the fixes, and in which row.
enum class Fault : int { kNone = 0, kOrder = 1, kPlace = 2, kLongitude = 3 };
struct Checked {
  Fault fault = Fault::kNone;
  int64_t row = -1;
};

// Consecutive fixes of a mover, first to last, with no gap between them.
struct Stretch {
  int32_t mover;
  int64_t first, last;
};

// A stretch in one slab: its fixes there, with the one before and the one after, and a box round the whole way.
struct Entry {
  int32_t stretch;
  int64_t first, last;
  double lat_low_deg, lat_high_deg;  // with half the separation and the radius added
  double lon_middle_deg, lon_half_deg;
  double altitude_low_m, altitude_high_m;
  double metres_per_lon_deg;  // at most, anywhere on the way or within the separation of it
  double off_m;               // how far the way may be from straight in longitude and latitude
  bool straight;              // the planar look is a proof; false near the poles and over the antimeridian
};

// Entries of one slab: the low latitude and the place of each.
using Order = std::vector<std::pair<double, uint32_t>>;

// A largest distance that still counts as nearer, as steps and as the length that rounds to no fewer.
struct Limit {
  double steps, below;
  explicit Limit(double separation_m);
};

// A point in time of a stretch: a fix, or where a long leg is cut.
struct Node {
  int64_t t_us;
  Vec place;
  double altitude_m;
  double sagitta_m;  // of the piece to the next node, at least
};

// Part of a pass: elementary intervals that hang together. `closest_steps` is the least distance, rounded.
struct Near {
  int32_t a, b;
  int64_t node_start_us, node_end_us;  // of the first and last elementary interval
  int64_t start_us, end_us;
  bool starts_near, ends_near;  // nearer already at the first node, still at the last
  bool open_start, open_end;
  bool vertical_known;
  double closest_steps;
  int64_t closest_us;
  double vertical_m;
  Vec place_a, place_b;
};

// The nodes of fixes first to last, legs longer than 5 km cut along the geodesic at whole microseconds.
void append_nodes(const Fixes& fixes, int64_t first, int64_t last, std::vector<Node>& nodes);

// A stretch as nodes, with the time of the whole stretch it is part of.
struct Course {
  const Node* nodes;
  size_t count;
  int64_t stretch_start_us, stretch_end_us;
};

// What is near in the vertical; infinite: not asked.
struct Level {
  double below_m = std::numeric_limits<double>::infinity();
  bool unknown_apart = false;
  bool comparable = true;

  bool asked() const { return below_m < std::numeric_limits<double>::infinity(); }
};

// Appends what is nearer than the limit in the elementary intervals that start in [from_us, until_us).
void find_near(const Course& a, const Course& b, int32_t mover_a, int32_t mover_b, int64_t from_us, int64_t until_us,
               const Limit& limit, const Level& level, std::vector<Near>& found);

// The closest approach of two courses; false where they share no instant.
bool find_closest(const Course& a, const Course& b, Near& closest);

// Where a course is at an instant within it.
Vec place_at(const Course& course, int64_t t_us);

// `later` added to `earlier`, which ends where it begins.
void join(Near& earlier, const Near& later);

Checked find_stretches(const Fixes& fixes, const Options& options, std::vector<Stretch>& stretches);
int64_t choose_slab_us(const Fixes& fixes, const Options& options, const std::vector<Stretch>& stretches);

// The broad phase of one slab after the other.
class Index {
 public:
  Index(const Fixes& fixes, const Options& options, const std::vector<Stretch>& stretches, int64_t slab_us);

  // Appends the entries of a stretch in the slabs from `slab` until before `until`, with the slab of each.
  void append_entries(int32_t stretch, int64_t slab, int64_t until, std::vector<Entry>& entries,
                      std::vector<int64_t>& slabs) const;
  // Calls `pair(one, two)` for the entries in `order` whose boxes and groups allow an encounter.
  template <typename Call>
  void sweep(const Entry* entries, Order& order, Call pair) const;
  // False where the ways, taken as straight in longitude and latitude and widened by their error, stay apart.
  // `from_us` is moved on to where they first may not.
  bool may_meet(const Entry& one, const Entry& two, int64_t& from_us, int64_t until_us, double limit_m) const;

  double limit_m(int32_t mover_a, int32_t mover_b) const;
  bool comparable(int32_t mover_a, int32_t mover_b) const;

 private:
  Entry entry(int32_t stretch, int64_t first, int64_t last) const;
  bool pairs(int32_t mover_a, int32_t mover_b) const;

  const Fixes& fixes_;
  const Options& options_;
  const std::vector<Stretch>& stretches_;
  int64_t slab_us_;
  double reach_m_;  // the widest separation of any pair
};

template <typename Call>
void Index::sweep(const Entry* entries, Order& order, Call pair) const {
  std::sort(order.begin(), order.end());
  const bool by_altitude = std::isfinite(options_.vertical_m);
  const size_t count = order.size();
  for (size_t at = 0; at < count; ++at) {
    const Entry& one = entries[order[at].second];
    const int32_t a = stretches_[one.stretch].mover;
    for (size_t other = at + 1; other < count && order[other].first <= one.lat_high_deg; ++other) {
      const Entry& two = entries[order[other].second];
      const double apart = std::fabs(one.lon_middle_deg - two.lon_middle_deg);
      if (std::min(apart, 360.0 - apart) > one.lon_half_deg + two.lon_half_deg) continue;
      const int32_t b = stretches_[two.stretch].mover;
      if (!pairs(a, b)) continue;
      if (by_altitude && comparable(a, b) &&
          (one.altitude_low_m - two.altitude_high_m > options_.vertical_m ||
           two.altitude_low_m - one.altitude_high_m > options_.vertical_m))
        continue;
      pair(order[at].second, order[other].second);
    }
  }
}

struct Found {
  Checked checked;
  std::vector<Near> passes;  // by a, start and b
};

Found close_intervals(const Fixes& fixes, const Options& options);
Checked candidate_pairs(const Fixes& fixes, const Options& options, std::vector<int64_t>& pairs);

}  // namespace truceline::approach
