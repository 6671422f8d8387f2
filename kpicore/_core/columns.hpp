/* Appends a block of 32 or 64 bit values to an output column at once: no check per value. */
#pragma once
#include "export.hpp"

namespace kpicore {

inline void reserve_rows(OutBatch &batch, int64_t rows) {
  for (OutColumn &column : batch) {
    if (column.format[0] == 'l') column.i64.reserve((size_t)rows);
    else column.i32.reserve((size_t)rows);
  }
}

inline void append64(OutColumn &column, const int64_t *values, int64_t n) {
  column.i64.insert(column.i64.end(), values, values + n);
  if (!column.valid.empty()) column.valid.resize(column.valid.size() + (size_t)n, 1);
}

/* Codes; a negative one is null. */
inline void append_codes(OutColumn &column, const int32_t *codes, int64_t n) {
  int32_t sign = 0;
  for (int64_t i = 0; i < n; i++) sign |= codes[i];
  if (sign >= 0) {
    column.i32.insert(column.i32.end(), codes, codes + n);
    if (!column.valid.empty()) column.valid.resize(column.valid.size() + (size_t)n, 1);
    return;
  }
  const size_t size = column.i32.size();
  column.valid.resize(size, 1);
  column.valid.resize(size + (size_t)n);
  column.i32.resize(size + (size_t)n);
  int32_t *__restrict to = column.i32.data() + size;
  uint8_t *__restrict valid = column.valid.data() + size;
  int64_t nulls = 0;
  for (int64_t i = 0; i < n; i++) {
    to[i] = codes[i] < 0 ? 0 : codes[i];
    nulls += codes[i] < 0;
  }
  for (int64_t i = 0; i < n; i++) valid[i] = codes[i] >= 0;
  column.nulls += nulls;
}

inline void append_null_codes(OutColumn &column, int64_t n) {
  column.valid.resize(column.i32.size(), 1);
  column.valid.resize(column.i32.size() + (size_t)n, 0);
  column.i32.resize(column.i32.size() + (size_t)n, 0);
  column.nulls += n;
}

inline void append_null64s(OutColumn &column, int64_t n) {
  column.valid.resize(column.i64.size(), 1);
  column.valid.resize(column.i64.size() + (size_t)n, 0);
  column.i64.resize(column.i64.size() + (size_t)n, 0);
  column.nulls += n;
}

/* Values with a byte each that says whether they are valid. */
inline void append_some64(OutColumn &column, const int64_t *values, const uint8_t *valid, int64_t n) {
  size_t size = column.i64.size();
  column.i64.insert(column.i64.end(), values, values + n);
  column.valid.resize(size, 1);
  column.valid.insert(column.valid.end(), valid, valid + n);
  for (int64_t i = 0; i < n; i++) column.nulls += !valid[i];
}

}  // namespace kpicore
