// An index of notified volumes: footprint, time and altitude, found again by cells of space and time.
//
// Space is cut into cubes of earth-centred coordinates, so that neither the poles nor the antimeridian are special;
// time into buckets. Both come in levels, each four times as coarse as the one before, from 4 km and 30 minutes.
// A volume stands in the few cells that it touches at the finest levels at which they are few. A cell that a volume
// and a route both touch is looked at by both, so none that meet are missed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "volumes_footprint.hpp"

namespace truceline {

// How far an answer errs towards conflict.
constexpr double kVolumeToleranceM = 0.01;

struct Volume {
  Footprint footprint;
  int64_t start_us = 0, end_us = 0;  // half-open; one instant where they are equal
  double low_m = 0.0, high_m = 0.0;
  int32_t datum = 0;  // 0: not stated, compares with none
  int64_t id = 0;
  int32_t part = 0;
};

struct Hit {
  int32_t leg, part;
  int64_t id, start_us, end_us;
  double gap_m, distance_m, vertical_m;
  LonLat on_route, on_volume;
};

// Lists of numbers by key. In 4,096 shards, so that none takes long to grow.
class Shards {
 public:
  // Payloads that hold nothing: a place that no key ever took, and a key whose list has become empty.
  static constexpr uint64_t kNever = 0, kGone = 2;
  Shards();
  ~Shards();
  Shards(const Shards&) = delete;
  Shards& operator=(const Shards&) = delete;
  void add(uint64_t key, uint32_t value);
  void remove(uint64_t key, uint32_t value);
  size_t keys_count() const { return keys_count_; }

  template <typename Visit>
  void each(uint64_t key, Visit&& visit) const {
    const Slot* slot = find(key);
    if (slot) each_in(*slot, visit);
  }
  template <typename Visit>
  void all(Visit&& visit) const {
    for (const Shard& shard : shards_)
      for (const Slot& slot : shard.slots) each_in(slot, visit);
  }

 private:
  // An odd payload is one value; any other a list whose first number is its length.
  struct Slot {
    uint64_t key = 0, payload = kNever;
  };
  struct Shard {
    std::vector<Slot> slots;
    uint32_t used = 0;
  };
  template <typename Visit>
  static void each_in(const Slot& slot, Visit&& visit) {
    if (slot.payload == kNever || slot.payload == kGone) return;
    if (slot.payload & 1) {
      visit(static_cast<uint32_t>(slot.payload >> 1));
      return;
    }
    const auto* list = reinterpret_cast<const uint32_t*>(slot.payload);
    for (uint32_t k = 1; k <= list[0]; ++k) visit(list[k]);
  }
  const Slot* find(uint64_t key) const;
  Slot& place(uint64_t key);
  static void grow(Shard& shard);

  std::vector<Shard> shards_;
  size_t keys_count_ = 0;
};

class VolumeIndex {
 public:
  void insert(Volume&& volume);
  size_t withdraw(int64_t id);
  // The volumes that `asked` (its part is the number of the leg) may meet, sorted by id and part.
  void query(const Volume& asked, double vertical_reach_m, std::vector<Hit>& hits);
  size_t size() const { return held_count_; }
  std::mutex& lock() { return lock_; }

 private:
  static constexpr int kSpaceLevels = 8, kTimeLevels = 11;
  static constexpr uint32_t kBlock = 4096;
  // What a candidate is first judged by: one half of a cache line.
  struct Head {
    float x, y, z, reach_m;
    int32_t start_s, end_s;
    uint32_t seen, held;
  };
  struct Level {
    int space, time;
  };

  Head& head(uint32_t slot) { return heads_[slot / kBlock][slot % kBlock]; }
  Volume& volume(uint32_t slot) { return volumes_[slot / kBlock][slot % kBlock]; }
  uint32_t new_slot();
  Level level_of(const Volume& volume, std::vector<uint64_t>& cells) const;
  template <typename Act>
  void each_cell(const Volume& volume, Act&& act);
  void judge(const Volume& asked, const Volume& held, double vertical_reach_m, std::vector<Hit>& hits) const;

  std::vector<std::unique_ptr<Head[]>> heads_;
  std::vector<std::unique_ptr<Volume[]>> volumes_;
  std::vector<uint32_t> free_;
  uint32_t slots_count_ = 0, stamp_ = 0;
  size_t held_count_ = 0;
  std::array<std::array<std::unique_ptr<Shards>, kTimeLevels>, kSpaceLevels> tables_;
  std::array<std::array<size_t, kTimeLevels>, kSpaceLevels> counts_{};
  Shards by_id_;
  std::vector<uint64_t> cells_;
  std::mutex lock_;
};

}  // namespace truceline
