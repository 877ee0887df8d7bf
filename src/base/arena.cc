#include "base/arena.h"

#include <algorithm>

#include "base/check.h"

namespace sundog::base {

namespace {
constexpr size_t kLargestBlockBytes = 1 << 20;
}

void* Arena::AllocateSlow(size_t size_bytes, size_t align) {
  CHECK_LE(align, 64u);
  size_t block_bytes = blocks_.empty()
                           ? first_block_bytes_
                           : std::min(blocks_.back().size_bytes * 2, kLargestBlockBytes);
  block_bytes = std::max(block_bytes, size_bytes + align);
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
  blocks_.resize(1);
  allocated_bytes_ = blocks_[0].size_bytes;
  cursor_ = reinterpret_cast<uintptr_t>(blocks_[0].bytes.get());
  end_ = cursor_ + blocks_[0].size_bytes;
}

}  // namespace sundog::base
