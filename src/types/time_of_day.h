// time and timetz.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "types/families.h"
#include "types/physical_kind.h"

namespace sundog::types {

struct IoSettings;

int64_t ParseTime(const IoSettings& settings, std::string_view text, int32_t typmod);
TimeTz ParseTimetz(const IoSettings& settings, std::string_view text, int32_t typmod);
void AppendTimeText(int64_t time, std::string& to);
void AppendTimetzText(TimeTz time, std::string& to);

// By the instant first; of equal instants the zone more to the east comes first.
int CompareTimetz(TimeTz a, TimeTz b);

std::span<const TypeOpsEntry> TimeOfDayTypeOps();

}  // namespace sundog::types
