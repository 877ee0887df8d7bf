#include "control/database_names.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "base/random.h"

namespace sundog::control {
namespace {

TEST(DatabaseNames, AreWhatCanStandBeforeADot) {
  for (std::string_view good : {"a", "7", "shop", "sequelize-app", "brave-tiger-42", "t-3a7f8b2c",
                                "abcdefghijklmnopqrstuvwxyz0"}) {
    EXPECT_TRUE(IsDatabaseName(good)) << good;
  }
  EXPECT_TRUE(IsDatabaseName(std::string(63, 'a')));
  EXPECT_FALSE(IsDatabaseName(std::string(64, 'a')));
  // The last one could be an identifier.
  for (std::string_view bad : {"", "-", "-a", "a-", "a.b", "a:b", "A", "a b", "é", "a_b",
                               "abcdefghijklmnopqrstuvwxyz"}) {
    EXPECT_FALSE(IsDatabaseName(bad)) << bad;
  }
}

TEST(DatabaseNames, ThoseMadeUpAreNamesAndSeldomTheSame) {
  base::Random random(1);
  std::set<std::string> names;
  for (int i = 0; i < 1000; ++i) {
    std::string name = MakeDatabaseName(random);
    EXPECT_TRUE(IsDatabaseName(name)) << name;
    names.insert(name);
  }
  EXPECT_GT(names.size(), 990u);
}

}  // namespace
}  // namespace sundog::control
