// The sessions that are connected: who they are, for pg_stat_activity, and how to stop them. Safe
// from all threads.
#pragma once

#include <map>
#include <string_view>
#include <vector>

#include "catalog/statement_services.h"
#include "runtime/mutex.h"

namespace sundog::session {

class SessionContext;

class SessionRegistry {
 public:
  // The context stays until Remove().
  void Add(SessionContext& context);
  void Remove(const SessionContext& context);
  // Roles by their names in `catalog`.
  std::vector<catalog::SessionRow> Rows(const catalog::Catalog& catalog);
  // pg_cancel_backend, pg_terminate_backend. False: there is no such session.
  bool Cancel(int32_t pid);
  bool Terminate(int32_t pid);

 private:
  runtime::Mutex mutex_;
  std::map<int32_t, SessionContext*> sessions_ GUARDED_BY(mutex_);
};

}  // namespace sundog::session
