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
    const bool plain = measures.size() == 1 && measures[0].task == Task::length && !masks[0].bits && periods.empty();
    int32_t subjects[BLOCK];
    cell = 0;
    for (int64_t row = 0; row < start.length; row += BLOCK) {
      const int64_t n = std::min(start.length - row, BLOCK);
      const int64_t bad = number_subjects(codes, row, n, subjects);
      if (bad >= 0) return bad;
      Selection selection;
      selection.mask(mask, row, n);
      selection.not_null(start, row, n);
      selection.not_null(end, row, n);
      if (plain && selection.all) add_lengths(edges, n_cells, start.i64 + row, end.i64 + row, n, subjects);
      else add_block(edges, n_cells, periods, start, end, masks, values, row, n, subjects, selection);
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
    out.i64.reserve((size_t)count());
    each_seen([&](int64_t i) {
      const int64_t value = measure.state[(size_t)i];
      if (extreme && value == identity(measure.task)) out.push_null();
      else out.i64.push_back(value), out.note_valid();
    });
  }

  /* The groups that occurred, by id: the period, then each code. */
  void members(OutBatch &out) const {
    const int64_t span = ids_a_period(), width = (int64_t)sizes.size();
    const size_t found = (size_t)count();
    for (OutColumn &column : out) column.i32.reserve(found);
    std::vector<int32_t> table((size_t)(span * width)); /* the codes of each subject, -1 for null */
    for (int64_t subject = 0; subject < span; subject++) {
      int64_t rest = subject;
      for (int64_t k = width - 1; k >= 0; k--) {
        const int32_t code = (int32_t)(rest % (sizes[(size_t)k] + 1));
        table[(size_t)(subject * width + k)] = code < sizes[(size_t)k] ? code : -1;
        rest /= sizes[(size_t)k] + 1;
      }
    }
    int64_t period = 0;
    each_seen([&](int64_t i) {
      while (i >= (period + 1) * span) period++;
      const int32_t *codes = table.data() + (i - period * span) * width;
      out[0].i32.push_back((int32_t)period);
      for (int64_t k = 0; k < width; k++) out[(size_t)k + 1].push_code(codes[k]);
    });
  }

  int64_t count() const {
    int64_t found = 0;
    for (int64_t i = 0; i < groups; i++) found += seen[(size_t)i];
    return found;
  }

  template <class F>
  void each_seen(F f) const {
    int64_t i = 0;
    const uint8_t *mark = groups ? &seen[0] : nullptr;
    for (; i + 8 <= groups; i += 8) {
      uint64_t eight;
      memcpy(&eight, mark + i, 8);
      for (; eight; eight &= eight - 1) { /* one bit a mark */
        f(i + (__builtin_ctzll(eight) >> 3));
      }
    }
    for (; i < groups; i++)
      if (mark[i]) f(i);
  }

 private:
  int64_t cell = 0; /* of the row before: where the next is looked for first */

  int64_t ids_a_period() const {
    int64_t span = 1;
    for (int32_t size : sizes) span *= size + 1;
    return span;
  }

  /* The combination of codes of each row as one number; returns a row with a code out of range, or -1. */
  int64_t number_subjects(const std::vector<Span> &codes, int64_t row, int64_t n, int32_t *out) const {
    for (int64_t i = 0; i < n; i++) out[i] = 0;
    for (size_t k = 0; k < codes.size(); k++) {
      const Span &span = codes[k];
      const int32_t size = sizes[k];
      uint32_t outside = 0;
      if (span.i32 && !span.valid) {
        const int32_t *code = span.i32 + row;
        for (int64_t i = 0; i < n; i++) {
          outside |= (uint32_t)code[i] >= (uint32_t)size;
          out[i] = out[i] * (size + 1) + code[i];
        }
        if (!outside) continue;
      }
      for (int64_t i = 0; i < n; i++) {
        const bool null = is_null(span, row + i);
        const int64_t code = null ? size : span.i32 ? span.i32[row + i] : span.i64[row + i];
        if (!null && (uint64_t)code >= (uint64_t)size) return row + i;
        if (!(span.i32 && !span.valid)) out[i] = out[i] * (size + 1) + (int32_t)code;
      }
    }
    return -1;
  }

  /* The commonest case on its own: the seconds of every row, no condition, no cycle. */
  void add_lengths(const int64_t *edges, int64_t n_cells, const int64_t *start, const int64_t *end, int64_t n,
                   const int32_t *subjects) {
    const int64_t span = ids_a_period(), first = edges[0], last = edges[n_cells];
    int64_t *state = &measures[0].state[0];
    uint8_t *mark = &seen[0];
    int64_t at = cell;
    for (int64_t i = 0; i < n; i++) {
      int64_t begin = std::max(start[i], first);
      const int64_t stop = std::min(end[i], last);
      if (begin >= stop) continue;
      if (begin < edges[at] || begin >= edges[at + 1]) at = locate(edges, n_cells, begin, at);
      int64_t id = at * span + subjects[i];
      for (int64_t c = at; __builtin_expect(stop > edges[c + 1], 0); c++, id += span) {
        mark[id] = 1;
        sum(state[id], edges[c + 1] - begin);
        begin = edges[c + 1];
      }
      mark[id] = 1;
      sum(state[id], stop - begin);
    }
    cell = at;
  }

  /* Pieces of a block: cut first, then added up measure by measure in loops without a choice in them. */
  std::vector<int32_t> piece_id, piece_row;
  std::vector<int64_t> piece_length;

  void add_block(const int64_t *edges, int64_t n_cells, const std::vector<int32_t> &periods, const Span &start,
                 const Span &end, const std::vector<Span> &masks, const std::vector<Span> &values, int64_t row,
                 int64_t n, const int32_t *subjects, const Selection &selection) {
    const int64_t span = ids_a_period(), first = edges[0], last = edges[n_cells];
    const int64_t *starts = start.i64 + row, *ends = end.i64 + row;
    int64_t at = cell;
    piece_id.clear(), piece_row.clear(), piece_length.clear();
    for (int64_t i = 0; i < n; i++) {
      if (!selection.all && !selection.keep[i]) continue;
      int64_t begin = std::max(starts[i], first);
      const int64_t stop = std::min(ends[i], last);
      if (begin >= stop) continue;
      if (begin < edges[at] || begin >= edges[at + 1]) at = locate(edges, n_cells, begin, at);
      for (int64_t c = at;; c++) {
        const int64_t piece_end = std::min(stop, edges[c + 1]);
        const int64_t period = periods.empty() ? c : periods[(size_t)c];
        if (period >= 0) {
          piece_id.push_back((int32_t)(period * span + subjects[i]));
          piece_row.push_back((int32_t)(row + i));
          piece_length.push_back(piece_end - begin);
        }
        if (piece_end == stop) break;
        begin = piece_end;
      }
    }
    cell = at;
    for (int32_t id : piece_id) seen[(size_t)id] = 1;
    for (size_t m = 0; m < measures.size(); m++) apply(measures[m], masks[m], values[m]);
  }

  /* Adds the pieces to a measure. */
  void apply(ProratedMeasure &measure, const Span &mask, const Span &value) {
    const size_t n = piece_id.size();
    int64_t *state = n ? &measure.state[0] : nullptr;
    const bool masked = mask.bits != nullptr;
    for (size_t i = 0; i < n; i++) {
      const int64_t row = piece_row[i];
      if (masked && (is_null(mask, row) || !bit_at(mask.bits, mask.offset + row))) continue;
      int64_t &into = state[piece_id[i]];
      if (measure.task == Task::length) {
        sum(into, piece_length[i]);
      } else if (measure.task == Task::pieces) {
        sum(into, 1);
      } else if (!is_null(value, row)) {
        int64_t number = value.i64 ? value.i64[row] : value.i32[row];
        if (measure.task == Task::weighted && __builtin_mul_overflow(number, piece_length[i], &number))
          throw std::overflow_error("a weighted length does not fit into 64 bits");
        combine(measure.task, into, number);
      }
    }
  }

  static inline void sum(int64_t &into, int64_t value) {
    if (__builtin_add_overflow(into, value, &into)) throw std::overflow_error("a sum does not fit into 64 bits");
  }
  static inline void combine(Task task, int64_t &into, int64_t value) {
    if (task == Task::largest) into = std::max(into, value);
    else if (task == Task::smallest) into = std::min(into, value);
    else sum(into, value);
  }
  static inline int64_t locate(const int64_t *edges, int64_t n, int64_t at, int64_t guess) {
    if (edges[guess] <= at && at < edges[guess + 1]) return guess;
    if (guess + 1 < n && edges[guess + 1] <= at && at < edges[guess + 2]) return guess + 1;
    return std::upper_bound(edges, edges + n, at) - edges - 1;
  }
};

}  // namespace kpicore
