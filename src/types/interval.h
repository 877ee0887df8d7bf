// interval: months, days and microseconds, kept apart because a month has no fixed number of days
// and a day, where clocks change, no fixed number of hours. Only comparison equates them (30 days a
// month, 24 hours a day).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "types/families.h"
#include "types/io_settings.h"
#include "types/physical_kind.h"

namespace sundog::types {

// --- the type modifier: fields << 16 | precision ---
// Bits of its fields, numbered as PostgreSQL does.
inline constexpr int kIntervalMonth = 1 << 1;
inline constexpr int kIntervalYear = 1 << 2;
inline constexpr int kIntervalDay = 1 << 3;
inline constexpr int kIntervalHour = 1 << 10;
inline constexpr int kIntervalMinute = 1 << 11;
inline constexpr int kIntervalSecond = 1 << 12;
inline constexpr int kIntervalAllFields = 0x7FFF;
inline constexpr int kIntervalFullPrecision = 0xFFFF;

constexpr int IntervalTypmodFields(int32_t typmod) {
  return typmod < 0 ? kIntervalAllFields : (typmod >> 16) & 0x7FFF;
}
constexpr int IntervalTypmodPrecision(int32_t typmod) {
  return typmod < 0 ? kIntervalFullPrecision : typmod & 0xFFFF;
}
constexpr int32_t MakeIntervalTypmod(int fields, int precision) {
  return ((fields & 0x7FFF) << 16) | (precision & 0xFFFF);
}

// Cuts off what the fields leave out and rounds to the precision.
Interval ApplyIntervalTypmod(Interval interval, int32_t typmod);

// Throws 22007, 22015, 22008 `interval out of range`.
Interval ParseInterval(IntervalStyle style, std::string_view text, int32_t typmod);
void AppendIntervalText(IntervalStyle style, const Interval& interval, std::string& to);

// An interval as people write it: signs may differ between the three groups.
struct IntervalFields {
  int years, months;
  int days;
  int64_t hours;
  int minutes, seconds, micros;
};
IntervalFields SplitInterval(const Interval& interval);

// The length in microseconds by which intervals compare.
__int128 IntervalSpan(const Interval& interval);
int CompareIntervals(const Interval& a, const Interval& b);

std::span<const TypeOpsEntry> IntervalTypeOps();

}  // namespace sundog::types
