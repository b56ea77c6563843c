// Where a visit is deepest: at a fix, or between two.
//
// First the greatest depth at any fix, then every leg that can be deeper than that between its ends. Whatever a
// bound leaves out cannot be deeper than what was found, so the answer is the same whatever was left out.
//
// Bounds: depth changes no faster than the point moves (S. A. Piyavskii, "An algorithm for finding the absolute
// extremum of a function", USSR Computational Mathematics and Mathematical Physics 12, 1972); and the distance to
// one piece of a line is convex along a straight way, so inside it is nowhere greater than at the ends.
#include <limits>

#include "visits.hpp"

namespace truceline {
namespace {

constexpr double kGainM = 1e-4;        // a leg is worth a search if it can be deeper by this
constexpr double kSlackM = 0.05;       // how close to the bound the search goes ...
constexpr double kSlackShare = 0.0001;  // ... or this share of the depth
constexpr double kGolden = 0.6180339887498949;
constexpr double kNone = -std::numeric_limits<double>::infinity();

// The distance to the curve of a single leaf, positive on its inner side; NaN where no one curve gives the depth.
double to_curve_m(const Region& region, const Pathfinder::Known& known) {
  if (!region.single() || !known.seen.curve) return std::numeric_limits<double>::quiet_NaN();
  return known.depth_m - region.leaf(0).offset_m - region.leaf(0).shift_m;
}

// The line of a band as wide on either side, whose depth is least the distance to it.
const Curve* even_band(const Region& region) {
  if (!region.single()) return nullptr;
  const Leaf& leaf = region.leaf(0);
  return leaf.kind == Leaf::Kind::band && leaf.wide_m == leaf.narrow_m ? leaf.curve.get() : nullptr;
}

}  // namespace

// No point on the way between two known places is deeper than this.
double Pathfinder::bound_m(Vec a, Vec b, const Known& one, const Known& two, double length_m) const {
  double bound = 0.5 * (one.depth_m + two.depth_m + length_m);
  const double from_one = to_curve_m(region_, one), from_two = to_curve_m(region_, two);
  if (from_one > 0.0 && from_two > 0.0) {
    const double more = one.depth_m - from_one;
    const Curve& curve = *one.seen.curve;
    bound = std::min(bound, std::max(from_one, curve.distance_to_piece_m(b, one.seen.piece)) + more);
    bound = std::min(bound, std::max(from_two, curve.distance_to_piece_m(a, two.seen.piece)) + more);
  }
  return bound;
}

// No depth at a place is greater than the distance to the piece that was nearest to another one beside it.
double Pathfinder::most_by_piece_m(Vec place, const Known& beside) const {
  const double from = to_curve_m(region_, beside);
  if (!(from > 0.0)) return std::numeric_limits<double>::infinity();
  return beside.seen.curve->distance_to_piece_m(place, beside.seen.piece) + (beside.depth_m - from) + kResolutionM;
}

double Pathfinder::most_at_rows(size_t first, size_t last, size_t& best_row) {
  constexpr size_t block = Fixes::kBlock;
  best_row = first;
  double best = known(first).depth_m;
  const auto offer = [&](size_t row) {
    const double depth = known(row).depth_m;
    if (depth > best || (depth == best && row < best_row)) best = depth, best_row = row;
    return depth;
  };
  // A first guess: the middle fix of the block that can hold the deepest one. Most blocks then need no closer look.
  const size_t first_block = (first + block - 1) / block, end_block = fixes_.boxed() ? (last + 1) / block : 0;
  std::vector<double> most_m;
  size_t promising = SIZE_MAX;
  for (size_t b = first_block; b < end_block && b * block + block <= last; ++b) {
    const LonLat middle = fixes_.at(b * block + block / 2);
    most_m.push_back(most_in_cell_m(middle) + std::sqrt(farthest_sq_m2(From(middle), fixes_.block(b))));
    if (promising == SIZE_MAX || most_m.back() > most_m[promising - first_block]) promising = b;
  }
  if (promising != SIZE_MAX) offer(promising * block + block / 2);
  From centre{fixes_.at(first)};
  Known beside = known(first);
  double centre_m = beside.depth_m;
  for (size_t row = first + 1; row <= last;) {
    const size_t b = row / block;
    if (row % block == 0 && b >= first_block && b - first_block < most_m.size()) {
      const LonLat middle = fixes_.at(row + block / 2);
      const From own(middle);
      if (most_m[b - first_block] < best ||
          offer(row + block / 2) + std::sqrt(farthest_sq_m2(own, fixes_.block(b))) < best) {
        row += block;
        centre_m = std::numeric_limits<double>::infinity();
        continue;
      }
    }
    if (centre_m + std::sqrt(fixes_.farthest_sq(centre, row)) < best) {
      ++row;
      continue;
    }
    centre = From(fixes_.at(row));
    centre_m = most_by_piece_m(to_ecef(fixes_.at(row)), beside);
    if (centre_m < best) {
      ++row;
      continue;
    }
    centre_m = offer(row);
    beside = known(row);
    ++row;
  }
  return best;
}

void Pathfinder::search_legs(size_t first, size_t last, Peak& peak) {
  constexpr size_t block = Fixes::kBlock;
  From centre{LonLat{0.0, 0.0}};
  double centre_m = kNone;
  bool any = false, have = false;
  Known from{}, beside{};
  for (size_t row = first; row < last;) {
    if (fixes_.boxed() && row % block == 0 && row + block <= last) {
      const LonLat middle = fixes_.at(row + block / 2);
      const From own(middle);
      const double reach = std::sqrt(farthest_sq_m2(own, fixes_.block(row / block)));
      if (most_in_cell_m(middle) + reach < peak.depth_m || known(row + block / 2).depth_m + reach < peak.depth_m) {
        row += block;
        have = false;
        continue;
      }
    }
    if (any) {
      const double reach_sq = std::max(fixes_.farthest_sq(centre, row), fixes_.farthest_sq(centre, row + 1));
      if (centre_m + std::sqrt(reach_sq) < peak.depth_m) {
        ++row;
        have = false;
        continue;
      }
    }
    // Convex along the leg, the distance to one piece is greatest at an end of it.
    if (any) {
      const double ahead_m = most_by_piece_m(to_ecef(fixes_.at(row + 1)), beside);
      const double here_m = ahead_m < peak.depth_m + kGainM ? most_by_piece_m(to_ecef(fixes_.at(row)), beside) : ahead_m;
      if (std::max(here_m, ahead_m) < peak.depth_m + kGainM) {
        ++row;
        centre = From(fixes_.at(row));
        centre_m = ahead_m;
        have = false;
        continue;
      }
    }
    if (!have) from = known(row);
    const Known to = known(row + 1);
    beside = to;
    const double length = std::sqrt(fixes_.farthest_sq(From(fixes_.at(row)), row + 1));
    if (bound_m(from.place, to.place, from, to, length) > peak.depth_m + kGainM) search_leg(row, 0.0, 1.0, peak);
    from = to;
    have = true;
    centre = From(fixes_.at(row + 1));
    centre_m = to.depth_m;
    any = true;
    ++row;
  }
}

void Pathfinder::search_leg(size_t row, double begin, double end, Peak& peak) {
  std::vector<LegPiece> pieces;
  const LonLat a = fixes_.at(row), b = row + 1 < fixes_.count() ? fixes_.at(row + 1) : a;
  pieces_of_leg(a, b, to_ecef(a), to_ecef(b), pieces);
  for (const LegPiece& piece : pieces) {
    if (piece.end < begin || piece.begin > end) continue;
    const double width = piece.end - piece.begin;
    const double s0 = std::max(0.0, (begin - piece.begin) / width), s1 = std::min(1.0, (end - piece.begin) / width);
    search_piece(row, piece, s0, s1, peak);
  }
}

void Pathfinder::search_piece(size_t row, const LegPiece& piece, double s0, double s1, Peak& peak) {
  struct Span {
    double s0, s1;
    Known k0, k1;
  };
  double best_s = -1.0, best = peak.depth_m;
  const auto ask = [&](double s) {
    const Known found = known_on(row, piece.leg_fraction(s), piece.length_m, piece.at(s));
    if (found.depth_m > best) best = found.depth_m, best_s = s;
    return found;
  };
  std::vector<Span> work{{s0, s1, ask(s0), ask(s1)}};
  const double out0 = to_curve_m(region_, work[0].k0), out1 = to_curve_m(region_, work[0].k1);
  const Curve* nearest_to = out0 < 0.0 && out1 < 0.0 ? work[0].k0.seen.curve : even_band(region_);
  if (nearest_to) {
    // Outside one line, and in a band of even width, the deepest place is the nearest to the line: found directly.
    const double share = nearest_to->nearest_fraction(work[0].k0.place, work[0].k1.place, work[0].k0.seen.piece);
    const Known there = ask(s0 + (s1 - s0) * share);
    // A way that meets the line may lie beyond it in between.
    if (even_band(region_) || to_curve_m(region_, there) < -kSlackM) work.clear();
  } else if (region_.single() && region_.leaf(0).kind == Leaf::Kind::circle) {
    const Vec from = work[0].k0.place, way = work[0].k1.place - from;
    const double way_sq = dot(way, way), along = dot(region_.leaf(0).centre - from, way);
    if (way_sq > 0.0 && along > 0.0 && along < way_sq) ask(s0 + (s1 - s0) * along / way_sq);
    work.clear();
  }
  while (!work.empty()) {
    const Span span = work.back();
    work.pop_back();
    const double length = (span.s1 - span.s0) * piece.length_m;
    const double slack = std::max(kSlackM, kSlackShare * std::fabs(best));
    if (bound_m(span.k0.place, span.k1.place, span.k0, span.k1, length) <= best + slack) continue;
    const double middle = 0.5 * (span.s0 + span.s1);
    const Known half = ask(middle);
    work.push_back({middle, span.s1, half, span.k1});
    work.push_back({span.s0, middle, span.k0, half});
  }
  if (best_s < 0.0) return;
  // Sharpened to a millimetre about the best place found.
  const double share = piece.length_m > 0.0 ? 4.0 * std::max(kSlackM, kSlackShare * std::fabs(best)) / piece.length_m : 0.0;
  double low = std::max(s0, best_s - share), high = std::min(s1, best_s + share);
  while ((high - low) * piece.length_m > 1e-3) {
    const double left = high - kGolden * (high - low), right = low + kGolden * (high - low);
    if (ask(left).depth_m >= ask(right).depth_m) {
      high = right;
    } else {
      low = left;
    }
  }
  peak = {best, spot_on(row, piece, best_s)};
}

void Pathfinder::find_deepest(Visit& visit) {
  const size_t first = visit.open_start ? visit.entry.row : visit.entry.row + 1;
  const size_t last = visit.exit.row;
  Peak peak{kNone, visit.entry};
  if (first <= last) {
    size_t row = first;
    peak.depth_m = most_at_rows(first, last, row);
    peak.spot = spot_at(row);
    search_legs(first, last, peak);
  }
  const bool one_leg = !visit.open_start && !visit.open_end && visit.entry.row == visit.exit.row;
  if (!visit.open_start) search_leg(visit.entry.row, visit.entry.fraction, one_leg ? visit.exit.fraction : 1.0, peak);
  if (!visit.open_end && !one_leg) search_leg(visit.exit.row, 0.0, visit.exit.fraction, peak);
  visit.deepest = peak.spot;
  visit.depth_m = rounded_m(peak.depth_m);
}

}  // namespace truceline
