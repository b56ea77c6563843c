// All pairs over all slabs, in chunks of slabs that threads may share, and the parts joined to passes.
#include "approach.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>
#include <tuple>

namespace truceline::approach {
namespace {

constexpr int64_t kRowsPerChunk = 1 << 15;
constexpr int64_t kMostChunks = 1 << 14;

int64_t floor_div(int64_t value, int64_t by) {
  const int64_t quotient = value / by;
  return quotient * by > value ? quotient - 1 : quotient;
}

// Slabs [first, until) and the stretches that reach into them.
struct Chunk {
  int64_t first, until;
  std::vector<int32_t> stretches;
};

std::vector<Chunk> cut_time(const Fixes& fixes, const std::vector<Stretch>& stretches, int64_t slab_us) {
  if (stretches.empty()) return {};
  int64_t first = std::numeric_limits<int64_t>::max(), last = std::numeric_limits<int64_t>::min();
  for (const Stretch& stretch : stretches) {
    first = std::min(first, floor_div(fixes.t_us[stretch.first], slab_us));
    last = std::max(last, floor_div(fixes.t_us[stretch.last], slab_us));
  }
  const int64_t slabs = last - first + 1;
  const int64_t wanted = std::clamp<int64_t>(static_cast<int64_t>(fixes.rows()) / kRowsPerChunk + 1, 1, kMostChunks);
  const int64_t wide = (slabs + wanted - 1) / wanted;
  std::vector<Chunk> chunks(static_cast<size_t>((slabs + wide - 1) / wide));
  for (size_t k = 0; k < chunks.size(); ++k)
    chunks[k] = {first + static_cast<int64_t>(k) * wide, first + static_cast<int64_t>(k + 1) * wide, {}};
  for (size_t name = 0; name < stretches.size(); ++name) {
    const int64_t from = (floor_div(fixes.t_us[stretches[name].first], slab_us) - first) / wide;
    const int64_t until = (floor_div(fixes.t_us[stretches[name].last], slab_us) - first) / wide;
    for (int64_t k = from; k <= until; ++k) chunks[static_cast<size_t>(k)].stretches.push_back(static_cast<int32_t>(name));
  }
  return chunks;
}

// The entries of a chunk, slab after slab: calls `slab(number, entries, order)`.
template <typename Call>
void each_slab(const Index& index, const Chunk& chunk, Call slab) {
  std::vector<Entry> entries;
  std::vector<int64_t> slabs;
  for (const int32_t name : chunk.stretches) index.append_entries(name, chunk.first, chunk.until, entries, slabs);
  std::vector<uint32_t> order(entries.size());
  const size_t width = static_cast<size_t>(chunk.until - chunk.first);
  if (width <= 4 * entries.size() + 1024) {
    std::vector<uint32_t> starts(width + 1, 0);
    for (const int64_t number : slabs) ++starts[static_cast<size_t>(number - chunk.first) + 1];
    for (size_t k = 1; k <= width; ++k) starts[k] += starts[k - 1];
    for (size_t at = 0; at < slabs.size(); ++at)
      order[starts[static_cast<size_t>(slabs[at] - chunk.first)]++] = static_cast<uint32_t>(at);
  } else {
    for (size_t at = 0; at < order.size(); ++at) order[at] = static_cast<uint32_t>(at);
    std::stable_sort(order.begin(), order.end(), [&](uint32_t one, uint32_t two) { return slabs[one] < slabs[two]; });
  }
  Order here;
  for (size_t at = 0; at < order.size();) {
    const int64_t number = slabs[order[at]];
    here.clear();
    for (; at < order.size() && slabs[order[at]] == number; ++at)
      here.push_back({entries[order[at]].lat_low_deg, order[at]});
    if (here.size() > 1) slab(number, entries, here);
  }
}

// The close looks of one slab. A course is made when it is first needed.
class Slab {
 public:
  Slab(const Fixes& fixes, const Options& options, const std::vector<Stretch>& stretches, const Index& index,
       int64_t slab_us)
      : fixes_(fixes), stretches_(stretches), index_(index), slab_us_(slab_us) {
    level_.unknown_apart = options.unknown_apart;
    if (std::isfinite(options.vertical_m)) level_.below_m = options.vertical_m - 0.5 / kStepsPerMetre;
  }

  void look(int64_t number, const std::vector<Entry>& entries, Order& order, std::vector<Near>& found) {
    nodes_.clear();
    spans_.resize(entries.size(), {0, 0});
    const int64_t until_us = (number + 1) * slab_us_;
    index_.sweep(entries.data(), order, [&](size_t one, size_t two) {
      if (stretches_[entries[one].stretch].mover > stretches_[entries[two].stretch].mover) std::swap(one, two);
      const int32_t a = stretches_[entries[one].stretch].mover, b = stretches_[entries[two].stretch].mover;
      const double limit_m = index_.limit_m(a, b);
      int64_t from_us = number * slab_us_;
      if (!(limit_m > 0.0) || !index_.may_meet(entries[one], entries[two], from_us, until_us, limit_m)) return;
      load(entries[one], one);
      load(entries[two], two);
      Level level = level_;
      level.comparable = index_.comparable(a, b);
      find_near(course(entries[one], one), course(entries[two], two), a, b, from_us, until_us, Limit(limit_m), level,
                found);
    });
  }

 private:
  void load(const Entry& entry, size_t at) {
    if (spans_[at].second > 0) return;
    spans_[at].first = nodes_.size();
    append_nodes(fixes_, entry.first, entry.last, nodes_);
    spans_[at].second = nodes_.size() - spans_[at].first;
  }
  Course course(const Entry& entry, size_t at) const {
    const Stretch& stretch = stretches_[entry.stretch];
    return {nodes_.data() + spans_[at].first, spans_[at].second, fixes_.t_us[stretch.first],
            fixes_.t_us[stretch.last]};
  }

  const Fixes& fixes_;
  const std::vector<Stretch>& stretches_;
  const Index& index_;
  int64_t slab_us_;
  Level level_;
  std::vector<Node> nodes_;
  std::vector<std::pair<size_t, size_t>> spans_;
};

// Calls `work(k)` for k below count, on several threads where that is asked for; the first error is thrown again.
template <typename Call>
void share_out(size_t count, int threads_count, Call work) {
  std::atomic<size_t> next{0};
  std::exception_ptr failed;
  std::mutex guard;
  const auto run = [&] {
    for (size_t k = next++; k < count; k = next++) {
      try {
        work(k);
      } catch (...) {
        const std::lock_guard<std::mutex> held(guard);
        if (!failed) failed = std::current_exception();
        return;
      }
    }
  };
  const size_t helpers = std::min<size_t>(count, static_cast<size_t>(std::max(threads_count, 1)));
  std::vector<std::thread> threads;
  for (size_t k = 1; k < helpers; ++k) threads.emplace_back(run);
  run();
  for (std::thread& thread : threads) thread.join();
  if (failed) std::rethrow_exception(failed);
}

bool follows(const Near& earlier, const Near& later) {
  return earlier.a == later.a && earlier.b == later.b && earlier.ends_near && later.starts_near &&
         !earlier.open_end && !later.open_start && earlier.node_end_us == later.node_start_us;
}

// Parts of all slabs as passes, by a, start and b: the same whatever the slabs and the threads were.
std::vector<Near> join_all(std::vector<Near>&& parts, const Index& index) {
  std::sort(parts.begin(), parts.end(), [](const Near& one, const Near& two) {
    return std::tie(one.a, one.b, one.node_start_us, one.node_end_us, one.start_us) <
           std::tie(two.a, two.b, two.node_start_us, two.node_end_us, two.start_us);
  });
  std::vector<Near> passes;
  for (const Near& part : parts) {
    if (!passes.empty() && follows(passes.back(), part))
      join(passes.back(), part);
    else
      passes.push_back(part);
  }
  passes.erase(std::remove_if(passes.begin(), passes.end(),
                              [&](const Near& near) {
                                return !(near.closest_steps < Limit(index.limit_m(near.a, near.b)).steps);
                              }),
               passes.end());
  std::stable_sort(passes.begin(), passes.end(), [](const Near& one, const Near& two) {
    return std::tie(one.a, one.start_us, one.b, one.end_us) < std::tie(two.a, two.start_us, two.b, two.end_us);
  });
  return passes;
}

}  // namespace

Found close_intervals(const Fixes& fixes, const Options& options) {
  Found out;
  std::vector<Stretch> stretches;
  out.checked = find_stretches(fixes, options, stretches);
  if (out.checked.fault != Fault::kNone) return out;
  const int64_t slab_us = choose_slab_us(fixes, options, stretches);
  const Index index(fixes, options, stretches, slab_us);
  const std::vector<Chunk> chunks = cut_time(fixes, stretches, slab_us);
  std::vector<std::vector<Near>> parts(chunks.size());
  share_out(chunks.size(), options.threads_count, [&](size_t k) {
    Slab slab(fixes, options, stretches, index, slab_us);
    each_slab(index, chunks[k],
              [&](int64_t number, const std::vector<Entry>& entries, Order& order) {
                slab.look(number, entries, order, parts[k]);
              });
  });
  std::vector<Near> all;
  for (std::vector<Near>& part : parts) all.insert(all.end(), part.begin(), part.end());
  out.passes = join_all(std::move(all), index);
  return out;
}

// Pairs of movers whose boxes come near each other in some slab, as a * movers + b, sorted.
Checked candidate_pairs(const Fixes& fixes, const Options& options, std::vector<int64_t>& pairs) {
  std::vector<Stretch> stretches;
  const Checked checked = find_stretches(fixes, options, stretches);
  if (checked.fault != Fault::kNone) return checked;
  const int64_t slab_us = choose_slab_us(fixes, options, stretches);
  const Index index(fixes, options, stretches, slab_us);
  for (const Chunk& chunk : cut_time(fixes, stretches, slab_us)) {
    each_slab(index, chunk, [&](int64_t, const std::vector<Entry>& entries, Order& order) {
      index.sweep(entries.data(), order, [&](size_t one, size_t two) {
        const int64_t a = stretches[entries[one].stretch].mover, b = stretches[entries[two].stretch].mover;
        pairs.push_back(std::min(a, b) * static_cast<int64_t>(fixes.movers_count) + std::max(a, b));
      });
    });
    std::sort(pairs.begin(), pairs.end());
    pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  }
  return checked;
}

}  // namespace truceline::approach
