// Time zones: the offset from UTC in force at an instant or at a local time.
//
// A zone is a table of transitions, made from the machine's tzdata (read by CCTZ) or from a POSIX
// zone string (types/posix_time_zone.h). Zones live for ever and may be used from all threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sundog::types {

// What holds between two transitions. `offset_s` is seconds east of UTC.
struct ZonePeriod {
  int32_t offset_s = 0;
  bool is_dst = false;
  std::string abbreviation;
};

class TimeZone {
 public:
  struct Transition {
    int64_t unix_s;  // first second of the period
    uint16_t period;
  };
  struct Table {
    std::vector<ZonePeriod> periods;  // the first holds before all transitions
    std::vector<Transition> transitions;
    // The last 400 years of transitions repeat for ever (the calendar's cycle).
    bool repeats_forward = false;
    bool repeats_backward = false;
  };

  TimeZone(std::string name, Table table) : name_(std::move(name)), table_(std::move(table)) {}

  static const TimeZone& Utc();
  // By a name of the tz database in any case, or a POSIX zone string; null if it is neither.
  static const TimeZone* Find(std::string_view name);
  // As SET TIME ZONE makes it of a number: named "<-07>+07" for 7 hours west.
  static const TimeZone* OfOffset(int32_t east_s);
  // The names of the tz database on this machine, in its spelling and sorted.
  static std::vector<std::string> Names();
  // As Find for one of Names(), but loaded for the caller alone. Null if it cannot be read.
  static std::unique_ptr<TimeZone> Load(std::string_view name);

  const std::string& name() const { return name_; }

  const ZonePeriod& PeriodAt(int64_t unix_s) const;

  // The period that a clock on the wall in this zone means. `wall_s` counts seconds since 1970 as
  // that clock shows them. In a gap the earlier period counts, in an overlap the later one, as
  // PostgreSQL decides it.
  const ZonePeriod& PeriodOfWallClock(int64_t wall_s) const;

  // The meaning of an abbreviation (upper case) in this zone: the newest one up to the instant, or
  // else the first one after it. Null if the zone never used it.
  const ZonePeriod* PeriodOfAbbreviation(std::string_view abbreviation, int64_t unix_s) const;

  // The offset, if the zone never had another.
  std::optional<int32_t> fixed_offset_s() const;

 private:
  // Index of the first transition after the instant.
  size_t FirstAfter(int64_t unix_s) const;
  // The same instant, moved by cycles of 400 years into the table's reach.
  int64_t IntoTable(int64_t unix_s) const;
  const ZonePeriod& PeriodBefore(size_t transition) const;

  std::string name_;
  Table table_;
};

}  // namespace sundog::types
