// Base32 by RFC 4648's own examples, and what is none.
#include "base/base32.h"

#include <gtest/gtest.h>

namespace sundog::base {
namespace {

TEST(Base32, AgreesWithTheStandardsExamples) {
  EXPECT_EQ(EncodeBase32(""), "");
  EXPECT_EQ(EncodeBase32("f"), "my");
  EXPECT_EQ(EncodeBase32("fo"), "mzxq");
  EXPECT_EQ(EncodeBase32("foo"), "mzxw6");
  EXPECT_EQ(EncodeBase32("foob"), "mzxw6yq");
  EXPECT_EQ(EncodeBase32("fooba"), "mzxw6ytb");
  EXPECT_EQ(EncodeBase32("foobar"), "mzxw6ytboi");
}

TEST(Base32, ReadsWhatItWrites) {
  for (size_t size = 0; size < 40; ++size) {
    std::string bytes(size, '\xA5');
    EXPECT_EQ(DecodeBase32(EncodeBase32(bytes)), bytes);
  }
  EXPECT_EQ(DecodeBase32("MZXW6YTBOI"), "foobar");
}

TEST(Base32, RefusesWhatNothingIsWrittenAs) {
  EXPECT_FALSE(DecodeBase32("mzxw6ytb0i"));
  EXPECT_FALSE(DecodeBase32("my======"));
  EXPECT_FALSE(DecodeBase32("mz"));   // bits that are left over
  EXPECT_FALSE(DecodeBase32("mzxwyz"));
  EXPECT_FALSE(DecodeBase32("m"));
}

}  // namespace
}  // namespace sundog::base
