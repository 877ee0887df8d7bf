// POSIX zone strings: "EST5EDT,M3.2.0,M11.1.0", "<+0330>-3:30".
//
//   name offset [name [offset] [, start [/time] , end [/time]]]
//
// A name is letters, or anything between < and >; offsets count west of UTC. A rule is Mm.w.d (the
// w-th weekday d of month m, 5 the last), Jn (day 1 … 365, no leap days) or n (0 … 365). Without
// rules the newest ones of the United States hold. Like PostgreSQL's tz library.
#pragma once

#include <optional>
#include <string_view>

#include "types/time_zone.h"

namespace sundog::types {

// Nullopt if `text` (upper case) is no zone string.
std::optional<TimeZone::Table> ParsePosixTimeZone(std::string_view text);

}  // namespace sundog::types
