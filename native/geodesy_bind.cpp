// Geodesics on columns of points.
#include "arrays.hpp"
#include "bind.hpp"
#include "geodesy.hpp"

namespace truceline {
namespace {

using Points = Rows<double, 2>;

LonLat point(const Points& points, size_t row) { return {points(row, 0), points(row, 1)}; }

}  // namespace

void bind_geodesy(nb::module_& m) {
  m.def("distance_m", [](Points a, Points b) {
    std::vector<double> out(a.shape(0));
    for (size_t row = 0; row < out.size(); ++row) out[row] = distance_m(point(a, row), point(b, row));
    return to_numpy(std::move(out));
  });
  m.def("inverse", [](Points a, Points b) {
    std::vector<double> distance(a.shape(0)), azimuth(a.shape(0));
    for (size_t row = 0; row < distance.size(); ++row) {
      const Inverse way = inverse(point(a, row), point(b, row));
      distance[row] = way.distance_m;
      azimuth[row] = way.azimuth_rad / kRadiansPerDegree;
    }
    return std::make_tuple(to_numpy(std::move(distance)), to_numpy(std::move(azimuth)));
  });
}

}  // namespace truceline
