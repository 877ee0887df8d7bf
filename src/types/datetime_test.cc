// Text of dates, times and timestamps: what goes in and what comes out, as PostgreSQL 15 has it.
#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "types/io_settings.h"
#include "types/time_of_day.h"
#include "types/time_zone.h"
#include "types/timestamp.h"
#include "types/type_info.h"

namespace sundog::types {
namespace {

class DateTimeText : public testing::Test {
 protected:
  DateTimeText() {
    // 2024-06-15 10:30:00 UTC
    settings_.transaction_start_us = (8931 + 1) * kMicrosPerDay + 10 * kMicrosPerHour;
  }

  void Set(DateStyle style, DateOrder order, std::string_view zone) {
    settings_.date_style = style;
    settings_.date_order = order;
    settings_.time_zone = TimeZone::Find(zone);
    ASSERT_NE(settings_.time_zone, nullptr) << zone;
  }

  // Through the type's text functions and back through its wire form.
  std::string Via(Oid type, std::string_view text, int32_t typmod = -1) {
    const TypeInfo& info = *BuiltinTypes::Get().FindType(type);
    IoContext io{&BuiltinTypes::Get(), &settings_, nullptr};
    base::Arena arena;
    try {
      Datum value = info.ops->input(io, info, text, typmod, arena);
      std::string wire, out;
      info.ops->send(io, info, value, wire);
      Datum received = info.ops->receive(io, info, wire, -1, arena);
      EXPECT_EQ(info.ops->compare(BuiltinTypes::Get(), info, value, received), 0);
      info.ops->output(io, info, received, out);
      return out;
    } catch (const SqlError& error) {
      return std::string(error.state().code()) + " " + error.what();
    }
  }

  IoSettings settings_;
};

TEST_F(DateTimeText, DatesAreReadInEveryForm) {
  struct {
    std::string_view text, iso;
  } cases[] = {
      {"January 8, 1999", "1999-01-08"},
      {"1999-01-08", "1999-01-08"},
      {"1/8/1999", "1999-01-08"},
      {"99-Jan-08", "22008 date/time field value out of range: \"99-Jan-08\""},
      {"08-Jan-99", "1999-01-08"},
      {"19990108", "1999-01-08"},
      {"990108", "1999-01-08"},
      {"1999.008", "1999-01-08"},
      {"J2451187", "1999-01-08"},
      {"January 8, 99 BC", "0099-01-08 BC"},
      {"2024-02-29", "2024-02-29"},
      {"2023-02-29", "22008 date/time field value out of range: \"2023-02-29\""},
      {"1999-13-01", "22008 date/time field value out of range: \"1999-13-01\""},
      {"4714-11-24 BC", "4714-11-24 BC"},
      {"4714-11-23 BC", "22008 date out of range: \"4714-11-23 BC\""},
      {"5874897-12-31", "5874897-12-31"},
      {"5874898-01-01", "22008 date out of range: \"5874898-01-01\""},
      {"infinity", "infinity"},
      {"-infinity", "-infinity"},
      {"epoch", "1970-01-01"},
      {"tomorrow", "2024-06-16"},
      {"foo", "22007 invalid input syntax for type date: \"foo\""},
      {"", "22007 invalid input syntax for type date: \"\""},
  };
  Set(DateStyle::kIso, DateOrder::kMdy, "UTC");
  for (const auto& row : cases) EXPECT_EQ(Via(oids::kDate, row.text), row.iso) << row.text;
}

TEST_F(DateTimeText, StylesAndZonesShapeTimestamps) {
  constexpr std::string_view kInstant = "1997-12-17 15:37:16.25+00";
  Set(DateStyle::kIso, DateOrder::kMdy, "America/Los_Angeles");
  EXPECT_EQ(Via(oids::kTimestamptz, kInstant), "1997-12-17 07:37:16.25-08");
  Set(DateStyle::kPostgres, DateOrder::kMdy, "America/Los_Angeles");
  EXPECT_EQ(Via(oids::kTimestamptz, kInstant), "Wed Dec 17 07:37:16.25 1997 PST");
  Set(DateStyle::kSql, DateOrder::kDmy, "Europe/Berlin");
  EXPECT_EQ(Via(oids::kTimestamptz, kInstant), "17/12/1997 16:37:16.25 CET");
  Set(DateStyle::kGerman, DateOrder::kDmy, "Asia/Kolkata");
  EXPECT_EQ(Via(oids::kTimestamptz, kInstant), "17.12.1997 21:07:16.25 IST");
  Set(DateStyle::kIso, DateOrder::kMdy, "America/St_Johns");
  EXPECT_EQ(Via(oids::kTimestamptz, kInstant), "1997-12-17 12:07:16.25-03:30");
  EXPECT_EQ(Via(oids::kTimestamp, kInstant), "1997-12-17 15:37:16.25");
}

TEST_F(DateTimeText, ZonesMayBeNamedAbbreviatedOrPosix) {
  struct {
    std::string_view text, utc;
  } cases[] = {
      {"2004-10-19 10:23:54 America/New_York", "2004-10-19 14:23:54+00"},
      {"2004-10-19 10:23:54 EST", "2004-10-19 15:23:54+00"},
      {"2004-10-19 10:23:54 MSK", "2004-10-19 07:23:54+00"},
      {"2014-12-01 10:23:54 MSK", "2014-12-01 07:23:54+00"},
      {"2004-10-19 10:23:54 <+07>-7", "22007 invalid input syntax for type timestamp with time "
                                      "zone: \"2004-10-19 10:23:54 <+07>-7\""},
      {"2004-10-19 10:23:54 foo/bar", "22023 time zone \"foo/bar\" not recognized"},
      {"2004-10-19 10:23:54+16:00", "22009 time zone displacement out of range: "
                                    "\"2004-10-19 10:23:54+16:00\""},
      {"20041019T102354.5-03", "2004-10-19 13:23:54.5+00"},
      // A gap reads as if the clock had not yet been changed, an overlap as if it had.
      {"2005-04-03 02:30:00 America/Los_Angeles", "2005-04-03 10:30:00+00"},
      {"2005-10-30 01:30:00 America/Los_Angeles", "2005-10-30 09:30:00+00"},
      {"294276-12-31 23:59:59.999999+00", "294276-12-31 23:59:59.999999+00"},
      {"294277-01-01 00:00:00+00", "22008 timestamp out of range: \"294277-01-01 00:00:00+00\""},
  };
  Set(DateStyle::kIso, DateOrder::kMdy, "UTC");
  for (const auto& row : cases) EXPECT_EQ(Via(oids::kTimestamptz, row.text), row.utc) << row.text;
}

TEST_F(DateTimeText, PrecisionRoundsHalfAwayFromZero) {
  Set(DateStyle::kIso, DateOrder::kMdy, "UTC");
  EXPECT_EQ(Via(oids::kTimestamp, "2000-01-01 00:00:00.0005", 3), "2000-01-01 00:00:00.001");
  EXPECT_EQ(Via(oids::kTimestamp, "1999-12-31 23:59:59.9995", 3), "1999-12-31 23:59:59.999");
  EXPECT_EQ(Via(oids::kTime, "23:59:59.6", 0), "24:00:00");
}

TEST_F(DateTimeText, TimesOfDay) {
  struct {
    std::string_view text, time, timetz;
  } cases[] = {
      {"04:05", "04:05:00", "04:05:00+02"},
      {"040506.789", "04:05:06.789", "04:05:06.789+02"},
      {"04:05 PM", "16:05:00", "16:05:00+02"},
      {"12:00 am", "00:00:00", "00:00:00+02"},
      {"24:00:00", "24:00:00", "24:00:00+02"},
      {"allballs", "00:00:00", "00:00:00+00"},
      {"04:05:06-08", "04:05:06", "04:05:06-08"},
      {"2003-04-12 04:05:06 America/New_York", "04:05:06", "04:05:06-04"},
      {"24:00:01", "22008 date/time field value out of range: \"24:00:01\"",
       "22008 date/time field value out of range: \"24:00:01\""},
      {"04:05:06 America/New_York",
       "22007 invalid input syntax for type time: \"04:05:06 America/New_York\"",
       "22007 invalid input syntax for type time with time zone: "
       "\"04:05:06 America/New_York\""},
  };
  Set(DateStyle::kIso, DateOrder::kMdy, "Europe/Berlin");
  for (const auto& row : cases) {
    EXPECT_EQ(Via(oids::kTime, row.text), row.time) << row.text;
    EXPECT_EQ(Via(oids::kTimetz, row.text), row.timetz) << row.text;
  }
}

TEST_F(DateTimeText, MalformedWireFormsAreRefused) {
  IoContext io{&BuiltinTypes::Get(), &settings_, nullptr};
  base::Arena arena;
  const TypeInfo& info = *BuiltinTypes::Get().FindType(oids::kTimestamp);
  EXPECT_THROW(info.ops->receive(io, info, "short", -1, arena), SqlError);
  EXPECT_THROW(info.ops->receive(io, info, std::string("\x7f\xff\xff\xff\xff\xff\xff\xfe", 8), -1,
                                 arena),
               SqlError);
}

TEST(TimeZones, RulesRepeatForEver) {
  const TimeZone* zone = TimeZone::Find("america/los_angeles");
  ASSERT_NE(zone, nullptr);
  EXPECT_EQ(zone->name(), "America/Los_Angeles");
  constexpr int64_t kCycle = int64_t{146097} * kSecondsPerDay;
  for (int64_t summer : {int64_t{1720000000}, 1720000000 + kCycle, 1720000000 + 500 * kCycle}) {
    EXPECT_EQ(zone->PeriodAt(summer).abbreviation, "PDT") << summer;
  }
  EXPECT_EQ(zone->PeriodAt(-kCycle).abbreviation, "LMT");
}

TEST(TimeZones, PosixStringsAndOffsets) {
  const TimeZone* zone = TimeZone::Find("foo5bar,M3.2.0,M11.1.0");
  ASSERT_NE(zone, nullptr);
  EXPECT_EQ(zone->PeriodAt(1720000000).abbreviation, "BAR");
  EXPECT_EQ(zone->PeriodAt(1720000000).offset_s, -4 * 3600);
  EXPECT_EQ(zone->PeriodAt(-90'000'000'000).offset_s, -5 * 3600);
  EXPECT_EQ(TimeZone::OfOffset(-7 * 3600)->name(), "<-07>+07");
  EXPECT_EQ(TimeZone::OfOffset(5 * 3600 + 1800)->fixed_offset_s(), 5 * 3600 + 1800);
  EXPECT_EQ(TimeZone::Find("Nowhere/Land"), nullptr);
  EXPECT_EQ(TimeZone::Find("foo5bar,M13.2.0,M11.1.0"), nullptr);
}

TEST(Calendar, RoundTripsOverItsWholeRange) {
  for (int64_t julian = 0; julian < 2147483494; julian += 9973) {
    CivilTime civil;
    CivilFromJulian(julian, &civil);
    ASSERT_EQ(JulianFromCivil(civil.year, civil.month, civil.day), julian);
  }
  EXPECT_EQ(DayOfWeek(kEpochJulian), 6);  // a Saturday
  EXPECT_EQ(IsoWeekOf(2005, 1, 1).week, 53);
  EXPECT_EQ(IsoWeekOf(2005, 1, 1).year, 2004);
}

}  // namespace
}  // namespace sundog::types
