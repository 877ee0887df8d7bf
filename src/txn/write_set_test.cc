#include "txn/write_set.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/random.h"

namespace sundog::txn {
namespace {

std::string ValueOf(const WriteSet::Write* write) {
  if (write == nullptr) return "none";
  return write->value ? std::string(*write->value) : "deleted";
}

TEST(WriteSet, ViewsSeeEarlierCommandsOnly) {
  WriteSet set;
  set.Put("k", "one", 1);
  set.Put("k", "two", 2);
  set.Put("k", std::nullopt, 3);
  EXPECT_EQ(ValueOf(set.Find("k", 1)), "none");
  EXPECT_EQ(ValueOf(set.Find("k", 2)), "one");
  EXPECT_EQ(ValueOf(set.Find("k", 3)), "two");
  EXPECT_EQ(ValueOf(set.Find("k", 4)), "deleted");
  EXPECT_EQ(ValueOf(set.Find("k", kAllCommands)), "deleted");
  EXPECT_EQ(ValueOf(set.Find("j", kAllCommands)), "none");
}

TEST(WriteSet, UndoTakesWritesOffInReverse) {
  WriteSet set;
  set.Put("a", "1", 1);
  size_t mark = set.mark();
  set.Put("a", "2", 2);
  set.Put("b", "2", 2);
  set.UndoTo(mark);
  EXPECT_EQ(ValueOf(set.Find("a", kAllCommands)), "1");
  EXPECT_EQ(ValueOf(set.Find("b", kAllCommands)), "none");
  set.UndoTo(0);
  EXPECT_TRUE(set.empty());
}

// Random puts, appends in order and undos against a sorted map of histories.
TEST(WriteSet, RandomHistoryMatchesTheModel) {
  uint64_t seed = base::SecureSeed();
  SCOPED_TRACE("seed " + std::to_string(seed));
  base::Random random(seed);
  WriteSet set;
  std::map<std::string, std::vector<std::pair<std::string, CommandId>>> model;
  std::vector<std::string> undo;
  uint64_t next_in_order = 0;
  CommandId command = 1;
  for (int step = 0; step < 20000; ++step) {
    command += random.Below(3) == 0;
    if (random.Below(50) == 0 && !undo.empty()) {
      size_t mark = undo.size() - random.Below(std::min<size_t>(undo.size(), 40) + 1);
      set.UndoTo(mark);
      while (undo.size() > mark) {
        model[undo.back()].pop_back();
        undo.pop_back();
      }
    } else {
      char key[32];
      bool in_order = random.Below(2) == 0;
      snprintf(key, sizeof key, "index-%06d|%08d", in_order ? 1 : static_cast<int>(random.Below(3)),
               static_cast<int>(in_order ? next_in_order++ : random.Below(3000)));
      std::string value = std::to_string(step);
      set.Put(key, value, command);
      model[key].push_back({value, command});
      undo.push_back(key);
    }
    ASSERT_EQ(set.mark(), undo.size());
  }
  const WriteSet::Node* node = set.first();
  const WriteSet::Node* previous = nullptr;
  for (const auto& [key, history] : model) {
    ASSERT_NE(node, nullptr);
    ASSERT_EQ(node->key, key);
    ASSERT_EQ(node->previous, previous);
    ASSERT_EQ(set.LowerBound(key), node);
    ASSERT_EQ(set.Before(key), previous);
    CommandId at = static_cast<CommandId>(1 + random.Below(command + 1));
    std::string expected = "none";
    for (const auto& [value, written_by] : history) {
      if (written_by < at) expected = value;
    }
    ASSERT_EQ(ValueOf(set.Find(key, at)), expected);
    previous = node;
    node = WriteSet::After(*node);
  }
  EXPECT_EQ(node, nullptr);
  EXPECT_EQ(set.Before(""), previous);
}

}  // namespace
}  // namespace sundog::txn
