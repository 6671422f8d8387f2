/* What one agent has in hand: the ends of open segments, and which contacts they are of. */
#pragma once
#include <algorithm>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <unordered_map>
#include <vector>

namespace kpicore {

struct OpenContact {
  int64_t contact, end;
};

/* Until when each open contact of an agent lasts. A few are compared at once; beyond that, as for a bot with
 * thousands of chats, a hash table serves. Contacts that have ended are swept out now and then. */
class OpenContacts {
 public:
  /* The end of a contact where it lies after `now`; a place for it, that is `now`, else. */
  int64_t &end_of(int64_t contact, int64_t now) {
    if (many.size() > 2 * swept) sweep_many(now);
    if (!many.empty()) return end_of_many(contact, now);
    uint32_t found = 0;
    for (int i = 0; i < FEW; i++) found |= (uint32_t)(contacts[i] == contact) << i;
    found &= (1u << size) - 1;
    if (found) {
      int64_t &end = ends[__builtin_ctz(found)];
      end = std::max(end, now);
      return end;
    }
    if (size == FEW) sweep(now);
    if (size == FEW) {
      for (int i = 0; i < FEW; i++) many[contacts[i]] = ends[i];
      size = 0;
      swept = FEW;
      return end_of_many(contact, now);
    }
    contacts[size] = contact;
    ends[size] = now;
    return ends[size++];
  }
  /* The contacts open after `now`, by contact. */
  void list(int64_t now, std::vector<OpenContact> &out) const {
    out.clear();
    for (int i = 0; i < size; i++)
      if (ends[i] > now) out.push_back({contacts[i], ends[i]});
    for (const auto &open : many)
      if (open.second > now) out.push_back({open.first, open.second});
    std::sort(out.begin(), out.end(), [](const OpenContact &a, const OpenContact &b) { return a.contact < b.contact; });
  }

 private:
  static constexpr int FEW = 12;
  int64_t contacts[FEW] = {};
  int64_t ends[FEW] = {};
  int size = 0;
  size_t swept = 0;
  std::unordered_map<int64_t, int64_t> many;

  int64_t &end_of_many(int64_t contact, int64_t now) {
    int64_t &end = many.emplace(contact, now).first->second;
    end = std::max(end, now);
    return end;
  }
  void sweep_many(int64_t now) {
    for (auto it = many.begin(); it != many.end();) it = it->second <= now ? many.erase(it) : std::next(it);
    swept = std::max(many.size(), (size_t)FEW);
    if (many.size() > FEW / 2) return;
    for (const auto &open : many) {
      contacts[size] = open.first;
      ends[size++] = open.second;
    }
    many.clear();
  }
  void sweep(int64_t now) {
    int kept = 0;
    for (int i = 0; i < FEW; i++) {
      contacts[kept] = contacts[i];
      ends[kept] = ends[i];
      kept += ends[i] > now;
    }
    size = kept;
  }
};

/* What not every agent needs. */
struct More {
  OpenContacts contacts;
  std::vector<int64_t> ends;
};

/* Two cache lines, of which most agents use one. `ends` lie from 1 on, the first to end last, behind one that is
 * never reached, so that nobody has to ask whether there is one. */
struct alignas(64) AgentLoad {
  int64_t now = INT64_MIN;   /* the last start */
  int64_t since = INT64_MIN; /* from when on the level has been this */
  int32_t level = 0;
  int32_t code = 0;
  int32_t size = 0; /* of what is open */
  int32_t unused = 0;
  int64_t *ends = few;
  int64_t few[10] = {INT64_MAX};
  std::unique_ptr<More> more;

  AgentLoad() = default;
  AgentLoad(const AgentLoad &other)
      : now(other.now), since(other.since), level(other.level), code(other.code), size(other.size),
        more(other.more ? new More(*other.more) : nullptr) {
    std::copy(other.few, other.few + MOST + 1, few);
    if (other.ends != other.few) ends = more->ends.data();
  }
  AgentLoad &operator=(const AgentLoad &) = delete;
  OpenContacts &contacts() {
    if (!more) more.reset(new More());
    return more->contacts;
  }
  void open(int64_t end) {
    const int32_t n = size;
    if (n < FIXED) {
      /* Always as many steps, and no choice of what to read: how many are open is a guess that processors lose. */
      int64_t *const all = ends;
      for (int i = 1; i <= FIXED; i++) {
        const int64_t there = all[i], other = i <= n ? there : INT64_MIN;
        all[i] = std::max(other, end);
        end = std::min(other, end);
      }
    } else {
      if (ends != few ? (size_t)size + 1 == more->ends.size() : size == MOST) grow();
      int64_t *at = std::upper_bound(ends + 1, ends + 1 + size, end, std::greater<int64_t>());
      std::copy_backward(at, ends + 1 + size, ends + 2 + size);
      *at = end;
    }
    size = n + 1;
  }
  void prolong(int64_t end, int64_t later) {
    int64_t *at = std::lower_bound(ends + 1, ends + 1 + size, end, std::greater<int64_t>());
    std::copy(at + 1, ends + 1 + size, at);
    size--;
    open(later);
  }
  void ask() const {
    if (!more) return;
    const char *at = reinterpret_cast<const char *>(more.get());
    for (size_t i = 0; i < sizeof(OpenContacts); i += 64) __builtin_prefetch(at + i, 1);
  }
  void list(std::vector<int64_t> &out) const { out.assign(ends + 1, ends + 1 + size); }

 private:
  static constexpr int FIXED = 6, MOST = 9;

  void grow() {
    if (!more) more.reset(new More());
    std::vector<int64_t> larger(2 * (size_t)size + 2);
    std::copy(ends, ends + 1 + size, larger.begin());
    more->ends.swap(larger);
    ends = more->ends.data();
  }
};
static_assert(sizeof(AgentLoad) == 128, "an agent is two cache lines");

}  // namespace kpicore
