// date, timestamp and timestamptz: their text and binary forms, and the conversions that functions
// share.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "types/calendar.h"
#include "types/families.h"

namespace sundog::types {

class TimeZone;
struct IoSettings;

// An instant as clocks in a zone show it.
struct ZonedTime {
  CivilTime civil;
  int32_t zone_west_s = 0;
  std::string_view abbreviation;
  bool is_dst = false;
};
// `timestamptz` is finite.
ZonedTime ToZone(const TimeZone& zone, int64_t timestamptz);

// The instant at which clocks in the zone show that time; 22008 `timestamp out of range`.
int64_t FromZone(const TimeZone& zone, const CivilTime& civil);
// The same of a timestamp; infinities stay.
int64_t TimestampToTimestamptz(const TimeZone& zone, int64_t timestamp);
int64_t TimestamptzToTimestamp(const TimeZone& zone, int64_t timestamptz);

// 22008 `date out of range for timestamp`; infinities stay.
int64_t DateToTimestamp(int32_t date);
int64_t DateToTimestamptz(const TimeZone& zone, int32_t date);
int32_t TimestampToDate(int64_t timestamp);
int32_t TimestamptzToDate(const TimeZone& zone, int64_t timestamptz);

// Comparing across types must not fail: a date beyond the timestamps' range saturates.
int64_t DateToTimestampSaturated(int32_t date);
int64_t DateToTimestamptzSaturated(const TimeZone& zone, int32_t date);
int64_t TimestampToTimestamptzSaturated(const TimeZone& zone, int64_t timestamp);

// Rounds half away from zero to `typmod` digits after the point (-1: all six).
int64_t RoundToPrecision(int64_t micros, int32_t typmod);

// Digits of precision from a modifier list; `type_name` as in `TIMESTAMP(7) WITH TIME ZONE`.
int32_t PrecisionTypmod(std::span<const std::string_view> arguments, std::string_view type_name,
                        std::string_view zone_words);

int32_t ParseDate(const IoSettings& settings, std::string_view text);
int64_t ParseTimestamp(const IoSettings& settings, std::string_view text, int32_t typmod);
int64_t ParseTimestamptz(const IoSettings& settings, std::string_view text, int32_t typmod);
void AppendDateText(const IoSettings& settings, int32_t date, std::string& to);
void AppendTimestampText(const IoSettings& settings, int64_t timestamp, std::string& to);
void AppendTimestamptzText(const IoSettings& settings, int64_t timestamptz, std::string& to);

std::span<const TypeOpsEntry> TimestampTypeOps();

}  // namespace sundog::types
