// Jobs: work on a tenant's objects that goes on after its statement, and over a restart.
//
// One row a job, under the server's own tenant:
//   key: KeyPrefix(kServerTenant, kJobStorageId, tenant) · id (16 bytes)
//   value: the Job, as descriptors are kept (catalog/descriptor_format.h)
//
// Invariants:
//  1. The row is written in the transaction that makes the object the job is about; what the job
//     does last and the row's last state are one commit.
//  2. An id is a random UUID. Clients see it in base32: 26 characters.
//  3. A finished job is shown for kJobShownMicros; its row is deleted some time after.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/object_address.h"

namespace sundog::kv {
class Snapshot;
}

namespace sundog::catalog {

class Catalog;

inline constexpr int64_t kJobShownMicros = int64_t{30} * 60 * 1'000'000;

enum class JobKind : uint8_t { kIndexBuild, kConstraintValidation };
enum class JobStatus : uint8_t { kSubmitted, kProcessing, kCompleted, kFailed };

struct Job {
  std::string id;  // 16 bytes
  JobKind kind = JobKind::kIndexBuild;
  JobStatus status = JobStatus::kSubmitted;
  // The tenant's profile is dsql: its transactions are optimistic.
  bool dsql = false;
  Oid table = kInvalidOid;
  Oid object = kInvalidOid;  // the index or constraint
  std::string object_name;   // with its schema, as it was when the job was submitted
  std::string details;
  // Why it failed, as a statement would say it: SQLSTATE, message, detail.
  std::string error_state;
  std::string error_message;
  std::string error_detail;
  int64_t start_us = 0;  // since 1970
  int64_t update_us = 0;
  // The settings of the session that submitted it: maintenance_work_mem, sundog.statement_memory.
  int64_t maintenance_memory_kb = 0;  // 0: the default
  int64_t statement_memory_kb = 0;    // the same

  bool finished() const {
    return status == JobStatus::kCompleted || status == JobStatus::kFailed;
  }
  bool shown(int64_t now_us) const { return !finished() || update_us + kJobShownMicros > now_us; }
};

// What an expression complained of may be a row's value, which is for those who may read the table.
bool MayKnowError(const Catalog& catalog, const Job& job, Oid role);
// What the others are told.
inline constexpr std::string_view kUnknownError = "<insufficient privilege>";

std::string_view JobKindName(JobKind kind);        // "INDEX_BUILD"
std::string_view JobStatusName(JobStatus status);  // "processing"

std::string NewJobId();
std::string JobIdText(std::string_view id);
// Throws 22P02 `Unable to convert text to UUID`.
std::string ParseJobId(std::string_view text);

std::string JobKey(uint32_t tenant, std::string_view id);
std::string EncodeJob(const Job& job);

struct TenantJob {
  uint32_t tenant = 0;
  Job job;
};
// Nullopt: there is none.
std::optional<Job> FindJob(const kv::Snapshot& snapshot, uint32_t tenant, std::string_view id);
std::vector<Job> JobsOf(const kv::Snapshot& snapshot, uint32_t tenant);
std::vector<TenantJob> AllJobs(const kv::Snapshot& snapshot);

}  // namespace sundog::catalog
