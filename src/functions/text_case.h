// Case mapping of UTF-8 text, one character to one.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace sundog::functions {

std::string_view ToLower(base::Arena& arena, std::string_view text);
std::string_view ToUpper(base::Arena& arena, std::string_view text);

}  // namespace sundog::functions
