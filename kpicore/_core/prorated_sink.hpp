/* Prorated measures that take the rows of a stream as they come. */
#pragma once
#include <utility>
#include <vector>

#include "prorated.hpp"
#include "sink.hpp"

namespace kpicore {

class ProratedSink : public Sink {
 public:
  /* The places of the codes, the start and the end among the columns. The tasks need no value and no mask. */
  ProratedSink(Prorated &measures, std::vector<int32_t> code_places, int32_t start_place, int32_t end_place)
      : state(measures), places(std::move(code_places)), start(start_place), end(end_place), codes(places.size()),
        absent(measures.tasks.size()) {}

 protected:
  void add(const Span *columns) override {
    for (size_t k = 0; k < places.size(); k++) codes[k] = columns[places[k]];
    if (state.add(codes, columns[start], columns[end], Span{}, absent, absent) >= 0)
      throw std::invalid_argument("a code is out of range");
  }

 private:
  Prorated &state;
  std::vector<int32_t> places;
  int32_t start, end;
  std::vector<Span> codes, absent;
};

}  // namespace kpicore
