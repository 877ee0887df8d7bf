// EXPLAIN: a physical plan for a reader, in PostgreSQL's shape.
//
// The physical plan's nodes become those of an ExplainNode tree, which names columns and prints
// expressions again; what PostgreSQL has no node for (projections, filters, WITH) is folded into
// its neighbours. explain_text.cc and explain_json.cc print the tree.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "binder/deparse.h"
#include "planner/cost.h"
#include "planner/physical.h"

namespace sundog::planner {

// What a node did in a run, all loops together.
struct ActualFigures {
  int64_t startup_us = 0;
  int64_t total_us = 0;
  int64_t rows = 0;
  int64_t loops = 0;
  int64_t removed_rows = 0;  // by the node's own conditions
};
using PlanActuals = std::unordered_map<const PhysicalNode*, ActualFigures>;

struct ExplainOptions {
  bool analyze = false;
  bool verbose = false;
  bool costs = true;
  bool timing = true;
  bool summary = false;
  binder::DeparseOptions deparse;  // its catalog, search path and I/O settings
  // With `analyze`: of the run.
  const PlanActuals* actuals = nullptr;
  double planning_ms = 0;
  double execution_ms = 0;
};

struct ExplainProperty {
  enum class Kind : uint8_t { kText, kNumber, kList };
  std::string label;
  Kind kind = Kind::kText;
  std::string text;
  std::vector<std::string> list;
};

struct ExplainNode {
  std::string title;
  // What FORMAT JSON says of the title.
  std::vector<ExplainProperty> identity;
  std::vector<ExplainProperty> properties;
  Cost cost;
  double rows = 0;
  int width = 0;
  // Empty: no figures (the node is not in the plan itself).
  const ActualFigures* actual = nullptr;
  // How the parent uses it: "Outer", "Inner", "Member", "InitPlan", "SubPlan"; and its name.
  std::string relationship;
  std::string subplan_name;
  std::vector<std::unique_ptr<ExplainNode>> children;
};

std::unique_ptr<ExplainNode> MakeExplainTree(const PhysicalPlan& plan,
                                             const ExplainOptions& options);

std::vector<std::string> ExplainText(const PhysicalPlan& plan, const ExplainOptions& options);
// One text with line breaks.
std::string ExplainJson(const PhysicalPlan& plan, const ExplainOptions& options);

}  // namespace sundog::planner
