// smallint, integer, bigint.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "types/families.h"

namespace sundog::types {

// Decimal with optional sign and surrounding white space. Throws 22P02, 22003 naming the type.
int16_t ParseInt16(std::string_view text);
int32_t ParseInt32(std::string_view text);
int64_t ParseInt64(std::string_view text);

void AppendInteger(int64_t value, std::string& to);

std::span<const TypeOpsEntry> IntegerTypeOps();

}  // namespace sundog::types
