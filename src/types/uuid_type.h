// uuid.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

// 32 hexadecimal digits, hyphens after any group of four, optionally in braces. Throws 22P02.
Uuid ParseUuid(std::string_view text);
void AppendUuid(const Uuid& uuid, std::string& to);

std::span<const TypeOpsEntry> UuidTypeOps();

}  // namespace sundog::types
