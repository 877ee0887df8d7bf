#include "types/timestamp.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/datetime_decode.h"
#include "types/datetime_encode.h"
#include "types/datetime_error.h"
#include "types/datetime_number.h"
#include "types/fixed_ops.h"
#include "types/io_settings.h"
#include "types/time_zone.h"

namespace sundog::types {

namespace {

int64_t UnixSeconds(int64_t timestamptz) {
  return FloorDivide(timestamptz, kMicrosPerSecond) - kUnixEpochSeconds;
}

int64_t SpecialTimestamp(DecodedKind kind) {
  switch (kind) {
    case DecodedKind::kInfinity: return kTimestampInfinity;
    case DecodedKind::kMinusInfinity: return kTimestampMinusInfinity;
    default: return kUnixEpochMicros;
  }
}

}  // namespace

ZonedTime ToZone(const TimeZone& zone, int64_t timestamptz) {
  const ZonePeriod& period = zone.PeriodAt(UnixSeconds(timestamptz));
  // Near the ends of the range the sum leaves that of int64, but not by more than a day.
  int64_t days = FloorDivide(timestamptz, kMicrosPerDay);
  int64_t rest = timestamptz - days * kMicrosPerDay + period.offset_s * kMicrosPerSecond;
  days += FloorDivide(rest, kMicrosPerDay);
  ZonedTime zoned;
  CivilFromJulian(days + kEpochJulian, &zoned.civil);
  SplitMicrosOfDay(FloorModulo(rest, kMicrosPerDay), &zoned.civil);
  zoned.zone_west_s = -period.offset_s;
  zoned.abbreviation = period.abbreviation;
  zoned.is_dst = period.is_dst;
  return zoned;
}

int64_t FromZone(const TimeZone& zone, const CivilTime& civil) {
  int64_t timestamptz;
  if (!TimestampFromCivil(civil, ZoneWestOfCivil(zone, civil), &timestamptz)) {
    ThrowOutOfRange("timestamp");
  }
  return timestamptz;
}

int64_t TimestampToTimestamptz(const TimeZone& zone, int64_t timestamp) {
  if (!IsFiniteTimestamp(timestamp)) return timestamp;
  return FromZone(zone, CivilFromTimestamp(timestamp));
}

int64_t TimestamptzToTimestamp(const TimeZone& zone, int64_t timestamptz) {
  if (!IsFiniteTimestamp(timestamptz)) return timestamptz;
  int64_t timestamp;
  if (!TimestampFromCivil(ToZone(zone, timestamptz).civil, 0, &timestamp)) {
    ThrowOutOfRange("timestamp");
  }
  return timestamp;
}

int64_t DateToTimestamp(int32_t date) {
  int64_t timestamp = DateToTimestampSaturated(date);
  if (!IsFiniteTimestamp(timestamp) && IsFiniteDate(date)) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange, "date out of range for timestamp");
  }
  return timestamp;
}

int64_t DateToTimestamptz(const TimeZone& zone, int32_t date) {
  int64_t midnight = DateToTimestamp(date);
  if (!IsFiniteTimestamp(midnight)) return midnight;
  int64_t timestamptz;
  CivilTime civil = CivilFromTimestamp(midnight);
  if (!TimestampFromCivil(civil, ZoneWestOfCivil(zone, civil), &timestamptz)) {
    throw SqlError(sqlstate::kDatetimeValueOutOfRange, "date out of range for timestamp");
  }
  return timestamptz;
}

int32_t TimestampToDate(int64_t timestamp) {
  if (timestamp == kTimestampInfinity) return kDateInfinity;
  if (timestamp == kTimestampMinusInfinity) return kDateMinusInfinity;
  return static_cast<int32_t>(FloorDivide(timestamp, kMicrosPerDay));
}

int32_t TimestamptzToDate(const TimeZone& zone, int64_t timestamptz) {
  if (!IsFiniteTimestamp(timestamptz)) return TimestampToDate(timestamptz);
  CivilTime civil = ToZone(zone, timestamptz).civil;
  return static_cast<int32_t>(JulianFromCivil(civil.year, civil.month, civil.day) - kEpochJulian);
}

int64_t DateToTimestampSaturated(int32_t date) {
  if (date == kDateMinusInfinity) return kTimestampMinusInfinity;
  // Dates begin where timestamps begin, so only the upper end needs a look.
  int64_t micros;
  if (__builtin_mul_overflow(int64_t{date}, kMicrosPerDay, &micros) || micros >= kTimestampEnd) {
    return kTimestampInfinity;
  }
  return micros;
}

int64_t DateToTimestamptzSaturated(const TimeZone& zone, int32_t date) {
  return TimestampToTimestamptzSaturated(zone, DateToTimestampSaturated(date));
}

int64_t TimestampToTimestamptzSaturated(const TimeZone& zone, int64_t timestamp) {
  if (!IsFiniteTimestamp(timestamp)) return timestamp;
  CivilTime civil = CivilFromTimestamp(timestamp);
  int64_t west_us = ZoneWestOfCivil(zone, civil) * kMicrosPerSecond;
  int64_t timestamptz;
  if (__builtin_add_overflow(timestamp, west_us, &timestamptz) || timestamptz >= kTimestampEnd) {
    return kTimestampInfinity;
  }
  return timestamptz < kTimestampMinimum ? kTimestampMinusInfinity : timestamptz;
}

int64_t RoundToPrecision(int64_t micros, int32_t typmod) {
  static constexpr int64_t kScales[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
  if (typmod < 0 || typmod >= 6) return micros;
  int64_t scale = kScales[typmod];
  int64_t half = scale / 2;
  if (micros >= 0) return (micros + half) / scale * scale;
  return -((-micros + half) / scale * scale);
}

int32_t PrecisionTypmod(std::span<const std::string_view> arguments, std::string_view type_name,
                        std::string_view zone_words) {
  constexpr int32_t kMaxPrecision = 6;
  if (arguments.size() != 1) {
    throw SqlError(sqlstate::kInvalidParameterValue, "invalid type modifier");
  }
  ParsedInteger precision = ParseLeadingInteger(arguments[0]);
  if (precision.consumed_bytes == 0 || !precision.rest.empty() || !precision.fits_int()) {
    throw SqlError(sqlstate::kInvalidTextRepresentation,
                   fmt::format("invalid input syntax for type integer: \"{}\"", arguments[0]));
  }
  if (precision.value < 0) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("{}({}){} precision must not be negative", type_name,
                               precision.value, zone_words));
  }
  // PostgreSQL warns here and goes on.
  return std::min(static_cast<int32_t>(precision.value), kMaxPrecision);
}

int32_t ParseDate(const IoSettings& settings, std::string_view text) {
  DecodedDateTime decoded = DecodeDateTime(settings, text, "date");
  if (decoded.kind != DecodedKind::kCivil) return TimestampToDate(SpecialTimestamp(decoded.kind));
  const CivilTime& civil = decoded.civil;
  if (!IsJulianUsable(civil)) ThrowOutOfRange("date", text);
  int64_t date = JulianFromCivil(civil.year, civil.month, civil.day) - kEpochJulian;
  if (!IsDateInRange(date)) ThrowOutOfRange("date", text);
  return static_cast<int32_t>(date);
}

namespace {

int64_t ParseInstant(const IoSettings& settings, std::string_view text, int32_t typmod,
                     bool with_zone) {
  DecodedDateTime decoded =
      DecodeDateTime(settings, text, with_zone ? "timestamp with time zone" : "timestamp");
  int64_t value = SpecialTimestamp(decoded.kind);
  if (decoded.kind == DecodedKind::kCivil &&
      !TimestampFromCivil(decoded.civil, with_zone ? decoded.zone_west_s : 0, &value)) {
    ThrowOutOfRange("timestamp", text);
  }
  return IsFiniteTimestamp(value) ? RoundToPrecision(value, typmod) : value;
}

// True if the value was one of the infinities.
bool AppendInfinity(int64_t timestamp, std::string& to) {
  if (IsFiniteTimestamp(timestamp)) return false;
  to += timestamp == kTimestampInfinity ? "infinity" : "-infinity";
  return true;
}

}  // namespace

int64_t ParseTimestamp(const IoSettings& settings, std::string_view text, int32_t typmod) {
  return ParseInstant(settings, text, typmod, false);
}

int64_t ParseTimestamptz(const IoSettings& settings, std::string_view text, int32_t typmod) {
  return ParseInstant(settings, text, typmod, true);
}

void AppendDateText(const IoSettings& settings, int32_t date, std::string& to) {
  if (!IsFiniteDate(date)) {
    AppendInfinity(date == kDateInfinity ? kTimestampInfinity : kTimestampMinusInfinity, to);
    return;
  }
  CivilTime civil;
  CivilFromJulian(date + kEpochJulian, &civil);
  AppendDate(settings, civil, to);
}

void AppendTimestampText(const IoSettings& settings, int64_t timestamp, std::string& to) {
  if (AppendInfinity(timestamp, to)) return;
  AppendDateTime(settings, CivilFromTimestamp(timestamp), nullptr, to);
}

void AppendTimestamptzText(const IoSettings& settings, int64_t timestamptz, std::string& to) {
  if (AppendInfinity(timestamptz, to)) return;
  ZonedTime zoned = ToZone(ZoneOf(settings), timestamptz);
  ZoneText zone{zoned.zone_west_s, zoned.abbreviation};
  AppendDateTime(settings, zoned.civil, &zone, to);
}

namespace {

Datum InputDate(const IoContext& io, const TypeInfo&, std::string_view text, int32_t,
                base::Arena&) {
  return Datum::From<int32_t>(ParseDate(*io.settings, text));
}

void OutputDate(const IoContext& io, const TypeInfo&, const Datum& value, std::string& to) {
  AppendDateText(*io.settings, value.As<int32_t>(), to);
}

Datum ReceiveDate(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t,
                  base::Arena&) {
  WireReader reader(bytes);
  int32_t date = reader.Read<int32_t>();
  reader.Finish();
  if (IsFiniteDate(date) && !IsDateInRange(date)) ThrowOutOfRange("date");
  return Datum::From<int32_t>(date);
}

template <bool kWithZone>
Datum InputTimestamp(const IoContext& io, const TypeInfo&, std::string_view text, int32_t typmod,
                     base::Arena&) {
  return Datum::From<int64_t>(ParseInstant(*io.settings, text, typmod, kWithZone));
}

template <bool kWithZone>
void OutputTimestamp(const IoContext& io, const TypeInfo&, const Datum& value, std::string& to) {
  if (kWithZone) {
    AppendTimestamptzText(*io.settings, value.As<int64_t>(), to);
  } else {
    AppendTimestampText(*io.settings, value.As<int64_t>(), to);
  }
}

Datum ReceiveTimestamp(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t typmod,
                       base::Arena&) {
  WireReader reader(bytes);
  int64_t value = reader.Read<int64_t>();
  reader.Finish();
  if (!IsFiniteTimestamp(value)) return Datum::From<int64_t>(value);
  if (!IsTimestampInRange(value)) ThrowOutOfRange("timestamp");
  return Datum::From<int64_t>(RoundToPrecision(value, typmod));
}

template <bool kWithZone>
int32_t TimestampTypmodIn(std::span<const std::string_view> arguments) {
  return PrecisionTypmod(arguments, "TIMESTAMP", kWithZone ? " WITH TIME ZONE" : "");
}

template <bool kWithZone>
std::string TimestampTypmodOut(int32_t typmod) {
  return fmt::format("({}){}", typmod, kWithZone ? " with time zone" : " without time zone");
}

constexpr TypeOps kDateOps = {.input = InputDate,
                              .output = OutputDate,
                              .receive = ReceiveDate,
                              .send = SendFixed<int32_t>,
                              .compare = CompareFixed<int32_t>,
                              .hash = HashFixed<int32_t>};

template <bool kWithZone>
constexpr TypeOps kTimestampOps = {.input = InputTimestamp<kWithZone>,
                                   .output = OutputTimestamp<kWithZone>,
                                   .receive = ReceiveTimestamp,
                                   .send = SendFixed<int64_t>,
                                   .compare = CompareFixed<int64_t>,
                                   .hash = HashFixed<int64_t>,
                                   .typmod_in = TimestampTypmodIn<kWithZone>,
                                   .typmod_out = TimestampTypmodOut<kWithZone>};

constexpr TypeOpsEntry kOps[] = {{oids::kDate, &kDateOps},
                                 {oids::kTimestamp, &kTimestampOps<false>},
                                 {oids::kTimestamptz, &kTimestampOps<true>}};

}  // namespace

std::span<const TypeOpsEntry> TimestampTypeOps() { return kOps; }

}  // namespace sundog::types
