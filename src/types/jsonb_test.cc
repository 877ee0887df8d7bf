#include "types/jsonb.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sql_error.h"
#include "types/json_lexer.h"
#include "types/json_text.h"
#include "types/jsonb_builder.h"
#include "types/jsonpath.h"

namespace sundog::types {
namespace {

std::string Normal(std::string_view text) {
  base::Arena arena;
  try {
    return JsonbText(Jsonb(ParseJsonb(text, arena)));
  } catch (const SqlError& error) {
    return std::string(error.state().code()) + " " + error.fields().detail;
  }
}

struct TextCase {
  const char* in;
  const char* out;
};

TEST(JsonbText, SortsKeysKeepsTheLastDuplicateAndTheScaleOfNumbers) {
  const TextCase cases[] = {
      {" {\"bb\":1,\"a\":[ ],\"c\":{}} ", "{\"a\": [], \"c\": {}, \"bb\": 1}"},
      {"{\"a\":1,\"b\":2,\"a\":3}", "{\"a\": 3, \"b\": 2}"},
      {"[1.50,1e3,-0,null,true,\"\\u0041\\n\"]", "[1.50, 1000, 0, null, true, \"A\\n\"]"},
      {"\"\\ud83d\\ude04\"", "\"😄\""},
  };
  for (const TextCase& c : cases) EXPECT_EQ(Normal(c.in), c.out) << c.in;
}

TEST(JsonbText, RefusesWhatPostgresRefuses) {
  const TextCase cases[] = {
      {"", "22P02 The input string ended unexpectedly."},
      {"{\"a\":1,}", "22P02 Expected string, but found \"}\"."},
      {"[1 2]", "22P02 Expected \",\" or \"]\", but found \"2\"."},
      {"01", "22P02 Token \"01\" is invalid."},
      {"\"\\q\"", "22P02 Escape sequence \"\\q\" is invalid."},
      {"\"\\ud83d\"", "22P02 Unicode low surrogate must follow a high surrogate."},
      {"\"\\u0000\"", "22P05 \\u0000 cannot be converted to text."},
  };
  for (const TextCase& c : cases) EXPECT_EQ(Normal(c.in), c.out) << c.in;
  EXPECT_EQ(Normal(std::string(20000, '[')).substr(0, 5), "54001");
}

TEST(JsonbFormat, IsTheHeadersExample) {
  base::Arena arena;
  const unsigned char expected[] = {6, 1, 0, 0, 0, 1, 0, 0, 0x10, 1, 0, 0, 0x40, 'a'};
  EXPECT_EQ(ParseJsonb("{\"a\": true}", arena),
            std::string_view(reinterpret_cast<const char*>(expected), sizeof expected));
}

TEST(JsonbOrder, IsPostgresOrder) {
  const char* const ascending[] = {"[]",    "null", "\"a\"", "\"b\"", "1",   "2",
                                   "false", "true", "[1]",   "[2]",   "[1,1]", "{}",
                                   "{\"a\":1}"};
  base::Arena arena;
  for (size_t i = 0; i < std::size(ascending); ++i) {
    for (size_t j = 0; j < std::size(ascending); ++j) {
      int order = CompareJsonb(Jsonb(ParseJsonb(ascending[i], arena)),
                               Jsonb(ParseJsonb(ascending[j], arena)));
      EXPECT_EQ(order, i < j ? -1 : i > j ? 1 : 0) << ascending[i] << " " << ascending[j];
    }
  }
}

TEST(JsonbHash, IsTheSameForEqualValues) {
  base::Arena arena;
  EXPECT_EQ(HashJsonb(Jsonb(ParseJsonb("{\"a\":1.0,\"b\":[2]}", arena))),
            HashJsonb(Jsonb(ParseJsonb("{\"b\":[2.00],\"a\":1}", arena))));
}

// Writes a random document as text, with odd spacing.
void RandomJson(base::Random& random, int depth, std::string& to) {
  switch (random.Below(depth > 4 ? 4 : 6)) {
    case 0: to += "null"; break;
    case 1: to += std::to_string(static_cast<int64_t>(random.Below(2000)) - 1000); break;
    case 2: to += random.Below(2) == 0 ? " true" : "false "; break;
    case 3: AppendJsonString(std::string(random.Below(5), 'x'), to); break;
    case 4:
      to += '[';
      for (uint64_t n = random.Below(5), i = 0; i < n; ++i) {
        if (i > 0) to += " ,";
        RandomJson(random, depth + 1, to);
      }
      to += ']';
      break;
    default:
      to += "{ ";
      for (uint64_t n = random.Below(5), i = 0; i < n; ++i) {
        if (i > 0) to += ", ";
        AppendJsonString("k" + std::to_string(random.Below(20)), to);
        to += " :";
        RandomJson(random, depth + 1, to);
      }
      to += '}';
  }
}

TEST(Jsonb, RandomDocumentsRoundTripAndAreFoundAsInTheirText) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  for (int round = 0; round < 300; ++round) {
    base::Arena arena;
    std::string text;
    RandomJson(random, 0, text);
    Jsonb value(ParseJsonb(text, arena));
    std::string normal = JsonbText(value);
    Jsonb again(ParseJsonb(normal, arena));
    EXPECT_EQ(JsonbText(again), normal);
    EXPECT_EQ(CompareJsonb(value, again), 0);
    EXPECT_TRUE(JsonbContains(value, again));
    if (!value.is_object()) continue;
    for (int k = 0; k < 20; ++k) {
      std::string key = "k" + std::to_string(k);
      std::optional<JsonText> in_text = JsonText(text).Member(key);
      std::optional<Jsonb> found = value.Find(key);
      ASSERT_EQ(found.has_value(), in_text.has_value()) << key << " in " << text;
      if (found.has_value()) {
        EXPECT_EQ(CompareJsonbValues(*found, Jsonb(ParseJsonb(in_text->text(), arena))), 0);
      }
    }
  }
}

TEST(JsonPath, PrintsItsCanonicalFormAndRefusesTheRest) {
  const TextCase cases[] = {
      {"$.a[*]?(@.b>1&&!(@.c==2)).d", "$.\"a\"[*]?(@.\"b\" > 1 && !(@.\"c\" == 2)).\"d\""},
      {"strict $[0 to last, -1]", "strict $[0 to last,-1]"},
      {"lax $.**{2 to last}.size()", "$.**{2 to last}.size()"},
      {"1+2*3", "(1 + 2 * 3)"},
      {"$x starts with \"y\"", "($\"x\" starts with \"y\")"},
      {"@", "42601 @ is not allowed in root expressions"},
      {"last", "42601 LAST is allowed only in array subscripts"},
      {"$.", "42601 syntax error at end of jsonpath input"},
      {"1.2.3x", "42601 trailing junk after numeric literal at or near \".3x\" of jsonpath input"},
      {"", "22P02 invalid input syntax for type jsonpath: \"\""},
  };
  for (const TextCase& c : cases) {
    std::string got;
    try {
      got = JsonPathText(ParseJsonPath(c.in));
      EXPECT_EQ(JsonPathText(ParseJsonPath(got)), got);
    } catch (const SqlError& error) {
      got = std::string(error.state().code()) + " " + error.what();
    }
    EXPECT_EQ(got, c.out) << c.in;
  }
}

}  // namespace
}  // namespace sundog::types
