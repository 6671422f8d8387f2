/* The contact flow as a stream: contacts by key, order of rows, end of the data, states to bytes and back.
 *
 * A contact is a state of 104 bytes and a list of parts, 80 bytes for each agent who rings, handles or
 * wraps it up. A part is given back when its leg is written, so a log in the order of time works on the few
 * contacts that are live. */
#pragma once
#include <exception>

#include "dump.hpp"
#include "flow_rules.hpp"
#include "key_ids.hpp"

namespace kpicore {

class ContactFlow : public FlowRules {
 public:
  /* The columns by which rows of a contact are ordered, in that order; `take` returns an index or one of these. */
  enum Answer { TAKEN = -1, NO_MEMORY = -2, AT = 0, SEQ, EVENT, AGENT, TO_AGENT, QUEUE, TO_QUEUE, DETAIL };

  /* The states of a block's contacts, opened where they are new and on their way into the cache. */
  bool locate(const int64_t *wanted, const int64_t *at, int64_t n, int32_t *ids) noexcept {
    try {
      keys.locate(wanted, n, ids);
      for (int64_t i = 0; i < n; i++) {
        if (ids[i] == contacts.size()) open(at[i]);
        __builtin_prefetch(&contacts[ids[i]]);
        __builtin_prefetch((const char *)&contacts[ids[i]] + sizeof(Contact) - 1);
      }
      return true;
    } catch (const std::exception &) {
      return false;
    }
  }
  int take(int64_t contact, int32_t id, const FlowRow &row) noexcept {
    Contact &state = contacts[id];
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
      for (int32_t id = 0; id < contacts.size(); id++) {
        turn_to(keys.keys()[(size_t)id], contacts[id]);
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

  /* A contact that both know, through `shared`; nothing is merged then. */
  bool merge(ContactFlow &other, int64_t &shared) {
    for (int64_t k : other.keys.keys()) {
      if (keys.find(k) < 0) continue;
      shared = k;
      return false;
    }
    for (int32_t id = 0; id < other.contacts.size(); id++) {
      const Contact &theirs = other.contacts[id];
      const int64_t k = other.keys.keys()[(size_t)id];
      keys.add(k);
      Contact &mine = contacts[contacts.add()];
      mine = theirs;
      mine.parts = -1;
      turn_to(k, mine);
      for (int32_t i = theirs.parts; i >= 0; i = other.parts[i].next) copy(other.parts[i]);
    }
    for (int i = 0; i < note::count; i++) notes[i] += other.notes[i];
    return true;
  }

  void dump(Dump &out) const {
    out.put(notes);
    out.put_all(keys.keys());
    for (int32_t id = 0; id < contacts.size(); id++) {
      Contact state = contacts[id];
      int32_t n = 0;
      for (int32_t i = state.parts; i >= 0; i = parts[i].next) n++;
      state.parts = n;
      out.put(state);
      for (int32_t i = contacts[id].parts; i >= 0; i = parts[i].next) {
        Part part = parts[i];
        part.next = -1; /* where a part lies is no part of the state */
        out.put(part);
      }
    }
  }
  /* False where the bytes are no such state; it is empty then. */
  bool load(Load &in) {
    std::vector<int64_t> known;
    clear();
    in.get(notes);
    in.get_all(known);
    for (size_t id = 0; id < known.size() && !in.failed; id++) {
      if (keys.add(known[id]) != (int32_t)id) in.failed = true;
      Contact &state = contacts[contacts.add()];
      in.get(state);
      const int32_t n = in.failed ? 0 : state.parts;
      state.parts = -1;
      turn_to(known[id], state);
      for (int32_t i = 0; i < n && !in.failed; i++) {
        Part part;
        in.get(part);
        if (!in.failed) copy(part);
      }
    }
    if (in.done()) return true;
    clear();
    return false;
  }

 private:
  KeyIds keys;

  void clear() {
    keys.clear();
    contacts.clear();
    parts.clear();
  }
  void copy(const Part &part) {
    Part &mine = add(part.agent);
    const int32_t next = mine.next;
    mine = part;
    mine.next = next;
  }
  void open(int64_t at) {
    Contact &state = contacts[contacts.add()];
    state = Contact{};
    state.last = FlowRow{NO_TIME, NO_TIME, NOBODY, NOBODY, NOBODY, NOBODY, -1, -1, 0};
    state.opened_at = at;
    state.closed_at = state.resolved_at = state.entered_at = NO_TIME;
    state.visit_queue = state.arrival_queue = state.queue = state.charge = NOBODY;
    state.parts = -1;
    state.arrival = -1;
  }
  static int compare(const FlowRow &old, const FlowRow &now) {
    if (now.at > old.at) return TAKEN;
    if (now.at != old.at) return AT;
    if (now.seq != old.seq) return now.seq < old.seq ? SEQ : TAKEN;
    if (now.event != old.event) return now.event < old.event ? EVENT : TAKEN;
    if (now.agent != old.agent) return now.agent < old.agent ? AGENT : TAKEN;
    if (now.to_agent != old.to_agent) return now.to_agent < old.to_agent ? TO_AGENT : TAKEN;
    if (now.queue != old.queue) return now.queue < old.queue ? QUEUE : TAKEN;
    if (now.to_queue != old.to_queue) return now.to_queue < old.to_queue ? TO_QUEUE : TAKEN;
    return now.detail < old.detail ? DETAIL : TAKEN;
  }
};

}  // namespace kpicore
