/* States by key, each with a list of parts: found a block at a time, merged, turned to bytes and back.
 *
 * A fresh State is `State{}`; its member `parts` is the index of its first part, -1 for none, and a part's
 * `next` that of the next. Both are plain values without hidden padding: their bytes are dumped. */
#pragma once
#include <exception>

#include "chunks.hpp"
#include "dump.hpp"
#include "key_ids.hpp"

namespace kpicore {

/* What becomes of a row: taken, or the index of the column in which it is out of order. */
enum Answer { TAKEN = -1, NO_MEMORY = -2 };

/* For states without parts. */
struct NoPart {
  int32_t next = -1;
};

template <class State, class Part>
class KeyedStates {
 public:
  /* The ids of a block's keys, their states on the way into the cache; false without memory. */
  bool locate(const int64_t *wanted, int64_t n, int32_t *ids) noexcept {
    try {
      keys.locate(wanted, n, ids);
      for (int64_t i = 0; i < n; i++) {
        if (ids[i] == states.size()) states[states.add()] = State{};
        __builtin_prefetch(&states[ids[i]]);
        __builtin_prefetch((const char *)&states[ids[i]] + sizeof(State) - 1);
      }
      return true;
    } catch (const std::exception &) {
      return false;
    }
  }
  /* False, and a key that both know in `shared`, where there is one; nothing is merged then. */
  bool merge(const KeyedStates &other, int64_t &shared) {
    for (int64_t key : other.keys.keys()) {
      if (keys.find(key) < 0) continue;
      shared = key;
      return false;
    }
    for (int32_t id = 0; id < other.states.size(); id++) {
      keys.add(other.keys.keys()[(size_t)id]);
      State &mine = states[states.add()];
      mine = other.states[id];
      mine.parts = -1;
      for (int32_t i = other.states[id].parts; i >= 0; i = other.parts[i].next) append(mine, other.parts[i]);
    }
    return true;
  }
  void dump(Dump &out) const {
    out.put_all(keys.keys());
    for (int32_t id = 0; id < states.size(); id++) {
      State state = states[id];
      int32_t n = 0;
      for (int32_t i = state.parts; i >= 0; i = parts[i].next) n++;
      state.parts = n;
      out.put(state);
      for (int32_t i = states[id].parts; i >= 0; i = parts[i].next) {
        Part part = parts[i];
        part.next = -1; /* where a part lies is no part of the state */
        out.put(part);
      }
    }
  }
  /* Replaces all states. `in` has failed where the bytes are no such states; there are none then. */
  void load(Load &in) {
    std::vector<int64_t> known;
    clear();
    in.get_all(known);
    for (size_t id = 0; id < known.size() && !in.failed; id++) {
      if (keys.add(known[id]) != (int32_t)id) in.failed = true;
      State &state = states[states.add()];
      in.get(state);
      const int32_t n = in.failed ? 0 : state.parts;
      state.parts = -1;
      for (int32_t i = 0; i < n && !in.failed; i++) {
        Part part;
        in.get(part);
        if (!in.failed) append(state, part);
      }
    }
    if (!in.done()) in.failed = true;
    if (in.failed) clear();
  }

 protected:
  KeyIds keys;
  Chunks<State> states;
  Chunks<Part> parts;

  void clear() {
    keys.clear();
    states.clear();
    parts.clear();
  }
  Part &append(State &state, const Part &part) {
    const int32_t i = parts.add();
    parts[i] = part;
    parts[i].next = -1;
    int32_t *link = &state.parts;
    while (*link >= 0) link = &parts[*link].next;
    *link = i;
    return parts[i];
  }
  void remove(State &state, const Part &part) {
    int32_t *link = &state.parts;
    while (&parts[*link] != &part) link = &parts[*link].next;
    const int32_t i = *link;
    *link = part.next;
    parts.drop(i);
  }
};

}  // namespace kpicore
