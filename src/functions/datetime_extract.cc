// EXTRACT (numeric results) and date_part() (double precision) of dates, times and intervals.
#include <limits>
#include <optional>

#include "functions/datetime_unit.h"
#include "functions/families.h"
#include "functions/implementations.h"
#include "functions/kernel.h"
#include "functions/session_zone.h"
#include "types/calendar.h"
#include "types/interval.h"
#include "types/numeric.h"
#include "types/timestamp.h"

namespace sundog::functions {

namespace {

using types::CivilTime;
using types::Interval;
using types::Int128;
using types::kMicrosPerDay;
using types::kMicrosPerSecond;
using types::TimeTz;
using types::TimeUnit;

// A part's value, exactly and as PostgreSQL computes it in floating point.
struct Part {
  enum class Kind : uint8_t { kDecimal, kJulian, kInfinity, kMinusInfinity, kNull };
  Kind kind = Kind::kDecimal;
  Int128 mantissa = 0;  // / 10^scale; of kJulian: the whole day
  int scale = 0;
  int64_t micros = 0;  // of kJulian: those of the day
  double real = 0;

  static Part Whole(int64_t value) { return {Kind::kDecimal, value, 0, 0, double(value)}; }
};

// Seconds of a minute with their fraction, in a unit of a second or below; nullopt for others.
std::optional<Part> PartOfSecond(TimeUnit unit, int second, int micros) {
  int64_t total = second * kMicrosPerSecond + micros;
  switch (unit) {
    case TimeUnit::kMicrosecond: return Part::Whole(total);
    case TimeUnit::kMillisecond:
      return Part{Part::Kind::kDecimal, total, 3, 0, second * 1000.0 + micros / 1000.0};
    case TimeUnit::kSecond:
      return Part{Part::Kind::kDecimal, total, 6, 0, second + micros / 1000000.0};
    default: return std::nullopt;
  }
}

std::optional<Part> PartOfTime(TimeUnit unit, const CivilTime& civil) {
  switch (unit) {
    case TimeUnit::kHour: return Part::Whole(civil.hour);
    case TimeUnit::kMinute: return Part::Whole(civil.minute);
    default: return PartOfSecond(unit, civil.second, civil.micros);
  }
}

// Centuries and millennia begin with year 1 and have no zeroth; decades are plain division.
int64_t CountedPeriod(int64_t year, int64_t length) {
  if (year > 0) return (year + length - 1) / length;
  return -((length - 1 - (year - 1)) / length);
}

std::optional<Part> PartOfDate(TimeUnit unit, const CivilTime& civil) {
  int64_t year = civil.year;
  int64_t julian = types::JulianFromCivil(civil.year, civil.month, civil.day);
  switch (unit) {
    case TimeUnit::kDay: return Part::Whole(civil.day);
    case TimeUnit::kMonth: return Part::Whole(civil.month);
    case TimeUnit::kQuarter: return Part::Whole((civil.month - 1) / 3 + 1);
    case TimeUnit::kWeek:
      return Part::Whole(types::IsoWeekOf(civil.year, civil.month, civil.day).week);
    case TimeUnit::kYear: return Part::Whole(year > 0 ? year : year - 1);
    case TimeUnit::kDecade: return Part::Whole(year >= 0 ? year / 10 : -((8 - (year - 1)) / 10));
    case TimeUnit::kCentury: return Part::Whole(CountedPeriod(year, 100));
    case TimeUnit::kMillennium: return Part::Whole(CountedPeriod(year, 1000));
    case TimeUnit::kIsoYear: {
      int64_t iso_year = types::IsoWeekOf(civil.year, civil.month, civil.day).year;
      return Part::Whole(iso_year > 0 ? iso_year : iso_year - 1);
    }
    case TimeUnit::kDayOfWeek: return Part::Whole(types::DayOfWeek(julian));
    case TimeUnit::kIsoDayOfWeek: {
      int day = types::DayOfWeek(julian);
      return Part::Whole(day == 0 ? 7 : day);
    }
    case TimeUnit::kDayOfYear: return Part::Whole(types::DayOfYear(civil));
    case TimeUnit::kJulian: {
      int64_t micros = types::MicrosOfDay(civil.hour, civil.minute, civil.second, civil.micros);
      double seconds = civil.hour * 3600 + civil.minute * 60 + civil.second +
                       civil.micros / 1000000.0;
      return Part{Part::Kind::kJulian, julian, 0, micros,
                  static_cast<double>(julian) +
                      seconds / static_cast<double>(types::kSecondsPerDay)};
    }
    default: return std::nullopt;
  }
}

std::optional<Part> PartOfZone(TimeUnit unit, int32_t west_s) {
  switch (unit) {
    case TimeUnit::kZone: return Part::Whole(-west_s);
    case TimeUnit::kZoneMinute: return Part::Whole(-west_s / 60 % 60);
    case TimeUnit::kZoneHour: return Part::Whole(-west_s / 3600);
    default: return std::nullopt;
  }
}

Part EpochOf(int64_t timestamp) {
  Int128 micros = static_cast<Int128>(timestamp) - types::kUnixEpochMicros;
  bool fits = micros <= INT64_MAX;
  double real = fits ? static_cast<double>(static_cast<int64_t>(micros)) / 1000000.0
                     : (static_cast<double>(timestamp) -
                        static_cast<double>(types::kUnixEpochMicros)) /
                           1000000.0;
  return {Part::Kind::kDecimal, micros, 6, 0, real};
}

// Of infinities what grows with time is infinite, what comes round is null.
std::optional<Part> PartOfInfinity(const UnitArgument& unit, bool negative, bool date_only) {
  Part infinite{negative ? Part::Kind::kMinusInfinity : Part::Kind::kInfinity};
  infinite.real = negative ? -std::numeric_limits<double>::infinity()
                           : std::numeric_limits<double>::infinity();
  if (unit.kind == UnitKind::kEpoch) return infinite;
  if (unit.kind != UnitKind::kUnit) return std::nullopt;
  switch (unit.unit) {
    case TimeUnit::kYear:
    case TimeUnit::kDecade:
    case TimeUnit::kCentury:
    case TimeUnit::kMillennium:
    case TimeUnit::kJulian:
    case TimeUnit::kIsoYear: return infinite;
    case TimeUnit::kDay:
    case TimeUnit::kMonth:
    case TimeUnit::kQuarter:
    case TimeUnit::kWeek:
    case TimeUnit::kDayOfWeek:
    case TimeUnit::kIsoDayOfWeek:
    case TimeUnit::kDayOfYear: return Part{Part::Kind::kNull};
    case TimeUnit::kTime: return std::nullopt;
    default: break;
  }
  if (date_only) return std::nullopt;
  return Part{Part::Kind::kNull};
}

// Each source of parts names its type and knows the parts of a value.
struct DateSource {
  using Value = int32_t;
  static constexpr std::string_view kName = kDateName;
  static std::optional<Part> Find(CallContext&, const UnitArgument& unit, int32_t date) {
    if (!types::IsFiniteDate(date)) {
      return PartOfInfinity(unit, date == types::kDateMinusInfinity, true);
    }
    if (unit.kind == UnitKind::kEpoch) {
      return Part::Whole((date - types::kUnixEpochDays) * types::kSecondsPerDay);
    }
    if (unit.kind != UnitKind::kUnit) return std::nullopt;
    CivilTime civil;
    types::CivilFromJulian(date + types::kEpochJulian, &civil);
    std::optional<Part> part = PartOfDate(unit.unit, civil);
    // A date's Julian day is whole.
    if (part.has_value()) part->kind = Part::Kind::kDecimal;
    return part;
  }
};

struct TimestampSource {
  using Value = int64_t;
  static constexpr std::string_view kName = kTimestampName;
  static std::optional<Part> Find(CallContext&, const UnitArgument& unit, int64_t timestamp) {
    if (!types::IsFiniteTimestamp(timestamp)) {
      return PartOfInfinity(unit, timestamp < 0, false);
    }
    if (unit.kind == UnitKind::kEpoch) return EpochOf(timestamp);
    if (unit.kind != UnitKind::kUnit) return std::nullopt;
    CivilTime civil = types::CivilFromTimestamp(timestamp);
    std::optional<Part> part = PartOfTime(unit.unit, civil);
    return part.has_value() ? part : PartOfDate(unit.unit, civil);
  }
};

struct TimestamptzSource {
  using Value = int64_t;
  static constexpr std::string_view kName = kTimestamptzName;
  static std::optional<Part> Find(CallContext& call, const UnitArgument& unit, int64_t instant) {
    if (!types::IsFiniteTimestamp(instant)) return PartOfInfinity(unit, instant < 0, false);
    if (unit.kind == UnitKind::kEpoch) return EpochOf(instant);
    if (unit.kind != UnitKind::kUnit) return std::nullopt;
    types::ZonedTime zoned = types::ToZone(SessionZone(call), instant);
    std::optional<Part> part = PartOfZone(unit.unit, zoned.zone_west_s);
    if (!part.has_value()) part = PartOfTime(unit.unit, zoned.civil);
    return part.has_value() ? part : PartOfDate(unit.unit, zoned.civil);
  }
};

struct TimeSource {
  using Value = int64_t;
  static constexpr std::string_view kName = kTimeName;
  static std::optional<Part> Find(CallContext&, const UnitArgument& unit, int64_t time) {
    if (unit.kind == UnitKind::kEpoch) {
      return Part{Part::Kind::kDecimal, time, 6, 0, static_cast<double>(time) / 1000000.0};
    }
    if (unit.kind != UnitKind::kUnit) return std::nullopt;
    CivilTime civil;
    types::SplitMicrosOfDay(time, &civil);
    return PartOfTime(unit.unit, civil);
  }
};

struct TimetzSource {
  using Value = TimeTz;
  static constexpr std::string_view kName = kTimetzName;
  static std::optional<Part> Find(CallContext& call, const UnitArgument& unit, TimeTz time) {
    if (unit.kind == UnitKind::kEpoch) {
      return Part{Part::Kind::kDecimal, time.micros + time.zone * kMicrosPerSecond, 6, 0,
                  static_cast<double>(time.micros) / 1000000.0 + time.zone};
    }
    if (unit.kind != UnitKind::kUnit) return std::nullopt;
    std::optional<Part> part = PartOfZone(unit.unit, time.zone);
    return part.has_value() ? part : TimeSource::Find(call, unit, time.micros);
  }
};

struct IntervalSource {
  using Value = Interval;
  static constexpr std::string_view kName = kIntervalName;

  // A year counts 365.25 days, a month 30.
  static Part Epoch(const Interval& interval) {
    int64_t years = interval.months / 12, months = interval.months % 12;
    int64_t quarter_days = 1461 * years + 120 * months + int64_t{4} * interval.days;
    Int128 micros = static_cast<Int128>(quarter_days) * (kMicrosPerDay / 4) + interval.micros;
    double real = static_cast<double>(interval.micros) / 1000000.0;
    real += 365.25 * 86400 * static_cast<double>(years);
    real += 30.0 * 86400 * static_cast<double>(months);
    real += 86400.0 * interval.days;
    return {Part::Kind::kDecimal, micros, 6, 0, real};
  }

  static std::optional<Part> Find(CallContext&, const UnitArgument& unit, Interval interval) {
    if (unit.kind == UnitKind::kEpoch) return Epoch(interval);
    if (unit.kind != UnitKind::kUnit) return std::nullopt;
    types::IntervalFields fields = types::SplitInterval(interval);
    switch (unit.unit) {
      case TimeUnit::kMinute: return Part::Whole(fields.minutes);
      case TimeUnit::kHour: return Part::Whole(fields.hours);
      case TimeUnit::kDay: return Part::Whole(fields.days);
      case TimeUnit::kMonth: return Part::Whole(fields.months);
      case TimeUnit::kQuarter: return Part::Whole(fields.months / 3 + 1);
      case TimeUnit::kYear: return Part::Whole(fields.years);
      case TimeUnit::kDecade: return Part::Whole(fields.years / 10);
      case TimeUnit::kCentury: return Part::Whole(fields.years / 100);
      case TimeUnit::kMillennium: return Part::Whole(fields.years / 1000);
      default: return PartOfSecond(unit.unit, fields.seconds, fields.micros);
    }
  }
};

template <typename Source>
Part FindPart(CallContext& call, std::string_view text, typename Source::Value value) {
  const UnitArgument& unit = UnitCache::Of(call, text, true);
  if (unit.kind == UnitKind::kUnknown) ThrowUnknownUnit(unit, Source::kName);
  std::optional<Part> part = Source::Find(call, unit, value);
  if (!part.has_value()) {
    // Times and intervals do not know words such as "infinity" at all.
    bool instants = Source::kName == kTimestampName || Source::kName == kTimestamptzName ||
                    Source::kName == kDateName;
    if (unit.kind == UnitKind::kReserved && !instants) ThrowUnknownUnit(unit, Source::kName);
    ThrowUnsupportedUnit(unit, Source::kName);
  }
  return *part;
}

std::string_view JulianNumeric(const Part& part, base::Arena& arena) {
  std::string_view fraction =
      types::NumericDivide(types::NumericFromInt64(part.micros, arena),
                           types::NumericFromInt64(kMicrosPerDay, arena), arena);
  return types::NumericAdd(types::NumericFromScaled(part.mantissa, 0, arena), fraction, arena);
}

template <typename Source>
std::optional<std::string_view> Extract(CallContext& call, std::string_view unit,
                                        typename Source::Value value) {
  Part part = FindPart<Source>(call, unit, value);
  switch (part.kind) {
    case Part::Kind::kNull: return std::nullopt;
    case Part::Kind::kInfinity: return types::NumericInfinity(false);
    case Part::Kind::kMinusInfinity: return types::NumericInfinity(true);
    case Part::Kind::kJulian: return JulianNumeric(part, call.arena());
    case Part::Kind::kDecimal: break;
  }
  return types::NumericFromScaled(part.mantissa, part.scale, call.arena());
}

template <typename Source>
std::optional<double> DatePart(CallContext& call, std::string_view unit,
                               typename Source::Value value) {
  Part part = FindPart<Source>(call, unit, value);
  if (part.kind == Part::Kind::kNull) return std::nullopt;
  return part.real;
}

// date_part() takes a date for its midnight.
std::optional<double> DatePartOfDate(CallContext& call, std::string_view unit, int32_t date) {
  return DatePart<TimestampSource>(call, unit, types::DateToTimestamp(date));
}

constexpr ScalarEntry kEntries[] = {
    {"extract_date", Kernel<Extract<DateSource>>},
    {"extract_timestamp", Kernel<Extract<TimestampSource>>},
    {"extract_timestamptz", Kernel<Extract<TimestamptzSource>>},
    {"extract_time", Kernel<Extract<TimeSource>>},
    {"extract_timetz", Kernel<Extract<TimetzSource>>},
    {"extract_interval", Kernel<Extract<IntervalSource>>},
    {"date_part(text,date)", Kernel<DatePartOfDate>},
    {"timestamp_part", Kernel<DatePart<TimestampSource>>},
    {"timestamptz_part", Kernel<DatePart<TimestamptzSource>>},
    {"time_part", Kernel<DatePart<TimeSource>>},
    {"timetz_part", Kernel<DatePart<TimetzSource>>},
    {"interval_part", Kernel<DatePart<IntervalSource>>},
};

}  // namespace

void RegisterDateTimeExtract(Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::functions
