#include "base/memory.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/arena.h"
#include "base/sql_error.h"

namespace sundog::base {
namespace {

constexpr size_t kMiB = 1 << 20;

TEST(MemoryTest, CountsWhatThisFlowOfControlHolds) {
  int64_t before = tls_memory.held_bytes;
  auto text = std::make_unique<std::string>(kMiB, 'x');
  EXPECT_GE(tls_memory.held_bytes - before, static_cast<int64_t>(kMiB));
  text.reset();
  EXPECT_LT(tls_memory.held_bytes - before, static_cast<int64_t>(kMiB) / 2);
  std::thread([&] { text = std::make_unique<std::string>(kMiB, 'x'); }).join();
  EXPECT_LT(tls_memory.held_bytes - before, static_cast<int64_t>(kMiB) / 2);
}

TEST(MemoryTest, LimitsValuesOfArenasAndLargeBlocks) {
  MemoryLimit limit(64 * kMiB);
  std::string large(40 * kMiB, 'x');
  EXPECT_NO_THROW(CheckMemory());
  EXPECT_THROW(CheckMemory(40 * kMiB), SqlError);
  EXPECT_THROW(large.resize(70 * kMiB), SqlError);
  EXPECT_EQ(large.size(), 40 * kMiB);
  Arena arena;
  EXPECT_NO_THROW(arena.AllocateBytes(kMiB));
  EXPECT_THROW(arena.AllocateBytes(40 * kMiB), SqlError);
  EXPECT_EQ(::operator new(40 * kMiB, std::nothrow), nullptr);
  large = {};
  large.shrink_to_fit();
  EXPECT_NO_THROW(large.resize(40 * kMiB));
}

TEST(MemoryTest, AnInnerLimitIsNotAboveTheOuterOne) {
  MemoryLimit outer(32 * kMiB);
  {
    MemoryLimit inner(1024 * kMiB);
    EXPECT_THROW(CheckMemory(40 * kMiB), SqlError);
  }
  {
    MemoryLimit inner(8 * kMiB);
    EXPECT_THROW(CheckMemory(16 * kMiB), SqlError);
  }
  EXPECT_NO_THROW(CheckMemory(16 * kMiB));
  {
    NoMemoryLimit none;
    EXPECT_NO_THROW(CheckMemory(1024 * kMiB));
  }
  EXPECT_THROW(CheckMemory(1024 * kMiB), SqlError);
}

TEST(MemoryTest, UncountedMemoryIsNobodys) {
  MemoryLimit limit(32 * kMiB);
  std::vector<std::string> kept;
  {
    UncountedMemory uncounted;
    kept.emplace_back(100 * kMiB, 'x');
  }
  EXPECT_NO_THROW(CheckMemory(16 * kMiB));
}

TEST(MemoryTest, AFullProcessSparesThoseWhoHoldLittle) {
  EXPECT_GT(AvailableMemoryBytes(), 64 * kMiB);
  std::string others(128 * kMiB, 'x');
  SetProcessMemoryLimit(kMiB);
  EXPECT_TRUE(process_memory_is_full);
  {
    MemoryLimit limit(1024 * kMiB);
    EXPECT_NO_THROW(CheckMemory(8 * kMiB));
    std::string own(24 * kMiB, 'x');
    EXPECT_THROW(CheckMemory(16 * kMiB), SqlError);
  }
  EXPECT_NO_THROW(CheckMemory(1024 * kMiB));
  SetProcessMemoryLimit(0);
  MemoryLimit limit(1024 * kMiB);
  EXPECT_NO_THROW(CheckMemory(512 * kMiB));
}

}  // namespace
}  // namespace sundog::base
