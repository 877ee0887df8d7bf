// Compiled table layouts, shared by all statements on one version of a table. Safe from all
// threads.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

#include "catalog/catalog.h"
#include "runtime/mutex.h"
#include "storage/table_layout.h"

namespace sundog::session {

class LayoutCache {
 public:
  // The layout keeps a catalog alive, whose types it refers to: this one, or one with the same.
  storage::TableLayoutPtr Find(uint32_t tenant, const catalog::CatalogPtr& catalog,
                               const std::shared_ptr<const catalog::TableDescriptor>& table);
  // What it had, for the caller to destroy where nobody waits for that: a layout may be the last
  // that keeps its catalog.
  [[nodiscard]] std::vector<storage::TableLayoutPtr> TakeTenant(uint32_t tenant);

 private:
  static constexpr size_t kMost = 4096;
  struct Entry {
    std::shared_ptr<const catalog::TableDescriptor> table;
    bool uses_own_types = false;  // types that the tenant has made, and may have changed since
    catalog::CatalogPtr catalog;  // the layout's
    storage::TableLayoutPtr layout;

    bool IsOf(const std::shared_ptr<const catalog::TableDescriptor>& wanted,
              const catalog::Catalog& now) const;
  };
  using Entries = std::map<uint64_t, Entry>;

  runtime::Mutex mutex_;
  Entries entries_ GUARDED_BY(mutex_);  // by tenant and OID
};

}  // namespace sundog::session
