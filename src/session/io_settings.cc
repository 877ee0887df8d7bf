#include "session/io_settings.h"

#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "session/settings.h"
#include "types/time_zone.h"

namespace sundog::session {

namespace {

using types::DateOrder;
using types::DateStyle;
using types::IoSettings;

struct StyleWord {
  std::string_view prefix;  // in lower case
  DateStyle style;
};
constexpr StyleWord kStyles[] = {
    {"iso", DateStyle::kIso},
    {"sql", DateStyle::kSql},
    {"postgres", DateStyle::kPostgres},
    {"german", DateStyle::kGerman},
};

struct OrderWord {
  std::string_view prefix;
  DateOrder order;
};
constexpr OrderWord kOrders[] = {
    {"ymd", DateOrder::kYmd}, {"dmy", DateOrder::kDmy},    {"euro", DateOrder::kDmy},
    {"mdy", DateOrder::kMdy}, {"noneuro", DateOrder::kMdy}, {"us", DateOrder::kMdy},
};

constexpr std::array<std::string_view, 4> kStyleNames = {"ISO", "Postgres", "SQL", "German"};
constexpr std::array<std::string_view, 3> kOrderNames = {"YMD", "DMY", "MDY"};

struct ParsedStyle {
  IoSettings settings;
  bool has_style = false;
  bool has_order = false;
};

bool Conflicts(bool had, auto before, auto now) { return had && before != now; }

bool TakeWord(std::string_view word, ParsedStyle& to) {
  if (word == "default") return true;
  for (const StyleWord& row : kStyles) {
    if (!word.starts_with(row.prefix)) continue;
    if (Conflicts(to.has_style, to.settings.date_style, row.style)) return false;
    to.settings.date_style = row.style;
    to.has_style = true;
    if (row.style == DateStyle::kGerman && !to.has_order) {
      to.settings.date_order = DateOrder::kDmy;
    }
    return true;
  }
  for (const OrderWord& row : kOrders) {
    if (!word.starts_with(row.prefix)) continue;
    if (Conflicts(to.has_order, to.settings.date_order, row.order)) return false;
    to.settings.date_order = row.order;
    to.has_order = true;
    return true;
  }
  return false;
}

// SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE; null if it is not of that form.
const types::TimeZone* ZoneOfInterval(std::string_view text) {
  int hours = 0;
  int minutes = 0;
  int used = 0;
  std::string form(text);
  bool west = form.starts_with('-');
  if (west || form.starts_with('+')) form.erase(0, 1);
  int fields = std::sscanf(form.c_str(), "%2d:%2d%n", &hours, &minutes, &used);
  if (fields != 2 || form[static_cast<size_t>(used)] != '\0' || hours < 0 || minutes < 0) {
    return nullptr;
  }
  int32_t east_s = hours * 3600 + minutes * 60;
  return types::TimeZone::OfOffset(west ? -east_s : east_s);
}

}  // namespace

std::optional<IoSettings> ParseDateStyle(std::string_view text) {
  ParsedStyle parsed;
  std::string word;
  bool ok = true;
  auto finish_word = [&] {
    while (!word.empty() && word.back() == ' ') word.pop_back();
    ok = ok && TakeWord(word, parsed);
    word.clear();
  };
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == ',') {
      finish_word();
    } else if (!std::isspace(byte) || !word.empty()) {
      if (c != '"' && c != '\'') word += static_cast<char>(std::tolower(byte));
    }
  }
  finish_word();
  if (!ok) return std::nullopt;
  return parsed.settings;
}

std::string FormatDateStyle(const IoSettings& settings) {
  return std::string(kStyleNames[static_cast<size_t>(settings.date_style)]) + ", " +
         std::string(kOrderNames[static_cast<size_t>(settings.date_order)]);
}

std::optional<std::string> CanonicalTimeZone(std::string_view text) {
  const types::TimeZone* zone = nullptr;
  std::string number(text);
  char* end = nullptr;
  double hours = std::strtod(number.c_str(), &end);
  if (!number.empty() && *end == '\0') {
    // Hours east of UTC; PostgreSQL takes up to a week.
    if (std::abs(hours) > 168) return std::nullopt;
    zone = types::TimeZone::OfOffset(static_cast<int32_t>(hours * 3600));
  } else if (text.starts_with("INTERVAL '")) {
    zone = ZoneOfInterval(text.substr(10, text.size() - 11));
  } else {
    zone = types::TimeZone::Find(text);
  }
  if (zone == nullptr) return std::nullopt;
  return zone->name();
}

IoSettings DeriveIoSettings(const SessionSettings& settings) {
  IoSettings io = *ParseDateStyle(settings.Get("DateStyle"));
  const std::string& interval = settings.Get("IntervalStyle");
  io.interval_style = interval == "sql_standard"       ? types::IntervalStyle::kSqlStandard
                      : interval == "iso_8601"         ? types::IntervalStyle::kIso8601
                      : interval == "postgres_verbose" ? types::IntervalStyle::kPostgresVerbose
                                                       : types::IntervalStyle::kPostgres;
  io.bytea_output = settings.Get("bytea_output") == "escape" ? types::ByteaOutput::kEscape
                                                             : types::ByteaOutput::kHex;
  io.time_zone = types::TimeZone::Find(settings.Get("TimeZone"));
  io.extra_float_digits = static_cast<int>(settings.GetInteger("extra_float_digits"));
  return io;
}

}  // namespace sundog::session
