#include "stream.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace truceline {
namespace {

constexpr size_t kFirstBlock = 16, kLargestBlock = 1024;

// As a batch reading has it: of two fixes of one mover and instant, the same place and height is a duplicate.
bool same_place(const StreamFix& a, const StreamFix& b) {
  const bool heights = a.altitude_m == b.altitude_m || (std::isnan(a.altitude_m) && std::isnan(b.altitude_m));
  return a.lon_deg == b.lon_deg && a.lat_deg == b.lat_deg && heights;
}

}  // namespace

void Kept::push(const StreamFix& fix) {
  if (blocks_.empty() || blocks_.back().size() == blocks_.back().capacity()) {
    blocks_.emplace_back();
    blocks_.back().reserve(std::clamp(size_ / 2, kFirstBlock, kLargestBlock));
  }
  blocks_.back().push_back(fix);
  ++size_;
}

void Kept::clear() {
  blocks_.clear();
  size_ = 0;
}

void Stream::bind(int32_t mover, int64_t longest_gap_us, double ceiling_mps, const std::vector<int32_t>& rules) {
  if (static_cast<size_t>(mover) >= movers_.size()) movers_.resize(mover + 1);
  alerts_.bind(mover, longest_gap_us, ceiling_mps, rules);
}

void Stream::touch(int32_t mover) {
  if (movers_[mover].touched) return;
  movers_[mover].touched = true;
  touched_.push_back(mover);
}

void Stream::arrive(int32_t mover, const StreamFix& fix, int64_t received_us) {
  Mover& known = movers_[mover];
  if (received_us > known.heard_us) known.heard_us = received_us;
  if (received_us > kNeverUs / 2 && fix.t_us > received_us + ahead_us_) {
    ++arrivals_.ahead;
    aside_.push_back({mover, true, fix});
    return;
  }
  if (fix.t_us <= known.watermark_us) {
    ++arrivals_.late;
    aside_.push_back({mover, false, fix});
    return;
  }
  std::vector<StreamFix>& pending = known.pending;
  if (pending.size() == known.head || fix.t_us > pending.back().t_us) {
    pending.push_back(fix);
  } else {
    auto place = pending.end();
    const auto begin = pending.begin() + static_cast<std::ptrdiff_t>(known.head);
    for (int steps = 0; place != begin && (place - 1)->t_us >= fix.t_us; --place) {
      if (++steps > 16) {
        place = std::lower_bound(begin, place, fix.t_us, [](const StreamFix& f, int64_t t) { return f.t_us < t; });
        break;
      }
    }
    if (place != pending.end() && place->t_us == fix.t_us) {
      if (same_place(*place, fix)) {
        ++arrivals_.duplicate;
      } else {
        ++arrivals_.conflict;
        conflicts_.push_back({mover, false, fix});
      }
      return;
    }
    pending.insert(place, fix);
  }
  ++arrivals_.accepted;
  ++pending_count_;
  if (fix.t_us > known.newest_us) {
    known.newest_us = fix.t_us;
    known.watermark_us = std::max(known.watermark_us, fix.t_us - lateness_us_);
    if (pending[known.head].t_us <= known.watermark_us) touch(mover);
  }
}

void Stream::emit(int32_t mover) {
  Mover& known = movers_[mover];
  size_t at = known.head;
  for (; at < known.pending.size() && known.pending[at].t_us <= known.watermark_us; ++at) {
    alerts_.step(mover, known.pending[at]);
    known.kept.push(known.pending[at]);
  }
  const int64_t moved = static_cast<int64_t>(at - known.head);
  pending_count_ -= moved;
  kept_count_ += moved;
  known.head = at;
  if (at == known.pending.size()) {
    known.pending.clear();
    known.head = 0;
  } else if (at >= 32 && 2 * at >= known.pending.size()) {
    known.pending.erase(known.pending.begin(), known.pending.begin() + static_cast<std::ptrdiff_t>(at));
    known.head = 0;
  }
}

void Stream::settle() {
  for (const int32_t mover : touched_) {
    movers_[mover].touched = false;
    emit(mover);
  }
  touched_.clear();
}

void Stream::advance(int64_t watermark_us) {
  for (size_t k = 0; k < movers_.size(); ++k) {
    movers_[k].watermark_us = std::max(movers_[k].watermark_us, watermark_us);
    emit(static_cast<int32_t>(k));
  }
}

void Stream::tick(int64_t now_us) {
  for (size_t k = 0; k < movers_.size(); ++k) {
    Mover& known = movers_[k];
    if (known.heard_us <= kNeverUs || now_us - known.heard_us < lateness_us_) continue;
    const int32_t mover = static_cast<int32_t>(k);
    if (known.watermark_us < known.newest_us) {
      known.watermark_us = known.newest_us;
      emit(mover);
    }
    if (alerts_.any_open(mover) && now_us - known.heard_us > lateness_us_ + alerts_.longest_gap_us(mover)) {
      alerts_.close_all(mover, Why::silent);
    }
  }
}

void Stream::finish() {
  for (size_t k = 0; k < movers_.size(); ++k) {
    movers_[k].watermark_us = std::max(movers_[k].watermark_us, movers_[k].newest_us);
    emit(static_cast<int32_t>(k));
    alerts_.close_all(static_cast<int32_t>(k), Why::end);
  }
}

Kept Stream::take_kept(int32_t mover) {
  kept_count_ -= static_cast<int64_t>(movers_[mover].kept.size());
  return std::exchange(movers_[mover].kept, Kept());
}

}  // namespace truceline
