// The words of date/time and interval input, and of EXTRACT and date_trunc.
#pragma once

#include <cstdint>
#include <string_view>

namespace sundog::types {

// What a word is. Also the names of bits that say which parts of an input were already seen.
enum class WordKind : uint8_t {
  kReserved,     // value: Reserved
  kMonth,        // value: 1 … 12
  kDayOfWeek,    // value: 0 … 6, Sunday first
  kAmPm,         // value: AmPm
  kEra,          // value: 1 for BC
  kUnit,         // value: TimeUnit
  kIsoTime,      // the "T" before a time
  kDstModifier,  // value: seconds to add
  kAgo,
  kIgnored,
};

enum class Reserved : uint8_t {
  kNow,
  kToday,
  kTomorrow,
  kYesterday,
  kMidnightUtc,  // allballs
  kEpoch,
  kInfinity,
  kMinusInfinity,
};

enum class AmPm : uint8_t { kAm, kPm };

enum class TimeUnit : uint8_t {
  kMicrosecond,
  kMillisecond,
  kSecond,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kQuarter,
  kYear,
  kDecade,
  kCentury,
  kMillennium,
  kJulian,
  kDayOfWeek,
  kIsoDayOfWeek,
  kDayOfYear,
  kIsoYear,
  kZone,
  kZoneHour,
  kZoneMinute,
  kTime,  // what follows the ISO "T"
};

struct DateTimeWord {
  std::string_view text;
  WordKind kind;
  int value;
};

// Both compare only the first ten letters, as PostgreSQL does. `word` is lower case. Null if there
// is no such word.
const DateTimeWord* FindDateWord(std::string_view word);      // in dates and times
const DateTimeWord* FindIntervalWord(std::string_view word);  // in intervals

}  // namespace sundog::types
