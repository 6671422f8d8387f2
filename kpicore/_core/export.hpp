/* Hands columns that the core has filled to the Arrow C data interface without copying. */
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "arrow_c.h"
#include "pool.hpp"

namespace kpicore {

/* One output column: 8, 4 or 1 bytes a value, with validity kept a byte a row until it is exported. */
struct OutColumn {
  std::string name;
  std::string format; /* "l" int64, "i" int32, "c" int8, "g" float64, "b" bool */
  Values<int64_t> i64;
  Values<int32_t> i32;
  Values<double> f64;
  Values<uint8_t> u8;
  Values<uint8_t> valid; /* empty: no nulls so far */
  int64_t nulls = 0;

  int64_t size() const {
    switch (format[0]) {
      case 'l': return (int64_t)i64.size();
      case 'i': return (int64_t)i32.size();
      case 'g': return (int64_t)f64.size();
      default: return (int64_t)u8.size();
    }
  }
  inline void mark_null() {
    if (valid.empty()) valid.assign((size_t)size(), 1);
    nulls++;
  }
  inline void note_valid() {
    if (!valid.empty()) valid.push_back(1);
  }
  inline void push64(int64_t v) { i64.push_back(v); note_valid(); }
  inline void push32(int32_t v) { i32.push_back(v); note_valid(); }
  inline void push8(uint8_t v) { u8.push_back(v); note_valid(); }
  inline void pushf(double v) { f64.push_back(v); note_valid(); }
  inline void push_null() {
    mark_null();
    switch (format[0]) {
      case 'l': i64.push_back(0); break;
      case 'i': i32.push_back(0); break;
      case 'g': f64.push_back(0); break;
      default: u8.push_back(0); break;
    }
    valid.push_back(0);
  }
  /* Turns the negative of codes written to i32 into nulls. */
  inline void null_negatives() {
    int32_t signs = 0;
    for (int32_t code : i32) signs |= code;
    if (signs >= 0) return;
    valid.resize(i32.size());
    for (size_t i = 0; i < i32.size(); i++) {
      const int32_t code = i32[i];
      valid[i] = code >= 0;
      nulls += code < 0;
      i32[i] = code & ~(code >> 31);
    }
  }
  /* A code of -1 is a null id. */
  inline void push_code(int32_t v) {
    if (v < 0) push_null(); else push32(v);
  }
};

typedef std::vector<OutColumn> OutBatch;

struct ColumnOwner {
  OutColumn column;
  Values<uint8_t> bits; /* validity, packed */
  Values<uint8_t> flags; /* booleans, packed */
  const void *buffers[2];
};

inline void pack(const Values<uint8_t> &bytes, Values<uint8_t> &bits) {
  const size_t n = bytes.size(), whole = n / 8;
  bits.assign(whole + 1, 0);
  for (size_t i = 0; i < whole; i++) {
    uint64_t word = 0;
    for (int k = 0; k < 8; k++) word |= (uint64_t)(bytes[8 * i + (size_t)k] != 0) << (8 * k);
    bits[i] = (uint8_t)((word * 0x0102040810204080ull) >> 56); /* gathers the lowest bits of 8 bytes */
  }
  for (size_t i = 8 * whole; i < n; i++) bits[i >> 3] |= (uint8_t)((bytes[i] != 0) << (i & 7));
}

inline void release_column(ArrowArray *array) {
  delete static_cast<ColumnOwner *>(array->private_data);
  array->release = nullptr;
}

inline void release_schema(ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    if (schema->children[i]->release) schema->children[i]->release(schema->children[i]);
    free(schema->children[i]);
  }
  free(schema->children);
  free((void *)schema->name);
  free((void *)schema->format);
  schema->release = nullptr;
}

inline void release_struct(ArrowArray *array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    if (array->children[i]->release) array->children[i]->release(array->children[i]);
    free(array->children[i]);
  }
  free(array->children);
  free((void *)array->buffers);
  array->release = nullptr;
}

inline void fill_schema(ArrowSchema *out, const char *format, const char *name, int64_t n_children) {
  memset(out, 0, sizeof(*out));
  out->format = strdup(format);
  out->name = strdup(name);
  out->flags = 2; /* nullable */
  out->n_children = n_children;
  out->children = n_children ? (ArrowSchema **)calloc((size_t)n_children, sizeof(ArrowSchema *)) : nullptr;
  out->release = release_schema;
}

inline void fill_column(ArrowArray *out, OutColumn &&column) {
  ColumnOwner *owner = new ColumnOwner();
  owner->column = std::move(column);
  OutColumn &c = owner->column;
  memset(out, 0, sizeof(*out));
  out->length = c.size();
  out->null_count = c.nulls;
  out->n_buffers = 2;
  if (c.nulls == c.size()) owner->bits.assign((size_t)c.nulls / 8 + 1, 0);
  else if (c.nulls) pack(c.valid, owner->bits);
  owner->buffers[0] = c.nulls ? owner->bits.data() : nullptr;
  static const int64_t nothing = 0;
  const void *data = nullptr;
  switch (c.format[0]) {
    case 'l': data = c.i64.data(); break;
    case 'i': data = c.i32.data(); break;
    case 'g': data = c.f64.data(); break;
    case 'b': pack(c.u8, owner->flags); data = owner->flags.data(); break;
    default: data = c.u8.data(); break;
  }
  owner->buffers[1] = data ? data : &nothing;
  out->buffers = owner->buffers;
  out->private_data = owner;
  out->release = release_column;
}

/* Moves the columns into a struct array; `batch` is empty afterwards. */
inline void export_batch(OutBatch &batch, ArrowSchema *schema, ArrowArray *array) {
  int64_t n = (int64_t)batch.size();
  fill_schema(schema, "+s", "", n);
  memset(array, 0, sizeof(*array));
  array->length = n ? batch[0].size() : 0;
  array->n_buffers = 1;
  array->buffers = (const void **)calloc(1, sizeof(void *));
  array->n_children = n;
  array->children = n ? (ArrowArray **)calloc((size_t)n, sizeof(ArrowArray *)) : nullptr;
  array->release = release_struct;
  for (int64_t i = 0; i < n; i++) {
    schema->children[i] = (ArrowSchema *)calloc(1, sizeof(ArrowSchema));
    fill_schema(schema->children[i], batch[i].format.c_str(), batch[i].name.c_str(), 0);
    array->children[i] = (ArrowArray *)calloc(1, sizeof(ArrowArray));
    fill_column(array->children[i], std::move(batch[i]));
  }
  batch.clear();
}

inline void export_column(OutColumn &column, ArrowSchema *schema, ArrowArray *array) {
  fill_schema(schema, column.format.c_str(), column.name.c_str(), 0);
  fill_column(array, std::move(column));
}

}  // namespace kpicore
