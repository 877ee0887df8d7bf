// Reads a value's binary wire form; errors are PostgreSQL's for malformed messages.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.h"

namespace sundog::types {

// 08P01 `insufficient data left in message`.
[[noreturn]] void ThrowShortMessage();
// 22P03 `incorrect binary data format`.
[[noreturn]] void ThrowBadBinaryFormat();

class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  template <typename T>
  T Read() {
    return base::LoadBigEndian<T>(ReadBytes(sizeof(T)).data());
  }
  std::string_view ReadBytes(size_t count) {
    if (bytes_.size() < count) ThrowShortMessage();
    std::string_view read = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return read;
  }
  std::string_view ReadRest() { return ReadBytes(bytes_.size()); }
  size_t remaining() const { return bytes_.size(); }
  // Nothing may be left.
  void Finish() const {
    if (!bytes_.empty()) ThrowBadBinaryFormat();
  }

 private:
  std::string_view bytes_;
};

}  // namespace sundog::types
