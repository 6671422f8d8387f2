/* A column to read, and how blocks of its rows are brought into a form that loops can take. */
#pragma once
#include <cstdint>
#include <cstring>

namespace kpicore {

/* Exactly one of the data pointers is set; it already points at row 0 of the slice. An absent column
 * has length 0 and no pointer. `valid` is null where there are no nulls. */
struct Span {
  const int64_t *i64;
  const int32_t *i32;
  const int16_t *i16;
  const int8_t *i8;
  const uint32_t *u32;
  const uint16_t *u16;
  const uint8_t *u8;
  const double *f64;
  const uint8_t *bits;  /* packed booleans, to be read at offset + row */
  const uint8_t *valid; /* packed, to be read at offset + row */
  int64_t offset;
  int64_t length;
};

/* Rows per block: its buffers stay in the first-level cache. */
constexpr int64_t BLOCK = 1024;

inline bool bit_at(const uint8_t *bits, int64_t i) { return (bits[i >> 3] >> (i & 7)) & 1; }

inline bool is_null(const Span &span, int64_t row) {
  return span.valid != nullptr && !bit_at(span.valid, span.offset + row);
}

/* Spreads n packed bits, from bit `at` on, to bytes of 0 or 1, eight at a time. */
inline void spread(const uint8_t *bits, int64_t at, int64_t n, uint8_t *out) {
  const uint8_t *byte = bits + (at >> 3);
  const int shift = (int)(at & 7);
  int64_t i = 0;
  for (; i + 8 <= n; i += 8, byte++) {
    uint64_t eight = byte[0];
    if (shift) eight = ((eight >> shift) | ((uint64_t)byte[1] << (8 - shift))) & 0xFF;
    eight = (eight * 0x0101010101010101ull) & 0x8040201008040201ull;
    eight = ((eight + 0x7F7F7F7F7F7F7F7Full) >> 7) & 0x0101010101010101ull;
    memcpy(out + i, &eight, 8);
  }
  for (; i < n; i++) out[i] = bit_at(bits, at + i);
}

/* Which rows of a block take part: those where every bitmap shown to it is set. */
struct Selection {
  uint8_t keep[BLOCK];
  bool all = true;

  void narrow(const uint8_t *bits, int64_t at, int64_t n) {
    if (bits == nullptr) return;
    if (all) {
      spread(bits, at, n, keep);
      all = false;
      return;
    }
    uint8_t more[BLOCK];
    spread(bits, at, n, more);
    for (int64_t i = 0; i < n; i++) keep[i] &= more[i];
  }
  void not_null(const Span &span, int64_t row, int64_t n) { narrow(span.valid, span.offset + row, n); }
  /* A mask keeps the rows where it is true; an absent one keeps all. */
  void mask(const Span &span, int64_t row, int64_t n) {
    if (span.bits == nullptr) return;
    not_null(span, row, n);
    narrow(span.bits, span.offset + row, n);
  }
};

/* Calls `loop` with the data pointer of an integer column, in its own type. */
template <class Loop>
inline void with_integers(const Span &span, Loop loop) {
  if (span.i64) loop(span.i64);
  else if (span.i32) loop(span.i32);
  else if (span.i16) loop(span.i16);
  else if (span.i8) loop(span.i8);
  else if (span.u32) loop(span.u32);
  else if (span.u16) loop(span.u16);
  else if (span.u8) loop(span.u8);
}

}  // namespace kpicore
