// Text of intervals: what goes in and what comes out, as PostgreSQL 15 has it.
#include "types/interval.h"

#include <gtest/gtest.h>

#include "base/sql_error.h"
#include "types/type_info.h"

namespace sundog::types {
namespace {

std::string Via(std::string_view text, IntervalStyle style = IntervalStyle::kPostgres,
                int32_t typmod = -1) {
  try {
    std::string out;
    AppendIntervalText(style, ParseInterval(style, text, typmod), out);
    return out;
  } catch (const SqlError& error) {
    return std::string(error.state().code()) + " " + error.what();
  }
}

TEST(IntervalText, IsReadInEverySyntax) {
  struct {
    std::string_view text, out;
  } cases[] = {
      {"1 year 2 months 3 days 4 hours 5 minutes 6.789 seconds",
       "1 year 2 mons 3 days 04:05:06.789"},
      {"@ 1 day 2 hours ago", "-1 days -02:00:00"},
      {"1-2 3 4:05:06", "1 year 2 mons 3 days 04:05:06"},
      {"P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06"},
      {"P0001-02-03T04:05:06", "1 year 2 mons 3 days 04:05:06"},
      {"P00010203T040506", "1 year 2 mons 3 days 04:05:06"},
      {"PT1.5S", "00:00:01.5"},
      {"1.5 weeks", "10 days 12:00:00"},
      {"1.5 months", "1 mon 15 days"},
      {"1 +02:03", "1 day 02:03:00"},
      {"-23:59:59.5", "-23:59:59.5"},
      {"1 day 1 day", "22007 invalid input syntax for type interval: \"1 day 1 day\""},
      {"1 fortnight", "22007 invalid input syntax for type interval: \"1 fortnight\""},
      {"P1", "1 year"},
      {"PT1X", "22007 invalid input syntax for type interval: \"PT1X\""},
      {"", "22007 invalid input syntax for type interval: \"\""},
      {"2147483648 days", "22015 interval field value out of range: \"2147483648 days\""},
      {"178956971 years", "22008 interval out of range"},
  };
  for (const auto& row : cases) EXPECT_EQ(Via(row.text), row.out) << row.text;
}

TEST(IntervalText, StylesDifferInSignsAndUnits) {
  constexpr std::string_view kMixed = "1 year 2 mons -3 days +04:05:06.789";
  EXPECT_EQ(Via(kMixed, IntervalStyle::kPostgres), kMixed);
  EXPECT_EQ(Via(kMixed, IntervalStyle::kPostgresVerbose),
            "@ 1 year 2 mons -3 days 4 hours 5 mins 6.789 secs");
  EXPECT_EQ(Via(kMixed, IntervalStyle::kSqlStandard), "+1-2 -3 +4:05:06.789");
  EXPECT_EQ(Via(kMixed, IntervalStyle::kIso8601), "P1Y2M-3DT4H5M6.789S");
  EXPECT_EQ(Via("-1 1:00:00", IntervalStyle::kSqlStandard), "-1 1:00:00");
  EXPECT_EQ(Via("-1 1:00:00", IntervalStyle::kPostgres), "-1 days +01:00:00");
  EXPECT_EQ(Via("0", IntervalStyle::kPostgresVerbose), "@ 0");
  EXPECT_EQ(Via("0", IntervalStyle::kIso8601), "PT0S");
  EXPECT_EQ(Via("0", IntervalStyle::kSqlStandard), "0");
  EXPECT_EQ(Via("-1 sec", IntervalStyle::kPostgresVerbose), "@ 1 sec ago");
}

TEST(IntervalText, DeclaredFieldsCutAndExplain) {
  auto fields = [](int bits) { return MakeIntervalTypmod(bits, kIntervalFullPrecision); };
  auto postgres = IntervalStyle::kPostgres;
  EXPECT_EQ(Via("1", postgres, fields(kIntervalHour)), "01:00:00");
  EXPECT_EQ(Via("1-2", postgres, fields(kIntervalYear)), "1 year");
  EXPECT_EQ(Via("1:2", postgres, fields(kIntervalMinute | kIntervalSecond)), "00:01:02");
  EXPECT_EQ(Via("1 day 2:03:04", postgres, fields(kIntervalDay | kIntervalHour)),
            "1 day 02:00:00");
  EXPECT_EQ(Via("1.2345", postgres, MakeIntervalTypmod(kIntervalAllFields, 2)), "00:00:01.23");
  const TypeInfo& type = *BuiltinTypes::Get().FindType(oids::kInterval);
  EXPECT_EQ(type.ops->typmod_out(MakeIntervalTypmod(kIntervalDay | kIntervalHour |
                                                        kIntervalMinute | kIntervalSecond,
                                                    3)),
            " day to second(3)");
}

TEST(IntervalOrder, CountsThirtyDaysAMonth) {
  auto parse = [](std::string_view text) {
    return ParseInterval(IntervalStyle::kPostgres, text, -1);
  };
  const TypeInfo& type = *BuiltinTypes::Get().FindType(oids::kInterval);
  Datum month = Datum::From(parse("1 mon")), days = Datum::From(parse("29 days 24:00:00"));
  EXPECT_EQ(type.ops->compare(BuiltinTypes::Get(), type, month, days), 0);
  EXPECT_EQ(type.ops->hash(BuiltinTypes::Get(), type, month),
            type.ops->hash(BuiltinTypes::Get(), type, days));
  EXPECT_LT(CompareIntervals(parse("1 mon"), parse("31 days")), 0);
  EXPECT_GT(CompareIntervals(parse("178956970 years"), parse("-178956970 years")), 0);
}

}  // namespace
}  // namespace sundog::types
