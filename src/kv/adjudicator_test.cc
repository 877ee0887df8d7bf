#include "kv/adjudicator.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace sundog::kv {
namespace {

// A backend that stores nothing.
struct Sink : CommitSink {
  std::function<void(Version)> on_publish = [](Version) {};
  void Apply(std::span<const Winner>, bool) override {}
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

}  // namespace
}  // namespace sundog::kv
