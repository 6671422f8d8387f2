/* Measures of groups by period, as a log in order of time fills them: one period after another.
 *
 * A period in use has a place for every group that there could be (an open row); when many others have been
 * opened since, the groups that occurred are packed and the row serves another period. So memory is that of
 * what occurred, and what is added to lies in the cache: touching new memory costs more than all sums. A packed
 * period that is wanted again is unpacked; where that happens often (long stays, rows in another order than
 * time's), twice as many rows stay open, in the end all. */
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "dump.hpp"
#include "pool.hpp"

namespace kpicore {

class PeriodSums {
 public:
  /* The groups of a period that occurred, rising, and the values of each measure. */
  struct Packed {
    Values<int32_t> groups;
    std::vector<Values<int64_t>> values;
  };
  /* Places for every group: the values of measure m lie at m * width, and whether a group occurred. */
  struct Row {
    int64_t *values;
    uint8_t *seen;
  };

  /* `width` groups in each of `periods`; a measure begins as its `identity`. */
  void lay_out(int64_t period_count, int64_t group_count, const std::vector<int64_t> &first_values) {
    width = group_count;
    identities = first_values;
    row_of.assign((size_t)period_count, nullptr);
    packed.assign((size_t)period_count, nullptr);
    limit = std::max<int64_t>(LEAST, AT_FIRST / row_bytes());
  }
  int64_t periods() const { return (int64_t)row_of.size(); }

  /* Whether opening `period` packs another: rows that were opened before are then no longer valid. */
  bool displaces(int64_t period) const { return !row_of[(size_t)period] && (int64_t)open_periods.size() >= limit; }

  Row open(int64_t period) {
    int64_t *row = row_of[(size_t)period];
    if (row == nullptr) row = open_closed(period);
    return {row, seen_of(row)};
  }

  /* Packs all periods: what `of` gives is complete then. */
  void settle() {
    for (int32_t period : open_periods) pack(period);
    open_periods.clear();
    oldest = 0;
    spare.clear();
    slabs.clear();
  }
  /* What is left of a settled period, null where nothing occurred. */
  const Packed *of(int64_t period) const { return packed[(size_t)period].get(); }
  int64_t count() const {
    int64_t found = 0;
    for (const auto &one : packed) found += one ? (int64_t)one->groups.size() : 0;
    return found;
  }

  /* Adds what another state of the same layout has; `combine(measure, mine, theirs)`. */
  template <class F>
  void merge(PeriodSums &other, F combine) {
    other.settle();
    for (int64_t period = 0; period < periods(); period++) {
      const auto &theirs = other.packed[(size_t)period];
      if (!theirs) continue;
      if (!row_of[(size_t)period] && !packed[(size_t)period]) packed[(size_t)period] = theirs;
      else add(open(period), *theirs, combine);
    }
  }

  void dump(Dump &out) {
    settle();
    for (const auto &one : packed) {
      out.put_all(one ? one->groups : Values<int32_t>());
      for (size_t m = 0; m < identities.size(); m++) out.put_all(one ? one->values[m] : Values<int64_t>());
    }
  }
  /* Of a state that was laid out and has no rows yet. */
  void load(Load &in) {
    for (auto &place : packed) {
      auto one = std::make_shared<Packed>();
      in.get_all(one->groups);
      one->values.resize(identities.size());
      for (auto &values : one->values) {
        in.get_all(values);
        in.failed |= values.size() != one->groups.size();
      }
      int64_t before = -1;
      for (int32_t group : one->groups) {
        in.failed |= group <= before || group >= width;
        before = group;
      }
      if (in.failed) return;
      if (!one->groups.empty()) place = std::move(one);
    }
  }

 private:
  static constexpr int64_t AT_FIRST = 4 << 20; /* bytes of open rows, until more turn out to be needed */
  static constexpr int64_t LEAST = 4;
  int64_t width = 0, limit = LEAST, reopened = 0;
  std::vector<int64_t> identities; /* by measure */
  std::vector<int64_t *> row_of;   /* by period, null where it is not open */
  std::vector<std::shared_ptr<const Packed>> packed;
  std::vector<int32_t> open_periods; /* a ring: `oldest` is the place of the one opened first */
  size_t oldest = 0;
  std::vector<Values<int64_t>> slabs; /* of rows, several where they are small: then they share a large page */
  std::vector<int64_t *> spare;       /* rows of no period, as at first */

  int64_t row_bytes() const { return (width * (8 * (int64_t)identities.size() + 1) + 7) / 8 * 8; }
  uint8_t *seen_of(int64_t *row) const { return reinterpret_cast<uint8_t *>(row + width * (int64_t)identities.size()); }

  int64_t *open_closed(int64_t period) {
    const auto old = std::move(packed[(size_t)period]);
    if (old && ++reopened > limit) {
      limit *= 2;
      reopened = 0;
      std::rotate(open_periods.begin(), open_periods.begin() + (int64_t)oldest, open_periods.end());
      oldest = 0;
    }
    if ((int64_t)open_periods.size() < limit) {
      open_periods.push_back((int32_t)period);
    } else {
      pack(open_periods[oldest]);
      open_periods[oldest] = (int32_t)period;
      oldest = oldest + 1 == open_periods.size() ? 0 : oldest + 1;
    }
    if (spare.empty()) allocate();
    int64_t *row = row_of[(size_t)period] = spare.back();
    spare.pop_back();
    if (old) add({row, seen_of(row)}, *old, [](size_t, int64_t &mine, int64_t theirs) { mine = theirs; });
    return row;
  }
  void allocate() {
    const int64_t words = row_bytes() / 8, rows = std::min(std::max<int64_t>(AT_FIRST / row_bytes(), 1), periods());
    slabs.emplace_back((size_t)(words * rows));
    for (int64_t r = rows; r-- > 0;) {
      int64_t *row = slabs.back().data() + r * words;
      for (size_t m = 0; m < identities.size(); m++)
        if (identities[m] != 0) std::fill_n(row + (int64_t)m * width, (size_t)width, identities[m]);
      spare.push_back(row);
    }
  }
  /* Closes an open period. Its row is as at first afterwards. */
  void pack(int64_t period) {
    int64_t *row = row_of[(size_t)period];
    auto one = std::make_shared<Packed>();
    list_seen(seen_of(row), one->groups);
    const size_t n = one->groups.size();
    const int32_t *groups = one->groups.data();
    for (size_t m = 0; m < identities.size(); m++) {
      one->values.emplace_back(n);
      int64_t *values = row + (int64_t)m * width, *out = one->values.back().data();
      for (size_t i = 0; i < n; i++) {
        out[i] = values[groups[i]];
        values[groups[i]] = identities[m];
      }
    }
    memset(seen_of(row), 0, (size_t)width);
    packed[(size_t)period] = std::move(one);
    row_of[(size_t)period] = nullptr;
    spare.push_back(row);
  }
  void list_seen(const uint8_t *seen, Values<int32_t> &out) const {
    int64_t found = 0, i = 0;
    for (int64_t k = 0; k < width; k++) found += seen[k];
    out.resize((size_t)found);
    int32_t *to = out.data();
    for (; i + 8 <= width; i += 8) {
      uint64_t eight;
      memcpy(&eight, seen + i, 8);
      for (; eight; eight &= eight - 1) *to++ = (int32_t)(i + (__builtin_ctzll(eight) >> 3)); /* one bit a mark */
    }
    for (; i < width; i++)
      if (seen[i]) *to++ = (int32_t)i;
  }
  template <class F>
  void add(Row row, const Packed &from, F combine) {
    for (size_t i = 0; i < from.groups.size(); i++) row.seen[from.groups[i]] = 1;
    for (size_t m = 0; m < identities.size(); m++)
      for (size_t i = 0; i < from.groups.size(); i++)
        combine(m, row.values[(int64_t)m * width + from.groups[i]], from.values[m][i]);
  }
};

}  // namespace kpicore
