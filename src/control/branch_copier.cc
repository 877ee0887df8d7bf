#include "control/branch_copier.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "catalog/catalog_rows.h"
#include "catalog/descriptor_format.h"
#include "catalog/jobs.h"
#include "codec/key_space.h"
#include "control/cluster_rows.h"
#include "control/prepare_tenant.h"
#include "kv/store.h"
#include "session/engine/engine.h"
#include "session/engine/job_runner.h"
#include "txn/sequences.h"

namespace sundog::control {

namespace {

// What is read before it is written. More than this in one commit the store takes in as a file,
// which costs nobody else anything; less goes in small commits, since they are written in turn with
// everybody's.
constexpr size_t kChunkBytes = size_t{17} << 20;
constexpr size_t kSmallCommitBytes = size_t{1} << 20;
constexpr size_t kIdentityBytes = 16;
constexpr std::string_view kStopped =
    "The server stopped while the branch was made. Delete it, and make another one.";
constexpr std::string_view kNoThread =
    "The branch could not be made: the server has no thread left for it.";

// Entries of the source, as they are to be the branch's.
class Chunk {
 public:
  explicit Chunk(uint32_t tenant) : prefix_(codec::TenantPrefix(tenant)) {}

  void Add(const kv::Entry& entry) {
    bytes_ += entry.key.size() + entry.value.size();
    std::string key = prefix_;
    key += entry.key.substr(prefix_.size());
    rows_.push_back({std::move(key), std::string(entry.value)});
  }
  size_t bytes() const { return bytes_; }

  // Calls `commit` with its writes, in one or several pieces, until that says false.
  template <typename Commit>
  bool Write(Commit commit) {
    size_t most = bytes_ >= kChunkBytes ? SIZE_MAX : kSmallCommitBytes;
    std::vector<kv::Write> writes;
    size_t gathered = 0;
    for (const StoredRow& row : rows_) {
      writes.push_back({kv::Write::Kind::kPut, row.key, row.value});
      gathered += row.key.size() + row.value.size();
      if (gathered < most && &row != &rows_.back()) continue;
      if (!commit(writes)) return false;
      writes.clear();
      gathered = 0;
    }
    rows_.clear();
    bytes_ = 0;
    return true;
  }

 private:
  const std::string prefix_;
  std::vector<StoredRow> rows_;
  size_t bytes_ = 0;
};

std::string Require(const kv::Snapshot& snapshot, const std::string& key) {
  kv::ReadBuffer buffer;
  auto value = snapshot.Get(key, buffer);
  if (!value) throw SqlError(sqlstate::kDataCorrupted, "the database has no role admin");
  return std::string(*value);
}

// All of a tenant but the positions of temporary sequences, and temporary tables: the last keys.
std::vector<kv::KeyRange> CopiedRanges(uint32_t tenant) {
  return {{codec::TenantPrefix(tenant),
           codec::SequenceKey(tenant, codec::kFirstTemporaryStorageId)},
          {codec::StoragePrefix(tenant, codec::kSequenceStorageId + 1),
           codec::StoragePrefix(tenant, codec::kFirstTemporaryStorageId)}};
}

bool IsActive(const kv::Snapshot& snapshot, uint32_t tenant) {
  kv::ReadBuffer buffer;
  std::string key = ClusterKey(tenant);
  auto row = snapshot.Get(key, buffer);
  return row && DecodeCluster(key, *row).state == ClusterState::kActive;
}

}  // namespace

BranchCopier::BranchCopier(Clusters& clusters, session::Engine& engine)
    : clusters_(clusters), engine_(engine) {
  for (const ClusterPtr& branch : clusters_.Cloning()) {
    clusters_.FailCloning(branch->id, std::string(kStopped));
  }
}

void BranchCopier::Stop() {
  stopping_ = true;
  runtime::MutexLock lock(mutex_);
  for (auto& [id, copy] : copies_) copy->thread.join();
  copies_.clear();
}

void BranchCopier::JoinEnded() {
  std::erase_if(copies_, [](auto& entry) {
    if (!entry.second->ended) return false;
    entry.second->thread.join();
    return true;
  });
}

void BranchCopier::Start(const ClusterPtr& branch, uint32_t source_tenant, std::string verifier) {
  auto copy = std::make_unique<Copy>();
  copy->branch = branch;
  copy->source_tenant = source_tenant;
  copy->verifier = std::move(verifier);
  if (!StartThread(std::move(copy))) {
    clusters_.FailCloning(branch->id, std::string(kNoThread));
  }
}

bool BranchCopier::StartThread(std::unique_ptr<Copy> copy) {
  runtime::MutexLock lock(mutex_);
  if (stopping_) return true;
  JoinEnded();
  const std::string id = copy->branch->id;
  Copy& started = *(copies_[id] = std::move(copy));
  try {
    started.thread = std::thread([this, &started] { Run(started); });
  } catch (const std::system_error& error) {
    base::LogWarning(fmt::format("branch {} could not be made: {}", id, error.what()));
    copies_.erase(id);
    return false;
  }
  return true;
}

double BranchCopier::Progress(const std::string& id) {
  runtime::MutexLock lock(mutex_);
  auto found = copies_.find(id);
  if (found == copies_.end()) return 0;
  auto copied = static_cast<double>(found->second->copied_bytes.load());
  auto total = static_cast<double>(found->second->total_bytes.load());
  return total > 0 ? std::min(copied / total, 1.0) : 0;
}

void BranchCopier::Run(Copy& copy) {
  try {
    CopyAll(copy);
  } catch (const std::exception& error) {
    base::LogWarning(fmt::format("branch {} could not be made: {}", copy.branch->id, error.what()));
    Fail(copy, fmt::format("The branch could not be made: {}.", error.what()));
  }
  copy.ended = true;
}

// While the disk is full, this fails as well.
void BranchCopier::Fail(const Copy& copy, const std::string& reason) {
  constexpr auto kPause = std::chrono::milliseconds(200);
  while (!stopping_) {
    try {
      clusters_.FailCloning(copy.branch->id, reason);
      return;
    } catch (const ClusterError& error) {
      if (error.kind() == ClusterError::Kind::kNotFound) return;
    } catch (const std::exception& error) {
      base::LogWarning(fmt::format("branch {} stays CLONING: {}", copy.branch->id, error.what()));
    }
    std::this_thread::sleep_for(kPause);
  }
}

void BranchCopier::CopyAll(Copy& copy) {
  engine_.transactions().sequences().Flush(codec::TenantPrefix(copy.source_tenant));
  kv::SnapshotPtr snapshot = engine_.store().Newest();
  if (!IsActive(*snapshot, copy.source_tenant)) {
    Fail(copy, "The database that was to be copied has been deleted.");
    return;
  }
  if (CopyRows(copy, *snapshot)) Finish(copy, *snapshot);
}

bool BranchCopier::CopyRows(Copy& copy, const kv::Snapshot& snapshot) {
  std::vector<kv::KeyRange> source = CopiedRanges(copy.source_tenant);
  uint64_t total_bytes = 0;
  for (const kv::KeyRange& range : source) total_bytes += engine_.store().EstimateBytes(range);
  copy.total_bytes = total_bytes;
  Chunk chunk(copy.branch->tenant);
  auto write = [&] {
    return chunk.Write([&](std::span<const kv::Write> writes) {
      if (stopping_ || !clusters_.WriteCloning(*copy.branch, writes)) return false;
      for (const kv::Write& each : writes) {
        copy.copied_bytes += each.key.size() + each.value.size();
      }
      return true;
    });
  };
  for (const kv::KeyRange& range : source) {
    auto rows = snapshot.Scan(range);
    for (auto entries = rows->Next(256); !entries.empty(); entries = rows->Next(256)) {
      for (const kv::Entry& entry : entries) chunk.Add(entry);
      if (chunk.bytes() >= kChunkBytes && !write()) return false;
      if (stopping_) return false;
    }
  }
  return write();
}

void BranchCopier::Finish(Copy& copy, const kv::Snapshot& snapshot) {
  uint32_t tenant = copy.branch->tenant;
  auto admin = catalog::DecodeDescriptor<catalog::RoleDescriptor>(
      Require(snapshot, catalog::RoleKey(copy.source_tenant, kAdminRole)));
  admin.password = copy.verifier;
  std::string identity(kIdentityBytes, '\0');
  base::FillSecureRandom(identity.data(), identity.size());
  std::vector<StoredRow> rows{
      {catalog::CatalogVersionKey(tenant), std::move(identity)},
      {catalog::RoleKey(tenant, kAdminRole), catalog::EncodeDescriptor(admin)}};
  std::vector<std::string> jobs;
  for (catalog::Job& job : catalog::JobsOf(snapshot, copy.source_tenant)) {
    if (job.finished()) continue;
    job.id = catalog::NewJobId();
    job.status = catalog::JobStatus::kSubmitted;
    rows.push_back({catalog::JobKey(tenant, job.id), catalog::EncodeJob(job)});
    jobs.push_back(job.id);
  }
  if (!clusters_.FinishCloning(copy.branch->id, rows)) return;
  if (engine_.jobs() == nullptr) return;
  for (const std::string& id : jobs) engine_.jobs()->Submit(tenant, id);
}

}  // namespace sundog::control
