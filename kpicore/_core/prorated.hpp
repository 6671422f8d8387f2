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
#include "period_sums.hpp"
#include "span.hpp"

namespace kpicore {

enum class Task : int32_t { pieces, length, weighted, column, largest, smallest };

class Prorated {
 public:
  std::vector<int32_t> sizes; /* of the codes, null not counted */
  std::vector<int64_t> edges;
  std::vector<int32_t> periods; /* by cell, -1 for none; empty where cells are periods */
  std::vector<Task> tasks;

  /* When all of the above is known. */
  void open(int64_t period_count) {
    std::vector<int64_t> identities;
    for (Task task : tasks) identities.push_back(identity(task));
    sums.lay_out(period_count, ids_a_period(), identities);
  }

  /* Rows with their codes, [start, end), and per measure a mask and a value (absent where not needed).
   * Returns a row with a bad code, or -1. */
  int64_t add(const std::vector<Span> &codes, const Span &start, const Span &end, const Span &mask,
              const std::vector<Span> &masks, const std::vector<Span> &values) {
    const bool plain = tasks.size() == 1 && tasks[0] == Task::length && !masks[0].bits && periods.empty();
    int32_t subjects[BLOCK];
    for (int64_t row = 0; row < start.length; row += BLOCK) {
      const int64_t n = std::min(start.length - row, BLOCK);
      const int64_t bad = number_subjects(codes, row, n, subjects);
      if (bad >= 0) return bad;
      Selection selection;
      selection.mask(mask, row, n);
      selection.not_null(start, row, n);
      selection.not_null(end, row, n);
      if (plain && selection.all) add_lengths(start.i64 + row, end.i64 + row, n, subjects);
      else add_block(start, end, masks, values, row, n, subjects, selection);
    }
    return -1;
  }

  void merge(Prorated &other) {
    sums.merge(other.sums, [this](size_t m, int64_t &mine, int64_t theirs) { combine(tasks[m], mine, theirs); });
  }

  /* A measure of the groups that occurred, by period and group. */
  void result(int64_t m, OutColumn &out) {
    const bool extreme = identity(tasks[(size_t)m]) != 0;
    each_period([&](int64_t, const PeriodSums::Packed &one) {
      const Values<int64_t> &values = one.values[(size_t)m];
      if (!extreme) out.i64.insert(out.i64.end(), values.begin(), values.end());
      else
        for (int64_t value : values) {
          if (value == identity(tasks[(size_t)m])) out.push_null();
          else out.push64(value);
        }
    }, [&](int64_t found) { out.i64.reserve((size_t)found); });
  }

  /* The groups that occurred, by period and group: each of their codes. */
  void members(OutBatch &out) {
    const int64_t span = ids_a_period();
    const size_t width = sizes.size();
    std::vector<std::vector<int32_t>> code_of(width); /* by column and group, -1 for null */
    int64_t below = span;
    for (size_t k = 0; k < width; k++) {
      below /= sizes[k] + 1;
      for (int64_t group = 0; group < span; group++) {
        const int32_t code = (int32_t)(group / below % (sizes[k] + 1));
        code_of[k].push_back(code < sizes[k] ? code : -1);
      }
    }
    each_period([&](int64_t, const PeriodSums::Packed &one) {
      for (size_t k = 0; k < width; k++) append_chosen(out[k].i32, one.groups, code_of[k].data());
    }, [&](int64_t found) { for (OutColumn &column : out) column.i32.reserve((size_t)found); });
    for (OutColumn &column : out) column.null_negatives();
  }

  /* The periods in which a group occurred, and where the groups of each end. */
  void runs(OutColumn &period_out, OutColumn &end_out) {
    int64_t end = 0;
    each_period([&](int64_t period, const PeriodSums::Packed &one) {
      if (one.groups.empty()) return;
      end += (int64_t)one.groups.size();
      period_out.push32((int32_t)period);
      end_out.push64(end);
    }, [](int64_t) {});
  }

  void dump(Dump &out) {
    out.put_all(edges);
    out.put_all(periods);
    sums.dump(out);
  }
  /* Into a state without rows; fails where the other's cells are not these. */
  void load(Load &in) {
    std::vector<int64_t> other_edges;
    std::vector<int32_t> other_periods;
    in.get_all(other_edges);
    in.get_all(other_periods);
    in.failed |= other_edges != edges || other_periods != periods;
    sums.load(in);
  }

 private:
  PeriodSums sums;
  int64_t cell = 0; /* of the row before: where the next is looked for first */

  static int64_t identity(Task t) {
    return t == Task::largest ? std::numeric_limits<int64_t>::min()
         : t == Task::smallest ? std::numeric_limits<int64_t>::max() : 0;
  }
  int64_t ids_a_period() const {
    int64_t span = 1;
    for (int32_t size : sizes) span *= size + 1;
    return span;
  }
  static void append_chosen(Values<int32_t> &out, const Values<int32_t> &groups, const int32_t *code_of) {
    const size_t before = out.size(), found = groups.size();
    out.resize(before + found);
    for (size_t i = 0; i < found; i++) out[before + i] = code_of[groups[i]];
  }
  template <class Visit, class Prepare>
  void each_period(Visit visit, Prepare prepare) {
    sums.settle();
    prepare(sums.count());
    for (int64_t period = 0; period < sums.periods(); period++)
      if (const PeriodSums::Packed *one = sums.of(period)) visit(period, *one);
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
  void add_lengths(const int64_t *start, const int64_t *end, int64_t n, const int32_t *subjects) {
    const int64_t first = edges.front(), last = edges.back();
    int64_t at = cell, from = 0, until = 0; /* nothing lies in between: the first row opens its period */
    PeriodSums::Row row{};
    for (int64_t i = 0; i < n; i++) {
      const int64_t begin = std::max(start[i], first), stop = std::min(end[i], last);
      if (begin >= stop) continue;
      if (stop <= from || stop > until) {
        at = locate(stop - 1, at);
        row = sums.open(at);
        from = edges[(size_t)at];
        until = edges[(size_t)at + 1];
      }
      if (__builtin_expect(begin >= from, 1)) {
        put(row, subjects[i], stop - begin);
      } else {
        add_backwards(at, begin, stop, subjects[i]);
        row = sums.open(at);
      }
    }
    cell = at;
  }
  /* A log's intervals end one after another, so each is cut from its end on. */
  void add_backwards(int64_t at, int64_t begin, int64_t stop, int32_t subject) {
    for (; begin < edges[(size_t)at]; stop = edges[(size_t)at--]) put(sums.open(at), subject, stop - edges[(size_t)at]);
    put(sums.open(at), subject, stop - begin);
  }
  static inline void put(const PeriodSums::Row &row, int32_t group, int64_t length) {
    row.seen[group] = 1;
    sum(row.values[group], length);
  }

  /* Pieces of a block: cut first, then added up measure by measure in loops without a choice in them. */
  struct Piece {
    int64_t *into; /* the group's place in the first measure; the others follow at equal distances */
    int64_t row, length;
  };
  std::vector<Piece> pieces;

  void add_block(const Span &start, const Span &end, const std::vector<Span> &masks, const std::vector<Span> &values,
                 int64_t row, int64_t n, const int32_t *subjects, const Selection &selection) {
    const int64_t first = edges.front(), last = edges.back();
    const int64_t *starts = start.i64 + row, *ends = end.i64 + row;
    pieces.clear();
    for (int64_t i = 0; i < n; i++) {
      if (!selection.all && !selection.keep[i]) continue;
      int64_t begin = std::max(starts[i], first);
      const int64_t stop = std::min(ends[i], last);
      if (begin >= stop) continue;
      cell = locate(begin, cell);
      for (int64_t c = cell;; c++) {
        const int64_t piece_end = std::min(stop, edges[(size_t)c + 1]);
        const int64_t period = periods.empty() ? c : periods[(size_t)c];
        if (period >= 0) {
          if (sums.displaces(period)) apply_pieces(masks, values);
          const PeriodSums::Row place = sums.open(period);
          place.seen[subjects[i]] = 1;
          pieces.push_back({place.values + subjects[i], row + i, piece_end - begin});
        }
        if (piece_end == stop) break;
        begin = piece_end;
      }
    }
    apply_pieces(masks, values);
  }
  void apply_pieces(const std::vector<Span> &masks, const std::vector<Span> &values) {
    const int64_t span = ids_a_period();
    for (size_t m = 0; m < tasks.size(); m++) apply(tasks[m], (int64_t)m * span, masks[m], values[m]);
    pieces.clear();
  }
  /* Adds the pieces to a measure. */
  void apply(Task task, int64_t offset, const Span &mask, const Span &value) {
    const bool masked = mask.bits != nullptr;
    for (const Piece &piece : pieces) {
      const int64_t row = piece.row;
      if (masked && (is_null(mask, row) || !bit_at(mask.bits, mask.offset + row))) continue;
      int64_t &into = piece.into[offset];
      if (task == Task::length) {
        sum(into, piece.length);
      } else if (task == Task::pieces) {
        sum(into, 1);
      } else if (!is_null(value, row)) {
        int64_t number = value.i64 ? value.i64[row] : value.i32[row];
        if (task == Task::weighted && __builtin_mul_overflow(number, piece.length, &number))
          throw std::overflow_error("a weighted length does not fit into 64 bits");
        combine(task, into, number);
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
  inline int64_t locate(int64_t at, int64_t guess) const {
    const int64_t *edge = edges.data(), n = (int64_t)edges.size() - 1;
    if (edge[guess] <= at && at < edge[guess + 1]) return guess;
    if (guess + 1 < n && edge[guess + 1] <= at && at < edge[guess + 2]) return guess + 1;
    return std::upper_bound(edge, edge + n, at) - edge - 1;
  }
};

}  // namespace kpicore
