#include "grid.hpp"

#include "fixes.hpp"

namespace truceline {
namespace {

constexpr size_t kFirstSize = 1024;
constexpr int32_t kMostPieces = 96;
constexpr size_t kMostCells = 1 << 20;
constexpr double kFarthestM = 50000.0;  // farther off too many pieces can be nearest
constexpr int32_t kAskedBefore = 2;

int32_t cell_index(double degrees, double per_degree) {
  return static_cast<int32_t>(std::floor(degrees * per_degree));
}

LonLat cell_centre(int32_t lon, int32_t lat, double per_degree) {
  return {(lon + 0.5) / per_degree, std::min(std::max((lat + 0.5) / per_degree, -90.0), 90.0)};
}

// No place of a cell is farther from its centre than this.
double cell_reach_m(LonLat centre, double per_degree) {
  return std::sqrt(way_sq_m2(From(centre).cos_lat, 0.5 / per_degree, 0.5 / per_degree)) * 1.001 + 0.01;
}

}  // namespace

Grid::Grid(const Region& region) : region_(region) {
  if (!region.single()) return;
  const Leaf& leaf = region.leaf(0);
  const bool one_ring = leaf.kind == Leaf::Kind::polygons && leaf.polygons.size() == 1 && leaf.polygons[0].size() == 1;
  if (leaf.kind != Leaf::Kind::side && !one_ring) return;
  one_curve_ = &leaf;
  curve_ = leaf.curve ? leaf.curve.get() : leaf.polygons[0][0].get();
}

Grid::Cell& Grid::slot(Table& table, int32_t lon, int32_t lat) {
  if (table.cells.empty() || table.used * 2 > table.cells.size()) {
    std::vector<Cell> old;
    old.swap(table.cells);
    last_ = nullptr;
    const bool forget = table.used > kMostCells;
    table.cells.resize(std::max(kFirstSize, forget ? kFirstSize : 2 * old.size()));
    table.used = 0;
    if (!forget) {
      for (const Cell& cell : old) {
        if (cell.lon != INT32_MIN) slot(table, cell.lon, cell.lat) = cell, ++table.used;
      }
    }
  }
  const size_t mask = table.cells.size() - 1;
  uint64_t hash = (static_cast<uint64_t>(static_cast<uint32_t>(lon)) << 32) | static_cast<uint32_t>(lat);
  hash *= 0x9E3779B97F4A7C15ull;
  size_t at = static_cast<size_t>(hash >> 40) & mask;
  while (table.cells[at].lon != INT32_MIN && (table.cells[at].lon != lon || table.cells[at].lat != lat)) {
    at = (at + 1) & mask;
  }
  return table.cells[at];
}

Grid::Cell& Grid::bounds_of(Table& table, double per_degree, LonLat p, Hints& hints) {
  const int32_t lon = cell_index(p.lon_deg, per_degree), lat = cell_index(p.lat_deg, per_degree);
  Cell& cell = slot(table, lon, lat);
  if (cell.lon == INT32_MIN) {
    cell.lon = lon;
    cell.lat = lat;
    ++table.used;
    const LonLat centre = cell_centre(lon, lat, per_degree);
    cell.centre_m = region_.depth_m(to_ecef(centre), hints);
    // What is farther than this is not known well enough to prove anything by it: see Pathfinder::ball.
    const double reach = cell_reach_m(centre, per_degree) + 0.001 * std::fabs(cell.centre_m);
    cell.bounds = {cell.centre_m - reach, cell.centre_m + reach};
  }
  return cell;
}

// The pieces that can be nearest to a place in or beside a fine cell: no farther from its centre than the nearest
// one is, and twice the reach of the cell and its margin.
void Grid::gather(Cell& cell) {
  const LonLat centre = cell_centre(cell.lon, cell.lat, kFine);
  const double within = curve_->distance_m(to_ecef(centre)) + 2.0 * (cell_reach_m(centre, kFine) + kBeside) + 0.01;
  scratch_.clear();
  curve_->pieces_within(to_ecef(centre), within, scratch_);
  cell.few = Curve::few(scratch_);
  cell.gathered = cell.few.count() <= kMostPieces ? 1 : -1;
}

Grid::Cell& Grid::fine_cell(LonLat p, Hints& hints) {
  if (!last_ || last_->lon != cell_index(p.lon_deg, kFine) || last_->lat != cell_index(p.lat_deg, kFine)) {
    last_ = &bounds_of(fine_, kFine, p, hints);
  }
  return *last_;
}

bool Grid::one_piece(LonLat p, Vec ecef, double away_m, double reach_m, Hints& hints) {
  if (!one_curve_) return false;
  Cell& cell = fine_cell(p, hints);
  if (cell.gathered == 0) gather(cell);
  return cell.gathered > 0 && curve_->count_within(ecef, cell.few, away_m + 2.0 * reach_m + 0.01) == 1;
}

double Grid::depth_m(LonLat p, Vec ecef, Hints& hints, Seen* seen) {
  if (!one_curve_) return region_.depth_m(ecef, hints, seen);
  Cell& cell = fine_cell(p, hints);
  if (cell.gathered <= 0) {
    if (cell.gathered < 0 || ++cell.asked < kAskedBefore || std::fabs(cell.centre_m) > kFarthestM) {
      return region_.depth_m(ecef, hints, seen);
    }
    gather(cell);
    if (cell.gathered < 0) return region_.depth_m(ecef, hints, seen);
  }
  const Nearest found = curve_->nearest_among(ecef, cell.few);
  if (seen) *seen = {curve_, found.index, found.fraction > 0.0 && found.fraction < 1.0};
  return one_curve_->depth_from(found.signed_m);
}

}  // namespace truceline
