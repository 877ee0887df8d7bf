#include "types/posix_time_zone.h"

#include <string>

#include "types/calendar.h"

namespace sundog::types {

namespace {

constexpr std::string_view kDefaultRules = ",M3.2.0,M11.1.0";

struct Rule {
  char kind = 0;  // 'M', 'J', or 'D' for a plain day
  int month = 0;
  int week = 0;
  int day = 0;
  int32_t time_s = 2 * 3600;  // local time of the change

  // Seconds since 1970 as the wall clock shows them before the change.
  int64_t WallSeconds(int year) const {
    int64_t first_of_january = JulianFromCivil(year, 1, 1);
    int64_t julian = first_of_january + day;
    if (kind == 'J') {
      julian = first_of_january + day - 1 + (IsLeapYear(year) && day >= 60 ? 1 : 0);
    } else if (kind == 'M') {
      int64_t first = JulianFromCivil(year, month, 1);
      int offset = (day - DayOfWeek(first) + 7) % 7 + (week - 1) * 7;
      if (offset >= DaysInMonth(year, month)) offset -= 7;
      julian = first + offset;
    }
    return (julian - kUnixEpochJulian) * kSecondsPerDay + time_s;
  }
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  bool AtEnd() const { return at_ == text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  void Replace(std::string_view text) { text_ = text, at_ = 0; }

  bool Accept(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  bool Name(std::string* name) {
    size_t begin = at_;
    if (Accept('<')) {
      size_t end = text_.find('>', at_);
      if (end == std::string_view::npos) return false;
      *name = text_.substr(begin + 1, end - begin - 1);
      at_ = end + 1;
      return true;
    }
    while (!AtEnd() && std::string_view("0123456789,-+").find(Peek()) == std::string_view::npos) {
      ++at_;
    }
    *name = text_.substr(begin, at_ - begin);
    return true;
  }

  bool Number(int low, int high, int* number) {
    if (!IsDigit()) return false;
    *number = 0;
    while (IsDigit()) {
      *number = *number * 10 + (text_[at_++] - '0');
      if (*number > high) return false;
    }
    return *number >= low;
  }

  // Hours may reach a week, as in "M10.4.6/26".
  bool Offset(int32_t* seconds) {
    bool negative = Accept('-');
    if (!negative) Accept('+');
    int hours = 0, minutes = 0, rest = 0;
    if (!Number(0, 24 * 7 - 1, &hours)) return false;
    if (Accept(':')) {
      if (!Number(0, 59, &minutes)) return false;
      if (Accept(':') && !Number(0, 60, &rest)) return false;
    }
    *seconds = hours * 3600 + minutes * 60 + rest;
    if (negative) *seconds = -*seconds;
    return true;
  }

  bool ParseRule(Rule* rule) {
    if (Accept('J')) {
      rule->kind = 'J';
      if (!Number(1, 365, &rule->day)) return false;
    } else if (Accept('M')) {
      rule->kind = 'M';
      if (!Number(1, 12, &rule->month) || !Accept('.') || !Number(1, 5, &rule->week) ||
          !Accept('.') || !Number(0, 6, &rule->day)) {
        return false;
      }
    } else {
      rule->kind = 'D';
      if (!Number(0, 365, &rule->day)) return false;
    }
    return !Accept('/') || Offset(&rule->time_s);
  }

 private:
  bool IsDigit() const { return Peek() >= '0' && Peek() <= '9'; }

  std::string_view text_;
  size_t at_ = 0;
};

// Unrolls the rules over the calendar's cycle of 400 years.
void AddTransitions(const Rule& start, const Rule& end, TimeZone::Table* table) {
  constexpr int kFirstYear = 1770;
  const int32_t standard_s = table->periods[0].offset_s;
  const int32_t daylight_s = table->periods[1].offset_s;
  for (int year = kFirstYear; year <= kFirstYear + 400; ++year) {
    TimeZone::Transition to_daylight{start.WallSeconds(year) - standard_s, 1};
    TimeZone::Transition to_standard{end.WallSeconds(year) - daylight_s, 0};
    bool reversed = to_standard.unix_s < to_daylight.unix_s;
    int64_t year_s = (IsLeapYear(year) ? 366 : 365) * kSecondsPerDay;
    bool all_year = to_standard.unix_s - to_daylight.unix_s >= year_s + daylight_s - standard_s;
    if (reversed) {
      table->transitions.push_back(to_standard);
      table->transitions.push_back(to_daylight);
    } else if (to_daylight.unix_s < to_standard.unix_s && !all_year) {
      table->transitions.push_back(to_daylight);
      table->transitions.push_back(to_standard);
    }
  }
  if (table->transitions.empty()) {
    table->periods.erase(table->periods.begin());
  } else {
    table->repeats_forward = table->repeats_backward = true;
  }
}

}  // namespace

std::optional<TimeZone::Table> ParsePosixTimeZone(std::string_view text) {
  Parser parser(text);
  TimeZone::Table table;
  std::string name;
  int32_t standard_west_s = 0;
  if (!parser.Name(&name) || parser.AtEnd() || !parser.Offset(&standard_west_s)) {
    return std::nullopt;
  }
  table.periods.push_back({-standard_west_s, false, name});
  if (parser.AtEnd()) return table;

  int32_t daylight_west_s = standard_west_s - 3600;
  if (!parser.Name(&name) || name.empty()) return std::nullopt;
  if (!parser.AtEnd() && parser.Peek() != ',' && !parser.Offset(&daylight_west_s)) {
    return std::nullopt;
  }
  table.periods.push_back({-daylight_west_s, true, name});
  if (parser.AtEnd()) parser.Replace(kDefaultRules);
  Rule start, end;
  if (!parser.Accept(',') || !parser.ParseRule(&start) || !parser.Accept(',') ||
      !parser.ParseRule(&end) || !parser.AtEnd()) {
    return std::nullopt;
  }
  AddTransitions(start, end, &table);
  return table;
}

}  // namespace sundog::types
