/* The facts that the contact flow writes. They are collected as rows, which is one check and one cache line
 * or two for a fact, and turned into columns a block at a time: half the time of a checked push per value. */
#pragma once
#include <initializer_list>
#include <utility>

#include "columns.hpp"
#include "flow_state.hpp"

namespace kpicore {

struct VisitRow {
  int64_t contact, entered_at, left_at, wait;
  int32_t queue, agent, outcome;
};
struct SegmentRow {
  int64_t contact, start, end;
  int32_t agent, queue, kind;
};
struct LegRow {
  int64_t contact, began_at, talk_ended_at, ended_at, ring, talk, hold, wrapup;
  int32_t agent, queue, began, ended;
};
struct ContactRow {
  int64_t contact, opened_at, closed_at, resolved_at, reopens;
  int32_t agent, queue;
  bool filtered;
};

/* Rows of one fact on their way into its columns. */
template <class Row>
class RowBlock {
 public:
  Row rows[256];
  int n = 0;

  Row &next() { return rows[n++]; }
  bool full() const { return n == 256; }

  void put(OutColumn &column, int64_t Row::*field) const {
    int64_t values[256];
    for (int i = 0; i < n; i++) values[i] = rows[i].*field;
    append64(column, values, n);
  }
  void put_time(OutColumn &column, int64_t Row::*field) const {
    int64_t values[256];
    uint8_t valid[256];
    bool nulls = false;
    for (int i = 0; i < n; i++) {
      values[i] = rows[i].*field;
      valid[i] = values[i] != NO_TIME;
      nulls |= !valid[i];
    }
    if (nulls) append_some64(column, values, valid, n);
    else append64(column, values, n);
  }
  void put(OutColumn &column, int32_t Row::*field) const {
    int32_t values[256];
    for (int i = 0; i < n; i++) values[i] = rows[i].*field;
    append_codes(column, values, n);
  }
  void put(OutColumn &column, bool Row::*field) const {
    for (int i = 0; i < n; i++) column.push8(rows[i].*field);
  }
};

class FlowFacts {
 public:
  OutBatch visits, segments, legs, contacts;

  void open() {
    visit_rows.n = segment_rows.n = leg_rows.n = contact_rows.n = 0;
    layout(visits, {{"contact_id", "l"}, {"queue", "i"}, {"agent_id", "i"}, {"entered_at", "l"},
                    {"left_at", "l"}, {"outcome", "i"}, {"wait", "l"}});
    layout(segments, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"kind", "i"},
                      {"start", "l"}, {"end", "l"}});
    layout(legs, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"began_at", "l"},
                  {"talk_ended_at", "l"}, {"ended_at", "l"}, {"began", "i"}, {"ended", "i"},
                  {"ring", "l"}, {"talk", "l"}, {"hold", "l"}, {"wrapup", "l"}});
    layout(contacts, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"opened_at", "l"},
                      {"closed_at", "l"}, {"resolved_at", "l"}, {"reopens", "l"}, {"filtered", "b"}});
  }
  /* Brings what is left into the columns. */
  void close() {
    flush_visits();
    flush_segments();
    flush_legs();
    flush_contacts();
  }

  void visit(int64_t key, const Contact &c, int64_t left_at, int32_t how, int32_t agent) {
    const int64_t wait = left_at == NO_TIME ? NO_TIME : span_between(c.entered_at, left_at);
    visit_rows.next() = VisitRow{key, c.entered_at, left_at, wait, c.visit_queue, agent, how};
    if (visit_rows.full()) flush_visits();
  }
  void segment(int64_t key, const Part &p, int32_t what, int64_t end) {
    segment_rows.next() = SegmentRow{key, p.since, end, p.agent, p.queue, what};
    if (segment_rows.full()) flush_segments();
  }
  void leg(int64_t key, const Part &p) {
    leg_rows.next() = LegRow{key,    p.began_at, p.talk_ended_at, p.ended_at, p.ring,  p.talk,
                             p.hold, p.wrapup,   p.agent,         p.queue,    p.began, p.ended};
    if (leg_rows.full()) flush_legs();
  }
  void contact(int64_t key, const Contact &c) {
    contact_rows.next() =
        ContactRow{key, c.opened_at, c.closed_at, c.resolved_at, c.reopens, c.charge, c.queue, c.filtered};
    if (contact_rows.full()) flush_contacts();
  }

 private:
  RowBlock<VisitRow> visit_rows;
  RowBlock<SegmentRow> segment_rows;
  RowBlock<LegRow> leg_rows;
  RowBlock<ContactRow> contact_rows;

  static void layout(OutBatch &batch, std::initializer_list<std::pair<const char *, const char *>> columns) {
    batch.clear();
    for (const auto &column : columns) {
      batch.emplace_back();
      batch.back().name = column.first;
      batch.back().format = column.second;
    }
  }
  void flush_visits() {
    visit_rows.put(visits[0], &VisitRow::contact);
    visit_rows.put(visits[1], &VisitRow::queue);
    visit_rows.put(visits[2], &VisitRow::agent);
    visit_rows.put(visits[3], &VisitRow::entered_at);
    visit_rows.put_time(visits[4], &VisitRow::left_at);
    visit_rows.put(visits[5], &VisitRow::outcome);
    visit_rows.put_time(visits[6], &VisitRow::wait);
    visit_rows.n = 0;
  }
  void flush_segments() {
    segment_rows.put(segments[0], &SegmentRow::contact);
    segment_rows.put(segments[1], &SegmentRow::agent);
    segment_rows.put(segments[2], &SegmentRow::queue);
    segment_rows.put(segments[3], &SegmentRow::kind);
    segment_rows.put(segments[4], &SegmentRow::start);
    segment_rows.put(segments[5], &SegmentRow::end);
    segment_rows.n = 0;
  }
  void flush_legs() {
    leg_rows.put(legs[0], &LegRow::contact);
    leg_rows.put(legs[1], &LegRow::agent);
    leg_rows.put(legs[2], &LegRow::queue);
    leg_rows.put(legs[3], &LegRow::began_at);
    leg_rows.put_time(legs[4], &LegRow::talk_ended_at);
    leg_rows.put_time(legs[5], &LegRow::ended_at);
    leg_rows.put(legs[6], &LegRow::began);
    leg_rows.put(legs[7], &LegRow::ended);
    leg_rows.put(legs[8], &LegRow::ring);
    leg_rows.put(legs[9], &LegRow::talk);
    leg_rows.put(legs[10], &LegRow::hold);
    leg_rows.put(legs[11], &LegRow::wrapup);
    leg_rows.n = 0;
  }
  void flush_contacts() {
    contact_rows.put(contacts[0], &ContactRow::contact);
    contact_rows.put(contacts[1], &ContactRow::agent);
    contact_rows.put(contacts[2], &ContactRow::queue);
    contact_rows.put_time(contacts[3], &ContactRow::opened_at);
    contact_rows.put_time(contacts[4], &ContactRow::closed_at);
    contact_rows.put_time(contacts[5], &ContactRow::resolved_at);
    contact_rows.put(contacts[6], &ContactRow::reopens);
    contact_rows.put(contacts[7], &ContactRow::filtered);
    contact_rows.n = 0;
  }
};

}  // namespace kpicore
