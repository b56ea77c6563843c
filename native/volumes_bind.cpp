// Planned movements as volumes: an index of them, and the distance between two footprints.
#include "arrays.hpp"
#include "bind.hpp"
#include "volumes_index.hpp"

namespace truceline {
namespace {

// Columns of n volumes; the points of volume k are rows first[k] to first[k + 1] of `lonlat_deg`.
struct Columns {
  Column<int64_t> first;
  Rows<double, 2> lonlat_deg;
  Column<uint8_t> is_ring;
  Column<double> half_width_m;
  Column<int64_t> start_us, end_us;
  Column<double> low_m, high_m;
  Column<int32_t> datum;

  size_t count() const { return half_width_m.shape(0); }
  Footprint footprint(size_t row) const {
    const int64_t from = first(row), to = first(row + 1);
    return make_footprint(lonlat_deg.data() + 2 * from, static_cast<size_t>(to - from), is_ring(row) != 0,
                          half_width_m(row));
  }
  Volume volume(size_t row) const {
    Volume out;
    out.footprint = footprint(row);
    out.start_us = start_us(row);
    out.end_us = end_us(row);
    out.low_m = low_m(row);
    out.high_m = high_m(row);
    out.datum = datum(row);
    return out;
  }
};

nb::tuple hit_columns(const std::vector<Hit>& hits) {
  std::vector<int32_t> leg, part;
  std::vector<int64_t> id, start, end;
  std::vector<double> gap, distance, vertical, on_route, on_volume;
  for (const Hit& hit : hits) {
    leg.push_back(hit.leg);
    part.push_back(hit.part);
    id.push_back(hit.id);
    start.push_back(hit.start_us);
    end.push_back(hit.end_us);
    gap.push_back(hit.gap_m);
    distance.push_back(hit.distance_m);
    vertical.push_back(hit.vertical_m);
    on_route.insert(on_route.end(), {hit.on_route.lon_deg, hit.on_route.lat_deg});
    on_volume.insert(on_volume.end(), {hit.on_volume.lon_deg, hit.on_volume.lat_deg});
  }
  return nb::make_tuple(to_numpy(std::move(leg)), to_numpy(std::move(id)), to_numpy(std::move(part)),
                        to_numpy(std::move(start)), to_numpy(std::move(end)), to_numpy(std::move(gap)),
                        to_numpy(std::move(distance)), to_numpy(std::move(vertical)),
                        to_numpy(std::move(on_route), 2), to_numpy(std::move(on_volume), 2));
}

Columns columns(Column<int64_t> first, Rows<double, 2> lonlat_deg, Column<uint8_t> is_ring,
                Column<double> half_width_m, Column<int64_t> start_us, Column<int64_t> end_us,
                Column<double> low_m, Column<double> high_m, Column<int32_t> datum) {
  return {first, lonlat_deg, is_ring, half_width_m, start_us, end_us, low_m, high_m, datum};
}

void insert(VolumeIndex& index, Column<int64_t> id, Column<int32_t> part, Column<int64_t> first,
            Rows<double, 2> lonlat_deg, Column<uint8_t> is_ring, Column<double> half_width_m,
            Column<int64_t> start_us, Column<int64_t> end_us, Column<double> low_m, Column<double> high_m,
            Column<int32_t> datum) {
  const Columns given = columns(first, lonlat_deg, is_ring, half_width_m, start_us, end_us, low_m, high_m, datum);
  nb::gil_scoped_release unlocked;
  const std::lock_guard<std::mutex> alone(index.lock());
  for (size_t row = 0; row < given.count(); ++row) {
    Volume volume = given.volume(row);
    volume.id = id(row);
    volume.part = part(row);
    index.insert(std::move(volume));
  }
}

size_t withdraw(VolumeIndex& index, Column<int64_t> id) {
  nb::gil_scoped_release unlocked;
  const std::lock_guard<std::mutex> alone(index.lock());
  size_t count = 0;
  for (size_t row = 0; row < id.shape(0); ++row) count += index.withdraw(id(row));
  return count;
}

nb::tuple query(VolumeIndex& index, Column<int64_t> first, Rows<double, 2> lonlat_deg, Column<uint8_t> is_ring,
                Column<double> half_width_m, Column<int64_t> start_us, Column<int64_t> end_us,
                Column<double> low_m, Column<double> high_m, Column<int32_t> datum, double vertical_reach_m) {
  const Columns given = columns(first, lonlat_deg, is_ring, half_width_m, start_us, end_us, low_m, high_m, datum);
  std::vector<Hit> hits;
  {
    nb::gil_scoped_release unlocked;
    const std::lock_guard<std::mutex> alone(index.lock());
    for (size_t row = 0; row < given.count(); ++row) {
      Volume asked = given.volume(row);
      asked.part = static_cast<int32_t>(row);
      index.query(asked, vertical_reach_m, hits);
    }
  }
  return hit_columns(hits);
}

// What is wrong with the first volume that does not stand: 0 nothing, 1 too few points, 2 a point that is no place,
// 3 a half-width, 4 a band, 5 a time, 6 a ring too wide.
int volume_mistake(Column<int64_t> first, Rows<double, 2> lonlat_deg, Column<uint8_t> is_ring,
                   Column<double> half_width_m, Column<int64_t> start_us, Column<int64_t> end_us,
                   Column<double> low_m, Column<double> high_m, Column<int32_t> datum, double widest_m,
                   double widest_ring_m) {
  const Columns given = columns(first, lonlat_deg, is_ring, half_width_m, start_us, end_us, low_m, high_m, datum);
  const auto points = static_cast<int64_t>(lonlat_deg.shape(0));
  for (size_t row = 0; row < given.count(); ++row) {
    const int64_t from = first(row), to = first(row + 1);
    if (from < 0 || to > points || to - from < (is_ring(row) ? 3 : 1)) return 1;
    for (int64_t k = from; k < to; ++k) {
      if (!(std::fabs(lonlat_deg(k, 0)) <= 180.0 && std::fabs(lonlat_deg(k, 1)) <= 90.0)) return 2;
    }
    if (!(half_width_m(row) >= 0.0 && half_width_m(row) <= widest_m)) return 3;
    if (!(low_m(row) <= high_m(row))) return 4;
    if (end_us(row) < start_us(row)) return 5;
    // The ball round a wide ring is as wide as the ring's chord, never wider.
    if (is_ring(row) && !(given.footprint(row).radius_m <= widest_ring_m)) return 6;
  }
  return 0;
}

// Distance between the axes of the footprints of two columns, row by row.
nb::ndarray<nb::numpy, double> footprint_distance_m(Column<int64_t> first_a, Rows<double, 2> lonlat_a,
                                                    Column<uint8_t> ring_a, Column<int64_t> first_b,
                                                    Rows<double, 2> lonlat_b, Column<uint8_t> ring_b) {
  std::vector<double> out(ring_a.shape(0));
  for (size_t row = 0; row < out.size(); ++row) {
    const auto print = [row](const Column<int64_t>& first, const Rows<double, 2>& lonlat, const Column<uint8_t>& ring) {
      return make_footprint(lonlat.data() + 2 * first(row), static_cast<size_t>(first(row + 1) - first(row)),
                            ring(row) != 0, 0.0);
    };
    out[row] = separation(print(first_a, lonlat_a, ring_a), print(first_b, lonlat_b, ring_b), 1e8).distance_m;
  }
  return to_numpy(std::move(out));
}

}  // namespace

void bind_volumes(nb::module_& m) {
  nb::class_<VolumeIndex>(m, "VolumeIndex")
      .def(nb::init<>())
      .def("__len__", &VolumeIndex::size)
      .def("insert", &insert)
      .def("withdraw", &withdraw)
      .def("query", &query);
  m.def("volume_mistake", &volume_mistake);
  m.def("footprint_distance_m", &footprint_distance_m);
  m.attr("volume_tolerance_m") = kVolumeToleranceM;
}

}  // namespace truceline
