// Alerts: one for each time a mover comes so near a line, or so far past it, that its accuracy lets it be past.
//
// A mover is possibly past while its depth is above the tolerance less the two accuracies, and away again only once it
// is off by one more accuracy of its own for a stated time, so that one that hugs the line is one alert.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "region.hpp"

namespace truceline {

struct StreamFix {
  int64_t t_us;
  double lon_deg, lat_deg, accuracy_m, altitude_m;
  int8_t datum;
};

struct AlertTimes {
  int64_t open_after_us;   // possibly past for so long before an alert opens
  int64_t close_after_us;  // away for so long before it closes
};

struct WatchedRule {
  std::shared_ptr<const Region> region;
  double tolerance_m;
  double line_m;  // accuracy of the least accurate boundary
  std::vector<int64_t> from_us, until_us;  // in force, half-open, in order

  bool in_force(int64_t t_us) const;
};

enum class Change : int8_t { open = 0, update = 1, close = 2 };
enum class Why : int8_t { none = 0, away = 1, gap = 2, silent = 3, not_in_force = 4, other_rules = 5, end = 6 };

struct AlertEvent {
  Change change;
  Why why;
  bool breach;
  bool stated;    // the accuracy at the deepest point was
  bool doubtful;  // a leg no mover of its kind can have gone lies in it or shortly before it
  int32_t mover, rule;
  int64_t at_us;  // of the fix that made the change
  int64_t began_us, last_us, deepest_us;
  double depth_m, accuracy_m, lon_deg, lat_deg;  // at the deepest; accuracy of fix and line together
};

class AlertBook {
 public:
  explicit AlertBook(AlertTimes times) : times_(times) {}

  int32_t add_rule(WatchedRule rule);
  size_t rules_count() const { return rules_.size(); }
  void bind(int32_t mover, int64_t longest_gap_us, double ceiling_mps, const std::vector<int32_t>& rules);
  // The next fix of a mover, in order of time.
  void step(int32_t mover, const StreamFix& fix);
  void close_all(int32_t mover, Why why);
  int64_t longest_gap_us(int32_t mover) const { return movers_[mover].longest_gap_us; }
  bool any_open(int32_t mover) const { return movers_[mover].open_count > 0; }

  std::vector<AlertEvent> take_events() { return std::exchange(events_, {}); }
  bool any_events() const { return !events_.empty(); }

 private:
  // Where the depth was last asked for: at any place less far from it than that, it differs by less.
  struct Ball {
    double lon_deg = 0.0, lat_deg = 0.0, depth_m = 0.0;
    bool known = false;
  };
  struct State {
    int32_t rule = 0;
    bool open = false, possible = false, away = false, breach = false, deepest_stated = true;
    bool reported_breach = false, doubtful = false;
    int64_t since_us = 0, began_us = 0, last_us = 0, away_us = 0, deepest_us = 0;
    double deepest_m = 0.0, deepest_accuracy_m = 0.0, deepest_lon_deg = 0.0, deepest_lat_deg = 0.0;
    double reported_m = 0.0;
    double last_bound_m = 0.0;  // no less than the depth at the last fix
    Ball ball;
    Hints hints;
  };
  struct Mover {
    int64_t longest_gap_us = 0;
    double ceiling_mps = 0.0;
    bool begun = false;
    bool jumped = false;
    int64_t jumped_us = 0;
    StreamFix last{};
    int32_t open_count = 0;
    std::vector<State> states;
  };
  struct Sight {
    int64_t t_us;
    double depth_m, accuracy_m, lon_deg, lat_deg;
    bool stated;
  };
  void look(int32_t mover, Mover& known, State& state, const StreamFix& fix, bool joined);
  bool unchanged(const WatchedRule& rule, State& state, const StreamFix& fix, double fix_m) const;
  void look_between(int32_t mover, Mover& known, State& state, const StreamFix& fix, double depth_m, double known_m);
  void observe(int32_t mover, Mover& known, State& state, const Sight& sight);
  void open_or_wait(State& state, const Sight& sight, bool possible);
  void close(int32_t mover, Mover& known, State& state, int64_t at_us, Why why);
  void deepen(State& state, const Sight& sight);
  void say(int32_t mover, State& state, Change change, int64_t at_us, Why why);

  AlertTimes times_;
  std::vector<WatchedRule> rules_;
  std::vector<Mover> movers_;
  std::vector<AlertEvent> events_;
};

}  // namespace truceline
