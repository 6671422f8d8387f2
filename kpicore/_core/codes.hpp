/* From the codes of a dictionary to dense states: one int32 a code, whatever the size of a state. */
#pragma once
#include <cstdint>
#include <vector>

namespace kpicore {

constexpr int32_t UNSEEN = -1;
constexpr int32_t FOREIGN = -2; /* the key of another part */

struct CodeSlots {
  std::vector<int32_t> slot_of; /* by code */
  std::vector<int32_t> code_of; /* by slot */

  void cover(int32_t highest) {
    if ((size_t)highest + 1 > slot_of.size()) slot_of.resize((size_t)highest + 1, UNSEEN);
  }
  int32_t add(int32_t code) {
    cover(code);
    if (slot_of[(size_t)code] >= 0) return -1;
    slot_of[(size_t)code] = (int32_t)code_of.size();
    code_of.push_back(code);
    return (int32_t)code_of.size() - 1;
  }
  int32_t find(int32_t code) const {
    return (size_t)code < slot_of.size() ? slot_of[(size_t)code] : UNSEEN;
  }
  /* Calls in ascending code order need no sort: slot_of is in that order already. */
  void sorted_slots(std::vector<int32_t> &out) const {
    out.clear();
    for (int32_t slot : slot_of)
      if (slot >= 0) out.push_back(slot);
  }
  void clear() {
    slot_of.clear();
    code_of.clear();
  }
};

}  // namespace kpicore
