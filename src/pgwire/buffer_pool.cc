#include "pgwire/buffer_pool.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "base/check.h"

namespace sundog::pgwire {

namespace {

constexpr size_t kKeptBuffers = 64;

// One a reactor thread: connections never leave theirs.
struct Pool {
  std::vector<std::unique_ptr<char[]>> inputs;
  std::vector<std::string> outputs;
};

Pool& ThreadPool() {
  thread_local Pool pool;
  return pool;
}

std::unique_ptr<char[]> TakeInputBlock() {
  Pool& pool = ThreadPool();
  if (pool.inputs.empty()) return std::unique_ptr<char[]>(new char[kInputBufferBytes]);
  std::unique_ptr<char[]> block = std::move(pool.inputs.back());
  pool.inputs.pop_back();
  return block;
}

void ReleaseInputBlock(std::unique_ptr<char[]> block, size_t capacity) {
  Pool& pool = ThreadPool();
  if (block == nullptr || capacity != kInputBufferBytes || pool.inputs.size() >= kKeptBuffers) {
    return;
  }
  pool.inputs.push_back(std::move(block));
}

}  // namespace

void InputBuffer::MakeRoom(size_t wanted) {
  if (block_ == nullptr) {
    block_ = TakeInputBlock();
    capacity_ = kInputBufferBytes;
  }
  if (begin_ == end_) begin_ = end_ = 0;
  size_t needed = std::max(wanted, size() + 1);
  if (begin_ + needed <= capacity_ && tail_size() > 0) return;
  if (needed <= capacity_) {
    std::memmove(block_.get(), data(), size());
  } else {
    // A long message grows its buffer as its bytes come, so that a length alone costs nothing.
    size_t capacity = std::max(std::min(needed, 2 * (size() + kInputBufferBytes)), size() + 1);
    std::unique_ptr<char[]> block(new char[capacity]);
    std::memcpy(block.get(), data(), size());
    ReleaseInputBlock(std::exchange(block_, std::move(block)), capacity_);
    capacity_ = capacity;
  }
  end_ -= begin_;
  begin_ = 0;
}

void InputBuffer::Release() {
  CHECK(empty());
  ReleaseInputBlock(std::move(block_), capacity_);
  capacity_ = begin_ = end_ = 0;
}

std::string TakeOutputBuffer() {
  Pool& pool = ThreadPool();
  if (pool.outputs.empty()) {
    std::string buffer;
    buffer.reserve(kOutputBufferBytes);
    return buffer;
  }
  std::string buffer = std::move(pool.outputs.back());
  pool.outputs.pop_back();
  return buffer;
}

void ReleaseOutputBuffer(std::string buffer) {
  Pool& pool = ThreadPool();
  if (buffer.capacity() > 2 * kOutputBufferBytes || pool.outputs.size() >= kKeptBuffers) return;
  buffer.clear();
  pool.outputs.push_back(std::move(buffer));
}

}  // namespace sundog::pgwire
