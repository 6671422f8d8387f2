/* All values of each id, for exact quantiles.
 *
 * Added values go to a log of fixed chunks (appending costs no copy). A quantile first gathers the log by
 * id, which the next one finds done, and then selects within each id: values are counted in a logarithmic
 * histogram, and only the cell that holds the rank is searched. That beats nth_element over all values
 * about three times and needs no sort. */
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "dump.hpp"
#include "export.hpp"
#include "span.hpp"

namespace kpicore {

/* The value of rank k and the one after it (itself where it is the last). */
struct Neighbours {
  int64_t low, high;
};

class Selector {
 public:
  Neighbours select(int64_t *values, int64_t n, int64_t k) {
    const int64_t next = k + 1 < n ? k + 1 : k;
    if (n < 512) return search(values, n, k, next);
    int64_t least = values[0], most = values[0];
    for (int64_t i = 1; i < n; i++) {
      least = std::min(least, values[i]);
      most = std::max(most, values[i]);
    }
    if (least == most) return Neighbours{least, least};
    memset(cells, 0, sizeof(cells));
    for (int64_t i = 0; i < n; i++) cells[cell_of(values[i], least)]++;
    int64_t before = 0;
    uint32_t cell = 0;
    while (before + cells[cell] <= k) before += cells[cell++];
    uint32_t last = cell;
    int64_t within = before + cells[cell];
    while (within <= next) within += cells[++last];
    /* Cells between the two are empty: whatever lies in the range belongs to one of them. */
    found.resize((size_t)(within - before) + 1);
    int64_t *at = found.data();
    for (int64_t i = 0; i < n; i++) {
      *at = values[i];
      at += cell_of(values[i], least) - cell <= last - cell;
    }
    return search(found.data(), within - before, k - before, next - before);
  }

 private:
  static constexpr int FINE = 4; /* bits below the leading one that tell cells apart */
  uint32_t cells[64 << FINE];
  std::vector<int64_t> found;

  static uint32_t cell_of(int64_t value, int64_t least) {
    const uint64_t x = ((uint64_t)value - (uint64_t)least) | 1;
    const int top = 63 - __builtin_clzll(x);
    const uint64_t below = top >= FINE ? x >> (top - FINE) : x << (FINE - top);
    return (uint32_t)top << FINE | (uint32_t)(below & ((1 << FINE) - 1));
  }
  static Neighbours search(int64_t *values, int64_t n, int64_t k, int64_t next) {
    std::nth_element(values, values + k, values + n);
    return Neighbours{values[k], next == k ? values[k] : *std::min_element(values + next, values + n)};
  }
};

class Multiset {
 public:
  /* At most BLOCK rows; those of a negative id are left out. */
  template <class V>
  void add(const int32_t *ids, const V *values, int64_t n) {
    if (chunks.empty() || chunks.back()->n + n > CHUNK) chunks.emplace_back(new Chunk);
    Chunk &chunk = *chunks.back();
    int64_t at = chunk.n;
    for (int64_t i = 0; i < n; i++) {
      chunk.ids[at] = ids[i];
      chunk.values[at] = values[i];
      at += ids[i] >= 0;
    }
    logged += at - chunk.n;
    chunk.n = at;
  }

  void merge(const Multiset &other, const int32_t *remap) {
    int32_t to[BLOCK];
    for (size_t id = 0; id + 1 < other.starts.size(); id++) {
      const int64_t end = other.starts[id + 1];
      std::fill_n(to, std::min(end - other.starts[id], BLOCK), remap[id]);
      for (int64_t i = other.starts[id]; i < end; i += BLOCK) add(to, &other.gathered[(size_t)i], std::min(end - i, BLOCK));
    }
    for (const auto &chunk : other.chunks)
      for (int64_t i = 0; i < chunk->n; i += BLOCK) {
        const int64_t n = std::min(chunk->n - i, BLOCK);
        for (int64_t j = 0; j < n; j++) to[j] = remap[chunk->ids[i + j]];
        add(to, chunk->values + i, n);
      }
  }

  /* Type 7 at a / b, exactly: `scaled` is the quantile times b. */
  void quantile(int64_t a, int64_t b, int64_t size, OutColumn &scaled, OutColumn &counts) {
    gather(size);
    Selector selector;
    for (int64_t id = 0; id < size; id++) {
      const int64_t n = starts[(size_t)id + 1] - starts[(size_t)id];
      counts.push64(n);
      if (n == 0) {
        scaled.push_null();
        continue;
      }
      const __int128 place = (__int128)a * (n - 1);
      const int64_t k = (int64_t)(place / b), r = (int64_t)(place % b);
      const Neighbours found = selector.select(gathered.data() + starts[(size_t)id], n, k);
      const __int128 value = (__int128)found.low * (b - r) + (__int128)found.high * r;
      if (value != (__int128)(int64_t)value)
        throw std::overflow_error("the quantile of id " + std::to_string(id) + " times " + std::to_string(b)
                                  + " does not fit into 64 bits");
      scaled.push64((int64_t)value);
    }
  }

  /* Every value beside its id, ids and the values of each ascending. */
  void sorted(int64_t size, OutColumn &ids, OutColumn &values) {
    gather(size);
    for (int64_t id = 0; id < size; id++) {
      std::sort(gathered.begin() + starts[(size_t)id], gathered.begin() + starts[(size_t)id + 1]);
      for (int64_t i = starts[(size_t)id]; i < starts[(size_t)id + 1]; i++) {
        ids.push32((int32_t)id);
        values.push64(gathered[(size_t)i]);
      }
    }
  }

  void dump(int64_t size, Dump &dump) {
    gather(size);
    while (size > 0 && starts[(size_t)size] == starts[(size_t)size - 1]) size--;
    for (int64_t id = 0; id < size; id++)
      std::sort(gathered.begin() + starts[(size_t)id], gathered.begin() + starts[(size_t)id + 1]);
    dump.put_all(std::vector<int64_t>(starts.begin(), starts.begin() + size + 1));
    dump.put_all(gathered);
  }

  /* Returns the number of ids. */
  int64_t load(Load &load) {
    load.get_all(starts);
    load.get_all(gathered);
    bool right = !starts.empty() && starts.size() <= INT32_MAX && starts.front() == 0
                 && starts.back() == (int64_t)gathered.size();
    for (size_t id = 0; id + 1 < starts.size(); id++) right &= starts[id] <= starts[id + 1];
    load.failed |= !right;
    return load.failed ? 0 : (int64_t)starts.size() - 1;
  }

 private:
  static constexpr int64_t CHUNK = 1 << 16;
  struct Chunk {
    int64_t n = 0;
    int32_t ids[CHUNK + 1]; /* one more, where a row that takes no part is written and left */
    int64_t values[CHUNK + 1];
  };
  std::vector<std::unique_ptr<Chunk>> chunks;
  int64_t logged = 0;            /* values in chunks */
  Values<int64_t> gathered; /* values by id, in no order within */
  std::vector<int64_t> starts;   /* where each id begins in them, and the end */

  /* Moves the log behind the values gathered before; there are `wanted` ids or more afterwards. */
  void gather(int64_t wanted) {
    const int64_t known = starts.empty() ? 0 : (int64_t)starts.size() - 1, size = std::max(wanted, known);
    if (logged == 0 && known == size && !starts.empty()) return;
    std::vector<int64_t> ends((size_t)size + 1, 0), to((size_t)size);
    for (int64_t id = 0; id < known; id++) ends[(size_t)id + 1] = starts[(size_t)id + 1] - starts[(size_t)id];
    for (const auto &chunk : chunks)
      for (int64_t i = 0; i < chunk->n; i++) ends[(size_t)chunk->ids[i] + 1]++;
    for (size_t id = 0; id < (size_t)size; id++) {
      to[id] = ends[id];
      ends[id + 1] += ends[id];
    }
    Values<int64_t> fresh((size_t)ends[(size_t)size]);
    for (int64_t id = 0; id < known; id++) {
      const int64_t n = starts[(size_t)id + 1] - starts[(size_t)id];
      std::copy_n(gathered.begin() + starts[(size_t)id], n, fresh.begin() + to[(size_t)id]);
      to[(size_t)id] += n;
    }
    for (auto &chunk : chunks) {
      for (int64_t i = 0; i < chunk->n; i++) fresh[(size_t)to[(size_t)chunk->ids[i]]++] = chunk->values[i];
      chunk.reset();
    }
    chunks.clear();
    logged = 0;
    gathered = std::move(fresh);
    starts = std::move(ends);
  }
};

}  // namespace kpicore
