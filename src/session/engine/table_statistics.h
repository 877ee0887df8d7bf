// What the planner knows of tables' sizes: row counts kept in memory, estimated from the store when
// they are unknown or old, made exact by ANALYZE. Safe from all threads.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "planner/planner_context.h"
#include "runtime/mutex.h"
#include "session/engine/layout_cache.h"

namespace sundog::kv {
class Store;
}

namespace sundog::session {

struct TableFigures {
  double rows = 0;
  std::vector<planner::ColumnStatistics> columns;  // by attnum - 1; empty: unknown
  bool analyzed = false;
};

class TableStatistics {
 public:
  explicit TableStatistics(kv::Store& store) : store_(store) {}

  double RowCount(const storage::TableLayout& layout);
  planner::ColumnStatistics Column(uint32_t tenant, uint32_t storage_id, int attnum);
  // ANALYZE's findings.
  void Put(uint32_t tenant, uint32_t storage_id, TableFigures figures);
  // −1: never analyzed.
  double AnalyzedRows(uint32_t tenant, uint32_t storage_id);
  // All but what ANALYZE found, which is nowhere else.
  void ForgetEstimates(uint32_t tenant);
  void ForgetAll(uint32_t tenant);

 private:
  struct Entry {
    TableFigures figures;
    int64_t refresh_at_us = 0;
  };
  using Entries = std::map<uint64_t, Entry>;

  kv::Store& store_;
  runtime::Mutex mutex_;
  Entries entries_ GUARDED_BY(mutex_);
};

// The planner's source for one catalog snapshot.
class CatalogStatistics final : public planner::StatisticsSource {
 public:
  CatalogStatistics(TableStatistics& statistics, LayoutCache& layouts, uint32_t tenant,
                    catalog::CatalogPtr catalog)
      : statistics_(statistics), layouts_(layouts), tenant_(tenant), catalog_(std::move(catalog)) {}
  double RowCount(const catalog::TableDescriptor& table) const override;
  planner::ColumnStatistics Column(const catalog::TableDescriptor& table,
                                   int attnum) const override;

 private:
  TableStatistics& statistics_;
  LayoutCache& layouts_;
  uint32_t tenant_;
  catalog::CatalogPtr catalog_;
};

}  // namespace sundog::session
