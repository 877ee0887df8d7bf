#include "session/engine/session_registry.h"

#include "session/session_context.h"

namespace sundog::session {

namespace {
constexpr int64_t kPostgresEpochMicros = 946'684'800'000'000;
}

void SessionRegistry::Add(SessionContext& context, types::Oid role) {
  Entry entry;
  entry.row.pid = context.identity().process_id;
  entry.row.role = role;
  entry.row.application_name = context.settings().Get("application_name");
  const std::string& address = context.identity().client_address;
  entry.row.client_address = address.substr(0, address.rfind(':'));
  entry.row.backend_start_us = context.clock().WallMicros() - kPostgresEpochMicros;
  entry.row.state = "active";
  entry.token = context.shared_cancel_token();
  runtime::MutexLock lock(mutex_);
  entries_[entry.row.pid] = std::move(entry);
}

void SessionRegistry::Remove(int32_t pid) {
  runtime::MutexLock lock(mutex_);
  entries_.erase(pid);
}

void SessionRegistry::Note(int32_t pid, std::string_view state, std::string_view query) {
  runtime::MutexLock lock(mutex_);
  auto at = entries_.find(pid);
  if (at == entries_.end()) return;
  at->second.row.state = state;
  at->second.row.query = query;
}

std::vector<catalog::SessionRow> SessionRegistry::Rows() {
  runtime::MutexLock lock(mutex_);
  std::vector<catalog::SessionRow> rows;
  for (const auto& [pid, entry] : entries_) rows.push_back(entry.row);
  return rows;
}

bool SessionRegistry::Cancel(int32_t pid, bool terminate) {
  runtime::MutexLock lock(mutex_);
  auto at = entries_.find(pid);
  if (at == entries_.end()) return false;
  at->second.token->Cancel(terminate ? runtime::CancelReason::kShutdown
                                     : runtime::CancelReason::kUserRequest);
  return true;
}

}  // namespace sundog::session
