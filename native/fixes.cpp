#include "fixes.hpp"

#include "wide.hpp"

namespace truceline {
namespace {

// Least and greatest of a run of values; four at a time, so that the compiler may use wide registers.
TRUCELINE_WIDE
void span_of(const double* values, size_t stride, size_t count, double& low, double& high) {
  double lows[4], highs[4];
  for (size_t k = 0; k < 4; ++k) lows[k] = highs[k] = values[0];
  size_t row = 0;
  if (stride == 1) {
    for (; row + 4 <= count; row += 4) {
      for (size_t k = 0; k < 4; ++k) {
        const double value = values[row + k];
        lows[k] = value < lows[k] ? value : lows[k];
        highs[k] = value > highs[k] ? value : highs[k];
      }
    }
  }
  for (; row < count; ++row) {
    const double value = values[row * stride];
    lows[0] = value < lows[0] ? value : lows[0];
    highs[0] = value > highs[0] ? value : highs[0];
  }
  low = std::min(std::min(lows[0], lows[1]), std::min(lows[2], lows[3]));
  high = std::max(std::max(highs[0], highs[1]), std::max(highs[2], highs[3]));
}

}  // namespace

void Fixes::build_boxes() {
  if (boxed() || count_ < 2 * kBlock) return;
  const size_t blocks = count_ / kBlock;
  blocks_.resize(blocks);
  for (size_t b = 0; b < blocks; ++b) {
    const size_t first = b * kBlock, rows = std::min(kBlock + 1, count_ - first);
    Box& box = blocks_[b];
    span_of(lon_deg_ + first * stride_, stride_, rows, box.lon_low, box.lon_high);
    span_of(lat_deg_ + first * stride_, stride_, rows, box.lat_low, box.lat_high);
  }
  constexpr size_t per_super = kSuper / kBlock;
  supers_.resize(blocks / per_super);
  for (size_t s = 0; s < supers_.size(); ++s) {
    Box whole = blocks_[s * per_super];
    for (size_t b = s * per_super + 1; b < (s + 1) * per_super; ++b) {
      whole.lon_low = std::min(whole.lon_low, blocks_[b].lon_low);
      whole.lon_high = std::max(whole.lon_high, blocks_[b].lon_high);
      whole.lat_low = std::min(whole.lat_low, blocks_[b].lat_low);
      whole.lat_high = std::max(whole.lat_high, blocks_[b].lat_high);
    }
    supers_[s] = whole;
  }
}

}  // namespace truceline
