#include "volumes_index.hpp"

namespace truceline {
namespace {

constexpr size_t kShards = 4096;
constexpr size_t kFirstSlots = 8;

// Every bit of a key moves every bit of its place (the finaliser of S. Vigna, splitmix64).
uint64_t mixed(uint64_t key) {
  key = (key ^ (key >> 30)) * 0xbf58476d1ce4e5b9ULL;
  key = (key ^ (key >> 27)) * 0x94d049bb133111ebULL;
  return key ^ (key >> 31);
}

uint32_t* listed(uint64_t payload) { return reinterpret_cast<uint32_t*>(payload); }
bool is_list(uint64_t payload) { return payload > Shards::kGone && !(payload & 1); }
// A list of n numbers has room for the least power of two above n (its length stands first).
bool is_power_of_two(uint32_t n) { return (n & (n - 1)) == 0; }

}  // namespace

Shards::Shards() : shards_(kShards) {}

Shards::~Shards() {
  for (Shard& shard : shards_)
    for (Slot& slot : shard.slots)
      if (is_list(slot.payload)) delete[] listed(slot.payload);
}

const Shards::Slot* Shards::find(uint64_t key) const {
  const uint64_t hash = mixed(key);
  const Shard& shard = shards_[hash % kShards];
  if (shard.slots.empty()) return nullptr;
  const size_t mask = shard.slots.size() - 1;
  for (size_t at = (hash >> 12) & mask;; at = (at + 1) & mask) {
    const Slot& slot = shard.slots[at];
    if (slot.payload == kNever) return nullptr;
    if (slot.key == key) return &slot;
  }
}

void Shards::grow(Shard& shard) {
  // Keys whose lists are empty are left behind.
  size_t alive = 0;
  for (const Slot& slot : shard.slots) alive += slot.payload > kGone || (slot.payload & 1);
  size_t size = kFirstSlots;
  while (size < 3 * (alive + 1)) size *= 2;
  std::vector<Slot> old(size);
  old.swap(shard.slots);
  shard.used = static_cast<uint32_t>(alive);
  for (const Slot& slot : old) {
    if (slot.payload == kNever || slot.payload == kGone) continue;
    size_t at = (mixed(slot.key) >> 12) & (size - 1);
    while (shard.slots[at].payload != kNever) at = (at + 1) & (size - 1);
    shard.slots[at] = slot;
  }
}

Shards::Slot& Shards::place(uint64_t key) {
  const uint64_t hash = mixed(key);
  Shard& shard = shards_[hash % kShards];
  if (3 * (shard.used + 1) > 2 * shard.slots.size()) grow(shard);
  const size_t mask = shard.slots.size() - 1;
  for (size_t at = (hash >> 12) & mask;; at = (at + 1) & mask) {
    Slot& slot = shard.slots[at];
    if (slot.payload != kNever) {
      if (slot.key == key) return slot;
      continue;
    }
    slot.key = key;
    slot.payload = kGone;
    ++shard.used;
    return slot;
  }
}

void Shards::add(uint64_t key, uint32_t value) {
  Slot& slot = place(key);
  if (slot.payload == kGone) {
    slot.payload = (static_cast<uint64_t>(value) << 1) | 1;
    ++keys_count_;
    return;
  }
  if (slot.payload & 1) {
    auto* list = new uint32_t[4]{2, static_cast<uint32_t>(slot.payload >> 1), value, 0};
    slot.payload = reinterpret_cast<uint64_t>(list);
    return;
  }
  uint32_t* list = listed(slot.payload);
  const uint32_t length = list[0];
  if (is_power_of_two(length + 1)) {
    auto* wider = new uint32_t[2 * (length + 1)];
    std::copy(list, list + length + 1, wider);
    delete[] list;
    list = wider;
    slot.payload = reinterpret_cast<uint64_t>(list);
  }
  list[++list[0]] = value;
}

void Shards::remove(uint64_t key, uint32_t value) {
  Slot* slot = const_cast<Slot*>(find(key));
  if (!slot || slot->payload == kGone) return;
  if (slot->payload & 1) {
    if (static_cast<uint32_t>(slot->payload >> 1) != value) return;
    slot->payload = kGone;
    --keys_count_;
    return;
  }
  uint32_t* list = listed(slot->payload);
  uint32_t at = 1;
  while (at <= list[0] && list[at] != value) ++at;
  if (at > list[0]) return;
  list[at] = list[list[0]--];
  if (list[0] == 1) {
    slot->payload = (static_cast<uint64_t>(list[1]) << 1) | 1;
    delete[] list;
  } else if (is_power_of_two(list[0] + 1)) {
    // Room is told by the length alone, so it shrinks with it.
    auto* tighter = new uint32_t[list[0] + 1];
    std::copy(list, list + list[0] + 1, tighter);
    delete[] list;
    slot->payload = reinterpret_cast<uint64_t>(tighter);
  }
}

}  // namespace truceline
