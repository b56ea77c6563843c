// Columns of fixes held for the kernels, and judging stretches of them.
#include <nanobind/stl/optional.h>

#include <exception>
#include <thread>

#include "arrays.hpp"
#include "bind.hpp"
#include "judge.hpp"

namespace truceline {
namespace {

// Keeps the caller's arrays alive for as long as it is looked at.
struct Held {
  std::vector<nb::object> arrays;
  Fixes fixes;
};

struct EventColumns {
  std::vector<int32_t> stretch;
  std::vector<uint8_t> flags;  // past, beyond, open_start, open_end
  std::vector<int64_t> times;  // start, end, entry, exit, deepest
  std::vector<double> places;  // entry, exit, deepest: lon, lat each
  std::vector<double> numbers;  // depth, low, high, beyond_s, probability, spare
  std::vector<int64_t> crossings;

  void push(const Event& event) {
    stretch.push_back(event.stretch);
    for (const bool flag : {event.past, event.beyond, event.open_start, event.open_end}) flags.push_back(flag);
    for (const int64_t t : {event.start_us, event.end_us, event.entry.t_us, event.exit.t_us, event.deepest.t_us}) {
      times.push_back(t);
    }
    for (const LonLat place : {event.entry.place, event.exit.place, event.deepest.place}) {
      places.push_back(place.lon_deg);
      places.push_back(place.lat_deg);
    }
    for (const double number :
         {event.depth_m, event.low_m, event.high_m, event.beyond_s, event.probability, event.spare_m}) {
      numbers.push_back(number);
    }
    crossings.push_back(event.crossings_count);
  }
  nb::tuple take() {
    return nb::make_tuple(to_numpy(std::move(stretch)), to_numpy(std::move(flags), 4), to_numpy(std::move(times), 5),
                          to_numpy(std::move(places), 6), to_numpy(std::move(numbers), 6),
                          to_numpy(std::move(crossings)));
  }
};

// All stretches, shared out over threads in parts of about as many rows; the events are in the order of the
// stretches whatever the parts.
std::vector<Event> judged(const Region& region, const Fixes& fixes, const Column<int64_t>& first,
                          const Column<int64_t>& last, const Column<double>& fix_m, double tolerance_m,
                          double way_tolerance_m, const Level& level, size_t threads_count) {
  const size_t stretches = first.shape(0);
  const auto judge_part = [&](size_t from, size_t to, std::vector<Event>& out) {
    Judge judge(region, fixes, tolerance_m, way_tolerance_m, level);
    for (size_t k = from; k < to; ++k) {
      judge.judge(static_cast<int32_t>(k), static_cast<size_t>(first(k)), static_cast<size_t>(last(k)), fix_m(k), out);
    }
  };
  std::vector<Event> events;
  if (threads_count < 2 || stretches < 2) {
    judge_part(0, stretches, events);
    return events;
  }
  int64_t rows = 0;
  for (size_t k = 0; k < stretches; ++k) rows += last(k) - first(k) + 1;
  std::vector<size_t> bounds{0};
  int64_t seen = 0;
  for (size_t k = 0; k < stretches; ++k) {
    seen += last(k) - first(k) + 1;
    if (seen * static_cast<int64_t>(threads_count) >= rows * static_cast<int64_t>(bounds.size())) bounds.push_back(k + 1);
  }
  if (bounds.back() != stretches) bounds.push_back(stretches);
  std::vector<std::vector<Event>> parts(bounds.size() - 1);
  std::vector<std::exception_ptr> failures(parts.size());
  std::vector<std::thread> threads;
  for (size_t part = 0; part < parts.size(); ++part) {
    threads.emplace_back([&, part] {
      try {
        judge_part(bounds[part], bounds[part + 1], parts[part]);
      } catch (...) {
        failures[part] = std::current_exception();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  for (const auto& part : parts) events.insert(events.end(), part.begin(), part.end());
  return events;
}

}  // namespace

void bind_judge(nb::module_& m) {
  nb::class_<Held>(m, "Fixes")
      .def("__init__",
           [](Held* self, Column<int64_t> t_us, Rows<double, 2> lonlat, Column<double> accuracy_m) {
             new (self) Held{{nb::cast(t_us), nb::cast(lonlat), nb::cast(accuracy_m)},
                             Fixes(t_us.shape(0), t_us.data(), lonlat.data(), lonlat.data() + 1, 2, accuracy_m.data())};
             self->fixes.build_boxes();
           })
      .def("__init__",
           [](Held* self, Column<int64_t> t_us, Column<double> lon_deg, Column<double> lat_deg,
              Column<double> accuracy_m) {
             new (self) Held{
                 {nb::cast(t_us), nb::cast(lon_deg), nb::cast(lat_deg), nb::cast(accuracy_m)},
                 Fixes(t_us.shape(0), t_us.data(), lon_deg.data(), lat_deg.data(), 1, accuracy_m.data())};
             self->fixes.build_boxes();
           });

  m.def("judge", [](const Region& region, const Held& held, Column<int64_t> first, Column<int64_t> last,
                    Column<double> fix_m, double tolerance_m, double way_tolerance_m,
                    std::tuple<double, double, double, double, double> level, int threads_count) {
    const auto [window_s, correlation_s, error_level, single_fix_sigmas, exact_m] = level;
    std::vector<Event> events;
    {
      nb::gil_scoped_release released;
      const Level asked{window_s, correlation_s, error_level, single_fix_sigmas, exact_m};
      events = judged(region, held.fixes, first, last, fix_m, tolerance_m, way_tolerance_m, asked,
                      static_cast<size_t>(std::max(threads_count, 1)));
    }
    EventColumns columns;
    for (const Event& event : events) columns.push(event);
    return columns.take();
  });

  m.def("normal_quantile", [](Column<double> p) {
    std::vector<double> out(p.shape(0));
    for (size_t k = 0; k < out.size(); ++k) out[k] = normal_quantile(p(k));
    return to_numpy(std::move(out));
  });
  m.def("normal_cdf", [](Column<double> z) {
    std::vector<double> out(z.shape(0));
    for (size_t k = 0; k < out.size(); ++k) out[k] = normal_cdf(z(k));
    return to_numpy(std::move(out));
  });
  m.def("mean_variance", [](Column<double> t_s, Column<double> sigma_m, double correlation_s) {
    return mean_variance(t_s.data(), sigma_m.data(), t_s.shape(0), correlation_s);
  });
}

}  // namespace truceline
