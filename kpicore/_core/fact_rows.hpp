/* Facts on their way out. They are collected as rows, which is one check and one cache line or two for a fact,
 * and turned into columns a block at a time: half the time of a checked push per value. */
#pragma once
#include <initializer_list>
#include <utility>

#include "columns.hpp"

namespace kpicore {

constexpr int64_t NO_TIME = INT64_MIN;
constexpr int32_t NOBODY = -1; /* a null id */

/* Wraps around instead of overflowing: times are checked where they enter, not here. */
inline int64_t span_between(int64_t start, int64_t end) { return (int64_t)((uint64_t)end - (uint64_t)start); }
inline int64_t longer(int64_t sum, int64_t more) { return (int64_t)((uint64_t)sum + (uint64_t)more); }

inline void lay_out(OutBatch &batch, std::initializer_list<std::pair<const char *, const char *>> columns) {
  batch.clear();
  for (const auto &column : columns) {
    batch.emplace_back();
    batch.back().name = column.first;
    batch.back().format = column.second;
  }
}

/* Rows of one fact on their way into its columns. */
template <class Row>
class RowBlock {
 public:
  Row rows[256];
  int n = 0;

  Row &next() { return rows[n++]; }
  bool full() const { return n == 256; }

  void put(OutColumn &column, int64_t Row::*field) const {
    int64_t values[256];
    for (int i = 0; i < n; i++) values[i] = rows[i].*field;
    append64(column, values, n);
  }
  void put_time(OutColumn &column, int64_t Row::*field) const {
    int64_t values[256];
    uint8_t valid[256];
    bool nulls = false;
    for (int i = 0; i < n; i++) {
      values[i] = rows[i].*field;
      valid[i] = values[i] != NO_TIME;
      nulls |= !valid[i];
    }
    if (nulls) append_some64(column, values, valid, n);
    else append64(column, values, n);
  }
  void put(OutColumn &column, int32_t Row::*field) const {
    int32_t values[256];
    for (int i = 0; i < n; i++) values[i] = rows[i].*field;
    append_codes(column, values, n);
  }
  void put(OutColumn &column, bool Row::*field) const {
    for (int i = 0; i < n; i++) column.push8(rows[i].*field);
  }
};

struct LegRow {
  int64_t contact, began_at, talk_ended_at, ended_at, ring, talk, hold, wrapup;
  int32_t agent, queue, began, ended;
};

class Legs {
 public:
  OutBatch columns;

  void open() {
    block.n = 0;
    lay_out(columns, {{"contact_id", "l"}, {"agent_id", "i"}, {"queue", "i"}, {"began_at", "l"},
                      {"talk_ended_at", "l"}, {"ended_at", "l"}, {"began", "i"}, {"ended", "i"},
                      {"ring", "l"}, {"talk", "l"}, {"hold", "l"}, {"wrapup", "l"}});
  }
  void add(const LegRow &row) {
    block.next() = row;
    if (block.full()) close();
  }
  /* Brings what is left into the columns. */
  void close() {
    block.put(columns[0], &LegRow::contact);
    block.put(columns[1], &LegRow::agent);
    block.put(columns[2], &LegRow::queue);
    block.put_time(columns[3], &LegRow::began_at);
    block.put_time(columns[4], &LegRow::talk_ended_at);
    block.put_time(columns[5], &LegRow::ended_at);
    block.put(columns[6], &LegRow::began);
    block.put(columns[7], &LegRow::ended);
    block.put(columns[8], &LegRow::ring);
    block.put(columns[9], &LegRow::talk);
    block.put(columns[10], &LegRow::hold);
    block.put(columns[11], &LegRow::wrapup);
    block.n = 0;
  }

 private:
  RowBlock<LegRow> block;
};

}  // namespace kpicore
