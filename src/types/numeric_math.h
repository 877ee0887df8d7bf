// Roots, exponentials, logarithms, powers and number theory over numeric, with PostgreSQL's result
// scales: at least 16 significant digits, and no fewer digits after the point than the arguments.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace sundog::types {

struct NumericVar;

// Correctly rounded to `scale`. 2201F for a negative argument.
NumericVar SquareRoot(const NumericVar& a, int scale);

// Errors: 2201F sqrt, power; 2201E ln, log; 22003 overflow.
std::string_view NumericSqrt(std::string_view a, base::Arena& arena);
std::string_view NumericExp(std::string_view a, base::Arena& arena);
std::string_view NumericLn(std::string_view a, base::Arena& arena);
std::string_view NumericLog(std::string_view base_of, std::string_view a, base::Arena& arena);
std::string_view NumericPower(std::string_view a, std::string_view b, base::Arena& arena);
std::string_view NumericFactorial(int64_t n, base::Arena& arena);
std::string_view NumericGcd(std::string_view a, std::string_view b, base::Arena& arena);
std::string_view NumericLcm(std::string_view a, std::string_view b, base::Arena& arena);
// 2201G for bad bounds or count.
int32_t NumericWidthBucket(std::string_view operand, std::string_view low, std::string_view high,
                           int32_t count);
// Digits after the point without trailing zeros; -1 for NaN and infinities.
int NumericMinScale(std::string_view a);

}  // namespace sundog::types
