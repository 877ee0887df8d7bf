#include "base/arena.h"

#include <algorithm>

#include "base/check.h"
#include "base/memory.h"

namespace sundog::base {

namespace {
constexpr size_t kLargestBlockBytes = 1 << 20;
// Blocks from this size on are worth a look at the statement's limit.
constexpr size_t kCheckedBlockBytes = 64 << 10;
}

void* Arena::AllocateSlow(size_t size_bytes, size_t align) {
  CHECK_LE(align, 64u);
  size_t block_bytes = blocks_.empty()
                           ? first_block_bytes_
                           : std::min(blocks_.back().size_bytes * 2, kLargestBlockBytes);
  block_bytes = std::max(block_bytes, size_bytes + align);
  if (block_bytes >= kCheckedBlockBytes) CheckMemory(block_bytes);
  blocks_.push_back({std::unique_ptr<char[]>(new char[block_bytes]), block_bytes});
  allocated_bytes_ += block_bytes;
  cursor_ = reinterpret_cast<uintptr_t>(blocks_.back().bytes.get());
  end_ = cursor_ + block_bytes;
  uintptr_t aligned = (cursor_ + align - 1) & ~(align - 1);
  cursor_ = aligned + size_bytes;
  return reinterpret_cast<void*>(aligned);
}

void Arena::Reset() {
  if (blocks_.empty()) return;
  if (blocks_[0].size_bytes > kLargestBlockBytes) {
    // Of one large value; not kept.
    blocks_.clear();
    allocated_bytes_ = 0;
    cursor_ = end_ = 0;
    return;
  }
  blocks_.resize(1);
  allocated_bytes_ = blocks_[0].size_bytes;
  cursor_ = reinterpret_cast<uintptr_t>(blocks_[0].bytes.get());
  end_ = cursor_ + blocks_[0].size_bytes;
}

}  // namespace sundog::base
