/* Dense ids of pairs of integers.
 *
 * Keys are normalised a block at a time: a null becomes NONE, a negative number SKIP. While both columns
 * are small (codes, cells) the ids lie in a grid with a row per `second`: a log ordered by time then works
 * in one row, 2 ns a row measured, a third of what hashing takes. A pair that would make the grid too
 * empty moves everything to a hash table for good. */
#pragma once
#include <algorithm>
#include <cstdlib>
#include <new>
#include <string>

#include "dump.hpp"
#include "hashing.hpp"
#include "span.hpp"

namespace kpicore {

/* Zeroed memory that costs nothing where it is never touched. */
struct Grid {
  int32_t *ids = nullptr; /* id + 2; 0 where there is none yet; 1 at place 0, which stands for no part */
  int64_t stride = 0, rows = 0;

  Grid() = default;
  Grid(const Grid &) = delete;
  Grid &operator=(const Grid &) = delete;
  ~Grid() { free(ids); }

  void clear() {
    free(ids);
    ids = nullptr;
    stride = rows = 0;
  }
  void widen(int64_t new_stride, int64_t new_rows) {
    int32_t *fresh = (int32_t *)calloc((size_t)(new_stride * new_rows + 1), sizeof(int32_t));
    if (fresh == nullptr) throw std::bad_alloc();
    fresh[0] = 1;
    for (int64_t row = 0; row < rows; row++)
      memcpy(fresh + 1 + row * new_stride, ids + 1 + row * stride, (size_t)stride * sizeof(int32_t));
    free(ids);
    ids = fresh;
    stride = new_stride;
    rows = new_rows;
  }
};

class PairIds {
 public:
  Values<Pair> keys() const { return gridded ? listed : table.keys; }
  int64_t size() const { return gridded ? (int64_t)listed.size() : table.size(); }

  void locate(const Span &first, const Span &second, const Span &mask, int32_t *out) {
    for (int64_t row = 0; row < first.length; row += BLOCK) {
      const int64_t n = first.length - row < BLOCK ? first.length - row : BLOCK;
      normalise(first, row, n, a);
      normalise(second, row, n, b);
      Selection selection;
      selection.mask(mask, row, n);
      if (!selection.all)
        for (int64_t i = 0; i < n; i++) {
          const int64_t keep = -(int64_t)selection.keep[i];
          a[i] = (a[i] & keep) | (SKIP & ~keep);
        }
      locate_block(n, out + row);
    }
  }

  void merge(const PairIds &other, int32_t *remap) {
    const Values<Pair> keys = other.keys();
    for (size_t row = 0; row < keys.size(); row += BLOCK) {
      const int64_t n = std::min<int64_t>((int64_t)(keys.size() - row), BLOCK);
      for (int64_t i = 0; i < n; i++) {
        a[i] = keys[row + (size_t)i].first;
        b[i] = keys[row + (size_t)i].second;
      }
      locate_block(n, remap + row);
    }
  }

  std::string dump() const {
    Dump dump;
    dump.open("pairs");
    dump.put_all(gridded ? listed : table.keys);
    dump.close();
    return std::move(dump.bytes);
  }

  /* Fills a fresh index. */
  void load(const char *data, int64_t length) {
    Values<Pair> keys;
    Load load;
    load.open(data, length, "pairs");
    load.get_all(keys);
    if (!load.done()) throw std::invalid_argument("these bytes are not the state of an index of pairs");
    gridded = false;
    table.reserve((int64_t)keys.size());
    for (size_t i = 0; i < keys.size(); i++) {
      if (keys[i].first < NONE || keys[i].second < NONE || table.add(keys[i], hash_of(keys[i])) != (int32_t)i)
        throw std::invalid_argument("pair " + std::to_string(i) + " of the state is negative or there twice");
    }
  }

 private:
  static constexpr int64_t NONE = -1, SKIP = -2;
  static constexpr int64_t SMALL_GRID = 1 << 22, EMPTIEST = 16; /* 16 MB; places a pair */
  static constexpr int64_t REMEMBERED = 1 << 18;                /* 4 MB */
  struct Last {
    int64_t second;
    int32_t id;
  };
  bool gridded = true;
  Grid grid;
  Values<Pair> listed; /* the keys while they are in the grid */
  IdTable<Pair> table;      /* the keys after that */
  std::vector<Last> last;   /* the pair that a small `first` came with last, by first + 1 */
  int64_t a[BLOCK], b[BLOCK];
  uint64_t hashes[BLOCK];
  int32_t missed[BLOCK];

  static void normalise(const Span &span, int64_t row, int64_t n, int64_t *out) {
    with_integers(span, [&](auto *values) {
      for (int64_t i = 0; i < n; i++) out[i] = values[row + i] < 0 ? SKIP : (int64_t)values[row + i];
    });
    if (span.valid == nullptr) return;
    Selection valid;
    valid.not_null(span, row, n);
    for (int64_t i = 0; i < n; i++) out[i] |= (int64_t)valid.keep[i] - 1; /* NONE has all bits */
  }

  void locate_block(int64_t n, int32_t *out) {
    if (gridded && !fit_grid(n)) leave_grid();
    if (gridded) look_up(n, out);
    else probe(n, out);
  }

  /* Makes the grid large enough for a block; false where it may not be. */
  bool fit_grid(int64_t n) {
    int64_t wide = NONE, high = NONE;
    for (int64_t i = 0; i < n; i++) {
      const int64_t skip = -(int64_t)((a[i] == SKIP) | (b[i] == SKIP)); /* NONE where skipped: no branch */
      wide = std::max(wide, a[i] | skip);
      high = std::max(high, b[i] | skip);
    }
    if (wide + 1 < grid.stride && high + 1 < grid.rows) return true;
    const int64_t room = std::max(SMALL_GRID, EMPTIEST * size());
    if (wide >= room || high >= room) return false;
    int64_t stride = std::max<int64_t>(grid.stride, 64), rows = std::max<int64_t>(grid.rows, 64);
    while (stride < wide + 2) stride *= 2;
    if (high + 2 > rows) rows = std::max(high + 2, std::min(rows * 2, room / stride));
    if (rows > room / stride) return false;
    grid.widen(stride, rows);
    return true;
  }

  void leave_grid() {
    table.reserve((int64_t)listed.size());
    for (const Pair &key : listed) table.add(key, hash_of(key));
    grid.clear();
    Values<Pair>().swap(listed);
    gridded = false;
  }

  void look_up(int64_t n, int32_t *out) {
    for (int64_t i = 0; i < n; i++) {
      const uint64_t taken = (uint64_t)((a[i] == SKIP) | (b[i] == SKIP)) - 1; /* all ones: no branch */
      const uint64_t at = (uint64_t)(b[i] + 1) * (uint64_t)grid.stride + (uint64_t)a[i] + 2;
      int32_t &place = grid.ids[at & taken];
      if (place == 0) {
        listed.push_back(Pair{a[i], b[i]});
        place = (int32_t)listed.size() + 1;
      }
      out[i] = place - 2;
    }
  }

  void probe(int64_t n, int32_t *out) {
    int64_t misses = 0;
    const Last *known = last.data();
    const uint64_t reach = last.size();
    for (int64_t i = 0; i < n; i++) {
      if ((a[i] == SKIP) | (b[i] == SKIP)) {
        out[i] = -1;
        continue;
      }
      const uint64_t place = (uint64_t)(a[i] + 1);
      if (place < reach && known[place].second == b[i]) {
        out[i] = known[place].id;
        continue;
      }
      const uint64_t hash = hash_of(Pair{a[i], b[i]});
      table.prefetch(hash);
      hashes[misses] = hash;
      missed[misses++] = (int32_t)i;
    }
    for (int64_t k = 0; k < misses; k++) {
      const int32_t i = missed[k];
      const int32_t id = table.add(Pair{a[i], b[i]}, hashes[k]);
      out[i] = id;
      remember(a[i] + 1, b[i], id);
    }
  }

  void remember(int64_t place, int64_t second, int32_t id) {
    if (place >= REMEMBERED) return;
    if (place >= (int64_t)last.size()) last.resize((size_t)(place + 1 + place / 2), Last{SKIP, -1});
    last[(size_t)place] = Last{second, id};
  }
};

}  // namespace kpicore
