// money: cents in an int64_t, written in the style of the C locale: -$1,234.56.
#pragma once

#include <span>

#include "types/families.h"

namespace sundog::types {

std::span<const TypeOpsEntry> MoneyTypeOps();

}  // namespace sundog::types
