/* What the contact flow knows of a contact. */
#pragma once
#include "fact_rows.hpp"

namespace kpicore {

/* One event; null ids, details and sequence numbers are less than all others. */
struct FlowRow {
  int64_t at = NO_TIME, seq = NO_TIME;
  int32_t agent = NOBODY, to_agent = NOBODY, queue = NOBODY, to_queue = NOBODY;
  int8_t event = -1, detail = -1;
  int16_t unused = 0;
};

/* What an agent is doing with a contact. An agent has at most one part in RING and one in another phase. */
enum Phase : int16_t {
  RING = 1,
  ASSIGNED = 2, /* has it, but may yet answer it */
  TALK = 4,
  HOLD = 8,
  PENDING = 16, /* waits for the customer */
  RESOLVED = 32,
  DONE = 64, /* the conversation is over, wrap-up may follow */
  WRAPUP = 128,
  FINISHED = 256, /* wrap-up is over, the contact has not said how the leg ended */
  LIVE = TALK | HOLD | PENDING | RESOLVED,
  PAST = DONE | WRAPUP | FINISHED,
  ANY = 511,
};

struct Part {
  int64_t since = 0; /* when the phase began */
  int64_t began_at = NO_TIME, talk_ended_at = NO_TIME, ended_at = NO_TIME;
  int64_t ring = 0, talk = 0, hold = 0, wrapup = 0;
  int32_t agent = NOBODY, queue = NOBODY, next = -1;
  int16_t phase = 0;
  int8_t began = -1, ended = -1;
};

enum Status : int8_t { OPEN, WAITING, SOLVED, CLOSED };

struct Contact {
  FlowRow last;
  int64_t opened_at = NO_TIME, closed_at = NO_TIME, resolved_at = NO_TIME, entered_at = NO_TIME;
  int32_t visit_queue = NOBODY, arrival_queue = NOBODY, queue = NOBODY, charge = NOBODY;
  int32_t parts = -1;
  int32_t reopens = 0;
  int8_t status = 0;   /* a Status */
  int8_t arrival = -1; /* how the next leg will begin, -1 where nothing is announced */
  bool waits = false, filtered = false;
  bool owned = false; /* a part may be ASSIGNED */
  int8_t unused[3] = {};
};

static_assert(sizeof(FlowRow) == 40 && sizeof(Part) == 80 && sizeof(Contact) == 104, "no hidden padding: it is dumped");

}  // namespace kpicore
