#include "functions/text_builder.h"

#include "base/sql_error.h"

namespace sundog::functions {

void CheckTextSize(int64_t size_bytes) {
  constexpr int64_t kMaxSizeBytes = 0x3fffffff - 4;
  if (size_bytes > kMaxSizeBytes) {
    throw SqlError(sqlstate::kProgramLimitExceeded, "requested length too large");
  }
}

char* AllocateText(CallContext& call, int64_t size_bytes) {
  CheckTextSize(size_bytes);
  return call.arena().AllocateBytes(static_cast<size_t>(size_bytes));
}

}  // namespace sundog::functions
