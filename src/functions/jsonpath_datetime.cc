// jsonpath's .datetime() and comparison of what it gives.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "functions/date_from_char.h"
#include "functions/jsonpath_executor.h"
#include "types/calendar.h"
#include "types/datetime_error.h"
#include "types/io_settings.h"
#include "types/time_of_day.h"
#include "types/time_zone.h"
#include "types/timestamp.h"

namespace sundog::functions {

using types::Jsonb;
using Outcome = JsonPathExecutor::Outcome;

namespace {

constexpr int64_t kMicrosASecond = 1000000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Recognises ISO 8601 dates, times and both, with a space or T between, and tells the type.
class IsoShape {
 public:
  explicit IsoShape(std::string_view text) : text_(text) {}

  // kInvalidOid: none of them.
  Oid Type() {
    bool date = Digits(4, 4) && Take('-') && Digits(1, 2) && Take('-') && Digits(1, 2);
    if (date && at_ == text_.size()) return types::oids::kDate;
    if (date && !Take(' ') && !Take('T')) return types::kInvalidOid;
    if (!date) at_ = 0;
    if (!Time()) return types::kInvalidOid;
    bool zone = at_ < text_.size();
    if (zone && !Zone()) return types::kInvalidOid;
    if (date) return zone ? types::oids::kTimestamptz : types::oids::kTimestamp;
    return zone ? types::oids::kTimetz : types::oids::kTime;
  }

  int32_t zone_east_s() const { return zone_east_s_; }

 private:
  bool Digits(int least, int most) {
    int count = 0;
    number_ = 0;
    for (; count < most && at_ < text_.size() && IsDigit(text_[at_]); ++count, ++at_) {
      number_ = number_ * 10 + (text_[at_] - '0');
    }
    return count >= least;
  }
  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool Time() {
    if (!Digits(1, 2) || !Take(':') || !Digits(1, 2) || !Take(':') || !Digits(1, 2)) return false;
    return !Take('.') || Digits(1, 6);
  }
  bool Zone() {
    while (Take(' ')) {
    }
    bool west = Take('-');
    if (!west && !Take('+')) return false;
    if (!Digits(1, 2)) return false;
    zone_east_s_ = number_ * 3600;
    if (Take(':')) {
      if (!Digits(1, 2)) return false;
      zone_east_s_ += number_ * 60;
    }
    if (west) zone_east_s_ = -zone_east_s_;
    return at_ == text_.size();
  }

  std::string_view text_;
  size_t at_ = 0;
  int32_t number_ = 0;
  int32_t zone_east_s_ = 0;
};

struct PatternParts {
  bool date = false;
  bool time = false;
  bool zone = false;
};

PatternParts PartsOf(const DatePattern& pattern) {
  PatternParts parts;
  for (const PatternNode& node : pattern.nodes()) {
    if (node.kind != PatternNode::Kind::kField) continue;
    switch (node.keyword->field) {
      case PatternField::kFixed: break;
      case PatternField::kMeridiemDots:
      case PatternField::kMeridiem:
      case PatternField::kFraction:
      case PatternField::kHour24:
      case PatternField::kHour12:
      case PatternField::kMinute:
      case PatternField::kMillisecond:
      case PatternField::kMicrosecond:
      case PatternField::kSecondOfDay:
      case PatternField::kSecond: parts.time = true; break;
      case PatternField::kOffset:
      case PatternField::kZone:
      case PatternField::kZoneHour:
      case PatternField::kZoneMinute: parts.zone = true; break;
      default: parts.date = true;
    }
  }
  return parts;
}

// The value that the template's parts make of the text; the session's zone where the template has
// one and the text has none.
JsonPathValue ValueByPattern(std::string_view pattern_text, std::string_view text) {
  DatePattern pattern(pattern_text, true);
  PatternResult read = ReadByPattern(pattern, text, true);
  PatternParts parts = PartsOf(pattern);
  if (!parts.time && (!parts.date || parts.zone)) {
    throw SqlError(sqlstate::kInvalidDatetimeFormat,
                   parts.date || parts.zone ? "datetime format is zoned but not timed"
                                            : "datetime format is not dated and not timed");
  }
  const types::CivilTime& civil = read.civil;
  int32_t west_s = read.zone_west_s.value_or(0);
  if (parts.zone && !read.zone_west_s.has_value()) {
    throw SqlError(sqlstate::kInvalidDatetimeFormat,
                   parts.date ? "missing time zone in input string for type timestamptz"
                              : "missing time zone in input string for type timetz");
  }
  JsonPathValue value;
  value.zone_east_s = -west_s;
  int64_t micros = types::MicrosOfDay(civil.hour, civil.minute, civil.second, civil.micros);
  if (!parts.date) {
    value.datetime_type = parts.zone ? types::oids::kTimetz : types::oids::kTime;
    types::TimeTz time;
    time.micros = micros;
    time.zone = west_s;
    value.datetime = parts.zone ? Datum::From(time) : Datum::From(micros);
  } else if (!parts.time) {
    int64_t date =
        types::JulianFromCivil(civil.year, civil.month, civil.day) - types::kEpochJulian;
    if (!types::IsJulianUsable(civil) || !types::IsDateInRange(date)) {
      types::ThrowOutOfRange("date", text);
    }
    value.datetime_type = types::oids::kDate;
    value.datetime = Datum::From(static_cast<int32_t>(date));
  } else {
    int64_t timestamp;
    if (!types::TimestampFromCivil(civil, west_s, &timestamp)) {
      types::ThrowOutOfRange(parts.zone ? "timestamptz" : "timestamp");
    }
    value.datetime_type = parts.zone ? types::oids::kTimestamptz : types::oids::kTimestamp;
    value.datetime = Datum::From(timestamp);
  }
  return value;
}

std::string ZoneText(int32_t east_s) {
  int32_t minutes = (east_s < 0 ? -east_s : east_s) / 60;
  return fmt::format("{}{:02}:{:02}", east_s < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

const types::TimeZone& ZoneOf(const types::IoContext& io) {
  return io.settings->time_zone != nullptr ? *io.settings->time_zone : types::TimeZone::Utc();
}

}  // namespace

Outcome JsonPathExecutor::Datetime(const Item& item, const JsonPathValue& value,
                                   JsonPathResults* found) {
  if (!value.is_string()) {
    return Fail(sqlstate::kInvalidArgumentForSqlJsonDatetimeFunction,
                "jsonpath item method .datetime() can only be applied to a string");
  }
  std::string_view text = value.json.string();
  if (item.left != nullptr) {
    JsonPathValue result;
    try {
      result = ValueByPattern(item.left->text, text);
    } catch (const SqlError& error) {
      if (throws_) throw;
      return Outcome::kError;
    }
    return Continue(item, result, found);
  }
  IsoShape shape(text);
  JsonPathValue result;
  result.datetime_type = shape.Type();
  result.zone_east_s = shape.zone_east_s();
  bool recognised = result.is_datetime();
  if (recognised) {
    try {
      result.datetime = types::InputText(io_, {result.datetime_type}, text, arena_);
    } catch (const SqlError& error) {
      recognised = false;  // no such date or time: reported as the shape would be
    }
  }
  if (!recognised) {
    return Fail(sqlstate::kInvalidArgumentForSqlJsonDatetimeFunction,
                fmt::format("datetime format is not recognized: \"{}\"", text),
                "Use a datetime template argument to specify the input data format.");
  }
  return Continue(item, result, found);
}

Jsonb JsonPathExecutor::ToJsonb(const JsonPathValue& value) {
  if (!value.is_datetime()) return value.json;
  types::IoSettings iso = *io_.settings;
  iso.date_style = types::DateStyle::kIso;
  std::string text;
  switch (value.datetime_type) {
    case types::oids::kDate: types::AppendDateText(iso, value.datetime.As<int32_t>(), text); break;
    case types::oids::kTime: types::AppendTimeText(value.datetime.As<int64_t>(), text); break;
    case types::oids::kTimetz: {
      auto time = value.datetime.As<types::TimeTz>();
      types::AppendTimeText(time.micros, text);
      text += ZoneText(-time.zone);
      break;
    }
    default: {
      bool zoned = value.datetime_type == types::oids::kTimestamptz;
      auto timestamp = value.datetime.As<int64_t>();
      if (zoned) timestamp += value.zone_east_s * kMicrosASecond;
      types::AppendTimestampText(iso, timestamp, text);
      size_t space = text.find(' ');
      if (space != std::string::npos) text[space] = 'T';
      if (zoned) text += ZoneText(value.zone_east_s);
    }
  }
  return Jsonb::String(arena_.Copy(text));
}

Datum JsonPathExecutor::ToTimestamptz(const JsonPathValue& value, Oid /*other*/) {
  if (value.datetime_type == types::oids::kTimestamptz) return value.datetime;
  bool date = value.datetime_type == types::oids::kDate;
  if (!options_.uses_time_zone) {
    throw SqlError(sqlstate::kFeatureNotSupported,
                   fmt::format(
                       "cannot convert value from {} to timestamptz without time zone usage",
                       date ? "date" : "timestamp"))
        .Hint("Use *_tz() function for time zone support.");
  }
  const types::TimeZone& zone = ZoneOf(io_);
  if (date) {
    return Datum::From(types::DateToTimestamptzSaturated(zone, value.datetime.As<int32_t>()));
  }
  return Datum::From(types::TimestampToTimestamptzSaturated(zone, value.datetime.As<int64_t>()));
}

std::optional<int> JsonPathExecutor::CompareDatetimes(const JsonPathValue& a,
                                                      const JsonPathValue& b) {
  auto is_time = [](const JsonPathValue& value) {
    return value.datetime_type == types::oids::kTime || value.datetime_type == types::oids::kTimetz;
  };
  auto sign = [](int64_t x, int64_t y) { return x < y ? -1 : x > y ? 1 : 0; };
  if (is_time(a) != is_time(b)) return std::nullopt;
  if (is_time(a)) {
    if (a.datetime_type == types::oids::kTime && b.datetime_type == types::oids::kTime) {
      return sign(a.datetime.As<int64_t>(), b.datetime.As<int64_t>());
    }
    auto zoned = [&](const JsonPathValue& value) {
      if (value.datetime_type == types::oids::kTimetz) return value.datetime.As<types::TimeTz>();
      if (!options_.uses_time_zone) {
        throw SqlError(sqlstate::kFeatureNotSupported,
                       "cannot convert value from time to timetz without time zone usage")
            .Hint("Use *_tz() function for time zone support.");
      }
      types::TimeTz time;
      time.micros = value.datetime.As<int64_t>();
      time.zone = types::ToZone(ZoneOf(io_), io_.settings->transaction_start_us).zone_west_s;
      return time;
    };
    return types::CompareTimetz(zoned(a), zoned(b));
  }
  if (a.datetime_type == types::oids::kTimestamptz ||
      b.datetime_type == types::oids::kTimestamptz) {
    return sign(ToTimestamptz(a, b.datetime_type).As<int64_t>(),
                ToTimestamptz(b, a.datetime_type).As<int64_t>());
  }
  auto plain = [](const JsonPathValue& value) {
    return value.datetime_type == types::oids::kDate
               ? types::DateToTimestampSaturated(value.datetime.As<int32_t>())
               : value.datetime.As<int64_t>();
  };
  return sign(plain(a), plain(b));
}

}  // namespace sundog::functions
