// real and double precision. Order: NaN equals itself and is greater than all else; -0 equals 0.
#pragma once

#include <cmath>
#include <span>
#include <string>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

// Throws 22P02, 22003 (overflow, and underflow to zero).
double ParseFloat64(std::string_view text);
float ParseFloat32(std::string_view text);

// extra_float_digits > 0: the shortest text that reads back as the same value, as PostgreSQL lays
// it out; else %g with that many digits less than the type's 15 or 6.
void AppendFloat64(double value, int extra_float_digits, std::string& to);
void AppendFloat32(float value, int extra_float_digits, std::string& to);

template <typename T>
constexpr int CompareFloats(T a, T b) {
  if (a != a) return b != b ? 0 : 1;
  if (b != b) return -1;
  return a < b ? -1 : a > b ? 1 : 0;
}

std::span<const TypeOpsEntry> FloatTypeOps();

}  // namespace sundog::types
