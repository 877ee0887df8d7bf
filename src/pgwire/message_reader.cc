#include "pgwire/message_reader.h"

#include <string>

namespace sundog::pgwire {

void ThrowProtocolViolation(std::string_view what) {
  throw SqlError(sqlstate::kProtocolViolation, std::string(what)).Fatal();
}

std::string_view MessageReader::String() {
  size_t end = rest_.find('\0');
  if (end == std::string_view::npos) ThrowProtocolViolation("invalid string in message");
  std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  return text;
}

}  // namespace sundog::pgwire
