// The session and its server: current_user, current_setting, version, transaction numbers,
// encodings, pg_cancel_backend.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/clock.h"
#include "catalog/functions/families.h"
#include "runtime/event.h"
#include "runtime/interrupt.h"
#include "types/array.h"
#include "types/interval.h"
#include "types/timestamp.h"

namespace sundog::catalog {

namespace {

using Text = std::optional<std::string_view>;

// --- who and where ---

std::string_view RoleName(CallContext& call, Oid oid) {
  const RoleDescriptor* role = CatalogOf(call).FindRole(oid);
  if (role == nullptr) {
    throw SqlError(sqlstate::kUndefinedObject, fmt::format("invalid role OID: {}", oid));
  }
  return Keep(call, role->name);
}
std::string_view CurrentUser(CallContext& call) {
  return RoleName(call, ServicesOf(call).current_role());
}
std::string_view SessionUser(CallContext& call) {
  return RoleName(call, ServicesOf(call).session_role());
}
std::string_view CurrentDatabase(CallContext& call) {
  return Keep(call, ServicesOf(call).database_name());
}
std::string_view CurrentQuery(CallContext& call) {
  return Keep(call, ServicesOf(call).query_text());
}
std::string_view Version(CallContext& call) {
  return Keep(call, ServicesOf(call).version_text());
}
int32_t BackendPid(CallContext& call) { return ServicesOf(call).backend_pid(); }

Text Address(CallContext& call, std::string_view address) {
  const types::TypeInfo& inet = CatalogOf(call).GetType(types::oids::kInet);
  if (address.empty() || inet.ops->input == nullptr) return std::nullopt;
  return types::InputText(call.io(), {types::oids::kInet, -1}, address, call.arena())
      .As<std::string_view>();
}
Text ClientAddress(CallContext& call) { return Address(call, ServicesOf(call).client_address()); }
Text ServerAddress(CallContext& call) { return Address(call, ServicesOf(call).server_address()); }
std::optional<int32_t> ClientPort(CallContext& call) {
  if (ServicesOf(call).client_address().empty()) return std::nullopt;
  return ServicesOf(call).client_port();
}
std::optional<int32_t> ServerPort(CallContext& call) {
  if (ServicesOf(call).client_address().empty()) return std::nullopt;
  return ServicesOf(call).server_port();
}
int64_t StartTime(CallContext& call) { return ServicesOf(call).server_start_us(); }
bool IsInRecovery(CallContext&) { return false; }

// --- settings ---

std::string_view CurrentSetting(CallContext& call, std::string_view name) {
  std::optional<std::string> value = ServicesOf(call).GetSetting(name);
  if (!value) {
    throw SqlError(sqlstate::kUndefinedObject,
                   fmt::format("unrecognized configuration parameter \"{}\"", name));
  }
  return Keep(call, *value);
}
Text CurrentSettingMissingOk(CallContext& call, std::string_view name, bool missing_ok) {
  if (!missing_ok) return CurrentSetting(call, name);
  std::optional<std::string> value = ServicesOf(call).GetSetting(name);
  if (!value) return std::nullopt;
  return Keep(call, *value);
}
Text SetConfig(CallContext& call, Nullable<std::string_view> name,
               Nullable<std::string_view> value, Nullable<bool> local) {
  if (name.is_null) {
    throw SqlError(sqlstate::kNullValueNotAllowed, "SET requires parameter name");
  }
  return Keep(call, ServicesOf(call).SetSetting(name.value, value.is_null ? "" : value.value,
                                                !local.is_null && local.value));
}
bool ReloadConfiguration(CallContext&) { return true; }

// --- encodings, by PostgreSQL's numbers ---

constexpr std::string_view kEncodings[] = {
    "SQL_ASCII", "EUC_JP", "EUC_CN", "EUC_KR", "EUC_TW", "EUC_JIS_2004", "UTF8", "MULE_INTERNAL",
    "LATIN1", "LATIN2", "LATIN3", "LATIN4", "LATIN5", "LATIN6", "LATIN7", "LATIN8", "LATIN9",
    "LATIN10", "WIN1256", "WIN1258", "WIN866", "WIN874", "KOI8R", "WIN1251", "WIN1252",
    "ISO_8859_5", "ISO_8859_6", "ISO_8859_7", "ISO_8859_8", "WIN1250", "WIN1253", "WIN1254",
    "WIN1255", "WIN1257", "KOI8U", "SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB",
    "SHIFT_JIS_2004",
};

std::string_view EncodingToChar(CallContext&, int32_t encoding) {
  if (encoding < 0 || static_cast<size_t>(encoding) >= std::size(kEncodings)) return "";
  return kEncodings[encoding];
}
int32_t CharToEncoding(CallContext&, std::string_view name) {
  std::string wanted;
  for (char c : name) {
    if (c != '-' && c != '_') wanted += static_cast<char>(c >= 'a' && c <= 'z' ? c - 32 : c);
  }
  for (size_t i = 0; i < std::size(kEncodings); ++i) {
    std::string known;
    for (char c : kEncodings[i]) {
      if (c != '_') known += c;
    }
    if (known == wanted) return static_cast<int32_t>(i);
  }
  return -1;
}
std::string_view Utf8(CallContext&) { return "UTF8"; }
std::optional<int32_t> EncodingMaxLength(CallContext&, int32_t encoding) {
  if (encoding < 0 || static_cast<size_t>(encoding) >= std::size(kEncodings)) return std::nullopt;
  return encoding == 6 ? 4 : 1;
}

// --- transactions ---

int64_t TransactionIdNow(CallContext& call) {
  return static_cast<int64_t>(*ServicesOf(call).TransactionId(true));
}
std::optional<int64_t> TransactionIdIfAssigned(CallContext& call) {
  std::optional<uint64_t> id = ServicesOf(call).TransactionId(false);
  if (!id) return std::nullopt;
  return static_cast<int64_t>(*id);
}

// --- other sessions ---

void Warn(CallContext& call, std::string message) {
  base::ErrorFields warning;
  warning.severity = base::Severity::kWarning;
  warning.state = sqlstate::kWarning;
  warning.message = std::move(message);
  if (call.environment().notice != nullptr) {
    call.environment().notice(call.environment(), warning);
  }
}

// Sessions of superusers are for superusers; others for who has their role or pg_signal_backend.
void CheckMaySignal(CallContext& call, int32_t pid, std::string_view of_superuser,
                    std::string_view of_member) {
  constexpr Oid kSignalBackend = 4200;
  const Catalog& catalog = CatalogOf(call);
  Oid self = ServicesOf(call).current_role();
  if (catalog.IsSuperuser(self)) return;
  for (const SessionRow& row : ServicesOf(call).Sessions()) {
    if (row.pid != pid) continue;
    if (catalog.IsSuperuser(row.role)) {
      throw SqlError(sqlstate::kInsufficientPrivilege,
                     fmt::format("must be a superuser to {}", of_superuser));
    }
    if (!catalog.HasPrivilegesOf(self, row.role) &&
        !catalog.HasPrivilegesOf(self, kSignalBackend)) {
      throw SqlError(
          sqlstate::kInsufficientPrivilege,
          fmt::format("must be a member of the role whose {} or member of pg_signal_backend",
                      of_member));
    }
  }
}

bool CancelBackend(CallContext& call, int32_t pid) {
  CheckMaySignal(call, pid, "cancel superuser query", "query is being canceled");
  if (ServicesOf(call).CancelSession(pid)) return true;
  Warn(call, fmt::format("PID {} is not a PostgreSQL backend process", pid));
  return false;
}

bool IsConnected(CallContext& call, int32_t pid) {
  std::vector<SessionRow> rows = ServicesOf(call).Sessions();
  return std::ranges::find(rows, pid, &SessionRow::pid) != rows.end();
}

void Pause(CallContext& call, int64_t pause_us) {
  runtime::OneShotEvent never;
  int64_t deadline_us = call.environment().clock->MonotonicMicros() + pause_us;
  if (never.WaitInterruptible(deadline_us) == runtime::WaitOutcome::kInterrupted) {
    runtime::CheckInterrupts();
  }
}

// With a timeout: waits until the session is gone.
bool TerminateBackend(CallContext& call, int32_t pid, int64_t timeout_ms) {
  constexpr int64_t kLookEveryUs = 5'000;
  if (timeout_ms < 0) {
    throw SqlError(sqlstate::kNumericValueOutOfRange, "\"timeout\" must not be negative");
  }
  CheckMaySignal(call, pid, "terminate superuser process", "process is being terminated");
  if (!ServicesOf(call).TerminateSession(pid)) {
    Warn(call, fmt::format("PID {} is not a PostgreSQL backend process", pid));
    return false;
  }
  if (timeout_ms == 0) return true;
  const base::Clock& clock = *call.environment().clock;
  int64_t start_us = clock.MonotonicMicros();
  while (IsConnected(call, pid)) {
    if ((clock.MonotonicMicros() - start_us) / 1000 >= timeout_ms) {
      Warn(call, fmt::format("backend with PID {} did not terminate within {} milliseconds", pid,
                             timeout_ms));
      return false;
    }
    Pause(call, kLookEveryUs);
  }
  return true;
}
std::string_view BlockingPids(CallContext& call, int32_t pid) {
  types::ArrayBuilder pids(types::oids::kInt4, types::PhysicalKind::kInt32);
  for (int32_t blocker : ServicesOf(call).BlockingSessions(pid)) {
    pids.Append(types::Datum::From(blocker));
  }
  return pids.Finish(call.arena());
}

bool Sleep(CallContext& call, double seconds) {
  if (!(seconds > 0)) return false;
  Pause(call, static_cast<int64_t>(seconds * 1e6));
  return false;
}

bool JitAvailable(CallContext&) { return false; }

bool SleepFor(CallContext& call, types::Interval time) {
  constexpr double kMicrosADay = 86400e6;
  double days = time.months * 30.0 + time.days;
  return Sleep(call, (days * kMicrosADay + static_cast<double>(time.micros)) / 1e6);
}
bool SleepUntil(CallContext& call, int64_t until) {
  int64_t now = call.environment().clock->WallMicros() + types::kUnixEpochMicros;
  return Sleep(call, static_cast<double>(until - now) / 1e6);
}

// --- advisory locks ---

template <bool kShared, bool kTransaction, bool kWait>
bool Advisory(CallContext& call, int64_t key) {
  return ServicesOf(call).LockAdvisory({key, 0, 0, false, kShared, kTransaction, kWait});
}
template <bool kShared, bool kTransaction, bool kWait>
bool AdvisoryPair(CallContext& call, int32_t key1, int32_t key2) {
  return ServicesOf(call).LockAdvisory({0, key1, key2, true, kShared, kTransaction, kWait});
}
template <bool kShared>
bool Unlock(CallContext& call, int64_t key) {
  return ServicesOf(call).UnlockAdvisory({key, 0, 0, false, kShared, false, false});
}
template <bool kShared>
bool UnlockPair(CallContext& call, int32_t key1, int32_t key2) {
  return ServicesOf(call).UnlockAdvisory({0, key1, key2, true, kShared, false, false});
}
bool UnlockAll(CallContext& call) {
  ServicesOf(call).UnlockAllAdvisory();
  return false;
}

constexpr ScalarEntry kEntries[] = {
    {"current_user", Kernel<CurrentUser>},
    {"session_user", Kernel<SessionUser>},
    {"current_database", Kernel<CurrentDatabase>},
    {"current_query", Kernel<CurrentQuery>},
    {"pgsql_version", Kernel<Version>},
    {"pg_backend_pid", Kernel<BackendPid>},
    {"inet_client_addr", Kernel<ClientAddress>},
    {"inet_client_port", Kernel<ClientPort>},
    {"inet_server_addr", Kernel<ServerAddress>},
    {"inet_server_port", Kernel<ServerPort>},
    {"pg_postmaster_start_time", Kernel<StartTime>},
    {"pg_conf_load_time", Kernel<StartTime>},
    {"pg_is_in_recovery", Kernel<IsInRecovery>},
    {"show_config_by_name", Kernel<CurrentSetting>},
    {"show_config_by_name_missing_ok", Kernel<CurrentSettingMissingOk>},
    {"set_config_by_name", Kernel<SetConfig>},
    {"pg_reload_conf", Kernel<ReloadConfiguration>},
    {"PG_encoding_to_char", Kernel<EncodingToChar>},
    {"PG_char_to_encoding", Kernel<CharToEncoding>},
    {"pg_client_encoding", Kernel<Utf8>},
    {"getdatabaseencoding", Kernel<Utf8>},
    {"pg_encoding_max_length_sql", Kernel<EncodingMaxLength>},
    {"pg_current_xact_id", Kernel<TransactionIdNow>},
    {"pg_current_xact_id_if_assigned", Kernel<TransactionIdIfAssigned>},
    {"pg_cancel_backend", Kernel<CancelBackend>},
    {"pg_terminate_backend", Kernel<TerminateBackend>},
    {"pg_blocking_pids", Kernel<BlockingPids>},
    {"pg_sleep", Kernel<Sleep>},
    {"pg_sleep_for(interval)", Kernel<SleepFor>},
    {"pg_sleep_until(timestamptz)", Kernel<SleepUntil>},
    {"pg_jit_available", Kernel<JitAvailable>},
    {"pg_advisory_lock_int8", Kernel<Advisory<false, false, true>>},
    {"pg_advisory_lock_shared_int8", Kernel<Advisory<true, false, true>>},
    {"pg_advisory_xact_lock_int8", Kernel<Advisory<false, true, true>>},
    {"pg_advisory_xact_lock_shared_int8", Kernel<Advisory<true, true, true>>},
    {"pg_try_advisory_lock_int8", Kernel<Advisory<false, false, false>>},
    {"pg_try_advisory_lock_shared_int8", Kernel<Advisory<true, false, false>>},
    {"pg_try_advisory_xact_lock_int8", Kernel<Advisory<false, true, false>>},
    {"pg_try_advisory_xact_lock_shared_int8", Kernel<Advisory<true, true, false>>},
    {"pg_advisory_lock_int4", Kernel<AdvisoryPair<false, false, true>>},
    {"pg_advisory_lock_shared_int4", Kernel<AdvisoryPair<true, false, true>>},
    {"pg_advisory_xact_lock_int4", Kernel<AdvisoryPair<false, true, true>>},
    {"pg_advisory_xact_lock_shared_int4", Kernel<AdvisoryPair<true, true, true>>},
    {"pg_try_advisory_lock_int4", Kernel<AdvisoryPair<false, false, false>>},
    {"pg_try_advisory_lock_shared_int4", Kernel<AdvisoryPair<true, false, false>>},
    {"pg_try_advisory_xact_lock_int4", Kernel<AdvisoryPair<false, true, false>>},
    {"pg_try_advisory_xact_lock_shared_int4", Kernel<AdvisoryPair<true, true, false>>},
    {"pg_advisory_unlock_int8", Kernel<Unlock<false>>},
    {"pg_advisory_unlock_shared_int8", Kernel<Unlock<true>>},
    {"pg_advisory_unlock_int4", Kernel<UnlockPair<false>>},
    {"pg_advisory_unlock_shared_int4", Kernel<UnlockPair<true>>},
    {"pg_advisory_unlock_all", Kernel<UnlockAll>},
};

}  // namespace

void RegisterSessionFunctions(functions::Implementations& table) { table.Add(kEntries); }

}  // namespace sundog::catalog
