// Bump allocation for bytes that live as long as one batch of work (a chunk, a statement, a bound
// tree). Nothing is freed singly; Reset() keeps the first block, so that a prepared statement's
// second run allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace sundog::base {

class Arena {
 public:
  explicit Arena(size_t first_block_bytes = 1024) : first_block_bytes_(first_block_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  // `align` is a power of two.
  void* Allocate(size_t size_bytes, size_t align = 8) {
    uintptr_t aligned = (cursor_ + align - 1) & ~(align - 1);
    if (aligned + size_bytes > end_ || cursor_ == 0) return AllocateSlow(size_bytes, align);
    cursor_ = aligned + size_bytes;
    return reinterpret_cast<void*>(aligned);
  }

  char* AllocateBytes(size_t size_bytes) { return static_cast<char*>(Allocate(size_bytes, 1)); }

  std::string_view Copy(std::string_view bytes) {
    if (bytes.empty()) return {};
    char* to = AllocateBytes(bytes.size());
    std::memcpy(to, bytes.data(), bytes.size());
    return {to, bytes.size()};
  }

  // Forgets everything allocated; the first block is kept.
  void Reset();

  size_t allocated_bytes() const { return allocated_bytes_; }

 private:
  void* AllocateSlow(size_t size_bytes, size_t align);

  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size_bytes;
  };
  size_t first_block_bytes_;
  size_t allocated_bytes_ = 0;
  uintptr_t cursor_ = 0;
  uintptr_t end_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace sundog::base
