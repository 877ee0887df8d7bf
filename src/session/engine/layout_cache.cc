#include "session/engine/layout_cache.h"

namespace sundog::session {

storage::TableLayoutPtr LayoutCache::Find(
    uint32_t tenant, const catalog::CatalogPtr& catalog,
    const std::shared_ptr<const catalog::TableDescriptor>& table) {
  uint64_t key = (uint64_t{tenant} << 32) | table->oid;
  {
    runtime::MutexLock lock(mutex_);
    auto at = entries_.find(key);
    if (at != entries_.end() && at->second.table == table) return at->second.layout;
  }
  struct Holder {
    catalog::CatalogPtr catalog;
    storage::TableLayoutPtr layout;
  };
  auto holder = std::make_shared<Holder>();
  holder->catalog = catalog;
  holder->layout = storage::TableLayout::Make(tenant, table, *catalog);
  storage::TableLayoutPtr layout(holder, holder->layout.get());
  runtime::MutexLock lock(mutex_);
  if (entries_.size() >= kMost) entries_.clear();
  entries_[key] = {table, layout};
  return layout;
}

void LayoutCache::Forget(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  entries_.erase(entries_.lower_bound(uint64_t{tenant} << 32),
                 entries_.lower_bound((uint64_t{tenant} + 1) << 32));
}

}  // namespace sundog::session
