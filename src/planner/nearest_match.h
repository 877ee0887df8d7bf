// ORDER BY distance LIMIT: what an index of vectors can do for it.
#pragma once

#include <optional>

#include "planner/access_path.h"
#include "planner/cost.h"
#include "planner/demand.h"
#include "planner/index_rules.h"

namespace sundog::planner {

struct NearestMatch {
  AccessPath path;  // its `nearest` is over columns still, and has no slot
  Cost cost;
};

// What reading a table as a whole needs to be compared with it.
struct NearestTable {
  double rows = 0;
  double matching_rows = 0;  // that pass all conjuncts
  double index_rows = 0;     // that the index has: of a partial one fewer
};

// nullopt if the index has not the order, or more would have to be looked at than the table is
// worth. The conjuncts are tested on rows that are found.
std::optional<NearestMatch> MatchNearest(const LogicalScan& scan,
                                         const catalog::IndexDescriptor& index,
                                         const Demand& demand, const NearestTable& table,
                                         IndexRules& rules, const PlannerContext& context);

}  // namespace sundog::planner
