// The way between two fixes: straight over the ground at constant speed, in pieces bent as the ground is.
#pragma once

#include <vector>

#include "geodesy.hpp"

namespace truceline {

constexpr double kLongestLegPieceM = 20000.0;

struct LegPiece {
  Vec start, chord, bulge;
  double begin, end;  // fractions of the whole leg
  double length_m;    // at least its length over the ground

  Vec at(double s) const { return start + s * chord + (s * (1.0 - s)) * bulge; }
  double leg_fraction(double s) const { return begin + s * (end - begin); }
};

// The pieces of one leg; `from` and `to` are its ends in earth-centred space. A leg without length has one piece.
void pieces_of_leg(LonLat a, LonLat b, Vec from, Vec to, std::vector<LegPiece>& out);

}  // namespace truceline
