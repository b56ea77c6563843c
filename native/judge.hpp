// One stretch of fixes without a gap against one region: past the line, near it, and how sure.
//
// The rule behind it is written in docs/explain/certainty.md; truceline.rules gives these numbers their meaning.
#pragma once

#include <vector>

#include "certainty.hpp"
#include "visits.hpp"

namespace truceline {

struct Event {
  int32_t stretch;      // which of the stretches asked about
  bool past;            // past the line; else only near it
  bool beyond;          // past it even if line and fixes are off by their accuracy
  bool open_start, open_end;
  int64_t start_us, end_us;
  Spot entry, exit, deepest;
  double depth_m, low_m, high_m;
  double beyond_s;
  int64_t crossings_count;
  double probability, spare_m;
};

class Judge {
 public:
  Judge(const Region& region, const Fixes& fixes, double tolerance_m, double way_tolerance_m, const Level& level);

  // Rows [first, last]; `fix_m` is the worst accuracy of a fix among them.
  void judge(int32_t stretch, size_t first, size_t last, double fix_m, std::vector<Event>& out);

 private:
  struct Sure {
    bool beyond;
    double probability, spare_m;
  };
  void judge_near(int32_t stretch, size_t first, size_t last, Visit& near, std::vector<Event>& out);
  void judge_past(int32_t stretch, std::vector<Visit>& past,
                  const std::vector<Visit>& joined, std::vector<Event>& out);
  Event incursion(int32_t stretch, const std::vector<const Visit*>& crossings);
  Sure certainty(const std::vector<const Visit*>& crossings, const Visit& deepest);
  Sure certainty_of_windows(const std::vector<int64_t>& t_us, const std::vector<size_t>& rows,
                            size_t inserted, const Visit& deepest);
  double window_bound_m(const std::vector<size_t>& rows, size_t first, size_t end, size_t inserted,
                        double enough_m);
  bool most_past(size_t first, size_t last, const Visit& near, Spot& spot, double& accuracy_m);
  double chance(const double* leaf_m, double accuracy_m) const;
  void depth_range(const double* leaf_m, double extra_m, double& low_m, double& high_m) const;
  double accuracy_near(int64_t t_us, size_t first, size_t last) const;
  const double* leaves_at(LonLat place);
  size_t windows_between(size_t first, size_t last) const;

  const Region& region_;
  Region widest_;
  const Fixes& fixes_;
  double tolerance_m_, way_tolerance_m_;
  Level level_;
  double line_m_;
  Pathfinder finder_, wide_finder_;
  size_t first_ = 0, last_ = 0;
  size_t windows_ = 1, fixes_near_ = 1;  // of the stretch near the line that is looked at
  std::vector<double> leaf_m_;
};

}  // namespace truceline
