/* Intervals cut at the edges of cells and measured in the same breath.
 *
 * The general way cuts a batch into pieces, finds their groups and adds them up in three passes over
 * arrays. Where groups are counted out beforehand and a measure needs of a piece only its length or
 * another column of its row, one pass does it, and nothing but the sums leaves the cache. */
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "export.hpp"
#include "sheet.hpp"
#include "span.hpp"

namespace kpicore {

enum class Task : int32_t { pieces, length, weighted, column, largest, smallest };

struct ProratedMeasure {
  Task task;
  Sheet<int64_t> state; /* by id */
};

class Prorated {
 public:
  int64_t groups;
  std::vector<int32_t> sizes; /* of the codes, null not counted */
  std::vector<ProratedMeasure> measures;
  Sheet<uint8_t> seen;

  void open(int64_t size) {
    groups = size;
    seen = Sheet<uint8_t>((size_t)size);
  }
  void measure(int32_t task) {
    const Task t = (Task)task;
    measures.push_back({t, Sheet<int64_t>((size_t)groups)});
    if (identity(t) != 0)
      for (int64_t i = 0; i < groups; i++) measures.back().state[(size_t)i] = identity(t);
  }
  static int64_t identity(Task t) {
    return t == Task::largest ? std::numeric_limits<int64_t>::min()
         : t == Task::smallest ? std::numeric_limits<int64_t>::max() : 0;
  }

  /* Rows with their codes, [start, end), and per measure a mask and a value (absent where not needed).
   * `periods` maps cells to periods; empty where they are the same. Returns a row with a bad code, or -1. */
  int64_t add(const int64_t *edges, int64_t n_cells, const std::vector<int32_t> &periods,
              const std::vector<Span> &codes, const Span &start, const Span &end, const Span &mask,
              const std::vector<Span> &masks, const std::vector<Span> &values) {
    const size_t n_codes = codes.size(), n_measures = measures.size();
    int64_t span = 1; /* ids per period */
    for (int32_t size : sizes) span *= size + 1;
    int64_t cell = 0;
    for (int64_t row = 0; row < start.length; row++) {
      if (mask.bits && (is_null(mask, row) || !bit_at(mask.bits, mask.offset + row))) continue;
      if (is_null(start, row) || is_null(end, row)) continue;
      int64_t begin = std::max(start.i64[row], edges[0]);
      const int64_t stop = std::min(end.i64[row], edges[n_cells]);
      if (begin >= stop) continue;
      int64_t subject = 0;
      for (size_t k = 0; k < n_codes; k++) {
        int64_t code = codes[k].i32 ? codes[k].i32[row] : codes[k].i64[row];
        if (is_null(codes[k], row)) code = sizes[k];
        else if ((uint64_t)code >= (uint64_t)sizes[k]) return row;
        subject = subject * (sizes[k] + 1) + code;
      }
      cell = locate(edges, n_cells, begin, cell);
      for (int64_t at = cell;; at++) {
        const int64_t piece_end = std::min(stop, edges[at + 1]);
        const int64_t period = periods.empty() ? at : periods[(size_t)at];
        if (period >= 0) {
          const size_t id = (size_t)(period * span + subject);
          seen[id] = 1;
          for (size_t m = 0; m < n_measures; m++) apply(measures[m], masks[m], values[m], row, id, piece_end - begin);
        }
        if (piece_end == stop) break;
        begin = piece_end;
      }
    }
    return -1;
  }

  void merge(const Prorated &other) {
    for (int64_t i = 0; i < groups; i++) seen[(size_t)i] |= other.seen[(size_t)i];
    for (size_t m = 0; m < measures.size(); m++) {
      Sheet<int64_t> &mine = measures[m].state;
      const Sheet<int64_t> &theirs = other.measures[m].state;
      for (int64_t i = 0; i < groups; i++)
        if (other.seen[(size_t)i]) combine(measures[m].task, mine[(size_t)i], theirs[(size_t)i]);
    }
  }

  /* The measure of the groups that occurred, by id. */
  void result(int64_t m, OutColumn &out) const {
    const ProratedMeasure &measure = measures[(size_t)m];
    const bool extreme = identity(measure.task) != 0;
    for (int64_t i = 0; i < groups; i++) {
      if (!seen[(size_t)i]) continue;
      const int64_t value = measure.state[(size_t)i];
      if (extreme && value == identity(measure.task)) out.push_null();
      else out.push64(value);
    }
  }

 private:
  static inline void sum(int64_t &into, int64_t value) {
    if (__builtin_add_overflow(into, value, &into)) throw std::overflow_error("a sum does not fit into 64 bits");
  }
  static inline void combine(Task task, int64_t &into, int64_t value) {
    if (task == Task::largest) into = std::max(into, value);
    else if (task == Task::smallest) into = std::min(into, value);
    else sum(into, value);
  }
  static inline void apply(ProratedMeasure &measure, const Span &mask, const Span &value, int64_t row, size_t id,
                           int64_t length) {
    if (mask.bits && (is_null(mask, row) || !bit_at(mask.bits, mask.offset + row))) return;
    int64_t &into = measure.state[id];
    if (measure.task == Task::length) return sum(into, length);
    if (measure.task == Task::pieces) return sum(into, 1);
    if (is_null(value, row)) return;
    int64_t number = value.i64 ? value.i64[row] : value.i32[row];
    if (measure.task == Task::weighted && __builtin_mul_overflow(number, length, &number))
      throw std::overflow_error("a weighted length does not fit into 64 bits");
    combine(measure.task, into, number);
  }
  static inline int64_t locate(const int64_t *edges, int64_t n, int64_t at, int64_t guess) {
    if (edges[guess] <= at && at < edges[guess + 1]) return guess;
    if (guess + 1 < n && edges[guess + 1] <= at && at < edges[guess + 2]) return guess + 1;
    return std::upper_bound(edges, edges + n, at) - edges - 1;
  }
};

}  // namespace kpicore
