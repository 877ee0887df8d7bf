#include "session/engine/layout_cache.h"

#include <algorithm>
#include <utility>

#include "types/oids.h"

namespace sundog::session {

namespace {

bool IsOwn(types::SqlType type) { return type.oid >= types::kFirstUserOid; }

bool UsesOwnTypes(const catalog::TableDescriptor& table) {
  bool columns = std::any_of(table.columns.begin(), table.columns.end(),
                             [](const auto& column) { return IsOwn(column.type); });
  return columns ||
         std::any_of(table.indexes.begin(), table.indexes.end(), [](const auto& index) {
           return std::any_of(index.keys.begin(), index.keys.end(),
                              [](const auto& key) { return IsOwn(key.type); });
         });
}

}  // namespace

bool LayoutCache::Entry::IsOf(const std::shared_ptr<const catalog::TableDescriptor>& wanted,
                              const catalog::Catalog& now) const {
  if (table != wanted) return false;
  if (!uses_own_types || catalog.get() == &now) return true;
  const catalog::CatalogContents& before = catalog->contents();
  return before.enums == now.contents().enums && before.domains == now.contents().domains &&
         before.composites == now.contents().composites;
}

storage::TableLayoutPtr LayoutCache::Find(
    uint32_t tenant, const catalog::CatalogPtr& catalog,
    const std::shared_ptr<const catalog::TableDescriptor>& table) {
  uint64_t key = (uint64_t{tenant} << 32) | table->oid;
  {
    runtime::MutexLock lock(mutex_);
    auto at = entries_.find(key);
    if (at != entries_.end() && at->second.IsOf(table, *catalog)) return at->second.layout;
  }
  struct Holder {
    catalog::CatalogPtr catalog;
    storage::TableLayoutPtr layout;
  };
  auto holder = std::make_shared<Holder>();
  holder->catalog = catalog;
  holder->layout = storage::TableLayout::Make(tenant, table, *catalog);
  storage::TableLayoutPtr layout(holder, holder->layout.get());
  Entries all;  // these outlive the lock
  Entry before;
  runtime::MutexLock lock(mutex_);
  if (entries_.size() >= kMost) std::swap(all, entries_);
  before = std::exchange(entries_[key], {table, UsesOwnTypes(*table), catalog, layout});
  return layout;
}

std::vector<storage::TableLayoutPtr> LayoutCache::TakeTenant(uint32_t tenant) {
  std::vector<storage::TableLayoutPtr> taken;
  runtime::MutexLock lock(mutex_);
  auto first = entries_.lower_bound(uint64_t{tenant} << 32);
  auto last = entries_.lower_bound((uint64_t{tenant} + 1) << 32);
  for (auto it = first; it != last; ++it) taken.push_back(std::move(it->second.layout));
  entries_.erase(first, last);
  return taken;
}

}  // namespace sundog::session
