// The close look: two movers over their shared time, cut where either turns.
//
// On such an interval the way from one to the other changes along a straight line (in earth-centred space, to less
// than a millimetre for pieces this short), so the instant of its least length is the minimum of a quadratic; the
// distance there is taken over the ground.
#include <algorithm>
#include <cmath>

#include "approach.hpp"

namespace truceline::approach {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kRounds = 80;
constexpr double kRootUs = 0.01;
// Nothing on the ellipsoid bends more sharply than a meridian at the equator.
constexpr double kSharpestM = 6.33e6;

// A place on the piece from one node to the next, bent as the ground is: by the sagitta, along the normal.
struct Piece {
  Vec start, end, bulge;
  double took_us;
  int64_t start_us, end_us;

  Piece(const Node& one, const Node& two)
      : start(one.place),
        end(two.place),
        bulge{0.0, 0.0, 0.0},
        took_us(static_cast<double>(two.t_us - one.t_us)),
        start_us(one.t_us),
        end_us(two.t_us) {
    const Vec middle = 0.5 * (start + end), steep = formed(middle);
    const double steep_sq = dot(steep, steep);
    if (steep_sq > 0.0) bulge = (4.0 * (1.0 - dot(middle, steep)) / (2.0 * steep_sq)) * steep;
  }

  double share(int64_t t_us, double after_us) const {
    return (static_cast<double>(t_us - start_us) + after_us) / took_us;
  }
  Vec at(int64_t t_us, double after_us) const {
    if (after_us == 0.0 && t_us == start_us) return start;
    if (after_us == 0.0 && t_us == end_us) return end;
    const double s = share(t_us, after_us);
    return start + s * (end - start) + (s * (1.0 - s)) * bulge;
  }
};

double altitude_at(const Node& one, const Node& two, int64_t t_us) {
  if (t_us == one.t_us) return one.altitude_m;
  if (t_us == two.t_us) return two.altitude_m;
  const double s = static_cast<double>(t_us - one.t_us) / static_cast<double>(two.t_us - one.t_us);
  return one.altitude_m + s * (two.altitude_m - one.altitude_m);
}

bool altitudes_known(const Course& one, size_t at, const Course& two, size_t bt) {
  return !std::isnan(one.nodes[at].altitude_m + one.nodes[at + 1].altitude_m) &&
         !std::isnan(two.nodes[bt].altitude_m + two.nodes[bt + 1].altitude_m);
}

// The share of the way at which a straight change from `begun` to `ended` is shortest.
double nearest_share(Vec begun, Vec ended) {
  const Vec change = ended - begun;
  const double went_sq = dot(change, change);
  return went_sq > 0.0 ? std::clamp(-dot(begun, change) / went_sq, 0.0, 1.0) : 0.0;
}

double steps_of(double metres) { return std::rint(metres * kStepsPerMetre); }

// One elementary interval, from u to v.
struct Interval {
  Piece a, b;
  int64_t u, v;
  double took_us;
  double height_start_m = 0.0, height_end_m = 0.0;  // b above a
  bool vertical_known = false;

  Interval(const Course& one, size_t at, const Course& two, size_t bt, int64_t from, int64_t until, bool comparable)
      : a(one.nodes[at], one.nodes[at + 1]),
        b(two.nodes[bt], two.nodes[bt + 1]),
        u(from),
        v(until),
        took_us(static_cast<double>(until - from)) {
    vertical_known = comparable && altitudes_known(one, at, two, bt);
    if (!vertical_known) return;
    const Node &a0 = one.nodes[at], &a1 = one.nodes[at + 1], &b0 = two.nodes[bt], &b1 = two.nodes[bt + 1];
    height_start_m = altitude_at(b0, b1, u) - altitude_at(a0, a1, u);
    height_end_m = altitude_at(b0, b1, v) - altitude_at(a0, a1, v);
  }

  void places(double after_us, Vec& one, Vec& two) const {
    if (after_us >= took_us) {
      one = a.at(v, 0.0);
      two = b.at(v, 0.0);
    } else {
      one = a.at(u, after_us);
      two = b.at(u, after_us);
    }
  }
  double apart_m(double after_us) const {
    Vec one, two;
    places(after_us, one, two);
    return arc_m(one, two);
  }
  double nearest_us() const {
    return took_us * nearest_share(b.at(u, 0.0) - a.at(u, 0.0), b.at(v, 0.0) - a.at(v, 0.0));
  }
  double height_m(double after_us) const {
    if (!vertical_known) return std::nan("");
    if (after_us >= took_us) return std::fabs(height_end_m);
    return std::fabs(height_start_m + after_us / took_us * (height_end_m - height_start_m));
  }
  int64_t instant(double after_us) const {
    return after_us >= took_us ? v : u + static_cast<int64_t>(std::llrint(after_us));
  }

  // Where the limit is met between a moment outside and one inside: regula falsi (Illinois), kept in its bracket.
  double root(double outside, double inside, double below) const {
    double f_out = apart_m(outside) - below, f_in = apart_m(inside) - below;
    int side = 0;
    for (int round = 0; round < kRounds && std::fabs(inside - outside) > kRootUs; ++round) {
      double middle = outside + (inside - outside) * (f_out / (f_out - f_in));
      const double low = std::min(outside, inside), high = std::max(outside, inside);
      if (!(middle > low && middle < high) || round % 8 == 7) middle = low + (high - low) / 2.0;
      const double f = apart_m(middle) - below;
      if (f < 0.0) {
        inside = middle;
        f_in = f;
        if (side < 0) f_out /= 2.0;
        side = -1;
      } else {
        outside = middle;
        f_out = f;
        if (side > 0) f_in /= 2.0;
        side = 1;
      }
    }
    return inside;
  }

  // The part, within `from` and `until`, in which the vertical distance is below a limit; false where there is none.
  bool level(const Level& wanted, double& from, double& until) const {
    if (!wanted.asked()) return true;
    if (!vertical_known) return !wanted.unknown_apart;
    const double below = wanted.below_m;
    const double change = (height_end_m - height_start_m) / took_us;
    if (change == 0.0) return std::fabs(height_start_m) < below;
    double one = (-below - height_start_m) / change, two = (below - height_start_m) / change;
    if (one > two) std::swap(one, two);
    from = std::max(from, one);
    until = std::min(until, two);
    return from < until;
  }
};

struct Best {
  double steps = kInfinity, after_us = 0.0;
  void offer(double metres, double at_us) {
    const double seen = steps_of(metres);
    if (seen < steps) {
      steps = seen;
      after_us = at_us;
    }
  }
};

void record(const Interval& span, const Best& best, Near& near) {
  near.closest_steps = best.steps;
  near.closest_us = span.instant(best.after_us);
  near.vertical_m = span.height_m(best.after_us);
  span.places(best.after_us, near.place_a, near.place_b);
}

// The part of one elementary interval that is nearer than the limit; false where there is none.
bool look(const Interval& span, const Limit& limit, const Level& level, Near& near) {
  double from = 0.0, until = span.took_us;
  if (!span.level(level, from, until)) return false;
  const double inner = std::clamp(span.nearest_us(), from, until);
  const double first_m = span.apart_m(from), inner_m = span.apart_m(inner), last_m = span.apart_m(until);
  if (!(first_m < limit.below || inner_m < limit.below || last_m < limit.below)) return false;
  Best best;
  best.offer(first_m, from);
  best.offer(inner_m, inner);
  best.offer(last_m, until);
  double inside = inner;
  if (!(inner_m < limit.below)) inside = first_m < limit.below ? from : until;
  const double start = first_m < limit.below ? from : span.root(from, inside, limit.below);
  const double end = last_m < limit.below ? until : span.root(until, inside, limit.below);
  const bool vertical = level.asked() && span.vertical_known;
  near.node_start_us = span.u;
  near.node_end_us = span.v;
  near.start_us = span.instant(start);
  near.end_us = span.instant(end);
  near.starts_near = start == 0.0 && !(vertical && std::fabs(span.height_start_m) >= level.below_m);
  near.ends_near = end >= span.took_us && !(vertical && std::fabs(span.height_end_m) >= level.below_m);
  near.vertical_known = span.vertical_known;
  record(span, best, near);
  return true;
}

// The node that a course is at or past at an instant: the last of several of one instant.
size_t node_at(const Course& course, int64_t t_us) {
  const Node* end = course.nodes + course.count;
  const Node* after =
      std::upper_bound(course.nodes, end, t_us, [](int64_t t, const Node& node) { return t < node.t_us; });
  return after == course.nodes ? 0 : static_cast<size_t>(after - course.nodes - 1);
}

// The one instant that two courses share, where they share no more.
bool lone_instant(const Course& a, const Course& b, int64_t& t_us) {
  t_us = std::max(a.stretch_start_us, b.stretch_start_us);
  return t_us == std::min(a.stretch_end_us, b.stretch_end_us);
}

// Both at the lone instant they share.
Near meet(const Course& a, const Course& b, int64_t t_us, bool comparable) {
  const size_t at = node_at(a, t_us), bt = node_at(b, t_us);
  Near near{};
  near.node_start_us = near.node_end_us = near.start_us = near.end_us = near.closest_us = t_us;
  near.starts_near = near.ends_near = near.open_start = near.open_end = true;
  near.place_a = place_at(a, t_us);
  near.place_b = place_at(b, t_us);
  near.closest_steps = steps_of(arc_m(near.place_a, near.place_b));
  const double one =
      at + 1 < a.count ? altitude_at(a.nodes[at], a.nodes[at + 1], t_us) : a.nodes[at].altitude_m;
  const double two =
      bt + 1 < b.count ? altitude_at(b.nodes[bt], b.nodes[bt + 1], t_us) : b.nodes[bt].altitude_m;
  near.vertical_m = comparable ? std::fabs(one - two) : std::nan("");
  near.vertical_known = !std::isnan(near.vertical_m);
  return near;
}

// A first look at an elementary interval, along chords: pieces and time, and the least and the greatest distance,
// each proven for the way over the ground (an arc is longer than its chord, by less than this for 500 km).
struct Glimpse {
  size_t at, bt;
  int64_t u, v;
  double least_m, most_m;
};

constexpr double kFarM = 5.0e5;
constexpr double kBendPerSq = 1.1 / (24.0 * 6.33e6 * 6.33e6);

Glimpse glimpse(const Node& one, const Node& two, Vec begun, Vec ended) {
  const Vec change = ended - begun;
  const double along = dot(begun, change), went_sq = dot(change, change);
  const double begun_sq = dot(begun, begun), ended_sq = dot(ended, ended);
  double least_sq = begun_sq;
  if (along < 0.0) least_sq = -along >= went_sq ? ended_sq : std::max(begun_sq - along * along / went_sq, 0.0);
  const double most_sq = std::max(begun_sq, ended_sq), most = std::sqrt(most_sq);
  const double off = one.sagitta_m + two.sagitta_m + 0.01;
  return {0, 0, 0, 0, std::sqrt(least_sq) - off,
          most < kFarM ? most * (1.0 + kBendPerSq * most_sq) + off : kInfinity};
}

// Along the chord from a node to the next.
Vec chord_at(const Node* node, int64_t t_us) {
  if (t_us == node[0].t_us) return node[0].place;
  if (t_us == node[1].t_us) return node[1].place;
  const double s = static_cast<double>(t_us - node[0].t_us) / static_cast<double>(node[1].t_us - node[0].t_us);
  return node[0].place + s * (node[1].place - node[0].place);
}

// Calls `each(glimpse)` for the elementary intervals that start in [from_us, until_us).
template <typename Call>
void walk(const Course& a, const Course& b, int64_t from_us, int64_t until_us, Call each) {
  int64_t u = std::max(a.nodes[0].t_us, b.nodes[0].t_us);
  size_t at = node_at(a, u), bt = node_at(b, u);
  const auto apart = [&](int64_t t_us) { return chord_at(b.nodes + bt, t_us) - chord_at(a.nodes + at, t_us); };
  bool carried = false;
  Vec begun{};
  while (at + 1 < a.count && bt + 1 < b.count && u < until_us) {
    const int64_t v = std::min(a.nodes[at + 1].t_us, b.nodes[bt + 1].t_us);
    const bool wanted = u >= from_us;
    if (wanted) {
      if (!carried) begun = apart(u);
      const Vec ended = apart(v);
      Glimpse seen = glimpse(a.nodes[at], b.nodes[bt], begun, ended);
      seen.at = at;
      seen.bt = bt;
      seen.u = u;
      seen.v = v;
      each(seen);
      begun = ended;
    }
    u = v;
    const size_t at_before = at, bt_before = bt;
    while (at + 1 < a.count && a.nodes[at + 1].t_us <= u) ++at;
    while (bt + 1 < b.count && b.nodes[bt + 1].t_us <= u) ++bt;
    // Past several nodes of one instant the place is another.
    carried = wanted && at - at_before <= 1 && bt - bt_before <= 1;
  }
}

// Settles the closest approach of one run of intervals that are surely near: only those that may hold it are
// looked at closely, the most promising first.
void settle(const Course& a, const Course& b, const std::vector<Glimpse>& sure, bool comparable, Near& run) {
  const auto offer = [&](const Glimpse& seen) {
    const Interval span(a, seen.at, b, seen.bt, seen.u, seen.v, comparable);
    const double inner = span.nearest_us();
    Best best;
    best.offer(span.apart_m(0.0), 0.0);
    best.offer(span.apart_m(inner), inner);
    best.offer(span.apart_m(span.took_us), span.took_us);
    if (best.steps < run.closest_steps ||
        (best.steps == run.closest_steps && span.instant(best.after_us) < run.closest_us))
      record(span, best, run);
  };
  const auto first = std::min_element(sure.begin(), sure.end(), [](const Glimpse& one, const Glimpse& two) {
    return one.least_m < two.least_m;
  });
  if (first == sure.end()) return;
  offer(*first);
  for (auto seen = sure.begin(); seen != sure.end(); ++seen)
    if (seen != first && seen->least_m * kStepsPerMetre <= run.closest_steps + 0.5) offer(*seen);
}

}  // namespace

Limit::Limit(double separation_m) {
  const double scaled = separation_m * kStepsPerMetre, whole = std::rint(scaled);
  steps = std::fabs(scaled - whole) <= 4.5e-16 * scaled ? whole : std::ceil(scaled);
  below = (steps - 0.5) / kStepsPerMetre;
}

void append_nodes(const Fixes& fixes, int64_t first, int64_t last, std::vector<Node>& nodes) {
  const auto point = [&](int64_t row) { return LonLat{fixes.lon_deg[row], fixes.lat_deg[row]}; };
  const auto add = [&](const Node& node) {
    const Vec chord = node.place - nodes.back().place;
    nodes.back().sagitta_m = dot(chord, chord) / (8.0 * kSharpestM);
    nodes.push_back(node);
  };
  for (int64_t row = first; row <= last; ++row) {
    const double altitude = fixes.altitude_m ? fixes.altitude_m[row] : std::nan("");
    const Node node{fixes.t_us[row], to_ecef(point(row)), altitude, 0.0};
    if (row > first) {
      const Node before = nodes.back();
      const Vec chord = node.place - before.place;
      const int64_t took_us = node.t_us - before.t_us;
      if (took_us > 1 && dot(chord, chord) > kLongestPieceM * kLongestPieceM * 0.98) {
        const Inverse way = inverse(point(row - 1), point(row));
        const int64_t pieces =
            std::min<int64_t>(took_us, static_cast<int64_t>(std::ceil(way.distance_m / kLongestPieceM)));
        for (int64_t k = 1; k < pieces; ++k) {
          // Cut at a whole microsecond, so that the parts of a pass join exactly.
          const int64_t t_us = before.t_us + static_cast<int64_t>(static_cast<double>(took_us) *
                                                                  (static_cast<double>(k) / pieces));
          const double share = static_cast<double>(t_us - before.t_us) / static_cast<double>(took_us);
          if (t_us <= nodes.back().t_us) continue;
          add({t_us, to_ecef(direct(point(row - 1), way.azimuth_rad, way.distance_m * share)),
               before.altitude_m + share * (altitude - before.altitude_m), 0.0});
        }
      }
    }
    if (row > first)
      add(node);
    else
      nodes.push_back(node);
  }
}

Vec place_at(const Course& course, int64_t t_us) {
  const size_t at = node_at(course, t_us);
  if (at + 1 >= course.count || course.nodes[at].t_us >= t_us) return course.nodes[at].place;
  return Piece(course.nodes[at], course.nodes[at + 1]).at(t_us, 0.0);
}

void join(Near& earlier, const Near& later) {
  earlier.node_end_us = later.node_end_us;
  earlier.end_us = later.end_us;
  earlier.ends_near = later.ends_near;
  earlier.open_end = later.open_end;
  earlier.vertical_known = earlier.vertical_known && later.vertical_known;
  if (later.closest_steps < earlier.closest_steps) {
    earlier.closest_steps = later.closest_steps;
    earlier.closest_us = later.closest_us;
    earlier.vertical_m = later.vertical_m;
    earlier.place_a = later.place_a;
    earlier.place_b = later.place_b;
  }
}

void find_near(const Course& a, const Course& b, int32_t mover_a, int32_t mover_b, int64_t from_us, int64_t until_us,
               const Limit& limit, const Level& level, std::vector<Near>& found) {
  int64_t lone_us;
  if (lone_instant(a, b, lone_us)) {
    if (lone_us < from_us || lone_us >= until_us) return;
    Near near = meet(a, b, lone_us, level.comparable);
    near.a = mover_a;
    near.b = mover_b;
    const bool apart =
        level.asked() && (near.vertical_known ? near.vertical_m >= level.below_m : level.unknown_apart);
    if (near.closest_steps < limit.steps && !apart) found.push_back(near);
    return;
  }
  const int64_t joint_start_us = std::max(a.stretch_start_us, b.stretch_start_us);
  const int64_t joint_end_us = std::min(a.stretch_end_us, b.stretch_end_us);
  const size_t before = found.size();
  std::vector<Glimpse> sure;
  walk(a, b, from_us, until_us, [&](const Glimpse& seen) {
    if (seen.least_m > limit.below) return;
    Near near{};
    const bool surely = !level.asked() && seen.most_m < limit.below;
    if (surely) {
      near.node_start_us = near.start_us = seen.u;
      near.node_end_us = near.end_us = seen.v;
      near.starts_near = near.ends_near = true;
      near.closest_steps = kInfinity;
      near.vertical_known = level.comparable && altitudes_known(a, seen.at, b, seen.bt);
    } else if (!look(Interval(a, seen.at, b, seen.bt, seen.u, seen.v, level.comparable), limit, level, near)) {
      return;
    }
    near.a = mover_a;
    near.b = mover_b;
    near.open_start = near.starts_near && seen.u == joint_start_us;
    near.open_end = near.ends_near && seen.v == joint_end_us;
    if (found.size() > before && found.back().ends_near && near.starts_near && found.back().node_end_us == seen.u) {
      join(found.back(), near);
    } else {
      if (found.size() > before) settle(a, b, sure, level.comparable, found.back());
      sure.clear();
      found.push_back(near);
    }
    if (surely) sure.push_back(seen);
  });
  if (found.size() > before) settle(a, b, sure, level.comparable, found.back());
}

bool find_closest(const Course& a, const Course& b, Near& closest) {
  const int64_t start_us = std::max(a.stretch_start_us, b.stretch_start_us);
  const int64_t end_us = std::min(a.stretch_end_us, b.stretch_end_us);
  if (start_us > end_us) return false;
  if (start_us == end_us) {
    closest = meet(a, b, start_us, true);
    return true;
  }
  closest = Near{};
  closest.closest_steps = kInfinity;
  walk(a, b, start_us, end_us, [&](const Glimpse& seen) {
    if (seen.least_m * kStepsPerMetre > closest.closest_steps + 0.5) return;
    const Interval span(a, seen.at, b, seen.bt, seen.u, seen.v, true);
    const double inner = span.nearest_us();
    Best best;
    best.offer(span.apart_m(0.0), 0.0);
    best.offer(span.apart_m(inner), inner);
    best.offer(span.apart_m(span.took_us), span.took_us);
    if (best.steps < closest.closest_steps) record(span, best, closest);
  });
  return true;
}

}  // namespace truceline::approach
