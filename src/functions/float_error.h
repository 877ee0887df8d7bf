// The errors of floating-point functions.
#pragma once

#include <cmath>

#include "base/sql_error.h"

namespace sundog::functions {

[[noreturn, gnu::cold]] inline void ThrowFloatOverflow() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "value out of range: overflow");
}

[[noreturn, gnu::cold]] inline void ThrowFloatUnderflow() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "value out of range: underflow");
}

[[noreturn, gnu::cold]] inline void ThrowFloatDivisionByZero() {
  throw SqlError(sqlstate::kDivisionByZero, "division by zero");
}

[[noreturn, gnu::cold]] inline void ThrowFloatInput() {
  throw SqlError(sqlstate::kNumericValueOutOfRange, "input is out of range");
}

}  // namespace sundog::functions
