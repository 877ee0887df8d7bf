// Buffers of connections that have something to read or send. An idle connection gives them back,
// so that ten thousand of them cost what a few busy ones need.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace sundog::pgwire {

inline constexpr size_t kInputBufferBytes = 16 << 10;
inline constexpr size_t kOutputBufferBytes = 40 << 10;

// Bytes read and not yet used: [begin, end) of a block.
class InputBuffer {
 public:
  InputBuffer() = default;
  InputBuffer(InputBuffer&&) noexcept = default;
  InputBuffer& operator=(InputBuffer&&) noexcept = default;

  const char* data() const { return block_.get() + begin_; }
  size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  void Consume(size_t size_bytes) { begin_ += size_bytes; }

  // Room for reading at least one byte, and for a message of `wanted` bytes in all. Moves what is
  // there: views into it become invalid.
  void MakeRoom(size_t wanted);
  char* tail() { return block_.get() + end_; }
  size_t tail_size() const { return capacity_ - end_; }
  void Extend(size_t size_bytes) { end_ += size_bytes; }

  // Gives the block back; only when empty.
  void Release();

 private:
  std::unique_ptr<char[]> block_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
};

// An empty string with room, and back.
std::string TakeOutputBuffer();
void ReleaseOutputBuffer(std::string buffer);

}  // namespace sundog::pgwire
