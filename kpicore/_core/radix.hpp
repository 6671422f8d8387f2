/* A stable order of rows by several columns.
 *
 * Every column becomes a field of as few bits as its range of values needs (a null is below all values);
 * fields are packed into 64-bit words, so that code and time together are mostly one. Words are sorted from
 * the least significant on, by counting digits of up to 11 bits. 10 M rows by (int32, int64) take a tenth
 * of a comparison sort's time; what is in order already costs one pass. */
#pragma once
#include <algorithm>
#include <vector>

#include "export.hpp"
#include "span.hpp"

namespace kpicore {

/* Calls `loop` with a function from row to an unsigned number that compares as the value does. */
template <class Loop>
inline void with_ordered(const Span &span, Loop loop) {
  constexpr uint64_t SIGN = 1ull << 63;
  if (span.bits) {
    loop([&](int64_t row) { return (uint64_t)bit_at(span.bits, span.offset + row); });
  } else if (span.f64) {
    loop([&](int64_t row) {
      const double value = span.f64[row] + 0.0; /* turns -0 into 0 */
      if (value != value) return UINT64_MAX;    /* NaN, whatever its bits, is above all numbers */
      uint64_t bits;
      memcpy(&bits, &value, 8);
      return bits & SIGN ? ~bits : bits | SIGN;
    });
  } else {
    with_integers(span, [&](auto *values) { loop([=](int64_t row) { return (uint64_t)(int64_t)values[row] ^ SIGN; }); });
  }
}

class RowSorter {
 public:
  /* From the first column, which decides, to the last. All have the same length. */
  void add(const Span &column) { columns.push_back(column); }

  void sort(int64_t n, int64_t *out) {
    plan(n);
    rows.resize((size_t)n);
    for (int64_t i = 0; i < n; i++) rows[(size_t)i] = (uint32_t)i;
    keys.resize((size_t)n);
    for (int word = 0; word < words; word++) {
      fill(word, n);
      sort_word(bits_of[(size_t)word], n);
    }
    for (int64_t i = 0; i < n; i++) out[i] = rows[(size_t)i];
  }

 private:
  static constexpr int DIGIT = 11;
  struct Field {
    const Span *column;
    uint64_t least, null_room; /* null_room 1: values begin at 1, null is 0 */
    bool only_null;            /* 1 for a value, 0 for null */
    int word, shift;
  };
  std::vector<Span> columns;
  std::vector<Field> fields;
  std::vector<int> bits_of; /* by word, from the least significant */
  int words = 0;
  Values<uint64_t> keys, other_keys;
  Values<uint32_t> rows, other_rows;

  static int width_of(uint64_t largest) { return largest == 0 ? 0 : 64 - __builtin_clzll(largest); }

  void plan(int64_t n) {
    for (size_t c = columns.size(); c-- > 0;) {
      const Span &column = columns[c];
      uint64_t least = UINT64_MAX, most = 0, nulls = 0;
      with_ordered(column, [&](auto value) {
        for (int64_t row = 0; row < n; row++) {
          if (is_null(column, row)) {
            nulls = 1;
            continue;
          }
          const uint64_t v = value(row);
          least = std::min(least, v);
          most = std::max(most, v);
        }
      });
      if (least > most) continue; /* nothing but nulls */
      if (nulls && most - least == UINT64_MAX) {
        place(Field{&column, least, 0, false, 0, 0}, 64);
        place(Field{&column, 0, 0, true, 0, 0}, 1);
      } else {
        place(Field{&column, least, nulls, false, 0, 0}, width_of(most - least + nulls));
      }
    }
  }
  void place(Field field, int width) {
    if (width == 0) return;
    if (words == 0 || bits_of.back() + width > 64) {
      bits_of.push_back(0);
      words++;
    }
    field.word = words - 1;
    field.shift = bits_of.back();
    bits_of.back() += width;
    fields.push_back(field);
  }

  /* The words of the rows in their present order. */
  void fill(int word, int64_t n) {
    std::fill(keys.begin(), keys.end(), 0);
    for (const Field &field : fields) {
      if (field.word != word) continue;
      with_ordered(*field.column, [&](auto value) {
        for (int64_t i = 0; i < n; i++) {
          const int64_t row = word == 0 ? i : rows[(size_t)i];
          uint64_t part = 0;
          if (!is_null(*field.column, row)) part = field.only_null ? 1 : value(row) - field.least + field.null_room;
          keys[(size_t)i] |= part << field.shift;
        }
      });
    }
  }

  void sort_word(int bits, int64_t n) {
    bool falls = false;
    for (int64_t i = 1; i < n; i++) falls |= keys[(size_t)i] < keys[(size_t)i - 1];
    if (!falls) return;
    const int passes = (bits + DIGIT - 1) / DIGIT, digit = (bits + passes - 1) / passes;
    const uint64_t mask = (1ull << digit) - 1;
    std::vector<uint32_t> counts((size_t)passes << digit, 0);
    for (const uint64_t key : keys)
      for (int pass = 0; pass < passes; pass++) counts[((size_t)pass << digit) + ((key >> (pass * digit)) & mask)]++;
    other_keys.resize((size_t)n);
    other_rows.resize((size_t)n);
    for (int pass = 0; pass < passes; pass++) {
      uint32_t *count = counts.data() + ((size_t)pass << digit), before = 0;
      if (count[(keys[0] >> (pass * digit)) & mask] == (uint32_t)n) continue;
      for (uint64_t d = 0; d <= mask; d++) {
        const uint32_t own = count[d];
        count[d] = before;
        before += own;
      }
      for (int64_t i = 0; i < n; i++) {
        const uint32_t at = count[(keys[(size_t)i] >> (pass * digit)) & mask]++;
        other_keys[at] = keys[(size_t)i];
        other_rows[at] = rows[(size_t)i];
      }
      keys.swap(other_keys);
      rows.swap(other_rows);
    }
  }
};

}  // namespace kpicore
