// Encounters on columns of fixes.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>

#include <optional>

#include "approach.hpp"
#include "arrays.hpp"
#include "bind.hpp"

namespace truceline {
namespace {

using approach::Course;
using approach::Fixes;
using approach::Near;
using approach::Node;
using approach::Options;

template <typename T>
const T* data_of(const std::optional<Column<T>>& column) {
  return column ? column->data() : nullptr;
}

template <typename T, typename Read>
nb::object column_of(const std::vector<Near>& passes, Read read) {
  std::vector<T> out;
  out.reserve(passes.size());
  for (const Near& near : passes) out.push_back(static_cast<T>(read(near)));
  return nb::cast(to_numpy(std::move(out)));
}

nb::object places_of(const std::vector<Near>& passes, Vec Near::*place) {
  std::vector<double> out;
  out.reserve(2 * passes.size());
  for (const Near& near : passes) {
    const LonLat at = from_ecef(near.*place);
    out.push_back(at.lon_deg);
    out.push_back(at.lat_deg);
  }
  return nb::cast(to_numpy(std::move(out), 2));
}

nb::list columns_of(const std::vector<Near>& passes) {
  nb::list out;
  out.append(column_of<int32_t>(passes, [](const Near& near) { return near.a; }));
  out.append(column_of<int32_t>(passes, [](const Near& near) { return near.b; }));
  out.append(column_of<int64_t>(passes, [](const Near& near) { return near.start_us; }));
  out.append(column_of<int64_t>(passes, [](const Near& near) { return near.end_us; }));
  out.append(column_of<uint8_t>(passes, [](const Near& near) { return near.open_start; }));
  out.append(column_of<uint8_t>(passes, [](const Near& near) { return near.open_end; }));
  out.append(column_of<int64_t>(passes, [](const Near& near) { return near.closest_us; }));
  out.append(column_of<double>(passes, [](const Near& near) { return near.closest_steps / approach::kStepsPerMetre; }));
  out.append(column_of<double>(passes, [](const Near& near) { return near.vertical_m; }));
  out.append(column_of<uint8_t>(passes, [](const Near& near) { return near.vertical_known; }));
  out.append(places_of(passes, &Near::place_a));
  out.append(places_of(passes, &Near::place_b));
  return out;
}

Fixes fixes_of(const Column<int64_t>& offsets, const Column<int64_t>& t_us, const Column<double>& lon_deg,
               const Column<double>& lat_deg) {
  Fixes fixes;
  fixes.offsets = offsets.data();
  fixes.movers_count = offsets.shape(0) - 1;
  fixes.t_us = t_us.data();
  fixes.lon_deg = lon_deg.data();
  fixes.lat_deg = lat_deg.data();
  return fixes;
}

std::pair<int, int64_t> fault_of(const approach::Checked& checked) {
  return {static_cast<int>(checked.fault), checked.row};
}

struct Way {
  std::vector<Node> nodes;
  Course course{};

  Way(const Column<int64_t>& t_us, const Column<double>& lon_deg, const Column<double>& lat_deg, int64_t from_us,
      int64_t until_us) {
    // Only what says where the mover is between the two instants.
    const int64_t *begin = t_us.data(), *end = begin + t_us.shape(0);
    const int64_t first = std::max<int64_t>(std::upper_bound(begin, end, from_us) - begin - 1, 0);
    const int64_t last = std::min<int64_t>(std::lower_bound(begin, end, until_us) - begin, end - begin - 1);
    Fixes fixes;
    fixes.t_us = begin;
    fixes.lon_deg = lon_deg.data();
    fixes.lat_deg = lat_deg.data();
    approach::append_nodes(fixes, first, std::max(first, last), nodes);
    course = {nodes.data(), nodes.size(), begin[0], end[-1]};
  }
};

nb::tuple close_intervals(Column<int64_t> offsets, Column<int64_t> t_us, Column<double> lon_deg, Column<double> lat_deg,
                          Column<int32_t> group, double separation_m, double vertical_m, bool unknown_apart,
                          int64_t longest_gap_us,
                          std::optional<Column<double>> altitude_m, std::optional<Column<int32_t>> datum,
                          std::optional<Column<int32_t>> body, std::optional<Column<double>> radius_m,
                          std::optional<Column<int64_t>> breaks, std::optional<Column<uint8_t>> allowed,
                          int32_t groups_count, int64_t slab_us, int threads_count) {
  Fixes fixes = fixes_of(offsets, t_us, lon_deg, lat_deg);
  fixes.group = group.data();
  fixes.altitude_m = data_of(altitude_m);
  fixes.datum = data_of(datum);
  fixes.body = data_of(body);
  fixes.radius_m = data_of(radius_m);
  fixes.breaks = data_of(breaks);
  fixes.breaks_count = breaks ? breaks->shape(0) : 0;
  Options options;
  options.separation_m = separation_m;
  options.vertical_m = vertical_m;
  options.unknown_apart = unknown_apart;
  options.longest_gap_us = longest_gap_us;
  options.slab_us = slab_us;
  options.threads_count = threads_count;
  options.allowed = data_of(allowed);
  options.groups_count = groups_count;
  approach::Found found;
  {
    nb::gil_scoped_release free;
    found = approach::close_intervals(fixes, options);
  }
  return nb::make_tuple(fault_of(found.checked), columns_of(found.passes));
}

nb::tuple candidate_pairs(Column<int64_t> offsets, Column<int64_t> t_us, Column<double> lon_deg, Column<double> lat_deg,
                          Column<int32_t> group, double separation_m) {
  Fixes fixes = fixes_of(offsets, t_us, lon_deg, lat_deg);
  fixes.group = group.data();
  Options options;
  options.separation_m = separation_m;
  std::vector<int64_t> pairs;
  approach::Checked checked;
  {
    nb::gil_scoped_release free;
    checked = approach::candidate_pairs(fixes, options, pairs);
  }
  return nb::make_tuple(fault_of(checked), to_numpy(std::move(pairs)));
}

// Both tracks non-empty, in order and on earth.
nb::list closest_approach(Column<int64_t> t_a, Column<double> lon_a, Column<double> lat_a, Column<int64_t> t_b,
                          Column<double> lon_b, Column<double> lat_b) {
  const int64_t from_us = std::max(t_a(0), t_b(0));
  const int64_t until_us = std::min(t_a(t_a.shape(0) - 1), t_b(t_b.shape(0) - 1));
  std::vector<Near> found;
  if (from_us <= until_us) {
    const Way a(t_a, lon_a, lat_a, from_us, until_us), b(t_b, lon_b, lat_b, from_us, until_us);
    Near near{};
    if (approach::find_closest(a.course, b.course, near)) found.push_back(near);
  }
  return columns_of(found);
}

// Instants in the order given; NaN before the first fix and after the last.
nb::object positions(Column<int64_t> asked_us, Column<int64_t> t_us, Column<double> lon_deg, Column<double> lat_deg) {
  std::vector<double> out(2 * asked_us.shape(0), std::nan(""));
  const int64_t *begin = t_us.data(), *end = begin + t_us.shape(0);
  Fixes fixes;
  fixes.t_us = begin;
  fixes.lon_deg = lon_deg.data();
  fixes.lat_deg = lat_deg.data();
  std::vector<Node> nodes;
  int64_t loaded = -1;
  for (size_t k = 0; k < asked_us.shape(0); ++k) {
    const int64_t at_us = asked_us(k);
    if (begin == end || at_us < begin[0] || at_us > end[-1]) continue;
    const int64_t row = std::upper_bound(begin, end, at_us) - begin - 1;
    LonLat place{lon_deg(row), lat_deg(row)};
    if (begin[row] != at_us) {
      if (row != loaded) {
        nodes.clear();
        approach::append_nodes(fixes, row, row + 1, nodes);
        loaded = row;
      }
      place = from_ecef(approach::place_at({nodes.data(), nodes.size(), begin[0], end[-1]}, at_us));
    }
    out[2 * k] = place.lon_deg;
    out[2 * k + 1] = place.lat_deg;
  }
  return nb::cast(to_numpy(std::move(out), 2));
}

}  // namespace

void bind_approach(nb::module_& m) {
  m.def("close_intervals", &close_intervals, nb::arg("offsets"), nb::arg("t_us"), nb::arg("lon_deg"),
        nb::arg("lat_deg"), nb::arg("group"), nb::arg("separation_m"), nb::arg("vertical_m"), nb::arg("unknown_apart"),
        nb::arg("longest_gap_us"), nb::arg("altitude_m").none(), nb::arg("datum").none(), nb::arg("body").none(),
        nb::arg("radius_m").none(), nb::arg("breaks").none(), nb::arg("allowed").none(), nb::arg("groups_count"),
        nb::arg("slab_us"), nb::arg("threads_count"));
  m.def("candidate_pairs", &candidate_pairs);
  m.def("closest_approach", &closest_approach);
  m.def("positions", &positions);
}

}  // namespace truceline
