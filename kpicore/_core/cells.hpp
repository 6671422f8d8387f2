/* Intervals cut at the edges of cells.
 *
 * Most intervals lie within the cell of the row before: such a row is written without a branch that depends
 * on the data (one that takes no part is written too and then overwritten). Measured at 2 to 3 ns a row, with
 * four push_back a piece 10 ns. */
#pragma once
#include <algorithm>

#include "pieces.hpp"
#include "span.hpp"

namespace kpicore {

/* The cell of an instant, -1 outside; `guess` is any cell. */
inline int64_t locate_cell(const int64_t *edges, int64_t n_cells, int64_t at, int64_t guess) {
  if (edges[guess] <= at && at < edges[guess + 1]) return guess;
  if (at < edges[0] || at >= edges[n_cells]) return -1;
  int64_t low = 0, high = n_cells;
  if (at >= edges[guess + 1]) {
    if (at < edges[guess + 2]) return guess + 1;
    low = guess + 2;
  } else {
    high = guess;
  }
  return std::upper_bound(edges + low, edges + high, at) - edges - 1;
}

class Cutter {
 public:
  Cutter(const int64_t *edges, int64_t n_cells, OutBatch &out, int64_t expected)
      : edges(edges), n_cells(n_cells), pieces(out, 0, 1, 2, 3, expected + BLOCK) {}

  void cut(const Span &start, const Span &end, const Span &mask) {
    for (int64_t row = 0; row < start.length; row += BLOCK) {
      const int64_t n = std::min(start.length - row, BLOCK);
      Selection selection;
      selection.mask(mask, row, n);
      selection.not_null(start, row, n);
      selection.not_null(end, row, n);
      if (selection.all) memset(selection.keep, 1, sizeof(selection.keep));
      cut_block(start.i64 + row, end.i64 + row, selection.keep, row, n);
    }
    pieces.finish();
  }

 private:
  const int64_t *edges, n_cells;
  Pieces pieces;
  int64_t guess = 0;

  void cut_block(const int64_t *start, const int64_t *end, const uint8_t *keep, int64_t row, int64_t n) {
    const int64_t least = edges[0], most = edges[n_cells];
    int64_t cell = guess, from = edges[cell], until = edges[cell + 1];
    Pieces::Place at = pieces.room_for(n);
    for (int64_t i = 0; i < n; i++) {
      int64_t begin = std::max(start[i], least);
      const int64_t stop = std::min(end[i], most);
      const bool wanted = keep[i] & (begin < stop);
      if ((begin >= from) & (stop <= until)) {
        at.write(row + i, (int32_t)cell, begin, stop);
        at.advance(wanted);
        continue;
      }
      if (!wanted) continue;
      cell = locate_cell(edges, n_cells, begin, cell);
      from = edges[cell];
      until = edges[cell + 1];
      int64_t piece = cell, piece_end = until;
      for (; stop > piece_end; piece_end = edges[++piece + 1]) {
        at.write(row + i, (int32_t)piece, begin, piece_end);
        at.advance(true);
        begin = piece_end;
        if (at.full(n - i)) at = pieces.more(at, n - i);
      }
      at.write(row + i, (int32_t)piece, begin, stop);
      at.advance(true);
    }
    guess = cell;
    pieces.keep(at);
  }
};

}  // namespace kpicore
