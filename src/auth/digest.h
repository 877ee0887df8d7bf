// SHA-256 and HMAC-SHA-256 over strings, and the comparison of secrets.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sundog::auth {

inline constexpr size_t kSha256Bytes = 32;

// 32 bytes.
std::string Sha256(std::string_view bytes);
std::string HmacSha256(std::string_view key, std::string_view text);

// Lower case, two digits a byte.
std::string Hex(std::string_view bytes);

// In constant time, but for the lengths.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace sundog::auth
