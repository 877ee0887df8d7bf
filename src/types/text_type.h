// The character types: text, varchar(n), char(n) ("bpchar"), name, "char", and the pseudo-types
// whose values are text: unknown, cstring.
//
// All but "char" hold valid UTF-8. Order is that of the bytes, as in PostgreSQL's C.UTF-8 locale.
// char(n) is kept padded with blanks to n characters; comparison and length ignore them.
#pragma once

#include <span>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

inline constexpr size_t kNameMaxBytes = 63;

inline int CompareText(std::string_view a, std::string_view b) { return a.compare(b); }

constexpr std::string_view TrimBlanksRight(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// Coerces to varchar(n) or char(n) as their input functions (`explicit_cast` false: 22001 if more
// than blanks would be cut) or an explicit cast (cut silently) do. `typmod` is n + 4, or -1.
std::string_view CoerceVarchar(std::string_view text, int32_t typmod, bool explicit_cast);
std::string_view CoerceBpchar(std::string_view text, int32_t typmod, bool explicit_cast,
                              base::Arena& arena);
// Cut to name's 63 bytes.
std::string_view CoerceName(std::string_view text);

char ParseCharInternal(std::string_view text);
void AppendCharInternal(char value, std::string& to);

std::span<const TypeOpsEntry> TextTypeOps();

}  // namespace sundog::types
