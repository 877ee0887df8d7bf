// The text and binary forms of arrays, and the operations of array types.
#pragma once

#include <span>
#include <string_view>

#include "types/ascii.h"
#include "types/families.h"

namespace sundog::types {

// For every true array type and for anyarray.
extern const TypeOps kArrayOps;

// int2vector and oidvector.
std::span<const TypeOpsEntry> VectorTypes();

// True for the characters that array and record literals skip, whatever the locale.
constexpr bool IsLiteralSpace(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace sundog::types
