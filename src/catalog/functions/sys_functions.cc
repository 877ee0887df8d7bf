// The functions of schema sys: jobs and their ids, the session, the cluster, types.
#include <algorithm>
#include <cstring>

#include "base/base32.h"
#include "catalog/functions/families.h"
#include "catalog/jobs.h"
#include "types/physical_kind.h"

namespace sundog::catalog {

namespace {

bool WaitForJob(CallContext& call, std::string_view id) { return ServicesOf(call).WaitForJob(id); }

types::Uuid Base32ToUuid(CallContext&, std::string_view text) {
  types::Uuid uuid;
  std::memcpy(&uuid, ParseJobId(text).data(), sizeof(uuid));
  return uuid;
}

std::string_view UuidToBase32(CallContext& call, types::Uuid uuid) {
  return Keep(call, base::EncodeBase32({reinterpret_cast<const char*>(&uuid), sizeof(uuid)}));
}

std::string_view CurrentSessionId(CallContext& call) {
  return Keep(call, ServicesOf(call).session_id());
}

int32_t DsqlMajorVersion(CallContext&) { return 1; }

std::string_view CurrentTransactionId(CallContext& call) {
  return Keep(call, ServicesOf(call).transaction_uuid());
}

int64_t ClusterSize(CallContext& call) { return ServicesOf(call).ClusterBytes(); }

std::optional<int64_t> ClusterSizeLimit(CallContext& call) {
  return ServicesOf(call).ClusterBytesLimit();
}

std::optional<std::string_view> IamSessionUser(CallContext& call) {
  std::string_view arn = ServicesOf(call).iam_arn();
  if (arn.empty()) return std::nullopt;
  return Keep(call, arn);
}

std::optional<uint32_t> BaseTypeOid(CallContext& call, Oid oid) {
  if (CatalogOf(call).FindType(oid) == nullptr) return std::nullopt;
  return CatalogOf(call).GetBaseType(oid).oid;
}

// Why a job failed; null: it has not, or there is none.
std::optional<std::string_view> JobErrorMessage(CallContext& call, std::string_view text) {
  std::string id = ParseJobId(text);
  for (const Job& job : ServicesOf(call).Jobs()) {
    if (job.id != id || job.error_message.empty()) continue;
    bool may_know = MayKnowError(CatalogOf(call), job, ServicesOf(call).current_role());
    return may_know ? Keep(call, job.error_message) : kUnknownError;
  }
  return std::nullopt;
}

class SupportedTypes final : public functions::SetCall {
 public:
  explicit SupportedTypes(std::vector<std::string_view> names) : names_(std::move(names)) {}

  size_t Next(std::span<types::Vector* const> columns, size_t capacity) override {
    size_t count = std::min(capacity, names_.size() - next_);
    for (size_t row = 0; row < count; ++row) columns[0]->Set(row, names_[next_ + row]);
    next_ += count;
    return count;
  }

 private:
  std::vector<std::string_view> names_;
  size_t next_ = 0;
};

std::unique_ptr<functions::SetCall> SupportedDatatypes(CallContext& call,
                                                       std::span<const types::Datum>) {
  return std::make_unique<SupportedTypes>(ServicesOf(call).DsqlColumnTypes());
}

// Aurora DSQL has them, without a word on what they take or give.
constexpr char kDecodeJobStatus[] = "sys.decode_job_status";
constexpr char kDecodeJobStatement[] = "sys.decode_job_statement";
constexpr char kDecodeJobExtStatus[] = "sys.decode_job_ext_status";
constexpr char kGetKeyDesc[] = "sys.get_key_desc";

template <const char* kName>
void Refuse(CallContext&, std::span<const types::Vector* const>, types::RowSet, types::Vector&) {
  base::ThrowNotSupported(kName);
}

constexpr ScalarEntry kEntries[] = {
    {"sys_wait_for_job", Kernel<WaitForJob>},
    {"sys_base32_str_to_uuid", Kernel<Base32ToUuid>},
    {"sys_uuid_to_base32_str", Kernel<UuidToBase32>},
    {"sys_current_session_id", Kernel<CurrentSessionId>},
    {"sys_dsql_major_version", Kernel<DsqlMajorVersion>},
    {"sys_current_transaction_id", Kernel<CurrentTransactionId>},
    {"sys_cluster_size", Kernel<ClusterSize>},
    {"sys_cluster_size_limit", Kernel<ClusterSizeLimit>},
    {"sys_iam_session_user", Kernel<IamSessionUser>},
    {"sys_base_type_oid", Kernel<BaseTypeOid>},
    {"sys_job_err_msg", Kernel<JobErrorMessage>},
    {"sys_decode_job_status", Refuse<kDecodeJobStatus>},
    {"sys_decode_job_statement", Refuse<kDecodeJobStatement>},
    {"sys_decode_job_ext_status", Refuse<kDecodeJobExtStatus>},
    {"sys_get_key_desc", Refuse<kGetKeyDesc>},
};

constexpr functions::SetEntry kSetEntries[] = {
    {"sys_supported_datatypes", SupportedDatatypes},
};

}  // namespace

void RegisterSysFunctions(functions::Implementations& table) {
  table.Add(kEntries);
  table.Add(kSetEntries);
}

}  // namespace sundog::catalog
