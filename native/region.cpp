#include "region.hpp"

#include <mutex>

#include "grid.hpp"

#include <algorithm>
#include <limits>

namespace truceline {
namespace {

constexpr size_t kMostLeaves = 256;

// A bound above the depth in a ring: outside its ball a point is outside it by at least the way there.
double greatest_depth_m(const Curve& ring, Vec p) {
  const double away = norm(p - ring.centre()) - ring.radius_m();
  return away > 0.0 ? -away : std::numeric_limits<double>::infinity();
}

double signed_m(const Curve& curve, Vec p, int32_t& hint, Seen* seen) {
  const Nearest found = curve.nearest(p, hint);
  hint = found.index;
  if (seen) *seen = {&curve, found.index, found.fraction > 0.0 && found.fraction < 1.0};
  return found.signed_m;
}

double polygon_depth_m(const std::vector<CurvePtr>& rings, Vec p, int32_t* hints, Seen* seen) {
  double depth = signed_m(*rings[0], p, hints[0], seen);
  if (rings.size() > 1 && seen) *seen = Seen();
  for (size_t k = 1; k < rings.size(); ++k) {
    if (-greatest_depth_m(*rings[k], p) < depth) depth = std::min(depth, -signed_m(*rings[k], p, hints[k], nullptr));
  }
  return depth;
}

}  // namespace

size_t Leaf::curves_count() const {
  size_t count = steps.size() + (curve ? 1 : 0);
  for (const auto& rings : polygons) count += rings.size();
  return count;
}

double Leaf::depth_m(Vec p, Hints& hints, Seen* seen) const {
  int32_t* own = hints.data() + first_hint;
  switch (kind) {
    case Kind::circle:
      return radius_m - arc_m(p, centre) + shift_m;
    case Kind::side: {
      return depth_from(signed_m(*curve, p, own[0], seen));
    }
    case Kind::polygons: {
      if (polygons.size() == 1) return polygon_depth_m(polygons[0], p, own, seen) + shift_m;
      // Each polygon is asked only where its ball lets it matter, the most promising first.
      double best = -std::numeric_limits<double>::infinity();
      std::vector<std::pair<double, size_t>> order(polygons.size());
      std::vector<size_t> first(polygons.size());
      size_t at = 0;
      for (size_t k = 0; k < polygons.size(); ++k) {
        order[k] = {-greatest_depth_m(*polygons[k][0], p), k};
        first[k] = at;
        at += polygons[k].size();
      }
      std::sort(order.begin(), order.end());
      for (const auto& [nearest, k] : order) {
        if (-nearest <= best) break;
        best = std::max(best, polygon_depth_m(polygons[k], p, own + first[k], nullptr));
      }
      return best + shift_m;
    }
    case Kind::band: {
      const double signed_to_line = signed_m(*curve, p, own[0], nullptr);
      const double away = std::fabs(signed_to_line);
      const bool on_wide = left ? signed_to_line > 0.0 : signed_to_line <= 0.0;
      double depth = on_wide ? std::min(wide_m - away, narrow_m + away) : narrow_m - away;
      for (size_t k = 0; k < steps.size(); ++k) {
        if (-greatest_depth_m(*steps[k], p) >= std::fabs(depth)) continue;
        const double to_step = std::fabs(signed_m(*steps[k], p, own[1 + k], nullptr));
        const double size = std::min(std::fabs(depth), to_step);
        depth = depth > 0.0 ? size : (depth < 0.0 ? -size : 0.0);
      }
      return depth + shift_m;
    }
  }
  return std::numeric_limits<double>::quiet_NaN();
}

void Region::add(Leaf leaf) {
  leaf.first_hint = curves_count_;
  curves_count_ += leaf.curves_count();
  leaves_.push_back(std::move(leaf));
  polarity_.push_back(1.0);
}

void Region::set_program(std::vector<int32_t> program) {
  pool_ = std::make_shared<Pool>();
  program_ = std::move(program);
  // A leaf counts against the region under an odd number of complements: walk the expression from its root.
  struct Open {
    double sign;
    int32_t parts;
  };
  std::vector<Open> open;
  double sign = 1.0;
  for (auto word = program_.rbegin(); word != program_.rend(); ++word) {
    if (*word >= 0) {
      polarity_[*word] = sign;
      while (!open.empty() && --open.back().parts == 0) open.pop_back();
      sign = open.empty() ? 1.0 : open.back().sign;
    } else {
      if (*word == -1) sign = -sign;
      open.push_back({sign, *word == -1 ? 1 : (-*word) / 2});
    }
  }
}

double Region::accuracy_m() const {
  double most = 0.0;
  for (const Leaf& leaf : leaves_) most = std::max(most, leaf.accuracy_m);
  return most;
}

struct Region::Pool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Grid>> grids;
};

std::unique_ptr<Grid> Region::take_grid() const {
  const std::lock_guard<std::mutex> lock(pool_->mutex);
  if (pool_->grids.empty()) return std::make_unique<Grid>(*this);
  std::unique_ptr<Grid> grid = std::move(pool_->grids.back());
  pool_->grids.pop_back();
  return grid;
}

void Region::give_back(std::unique_ptr<Grid> grid) const {
  const std::lock_guard<std::mutex> lock(pool_->mutex);
  pool_->grids.push_back(std::move(grid));
}

Region::Region() : pool_(std::make_shared<Pool>()) {}

Region Region::widest() const {
  Region wide = *this;
  wide.pool_ = std::make_shared<Pool>();
  for (size_t k = 0; k < wide.leaves_.size(); ++k) {
    wide.leaves_[k].shift_m += wide.leaves_[k].accuracy_m * polarity_[k];
    wide.leaves_[k].accuracy_m = 0.0;
  }
  return wide;
}

double Region::depth_m(Vec p, Hints& hints, Seen* seen) const {
  if (single()) return leaves_[0].depth_m(p, hints, seen);
  double values[kMostLeaves];
  std::vector<double> more;
  double* out = values;
  if (leaves_.size() > kMostLeaves) {
    more.resize(leaves_.size());
    out = more.data();
  }
  leaf_depths_m(p, hints, out);
  return combine(out);
}

void Region::leaf_depths_m(Vec p, Hints& hints, double* out) const {
  for (size_t k = 0; k < leaves_.size(); ++k) out[k] = leaves_[k].depth_m(p, hints, nullptr);
}

double Region::combine(const double* values, double whole) const {
  if (program_.size() == 1) return values[program_[0]];
  double few[kMostLeaves + 2] = {0.0};
  std::vector<double> many;
  double* stack = few;
  if (program_.size() > kMostLeaves) {
    many.resize(program_.size());
    stack = many.data();
  }
  size_t depth = 0;
  for (const int32_t word : program_) {
    if (word >= 0) {
      stack[depth++] = values[word];
    } else if (word == -1) {
      stack[depth - 1] = whole - stack[depth - 1];
    } else {
      const size_t parts = static_cast<size_t>(-word) / 2;
      double folded = stack[depth - parts];
      for (size_t k = depth - parts + 1; k < depth; ++k) {
        folded = (-word) % 2 == 0 ? std::min(folded, stack[k]) : std::max(folded, stack[k]);
      }
      depth -= parts;
      stack[depth++] = folded;
    }
  }
  return stack[0];
}

}  // namespace truceline
