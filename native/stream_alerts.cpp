#include "stream_alerts.hpp"

#include <algorithm>
#include <cmath>

namespace truceline {
namespace {

// Between two fixes an excursion is looked for to this depth, with at most so many looks.
constexpr double kBetweenM = 1.0;
constexpr int kMostLooks = 256;
// An update is due when the depth has doubled and grown by this much.
constexpr double kGrownM = 10.0;
// While an alert is open its deepest place is found to this share of its depth, or kGrownM.
constexpr double kGrownShare = 0.05;
// Balls wider than this are not relied on: a longer way need not stay inside.
constexpr double kWidestBallM = 2.0e6;

// Never below the distance over the ground between two places: no degree either way is longer than kLongestDegreeM, so
// neither is the straight way in degrees.
double reach_m(double lon_a, double lat_a, double lon_b, double lat_b) {
  double across = std::fabs(lon_a - lon_b);
  if (across > 180.0) across = std::max(360.0 - across, 0.0);
  return kLongestDegreeM * std::sqrt(across * across + (lat_a - lat_b) * (lat_a - lat_b));
}

// The point of the ellipsoid under a point of a chord.
Vec onto_ground(Vec p) { return (1.0 / std::sqrt(dot(p, formed(p)))) * p; }

double known_accuracy_m(double accuracy_m);

// A leg that no mover of its kind can have gone, even with both ends off by their accuracy.
bool too_fast(const StreamFix& a, const StreamFix& b, double ceiling_mps) {
  const double most_m = ceiling_mps * static_cast<double>(b.t_us - a.t_us) / 1e6;
  if (reach_m(a.lon_deg, a.lat_deg, b.lon_deg, b.lat_deg) <= most_m) return false;
  const double slack_m = known_accuracy_m(a.accuracy_m) + known_accuracy_m(b.accuracy_m);
  return distance_m({a.lon_deg, a.lat_deg}, {b.lon_deg, b.lat_deg}) - slack_m > most_m;
}

double known_accuracy_m(double accuracy_m) { return std::isnan(accuracy_m) ? 0.0 : accuracy_m; }

}  // namespace

bool WatchedRule::in_force(int64_t t_us) const {
  const auto after = std::upper_bound(from_us.begin(), from_us.end(), t_us);
  if (after == from_us.begin()) return false;
  return t_us < until_us[static_cast<size_t>(after - from_us.begin()) - 1];
}

int32_t AlertBook::add_rule(WatchedRule rule) {
  rules_.push_back(std::move(rule));
  return static_cast<int32_t>(rules_.size()) - 1;
}

void AlertBook::bind(int32_t mover, int64_t longest_gap_us, double ceiling_mps,
                     const std::vector<int32_t>& rules) {
  if (static_cast<size_t>(mover) >= movers_.size()) movers_.resize(mover + 1);
  Mover& known = movers_[mover];
  close_all(mover, Why::other_rules);
  known.longest_gap_us = longest_gap_us;
  known.ceiling_mps = ceiling_mps;
  known.states.assign(rules.size(), State());
  for (size_t k = 0; k < rules.size(); ++k) {
    known.states[k].rule = rules[k];
    known.states[k].hints = rules_[rules[k]].region->hints();
  }
  known.begun = false;
}

void AlertBook::step(int32_t mover, const StreamFix& fix) {
  Mover& known = movers_[mover];
  const bool joined = known.begun && fix.t_us - known.last.t_us <= known.longest_gap_us;
  if (known.begun && !joined) close_all(mover, Why::gap);
  if (known.begun && too_fast(known.last, fix, known.ceiling_mps)) {
    known.jumped = true;
    known.jumped_us = fix.t_us;
  } else if (known.jumped && fix.t_us - known.jumped_us > known.longest_gap_us) {
    known.jumped = false;
  }
  for (State& state : known.states) {
    if (!joined) state.possible = false;
    look(mover, known, state, fix, joined);
  }
  known.last = fix;
  known.begun = true;
}

void AlertBook::look(int32_t mover, Mover& known, State& state, const StreamFix& fix, bool joined) {
  const WatchedRule& rule = rules_[state.rule];
  const double fix_m = known_accuracy_m(fix.accuracy_m);
  if (!rule.in_force(fix.t_us)) {
    if (state.open) close(mover, known, state, fix.t_us, Why::not_in_force);
    state.possible = state.ball.known = false;
    state.last_bound_m = -kWidestBallM;
    return;
  }
  const double leg_m = joined ? std::max(fix_m, known_accuracy_m(known.last.accuracy_m)) : fix_m;
  const double possible_m = rule.tolerance_m - rule.line_m - leg_m;
  if (!state.open && !state.possible && state.ball.known) {
    const double gone_m = reach_m(state.ball.lon_deg, state.ball.lat_deg, fix.lon_deg, fix.lat_deg);
    const double bound_m = state.ball.depth_m + gone_m;
    const double before_m = joined ? state.last_bound_m : bound_m;
    if (std::max(bound_m, before_m) <= possible_m && gone_m < kWidestBallM) {
      state.last_bound_m = bound_m;
      return;
    }
  }
  if (state.open && joined && !known.jumped && state.ball.known && unchanged(rule, state, fix, fix_m)) {
    state.last_us = fix.t_us;
    state.away = false;
    return;
  }
  const Vec place = to_ecef({fix.lon_deg, fix.lat_deg});
  const double depth_m = rule.region->depth_m(place, state.hints);
  if (joined) {
    // Between two fixes it may have been past where neither is, or deeper than both.
    const double ends_m = std::max(depth_m, state.last_bound_m);
    const double known_m = ends_m <= possible_m ? possible_m : ends_m + kGrownM;
    const double length_m = reach_m(known.last.lon_deg, known.last.lat_deg, fix.lon_deg, fix.lat_deg);
    if ((depth_m + state.last_bound_m + length_m) / 2.0 > known_m) {
      look_between(mover, known, state, fix, depth_m, known_m);
    }
  }
  state.ball = {fix.lon_deg, fix.lat_deg, depth_m, true};
  state.last_bound_m = depth_m;
  observe(mover, known, state,
          {fix.t_us, depth_m, fix_m, fix.lon_deg, fix.lat_deg, !std::isnan(fix.accuracy_m)});
}

// Whether an open alert stays what it is at a fix, by how little the depth can have changed since it was asked for:
// still near, no new verdict, and deeper by too little to be said.
bool AlertBook::unchanged(const WatchedRule& rule, State& state, const StreamFix& fix, double fix_m) const {
  const double gone_m = reach_m(state.ball.lon_deg, state.ball.lat_deg, fix.lon_deg, fix.lat_deg);
  const double least_m = state.ball.depth_m - gone_m - rule.tolerance_m;
  const double most_m = state.ball.depth_m + gone_m - rule.tolerance_m;
  const double deepest_m = state.deepest_m - rule.tolerance_m;
  if (gone_m > kWidestBallM || least_m <= -(rule.line_m + 2.0 * fix_m)) return false;
  if (!state.breach && most_m > rule.line_m + fix_m) return false;
  if (most_m > deepest_m + std::max(kGrownM, kGrownShare * deepest_m)) return false;
  state.last_bound_m = state.ball.depth_m + gone_m;
  return true;
}

// Whether any place between two fixes is deeper than `known_m`, by halving what a bound does not settle.
void AlertBook::look_between(int32_t mover, Mover& known, State& state, const StreamFix& fix, double depth_m,
                             double known_m) {
  const WatchedRule& rule = rules_[state.rule];
  const double fix_m = std::max(known_accuracy_m(fix.accuracy_m), known_accuracy_m(known.last.accuracy_m));
  const Vec a = to_ecef({known.last.lon_deg, known.last.lat_deg}), b = to_ecef({fix.lon_deg, fix.lat_deg});
  // Never below the way over the ground: half the earth round is 1.571 of its chord.
  const double chord_m = norm(b - a), length_m = chord_m < 1.0e6 ? 1.01 * chord_m : 1.6 * chord_m;
  struct Part {
    double from, to, from_m, to_m;
  };
  std::vector<Part> parts{{0.0, 1.0, rule.region->depth_m(a, state.hints), depth_m}};
  double best_m = known_m, best = -1.0;
  for (int looks = 0; !parts.empty() && looks < kMostLooks; ++looks) {
    const Part part = parts.back();
    parts.pop_back();
    const double most_m = (part.from_m + part.to_m + (part.to - part.from) * length_m) / 2.0;
    if (most_m <= best_m + kBetweenM) continue;
    const double half = (part.from + part.to) / 2.0;
    const double here_m = rule.region->depth_m(onto_ground((1.0 - half) * a + half * b), state.hints);
    if (here_m > best_m) {
      best_m = here_m;
      best = half;
    }
    parts.push_back({half, part.to, here_m, part.to_m});
    parts.push_back({part.from, half, part.from_m, here_m});
  }
  if (best < 0.0) return;
  const LonLat at = from_ecef(onto_ground((1.0 - best) * a + best * b));
  const int64_t took_us = fix.t_us - known.last.t_us;
  const bool stated = !std::isnan(fix.accuracy_m) && !std::isnan(known.last.accuracy_m);
  observe(mover, known, state,
          {known.last.t_us + static_cast<int64_t>(std::llround(best * static_cast<double>(took_us))), best_m, fix_m,
           at.lon_deg, at.lat_deg, stated});
}

void AlertBook::deepen(State& state, const Sight& sight) {
  state.deepest_m = sight.depth_m;
  state.deepest_us = sight.t_us;
  state.deepest_accuracy_m = sight.accuracy_m + rules_[state.rule].line_m;
  state.deepest_lon_deg = sight.lon_deg;
  state.deepest_lat_deg = sight.lat_deg;
  state.deepest_stated = sight.stated;
}

void AlertBook::open_or_wait(State& state, const Sight& sight, bool possible) {
  if (!possible) {
    state.possible = false;
    return;
  }
  if (!state.possible) {
    state.possible = true;
    state.breach = state.doubtful = false;
    state.since_us = sight.t_us;
    deepen(state, sight);
  }
}

void AlertBook::observe(int32_t mover, Mover& known, State& state, const Sight& sight) {
  const WatchedRule& rule = rules_[state.rule];
  const double over_m = sight.depth_m - rule.tolerance_m;
  const bool possible = over_m > -(rule.line_m + sight.accuracy_m);
  if (!state.open) open_or_wait(state, sight, possible);
  if (!state.open && !state.possible) return;
  const bool near = over_m > -(rule.line_m + 2.0 * sight.accuracy_m);
  if (near && sight.depth_m > state.deepest_m) deepen(state, sight);
  if (known.jumped) state.doubtful = true;
  if (sight.stated && over_m > rule.line_m + sight.accuracy_m) state.breach = true;
  if (!state.open) {
    if (sight.t_us - state.since_us < times_.open_after_us) return;
    state.open = true;
    state.away = false;
    ++known.open_count;
    state.began_us = state.since_us;
    state.last_us = sight.t_us;
    say(mover, state, Change::open, sight.t_us, Why::none);
    return;
  }
  if (near) state.last_us = sight.t_us;
  const bool deeper = state.deepest_m - rule.tolerance_m >= 2.0 * std::max(state.reported_m - rule.tolerance_m, 0.0) &&
                      state.deepest_m >= state.reported_m + kGrownM;
  if ((state.breach && !state.reported_breach) || deeper) say(mover, state, Change::update, sight.t_us, Why::none);
  if (near) {
    state.away = false;
  } else if (!state.away) {
    state.away = true;
    state.away_us = sight.t_us;
  }
  if (state.away && sight.t_us - state.away_us >= times_.close_after_us) {
    close(mover, known, state, sight.t_us, Why::away);
  }
}

void AlertBook::close(int32_t mover, Mover& known, State& state, int64_t at_us, Why why) {
  say(mover, state, Change::close, at_us, why);
  state.open = state.possible = state.away = state.breach = false;
  state.ball.known = false;
  --known.open_count;
}

void AlertBook::close_all(int32_t mover, Why why) {
  Mover& known = movers_[mover];
  if (!known.open_count) return;
  for (State& state : known.states) {
    if (state.open) close(mover, known, state, known.last.t_us, why);
  }
}

void AlertBook::say(int32_t mover, State& state, Change change, int64_t at_us, Why why) {
  state.reported_m = state.deepest_m;
  state.reported_breach = state.breach;
  events_.push_back({change, why, state.breach, state.deepest_stated, state.doubtful, mover, state.rule, at_us, state.began_us,
                     state.last_us, state.deepest_us, state.deepest_m, state.deepest_accuracy_m,
                     state.deepest_lon_deg, state.deepest_lat_deg});
}

}  // namespace truceline
