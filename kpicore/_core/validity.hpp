/* Values that hold from one instant to another, per key: what held when.
 *
 * The rows of a key become pieces that do not overlap: among the rows valid at an instant the one that
 * began last wins, of those the one that ends first, then the larger value. Neighbours of equal value are one
 * piece; where nothing or a null holds there is none. An end that is open is the largest instant. */
#pragma once
#include <algorithm>
#include <vector>

#include "export.hpp"
#include "lookup.hpp"
#include "pieces.hpp"
#include "span.hpp"

namespace kpicore {

constexpr int64_t FOREVER = INT64_MAX;

struct Piece {
  int64_t start, end;
  int32_t value; /* -1: null */
};

class Validity {
 public:
  Validity(const Span &keys, const Span &from, const Span &to, const Span &values) : rows(keys) {
    const int64_t n = keys.length;
    group_of_row.assign((size_t)n, -1);
    std::vector<int32_t> first((size_t)n);
    rows.rows(keys, first.data());
    std::vector<std::vector<Piece>> groups;
    for (int64_t row = 0; row < n; row++) {
      const int32_t at = first[(size_t)row];
      if (at < 0 || keys.i32[row] < 0) continue;
      if (group_of_row[(size_t)at] < 0) {
        group_of_row[(size_t)at] = (int32_t)groups.size();
        groups.emplace_back();
      }
      const Piece piece{is_null(from, row) ? INT64_MIN : from.i64[row], is_null(to, row) ? FOREVER : to.i64[row],
                        is_null(values, row) ? -1 : values.i32[row]};
      if (piece.start < piece.end) groups[(size_t)group_of_row[(size_t)at]].push_back(piece);
    }
    starts.push_back(0);
    for (std::vector<Piece> &group : groups) {
      lay_out(group);
      starts.push_back((int64_t)pieces.size());
    }
  }

  /* Writes the value that holds for each key, -1 where none does. */
  void at(const Span &keys, const Span &instants, int32_t *out) const {
    rows.rows(keys, out);
    for (int64_t row = 0; row < keys.length; row++) {
      const Piece *end, *piece = first_after(out[row], instants.i64[row], &end);
      const bool holds = piece != end && piece->start <= instants.i64[row] && !is_null(instants, row);
      out[row] = holds ? piece->value : -1;
    }
  }

  /* Appends to row, start, end, value what each interval is made of. */
  void cut(const Span &keys, const Span &starts, const Span &ends, OutBatch &out) const {
    std::vector<int32_t> first((size_t)keys.length);
    rows.rows(keys, first.data());
    Pieces written(out, 0, 3, 1, 2, keys.length);
    for (int64_t row = 0; row < keys.length; row++) {
      if (is_null(starts, row) || is_null(ends, row)) continue;
      int64_t at = starts.i64[row];
      const int64_t stop = ends.i64[row];
      const Piece *end, *piece = first_after(first[(size_t)row], at, &end);
      while (at < stop) {
        const bool holds = piece != end && piece->start <= at;
        const int64_t until = holds ? piece->end : piece != end ? piece->start : FOREVER;
        written.push(row, holds ? piece->value : -1, at, std::min(until, stop));
        at = until;
        piece += holds;
      }
    }
    written.finish();
    out[3].null_negatives();
  }

 private:
  RowByKey rows;
  std::vector<int32_t> group_of_row; /* by the first row of a key */
  std::vector<int64_t> starts;       /* where each group's pieces begin, and the end */
  std::vector<Piece> pieces;

  /* The first piece of a row's key that ends after an instant. */
  const Piece *first_after(int32_t row, int64_t instant, const Piece **end) const {
    const int32_t group = row < 0 ? -1 : group_of_row[(size_t)row];
    if (group < 0) return *end = nullptr;
    const Piece *begin = pieces.data() + starts[(size_t)group];
    *end = pieces.data() + starts[(size_t)group + 1];
    return std::partition_point(begin, *end, [=](const Piece &p) { return p.end <= instant && p.end != FOREVER; });
  }

  void emit(int64_t start, int64_t end, int32_t value) {
    if (value < 0 || start >= end) return;
    Piece *last = (int64_t)pieces.size() > starts.back() ? &pieces.back() : nullptr;
    if (last && last->end == start && last->value == value) last->end = end;
    else pieces.push_back(Piece{start, end, value});
  }

  /* Rows in the order in which they win: the last one begun is on top of the stack of those that hold. */
  void lay_out(std::vector<Piece> &group) {
    std::sort(group.begin(), group.end(), [](const Piece &a, const Piece &b) {
      if (a.start != b.start) return a.start < b.start;
      return a.end != b.end ? a.end > b.end : a.value < b.value;
    });
    std::vector<Piece> holding;
    int64_t now = INT64_MIN;
    const auto run_to = [&](int64_t until) {
      while (!holding.empty() && now < until) {
        const Piece &top = holding.back();
        emit(now, std::min(top.end, until), top.value);
        now = std::max(now, std::min(top.end, until));
        if (top.end <= now) holding.pop_back();
      }
      now = until;
    };
    for (const Piece &piece : group) {
      run_to(piece.start);
      holding.push_back(piece);
    }
    run_to(FOREVER);
  }
};

}  // namespace kpicore
