// Choosing how a table is read: which part of which index costs the least for what is asked above.
#pragma once

#include "planner/access_path.h"
#include "planner/cost.h"
#include "planner/demand.h"
#include "planner/index_rules.h"

namespace sundog::planner {

struct ScanChoice {
  AccessPath path;
  // Conjuncts that the path makes true: they need not be tested.
  std::vector<size_t> settled;
  // Conjuncts that the path was made of.
  std::vector<size_t> used;
  // The rows come as demanded.
  bool ordered = false;
  double found_rows = 0;  // before conjuncts are tested
  Cost cost;              // without the sort that an order not met takes
};

// `columns` are those wanted of the scan. The scan's conjuncts stay where they are.
ScanChoice ChooseScan(const LogicalScan& scan, const std::set<ColumnId>& columns,
                      const Demand& demand, IndexRules& rules, const PlannerContext& context);

// Whether whoever has a row's key has the column, too.
bool RowKeyHas(const catalog::TableDescriptor& table, int ordinal, const PlannerContext& context);

}  // namespace sundog::planner
