/* Open addressing from keys to dense int32 ids, in order of first appearance.
 *
 * A slot is 8 bytes: the upper half of the hash as a tag, and the id + 1 (0: free). Keys lie densely by
 * id, so a probe touches one cache line of slots and, the tag being right, one of keys. A slot's home is
 * given by the tag's leading bits: a growing table is read and written from front to back. Callers that
 * look up many keys prefetch the slots of a block first: a miss beyond the caches costs 150 ns alone
 * and some 20 ns in company. */
#pragma once
#include <cstdint>
#include <stdexcept>
#include <utility>

#include "pool.hpp"

namespace kpicore {

struct Pair {
  int64_t first, second;
  bool operator==(const Pair &o) const { return first == o.first && second == o.second; }
  bool operator<(const Pair &o) const { return first != o.first ? first < o.first : second < o.second; }
};

inline uint64_t mix(uint64_t x) {
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ull;
  x ^= x >> 32;
  x *= 0xD6E8FEB86659FD93ull;
  return x ^ (x >> 32);
}
inline uint64_t hash_of(const Pair &key) {
  return mix((uint64_t)key.first * 0x9E3779B97F4A7C15ull + (uint64_t)key.second * 0xC2B2AE3D27D4EB4Full);
}
inline uint64_t hash_of(int64_t key) { return mix((uint64_t)key * 0x9E3779B97F4A7C15ull); }

class Slots {
 public:
  void prefetch(uint64_t hash) const {
    if (!slots.empty()) __builtin_prefetch(&slots[hash >> shift]);
  }
  /* The id with this hash that `same` accepts, -1 where there is none. */
  template <class Same>
  int32_t find(uint64_t hash, Same same) const {
    return slots.empty() ? -1 : (int32_t)(uint32_t)slots[seek(hash, same)] - 1;
  }
  /* As find; where there is none, `next` becomes the id. The caller keeps its key. */
  template <class Same>
  int32_t find_or_add(uint64_t hash, uint64_t next, Same same) {
    if (next * 8 >= slots.size() * 5) rehash(slots.empty() ? 64 : slots.size() * 2);
    const uint64_t at = seek(hash, same);
    if (slots[at] == 0) {
      if (next >= 0x7FFFFFFEu) throw std::overflow_error("more than 2147483646 different keys");
      slots[at] = (hash & TAG) | (next + 1);
    }
    return (int32_t)(uint32_t)slots[at] - 1;
  }
  void reserve(uint64_t n) {
    uint64_t wanted = 64;
    while (n * 8 >= wanted * 5) wanted *= 2;
    if (wanted > slots.size()) rehash(wanted);
  }

 private:
  static constexpr uint64_t TAG = 0xFFFFFFFF00000000ull;
  Values<uint64_t> slots; /* 2 ** (64 - shift) of them */
  int shift = 64;

  template <class Same>
  uint64_t seek(uint64_t hash, Same same) const {
    const uint64_t mask = slots.size() - 1;
    uint64_t at = hash >> shift;
    while (true) {
      const uint64_t slot = slots[at];
      if (slot == 0 || (((slot ^ hash) & TAG) == 0 && same((uint32_t)slot - 1))) return at;
      at = (at + 1) & mask;
    }
  }
  void rehash(uint64_t wanted) {
    Values<uint64_t> fresh(wanted, 0);
    const int closer = 64 - __builtin_ctzll(wanted);
    for (const uint64_t slot : slots) {
      if (slot == 0) continue;
      uint64_t at = slot >> closer;
      while (fresh[at] != 0) at = (at + 1) & (wanted - 1);
      fresh[at] = slot;
    }
    slots = std::move(fresh);
    shift = closer;
  }
};

template <class Key>
class IdTable {
 public:
  Values<Key> keys;

  int64_t size() const { return (int64_t)keys.size(); }
  void prefetch(uint64_t hash) const { slots.prefetch(hash); }
  /* The id of a key, -1 where it is not there. */
  int32_t find(const Key &key, uint64_t hash) const {
    return slots.find(hash, [&](uint32_t id) { return keys[id] == key; });
  }
  /* The id of a key, which is added where it is not there. */
  int32_t add(const Key &key, uint64_t hash) {
    const int32_t id = slots.find_or_add(hash, keys.size(), [&](uint32_t other) { return keys[other] == key; });
    if ((size_t)id == keys.size()) keys.push_back(key);
    return id;
  }
  void reserve(int64_t n) {
    keys.reserve((size_t)n);
    slots.reserve((uint64_t)n);
  }

 private:
  Slots slots;
};

}  // namespace kpicore
