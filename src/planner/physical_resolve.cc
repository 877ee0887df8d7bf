// Columns to slots, subqueries to subplans.
#include "base/check.h"
#include "base/sql_error.h"
#include "planner/expressions.h"
#include "planner/physical_builder.h"
#include "planner/pushdown.h"

namespace sundog::planner {

using binder::BoundColumn;
using binder::BoundSubquery;
using binder::ExpressionKind;

namespace {

BoundExpressionPtr WithBase(const binder::BoundExpression& like,
                            std::unique_ptr<binder::BoundExpression> to) {
  to->collation = like.collation;
  to->location = like.location;
  return to;
}

bool Mentions(const binder::BoundExpression& expression, ExpressionKind kind) {
  if (expression.kind == kind) return true;
  bool found = false;
  ForEachChild(const_cast<binder::BoundExpression&>(expression),
               [&](BoundExpressionPtr& child) { found = found || Mentions(*child, kind); });
  return found;
}

// Takes the equalities of x = ANY (…) or x <> ALL (…) apart; false if a hash table cannot decide
// them.
bool AddHashKeys(SubplanExpression& plan) {
  bool any = plan.subquery == binder::SubqueryKind::kAny && plan.operator_name == "=";
  bool all = plan.subquery == binder::SubqueryKind::kAll && plan.operator_name == "<>" &&
             plan.comparisons.size() == 1;
  if (!plan.constant || !(any || all)) return false;
  for (const auto& comparison : plan.comparisons) {
    if (comparison->kind != ExpressionKind::kFunction) return false;
    const auto& call = comparison->As<binder::BoundFunction>();
    const auto& operators = functions::BuiltinProcs::Get();
    const functions::OperatorInfo* op = operators.FindOperator(call.operator_oid);
    if (all && op != nullptr) op = operators.FindOperator(op->negator);
    if (op == nullptr || op->name != "=" || !op->can_hash || op->left != op->right) return false;
    const binder::BoundExpression* inner = call.arguments[0].get();
    const binder::BoundExpression* outer = call.arguments[1].get();
    if (!Mentions(*inner, ExpressionKind::kInputSlot)) std::swap(inner, outer);
    if (Mentions(*outer, ExpressionKind::kInputSlot)) return false;
    if (Mentions(*inner, ExpressionKind::kOuterSlot) || inner->type.oid != outer->type.oid) {
      return false;
    }
    if (Mentions(*inner, ExpressionKind::kSubplan) || Mentions(*outer, ExpressionKind::kSubplan)) {
      return false;
    }
    plan.inner_keys.push_back(inner->Clone());
    plan.outer_keys.push_back(outer->Clone());
  }
  return !plan.inner_keys.empty();
}

}  // namespace

BoundExpressionPtr PhysicalBuilder::Resolve(BoundExpressionPtr expression, const Layout& input) {
  if (expression != nullptr) ResolveNode(expression, input);
  return expression;
}

BoundExpressions PhysicalBuilder::ResolveAll(BoundExpressions expressions, const Layout& input) {
  for (BoundExpressionPtr& expression : expressions) {
    expression = Resolve(std::move(expression), input);
  }
  return expressions;
}

std::vector<PhysicalSortKey> PhysicalBuilder::ResolveKeys(std::vector<binder::BoundSortKey> keys,
                                                          const Layout& input) {
  std::vector<PhysicalSortKey> resolved;
  for (binder::BoundSortKey& key : keys) {
    resolved.push_back(
        {Resolve(std::move(key.expression), input), key.descending, key.nulls_first});
  }
  return resolved;
}

void PhysicalBuilder::ResolveNode(BoundExpressionPtr& expression, const Layout& input) {
  if (expression->kind == ExpressionKind::kColumn) {
    const auto& column = expression->As<BoundColumn>();
    int slot = input.SlotOf({column.relation, column.ordinal});
    if (slot < 0) {
      if (BoundExpressionPtr constant = TableOidIn(column, input)) {
        expression = std::move(constant);
        return;
      }
    }
    expression = slot >= 0 ? WithBase(column, std::make_unique<InputSlot>(column.type, slot))
                           : ResolveOuter(column);
    return;
  }
  if (expression->kind == ExpressionKind::kSubquery) return ResolveSubquery(expression, input);
  ForEachChild(*expression, [&](BoundExpressionPtr& child) { ResolveNode(child, input); });
}

BoundExpressionPtr PhysicalBuilder::TableOidIn(const BoundColumn& column,
                                               const Layout& layout) const {
  if (column.ordinal != binder::kTableOidOrdinal) return nullptr;
  auto table = layout.tables.find(column.relation);
  if (table == layout.tables.end()) return nullptr;
  return WithBase(column,
                  std::make_unique<binder::BoundConstant>(
                      column.type, types::Datum::From(table->second), KindOf(column.type)));
}

void PhysicalBuilder::NoteDependence(size_t depth) {
  for (size_t i = depth; i < scopes_.size(); ++i) scopes_[i]->depends_outside = true;
}

BoundExpressionPtr PhysicalBuilder::ResolveOuter(const BoundColumn& column) {
  ColumnId id{column.relation, column.ordinal};
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    size_t depth = static_cast<size_t>(scopes_.rend() - scope) - 1;
    int input_slot = (*scope)->layout->SlotOf(id);
    if (input_slot < 0) {
      if (BoundExpressionPtr constant = TableOidIn(column, *(*scope)->layout)) return constant;
      continue;
    }
    NoteDependence(depth);
    auto [at, fresh] = (*scope)->slots.try_emplace(id, next_outer_slot_);
    if (fresh) {
      ++next_outer_slot_;
      (*scope)->bindings.push_back(
          {at->second, WithBase(column, std::make_unique<InputSlot>(column.type, input_slot))});
    }
    return WithBase(column, std::make_unique<OuterSlot>(column.type, at->second));
  }
  if (column.ordinal < 0 && column.ordinal > kRowKeyOrdinal) {
    base::ThrowNotSupported("this system column", column.location);
  }
  base::CheckFailed(__FILE__, __LINE__, "every column is in some input",
                    std::to_string(column.relation) + "." + std::to_string(column.ordinal));
}

void PhysicalBuilder::ResolveSubquery(BoundExpressionPtr& expression, const Layout& input) {
  if (context_.settings.enable_semi_join && ExistsToAny(expression, logical_.FreshRelation())) {
    return ResolveNode(expression, input);
  }
  auto& subquery = expression->As<BoundSubquery>();
  auto plan = std::make_unique<SubplanExpression>(subquery.type, subquery.subquery);
  plan->collation = subquery.collation;
  plan->location = subquery.location;
  plan->operator_name = subquery.operator_name;
  Scope scope{&input, {}, {}, false};
  scopes_.push_back(&scope);
  RelationId output =
      subquery.output_relation >= 0 ? subquery.output_relation : logical_.FreshRelation();
  int visible = subquery.query->visible_target_count();
  LogicalPtr logical = logical_.BuildQuery(*subquery.query, output);
  Required required;
  for (int i = 0; i < visible; ++i) required.insert({output, i});
  Built inner = Build(*logical, required);
  // The columns come in the query's order: 0 … visible-1.
  auto project = std::make_shared<PhysicalProject>();
  std::vector<SqlType> types;
  for (int i = 0; i < visible; ++i) {
    int slot = inner.layout.SlotOf({output, i});
    CHECK_GE(slot, 0);
    types.push_back(inner.node->types[slot]);
    project->expressions.push_back(std::make_unique<InputSlot>(types.back(), slot));
  }
  SetTypes(*project, types);
  project->children.push_back(inner.node);
  project->estimated_rows = inner.node->estimated_rows;
  plan->plan = project;
  plan->column_count = visible;
  plan->constant = !scope.depends_outside;  // the plan; its comparisons may need the row
  for (BoundExpressionPtr& comparison : subquery.comparisons) {
    ResolveComparison(comparison, output, input, scope);
    plan->comparisons.push_back(std::move(comparison));
  }
  scopes_.pop_back();
  plan->bindings = std::move(scope.bindings);
  if (context_.settings.enable_hash_join) plan->hashed = AddHashKeys(*plan);
  expression = std::move(plan);
}

void PhysicalBuilder::ResolveComparison(BoundExpressionPtr& expression, RelationId output,
                                        const Layout& input, Scope& scope) {
  if (expression->kind == ExpressionKind::kColumn) {
    const auto& column = expression->As<BoundColumn>();
    if (column.relation == output) {
      expression = WithBase(column, std::make_unique<InputSlot>(column.type, column.ordinal));
    } else {
      expression = ResolveOuter(column);
    }
    return;
  }
  std::set<RelationId> relations = RelationsOf(*expression);
  bool whole = expression->kind == ExpressionKind::kSubquery || !relations.contains(output);
  bool uses_input = false;
  if (whole && !relations.empty()) {
    std::set<ColumnId> columns;
    CollectColumns(*expression, columns);
    for (const ColumnId& column : columns) uses_input |= input.SlotOf(column) >= 0;
  }
  if (whole && uses_input) {
    // A part of the outer row alone: computed once a row and bound.
    int slot = next_outer_slot_++;
    BoundExpressionPtr bound = std::make_unique<OuterSlot>(expression->type, slot);
    bound->collation = expression->collation;
    scopes_.pop_back();
    scope.bindings.push_back({slot, Resolve(std::move(expression), input)});
    scopes_.push_back(&scope);
    expression = std::move(bound);
    return;
  }
  ForEachChild(*expression, [&](BoundExpressionPtr& child) {
    ResolveComparison(child, output, input, scope);
  });
}

types::PhysicalKind PhysicalBuilder::KindOf(SqlType type) const {
  return context_.catalog->GetType(type.oid).physical;
}

void PhysicalBuilder::SetTypes(PhysicalNode& node, const std::vector<SqlType>& types) const {
  node.types = types;
  node.kinds.clear();
  for (SqlType type : types) node.kinds.push_back(KindOf(type));
}

void Require(const binder::BoundExpression& expression, Required& required) {
  CollectColumns(expression, required);
}

void Require(const BoundExpressions& expressions, Required& required) {
  for (const auto& expression : expressions) {
    if (expression != nullptr) CollectColumns(*expression, required);
  }
}

}  // namespace sundog::planner
