#include "types/interval.h"

#include <fmt/format.h>

#include "base/sql_error.h"
#include "types/calendar.h"
#include "types/datetime_number.h"
#include "types/fixed_ops.h"
#include "types/timestamp.h"

namespace sundog::types {

namespace {

struct FieldsName {
  int fields;
  std::string_view words;
};

// The combinations that SQL has, with the words of their declaration.
constexpr FieldsName kFieldsNames[] = {
    {kIntervalYear, " year"},
    {kIntervalMonth, " month"},
    {kIntervalDay, " day"},
    {kIntervalHour, " hour"},
    {kIntervalMinute, " minute"},
    {kIntervalSecond, " second"},
    {kIntervalYear | kIntervalMonth, " year to month"},
    {kIntervalDay | kIntervalHour, " day to hour"},
    {kIntervalDay | kIntervalHour | kIntervalMinute, " day to minute"},
    {kIntervalDay | kIntervalHour | kIntervalMinute | kIntervalSecond, " day to second"},
    {kIntervalHour | kIntervalMinute, " hour to minute"},
    {kIntervalHour | kIntervalMinute | kIntervalSecond, " hour to second"},
    {kIntervalMinute | kIntervalSecond, " minute to second"},
    {kIntervalAllFields, ""},
};

const FieldsName* FindFields(int fields) {
  for (const FieldsName& row : kFieldsNames) {
    if (row.fields == fields) return &row;
  }
  return nullptr;
}

}  // namespace

Interval ApplyIntervalTypmod(Interval interval, int32_t typmod) {
  constexpr int kMaxPrecision = 6;
  constexpr int kTimeFields = kIntervalHour | kIntervalMinute | kIntervalSecond;
  if (typmod < 0) return interval;
  int fields = IntervalTypmodFields(typmod);
  if (fields != kIntervalAllFields) {
    if ((fields & (kIntervalDay | kTimeFields)) == 0) {
      interval.days = 0;
      interval.micros = 0;
      if (fields == kIntervalYear) interval.months -= interval.months % kMonthsPerYear;
    } else if ((fields & kTimeFields) == 0) {
      interval.micros = 0;
    } else if ((fields & (kIntervalMinute | kIntervalSecond)) == 0) {
      interval.micros -= interval.micros % kMicrosPerHour;
    } else if ((fields & kIntervalSecond) == 0) {
      interval.micros -= interval.micros % kMicrosPerMinute;
    }
  }
  int precision = IntervalTypmodPrecision(typmod);
  if (precision != kIntervalFullPrecision) {
    if (precision > kMaxPrecision) {
      throw SqlError(sqlstate::kInvalidParameterValue,
                     fmt::format("interval({}) precision must be between 0 and {}", precision,
                                 kMaxPrecision));
    }
    interval.micros = RoundToPrecision(interval.micros, precision);
  }
  return interval;
}

__int128 IntervalSpan(const Interval& interval) {
  int64_t days = interval.days + int64_t{interval.months} * kDaysPerMonth;
  return static_cast<__int128>(days) * kMicrosPerDay + interval.micros;
}

int CompareIntervals(const Interval& a, const Interval& b) {
  return CompareValues(IntervalSpan(a), IntervalSpan(b));
}

namespace {

Datum InputInterval(const IoContext& io, const TypeInfo&, std::string_view text, int32_t typmod,
                    base::Arena&) {
  return Datum::From<Interval>(ParseInterval(io.settings->interval_style, text, typmod));
}

void OutputInterval(const IoContext& io, const TypeInfo&, const Datum& value, std::string& to) {
  AppendIntervalText(io.settings->interval_style, value.As<Interval>(), to);
}

Datum ReceiveInterval(const IoContext&, const TypeInfo&, std::string_view bytes, int32_t typmod,
                      base::Arena&) {
  WireReader reader(bytes);
  Interval interval;
  interval.micros = reader.Read<int64_t>();
  interval.days = reader.Read<int32_t>();
  interval.months = reader.Read<int32_t>();
  reader.Finish();
  return Datum::From<Interval>(ApplyIntervalTypmod(interval, typmod));
}

void SendInterval(const IoContext&, const TypeInfo&, const Datum& value, std::string& to) {
  Interval interval = value.As<Interval>();
  base::AppendBigEndian<int64_t>(to, interval.micros);
  base::AppendBigEndian<int32_t>(to, interval.days);
  base::AppendBigEndian<int32_t>(to, interval.months);
}

int CompareIntervalDatums(const TypeLookup&, const TypeInfo&, const Datum& a, const Datum& b) {
  return CompareIntervals(a.As<Interval>(), b.As<Interval>());
}

// Equal intervals of different fields ("1 mon" and "30 days") hash alike.
uint64_t HashInterval(const TypeLookup&, const TypeInfo&, const Datum& value) {
  __int128 span = IntervalSpan(value.As<Interval>());
  return CombineHashes(HashInteger(static_cast<uint64_t>(span >> 64)),
                       HashInteger(static_cast<uint64_t>(span)));
}

[[noreturn]] void ThrowBadModifier() {
  throw SqlError(sqlstate::kInvalidParameterValue, "invalid INTERVAL type modifier");
}

int32_t IntervalTypmodIn(std::span<const std::string_view> arguments) {
  constexpr int64_t kMaxPrecision = 6;
  if (arguments.empty() || arguments.size() > 2) ThrowBadModifier();
  ParsedInteger fields = ParseLeadingInteger(arguments[0]);
  if (!fields.fits_int() || FindFields(static_cast<int>(fields.value)) == nullptr) {
    ThrowBadModifier();
  }
  int field_bits = static_cast<int>(fields.value);
  if (arguments.size() == 1) {
    if (field_bits == kIntervalAllFields) return -1;
    return MakeIntervalTypmod(field_bits, kIntervalFullPrecision);
  }
  ParsedInteger precision = ParseLeadingInteger(arguments[1]);
  if (precision.value < 0) {
    throw SqlError(sqlstate::kInvalidParameterValue,
                   fmt::format("INTERVAL({}) precision must not be negative", precision.value));
  }
  // PostgreSQL warns of more than six digits and goes on.
  return MakeIntervalTypmod(field_bits,
                            static_cast<int>(std::min(precision.value, kMaxPrecision)));
}

std::string IntervalTypmodOut(int32_t typmod) {
  const FieldsName* row = FindFields(IntervalTypmodFields(typmod));
  if (row == nullptr) {  // from format_type(), which takes any number
    throw SqlError(sqlstate::kInternalError,
                   fmt::format("invalid INTERVAL typmod: 0x{:x}", static_cast<uint32_t>(typmod)));
  }
  int precision = IntervalTypmodPrecision(typmod);
  if (precision == kIntervalFullPrecision) return std::string(row->words);
  return fmt::format("{}({})", row->words, precision);
}

constexpr TypeOps kIntervalOps = {.input = InputInterval,
                                  .output = OutputInterval,
                                  .receive = ReceiveInterval,
                                  .send = SendInterval,
                                  .compare = CompareIntervalDatums,
                                  .hash = HashInterval,
                                  .typmod_in = IntervalTypmodIn,
                                  .typmod_out = IntervalTypmodOut};

constexpr TypeOpsEntry kOps[] = {{oids::kInterval, &kIntervalOps}};

}  // namespace

std::span<const TypeOpsEntry> IntervalTypeOps() { return kOps; }

}  // namespace sundog::types
