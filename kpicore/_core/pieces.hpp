/* Pieces of cut intervals on their way into four columns.
 *
 * The columns are sized in advance and written through pointers; what is too much is dropped at the end. */
#pragma once
#include "export.hpp"

namespace kpicore {

class Pieces {
 public:
  /* Where the next piece goes. The caller keeps it in registers and sees to it that there is room. */
  struct Place {
    int32_t *rows, *codes;
    int64_t *starts, *ends, n, room;

    void write(int64_t row, int32_t code, int64_t start, int64_t end) const {
      rows[n] = (int32_t)row;
      codes[n] = code;
      starts[n] = start;
      ends[n] = end;
    }
    void advance(bool written) { n += written; }
    bool full(int64_t wanted) const { return room - n < wanted; }
  };

  /* The columns lie at these places of `out`; there will be about `expected` pieces. */
  Pieces(OutBatch &out, int row, int code, int start, int end, int64_t expected)
      : rows(out[(size_t)row].i32), codes(out[(size_t)code].i32), starts(out[(size_t)start].i64),
        ends(out[(size_t)end].i64) {
    resize(expected + 64);
  }
  Place room_for(int64_t wanted) { return more(place, wanted); }
  Place more(const Place &at, int64_t wanted) {
    keep(at);
    if (place.full(wanted)) resize(place.room * 2 + wanted);
    return place;
  }
  void keep(const Place &at) { place.n = at.n; }
  void push(int64_t row, int32_t code, int64_t start, int64_t end) {
    if (place.full(1)) resize(place.room * 2);
    place.write(row, code, start, end);
    place.n++;
  }
  void finish() { resize(place.n); }

 private:
  Values<int32_t> &rows, &codes;
  Values<int64_t> &starts, &ends;
  Place place{};

  void resize(int64_t wanted) {
    rows.resize((size_t)wanted);
    codes.resize((size_t)wanted);
    starts.resize((size_t)wanted);
    ends.resize((size_t)wanted);
    place = Place{rows.data(), codes.data(), starts.data(), ends.data(), place.n, wanted};
  }
};

}  // namespace kpicore
