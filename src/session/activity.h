// What a session is doing, for the others to see (pg_stat_activity). The session writes, at the
// beginning and the end of each statement; any thread reads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/mutex.h"

namespace sundog::session {

class Activity {
 public:
  // Times are microseconds since 1970.
  struct State {
    int64_t session_start_us = 0;
    std::optional<int64_t> transaction_start_us;
    std::optional<int64_t> query_start_us;
    int64_t change_us = 0;
    std::string_view name = "active";
    // The running statement or the last one, at most kQueryBytes of it.
    std::string query;
    std::string application_name;
  };
  // PostgreSQL's track_activity_query_size, less its final byte.
  static constexpr size_t kQueryBytes = 1023;

  explicit Activity(int64_t now_us);

  void StartQuery(std::string_view sql, int64_t now_us);
  void StartTransaction(int64_t now_us);
  // `status`: as in ReadyForQuery.
  void BecomeIdle(char status, int64_t now_us);
  void SetApplicationName(const std::string& name);

  State Read() const;

 private:
  mutable runtime::Mutex mutex_;
  State state_ GUARDED_BY(mutex_);
};

}  // namespace sundog::session
