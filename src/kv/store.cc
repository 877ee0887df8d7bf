#include "kv/store.h"

namespace sundog::kv {

std::string PrefixEnd(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

KeyRange PrefixRange(std::string_view prefix) {
  return {std::string(prefix), PrefixEnd(prefix)};
}

}  // namespace sundog::kv
