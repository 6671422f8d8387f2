/* Legs put together from segments; what belongs to one leg is said in kpicore/facts/legs.py.
 *
 * A contact is its last row and a list of parts, one for each agent: the leg that grows, and the rings since,
 * of which nobody knows yet what they lead to. */
#pragma once
#include <algorithm>

#include "fact_rows.hpp"
#include "flow_words.hpp"
#include "keyed_states.hpp"

namespace kpicore {

struct SegmentEvent {
  int64_t start = NO_TIME, end = NO_TIME;
  int32_t kind = -1, agent = NOBODY, queue = NOBODY, unused = 0;
};
struct SegmentContact {
  SegmentEvent last;
  int32_t parts = -1, unused = 0;
};
struct SegmentPart {
  LegRow leg{0, NO_TIME, NO_TIME, NO_TIME, 0, 0, 0, 0, NOBODY, NOBODY, began::answered, ended::unknown};
  int64_t ring = 0, ring_end = NO_TIME;
  int32_t ring_queue = NOBODY, next = -1;
  bool passed = false; /* another agent talked after all of this leg */
  int8_t unused[7] = {};

  bool begun() const { return leg.ended_at != NO_TIME; }
  void forget_rings() {
    ring = 0;
    ring_end = NO_TIME;
    ring_queue = NOBODY;
  }
  void add_ring(const SegmentEvent &row) {
    ring = longer(ring, span_between(row.start, row.end));
    ring_end = std::max(ring_end, row.end);
    if (ring_queue == NOBODY) ring_queue = row.queue;
  }
  /* Another agent talks from `start` on. */
  void pass_by(int64_t start) {
    if (ring_end <= start) forget_rings();
    if (begun() && leg.ended_at <= start) passed = true;
  }
  bool over_before(const SegmentEvent &row) const { return passed && row.kind != kind::wrapup; }
  void add(const SegmentEvent &row) {
    if (!begun() || row.kind != kind::wrapup) {
      leg.ring = longer(leg.ring, ring);
      if (leg.queue == NOBODY) leg.queue = ring_queue;
      forget_rings();
    }
    if (!begun()) leg.began_at = row.start;
    if (leg.queue == NOBODY) leg.queue = row.queue;
    leg.ended_at = std::max(leg.ended_at, row.end);
    int64_t &sum = row.kind == kind::talk ? leg.talk : row.kind == kind::hold ? leg.hold : leg.wrapup;
    sum = longer(sum, span_between(row.start, row.end));
    if (row.kind != kind::wrapup) leg.talk_ended_at = std::max(leg.talk_ended_at, row.end);
  }
};
static_assert(sizeof(SegmentContact) == 40 && sizeof(SegmentPart) == 112, "no hidden padding: it is dumped");

class SegmentLegs : public KeyedStates<SegmentContact, SegmentPart> {
 public:
  Legs legs;
  int64_t reversed = 0;

  /* The index of the column in which a row is out of order: start, end, kind, agent, queue. */
  int take(int64_t contact, int32_t id, const SegmentEvent &row) noexcept {
    SegmentContact &state = states[id];
    const int answer = compare(state.last, row);
    if (answer != TAKEN) return answer;
    state.last = row;
    if (row.end < row.start) {
      reversed++;
      return TAKEN;
    }
    try {
      if (row.kind == kind::talk)
        for (int32_t i = state.parts; i >= 0; i = parts[i].next)
          if (parts[i].leg.agent != row.agent) parts[i].pass_by(row.start);
      SegmentPart &part = part_of(contact, state, row.agent);
      if (row.kind == kind::ring) {
        part.add_ring(row);
        return TAKEN;
      }
      if (part.over_before(row)) renew(part);
      part.add(row);
      return TAKEN;
    } catch (const std::exception &) {
      return NO_MEMORY;
    }
  }
  bool close() noexcept {
    try {
      legs.close();
      return true;
    } catch (const std::exception &) {
      return false;
    }
  }
  bool finish() noexcept {
    try {
      for (int32_t id = 0; id < states.size(); id++)
        for (int32_t i = states[id].parts; i >= 0; i = parts[i].next)
          if (parts[i].begun()) legs.add(parts[i].leg);
      clear();
    } catch (const std::exception &) {
      return false;
    }
    return close();
  }

 private:
  SegmentPart &part_of(int64_t contact, SegmentContact &state, int32_t agent) {
    for (int32_t i = state.parts; i >= 0; i = parts[i].next)
      if (parts[i].leg.agent == agent) return parts[i];
    SegmentPart &part = append(state, SegmentPart{});
    part.leg.contact = contact;
    part.leg.agent = agent;
    return part;
  }
  /* Writes the leg; the rings since lead to the next. */
  void renew(SegmentPart &part) {
    legs.add(part.leg);
    SegmentPart fresh;
    fresh.leg.contact = part.leg.contact;
    fresh.leg.agent = part.leg.agent;
    fresh.ring = part.ring;
    fresh.ring_end = part.ring_end;
    fresh.ring_queue = part.ring_queue;
    fresh.next = part.next;
    part = fresh;
  }
  static int compare(const SegmentEvent &old, const SegmentEvent &now) {
    if (now.start != old.start) return now.start < old.start ? 0 : TAKEN;
    if (now.end != old.end) return now.end < old.end ? 1 : TAKEN;
    if (now.kind != old.kind) return now.kind < old.kind ? 2 : TAKEN;
    if (now.agent != old.agent) return now.agent < old.agent ? 3 : TAKEN;
    return now.queue < old.queue ? 4 : TAKEN;
  }
};

}  // namespace kpicore
