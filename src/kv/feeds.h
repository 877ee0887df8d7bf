// Who gets the commits under which prefix of keys. The adjudicator's part of Store::OpenFeed.
//
// Prefixes are found by hashing, once for each length that any of them has: in practice one look-up
// for each run of writes under one prefix, and nothing where nobody subscribes.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kv/store.h"
#include "runtime/mutex.h"

namespace sundog::kv {

class Feeds {
 public:
  std::unique_ptr<Feed> Open(std::string_view prefix, FeedSink& sink);

  // Held from before a commit is delivered until it is published: so who opens a feed and then a
  // snapshot gets each commit through at least one of them.
  runtime::Mutex& mutex() { return mutex_; }
  void Deliver(Version version, std::span<const Write> writes) REQUIRES(mutex_);

 private:
  class OpenedFeed;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view bytes) const {
      return std::hash<std::string_view>()(bytes);
    }
  };
  using Subscribers = std::vector<OpenedFeed*>;
  using ByPrefix = std::unordered_map<std::string, Subscribers, Hash, std::equal_to<>>;

  void Close(OpenedFeed& feed);
  void DeliverRangeDelete(Version version, const Write& write) REQUIRES(mutex_);

  runtime::Mutex mutex_;
  std::map<size_t, ByPrefix> by_length_ GUARDED_BY(mutex_);
};

}  // namespace sundog::kv
