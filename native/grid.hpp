// What is known of a region cell by cell: bounds of the depth, and which pieces of its line can be nearest.
//
// Filled on first touch, sparse. A cell says nothing but bounds, so answers never depend on what is in it.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "region.hpp"

namespace truceline {

struct Bounds {
  double low_m, high_m;
};

class Grid {
 public:
  explicit Grid(const Region& region);

  // Bounds of the depth at any place of the cell that holds this one: coarse cells first, then fine ones.
  Bounds coarse(LonLat p, Hints& hints) { return bounds_of(coarse_, kCoarse, p, hints).bounds; }
  Bounds fine(LonLat p, Hints& hints) { return bounds_of(fine_, kFine, p, hints).bounds; }
  // The exact depth at `ecef`, which is no farther than kBeside from the place p.
  static constexpr double kBeside = 25.0;
  double depth_m(LonLat p, Vec ecef, Hints& hints, Seen* seen);

  // Whether only one piece can be nearest to any place within `reach_m` of `ecef`, which lies `away_m` from the
  // curve; p is that place on the map, and `reach_m` less than kBeside. False where it is not known.
  bool one_piece(LonLat p, Vec ecef, double away_m, double reach_m, Hints& hints);

 private:
  static constexpr double kCoarse = 64.0, kFine = 1024.0;  // cells a degree
  struct Cell {
    int32_t lon = INT32_MIN, lat = 0;
    Bounds bounds{};
    double centre_m = 0.0;
    Curve::Few few;
    int16_t gathered = 0;  // 0 not yet, 1 yes, -1 too many pieces to be worth it
    int16_t asked = 0;
  };
  struct Table {
    std::vector<Cell> cells;
    size_t used = 0;
  };
  Cell& bounds_of(Table& table, double per_degree, LonLat p, Hints& hints);
  Cell& slot(Table& table, int32_t lon, int32_t lat);
  void gather(Cell& cell);
  std::vector<int32_t> scratch_;
  Cell& fine_cell(LonLat p, Hints& hints);

  const Region& region_;
  const Leaf* one_curve_ = nullptr;  // the leaf, where the depth is told by one curve
  Table coarse_, fine_;
  Cell* last_ = nullptr;  // the fine cell asked last
  const Curve* curve_ = nullptr;
};

}  // namespace truceline
