// Bound statement → logical plan.
//
// 1. FROM becomes a join graph: inner joins are flattened to items and conjuncts, outer joins that
// a
//    WHERE condition makes pointless become inner ones (join_graph.h orders what remains).
// 2. WHERE conjuncts go down as far as they may (pushdown.h); EXISTS and IN become semi-joins where
//    the subquery can be pulled up (semi_join.cc).
// 3. Aggregates, windows and set-returning calls are taken out of the target list, each into a node
//    that computes them, and replaced by columns.
// 4. The targets are projected under the relation the query is known by outside; DISTINCT, ORDER
//    BY, row locks and LIMIT follow.
#pragma once

#include "planner/logical.h"
#include "planner/planner_context.h"

namespace sundog::planner {

class LogicalBuilder {
 public:
  explicit LogicalBuilder(const PlannerContext& context) : context_(context) {}

  // The query's visible targets are columns 0 … n-1 of `output` (hidden ones follow). Consumes the
  // query's expressions.
  LogicalPtr BuildQuery(binder::BoundQuery& query, RelationId output);
  LogicalPtr BuildModify(binder::BoundModify& statement, RelationId output);

  // A relation id the binder has not used.
  RelationId FreshRelation() { return next_relation_++; }
  const PlannerContext& context() const { return context_; }

 private:
  friend class JoinGraph;

  // build_query.cc
  LogicalPtr BuildSelect(binder::BoundQuery& query, RelationId output);
  LogicalPtr BuildSetOperation(binder::BoundQuery& query, RelationId output);
  LogicalPtr AddCtes(std::vector<binder::BoundCte>& ctes, LogicalPtr plan);
  LogicalPtr BuildCte(binder::BoundCte& cte, std::vector<ColumnId>& columns);
  LogicalPtr BuildRecursive(binder::BoundCte& cte, RelationId output);
  LogicalPtr AddDistinct(binder::BoundQuery& query, RelationId output, LogicalPtr plan);
  LogicalPtr AddTail(binder::BoundQuery& query, RelationId output, LogicalPtr plan);
  LogicalPtr AddLocks(binder::BoundQuery& query, LogicalPtr plan);
  void RememberInlineCtes(std::vector<binder::BoundCte>& ctes);

  // build_from.cc
  LogicalPtr BuildFrom(std::vector<binder::BoundTableRefPtr>& from, BoundExpressions& conjuncts);
  LogicalPtr BuildTableRef(binder::BoundTableRef& ref);
  // The rows of the scan that meet the policies; nothing else is tested before.
  LogicalPtr AddSecurity(std::unique_ptr<LogicalScan> scan, BoundExpressions security);
  LogicalPtr BuildJoin(binder::BoundJoin& join);
  LogicalPtr BuildCteRef(binder::BoundCteRef& ref);
  LogicalPtr BuildFunctionRef(binder::BoundFunctionRef& ref);

  // build_aggregate.cc
  LogicalPtr AddAggregates(binder::BoundQuery& query, LogicalPtr plan);
  LogicalPtr AddWindows(binder::BoundQuery& query, LogicalPtr plan);
  LogicalPtr AddSetFunctions(binder::BoundQuery& query, LogicalPtr plan);

  // semi_join.cc: applies the conjuncts that are EXISTS and IN, leaves the others in `conjuncts`.
  LogicalPtr AddSemiJoins(LogicalPtr plan, BoundExpressions& conjuncts);
  LogicalPtr TrySemiJoin(LogicalPtr& plan, BoundExpressionPtr& conjunct);

  // build_modify.cc
  LogicalPtr BuildInsert(binder::BoundInsert& insert, RelationId output);
  LogicalPtr BuildUpdate(binder::BoundUpdate& update, RelationId output);
  LogicalPtr BuildDelete(binder::BoundDelete& statement, RelationId output);
  LogicalPtr BuildTargetScan(binder::BoundModify& statement,
                             std::vector<binder::BoundTableRefPtr>& others,
                             BoundExpressionPtr where);

  const PlannerContext& context_;
  RelationId next_relation_ = 1 << 20;
  struct CteNames {
    std::string name;
    std::vector<std::string> columns;
  };

  // CTEs by id. Copies: a subquery may be planned when the query around it is gone.
  std::map<int, CteNames> ctes_;
  // Those that are planned where they are referred to.
  std::map<int, std::unique_ptr<binder::BoundQuery>> inline_ctes_;
};

LogicalPtr MakeFilter(LogicalPtr child, BoundExpressions conjuncts);

}  // namespace sundog::planner
