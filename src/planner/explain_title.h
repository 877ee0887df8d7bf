// How EXPLAIN calls a node.
#pragma once

#include "planner/explain.h"

namespace sundog::planner {

// Fills title and identity.
void SetTitle(const PhysicalNode& node, const ExplainOptions& options, ExplainNode& out);
// UNION without ALL: one group for each distinct row.
bool IsUnion(const PhysicalSetOperation& node);

}  // namespace sundog::planner
