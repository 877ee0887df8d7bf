#include "session/engine/session_registry.h"

#include <algorithm>

#include "runtime/interrupt.h"
#include "session/session_context.h"
#include "types/calendar.h"

namespace sundog::session {

namespace {

std::optional<int64_t> SincePostgresEpoch(std::optional<int64_t> unix_us) {
  if (!unix_us) return std::nullopt;
  return *unix_us + types::kUnixEpochMicros;
}

catalog::SessionRow RowOf(SessionContext& context, const catalog::Catalog& catalog) {
  const SessionIdentity& identity = context.identity();
  Activity::State state = context.activity().Read();
  catalog::SessionRow row;
  row.pid = identity.process_id;
  if (const catalog::RoleDescriptor* role = catalog.FindRole(identity.user)) row.role = role->oid;
  row.application_name = std::move(state.application_name);
  row.client_address = identity.ClientHost();
  row.client_port = identity.ClientPort();
  row.backend_start_us = state.session_start_us + types::kUnixEpochMicros;
  row.transaction_start_us = SincePostgresEpoch(state.transaction_start_us);
  row.query_start_us = SincePostgresEpoch(state.query_start_us);
  row.state_change_us = SincePostgresEpoch(state.change_us);
  row.state = state.name;
  row.query = std::move(state.query);
  row.ssl = identity.uses_tls;
  return row;
}

}  // namespace

void SessionRegistry::Add(SessionContext& context) {
  runtime::MutexLock lock(mutex_);
  if (closed_.contains(context.identity().tenant)) {
    runtime::ThrowCancelled(runtime::CancelReason::kShutdown);
  }
  sessions_[context.identity().process_id] = &context;
}

void SessionRegistry::Remove(const SessionContext& context) {
  runtime::MutexLock lock(mutex_);
  sessions_.erase(context.identity().process_id);
}

SessionContext* SessionRegistry::Find(uint32_t tenant, int32_t pid) {
  auto at = sessions_.find(pid);
  if (at == sessions_.end() || at->second->identity().tenant != tenant) return nullptr;
  return at->second;
}

std::vector<catalog::SessionRow> SessionRegistry::Rows(uint32_t tenant,
                                                       const catalog::Catalog& catalog) {
  runtime::MutexLock lock(mutex_);
  std::vector<catalog::SessionRow> rows;
  for (const auto& [pid, context] : sessions_) {
    if (context->identity().tenant == tenant) rows.push_back(RowOf(*context, catalog));
  }
  return rows;
}

size_t SessionRegistry::Count(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  return static_cast<size_t>(std::count_if(
      sessions_.begin(), sessions_.end(),
      [tenant](const auto& session) { return session.second->identity().tenant == tenant; }));
}

bool SessionRegistry::Cancel(uint32_t tenant, int32_t pid) {
  runtime::MutexLock lock(mutex_);
  SessionContext* session = Find(tenant, pid);
  if (session == nullptr) return false;
  session->cancel_token().Cancel(runtime::CancelReason::kUserRequest);
  return true;
}

size_t SessionRegistry::Close(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  closed_.insert(tenant);
  size_t left = 0;
  for (const auto& [pid, context] : sessions_) {
    if (context->identity().tenant != tenant) continue;
    context->Terminate();
    ++left;
  }
  return left;
}

bool SessionRegistry::Terminate(uint32_t tenant, int32_t pid) {
  runtime::MutexLock lock(mutex_);
  SessionContext* session = Find(tenant, pid);
  if (session == nullptr) return false;
  session->Terminate();
  return true;
}

}  // namespace sundog::session
