#include "catalog/jobs.h"

#include "base/base32.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/random.h"
#include "base/sql_error.h"
#include "catalog/catalog.h"
#include "catalog/descriptor_format.h"
#include "catalog/required_privilege.h"
#include "codec/key_space.h"
#include "kv/store.h"

namespace sundog::catalog {

namespace {

constexpr size_t kIdBytes = 16;

std::vector<TenantJob> ReadJobs(const kv::Snapshot& snapshot, std::string_view prefix) {
  std::vector<TenantJob> jobs;
  auto rows = snapshot.Scan(kv::PrefixRange(prefix));
  while (true) {
    std::span<const kv::Entry> entries = rows->Next(256);
    if (entries.empty()) return jobs;
    for (const kv::Entry& entry : entries) {
      jobs.push_back({base::LoadBigEndian<uint32_t>(entry.key.data() + 8),
                      DecodeDescriptor<Job>(entry.value)});
    }
  }
}

}  // namespace

bool MayKnowError(const Catalog& catalog, const Job& job, Oid role) {
  if (job.error_state.empty() || job.error_state == sqlstate::kUniqueViolation.code()) return true;
  std::shared_ptr<const TableDescriptor> table = catalog.FindTable(job.table);
  return table != nullptr ? ErrorReader{&catalog, role}.MayReadAll(*table)
                          : catalog.IsSuperuser(role);
}

std::string_view JobKindName(JobKind kind) {
  return kind == JobKind::kIndexBuild ? "INDEX_BUILD" : "CONSTRAINT_VALIDATION";
}

std::string_view JobStatusName(JobStatus status) {
  constexpr std::string_view kNames[] = {"submitted", "processing", "completed", "failed"};
  return kNames[static_cast<size_t>(status)];
}

std::string NewJobId() {
  std::string id(kIdBytes, '\0');
  base::FillSecureRandom(id.data(), id.size());
  // RFC 9562: version 4, variant 10.
  id[6] = static_cast<char>((id[6] & 0x0F) | 0x40);
  id[8] = static_cast<char>((id[8] & 0x3F) | 0x80);
  return id;
}

std::string JobIdText(std::string_view id) { return base::EncodeBase32(id); }

std::string ParseJobId(std::string_view text) {
  std::optional<std::string> id = base::DecodeBase32(text);
  if (id && id->size() == kIdBytes) return *std::move(id);
  throw SqlError(sqlstate::kInvalidTextRepresentation, "Unable to convert text to UUID");
}

std::string JobKey(uint32_t tenant, std::string_view id) {
  CHECK_EQ(id.size(), kIdBytes);
  return codec::KeyPrefix(codec::kServerTenant, codec::kJobStorageId, tenant).append(id);
}

std::string EncodeJob(const Job& job) { return EncodeDescriptor(job); }

std::optional<Job> FindJob(const kv::Snapshot& snapshot, uint32_t tenant, std::string_view id) {
  kv::ReadBuffer buffer;
  std::optional<std::string_view> row = snapshot.Get(JobKey(tenant, id), buffer);
  if (!row) return std::nullopt;
  return DecodeDescriptor<Job>(*row);
}

std::vector<Job> JobsOf(const kv::Snapshot& snapshot, uint32_t tenant) {
  std::vector<Job> jobs;
  std::string prefix = codec::KeyPrefix(codec::kServerTenant, codec::kJobStorageId, tenant);
  for (TenantJob& job : ReadJobs(snapshot, prefix)) jobs.push_back(std::move(job.job));
  return jobs;
}

std::vector<TenantJob> AllJobs(const kv::Snapshot& snapshot) {
  return ReadJobs(snapshot, codec::StoragePrefix(codec::kServerTenant, codec::kJobStorageId));
}

}  // namespace sundog::catalog
