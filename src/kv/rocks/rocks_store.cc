#include "kv/rocks/rocks_store.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <mutex>
#include <unordered_map>

#include "base/check.h"
#include "base/log.h"
#include "base/sql_error.h"
#include "kv/adjudicator.h"
#include "kv/rocks/data_folder.h"
#include "kv/rocks/insert_hints.h"
#include "kv/rocks/rocks_options.h"
#include "kv/rocks/rocks_snapshot.h"
#include "kv/rocks/rocks_status.h"
#include "kv/rocks/segment_cache.h"

namespace sundog::kv {
namespace {

// RocksDB wants an address even for no bytes.
rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data() != nullptr ? bytes.data() : "", bytes.size()};
}

// Says in the log what RocksDB's background work stumbled over, and leaves recovery to the next
// commit: RocksDB's own would look for free space every five seconds only, and refuse ours
// meanwhile.
class BackgroundErrors : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
    base::LogError(fmt::format("store: background error: {}", status->ToString()));
  }
};

size_t BytesOf(const CommitRequest& request) {
  size_t bytes = 0;
  for (const Write& write : request.writes) bytes += write.key.size() + write.value.size();
  return bytes;
}

template <typename Target>
rocksdb::Status WriteInto(Target& target, const CommitRequest& request, Write::Kind kind) {
  rocksdb::Status status;
  for (const Write& write : request.writes) {
    if (write.kind != kind) continue;
    switch (kind) {
      case Write::Kind::kPut:
        status = target.Put(ToSlice(write.key), ToSlice(write.value));
        break;
      case Write::Kind::kDelete:
        status = target.Delete(ToSlice(write.key));
        break;
      case Write::Kind::kDeleteRange:
        status = target.DeleteRange(ToSlice(write.key), ToSlice(write.value));
        break;
    }
    if (!status.ok()) return status;
  }
  return status;
}

std::unique_ptr<rocksdb::DB> OpenDatabase(const rocksdb::Options& rocks, const DataFolder& folder,
                                          uint64_t verify_below_bytes) {
  rocksdb::DB* opened = nullptr;
  std::string doing = fmt::format("open data folder \"{}\"", folder.path());
  rocksdb::Status status = rocksdb::DB::Open(rocks, folder.rocksdb_path(), &opened);
  if (!status.ok()) ThrowRocksError(status, doing);
  std::unique_ptr<rocksdb::DB> db(opened);
  uint64_t file_bytes = 0;
  db->GetIntProperty(rocksdb::DB::Properties::kTotalSstFilesSize, &file_bytes);
  if (file_bytes <= verify_below_bytes) {
    status = db->VerifyChecksum();
    if (!status.ok()) ThrowRocksError(status, doing);
  }
  return db;
}

class RocksStore : public Store, private CommitSink {
 public:
  explicit RocksStore(const RocksStoreOptions& options)
      : folder_(options.folder),
        bulk_bytes_(options.bulk_bytes),
        rocks_(MakeRocksOptions(options)),
        db_((rocks_.listeners.push_back(std::make_shared<BackgroundErrors>()),
             rocks_.memtable_insert_with_hint_prefix_extractor = hints_,
             OpenDatabase(rocks_, folder_, options.verify_at_start_bytes))),
        segments_(options.segment_cache_bytes,
                  [this](std::string_view begin, std::string_view end, Version since) {
                    return adjudicator_->RangeUnchanged(begin, end, since);
                  }) {
    // Versions begin at 1 so that 0 can mean "never".
    Version start = db_->GetLatestSequenceNumber() + 1;
    Publish(start);
    CommitSink& sink = *this;
    adjudicator_ = std::make_unique<Adjudicator>(sink, start);
  }

  ~RocksStore() override {
    adjudicator_.reset();
    CHECK_EQ(newest_.use_count(), 1);
    newest_.reset();
    rocksdb::Status status = db_->Close();
    if (!status.ok()) base::LogError(fmt::format("store: close: {}", status.ToString()));
  }

  SnapshotPtr Newest() override {
    std::lock_guard lock(newest_mutex_);
    return newest_;
  }
  Version NewestVersion() override { return adjudicator_->newest(); }

  CommitOutcome Commit(const CommitRequest& request) override {
    if (BytesOf(request) > bulk_bytes_) return CommitBulk(request);
    return adjudicator_->Commit(request);
  }

  Changed ChangedSince(std::string_view key, Version since) override {
    return adjudicator_->ChangedSince(key, since);
  }
  std::unique_ptr<Watch> WatchKey(std::string_view key) override {
    return adjudicator_->WatchKey(key);
  }

  std::unique_ptr<Feed> OpenFeed(std::string_view prefix, FeedSink& sink) override {
    return adjudicator_->OpenFeed(prefix, sink);
  }
  // The store itself holds the newest.
  Version OldestSnapshot() override { return live_versions_.oldest(); }

  uint64_t EstimateBytes(const KeyRange& range) override {
    if (range.empty()) return 0;
    std::string end = range.end.empty() ? std::string(16, '\xff') : range.end;
    rocksdb::Range asked(range.begin, end);
    rocksdb::SizeApproximationOptions options;
    options.include_memtables = true;
    uint64_t bytes = 0;
    rocksdb::Status status = db_->GetApproximateSizes(options, db_->DefaultColumnFamily(), &asked,
                                                      1, &bytes);
    if (!status.ok()) ThrowRocksError(status, "read from the store");
    return bytes;
  }

  void Reclaim(const KeyRange& range, std::atomic<bool>& stop) override {
    rocksdb::CompactRangeOptions options;
    options.exclusive_manual_compaction = false;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
    options.canceled = &stop;
    rocksdb::Slice begin = ToSlice(range.begin);
    rocksdb::Slice end = ToSlice(range.end);
    rocksdb::Status status =
        db_->CompactRange(options, &begin, range.end.empty() ? nullptr : &end);
    if (!status.ok() && !stop) ThrowRocksError(status, "give back the bytes of deleted data");
  }

  void Flush() override {
    rocksdb::Status status = db_->SyncWAL();
    if (!status.ok()) ThrowRocksError(status, "write to the store");
  }

 private:
  // Writes the file first, on the requester's time, so that the adjudicator has only to link it.
  CommitOutcome CommitBulk(const CommitRequest& request) {
    std::string path =
        fmt::format("{}/{}.sst", folder_.ingest_path(), next_file_.fetch_add(1));
    WriteBulkFile(path, request);
    {
      std::lock_guard lock(bulk_mutex_);
      bulk_files_[&request] = path;
    }
    auto forget = [&] {
      std::lock_guard lock(bulk_mutex_);
      bulk_files_.erase(&request);
      rocks_.env->DeleteFile(path).PermitUncheckedError();  // gone already if it was taken in
    };
    try {
      CommitOutcome outcome = adjudicator_->Commit(request, /*alone=*/true);
      forget();
      return outcome;
    } catch (...) {
      forget();
      throw;
    }
  }

  void WriteBulkFile(const std::string& path, const CommitRequest& request) const {
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(rocks_), rocks_);
    rocksdb::Status status = writer.Open(path);
    for (const Write& write : request.writes) {
      if (!status.ok()) break;
      switch (write.kind) {
        case Write::Kind::kPut:
          status = writer.Put(ToSlice(write.key), ToSlice(write.value));
          break;
        case Write::Kind::kDelete:
          status = writer.Delete(ToSlice(write.key));
          break;
        case Write::Kind::kDeleteRange:
          status = writer.DeleteRange(ToSlice(write.key), ToSlice(write.value));
          break;
      }
    }
    if (status.ok()) status = writer.Finish();
    if (status.ok()) return;
    rocks_.env->DeleteFile(path).PermitUncheckedError();  // there may be none
    ThrowRocksError(status, "write to the store");
  }

  // CommitSink, on the adjudicator's thread.
  void Apply(std::span<const Winner> winners, bool sync) override {
    if (failed_) Recover();
    rocksdb::Status status;
    std::string bulk_file = BulkFileOf(winners);
    if (!bulk_file.empty()) {
      rocksdb::IngestExternalFileOptions options;
      options.move_files = true;
      options.write_global_seqno = false;
      status = db_->IngestExternalFile({bulk_file}, options);
    } else {
      batch_.Clear();
      for (const Winner& winner : winners) {
        status = WriteInto(batch_, *winner.request, Write::Kind::kDeleteRange);
        if (status.ok()) status = WriteInto(batch_, *winner.request, Write::Kind::kDelete);
        if (status.ok()) status = WriteInto(batch_, *winner.request, Write::Kind::kPut);
        if (!status.ok()) break;
      }
      rocksdb::WriteOptions options;
      options.sync = sync;
      hints_->set_enabled(!batch_.HasDeleteRange());
      if (status.ok() && batch_.Count() > 0) status = db_->Write(options, &batch_);
      if (batch_.GetDataSize() > kKeepBatchBytes) batch_ = rocksdb::WriteBatch();
    }
    if (status.ok()) {
      for (const Winner& winner : winners) segments_.Invalidate(*winner.request);
      return;
    }
    failed_ = true;
    base::LogError(fmt::format("store: commit failed: {}", status.ToString()));
    ThrowRocksError(status, "write to the store");
  }

  void Publish(Version newest) override {
    auto snapshot = std::make_shared<const RocksSnapshot>(*db_, segments_, live_versions_, newest);
    std::lock_guard lock(newest_mutex_);
    newest_.swap(snapshot);
  }

  std::string BulkFileOf(std::span<const Winner> winners) {
    if (winners.size() != 1) return {};
    std::lock_guard lock(bulk_mutex_);
    auto it = bulk_files_.find(winners[0].request);
    return it == bulk_files_.end() ? std::string() : it->second;
  }

  // After a failed write RocksDB refuses more until it has been resumed, which starts a new log:
  // what the failed write left in the old one cannot come back. Background work rests first: a
  // compaction that fails while RocksDB resumes can leave it waiting for a flush that never comes.
  void Recover() {
    rocksdb::Status status = db_->PauseBackgroundWork();
    if (status.ok()) status = db_->ContinueBackgroundWork();
    if (status.ok()) status = db_->Resume();
    if (!status.ok()) ThrowRocksError(status, "write to the store");
    failed_ = false;
    base::LogInfo("store: writing again");
  }

  static constexpr size_t kKeepBatchBytes = 4 << 20;

  DataFolder folder_;
  const size_t bulk_bytes_;
  rocksdb::Options rocks_;
  std::shared_ptr<InsertHints> hints_ = std::make_shared<InsertHints>();
  std::unique_ptr<rocksdb::DB> db_;

  SegmentCache segments_;

  LiveVersions live_versions_;
  std::mutex newest_mutex_;
  std::shared_ptr<const RocksSnapshot> newest_;  // guarded by newest_mutex_

  std::atomic<uint64_t> next_file_ = 0;
  std::mutex bulk_mutex_;
  std::unordered_map<const CommitRequest*, std::string> bulk_files_;  // guarded by bulk_mutex_

  rocksdb::WriteBatch batch_;  // the adjudicator's thread
  bool failed_ = false;        // the adjudicator's thread

  std::unique_ptr<Adjudicator> adjudicator_;
};

}  // namespace

std::unique_ptr<Store> OpenRocksStore(const RocksStoreOptions& options) {
  return std::make_unique<RocksStore>(options);
}

}  // namespace sundog::kv
