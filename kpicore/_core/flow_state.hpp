/* What the contact flow knows of a contact, and the facts that it writes. */
#pragma once
#include <initializer_list>
#include <utility>

#include "chunks.hpp"
#include "dump.hpp"
#include "export.hpp"
#include "flow_words.hpp"
#include "hashing.hpp"

namespace kpicore {

constexpr int64_t NO_TIME = INT64_MIN;
constexpr int32_t NOBODY = -1; /* a null id */

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
  int32_t unused;
};

static_assert(sizeof(FlowRow) == 40 && sizeof(Part) == 80 && sizeof(Contact) == 104, "no hidden padding: it is dumped");

typedef std::initializer_list<std::pair<const char *, const char *>> Layout;

inline void open_batch(OutBatch &batch, Layout layout) {
  batch.clear();
  for (const auto &column : layout) {
    batch.emplace_back();
    batch.back().name = column.first;
    batch.back().format = column.second;
  }
}

inline void push_time(OutColumn &column, int64_t at) {
  if (at == NO_TIME) column.push_null();
  else column.push64(at);
}

/* Wraps around instead of overflowing: times are checked where they enter, not here. */
inline int64_t span_between(int64_t start, int64_t end) { return (int64_t)((uint64_t)end - (uint64_t)start); }

struct FlowFacts {
  OutBatch visits, segments, legs, contacts;

  void open() {
    open_batch(visits, {{"contact_id", "l"}, {"queue", "i"}, {"agent_id", "i"}, {"entered_at", "l"},
                        {"left_at", "l"}, {"outcome", "i"}, {"wait", "l"}});
    open_batch(segments, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"kind", "i"},
                          {"start", "l"}, {"end", "l"}});
    open_batch(legs, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"began_at", "l"},
                      {"talk_ended_at", "l"}, {"ended_at", "l"}, {"began", "i"}, {"ended", "i"},
                      {"ring", "l"}, {"talk", "l"}, {"hold", "l"}, {"wrapup", "l"}});
    open_batch(contacts, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"opened_at", "l"},
                          {"closed_at", "l"}, {"resolved_at", "l"}, {"reopens", "l"}, {"filtered", "b"}});
  }
  void visit(int64_t key, const Contact &c, int64_t left_at, int32_t how, int32_t agent) {
    visits[0].push64(key);
    visits[1].push_code(c.visit_queue);
    visits[2].push_code(agent);
    visits[3].push64(c.entered_at);
    push_time(visits[4], left_at);
    visits[5].push32(how);
    push_time(visits[6], left_at == NO_TIME ? NO_TIME : span_between(c.entered_at, left_at));
  }
  void segment(int64_t key, const Part &p, int32_t what, int64_t end) {
    segments[0].push64(key);
    segments[1].push32(p.agent);
    segments[2].push_code(p.queue);
    segments[3].push32(what);
    segments[4].push64(p.since);
    segments[5].push64(end);
  }
  void leg(int64_t key, const Part &p) {
    legs[0].push64(key);
    legs[1].push32(p.agent);
    legs[2].push_code(p.queue);
    legs[3].push64(p.began_at);
    push_time(legs[4], p.talk_ended_at);
    push_time(legs[5], p.ended_at);
    legs[6].push32(p.began);
    legs[7].push32(p.ended);
    legs[8].push64(p.ring);
    legs[9].push64(p.talk);
    legs[10].push64(p.hold);
    legs[11].push64(p.wrapup);
  }
  void contact(int64_t key, const Contact &c) {
    contacts[0].push64(key);
    contacts[1].push_code(c.charge);
    contacts[2].push_code(c.queue);
    contacts[3].push64(c.opened_at);
    push_time(contacts[4], c.closed_at);
    push_time(contacts[5], c.resolved_at);
    contacts[6].push64(c.reopens);
    contacts[7].push8(c.filtered);
  }
};

}  // namespace kpicore
