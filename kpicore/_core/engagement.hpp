/* An agent's states and his workload laid over each other.
 *
 * The lists of one agent are kept until the end, since the second input comes when the first is complete:
 * 24 bytes a stay. Each list is in order of start and, clipped at the next start, without overlap, so three
 * cursors that only move forward find every stretch in which nothing changes. */
#pragma once
#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "dump.hpp"
#include "export.hpp"

namespace kpicore {

struct Stay {
  int64_t start, end, value;
};

struct Stays {
  std::vector<Stay> list;

  /* Adds a stay that begins no earlier than the last; what overlaps is cut at the later start. Of two that
   * begin together the longer counts, then that of the larger value, whatever came first. */
  void add(int64_t start, int64_t end, int64_t value) {
    if (!list.empty() && list.back().start == start) {
      Stay &last = list.back();
      if (end > last.end || (end == last.end && value > last.value)) last = {start, end, value};
      return;
    }
    if (!list.empty() && list.back().end > start) list.back().end = start;
    list.push_back({start, end, value});
  }
};

struct AgentStays {
  Stays presence, routing, load;
  int64_t last_state = std::numeric_limits<int64_t>::min(), last_load = std::numeric_limits<int64_t>::min();
};

class Engagement {
 public:
  static constexpr int64_t NONE = -1;
  std::map<int32_t, AgentStays> agents; /* in order of code, so that the outcome is */

  /* Track 0 is presence, 1 routing, -1 both. Returns whether the row is in order. */
  bool add_state(int32_t agent, int32_t state, int32_t track, int64_t start, int64_t end) {
    AgentStays &own = agents[agent];
    if (start < own.last_state) return false;
    own.last_state = start;
    if (end <= start) return true;
    if (track != 1) own.presence.add(start, end, state);
    if (track != 0) own.routing.add(start, end, state);
    return true;
  }
  bool add_load(int32_t agent, int64_t level, int64_t start, int64_t end) {
    AgentStays &own = agents[agent];
    if (start < own.last_load) return false;
    own.last_load = start;
    if (end > start) own.load.add(start, end, level);
    return true;
  }

  /* Columns: agent_id, state, presence, routing, level, start, end. */
  void finish(OutBatch &out) {
    for (auto &entry : agents) lay(entry.first, entry.second, out);
    agents.clear();
  }

  void dump(Dump &out) const {
    out.put((int64_t)agents.size());
    for (const auto &entry : agents) {
      out.put(entry.first);
      out.put(entry.second.last_state);
      out.put(entry.second.last_load);
      out.put_all(entry.second.presence.list);
      out.put_all(entry.second.routing.list);
      out.put_all(entry.second.load.list);
    }
  }
  void load(Load &in) {
    agents.clear();
    int64_t count = 0;
    in.get(count);
    for (int64_t i = 0; i < count && !in.failed; i++) {
      int32_t agent = 0;
      in.get(agent);
      AgentStays &own = agents[agent];
      in.get(own.last_state);
      in.get(own.last_load);
      in.get_all(own.presence.list);
      in.get_all(own.routing.list);
      in.get_all(own.load.list);
    }
  }
  /* Returns false where both hold an agent. */
  bool merge(const Engagement &other) {
    for (const auto &entry : other.agents)
      if (agents.count(entry.first)) return false;
    agents.insert(other.agents.begin(), other.agents.end());
    return true;
  }

 private:
  /* Moves to the stay that holds `at` or lies behind it. */
  static size_t seek(const std::vector<Stay> &list, size_t cursor, int64_t at) {
    while (cursor < list.size() && list[cursor].end <= at) cursor++;
    return cursor;
  }
  static void lay(int32_t agent, const AgentStays &own, OutBatch &out) {
    const std::vector<Stay> *lists[3] = {&own.presence.list, &own.routing.list, &own.load.list};
    size_t cursor[3] = {0, 0, 0};
    int64_t at = std::numeric_limits<int64_t>::min();
    for (;;) {
      int64_t next = std::numeric_limits<int64_t>::max(), value[3];
      bool inside = false;
      for (int k = 0; k < 3; k++) {
        cursor[k] = seek(*lists[k], cursor[k], at);
        value[k] = k < 2 ? NONE : 0;
        if (cursor[k] == lists[k]->size()) continue;
        const Stay &stay = (*lists[k])[cursor[k]];
        if (stay.start <= at) {
          value[k] = stay.value;
          next = std::min(next, stay.end);
          inside = true;
        } else {
          next = std::min(next, stay.start);
        }
      }
      if (next == std::numeric_limits<int64_t>::max()) return;
      if (inside) write(agent, value, at, next, out);
      at = next;
    }
  }
  static void write(int32_t agent, const int64_t *value, int64_t start, int64_t end, OutBatch &out) {
    out[0].push32(agent);
    out[1].push_code((int32_t)(value[1] == NONE ? value[0] : value[1]));
    out[2].push_code((int32_t)value[0]);
    out[3].push_code((int32_t)value[1]);
    out[4].push64(value[2]);
    out[5].push64(start);
    out[6].push64(end);
  }
};

}  // namespace kpicore
