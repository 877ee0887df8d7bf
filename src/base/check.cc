#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace sundog::base {

void CheckFailed(const char* file, int line, const char* condition, const std::string& operands) {
  std::fprintf(stderr, "%s:%d: CHECK failed: %s%s%s\n", file, line, condition,
               operands.empty() ? "" : ": ", operands.c_str());
  std::fflush(stderr);
  std::abort();
}

}  // namespace sundog::base
