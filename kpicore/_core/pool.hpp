/* Memory for output columns. Batches of some ten thousand rows come and go; fresh pages from the system
 * cost more than filling them (16 ns for 32 bytes, 2 ns where the memory is used again), and malloc gives
 * blocks of this size back at once. So every thread keeps a few of them. */
#pragma once
#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(block, size) ((void)(block), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(block, size) ((void)(block), (void)(size))
#endif

namespace kpicore {

class Pool {
 public:
  static constexpr int FIRST = 15, LAST = 25; /* blocks of 32 KiB to 32 MiB, by powers of two */
  static constexpr size_t KEPT = size_t(64) << 20; /* bytes, at most, a thread */

  ~Pool() {
    gone() = true;
    for (auto &list : lists)
      for (; list.size > 0; list.size--) drop(list.blocks[list.size - 1], size_t(1) << (FIRST + (&list - lists)));
  }
  static void *take(size_t bytes) {
    const int level = level_of(bytes);
    if (level > LAST) return fresh((bytes + HUGE - 1) / HUGE * HUGE);
    if (level < FIRST || gone()) return checked(malloc(bytes ? bytes : 1));
    Pool &pool = own();
    List &list = pool.lists[level - FIRST];
    if (list.size > 0) {
      pool.kept -= size_t(1) << level;
      return fenced(list.blocks[--list.size], bytes, level);
    }
    return fenced(fresh(size_t(1) << level), bytes, level);
  }
  static void give(void *block, size_t bytes) {
    const int level = level_of(bytes);
    if (level < FIRST || level > LAST || gone()) return drop(block, bytes);
    Pool &pool = own();
    List &list = pool.lists[level - FIRST];
    if (list.size == MOST || pool.kept + (size_t(1) << level) > KEPT) return drop(block, size_t(1) << level);
    pool.kept += size_t(1) << level;
    ASAN_POISON_MEMORY_REGION(block, size_t(1) << level);
    list.blocks[list.size++] = block;
  }

 private:
  static constexpr int MOST = 16;
  static constexpr size_t HUGE = size_t(1) << 21;
  struct List {
    void *blocks[MOST];
    int size = 0;
  };
  List lists[LAST - FIRST + 1];
  size_t kept = 0;

  /* For the address sanitizer nothing of a block may be touched beyond the bytes asked for. */
  static void *fenced(void *block, size_t bytes, int level) {
    ASAN_POISON_MEMORY_REGION(block, size_t(1) << level);
    ASAN_UNPOISON_MEMORY_REGION(block, bytes);
    return block;
  }
  static void drop(void *block, size_t size) {
    ASAN_UNPOISON_MEMORY_REGION(block, size);
    free(block);
  }
  static void *fresh(size_t size) {
    void *block = checked(aligned_alloc(size < HUGE ? 4096 : HUGE, size));
#ifdef MADV_HUGEPAGE
    if (size >= HUGE) madvise(block, size, MADV_HUGEPAGE);
#endif
    return block;
  }
  static Pool &own() {
    static thread_local Pool pool;
    return pool;
  }
  /* Whether this thread's pool is destroyed already: columns may outlive it. */
  static bool &gone() {
    static thread_local bool flag = false;
    return flag;
  }
  static int level_of(size_t bytes) { return bytes <= 1 ? 0 : 64 - __builtin_clzll(bytes - 1); }
  static void *checked(void *block) {
    if (block == nullptr) throw std::bad_alloc();
    return block;
  }
};

template <class T>
struct Pooled {
  using value_type = T;
  Pooled() = default;
  template <class U>
  Pooled(const Pooled<U> &) {}
  T *allocate(size_t n) { return static_cast<T *>(Pool::take(n * sizeof(T))); }
  void deallocate(T *block, size_t n) { Pool::give(block, n * sizeof(T)); }
  template <class U>
  bool operator==(const Pooled<U> &) const { return true; }
  template <class U>
  bool operator!=(const Pooled<U> &) const { return false; }
};

template <class T>
using Values = std::vector<T, Pooled<T>>;

}  // namespace kpicore
