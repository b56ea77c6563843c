// Fixes as they arrive: put in order of their own time, one mover at a time, and looked at once none can come before.
//
// AlertEvent time with a bound on lateness, as in T. Akidau et al., "The Dataflow Model", VLDB 8 (2015). The watermark of
// a mover is its newest instant less the bound; a fix at or before it is late and is kept aside. Each mover has its
// own, so that one clock that runs ahead holds up nobody else. What is late depends on the order of arrival alone,
// never on how the arrivals were cut into batches.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include "stream_alerts.hpp"

namespace truceline {

constexpr int64_t kNeverUs = std::numeric_limits<int64_t>::min() / 4;

// What became of one fix on arrival.
struct Arrivals {
  int64_t accepted = 0, duplicate = 0, conflict = 0, late = 0, ahead = 0;
};

// A fix that is not in its place: one that was left out (conflict) or put aside (late, ahead).
struct Odd {
  int32_t mover;
  bool ahead;
  StreamFix fix;
};

// The fixes of one mover that have left the buffer, in order of time, in blocks that are never moved.
class Kept {
 public:
  void push(const StreamFix& fix);
  size_t size() const { return size_; }
  const std::vector<std::vector<StreamFix>>& blocks() const { return blocks_; }
  void clear();

 private:
  std::vector<std::vector<StreamFix>> blocks_;
  size_t size_ = 0;
};

class Stream {
 public:
  Stream(int64_t lateness_us, int64_t ahead_us, AlertTimes times)
      : lateness_us_(lateness_us), ahead_us_(ahead_us), alerts_(times) {}

  int32_t add_rule(WatchedRule rule) { return alerts_.add_rule(std::move(rule)); }
  // Declares a mover, or gives one other rules; its open alerts under the old ones are closed.
  void bind(int32_t mover, int64_t longest_gap_us, double ceiling_mps, const std::vector<int32_t>& rules);
  size_t movers_count() const { return movers_.size(); }

  // One fix; then settle() once a batch. `received_us` below kNeverUs / 2: not known.
  void arrive(int32_t mover, const StreamFix& fix, int64_t received_us);
  void settle();
  // From elsewhere it is known that nothing up to this instant is still to come.
  void advance(int64_t watermark_us);
  // The instant it is: movers not heard of for the bound are taken as complete up to their newest fix.
  void tick(int64_t now_us);
  // No more comes: everything that waits is looked at, and every open alert is closed.
  void finish();

  const Arrivals& arrivals() const { return arrivals_; }
  int64_t watermark_us(int32_t mover) const { return movers_[mover].watermark_us; }
  int64_t newest_us(int32_t mover) const { return movers_[mover].newest_us; }
  int64_t pending_count() const { return pending_count_; }
  int64_t kept_count() const { return kept_count_; }
  Kept take_kept(int32_t mover);
  std::vector<AlertEvent> take_events() { return alerts_.take_events(); }
  bool any_events() const { return alerts_.any_events(); }
  std::vector<Odd> take_conflicts() { return std::exchange(conflicts_, {}); }
  std::vector<Odd> take_aside() { return std::exchange(aside_, {}); }
  int64_t aside_count() const { return static_cast<int64_t>(aside_.size()); }

 private:
  struct Mover {
    std::vector<StreamFix> pending;  // strictly increasing in time, from `head` on
    size_t head = 0;
    int64_t newest_us = kNeverUs, watermark_us = kNeverUs, heard_us = kNeverUs;
    bool touched = false;
    Kept kept;
  };
  void touch(int32_t mover);
  void emit(int32_t mover);

  int64_t lateness_us_, ahead_us_;
  AlertBook alerts_;
  std::vector<Mover> movers_;
  std::vector<int32_t> touched_;
  std::vector<Odd> conflicts_, aside_;
  Arrivals arrivals_;
  int64_t pending_count_ = 0, kept_count_ = 0;
};

}  // namespace truceline
