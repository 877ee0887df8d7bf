#include <gtest/gtest.h>

#include "functions/call_driver.h"

namespace sundog::functions {
namespace {

struct Case {
  const char* signature;
  std::vector<std::string> types;
  const char* result;
  TextRow arguments;
  const char* expected;
};

// A sample of each family; tests/functions/cases compares thousands with PostgreSQL.
const Case kCases[] = {
    {"json_object_field(json,text)", {"json", "text"}, "json", {"{\"a\": [1, 2]}", "a"}, "[1, 2]"},
    {"json_object_field_text(json,text)", {"json", "text"}, "text", {"{\"a\":null}", "a"}, "NULL"},
    {"jsonb_extract_path(jsonb,_text)",
     {"jsonb", "_text"},
     "jsonb",
     {"{\"a\":[{\"b\":5}]}", "{a,-1,b}"},
     "5"},
    {"to_json(anyelement)", {"_text"}, "json", {"{a,NULL,\"b\\\"c\"}"}, "[\"a\",null,\"b\\\"c\"]"},
    {"to_jsonb(anyelement)", {"timestamp"}, "jsonb", {"2020-01-02 03:04"},
     "\"2020-01-02T03:04:00\""},
    {"jsonb_build_object(any)", {"text", "int4"}, "jsonb", {"a", "1"}, "{\"a\": 1}"},
    {"json_build_object(any)", {"text"}, "json", {"a"},
     "ERROR 22023: argument list must have even number of elements"},
    {"jsonb_set(jsonb,_text,jsonb,bool)",
     {"jsonb", "_text", "jsonb", "bool"},
     "jsonb",
     {"{\"a\":[1]}", "{a,5}", "9", "t"},
     "{\"a\": [1, 9]}"},
    {"jsonb_insert(jsonb,_text,jsonb,bool)",
     {"jsonb", "_text", "jsonb", "bool"},
     "jsonb",
     {"{\"a\":1}", "{a}", "9", "f"},
     "ERROR 22023: cannot replace existing key"},
    {"jsonb_concat(jsonb,jsonb)", {"jsonb", "jsonb"}, "jsonb", {"[1]", "{\"a\":2}"},
     "[1, {\"a\": 2}]"},
    {"jsonb_delete_path(jsonb,_text)", {"jsonb", "_text"}, "jsonb", {"[1,[2,3]]", "{1,0}"},
     "[1, [3]]"},
    {"jsonb_contains(jsonb,jsonb)", {"jsonb", "jsonb"}, "bool", {"[1,[2,3]]", "[[3]]"}, "t"},
    {"int4(jsonb)", {"jsonb"}, "int4", {"\"1\""},
     "ERROR 22023: cannot cast jsonb string to type integer"},
    {"jsonb_path_query_array(jsonb,jsonpath,jsonb,bool)",
     {"jsonb", "jsonpath", "jsonb", "bool"},
     "jsonb",
     {"[1,2,3,4]", "$[*] ? (@ > $min)", "{\"min\":2}", "f"},
     "[3, 4]"},
    {"jsonb_path_exists(jsonb,jsonpath,jsonb,bool)",
     {"jsonb", "jsonpath", "jsonb", "bool"},
     "bool",
     {"{}", "strict $.a", "{}", "f"},
     "ERROR 2203A: JSON object does not contain key \"a\""},
    {"string_to_array(text,text)", {"text", "text"}, "_text", {"a,,b", ","}, "{a,\"\",b}"},
    {"array_cat(anycompatiblearray,anycompatiblearray)",
     {"_int4", "_int4"},
     "_int4",
     {"{{1,2}}", "{3,4}"},
     "{{1,2},{3,4}}"},
    {"array_position(anycompatiblearray,anycompatible)", {"_int4", "int4"}, "int4",
     {"[5:6]={1,2}", "2"}, "6"},
};

TEST(JsonAndArrayFunctions, AnswerAsPostgresDoes) {
  for (const Case& c : kCases) {
    EXPECT_EQ(CallDriver(c.signature, c.types, c.result).Scalar(c.arguments), c.expected)
        << c.signature;
  }
}

TEST(JsonSets, GiveRowsInBatches) {
  EXPECT_EQ(CallDriver("jsonb_each(jsonb)", {"jsonb"}, "record")
                .Set({"{\"b\":1,\"a\":[2],\"c\":null,\"d\":4,\"e\":5}"}, {"text", "jsonb"}),
            "a|[2];b|1;c|null;d|4;e|5");
  EXPECT_EQ(CallDriver("json_array_elements_text(json)", {"json"}, "text")
                .Set({"[1,\"x\",null,{\"a\" : 2},5]"}, {"text"}),
            "1;x;NULL;{\"a\" : 2};5");
  EXPECT_EQ(CallDriver("unnest(anyarray)", {"_int4"}, "int4").Set({"{{1,2},{3,NULL}}"}, {"int4"}),
            "1;2;3;NULL");
}

TEST(JsonSets, ExpandRecordsToTheExpectedColumns) {
  CallDriver driver("jsonb_to_recordset(jsonb)", {"jsonb"}, "record");
  driver.call().set_result_columns({{"a", {types::oids::kInt4}},
                                    {"b", {types::oids::kTextArray}},
                                    {"c", {types::oids::kJsonb}}});
  EXPECT_EQ(driver.Set({"[{\"a\":1,\"b\":[\"x\",null],\"c\":\"s\"},{\"b\":\"{y}\",\"a\":null}]"},
                       {"int4", "_text", "jsonb"}),
            "1|{x,NULL}|\"s\";NULL|{y}|NULL");
  EXPECT_EQ(driver.Set({"[1]"}, {"int4", "_text", "jsonb"}),
            "ERROR 22023: argument of jsonb_to_recordset must be an array of objects");
  EXPECT_EQ(driver.Set({"[{\"b\":5}]"}, {"int4", "_text", "jsonb"}),
            "ERROR 22P02: expected JSON array");
}

TEST(OrderedSets, FindPercentilesAndModes) {
  const std::vector<TextRow> rows = {{"0.5", "1"}, {"0.5", "2"}, {"0.5", "4"}, {"0.5", "8"}};
  EXPECT_EQ(CallDriver("percentile_cont(float8,float8)", {"float8", "float8"}, "float8")
                .Aggregate(rows),
            "3");
  EXPECT_EQ(CallDriver("percentile_disc(float8,anyelement)", {"float8", "int4"}, "int4")
                .Aggregate(rows),
            "2");
  EXPECT_EQ(CallDriver("percentile_cont(_float8,float8)", {"_float8", "float8"}, "_float8")
                .Aggregate({{"{0,NULL,1}", "1"}, {"{0,NULL,1}", "5"}}),
            "{1,NULL,5}");
  EXPECT_EQ(CallDriver("percentile_cont(float8,float8)", {"float8", "float8"}, "float8")
                .Aggregate({{"1.5", "1"}}),
            "ERROR 22003: percentile value 1.5 is not between 0 and 1");
  EXPECT_EQ(CallDriver("mode(anyelement)", {"int4"}, "int4")
                .Aggregate({{"1"}, {"3"}, {"3"}, {"7"}, {"7"}, {{}}}),
            "3");
}

TEST(HypotheticalSets, RankTheDirectArgument) {
  const std::vector<TextRow> rows = {{"3", "1"}, {"3", "1"}, {"3", "3"}, {"3", "3"}, {"3", "5"}};
  const std::vector<std::string> types = {"int4", "int4"};
  EXPECT_EQ(CallDriver("rank(any)", types, "int8").Aggregate(rows), "3");
  EXPECT_EQ(CallDriver("dense_rank(any)", types, "int8").Aggregate(rows), "2");
  EXPECT_EQ(CallDriver("percent_rank(any)", types, "float8").Aggregate(rows), "0.4");
  EXPECT_EQ(CallDriver("cume_dist(any)", types, "float8").Aggregate(rows), "0.8333333333333334");
  EXPECT_EQ(CallDriver("rank(any)", types, "int8").Aggregate({}), "1");
}

TEST(ExactAggregates, ForgetRetractedRows) {
  const std::vector<TextRow> rows = {{"1.005"}, {"2"}, {{}}, {"3.5"}};
  CallDriver sum("sum(numeric)", {"numeric"}, "numeric");
  EXPECT_EQ(sum.Aggregate(rows, 1), "5.5");
  EXPECT_EQ(sum.Aggregate(rows, 4), "NULL");
  CallDriver average("avg(int8)", {"int8"}, "numeric");
  EXPECT_EQ(average.Aggregate({{"1"}, {"9223372036854775807"}, {"9223372036854775807"}}, 1),
            "9223372036854775807");
}

}  // namespace
}  // namespace sundog::functions
