// The sessions that are connected: who they are, for pg_stat_activity, and how to stop them. Safe
// from all threads.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string_view>
#include <vector>

#include "catalog/statement_services.h"
#include "runtime/mutex.h"

namespace sundog::session {

class SessionContext;

class SessionRegistry {
 public:
  // The context stays until Remove(). Throws 57P01 if its tenant has been closed.
  void Add(SessionContext& context);
  void Remove(const SessionContext& context);
  // The tenant's sessions; roles by their names in its `catalog`.
  std::vector<catalog::SessionRow> Rows(uint32_t tenant, const catalog::Catalog& catalog);
  size_t Count(uint32_t tenant);
  // pg_cancel_backend, pg_terminate_backend. False: the tenant has no such session.
  bool Cancel(uint32_t tenant, int32_t pid);
  bool Terminate(uint32_t tenant, int32_t pid);
  // The tenant is to go: no session of it begins any more, and those there are are told to end.
  // How many have not ended yet: to be asked again until there are none.
  size_t Close(uint32_t tenant);

 private:
  runtime::Mutex mutex_;
  // Null: the tenant has no such session.
  SessionContext* Find(uint32_t tenant, int32_t pid) REQUIRES(mutex_);

  std::map<int32_t, SessionContext*> sessions_ GUARDED_BY(mutex_);
  std::set<uint32_t> closed_ GUARDED_BY(mutex_);
};

}  // namespace sundog::session
