// Regions: how deep a point lies inside an area, metres over the ground, positive inside.
//
// Simple areas (leaves) and their combinations: the least depth for an intersection, the greatest for a union, the
// negative for a complement. Depth never changes faster than the point moves
// (J. C. Hart, "Sphere tracing", The Visual Computer 12, 1996).
#pragma once

#include <memory>
#include <vector>

#include "curve.hpp"

namespace truceline {

using CurvePtr = std::shared_ptr<const Curve>;

// The pieces found last, one a curve: where to look first. Any content gives the same answers.
using Hints = std::vector<int32_t>;

// What is known of a depth beside its value, for bounds on the way to a neighbour.
struct Seen {
  const Curve* curve = nullptr;  // the one curve that gave it; none where several could
  int32_t piece = -1;
  bool inner = false;  // the foot lies between the ends of the piece
};

struct Leaf {
  enum class Kind { circle, polygons, band, side };
  Kind kind = Kind::circle;
  double accuracy_m = 0.0;
  double shift_m = 0.0;  // added to the depth: the boundary lies further out by so much
  Vec centre{};          // circle
  double radius_m = 0.0;
  std::vector<std::vector<CurvePtr>> polygons;  // shell, then holes; the smaller area on the left of each
  CurvePtr curve;                               // band, side
  bool left = false;                            // side: which; band: whether the left limit is the wider
  double offset_m = 0.0;                        // side
  double wide_m = 0.0, narrow_m = 0.0;          // band
  std::vector<CurvePtr> steps;                  // band: where the limits differ past its ends
  size_t first_hint = 0;

  size_t curves_count() const;
  double depth_m(Vec p, Hints& hints, Seen* seen) const;
  // Of a side, and of a polygon of one ring: the depth from the signed distance to its curve.
  double depth_from(double signed_m) const {
    return (kind == Kind::side && !left ? -signed_m : signed_m) + offset_m + shift_m;
  }
};

class Grid;


class Region {
 public:
  Region();
  void add(Leaf leaf);
  // Postfix: k >= 0 pushes leaf k; -1 complement; -(2 n) least of n; -(2 n + 1) greatest of n.
  void set_program(std::vector<int32_t> program);

  size_t leaves_count() const { return leaves_.size(); }
  const Leaf& leaf(size_t k) const { return leaves_[k]; }
  double polarity(size_t k) const { return polarity_[k]; }
  double accuracy_m() const;  // of the least accurate boundary
  Region widest() const;      // every boundary off by its whole accuracy, so that the region is largest
  bool single() const { return leaves_.size() == 1 && program_.size() == 1; }
  Hints hints() const { return Hints(curves_count_, -1); }

  // A grid of this region for one user at a time; kept for the next when given back.
  std::unique_ptr<Grid> take_grid() const;
  void give_back(std::unique_ptr<Grid> grid) const;

  double depth_m(Vec p, Hints& hints, Seen* seen = nullptr) const;
  void leaf_depths_m(Vec p, Hints& hints, double* out) const;
  // `whole` is 0 where outside means the negative, 1 where it means one less a chance.
  double combine(const double* values, double whole = 0.0) const;

 private:
  std::vector<Leaf> leaves_;
  std::vector<int32_t> program_;
  std::vector<double> polarity_;
  size_t curves_count_ = 0;
  struct Pool;
  mutable std::shared_ptr<Pool> pool_;
};

}  // namespace truceline
