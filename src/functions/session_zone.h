// The session's time zone and transaction time, as functions of dates and times need them.
#pragma once

#include "functions/function.h"
#include "types/datetime_decode.h"
#include "types/io_settings.h"

namespace sundog::functions {

inline const types::TimeZone& SessionZone(const CallContext& call) {
  return types::ZoneOf(*call.io().settings);
}

// What now() is: µs since 2000-01-01 UTC.
inline int64_t TransactionStart(const CallContext& call) {
  return call.io().settings->transaction_start_us;
}

}  // namespace sundog::functions
