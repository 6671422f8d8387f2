/* The facts that the contact flow writes. */
#pragma once
#include "fact_rows.hpp"
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
struct ContactRow {
  int64_t contact, opened_at, closed_at, resolved_at, reopens;
  int32_t agent, queue;
  bool filtered;
};

class FlowFacts {
 public:
  OutBatch visits, segments, contacts;
  Legs legs;

  void open() {
    visit_rows.n = segment_rows.n = contact_rows.n = 0;
    lay_out(visits, {{"contact_id", "l"}, {"queue", "i"}, {"agent_id", "i"}, {"entered_at", "l"},
                     {"left_at", "l"}, {"outcome", "i"}, {"wait", "l"}});
    lay_out(segments, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"kind", "i"},
                       {"start", "l"}, {"end", "l"}});
    legs.open();
    lay_out(contacts, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"opened_at", "l"},
                       {"closed_at", "l"}, {"resolved_at", "l"}, {"reopens", "l"}, {"filtered", "b"}});
  }
  /* Brings what is left into the columns. */
  void close() {
    flush_visits();
    flush_segments();
    legs.close();
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
    legs.add(LegRow{key, p.began_at, p.talk_ended_at, p.ended_at, p.ring, p.talk, p.hold, p.wrapup, p.agent,
                    p.queue, p.began, p.ended});
  }
  void contact(int64_t key, const Contact &c) {
    contact_rows.next() =
        ContactRow{key, c.opened_at, c.closed_at, c.resolved_at, c.reopens, c.charge, c.queue, c.filtered};
    if (contact_rows.full()) flush_contacts();
  }

 private:
  RowBlock<VisitRow> visit_rows;
  RowBlock<SegmentRow> segment_rows;
  RowBlock<ContactRow> contact_rows;

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
