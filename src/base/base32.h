// RFC 4648's base32 in lower case, without padding.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sundog::base {

// Of 16 bytes: 26 characters.
std::string EncodeBase32(std::string_view bytes);
// Either case. Nullopt: not what EncodeBase32 gives for any bytes.
std::optional<std::string> DecodeBase32(std::string_view text);

}  // namespace sundog::base
