#include "session/engine/job_catalogs.h"

#include "base/check.h"

namespace sundog::session {

void JobCatalogs::Add(const std::string& before, const std::string& after) {
  CHECK_NE(before, after);  // Lead() would go round in circles
  runtime::MutexLock lock(mutex_);
  if (!before_.emplace(after, before).second) return;
  order_.push_back(after);
  if (order_.size() <= kRemembered) return;
  before_.erase(order_.front());
  order_.pop_front();
}

bool JobCatalogs::Lead(const std::string& from, const std::string& to) {
  runtime::MutexLock lock(mutex_);
  // Identities are never given twice, so this ends.
  const std::string* at = &to;
  while (*at != from) {
    auto found = before_.find(*at);
    if (found == before_.end()) return false;
    at = &found->second;
  }
  return true;
}

}  // namespace sundog::session
