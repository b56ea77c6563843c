#include "visits.hpp"

#include <limits>

namespace truceline {
namespace {

// Beyond this the way between two points is not known well enough to prove anything by it.
constexpr double kFarthestBallM = 500000.0;
constexpr double kSureShare = 0.999;

}  // namespace

const Pathfinder::Known& Pathfinder::known(size_t row) {
  Remembered& slot = memory_[row % kMemory];
  if (slot.row != row) {
    slot.row = row;
    slot.known = Known{};
    slot.known.place = to_ecef(fixes_.at(row));
    slot.known.depth_m = grid_->depth_m(fixes_.at(row), slot.known.place, hints_, &slot.known.seen);
  }
  return slot.known;
}

// Where depth keeps its side of a level: it changes no faster than the point moves.
Pathfinder::Ball Pathfinder::ball(LonLat centre, double height_m) const {
  return {From(centre), std::min(std::fabs(height_m), kFarthestBallM) * kSureShare - 1e-6};
}

Spot Pathfinder::spot_at(size_t row) const { return {row, 0.0, fixes_.t_us(row), fixes_.at(row)}; }

Spot Pathfinder::spot_on(size_t row, const LegPiece& piece, double s) const {
  const double fraction = piece.leg_fraction(s);
  const int64_t from = fixes_.t_us(row), to = row + 1 < fixes_.count() ? fixes_.t_us(row + 1) : from;
  const int64_t gone = static_cast<int64_t>(std::nearbyint(fraction * static_cast<double>(to - from)));
  return {row, fraction, from + gone, from_ecef(piece.at(s))};
}

// Whether a place provably lies on the given side of the level, at least so far from it; and how far at least.
bool Pathfinder::settled_by_cells(LonLat place, double level_m, bool inside, double least_m, double& height_m) {
  Bounds bounds = grid_->coarse(place, hints_);
  for (int look = 0; look < 2; ++look) {
    height_m = inside ? bounds.low_m - level_m : level_m - bounds.high_m;
    if (height_m >= least_m) return true;
    if (look == 0 && !(inside ? bounds.high_m - level_m < least_m : level_m - bounds.low_m < least_m)) {
      bounds = grid_->fine(place, hints_);
    } else {
      break;
    }
  }
  return false;
}

// The last row that provably lies on the same side of the level as `row`, with all the way to it.
size_t Pathfinder::skip(size_t row, size_t last, Ball& ball, double level_m, bool inside) {
  constexpr size_t block = Fixes::kBlock, super = Fixes::kSuper;
  while (row < last) {
    if (fixes_.boxed() && row % block == 0 && row + block <= last) {
      if (row % super == 0 && row + super <= last &&
          farthest_sq_m2(ball.centre, fixes_.super(row / super)) < ball.radius_sq()) {
        row += super;
        continue;
      }
      if (farthest_sq_m2(ball.centre, fixes_.block(row / block)) < ball.radius_sq()) {
        row += block;
        continue;
      }
      // A ball of its own for the block, about its middle fix.
      const LonLat middle = fixes_.at(row + block / 2);
      const double reach = std::sqrt(farthest_sq_m2(From(middle), fixes_.block(row / block)));
      double height;
      if (settled_by_cells(middle, level_m, inside, reach / kSureShare + 0.01, height)) {
        ball = this->ball(middle, height);
        row += block;
        continue;
      }
    }
    const size_t stop = fixes_.boxed() ? std::min(last, (row / block + 1) * block) : last;
    while (row < stop && fixes_.farthest_sq(ball.centre, row + 1) < ball.radius_sq()) ++row;
    if (row == stop) continue;
    // Out of the ball: what the cell of the next fix says may be enough.
    const double length = std::sqrt(fixes_.farthest_sq(From(fixes_.at(row)), row + 1));
    const double here = std::max(0.0, ball.radius_m - std::sqrt(fixes_.farthest_sq(ball.centre, row)));
    double height;
    if (!settled_by_cells(fixes_.at(row + 1), level_m, inside, std::max(length - here, 1.0), height)) return row;
    ++row;
    ball = this->ball(fixes_.at(row), height);
  }
  return row;
}

std::vector<Pathfinder::Crossing> Pathfinder::crossings(double threshold_m, double tolerance_m, size_t first,
                                                        size_t last, bool& first_inside, bool roughly) {
  const double level = threshold_m + kResolutionM / 2.0;
  std::vector<Crossing> found;
  Known here = known(first);
  bool exact = true;
  bool inside = here.depth_m > level;
  first_inside = inside;
  Ball ball = this->ball(fixes_.at(first), here.depth_m - level);
  size_t row = first;
  while (row < last) {
    const size_t reached = skip(row, last, ball, level, inside);
    if (reached >= last) break;
    exact = exact && reached == row;
    row = reached;
    const Known next = known(row + 1);
    const bool next_inside = next.depth_m > level;
    bool settled = false;
    if (next_inside == inside) {
      const double length = std::sqrt(fixes_.farthest_sq(From(fixes_.at(row)), row + 1));
      const double least = exact ? std::fabs(here.depth_m - level)
                                 : ball.radius_m - std::sqrt(fixes_.farthest_sq(ball.centre, row));
      settled = std::fabs(next.depth_m - level) + std::max(least, 0.0) + 2.0 * tolerance_m >= length;
    }
    if (roughly && next_inside != inside) {
      found.push_back({{row, std::numeric_limits<double>::quiet_NaN(), fixes_.t_us(row), {}}, next_inside});
    } else if (!settled) {
      if (!exact) here = known(row);
      cross_leg(row, here, next, level, tolerance_m, found);
    }
    inside = next_inside;
    here = next;
    exact = true;
    ++row;
    ball = this->ball(fixes_.at(row), here.depth_m - level);
  }
  return found;
}

void Pathfinder::settle(Visit& visit, double threshold_m, double tolerance_m) {
  const double level = threshold_m + kResolutionM / 2.0;
  for (Spot* spot : {&visit.entry, &visit.exit}) {
    if (!std::isnan(spot->fraction)) continue;
    std::vector<Crossing> found;
    const Known from = known(spot->row), to = known(spot->row + 1);
    cross_leg(spot->row, from, to, level, tolerance_m, found);
    // Of several crossings in one leg: in at the first, out at the last.
    if (!found.empty()) *spot = spot == &visit.entry ? found.front().spot : found.back().spot;
  }
}

std::vector<Visit> Pathfinder::visits(double threshold_m, double tolerance_m, size_t first, size_t last,
                                      bool roughly) {
  bool first_inside = false;
  const std::vector<Crossing> crossed = crossings(threshold_m, tolerance_m, first, last, first_inside, roughly);
  std::vector<Visit> found;
  Visit visit{};
  bool open = first_inside;
  if (open) visit.open_start = true, visit.entry = spot_at(first);
  for (const Crossing& crossing : crossed) {
    if (crossing.entering) {
      visit = Visit{};
      visit.entry = crossing.spot;
      open = true;
    } else if (open) {
      visit.exit = crossing.spot;
      found.push_back(visit);
      open = false;
    }
  }
  if (open) {
    visit.open_end = true;
    visit.exit = spot_at(last);
    found.push_back(visit);
  }
  return found;
}

void Pathfinder::cross_leg(size_t row, const Known& from, const Known& to, double level_m, double tolerance_m,
                           std::vector<Crossing>& out) {
  std::vector<LegPiece> pieces;
  pieces_of_leg(fixes_.at(row), fixes_.at(row + 1), from.place, to.place, pieces);
  Known here = from;
  for (size_t k = 0; k < pieces.size(); ++k) {
    const Known next = k + 1 < pieces.size() ? known_on(row, pieces[k].end, kLongestLegPieceM, pieces[k + 1].start) : to;
    cross_piece(row, pieces[k], 0.0, 1.0, here, next, level_m, tolerance_m, out);
    here = next;
  }
}

// An interval of length L whose ends have heights a and b of one sign cannot reach the other sign by more than
// (L - |a| - |b|) / 2; what this does not settle is halved.
void Pathfinder::cross_piece(size_t row, const LegPiece& piece, double s0, double s1, const Known& k0, const Known& k1,
                             double level_m, double tolerance_m, std::vector<Crossing>& out) {
  const double length = (s1 - s0) * piece.length_m;
  const double h0 = k0.depth_m - level_m, h1 = k1.depth_m - level_m;
  const bool crosses = (h0 > 0.0) != (h1 > 0.0);
  if (crosses ? length <= tolerance_m : std::fabs(h0) + std::fabs(h1) + 2.0 * tolerance_m >= length) {
    if (crosses) out.push_back({spot_on(row, piece, s0 + (s1 - s0) * h0 / (h0 - h1)), h1 > 0.0});
    return;
  }
  if (cross_straight(row, piece, s0, s1, k0, k1, level_m, out)) return;
  const double middle = 0.5 * (s0 + s1);
  const Known half = known_on(row, piece.leg_fraction(middle), piece.length_m, piece.at(middle));
  cross_piece(row, piece, s0, middle, k0, half, level_m, tolerance_m, out);
  cross_piece(row, piece, middle, s1, half, k1, level_m, tolerance_m, out);
}

// Along a straight way beside one straight piece of a line, and no other, depth changes evenly: there is one
// crossing where the ends differ, and none where they do not.
bool Pathfinder::cross_straight(size_t row, const LegPiece& piece, double s0, double s1, const Known& k0,
                                const Known& k1, double level_m, std::vector<Crossing>& out) {
  const double length = (s1 - s0) * piece.length_m;
  if (!k0.seen.curve || k0.seen.curve != k1.seen.curve || k0.seen.piece != k1.seen.piece || !k0.seen.inner ||
      !k1.seen.inner || length > 2.0 * (Grid::kBeside - 3.0) || !mapped(row, piece.length_m)) {
    return false;
  }
  const Leaf& leaf = region_.leaf(0);
  const double away = std::max(std::fabs(k0.depth_m - leaf.depth_from(0.0)), std::fabs(k1.depth_m - leaf.depth_from(0.0)));
  if (!k0.seen.curve->chord_serves(k0.seen.piece)) return false;
  const double middle = 0.5 * (s0 + s1);
  const LonLat map = on_map(row, piece.leg_fraction(middle));
  if (!grid_->one_piece(map, piece.at(middle), away, 0.5 * length + 0.01, hints_)) return false;
  const double h0 = k0.depth_m - level_m, h1 = k1.depth_m - level_m;
  if ((h0 > 0.0) != (h1 > 0.0)) out.push_back({spot_on(row, piece, s0 + (s1 - s0) * h0 / (h0 - h1)), h1 > 0.0});
  return true;
}

}  // namespace truceline
