// Clauses of queries and changes that Aurora DSQL refuses, wherever they stand in the tree.
#include "parser/dsql/refusals.h"
#include "parser/pg_nodes.h"

extern "C" bool raw_expression_tree_walker(::Node* node, bool (*walker)(::Node*, void*),
                                           void* context);

namespace sundog::parser::dsql {

namespace {

// Where a tree is nested deeper than this, the binder has refused it before it is run.
constexpr int kMostLevels = 1000;

struct Walk {
  int level = 0;
  // Thrown through C code it would not unwind.
  const char* refusal = nullptr;
};

bool Visit(::Node* node, void* context) {
  auto& walk = *static_cast<Walk*>(context);
  if (node == nullptr || walk.level > kMostLevels) return false;
  if (TagOf(node) == T_RangeTableSample) {
    walk.refusal = "TABLESAMPLE clause not supported";
    return true;
  }
  // The library's walker does not go here.
  if (TagOf(node) == T_LockingClause) return false;
  if (TagOf(node) == T_SelectStmt) {
    for (const Node* clause : Each<Node>(As<SelectStmt>(node)->lockingClause)) {
      LockClauseStrength strength = As<LockingClause>(clause)->strength;
      if (strength == LCS_FORUPDATE || strength == LCS_FORKEYSHARE) continue;
      walk.refusal = "locking clauses other than FOR UPDATE/FOR KEY SHARE are not supported";
      return true;
    }
  }
  ++walk.level;
  bool found = raw_expression_tree_walker(node, Visit, context);
  --walk.level;
  return found;
}

}  // namespace

void CheckQuery(const ::Node* statement) {
  Walk walk;
  if (Visit(const_cast<::Node*>(statement), &walk)) Refuse(walk.refusal);
}

}  // namespace sundog::parser::dsql
