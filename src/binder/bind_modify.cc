#include "binder/bind_modify.h"

#include "binder/bind_from.h"
#include "binder/bind_select.h"
#include "binder/bind_stored.h"
#include "binder/row_security.h"
#include "catalog/acl.h"
#include "catalog/virtual_table.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

// PostgreSQL's system views are joins over its catalogs, and none can be written through.
[[noreturn]] void ThrowSystemView(const std::string& name, uint32_t privileges) {
  struct Row {
    std::string_view change, event, doing;
  };
  constexpr Row kInserting = {"insert into", "INSERT", "inserting into"};
  constexpr Row kUpdating = {"update", "UPDATE", "updating"};
  constexpr Row kDeleting = {"delete from", "DELETE", "deleting from"};
  const Row& row = (privileges & catalog::kInsert) != 0   ? kInserting
                   : (privileges & catalog::kUpdate) != 0 ? kUpdating
                                                          : kDeleting;
  std::string event(row.event);
  throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                 "cannot " + std::string(row.change) + " view " + name)
      .Detail("Views that do not select from a single table or view are not automatically "
              "updatable.")
      .Hint("To enable " + std::string(row.doing) + " the view, provide an INSTEAD OF " + event +
            " trigger or an unconditional ON " + event + " DO INSTEAD rule.");
}

[[noreturn]] void ThrowNotChangeable(const catalog::Relation& relation, uint32_t privileges) {
  std::string name = "\"" + relation.name + "\"";
  if (relation.system != nullptr) {
    if (relation.kind == 'v') ThrowSystemView(name, privileges);
    throw SqlError(sqlstate::kInsufficientPrivilege,
                   "permission denied: " + name + " is a system catalog");
  }
  switch (relation.kind) {
    case 'v': base::ThrowNotSupported("changing data through view " + name);
    case 'S': throw SqlError(sqlstate::kWrongObjectType, "cannot change sequence " + name);
    case 'i':
      throw SqlError(sqlstate::kWrongObjectType, "cannot open relation " + name)
          .Detail("This operation is not supported for indexes.");
    default:
      throw SqlError(sqlstate::kWrongObjectType, "cannot open relation " + name)
          .Detail("This operation is not supported for composite types.");
  }
}

}  // namespace

void BindTargetTable(Scope& scope, const RangeVar* range, uint32_t privileges, bool visible,
                     BoundModify& statement) {
  const catalog::Relation& relation = GetRelation(scope, range);
  if (relation.table == nullptr) {
    bool system_table = relation.system != nullptr && relation.kind == 'r';
    if (system_table && !scope.catalog().IsSuperuser(scope.state.context.role)) {
      catalog::ThrowDenied("table", relation.name);
    }
    ThrowNotChangeable(relation, privileges);
  }
  NameItem* item = AddTableItem(scope, relation, range->alias);
  scope.target = item;
  scope.target_table = relation.table;
  scope.state.privileges.AddRelation(item->relation, scope.depth, relation.oid, privileges)
      .changes_rows = true;
  statement.table = relation.table;
  statement.relation = item->relation;
  statement.alias = item->name;
  if (visible) scope.names.push_back(item);
}

void RequireUpdated(Scope& scope, RelationId relation,
                    const std::vector<BoundAssignment>& assignments) {
  for (const BoundAssignment& assignment : assignments) {
    scope.state.privileges.RequireColumn(relation, catalog::kUpdate, assignment.attnum);
  }
}

void NoteWritten(const std::vector<BoundAssignment>& assignments, BoundTableRules& rules) {
  for (const BoundAssignment& assignment : assignments) {
    rules.written.push_back(static_cast<int16_t>(assignment.attnum));
  }
}

void BindReturning(Scope& scope, const List* list, BoundModify& statement) {
  if (list == nullptr) return;
  statement.returning = BindTargets(scope, list, ExpressionRole::kReturning);
  if (statement.returning.empty()) {
    throw SqlError(sqlstate::kSyntaxError, "RETURNING must have at least one column")
        .At(parser::At<ResTarget>(list, 0)->location);
  }
  ResolveUnknownTargets(scope.state, statement.returning);
}

namespace {

// FROM and USING may not refer to the target in LATERAL.
void BindOtherTables(Scope& scope, const List* from, std::vector<BoundTableRefPtr>& refs) {
  scope.target->lateral_only = true;
  scope.target->lateral_ok = false;
  BindFrom(scope, from, refs);
  scope.target->lateral_only = false;
  scope.target->lateral_ok = true;
}

}  // namespace

std::unique_ptr<BoundUpdate> BindUpdate(Scope& scope, const UpdateStmt* raw) {
  auto statement = std::make_unique<BoundUpdate>();
  if (raw->withClause != nullptr) BindWith(scope, raw->withClause, statement->ctes);
  BindTargetTable(scope, raw->relation, catalog::kUpdate, true, *statement);
  BindOtherTables(scope, raw->fromClause, statement->from);
  statement->where = BindCondition(scope, raw->whereClause, ExpressionRole::kWhere, "WHERE");
  BindReturning(scope, raw->returningList, *statement);
  statement->assignments = BindAssignments(scope, raw->targetList);
  RequireUpdated(scope, statement->relation, statement->assignments);
  statement->rules = BindTableRules(scope.state, *statement->table, scope.depth, true);
  NoteWritten(statement->assignments, statement->rules);
  BindRowSecurity(scope.state, *statement);
  return statement;
}

std::unique_ptr<BoundDelete> BindDelete(Scope& scope, const DeleteStmt* raw) {
  auto statement = std::make_unique<BoundDelete>();
  if (raw->withClause != nullptr) BindWith(scope, raw->withClause, statement->ctes);
  BindTargetTable(scope, raw->relation, catalog::kDelete, true, *statement);
  BindOtherTables(scope, raw->usingClause, statement->using_tables);
  statement->where = BindCondition(scope, raw->whereClause, ExpressionRole::kWhere, "WHERE");
  BindReturning(scope, raw->returningList, *statement);
  // Which entries go with a row is the index's affair: PostgreSQL asks nobody for EXECUTE there.
  scope.state.privileges.set_ignores_functions(true);
  statement->rules = BindTableRules(scope.state, *statement->table, scope.depth, false);
  scope.state.privileges.set_ignores_functions(false);
  BindRowSecurity(scope.state, *statement);
  return statement;
}

std::unique_ptr<BoundModify> BindModify(Scope& scope, const Node* node) {
  switch (TagOf(node)) {
    case T_InsertStmt: return BindInsert(scope, As<InsertStmt>(node));
    case T_UpdateStmt: return BindUpdate(scope, As<UpdateStmt>(node));
    default: return BindDelete(scope, As<DeleteStmt>(node));
  }
}

BoundTableRules BindTableRules(BindState& state, const catalog::TableDescriptor& table, int depth,
                               bool with_checks) {
  BoundTableRules rules;
  rules.relation = state.NewRelation(depth);
  auto bind = [&](const catalog::StoredExpression& stored, ExpressionRole role) {
    return BindStored(state, stored, &table, rules.relation, role);
  };
  for (const catalog::ConstraintDescriptor& constraint : table.constraints) {
    if (!with_checks || constraint.kind != catalog::ConstraintKind::kCheck) continue;
    rules.checks.push_back(
        {constraint.name, bind(constraint.check, ExpressionRole::kCheckConstraint)});
  }
  // In the order that PostgreSQL looks at them.
  std::sort(rules.checks.begin(), rules.checks.end(), [](const auto& a, const auto& b) {
    return a.constraint < b.constraint;
  });
  for (const catalog::ColumnDescriptor& column : table.columns) {
    if (column.dropped || column.generated != 's' || !column.default_value.has_value()) continue;
    BoundExpressionPtr value = bind(*column.default_value, ExpressionRole::kGeneratedColumn);
    if (!CoerceToTarget(state, value, column.type, Coercion::kAssignment, CallForm::kImplicitCast,
                        -1)) {
      throw SqlError(sqlstate::kInternalError,
                     "generation expression of column \"" + column.name + "\" lost its type");
    }
    rules.generated.push_back({column.attnum, std::move(value)});
  }
  for (const catalog::IndexDescriptor& index : table.indexes) {
    BoundTableRules::Index rule;
    rule.index = index.oid;
    bool has_expressions = false;
    for (const catalog::IndexKey& key : index.keys) {
      rule.expressions.push_back(
          key.attnum != 0 ? nullptr : bind(key.expression, ExpressionRole::kIndexExpression));
      has_expressions = has_expressions || key.attnum == 0;
    }
    if (index.predicate.has_value()) {
      rule.predicate = bind(*index.predicate, ExpressionRole::kIndexPredicate);
    }
    if (has_expressions || rule.predicate != nullptr) rules.indexes.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace sundog::binder
