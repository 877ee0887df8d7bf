// Files that only the server's own user may read: keys and credentials.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sundog::control {

// Mode 0600; written aside, synced and renamed, so that a crash leaves the whole file or what was
// there before. Throws SqlError 58030 or 53100.
void WritePrivateFile(const std::string& path, std::string_view text);

// Null if it does not exist. Throws SqlError: F0000 if others may read it, 58030.
std::optional<std::string> ReadPrivateFile(const std::string& path);

}  // namespace sundog::control
