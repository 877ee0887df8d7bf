// Appends backend messages to a send buffer: type byte, length, body. The length is filled in when
// the message ends.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace sundog::pgwire {

class MessageWriter {
 public:
  MessageWriter(std::string& buffer, char type) : buffer_(buffer) {
    buffer_ += type;
    length_at_ = buffer_.size();
    buffer_.append(4, '\0');
  }
  ~MessageWriter() {
    base::StoreBigEndian<int32_t>(buffer_.data() + length_at_,
                                  static_cast<int32_t>(buffer_.size() - length_at_));
  }
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  void Byte(char value) { buffer_ += value; }
  void Int16(int16_t value) { base::AppendBigEndian(buffer_, value); }
  void Int32(int32_t value) { base::AppendBigEndian(buffer_, value); }
  void Bytes(std::string_view bytes) { buffer_ += bytes; }
  void String(std::string_view text) {
    buffer_ += text;
    buffer_ += '\0';
  }

 private:
  std::string& buffer_;
  size_t length_at_;
};

}  // namespace sundog::pgwire
