#include "kv/feeds.h"

#include <algorithm>

#include "base/check.h"

namespace sundog::kv {

class Feeds::OpenedFeed : public Feed {
 public:
  OpenedFeed(Feeds& owner, std::string_view prefix, FeedSink& sink)
      : prefix(prefix), sink(sink), owner_(owner) {}
  ~OpenedFeed() override { owner_.Close(*this); }

  const std::string prefix;
  FeedSink& sink;

 private:
  Feeds& owner_;
};

std::unique_ptr<Feed> Feeds::Open(std::string_view prefix, FeedSink& sink) {
  auto feed = std::make_unique<OpenedFeed>(*this, prefix, sink);
  runtime::MutexLock lock(mutex_);
  by_length_[prefix.size()][feed->prefix].push_back(feed.get());
  return feed;
}

void Feeds::Close(OpenedFeed& feed) {
  runtime::MutexLock lock(mutex_);
  auto length = by_length_.find(feed.prefix.size());
  auto it = length->second.find(feed.prefix);
  CHECK(std::erase(it->second, &feed) == 1);
  if (it->second.empty()) length->second.erase(it);
  if (length->second.empty()) by_length_.erase(length);
}

void Feeds::Deliver(Version version, std::span<const Write> writes) {
  if (by_length_.empty()) return;
  for (const Write& write : writes) {
    if (write.kind == Write::Kind::kDeleteRange) DeliverRangeDelete(version, write);
  }
  for (const auto& [length, feeds] : by_length_) {
    for (size_t i = 0; i < writes.size();) {
      std::string_view key = writes[i].key;
      if (writes[i].kind == Write::Kind::kDeleteRange || key.size() < length) {
        ++i;
        continue;
      }
      // Writes come in the order of their keys: those of one prefix stand together.
      std::string_view prefix = key.substr(0, length);
      size_t end = i + 1;
      while (end < writes.size() && writes[end].kind != Write::Kind::kDeleteRange &&
             writes[end].key.starts_with(prefix)) {
        ++end;
      }
      auto it = feeds.find(prefix);
      if (it != feeds.end()) {
        for (OpenedFeed* feed : it->second) feed->sink.Take(version, writes.subspan(i, end - i));
      }
      i = end;
    }
  }
}

void Feeds::DeliverRangeDelete(Version version, const Write& write) {
  for (const auto& [length, feeds] : by_length_) {
    for (const auto& [prefix, subscribers] : feeds) {
      bool below = !PrefixEnd(prefix).empty() && PrefixEnd(prefix) <= write.key;
      bool above = prefix >= write.value;
      if (below || above) continue;
      for (OpenedFeed* feed : subscribers) feed->sink.Take(version, {&write, 1});
    }
  }
}

}  // namespace sundog::kv
