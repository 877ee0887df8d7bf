// INSERT, UPDATE and DELETE: the plan that finds the rows, under the node that changes them.
#include "planner/expressions.h"
#include "planner/logical_builder.h"

namespace sundog::planner {

using binder::BoundTableRefPtr;

namespace {

LogicalPtr MakeModify(LogicalKind kind, binder::BoundModify& statement, RelationId output,
                      LogicalPtr source) {
  auto node = std::make_unique<LogicalModify>(kind);
  node->statement = &statement;
  node->relation = output;
  node->children.push_back(std::move(source));
  return node;
}

}  // namespace

LogicalPtr LogicalBuilder::BuildModify(binder::BoundModify& statement, RelationId output) {
  RememberInlineCtes(statement.ctes);
  LogicalPtr plan;
  switch (statement.kind) {
    case binder::StatementKind::kInsert:
      plan = BuildInsert(statement.As<binder::BoundInsert>(), output);
      break;
    case binder::StatementKind::kUpdate:
      plan = BuildUpdate(statement.As<binder::BoundUpdate>(), output);
      break;
    default: plan = BuildDelete(statement.As<binder::BoundDelete>(), output); break;
  }
  return AddCtes(statement.ctes, std::move(plan));
}

LogicalPtr LogicalBuilder::BuildInsert(binder::BoundInsert& insert, RelationId output) {
  if (!insert.feed_types.empty()) {
    auto feed = std::make_unique<LogicalFeed>();
    feed->types = insert.feed_types;
    feed->relation = insert.source_relation;
    return MakeModify(LogicalKind::kInsert, insert, output, std::move(feed));
  }
  LogicalPtr source = insert.source != nullptr
                          ? BuildQuery(*insert.source, insert.source_relation)
                          : std::make_unique<LogicalEmpty>();
  return MakeModify(LogicalKind::kInsert, insert, output, std::move(source));
}

LogicalPtr LogicalBuilder::BuildTargetScan(binder::BoundModify& statement,
                                           std::vector<BoundTableRefPtr>& others,
                                           BoundExpressionPtr where) {
  std::vector<BoundTableRefPtr> from;
  auto target = std::make_unique<binder::BoundBaseTable>();
  target->table = statement.table;
  target->relation = statement.relation;
  target->alias = statement.alias;
  target->security = std::move(statement.security);
  from.push_back(std::move(target));
  for (BoundTableRefPtr& other : others) from.push_back(std::move(other));
  BoundExpressions conjuncts;
  SplitConjuncts(std::move(where), conjuncts);
  return BuildFrom(from, conjuncts);
}

LogicalPtr LogicalBuilder::BuildUpdate(binder::BoundUpdate& update, RelationId output) {
  LogicalPtr rows = BuildTargetScan(update, update.from, std::move(update.where));
  return MakeModify(LogicalKind::kUpdate, update, output, std::move(rows));
}

LogicalPtr LogicalBuilder::BuildDelete(binder::BoundDelete& statement, RelationId output) {
  LogicalPtr rows = BuildTargetScan(statement, statement.using_tables, std::move(statement.where));
  return MakeModify(LogicalKind::kDelete, statement, output, std::move(rows));
}

}  // namespace sundog::planner
