// The Levenshtein distance that error hints use to find what was meant.
#pragma once

#include <string_view>

namespace sundog::binder {

// Between two UTF-8 strings, by characters. More than `limit`: some number above it.
int EditDistance(std::string_view a, std::string_view b, int limit);

}  // namespace sundog::binder
