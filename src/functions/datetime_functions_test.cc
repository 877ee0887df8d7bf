// Functions of dates, times and intervals against answers of PostgreSQL 15.
#include <gtest/gtest.h>

#include "functions/call_driver.h"
#include "types/time_zone.h"

namespace sundog::functions {
namespace {

struct Case {
  std::string signature;
  std::string arguments;  // of one row, split at '|'; "NULL" is null
  std::string expected;
};

std::vector<std::string> Split(const std::string& text, char delimiter) {
  std::vector<std::string> parts(1);
  for (char c : text) {
    if (c == delimiter) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string ResultType(const std::string& signature) {
  for (const ProcInfo& proc : BuiltinProcs::Get().procs()) {
    if (ProcSignature(proc) == signature) {
      return types::BuiltinTypes::Get().GetType(proc.result_type).name;
    }
  }
  return "?";
}

void Check(const std::vector<Case>& cases, std::string_view zone = "UTC") {
  for (const Case& row : cases) {
    size_t open = row.signature.find('(');
    std::string list = row.signature.substr(open + 1, row.signature.size() - open - 2);
    CallDriver driver(row.signature, Split(list, ','), ResultType(row.signature));
    driver.settings().time_zone = types::TimeZone::Find(zone);
    TextRow arguments;
    for (const std::string& part : Split(row.arguments, '|')) {
      arguments.push_back(part == "NULL" ? TextValue() : TextValue(part));
    }
    EXPECT_EQ(driver.Scalar(arguments), row.expected) << row.signature << " " << row.arguments;
  }
}

TEST(DateTimeFunctions, AddAndSubtract) {
  Check({
      {"timestamp_pl_interval(timestamp,interval)", "2020-01-31 00:00|1 mon",
       "2020-02-29 00:00:00"},
      {"timestamp_mi_interval(timestamp,interval)", "2020-03-31 00:00|1 mon 1 day",
       "2020-02-28 00:00:00"},
      {"timestamp_mi(timestamp,timestamp)", "2020-03-01 00:00|2020-02-28 12:00",
       "1 day 12:00:00"},
      {"timestamp_pl_interval(timestamp,interval)", "infinity|1 day", "infinity"},
      {"timestamp_pl_interval(timestamp,interval)", "294276-12-31 00:00|1 day",
       "ERROR 22008: timestamp out of range"},
      {"timestamp_mi(timestamp,timestamp)", "infinity|2020-02-28 12:00",
       "ERROR 22008: cannot subtract infinite timestamps"},
      {"date_pli(date,int4)", "2020-02-28|2", "2020-03-01"},
      {"date_mi(date,date)", "2020-03-01|2020-02-28", "2"},
      {"time_pl_interval(time,interval)", "23:00|2:00", "01:00:00"},
      {"interval_mul(interval,float8)", "1 mon 1 day|1.5", "1 mon 16 days 12:00:00"},
      {"interval_div(interval,float8)", "1 day|0", "ERROR 22012: division by zero"},
      {"age(timestamp,timestamp)", "2001-04-10 00:00|1957-06-13 00:00", "43 years 9 mons 27 days"},
      {"justify_interval(interval)", "1 mon -1 hour", "29 days 23:00:00"},
  });
}

TEST(DateTimeFunctions, FollowTheZonesClocks) {
  Check(
      {
          {"timestamptz_pl_interval(timestamptz,interval)", "2005-04-02 12:00-07|1 day",
           "2005-04-03 12:00:00-06"},
          {"timestamptz_pl_interval(timestamptz,interval)", "2005-04-02 12:00-07|24 hours",
           "2005-04-03 13:00:00-06"},
          {"date_trunc(text,timestamptz)", "day|2005-04-03 12:00-06", "2005-04-03 00:00:00-07"},
          {"date_trunc(text,timestamptz,text)", "day|2001-02-16 20:38:40+00|Australia/Sydney",
           "2001-02-16 06:00:00-07"},
          {"timezone(text,timestamp)", "America/New_York|2001-02-16 20:38:40",
           "2001-02-16 18:38:40-07"},
          {"timezone(text,timestamptz)", "MSK|2001-02-16 20:38:40-05", "2001-02-17 04:38:40"},
          {"timezone(text,timestamptz)", "Mars/Olympus|2001-02-16 20:38:40-05",
           "ERROR 22023: time zone \"Mars/Olympus\" not recognized"},
          {"timestamptz_eq_date(timestamptz,date)", "2001-02-16 00:00-07|2001-02-16", "t"},
          {"timetz(timestamptz)", "2001-02-16 12:00-07", "12:00:00-07"},
      },
      "America/Denver");
}

TEST(DateTimeFunctions, TakeApartAndBuild) {
  Check({
      {"extract(text,timestamp)", "second|2001-02-16 20:38:40.12", "40.120000"},
      {"extract(text,timestamp)", "julian|2001-02-16 12:00", "2451957.50000000000000000000"},
      {"extract(text,date)", "century|0001-01-01 BC", "-1"},
      {"extract(text,date)", "hour|2001-02-16", "ERROR 0A000: unit \"hour\" not supported for "
                                                "type date"},
      {"extract(text,interval)", "epoch|1 year 1 mon 1 day", "34236000.000000"},
      {"extract(text,timestamp)", "day|infinity", "NULL"},
      {"extract(text,timestamp)", "year|-infinity", "-Infinity"},
      {"date_part(text,timestamp)", "isoyear|2006-01-01 00:00", "2005"},
      {"date_part(text,time)", "epoch|00:01:00.5", "60.5"},
      {"date_trunc(text,timestamp)", "century|2001-02-16 20:38:40", "2001-01-01 00:00:00"},
      {"date_trunc(text,timestamp)", "fortnight|2001-02-16 20:38:40",
       "ERROR 22023: unit \"fortnight\" not recognized for type timestamp without time zone"},
      {"date_bin(interval,timestamp,timestamp)", "15 min|2020-02-11 15:44:17|2001-01-01 00:00",
       "2020-02-11 15:30:00"},
      {"make_date(int4,int4,int4)", "-44|3|15", "0044-03-15 BC"},
      {"make_date(int4,int4,int4)", "2013|2|30",
       "ERROR 22008: date field value out of range: 2013-02-30"},
      {"make_time(int4,int4,float8)", "24|0|2.1",
       "ERROR 22008: time field value out of range: 24:00:2.1"},
      {"make_timestamptz(int4,int4,int4,int4,int4,float8,text)", "2014|12|10|10|10|10|+2",
       "2014-12-10 08:10:10+00"},
      {"make_interval(int4,int4,int4,int4,int4,int4,float8)", "1|2|1|1|5|6|7.5",
       "1 year 2 mons 8 days 05:06:07.5"},
      {"to_timestamp(float8)", "1262349296.7890123", "2010-01-01 12:34:56.789012+00"},
  });
}

TEST(DateTimeFunctions, TemplatesWrite) {
  const std::string to_char = "to_char(timestamp,text)";
  const std::string when = "2018-11-02 12:34:56.123456|";
  Check({
      {to_char, when + "FMDay, DDth Month YYYY", "Friday, 02nd November  2018"},
      {to_char, when + "HH12:MI:SS.MS a.m. FF6 SSSSS", "12:34:56.123 p.m. 123456 45296"},
      {to_char, when + "IYYY-IW-ID J Q CC RM \\\"\"DD\"", "2018-44-5 2458425 4 21 XI   \"DD"},
      {to_char, "0044-03-15 12:00:00 BC|Y,YYY BC", "0,044 BC"},
      {to_char, "infinity|YYYY", "NULL"},
      {"to_char(interval,text)", "-25:30|HH24:MI", "-25:-30"},
      {"to_char(interval,text)", "1 day|Day",
       "ERROR 22007: invalid format specification for an interval value"},
      {"to_char(timestamptz,text)", "2018-11-02 12:34:56+00|OF TZ", "+00 UTC"},
  });
}

TEST(DateTimeFunctions, TemplatesRead) {
  const std::string to_timestamp = "to_timestamp(text,text)";
  const std::string to_date = "to_date(text,text)";
  Check({
      {to_timestamp, "0097/Feb/16 --> 08:14:30|YYYY/Mon/DD --> HH:MI:SS",
       "0097-02-16 08:14:30+00"},
      {to_timestamp, "2011-12-18 11:38 -05:20|YYYY-MM-DD HH12:MI TZH:TZM",
       "2011-12-18 16:58:00+00"},
      {to_timestamp, "2018-11-02 12:34:56.5|YYYY-MM-DD HH24:MI:SS.FF3",
       "2018-11-02 12:34:56.5+00"},
      {to_date, "20180230|YYYYMMDD",
       "ERROR 22008: date/time field value out of range: \"20180230\""},
      {to_date, "2005 366|YYYY DDD", "ERROR 22008: date/time field value out of range: "
                                     "\"2005 366\""},
      {to_date, "2004-53-7|IYYY-IW-ID", "2005-01-02"},
      {to_date, "2004-53-7|IYYY-MM-DD", "ERROR 22007: invalid combination of date conventions"},
      {to_date, "99 13 1|YY MM DD", "ERROR 22008: date/time field value out of range: "
                                    "\"99 13 1\""},
      {to_date, "Smarch 1|Month DD", "ERROR 22007: invalid value \"Smarch\" for \"Month\""},
      {to_date, "1997 UTC|YYYY TZ",
       "ERROR 0A000: formatting field \"TZ\" is only supported in to_char"},
  });
}

TEST(DateTimeFunctions, OverlapsKnowsWhatItCannotKnow) {
  const std::string end = "overlaps(timestamp,timestamp,timestamp,timestamp)";
  Check({
      {end, "2000-11-27|2000-11-28|2000-11-27 12:00|2000-11-30", "t"},
      {end, "2000-11-27|2000-11-28|2000-11-28|2000-11-30", "f"},
      {end, "2000-11-27|2000-11-27|2000-11-27|2000-11-27", "t"},
      {end, "2000-11-27|NULL|2000-11-28|2000-11-30", "NULL"},
      {end, "NULL|NULL|2000-11-28|2000-11-30", "NULL"},
      {"overlaps(time,interval,time,interval)", "00:00|1 hour|00:30|1 hour", "t"},
  });
}

TEST(DateTimeFunctions, SeriesStepByTheCalendar) {
  CallDriver series("generate_series(timestamp,timestamp,interval)",
                    {"timestamp", "timestamp", "interval"}, "timestamp");
  EXPECT_EQ(series.Set({"2020-01-31", "2020-04-30", "1 mon"}, {"timestamp"}),
            "2020-01-31 00:00:00;2020-02-29 00:00:00;2020-03-29 00:00:00;2020-04-29 00:00:00");
  EXPECT_EQ(series.Set({"2020-01-02", "2020-01-01", "-12:00"}, {"timestamp"}),
            "2020-01-02 00:00:00;2020-01-01 12:00:00;2020-01-01 00:00:00");
  EXPECT_EQ(series.Set({"2020-01-02", "2020-01-01", "0"}, {"timestamp"}),
            "ERROR 22023: step size cannot equal zero");
}

TEST(DateTimeFunctions, WindowFramesRefuseNegativeSizes) {
  const std::string in_range = "in_range(timestamp,timestamp,interval,bool,bool)";
  Check({
      {in_range, "2020-01-01|2020-01-02|1 day|t|f", "t"},
      {in_range, "2020-01-01|2020-01-02|23:59|t|f", "f"},
      {in_range, "2020-01-01|2020-01-02|-1 day|t|f",
       "ERROR 22013: invalid preceding or following size in window function"},
  });
}

}  // namespace
}  // namespace sundog::functions
