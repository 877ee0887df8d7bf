// ON CONFLICT: which unique indexes arbitrate, and what happens then.
#include <algorithm>

#include "binder/bind_from.h"
#include "binder/bind_modify.h"
#include "binder/bind_stored.h"

namespace sundog::binder {

namespace {

// ON CONFLICT (…) WHERE …, bound over the target.
struct Inference {
  std::vector<int16_t> columns;
  BoundExpressions expressions;
  BoundExpressionPtr predicate;
};

Inference BindInference(Scope& scope, const InferClause* raw) {
  Inference inference;
  for (const IndexElem* element : parser::Each<IndexElem>(raw->indexElems)) {
    auto refuse = [&](const char* what) {
      throw SqlError(sqlstate::kInvalidColumnReference,
                     std::string(what) + " is not allowed in ON CONFLICT clause")
          .At(raw->location);
    };
    if (element->ordering != SORTBY_DEFAULT) refuse("ASC/DESC");
    if (element->nulls_ordering != SORTBY_NULLS_DEFAULT) refuse("NULLS FIRST/LAST");
    BoundExpressionPtr expression;
    if (element->expr != nullptr) {
      expression = BindExpression(scope, element->expr, ExpressionRole::kIndexExpression);
    } else {
      RoleGuard guard(scope, ExpressionRole::kIndexExpression);
      expression = FindColumn(scope, element->name, false, raw->location);
      if (expression == nullptr) {
        ThrowMissingColumn(scope, std::nullopt, element->name, raw->location);
      }
    }
    if (expression->kind == ExpressionKind::kColumn) {
      int ordinal = expression->As<BoundColumn>().ordinal;
      inference.columns.push_back(static_cast<int16_t>(ordinal < 0 ? ordinal : ordinal + 1));
    } else {
      inference.expressions.push_back(std::move(expression));
    }
  }
  inference.predicate =
      BindCondition(scope, raw->whereClause, ExpressionRole::kIndexPredicate, "WHERE");
  return inference;
}

// Whoever names columns to find an index by needs SELECT on them.
void RequireInferred(Scope& scope, Inference& inference) {
  PrivilegeCollector& privileges = scope.state.privileges;
  RelationId target = scope.target->relation;
  for (int16_t attnum : inference.columns) {
    privileges.RequireColumn(target, catalog::kSelect, attnum);
  }
  auto visit = [&](BoundExpressionPtr& node) {
    if (node == nullptr || node->kind != ExpressionKind::kColumn) return;
    privileges.RequireColumn(target, catalog::kSelect, node->As<BoundColumn>().ordinal + 1);
  };
  for (BoundExpressionPtr& expression : inference.expressions) VisitDeep(expression, visit);
  VisitDeep(inference.predicate, visit);
}

void SplitAnd(const BoundExpression& condition, std::vector<const BoundExpression*>& parts) {
  if (condition.kind == ExpressionKind::kBoolean &&
      condition.As<BoundBoolean>().op == BooleanOperator::kAnd) {
    for (const BoundExpressionPtr& part : condition.As<BoundBoolean>().arguments) {
      SplitAnd(*part, parts);
    }
    return;
  }
  parts.push_back(&condition);
}

// True if the index's predicate is among the conditions given: each of its parts is one of them.
bool Implies(const BoundExpression* given, const BoundExpression& predicate) {
  if (given == nullptr) return false;
  std::vector<const BoundExpression*> have;
  std::vector<const BoundExpression*> need;
  SplitAnd(*given, have);
  SplitAnd(predicate, need);
  return std::all_of(need.begin(), need.end(), [&](const BoundExpression* part) {
    return std::any_of(have.begin(), have.end(),
                       [&](const BoundExpression* one) { return Equal(*one, *part); });
  });
}

bool IndexMatches(Scope& scope, const catalog::IndexDescriptor& index, const Inference& inference) {
  if (!index.unique || index.state != catalog::IndexState::kReady) return false;
  std::vector<int16_t> columns;
  BoundExpressions expressions;
  RelationId relation = scope.target->relation;
  for (const catalog::IndexKey& key : index.keys) {
    if (key.attnum != 0) {
      columns.push_back(key.attnum);
    } else {
      expressions.push_back(BindStored(scope.state, key.expression, scope.target_table.get(),
                                       relation, ExpressionRole::kIndexExpression));
    }
  }
  auto same_set = [](std::vector<int16_t> a, std::vector<int16_t> b) {
    for (auto* list : {&a, &b}) {
      std::sort(list->begin(), list->end());
      list->erase(std::unique(list->begin(), list->end()), list->end());
    }
    return a == b;
  };
  if (!same_set(columns, inference.columns)) return false;
  auto contains = [](const BoundExpressions& list, const BoundExpression& one) {
    return std::any_of(list.begin(), list.end(),
                       [&](const BoundExpressionPtr& other) { return Equal(*other, one); });
  };
  for (const BoundExpressionPtr& one : expressions) {
    if (!contains(inference.expressions, *one)) return false;
  }
  for (const BoundExpressionPtr& one : inference.expressions) {
    if (!contains(expressions, *one)) return false;
  }
  if (!index.predicate.has_value()) return true;
  BoundExpressionPtr predicate = BindStored(scope.state, *index.predicate, scope.target_table.get(),
                                            relation, ExpressionRole::kIndexPredicate);
  return Implies(inference.predicate.get(), *predicate);
}

Oid ConstraintArbiter(const catalog::TableDescriptor& table, const char* name) {
  const auto* constraint = table.FindConstraint(std::string_view(name));
  if (constraint == nullptr) {
    throw SqlError(
        sqlstate::kUndefinedObject,
        std::string("constraint \"") + name + "\" for table \"" + table.name + "\" does not exist");
  }
  bool unique = constraint->kind == catalog::ConstraintKind::kPrimaryKey ||
                constraint->kind == catalog::ConstraintKind::kUnique;
  if (!unique) {
    throw SqlError(sqlstate::kWrongObjectType,
                   "constraint in ON CONFLICT clause has no associated index");
  }
  return constraint->index;
}

// What is only checked later cannot say whether a row is in the way now.
void RequireImmediate(Scope& scope, const catalog::TableDescriptor& table, Oid index) {
  for (const catalog::ConstraintDescriptor& constraint : table.constraints) {
    if (constraint.index != index || !constraint.deferrable) continue;
    const catalog::SchemaDescriptor* schema = scope.state.catalog.FindSchema(table.schema);
    throw SqlError(sqlstate::kObjectNotInPrerequisiteState,
                   "ON CONFLICT does not support deferrable unique constraints/exclusion "
                   "constraints as arbiters")
        .Table(schema != nullptr ? schema->name : std::string(), table.name)
        .Constraint(constraint.name);
  }
}

std::vector<Oid> FindArbiters(Scope& scope, const InferClause* raw) {
  if (raw == nullptr) return {};
  const catalog::TableDescriptor& table = *scope.target_table;
  if (raw->conname != nullptr) {
    Oid arbiter = ConstraintArbiter(table, raw->conname);
    for (int16_t attnum : table.FindConstraint(std::string_view(raw->conname))->columns) {
      scope.state.privileges.RequireColumn(scope.target->relation, catalog::kSelect, attnum);
    }
    RequireImmediate(scope, table, arbiter);
    return {arbiter};
  }
  Inference inference = BindInference(scope, raw);
  RequireInferred(scope, inference);
  std::vector<Oid> arbiters;
  for (const catalog::IndexDescriptor& index : table.indexes) {
    if (!IndexMatches(scope, index, inference)) continue;
    RequireImmediate(scope, table, index.oid);
    arbiters.push_back(index.oid);
  }
  if (arbiters.empty()) {
    throw SqlError(sqlstate::kInvalidColumnReference,
                   "there is no unique or exclusion constraint matching the ON CONFLICT "
                   "specification");
  }
  return arbiters;
}

}  // namespace

std::unique_ptr<BoundOnConflict> BindOnConflict(Scope& scope, const OnConflictClause* raw,
                                                const BoundInsert& insert) {
  auto result = std::make_unique<BoundOnConflict>();
  result->update = raw->action == ONCONFLICT_UPDATE;
  if (result->update && raw->infer == nullptr) {
    throw SqlError(sqlstate::kSyntaxError,
                   "ON CONFLICT DO UPDATE requires inference specification or constraint name")
        .Hint("For example, ON CONFLICT (column_name).")
        .At(raw->location);
  }
  NameItem* excluded = nullptr;
  if (result->update) {
    Alias alias{};
    alias.type = T_Alias;
    alias.aliasname = const_cast<char*>("excluded");
    const catalog::Relation* relation = scope.catalog().FindRelation(insert.table->oid);
    excluded = AddTableItem(scope, *relation, &alias);
    excluded->system_columns = false;
    result->excluded = excluded->relation;
    // What is read of it is read of the table.
    scope.state.privileges.AddRelation(excluded->relation, scope.depth, insert.table->oid, 0);
  }
  result->arbiters = FindArbiters(scope, raw->infer);
  if (!result->update) return result;
  scope.is_insert = false;
  scope.names.push_back(excluded);
  result->assignments = BindAssignments(scope, raw->targetList);
  RequireUpdated(scope, insert.relation, result->assignments);
  result->where = BindCondition(scope, raw->whereClause, ExpressionRole::kWhere, "WHERE");
  scope.names.pop_back();
  return result;
}

}  // namespace sundog::binder
