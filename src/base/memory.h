// What a running statement holds of the heap.
//
// Every allocation of C++ code is counted, on the thread that makes it (memory.cc replaces operator
// new and delete): values, aggregate states and plans alike, without a word from those who make
// them. The runtime saves and restores the count with each fiber switch, so it is one flow of
// control's. What one fiber allocates and another frees is missing in one place and too much in
// the other; a MemoryLimit looks only at what has come since it began, so that this does not add
// up.
//
// Memory that C libraries take (the grammar's parse trees) is not counted.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sundog::base {

struct MemoryCount {
  // Allocated less freed; below zero for who frees what others made.
  int64_t held_bytes;
  // Of held_bytes; zero: none.
  int64_t limit_bytes;

  bool IsExceededBy(size_t more_bytes) const {
    return limit_bytes != 0 && held_bytes + static_cast<int64_t>(more_bytes) > limit_bytes;
  }
};
extern constinit thread_local MemoryCount tls_memory;

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
