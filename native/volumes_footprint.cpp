#include "volumes_footprint.hpp"

#include <limits>

namespace truceline {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The point of the ellipsoid straight above the middle of a short chord.
Vec lifted(Vec middle) {
  const Vec steep = formed(middle);
  const double height = (1.0 - dot(middle, steep)) / (2.0 * dot(steep, steep));
  return middle + height * steep;
}

Piece short_piece(Vec a, Vec b) {
  const Vec middle = 0.5 * (a + b);
  return {a, b - a, 4.0 * (lifted(middle) - middle)};
}

void add_edge(std::vector<Piece>& pieces, LonLat from, LonLat to) {
  const Vec a = to_ecef(from), b = to_ecef(to);
  if (norm(b - a) <= 0.999 * kLongestVolumePieceM) {
    pieces.push_back(short_piece(a, b));
    return;
  }
  const Inverse way = inverse(from, to);
  const int count = static_cast<int>(std::ceil(way.distance_m / kLongestVolumePieceM));
  Vec before = a;
  for (int step = 1; step <= count; ++step) {
    const Vec here =
        step == count ? b : to_ecef(direct(from, way.azimuth_rad, way.distance_m * step / count));
    pieces.push_back(short_piece(before, here));
    before = here;
  }
}

std::unique_ptr<Ring> make_ring(const std::vector<Piece>& pieces, Vec centre) {
  auto ring = std::make_unique<Ring>();
  ring->up = (1.0 / norm(centre)) * centre;
  const Vec aside = std::fabs(ring->up.z) < 0.9 ? Vec{0, 0, 1} : Vec{1, 0, 0};
  const Vec east = cross(aside, ring->up);
  ring->east = (1.0 / norm(east)) * east;
  ring->north = cross(ring->up, ring->east);
  for (const Piece& piece : pieces) {
    const double depth = dot(piece.start, ring->up);
    ring->x.push_back(dot(piece.start, ring->east) / depth);
    ring->y.push_back(dot(piece.start, ring->north) / depth);
  }
  return ring;
}

// The nearest point of a piece to a point.
double foot_fraction(const Piece& piece, Vec point) {
  const double size = dot(piece.chord, piece.chord);
  if (!(size > 0.0)) return 0.0;
  double s = std::clamp(dot(point - piece.start, piece.chord) / size, 0.0, 1.0);
  for (int round = 0; round < 2; ++round) {
    const Vec away = piece.at(s) - point;
    const Vec tangent = piece.chord + (1.0 - 2.0 * s) * piece.bulge;
    const double tangent_sq = dot(tangent, tangent);
    const double steep = tangent_sq - 2.0 * dot(away, piece.bulge);
    s = std::clamp(s - dot(away, tangent) / std::max(steep, 0.1 * tangent_sq), 0.0, 1.0);
  }
  return s;
}

struct Best {
  double chord_sq = kInfinity;
  Vec on_first{0, 0, 0}, on_second{0, 0, 0};
  void take(Vec first, Vec second) {
    const Vec way = second - first;
    const double away_sq = dot(way, way);
    if (away_sq < chord_sq) {
      chord_sq = away_sq;
      on_first = first;
      on_second = second;
    }
  }
};

// Do two pieces cross? Told by the planes through the earth's centre, which part the ground as geodesics of this
// length do to less than a millimetre; who is that near at an end is found by the ends.
bool crossing(const Piece& first, const Piece& second, Best& best) {
  const Vec plane_first = cross(first.start, first.end()), plane_second = cross(second.start, second.end());
  const double a = dot(plane_second, first.start), b = dot(plane_second, first.end());
  const double c = dot(plane_first, second.start), d = dot(plane_first, second.end());
  if (!((a < 0.0) != (b < 0.0) && (c < 0.0) != (d < 0.0)) || a == b || c == d) return false;
  if (!(dot(first.start, second.start) > 0.0)) return false;
  best.chord_sq = 0.0;
  best.on_first = first.at(a / (a - b));
  best.on_second = second.at(c / (c - d));
  return true;
}

void between_pieces(const Piece& first, const Piece& second, Best& best) {
  if (crossing(first, second, best)) return;
  for (const double s : {0.0, 1.0}) {
    const Vec end = first.at(s);
    best.take(end, second.at(foot_fraction(second, end)));
  }
  for (const double s : {0.0, 1.0}) {
    const Vec end = second.at(s);
    best.take(first.at(foot_fraction(first, end)), end);
  }
}

// No point of the one piece is nearer to the other than this; 16 m more than a bend of 20 km on both sides.
double least_apart(const Piece& first, const Piece& second) {
  const Vec way = (first.start + 0.5 * first.chord) - (second.start + 0.5 * second.chord);
  return norm(way) - 0.5 * (norm(first.chord) + norm(second.chord)) - 16.0;
}

}  // namespace

Footprint make_footprint(const double* lonlat_deg, size_t count, bool is_ring, double half_width_m) {
  Footprint out;
  out.half_width_m = half_width_m;
  const auto point = [&](size_t k) { return LonLat{lonlat_deg[2 * k], lonlat_deg[2 * k + 1]}; };
  if (count == 1) add_edge(out.pieces, point(0), point(0));
  for (size_t k = 0; k + 1 < count; ++k) add_edge(out.pieces, point(k), point(k + 1));
  if (is_ring) add_edge(out.pieces, point(count - 1), point(0));
  out.pieces.shrink_to_fit();
  Vec low = out.pieces[0].start, high = low;
  for (const Piece& piece : out.pieces) {
    for (const Vec end : {piece.start, piece.end()}) {
      low = {std::min(low.x, end.x), std::min(low.y, end.y), std::min(low.z, end.z)};
      high = {std::max(high.x, end.x), std::max(high.y, end.y), std::max(high.z, end.z)};
    }
  }
  out.centre = 0.5 * (low + high);
  for (const Piece& piece : out.pieces) {
    for (const Vec end : {piece.start, piece.end()}) out.radius_m = std::max(out.radius_m, norm(end - out.centre));
  }
  out.radius_m += 8.0;  // the bend of a piece of 20 km: 7.85 m
  if (is_ring) out.ring = make_ring(out.pieces, out.centre);
  return out;
}

bool encloses(const Ring& ring, Vec point) {
  const double depth = dot(point, ring.up);
  if (!(depth > 0.0)) return false;
  const double x = dot(point, ring.east) / depth, y = dot(point, ring.north) / depth;
  bool inside = false;
  const size_t count = ring.x.size();
  for (size_t k = 0, before = count - 1; k < count; before = k++) {
    if ((ring.y[k] > y) == (ring.y[before] > y)) continue;
    const double share = (y - ring.y[k]) / (ring.y[before] - ring.y[k]);
    if (x < ring.x[k] + share * (ring.x[before] - ring.x[k])) inside = !inside;
  }
  return inside;
}

Separation separation(const Footprint& first, const Footprint& second, double limit_m) {
  if (second.ring && encloses(*second.ring, first.pieces[0].start)) {
    return {0.0, first.pieces[0].start, first.pieces[0].start};
  }
  if (first.ring && encloses(*first.ring, second.pieces[0].start)) {
    return {0.0, second.pieces[0].start, second.pieces[0].start};
  }
  Best best;
  for (const Piece& one : first.pieces) {
    for (const Piece& other : second.pieces) {
      const double least = least_apart(one, other);
      if (least > limit_m || (least > 0.0 && least * least > best.chord_sq)) continue;
      between_pieces(one, other, best);
      if (best.chord_sq == 0.0) return {0.0, best.on_first, best.on_second};
    }
  }
  if (best.chord_sq == kInfinity) return {kInfinity, first.pieces[0].start, second.pieces[0].start};
  return {arc_m(best.on_first, best.on_second), best.on_first, best.on_second};
}

}  // namespace truceline
