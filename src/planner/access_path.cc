#include "planner/access_path.h"

namespace sundog::planner {

std::string LikePrefix(std::string_view pattern, bool* exact) {
  std::string prefix;
  if (exact != nullptr) *exact = false;
  for (size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '%' || pattern[i] == '_') return prefix;
    if (pattern[i] == '\\' && ++i == pattern.size()) return prefix;
    prefix += pattern[i];
  }
  if (exact != nullptr) *exact = true;
  return prefix;
}

}  // namespace sundog::planner
