// The settings that text conversion depends on, as the session's SET left them.
#pragma once

#include <cstdint>
#include <string>

namespace sundog::types {

class TimeZone;  // types/time_zone.h

enum class DateStyle : uint8_t { kIso, kPostgres, kSql, kGerman };
enum class DateOrder : uint8_t { kYmd, kDmy, kMdy };
enum class IntervalStyle : uint8_t { kPostgres, kPostgresVerbose, kSqlStandard, kIso8601 };
enum class ByteaOutput : uint8_t { kHex, kEscape };

struct IoSettings {
  DateStyle date_style = DateStyle::kIso;
  DateOrder date_order = DateOrder::kMdy;
  IntervalStyle interval_style = IntervalStyle::kPostgres;
  ByteaOutput bytea_output = ByteaOutput::kHex;
  int extra_float_digits = 1;
  const TimeZone* time_zone = nullptr;  // null: UTC
  // What 'now' is in date/time input, µs since 2000-01-01 UTC: the transaction's start.
  int64_t transaction_start_us = 0;
};

}  // namespace sundog::types
