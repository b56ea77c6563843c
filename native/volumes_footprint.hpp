// Footprints of planned movements: a path with a half-width, or a ring with what it encloses; and how far two
// of them are apart over the ground.
//
// A path or ring is held as pieces of at most 20 km, each a parabola in earth-centred coordinates that follows
// the geodesic to a tenth of a millimetre. Two pieces either cross, or are nearest to each other at an end of one
// of them: between geodesics that do not meet, a common perpendicular is never the least distance on a surface
// that bends one way (the second variation of length; M. P. do Carmo, "Riemannian Geometry", ch. 9).
#pragma once

#include <memory>
#include <vector>

#include "geodesy.hpp"

namespace truceline {

// start + s chord + s (1 - s) bulge
struct Piece {
  Vec start, chord, bulge;
  Vec at(double s) const { return start + s * chord + (s * (1.0 - s)) * bulge; }
  Vec end() const { return start + chord; }
};

// What tells the inside of a ring: its pieces' ends, projected from the earth's centre on a plane, on which
// sections through the centre are straight.
struct Ring {
  Vec up, east, north;
  std::vector<double> x, y;
};

struct Footprint {
  std::vector<Piece> pieces;
  std::unique_ptr<Ring> ring;  // only where the inside counts
  double half_width_m = 0.0;
  Vec centre{0, 0, 0};  // of a ball round the axis or the ring
  double radius_m = 0.0;
};

struct Separation {
  double distance_m;  // between the axes (or rings with their inside); 0 where they meet
  Vec on_first, on_second;
};

constexpr double kLongestVolumePieceM = 20000.0;

Footprint make_footprint(const double* lonlat_deg, size_t count, bool is_ring, double half_width_m);

// How far the axes are apart. Where that is certainly more than `limit_m` the distance is infinite.
Separation separation(const Footprint& first, const Footprint& second, double limit_m);

bool encloses(const Ring& ring, Vec point);

}  // namespace truceline
