// The stream as Python sees it: batches of columns in, columns of changes out.
#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>

#include <cmath>
#include <mutex>
#include <optional>

#include "arrays.hpp"
#include "bind.hpp"
#include "stream.hpp"

namespace truceline {
namespace {

template <typename T>
using Maybe = std::optional<Column<T>>;

// Batches of at least so many rows let other threads run meanwhile.
constexpr size_t kLongBatch = 4096;

struct GuardedStream {
  Stream stream;
  std::mutex mutex;
  GuardedStream(int64_t lateness_us, int64_t ahead_us, AlertTimes times) : stream(lateness_us, ahead_us, times) {}
};

using Lock = std::lock_guard<std::mutex>;

StreamFix fix_of(size_t k, const int64_t* t_us, const double* lon, const double* lat, const double* accuracy,
           const double* altitude, const int8_t* datum) {
  return {t_us[k], lon[k], lat[k], accuracy[k], altitude ? altitude[k] : std::nan(""),
          datum ? datum[k] : static_cast<int8_t>(0)};
}

bool usable(const StreamFix& fix) {
  return std::fabs(fix.lon_deg) <= 180.0 && std::fabs(fix.lat_deg) <= 90.0 && !(fix.accuracy_m < 0.0) &&
         !std::isinf(fix.accuracy_m) && fix.t_us > kNeverUs / 2 && fix.t_us < -(kNeverUs / 2);
}

// The first row that cannot be taken, or -1 where all can.
int64_t first_unusable(const Stream& stream, size_t n, const int32_t* mover, const int64_t* t_us, const double* lon,
                       const double* lat, const double* accuracy) {
  const auto count = static_cast<int32_t>(stream.movers_count());
  for (size_t k = 0; k < n; ++k) {
    if (mover[k] < 0 || mover[k] >= count || !usable(fix_of(k, t_us, lon, lat, accuracy, nullptr, nullptr))) {
      return static_cast<int64_t>(k);
    }
  }
  return -1;
}

nb::tuple odd_columns(const std::vector<Odd>& odd) {
  std::vector<int32_t> mover;
  std::vector<int8_t> ahead, datum;
  std::vector<int64_t> t_us;
  std::vector<double> lonlat, accuracy, altitude;
  for (const Odd& one : odd) {
    mover.push_back(one.mover);
    ahead.push_back(one.ahead);
    t_us.push_back(one.fix.t_us);
    lonlat.insert(lonlat.end(), {one.fix.lon_deg, one.fix.lat_deg});
    accuracy.push_back(one.fix.accuracy_m);
    altitude.push_back(one.fix.altitude_m);
    datum.push_back(one.fix.datum);
  }
  return nb::make_tuple(to_numpy(std::move(mover)), to_numpy(std::move(ahead)), to_numpy(std::move(t_us)),
                        to_numpy(std::move(lonlat), 2), to_numpy(std::move(accuracy)),
                        to_numpy(std::move(altitude)), to_numpy(std::move(datum)));
}

nb::tuple kept_columns(const Kept& kept) {
  std::vector<int64_t> t_us;
  std::vector<double> lonlat, accuracy, altitude;
  std::vector<int8_t> datum;
  t_us.reserve(kept.size());
  lonlat.reserve(2 * kept.size());
  accuracy.reserve(kept.size());
  altitude.reserve(kept.size());
  datum.reserve(kept.size());
  for (const auto& block : kept.blocks()) {
    for (const StreamFix& fix : block) {
      t_us.push_back(fix.t_us);
      lonlat.push_back(fix.lon_deg);
      lonlat.push_back(fix.lat_deg);
      accuracy.push_back(fix.accuracy_m);
      altitude.push_back(fix.altitude_m);
      datum.push_back(fix.datum);
    }
  }
  return nb::make_tuple(to_numpy(std::move(t_us)), to_numpy(std::move(lonlat), 2), to_numpy(std::move(accuracy)),
                        to_numpy(std::move(altitude)), to_numpy(std::move(datum)));
}

nb::tuple event_columns(const std::vector<AlertEvent>& events) {
  std::vector<int8_t> change, why, breach, stated, doubtful;
  std::vector<int32_t> mover, rule;
  std::vector<int64_t> instants;
  std::vector<double> numbers;
  for (const AlertEvent& one : events) {
    change.push_back(static_cast<int8_t>(one.change));
    why.push_back(static_cast<int8_t>(one.why));
    breach.push_back(one.breach);
    stated.push_back(one.stated);
    doubtful.push_back(one.doubtful);
    mover.push_back(one.mover);
    rule.push_back(one.rule);
    instants.insert(instants.end(), {one.at_us, one.began_us, one.last_us, one.deepest_us});
    numbers.insert(numbers.end(), {one.depth_m, one.accuracy_m, one.lon_deg, one.lat_deg});
  }
  return nb::make_tuple(to_numpy(std::move(change)), to_numpy(std::move(why)), to_numpy(std::move(breach)),
                        to_numpy(std::move(stated)), to_numpy(std::move(doubtful)), to_numpy(std::move(mover)),
                        to_numpy(std::move(rule)), to_numpy(std::move(instants), 4),
                        to_numpy(std::move(numbers), 4));
}

int64_t add(GuardedStream& self, Column<int32_t> mover, Column<int64_t> t_us, Column<double> lon_deg,
            Column<double> lat_deg, Column<double> accuracy_m, Maybe<double> altitude_m, Maybe<int8_t> datum,
            int64_t received_us) {
  const size_t n = mover.shape(0);
  if (t_us.shape(0) != n || lon_deg.shape(0) != n || lat_deg.shape(0) != n || accuracy_m.shape(0) != n ||
      (altitude_m && altitude_m->shape(0) != n) || (datum && datum->shape(0) != n)) {
    throw nb::value_error("columns of different lengths");
  }
  const int32_t* movers = mover.data();
  const int64_t* times = t_us.data();
  const double *lon = lon_deg.data(), *lat = lat_deg.data(), *accuracy = accuracy_m.data();
  const double* altitude = altitude_m ? altitude_m->data() : nullptr;
  const int8_t* datums = datum ? datum->data() : nullptr;
  const auto run = [&]() -> int64_t {
    const Lock lock(self.mutex);
    const int64_t bad = first_unusable(self.stream, n, movers, times, lon, lat, accuracy);
    if (bad >= 0) return bad;
    for (size_t k = 0; k < n; ++k) {
      self.stream.arrive(movers[k], fix_of(k, times, lon, lat, accuracy, altitude, datums), received_us);
    }
    self.stream.settle();
    return -1;
  };
  if (n < kLongBatch) return run();
  const nb::gil_scoped_release release;
  return run();
}

}  // namespace

void bind_stream(nb::module_& m) {
  m.attr("NEVER_US") = kNeverUs;
  nb::class_<GuardedStream>(m, "Stream")
      .def("__init__",
           [](GuardedStream* self, int64_t lateness_us, int64_t ahead_us, int64_t open_after_us,
              int64_t close_after_us) {
             new (self) GuardedStream(lateness_us, ahead_us, AlertTimes{open_after_us, close_after_us});
           })
      .def("add_rule",
           [](GuardedStream& self, std::shared_ptr<Region> region, double tolerance_m, std::vector<int64_t> from_us,
              std::vector<int64_t> until_us) {
             const Lock lock(self.mutex);
             const double line_m = region->accuracy_m();
             return self.stream.add_rule(
                 {std::move(region), tolerance_m, line_m, std::move(from_us), std::move(until_us)});
           })
      .def("bind",
           [](GuardedStream& self, int32_t mover, int64_t longest_gap_us, double ceiling_mps,
              const std::vector<int32_t>& rules) {
             const Lock lock(self.mutex);
             self.stream.bind(mover, longest_gap_us, ceiling_mps, rules);
           })
      .def("add", &add, nb::arg("mover"), nb::arg("t_us"), nb::arg("lon_deg"), nb::arg("lat_deg"),
           nb::arg("accuracy_m"), nb::arg("altitude_m").none(), nb::arg("datum").none(), nb::arg("received_us"))
      .def("advance",
           [](GuardedStream& self, int64_t watermark_us) {
             const Lock lock(self.mutex);
             self.stream.advance(watermark_us);
           })
      .def("tick",
           [](GuardedStream& self, int64_t now_us) {
             const Lock lock(self.mutex);
             self.stream.tick(now_us);
           })
      .def("finish",
           [](GuardedStream& self) {
             const Lock lock(self.mutex);
             self.stream.finish();
           })
      .def("counts",
           [](GuardedStream& self) {
             const Lock lock(self.mutex);
             const Arrivals& seen = self.stream.arrivals();
             return std::make_tuple(seen.accepted, seen.duplicate, seen.conflict, seen.late, seen.ahead);
           })
      .def("sizes",
           [](GuardedStream& self) {
             const Lock lock(self.mutex);
             return std::make_tuple(self.stream.pending_count(), self.stream.kept_count(),
                                    self.stream.aside_count());
           })
      .def("watermark_us", [](GuardedStream& self, int32_t mover) { return self.stream.watermark_us(mover); })
      .def("newest_us", [](GuardedStream& self, int32_t mover) { return self.stream.newest_us(mover); })
      .def_prop_ro("any_events", [](GuardedStream& self) { return self.stream.any_events(); })
      .def("take_events",
           [](GuardedStream& self) {
             const Lock lock(self.mutex);
             return event_columns(self.stream.take_events());
           })
      .def("take_kept",
           [](GuardedStream& self, int32_t mover) {
             const Lock lock(self.mutex);
             return kept_columns(self.stream.take_kept(mover));
           })
      .def("take_conflicts",
           [](GuardedStream& self) {
             const Lock lock(self.mutex);
             return odd_columns(self.stream.take_conflicts());
           })
      .def("take_aside", [](GuardedStream& self) {
        const Lock lock(self.mutex);
        return odd_columns(self.stream.take_aside());
      });
}

}  // namespace truceline
