// Curves and regions as Python sees them.
#include <nanobind/stl/shared_ptr.h>

#include <limits>

#include "arrays.hpp"
#include "bind.hpp"
#include "region.hpp"

namespace truceline {
namespace {

using Points = Rows<double, 3>;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

Vec vec(const Points& rows, size_t k) { return {rows(k, 0), rows(k, 1), rows(k, 2)}; }

std::vector<Vec> vecs(const Points& rows) {
  std::vector<Vec> out;
  out.reserve(rows.shape(0));
  for (size_t k = 0; k < rows.shape(0); ++k) out.push_back(vec(rows, k));
  return out;
}

bool finite(Vec p) { return std::isfinite(p.x) && std::isfinite(p.y) && std::isfinite(p.z); }

Leaf leaf_of(Leaf::Kind kind, double accuracy_m, double shift_m) {
  Leaf leaf;
  leaf.kind = kind;
  leaf.accuracy_m = accuracy_m;
  leaf.shift_m = shift_m;
  return leaf;
}

}  // namespace

void bind_region(nb::module_& m) {
  nb::class_<Curve>(m, "Curve")
      .def("__init__",
           [](Curve* self, Points start, Points chord, Points bulge, Points start_normals, Points end_normals) {
             std::vector<Piece> pieces;
             pieces.reserve(start.shape(0));
             for (size_t k = 0; k < start.shape(0); ++k) {
               pieces.emplace_back(vec(start, k), vec(chord, k), vec(bulge, k));
             }
             new (self) Curve(std::move(pieces), vecs(start_normals), vecs(end_normals));
           })
      .def("signed_m", [](const Curve& self, Points points) {
        std::vector<double> out(points.shape(0), kNan);
        int32_t hint = -1;
        for (size_t k = 0; k < out.size(); ++k) {
          const Vec p = vec(points, k);
          if (!finite(p)) continue;
          const Nearest found = self.nearest(p, hint);
          hint = found.index;
          out[k] = found.signed_m;
        }
        return to_numpy(std::move(out));
      });

  nb::class_<Region>(m, "Region")
      .def(nb::init<>())
      .def("add_circle",
           [](Region& self, Points centre, double radius_m, double accuracy_m, double shift_m) {
             Leaf leaf = leaf_of(Leaf::Kind::circle, accuracy_m, shift_m);
             leaf.centre = vec(centre, 0);
             leaf.radius_m = radius_m;
             self.add(std::move(leaf));
           })
      .def("add_polygons",
           [](Region& self, std::vector<std::vector<std::shared_ptr<Curve>>> polygons, double accuracy_m,
              double shift_m) {
             Leaf leaf = leaf_of(Leaf::Kind::polygons, accuracy_m, shift_m);
             for (const auto& rings : polygons) leaf.polygons.emplace_back(rings.begin(), rings.end());
             self.add(std::move(leaf));
           })
      .def("add_band",
           [](Region& self, std::shared_ptr<Curve> curve, bool left_wider, double wide_m, double narrow_m,
              std::vector<std::shared_ptr<Curve>> steps, double accuracy_m, double shift_m) {
             Leaf leaf = leaf_of(Leaf::Kind::band, accuracy_m, shift_m);
             leaf.curve = curve;
             leaf.left = left_wider;
             leaf.wide_m = wide_m;
             leaf.narrow_m = narrow_m;
             leaf.steps.assign(steps.begin(), steps.end());
             self.add(std::move(leaf));
           })
      .def("add_side",
           [](Region& self, std::shared_ptr<Curve> curve, bool left, double offset_m, double accuracy_m,
              double shift_m) {
             Leaf leaf = leaf_of(Leaf::Kind::side, accuracy_m, shift_m);
             leaf.curve = curve;
             leaf.left = left;
             leaf.offset_m = offset_m;
             self.add(std::move(leaf));
           })
      .def("set_program", &Region::set_program)
      .def("polarity",
           [](const Region& self) {
             std::vector<double> out(self.leaves_count());
             for (size_t k = 0; k < out.size(); ++k) out[k] = self.polarity(k);
             return to_numpy(std::move(out));
           })
      .def("leaf_depths_m",
           [](const Region& self, Points points) {
             const size_t width = self.leaves_count();
             std::vector<double> out(points.shape(0) * width, kNan);
             Hints hints = self.hints();
             for (size_t k = 0; k < points.shape(0); ++k) {
               const Vec p = vec(points, k);
               if (finite(p)) self.leaf_depths_m(p, hints, out.data() + k * width);
             }
             return to_numpy(std::move(out), width);
           })
      .def("depths_m", [](const Region& self, Points points) {
        std::vector<double> out(points.shape(0), kNan);
        Hints hints = self.hints();
        for (size_t k = 0; k < out.size(); ++k) {
          const Vec p = vec(points, k);
          if (finite(p)) out[k] = self.depth_m(p, hints);
        }
        return to_numpy(std::move(out));
      });
}

}  // namespace truceline
