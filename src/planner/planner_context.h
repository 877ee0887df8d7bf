// What planning asks the world about.
#pragma once

#include "catalog/catalog.h"
#include "planner/logical.h"

namespace sundog::planner {

// What ANALYZE found out of a column.
struct ColumnStatistics {
  double distinct_count = 0;  // 0: unknown
  double null_fraction = 0;
};

class StatisticsSource {
 public:
  virtual ~StatisticsSource() = default;
  // An estimate; never negative.
  virtual double RowCount(const catalog::TableDescriptor& table) const = 0;
  virtual ColumnStatistics Column(const catalog::TableDescriptor& table, int attnum) const = 0;
};

// Switches that tests turn off to compare answers.
struct PlannerSettings {
  bool enable_index_scan = true;
  // Off: whole tables are read where nothing else will do.
  bool enable_table_scan = true;
  bool enable_hash_join = true;
  bool enable_nested_loop = true;
  bool enable_pushdown = true;
  bool enable_join_reorder = true;
  bool enable_semi_join = true;
};

struct PlannerContext {
  const catalog::Catalog* catalog = nullptr;
  const StatisticsSource* statistics = nullptr;
  PlannerSettings settings;
  // Estimates are kept with the nodes: the logical plan is complete.
  bool keeps_estimates = false;
};

}  // namespace sundog::planner
