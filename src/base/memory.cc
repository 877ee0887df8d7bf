#include "base/memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <limits>
#include <new>
#include <utility>

#include "base/sql_error.h"

namespace sundog::base {

constinit thread_local MemoryCount tls_memory{};
constinit std::atomic<bool> process_memory_is_full = false;

namespace {

constinit std::atomic<int64_t> process_bytes = 0;
constinit std::atomic<int64_t> process_limit_bytes = 0;
// What this thread has not yet added.
constinit thread_local int64_t tls_unreported_bytes = 0;
constexpr int64_t kReportedBytes = 256 << 10;

void Report() {
  int64_t change = std::exchange(tls_unreported_bytes, 0);
  int64_t now = process_bytes.fetch_add(change, std::memory_order_relaxed) + change;
  int64_t limit = process_limit_bytes.load(std::memory_order_relaxed);
  bool full = limit != 0 && now > limit;
  if (full != process_memory_is_full.load(std::memory_order_relaxed)) {
    process_memory_is_full.store(full, std::memory_order_relaxed);
  }
}

void Count(int64_t bytes) {
  tls_memory.held_bytes += bytes;
  tls_unreported_bytes += bytes;
  if (tls_unreported_bytes > kReportedBytes || tls_unreported_bytes < -kReportedBytes) Report();
}

}  // namespace

void SetProcessMemoryLimit(size_t limit_bytes) {
  process_limit_bytes.store(static_cast<int64_t>(limit_bytes), std::memory_order_relaxed);
  Report();
}

size_t AvailableMemoryBytes() {
  size_t machine = static_cast<size_t>(sysconf(_SC_PHYS_PAGES)) *
                   static_cast<size_t>(sysconf(_SC_PAGESIZE));
  for (const char* path : {"/sys/fs/cgroup/memory.max",
                           "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    size_t container = 0;  // "max" is no number
    if (std::ifstream(path) >> container && container > 0) machine = std::min(machine, container);
  }
  return machine;
}

void ThrowOutOfMemory() {
  if (process_memory_is_full.load(std::memory_order_relaxed)) {
    throw SqlError(sqlstate::kOutOfMemory, "out of memory")
        .Detail("All statements together need more memory than the server has.")
        .Hint("Try again when others have ended, or make the statement handle fewer rows at once.");
  }
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
  if (outer_bytes_ == 0) tls_memory.began_bytes = tls_memory.held_bytes;
  tls_memory.limit_bytes = outer_bytes_ == 0 ? limit : std::min(limit, outer_bytes_);
}

namespace {

// Only what is this large is refused in operator new itself: strings and arrays of values that
// double, not the tables and lists that the server shares between statements, which are not made
// to be left half changed. All else waits for the next CheckMemory().
constexpr size_t kRefusedBytes = 16 << 20;

// Null: there is no more.
void* TryAllocate(size_t size_bytes) {
  void* memory = std::malloc(size_bytes != 0 ? size_bytes : 1);
  if (memory != nullptr) Count(static_cast<int64_t>(malloc_usable_size(memory)));
  return memory;
}

void* TryAllocateAligned(size_t size_bytes, std::align_val_t align) {
  void* memory = nullptr;
  size_t alignment = std::max(static_cast<size_t>(align), sizeof(void*));
  if (posix_memalign(&memory, alignment, size_bytes != 0 ? size_bytes : 1) != 0) return nullptr;
  Count(static_cast<int64_t>(malloc_usable_size(memory)));
  return memory;
}

bool IsRefused(size_t size_bytes) {
  return size_bytes >= kRefusedBytes && std::uncaught_exceptions() == 0 &&
         tls_memory.IsExceededBy(size_bytes);
}

void* Allocate(size_t size_bytes) {
  if (IsRefused(size_bytes)) ThrowOutOfMemory();
  void* memory = TryAllocate(size_bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* AllocateAligned(size_t size_bytes, std::align_val_t align) {
  if (IsRefused(size_bytes)) ThrowOutOfMemory();
  void* memory = TryAllocateAligned(size_bytes, align);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void* AllocateOrNull(size_t size_bytes) noexcept {
  return IsRefused(size_bytes) ? nullptr : TryAllocate(size_bytes);
}

void* AllocateAlignedOrNull(size_t size_bytes, std::align_val_t align) noexcept {
  return IsRefused(size_bytes) ? nullptr : TryAllocateAligned(size_bytes, align);
}

void Free(void* memory) noexcept {
  if (memory == nullptr) return;
  Count(-static_cast<int64_t>(malloc_usable_size(memory)));
  std::free(memory);
}

}  // namespace

}  // namespace sundog::base

// All forms are replaced: the sanitizers' own would go with the rest of theirs.
namespace heap = sundog::base;

void* operator new(size_t size_bytes) { return heap::Allocate(size_bytes); }
void* operator new[](size_t size_bytes) { return heap::Allocate(size_bytes); }
void* operator new(size_t size_bytes, std::align_val_t align) {
  return heap::AllocateAligned(size_bytes, align);
}
void* operator new[](size_t size_bytes, std::align_val_t align) {
  return heap::AllocateAligned(size_bytes, align);
}
void* operator new(size_t size_bytes, const std::nothrow_t&) noexcept {
  return heap::AllocateOrNull(size_bytes);
}
void* operator new[](size_t size_bytes, const std::nothrow_t&) noexcept {
  return heap::AllocateOrNull(size_bytes);
}
void* operator new(size_t size_bytes, std::align_val_t align, const std::nothrow_t&) noexcept {
  return heap::AllocateAlignedOrNull(size_bytes, align);
}
void* operator new[](size_t size_bytes, std::align_val_t align, const std::nothrow_t&) noexcept {
  return heap::AllocateAlignedOrNull(size_bytes, align);
}

void operator delete(void* memory) noexcept { heap::Free(memory); }
void operator delete[](void* memory) noexcept { heap::Free(memory); }
void operator delete(void* memory, size_t) noexcept { heap::Free(memory); }
void operator delete[](void* memory, size_t) noexcept { heap::Free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { heap::Free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { heap::Free(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept { heap::Free(memory); }
void operator delete[](void* memory, size_t, std::align_val_t) noexcept { heap::Free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { heap::Free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { heap::Free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  heap::Free(memory);
}
void operator delete[](void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  heap::Free(memory);
}
