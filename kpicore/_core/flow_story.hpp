/* The moves from which the contact flow's rules are made: one contact at a time, set by `turn_to`. */
#pragma once
#include "flow_facts.hpp"
#include "flow_words.hpp"
#include "keyed_states.hpp"

namespace kpicore {

class FlowStory : public KeyedStates<Contact, Part> {
 public:
  FlowFacts facts;
  int64_t notes[note::count] = {};

 protected:
  Contact *c = nullptr;
  int64_t key = 0;

  void turn_to(int64_t k, Contact &contact) {
    key = k;
    c = &contact;
  }

  template <class Move>
  void each(int phases, Move move) {
    for (int32_t i = c->parts, next; i >= 0; i = next) {
      next = parts[i].next; /* `move` may drop the part */
      if (parts[i].phase & phases) move(parts[i]);
    }
  }
  /* The agent's part in one of the phases. */
  Part *exact(int32_t agent, int phases) {
    for (int32_t i = c->parts; i >= 0; i = parts[i].next)
      if ((parts[i].phase & phases) && parts[i].agent == agent) return &parts[i];
    return nullptr;
  }
  /* The only part in one of the phases. */
  Part *only(int phases) {
    Part *found = nullptr;
    for (int32_t i = c->parts; i >= 0; i = parts[i].next) {
      if (!(parts[i].phase & phases)) continue;
      if (found) return nullptr;
      found = &parts[i];
    }
    return found;
  }
  /* Whom an event is about: the agent named; of nobody named the unknown one, else the only one. */
  Part *find(int32_t agent, int phases) {
    Part *p = exact(agent, phases);
    return p || agent != NOBODY ? p : only(phases);
  }
  /* The live part of `agent`, other than the sender's; of nobody named, where wanted, the one that began last. */
  Part *receiver_of(const Part &sender, int32_t agent, bool anybody) {
    Part *found = nullptr;
    if (agent == NOBODY && !anybody) return nullptr;
    each(LIVE, [&](Part &p) {
      if (&p == &sender || (agent != NOBODY && p.agent != agent)) return;
      if (!found || p.began_at >= found->began_at) found = &p;
    });
    return found;
  }
  Part &add(int32_t agent) {
    Part &p = append(*c, Part{});
    p.agent = agent;
    return p;
  }
  void drop(const Part &p) { remove(*c, p); }
  void emit(const Part &p) {
    facts.leg(key, p);
    drop(p);
  }

  void leave_queue(int64_t at, int32_t how, int32_t agent = NOBODY) {
    if (!c->waits) return;
    facts.visit(key, *c, at, how, agent);
    c->waits = false;
    c->visit_queue = NOBODY;
  }
  void wait_in_vain(int64_t at) {
    if (!c->waits) return;
    notes[note::ended_while_waiting]++;
    leave_queue(at, outcome::unknown);
    end_rings(at);
  }
  void end_ring(Part &p, int64_t at) {
    facts.segment(key, p, kind::ring, at);
    drop(p);
  }
  void end_rings(int64_t at, const Part *but = nullptr) {
    each(RING, [&](Part &p) {
      if (&p != but) end_ring(p, at);
    });
  }
  void take_ring(Part &p, int64_t at) {
    facts.segment(key, p, kind::ring, at);
    p.ring = span_between(p.since, at);
  }

  /* Ends the stretch of talk or hold, if it is one, and begins the next. */
  void turn(Part &p, Phase phase, int64_t at) {
    if (p.phase & (TALK | HOLD)) {
      facts.segment(key, p, p.phase == TALK ? kind::talk : kind::hold, at);
      int64_t &sum = p.phase == TALK ? p.talk : p.hold;
      sum = longer(sum, span_between(p.since, at));
    }
    p.phase = phase;
    p.since = at;
  }
  bool resume(Part &p, int64_t at) {
    if (!(p.phase & (PENDING | RESOLVED))) return false;
    turn(p, TALK, at);
    return true;
  }
  void end_talk(Part &p, int64_t at, int8_t how) {
    p.talk_ended_at = p.phase == RESOLVED ? p.since : at;
    p.ended = how;
    turn(p, DONE, at);
  }
  void end_wrapup(Part &p, int64_t at) {
    facts.segment(key, p, kind::wrapup, at);
    p.wrapup = span_between(p.since, at);
    p.ended_at = at;
  }
  /* The agent takes the contact anew: what was left of his earlier leg ends. */
  void complete(int32_t agent, int64_t at) {
    Part *p = exact(agent, PAST);
    if (!p) return;
    if (p->phase == WRAPUP) {
      notes[note::wrapup_cut]++;
      end_wrapup(*p, at);
    } else if (p->phase == DONE) {
      p->ended_at = p->talk_ended_at;
    }
    emit(*p);
  }

  void begin(Part &p, int64_t at, int8_t how, int32_t queue) {
    if (queue == NOBODY) queue = p.queue;
    if (queue == NOBODY) queue = c->visit_queue;
    if (queue == NOBODY) queue = c->arrival_queue;
    leave_queue(at, outcome::answered, p.agent);
    p.queue = queue;
    p.phase = TALK;
    p.since = p.began_at = at;
    p.began = how;
    c->arrival = -1;
    c->arrival_queue = NOBODY;
    see_queue(queue);
    if (how != began::conferenced || c->charge == NOBODY) c->charge = p.agent;
  }
  void announce(int8_t how, int32_t queue) {
    c->arrival = how;
    c->arrival_queue = queue;
  }
  /* An assignment that its agent did not answer as the next thing counts from its own instant. */
  void settle() {
    if (!c->owned) return;
    c->owned = false;
    each(ASSIGNED, [&](Part &p) { begin(p, p.since, c->arrival >= 0 ? c->arrival : (int8_t)began::assigned, NOBODY); });
  }
  void see_queue(int32_t queue) {
    if (c->queue == NOBODY) c->queue = queue;
  }

  /* What is still open when the data end. */
  void end_part(Part &p, int64_t until) {
    const int64_t stop = until > p.since ? until : p.since;
    switch (p.phase) {
      case RING:
        notes[note::ring_open]++;
        end_ring(p, stop);
        return;
      case TALK:
      case HOLD:
      case PENDING:
        notes[note::leg_open]++;
        turn(p, DONE, stop);
        p.ended = ended::open;
        break;
      case RESOLVED:
        p.talk_ended_at = p.ended_at = p.since;
        p.ended = ended::closed;
        break;
      case WRAPUP:
        notes[note::wrapup_open]++;
        end_wrapup(p, stop);
        p.ended_at = NO_TIME;
        break;
      case DONE: p.ended_at = p.talk_ended_at; break;
      default: break;
    }
    emit(p);
  }
};

}  // namespace kpicore
