/* Codes translated through a table, and rows found by key. */
#pragma once
#include <algorithm>
#include <string>

#include "export.hpp"
#include "hashing.hpp"
#include "span.hpp"

namespace kpicore {

/* Writes out[i] = table[codes[i]]; a null code or entry gives null. Returns the first row whose code is
 * outside the table, -1 where all are inside. */
inline int64_t remap_codes(const Span &codes, const Span &table, OutColumn &out) {
  const int64_t n = codes.length, size = table.length;
  out.i32.resize((size_t)n);
  int32_t *to = out.i32.data();
  int64_t bad = -1;
  if (codes.valid != nullptr || table.valid != nullptr) {
    out.valid.resize((size_t)n);
    if (codes.valid != nullptr) spread(codes.valid, codes.offset, n, out.valid.data());
    else std::fill(out.valid.begin(), out.valid.end(), (uint8_t)1);
  }
  uint8_t *valid = out.valid.empty() ? nullptr : out.valid.data();
  with_integers(codes, [&](auto *values) {
    for (int64_t i = 0; i < n; i++) {
      if (valid != nullptr && !valid[i]) {
        to[i] = 0;
        continue;
      }
      /* A negative code is larger than any table when read as unsigned. */
      if ((uint64_t)(int64_t)values[i] >= (uint64_t)size) {
        bad = i;
        return;
      }
      const bool there = !is_null(table, values[i]);
      to[i] = there ? table.i32[values[i]] : 0;
      if (valid != nullptr) valid[i] = there;
    }
  });
  if (bad >= 0) return bad;
  for (int64_t i = 0; valid != nullptr && i < n; i++) out.nulls += !valid[i];
  return -1;
}

/* The first row of each integer key: an array where the keys lie densely, else a hash table. */
class RowByKey {
 public:
  int64_t duplicates = 0;

  explicit RowByKey(const Span &keys) {
    int64_t n = 0, most = INT64_MIN;
    least = INT64_MAX;
    each(keys, [&](int64_t, int64_t key) { least = std::min(least, key), most = std::max(most, key), n++; });
    const uint64_t range = n == 0 ? 0 : (uint64_t)most - (uint64_t)least;
    if (range <= (uint64_t)n * 4 + 1024) {
      dense.assign((size_t)range + 1, -1);
      each(keys, [&](int64_t row, int64_t key) {
        int32_t &place = dense[(size_t)((uint64_t)key - (uint64_t)least)];
        if (place >= 0) duplicates++;
        else place = (int32_t)row;
      });
      return;
    }
    table.reserve(n);
    first.reserve((size_t)n);
    each(keys, [&](int64_t row, int64_t key) {
      const int32_t id = table.add(key, hash_of(key));
      if (id < (int32_t)first.size()) duplicates++;
      else first.push_back((int32_t)row);
    });
  }

  /* Writes the row of each key, -1 where it is null or not there. */
  void rows(const Span &keys, int32_t *out) const {
    with_integers(keys, [&](auto *values) {
      for (int64_t row = 0; row < keys.length; row += BLOCK) {
        const int64_t n = std::min(keys.length - row, BLOCK);
        find_block(values + row, n, out + row);
        Selection valid;
        valid.not_null(keys, row, n);
        for (int64_t i = 0; i < n && !valid.all; i++) out[row + i] = valid.keep[i] ? out[row + i] : -1;
      }
    });
  }

 private:
  int64_t least = 0;
  std::vector<int32_t> dense; /* row by key - least, -1 where there is none */
  IdTable<int64_t> table;     /* or, where that would be too empty, the distinct keys */
  std::vector<int32_t> first; /* and the first row of each */

  template <class Visit>
  static void each(const Span &keys, Visit visit) {
    with_integers(keys, [&](auto *values) {
      for (int64_t row = 0; row < keys.length; row++)
        if (!is_null(keys, row)) visit(row, (int64_t)values[row]);
    });
  }
  template <class V>
  void find_block(const V *values, int64_t n, int32_t *out) const {
    if (!dense.empty()) {
      for (int64_t i = 0; i < n; i++) {
        const uint64_t place = (uint64_t)(int64_t)values[i] - (uint64_t)least;
        out[i] = place < dense.size() ? dense[place] : -1;
      }
      return;
    }
    uint64_t hashes[BLOCK];
    for (int64_t i = 0; i < n; i++) {
      hashes[i] = hash_of((int64_t)values[i]);
      table.prefetch(hashes[i]);
    }
    for (int64_t i = 0; i < n; i++) {
      const int32_t id = table.find((int64_t)values[i], hashes[i]);
      out[i] = id < 0 ? -1 : first[(size_t)id];
    }
  }
};

}  // namespace kpicore
