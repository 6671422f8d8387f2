/* An operator's state as bytes: a tag that names its maker and settings, the content, a checksum. */
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

namespace kpicore {

inline uint64_t checksum(const char *bytes, size_t length) {
  uint64_t sum = 0x9E3779B97F4A7C15ull ^ length;
  for (size_t i = 0; i < length; i += 8) {
    uint64_t word = 0;
    memcpy(&word, bytes + i, length - i < 8 ? length - i : 8);
    sum = (sum ^ word) * 0xFF51AFD7ED558CCDull;
    sum ^= sum >> 32;
  }
  return sum;
}

struct Dump {
  std::string bytes;

  template <class T>
  void put(const T &value) {
    static_assert(std::is_trivially_copyable<T>::value, "only plain values have bytes");
    bytes.append(reinterpret_cast<const char *>(&value), sizeof(T));
  }
  template <class T, class Memory>
  void put_all(const std::vector<T, Memory> &values) {
    static_assert(std::is_trivially_copyable<T>::value, "only plain values have bytes");
    put((int64_t)values.size());
    if (!values.empty()) bytes.append(reinterpret_cast<const char *>(values.data()), values.size() * sizeof(T));
  }
  void open(const std::string &tag) {
    put((int64_t)tag.size());
    bytes.append(tag);
  }
  void close() { put(checksum(bytes.data(), bytes.size())); }
};

/* Reads what Dump wrote; `failed` where the bytes are something else. */
struct Load {
  const char *next = nullptr;
  const char *end = nullptr;
  bool failed = false;

  void open(const char *bytes, int64_t length, const std::string &tag) {
    uint64_t stated;
    next = bytes;
    end = bytes + length;
    failed = length < 8;
    if (failed) return;
    end -= 8;
    memcpy(&stated, end, 8);
    failed = stated != checksum(bytes, (size_t)(length - 8));
    int64_t size = 0;
    get(size);
    if (failed || size != (int64_t)tag.size() || end - next < size || memcmp(next, tag.data(), tag.size()) != 0) {
      failed = true;
      return;
    }
    next += size;
  }
  template <class T>
  void get(T &value) {
    static_assert(std::is_trivially_copyable<T>::value, "only plain values have bytes");
    if (failed || end - next < (int64_t)sizeof(T)) {
      failed = true;
      return;
    }
    memcpy(&value, next, sizeof(T));
    next += sizeof(T);
  }
  template <class T, class Memory>
  void get_all(std::vector<T, Memory> &values) {
    int64_t size = 0;
    get(size);
    if (failed || size < 0 || size > (end - next) / (int64_t)sizeof(T)) {
      failed = true;
      return;
    }
    values.resize((size_t)size);
    if (size) memcpy(values.data(), next, (size_t)size * sizeof(T));
    next += size * (int64_t)sizeof(T);
  }
  bool done() const { return !failed && next == end; }
};

}  // namespace kpicore
