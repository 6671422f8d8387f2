/* The contact flow as a stream: order of rows, end of the data, states to bytes and back.
 *
 * A contact is a state of 104 bytes and a list of parts, 80 bytes for each agent who rings, handles or
 * wraps it up. A part is given back when its leg is written, so a log in the order of time works on the few
 * contacts that are live. */
#pragma once
#include "flow_rules.hpp"

namespace kpicore {

class ContactFlow : public FlowRules {
 public:
  int take(int64_t contact, int32_t id, const FlowRow &row) noexcept {
    Contact &state = states[id];
    const int answer = compare(state.last, row);
    if (answer != TAKEN) return answer;
    try {
      turn_to(contact, state);
      apply(row);
    } catch (const std::exception &) {
      return NO_MEMORY;
    }
    state.last = row;
    return TAKEN;
  }
  bool close() noexcept {
    try {
      facts.close();
      return true;
    } catch (const std::exception &) {
      return false;
    }
  }
  bool finish(int64_t until) noexcept {
    try {
      for (int32_t id = 0; id < states.size(); id++) {
        turn_to(keys.keys()[(size_t)id], states[id]);
        settle();
        if (c->waits) {
          notes[note::visit_open]++;
          leave_queue(NO_TIME, outcome::unknown);
        }
        each(ANY, [&](Part &p) { end_part(p, until); });
        facts.contact(key, *c);
      }
      clear();
    } catch (const std::exception &) {
      return false;
    }
    return close();
  }
  bool merge(const ContactFlow &other, int64_t &shared) {
    if (!KeyedStates::merge(other, shared)) return false;
    for (int i = 0; i < note::count; i++) notes[i] += other.notes[i];
    return true;
  }
  void dump(Dump &out) const {
    out.put(notes);
    KeyedStates::dump(out);
  }
  void load(Load &in) {
    in.get(notes);
    KeyedStates::load(in);
  }

 private:
  /* The index of the column in which `now` is less than `old`: at, seq, event and so on. */
  static int compare(const FlowRow &old, const FlowRow &now) {
    if (now.at > old.at) return TAKEN;
    if (now.at != old.at) return 0;
    if (now.seq != old.seq) return now.seq < old.seq ? 1 : TAKEN;
    if (now.event != old.event) return now.event < old.event ? 2 : TAKEN;
    if (now.agent != old.agent) return now.agent < old.agent ? 3 : TAKEN;
    if (now.to_agent != old.to_agent) return now.to_agent < old.to_agent ? 4 : TAKEN;
    if (now.queue != old.queue) return now.queue < old.queue ? 5 : TAKEN;
    if (now.to_queue != old.to_queue) return now.to_queue < old.to_queue ? 6 : TAKEN;
    return now.detail < old.detail ? 7 : TAKEN;
  }
};

}  // namespace kpicore
