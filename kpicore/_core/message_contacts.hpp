/* Contacts of which only messages are known: when each began, its customer, who wrote to him last. */
#pragma once
#include "fact_rows.hpp"
#include "keyed_states.hpp"

namespace kpicore {

constexpr int64_t NO_KEY = INT64_MIN;
constexpr int32_t AGENT_WROTE = 1; /* of the schema's authors */

struct MessageEvent {
  int64_t at = NO_TIME, seq = NO_TIME, customer = NO_KEY;
  int32_t author = -1, agent = NOBODY;
};
struct MessageContact {
  MessageEvent last;
  int64_t opened_at = NO_TIME, customer = NO_KEY;
  int32_t agent = NOBODY, parts = -1;
};
static_assert(sizeof(MessageContact) == 56, "no hidden padding: it is dumped");

class MessageContacts : public KeyedStates<MessageContact, NoPart> {
 public:
  OutBatch columns;
  int64_t agent_missing = 0;

  void open() {
    lay_out(columns, {{"contact_id", "l"}, {"customer_id", "l"}, {"agent_id", "i"}, {"opened_at", "l"}});
  }
  /* The index of the column in which a row is out of order: at, seq, author, agent, customer. */
  int take(int32_t id, const MessageEvent &row) noexcept {
    MessageContact &state = states[id];
    const int answer = compare(state.last, row);
    if (answer != TAKEN) return answer;
    if (state.last.author < 0) state.opened_at = row.at;
    if (state.customer == NO_KEY) state.customer = row.customer;
    if (row.author == AGENT_WROTE) {
      if (row.agent == NOBODY) agent_missing++;
      else state.agent = row.agent;
    }
    state.last = row;
    return TAKEN;
  }
  bool finish() noexcept {
    try {
      for (int32_t id = 0; id < states.size(); id++) {
        const MessageContact &state = states[id];
        columns[0].push64(keys.keys()[(size_t)id]);
        if (state.customer == NO_KEY) columns[1].push_null();
        else columns[1].push64(state.customer);
        columns[2].push_code(state.agent);
        columns[3].push64(state.opened_at);
      }
      clear();
      return true;
    } catch (const std::exception &) {
      return false;
    }
  }

 private:
  static int compare(const MessageEvent &old, const MessageEvent &now) {
    if (now.at != old.at) return now.at < old.at ? 0 : TAKEN;
    if (now.seq != old.seq) return now.seq < old.seq ? 1 : TAKEN;
    if (now.author != old.author) return now.author < old.author ? 2 : TAKEN;
    if (now.agent != old.agent) return now.agent < old.agent ? 3 : TAKEN;
    return now.customer < old.customer ? 4 : TAKEN;
  }
};

}  // namespace kpicore
