/* A growing array whose elements never move; freed places are used again. */
#pragma once
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <vector>

namespace kpicore {

template <class T>
class Chunks {
 public:
  T &operator[](int32_t i) { return chunks[(size_t)i >> BITS][(size_t)i & MASK]; }
  const T &operator[](int32_t i) const { return chunks[(size_t)i >> BITS][(size_t)i & MASK]; }
  int32_t size() const { return used; }

  /* The index of a place whose content is undefined. */
  int32_t add() {
    if (!freed.empty()) {
      const int32_t i = freed.back();
      freed.pop_back();
      return i;
    }
    if (used == INT32_MAX) throw std::overflow_error("more than 2147483647 states");
    if (((size_t)used & MASK) == 0) chunks.emplace_back(new T[MASK + 1]);
    return used++;
  }
  void drop(int32_t i) { freed.push_back(i); }
  void clear() {
    chunks.clear();
    freed.clear();
    used = 0;
  }

 private:
  static constexpr int BITS = 10;
  static constexpr size_t MASK = (1 << BITS) - 1;
  std::vector<std::unique_ptr<T[]>> chunks;
  std::vector<int32_t> freed;
  int32_t used = 0;
};

}  // namespace kpicore
