#include "kv/adjudicator.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "base/sql_error.h"

namespace sundog::kv {
namespace {

// A backend that stores nothing.
struct Sink : CommitSink {
  std::function<void(Version)> on_publish = [](Version) {};
  bool failing = false;
  void Apply(std::span<const Winner>, bool) override {
    if (failing) throw SqlError(sqlstate::kDiskFull, "could not write");
  }
  void Publish(Version newest) override { on_publish(newest); }
};

CommitOutcome Put(Adjudicator& adjudicator, std::string_view key) {
  Write write{Write::Kind::kPut, key, "value"};
  CommitRequest request;
  request.writes = {&write, 1};
  return adjudicator.Commit(request);
}

TEST(Adjudicator, WhoSeesAVersionAsSoonAsItIsPublishedIsToldThatItChanged) {
  Sink sink;
  Adjudicator adjudicator(sink, 1);
  Version before = Put(adjudicator, "other").version;
  Changed written = Changed::kNo;
  Changed not_written = Changed::kYes;
  sink.on_publish = [&](Version) {
    written = adjudicator.ChangedSince("key", before);
    not_written = adjudicator.ChangedSince("other", before);
  };
  ASSERT_EQ(Put(adjudicator, "key").kind, CommitOutcome::Kind::kCommitted);
  EXPECT_NE(written, Changed::kNo);
  EXPECT_EQ(not_written, Changed::kNo);
  EXPECT_EQ(adjudicator.ChangedSince("key", before), Changed::kYes);
}

TEST(Adjudicator, FeedsGetWhatIsStoredBeforeItIsPublishedAndNothingThatFailed) {
  struct Taker : FeedSink {
    Version published = 0;
    std::vector<Version> taken;
    void Take(Version version, std::span<const Write>) override {
      EXPECT_GT(version, published);
      taken.push_back(version);
    }
  };
  Sink sink;
  Taker taker;
  sink.on_publish = [&](Version version) { taker.published = version; };
  Adjudicator adjudicator(sink, 1);
  auto feed = adjudicator.OpenFeed("key", taker);
  Version first = Put(adjudicator, "key").version;
  sink.failing = true;
  EXPECT_THROW((void)Put(adjudicator, "key"), SqlError);
  sink.failing = false;
  Version last = Put(adjudicator, "key").version;
  EXPECT_EQ(taker.taken, (std::vector<Version>{first, last}));
}

}  // namespace
}  // namespace sundog::kv
