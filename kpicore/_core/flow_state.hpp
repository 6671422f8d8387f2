/* What the contact flow knows of a contact. */
#pragma once
#include <cstdint>

namespace kpicore {

constexpr int64_t NO_TIME = INT64_MIN;
constexpr int32_t NOBODY = -1; /* a null id */

/* Wraps around instead of overflowing: times are checked where they enter, not here. */
inline int64_t span_between(int64_t start, int64_t end) { return (int64_t)((uint64_t)end - (uint64_t)start); }
inline int64_t longer(int64_t sum, int64_t more) { return (int64_t)((uint64_t)sum + (uint64_t)more); }

/* One event; null ids, details and sequence numbers are less than all others. */
struct FlowRow {
  int64_t at, seq;
  int32_t agent, to_agent, queue, to_queue;
  int8_t event, detail;
  int16_t unused;
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
  int64_t since; /* when the phase began */
  int64_t began_at, talk_ended_at, ended_at;
  int64_t ring, talk, hold, wrapup;
  int32_t agent, queue, next;
  int16_t phase;
  int8_t began, ended;
};

enum Status : int8_t { OPEN, WAITING, SOLVED, CLOSED };

struct Contact {
  FlowRow last;
  int64_t opened_at, closed_at, resolved_at, entered_at;
  int32_t visit_queue, arrival_queue, queue, charge;
  int32_t parts; /* the first one's index, -1 for none */
  int32_t reopens;
  int8_t status, arrival; /* arrival: how the next leg will begin, -1 where nothing is announced */
  bool waits, filtered;
  bool owned; /* a part may be ASSIGNED */
  int8_t unused[3];
};

static_assert(sizeof(FlowRow) == 40 && sizeof(Part) == 80 && sizeof(Contact) == 104, "no hidden padding: it is dumped");

}  // namespace kpicore
