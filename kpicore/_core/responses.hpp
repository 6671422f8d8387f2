/* The records of responses: what is known of a contact, and a block of output. */
#pragma once
#include <cstdint>

#include "columns.hpp"
#include "keyed.hpp"

namespace kpicore {

/* What `bits` of a contact hold beside the author of its last row (the lowest four bits). */
enum : uint32_t { AUTHOR = 15, OPEN = 16, ASKED_ONCE = 32, BEGUN_BY_AGENT = 64, NAMED = 128, ROW_NAMED = 256 };

struct Contact {
  int64_t key;
  int64_t at;         /* of its last row */
  int64_t asked_at;   /* while OPEN */
  int32_t row_agent;  /* of its last row */
  int32_t agent;      /* the last human agent seen */
  uint32_t ordinal;
  uint32_t bits;

  void clear() {
    at = INT64_MIN;
    asked_at = 0;
    row_agent = agent = -1;
    ordinal = bits = 0;
  }
};

/* Beside a contact, only where messages have an order of their own or name customers. */
struct Beside {
  int64_t seq = INT64_MIN;   /* of its last row */
  int64_t row_customer = 0;  /* of its last row, where ROW_NAMED */
  int64_t customer = 0;      /* the last one named, where NAMED */
};

constexpr int ROWS = 256;

struct Answers {
  int64_t contact[ROWS], customer[ROWS], asked_at[ROWS], answered_at[ROWS], ordinal[ROWS];
  int32_t agent[ROWS];
  uint8_t named[ROWS];
  int64_t size = 0;

  void flush(OutBatch &out, bool beside, bool answered) {
    append64(out[0], contact, size);
    if (beside) append_some64(out[1], customer, named, size);
    append_codes(out[2], agent, size);
    append64(out[3], asked_at, size);
    if (answered) append64(out[4], answered_at, size);
    else append_null64s(out[4], size);
    append64(out[5], ordinal, size);
    size = 0;
  }
};

}  // namespace kpicore
