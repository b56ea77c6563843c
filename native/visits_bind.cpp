// Visits of one path to one region, as Python sees them.
#include "arrays.hpp"
#include "bind.hpp"
#include "visits.hpp"

namespace truceline {
namespace {

using Lonlats = Rows<double, 2>;

struct SpotColumns {
  std::vector<int64_t> t_us, row;
  std::vector<double> fraction, lonlat;

  void push(const Spot& spot) {
    t_us.push_back(spot.t_us);
    row.push_back(static_cast<int64_t>(spot.row));
    fraction.push_back(spot.fraction);
    lonlat.push_back(spot.place.lon_deg);
    lonlat.push_back(spot.place.lat_deg);
  }
  nb::tuple take() {
    return nb::make_tuple(to_numpy(std::move(t_us)), to_numpy(std::move(row)), to_numpy(std::move(fraction)),
                          to_numpy(std::move(lonlat), 2));
  }
};

// The path as columns: what is given stays the caller's.
Fixes path_of(const Column<int64_t>& t_us, const Lonlats& lonlat) {
  Fixes fixes(lonlat.shape(0), t_us.data(), lonlat.data(), lonlat.data() + 1, 2, nullptr);
  fixes.build_boxes();
  return fixes;
}

}  // namespace

void bind_visits(nb::module_& m) {
  m.def("visits", [](const Region& region, Column<int64_t> t_us, Lonlats lonlat, double threshold_m, double tolerance_m) {
    const Fixes fixes = path_of(t_us, lonlat);
    Pathfinder finder(region, fixes);
    SpotColumns entry, leaving, deepest;
    std::vector<double> depth;
    std::vector<uint8_t> open;
    for (Visit& visit : finder.visits(threshold_m, tolerance_m, 0, fixes.count() - 1)) {
      finder.find_deepest(visit);
      entry.push(visit.entry);
      leaving.push(visit.exit);
      deepest.push(visit.deepest);
      depth.push_back(visit.depth_m);
      open.push_back(visit.open_start);
      open.push_back(visit.open_end);
    }
    return nb::make_tuple(entry.take(), leaving.take(), deepest.take(), to_numpy(std::move(depth)),
                          to_numpy(std::move(open), 2));
  });
  m.def("deepest", [](const Region& region, Column<int64_t> t_us, Lonlats lonlat) {
    const Fixes fixes = path_of(t_us, lonlat);
    Visit whole{};
    whole.open_start = whole.open_end = true;
    whole.entry.row = 0;
    whole.exit.row = fixes.count() - 1;
    Pathfinder(region, fixes).find_deepest(whole);
    SpotColumns deepest;
    deepest.push(whole.deepest);
    return nb::make_tuple(deepest.take(), whole.depth_m);
  });
  m.def("crossings", [](const Region& region, Column<int64_t> t_us, Lonlats lonlat, double threshold_m,
                        double tolerance_m) {
    const Fixes fixes = path_of(t_us, lonlat);
    bool inside;
    SpotColumns spots;
    for (const auto& crossing :
         Pathfinder(region, fixes).crossings(threshold_m, tolerance_m, 0, fixes.count() - 1, inside)) {
      spots.push(crossing.spot);
    }
    return spots.take();
  });
}

}  // namespace truceline
