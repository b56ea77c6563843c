// Signs: the left normal at the foot point; at a vertex the sum of the two unit normals that meet there
// (J. A. Baerentzen and H. Aanaes, "Signed distance computation using the angle weighted pseudonormal",
// IEEE TVCG 11, 2005; in two dimensions no weights are needed).
#include "curve.hpp"

#include <limits>

namespace truceline {
namespace {

constexpr int32_t kLeaf = 4;
constexpr int kDeepest = 64;

double clamp01(double s) { return s < 0.0 ? 0.0 : (s > 1.0 ? 1.0 : s); }

// Squared distance to a piece and where: the foot on its chord, then one step of Newton's method on the parabola.
double piece_distance_sq(const Piece& piece, Vec p, double& s) {
  const Vec away = p - piece.start;
  const double along = dot(away, piece.chord), across = dot(away, piece.bulge), away_sq = dot(away, away);
  s = clamp01(along / piece.aa);
  const double slope =
      s * piece.aa - along + (1.0 - 2.0 * s) * (s * (1.0 - s) * piece.kk - across) + s * (2.0 - 3.0 * s) * piece.ak;
  const double steep = piece.aa + 2.0 * across + (2.0 - 6.0 * s) * piece.ak;
  s = clamp01(s - slope / std::max(steep, 0.1 * piece.aa));
  const double bent = s * (1.0 - s);
  const double sq = away_sq + s * s * piece.aa + bent * bent * piece.kk +
                    2.0 * (s * bent * piece.ak - s * along - bent * across);
  return std::max(sq, 0.0);
}

double beyond(double low, double high, double value) {
  return value < low ? low - value : (value > high ? value - high : 0.0);
}

double box_distance_sq(Vec low, Vec high, Vec p) {
  const double x = beyond(low.x, high.x, p.x), y = beyond(low.y, high.y, p.y), z = beyond(low.z, high.z, p.z);
  return x * x + y * y + z * z;
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
  nodes_.reserve(2 * pieces_.size() / kLeaf + 8);
  build(0, pieces_count());
  centre_ = 0.5 * (nodes_[0].low + nodes_[0].high);
  for (const Piece& piece : pieces_) {
    const double reach = std::max(norm(piece.start - centre_), norm(piece.start + piece.chord - centre_));
    radius_m_ = std::max(radius_m_, reach + norm(piece.bulge) / 4.0 + 1e-3);
  }
}

int32_t Curve::build(int32_t first, int32_t last) {
  const int32_t me = static_cast<int32_t>(nodes_.size());
  constexpr double inf = std::numeric_limits<double>::infinity();
  nodes_.push_back({{inf, inf, inf}, {-inf, -inf, -inf}, first, last, -1});
  Vec low = nodes_[me].low, high = nodes_[me].high;
  for (int32_t k = first; k < last; ++k) {
    const Piece& piece = pieces_[k];
    // The sagitta of the parabola, and a little for the rounding of what is computed from it.
    const double pad = norm(piece.bulge) / 4.0 + 1e-3;
    const Vec margin{pad, pad, pad}, end = piece.start + piece.chord;
    low = least(low, least(piece.start, end) - margin);
    high = most(high, most(piece.start, end) + margin);
  }
  nodes_[me].low = low;
  nodes_[me].high = high;
  if (last - first > kLeaf) {
    const int32_t middle = first + (last - first) / 2;
    build(first, middle);
    const int32_t right = build(middle, last);
    nodes_[me].right = right;
  }
  return me;
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
  struct Waiting {
    int32_t node;
    double sq;
  } stack[kDeepest];
  int depth = 0;
  stack[depth++] = {0, box_distance_sq(nodes_[0].low, nodes_[0].high, p)};
  while (depth > 0) {
    const Waiting next = stack[--depth];
    if (next.sq > best_sq) continue;
    const Node& node = nodes_[next.node];
    if (node.right < 0) {
      for (int32_t k = node.first; k < node.last; ++k) offer(p, k, best_sq, best, fraction);
      continue;
    }
    const Node &left = nodes_[next.node + 1], &right = nodes_[node.right];
    const double left_sq = box_distance_sq(left.low, left.high, p);
    const double right_sq = box_distance_sq(right.low, right.high, p);
    const Waiting one{next.node + 1, left_sq}, two{node.right, right_sq};
    const bool left_first = left_sq <= right_sq;
    const Waiting &near = left_first ? one : two, &far = left_first ? two : one;
    if (far.sq <= best_sq) stack[depth++] = far;
    if (near.sq <= best_sq) stack[depth++] = near;
  }
  const Piece& piece = pieces_[best];
  for (int round = 0; round < 2; ++round) {
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

double Curve::nearest_fraction(Vec a, Vec b) const {
  const Vec way = b - a, middle = 0.5 * (a + b);
  const double way_sq = dot(way, way), half = 0.5 * std::sqrt(way_sq);
  double best_sq = std::numeric_limits<double>::infinity(), best = 0.0;
  int32_t stack[kDeepest];
  int depth = 0;
  stack[depth++] = 0;
  while (depth > 0) {
    const Node& node = nodes_[stack[--depth]];
    const double gap = std::sqrt(box_distance_sq(node.low, node.high, middle)) - half;
    if (gap > 0.0 && gap * gap > best_sq) continue;
    if (node.right >= 0) {
      const int32_t left = static_cast<int32_t>(&node - nodes_.data()) + 1;
      stack[depth++] = node.right;
      stack[depth++] = left;
      continue;
    }
    for (int32_t k = node.first; k < node.last; ++k) {
      // The nearest points of the two chords, then alternating projections for the bend of the piece.
      double on_way = nearest_on_way(a, way, way_sq, pieces_[k]), on_piece = 0.5;
      double sq = piece_distance_sq(pieces_[k], a + on_way * way, on_piece);
      for (int round = 0; round < 3 && way_sq > 0.0; ++round) {
        on_way = clamp01(dot(pieces_[k].at(on_piece) - a, way) / way_sq);
        sq = piece_distance_sq(pieces_[k], a + on_way * way, on_piece);
      }
      if (sq < best_sq) {
        best_sq = sq;
        best = on_way;
      }
    }
  }
  return best;
}

}  // namespace truceline
