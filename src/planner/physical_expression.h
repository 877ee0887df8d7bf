// What columns and subqueries become when the physical plan is built.
#pragma once

#include "binder/bound_expression.h"

namespace sundog::planner {

struct PhysicalNode;

// Column `slot` of the operator's input chunk.
struct InputSlot : binder::BoundExpression {
  int slot;
  InputSlot(types::SqlType type, int slot)
      : BoundExpression(binder::ExpressionKind::kInputSlot, type), slot(slot) {}
  binder::BoundExpressionPtr Clone() const override {
    auto clone = std::make_unique<InputSlot>(type, slot);
    clone->collation = collation;
    return clone;
  }
};

// A value of an enclosing query's row, which the operator or expression that runs this part of the
// plan has put into the execution's outer slots.
struct OuterSlot : binder::BoundExpression {
  int slot;
  OuterSlot(types::SqlType type, int slot)
      : BoundExpression(binder::ExpressionKind::kOuterSlot, type), slot(slot) {}
  binder::BoundExpressionPtr Clone() const override {
    auto clone = std::make_unique<OuterSlot>(type, slot);
    clone->collation = collation;
    return clone;
  }
};

// Before the inner plan runs for a row, `value` over the outer input goes to `slot`.
struct OuterBinding {
  int slot;
  binder::BoundExpressionPtr value;
};

// A subquery in an expression. Of kAny, kAll and kRow, the comparisons' InputSlots are the
// subplan's columns and everything of the outer row is in outer slots.
struct SubplanExpression : binder::BoundExpression {
  binder::SubqueryKind subquery;
  std::shared_ptr<const PhysicalNode> plan;
  int column_count = 0;
  std::vector<OuterBinding> bindings;
  binder::BoundExpressions comparisons;
  std::string operator_name;
  // It yields the same for every row: run once.
  bool constant = false;
  // Of a constant `x = ANY` (or `x <> ALL`): the equalities' two sides, over the subplan's columns
  // and over outer slots. Its rows are kept in a hash table.
  bool hashed = false;
  binder::BoundExpressions inner_keys;
  binder::BoundExpressions outer_keys;

  SubplanExpression(types::SqlType type, binder::SubqueryKind subquery)
      : BoundExpression(binder::ExpressionKind::kSubplan, type), subquery(subquery) {}
  binder::BoundExpressionPtr Clone() const override {
    auto clone = std::make_unique<SubplanExpression>(type, subquery);
    clone->plan = plan;
    clone->column_count = column_count;
    for (const OuterBinding& binding : bindings) {
      clone->bindings.push_back({binding.slot, binding.value->Clone()});
    }
    clone->comparisons = binder::CloneAll(comparisons);
    clone->operator_name = operator_name;
    clone->constant = constant;
    clone->hashed = hashed;
    clone->inner_keys = binder::CloneAll(inner_keys);
    clone->outer_keys = binder::CloneAll(outer_keys);
    return clone;
  }
};

}  // namespace sundog::planner
