// One pass over columns of fixes: whose rows they are, where nothing was recorded for too long, and which movers need
// a closer look before their positions are relied on.
#include <cstring>

#include "arrays.hpp"
#include "bind.hpp"
#include "fixes.hpp"
#include "wide.hpp"

namespace truceline {
namespace {

struct Summary {
  int64_t gap_low, gap_high;       // of neighbouring fixes
  double lon_step, lat_step;       // the longest of a leg, degrees
  double accuracy_low, accuracy_high;  // not stated counts as 0
  int64_t bad;                     // coordinates that are not finite or out of range
  int64_t unstated, stood;         // accuracies not stated; legs that hardly change the place
  int32_t same_mover;
};

// Rows [first, first + rows) and the legs into the row after them, `legs` of them.
TRUCELINE_WIDE
Summary summary_of(const int32_t* mover, const int64_t* t_us, const double* lon, const double* lat,
                   const double* accuracy, size_t first, size_t rows, size_t legs, double still_deg) {
  Summary out{INT64_MAX, INT64_MIN, 0.0, 0.0, 1e300, 0.0, 0, 0, 0, 0};
  int32_t differ = 0;
  for (size_t k = first; k < first + legs; ++k) differ |= mover[k] ^ mover[k + 1];
  for (size_t k = first; k < first + legs; ++k) {
    const int64_t gap = t_us[k + 1] - t_us[k];
    out.gap_low = gap < out.gap_low ? gap : out.gap_low;
    out.gap_high = gap > out.gap_high ? gap : out.gap_high;
  }
  double lon_steps[4] = {0, 0, 0, 0}, lat_steps[4] = {0, 0, 0, 0};
  int64_t still = 0;
  size_t k = first;
  for (; k + 4 <= first + legs; k += 4) {
    for (size_t j = 0; j < 4; ++j) {
      const double east = std::fabs(lon[k + j + 1] - lon[k + j]), north = std::fabs(lat[k + j + 1] - lat[k + j]);
      lon_steps[j] = east > lon_steps[j] ? east : lon_steps[j];
      lat_steps[j] = north > lat_steps[j] ? north : lat_steps[j];
      still += (east <= still_deg) & (north <= still_deg);
    }
  }
  for (; k < first + legs; ++k) {
    const double east = std::fabs(lon[k + 1] - lon[k]), north = std::fabs(lat[k + 1] - lat[k]);
    lon_steps[0] = east > lon_steps[0] ? east : lon_steps[0];
    lat_steps[0] = north > lat_steps[0] ? north : lat_steps[0];
    still += (east <= still_deg) & (north <= still_deg);
  }
  out.stood = still;
  for (size_t j = 0; j < 4; ++j) {
    out.lon_step = std::max(out.lon_step, lon_steps[j]);
    out.lat_step = std::max(out.lat_step, lat_steps[j]);
  }
  int64_t bad = 0, unstated = 0;
  double high = 0.0, low = 1e300;
  for (size_t row = first; row < first + rows; ++row) {
    bad += !(std::fabs(lon[row]) <= 180.0) | !(std::fabs(lat[row]) <= 90.0);
    unstated += accuracy[row] != accuracy[row];
    high = accuracy[row] > high ? accuracy[row] : high;
    low = accuracy[row] < low ? accuracy[row] : low;
  }
  out.bad = bad;
  out.unstated = unstated;
  out.accuracy_high = high;
  out.accuracy_low = unstated > 0 ? 0.0 : low;
  out.same_mover = differ == 0;
  return out;
}

struct Scan {
  std::vector<int64_t> starts, breaks;  // first row of each mover's run; rows that follow too long a gap
  std::vector<int32_t> movers;
  std::vector<uint8_t> doubtful;        // some leg may be faster than the mover can go
  std::vector<int64_t> unstated, stood;
  std::vector<double> accuracy_m;
  int64_t bad_row = -1, disorder_row = -1;
};

class Scanner {
 public:
  Scanner(const int32_t* mover, const int64_t* t_us, const double* lon, const double* lat, const double* accuracy,
          size_t count, const double* ceiling_mps, int64_t longest_gap_us, double still_deg)
      : mover_(mover), t_us_(t_us), lon_(lon), lat_(lat), accuracy_(accuracy), count_(count),
        ceiling_mps_(ceiling_mps), longest_gap_us_(longest_gap_us), still_deg_(still_deg) {}

  Scan run() {
    for (size_t first = 0; first < count_; first += Fixes::kBlock) block(first);
    scan_.starts.push_back(static_cast<int64_t>(count_));
    return std::move(scan_);
  }

 private:
  void open(size_t row) {
    scan_.starts.push_back(static_cast<int64_t>(row));
    scan_.movers.push_back(mover_[row]);
    scan_.doubtful.push_back(0);
    scan_.unstated.push_back(0);
    scan_.accuracy_m.push_back(0.0);
    scan_.stood.push_back(0);
  }

  void block(size_t first) {
    const size_t rows = std::min(Fixes::kBlock, count_ - first);
    const size_t legs = std::min(rows, count_ - 1 - first);
    const Summary seen = summary_of(mover_, t_us_, lon_, lat_, accuracy_, first, rows, legs, still_deg_);
    if (first == 0) open(0);
    if (seen.bad > 0 && scan_.bad_row < 0) find_bad(first, rows);
    if (!seen.same_mover) {
      by_row(first, rows, legs);
      return;
    }
    scan_.unstated.back() += seen.unstated;
    scan_.accuracy_m.back() = std::max(scan_.accuracy_m.back(), seen.accuracy_high);
    scan_.stood.back() += seen.stood;
    if (legs == 0) return;
    if (seen.gap_low <= 0 || seen.gap_high > longest_gap_us_ || !slow(first, seen)) {
      for (size_t row = first; row < first + legs; ++row) leg(row);
    }
  }

  // No leg of the block can be too fast: not even the longest step in the shortest time.
  bool slow(size_t first, const Summary& seen) const {
    // The fix after the block may be less well known than those in it.
    const double after = first + Fixes::kBlock < count_ ? stated(first + Fixes::kBlock) : seen.accuracy_low;
    const double reach = ceiling_mps_[mover_[first]] * static_cast<double>(seen.gap_low) / 1e6 +
                         2.0 * std::min(seen.accuracy_low, after);
    return way_sq_m2(1.0, seen.lon_step, seen.lat_step) <= reach * reach;
  }

  void by_row(size_t first, size_t rows, size_t legs) {
    for (size_t row = first; row < first + rows; ++row) {
      const double known = accuracy_[row];
      scan_.unstated.back() += known != known;
      if (known > scan_.accuracy_m.back()) scan_.accuracy_m.back() = known;
      if (row >= first + legs) break;
      if (mover_[row] != mover_[row + 1]) {
        open(row + 1);
      } else {
        scan_.stood.back() +=
            std::fabs(lon_[row + 1] - lon_[row]) <= still_deg_ && std::fabs(lat_[row + 1] - lat_[row]) <= still_deg_;
        leg(row);
      }
    }
  }

  void leg(size_t row) {
    const int64_t gap = t_us_[row + 1] - t_us_[row];
    if (gap <= 0 && scan_.disorder_row < 0) scan_.disorder_row = static_cast<int64_t>(row) + 1;
    if (gap > longest_gap_us_) scan_.breaks.push_back(static_cast<int64_t>(row) + 1);
    const double reach =
        ceiling_mps_[mover_[row]] * static_cast<double>(gap) / 1e6 + stated(row) + stated(row + 1);
    const double cos_lat = std::cos(lat_[row] * kRadiansPerDegree);
    const double way = way_sq_m2(cos_lat, std::fabs(lon_[row + 1] - lon_[row]), std::fabs(lat_[row + 1] - lat_[row]));
    if (!(way <= reach * reach)) scan_.doubtful.back() = 1;
  }

  double stated(size_t row) const { return accuracy_[row] == accuracy_[row] ? accuracy_[row] : 0.0; }

  void find_bad(size_t first, size_t rows) {
    for (size_t row = first; row < first + rows; ++row) {
      if (std::fabs(lon_[row]) <= 180.0 && std::fabs(lat_[row]) <= 90.0) continue;
      scan_.bad_row = static_cast<int64_t>(row);
      return;
    }
  }

  const int32_t* mover_;
  const int64_t* t_us_;
  const double *lon_, *lat_, *accuracy_;
  size_t count_;
  const double* ceiling_mps_;
  int64_t longest_gap_us_;
  double still_deg_;
  Scan scan_;
};

}  // namespace

void bind_scan(nb::module_& m) {
  m.def("scan", [](Column<int32_t> mover, Column<int64_t> t_us, Column<double> lon_deg, Column<double> lat_deg,
                   Column<double> accuracy_m, Column<double> ceiling_mps, int64_t longest_gap_us, double still_deg) {
    Scan scan;
    {
      nb::gil_scoped_release released;
      scan = Scanner(mover.data(), t_us.data(), lon_deg.data(), lat_deg.data(), accuracy_m.data(), mover.shape(0),
                     ceiling_mps.data(), longest_gap_us, still_deg)
                 .run();
    }
    return nb::make_tuple(to_numpy(std::move(scan.starts)), to_numpy(std::move(scan.movers)),
                          to_numpy(std::move(scan.breaks)), to_numpy(std::move(scan.doubtful)),
                          to_numpy(std::move(scan.unstated)), to_numpy(std::move(scan.stood)),
                          to_numpy(std::move(scan.accuracy_m)), scan.bad_row,
                          scan.disorder_row);
  });
}

}  // namespace truceline
