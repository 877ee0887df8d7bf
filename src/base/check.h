// Assertions about our own code. They stay on in release builds: a broken invariant in a database
// must stop it before it writes. What a user or the environment can cause is never a CHECK.
#pragma once

#include <string>
#include <type_traits>

namespace sundog::base {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition,
                              const std::string& operands);

template <typename T>
std::string DescribeOperand(const T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    return value ? "true" : "false";
  } else if constexpr (std::is_arithmetic_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<long long>(value));
  } else if constexpr (std::is_convertible_v<T, std::string>) {
    return std::string(value);
  } else {
    return "?";
  }
}

}  // namespace sundog::base

#define CHECK(condition)                                                                 \
  (__builtin_expect(!!(condition), 1)                                                    \
       ? (void)0                                                                         \
       : ::sundog::base::CheckFailed(__FILE__, __LINE__, #condition, std::string()))

#define SUNDOG_CHECK_OP(a, op, b)                                                        \
  do {                                                                                   \
    const auto& check_left = (a);                                                        \
    const auto& check_right = (b);                                                       \
    if (__builtin_expect(!(check_left op check_right), 0)) {                             \
      ::sundog::base::CheckFailed(__FILE__, __LINE__, #a " " #op " " #b,                 \
                                  ::sundog::base::DescribeOperand(check_left) + " vs " + \
                                      ::sundog::base::DescribeOperand(check_right));     \
    }                                                                                    \
  } while (false)

#define CHECK_EQ(a, b) SUNDOG_CHECK_OP(a, ==, b)
#define CHECK_NE(a, b) SUNDOG_CHECK_OP(a, !=, b)
#define CHECK_LT(a, b) SUNDOG_CHECK_OP(a, <, b)
#define CHECK_LE(a, b) SUNDOG_CHECK_OP(a, <=, b)
#define CHECK_GT(a, b) SUNDOG_CHECK_OP(a, >, b)
#define CHECK_GE(a, b) SUNDOG_CHECK_OP(a, >=, b)
