// Functions over numbers and strings, by table. The broad comparison with PostgreSQL is
// tests/functions; here is what must not break unnoticed between its runs.
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

void Check(const std::vector<Case>& cases) {
  for (const Case& c : cases) {
    CallDriver driver(c.signature, c.types, c.result);
    EXPECT_EQ(driver.Scalar(c.arguments), c.expected) << c.signature;
  }
}

TEST(ScalarFunctions, IntegersOverflowAndDivideAsPostgresqlSays) {
  Check({
      {"int4pl(int4,int4)", {"int4", "int4"}, "int4", {"2147483647", "1"},
       "ERROR 22003: integer out of range"},
      {"int48div(int4,int8)", {"int4", "int8"}, "int8", {"-2147483648", "-1"}, "2147483648"},
      {"int8div(int8,int8)", {"int8", "int8"}, "int8", {"-9223372036854775808", "-1"},
       "ERROR 22003: bigint out of range"},
      {"int4div(int4,int4)", {"int4", "int4"}, "int4", {"1", "0"},
       "ERROR 22012: division by zero"},
      {"gcd(int4,int4)", {"int4", "int4"}, "int4", {"-12", "18"}, "6"},
  });
}

TEST(ScalarFunctions, StringsCountCharactersNotBytes) {
  Check({
      {"substring(text,int4,int4)", {"text", "int4", "int4"}, "text", {"日本語", "2", "1"}, "本"},
      {"substring(text,int4,int4)", {"text", "int4", "int4"}, "text", {"abc", "1", "-1"},
       "ERROR 22011: negative substring length not allowed"},
      {"lpad(text,int4,text)", {"text", "int4", "text"}, "text", {"ü", "3", "ab"}, "abü"},
      {"position(text,text)", {"text", "text"}, "int4", {"日本語", "語"}, "3"},
      {"reverse(text)", {"text"}, "text", {"añb"}, "bña"},
      {"upper(text)", {"text"}, "text", {"straße é"}, "STRAßE É"},
      {"split_part(text,text,int4)", {"text", "text", "int4"}, "text", {"a,b,c", ",", "-1"}, "c"},
      {"translate(text,text,text)", {"text", "text", "text"}, "text", {"12345", "143", "ax"},
       "a2x5"},
  });
}

TEST(ScalarFunctions, RegularExpressionsTakeTheLongestLeftmostMatch) {
  Check({
      {"substring(text,text)", {"text", "text"}, "text", {"abcd", "ab|abcd"}, "abcd"},
      {"substring(text,text)", {"text", "text"}, "text", {"x123", ".*?\\d+"}, "x1"},
      {"regexp_replace(text,text,text,text)", {"text", "text", "text", "text"}, "text",
       {"foobarbaz", "b(..)", "X\\1Y", "g"}, "fooXarYXazY"},
      {"regexp_match(text,text)", {"text", "text"}, "_text", {"abc", "(x)?(b)"}, "{NULL,b}"},
      {"textregexeq(text,text)", {"text", "text"}, "bool", {"a", "(a"},
       "ERROR 2201B: invalid regular expression: parentheses () not balanced"},
      {"substring(text,text,text)", {"text", "text", "text"}, "text",
       {"abcdefg", "a#\"%#\"g", "#"}, "bcdef"},
  });
}

TEST(ScalarFunctions, NumbersAreFormattedByPicture) {
  Check({
      {"to_char(numeric,text)", {"numeric", "text"}, "text", {"-1234.5", "9,999.99"}, "-1,234.50"},
      {"to_char(int4,text)", {"int4", "text"}, "text", {"485", "FMRN"}, "CDLXXXV"},
      {"to_char(int4,text)", {"int4", "text"}, "text", {"12345", "999"}, " ###"},
      {"to_number(text,text)", {"text", "text"}, "numeric", {"12,454.8-", "99G999D9S"},
       "-12454.8"},
  });
}

TEST(ScalarFunctions, FormatNamesItsMistakes) {
  Check({
      {"format(text,any)", {"text", "text"}, "text", {"%I %1$L", "a b"}, "\"a b\" 'a b'"},
      {"format(text,any)", {"text", "text"}, "text", {"%s %s", "x"},
       "ERROR 22023: too few arguments for format()"},
      {"quote_ident(text)", {"text"}, "text", {"select"}, "\"select\""},
  });
}

TEST(ScalarFunctions, HashesAreThoseOfPostgresql) {
  Check({
      {"hashtext(text)", {"text"}, "int4", {"abc"}, "-785388649"},
      {"md5(text)", {"text"}, "text", {"abc"}, "900150983cd24fb0d6963f7d28e17f72"},
  });
}

}  // namespace
}  // namespace sundog::functions
