/* A state per int64 key, found through open addressing.
 *
 * A slot is 8 bytes: the upper half of the key's hash and the number of its state plus 1 (0: free). States lie
 * in order of first appearance, so those of contacts of one time share cache lines and pages, and never move.
 * A caller takes a block of rows through three passes, each of which only asks for memory that the next will
 * need: `aim` (slots), `seek` (states), `get`. One miss beyond the caches costs 150 ns alone, a tenth of it in
 * company. The home of a slot is given by its own leading bits: a table grows from front to back, and does
 * not need the keys for it. */
#pragma once
#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

namespace kpicore {

/* Memory for `n` values; large blocks on huge pages, whose faults and look-ups are rarer. Not cleared. */
template <class T>
class Block {
 public:
  Block() = default;
  explicit Block(size_t n) {
    const size_t huge = size_t(1) << 21, bytes = n * sizeof(T);
    const bool large = bytes >= huge;
    const size_t grain = large ? huge : 64;
    void *memory = aligned_alloc(grain, (bytes + grain - 1) / grain * grain);
    if (memory == nullptr) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    if (large) madvise(memory, (bytes + grain - 1) / grain * grain, MADV_HUGEPAGE);
#endif
    values.reset(static_cast<T *>(memory));
  }
  T *data() const { return values.get(); }
  T &operator[](size_t i) const { return values.get()[i]; }

 private:
  struct Free {
    void operator()(T *memory) const { free(memory); }
  };
  std::unique_ptr<T, Free> values;
};

/* A growing array whose elements never move. */
template <class T>
class Chunks {
 public:
  T &operator[](int64_t i) const { return chunks[(size_t)i >> BITS][(size_t)i & MASK]; }
  /* Makes sure that element `i` has memory; the elements before it have. */
  void cover(int64_t i) {
    while ((size_t)i >> BITS >= chunks.size()) chunks.emplace_back(MASK + 1);
  }
  void ask(const int32_t *ids, int n) const {
    for (int i = 0; i < n; i++) __builtin_prefetch(&(*this)[ids[i]], 1);
  }
  void clear() { chunks.clear(); }

 private:
  static constexpr int BITS = 18;
  static constexpr size_t MASK = (size_t(1) << BITS) - 1;
  std::vector<Block<T>> chunks;
};

/* State is a plain struct with an int64 member `key`, and `void clear()` that makes it new. */
template <class State>
class Keyed {
 public:
  int64_t size() const { return count; }
  State &operator[](int64_t id) const { return states[id]; }

  static uint64_t hash_of(int64_t key) {
    uint64_t x = (uint64_t)key * 0x9E3779B97F4A7C15ull;
    x = (x ^ (x >> 32)) * 0xD6E8FEB86659FD93ull;
    return x ^ (x >> 29);
  }
  /* Makes room for `more` keys, so that slots stay where they are while a block is on its way. */
  void reserve(int64_t more) {
    if (count + more > INT32_MAX) throw std::overflow_error("more than 2147483647 keys");
    while ((uint64_t)(count + more) * 8 >= capacity * 5) grow();
  }
  void aim(const int64_t *keys, int n, uint64_t *hashes) const {
    for (int i = 0; i < n; i++) {
      hashes[i] = hash_of(keys[i]);
      __builtin_prefetch(&slots[hashes[i] >> shift]);
    }
  }
  /* The states that the tags point at, which are the keys' unless tags agree by chance; adds what is missing. */
  void seek(const int64_t *keys, int n, const uint64_t *hashes, int32_t *ids) {
    for (int i = 0; i < n; i++) {
      uint64_t place = hashes[i] >> shift, slot;
      while ((slot = slots[place]) != 0 && ((slot ^ hashes[i]) & TAG) != 0) place = (place + 1) & (capacity - 1);
      ids[i] = slot ? (int32_t)(uint32_t)slot - 1 : add(keys[i], hashes[i], place);
      const char *state = reinterpret_cast<const char *>(&states[ids[i]]);
      __builtin_prefetch(state, 1);
      __builtin_prefetch(state + sizeof(State) - 1, 1);
    }
  }
  int32_t get(int64_t key, uint64_t hash, int32_t id) {
    if (__builtin_expect(states[id].key == key, 1)) return id;
    const uint64_t place = probe(key, hash, &id);
    return id >= 0 ? id : add(key, hash, place);
  }
  /* The number of a key's state, -1 where it has none. */
  int32_t find(int64_t key) const {
    int32_t id = -1;
    if (capacity) probe(key, hash_of(key), &id);
    return id;
  }
  /* The number of a new state; -1 where the key is known. */
  int32_t insert(int64_t key) {
    reserve(1);
    int32_t id = -1;
    const uint64_t hash = hash_of(key), place = probe(key, hash, &id);
    return id >= 0 ? -1 : add(key, hash, place);
  }
  void clear() { *this = Keyed(); }

 private:
  static constexpr uint64_t TAG = 0xFFFFFFFF00000000ull;
  Chunks<State> states;
  Block<uint64_t> slots;
  uint64_t capacity = 0;
  int64_t count = 0;
  int shift = 64;

  uint64_t probe(int64_t key, uint64_t hash, int32_t *id) const {
    uint64_t place = hash >> shift, slot;
    *id = -1;
    for (; (slot = slots[place]) != 0; place = (place + 1) & (capacity - 1)) {
      const int32_t candidate = (int32_t)(uint32_t)slot - 1;
      if (((slot ^ hash) & TAG) == 0 && states[candidate].key == key) {
        *id = candidate;
        break;
      }
    }
    return place;
  }
  int32_t add(int64_t key, uint64_t hash, uint64_t place) {
    states.cover(count);
    states[count].clear();
    states[count].key = key;
    slots[place] = (hash & TAG) | (uint64_t)(count + 1);
    return (int32_t)count++;
  }
  void grow() {
    const uint64_t wanted = capacity ? capacity * 2 : 1024;
    const int closer = 64 - __builtin_ctzll(wanted);
    Block<uint64_t> fresh(wanted);
    memset(fresh.data(), 0, wanted * sizeof(uint64_t));
    for (uint64_t i = 0; i < capacity; i++) {
      if (slots[i] == 0) continue;
      uint64_t place = slots[i] >> closer;
      while (fresh[place] != 0) place = (place + 1) & (wanted - 1);
      fresh[place] = slots[i];
    }
    slots = std::move(fresh);
    capacity = wanted;
    shift = closer;
  }
};

}  // namespace kpicore
