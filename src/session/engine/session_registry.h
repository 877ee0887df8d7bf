// The sessions that are connected: who they are, for pg_stat_activity, and how to stop them. Safe
// from all threads.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "catalog/statement_services.h"
#include "runtime/interrupt.h"
#include "runtime/mutex.h"

namespace sundog::session {

class SessionContext;

class SessionRegistry {
 public:
  void Add(SessionContext& context, types::Oid role);
  void Remove(int32_t pid);
  // What a session is doing now: "active" or "idle" and the statement's text.
  void Note(int32_t pid, std::string_view state, std::string_view query);
  std::vector<catalog::SessionRow> Rows();
  // pg_cancel_backend, pg_terminate_backend. False: there is no such session.
  bool Cancel(int32_t pid, bool terminate);

 private:
  struct Entry {
    catalog::SessionRow row;
    std::shared_ptr<runtime::CancelToken> token;
  };
  runtime::Mutex mutex_;
  std::map<int32_t, Entry> entries_ GUARDED_BY(mutex_);
};

}  // namespace sundog::session
