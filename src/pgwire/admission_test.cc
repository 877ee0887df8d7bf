#include "pgwire/admission.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/clock.h"
#include "base/sql_error.h"

namespace sundog::pgwire {
namespace {

constexpr int64_t kSecond = 1'000'000;

class AdmissionTest : public ::testing::Test {
 protected:
  // Empty if it is let in.
  std::string Enter(uint32_t tenant = 1) {
    try {
      tickets_.push_back(admission_.Admit(tenant));
      return "";
    } catch (const SqlError& error) {
      EXPECT_EQ(error.fields().severity, base::Severity::kFatal);
      return std::string(error.fields().state.code()) + " " + error.fields().message;
    }
  }
  int CountEntries() {
    int count = 0;
    while (Enter().empty()) ++count;
    return count;
  }

  base::ManualClock clock_{1000 * kSecond};
  Admission admission_{clock_, {.most_connections = 10, .new_ones = {.burst = 5, .per_second = 2}}};
  std::vector<Admission::Ticket> tickets_;
};

constexpr char kTooMany[] = "53300 Unable to accept connection, too many open connections.";
constexpr char kTooFast[] = "53400 Unable to accept connection, rate exceeded.";

TEST_F(AdmissionTest, ABurstIsLetInAndThenSoManyASecond) {
  EXPECT_EQ(CountEntries(), 5);
  EXPECT_EQ(Enter(), kTooFast);
  clock_.Advance(kSecond / 2 - 1);
  EXPECT_EQ(Enter(), kTooFast);
  clock_.Advance(1);
  EXPECT_EQ(Enter(), "");
  EXPECT_EQ(Enter(), kTooFast);
  clock_.Advance(kSecond);
  EXPECT_EQ(CountEntries(), 2);
}

TEST_F(AdmissionTest, WhoHasNoConnectionsAnyMoreIsForgotten) {
  for (uint32_t tenant = 1; tenant <= 3; ++tenant) EXPECT_EQ(Enter(tenant), "");
  EXPECT_EQ(admission_.remembered(), 3u);
  tickets_.pop_back();  // it came just now
  EXPECT_EQ(admission_.remembered(), 3u);
  clock_.Advance(kSecond);
  tickets_.clear();
  EXPECT_EQ(admission_.remembered(), 1u);
}

TEST_F(AdmissionTest, WhoseConnectionsAreShortIsForgottenToo) {
  for (uint32_t tenant = 1; tenant <= 1000; ++tenant) {
    EXPECT_EQ(Enter(tenant), "");
    tickets_.clear();
    clock_.Advance(kSecond / 10);
  }
  EXPECT_LT(admission_.remembered(), 100u);
}

TEST_F(AdmissionTest, SoManyConnectionsAtOnce) {
  for (int i = 0; i < 10; ++i) {
    clock_.Advance(kSecond);
    EXPECT_EQ(Enter(), "");
  }
  clock_.Advance(kSecond);
  EXPECT_EQ(Enter(), kTooMany);
  tickets_.pop_back();
  EXPECT_EQ(Enter(), "");
  EXPECT_EQ(Enter(), kTooMany);
}

TEST_F(AdmissionTest, ClustersDoNotShare) {
  EXPECT_EQ(CountEntries(), 5);
  EXPECT_EQ(Enter(2), "");
}

TEST_F(AdmissionTest, ATicketIsGivenBackOnce) {
  Admission::Ticket ticket = admission_.Admit(1);
  Admission::Ticket moved = std::move(ticket);
  ticket = Admission::Ticket();
  moved = Admission::Ticket();
  clock_.Advance(1000 * kSecond);
  EXPECT_EQ(CountEntries(), 5);
}

}  // namespace
}  // namespace sundog::pgwire
