#include "binder/function_body.h"

#include <gtest/gtest.h>

namespace sundog::binder {
namespace {

// The byte of `statement` that is the string's byte at `location`.
std::string_view At(std::string_view string, int location, std::string_view statement) {
  int place = LocationInLiteral(string, location, statement);
  return place < 0 ? "none" : statement.substr(static_cast<size_t>(place));
}

TEST(FunctionBodyTest, LocationInDollarQuotesCountsFromTheQuote) {
  EXPECT_EQ(At("select x", 7, "create function f as $$select x$$;"), "x$$;");
  EXPECT_EQ(At(" select x ", 8, "create function f as $b$ select x $b$"), "x $b$");
}

TEST(FunctionBodyTest, LocationInQuotesCountsDoubledQuotesAndBackslashes) {
  EXPECT_EQ(At("select x", 7, "as 'select x' strict"), "x' strict");
  EXPECT_EQ(At("select 'a', x", 12, "as 'select ''a'', x'"), "x'");
  EXPECT_EQ(At("select 'a', x", 7, "as 'select ''a'', x'"), "''a'', x'");
  EXPECT_EQ(At("select 'a', x", 12, "as E'select \\'a\\', x'"), "x'");
}

TEST(FunctionBodyTest, LocationBehindTheLastByteIsTheClosingQuote) {
  EXPECT_EQ(At("select 1 +", 10, "as 'select 1 +';"), "';");
  EXPECT_EQ(At("select 1 +", 10, "as $$select 1 +$$;"), "$$;");
}

TEST(FunctionBodyTest, AStringThatIsNotThereOrTwiceHasNoLocation) {
  EXPECT_EQ(At("select x", 7, "as 'select y'"), "none");
  EXPECT_EQ(At("select x", 7, "as 'select x y'"), "none");
  EXPECT_EQ(At("x", 0, "as 'x' set a = 'x'"), "none");
  EXPECT_EQ(At("x", 0, ""), "none");
}

}  // namespace
}  // namespace sundog::binder
