// boolean.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

// What boolean's input accepts: unique prefixes of true, false, yes, no, on, off, and 1, 0, in any
// case, with white space around.
std::optional<bool> ParseBool(std::string_view text);

std::span<const TypeOpsEntry> BoolTypeOps();

}  // namespace sundog::types
