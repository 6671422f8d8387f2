/* State to bytes and back: plain little-endian values, every read checked against the end. */
#pragma once
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace kpicore {

struct Writer {
  std::string out;

  explicit Writer(const char *magic) { out.assign(magic, 8); }
  template <class T>
  void put(T value) { out.append((const char *)&value, sizeof(T)); }
  template <class T>
  void put_all(const T *values, int64_t n) {
    if (n > 0) out.append((const char *)values, (size_t)n * sizeof(T));
  }
};

struct Reader {
  const char *at, *end;

  Reader(const char *data, int64_t size, const char *magic) : at(data), end(data + size) {
    if (size < 8 || memcmp(data, magic, 8) != 0) throw std::invalid_argument("these bytes are not such a state");
    at += 8;
  }
  void need(int64_t n, int64_t width) const {
    if (n < 0 || n > (end - at) / width) throw std::invalid_argument("the state is cut short");
  }
  template <class T>
  T get() {
    need(1, (int64_t)sizeof(T));
    T value;
    memcpy(&value, at, sizeof(T));
    at += sizeof(T);
    return value;
  }
  template <class T>
  void fill(T *out, int64_t n) {
    need(n, (int64_t)sizeof(T));
    if (n > 0) memcpy(out, at, (size_t)n * sizeof(T));
    at += n * (int64_t)sizeof(T);
  }
  template <class T>
  void get_all(std::vector<T> &out, int64_t n) {
    need(n, (int64_t)sizeof(T));
    out.resize((size_t)n);
    fill(out.data(), n);
  }
  void finish() const {
    if (at != end) throw std::invalid_argument("bytes follow the end of the state");
  }
};

}  // namespace kpicore
