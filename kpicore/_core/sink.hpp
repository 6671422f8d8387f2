/* Where a stream's rows go block by block, without an Arrow batch between stream and measures. */
#pragma once
#include <cstdint>
#include <cstring>
#include <exception>
#include <utility>

#include "span.hpp"

namespace kpicore {

class Sink {
 public:
  virtual ~Sink() = default;
  /* The columns of the fact in its order, all of one length; at most BLOCK rows. What goes wrong is kept. */
  void take(const Span *columns) noexcept {
    if (error) return;
    try {
      add(columns);
    } catch (...) {
      error = std::current_exception();
    }
  }
  /* Throws what went wrong since the last time. */
  void check() {
    if (const std::exception_ptr thrown = std::exchange(error, nullptr)) std::rethrow_exception(thrown);
  }

 protected:
  virtual void add(const Span *columns) = 0;

 private:
  std::exception_ptr error;
};

/* Columns of a block as spans. Codes below 0 are null, and their validity goes to `bits`; without bits there are none. */
inline Span times_of(const int64_t *values, int64_t n) {
  Span span{};
  span.i64 = values;
  span.length = n;
  return span;
}
inline Span codes_of(const int32_t *codes, int64_t n, uint8_t *bits) {
  Span span{};
  span.i32 = codes;
  span.length = n;
  if (bits == nullptr) return span;
  int32_t signs = 0;
  for (int64_t i = 0; i < n; i++) signs |= codes[i];
  if (signs >= 0) return span;
  memset(bits, 0, (size_t)n / 8 + 1);
  for (int64_t i = 0; i < n; i++) bits[i >> 3] |= (uint8_t)((codes[i] >= 0) << (i & 7));
  span.valid = bits;
  return span;
}
/* A column of nulls. */
inline Span no_codes(int64_t n) {
  static const int32_t zeros[BLOCK] = {};
  Span span = codes_of(zeros, n, nullptr);
  span.valid = reinterpret_cast<const uint8_t *>(zeros);
  return span;
}

}  // namespace kpicore
