// What a template found in a text, field by field, and what date and time that makes.
#pragma once

#include <string_view>

#include "functions/date_pattern.h"

namespace sundog::functions {

struct PatternResult;

// 0 means that a field was not there, so that a zero in the text counts for nothing, as in
// PostgreSQL.
struct DateFields {
  DateConvention convention = DateConvention::kNone;
  bool twelve_hour_clock = false;
  int hour = 0;
  int pm = 0;
  int minute = 0;
  int second = 0;
  int second_of_day = 0;
  int millis = 0;
  int micros = 0;
  int fraction_digits = 0;
  int day_of_week = 0;  // 1 … 7, Sunday is 1
  int day = 0;
  int day_of_year = 0;
  int month = 0;
  int year = 0;
  int year_digits = 0;
  int century = 0;
  int bc = 0;
  int week = 0;
  int week_of_month = 0;
  int julian = 0;
  int zone_sign = 0;
  int zone_hour = 0;
  int zone_minute = 0;
};

// `text` is for messages. Throws 22007, 22008, 22009.
PatternResult ResolveDateFields(const DateFields& fields, std::string_view text);

}  // namespace sundog::functions
