/* Mergeable state of one measure: a number, a set or a multiset per dense id.
 *
 * Rows that take no part are sent to a place in front of id 0 instead of being branched around. Sums are
 * kept in 128 bits: their overflow is then a property of the total alone, whatever the order of rows. */
#pragma once
#include <algorithm>
#include <string>

#include "dump.hpp"
#include "export.hpp"
#include "hashing.hpp"
#include "multiset.hpp"
#include "span.hpp"

namespace kpicore {

enum class Kind : int32_t { count, sum, minimum, maximum, distinct, values };

class Accumulator {
 public:
  Kind kind;
  int64_t size = 0; /* one more than the largest id */

  explicit Accumulator(int32_t k) : kind((Kind)k) { make_room(-1); }

  void add(const Span &ids, const Span &values, const Span &mask) {
    int32_t at[BLOCK];
    for (int64_t row = 0; row < ids.length; row += BLOCK) {
      const int64_t n = std::min(ids.length - row, BLOCK);
      Selection selection;
      selection.mask(mask, row, n);
      selection.not_null(ids, row, n);
      if (kind != Kind::count) selection.not_null(values, row, n);
      int32_t largest = -1;
      for (int64_t i = 0; i < n; i++) {
        const int32_t id = ids.i32[row + i];
        at[i] = id < 0 || !(selection.all || selection.keep[i]) ? -1 : id;
        largest = std::max(largest, at[i]);
      }
      make_room(largest);
      if (kind == Kind::count) count_block(at, n);
      else if (values.i64) add_block(at, values.i64 + row, n);
      else add_block(at, values.i32 + row, n);
    }
  }

  /* Adds another state, whose id i is remap[i] here; ids of -1 are dropped. */
  void merge(const Accumulator &other, const Span &remap) {
    if (remap.length < other.size)
      throw std::invalid_argument("the other state has ids below " + std::to_string(other.size) + ", the remap only "
                                  + std::to_string(remap.length));
    const int32_t *to = remap.i32;
    int32_t largest = -1;
    for (int64_t i = 0; i < other.size; i++) largest = std::max(largest, to[i]);
    make_room(largest);
    if (kind == Kind::values) return multiset.merge(other.multiset, to);
    if (kind == Kind::distinct) {
      for (const Pair &key : other.set.keys)
        if (to[key.first] >= 0) insert(to[key.first], key.second);
      return;
    }
    for (int64_t i = 0; i < other.size; i++) {
      const size_t here = (size_t)(to[i] < 0 ? 0 : to[i] + 1), there = (size_t)i + 1;
      if (kind == Kind::sum) sums[here] += other.sums[there];
      else if (kind == Kind::count) totals[here] += other.totals[there];
      else if (other.seen[there]) take(here, other.totals[there]);
    }
  }

  void result(int64_t wanted, OutColumn &out) const {
    check_size(wanted);
    for (int64_t i = 0; i < wanted; i++) {
      const size_t at = (size_t)i + 1;
      if (i >= size) {
        if (extreme()) out.push_null();
        else out.push64(0);
      } else if (kind == Kind::sum) {
        if (sums[at] != (__int128)(int64_t)sums[at])
          throw std::overflow_error("the sum of id " + std::to_string(i) + " does not fit into 64 bits");
        out.push64((int64_t)sums[at]);
      } else if (extreme() && !seen[at]) {
        out.push_null();
      } else {
        out.push64(totals[at]);
      }
    }
  }

  void quantile(int64_t a, int64_t b, int64_t wanted, OutColumn &scaled, OutColumn &counts) {
    check_size(wanted);
    multiset.quantile(a, b, wanted, scaled, counts);
  }

  void sorted(int64_t wanted, OutColumn &ids, OutColumn &values) {
    check_size(wanted);
    multiset.sorted(wanted, ids, values);
  }

  /* Equal content gives equal bytes. */
  std::string dump();
  void load(const char *data, int64_t length);

 private:
  Values<int64_t> totals; /* count, distinct, minimum, maximum: by id + 1 */
  Values<__int128> sums;  /* sum: by id + 1 */
  Values<uint8_t> seen;   /* minimum, maximum: by id + 1 */
  IdTable<Pair> set;           /* distinct: (id, value) */
  Multiset multiset;           /* values */

  std::string tag() const { return "accumulator " + std::to_string((int32_t)kind); }
  template <class T>
  static Values<T> from_first(const Values<T> &places, size_t n) {
    return places.empty() ? places : Values<T>(places.begin() + 1, places.begin() + (int64_t)n);
  }
  bool extreme() const { return kind == Kind::minimum || kind == Kind::maximum; }
  int64_t identity() const { return kind == Kind::minimum ? INT64_MAX : kind == Kind::maximum ? INT64_MIN : 0; }

  void check_size(int64_t wanted) const {
    if (wanted < size)
      throw std::invalid_argument("there are ids below " + std::to_string(size) + ", asked for " + std::to_string(wanted));
  }
  void make_room(int64_t largest) {
    size = std::max(size, largest + 1);
    const size_t places = (size_t)size + 1;
    if (kind == Kind::sum && sums.size() < places) sums.resize(places, 0);
    if (kind != Kind::sum && kind != Kind::values && totals.size() < places) totals.resize(places, identity());
    if (extreme() && seen.size() < places) seen.resize(places, 0);
  }
  void take(size_t at, int64_t value) {
    totals[at] = kind == Kind::minimum ? std::min(totals[at], value) : std::max(totals[at], value);
    seen[at] = 1;
  }
  void insert(int32_t id, int64_t value) {
    const Pair key{id, value};
    const int64_t before = set.size();
    set.add(key, hash_of(key));
    totals[(size_t)id + 1] += set.size() - before;
  }
  void count_block(const int32_t *at, int64_t n) {
    int64_t *place = totals.data() + 1;
    for (int64_t i = 0; i < n; i++) place[at[i]]++;
  }
  template <class V>
  void add_block(const int32_t *at, const V *values, int64_t n) {
    int64_t *place = totals.data() + 1;
    uint8_t *mark = seen.data() + 1;
    switch (kind) {
      case Kind::sum: {
        __int128 *sum = sums.data() + 1;
        for (int64_t i = 0; i < n; i++) sum[at[i]] += values[i];
        break;
      }
      case Kind::minimum:
        for (int64_t i = 0; i < n; i++) place[at[i]] = std::min<int64_t>(place[at[i]], values[i]), mark[at[i]] = 1;
        break;
      case Kind::maximum:
        for (int64_t i = 0; i < n; i++) place[at[i]] = std::max<int64_t>(place[at[i]], values[i]), mark[at[i]] = 1;
        break;
      case Kind::distinct: insert_block(at, values, n); break;
      case Kind::values: multiset.add(at, values, n); break;
      case Kind::count: break;
    }
  }
  template <class V>
  void insert_block(const int32_t *at, const V *values, int64_t n) {
    uint64_t hashes[BLOCK];
    for (int64_t i = 0; i < n; i++) {
      hashes[i] = hash_of(Pair{at[i], values[i]});
      if (at[i] >= 0) set.prefetch(hashes[i]);
    }
    for (int64_t i = 0; i < n; i++) {
      if (at[i] < 0) continue;
      const int64_t before = set.size();
      set.add(Pair{at[i], values[i]}, hashes[i]);
      totals[(size_t)at[i] + 1] += set.size() - before;
    }
  }
};

inline std::string Accumulator::dump() {
  Dump dump;
  dump.open(tag());
  if (kind == Kind::values) {
    multiset.dump(size, dump);
  } else if (kind == Kind::distinct) {
    Values<Pair> sorted = set.keys;
    std::sort(sorted.begin(), sorted.end());
    dump.put_all(sorted);
  } else {
    size_t n = (size_t)size + 1;
    while (n > 1 && (kind == Kind::sum ? sums[n - 1] == 0 : extreme() ? !seen[n - 1] : totals[n - 1] == 0)) n--;
    dump.put_all(from_first(sums, n));
    dump.put_all(from_first(totals, n));
    dump.put_all(from_first(seen, n));
  }
  dump.close();
  return std::move(dump.bytes);
}

/* Fills a fresh state of the dump's kind. */
inline void Accumulator::load(const char *data, int64_t length) {
  Load load;
  load.open(data, length, tag());
  if (kind == Kind::values) {
    size = multiset.load(load);
  } else if (kind == Kind::distinct) {
    std::vector<Pair> keys;
    load.get_all(keys);
    for (const Pair &key : keys) {
      if (key.first < 0 || key.first >= INT32_MAX) throw std::invalid_argument("the state has an impossible id");
      make_room(key.first);
      insert((int32_t)key.first, key.second);
    }
  } else {
    std::vector<__int128> some_sums;
    std::vector<int64_t> some_totals;
    std::vector<uint8_t> some_seen;
    load.get_all(some_sums);
    load.get_all(some_totals);
    load.get_all(some_seen);
    const size_t n = kind == Kind::sum ? some_sums.size() : some_totals.size();
    load.failed |= n >= INT32_MAX || (extreme() && some_seen.size() != n);
    if (!load.failed) {
      make_room((int64_t)n - 1);
      std::copy(some_sums.begin(), some_sums.end(), sums.begin() + (kind == Kind::sum));
      std::copy(some_totals.begin(), some_totals.end(), totals.begin() + (kind != Kind::sum));
      std::copy(some_seen.begin(), some_seen.end(), seen.begin() + extreme());
    }
  }
  if (!load.done()) throw std::invalid_argument("these bytes are not the state of such an accumulator");
}

}  // namespace kpicore
