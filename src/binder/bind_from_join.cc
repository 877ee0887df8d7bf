// JOIN: ON, USING, NATURAL, merged columns and join aliases.
#include <algorithm>
#include <utility>

#include "binder/bind_from.h"

namespace sundog::binder {

namespace {

JoinType JoinTypeOf(const JoinExpr* join) {
  switch (join->jointype) {
    case JOIN_LEFT: return JoinType::kLeft;
    case JOIN_RIGHT: return JoinType::kRight;
    case JOIN_FULL: return JoinType::kFull;
    default: return JoinType::kInner;
  }
}

// The columns that both sides have, in the left side's order.
std::vector<std::string> CommonColumns(const NameItem& left, const NameItem& right) {
  std::vector<std::string> names;
  for (const NameColumn& column : left.columns) {
    if (column.expression == nullptr) continue;
    bool common = std::any_of(right.columns.begin(), right.columns.end(), [&](const auto& other) {
      return other.expression != nullptr && other.name == column.name;
    });
    if (common) names.push_back(column.name);
  }
  return names;
}

// The one column of the side that USING names.
int UsingColumn(const NameItem& side, const std::string& name, std::string_view which) {
  int found = -1;
  for (size_t i = 0; i < side.columns.size(); ++i) {
    if (side.columns[i].expression == nullptr || side.columns[i].name != name) continue;
    if (found >= 0) {
      throw SqlError(sqlstate::kAmbiguousColumn, "common column name \"" + name +
                                                     "\" appears more than once in " +
                                                     std::string(which) + " table");
    }
    found = static_cast<int>(i);
  }
  if (found < 0) {
    throw SqlError(sqlstate::kUndefinedColumn,
                   "column \"" + name + "\" specified in USING clause does not exist in " +
                       std::string(which) + " table");
  }
  return found;
}

// What a merged column's name means: the left or right column, or COALESCE of both.
BoundExpressionPtr MergeColumns(Scope& scope, JoinType type, const BoundExpression& left,
                                const BoundExpression& right) {
  BindState& state = scope.state;
  std::vector<const BoundExpression*> both = {&left, &right};
  SqlType merged{SelectCommonType(state, both, "JOIN/USING"), -1};
  merged.typmod = SelectCommonTypmod(both, merged.oid);
  auto convert = [&](const BoundExpression& side) {
    BoundExpressionPtr copy = side.Clone();
    if (side.type.oid != merged.oid) {
      copy = CoerceType(state, std::move(copy), merged, Coercion::kImplicit,
                        CallForm::kImplicitCast, -1);
    } else if (side.type.typmod != merged.typmod) {
      copy = std::make_unique<BoundConversion>(ExpressionKind::kRelabel, merged, std::move(copy),
                                               CallForm::kImplicitCast);
    }
    return copy;
  };
  switch (type) {
    case JoinType::kLeft: return convert(left);
    case JoinType::kRight: return convert(right);
    case JoinType::kFull: {
      BoundExpressions arguments;
      arguments.push_back(convert(left));
      arguments.push_back(convert(right));
      return std::make_unique<BoundCoalesce>(merged, std::move(arguments));
    }
    default: break;
  }
  BoundExpressionPtr a = convert(left);
  if (a->kind == ExpressionKind::kColumn) return a;
  BoundExpressionPtr b = convert(right);
  return b->kind == ExpressionKind::kColumn ? std::move(b) : std::move(a);
}

NameColumn CopyColumn(const NameColumn& column) {
  NameColumn copy;
  copy.name = column.name;
  copy.expression = CloneOrNull(column.expression);
  copy.source_table = column.source_table;
  copy.source_column = column.source_column;
  copy.expands = column.expands;
  copy.row_fields = column.row_fields;
  return copy;
}

// Binds USING: the merged columns go to `item` first; marks the merged ones of both sides.
BoundExpressionPtr BindUsing(Scope& scope, JoinType type, const NameItem& left,
                             const NameItem& right, const std::vector<std::string>& names,
                             NameItem& item, std::vector<bool>& left_used,
                             std::vector<bool>& right_used) {
  RoleGuard guard(scope, ExpressionRole::kJoinUsing);
  BoundExpressions equalities;
  for (const std::string& name : names) {
    for (const NameColumn& earlier : item.columns) {
      if (earlier.name != name) continue;
      throw SqlError(sqlstate::kDuplicateColumn,
                     "column name \"" + name + "\" appears more than once in USING clause");
    }
    int l = UsingColumn(left, name, "left");
    int r = UsingColumn(right, name, "right");
    left_used[l] = true;
    right_used[r] = true;
    const BoundExpression& a = *left.columns[l].expression;
    const BoundExpression& b = *right.columns[r].expression;
    NameColumn merged;
    merged.name = name;
    merged.expression = MergeColumns(scope, type, a, b);
    if (Equal(*merged.expression, a)) {
      merged.source_table = left.columns[l].source_table;
      merged.source_column = left.columns[l].source_column;
    } else if (Equal(*merged.expression, b)) {
      merged.source_table = right.columns[r].source_table;
      merged.source_column = right.columns[r].source_column;
    }
    item.columns.push_back(std::move(merged));
    BoundExpressionPtr equality = MakeOperator(scope, OperatorName(std::string("=")), a.Clone(),
                                               b.Clone(), scope.last_set, -1);
    equalities.push_back(CoerceToBoolean(scope.state, std::move(equality), "JOIN/USING"));
  }
  if (equalities.size() == 1) return std::move(equalities[0]);
  return MakeBoolean(BooleanOperator::kAnd, std::move(equalities), -1);
}

BoundExpressionPtr BindOn(Scope& scope, const Node* condition,
                          const std::vector<NameItem*>& names) {
  SetLateral(names, false, true);
  std::vector<NameItem*> saved = std::exchange(scope.names, names);
  BoundExpressionPtr bound;
  try {
    bound = BindCondition(scope, condition, ExpressionRole::kJoinOn, "JOIN/ON");
  } catch (const SqlError&) {
    scope.names = std::move(saved);
    throw;
  }
  scope.names = std::move(saved);
  return bound;
}

// JOIN … USING (…) AS alias: a name for the merged columns alone.
NameItem* AddUsingAlias(Scope& scope, const Alias* alias, const NameItem& join, size_t count) {
  auto item = std::make_unique<NameItem>();
  item->kind = NameItemKind::kJoin;
  item->name = alias->aliasname;
  item->has_alias = true;
  for (size_t i = 0; i < count; ++i) item->columns.push_back(CopyColumn(join.columns[i]));
  return scope.AddItem(std::move(item));
}

}  // namespace

FromItem BindJoin(Scope& scope, const JoinExpr* join) {
  JoinType type = JoinTypeOf(join);
  FromItem left = BindFromItem(scope, join->larg);
  bool lateral_ok = type == JoinType::kInner || type == JoinType::kLeft;
  SetLateral(left.names, true, lateral_ok);
  size_t visible = scope.names.size();
  scope.names.insert(scope.names.end(), left.names.begin(), left.names.end());
  FromItem right = BindFromItem(scope, join->rarg);
  scope.names.resize(visible);
  CheckNameConflicts(left.names, right.names);

  std::vector<NameItem*> names = left.names;
  names.insert(names.end(), right.names.begin(), right.names.end());
  std::vector<std::string> using_columns =
      join->isNatural ? CommonColumns(*left.item, *right.item) : NameParts(join->usingClause);

  auto bound = std::make_unique<BoundJoin>();
  auto item = std::make_unique<NameItem>();
  item->kind = NameItemKind::kJoin;
  std::vector<bool> left_used(left.item->columns.size(), false);
  std::vector<bool> right_used(right.item->columns.size(), false);
  if (!using_columns.empty()) {
    bound->condition = BindUsing(scope, type, *left.item, *right.item, using_columns, *item,
                                 left_used, right_used);
  } else if (join->quals != nullptr) {
    bound->condition = BindOn(scope, join->quals, names);
  }
  bound->type = bound->condition == nullptr && type == JoinType::kInner ? JoinType::kCross : type;
  bound->using_columns = using_columns;
  bound->natural = join->isNatural;
  auto add_rest = [&](const NameItem& side, const std::vector<bool>& used) {
    for (size_t i = 0; i < side.columns.size(); ++i) {
      if (used[i] || side.columns[i].expression == nullptr) continue;
      item->columns.push_back(CopyColumn(side.columns[i]));
    }
  };
  add_rest(*left.item, left_used);
  add_rest(*right.item, right_used);
  item->name = join->alias != nullptr ? join->alias->aliasname : "unnamed_join";
  item->has_alias = join->alias != nullptr;
  ApplyColumnAliases(*item, join->alias, "join expression");
  item->relation_visible = item->has_alias;
  if (item->has_alias) {
    bound->alias = item->name;
    bound->column_aliases = AliasColumns(join->alias);
  }
  bound->left = std::move(left.ref);
  bound->right = std::move(right.ref);

  NameItem* added = scope.AddItem(std::move(item));
  if (join->join_using_alias != nullptr) {
    NameItem* alias = AddUsingAlias(scope, join->join_using_alias, *added, using_columns.size());
    CheckNameConflicts({alias}, names);
    names.push_back(alias);
  }
  if (added->has_alias) {
    names.clear();
  } else {
    for (NameItem* name : names) name->columns_visible = false;
  }
  SetLateral({added}, false, true);
  names.push_back(added);
  return {std::move(bound), added, std::move(names)};
}

}  // namespace sundog::binder
