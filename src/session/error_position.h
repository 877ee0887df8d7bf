// From a byte offset in a statement's text to the protocol's 1-based character position.
#pragma once

#include <string_view>

namespace sundog::session {

// 0 when unknown.
inline int CharacterPosition(std::string_view sql, int location) {
  if (location < 0 || static_cast<size_t>(location) > sql.size()) return 0;
  int position = 1;
  for (char c : sql.substr(0, static_cast<size_t>(location))) {
    // UTF-8 continuation bytes belong to the character before.
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++position;
  }
  return position;
}

}  // namespace sundog::session
