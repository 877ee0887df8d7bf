#include "base/memory.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <limits>
#include <new>

#include "base/sql_error.h"

namespace sundog::base {

constinit thread_local MemoryCount tls_memory{};

void ThrowOutOfMemory() {
  throw SqlError(sqlstate::kOutOfMemory, "out of memory")
      .Detail("The statement needs more than its memory budget.")
      .Hint("Raise sundog.statement_memory, or make the statement handle fewer rows at once.");
}

MemoryLimit::MemoryLimit(size_t more_bytes) : outer_bytes_(tls_memory.limit_bytes) {
  int64_t most = std::numeric_limits<int64_t>::max() - std::max<int64_t>(tls_memory.held_bytes, 0);
  int64_t limit = tls_memory.held_bytes +
                  static_cast<int64_t>(std::min<uint64_t>(more_bytes, static_cast<uint64_t>(most)));
  // Zero means none.
  if (limit == 0) limit = 1;
  tls_memory.limit_bytes = outer_bytes_ == 0 ? limit : std::min(limit, outer_bytes_);
}

namespace {

// Only what is this large is refused in operator new itself: strings and arrays of values that
// double, not the tables and lists that the server shares between statements, which are not made
// to be left half changed. All else waits for the next CheckMemory().
constexpr size_t kRefusedBytes = 16 << 20;

void RefuseIfTooLarge(size_t size_bytes) {
  if (size_bytes >= kRefusedBytes && std::uncaught_exceptions() == 0) CheckMemory(size_bytes);
}

void* Counted(void* memory) {
  tls_memory.held_bytes += static_cast<int64_t>(malloc_usable_size(memory));
  return memory;
}

void* Allocate(size_t size_bytes) {
  RefuseIfTooLarge(size_bytes);
  void* memory = std::malloc(size_bytes != 0 ? size_bytes : 1);
  if (memory == nullptr) throw std::bad_alloc();
  return Counted(memory);
}

void* AllocateAligned(size_t size_bytes, std::align_val_t align) {
  RefuseIfTooLarge(size_bytes);
  void* memory = nullptr;
  size_t alignment = std::max(static_cast<size_t>(align), sizeof(void*));
  if (posix_memalign(&memory, alignment, size_bytes != 0 ? size_bytes : 1) != 0) {
    throw std::bad_alloc();
  }
  return Counted(memory);
}

void Free(void* memory) noexcept {
  if (memory == nullptr) return;
  tls_memory.held_bytes -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}

}  // namespace

}  // namespace sundog::base

// The other forms (arrays, nothrow, sized) call these by the standard's defaults; with libstdc++
// operator new(nothrow) catches what these throw.
void* operator new(size_t size_bytes) { return sundog::base::Allocate(size_bytes); }
void* operator new(size_t size_bytes, std::align_val_t align) {
  return sundog::base::AllocateAligned(size_bytes, align);
}
void operator delete(void* memory) noexcept { sundog::base::Free(memory); }
void operator delete(void* memory, size_t) noexcept { sundog::base::Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { sundog::base::Free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  sundog::base::Free(memory);
}
