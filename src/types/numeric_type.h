// The operations of the type numeric; its values are numeric.h's.
#pragma once

#include <span>

#include "types/families.h"

namespace sundog::types {

std::span<const TypeOpsEntry> NumericTypeOps();

}  // namespace sundog::types
