// The functions of schema sys: jobs and their ids, the session.
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

constexpr ScalarEntry kEntries[] = {
    {"sys_wait_for_job", Kernel<WaitForJob>},
    {"sys_base32_str_to_uuid", Kernel<Base32ToUuid>},
    {"sys_uuid_to_base32_str", Kernel<UuidToBase32>},
    {"sys_current_session_id", Kernel<CurrentSessionId>},
    {"sys_dsql_major_version", Kernel<DsqlMajorVersion>},
};

}  // namespace

void RegisterSysFunctions(functions::Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::catalog
