#include "judge.hpp"

#include <algorithm>
#include <limits>

namespace truceline {

Judge::Judge(const Region& region, const Fixes& fixes, double tolerance_m, double way_tolerance_m, const Level& level)
    : region_(region), widest_(region.widest()), fixes_(fixes), tolerance_m_(tolerance_m),
      way_tolerance_m_(way_tolerance_m), level_(level), line_m_(region.accuracy_m()), finder_(region_, fixes_),
      wide_finder_(widest_, fixes_), leaf_m_(region.leaves_count()) {}

// Hysteresis: a mover counts as away only when its reading is off by twice what one fix can be, so that one that
// hugs the line makes one stretch near it and not a hundred.
void Judge::judge(int32_t stretch, size_t first, size_t last, double fix_m, std::vector<Event>& out) {
  first_ = first;
  last_ = last;
  const double near_m = tolerance_m_ - line_m_ - 2.0 * fix_m;
  // Where exactly a stretch near the line begins and ends matters only where that is all there is.
  for (Visit& near : finder_.visits(near_m, way_tolerance_m_, first, last, true)) {
    const size_t from = near.open_start ? first : near.entry.row;
    const size_t to = near.open_end ? last : near.exit.row + 1;
    std::vector<Visit> past;
    for (Visit& visit : finder_.visits(tolerance_m_, way_tolerance_m_, from, to)) {
      finder_.find_deepest(visit);
      if (visit.depth_m > tolerance_m_) past.push_back(visit);
    }
    if (past.empty()) {
      finder_.settle(near, near_m, way_tolerance_m_);
      finder_.find_deepest(near);
      if (near.depth_m > near_m) judge_near(stretch, from, to, near, out);
      continue;
    }
    // Crossings closer together than the fixes' own accuracy can tell apart are one visit.
    const std::vector<Visit> joined =
        past.size() == 1 ? past : finder_.visits(tolerance_m_ - fix_m, way_tolerance_m_, from, to);
    const size_t begin = near.open_start ? from : from + 1;
    windows_ = windows_between(begin, near.exit.row);
    fixes_near_ = near.exit.row + 1 > begin ? near.exit.row + 1 - begin : 1;
    judge_past(stretch, past, joined, out);
  }
}

// How many windows a stretch near the line has: the level of error is shared over them.
size_t Judge::windows_between(size_t first, size_t last) const {
  size_t count = 0;
  for (size_t at = first; at <= last; ++count) at = window_end(fixes_.times(), at, last + 1, level_.window_us());
  return std::max<size_t>(count, 1);
}

// One event a visit that is certain; all that is only possible near one stretch of line as one.
void Judge::judge_past(int32_t stretch, std::vector<Visit>& past,
                       const std::vector<Visit>& joined, std::vector<Event>& out) {
  const size_t begun = out.size();
  std::vector<const Visit*> possible;
  for (const Visit& group : joined) {
    std::vector<const Visit*> inside;
    for (const Visit& visit : past) {
      if (group.entry.t_us <= visit.entry.t_us && visit.exit.t_us <= group.exit.t_us) inside.push_back(&visit);
    }
    if (inside.empty()) continue;
    const Event event = incursion(stretch, inside);
    if (event.beyond) {
      out.push_back(event);
    } else {
      possible.insert(possible.end(), inside.begin(), inside.end());
    }
  }
  if (!possible.empty()) out.push_back(incursion(stretch, possible));
  std::stable_sort(out.begin() + static_cast<std::ptrdiff_t>(begun), out.end(),
                   [](const Event& a, const Event& b) { return a.start_us < b.start_us; });
}

Event Judge::incursion(int32_t stretch, const std::vector<const Visit*>& crossings) {
  const Visit *deepest = crossings[0], &first = *crossings.front(), &last = *crossings.back();
  double beyond_us = 0.0;
  int64_t count = 0;
  for (const Visit* visit : crossings) {
    if (visit->depth_m > deepest->depth_m) deepest = visit;
    beyond_us += static_cast<double>(visit->exit.t_us - visit->entry.t_us);
    count += 2 - visit->open_start - visit->open_end;
  }
  Event event{};
  event.stretch = stretch;
  event.past = true;
  event.open_start = first.open_start;
  event.open_end = last.open_end;
  event.start_us = first.entry.t_us;
  event.end_us = last.exit.t_us;
  event.entry = first.entry;
  event.exit = last.exit;
  event.deepest = deepest->deepest;
  event.depth_m = deepest->depth_m;
  event.beyond_s = beyond_us / 1e6;
  event.crossings_count = count;
  depth_range(leaves_at(deepest->deepest.place), accuracy_near(deepest->deepest.t_us, first_, last_), event.low_m,
              event.high_m);
  const Sure sure = certainty(crossings, *deepest);
  event.beyond = sure.beyond;
  event.probability = sure.probability;
  event.spare_m = sure.spare_m;
  return event;
}

// Never past the line, but close enough that it may have been; or nothing on a closer look.
void Judge::judge_near(int32_t stretch, size_t first, size_t last, Visit& near, std::vector<Event>& out) {
  Spot spot = near.deepest;
  double accuracy_m = 0.0;
  if (!most_past(first, last, near, spot, accuracy_m)) return;
  Event event{};
  event.stretch = stretch;
  event.start_us = near.entry.t_us;
  event.end_us = near.exit.t_us;
  event.entry = near.entry;
  event.exit = near.exit;
  event.deepest = spot;
  const double* leaf_m = leaves_at(spot.place);
  depth_range(leaf_m, accuracy_m, event.low_m, event.high_m);
  event.depth_m = spot.t_us == near.deepest.t_us ? near.depth_m : region_.combine(leaf_m);
  event.probability = chance(leaf_m, accuracy_m);
  event.spare_m = event.high_m - tolerance_m_;
  out.push_back(event);
}

// Instant, point and accuracy at which the mover may have been past the line, if anywhere near it: the deepest
// point, else one less deep but less well known, by a worse fix or a vaguer boundary.
bool Judge::most_past(size_t first, size_t last, const Visit& near, Spot& spot, double& accuracy_m) {
  double low_m, high_m;
  accuracy_m = accuracy_near(near.deepest.t_us, first_, last_);
  depth_range(leaves_at(near.deepest.place), accuracy_m, low_m, high_m);
  if (high_m > tolerance_m_) return true;
  const size_t begin = near.open_start ? first : near.entry.row + 1, end = near.exit.row;
  double most_m = -std::numeric_limits<double>::infinity();
  for (size_t row = begin; row <= end && row <= last; ++row) {
    const double high = wide_finder_.depth_m(to_ecef(fixes_.at(row))) + fixes_.accuracy_m(row);
    if (high > most_m) {
      most_m = high;
      accuracy_m = fixes_.accuracy_m(row);
      spot = {row, 0.0, fixes_.t_us(row), fixes_.at(row)};
    }
  }
  if (most_m > tolerance_m_) return true;
  for (size_t row = first; row < last; ++row) {
    const double leg_m = std::max(fixes_.accuracy_m(row), fixes_.accuracy_m(row + 1));
    // Of the leg, the part that lies in this stretch near the line.
    Visit leg{};
    leg.entry = {row, row == near.entry.row && !near.open_start ? near.entry.fraction : 0.0, 0, {}};
    leg.exit = {row, row == near.exit.row && !near.open_end ? near.exit.fraction : 1.0, 0, {}};
    wide_finder_.find_deepest(leg);
    if (leg.depth_m + leg_m > tolerance_m_) {
      spot = leg.deepest;
      accuracy_m = leg_m;
      return true;
    }
  }
  return false;
}

const double* Judge::leaves_at(LonLat place) {
  region_.leaf_depths_m(to_ecef(place), finder_.hints(), leaf_m_.data());
  return leaf_m_.data();
}

double Judge::accuracy_near(int64_t t_us, size_t first, size_t last) const {
  const int64_t* times = fixes_.times();
  size_t after = static_cast<size_t>(std::lower_bound(times + first, times + last + 1, t_us) - times);
  after = std::min(after, last);
  return std::max(fixes_.accuracy_m(after), fixes_.accuracy_m(after > first ? after - 1 : after));
}

void Judge::depth_range(const double* leaf_m, double extra_m, double& low_m, double& high_m) const {
  std::vector<double> low(region_.leaves_count()), high(region_.leaves_count());
  for (size_t k = 0; k < low.size(); ++k) {
    const double off = (region_.leaf(k).accuracy_m + extra_m) * region_.polarity(k);
    low[k] = leaf_m[k] - off;
    high[k] = leaf_m[k] + off;
  }
  low_m = region_.combine(low.data());
  high_m = region_.combine(high.data());
}

double Judge::chance(const double* leaf_m, double accuracy_m) const {
  std::vector<double> each(region_.leaves_count());
  for (size_t k = 0; k < each.size(); ++k) {
    const double sigma = std::hypot(accuracy_m * kSigmaPerR95, region_.leaf(k).accuracy_m * kSigmaPerHalfwidth95);
    const double past = leaf_m[k] - region_.polarity(k) * tolerance_m_;
    each[k] = sigma == 0.0 ? (past > 0.0 ? 1.0 : 0.0) : normal_cdf(past / sigma);
  }
  return region_.combine(each.data(), 1.0);
}

// The fixes past the line, judged by windows. The deepest point counts too where there are no fixes past the line,
// or where it lies between two that are further apart than a window.
Judge::Sure Judge::certainty(const std::vector<const Visit*>& crossings, const Visit& deepest) {
  std::vector<int64_t> t_us;
  std::vector<size_t> rows;
  for (const Visit* visit : crossings) {
    for (size_t row = visit->open_start ? visit->entry.row : visit->entry.row + 1; row <= visit->exit.row; ++row) {
      t_us.push_back(fixes_.t_us(row));
      rows.push_back(row);
    }
  }
  const int64_t at_us = deepest.deepest.t_us;
  const int64_t* times = fixes_.times();
  const size_t after = static_cast<size_t>(std::lower_bound(times + first_, times + last_ + 1, at_us) - times);
  const size_t before = after > first_ ? after - 1 : after;
  const bool on_fix = (after <= last_ && times[after] == at_us) || times[before] == at_us;
  const bool between = !on_fix && after <= last_ && times[after] - times[before] > level_.window_us();
  size_t inserted = rows.size() + 1;
  if (between || rows.empty()) {
    const auto place = std::lower_bound(t_us.begin(), t_us.end(), at_us) - t_us.begin();
    inserted = static_cast<size_t>(place);
    t_us.insert(t_us.begin() + place, at_us);
    rows.insert(rows.begin() + place, deepest.deepest.row);
  }
  Sure sure = certainty_of_windows(t_us, rows, inserted, deepest);
  // A short deep visit among long shallow ones would be averaged away: the deepest place alone counts too, held to
  // the level of error shared over all fixes near the line instead of over the windows.
  const double sigma = kSigmaPerR95 * accuracy_near(at_us, first_, last_);
  double low_m, high_m;
  depth_range(leaves_at(deepest.deepest.place), level_.sigmas_needed(fixes_near_) * sigma, low_m, high_m);
  if (low_m - tolerance_m_ > sure.spare_m) {
    sure.spare_m = low_m - tolerance_m_;
    if (sure.spare_m > 0.0) {
      sure.beyond = true;
      sure.probability = std::max(sure.probability, chance(leaves_at(deepest.deepest.place), sigma / kSigmaPerR95));
    }
  }
  return sure;
}

// No fix of the window is deeper on average than this.
double Judge::window_bound_m(const std::vector<size_t>& rows, size_t first, size_t end, size_t inserted,
                             double enough_m) {
  const size_t middle = first + (end - first) / 2;
  if (inserted < rows.size()) return std::numeric_limits<double>::infinity();
  const From from(fixes_.at(rows[middle]));
  double reach = 0.0;
  for (size_t k = first; k < end; ++k) reach += std::sqrt(fixes_.farthest_sq(from, rows[k]));
  reach /= static_cast<double>(end - first);
  // The cell of the middle fix often says enough.
  const double rough = finder_.most_in_cell_m(fixes_.at(rows[middle])) + reach;
  if (rough < enough_m) return rough;
  const Pathfinder::Known beside = finder_.known(rows[middle]);
  if (beside.depth_m + reach < enough_m) return beside.depth_m + reach;
  double sum = 0.0;
  for (size_t k = first; k < end; ++k) sum += finder_.most_by_piece_m(to_ecef(fixes_.at(rows[k])), beside);
  return sum / static_cast<double>(end - first);
}

Judge::Sure Judge::certainty_of_windows(const std::vector<int64_t>& t_us,
                                        const std::vector<size_t>& rows, size_t inserted, const Visit& deepest) {
  const double needed = level_.sigmas_needed(windows_);
  const size_t leaves = region_.leaves_count();
  Sure sure{false, 0.0, -std::numeric_limits<double>::infinity()};
  std::vector<double> t_s, sigma_m, leaf_m, low(leaves), scaled(leaves), spread_all(leaves);
  // The windows that hold the deepest fix first: most others then need no closer look.
  std::vector<std::pair<size_t, size_t>> spans;
  size_t start = 0;
  for (size_t first = 0; first < t_us.size();) {
    const size_t end = window_end(t_us.data(), first, t_us.size(), level_.window_us());
    if (t_us[first] <= deepest.deepest.t_us) start = spans.size();
    spans.emplace_back(first, end);
    first = end;
  }
  for (size_t turn = 0; turn < spans.size(); ++turn) {
    const auto [first, end] = spans[(start + turn) % spans.size()];
    if (turn > 0 && region_.single() && sure.probability == 1.0 &&
        window_bound_m(rows, first, end, inserted, sure.spare_m + line_m_ + tolerance_m_) <
            sure.spare_m + line_m_ + tolerance_m_) {
      continue;
    }
    const size_t count = end - first;
    t_s.resize(count);
    sigma_m.resize(count);
    leaf_m.resize(count * leaves);
    for (size_t k = 0; k < count; ++k) {
      const size_t row = rows[first + k];
      const bool own = first + k == inserted;
      t_s[k] = static_cast<double>(t_us[first + k] - t_us[first]) / 1e6;
      sigma_m[k] = kSigmaPerR95 * (own ? accuracy_near(t_us[first + k], first_, last_) : fixes_.accuracy_m(row));
      if (region_.single() && !own) {
        leaf_m[k] = finder_.known(row).depth_m;
        continue;
      }
      region_.leaf_depths_m(to_ecef(own ? deepest.deepest.place : fixes_.at(row)), finder_.hints(),
                            leaf_m.data() + k * leaves);
    }
    const double spread = std::sqrt(mean_variance(t_s.data(), sigma_m.data(), count, level_.correlation_s));
    for (size_t leaf = 0; leaf < leaves; ++leaf) {
      const double line = region_.leaf(leaf).accuracy_m * kSigmaPerHalfwidth95;
      spread_all[leaf] = std::max(std::hypot(spread, line), level_.exact_m);
    }
    double low_sum = 0.0, scaled_sum = 0.0;
    // Combined, then averaged: just past one boundary and then just past another is not deep past both.
    for (size_t k = 0; k < count; ++k) {
      for (size_t leaf = 0; leaf < leaves; ++leaf) {
        const double depth = leaf_m[k * leaves + leaf], sign = region_.polarity(leaf);
        low[leaf] = depth - sign * (region_.leaf(leaf).accuracy_m + needed * spread);
        scaled[leaf] = (depth - sign * tolerance_m_) / spread_all[leaf];
      }
      low_sum += region_.combine(low.data());
      scaled_sum += region_.combine(scaled.data());
    }
    const double n = static_cast<double>(count);
    sure.spare_m = std::max(sure.spare_m, low_sum / n - tolerance_m_);
    sure.probability = std::max(sure.probability, normal_cdf(scaled_sum / n));
  }
  sure.beyond = sure.spare_m > 0.0;
  return sure;
}

}  // namespace truceline
