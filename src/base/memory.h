// What a running statement holds of the heap.
//
// Every allocation of C++ code is counted, on the thread that makes it (memory.cc replaces operator
// new and delete): values, aggregate states and plans alike, without a word from those who make
// them. The runtime saves and restores the count with each fiber switch, so it is one flow of
// control's. What one fiber allocates and another frees is missing in one place and too much in
// the other; a MemoryLimit looks only at what has come since it began, so that this does not add
// up.
//
// All threads together are the process, which has a limit of its own: once it is reached, who holds
// much gets no more, and the others go on.
//
// Memory that C libraries take (the grammar's parse trees) is not counted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sundog::base {

struct MemoryCount {
  // Allocated less freed; below zero for who frees what others made.
  int64_t held_bytes;
  // Of held_bytes; zero: none.
  int64_t limit_bytes;
  // What was held when the limit was set.
  int64_t began_bytes;

  inline bool IsExceededBy(size_t more_bytes) const;
};
extern constinit thread_local MemoryCount tls_memory;

// What one may hold while the process is at its limit.
inline constexpr size_t kSparedBytes = 32 << 20;
extern constinit std::atomic<bool> process_memory_is_full;
// True for who holds so much while the process is at its limit.
inline bool IsOneTooMany(size_t held_bytes) {
  return held_bytes > kSparedBytes && process_memory_is_full.load(std::memory_order_relaxed);
}
// Zero, as in the beginning: none.
void SetProcessMemoryLimit(size_t limit_bytes);
// Of the machine, or of the container where that is less.
size_t AvailableMemoryBytes();

inline bool MemoryCount::IsExceededBy(size_t more_bytes) const {
  if (limit_bytes == 0) return false;
  int64_t wanted_bytes = held_bytes + static_cast<int64_t>(more_bytes);
  return wanted_bytes > limit_bytes ||
         (wanted_bytes > began_bytes &&
          IsOneTooMany(static_cast<size_t>(wanted_bytes - began_bytes)));
}

// 53200.
[[noreturn]] void ThrowOutOfMemory();

// For loops, and for whoever is about to allocate much.
inline void CheckMemory(size_t more_bytes = 0) {
  if (tls_memory.IsExceededBy(more_bytes)) ThrowOutOfMemory();
}

// While it lives this flow of control may take so many bytes more. Within another one, what is
// left of that one's is the most.
class MemoryLimit {
 public:
  explicit MemoryLimit(size_t more_bytes);
  ~MemoryLimit() { tls_memory.limit_bytes = outer_bytes_; }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  int64_t outer_bytes_;
};

// While it lives nothing is refused: where a failure could not be borne (commit, rollback).
class NoMemoryLimit {
 public:
  NoMemoryLimit() : outer_bytes_(tls_memory.limit_bytes) { tls_memory.limit_bytes = 0; }
  ~NoMemoryLimit() { tls_memory.limit_bytes = outer_bytes_; }
  NoMemoryLimit(const NoMemoryLimit&) = delete;
  NoMemoryLimit& operator=(const NoMemoryLimit&) = delete;

 private:
  int64_t outer_bytes_;
};

// While it lives nothing is counted or refused: around what outlives the statement (caches, the
// store, a transaction's writes).
class UncountedMemory {
 public:
  UncountedMemory() : outer_(tls_memory) { tls_memory.limit_bytes = 0; }
  ~UncountedMemory() { tls_memory = outer_; }
  UncountedMemory(const UncountedMemory&) = delete;
  UncountedMemory& operator=(const UncountedMemory&) = delete;

 private:
  MemoryCount outer_;
};

}  // namespace sundog::base
