#include "binder/bind_select.h"

#include "binder/bind_from.h"
#include "binder/bind_sort.h"
#include "binder/bind_window.h"
#include "binder/column_name.h"
#include "binder/expression_levels.h"
#include "runtime/interrupt.h"
#include "runtime/stack.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

std::unique_ptr<BoundQuery> BindSubquery(Scope& parent, const Node* select, bool locked,
                                         bool resolve_unknowns) {
  Scope scope(parent.state, &parent);
  scope.locked_from_parent = locked;
  scope.resolve_unknowns = resolve_unknowns;
  return BindSelect(scope, As<SelectStmt>(select));
}

namespace {

// Where a plain column came from, for RowDescription.
void MarkOrigin(Scope& scope, BoundTarget& target) {
  if (target.expression == nullptr || target.expression->kind != ExpressionKind::kColumn) return;
  const auto& column = target.expression->As<BoundColumn>();
  NameItem* item = FindItemOfRelation(scope, column.relation);
  if (item == nullptr) return;
  if (column.ordinal < 0) {
    target.source_table = item->table;
    target.source_column = static_cast<int16_t>(column.ordinal);
    return;
  }
  const NameColumn& source = item->columns[column.ordinal];
  target.source_table = source.source_table;
  target.source_column = source.source_column;
}

void AppendColumns(std::vector<ExpandedColumn> columns, std::vector<BoundTarget>& targets) {
  for (ExpandedColumn& column : columns) {
    BoundTarget target;
    target.expression = std::move(column.expression);
    target.name = std::move(column.name);
    targets.push_back(std::move(target));
  }
}

// A bare *: the columns of all visible items.
void ExpandAll(Scope& scope, int location, std::vector<BoundTarget>& targets) {
  bool found = false;
  for (const NameItem* item : scope.names) {
    if (!item->columns_visible) continue;
    found = true;
    AppendColumns(ExpandItem(*item, location), targets);
  }
  if (found) return;
  throw SqlError(sqlstate::kSyntaxError, "SELECT * with no tables specified is not valid")
      .At(location);
}

void BindTarget(Scope& scope, const ResTarget* raw, ExpressionRole role,
                std::vector<BoundTarget>& targets) {
  if (TagOf(raw->val) == T_ColumnRef && EndsInStar(As<ColumnRef>(raw->val)->fields)) {
    const auto* ref = As<ColumnRef>(raw->val);
    if (parser::Length(ref->fields) == 1) return ExpandAll(scope, ref->location, targets);
    return AppendColumns(ExpandRelationStar(scope, ref), targets);
  }
  if (TagOf(raw->val) == T_A_Indirection && EndsInStar(As<A_Indirection>(raw->val)->indirection)) {
    return AppendColumns(ExpandIndirectionStar(scope, As<A_Indirection>(raw->val), role), targets);
  }
  BoundTarget target;
  target.expression = BindExpression(scope, raw->val, role);
  target.name = raw->name != nullptr ? raw->name : FigureColumnName(raw->val);
  targets.push_back(std::move(target));
}

}  // namespace

std::vector<BoundTarget> BindTargets(Scope& scope, const List* list, ExpressionRole role) {
  std::vector<BoundTarget> targets;
  for (const ResTarget* raw : parser::Each<ResTarget>(list)) {
    BindTarget(scope, raw, role, targets);
  }
  constexpr size_t kMaxTargets = 1664;
  if (targets.size() > kMaxTargets) {
    throw SqlError(sqlstate::kTooManyColumns, "target lists can have at most 1664 entries");
  }
  for (BoundTarget& target : targets) MarkOrigin(scope, target);
  return targets;
}

void ResolveUnknownTargets(BindState& state, std::vector<BoundTarget>& targets) {
  for (BoundTarget& target : targets) ResolveUnknown(state, target.expression);
}

void BindOrderBy(Scope& scope, const List* order_by, BoundQuery& query, int visible_count) {
  for (const SortBy* sort : parser::Each<SortBy>(order_by)) {
    int index =
        FindTarget(scope, sort->node, query.targets, visible_count, ExpressionRole::kOrderBy);
    ResolveUnknown(scope.state, query.targets[index].expression);
    SortDirection direction =
        ResolveSortDirection(scope, query.targets[index].expression->type.oid, sort);
    bool again = false;
    for (const BoundQuery::OrderBy& earlier : query.order_by) {
      again =
          again || (earlier.target == index && earlier.sort_operator == direction.sort_operator);
    }
    if (again) continue;
    query.order_by.push_back(
        {index, direction.descending, direction.nulls_first, direction.sort_operator});
  }
}

namespace {

BoundExpressionPtr BindLimit(Scope& scope, const Node* node, ExpressionRole role) {
  if (node == nullptr) return nullptr;
  std::string_view construct = RuleOf(role).name;
  BoundExpressionPtr limit = BindExpression(scope, node, role);
  limit = CoerceToSpecific(scope.state, std::move(limit), {oids::kInt8}, construct);
  int location = LocateColumnOfDepth(scope.state, *limit, scope.depth);
  if (location != -2) {
    throw SqlError(sqlstate::kInvalidColumnReference,
                   "argument of " + std::string(construct) + " must not contain variables")
        .At(location);
  }
  return limit;
}

}  // namespace

void BindLimits(Scope& scope, const SelectStmt* select, BoundQuery& query) {
  query.offset = BindLimit(scope, select->limitOffset, ExpressionRole::kOffset);
  query.limit = BindLimit(scope, select->limitCount, ExpressionRole::kLimit);
  query.with_ties = parser::HasWithTies(select);
  bool null_limit = select->limitCount != nullptr && TagOf(select->limitCount) == T_A_Const &&
                    As<A_Const>(select->limitCount)->isnull;
  if (query.with_ties && null_limit) {
    throw SqlError(sqlstate::kInvalidRowCountInLimitClause,
                   "row count cannot be null in FETCH FIRST ... WITH TIES clause");
  }
}

namespace {

void CheckIntoAbsent(const SelectStmt* select) {
  if (select->intoClause == nullptr) return;
  throw SqlError(sqlstate::kSyntaxError, "SELECT ... INTO is not allowed here")
      .At(select->intoClause->rel->location);
}

void BindWindowClause(Scope& scope, const SelectStmt* select) {
  // Each is bound for its errors, used or not; calls bind their own copy.
  for (const WindowDef* window : parser::Each<WindowDef>(select->windowClause)) {
    BindWindowSpec(scope, window);
  }
}

std::unique_ptr<BoundQuery> BindPlainSelect(Scope& scope, const SelectStmt* select) {
  auto query = std::make_unique<BoundQuery>();
  if (select->withClause != nullptr) BindWith(scope, select->withClause, query->ctes);
  CheckIntoAbsent(select);
  for (const LockingClause* clause : parser::Each<LockingClause>(select->lockingClause)) {
    scope.locking.push_back(clause);
  }
  for (const WindowDef* window : parser::Each<WindowDef>(select->windowClause)) {
    scope.window_definitions.push_back(window);
  }
  BindFrom(scope, select->fromClause, query->from);
  query->targets = BindTargets(scope, select->targetList, ExpressionRole::kSelectTarget);
  int visible_count = static_cast<int>(query->targets.size());
  query->where = BindCondition(scope, select->whereClause, ExpressionRole::kWhere, "WHERE");
  query->having = BindCondition(scope, select->havingClause, ExpressionRole::kHaving, "HAVING");
  BindOrderBy(scope, select->sortClause, *query, visible_count);
  BindGroupBy(scope, select, *query, visible_count);
  BindDistinct(scope, select, *query, visible_count);
  BindLimits(scope, select, *query);
  BindWindowClause(scope, select);
  if (scope.resolve_unknowns) ResolveUnknownTargets(scope.state, query->targets);
  query->hidden_target_count = static_cast<int>(query->targets.size()) - visible_count;
  bool grouped = !query->group_by.empty() || !query->grouping_sets.empty();
  query->has_aggregates = scope.has_aggregates || grouped || query->having != nullptr;
  query->has_windows = scope.has_windows;
  query->has_set_functions = scope.has_set_functions;
  BindLocking(scope, select, *query);
  if (query->has_aggregates) CheckGrouping(scope, *query);
  return query;
}

}  // namespace

std::unique_ptr<BoundQuery> BindSelect(Scope& scope, const SelectStmt* select) {
  runtime::CheckStackDepth();
  runtime::CheckInterrupts();
  if (select->valuesLists != nullptr) return BindValues(scope, select);
  if (select->op == SETOP_NONE) return BindPlainSelect(scope, select);
  return BindSetOperation(scope, select, nullptr);
}

// --- VALUES ---

namespace {

int RowLocation(const BoundExpressions& row) {
  for (const BoundExpressionPtr& cell : row) {
    if (cell != nullptr && cell->location >= 0) return cell->location;
  }
  return -1;
}

void UnifyColumn(Scope& scope, BoundValues& values, size_t column) {
  std::vector<const BoundExpression*> cells;
  for (const BoundExpressions& row : values.rows) cells.push_back(row[column].get());
  Oid type = SelectCommonType(scope.state, cells, "VALUES");
  cells.clear();
  for (BoundExpressions& row : values.rows) {
    row[column] = CoerceToCommon(scope.state, std::move(row[column]), type, "VALUES");
    cells.push_back(row[column].get());
  }
  values.types.push_back({type, SelectCommonTypmod(cells, type)});
}

}  // namespace

std::unique_ptr<BoundQuery> BindValues(Scope& scope, const SelectStmt* select) {
  auto query = std::make_unique<BoundQuery>();
  if (select->withClause != nullptr) BindWith(scope, select->withClause, query->ctes);
  auto values = std::make_unique<BoundValues>();
  for (const List* raw : parser::Each<List>(select->valuesLists)) {
    BoundExpressions row = BindExpressionList(scope, raw, ExpressionRole::kValues, false);
    if (!values->rows.empty() && row.size() != values->rows[0].size()) {
      throw SqlError(sqlstate::kSyntaxError, "VALUES lists must all be the same length")
          .At(RowLocation(row));
    }
    values->rows.push_back(std::move(row));
  }
  std::vector<OutputColumn> columns;
  for (size_t i = 0; i < values->rows[0].size(); ++i) {
    UnifyColumn(scope, *values, i);
    columns.push_back({"column" + std::to_string(i + 1), values->types[i]});
  }
  values->relation = scope.state.NewRelation(scope.depth);
  values->alias = "*VALUES*";
  NameItem* item = AddDerivedItem(scope, NameItemKind::kValues, "*VALUES*", nullptr,
                                  values->relation, std::move(columns));
  scope.names.push_back(item);
  query->from.push_back(std::move(values));
  AppendColumns(ExpandItem(*item, -1), query->targets);
  int visible_count = static_cast<int>(query->targets.size());
  BindOrderBy(scope, select->sortClause, *query, visible_count);
  BindLimits(scope, select, *query);
  if (select->lockingClause != nullptr) {
    const auto* clause = parser::At<LockingClause>(select->lockingClause, 0);
    throw SqlError(sqlstate::kFeatureNotSupported,
                   std::string(LockName(clause->strength)) + " cannot be applied to VALUES");
  }
  query->hidden_target_count = static_cast<int>(query->targets.size()) - visible_count;
  return query;
}

}  // namespace sundog::binder
