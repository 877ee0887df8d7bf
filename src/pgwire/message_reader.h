// Reads the fields of one frontend message. What does not fit the message throws 08P01, which ends
// the connection.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/sql_error.h"

namespace sundog::pgwire {

// FATAL 08P01.
[[noreturn]] void ThrowProtocolViolation(std::string_view what);

class MessageReader {
 public:
  explicit MessageReader(std::string_view body) : rest_(body) {}

  uint8_t Byte() { return static_cast<uint8_t>(Take(1)[0]); }
  int16_t Int16() { return base::LoadBigEndian<int16_t>(Take(2).data()); }
  int32_t Int32() { return base::LoadBigEndian<int32_t>(Take(4).data()); }
  std::string_view Bytes(size_t size_bytes) { return Take(size_bytes); }
  // Up to the terminating zero, which is taken too.
  std::string_view String();
  std::string_view Rest() { return Take(rest_.size()); }
  bool empty() const { return rest_.empty(); }
  // The message must be used up.
  void End() const {
    if (!rest_.empty()) ThrowProtocolViolation("invalid message format");
  }

 private:
  std::string_view Take(size_t size_bytes) {
    if (size_bytes > rest_.size()) {
      ThrowProtocolViolation("insufficient data left in message");
    }
    std::string_view taken = rest_.substr(0, size_bytes);
    rest_.remove_prefix(size_bytes);
    return taken;
  }

  std::string_view rest_;
};

}  // namespace sundog::pgwire
