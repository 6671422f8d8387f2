/* The rules of waiting: queues, offers, and the ways in which a contact leaves a queue unanswered. */
#pragma once
#include "flow_story.hpp"

namespace kpicore {

class FlowQueue : public FlowStory {
 protected:
  void queued(const FlowRow &row) {
    settle();
    const int32_t queue = row.queue != NOBODY ? row.queue : row.to_queue;
    if (c->waits) {
      if (queue == NOBODY || queue == c->visit_queue) {
        notes[note::queued_twice]++;
        return;
      }
      leave_queue(row.at, outcome::flow_out);
      end_rings(row.at);
    }
    c->waits = true;
    c->visit_queue = queue;
    c->entered_at = row.at;
    see_queue(queue);
  }

  void offered(const FlowRow &row) {
    if (row.agent == NOBODY) notes[note::agent_missing]++;
    if (find(row.agent, LIVE)) {
      notes[note::offered_while_handling]++;
      return;
    }
    const Part *rings = find(row.agent, RING);
    each(RING, [&](Part &p) {
      if (&p != rings && p.since < row.at) end_ring(p, row.at);
    });
    if (rings) {
      notes[note::offered_twice]++;
      return;
    }
    Part *own = find(row.agent, ASSIGNED);
    Part &p = own ? *own : add(row.agent);
    if (row.queue != NOBODY) p.queue = row.queue;
    else if (p.queue == NOBODY) p.queue = c->visit_queue;
    p.phase = RING;
    p.since = row.at;
    p.ring = 0;
  }

  void exited(const FlowRow &row) {
    if (!c->waits) {
      settle();
      notes[note::exited_without_visit]++;
    } else if (c->visit_queue != NOBODY && row.queue != NOBODY && row.queue != c->visit_queue) {
      notes[note::exited_another_queue]++;
    } else {
      const bool told = row.detail >= detail::timeout && row.detail <= detail::diverted;
      stop_waiting(row, told ? outcome::timeout + (row.detail - detail::timeout) : (int)outcome::unknown);
    }
  }
  void stop_waiting(const FlowRow &row, int32_t how) {
    if (c->waits) {
      each(ASSIGNED, [&](Part &p) { drop(p); });
      leave_queue(row.at, how);
    } else {
      settle();
      bool rings = false;
      each(RING, [&](Part &) { rings = true; });
      if (how == outcome::abandoned && !rings) notes[note::abandoned_without_visit]++;
    }
    end_rings(row.at);
  }
};

}  // namespace kpicore
