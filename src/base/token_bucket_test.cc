#include "base/token_bucket.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace sundog::base {
namespace {

constexpr int64_t kSecond = 1'000'000;

class TokenBucketTest : public ::testing::Test {
 protected:
  int64_t Take() { return bucket_.Take({.burst = 5, .per_second = 2}, clock_.MonotonicMicros()); }
  int CountTaken() {
    int count = 0;
    while (Take() == 0) ++count;
    return count;
  }

  ManualClock clock_{1000 * kSecond};
  TokenBucket bucket_;
};

TEST_F(TokenBucketTest, GivesABurstAndThenSoManyASecond) {
  EXPECT_EQ(CountTaken(), 5);
  clock_.Advance(kSecond / 2 - 1);
  EXPECT_EQ(CountTaken(), 0);
  clock_.Advance(1);
  EXPECT_EQ(CountTaken(), 1);
  clock_.Advance(kSecond);
  EXPECT_EQ(CountTaken(), 2);
}

TEST_F(TokenBucketTest, FillsToTheBurstAndNoFurther) {
  EXPECT_EQ(CountTaken(), 5);
  clock_.Advance(1'000'000'000 * kSecond);
  EXPECT_EQ(CountTaken(), 5);
}

TEST_F(TokenBucketTest, SaysHowLongToWait) {
  EXPECT_EQ(CountTaken(), 5);
  int64_t wait_us = Take();
  EXPECT_EQ(wait_us, kSecond / 2);
  clock_.Advance(wait_us - 1);
  EXPECT_EQ(Take(), 1);
  clock_.Advance(1);
  EXPECT_EQ(Take(), 0);
}

}  // namespace
}  // namespace sundog::base
