/* A large array that begins as zeros. Pages come zeroed from the system when they are first touched, so what is
 * never used costs nothing: nights and weekends lie in between, and small pages leave them out. On huge pages,
 * which take them along, the hours of 10 M states took four times as long to fill. */
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <utility>

namespace kpicore {

template <class T>
class Sheet {
 public:
  Sheet() = default;
  explicit Sheet(size_t n) : size_(n) {
    if (n == 0) return;
    void *block = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T *>(block);
  }
  Sheet(Sheet &&other) noexcept : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Sheet &operator=(Sheet &&other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Sheet() {
    if (data_) munmap(data_, bytes());
  }
  T &operator[](size_t i) { return data_[i]; }
  const T &operator[](size_t i) const { return data_[i]; }
  size_t size() const { return size_; }

 private:
  T *data_ = nullptr;
  size_t size_ = 0;

  size_t bytes() const { return size_ * sizeof(T); }
};

}  // namespace kpicore
