#include "binder/bind_sort.h"

#include "binder/expression_levels.h"
#include "binder/operator_classes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

bool HasOrdering(Scope& scope, Oid type) {
  return OperatorClasses::Get().OperatorsOf(scope.catalog(), type).less != kInvalidOid;
}

namespace {

[[noreturn]] void ThrowNoOrdering(Scope& scope, Oid type, int location) {
  throw SqlError(sqlstate::kUndefinedFunction,
                 "could not identify an ordering operator for type " + scope.types().Name(type))
      .Hint("Use an explicit ordering operator or modify the query.")
      .At(location);
}

SortDirection ResolveUsing(Scope& scope, Oid type, const SortBy* sort, int location) {
  OperatorName name(sort->useOp);
  const functions::OperatorInfo& op =
      ResolveCompatibleOperator(scope.state, name, type, type, location);
  SortDirection direction;
  for (const OperatorMeaning& meaning : OperatorClasses::Get().MeaningsOf(op.oid)) {
    if (meaning.strategy != kLess && meaning.strategy != kGreater) continue;
    direction.descending = meaning.strategy == kGreater;
    auto usual = OperatorClasses::Get().OperatorsOf(scope.catalog(), type);
    if (op.oid != usual.less && op.oid != usual.greater) direction.sort_operator = op.oid;
    return direction;
  }
  throw SqlError(sqlstate::kWrongObjectType,
                 "operator " + name.bare() + " is not a valid ordering operator")
      .Hint("Ordering operators must be \"<\" or \">\" members of btree operator families.")
      .At(location);
}

}  // namespace

SortDirection ResolveSortDirection(Scope& scope, Oid type, const SortBy* sort) {
  int location = sort->location >= 0 ? sort->location : parser::NodeLocation(sort->node);
  SortDirection direction;
  if (sort->sortby_dir == SORTBY_USING) {
    direction = ResolveUsing(scope, type, sort, location);
  } else {
    direction.descending = sort->sortby_dir == SORTBY_DESC;
    if (!HasOrdering(scope, type)) ThrowNoOrdering(scope, type, location);
  }
  direction.nulls_first = direction.descending;
  if (sort->sortby_nulls == SORTBY_NULLS_FIRST) direction.nulls_first = true;
  if (sort->sortby_nulls == SORTBY_NULLS_LAST) direction.nulls_first = false;
  return direction;
}

BoundSortKey MakeSortKey(Scope& scope, BoundExpressionPtr expression, const SortBy* sort) {
  ResolveUnknown(scope.state, expression);
  SortDirection direction = ResolveSortDirection(scope, expression->type.oid, sort);
  BoundSortKey key;
  key.expression = std::move(expression);
  key.descending = direction.descending;
  key.nulls_first = direction.nulls_first;
  key.sort_operator = direction.sort_operator;
  return key;
}

void CheckGroupable(Scope& scope, const BoundExpression& expression, int location) {
  if (OperatorClasses::Get().OperatorsOf(scope.catalog(), expression.type.oid).equal !=
      kInvalidOid) {
    return;
  }
  throw SqlError(sqlstate::kUndefinedFunction, "could not identify an equality operator for type " +
                                                   scope.types().Name(expression.type.oid))
      .At(location);
}

namespace {

// What GROUP BY an output column may not hold.
void CheckGroupByTarget(const BoundTarget& target, ExpressionRole role) {
  if (role != ExpressionRole::kGroupBy) return;
  int aggregate = LocateAggregate(*target.expression);
  if (aggregate != -2) {
    throw SqlError(sqlstate::kGroupingError, "aggregate functions are not allowed in GROUP BY")
        .At(aggregate);
  }
  int window = LocateWindow(*target.expression);
  if (window != -2) {
    throw SqlError(sqlstate::kWindowingError, "window functions are not allowed in GROUP BY")
        .At(window);
  }
}

// The index of the visible target called `name`; -1 if none.
int FindTargetByName(const std::string& name, const std::vector<BoundTarget>& targets,
                     int visible_count, ExpressionRole role, int location) {
  int found = -1;
  for (int i = 0; i < visible_count; ++i) {
    if (targets[i].name != name) continue;
    if (found < 0) {
      found = i;
    } else if (!Equal(*targets[found].expression, *targets[i].expression)) {
      throw SqlError(sqlstate::kAmbiguousColumn,
                     std::string(RuleOf(role).name) + " \"" + name + "\" is ambiguous")
          .At(location);
    }
  }
  return found;
}

int FindTargetByOrdinal(const A_Const* constant, int visible_count, ExpressionRole role) {
  std::string place(RuleOf(role).name);
  if (constant->isnull || TagOf(&constant->val) != T_Integer) {
    throw SqlError(sqlstate::kSyntaxError, "non-integer constant in " + place)
        .At(constant->location);
  }
  int position = constant->val.ival.ival;
  if (position < 1 || position > visible_count) {
    throw SqlError(sqlstate::kInvalidColumnReference,
                   place + " position " + std::to_string(position) + " is not in select list")
        .At(constant->location);
  }
  return position - 1;
}

const BoundExpression& StripImplicit(const BoundExpression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kFunction:
      if (expression.As<BoundFunction>().form == CallForm::kImplicitCast) {
        return StripImplicit(*expression.As<BoundFunction>().arguments[0]);
      }
      return expression;
    case ExpressionKind::kRelabel:
    case ExpressionKind::kCoerceViaIo:
    case ExpressionKind::kArrayCoerce:
    case ExpressionKind::kRowCoerce:
    case ExpressionKind::kDomainCheck:
      if (expression.As<BoundConversion>().form == CallForm::kImplicitCast) {
        return StripImplicit(*expression.As<BoundConversion>().argument);
      }
      return expression;
    default: return expression;
  }
}

}  // namespace

int FindTargetByExpression(Scope& scope, const Node* node, std::vector<BoundTarget>& targets,
                           ExpressionRole role) {
  BoundExpressionPtr expression = BindExpression(scope, node, role);
  for (size_t i = 0; i < targets.size(); ++i) {
    if (Equal(*expression, StripImplicit(*targets[i].expression))) return static_cast<int>(i);
  }
  BoundTarget target;
  target.expression = std::move(expression);
  targets.push_back(std::move(target));
  return static_cast<int>(targets.size()) - 1;
}

int FindTarget(Scope& scope, const Node* node, std::vector<BoundTarget>& targets, int visible_count,
               ExpressionRole role) {
  int found = -1;
  if (TagOf(node) == T_ColumnRef && parser::Length(As<ColumnRef>(node)->fields) == 1 &&
      !EndsInStar(As<ColumnRef>(node)->fields)) {
    std::string name = parser::Text(parser::At(As<ColumnRef>(node)->fields, 0));
    int location = As<ColumnRef>(node)->location;
    // In GROUP BY an input column goes before an output name.
    bool input =
        role == ExpressionRole::kGroupBy && FindColumn(scope, name, true, location) != nullptr;
    if (!input) found = FindTargetByName(name, targets, visible_count, role, location);
  } else if (TagOf(node) == T_A_Const) {
    found = FindTargetByOrdinal(As<A_Const>(node), visible_count, role);
  }
  if (found < 0) return FindTargetByExpression(scope, node, targets, role);
  CheckGroupByTarget(targets[found], role);
  return found;
}

}  // namespace sundog::binder
