// Which catalogs came about by nothing but the work of jobs. Optimistic sessions are told once when
// others have changed definitions (OC001); that an index which somebody asked for is getting ready
// is no news. One a server; safe from all threads.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>

#include "runtime/mutex.h"

namespace sundog::session {

class JobCatalogs {
 public:
  // Identities (catalog::Catalog::identity). Before the commit that makes the change.
  void Add(const std::string& before, const std::string& after);
  // Whether jobs alone made the one of the other, as far as is remembered.
  bool Lead(const std::string& from, const std::string& to);

 private:
  static constexpr size_t kRemembered = 1024;

  runtime::Mutex mutex_;
  std::unordered_map<std::string, std::string> before_ GUARDED_BY(mutex_);  // by what came after
  std::deque<std::string> order_ GUARDED_BY(mutex_);
};

}  // namespace sundog::session
