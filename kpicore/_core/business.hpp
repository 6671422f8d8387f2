/* Working time as a look-up: a calendar compiled into a grid of equal cells of UTC.
 *
 * F(t) is the time worked before t. A cell holds F at its start and the one open piece within it, so that
 * F(t) costs one index, one load of 16 bytes and a clamp; a year of hours is 140 kB and stays in the cache.
 * The business duration of [s, e) is F(e) - F(s). The step is the coarsest of STEPS for which no cell has two
 * pieces and every jump of F (wall-clock counting across a gap) falls on the edge of a cell. It is a template
 * parameter because dividing by a constant is several times faster than by a variable.
 */
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

namespace kpicore {

struct GridCell {
  int64_t before;  /* F at the start of the cell */
  uint32_t from;   /* where the open piece begins, microseconds after the start of the cell */
  uint32_t length; /* how long it is; an hour in microseconds still fits */
};

static const int64_t STEPS[] = {3600000000LL, 1800000000LL, 900000000LL, 300000000LL, 60000000LL, 1000000LL};

/* What an end before its start is, and what is wrong with a row. */
enum Policy : int { REFUSE = 0, ZERO = 1, NEGATIVE = 2, NULLED = 3 };
enum Status : int { FINE = 0, REVERSED = 1, OUTSIDE = 2, NO_CALENDAR = 3 };

struct Rule {
  int reversed; /* a Policy */
  int64_t floor; /* a duration below it is raised to it */
  int64_t unit;  /* durations are cut to a multiple of it, towards zero */

  inline int64_t apply(int64_t d) const {
    if (reversed == ZERO && d < 0) d = 0;
    if (unit > 1) d -= d % unit;
    return floor > 0 && d >= 0 && d < floor ? floor : d;
  }
};

struct Grid {
  int64_t low = 0, high = 0, base = 0, step = 0;
  std::vector<GridCell> cells;

  inline bool holds(int64_t t) const { return t >= low && t <= high; }

  template <int64_t STEP>
  inline int64_t worked_by(int64_t t) const {
    const uint64_t x = (uint64_t)(t - base);
    const uint64_t index = STEP ? x / (uint64_t)(STEP ? STEP : 1) : x / (uint64_t)step;
    const GridCell &cell = cells[index];
    const int64_t rest = (int64_t)(x - index * (uint64_t)(STEP ? STEP : step));
    const int64_t open = std::min(std::max(rest - (int64_t)cell.from, (int64_t)0), (int64_t)cell.length);
    return cell.before + open;
  }

  /* Time worked before t, which must lie in [low, high]. */
  inline int64_t worked(int64_t t) const { return worked_by<0>(t); }
};

/* Whether cells of `step` hold at most one piece each and jumps lie on their edges. */
inline bool fits(const int64_t *start, const int64_t *length, const int64_t *before, int64_t n, int64_t base,
                 int64_t step) {
  int64_t total = 0, last = -1;
  for (int64_t i = 0; i < n; i++) {
    const int64_t first = (start[i] - base) / step;
    if (first == last || (before[i] != total && (start[i] - base) % step)) return false;
    total = before[i] + length[i];
    last = length[i] ? (start[i] + length[i] - 1 - base) / step : first;
  }
  return true;
}

/* Fills `grid` from sorted, disjoint pieces within [low, high]; false where it would need more than `limit` cells.
 */
inline bool fill_grid(Grid &grid, const int64_t *start, const int64_t *length, const int64_t *before, int64_t n,
                      int64_t low, int64_t high, int64_t limit) {
  const int64_t hour = STEPS[0];
  grid.low = low;
  grid.high = high;
  grid.base = (low / hour - (low % hour < 0)) * hour;
  grid.step = 0;
  for (int64_t step : STEPS) {
    if (fits(start, length, before, n, grid.base, step)) {
      grid.step = step;
      break;
    }
  }
  if (!grid.step || (high - grid.base) / grid.step >= limit) return false;
  const int64_t count = (high - grid.base) / grid.step + 1;
  grid.cells.resize((size_t)count);
  int64_t piece = 0, total = 0;
  for (int64_t k = 0; k < count; k++) {
    const int64_t left = grid.base + k * grid.step, right = left + grid.step;
    while (piece < n && start[piece] + length[piece] <= left && start[piece] < left) {
      total = before[piece] + length[piece];
      piece++;
    }
    GridCell &cell = grid.cells[(size_t)k];
    cell = GridCell{total, 0, 0};
    if (piece < n && start[piece] < right) {
      const int64_t open = std::max(start[piece], left);
      cell.before = before[piece] + (open - start[piece]);
      cell.from = (uint32_t)(open - left);
      cell.length = (uint32_t)(std::min(start[piece] + length[piece], right) - open);
    }
  }
  return true;
}

/* Durations of rows without nulls; blocks are checked as a whole before any row of them is looked up. */
template <int64_t STEP>
int between_dense(const Grid &grid, const int64_t *start, const int64_t *end, int64_t n, const Rule &rule,
                  int64_t *out, int64_t *row) {
  const uint64_t low = (uint64_t)grid.low, high = (uint64_t)grid.high;
  const bool plain = rule.reversed <= REFUSE && rule.floor <= 0 && rule.unit <= 1;
  for (int64_t at = 0; at < n; at += 1024) {
    const int64_t stop = std::min(at + 1024, n);
    uint64_t beyond = 0, turned = 0;
    for (int64_t i = at; i < stop; i++) {
      const uint64_t s = (uint64_t)start[i], e = (uint64_t)end[i];
      beyond |= (s - low) | (high - s) | (e - low) | (high - e);
      turned |= e - s;
    }
    if ((beyond | (rule.reversed == REFUSE ? turned : 0)) >> 63) {
      for (*row = at; grid.holds(start[*row]) && grid.holds(end[*row]); ++*row)
        if (rule.reversed == REFUSE && end[*row] < start[*row]) return REVERSED;
      return OUTSIDE;
    }
    for (int64_t i = at; i < stop; i++)
      out[i] = grid.template worked_by<STEP>(end[i]) - grid.template worked_by<STEP>(start[i]);
    if (!plain)
      for (int64_t i = at; i < stop; i++) out[i] = rule.apply(out[i]);
  }
  return FINE;
}

inline int between_any(const Grid &grid, const int64_t *start, const int64_t *end, int64_t n, const Rule &rule,
                       int64_t *out, int64_t *row) {
  switch (grid.step) {
    case 3600000000LL: return between_dense<3600000000LL>(grid, start, end, n, rule, out, row);
    case 1800000000LL: return between_dense<1800000000LL>(grid, start, end, n, rule, out, row);
    case 900000000LL: return between_dense<900000000LL>(grid, start, end, n, rule, out, row);
    default: return between_dense<0>(grid, start, end, n, rule, out, row);
  }
}

/* One row under the calendar it names. */
inline int between_one(const Grid &grid, int64_t start, int64_t end, const Rule &rule, int64_t *out, bool *null) {
  if (!grid.holds(start) || !grid.holds(end)) return OUTSIDE;
  *null = end < start && rule.reversed == NULLED;
  if (end < start && rule.reversed == REFUSE) return REVERSED;
  *out = rule.apply(grid.worked(end) - grid.worked(start));
  return FINE;
}

}  // namespace kpicore
