// Ranges and multiranges against answers of PostgreSQL 15.
#include <gtest/gtest.h>

#include "functions/call_driver.h"

namespace sundog::functions {
namespace {

struct Case {
  std::string signature;
  std::vector<std::string> types;  // of the arguments; the last one is the result's
  TextRow arguments;
  std::string expected;
};

void Check(const std::vector<Case>& cases) {
  for (const Case& row : cases) {
    std::vector<std::string> types = row.types;
    std::string result = types.back();
    types.pop_back();
    CallDriver driver(row.signature, types, result);
    std::string arguments;
    for (const TextValue& value : row.arguments) arguments += value.value_or("NULL") + " ";
    EXPECT_EQ(driver.Scalar(row.arguments), row.expected) << row.signature << " " << arguments;
  }
}

const std::vector<std::string> kIntsToInts = {"int4range", "int4range", "int4range"};
const std::vector<std::string> kIntsToBool = {"int4range", "int4range", "bool"};

TEST(RangeFunctions, RangesBecomeCanonical) {
  const std::vector<std::string> types = {"int4", "int4", "text", "int4range"};
  const std::string make = "int4range(int4,int4,text)";
  Check({
      {make, types, {"1", "5", "[]"}, "[1,6)"},
      {make, types, {"1", "5", "()"}, "[2,5)"},
      {make, types, {"1", "2", "()"}, "empty"},
      {make, types, {std::nullopt, "5", "[]"}, "(,6)"},
      {make, types, {"5", "1", "[]"},
       "ERROR 22000: range lower bound must be less than or equal to range upper bound"},
      {make, types, {"1", "2147483647", "[]"}, "ERROR 22003: integer out of range"},
      {make, types, {"1", "2", "[["}, "ERROR 42601: invalid range bound flags"},
      {make, types, {"1", "2", std::nullopt},
       "ERROR 22000: range constructor flags argument must not be null"},
      {"numrange(numeric,numeric)", {"numeric", "numeric", "numrange"}, {"1.10", "2.0"},
       "[1.10,2.0)"},
      {"daterange(date,date,text)", {"date", "date", "text", "daterange"},
       {"2020-01-01", "infinity", "[]"}, "[2020-01-01,infinity]"},
      {"lower(anyrange)", {"int4range", "int4"}, {"(3,9)"}, "4"},
      {"upper(anyrange)", {"int4range", "int4"}, {"(3,)"}, "NULL"},
      {"upper_inc(anyrange)", {"numrange", "bool"}, {"(3,4]"}, "t"},
  });
}

TEST(RangeFunctions, RelationsAndOperations) {
  const std::vector<std::string>& boolean = kIntsToBool;
  const std::vector<std::string>& range = kIntsToInts;
  Check({
      {"range_overlaps(anyrange,anyrange)", boolean, {"[1,5)", "[5,9)"}, "f"},
      {"range_adjacent(anyrange,anyrange)", boolean, {"[1,5)", "[5,9)"}, "t"},
      {"range_contains(anyrange,anyrange)", boolean, {"[1,5)", "empty"}, "t"},
      {"range_before(anyrange,anyrange)", boolean, {"[1,5)", "[5,9)"}, "t"},
      {"range_union(anyrange,anyrange)", range, {"[1,5)", "[5,9)"}, "[1,9)"},
      {"range_union(anyrange,anyrange)", range, {"[1,5)", "[6,9)"},
       "ERROR 22000: result of range union would not be contiguous"},
      {"range_minus(anyrange,anyrange)", range, {"[1,9)", "[5,12)"}, "[1,5)"},
      {"range_minus(anyrange,anyrange)", range, {"[1,9)", "[3,5)"},
       "ERROR 22000: result of range difference would not be contiguous"},
      {"range_intersect(anyrange,anyrange)", range, {"[1,9)", "[5,12)"}, "[5,9)"},
      {"range_merge(anyrange,anyrange)", range, {"[1,2)", "[5,12)"}, "[1,12)"},
      {"range_contains_elem(anyrange,anyelement)", {"int4range", "int4", "bool"}, {"[1,9)", "9"},
       "f"},
  });
}

TEST(RangeFunctions, MultirangesJoinWhatTouches) {
  const std::vector<std::string> multi = {"int4multirange", "int4multirange", "int4multirange"};
  Check({
      {"multirange_union(anymultirange,anymultirange)", multi,
       {"{[1,3),[7,9)}", "{[3,5),[20,)}"}, "{[1,5),[7,9),[20,)}"},
      {"multirange_minus(anymultirange,anymultirange)", multi, {"{[1,20)}", "{[3,5),[7,9)}"},
       "{[1,3),[5,7),[9,20)}"},
      {"multirange_intersect(anymultirange,anymultirange)", multi,
       {"{[1,5),[7,20)}", "{[3,9)}"}, "{[3,5),[7,9)}"},
      {"range_merge(anymultirange)", {"int4multirange", "int4range"}, {"{[1,2),[5,9)}"}, "[1,9)"},
      {"int4multirange(_int4range)", {"_int4range", "int4multirange"},
       {"{\"[5,6]\",\"[1,2]\",\"[3,4)\"}"}, "{[1,4),[5,7)}"},
      {"isempty(anymultirange)", {"int4multirange", "bool"}, {"{empty}"}, "t"},
  });
  CallDriver aggregate("range_agg(anyrange)", {"int4range"}, "int4multirange");
  EXPECT_EQ(aggregate.Aggregate({{"[1,3)"}, {std::nullopt}, {"[8,9)"}, {"[2,5)"}}),
            "{[1,5),[8,9)}");
  EXPECT_EQ(aggregate.Aggregate({{std::nullopt}}), "NULL");
  CallDriver intersection("range_intersect_agg(anyrange)", {"int4range"}, "int4range");
  EXPECT_EQ(intersection.Aggregate({{"[1,9)"}, {"[3,20)"}, {"[0,5)"}}), "[3,5)");
  CallDriver unnest("unnest(anymultirange)", {"int4multirange"}, "int4range");
  EXPECT_EQ(unnest.Set({"{[1,2),[5,6)}"}, {"int4range"}), "[1,2);[5,6)");
}

TEST(RangeText, MalformedLiteralsAreExplained) {
  const std::string text = "isempty(anyrange)";
  const std::vector<std::string> types = {"int4range", "bool"};
  const std::string malformed = "ERROR 22P02: malformed range literal: ";
  Check({
      {text, types, {"1,2"}, malformed + "\"1,2\""},
      {text, types, {"[1,2"}, malformed + "\"[1,2\""},
      {text, types, {"[1,2,3)"}, malformed + "\"[1,2,3)\""},
      {text, types, {"[a,b)"}, "ERROR 22P02: invalid input syntax for type integer: \"a\""},
      {text, types, {" EMPTY "}, "t"},
      {"isempty(anymultirange)", {"int4multirange", "bool"}, {"{[1,2),}"},
       "ERROR 22P02: malformed multirange literal: \"{[1,2),}\""},
  });
}

}  // namespace
}  // namespace sundog::functions
