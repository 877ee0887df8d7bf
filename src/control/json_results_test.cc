#include "control/json_results.h"

#include <gtest/gtest.h>

#include <string>

#include "types/type_info.h"

namespace sundog::control {
namespace {

class JsonResultsTest : public ::testing::Test {
 protected:
  void Notice(const std::string& message) {
    base::ErrorFields fields;
    fields.severity = base::Severity::kNotice;
    fields.message = message;
    results_.Notice(fields, 0);
  }
  void Describe() { results_.RowDescription({}, {}); }
  static std::string NoticeText(const std::string& message) {
    return R"({"severity":"NOTICE","sqlstate":"00000","message":")" + message + "\"}";
  }

  JsonResults results_{[](std::string_view) { return true; }};
};

TEST_F(JsonResultsTest, AStatementThatIsRunAgainSaysItsNoticesOnce) {
  results_.CommandComplete("SET");
  Notice("before");
  uint64_t mark = results_.Mark();
  for (int run = 0; run < 2; ++run) {
    if (run > 0) {
      EXPECT_TRUE(results_.Rewind(mark));
    }
    Notice("first");
    Describe();
    Notice("second");
    results_.CommandComplete("SELECT 0");
    Notice("last");
  }
  EXPECT_EQ(results_.Finish(),
            R"({"results":[{"command":"SET"},)"
            R"({"columns":[],"rows":[],"command":"SELECT","row_count":0}],"notices":[)" +
                NoticeText("before") + "," + NoticeText("first") + "," + NoticeText("second") +
                "," + NoticeText("last") + "]}");
}

// As Session asks whether anything came after the description.
TEST_F(JsonResultsTest, ANoticeMovesTheMark) {
  Notice("a");
  uint64_t before = results_.Mark();
  Describe();
  uint64_t described = results_.Mark();
  Notice("b");
  EXPECT_GT(results_.Mark(), described);
  EXPECT_TRUE(results_.Rewind(described));
  EXPECT_EQ(results_.Mark(), described);
  EXPECT_TRUE(results_.Rewind(before));
  EXPECT_EQ(results_.Mark(), before);
  EXPECT_EQ(results_.Finish(), R"({"results":[],"notices":[)" + NoticeText("a") + "]}");
}

TEST_F(JsonResultsTest, ThoseBeyondTheFirstHundredLeaveNothing) {
  for (int i = 0; i < 99; ++i) Notice("x");
  uint64_t mark = results_.Mark();
  for (int i = 0; i < 5; ++i) Notice("lost");
  EXPECT_EQ(results_.Mark(), mark + 1);
  EXPECT_TRUE(results_.Rewind(mark));
  Notice("kept");
  Notice("too many");
  std::string text = results_.Finish();
  EXPECT_EQ(text.find("lost"), std::string::npos);
  EXPECT_NE(text.find("kept"), std::string::npos);
  EXPECT_EQ(text.find("too many"), std::string::npos);
}

}  // namespace
}  // namespace sundog::control
