// Branch and bound over squares on the map that is true to distance and direction from the middle of the way.
// Points are never farther apart on the ground than on that map, so the half diagonal on it bounds every distance
// inside a square.
#include "reach.hpp"

#include <vector>

#include "arrays.hpp"
#include "bind.hpp"

namespace truceline {
namespace {

constexpr double kFarthestM = 20004000.0;  // half of the globe's girth: nothing is farther
constexpr double kFinestM = 25.0;
constexpr size_t kMostSquares = 40000;

struct Square {
  double east_m, north_m;
};

}  // namespace

bool reachable(const Region& region, Hints& hints, LonLat a, LonLat b, double budget_m, double threshold_m) {
  const Vec here = to_ecef(a), there = to_ecef(b);
  const double straight = arc_m(here, there);
  const double budget = std::min(std::max(budget_m, straight * (1.0 + 1e-9)), 2.0 * kFarthestM);
  const double from = region.depth_m(here, hints), to = region.depth_m(there, hints);
  if (from >= threshold_m || to >= threshold_m) return true;
  if (from + to + budget < 2.0 * threshold_m) return false;
  const LonLat middle = interpolate(a, b, 0.5);
  double half = std::min((budget + straight) / 2.0, kFarthestM);
  std::vector<Square> squares{{0.0, 0.0}}, kept;
  while (!squares.empty()) {
    const double radius = half * std::sqrt(2.0);
    kept.clear();
    for (const Square& square : squares) {
      const Vec point = to_ecef(direct(middle, std::atan2(square.east_m, square.north_m),
                                       std::hypot(square.east_m, square.north_m)));
      const double way = arc_m(point, here) + arc_m(point, there);
      if (way - 2.0 * radius > budget) continue;
      const double depth = region.depth_m(point, hints);
      if (way <= budget && depth >= threshold_m) return true;
      if (depth + radius >= threshold_m) kept.push_back(square);
    }
    if (!kept.empty() && (half * 2.0 <= kFinestM || kept.size() > kMostSquares)) return true;
    half /= 2.0;
    squares.clear();
    for (const Square& square : kept) {
      for (const double east : {-half, half}) {
        for (const double north : {-half, half}) squares.push_back({square.east_m + east, square.north_m + north});
      }
    }
  }
  return false;
}

void bind_reach(nb::module_& m) {
  m.def("reachable", [](const Region& region, Rows<double, 2> a, Rows<double, 2> b, Column<double> budget_m,
                        double threshold_m) {
    std::vector<uint8_t> out(a.shape(0));
    Hints hints = region.hints();
    nb::gil_scoped_release released;
    for (size_t k = 0; k < out.size(); ++k) {
      out[k] = reachable(region, hints, {a(k, 0), a(k, 1)}, {b(k, 0), b(k, 1)}, budget_m(k), threshold_m);
    }
    nb::gil_scoped_acquire again;
    return to_numpy(std::move(out));
  });
}

}  // namespace truceline
