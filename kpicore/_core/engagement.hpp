/* An agent's states on two tracks, and his workload, laid over each other.
 *
 * States come by start, so what holds before a start is settled by it: of each track only the last stay is kept, and
 * without workload stretches leave at once (duty). Workload is the second input and comes when the states are
 * complete; until then they wait as a step function, 9 bytes a change. From then on two cursors move forward, up to
 * the instant until which both inputs are known; that is near the end of the log, so little workload waits. */
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "codes.hpp"
#include "columns.hpp"
#include "dump.hpp"

namespace kpicore {

/* Both states in a byte, presence above routing; 15 is none. */
constexpr uint32_t NO_STATE = 15, NO_STATES = 0xFF;
constexpr int64_t ALWAYS = INT64_MIN, NEVER = INT64_MAX;

struct Stay {
  int64_t start = ALWAYS, end = ALWAYS, value = 0;

  /* Of stays that begin together the longer counts, then the larger value, whatever comes first; else the later. */
  void put(const Stay &other) {
    if (other.start > start || other.end > end || (other.end == end && other.value > value)) *this = other;
  }
};

/* 128 bytes of plain values. */
struct AgentTime {
  int64_t code = 0;
  int64_t states_known = ALWAYS; /* the start of the last state */
  int64_t load_known = ALWAYS;   /* the start of the last workload */
  int64_t merged = ALWAYS;       /* until when both are laid over each other */
  Stay presence, routing;
  int64_t start = 0, end = ALWAYS, level = 0; /* the stretch that may go on */
  uint64_t states = NO_STATES;
  int64_t apart = 0; /* whether a state was of one track; until then `presence` stands for both */
  int64_t unused = 0;
};
static_assert(sizeof(AgentTime) == 128, "without gaps, so that equal states have equal bytes");

/* What waits for the other input. */
struct Waiting {
  std::vector<int64_t> changes; /* of states: from when on ... */
  std::vector<uint8_t> states;  /* ... they are these */
  std::vector<Stay> load;       /* without overlap */
  int64_t change = 0; /* how many of the changes have taken place by `merged` */
  int64_t stay = 0;   /* the first of the stays that may not be over by then */

  void enter(int64_t at, uint32_t now) {
    if (states.empty() ? now == NO_STATES : states.back() == now) return;
    changes.push_back(at);
    states.push_back((uint8_t)now);
  }
  void add(const Stay &next) {
    if (load.empty() || load.back().start < next.start) {
      if (!load.empty()) load.back().end = std::min(load.back().end, next.start);
      load.push_back(next);
    } else {
      load.back().put(next);
    }
  }
  /* Drops what lies behind, now and then. */
  void tidy() {
    if (change > 4096 && change * 2 > (int64_t)changes.size()) {
      changes.erase(changes.begin(), changes.begin() + (change - 1));
      states.erase(states.begin(), states.begin() + (change - 1));
      change = 1;
    }
    if (stay > 16 && stay * 2 > (int64_t)load.size()) {
      load.erase(load.begin(), load.begin() + stay);
      stay = 0;
    }
  }
  void ask() const {
    const int64_t now = std::max<int64_t>(change, 1) - 1;
    __builtin_prefetch(changes.data() + now);
    __builtin_prefetch(states.data() + now);
    if (!load.empty()) __builtin_prefetch(&load.back(), 1);
  }
};

class Engagement {
 public:
  bool loaded; /* with workload: engagement, else duty */
  int64_t skipped[2] = {0, 0}; /* stays without length, and reversed ones */

  explicit Engagement(bool loaded = false) : loaded(loaded) {}

  void cover(int32_t highest) { slots.cover(highest); }
  int32_t find(int32_t code) const { return slots.find(code); }
  void ignore(int32_t code) { slots.slot_of[(size_t)code] = FOREIGN; }
  int32_t add(int32_t code) {
    const int32_t slot = slots.add(code);
    agents.emplace_back();
    agents.back().code = code;
    if (loaded) waiting.emplace_back();
    return slot;
  }
  void ask(int32_t slot) const {
    const char *own = reinterpret_cast<const char *>(&agents[(size_t)slot]);
    __builtin_prefetch(own, 1);
    __builtin_prefetch(own + 64, 1);
    if (loaded) {
      __builtin_prefetch(&waiting[(size_t)slot], 1);
      __builtin_prefetch(&waiting[(size_t)slot].change, 1);
    }
  }
  void ask_waiting(int32_t slot) const { waiting[(size_t)slot].ask(); }
  /* Track 0 is presence, 1 routing, -1 both. Returns whether the row is in order. */
  bool add_state(int32_t slot, int32_t track, const Stay &next, OutBatch &out) {
    if (next.end <= next.start) return skip(next);
    AgentTime &own = agents[(size_t)slot];
    if (next.start < own.states_known) return false;
    if (next.start > own.states_known) {
      settle(own, slot, next.start, out);
      if (loaded && own.load_known > own.merged) lay(own, slot, std::min(own.states_known, own.load_known), out);
    }
    if (track >= 0 && !own.apart) {
      own.apart = 1;
      own.routing = own.presence;
    }
    if (track != 1) own.presence.put(next);
    if (track != 0 && own.apart) own.routing.put(next);
    return true;
  }
  bool add_load(int32_t slot, const Stay &next, OutBatch &out) {
    if (next.end <= next.start) return skip(next);
    AgentTime &own = agents[(size_t)slot];
    if (next.start < own.load_known) return false;
    own.load_known = next.start;
    waiting[(size_t)slot].add(next);
    lay(own, slot, std::min(own.states_known, own.load_known), out);
    return true;
  }
  void finish(OutBatch &out) {
    std::vector<int32_t> order;
    slots.sorted_slots(order);
    for (const int32_t slot : order) {
      AgentTime &own = agents[(size_t)slot];
      settle(own, slot, NEVER, out);
      if (loaded) lay(own, slot, NEVER, out);
      leave(own, out);
    }
    flush(out);
    slots.clear();
    agents.clear();
    waiting.clear();
  }
  /* Hands over the rows that were collected. */
  void flush(OutBatch &out) {
    append_codes(out[0], block.agent, block.size);
    size_t column = 1;
    if (!loaded) append_codes(out[column++], block.state, block.size);
    append_codes(out[column++], block.presence, block.size);
    append_codes(out[column++], block.routing, block.size);
    if (loaded) append64(out[column++], block.level, block.size);
    append64(out[column++], block.start, block.size);
    append64(out[column], block.end, block.size);
    block.size = 0;
  }
  void dump(Dump &out) const {
    std::vector<int32_t> order;
    slots.sorted_slots(order);
    out.put(skipped);
    out.put((int64_t)order.size());
    for (const int32_t slot : order) {
      out.put(agents[(size_t)slot]);
      if (!loaded) continue;
      const Waiting &own = waiting[(size_t)slot];
      const int64_t behind = std::max<int64_t>(own.change, 1) - 1;
      out.put(own.change - behind);
      out.put_all(std::vector<int64_t>(own.changes.begin() + behind, own.changes.end()));
      out.put_all(std::vector<uint8_t>(own.states.begin() + behind, own.states.end()));
      out.put_all(std::vector<Stay>(own.load.begin() + own.stay, own.load.end()));
    }
  }
  /* Returns whether the bytes were a state; reads into a new stream. */
  bool load(Load &in) {
    int64_t count = 0;
    in.get(skipped);
    in.get(count);
    for (; count > 0 && !in.failed; count--) {
      AgentTime own;
      in.get(own);
      if (own.code < 0 || own.code >= (1 << 28) || slots.find((int32_t)own.code) >= 0) return false;
      const size_t slot = (size_t)add((int32_t)own.code);
      agents[slot] = own;
      if (!loaded) continue;
      Waiting &given = waiting[slot];
      in.get(given.change);
      in.get_all(given.changes);
      in.get_all(given.states);
      in.get_all(given.load);
      const int64_t n_changes = (int64_t)given.changes.size();
      if (given.change < 0 || given.change > std::min<int64_t>(1, n_changes)) return false;
      if ((int64_t)given.states.size() != n_changes) return false;
    }
    return in.done();
  }
  /* Returns false where both hold an agent. */
  bool merge(const Engagement &other) {
    for (const AgentTime &own : other.agents)
      if (slots.find((int32_t)own.code) >= 0) return false;
    for (size_t i = 0; i < other.agents.size(); i++) {
      const size_t slot = (size_t)add((int32_t)other.agents[i].code);
      agents[slot] = other.agents[i];
      if (loaded) waiting[slot] = other.waiting[i];
    }
    for (int i = 0; i < 2; i++) skipped[i] += other.skipped[i];
    return true;
  }

 private:
  static constexpr int64_t ROWS = 512;
  struct Block {
    int32_t agent[ROWS], state[ROWS], presence[ROWS], routing[ROWS];
    int64_t level[ROWS], start[ROWS], end[ROWS];
    int64_t size = 0;
  };
  CodeSlots slots;
  std::vector<AgentTime> agents;
  std::vector<Waiting> waiting;
  Block block;

  bool skip(const Stay &stay) {
    skipped[stay.end < stay.start]++;
    return true;
  }
  /* Follows the states from the start of the last one to `to`, before which no other will begin. */
  void settle(AgentTime &own, int32_t slot, int64_t to, OutBatch &out) {
    int64_t at = own.states_known;
    own.states_known = to;
    if (own.apart) return settle_apart(own, slot, at, to, out);
    const int64_t end = std::min(own.presence.end, to);
    if (end > at) note(own, slot, (uint32_t)own.presence.value * 17, at, end, out);
    if (loaded && end < to) waiting[(size_t)slot].enter(std::max(end, at), NO_STATES);
  }
  void settle_apart(AgentTime &own, int32_t slot, int64_t at, int64_t to, OutBatch &out) {
    while (at < to) {
      const bool there = own.presence.end > at, reachable = own.routing.end > at;
      const uint32_t states = (uint32_t)(there ? own.presence.value : NO_STATE) << 4 |
                              (uint32_t)(reachable ? own.routing.value : NO_STATE);
      int64_t next = to;
      if (there) next = std::min(next, own.presence.end);
      if (reachable) next = std::min(next, own.routing.end);
      if (states != NO_STATES) {
        note(own, slot, states, at, next, out);
      } else {
        if (loaded) waiting[(size_t)slot].enter(at, states);
        return;
      }
      at = next;
    }
  }
  void note(AgentTime &own, int32_t slot, uint32_t states, int64_t start, int64_t end, OutBatch &out) {
    if (loaded) waiting[(size_t)slot].enter(start, states);
    else stretch(own, states, 0, start, end, out);
  }
  /* Lays both inputs over each other up to `to`, until when both are known. */
  void lay(AgentTime &own, int32_t slot, int64_t to, OutBatch &out) {
    Waiting &given = waiting[(size_t)slot];
    const int64_t *const changes = given.changes.data(), n_changes = (int64_t)given.changes.size();
    const Stay *stay = given.load.data() + given.stay, *const last = given.load.data() + given.load.size();
    int64_t at = own.merged, change = given.change;
    uint32_t states = change ? given.states[(size_t)change - 1] : NO_STATES;
    if (at >= to) return;
    own.merged = to;
    while (at < to) {
      for (; change < n_changes && changes[change] <= at; change++) states = given.states[(size_t)change];
      while (stay != last && stay->end <= at) stay++;
      int64_t next = change < n_changes ? std::min(to, changes[change]) : to, level = 0;
      if (stay != last) {
        const bool begun = stay->start <= at;
        level = begun ? stay->value : 0;
        next = std::min(next, begun ? stay->end : stay->start);
      }
      if (states != NO_STATES || level > 0) stretch(own, states, level, at, next, out);
      at = next;
    }
    given.change = change;
    given.stay = stay - given.load.data();
    given.tidy();
  }
  /* Makes the stretch longer that ends at `start`, or begins another one. */
  void stretch(AgentTime &own, uint32_t states, int64_t level, int64_t start, int64_t end, OutBatch &out) {
    if (own.end != start || own.states != states || own.level != level) {
      leave(own, out);
      own.start = start;
      own.states = states;
      own.level = level;
    }
    own.end = end;
  }
  void leave(AgentTime &own, OutBatch &out) {
    if (own.end == ALWAYS) return;
    const int64_t i = block.size;
    const int32_t presence = (int32_t)(own.states >> 4), routing = (int32_t)(own.states & 15);
    block.agent[i] = (int32_t)own.code;
    block.presence[i] = presence == NO_STATE ? -1 : presence;
    block.routing[i] = routing == NO_STATE ? -1 : routing;
    block.state[i] = routing == NO_STATE ? presence : routing;
    block.level[i] = own.level;
    block.start[i] = own.start;
    block.end[i] = own.end;
    own.end = ALWAYS;
    if (++block.size == ROWS) flush(out);
  }
};

}  // namespace kpicore
