// Compiled table layouts, shared by all statements on one version of a table. Safe from all
// threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "catalog/catalog.h"
#include "runtime/mutex.h"
#include "storage/table_layout.h"

namespace sundog::session {

class LayoutCache {
 public:
  // The layout keeps the catalog alive, whose types it refers to.
  storage::TableLayoutPtr Find(uint32_t tenant, const catalog::CatalogPtr& catalog,
                               const std::shared_ptr<const catalog::TableDescriptor>& table);
  void Forget(uint32_t tenant);

 private:
  static constexpr size_t kMost = 4096;
  struct Entry {
    std::shared_ptr<const catalog::TableDescriptor> table;
    storage::TableLayoutPtr layout;
  };
  runtime::Mutex mutex_;
  std::map<uint64_t, Entry> entries_ GUARDED_BY(mutex_);  // by tenant and OID
};

}  // namespace sundog::session
