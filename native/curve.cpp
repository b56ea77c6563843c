// Signs: the left normal at the foot point; at a vertex the sum of the two unit normals that meet there
// (J. A. Baerentzen and H. Aanaes, "Signed distance computation using the angle weighted pseudonormal",
// IEEE TVCG 11, 2005; in two dimensions no weights are needed).
#include "curve.hpp"

#include <limits>

#include "wide.hpp"

namespace truceline {
namespace {

constexpr int32_t kLeaf = 4;
constexpr int kDeepest = 64;  // three may wait a level, and ten levels hold a million pieces
constexpr double kOutwards = 1e-6;

double clamp01(double s) { return s < 0.0 ? 0.0 : (s > 1.0 ? 1.0 : s); }

// Squared distance to a piece and where: the foot on its chord, then one step of Newton's method on the parabola.
double piece_distance_sq(const Piece& piece, Vec p, double& s) {
  const Vec away = p - piece.start;
  const double along = dot(away, piece.chord), away_sq = dot(away, away);
  s = clamp01(along * piece.per_aa);
  if (piece.straight) {
    const double sq = away_sq + s * (s * piece.aa - 2.0 * along);
    return std::max(sq, 0.0);
  }
  const double across = dot(away, piece.bulge);
  const double slope =
      s * piece.aa - along + (1.0 - 2.0 * s) * (s * (1.0 - s) * piece.kk - across) + s * (2.0 - 3.0 * s) * piece.ak;
  const double steep = piece.aa + 2.0 * across + (2.0 - 6.0 * s) * piece.ak;
  s = clamp01(s - slope / std::max(steep, 0.1 * piece.aa));
  const double bent = s * (1.0 - s);
  const double sq = away_sq + s * s * piece.aa + bent * bent * piece.kk +
                    2.0 * (s * bent * piece.ak - s * along - bent * across);
  return std::max(sq, 0.0);
}

// Where on the way a + t way (t from 0 to 1) the chord of a piece is nearest.
double nearest_on_way(Vec a, Vec way, double way_sq, const Piece& piece) {
  if (way_sq <= 0.0) return 0.0;
  const Vec between = a - piece.start;
  const double mixed = dot(way, piece.chord), at_way = dot(way, between), at_chord = dot(piece.chord, between);
  const double spread = way_sq * piece.aa - mixed * mixed;
  double t = spread > 1e-12 * way_sq * piece.aa ? clamp01((mixed * at_chord - piece.aa * at_way) / spread) : 0.5;
  const double s = clamp01((mixed * t + at_chord) / piece.aa);
  t = clamp01((mixed * s - at_way) / way_sq);
  return t;
}

// A box nearer than this, squared, may hold something at least as near as the best.
double search_limit(double best_sq, double slop) {
  const double best = std::sqrt(best_sq) + slop;
  return best * best * (1.0 + 1e-6) + 1e-9;
}

Vec least(Vec a, Vec b) { return {std::min(a.x, b.x), std::min(a.y, b.y), std::min(a.z, b.z)}; }
Vec most(Vec a, Vec b) { return {std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z)}; }

}  // namespace

Curve::Curve(std::vector<Piece> pieces, std::vector<Vec> start_normals, std::vector<Vec> end_normals)
    : pieces_(std::move(pieces)), start_normals_(std::move(start_normals)), end_normals_(std::move(end_normals)) {
  const Box3 whole = box_of(0, pieces_count());
  centre_ = 0.5 * (whole.low + whole.high);
  for (const Piece& piece : pieces_) {
    const double reach = std::max(norm(piece.start - centre_), norm(piece.start + piece.chord - centre_));
    radius_m_ = std::max(radius_m_, reach + norm(piece.bulge) / 4.0 + 1e-3);
  }
  nodes_.reserve(pieces_.size() / kLeaf + 8);
  build(0, pieces_count());
}

Curve::Box3 Curve::box_of(int32_t first, int32_t last) const {
  constexpr double inf = std::numeric_limits<double>::infinity();
  Box3 box{{inf, inf, inf}, {-inf, -inf, -inf}};
  for (int32_t k = first; k < last; ++k) {
    const Piece& piece = pieces_[k];
    // The sagitta of the parabola, and a little for the rounding of what is computed from it.
    const double pad = norm(piece.bulge) / 4.0 + 1e-3;
    const Vec margin{pad, pad, pad}, end = piece.start + piece.chord;
    box.low = least(box.low, least(piece.start, end) - margin);
    box.high = most(box.high, most(piece.start, end) + margin);
  }
  return box;
}

int32_t Curve::build(int32_t first, int32_t last) {
  const int32_t me = static_cast<int32_t>(nodes_.size());
  nodes_.emplace_back();
  for (int k = 0; k < 4; ++k) {
    const int32_t from = first + static_cast<int32_t>(static_cast<int64_t>(last - first) * k / 4);
    const int32_t to = first + static_cast<int32_t>(static_cast<int64_t>(last - first) * (k + 1) / 4);
    // Single precision, rounded outwards: by a thousandth of a millimetre a metre, and a little.
    const Box3 box = box_of(from, to);
    const Vec low = box.low - centre_, high = box.high - centre_;
    const double lows[3] = {low.x, low.y, low.z}, highs[3] = {high.x, high.y, high.z};
    for (int axis = 0; axis < 3; ++axis) {
      nodes_[me].low[axis][k] = from < to ? static_cast<float>(lows[axis] - kOutwards * std::fabs(lows[axis])) : 1e18f;
      nodes_[me].high[axis][k] = from < to ? static_cast<float>(highs[axis] + kOutwards * std::fabs(highs[axis])) : 1e18f;
    }
    int32_t child = from;
    if (to - from > kLeaf) child = -1 - build(from, to);
    nodes_[me].first[k] = child;
    nodes_[me].last[k] = to;
  }
  return me;
}

// Squared distances to the four boxes; never above the true ones by more than the rounding that the boxes allow for.
void Curve::distances_sq(const Node& node, const float* p, float* out) const {
  for (int k = 0; k < 4; ++k) out[k] = 0.0f;
  for (int axis = 0; axis < 3; ++axis) {
    for (int k = 0; k < 4; ++k) {
      const float below = node.low[axis][k] - p[axis], above = p[axis] - node.high[axis][k];
      const float gap = std::max(std::max(below, above), 0.0f);
      out[k] += gap * gap;
    }
  }
}

void Curve::offer(Vec p, int32_t index, double& best_sq, int32_t& best, double& fraction) const {
  double s;
  const double sq = piece_distance_sq(pieces_[index], p, s);
  // Of equally near pieces the first along the line, so that the order of looking does not matter.
  if (sq < best_sq || (sq == best_sq && index < best)) {
    best_sq = sq;
    best = index;
    fraction = s;
  }
}

Nearest Curve::nearest(Vec p, int32_t hint) const {
  double best_sq = std::numeric_limits<double>::infinity(), fraction = 0.0;
  int32_t best = 0;
  if (hint >= 0 && hint < pieces_count()) offer(p, hint, best_sq, best, fraction);
  const Vec away = p - centre_;
  const float at[3] = {static_cast<float>(away.x), static_cast<float>(away.y), static_cast<float>(away.z)};
  // What single precision may have added to a distance from here.
  const double slop = 1e-6 * (std::fabs(away.x) + std::fabs(away.y) + std::fabs(away.z));
  double limit = search_limit(best_sq, slop);
  struct Waiting {
    int32_t node;
    float sq;
  } stack[kDeepest];
  int depth = 0;
  stack[depth++] = {0, 0.0f};
  while (depth > 0) {
    const Waiting next = stack[--depth];
    if (next.sq > limit) continue;
    const Node& node = nodes_[next.node];
    float sq[4];
    distances_sq(node, at, sq);
    // The nearest child last onto the stack: looked at first.
    int order[4] = {0, 1, 2, 3};
    const auto swap_if = [&](int i, int j) {
      if (sq[order[i]] < sq[order[j]]) std::swap(order[i], order[j]);
    };
    swap_if(0, 1), swap_if(2, 3), swap_if(0, 2), swap_if(1, 3), swap_if(1, 2);
    for (const int k : order) {
      if (sq[k] > limit || node.first[k] >= node.last[k]) continue;
      if (node.first[k] < 0) {
        stack[depth++] = {-1 - node.first[k], sq[k]};
        continue;
      }
      for (int32_t piece = node.first[k]; piece < node.last[k]; ++piece) offer(p, piece, best_sq, best, fraction);
      limit = search_limit(best_sq, slop);
    }
  }
  return settled(p, best, fraction);
}

Curve::Few Curve::few(std::vector<int32_t> index) const {
  Few out;
  out.padded = (index.size() + 3) / 4 * 4;
  out.columns.assign(8 * out.padded, 0.0);
  for (size_t k = 0; k < out.padded; ++k) {
    // What fills the last group up is the last piece again, which changes nothing.
    const Piece& piece = pieces_[index[std::min(k, index.size() - 1)]];
    const double values[8] = {piece.start.x, piece.start.y, piece.start.z, piece.chord.x,
                              piece.chord.y, piece.chord.z, piece.aa,      piece.per_aa};
    for (size_t column = 0; column < 8; ++column) out.columns[column * out.padded + k] = values[column];
    out.straight = out.straight && piece.straight;
  }
  out.index = std::move(index);
  return out;
}

namespace {

// piece_distance_sq of straight pieces, the same operations in the same order.
TRUCELINE_WIDE
void straight_distances_sq(const double* columns, size_t padded, Vec p, double* sq, double* fraction) {
  const double *x = columns, *y = x + padded, *z = y + padded, *cx = z + padded, *cy = cx + padded, *cz = cy + padded,
               *aa = cz + padded, *per_aa = aa + padded;
  for (size_t k = 0; k < padded; ++k) {
    const double ax = p.x - x[k], ay = p.y - y[k], az = p.z - z[k];
    const double along = ax * cx[k] + ay * cy[k] + az * cz[k];
    const double away_sq = ax * ax + ay * ay + az * az;
    const double raw = along * per_aa[k];
    const double low = raw < 0.0 ? 0.0 : raw;
    const double s = low > 1.0 ? 1.0 : low;
    const double found = away_sq + s * (s * aa[k] - 2.0 * along);
    sq[k] = found > 0.0 ? found : 0.0;
    fraction[k] = s;
  }
}

}  // namespace

Nearest Curve::nearest_among(Vec p, const Few& few) const {
  double best_sq = std::numeric_limits<double>::infinity(), fraction = 0.0;
  int32_t best = 0;
  if (few.straight && few.padded <= Few::kMost) {
    double sq[Few::kMost], fractions[Few::kMost];
    straight_distances_sq(few.columns.data(), few.padded, p, sq, fractions);
    size_t at = 0;
    for (size_t k = 1; k < few.index.size(); ++k) at = sq[k] < sq[at] ? k : at;
    return settled(p, few.index[at], fractions[at]);
  }
  for (const int32_t index : few.index) offer(p, index, best_sq, best, fraction);
  return settled(p, best, fraction);
}

void Curve::pieces_within(Vec p, double distance_m, std::vector<int32_t>& out) const {
  const Vec away = p - centre_;
  const float at[3] = {static_cast<float>(away.x), static_cast<float>(away.y), static_cast<float>(away.z)};
  const double slop = 1e-6 * (std::fabs(away.x) + std::fabs(away.y) + std::fabs(away.z));
  const double limit = search_limit(distance_m * distance_m, slop);
  int32_t stack[kDeepest];
  int depth = 0;
  stack[depth++] = 0;
  while (depth > 0) {
    const Node& node = nodes_[stack[--depth]];
    float sq[4];
    distances_sq(node, at, sq);
    for (int k = 3; k >= 0; --k) {
      if (sq[k] > limit || node.first[k] >= node.last[k] || node.first[k] >= 0) continue;
      stack[depth++] = -1 - node.first[k];
    }
    for (int k = 0; k < 4; ++k) {
      if (sq[k] > limit || node.first[k] >= node.last[k] || node.first[k] < 0) continue;
      for (int32_t piece = node.first[k]; piece < node.last[k]; ++piece) {
        double s;
        if (piece_distance_sq(pieces_[piece], p, s) <= limit) out.push_back(piece);
      }
    }
  }
}

bool Curve::only_piece(Vec p, int32_t index, double away_m, double reach_m) const {
  const double within = away_m + 2.0 * reach_m + 0.01;
  const double limit_sq = within * within;
  // The neighbours first: mostly they answer.
  double s;
  for (const int32_t beside : {index - 1, index + 1}) {
    if (beside >= 0 && beside < pieces_count() && piece_distance_sq(pieces_[beside], p, s) <= limit_sq) return false;
  }
  thread_local std::vector<int32_t> found;
  found.clear();
  pieces_within(p, within, found);
  return found.size() == 1 && found[0] == index;
}

// The foot to full precision, and the side it is seen from.
Nearest Curve::settled(Vec p, int32_t best, double fraction) const {
  const Piece& piece = pieces_[best];
  for (int round = piece.straight ? 2 : 0; round < 2; ++round) {
    const Vec away = piece.at(fraction) - p, tangent = piece.tangent(fraction);
    const double size_sq = dot(tangent, tangent);
    const double steep = size_sq - 2.0 * dot(away, piece.bulge);
    fraction = clamp01(fraction - dot(away, tangent) / std::max(steep, 0.1 * size_sq));
  }
  const Vec foot = piece.at(fraction);
  Vec left;
  if (fraction <= 0.0) {
    left = start_normals_[best];
  } else if (fraction >= 1.0) {
    left = end_normals_[best];
  } else {
    left = cross(formed(foot), piece.tangent(fraction));
  }
  const double away_m = arc_m(p, foot);
  return {best, fraction, foot, dot(p - foot, left) > 0.0 ? away_m : -away_m};
}

double Curve::distance_to_piece_m(Vec p, int32_t index) const {
  double s;
  piece_distance_sq(pieces_[index], p, s);
  return arc_m(p, pieces_[index].at(s));
}

double Curve::nearest_fraction(Vec a, Vec b, int32_t hint) const {
  const Vec way = b - a, middle = 0.5 * (a + b) - centre_;
  const float at[3] = {static_cast<float>(middle.x), static_cast<float>(middle.y), static_cast<float>(middle.z)};
  const double slop = 1e-6 * (std::fabs(middle.x) + std::fabs(middle.y) + std::fabs(middle.z));
  const double way_sq = dot(way, way), half = 0.5 * std::sqrt(way_sq) + slop;
  double best_sq = std::numeric_limits<double>::infinity(), best = 0.0;
  const auto offer_way = [&](int32_t k) {
    // The nearest points of the two chords, then alternating projections for the bend of the piece.
    double on_way = nearest_on_way(a, way, way_sq, pieces_[k]), on_piece = 0.5;
    double sq = piece_distance_sq(pieces_[k], a + on_way * way, on_piece);
    for (int round = 0; round < 3 && way_sq > 0.0; ++round) {
      on_way = clamp01(dot(pieces_[k].at(on_piece) - a, way) / way_sq);
      sq = piece_distance_sq(pieces_[k], a + on_way * way, on_piece);
    }
    if (sq < best_sq) best_sq = sq, best = on_way;
  };
  if (hint >= 0 && hint < pieces_count()) offer_way(hint);
  int32_t stack[kDeepest];
  int depth = 0;
  stack[depth++] = 0;
  while (depth > 0) {
    const Node& node = nodes_[stack[--depth]];
    float boxes_sq[4];
    distances_sq(node, at, boxes_sq);
    for (int child = 3; child >= 0; --child) {
      if (boxes_sq[child] > search_limit(best_sq, half) || node.first[child] >= node.last[child]) continue;
      if (node.first[child] < 0) {
        stack[depth++] = -1 - node.first[child];
        continue;
      }
      for (int32_t k = node.first[child]; k < node.last[child]; ++k) offer_way(k);
    }
  }
  return best;
}

}  // namespace truceline
