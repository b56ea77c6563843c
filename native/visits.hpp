// Visits: when a moving thing was deeper in a region than a threshold, found between the fixes too.
#pragma once

#include <vector>

#include "fixes.hpp"
#include "grid.hpp"
#include "legs.hpp"
#include "region.hpp"

namespace truceline {

// What lengths can be relied on to, numerically. A place put exactly on a line is on the line.
constexpr double kResolutionM = 1e-4;

inline double rounded_m(double value_m) { return std::nearbyint(value_m * 1e4) / 1e4; }

struct Spot {
  size_t row;       // the leg from this fix to the next
  double fraction;  // of that leg
  int64_t t_us;
  LonLat place;
};

struct Visit {
  bool open_start, open_end;  // the record begins or ends inside
  Spot entry, exit;           // at an open end, the first or last fix
  Spot deepest;
  double depth_m;
};

// Paths against one region. Answers never depend on the blocks of the fixes: what is skipped
// is proven not to matter.
class Pathfinder {
 public:
  struct Crossing {
    Spot spot;
    bool entering;
  };

  Pathfinder(const Region& region, const Fixes& fixes)
      : region_(region), fixes_(fixes), hints_(region.hints()), memory_(kMemory), grid_(region.take_grid()) {}
  ~Pathfinder() { region_.give_back(std::move(grid_)); }
  Pathfinder(const Pathfinder&) = delete;
  Pathfinder& operator=(const Pathfinder&) = delete;

  // Within rows [first, last] of the path. `tolerance_m`: to how much of the way ends are found, and how far past
  // the threshold a way out and back between two fixes may reach and be left out.
  // `roughly`: a leg whose ends lie on different sides is crossed once, and where is left open (fraction NaN) until
  // `settle` is asked.
  std::vector<Crossing> crossings(double threshold_m, double tolerance_m, size_t first, size_t last,
                                  bool& first_inside, bool roughly = false);
  std::vector<Visit> visits(double threshold_m, double tolerance_m, size_t first, size_t last,
                            bool roughly = false);
  // Fills in where and when a visit found roughly begins and ends.
  void settle(Visit& visit, double threshold_m, double tolerance_m);
  // Fills in where the visit is deepest.
  void find_deepest(Visit& visit);

  struct Known {
    Vec place;
    double depth_m;
    Seen seen;
  };
  // What is known at a fix; asked again soon, it is remembered.
  const Known& known(size_t row);
  // At a place on the leg from this fix to the next, at this fraction of it.
  Known known_on(size_t row, double fraction, double leg_m, Vec place) {
    Known found;
    found.place = place;
    const LonLat map = on_map(row, fraction);
    found.depth_m = mapped(row, leg_m) ? grid_->depth_m(map, place, hints_, &found.seen)
                                       : region_.depth_m(place, hints_, &found.seen);
    return found;
  }
  // The place at a fraction of a leg by its coordinates alone, and whether that is within Grid::kBeside of the true
  // one: the way over the ground bends from the straight line on the map by L^2 tan(latitude) / 8 R.
  LonLat on_map(size_t row, double fraction) const {
    const LonLat a = fixes_.at(row), b = fixes_.at(row + 1 < fixes_.count() ? row + 1 : row);
    return {a.lon_deg + fraction * (b.lon_deg - a.lon_deg), a.lat_deg + fraction * (b.lat_deg - a.lat_deg)};
  }
  bool mapped(size_t row, double leg_m) const {
    const LonLat a = fixes_.at(row), b = fixes_.at(row + 1 < fixes_.count() ? row + 1 : row);
    return leg_m <= 5000.0 && std::fabs(a.lon_deg - b.lon_deg) < 180.0 && std::fabs(a.lat_deg) < 80.0;
  }
  // No place in the cell of this one is deeper.
  double most_in_cell_m(LonLat place) { return grid_->coarse(place, hints_).high_m; }
  double depth_m(Vec place) { return region_.depth_m(place, hints_); }
  Hints& hints() { return hints_; }
  const Region& region() const { return region_; }
  const Fixes& fixes() const { return fixes_; }

  // As for a fix at `place`: an upper bound, by what is known of a fix beside it.
  double most_by_piece_m(Vec place, const Known& beside) const;

 private:
  struct Ball {
    From centre;
    double radius_m;
    double radius_sq() const { return radius_m > 0.0 ? radius_m * radius_m : -1.0; }
  };
  struct Peak {
    double depth_m;
    Spot spot;
  };

  Ball ball(LonLat centre, double height_m) const;
  bool settled_by_cells(LonLat place, double level_m, bool inside, double least_m, double& height_m);
  size_t skip(size_t row, size_t last, Ball& ball, double level_m, bool inside);
  void cross_leg(size_t row, const Known& from, const Known& to, double level_m, double tolerance_m,
                 std::vector<Crossing>& out);
  void cross_piece(size_t row, const LegPiece& piece, double s0, double s1, const Known& k0, const Known& k1,
                   double level_m, double tolerance_m, std::vector<Crossing>& out);
  bool cross_straight(size_t row, const LegPiece& piece, double s0, double s1, const Known& k0, const Known& k1,
                      double level_m, std::vector<Crossing>& out);
  Spot spot_on(size_t row, const LegPiece& piece, double s) const;
  Spot spot_at(size_t row) const;

  double most_at_rows(size_t first, size_t last, size_t& best_row);
  void search_legs(size_t first, size_t last, Peak& peak);
  void search_leg(size_t row, double begin, double end, Peak& peak);
  void search_piece(size_t row, const LegPiece& piece, double s0, double s1, Peak& peak);
  double bound_m(Vec a, Vec b, const Known& one, const Known& two, double length_m) const;

  static constexpr size_t kMemory = 1024;
  struct Remembered {
    size_t row = SIZE_MAX;
    Known known{};
  };

  const Region& region_;
  const Fixes& fixes_;
  Hints hints_;
  std::vector<Remembered> memory_;
  std::unique_ptr<Grid> grid_;
};

}  // namespace truceline
