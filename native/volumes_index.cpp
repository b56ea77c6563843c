#include "volumes_index.hpp"

#include <algorithm>
#include <limits>

namespace truceline {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kFinestCellM = 4000.0;
constexpr int64_t kFinestBucketUs = 1800LL * 1000000;
constexpr size_t kMostCells = 16;
constexpr int64_t kMostCubesTried = 512;
// What the outline of a footprint may lie off its chords (the bend of 20 km is 7.85 m), and a margin.
constexpr double kSlackM = 10.0;
// The rounding of earth-centred coordinates to float is 0.25 m a coordinate.
constexpr double kFloatSlackM = 4.0;
constexpr int kTimeless = 10;

double cell_m(int level) { return kFinestCellM * static_cast<double>(1LL << (2 * level)); }
int64_t bucket_us(int level) { return kFinestBucketUs << (2 * level); }

int64_t floored(int64_t value, int64_t width) {
  const int64_t whole = value / width;
  return whole - (value % width < 0);
}

// Seconds from 2000-01-01; what does not fit is held at the rim, where it is never left out.
int32_t seconds(int64_t t_us, bool up) {
  const int64_t whole = floored(t_us, 1000000) - 946684800LL + up;
  constexpr int64_t most = std::numeric_limits<int32_t>::max();
  return static_cast<int32_t>(std::clamp(whole, -most, most));
}

uint64_t packed(int64_t x, int64_t y, int64_t z) {
  constexpr uint64_t mask = (1 << 13) - 1;
  return (static_cast<uint64_t>(x) & mask) << 26 | (static_cast<uint64_t>(y) & mask) << 13 |
         (static_cast<uint64_t>(z) & mask);
}

uint64_t keyed(uint64_t cell, int64_t bucket) { return cell << 25 | (static_cast<uint64_t>(bucket) & ((1 << 25) - 1)); }

double away_from_segment(Vec start, Vec chord, Vec point) {
  const double size = dot(chord, chord);
  const double s = size > 0.0 ? std::clamp(dot(point - start, chord) / size, 0.0, 1.0) : 0.0;
  return norm(start + s * chord - point);
}

// May the cube round `centre`, of this half diagonal, hold a point of the ground?
bool on_ground(Vec centre, double half_diagonal) {
  const double size = std::sqrt(dot(centre, formed(centre)));
  return std::fabs(size - 1.0) * kSemiMinorM * 0.999 <= half_diagonal;
}

// The cubes that may hold ground within `reach` of a segment. False where there are too many to try.
bool cover_segment(Vec start, Vec chord, double reach, int level, int64_t most, std::vector<uint64_t>& cells) {
  const double size = cell_m(level), half_diagonal = 0.8660254037844387 * size;
  const Vec end = start + chord;
  const auto low = [&](double a, double b) { return static_cast<int64_t>(std::floor((std::min(a, b) - reach) / size)); };
  const auto high = [&](double a, double b) { return static_cast<int64_t>(std::floor((std::max(a, b) + reach) / size)); };
  const int64_t x0 = low(start.x, end.x), x1 = high(start.x, end.x), y0 = low(start.y, end.y),
                y1 = high(start.y, end.y), z0 = low(start.z, end.z), z1 = high(start.z, end.z);
  if ((x1 - x0 + 1) * (y1 - y0 + 1) * (z1 - z0 + 1) > most) return false;
  for (int64_t x = x0; x <= x1; ++x) {
    for (int64_t y = y0; y <= y1; ++y) {
      for (int64_t z = z0; z <= z1; ++z) {
        const Vec centre{(x + 0.5) * size, (y + 0.5) * size, (z + 0.5) * size};
        if (!on_ground(centre, half_diagonal)) continue;
        if (away_from_segment(start, chord, centre) > reach + half_diagonal) continue;
        cells.push_back(packed(x, y, z));
      }
    }
  }
  return true;
}

// The cells of a footprint at a level, each once. False where there are too many to try.
bool cover(const Footprint& footprint, int level, int64_t most, std::vector<uint64_t>& cells) {
  cells.clear();
  const double reach = footprint.half_width_m + kVolumeToleranceM + kSlackM;
  if (footprint.ring) {
    // The ball round the edge of a ring smaller than a hemisphere holds the ground inside it too.
    if (!cover_segment(footprint.centre, {0, 0, 0}, footprint.radius_m + reach, level, most, cells)) return false;
  } else {
    for (const Piece& piece : footprint.pieces) {
      if (!cover_segment(piece.start, piece.chord, reach, level, most, cells)) return false;
    }
  }
  if (footprint.pieces.size() > 1) {
    std::sort(cells.begin(), cells.end());
    cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  }
  return true;
}

bool share_time(const Volume& a, const Volume& b) {
  const int64_t start = std::max(a.start_us, b.start_us), end = std::min(a.end_us, b.end_us);
  if (start < end) return true;
  if (start > end) return false;
  const bool a_instant = a.start_us == a.end_us, b_instant = b.start_us == b.end_us;
  if (a_instant && b_instant) return a.start_us == b.start_us;
  if (a_instant) return b.start_us <= a.start_us && a.start_us < b.end_us;
  return b_instant && a.start_us <= b.start_us && b.start_us < a.end_us;
}

// The height between two bands, negative where they overlap; NaN where they are not measured alike.
double vertical_m(const Volume& a, const Volume& b) {
  if (a.datum == 0 || a.datum != b.datum) return std::numeric_limits<double>::quiet_NaN();
  return std::max(a.low_m - b.high_m, b.low_m - a.high_m);
}

}  // namespace

uint32_t VolumeIndex::new_slot() {
  if (!free_.empty()) {
    const uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  if (slots_count_ % kBlock == 0) {
    heads_.push_back(std::make_unique<Head[]>(kBlock));
    volumes_.push_back(std::make_unique<Volume[]>(kBlock));
  }
  return slots_count_++;
}

// The finest level of time at which a volume lies in two buckets at most, and the finest of space at which it
// touches few cells; the cells are left in `cells`.
VolumeIndex::Level VolumeIndex::level_of(const Volume& volume, std::vector<uint64_t>& cells) const {
  Level level{0, 0};
  const double lasts_us = static_cast<double>(volume.end_us) - static_cast<double>(volume.start_us);
  while (level.time < kTimeless && lasts_us > static_cast<double>(bucket_us(level.time))) ++level.time;
  while (!cover(volume.footprint, level.space, kMostCubesTried, cells) ||
         (cells.size() > kMostCells && level.space < kSpaceLevels - 1)) {
    ++level.space;
  }
  return level;
}

template <typename Act>
void VolumeIndex::each_cell(const Volume& volume, Act&& act) {
  const Level level = level_of(volume, cells_);
  auto& table = tables_[level.space][level.time];
  if (!table) table = std::make_unique<Shards>();
  int64_t first = 0, last = 0;
  if (level.time < kTimeless) {
    first = floored(volume.start_us, bucket_us(level.time));
    last = floored(volume.end_us, bucket_us(level.time));
  }
  for (const uint64_t cell : cells_) {
    for (int64_t bucket = first; bucket <= last; ++bucket) act(*table, keyed(cell, bucket));
  }
  counts_[level.space][level.time] = table->keys_count();
}

void VolumeIndex::insert(Volume&& given) {
  const uint32_t slot = new_slot();
  Volume& held = volume(slot);
  held = std::move(given);
  const Footprint& print = held.footprint;
  const double reach = print.radius_m + print.half_width_m + kFloatSlackM;
  head(slot) = {static_cast<float>(print.centre.x), static_cast<float>(print.centre.y), static_cast<float>(print.centre.z),
                static_cast<float>(reach * (1.0 + 1e-6)), seconds(held.start_us, false), seconds(held.end_us, true), 0, 1};
  each_cell(held, [slot](Shards& table, uint64_t key) { table.add(key, slot); });
  by_id_.add(static_cast<uint64_t>(held.id), slot);
  ++held_count_;
}

size_t VolumeIndex::withdraw(int64_t id) {
  std::vector<uint32_t> slots;
  by_id_.each(static_cast<uint64_t>(id), [&](uint32_t slot) { slots.push_back(slot); });
  for (const uint32_t slot : slots) {
    each_cell(volume(slot), [slot](Shards& table, uint64_t key) { table.remove(key, slot); });
    by_id_.remove(static_cast<uint64_t>(id), slot);
    volume(slot) = Volume{};
    head(slot).held = 0;
    free_.push_back(slot);
  }
  held_count_ -= slots.size();
  return slots.size();
}

void VolumeIndex::judge(const Volume& asked, const Volume& held, double vertical_reach_m, std::vector<Hit>& hits) const {
  if (!share_time(asked, held)) return;
  const double height_m = vertical_m(asked, held);
  if (height_m > vertical_reach_m) return;
  const double widths_m = asked.footprint.half_width_m + held.footprint.half_width_m;
  const Separation found = separation(asked.footprint, held.footprint, widths_m + kVolumeToleranceM);
  const double gap_m = found.distance_m - widths_m;
  if (!(gap_m <= kVolumeToleranceM)) return;
  hits.push_back({asked.part, held.part, held.id, std::max(asked.start_us, held.start_us),
                  std::min(asked.end_us, held.end_us), gap_m, found.distance_m, height_m, from_ecef(found.on_first),
                  from_ecef(found.on_second)});
}

void VolumeIndex::query(const Volume& asked, double vertical_reach_m, std::vector<Hit>& hits) {
  if (++stamp_ == 0) {
    for (uint32_t slot = 0; slot < slots_count_; ++slot) head(slot).seen = 0;
    stamp_ = 1;
  }
  const size_t before = hits.size();
  const Footprint& print = asked.footprint;
  const float x = static_cast<float>(print.centre.x), y = static_cast<float>(print.centre.y), z = static_cast<float>(print.centre.z);
  const float reach = static_cast<float>((print.radius_m + print.half_width_m + kFloatSlackM) * (1.0 + 1e-6));
  const int32_t start_s = seconds(asked.start_us, false), end_s = seconds(asked.end_us, true);
  const auto look = [&](uint32_t slot) {
    Head& seen = head(slot);
    if (seen.seen == stamp_) return;
    seen.seen = stamp_;
    if (seen.start_s > end_s || seen.end_s < start_s) return;
    const float dx = seen.x - x, dy = seen.y - y, dz = seen.z - z, far = seen.reach_m + reach;
    if (dx * dx + dy * dy + dz * dz > far * far * 1.0001f) return;
    judge(asked, volume(slot), vertical_reach_m, hits);
  };
  for (int space = 0; space < kSpaceLevels; ++space) {
    bool covered = false, few = true;
    for (int time = 0; time < kTimeLevels; ++time) {
      if (counts_[space][time] == 0) continue;
      const Shards& table = *tables_[space][time];
      if (!covered) {
        few = cover(print, space, 1 << 16, cells_);
        covered = true;
      }
      int64_t first = 0, last = 0;
      if (time < kTimeless) {
        first = floored(asked.start_us, bucket_us(time));
        last = floored(asked.end_us, bucket_us(time));
      }
      // Where there are more cells to ask for than there are, all are looked at instead.
      const double wanted = static_cast<double>(cells_.size()) * (static_cast<double>(last - first) + 1.0);
      if (!few || wanted > static_cast<double>(2 * table.keys_count() + 64)) {
        table.all(look);
        continue;
      }
      for (const uint64_t cell : cells_) {
        for (int64_t bucket = first; bucket <= last; ++bucket) table.each(keyed(cell, bucket), look);
      }
    }
  }
  std::sort(hits.begin() + static_cast<std::ptrdiff_t>(before), hits.end(), [](const Hit& a, const Hit& b) {
    return a.id != b.id ? a.id < b.id : a.part < b.part;
  });
}

}  // namespace truceline
