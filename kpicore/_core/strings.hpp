/* Dense codes of strings, in order of first appearance, and their way out as an Arrow array. */
#pragma once
#include <string>
#include <vector>

#include "dump.hpp"
#include "export.hpp"
#include "hashing.hpp"
#include "span.hpp"

namespace kpicore {

/* A column of strings to read: offsets of 32 or of 64 bits. */
struct StringSpan {
  const int32_t *o32;
  const int64_t *o64;
  const char *data;
  const uint8_t *valid;
  int64_t offset;
  int64_t length;
};

inline uint64_t fold(uint64_t a, uint64_t b) {
  const unsigned __int128 product = (unsigned __int128)a * b;
  return (uint64_t)product ^ (uint64_t)(product >> 64);
}
inline uint64_t hash_of(const char *text, int64_t length) {
  uint64_t hash = 0x9E3779B97F4A7C15ull ^ (uint64_t)length, word;
  int64_t i = 0;
  for (; i + 8 <= length; i += 8) {
    memcpy(&word, text + i, 8);
    hash = fold(hash ^ word, 0xC2B2AE3D27D4EB4Full);
  }
  word = 0;
  if (i < length) memcpy(&word, text + i, (size_t)(length - i));
  return mix(fold(hash ^ word, 0xD6E8FEB86659FD93ull));
}

class StringIds {
 public:
  int64_t size() const { return (int64_t)starts.size() - 1; }

  /* Writes the code of each row, -1 for a null. Returns the first row whose offsets are impossible, or -1. */
  int64_t locate(const StringSpan &column, int32_t *out) {
    return column.o32 ? locate_all(column, column.o32, out) : locate_all(column, column.o64, out);
  }

  std::string dump() const {
    Dump dump;
    dump.open("strings");
    dump.put_all(starts);
    dump.put_all(text);
    dump.close();
    return std::move(dump.bytes);
  }

  /* Fills a fresh interner. */
  void load(const char *data, int64_t length) {
    std::vector<int64_t> ends;
    std::vector<char> content;
    Load load;
    load.open(data, length, "strings");
    load.get_all(ends);
    load.get_all(content);
    bool right = load.done() && !ends.empty() && ends.front() == 0 && ends.back() == (int64_t)content.size();
    for (size_t i = 0; right && i + 1 < ends.size(); i++)
      right = ends[i] <= ends[i + 1] && ends[i + 1] <= ends.back()
              && add(content.data() + ends[i], ends[i + 1] - ends[i],
                     hash_of(content.data() + ends[i], ends[i + 1] - ends[i])) == (int32_t)i;
    if (!right) throw std::invalid_argument("these bytes are not the state of an interner");
  }

  void export_values(ArrowSchema *schema, ArrowArray *array) const;

 private:
  std::vector<char> text;
  std::vector<int64_t> starts{0}; /* where each string begins in it, and the end */
  Slots slots;

  int32_t add(const char *string, int64_t length, uint64_t hash) {
    const int32_t id = slots.find_or_add(hash, (uint64_t)size(), [&](uint32_t other) {
      return starts[other + 1] - starts[other] == length
             && (length == 0 || memcmp(text.data() + starts[other], string, (size_t)length) == 0);
    });
    if (id == size()) {
      if (length > 0) text.insert(text.end(), string, string + length);
      starts.push_back((int64_t)text.size());
    }
    return id;
  }

  template <class Offset>
  int64_t locate_all(const StringSpan &column, const Offset *offsets, int32_t *out) {
    uint64_t hashes[BLOCK];
    for (int64_t row = 0; row < column.length; row += BLOCK) {
      const int64_t n = column.length - row < BLOCK ? column.length - row : BLOCK;
      Selection valid;
      valid.narrow(column.valid, column.offset + row, n);
      for (int64_t i = 0; i < n; i++) {
        const int64_t begin = offsets[row + i], length = offsets[row + i + 1] - begin;
        if (begin < 0 || length < 0) return row + i;
        if (!valid.all && !valid.keep[i]) continue;
        hashes[i] = hash_of(column.data + begin, length);
        slots.prefetch(hashes[i]);
      }
      for (int64_t i = 0; i < n; i++) {
        const int64_t begin = offsets[row + i], length = offsets[row + i + 1] - begin;
        out[row + i] = valid.all || valid.keep[i] ? add(column.data + begin, length, hashes[i]) : -1;
      }
    }
    return -1;
  }
};

struct StringOwner {
  std::vector<char> text;
  std::vector<int64_t> long_starts;
  std::vector<int32_t> starts;
  const void *buffers[3];
};

inline void release_strings(ArrowArray *array) {
  delete static_cast<StringOwner *>(array->private_data);
  array->release = nullptr;
}

/* utf8; large_utf8 from 2 GiB of text on. */
inline void StringIds::export_values(ArrowSchema *schema, ArrowArray *array) const {
  StringOwner *owner = new StringOwner();
  const bool large = text.size() > INT32_MAX;
  owner->text = text;
  owner->text.push_back(0);
  if (large) owner->long_starts = starts;
  else owner->starts.assign(starts.begin(), starts.end());
  owner->buffers[0] = nullptr;
  owner->buffers[1] = large ? (const void *)owner->long_starts.data() : (const void *)owner->starts.data();
  owner->buffers[2] = owner->text.data();
  fill_schema(schema, large ? "U" : "u", "", 0);
  memset(array, 0, sizeof(*array));
  array->length = size();
  array->n_buffers = 3;
  array->buffers = owner->buffers;
  array->private_data = owner;
  array->release = release_strings;
}

}  // namespace kpicore
