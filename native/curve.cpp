// Signs: the left normal at the foot point; at a vertex the sum of the two unit normals that meet there
// (J. A. Baerentzen and H. Aanaes, "Signed distance computation using the angle weighted pseudonormal",
// IEEE TVCG 11, 2005; in two dimensions no weights are needed).
#include "curve.hpp"

#include <algorithm>
#include <limits>

#include "wide.hpp"

namespace truceline {
namespace {

constexpr int32_t kLeaf = 4;
constexpr int kDeepest = 64;  // three may wait a level, and ten levels hold a million pieces

double clamp01(double s) { return s < 0.0 ? 0.0 : (s > 1.0 ? 1.0 : s); }

// Squared distance to a piece and where: the foot on its chord, then one step of Newton's method on the parabola.
double piece_distance_sq(const Piece& piece, Vec p, double& s) {
  const Vec away = p - piece.start;
  const double along = dot(away, piece.chord), away_sq = dot(away, away);
  s = clamp01(along * piece.per_aa);
  if (piece.chord_serves) {
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

Vec least(Vec a, Vec b) { return {std::min(a.x, b.x), std::min(a.y, b.y), std::min(a.z, b.z)}; }
Vec most(Vec a, Vec b) { return {std::max(a.x, b.x), std::max(a.y, b.y), std::max(a.z, b.z)}; }

}  // namespace

Curve::Curve(std::vector<Piece> pieces, std::vector<Vec> start_normals, std::vector<Vec> end_normals)
    : pieces_(std::move(pieces)), start_normals_(std::move(start_normals)), end_normals_(std::move(end_normals)) {
  Vec low = pieces_[0].start, high = low;
  for (const Piece& piece : pieces_) {
    low = least(low, least(piece.start, piece.start + piece.chord));
    high = most(high, most(piece.start, piece.start + piece.chord));
  }
  centre_ = 0.5 * (low + high);
  for (const Piece& piece : pieces_) {
    const double reach = std::max(norm(piece.start - centre_), norm(piece.start + piece.chord - centre_));
    radius_m_ = std::max(radius_m_, reach + norm(piece.bulge) / 4.0 + 1e-3);
  }
  columns_.resize(8 * pieces_.size());
  bent_before_.assign(pieces_.size() + 1, 0);
  for (size_t k = 0; k < pieces_.size(); ++k) {
    const Piece& piece = pieces_[k];
    const double values[8] = {piece.start.x, piece.start.y, piece.start.z, piece.chord.x,
                              piece.chord.y, piece.chord.z, piece.aa,      piece.per_aa};
    for (size_t column = 0; column < 8; ++column) columns_[column * pieces_.size() + k] = values[column];
    bent_before_[k + 1] = bent_before_[k] + (piece.chord_serves ? 0 : 1);
  }
  nodes_.reserve(pieces_.size() / kLeaf + 8);
  build(0, pieces_count());
}

// How far pieces [first, last) stray from the straight way between their ends, sagitta and rounding included.
double Curve::reach_of(int32_t first, int32_t last) const {
  const Piece straight(pieces_[first].start, pieces_[last - 1].start + pieces_[last - 1].chord - pieces_[first].start,
                       Vec{0.0, 0.0, 0.0});
  double reach_sq = 0.0, sagitta = 0.0, s;
  for (int32_t k = first; k < last; ++k) {
    const Vec end = pieces_[k].start + pieces_[k].chord;
    reach_sq = std::max({reach_sq, piece_distance_sq(straight, pieces_[k].start, s), piece_distance_sq(straight, end, s)});
    sagitta = std::max(sagitta, norm(pieces_[k].bulge) / 4.0);
  }
  return (std::sqrt(reach_sq) + sagitta) * (1.0 + 1e-6) + 1e-3;
}

int32_t Curve::build(int32_t first, int32_t last) {
  const int32_t me = static_cast<int32_t>(nodes_.size());
  nodes_.emplace_back();
  for (int k = 0; k < 4; ++k) {
    const int32_t from = first + static_cast<int32_t>(static_cast<int64_t>(last - first) * k / 4);
    const int32_t to = first + static_cast<int32_t>(static_cast<int64_t>(last - first) * (k + 1) / 4);
    Vec start{0.0, 0.0, 0.0}, way{0.0, 0.0, 0.0};
    if (from < to) {
      start = pieces_[from].start - centre_;
      way = pieces_[to - 1].start + pieces_[to - 1].chord - pieces_[from].start;
    }
    const double starts[3] = {start.x, start.y, start.z}, ways[3] = {way.x, way.y, way.z};
    for (int axis = 0; axis < 3; ++axis) {
      nodes_[me].start[axis][k] = static_cast<float>(starts[axis]);
      nodes_[me].way[axis][k] = static_cast<float>(ways[axis]);
    }
    nodes_[me].per_way_sq[k] = static_cast<float>(1.0 / std::max(dot(way, way), 1e-12));
    nodes_[me].radius[k] = from < to ? static_cast<float>(reach_of(from, to) * (1.0 + 1e-6)) : 0.0f;
    int32_t child = from;
    if (to - from > kLeaf) child = -1 - build(from, to);
    nodes_[me].first[k] = child;
    nodes_[me].last[k] = to;
  }
  return me;
}

Curve::At Curve::at(Vec p) const {
  const Vec away = p - centre_;
  const double size = std::fabs(away.x) + std::fabs(away.y) + std::fabs(away.z) + radius_m_;
  return {{static_cast<float>(away.x), static_cast<float>(away.y), static_cast<float>(away.z)},
          static_cast<float>(1e-6 * size)};
}

void Curve::least_distances(const Node& node, const At& at, float* out) {
  float away[3][4], along[4], left[4];
  for (int k = 0; k < 4; ++k) along[k] = 0.0f, left[k] = 0.0f;
  for (int axis = 0; axis < 3; ++axis) {
    for (int k = 0; k < 4; ++k) away[axis][k] = at.p[axis] - node.start[axis][k];
  }
  for (int axis = 0; axis < 3; ++axis) {
    for (int k = 0; k < 4; ++k) along[k] += away[axis][k] * node.way[axis][k];
  }
  for (int k = 0; k < 4; ++k) {
    const float share = along[k] * node.per_way_sq[k];
    along[k] = std::min(std::max(share, 0.0f), 1.0f);
  }
  for (int axis = 0; axis < 3; ++axis) {
    for (int k = 0; k < 4; ++k) {
      const float gap = away[axis][k] - along[k] * node.way[axis][k];
      left[k] += gap * gap;
    }
  }
  for (int k = 0; k < 4; ++k) out[k] = std::sqrt(left[k]) - node.radius[k] - at.slop;
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
  const At from = at(p);
  double limit = std::sqrt(best_sq);
  struct Waiting {
    int32_t node;
    float least;
  } stack[kDeepest];
  int depth = 0;
  stack[depth++] = {0, -1.0f};
  while (depth > 0) {
    const Waiting next = stack[--depth];
    if (next.least > limit) continue;
    const Node& node = nodes_[next.node];
    float away[4];
    least_distances(node, from, away);
    // The nearest child last onto the stack: looked at first.
    int order[4] = {0, 1, 2, 3};
    const auto swap_if = [&](int i, int j) {
      if (away[order[i]] < away[order[j]]) std::swap(order[i], order[j]);
    };
    swap_if(0, 1), swap_if(2, 3), swap_if(0, 2), swap_if(1, 3), swap_if(1, 2);
    for (const int k : order) {
      if (away[k] > limit || node.first[k] >= node.last[k]) continue;
      if (node.first[k] < 0) stack[depth++] = {-1 - node.first[k], away[k]};
    }
    for (int turn = 3; turn >= 0; --turn) {
      const int k = order[turn];
      if (away[k] > limit || node.first[k] >= node.last[k] || node.first[k] < 0) continue;
      for (int32_t piece = node.first[k]; piece < node.last[k]; ++piece) offer(p, piece, best_sq, best, fraction);
      limit = std::sqrt(best_sq);
    }
  }
  return settled(p, best, fraction);
}

Curve::Few Curve::few(const std::vector<int32_t>& index) {
  Few out;
  if (index.empty()) return out;
  // Two runs, parted at the widest step.
  size_t widest = 0;
  for (size_t k = 1; k < index.size(); ++k) {
    if (widest == 0 || index[k] - index[k - 1] > index[widest] - index[widest - 1]) widest = k;
  }
  const bool parted = widest > 0 && index[widest] - index[widest - 1] > 1;
  out.first[0] = index.front();
  out.last[0] = (parted ? index[widest - 1] : index.back()) + 1;
  if (parted) out.first[1] = index[widest], out.last[1] = index.back() + 1;
  return out;
}

namespace {

// piece_distance_sq of pieces whose chord serves, the same operations in the same order.
TRUCELINE_WIDE
void straight_distances_sq(const double* __restrict columns, size_t width, size_t count, Vec p,
                           double* __restrict sq, double* __restrict fraction) {
  const double *x = columns, *y = x + width, *z = y + width, *cx = z + width, *cy = cx + width, *cz = cy + width,
               *aa = cz + width, *per_aa = aa + width;
  for (size_t k = 0; k < count; ++k) {
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

constexpr int32_t kTogether = 64;

}  // namespace

Nearest Curve::nearest_among(Vec p, const Few& few) const {
  double best_sq = std::numeric_limits<double>::infinity(), fraction = 0.0;
  int32_t best = 0;
  for (int run = 0; run < 2; ++run) {
    if (few.first[run] < few.last[run] && bent_before_[few.last[run]] > bent_before_[few.first[run]]) {
      for (int32_t k = few.first[run]; k < few.last[run]; ++k) offer(p, k, best_sq, best, fraction);
      continue;
    }
    for (int32_t from = few.first[run]; from < few.last[run]; from += kTogether) {
      const int32_t count = std::min(kTogether, few.last[run] - from);
      double sq[kTogether], fractions[kTogether];
      straight_distances_sq(columns_.data() + from, pieces_.size(), static_cast<size_t>(count), p, sq, fractions);
      for (int32_t k = 0; k < count; ++k) {
        if (sq[k] < best_sq) best_sq = sq[k], best = from + k, fraction = fractions[k];
      }
    }
  }
  return settled(p, best, fraction);
}

void Curve::pieces_within(Vec p, double distance_m, std::vector<int32_t>& out) const {
  const At from = at(p);
  const double limit_sq = distance_m * distance_m;
  const size_t begun = out.size();
  int32_t stack[kDeepest];
  int depth = 0;
  stack[depth++] = 0;
  while (depth > 0) {
    const Node& node = nodes_[stack[--depth]];
    float away[4];
    least_distances(node, from, away);
    for (int k = 0; k < 4; ++k) {
      if (away[k] > distance_m || node.first[k] >= node.last[k]) continue;
      if (node.first[k] < 0) {
        stack[depth++] = -1 - node.first[k];
        continue;
      }
      for (int32_t piece = node.first[k]; piece < node.last[k]; ++piece) {
        double s;
        if (piece_distance_sq(pieces_[piece], p, s) <= limit_sq) out.push_back(piece);
      }
    }
  }
  std::sort(out.begin() + static_cast<std::ptrdiff_t>(begun), out.end());
}

int Curve::count_within(Vec p, const Few& few, double distance_m) const {
  const double limit_sq = distance_m * distance_m;
  int count = 0;
  double s;
  for (int run = 0; run < 2; ++run) {
    for (int32_t k = few.first[run]; k < few.last[run]; ++k) count += piece_distance_sq(pieces_[k], p, s) <= limit_sq;
  }
  return count;
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
  const Vec way = b - a;
  const At middle = at(0.5 * (a + b));
  const double way_sq = dot(way, way), half = 0.5 * std::sqrt(way_sq);
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
    float away[4];
    least_distances(node, middle, away);
    for (int child = 3; child >= 0; --child) {
      if (away[child] - half > std::sqrt(best_sq) || node.first[child] >= node.last[child]) continue;
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
