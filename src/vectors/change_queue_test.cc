// What a feed's queue does where memory ends or there is too much.
#include "vectors/change_queue.h"

#include <gtest/gtest.h>

namespace sundog::vectors {
namespace {

class ChangeQueueTest : public ::testing::Test {
 protected:
  void Take(std::string_view key, std::string_view value) {
    kv::Write write{kv::Write::Kind::kPut, key, value};
    queue_.Take(++version_, {&write, 1});
  }
  void ExpectOverrun() {
    EXPECT_TRUE(queue_.overrun());
    EXPECT_FALSE(queue_.dropped());
    EXPECT_EQ(queue_.size(), 0u);
    EXPECT_EQ(queue_.bytes(), 0u);
    ChangeQueue::Batch batch;
    EXPECT_FALSE(queue_.Pop(batch));
  }

  int wakes_ = 0;
  kv::Version version_ = 0;
  ChangeQueue queue_{"p", /*most_bytes=*/1000, [this] { ++wakes_; }};
};

TEST_F(ChangeQueueTest, MoreThanItMayHoldIsAnOverrun) {
  Take("p1", "small");
  EXPECT_FALSE(queue_.overrun());
  EXPECT_EQ(queue_.size(), 1u);
  Take("p2", std::string(1000, 'x'));
  ExpectOverrun();
  Take("p3", "small");
  ExpectOverrun();
  EXPECT_EQ(wakes_, 3);
}

#ifndef SUNDOG_SANITIZE  // whose allocators end the process there
TEST_F(ChangeQueueTest, TheEndOfMemoryIsAnOverrunToo) {
  Take("p1", "small");
  std::string_view small = "x";
  // Nobody has so much, so that nothing is copied.
  Take("p2", std::string_view(small.data(), size_t{1} << 61));
  ExpectOverrun();
  EXPECT_EQ(wakes_, 2);
}
#endif

}  // namespace
}  // namespace sundog::vectors
