/* The rules of the contact flow, one function per event; kpicore/facts/contact_flow.py has them as a table. */
#pragma once
#include "flow_queue.hpp"

namespace kpicore {

class FlowRules : public FlowQueue {
 protected:
  void apply(const FlowRow &row) {
    if (c->last.event < 0) c->opened_at = row.at;
    else if (row.event == event::opened) notes[note::opened_late]++;
    if (c->status == CLOSED && !harmless_after_closing(row.event)) {
      notes[note::after_closed]++;
      return;
    }
    switch (row.event) {
      case event::queued: queued(row); break;
      case event::offered: offered(row); break;
      case event::answered:
      case event::started: take(row); break;
      case event::held: held(row); break;
      case event::retrieved: retrieved(row); break;
      case event::transferred: transferred(row); break;
      case event::conferenced: conferenced(row); break;
      case event::left: left(row); break;
      case event::wrapup_started: wrapup_started(row); break;
      case event::wrapup_ended: wrapup_ended(row); break;
      case event::exited: exited(row); break;
      case event::abandoned: stop_waiting(row, outcome::abandoned); break;
      case event::voicemail: stop_waiting(row, outcome::voicemail); break;
      case event::callback_requested: stop_waiting(row, outcome::callback); break;
      case event::assigned: assigned(row); break;
      case event::pending: pending(row); break;
      case event::resolved: resolved(row); break;
      case event::reopened: reopened(row); break;
      case event::closed: closed(row); break;
      case event::filtered: c->filtered = true; break;
      default: break;
    }
  }

 private:
  static bool harmless_after_closing(int8_t what) {
    switch (what) {
      case event::opened:
      case event::ivr_entered:
      case event::ivr_left:
      case event::handed_off:
      case event::filtered:
      case event::tagged:
      case event::other:
      case event::wrapup_started:
      case event::wrapup_ended:
      case event::resolved:
      case event::reopened:
      case event::closed: return true;
      default: return false;
    }
  }

  void take(const FlowRow &row) {
    if (row.agent == NOBODY) notes[note::agent_missing]++;
    if (Part *live = find(row.agent, LIVE)) {
      settle();
      end_rings(row.at);
      leave_queue(row.at, outcome::answered, live->agent);
      if (!resume(*live, row.at))
        notes[row.event == event::answered ? note::answered_twice : note::started_twice]++;
      return;
    }
    Part *ring = find(row.agent, RING);
    Part *own = ring ? nullptr : find(row.agent, ASSIGNED);
    if (!own) settle();
    end_rings(row.at, ring);
    const int8_t how = how_it_came(row, own, ring);
    Part &part = ring ? *ring : own ? *own : add(row.agent);
    complete(part.agent, row.at);
    if (ring) take_ring(part, row.at);
    begin(part, row.at, how, row.queue);
  }
  int8_t how_it_came(const FlowRow &row, const Part *own, const Part *ring) {
    if (c->arrival >= 0) return c->arrival;
    if (c->waits) return began::answered;
    bool joins = false;
    each(LIVE, [&](Part &) { joins = true; });
    if (joins) return began::conferenced;
    if (own) return began::assigned;
    return row.event == event::started && !ring ? began::outbound : began::answered;
  }

  void assigned(const FlowRow &row) {
    if (row.agent == NOBODY) notes[note::agent_missing]++;
    if (find(row.agent, ASSIGNED)) return;
    Part *live = find(row.agent, LIVE);
    settle();
    if (live) {
      resume(*live, row.at);
      return;
    }
    each(LIVE, [&](Part &p) { end_talk(p, row.at, ended::left); });
    Part *ring = find(row.agent, RING);
    end_rings(row.at, ring);
    Part &part = ring ? *ring : add(row.agent);
    complete(part.agent, row.at);
    if (ring) take_ring(part, row.at);
    if (row.queue != NOBODY) part.queue = row.queue;
    part.phase = ASSIGNED;
    part.since = row.at;
    c->owned = true;
  }

  void held(const FlowRow &row) {
    settle();
    Part *p = find(row.agent, LIVE);
    if (!p) notes[note::held_without_leg]++;
    else if (p->phase == HOLD) notes[note::held_twice]++;
    else turn(*p, HOLD, row.at);
  }
  void retrieved(const FlowRow &row) {
    settle();
    Part *p = find(row.agent, LIVE);
    if (!p) notes[note::retrieved_without_leg]++;
    else if (p->phase == TALK) notes[note::retrieved_without_hold]++;
    else turn(*p, TALK, row.at);
  }

  void transferred(const FlowRow &row) {
    settle();
    Part *sender = find(row.agent, LIVE);
    if (!sender) {
      if (!c->waits) {
        notes[note::transferred_without_leg]++;
        return;
      }
      leave_queue(row.at, outcome::transferred);
      end_rings(row.at);
      announce(began::transferred_in, row.to_queue);
      return;
    }
    Part *receiver = receiver_of(*sender, row.to_agent, row.detail == detail::consult);
    int8_t how = ended::transferred_blind;
    if (row.detail >= detail::blind && row.detail <= detail::queue)
      how = (int8_t)(ended::transferred_blind + row.detail);
    else if (receiver)
      how = ended::transferred_consult;
    else if (row.to_queue != NOBODY && row.to_agent == NOBODY)
      how = ended::transferred_queue;
    end_talk(*sender, row.at, how);
    if (!receiver) {
      announce(began::transferred_in, row.to_queue);
      return;
    }
    if (receiver->began_at >= sender->began_at) receiver->began = began::transferred_in;
    c->charge = receiver->agent;
  }
  void conferenced(const FlowRow &row) {
    settle();
    Part *sender = find(row.agent, LIVE);
    if (!sender) {
      notes[note::conferenced_without_leg]++;
      return;
    }
    each(HOLD, [&](Part &p) { turn(p, TALK, row.at); });
    Part *receiver = receiver_of(*sender, row.to_agent, true);
    if (!receiver) {
      announce(began::conferenced, row.to_queue);
    } else if (receiver->began_at >= sender->began_at) {
      receiver->began = began::conferenced;
      c->charge = sender->agent;
    }
  }
  void left(const FlowRow &row) {
    settle();
    if (Part *p = find(row.agent, LIVE)) {
      end_talk(*p, row.at, ended::left);
      if (Part *last = only(LIVE)) c->charge = last->agent;
    } else if (Part *ring = find(row.agent, RING)) {
      end_ring(*ring, row.at);
    } else {
      notes[note::left_without_leg]++;
    }
  }

  void wrapup_started(const FlowRow &row) {
    settle();
    Part *p = find(row.agent, LIVE | DONE);
    if (!p) {
      notes[find(row.agent, WRAPUP) ? note::wrapup_started_twice : note::wrapup_without_leg]++;
      return;
    }
    if (p->phase == RESOLVED) end_talk(*p, row.at, ended::closed);
    else if (p->phase & LIVE) end_talk(*p, row.at, ended::unknown);
    p->phase = WRAPUP;
    p->since = row.at;
  }
  void wrapup_ended(const FlowRow &row) {
    settle();
    Part *p = find(row.agent, WRAPUP);
    if (!p) {
      notes[note::wrapup_ended_without_start]++;
      return;
    }
    end_wrapup(*p, row.at);
    p->phase = FINISHED;
    if (p->ended != ended::unknown) emit(*p);
  }

  void pending(const FlowRow &row) {
    settle();
    each(LIVE, [&](Part &p) { turn(p, PENDING, row.at); });
    if (c->status == OPEN) c->status = WAITING;
  }
  void resolved(const FlowRow &row) {
    settle();
    wait_in_vain(row.at);
    each(TALK | HOLD | PENDING, [&](Part &p) { turn(p, RESOLVED, row.at); });
    c->resolved_at = row.at;
    if (c->status != CLOSED) c->status = SOLVED;
  }
  void reopened(const FlowRow &row) {
    if (c->status == CLOSED || c->status == SOLVED) {
      c->reopens++;
      c->closed_at = c->resolved_at = NO_TIME;
    } else if (c->status == OPEN) {
      notes[note::reopened_while_open]++;
    }
    c->status = OPEN;
    each(PENDING | RESOLVED, [&](Part &p) { turn(p, TALK, row.at); });
  }
  void closed(const FlowRow &row) {
    if (c->status == CLOSED) {
      notes[note::closed_twice]++;
      return;
    }
    settle();
    wait_in_vain(row.at);
    end_rings(row.at);
    each(ANY, [&](Part &p) {
      if (p.phase & LIVE) end_talk(p, row.at, ended::closed);
      else if (p.ended == ended::unknown) {
        p.ended = ended::closed;
        if (p.phase == FINISHED) emit(p);
      }
    });
    c->status = CLOSED;
    c->closed_at = row.at;
    announce(-1, NOBODY);
  }
};

}  // namespace kpicore
