#include "kv/rocks/rocks_snapshot.h"

#include <rocksdb/db.h>

#include "base/check.h"
#include "base/memory.h"
#include "kv/rocks/rocks_status.h"
#include "kv/rocks/segment_cache.h"

namespace sundog::kv {
namespace {

constexpr size_t kReadaheadBytes = 2 << 20;
// A batch ends early when it holds this much, however few its entries.
constexpr size_t kBatchBytes = 1 << 20;

// RocksDB wants an address even for no bytes.
rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data() != nullptr ? bytes.data() : "", bytes.size()};
}

struct RocksPins : ReadBuffer::Pins {
  std::vector<rocksdb::PinnableSlice> slices;
  std::vector<rocksdb::Slice> keys;
  std::vector<rocksdb::Status> statuses;
};

RocksPins& PinsOf(ReadBuffer& buffer, size_t count) {
  if (!buffer.pins) buffer.pins = std::make_unique<RocksPins>();
  RocksPins& pins = static_cast<RocksPins&>(*buffer.pins);
  if (pins.slices.size() < count) {
    // Not moved from one place to another: a slice that was pinned is of no use afterwards.
    pins.slices = std::vector<rocksdb::PinnableSlice>(count);
  }
  for (rocksdb::PinnableSlice& slice : pins.slices) slice.Reset();
  return pins;
}

std::optional<std::string_view> Found(const rocksdb::Status& status,
                                      const rocksdb::PinnableSlice& slice) {
  if (status.ok()) return std::string_view(slice.data(), slice.size());
  if (!status.IsNotFound()) ThrowRocksError(status, "read from the store");
  return std::nullopt;
}

class RocksCursor : public Cursor {
 public:
  RocksCursor(std::shared_ptr<const RocksSnapshot> snapshot, rocksdb::DB& db,
              rocksdb::ReadOptions read, KeyRange range, ScanOptions options)
      : snapshot_(std::move(snapshot)), direction_(options.direction) {
    base::UncountedMemory uncounted;
    if (options.whole_range) read.readahead_size = kReadaheadBytes;
    read.iterate_lower_bound = &lower_;
    read.iterate_upper_bound = &upper_;
    SetRange(std::move(range));
    iterator_.reset(db.NewIterator(read));
    SeekToStart();
  }

  // RocksDB's blocks go to its cache, and their memory is the cache's.
  ~RocksCursor() override {
    base::UncountedMemory uncounted;
    iterator_.reset();
  }

  std::span<const Entry> Next(size_t max_entries) override {
    base::UncountedMemory uncounted;
    CHECK_GT(max_entries, 0u);
    bytes_.clear();
    sizes_.clear();
    while (sizes_.size() < max_entries && bytes_.size() < kBatchBytes && iterator_->Valid()) {
      rocksdb::Slice key = iterator_->key();
      rocksdb::Slice value = iterator_->value();
      bytes_.append(key.data(), key.size());
      bytes_.append(value.data(), value.size());
      sizes_.push_back({key.size(), value.size()});
      if (direction_ == Direction::kForward) {
        iterator_->Next();
      } else {
        iterator_->Prev();
      }
    }
    if (!iterator_->Valid() && !iterator_->status().ok()) {
      ThrowRocksError(iterator_->status(), "read from the store");
    }
    return MakeEntries();
  }

  void Reset(KeyRange range) override {
    base::UncountedMemory uncounted;
    SetRange(std::move(range));
    SeekToStart();
  }

 private:
  struct Sizes {
    size_t key;
    size_t value;
  };

  // RocksDB looks at the bounds anew at each seek. An empty range is one no key can be in.
  void SetRange(KeyRange range) {
    range_ = std::move(range);
    if (range_.empty()) range_ = {"\1", "\1"};
    lower_ = ToSlice(range_.begin);
    upper_ = range_.end.empty() ? ToSlice(kBeyondAll) : ToSlice(range_.end);
  }

  void SeekToStart() {
    if (direction_ == Direction::kForward) {
      iterator_->Seek(lower_);
    } else {
      iterator_->SeekToLast();
    }
  }

  std::span<const Entry> MakeEntries() {
    entries_.resize(sizes_.size());
    const char* at = bytes_.data();
    for (size_t i = 0; i < sizes_.size(); ++i) {
      entries_[i].key = {at, sizes_[i].key};
      at += sizes_[i].key;
      entries_[i].value = {at, sizes_[i].value};
      at += sizes_[i].value;
    }
    return entries_;
  }

  // An upper bound for ranges without an end; keys begin with a tenant number and stay far below.
  static constexpr std::string_view kBeyondAll{
      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 16};

  std::shared_ptr<const RocksSnapshot> snapshot_;
  Direction direction_;
  KeyRange range_;
  rocksdb::Slice lower_;
  rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
  std::string bytes_;
  std::vector<Sizes> sizes_;
  std::vector<Entry> entries_;
};

}  // namespace

RocksSnapshot::RocksSnapshot(rocksdb::DB& db, SegmentCache& cache, LiveVersions& live,
                             Version version)
    : db_(db),
      cache_(cache),
      at_(db.GetSnapshot()),
      version_(version),
      live_(live),
      place_(live.Add(version)) {}

RocksSnapshot::~RocksSnapshot() {
  live_.Remove(place_);
  db_.ReleaseSnapshot(at_);
}

std::optional<std::string_view> RocksSnapshot::Get(std::string_view key,
                                                   ReadBuffer& buffer) const {
  base::UncountedMemory uncounted;
  RocksPins& pins = PinsOf(buffer, 1);
  rocksdb::ReadOptions read;
  read.snapshot = at_;
  rocksdb::Status status =
      db_.Get(read, db_.DefaultColumnFamily(), ToSlice(key), &pins.slices[0]);
  return Found(status, pins.slices[0]);
}

std::span<const std::optional<std::string_view>> RocksSnapshot::MultiGet(
    std::span<const std::string_view> keys, ReadBuffer& buffer) const {
  base::UncountedMemory uncounted;
  RocksPins& pins = PinsOf(buffer, keys.size());
  pins.keys.clear();
  for (std::string_view key : keys) pins.keys.push_back(ToSlice(key));
  pins.statuses.assign(keys.size(), rocksdb::Status());
  rocksdb::ReadOptions read;
  read.snapshot = at_;
  db_.MultiGet(read, db_.DefaultColumnFamily(), keys.size(), pins.keys.data(),
               pins.slices.data(), pins.statuses.data());
  buffer.values.clear();
  for (size_t i = 0; i < keys.size(); ++i) {
    buffer.values.push_back(Found(pins.statuses[i], pins.slices[i]));
  }
  return buffer.values;
}

std::unique_ptr<Cursor> RocksSnapshot::Scan(KeyRange range, ScanOptions options) const {
  auto self = shared_from_this();
  auto open = [self, options](KeyRange part) {
    rocksdb::ReadOptions read;
    read.snapshot = self->at_;
    return std::make_unique<RocksCursor>(self, self->db_, read, std::move(part), options);
  };
  if (!options.whole_range || options.direction == Direction::kReverse) {
    return open(std::move(range));
  }
  return std::make_unique<SegmentCursor>(cache_, self, open, std::move(range));
}

}  // namespace sundog::kv
