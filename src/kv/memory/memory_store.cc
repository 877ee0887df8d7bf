#include "kv/memory/memory_store.h"

#include <algorithm>
#include <map>
#include <mutex>
#include <set>
#include <shared_mutex>

#include "base/arena.h"
#include "base/check.h"
#include "kv/adjudicator.h"

namespace sundog::kv {
namespace {

constexpr Version kFirstVersion = 1;

struct ValueVersion {
  Version version;
  std::optional<std::string> value;  // absent: deleted
};

// The map with all its versions. Outlives the store while snapshots are open.
class VersionedMap {
 public:
  using Chain = std::vector<ValueVersion>;

  std::optional<std::string> Get(std::string_view key, Version at) const {
    std::shared_lock lock(mutex_);
    auto it = chains_.find(key);
    if (it == chains_.end()) return std::nullopt;
    const std::optional<std::string>* value = Visible(it->second, at);
    return value ? *value : std::nullopt;
  }

  // Appends up to `max` visible entries of the range to `entries`, their bytes to `arena`.
  void Read(const KeyRange& range, Direction direction, Version at, size_t max,
            base::Arena& arena, std::vector<Entry>& entries) const {
    if (range.empty()) return;
    std::shared_lock lock(mutex_);
    auto first = chains_.lower_bound(range.begin);
    auto last = range.end.empty() ? chains_.end() : chains_.lower_bound(range.end);
    auto add = [&](const std::string& key, const Chain& chain) {
      const std::optional<std::string>* value = Visible(chain, at);
      if (value && *value) entries.push_back({arena.Copy(key), arena.Copy(**value)});
    };
    if (direction == Direction::kForward) {
      for (; first != last && entries.size() < max; ++first) add(first->first, first->second);
    } else {
      while (first != last && entries.size() < max) {
        --last;
        add(last->first, last->second);
      }
    }
  }

  void Apply(std::span<const CommitSink::Winner> winners) {
    std::unique_lock lock(mutex_);
    Version oldest = OldestOpenLocked();
    for (const CommitSink::Winner& winner : winners) ApplyOne(winner, oldest);
  }

  Version Open() {
    std::unique_lock lock(mutex_);
    open_.insert(newest_);
    return newest_;
  }
  void Close(Version version) {
    std::unique_lock lock(mutex_);
    open_.erase(open_.find(version));
  }
  void Publish(Version newest) {
    std::unique_lock lock(mutex_);
    newest_ = newest;
  }
  Version OldestOpen() const {
    std::shared_lock lock(mutex_);
    return OldestOpenLocked();
  }

  uint64_t Bytes(const KeyRange& range) const {
    if (range.empty()) return 0;
    std::shared_lock lock(mutex_);
    uint64_t bytes = 0;
    auto end = range.end.empty() ? chains_.end() : chains_.lower_bound(range.end);
    for (auto it = chains_.lower_bound(range.begin); it != end; ++it) {
      const std::optional<std::string>& value = it->second.back().value;
      if (value) bytes += it->first.size() + value->size();
    }
    return bytes;
  }

 private:
  Version OldestOpenLocked() const { return open_.empty() ? newest_ : *open_.begin(); }

  static const std::optional<std::string>* Visible(const Chain& chain, Version at) {
    for (auto it = chain.rbegin(); it != chain.rend(); ++it) {
      if (it->version <= at) return &it->value;
    }
    return nullptr;
  }

  void ApplyOne(const CommitSink::Winner& winner, Version oldest) {
    for (const Write& write : winner.request->writes) {
      if (write.kind != Write::Kind::kDeleteRange) continue;
      auto end = chains_.lower_bound(write.value);
      for (auto it = chains_.lower_bound(write.key); it != end; ++it) {
        Add(it->second, winner.version, std::nullopt, oldest);
      }
    }
    for (const Write& write : winner.request->writes) {
      if (write.kind == Write::Kind::kPut) {
        Add(chains_[std::string(write.key)], winner.version, std::string(write.value), oldest);
      } else if (write.kind == Write::Kind::kDelete) {
        auto it = chains_.find(write.key);
        if (it != chains_.end()) Add(it->second, winner.version, std::nullopt, oldest);
      }
    }
  }

  static void Add(Chain& chain, Version version, std::optional<std::string> value,
                  Version oldest) {
    if (!chain.empty() && chain.back().version == version) {
      chain.back().value = std::move(value);
      return;
    }
    chain.push_back({version, std::move(value)});
    // Of the versions at or below `oldest` only the last can still be seen.
    size_t keep_from = 0;
    while (keep_from + 1 < chain.size() && chain[keep_from + 1].version <= oldest) ++keep_from;
    chain.erase(chain.begin(), chain.begin() + keep_from);
  }

  mutable std::shared_mutex mutex_;
  std::map<std::string, Chain, std::less<>> chains_;
  std::multiset<Version> open_;
  Version newest_ = kFirstVersion;
};

class MemoryCursor : public Cursor {
 public:
  MemoryCursor(SnapshotPtr snapshot, std::shared_ptr<VersionedMap> map, KeyRange range,
               ScanOptions options)
      : snapshot_(std::move(snapshot)),
        map_(std::move(map)),
        rest_(std::move(range)),
        direction_(options.direction) {}

  std::span<const Entry> Next(size_t max_entries) override {
    CHECK_GT(max_entries, 0u);
    arena_.Reset();
    entries_.clear();
    map_->Read(rest_, direction_, snapshot_->version(), max_entries, arena_, entries_);
    if (!entries_.empty()) {
      if (direction_ == Direction::kForward) {
        rest_.begin.assign(entries_.back().key).push_back('\0');
      } else {
        rest_.end.assign(entries_.back().key);
        // Nothing is below the empty key, and an empty end would mean no bound.
        if (rest_.end.empty()) rest_ = {"\1", "\1"};
      }
    }
    return entries_;
  }

  void Reset(KeyRange range) override { rest_ = std::move(range); }

 private:
  SnapshotPtr snapshot_;
  std::shared_ptr<VersionedMap> map_;
  KeyRange rest_;
  Direction direction_;
  base::Arena arena_;
  std::vector<Entry> entries_;
};

struct CopiedValues : ReadBuffer::Pins {
  std::vector<std::optional<std::string>> values;
};

CopiedValues& CopiesOf(ReadBuffer& buffer) {
  if (!buffer.pins) buffer.pins = std::make_unique<CopiedValues>();
  return static_cast<CopiedValues&>(*buffer.pins);
}

class MemorySnapshot : public Snapshot, public std::enable_shared_from_this<MemorySnapshot> {
 public:
  explicit MemorySnapshot(std::shared_ptr<VersionedMap> map)
      : map_(std::move(map)), version_(map_->Open()) {}
  ~MemorySnapshot() override { map_->Close(version_); }

  Version version() const override { return version_; }

  std::optional<std::string_view> Get(std::string_view key, ReadBuffer& buffer) const override {
    return MultiGet({&key, 1}, buffer)[0];
  }

  std::span<const std::optional<std::string_view>> MultiGet(
      std::span<const std::string_view> keys, ReadBuffer& buffer) const override {
    CopiedValues& copies = CopiesOf(buffer);
    copies.values.clear();
    for (std::string_view key : keys) copies.values.push_back(map_->Get(key, version_));
    buffer.values.clear();
    for (const auto& value : copies.values) {
      buffer.values.push_back(value ? std::optional<std::string_view>(*value) : std::nullopt);
    }
    return buffer.values;
  }

  std::unique_ptr<Cursor> Scan(KeyRange range, ScanOptions options) const override {
    return std::make_unique<MemoryCursor>(shared_from_this(), map_, std::move(range), options);
  }

 private:
  std::shared_ptr<VersionedMap> map_;
  Version version_;
};

class MemoryStore : public Store, private CommitSink {
 public:
  MemoryStore() : map_(std::make_shared<VersionedMap>()), adjudicator_(*this, kFirstVersion) {}

  SnapshotPtr Newest() override { return std::make_shared<MemorySnapshot>(map_); }
  Version NewestVersion() override { return adjudicator_.newest(); }
  CommitOutcome Commit(const CommitRequest& request) override {
    return adjudicator_.Commit(request);
  }
  Changed ChangedSince(std::string_view key, Version since) override {
    return adjudicator_.ChangedSince(key, since);
  }
  std::unique_ptr<Watch> WatchKey(std::string_view key) override {
    return adjudicator_.WatchKey(key);
  }
  std::unique_ptr<Feed> OpenFeed(std::string_view prefix, FeedSink& sink) override {
    return adjudicator_.OpenFeed(prefix, sink);
  }
  Version OldestSnapshot() override { return map_->OldestOpen(); }
  uint64_t EstimateBytes(const KeyRange& range) override { return map_->Bytes(range); }
  void Flush() override {}

 private:
  void Apply(std::span<const Winner> winners, bool) override { map_->Apply(winners); }
  void Publish(Version newest) override { map_->Publish(newest); }

  std::shared_ptr<VersionedMap> map_;
  Adjudicator adjudicator_;
};

}  // namespace

std::unique_ptr<Store> OpenMemoryStore() { return std::make_unique<MemoryStore>(); }

}  // namespace sundog::kv
