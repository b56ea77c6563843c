#include "legs.hpp"

namespace truceline {
namespace {

// The ground is this much longer than its chord at most, for pieces of 20 km: (L/R)^2 / 24 and a margin.
constexpr double kLongerThanChord = 1.00001;
// Up to here the middle of the chord, lifted to the ground, is the middle of the way to a tenth of a millimetre.
constexpr double kLiftedM = 5000.0;

Vec lifted(Vec p) {
  for (int round = 0; round < 2; ++round) {
    const Vec up = formed(p);
    p = p + ((1.0 - dot(p, up)) / (2.0 * dot(up, up))) * up;
  }
  return p;
}

LegPiece piece_between(LonLat a, LonLat b, Vec from, Vec to, double begin, double end) {
  const Vec chord = to - from;
  const double length = norm(chord);
  const Vec middle = 0.5 * (from + to);
  const Vec ground = length <= kLiftedM ? lifted(middle) : to_ecef(interpolate(a, b, 0.5));
  return {from, chord, 4.0 * (ground - middle), begin, end, length * kLongerThanChord};
}

}  // namespace

void pieces_of_leg(LonLat a, LonLat b, Vec from, Vec to, std::vector<LegPiece>& out) {
  out.clear();
  if (norm(to - from) <= 0.99 * kLongestLegPieceM) {
    out.push_back(piece_between(a, b, from, to, 0.0, 1.0));
    return;
  }
  const Inverse way = inverse(a, b);
  const int count = std::max(1, static_cast<int>(std::ceil(way.distance_m / kLongestLegPieceM)));
  LonLat here = a;
  Vec start = from;
  for (int k = 0; k < count; ++k) {
    const double begin = static_cast<double>(k) / count, end = static_cast<double>(k + 1) / count;
    const LonLat there = k + 1 < count ? direct(a, way.azimuth_rad, way.distance_m * end) : b;
    const Vec stop = k + 1 < count ? to_ecef(there) : to;
    out.push_back(piece_between(here, there, start, stop, begin, end));
    here = there;
    start = stop;
  }
}

}  // namespace truceline
