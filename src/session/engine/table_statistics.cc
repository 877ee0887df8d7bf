#include "session/engine/table_statistics.h"

#include "base/clock.h"
#include "storage/table_reader.h"

namespace sundog::session {

namespace {

constexpr int64_t kRefreshMicros = 10'000'000;

uint64_t KeyOf(uint32_t tenant, uint32_t storage_id) {
  return (uint64_t{tenant} << 32) | storage_id;
}

}  // namespace

double TableStatistics::RowCount(const storage::TableLayout& layout) {
  uint64_t key = KeyOf(layout.tenant(), layout.table().storage_id);
  int64_t now = base::SystemClock().MonotonicMicros();
  {
    runtime::MutexLock lock(mutex_);
    auto at = entries_.find(key);
    if (at != entries_.end() && now < at->second.refresh_at_us) return at->second.figures.rows;
  }
  double rows = storage::EstimateTable(store_, layout).rows;
  runtime::MutexLock lock(mutex_);
  Entry& entry = entries_[key];
  entry.figures.rows = rows;
  entry.refresh_at_us = now + kRefreshMicros;
  return rows;
}

planner::ColumnStatistics TableStatistics::Column(uint32_t tenant, uint32_t storage_id,
                                                  int attnum) {
  runtime::MutexLock lock(mutex_);
  auto at = entries_.find(KeyOf(tenant, storage_id));
  if (at == entries_.end()) return {};
  const auto& columns = at->second.figures.columns;
  if (attnum < 1 || static_cast<size_t>(attnum) > columns.size()) return {};
  return columns[attnum - 1];
}

void TableStatistics::Put(uint32_t tenant, uint32_t storage_id, TableFigures figures) {
  runtime::MutexLock lock(mutex_);
  figures.analyzed = true;
  entries_[KeyOf(tenant, storage_id)] = {
      std::move(figures), base::SystemClock().MonotonicMicros() + kRefreshMicros};
}

double TableStatistics::AnalyzedRows(uint32_t tenant, uint32_t storage_id) {
  runtime::MutexLock lock(mutex_);
  auto at = entries_.find(KeyOf(tenant, storage_id));
  return at != entries_.end() && at->second.figures.analyzed ? at->second.figures.rows : -1;
}

void TableStatistics::ForgetEstimates(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  auto end = entries_.lower_bound((uint64_t{tenant} + 1) << 32);
  for (auto it = entries_.lower_bound(KeyOf(tenant, 0)); it != end;) {
    it = it->second.figures.analyzed ? std::next(it) : entries_.erase(it);
  }
}

void TableStatistics::ForgetAll(uint32_t tenant) {
  runtime::MutexLock lock(mutex_);
  entries_.erase(entries_.lower_bound(KeyOf(tenant, 0)),
                 entries_.lower_bound((uint64_t{tenant} + 1) << 32));
}

double CatalogStatistics::RowCount(const catalog::TableDescriptor& table) const {
  std::shared_ptr<const catalog::TableDescriptor> shared = catalog_->FindTable(table.oid);
  if (shared == nullptr) return 0;
  return statistics_.RowCount(*layouts_.Find(tenant_, catalog_, shared));
}

planner::ColumnStatistics CatalogStatistics::Column(const catalog::TableDescriptor& table,
                                                    int attnum) const {
  return statistics_.Column(tenant_, table.storage_id, attnum);
}

}  // namespace sundog::session
