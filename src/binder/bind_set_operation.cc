// UNION, INTERSECT, EXCEPT.
#include <utility>

#include "binder/bind_from.h"
#include "binder/bind_select.h"
#include "binder/bind_sort.h"
#include "binder/expression_levels.h"
#include "runtime/stack.h"

namespace sundog::binder {

namespace {

std::string_view SetOperatorName(::SetOperation op) {
  return op == SETOP_UNION ? "UNION" : op == SETOP_INTERSECT ? "INTERSECT" : "EXCEPT";
}

SetOperator SetOperatorOf(::SetOperation op) {
  return op == SETOP_UNION       ? SetOperator::kUnion
         : op == SETOP_INTERSECT ? SetOperator::kIntersect
                                 : SetOperator::kExcept;
}

bool IsLeaf(const SelectStmt* select) {
  return select->op == SETOP_NONE || select->sortClause != nullptr ||
         select->limitOffset != nullptr || select->limitCount != nullptr ||
         select->lockingClause != nullptr || select->withClause != nullptr;
}

void CheckSide(const SelectStmt* select) {
  if (select->intoClause != nullptr) {
    throw SqlError(sqlstate::kSyntaxError,
                   "INTO is only allowed on first SELECT of UNION/INTERSECT/EXCEPT")
        .At(select->intoClause->rel->location);
  }
  if (select->lockingClause != nullptr) {
    const auto* clause = parser::At<LockingClause>(select->lockingClause, 0);
    throw SqlError(
        sqlstate::kFeatureNotSupported,
        std::string(LockName(clause->strength)) + " is not allowed with UNION/INTERSECT/EXCEPT");
  }
}

// The side's rows with columns of these types. Where a conversion could change what the side's own
// ORDER BY or DISTINCT means, it goes into a query around it.
std::unique_ptr<BoundQuery> ConvertSide(Scope& scope, std::unique_ptr<BoundQuery> side,
                                        const std::vector<SqlType>& types) {
  bool same = true;
  for (size_t i = 0; i < types.size(); ++i) {
    same = same && side->targets[i].expression->type == types[i];
  }
  if (same) return side;
  auto convert = [&](BoundExpressionPtr expression, SqlType type) {
    if (expression->type.oid != type.oid) {
      expression = CoerceToCommon(scope.state, std::move(expression), type.oid, "UNION");
    }
    if (expression->type.typmod != type.typmod) {
      expression = std::make_unique<BoundConversion>(
          ExpressionKind::kRelabel, type, std::move(expression), CallForm::kImplicitCast);
    }
    return expression;
  };
  bool simple = !side->set_operator.has_value() && side->distinct == DistinctKind::kNone &&
                side->order_by.empty();
  if (simple) {
    for (size_t i = 0; i < types.size(); ++i) {
      BoundTarget& target = side->targets[i];
      target.expression = convert(std::move(target.expression), types[i]);
    }
    return side;
  }
  auto outer = std::make_unique<BoundQuery>();
  auto ref = std::make_unique<BoundSubqueryRef>();
  ref->relation = scope.state.NewRelation(scope.depth + 1);
  for (size_t i = 0; i < types.size(); ++i) {
    const BoundTarget& inner = side->targets[i];
    BoundTarget target;
    target.name = inner.name;
    target.expression = convert(
        std::make_unique<BoundColumn>(inner.expression->type, ref->relation, static_cast<int>(i)),
        types[i]);
    outer->targets.push_back(std::move(target));
  }
  ref->query = std::move(side);
  outer->from.push_back(std::move(ref));
  return outer;
}

class SetBinder {
 public:
  SetBinder(Scope& scope, const LeftBound& on_left) : scope_(scope), on_left_(on_left) {}

  std::unique_ptr<BoundQuery> BindTree(const SelectStmt* select, bool top) {
    runtime::CheckStackDepth();
    if (!top) CheckSide(select);
    if (!top && IsLeaf(select)) return BindLeaf(select);
    auto query = std::make_unique<BoundQuery>();
    query->set_operator = SetOperatorOf(select->op);
    query->set_all = select->all;
    query->left = BindTree(select->larg, false);
    if (top && on_left_) on_left_(*query->left);
    query->right = BindTree(select->rarg, false);
    Unify(select, *query, top && on_left_);
    return query;
  }

 private:
  // The side's columns cannot be referenced, but an error may have a hint about them.
  void RememberNames(const BoundQuery& leaf) {
    auto item = std::make_unique<NameItem>();
    item->kind = NameItemKind::kSubquery;
    item->name = "*SELECT* " + std::to_string(++leaf_count_);
    item->relation_visible = item->columns_visible = false;
    for (int i = 0; i < leaf.visible_target_count(); ++i) {
      NameColumn column;
      column.name = leaf.targets[i].name;
      item->columns.push_back(std::move(column));
    }
    scope_.AddItem(std::move(item));
  }

  std::unique_ptr<BoundQuery> BindLeaf(const SelectStmt* select) {
    std::unique_ptr<BoundQuery> leaf =
        BindSubquery(scope_, reinterpret_cast<const Node*>(select), false, false);
    RememberNames(*leaf);
    if (scope_.names.empty()) return leaf;
    int location = -2;
    VisitLevels(
        *leaf,
        [&](const BoundExpression& node, int) {
          if (location == -2 && node.kind == ExpressionKind::kColumn &&
              scope_.state.DepthOf(node.As<BoundColumn>().relation) == scope_.depth) {
            location = node.location;
          }
          return location == -2;
        },
        0);
    if (location == -2) return leaf;
    throw SqlError(sqlstate::kInvalidColumnReference,
                   "UNION/INTERSECT/EXCEPT member statement cannot refer to other relations of "
                   "same query level")
        .At(location);
  }

  void Unify(const SelectStmt* select, BoundQuery& query, bool recursive) {
    std::string_view context = SetOperatorName(select->op);
    BindState& state = scope_.state;
    int count = query.left->visible_target_count();
    if (count != query.right->visible_target_count()) {
      int location = -1;
      for (const BoundTarget& target : query.right->targets) {
        if (location < 0) location = target.expression->location;
      }
      throw SqlError(sqlstate::kSyntaxError,
                     "each " + std::string(context) + " query must have the same number of columns")
          .At(location);
    }
    std::vector<SqlType> types;
    for (int i = 0; i < count; ++i) {
      types.push_back(UnifyColumn(query.left->targets[i].expression,
                                  query.right->targets[i].expression, context));
    }
    bool needs_equality = query.set_operator != SetOperator::kUnion || !query.set_all;
    query.set_relation = state.NewRelation(scope_.depth);
    for (int i = 0; i < count; ++i) {
      const BoundTarget& left = query.left->targets[i];
      BoundTarget target;
      target.name = left.name;
      target.expression = std::make_unique<BoundColumn>(types[i], query.set_relation, i);
      target.expression->location = left.expression->location;
      if (needs_equality && !recursive) {
        CheckGroupable(scope_, *target.expression, target.expression->location);
      }
      query.targets.push_back(std::move(target));
    }
    query.left = ConvertSide(scope_, std::move(query.left), types);
    query.right = ConvertSide(scope_, std::move(query.right), types);
  }

  SqlType UnifyColumn(BoundExpressionPtr& left, BoundExpressionPtr& right,
                      std::string_view context) {
    BindState& state = scope_.state;
    std::vector<const BoundExpression*> both = {left.get(), right.get()};
    Oid type = SelectCommonType(state, both, context);
    for (BoundExpressionPtr* side : {&left, &right}) {
      // Untyped literals become constants of the type; other sides must only be convertible here.
      if ((*side)->type.oid == oids::kUnknown) {
        *side = CoerceToCommon(state, std::move(*side), type, context);
      } else {
        CoerceToCommon(state, (*side)->Clone(), type, context);
      }
    }
    both = {left.get(), right.get()};
    return {type, SelectCommonTypmod(both, type)};
  }

  Scope& scope_;
  const LeftBound& on_left_;
  int leaf_count_ = 0;
};

// ORDER BY of the whole: output names and ordinals only.
void BindSetOrderBy(Scope& scope, const SelectStmt* select, BoundQuery& query) {
  auto item = std::make_unique<NameItem>();
  item->kind = NameItemKind::kJoin;
  item->name = "unnamed_join";
  item->relation_visible = false;
  for (const BoundTarget& target : query.targets) {
    NameColumn column;
    column.name = target.name;
    column.expression = target.expression->Clone();
    item->columns.push_back(std::move(column));
  }
  std::vector<NameItem*> saved = std::exchange(scope.names, {item.get()});
  int visible_count = static_cast<int>(query.targets.size());
  BindOrderBy(scope, select->sortClause, query, visible_count);
  scope.names = std::move(saved);
  if (static_cast<int>(query.targets.size()) == visible_count) return;
  throw SqlError(sqlstate::kFeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
      .Detail("Only result column names can be used, not expressions or functions.")
      .Hint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
      .At(query.targets[visible_count].expression->location);
}

}  // namespace

std::unique_ptr<BoundQuery> BindSetOperation(Scope& scope, const SelectStmt* select,
                                             const LeftBound& on_left) {
  const SelectStmt* leftmost = select->larg;
  while (leftmost->op != SETOP_NONE) leftmost = leftmost->larg;
  if (leftmost->intoClause != nullptr) {
    throw SqlError(sqlstate::kSyntaxError, "SELECT ... INTO is not allowed here")
        .At(leftmost->intoClause->rel->location);
  }
  if (select->lockingClause != nullptr) {
    const auto* clause = parser::At<LockingClause>(select->lockingClause, 0);
    throw SqlError(
        sqlstate::kFeatureNotSupported,
        std::string(LockName(clause->strength)) + " is not allowed with UNION/INTERSECT/EXCEPT");
  }
  std::vector<BoundCte> ctes;
  if (select->withClause != nullptr) BindWith(scope, select->withClause, ctes);
  std::unique_ptr<BoundQuery> query = SetBinder(scope, on_left).BindTree(select, true);
  query->ctes = std::move(ctes);
  BindSetOrderBy(scope, select, *query);
  BindLimits(scope, select, *query);
  return query;
}

}  // namespace sundog::binder
